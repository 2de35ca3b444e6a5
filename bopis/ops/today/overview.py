"""Today at a glance: the stores by the state of their news, and the day in seven numbers. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bopis.ops import words
from bopis.ops.present import orders_of
from bopis.ops.views import (
    PATIENCE,
    Cell,
    Column,
    Figure,
    Rows,
    Table,
)
from bopis.orders.counter.arrival import spoken
from bopis.trust.day import Report

Row = Mapping[str, Any]


def feed_state(row: Row, now: datetime) -> Cell:
    """Return how fresh a store's stock news is, against the rhythm of its source."""
    if row["as_of"] is None:
        return Cell("never heard", icon="alert", tone="stop")
    rhythm = timedelta(minutes=row["cadence_minutes"])
    span = now - row["as_of"]
    if span > 2 * PATIENCE * rhythm:
        return Cell("silent", icon="alert", tone="stop")
    if span > PATIENCE * rhythm:
        return Cell("late", icon="clock", tone="amber")
    return Cell("fresh", icon="check", tone="go")


def stores_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="stores",
        caption=words.counted(len(rows), "store"),
        columns=(
            Column("Store"),
            Column("Feed"),
            Column("Stock as of"),
            Column("Open orders", number=True),
            Column("Ready", number=True),
            Column("Late", number=True),
            Column("Conflicts", number=True),
        ),
        rows=[_store_row(row, now) for row in rows],
        why_empty="There is no store yet. Load them with PUT /v1/stores.",
    )


def _store_row(row: Row, now: datetime) -> Sequence[Cell]:
    as_of = row["as_of"]
    span = "" if as_of is None else f"{words.age(now - as_of)} ago"
    return (
        Cell(row["name"], note=row["store_id"], href=orders_of(row["name"])),
        feed_state(row, now),
        Cell(span, note=row["source"] or "", sort=0 if as_of is None else as_of.timestamp()),
        *(Cell(f"{row[k]:,}", sort=row[k]) for k in ("open", "waiting", "late", "conflicts")),
    )


def _beside(report: Report, refused: int) -> str:
    """Return what became of orders that are not there: refused, or gone to another store."""
    moved = f", {report.moved:,} moved to another store" if report.moved else ""
    return f"{words.counted(refused, 'order')} refused{moved}"


def figures(report: Report, trend: Sequence[int]) -> list[Figure]:
    """Return today in seven numbers, each with what it was counted on."""
    short, refused = sum(report.units_short.values()), sum(report.refused.values())
    asked = report.units_found + short
    told_all = report.apologized_in_time == report.late
    return [
        Figure(
            "Orders accepted",
            f"{report.accepted:,}",
            _beside(report, refused),
            "/ops/orders?show=today",
            trend=trend,
            trend_words=f"By hour: {', '.join(map(str, trend))}",
        ),
        Figure(
            "Ready by the first promise",
            words.share(report.on_time_first, report.promises_due),
            f"of {words.counted(report.promises_due, 'promise')} due so far"
            if report.promises_due
            else "no promise has come due today",
            "/ops/orders?show=late",
            tone="go"
            if report.promises_due and report.on_time_first == report.promises_due
            else "",
        ),
        Figure(
            "Units found",
            words.share(report.units_found, asked),
            f"{report.units_found:,} of {asked:,} looked for",
        ),
        Figure(
            "Told before it was late",
            f"{report.apologized_in_time} of {report.late}" if report.late else "none late",
            "late orders" if report.late else "no promise has been broken today",
            "/ops/orders?show=late",
            tone="" if not report.late else "go" if told_all else "amber",
        ),
        Figure(
            "Wrong “ready”",
            f"{report.false_ready:,}",
            f"of {words.counted(report.ready_said, 'time')} that we said it"
            if report.ready_said
            else "we have not said it today",
            tone="stop" if report.false_ready else "",
        ),
        Figure(
            "Silent minutes",
            f"{report.silent_minutes:,}",
            "past the time at which we owed news",
            tone="stop" if report.silent_minutes else "",
        ),
        _waits(report),
    ]


def _waits(report: Report) -> Figure:
    """Never of one associate: a wait belongs to the order and the store."""
    waited = report.waited
    if waited is None:
        return Figure("Wait once here", "none told", "no customer has said that they were here")
    people = words.counted(waited.n, "customer")
    return Figure(
        "Wait once here",
        spoken(waited.median),
        f"half of {people}; nine of ten: {spoken(waited.p90)} or less",
    )
