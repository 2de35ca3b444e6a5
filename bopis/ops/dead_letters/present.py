"""What could not be carried out, as a table. Pure."""

from collections.abc import Sequence

from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.present import NOTE, Row, order_href
from bopis.ops.views import (
    Action,
    Cell,
    Column,
    Rows,
    Table,
)


def dead_letters_table(rows: Rows) -> Table:
    return Table(
        name="dead",
        caption="What could not be carried out, oldest first",
        columns=(
            Column("About"),
            Column("Store"),
            Column("After"),
            Column("Step"),
            Column("Error"),
            Column("For"),
            Column(""),
        ),
        rows=[_dead_row(row) for row in rows],
        why_empty="Every fact has been acted upon: no step has failed for good.",
    )


def _dead_row(row: Row) -> Sequence[Cell]:
    order = {"store_id": row["store_id"], "id": row["subject"]}
    identity = {
        "event": outward(row["store_id"], row["event_id"]),
        "subscriber": row["subscriber"],
    }
    return (
        Cell(row["number"] or row["fact"], href=order_href(order) if row["number"] else None),
        Cell(row["store"]),
        Cell(row["fact"]),
        Cell(row["subscriber"].rpartition(".")[2].replace("_", " ")),
        Cell(row["error"] or "", note=f"{row['attempts']} tries"),
        Cell(words.age(row["age"]), sort=row["age"].total_seconds()),
        Cell(
            "",
            actions=(
                Action("Try again", "/ops/dead-letters/retry", identity),
                Action("Give up", "/ops/dead-letters/discard", identity, (NOTE,), tone="stop"),
            ),
        ),
    )
