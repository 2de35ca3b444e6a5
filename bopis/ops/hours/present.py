"""Hours and pauses as a person at a desk reads them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.present import NOTE, stamp
from bopis.ops.views import Action, Ask, Cell, Column, Listing, Outcome, Rows, Table
from inventory.opening import hours, pause
from inventory.opening.hours import Calendar, Span
from inventory.opening.pause import Pause, PauseReason

Row = Mapping[str, Any]

AHEAD: Final = 14
"""Days of hours that are shown."""

REASONS: Final[Mapping[PauseReason, str]] = {
    PauseReason.WATER: "Water leak",
    PauseReason.POWER: "Power cut",
    PauseReason.FIRE_ALARM: "Fire alarm",
    PauseReason.WEATHER: "Weather",
    PauseReason.DAMAGE: "Damage to the building",
    PauseReason.SYSTEMS: "Our systems are down",
    PauseReason.SHORT_STAFFED: "Too few people",
    PauseReason.TOO_BUSY: "Too many orders",
    PauseReason.EVENT: "Work in the store",
    PauseReason.OTHER: "Another reason (shoppers are told none)",
}

CLOSED, LATER, BUSY = "closed", "later", "busy"
KINDS: Final[Mapping[str, str]] = {
    CLOSED: "Closed, and no new orders",
    LATER: "Closed, but takes orders for later",
    BUSY: "Open, but no new orders",
}
"""What a pause does, and to whom: (closes, takes orders) in words."""

DOES: Final[Mapping[str, tuple[bool, bool]]] = {
    CLOSED: (True, False),
    LATER: (True, True),
    BUSY: (False, False),
}


def what(*, closes: bool, takes_orders: bool) -> str:
    """Return what a pause does, in a few words."""
    if not closes:
        return "open, no new orders"
    return "closed, takes orders for later" if takes_orders else "closed, no new orders"


def standing(pauses: Sequence[Row], now: datetime, zone: str) -> Cell:
    """Return whether a store does what its hours say."""
    on = [one for one in pauses if one["begins_at"] <= now]
    if not on:
        return Cell("as usual", icon="check", tone="go")
    last = max(on, key=lambda one: one["ends_at"])
    return Cell(f"paused {_until(last['ends_at'], zone, now)}", icon="clock", tone="amber")


def _until(ends_at: datetime, zone: str, now: datetime) -> str:
    if not pause.is_known(ends_at, now):
        return "until further notice"
    return f"until {words.clock(ends_at, zone, now)}"


def stores_table(rows: Rows, pauses: Rows, now: datetime) -> Table:
    by_store: dict[str, list[Row]] = {}
    for one in pauses:
        by_store.setdefault(one["store_id"], []).append(one)
    return Table(
        name="hours",
        caption=words.counted(len(rows), "store"),
        columns=(Column("Store"), Column("Now"), Column("Orders to prepare", number=True)),
        rows=[
            (
                Cell(row["name"], note=row["store_id"], href=f"/ops/hours/{row['store_id']}"),
                standing(by_store.get(row["store_id"], ()), now, row["time_zone"]),
                Cell(f"{row['due'] or 0:,}", sort=row["due"] or 0),
            )
            for row in rows
        ],
        why_empty="There is no store yet. Load them with PUT /v1/stores.",
    )


def pauses_table(rows: Rows, now: datetime, *, of_one_store: bool = False) -> Table:
    columns = (Column("Reason"), Column("From"), Column("Until"), Column("What it does"))
    return Table(
        name="pauses",
        caption="Pauses, on or ahead",
        columns=(*columns, Column("")) if of_one_store else (Column("Store"), *columns),
        rows=[_pause_row(row, now, of_one_store=of_one_store) for row in rows],
        why_empty="Nothing is paused, and no pause is planned.",
    )


def _pause_row(row: Row, now: datetime, *, of_one_store: bool) -> Sequence[Cell]:
    zone = row["time_zone"]
    cells = (
        Cell(REASONS[PauseReason(row["reason"])].partition(" (")[0], note=row["note"]),
        stamp(row["begins_at"], zone, now),
        stamp(row["ends_at"], zone, now)
        if pause.is_known(row["ends_at"], now)
        else Cell("nobody knows yet"),
        Cell(what(closes=row["closes"], takes_orders=row["takes_orders"])),
    )
    if not of_one_store:
        return (Cell(row["store"], href=f"/ops/hours/{row['store_id']}"), *cells)
    fields = {"pause": outward(row["store_id"], row["id"])}
    known = pause.is_known(row["ends_at"], now)
    until = Ask(
        "until",
        "New end, by the store's clock. Empty: nobody knows",
        when=_wall(row["ends_at"], zone) if known else "-",
        optional=True,
    )
    begun = row["begins_at"] <= now
    return (
        *cells,
        Cell(
            "",
            actions=(
                Action("Change its end", "/ops/hours/move", fields, (until, NOTE)),
                Action(
                    "End it now" if begun else "Take it back",
                    "/ops/hours/end",
                    fields,
                    (NOTE,),
                    tone="go",
                ),
            ),
        ),
    )


def _wall(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def pause_form(store_id: str, now: datetime, zone: str) -> Action:
    """Return the form that pauses a store: one hour from now, unless told otherwise."""
    usual = now + timedelta(hours=1)
    reasons = [(reason.value, said) for reason, said in REASONS.items()]
    return Action(
        "Pause this store",
        "/ops/hours/pause",
        {"store": store_id},
        (
            Ask("reason", "Why? Shoppers read it", options=reasons),
            Ask("kind", "What happens meanwhile?", options=list(KINDS.items())),
            Ask("since", "From, by the store's clock. Empty: now", when="-", optional=True),
            Ask(
                "until",
                "Until, by the store's clock. Empty: nobody knows",
                when=_wall(usual, zone),
                optional=True,
            ),
            Ask("note", "For colleagues. Shoppers do not read it", optional=True),
        ),
        tone="stop",
    )


@dataclass(frozen=True, slots=True)
class Day:
    """One date of a store: when it is open, when orders are handed out, and why it differs."""

    day: date
    opens: Sequence[Span]
    pickup: Sequence[Span]
    note: str | None
    """None: as every week."""


def days(
    opening: Calendar, pickup: Calendar, notes: Mapping[date, str], now: datetime
) -> list[Day]:
    """Return the days ahead, today first."""
    today = now.astimezone(opening.zone).date()
    return [
        Day(
            day,
            hours.openings(opening, day),
            hours.openings(pickup, day),
            notes.get(day),
        )
        for day in (today + timedelta(days=n) for n in range(AHEAD))
    ]


def days_table(found: Sequence[Day], zone: str) -> Table:
    return Table(
        name="days",
        caption=f"The next {AHEAD} days, pauses taken out",
        columns=(Column("Day"), Column("Open"), Column("Pickup"), Column("")),
        rows=[
            (
                Cell(f"{one.day:%a, %b} {one.day.day}", sort=one.day.isoformat()),
                Cell(_spans(one.opens, zone)),
                Cell("as open" if one.pickup == one.opens else _spans(one.pickup, zone)),
                Cell("" if one.note is None else one.note or "other hours"),
            )
            for one in found
        ],
        why_empty="There are no days.",
    )


def _spans(spans: Sequence[Span], zone: str) -> str:
    return ", ".join(f"{_clock(a, zone)} to {_clock(b, zone)}" for a, b in spans) or "closed"


def _clock(moment: datetime, zone: str) -> str:
    return words.clock(moment, zone, moment)


def doors(calendar: Calendar, pauses: Sequence[Pause], now: datetime, zone: str) -> str:
    """Return one sentence on whether somebody can walk in now."""
    if hours.is_open(calendar, now):
        closes = hours.closing_after(calendar, now)
        busy = next((one for one in pauses if one.is_on(now) and not one.takes_orders), None)
        until = f"until {words.clock(closes, zone, now)}" if closes else "around the clock"
        tail = f" It takes no new orders {_until(busy.ends_at, zone, now)}." if busy else ""
        return f"Open {until}.{tail}"
    opens = hours.next_opening(calendar, now)
    on = pause.live((one for one in pauses if one.closes), now)
    why = f": {REASONS[on.reason].partition(' (')[0].lower()}" if on else ""
    if opens is None and on is not None:
        return f"Closed until further notice{why}."
    if opens is None:
        return f"Closed{why}. No opening is known within 60 days."
    return f"Closed until {words.clock(opens, zone, now)}{why}."


def store_page(
    *,
    store_id: str,
    name: str,
    zone: str,
    lead: str,
    pauses: Rows,
    ahead: Sequence[Day],
    plans: Sequence[Table],
    now: datetime,
    outcome: Outcome | None,
) -> Listing:
    forms = [pause_form(store_id, now, zone)]
    if any(one["begins_at"] <= now for one in pauses):
        resume = Action("Go on now", "/ops/hours/resume", {"store": store_id}, (NOTE,), tone="go")
        forms.insert(0, resume)
    return Listing(
        name,
        lead,
        (pauses_table(pauses, now, of_one_store=True), days_table(ahead, zone), *plans),
        forms=forms,
        outcome=outcome,
    )


def paused(until: datetime, touched: int, zone: str, now: datetime) -> Outcome:
    """Return what has become of a pause that was just made."""
    orders = words.counted(touched, "open order").capitalize()
    verb = "is" if touched == 1 else "are"
    known = pause.is_known(until, now)
    news = "the new time" if known else "that we do not know yet, and what they may do"
    tail = f" Whoever waits hears {news}." if touched else ""
    said = f"Paused {_until(until, zone, now)}. {orders} {verb} promised for this time."
    return Outcome(said + tail, "amber")
