"""What a shopper may open and do with the link that we sent them.

The link is the key: whoever has it sees this one order and may cancel it. GET changes nothing,
because mail scanners open links before people do.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Final
from urllib.parse import urlsplit

from asyncpg import Record as Row
from fastapi import APIRouter, Form, Header, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from bopis.kernel import stream
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import NotFound, Refused
from bopis.kernel.http import Db, problems
from bopis.kernel.ids import OrderId, StoreId
from bopis.kernel.pages import shown
from bopis.orders import orders
from bopis.orders.choices import choices
from bopis.orders.choices.choice import Via
from bopis.orders.choices.choices import Taken
from bopis.orders.counter import arrivals
from bopis.orders.counter.arrival import SPOT, Saying, Where, Word
from bopis.orders.moving import moving
from bopis.orders.states import CancelReason, OrderState
from bopis.orders.telling import links
from bopis.shopper import hub as hubs
from bopis.shopper import pages, records, status
from bopis.shopper.events import ShopperAnswered
from bopis.shopper.hub import OrderHub
from bopis.shopper.keeping import Keeping, Listening
from bopis.shopper.record import Record
from bopis.shopper.shown import Shown
from notifications.facts import Choice

router = APIRouter(include_in_schema=False)
_LAST: Final = 2**63 - 1


class LinkUnknown(NotFound):
    title = "This link opens nothing"


class Chosen(BaseModel):
    """What a button of the page sends: an answer, to which question, and for which store."""

    number: int = Field(ge=1, le=10_000)
    choice: Choice
    target: StoreId | None = Field(default=None, max_length=64)


def _blank_is_none(value: object) -> object:
    return value or None


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return text.strip()


class Said(BaseModel):
    """What a button about the customer's coming sends; a field left empty says nothing."""

    word: Word
    minutes: Annotated[int | None, BeforeValidator(_blank_is_none), Field(ge=1, le=180)] = None
    where: Annotated[Where | None, BeforeValidator(_blank_is_none)] = None
    spot: Annotated[str, Field(max_length=SPOT), AfterValidator(_printable)] = ""

    def saying(self) -> Saying:
        return Saying(**self.model_dump())


class FromElsewhere(Refused):
    title = "This was sent from another site"


async def show(request: Request) -> Response:
    """Show an order as it is now.

    The page that is read most of all, so its route is a plain one.
    """
    token: str = request.path_params["token"]
    db: Database = request.app.state.db
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.reading(key[0], actor="shopper") as tx:
        row = await _find(tx, *key)
        if row is None:
            return pages.unknown_page()
        kept = await _keeping(request).of(tx, key[0])
        silence = await _listening(request).of(tx, key[0])
    made_from = (tuple(row), kept, silence, tx.now.replace(second=0, microsecond=0))
    page = _shown(request).same(token, made_from)
    if page is None:
        record = records.read(row, *key[:2])
        page = pages.status_page(record, tx.now, f"/o/{token}", kept, silence)
        _shown(request).keep(token, made_from, page)
    return shown(page)


router.add_route("/o/{token}", show, methods=["GET"])


@router.get("/o/{token}/live", responses=problems(LinkUnknown))
async def live(
    token: str,
    request: Request,
    db: Db,
    after: Annotated[int, Query(ge=0, le=_LAST)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Stream a word each time that a fact about the order is recorded."""
    key = _opened(token)
    if key is not None:
        async with db.transaction(key[0], actor="shopper") as tx:
            if await _find(tx, *key) is None:
                key = None
    if key is None:
        raise LinkUnknown("This link opens nothing.")
    seen = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 19 else 0  # noqa: PLR2004 - digits of a bigint
    return stream.EventStream(_news(hub(request), key[0], key[1], after=max(after, seen)))


async def _news(
    hub: OrderHub, store_id: StoreId, order_id: OrderId, *, after: int
) -> AsyncGenerator[bytes, None]:
    yield stream.HELLO
    async with aclosing(hub.listen(store_id, order_id, after=after)) as numbers:
        async for number in numbers:
            if number is None:
                yield stream.HEARTBEAT
            else:
                yield stream.event("changed", id_=number)
    yield stream.BYE


@router.get("/o/{token}/cancel")
async def ask_to_cancel(token: str, db: Db) -> Response:
    """Ask once more, in words, before anything is cancelled."""
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        record = await _order(tx, *key)
    if record is None:
        return pages.unknown_page()
    if not status.may_cancel(record):
        return _back(token)
    return pages.cancel_page(record, f"/o/{token}")


@router.post("/o/{token}/cancel", responses=problems(FromElsewhere))
async def cancel(token: str, request: Request, db: Db) -> Response:
    """Cancel the order, if it can still be cancelled; the page says what came of it."""
    _same_origin(request)
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        record = await _order(tx, *key)
        if record is not None and status.may_cancel(record):
            await orders.cancel(tx, key[0], key[1], reason=CancelReason.SHOPPER_REQUEST)
    return pages.unknown_page() if record is None else _back(token)


@router.get("/o/{token}/choose/{number}/{choice}")
async def ask_to_choose(
    token: str,
    number: Annotated[int, Path(ge=1, le=10_000)],
    choice: Choice,
    db: Db,
    store: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Lay out one option of a message, to be taken with one tap. Opening it decides nothing."""
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        record = await _order(tx, *key)
        now = tx.now
    if record is None:
        return pages.unknown_page()
    asked = status.open_question(record, number, now)
    if asked is None or choice not in asked.options:
        return _back(token, "#choice")
    place = next((x for x in asked.places if x.store_id == store), None)
    if (choice is Choice.OTHER_STORE) != (place is not None):
        return _back(token, "#choice")
    return pages.choose_page(record, now, f"/o/{token}", choice, place)


@router.post("/o/{token}/choose", responses=problems(FromElsewhere))
async def choose(
    token: str,
    request: Request,
    db: Db,
    chosen: Annotated[Chosen, Form()],
) -> Response:
    """Take in what the shopper chose. Too late, or for another question, it changes nothing.

    What moves to another store has moved when this answers, unless that store is slow: then the
    page says that it is being asked, and the rest is the sweep's.
    """
    _same_origin(request)
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        if await _find(tx, *key) is None:
            return pages.unknown_page()
        taken = await choices.answer(
            tx, key[0], key[1], chosen.number, chosen.choice, via=Via.PAGE, target=chosen.target
        )
        record = await _order(tx, *key)
        now = tx.now
    if chosen.choice is Choice.OTHER_STORE and taken in {Taken.TAKEN, Taken.AGAIN}:
        await moving.carry_on(db, key[0], key[1], actor="shopper")
    if taken in {Taken.TAKEN, Taken.AGAIN} or record is None:
        return _back(token, "#choice")
    return pages.choice_over_page(record, now, f"/o/{token}", taken)


@router.post("/o/{token}/answer", responses=problems(FromElsewhere))
async def answer(
    token: str, request: Request, db: Db, all_there: Annotated[bool, Form()]
) -> Response:
    """Take the answer to the one question. The first answer counts."""
    _same_origin(request)
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        record = await _order(tx, *key)
        if (
            record is not None
            and record.state is OrderState.PICKED_UP
            and status.answered(record) is None
        ):
            await tx.emit(
                ShopperAnswered(
                    store_id=key[0],
                    order_id=key[1],
                    version=record.version,
                    all_there=all_there,
                )
            )
    return pages.unknown_page() if record is None else _back(token, "#question")


@router.post("/o/{token}/coming", responses=problems(FromElsewhere))
async def come(token: str, request: Request, db: Db, said: Annotated[Said, Form()]) -> Response:
    """Take in that the shopper is on their way, or here, or not yet. The page says what is so."""
    _same_origin(request)
    key = _opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        if await _find(tx, *key) is None:
            return pages.unknown_page()
        await arrivals.say(tx, key[0], key[1], said.saying())
    return _back(token, "#coming")


def hub(request: Request) -> OrderHub:
    """Return this process's hub."""
    state = request.app.state
    if not hasattr(state, "shopper_hub"):
        state.shopper_hub = hubs.made(state.db, stopping=state.stopping)
    found: OrderHub = state.shopper_hub
    return found


def _shown(request: Request) -> Shown:
    state = request.app.state
    if not hasattr(state, "shopper_shown"):
        state.shopper_shown = Shown()
    found: Shown = state.shopper_shown
    return found


def _keeping(request: Request) -> Keeping:
    state = request.app.state
    if not hasattr(state, "shopper_keeping"):
        state.shopper_keeping = Keeping()
    found: Keeping = state.shopper_keeping
    return found


def _listening(request: Request) -> Listening:
    state = request.app.state
    if not hasattr(state, "shopper_listening"):
        state.shopper_listening = Listening()
    found: Listening = state.shopper_listening
    return found


def _opened(token: str) -> tuple[StoreId, OrderId, int] | None:
    """Read a link; a store that its signature does not cover never reaches the database."""
    return links.opened(token)


async def _find(tx: Tx, store_id: StoreId, order_id: OrderId, link_version: int) -> Row | None:
    """Return the row of the order that a genuine link opens, while the link is good."""
    row = await records.find(tx, store_id, order_id)
    if row is None or row["link_version"] % 256 != link_version:
        return None
    return None if status.link_has_expired(row["closed_at"], tx.now) else row


async def _order(tx: Tx, store_id: StoreId, order_id: OrderId, link_version: int) -> Record | None:
    row = await _find(tx, store_id, order_id, link_version)
    return records.read(row, store_id, order_id) if row is not None else None


def _back(token: str, anchor: str = "") -> Response:
    return RedirectResponse(f"/o/{token}{anchor}", status_code=303)


def _same_origin(request: Request) -> None:
    """Refuse a form that another site has sent.

    There is no cookie to ride on, and who does not have the link cannot address this at all; this
    only stops somebody else's page from pressing the button for a shopper who shared their link.
    A page under ``no-referrer`` sends ``Origin: null``, so null alone proves nothing either way.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    ours = {urlsplit(request.app.state.settings.base_url).netloc, request.headers.get("host", "")}
    if site not in {None, "same-origin", "none"} or (
        site is None and origin != "null" and urlsplit(origin).netloc not in ours
    ):
        raise FromElsewhere("Open the link from our message and try again there.")
