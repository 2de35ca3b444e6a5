"""Who works where, as a table. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bopis.kernel.ids import outward
from bopis.ops.present import NOTE, stamp
from bopis.ops.views import (
    MANY,
    Action,
    Cell,
    Column,
    Rows,
    Table,
)

Row = Mapping[str, Any]


FORGOTTEN: Final = "Somebody who has left"
"""Instead of a name, from 90 days after they have."""


def associates_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="associates",
        caption="Associates",
        columns=(
            Column("Associate"),
            Column("Number"),
            Column("Store"),
            Column("State"),
            Column("Signs in by"),
            Column(""),
        ),
        rows=[_associate_row(row, now) for row in rows[:MANY]],
        why_empty="Nobody works here yet. Take people on with bopis associates add.",
        more=f"The first {MANY}. bopis associates list shows all." if len(rows) > MANY else "",
    )


def _associate_row(row: Row, now: datetime) -> Sequence[Cell]:
    deactivate = Action(
        "Has left",
        "/ops/associates/deactivate",
        {"associate": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="stop",
    )
    unlock = Action(
        "Let them try again",
        "/ops/associates/unlock",
        {"associate": outward(row["store_id"], row["id"])},
        (NOTE,),
        tone="go",
    )
    works, waits = row["is_active"], row["waits_until"] is not None
    ways = [way for way, has in (("badge", row["has_badge"]), ("PIN", row["has_pin"])) if has]
    standing = Cell("works here", icon="check")
    if waits:
        standing = Cell("has to wait", icon="alert", tone="amber", note="After wrong PINs")
    if not works:
        since = stamp(row["left_at"], row["time_zone"], now, none="")
        standing = Cell("has left", icon="cross", note=since.text)
    return (
        Cell(row["name"] or FORGOTTEN),
        Cell(row["number"] if row["name"] else ""),
        Cell(row["store"]),
        standing,
        Cell(" or ".join(ways) if works else ""),
        Cell("", actions=(*((unlock,) if waits else ()), deactivate) if works else ()),
    )
