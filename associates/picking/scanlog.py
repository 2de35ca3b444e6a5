"""The log of what handhelds said: append-only, but that a scan can be marked as taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from associates.handheld.devices import Holder
from associates.picking.scans import Heard, Said, ScanKind, ScanOutcome, ShortReason, TaskState
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import AssociateId, Sku, TaskId
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
    return heard(row, sku=row["sku"], line=row["line"]) if row is not None else None


def heard(row: Mapping[str, Any], *, sku: str | None, line: int | None) -> Heard:
    """Return what a row of the log says that we made of a scan."""
    outcome = ScanOutcome(row["outcome"])
    return Heard(
        kind=ScanKind(row["kind"]),
        outcome=ScanOutcome.APPLIED if outcome is ScanOutcome.UNDONE else outcome,
        sku=Sku(sku) if sku is not None else None,
        line=line,
        quantity=row["quantity"],
        code=row["code"],
        task_id=row["task_id"],
    )


@dataclass(frozen=True, slots=True)
class Step:
    """What a scan changes in the walk that it is of.

    Shapes:
        found, short, skipped: what is added to the line of the scan.
        lease_until, assigned_to, staging_code, staged_at, state: of the task from now on.
    """

    task_id: TaskId
    state: TaskState
    found: int = 0
    short: int = 0
    skipped: int = 0
    reason: ShortReason | None = None
    lease_until: datetime | None = None
    assigned_to: AssociateId | None = None
    staging_code: str | None = None
    staged_at: datetime | None = None


WRITE: Final = """
    WITH step AS (
        UPDATE pick_tasks
           SET state = $19, lease_until = $20, assigned_to = $21, staging_code = $22,
               staged_at = $23
         WHERE store_id = $1 AND id = $18
    ),
    line AS (
        UPDATE pick_lines
           SET found = found + $24, short = short + $25, skipped = greatest(skipped + $26, 0),
               short_reason = CASE WHEN short + $25 = 0 THEN NULL
                                   ELSE coalesce($27, short_reason) END
         WHERE store_id = $1 AND task_id = $18 AND line = $11
    )
    INSERT INTO scans (store_id, id, device_id, device_seq, associate_id, task_id, fence, kind,
                       code, sku, line, quantity, outcome, undoes, scanned_at, received_at, place)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT DO NOTHING
"""
NOWHERE: Final = Step(TaskId(UUID(int=0)), TaskState.OPEN)
"""No task, and not NULL: a condition that can never hold makes the planner forget the store."""


async def write(
    tx: Tx,
    holder: Holder,
    said: Said,
    heard: Heard,
    *,
    task_id: TaskId | None = None,
    undoes: UUID | None = None,
    place: Sequence[str] | None = None,
    step: Step = NOWHERE,
) -> None:
    """Append a scan, and write what it changes in its walk.

    Raises:
        ScanNumberUsed: The device gave its running number, or its id, to something else before.
            The caller's transaction must not commit.
    """
    written = await tx.run(
        WRITE,
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
        step.task_id,
        step.state,
        step.lease_until,
        step.assigned_to,
        step.staging_code,
        step.staged_at,
        step.found,
        step.short,
        step.skipped,
        step.reason,
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
