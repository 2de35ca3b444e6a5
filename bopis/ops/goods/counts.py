"""What the floor has to count, and since when. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.present import COUNTED, item_href
from bopis.ops.views import Action, Cell, Column, Rows, Table, Tone

Row = Mapping[str, Any]

_WHY: Final[Mapping[str, tuple[str, str, Tone]]] = {
    "not_found": ("a pick did not find it", "alert", "amber"),
    "short_quantity": ("a pick found too few", "alert", "amber"),
    "wrong_item_at_location": ("another item was in its place", "alert", "amber"),
    "asked": ("somebody at a desk asks", "person", ""),
}


def table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="counts",
        caption="Failed picks first, and of those the oldest",
        columns=(
            Column("Item"),
            Column("Store"),
            Column("Why"),
            Column("Waits for"),
            Column("We think", number=True),
            Column("Promised", number=True),
            Column(""),
        ),
        rows=[_row(row, now) for row in rows],
        why_empty="Nobody is asked to count anything: no pick has failed since the last count.",
    )


def _row(row: Row, now: datetime) -> Sequence[Cell]:
    identity = {"request": outward(row["store_id"], row["id"])}
    enter = Action("Enter a count", "/ops/counts", identity, (COUNTED,), tone="go")
    why, icon, tone = _WHY.get(row["reason"], (row["reason"].replace("_", " "), "circle", ""))
    age = now - row["opened_at"]
    return (
        Cell(row["item"], note=row["sku"], href=item_href(row["sku"], row["store_id"])),
        Cell(row["store"]),
        Cell(why, icon=icon, tone=tone),
        Cell(words.age(age), sort=age.total_seconds()),
        Cell("" if row["on_hand"] is None else f"{row['on_hand']:,}", sort=row["on_hand"]),
        Cell("" if row["reserved"] is None else f"{row['reserved']:,}", sort=row["reserved"]),
        Cell("", actions=(enter,)),
    )


def title(rows: Rows) -> str:
    """Return the answer in one line."""
    if not rows:
        return "Nothing to count"
    stores = len({row["store_id"] for row in rows})
    return f"{words.counted(len(rows), 'item')} to count in {words.counted(stores, 'store')}"
