"""What is odd about handhelds, as a table. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bopis.ops.handhelds import signs
from bopis.ops.handhelds.signs import Sign
from bopis.ops.views import Cell, Column, Rows, Table


def signs_table(rows: Rows, now: datetime) -> Table:
    return Table(
        name="signs",
        caption="Handhelds to look at",
        columns=(
            Column("Handheld"),
            Column("What we see, and what to do"),
            Column("Store"),
        ),
        rows=[_row(row, sign) for row in rows for sign in signs.of(row, now)],
        why_empty=f"Nothing is odd about any handheld: the last {signs.LOOK_BACK.days} days.",
    )


def _row(row: signs.Seen, sign: Sign) -> Sequence[Cell]:
    return (
        Cell(row["name"]),
        Cell(sign.word, note=f"{sign.sentence} {sign.next_step}", icon="alert", tone=sign.tone),
        Cell(row["store"]),
    )
