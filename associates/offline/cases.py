"""Entries of handhelds' logs that a person has to look at: kept, and never silently dropped."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from associates.handheld.bodies import EntryIn
from associates.handheld.devices import Credentials, Holder
from associates.handheld.schemas import Answer
from associates.offline.case_models import CaseKind
from associates.picking.scans import ScanOutcome
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId

KEPT: Final = 2000
"""Characters of what an entry said; and entries of one revoked device: a day's work and more, and
not what somebody who plays with a stolen one could make of it."""

_NOTE: Final = """
    INSERT INTO handheld_cases (store_id, id, kind, device_id, device_seq, associate_id, act, told,
                                why, body, scanned_at, opened_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT DO NOTHING
"""


def disagrees(told: ScanOutcome | None, answer: Answer) -> bool:
    """Say whether the person was told that it is done, and it is not."""
    assert answer.receipt is not None
    return told is ScanOutcome.APPLIED and answer.receipt.outcome is not ScanOutcome.APPLIED


async def note_conflict(tx: Tx, holder: Holder, entry: EntryIn, answer: Answer) -> None:
    """Note a case where an entry was judged otherwise than its person had been told."""
    if not disagrees(entry.told, answer):
        return
    assert answer.receipt is not None
    await tx.run(
        _NOTE,
        tx.store_id,
        entry.scan_id,
        CaseKind.CONFLICT,
        holder.device_id,
        entry.device_seq,
        holder.associate_id,
        answer.receipt.kind,
        entry.told,
        answer.message.text if answer.message else "",
        "",
        entry.scanned_at,
        tx.now,
    )


async def note_refused(
    tx: Tx, holder: Holder, entry: EntryIn, *, act: str, why: str, body: object
) -> None:
    """Keep an entry that could not be carried out, so that it is refused when it comes again."""
    await tx.run(
        _NOTE,
        tx.store_id,
        entry.scan_id,
        CaseKind.REFUSED,
        holder.device_id,
        entry.device_seq,
        holder.associate_id,
        act,
        entry.told,
        why,
        _said(body),
        entry.scanned_at,
        tx.now,
    )


_WITHHELD: Final = """
    SELECT count(*) FROM handheld_cases
     WHERE store_id = $1 AND device_id = $2 AND kind = 'withheld'
"""


async def withhold(
    tx: Tx, shown: Credentials, entries: Collection[tuple[EntryIn, str, object]]
) -> None:
    """Keep what a revoked device says, and do none of it.

    Shapes:
        entries: each with its kind of act and what it said.
    """
    room = KEPT - int(await tx.value(_WITHHELD, tx.store_id, shown.device_id))
    for entry, act, body in list(entries)[: max(room, 0)]:
        await tx.run(
            _NOTE,
            tx.store_id,
            entry.scan_id,
            CaseKind.WITHHELD,
            shown.device_id,
            entry.device_seq,
            None,
            act,
            entry.told,
            "",
            _said(body),
            entry.scanned_at,
            tx.now,
        )


def _said(body: object) -> str:
    return json.dumps(body, separators=(",", ":"))[:KEPT]


_KNOWN: Final = """
    SELECT id, kind, why FROM handheld_cases
     WHERE store_id = $1 AND id = ANY ($2::uuid[]) AND kind <> 'conflict'
"""


async def known(
    tx: Tx, store_id: StoreId, ids: Collection[UUID]
) -> Mapping[UUID, tuple[CaseKind, str]]:
    """Return which entries were refused or withheld before, and why."""
    rows: list[Any] = await tx.rows(_KNOWN, store_id, list(ids))
    return {row["id"]: (CaseKind(row["kind"]), row["why"]) for row in rows}


_CLOSE: Final = """
    UPDATE handheld_cases SET closed_at = $3
     WHERE store_id = $1 AND device_id = $2 AND closed_at IS NULL
"""


async def close(tx: Tx, store_id: StoreId, device_id: UUID) -> int:
    """Note that somebody has looked at what one device left; return how many cases it was."""
    return await tx.run(_CLOSE, store_id, device_id, tx.now)
