"""What sources have declared: written by an operator or the source itself, read before each file.

A source may say how its files are written. Where they lie, and with whose secrets, is an
operator's to say: whoever holds a feed's key shall not choose what our own processes open.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import NotFound
from inventory.sources.declaration import Declaration, Fetch, stored
from inventory.sources.mapping import FileMapping
from inventory.sources.models import FeedDeclaration


class SourceUnknown(NotFound):
    title = "There is no such source"


@dataclass(frozen=True, slots=True)
class Declared:
    source: str
    declaration: Declaration
    is_retired: bool
    declared_at: datetime


_DECLARE: Final = """
    INSERT INTO feed_declarations (source, mapping, declared_at) VALUES ($1, $2, $3)
    ON CONFLICT (source) DO UPDATE
    SET mapping = EXCLUDED.mapping, is_retired = false,
        declared_at = CASE WHEN feed_declarations.is_retired THEN EXCLUDED.declared_at
                           ELSE feed_declarations.declared_at END
"""
_HEARD_OF: Final = """
    INSERT INTO feed_declarations (source, mapping, declared_at) VALUES ($1, '{}'::jsonb, $2)
    ON CONFLICT (source) DO UPDATE
    SET is_retired = false,
        declared_at = CASE WHEN feed_declarations.is_retired THEN EXCLUDED.declared_at
                           ELSE feed_declarations.declared_at END
"""


async def declare(tx: Tx, source: str, mapping: FileMapping | None) -> None:
    """Say how the files of a source are written. None: that stays as it was."""
    if mapping is None:
        await tx.run(_HEARD_OF, source, tx.now)
    else:
        await tx.run(_DECLARE, source, stored(mapping), tx.now)


_FETCH: Final = "UPDATE feed_declarations SET origin = $2 WHERE source = $1"
_REOPEN: Final = "DELETE FROM feed_files WHERE source = $1 AND state = 'refused'"
_NO_TURN: Final = "DELETE FROM feed_fetches WHERE source = $1"
_TURN: Final = """
    INSERT INTO feed_fetches (source, due_at) VALUES ($1, $2)
    ON CONFLICT (source) DO UPDATE
    SET due_at = EXCLUDED.due_at, failures = EXCLUDED.failures, problem = EXCLUDED.problem
"""


async def fetch_from(tx: Tx, source: str, fetch: Fetch | None) -> None:
    """Say where the files of a declared source lie: it is due at once. None: they are sent.

    Files that were refused get another chance: they may be readable now.
    """
    await tx.run(_REOPEN, source)
    await tx.run(_FETCH, source, None if fetch is None else stored(fetch))
    if fetch is None:
        await tx.run(_NO_TURN, source)
    else:
        await tx.run(_TURN, source, machine_clock())


_RETIRE: Final = """
    UPDATE feed_declarations SET is_retired = true, origin = NULL WHERE source = $1
"""


async def retire(tx: Tx, source: str) -> None:
    """Wait for a source no more. It is back as soon as it is declared again."""
    await declare(tx, source, None)
    await tx.run(_RETIRE, source)
    await tx.run(_NO_TURN, source)


_FIND: Final = "SELECT * FROM feed_declarations WHERE source = $1"


async def find(tx: Tx, source: str) -> Declared | None:
    row = await tx.row(_FIND, source)
    return None if row is None else _declared(FeedDeclaration.of(row))


_LISTED: Final = "SELECT * FROM feed_declarations ORDER BY source LIMIT 1000"


async def listed(tx: Tx) -> list[Declared]:
    return [_declared(FeedDeclaration.of(row)) for row in await tx.rows(_LISTED)]


def _declared(row: FeedDeclaration) -> Declared:
    declaration = Declaration.model_validate({"mapping": row.mapping, "fetch": row.origin})
    return Declared(row.source, declaration, row.is_retired, row.declared_at)


_READ_AS: Final = """
    INSERT INTO feed_readings (source, batch_id, mapping) VALUES ($1, $2, $3)
    ON CONFLICT (source, batch_id) DO NOTHING
"""


async def read_as(tx: Tx, source: str, batch_id: str, mapping: FileMapping | None) -> None:
    """Remember how a batch is read: its source may declare itself anew before it is released."""
    if mapping is not None:
        await tx.run(_READ_AS, source, batch_id, stored(mapping))


_READING: Final = "SELECT mapping FROM feed_readings WHERE source = $1 AND batch_id = $2"


async def reading_of(db: Database, source: str, batch_id: str) -> FileMapping | None:
    """Return how a batch was read; of one that never was, how its source writes now."""
    async with db.transaction() as tx:
        kept = await tx.value(_READING, source, batch_id)
    return await mapping_of(db, source) if kept is None else FileMapping.model_validate(kept)


async def mapping_of(db: Database, source: str) -> FileMapping | None:
    """Return how the files of a source are written; None: as ours are."""
    async with db.transaction() as tx:
        found = await find(tx, source)
    if found is None or found.declaration.mapping.is_plain:
        return None
    return found.declaration.mapping
