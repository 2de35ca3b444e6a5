"""What a store plans: how many orders fit into its day, and how many people are there. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from associates.crew.shifts import Shift
from bopis.ops import words
from bopis.ops.views import Cell, Column, Table
from bopis.promises.slot import Slot

SLOTS_AHEAD: Final = timedelta(days=2)
SHIFTS_AHEAD: Final = timedelta(days=7)


def slots_table(slots: Sequence[Slot], now: datetime, zone: str) -> Table:
    """Return the slots of two days, with what is promised for each."""
    return Table(
        name="slots",
        caption="Room for orders, two days ahead",
        columns=(
            Column("Stretch"),
            Column("Room"),
            Column("Promised", number=True),
            Column("Fit in", number=True),
        ),
        rows=[
            (
                _stretch(slot.begins, slot.ends, now, zone),
                _room(slot),
                Cell(f"{slot.taken:,}", sort=slot.taken),
                Cell(f"{slot.capacity:,}", sort=slot.capacity),
            )
            for slot in slots
        ],
        why_empty=(
            "This store gives no slots: a time is promised by the work that is ahead. They are a"
            " column of the stores' file."
        ),
    )


def _room(slot: Slot) -> Cell:
    left = slot.capacity - slot.taken
    if not slot.capacity:
        return Cell("shut", icon="circle", sort=0)
    if left < 0:
        return Cell(f"{-left} too many", icon="alert", tone="amber", sort=left)
    if not left:
        return Cell("full", icon="clock", tone="amber", sort=0)
    return Cell(f"room for {left}", icon="check", tone="go", sort=left)


def shifts_table(shifts: Sequence[Shift], now: datetime, zone: str) -> Table:
    """Return the planned shifts of a week."""
    return Table(
        name="shifts",
        caption="People planned, a week ahead",
        columns=(Column("Shift"), Column("People", number=True)),
        rows=[
            (
                _stretch(shift.begins, shift.ends, now, zone),
                Cell(f"{shift.people:,}", sort=shift.people),
            )
            for shift in shifts
        ],
        why_empty=(
            "This store gives no plan of shifts: we go by who is signed in on a handheld. A plan is"
            " sent with PUT /v1/shifts."
        ),
    )


def _stretch(begins: datetime, ends: datetime, now: datetime, zone: str) -> Cell:
    """Return a stretch in words; its end carries a day where that is another one."""
    return Cell(
        f"{words.clock(begins, zone, now)} to {words.clock(ends, zone, begins)}",
        sort=begins.timestamp(),
    )
