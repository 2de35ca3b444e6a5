"""The log of what handhelds said: append-only, but that a scan can be marked as taken back."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from associates.devices import Holder
from associates.scans import Heard, Said, ScanKind, ScanOutcome
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import Sku, TaskId
from bopis.kernel.speech import phrase, t

LONGEST: Final = 128


class ScanNumberUsed(Conflict):
    title = phrase("This handheld has used this number before")


def legible(code: str) -> str:
    """Return what we keep of a code: a scanner can send anything, a row need not hold it."""
    return "".join(letter for letter in code[:LONGEST] if letter.isprintable())


_FIND: Final = """
    SELECT kind, outcome, sku, line, quantity, code, task_id
      FROM scans WHERE store_id = $1 AND id = $2
"""


async def find(tx: Tx, scan_id: UUID) -> Heard | None:
    """Return what we made of a scan that we have had before.

    One that was taken back since is still answered as it was: the undo has an answer of its own.
    """
    row = await tx.row(_FIND, tx.store_id, scan_id)
    if row is None:
        return None
    outcome = ScanOutcome(row["outcome"])
    return Heard(
        kind=ScanKind(row["kind"]),
        outcome=ScanOutcome.APPLIED if outcome is ScanOutcome.UNDONE else outcome,
        sku=Sku(row["sku"]) if row["sku"] is not None else None,
        line=row["line"],
        quantity=row["quantity"],
        code=row["code"],
        task_id=row["task_id"],
    )


_WRITE: Final = """
    INSERT INTO scans (store_id, id, device_id, device_seq, associate_id, task_id, fence, kind,
                       code, sku, line, quantity, outcome, undoes, scanned_at, received_at, place)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT DO NOTHING
"""


async def write(
    tx: Tx,
    holder: Holder,
    said: Said,
    heard: Heard,
    *,
    task_id: TaskId | None = None,
    undoes: UUID | None = None,
    place: Sequence[str] | None = None,
) -> None:
    """Append a scan.

    Raises:
        ScanNumberUsed: The device gave its running number, or its id, to something else before.
            The caller's transaction must not commit.
    """
    written = await tx.run(
        _WRITE,
        tx.store_id,
        said.scan_id,
        holder.device_id,
        said.device_seq,
        holder.associate_id,
        task_id,
        said.fence,
        heard.kind,
        heard.code,
        heard.sku,
        heard.line,
        heard.quantity,
        heard.outcome,
        undoes,
        said.scanned_at,
        tx.now,
        place,
    )
    if not written:
        raise ScanNumberUsed(
            t(
                "Scan number {number} of this handheld, or its id, stands for another scan. "
                "Send it with a new number.",
                number=said.device_seq,
            ),
            device_seq=said.device_seq,
        )
