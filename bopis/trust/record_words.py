"""A record as people read it, and as programs do: counts, and the room that they leave. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor
from typing import Any, Final

from bopis.orders.counter.arrival import spoken, summed, unbinned
from bopis.promises.standing import of_hundred
from bopis.trust.intervals import change, wilson
from bopis.trust.record import ALPHA, DAYS, ENOUGH, ENOUGH_FOR_INDEX, Index, Sums


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a record.

    Shapes:
        room: where the true figure lies nine times out of ten; "" for a plain count.
        moved: since the 28 days before; "" where there is nothing to compare.
        share: as a program wants it; None where it is no share.
    """

    name: str
    title: str
    says: str
    room: str = ""
    moved: str = ""
    share: tuple[int, int] | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What store operations said of some days: beside the figures, never in their place."""

    first_day: date
    last_day: date
    words: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A store's record, or a chain's, over 28 days.

    Shapes:
        figures: empty while there are too few promises to say; ``headline`` then says that.
        index: None with fewer than 100 promises.
    """

    name: str
    headline: str
    first_day: date
    last_day: date
    due: int
    figures: Sequence[Figure]
    index: Index | None
    notes: Sequence[Note] = ()
    computed_at: datetime | None = None
    computed_by: str | None = None


def headline(now: Sums) -> str:
    """Return the one sentence that a record comes to."""
    if now.due >= ENOUGH:
        return f"{of_hundred(now.kept, now.due)} first promises kept, last {DAYS} days."
    if not now.due and now.excused:
        orders = "order was" if now.excused == 1 else "orders were"
        return (
            f"Nothing to judge: {now.excused} {orders} cancelled by those who placed them, and no"
            f" other promise came due in the last {DAYS} days."
        )
    if not now.due:
        return f"Nothing to say yet: no promise came due in the last {DAYS} days."
    promise = "promise" if now.due == 1 else "promises"
    return f"Too few orders to say: {now.due} {promise} came due in the last {DAYS} days."


def figures(now: Sums, before: Sums) -> list[Figure]:
    """Return the lines of a record; none with fewer than 20 promises due."""
    if now.due < ENOUGH:
        return []
    old = before if before.due >= ENOUGH else Sums()
    return [
        _share("kept", "First promises kept", (now.kept, now.due), (old.kept, old.due)),
        _minutes_late(now),
        _share("warned", "Told before the promise broke", (now.warned, now.late)),
        _share("found", "Items found", (now.lines_found, now.lines), (old.lines_found, old.lines)),
        _share("false_ready", "Called ready, and was not", _wrong(now), _wrong(old), fault=True),
        _share(
            "cancelled_by_us",
            "Cancelled by us",
            (now.cancelled_by_us, now.due),
            (old.cancelled_by_us, old.due),
            fault=True,
        ),
        *_odds(now),
        _silence(now),
        _waits(now),
        Figure(
            "revisions",
            "Promises moved",
            f"{now.revisions:,} times in {now.due:,} orders",
            value=round(now.revisions / now.due, 4),
        ),
        Figure(
            "excused",
            "Not judged",
            f"{now.excused:,} orders, cancelled by shopper or shop while the first promise stood",
            value=now.excused,
        ),
    ]


def _wrong(sums: Sums) -> tuple[int, int]:
    return min(sums.false_ready, sums.ready_said), sums.ready_said


def _minutes_late(now: Sums) -> Figure:
    mean = now.late_minutes / now.late if now.late else 0.0
    orders = "order" if now.late == 1 else "orders"
    minutes = f"{mean:.0f} minute{'' if f'{mean:.0f}' == '1' else 's'}"
    says = f"{minutes} on average" if now.late else "None was late"
    room = f"{now.late:,} late {orders}; more than four hours count as four" if now.late else ""
    return Figure("minutes_late", "How late the others were", says, room, value=round(mean, 1))


def _odds(now: Sums) -> list[Figure]:
    """Return how true the odds were that stood beside our times; nothing of few."""
    if now.brier is None or now.odds_said < ENOUGH:
        return []
    return [
        Figure(
            "odds",
            "How true our odds were",
            f"Brier score {now.brier:.3f}",
            f"0 is perfect; to say nine of ten to everybody would have come to"
            f" {now.brier_of_always:.3f} ({now.odds_said:,} counted)",
            value=round(now.brier, 4),
        )
    ]


def _waits(now: Sums) -> Figure:
    """Only of those who said that they were here: of the others nobody knows when they came."""
    title = "Wait at the store, once they said that they were here"
    found = summed(unbinned(now.waits))
    if found is None:
        return Figure("wait_minutes", title, "Nobody has said so")
    room = f"Nine of ten: {spoken(found.p90)} or less ({found.n:,} said so)"
    return Figure(
        "wait_minutes", title, f"Half: {spoken(found.median)} or less", room, value=found.median
    )


def _silence(now: Sums) -> Figure:
    mean = now.silent_minutes / now.due
    says = f"{mean:.1f} minutes an order" if now.silent_minutes else "Not a minute"
    return Figure("silent_minutes", "Without a word that we owed", says, value=round(mean, 2))


def _share(
    name: str,
    title: str,
    share: tuple[int, int],
    before: tuple[int, int] = (0, 0),
    *,
    fault: bool = False,
) -> Figure:
    """Return a share with its room. A fault is told as it was counted: rounded, it could vanish."""
    ok, n = share
    if not n:
        return Figure(name, title, "None to count", share=share)
    room = wilson(ok, n)
    low, high = floor(100 * room.low), ceil(100 * room.high)  # never narrower than it is
    said = f"Between {low} and {high} of 100 ({n:,} counted)"
    says = f"{ok:,} of {n:,}" if fault else of_hundred(ok, n)
    return Figure(name, title, says, said, _moved(share, before), share)


def _moved(now: tuple[int, int], before: tuple[int, int]) -> str:
    """Return by how much a share has moved, and the room that this leaves."""
    span = change(*now, *before)
    if span is None:
        return ""
    room = f"between {_points(span.low)} and {_points(span.high)} of 100"
    if span.low <= 0 <= span.high:
        return f"No change beyond chance since the {DAYS} days before ({room})"
    moved = _points(now[0] / now[1] - before[0] / before[1])
    return f"{moved} of 100 since the {DAYS} days before ({room})"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


METHOD: Final = (
    (
        "Counted is the first promise of every order: the time that was named when it was placed."
        " A later one does not make it good. Kept is an order that was ready, and proved to be by"
        " scans, by that time; one that was called ready and was not is not kept."
    ),
    (
        "An order that was cancelled by whoever placed it while the first promise stood is not"
        " judged. One that we cancelled, or of which we moved the promise, is."
    ),
    (
        "A first promise says that nine of ten orders like it are ready by then. One in ten may be"
        " late; more is a broken word."
    ),
    (
        "Beside a time we say how many of ten orders like it were ready by then. Whether such odds"
        " are true is judged by the Brier score: what we said, against what happened (1 for ready"
        " in time, 0 for not), squared, and the mean of that over all orders."
    ),
    (
        f"With fewer than {ENOUGH} promises due we show no figure: it would be an anecdote. Beside"
        " each share stands where the true one lies nine times out of ten (Wilson's interval)."
    ),
    (
        "Figures are counted by a program from what happened: from orders, scans and messages,"
        " never from a counter. They are counted again every hour until the day's last order is"
        " closed. Nobody can edit them. Store operations can add a note, with who and when; it"
        " stays."
    ),
)
INDEX_METHOD: Final = (
    f"The index is 100 for a store that never breaks its word, shown from {ENOUGH_FOR_INDEX}"
    " promises on. Each part is taken at the end of its interval that is worse for the store, so"
    " few orders can never make a good index. It cannot be raised by naming later times: longer"
    " promises than nine of ten orders need lower it, and so do words not said and silence."
)


def as_values(record: Record) -> dict[str, Any]:
    """Return a record for programs: raw counts, shares with their intervals, and the method."""
    return {
        "name": record.name,
        "words": record.headline,
        "first_day": record.first_day.isoformat(),
        "last_day": record.last_day.isoformat(),
        "promises_due": record.due,
        "enough": bool(record.figures),
        "figures": {one.name: _figure(one) for one in record.figures},
        "index": None
        if record.index is None
        else {
            "value": round(record.index.value, 1),
            "components": {name: round(n, 4) for name, n in record.index.components.items()},
        },
        "stated_confidence": 1 - ALPHA,
        "notes": [
            {
                "first_day": note.first_day.isoformat(),
                "last_day": note.last_day.isoformat(),
                "words": note.words,
                "made_by": note.made_by,
                "made_at": note.made_at.isoformat(),
            }
            for note in record.notes
        ],
        "computed_at": record.computed_at and record.computed_at.isoformat(),
        "computed_by": record.computed_by,
        "method": [*METHOD, INDEX_METHOD],
    }


def _figure(one: Figure) -> dict[str, Any]:
    if one.share is None:
        return {"words": one.says, "value": one.value}
    ok, n = one.share
    room = wilson(ok, n)
    return {
        "words": one.says,
        "count": ok,
        "of": n,
        "interval_90": [round(room.low, 4), round(room.high, 4)] if n else None,
        "change": one.moved,
    }
