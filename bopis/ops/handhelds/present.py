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
            Column("Store"),
            Column("What we see"),
            Column("What to do next"),
        ),
        rows=[_row(row, sign) for row in rows for sign in signs.of(row, now)],
        why_empty=f"Nothing is odd about any handheld: the last {signs.LOOK_BACK.days} days.",
    )


def _row(row: signs.Seen, sign: Sign) -> Sequence[Cell]:
    return (
        Cell(row["name"]),
        Cell(row["store"]),
        Cell(sign.word, note=sign.sentence, icon="alert", tone=sign.tone),
        Cell(sign.next_step),
    )
