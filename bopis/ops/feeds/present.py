"""What stock systems told us, and what we made of it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bopis.ops.present import batch_href, stamp
from bopis.ops.views import (
    Cell,
    Column,
    Rows,
    Table,
    Tone,
)

Row = Mapping[str, Any]


_BATCHES: Final[Mapping[str, tuple[str, Tone]]] = {
    "applied": ("check", "go"),
    "quarantined": ("alert", "stop"),
    "receiving": ("refresh", ""),
}


def feeds_table(rows: Rows, zone: str, now: datetime, *, details: bool) -> Table:
    return Table(
        name="batches",
        caption="Batches, newest first",
        columns=(
            Column("Batch"),
            Column("Source"),
            Column("What became of it"),
            Column("Stock as of"),
            Column("Came in"),
            Column("Rows", number=True),
            Column("Rejected", number=True),
        ),
        rows=[
            (
                Cell(
                    row["batch_id"],
                    note=row["kind"],
                    href=batch_href(row) if details else None,
                ),
                Cell(row["source"]),
                Cell(
                    row["state"],
                    note=row["problem"] or "",
                    icon=_BATCHES[row["state"]][0],
                    tone=_BATCHES[row["state"]][1],
                ),
                stamp(row["as_of"], zone, now),
                stamp(row["received_at"], zone, now),
                Cell(f"{row['rows']:,}", sort=row["rows"]),
                Cell(f"{row['rejected']:,}", sort=row["rejected"]),
            )
            for row in rows
        ],
        why_empty="No stock system has sent anything yet. A batch comes in by"
        " PUT /v1/feeds/{source}/batches/{batch_id}, or by “bopis feed”.",
    )


def rejects_table(rows: Rows, batch_id: str) -> Table:
    return Table(
        name="rejects",
        caption=f"Rows of {batch_id} that we could not use",
        columns=(Column("Line", number=True), Column("Field"), Column("Why"), Column("As it came")),
        rows=[
            (
                Cell(str(row["line"]), sort=row["line"]),
                Cell(row["field"]),
                Cell(row["reason"].replace("_", " ")),
                Cell(row["raw"]),
            )
            for row in rows
        ],
        why_empty="Every row of this batch could be used.",
    )
