"""Facts into words: the only place where a message, a time or a cause gets its wording.

Each kind of message has one template. It is read twice, once with the parts for plain text and
once with the parts for HTML, so that the two cannot say different things. Pure, but for reading
its templates.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from textwrap import fill
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from notifications import sureness
from notifications.facts import (
    Choice,
    ChoiceNeeded,
    Credit,
    DelayApology,
    DelayReason,
    Elsewhere,
    Facts,
)

REASONS: Final[Mapping[DelayReason, str]] = {
    DelayReason.QUEUE: "More orders came in before yours than we had planned for.",
    DelayReason.PICKING: "Picking your items takes longer than we had planned for.",
    DelayReason.SEARCHING_ITEM: "One item is not on its shelf; we are looking for it.",
    DelayReason.ITEM_NOT_FOUND: "We looked for one of your items and could not find it.",
    DelayReason.STOCK_CORRECTED: "Our stock record was wrong, so one item has to be checked.",
    DelayReason.AWAITING_DELIVERY: "One of your items is still on its way to the store.",
    DelayReason.STANDSTILL: "Work on orders has come to a halt in the store.",
    DelayReason.STORE_CLOSES: "The store closes before your order can be ready.",
    DelayReason.STORE_INCIDENT: "Work in the store had to stop for a while.",
    DelayReason.OUR_SYSTEM: "A fault on our side held your order up.",
    DelayReason.UNKNOWN: "We do not know yet why.",
}
"""Each at most twelve words: a cause, not a story. ``UNKNOWN`` is what we say without evidence."""


def option(
    choice: Choice,
    *,
    doubted: bool,
    wait_until: datetime | None,
    clock: "Clock",
    late: bool = False,
    instead: str = "",
) -> str:
    """Return what a choice means, in the words in which it is offered, on paper as on a button.

    ``late``: all of it can be had, later than we had said. ``instead``: what is proposed.
    """
    if late and choice in _LATE:
        return _LATE[choice]
    if doubted and choice in _DOUBTED:
        return _DOUBTED[choice]
    if choice is Choice.WAIT:
        assert wait_until is not None
        return f"Wait while the store counts again, until {clock.when(wait_until)}"
    return f"Take {instead} instead" if choice is Choice.SUBSTITUTE else _OPTIONS[choice]


_OPTIONS: Final[Mapping[Choice, str]] = {
    Choice.PARTIAL_NOW: "Take the rest without it",
    Choice.OTHER_STORE: "Collect it at another store",
    Choice.CANCEL_ORDER: "Cancel the whole order",
}
_DOUBTED: Final[Mapping[Choice, str]] = {
    Choice.WAIT: "Look for it, and ask me again if it is not there",
    Choice.PARTIAL_NOW: "If it is not there, give me the rest without asking again",
}
_LATE: Final[Mapping[Choice, str]] = {
    Choice.WAIT: "Keep my order: I wait for all of it",
    Choice.PARTIAL_NOW: "Let me collect what is there now, and the rest later",
    Choice.CANCEL_ORDER: "Cancel the order and get my money back",
}


def move_to(place: Elsewhere, clock: "Clock") -> str:
    """Return what moving to one store means: where, by when, and how sure that is."""
    where = place.name if place.km is None else f"{place.name} ({place.km:g} km from here)"
    by = f": ready by {clock.when(place.ready_by)}" if place.ready_by else ""
    sure = f"; {place.odds} items like this were found there" if place.odds else ""
    return f"Collect it at {where}{by}{sure}"


def old_list(as_of: datetime | None, clock: "Clock") -> str:
    """Return what to say of a store whose stock system has not spoken for longer than usual."""
    since = f"is from {clock.when(as_of)}, older than usual" if as_of else "is older than usual"
    return (
        f"This store's stock list {since}. We go by what was on the shelf then, and confirm once"
        " we hold your items."
    )


SHORT: Final = 320
"""Characters of a short text, its link included: two of the longest that phones put together."""

WIDTH: Final = 76
"""Columns of plain text: what survives being quoted once in an 80-column window."""

NEARBY: Final = timedelta(days=6)
"""How far ahead a weekday alone names one day and not two."""

_SPACE: Final = re.compile(r"[^\S\xa0]+")
_TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(
    facts: Facts, zone: ZoneInfo, locale: str = "en", *, now: datetime | None = None
) -> Rendered:
    """Return one message in words, with every time on the clock of its store.

    ``now`` is the moment at which the words leave. With it, a day is "today" or "tomorrow" and an
    apology knows whether the promise is about to break or has broken; without it, days are named
    by weekday and date, which stays true however late it is read.
    """
    values = _values(facts, zone, locale, now)
    template = f"{facts.kind}.jinja"
    mail = _words("txt").get_template(template).render(values, form="txt")
    subject, _, text = mail.removeprefix("Subject: ").partition("\n")
    html = _words("html").get_template(template).render(values, form="html")
    subject = subject.replace("\xa0", " ").strip()
    return Rendered(subject, text.strip() + "\n", html.strip() + "\n")


def headline(
    facts: Facts, zone: ZoneInfo, locale: str = "en", *, now: datetime | None = None
) -> str:
    """Return the news of a message alone: its subject, for a list of what was said."""
    template = _words("txt").get_template(f"{facts.kind}.jinja")
    context = template.new_context(_values(facts, zone, locale, now) | {"form": "txt"})
    return line("".join(template.blocks["news"](context)))


def short(facts: Facts, zone: ZoneInfo, locale: str = "en", *, now: datetime | None = None) -> str:
    """Return a message as one short text, for a channel that has no subject and no second page.

    The news first, the link last, and all that is owed in between: at most ``SHORT`` characters
    with the link of an ordinary installation.
    """
    template = _words("txt").get_template(f"{facts.kind}.jinja")
    context = template.new_context(_values(facts, zone, locale, now) | {"form": "txt"})
    said = line("".join(template.blocks["short"](context))).replace("\xa0", " ")
    return f"{line(facts.store_name)}: {said} {facts.status_url}".strip()


def _values(facts: Facts, zone: ZoneInfo, locale: str, now: datetime | None) -> dict[str, Any]:
    clock = Clock(zone, spoken(locale), now)
    values: dict[str, Any] = {f.name: getattr(facts, f.name) for f in fields(facts)}
    if isinstance(facts, ChoiceNeeded | DelayApology):
        values["choices"] = offered(facts, clock)
    return values | {
        "sure": sureness.words,
        "clock": clock,
        "when": clock.when,
        "at": clock.at,
        "now": now,
        "money": clock.money,
    }


def link(status_url: str, case: int, choice: Choice, store_id: str = "") -> str:
    """Return the address at which one option is laid out. Opening it decides nothing."""
    if not case:
        return f"{status_url}#choice"
    return f"{status_url}/choose/{case}/{choice}{f'?store={store_id}' if store_id else ''}"


def offered(facts: ChoiceNeeded | DelayApology, clock: "Clock") -> list[tuple[str, str]]:
    """Return the options of a message, each in words and with its link.

    Another store is an option for each store: where, by when and how sure.
    """
    options: list[tuple[str, str]] = []
    for choice in facts.options:
        if choice is Choice.OTHER_STORE:
            options += [
                (move_to(place, clock), link(facts.status_url, facts.case, choice, place.store_id))
                for place in facts.elsewhere
                if place.store_id
            ]
            continue
        options.append((_meant(facts, choice, clock), link(facts.status_url, facts.case, choice)))
    return options


def _meant(facts: ChoiceNeeded | DelayApology, choice: Choice, clock: "Clock") -> str:
    if isinstance(facts, DelayApology):
        return option(choice, doubted=False, wait_until=None, clock=clock, late=True)
    return option(
        choice,
        doubted=facts.doubted,
        wait_until=facts.wait_until,
        clock=clock,
        late=facts.late,
        instead=" and ".join(item.name for item in facts.instead),
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """How a store's clock is read out, to somebody who reads at ``now``."""

    zone: ZoneInfo
    locale: Locale
    now: datetime | None = None

    @property
    def name(self) -> str:
        return _zone_name(self.zone, self.locale)

    def at(self, moment: datetime) -> str:
        """Return the time of day: "5:45 PM", "9 PM", or "17:45" where a day has 24 hours."""
        local = moment.astimezone(self.zone)
        return _wall(local.hour, local.minute, self.locale)

    def when(self, moment: datetime) -> str:
        """Return time and day, in the words of somebody who stands in the store."""
        return f"{self.at(moment)} {self.day(moment)}"

    def money(self, credit: Credit) -> str:
        """Return an amount as it is written where they live: "€2.50"."""
        written = format_currency(credit.amount, credit.currency, locale=self.locale)
        return str(written).replace("\u202f", "\xa0")

    def day(self, moment: datetime) -> str:
        """Return the day as it is said aloud: "today", "on Friday", "on Friday, March 6"."""
        day = moment.astimezone(self.zone).date()
        if self.now is not None:
            ahead = day - self.now.astimezone(self.zone).date()
            word = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(ahead.days)
            if word:
                return word
            if timedelta(0) < ahead <= NEARBY:
                return "on " + format_date(day, "EEEE", locale=self.locale)
        pattern = "EEEE, MMMM d" if self.locale.territory in {None, "US"} else "EEEE d MMMM"
        return "on " + format_date(day, pattern, locale=self.locale)


@lru_cache(maxsize=4096)
def _wall(hour: int, minute: int, locale: Locale) -> str:
    written = format_time(time(hour, minute), format="short", locale=locale)
    return written.replace("\u202f", "\xa0").replace(":00\xa0", "\xa0")


@lru_cache(maxsize=512)
def _zone_name(zone: ZoneInfo, locale: Locale) -> str:
    return get_timezone_name(zone, locale=locale)


@lru_cache(maxsize=512)
def spoken(locale: str) -> Locale:
    """Return the locale whose dates fit our words, and those are English so far."""
    try:
        wanted = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
    return wanted if wanted.language == "en" else Locale("en")


def _flow(text: str) -> str:
    return fill(line(text), WIDTH, break_long_words=False, break_on_hyphens=False)


def line(text: str) -> str:
    """Return ``text`` on one line; what was safe to put in HTML stays so.

    A space that does not break is left: "5:45" and "PM" belong on one line.
    """
    return type(text)(_SPACE.sub(" ", text).strip(" "))


def _brief(name: str) -> str:
    """Return a name that came from outside, short enough not to push the rest out."""
    flat = line(name)
    return flat if len(flat) <= NAME else flat[: NAME - 1].rstrip() + "…"


NAME: Final = 40


def _because(reason: DelayReason) -> str:
    return REASONS[reason]


@cache
def _words(form: str) -> Environment:
    words = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,  # a template may say what its facts say, and no more
        autoescape=form == "html",  # noqa: S701 - plain text has nothing to escape
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words.filters |= {"flow": _flow, "line": line, "because": _because, "brief": _brief}
    return words
