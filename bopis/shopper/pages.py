"""Puts a record into the templates: every value that a page may use, and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from fastapi.responses import HTMLResponse

from bopis.kernel.ids import OrderId
from bopis.kernel.pages import Pages, add_assets
from bopis.orders.choices.choices import Taken
from bopis.orders.counter import arrival
from bopis.orders.states import OrderState
from bopis.orders.telling import links, paused
from bopis.shopper import coming, status
from bopis.shopper.record import Moved, Record, Said, Shop
from bopis.shopper.status import Headline
from inventory.sources.cadence import Silence
from notifications import facts, sureness, wording
from notifications.facts import Choice, DelayReason, Elsewhere
from notifications.wording import Clock

_HERE: Final = Path(__file__).parent
ASSETS: Final = _HERE / "assets"
add_assets(ASSETS)
_pages: Final = Pages(_HERE / "templates")
_pages.environment.filters["line"] = wording.line


@dataclass(frozen=True, slots=True)
class Told:
    """One message as its reader got it, or would have got it."""

    words: str
    state: str
    reason: str | None
    at: datetime


def status_page(
    record: Record,
    now: datetime,
    here: str,
    kept: str | None,
    silence: Silence | None = None,
) -> str:
    """Return the page of one order as it is true at ``now``.

    Shapes:
        kept: what the public record of its store comes to, in a sentence.
    """
    clock = Clock(record.shop.zone, wording.spoken(record.person.locale), now)
    news = status.headline(record, now)
    pickup = record.shop.pickup or record.shop.calendar
    return _pages.write(
        "status.html",
        record=record,
        now=now,
        here=here,
        clock=clock,
        news=news,
        reason=_reason(record, news),
        doors=status.doors(record.shop.calendar, now),
        counter=status.doors(pickup, now),
        coming=record.coming,
        coming_buttons=coming.buttons(record.coming, record.state, arrival.doors(pickup, now)),
        coming_first=coming.is_first(record.coming, record.state),
        roughly=coming.ROUGHLY,
        shut=paused.of_doors(record.shop.calendar, record.shop.pauses, clock, now),
        shuts=paused.ahead(record.shop.calendar, record.shop.pauses, clock, now),
        steps=status.steps(record),
        pieces=status.pieces,
        found_of=status.found(record),
        missing=status.missing(record),
        names={line.line: line.name for line in record.lines},
        code=_spaced(record.pickup_code) if status.shows_code(record) else None,
        may_cancel=status.may_cancel(record),
        address=_address(record.shop),
        map_url=_map_url(record.shop),
        told=[_told(said, record) for said in record.said],
        kept=kept,
        sure=sureness.words,
        masked=status.masked,
        instant=datetime.fromisoformat,
        answer=status.answered(record),
        rest=status.rest(record),
        old_list=_old_list(record, silence, clock),
        asks=status.is_asked(record, now),
        option=wording.option,
        move_to=wording.move_to,
        moves=[(move, _there(move)) for move in record.moves if move.order_id],
        link_days=status.LINK_LIVES.days,
    )


def _there(move: Moved) -> str:
    """Return the page of the order that something has moved to."""
    assert move.order_id is not None
    return links.status_url(move.store_id, OrderId(move.order_id), 1)


def cancel_page(record: Record, here: str) -> HTMLResponse:
    return _pages.render("cancel.html", record=record, here=here)


def collector_page(
    here: str, *, number: str, shop: str, is_open: bool, name: str, code: str
) -> HTMLResponse:
    """Show who else may collect, with their code; blank: nobody was named."""
    return _pages.render(
        "collector.html",
        here=here,
        number=number,
        shop=shop,
        is_open=is_open,
        name=name,
        code=code,
    )


def choose_page(
    record: Record, now: datetime, here: str, choice: Choice, place: Elsewhere | None
) -> HTMLResponse:
    """Ask once more about one option, in the words in which it was offered."""
    clock = Clock(record.shop.zone, wording.spoken(record.person.locale), now)
    return _pages.render(
        "choose.html",
        record=record,
        here=here,
        clock=clock,
        choice=choice,
        place=place,
        option=wording.option,
        move_to=wording.move_to,
        news="",
    )


def choice_over_page(record: Record, now: datetime, here: str, taken: Taken) -> HTMLResponse:
    """Say why an answer changed nothing, and what is so instead."""
    clock = Clock(record.shop.zone, wording.spoken(record.person.locale), now)
    return _pages.render(
        "choice_over.html",
        status=409,
        record=record,
        here=here,
        clock=clock,
        taken=taken,
        moves=(),
    )


def unknown_page() -> HTMLResponse:
    return _pages.render("unknown.html", status=404, link_days=status.LINK_LIVES.days)


def _old_list(record: Record, silence: Silence | None, clock: Clock) -> str | None:
    """Return how old the store's list is, while that is all we go by: nobody has looked yet."""
    if silence is None or record.state is not OrderState.ACCEPTED:
        return None
    return wording.old_list(silence.last_as_of, clock)


def _reason(record: Record, news: Headline) -> str | None:
    """Return the cause of the delay in words, where one is on record."""
    reason = record.promise.reason if record.promises else None
    if news not in {Headline.MOVED, Headline.OVERDUE} or reason is None:
        return None
    return wording.REASONS[DelayReason(reason)]


def _told(said: Said, record: Record) -> Told:
    """Return a message in the words that left, read at the time at which they left."""
    what = facts.load(said.kind, said.facts, first_name=record.person.first_name)
    words = wording.headline(what, record.shop.zone, record.person.locale, now=said.at)
    why = (said.reason or "").partition(":")[0].rstrip(".")  # the rest is for operators
    return Told(words, said.state, why[:1].lower() + why[1:] or None, said.at)


def _spaced(code: str) -> str:
    """Return a code in two halves: it is read out loud."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}" if len(code) > 5 and "-" not in code else code  # noqa: PLR2004


def _address(shop: Shop) -> str:
    town = f"{shop.postal_code} {shop.city}".strip()
    return ", ".join(part for part in (shop.street, town) if part)


def _map_url(shop: Shop) -> str:
    base = "https://www.openstreetmap.org"
    if shop.latitude is None or shop.longitude is None:
        return f"{base}/search?{urlencode({'query': _address(shop)}, quote_via=quote)}"
    spot = {"mlat": f"{shop.latitude:.6f}", "mlon": f"{shop.longitude:.6f}"}
    return f"{base}/?{urlencode(spot)}#map=18/{spot['mlat']}/{spot['mlon']}"
