"""Reads what is recorded about one person, for that person; and takes down what they say to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from associates.crew.about_me import NAMED, PARTS, PEOPLE, Part
from associates.handheld.devices import Holder
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import AssociateId, StoreId
from bopis.kernel.speech import phrase, t

SHOWN: Final = 20
"""Rows of each list that are shown; an export has up to ``EXPORTED``."""
EXPORTED: Final = 10_000
SOMEBODY_ELSE: Final = "somebody_else"
"""What stands for a colleague in a row that is about both: who it was is theirs."""
OPEN: Final = 20
"""Notes of one person that may wait for an answer."""


class PartUnknown(NotFound):
    title = phrase("Nothing of this name is recorded about you")


class TooManyDisputes(Conflict):
    title = phrase("Many of your notes wait for an answer")


class DisputeUnknown(NotFound):
    title = "No such note waits for an answer"


_OF: Final[Mapping[str, str]] = {
    "associates": "SELECT * FROM associates WHERE store_id = $1 AND id = $2 LIMIT $3",
    "associate_sessions": """
        SELECT * FROM associate_sessions WHERE store_id = $1 AND associate_id = $2
         ORDER BY started_at DESC LIMIT $3
    """,
    "sign_in_failures": """
        SELECT f.* FROM sign_in_failures AS f
          JOIN associates AS a ON a.store_id = $1 AND a.id = $2 AND a.number = f.number
         WHERE f.store_id = $1 LIMIT $3
    """,
    "scans": """
        SELECT * FROM scans WHERE store_id = $1 AND associate_id = $2
         ORDER BY received_at DESC, device_seq DESC LIMIT $3
    """,
    "pick_tasks": """
        SELECT * FROM pick_tasks WHERE store_id = $1 AND assigned_to = $2
         ORDER BY opened_at DESC LIMIT $3
    """,
    "take_overs": """
        SELECT * FROM take_overs WHERE store_id = $1 AND asked_by = $2
         ORDER BY asked_at DESC LIMIT $3
    """,
    "count_requests": """
        SELECT * FROM count_requests WHERE store_id = $1 AND (claimed_by = $2 OR first_by = $2)
         ORDER BY opened_at DESC LIMIT $3
    """,
    "handheld_cases": """
        SELECT * FROM handheld_cases WHERE store_id = $1 AND associate_id = $2
         ORDER BY opened_at DESC LIMIT $3
    """,
    "disputes": """
        SELECT * FROM disputes WHERE store_id = $1 AND associate_id = $2
         ORDER BY made_at DESC LIMIT $3
    """,
}


async def read(
    tx: Tx, store_id: StoreId, associate_id: AssociateId, *, limit: int
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows about one person, the newest first, without what would open something."""
    await tx.run("SET LOCAL statement_timeout = '30s'")
    found = {}
    for part in PARTS:
        rows = await tx.rows(_OF[part.table], store_id, associate_id, limit)
        found[part.table] = [_shown(part, row, associate_id) for row in rows]
    return found


def _shown(part: Part, row: Mapping[str, Any], own: AssociateId) -> dict[str, Any]:
    return {
        name: SOMEBODY_ELSE
        if name in PEOPLE and row[name] not in {None, own}
        else _plain(row[name])
        for name in part.columns
        if name not in part.hidden and name in row
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


_OPEN: Final = """
    SELECT count(*) FROM disputes
     WHERE store_id = $1 AND associate_id = $2 AND answered_at IS NULL
"""
_DISPUTE: Final = """
    INSERT INTO disputes (store_id, id, associate_id, about, words, made_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (store_id, id) DO NOTHING
"""


async def dispute(tx: Tx, holder: Holder, id_: UUID, *, about: str, words: str) -> None:
    """Take down that something is not so; sent again, it is the same note.

    Raises:
        PartUnknown: There is no such list.
        TooManyDisputes: Twenty of this person's notes wait.
    """
    if about not in NAMED:
        raise PartUnknown(t("Choose one of the lists that are shown."))
    if await tx.value(_OPEN, holder.store_id, holder.associate_id) >= OPEN:
        raise TooManyDisputes(
            t("Store operations have not answered your notes yet. Speak to them.")
        )
    note = (holder.store_id, id_, holder.associate_id, about, words, tx.now)
    await tx.run(_DISPUTE, *note)


_ANSWER: Final = """
    UPDATE disputes SET answer = $3, answered_by = $4, answered_at = $5
     WHERE store_id = $1 AND id = $2 AND answered_at IS NULL
"""


async def answer(tx: Tx, store_id: StoreId, id_: UUID, words: str) -> None:
    """Answer a note, as whoever acts in this transaction. The first answer counts.

    Raises:
        DisputeUnknown: There is none, or it has been answered.
    """
    if not await tx.run(_ANSWER, store_id, id_, words, tx.actor, tx.now):
        raise DisputeUnknown("It has been answered, or is no more. Look at the list again.")
