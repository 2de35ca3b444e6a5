"""What the floor has to count, and since when. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.present import COUNTED, item_href
from bopis.ops.views import Action, Cell, Column, Rows, Table
from inventory.models import CountPriority

Row = Mapping[str, Any]

_WHY: Final[Mapping[str, str]] = {
    "not_found": "a pick did not find it",
    "short_quantity": "a pick found too few",
    "wrong_item_at_location": "another item was in its place",
    "shelf_empty": "its shelf is empty, and its record is not",
    "shelf_not_empty": "its record is empty, and its shelf is not",
    "low_record": "much wanted, and by its record nearly gone",
    "at_random": "drawn by lot, to see whether its record is right",
    "asked": "somebody at a desk asks",
}


def table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="counts",
        caption="As the floor has them: failed picks first, then doubts, then what runs low",
        columns=(
            Column("Item"),
            Column("Store"),
            Column("Why"),
            Column("State"),
            Column("Waits for"),
            Column("We think", number=True),
            Column("Promised", number=True),
            Column(""),
        ),
        rows=[_row(row, now) for row in rows],
        why_empty="Nobody is asked to count anything: no pick has failed since the last count, and"
        " no shelf has contradicted its record.",
    )


def _row(row: Row, now: datetime) -> Sequence[Cell]:
    identity = {"request": outward(row["store_id"], row["id"])}
    enter = Action("Enter a count", "/ops/counts", identity, (COUNTED,), tone="go")
    age = now - row["opened_at"]
    return (
        Cell(row["item"], note=row["sku"], href=item_href(row["sku"], row["store_id"])),
        Cell(row["store"]),
        Cell(_WHY.get(row["reason"], row["reason"].replace("_", " "))),
        _standing(row, now),
        Cell(words.age(age), sort=age.total_seconds()),
        Cell("" if row["on_hand"] is None else words.units(row["on_hand"]), sort=row["on_hand"]),
        Cell("" if row["reserved"] is None else f"{row['reserved']:,}", sort=row["reserved"]),
        Cell("", actions=(enter,)),
    )


def _standing(row: Row, now: datetime) -> Cell:
    first = row["first_count"]
    note = "" if first is None else f"a first look found {first:,} on the shelf{_held(row, now)}"
    if row["in_hand"]:
        return Cell("being counted", note=note, icon="walk", tone="go")
    if row["due_at"] is not None and row["due_at"] < now:
        return Cell("overdue", note=note, icon="clock", tone="stop")
    if row["priority"] == CountPriority.FAILED_PICK:
        return Cell("first", note=note, icon="alert", tone="amber")
    return Cell("waits", note=note, icon="clock")


def _held(row: Row, now: datetime) -> str:
    """Return what a look that is far below the record does to what is sold."""
    if not row["by_another"]:
        return ""
    if row["first_count"] >= (row["on_hand"] or 0):
        return "; somebody else has to look"
    if row["held_until"] is None:
        return "; somebody else has to look, and it is sold meanwhile"
    at = words.clock(row["held_until"], row["time_zone"], now)
    if not row["held_back"]:
        return f"; nobody else had looked by {at}, so all of it is sold again"
    units, are = words.counted(row["held_back"], "unit"), "is" if row["held_back"] == 1 else "are"
    return f"; {units} {are} not sold until somebody else has looked, or {at}"


def title(rows: Rows) -> str:
    """Return the answer in one line."""
    if not rows:
        return "Nothing to count"
    stores = len({row["store_id"] for row in rows})
    return f"{words.counted(len(rows), 'item')} to count in {words.counted(stores, 'store')}"
