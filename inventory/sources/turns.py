"""Whose turn it is to be asked, and what became of each file: the memory of the fetcher."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from inventory.sources.connecting import Found
from inventory.sources.models import FeedFetch, FeedFile, FileState

HOLD: Final = timedelta(seconds=60)
"""For how long a source is ours if we say nothing more: who fetches says so again in time."""

KEPT: Final = timedelta(days=180)
"""A file that was taken longer ago is forgotten. If it still lies there it is read once more, which
changes nothing: it is older than all that came since."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A source that nobody else asks until we end it."""

    source: str
    holder: str
    failures: int


_DUE: Final = """
    SELECT source FROM feed_fetches
     WHERE due_at <= $1 AND COALESCE(held_until < $1, true) ORDER BY due_at, source LIMIT 50
"""


async def due(tx: Tx) -> list[str]:
    return [row["source"] for row in await tx.rows(_DUE, machine_clock())]


_TAKE: Final = """
    UPDATE feed_fetches SET holder = $2, held_until = $4, asked_at = $3
     WHERE source = $1 AND COALESCE(held_until < $3, true)
    RETURNING failures
"""


async def take(tx: Tx, source: str, holder: str) -> Turn | None:
    """Return a turn to ask a source; None: somebody else has it."""
    now = machine_clock()
    failures = await tx.value(_TAKE, source, holder, now, now + HOLD)
    return None if failures is None else Turn(source, holder, failures)


_KEEP: Final = "UPDATE feed_fetches SET held_until = $3 WHERE source = $1 AND holder = $2"


async def keep(tx: Tx, turn: Turn) -> None:
    await tx.run(_KEEP, turn.source, turn.holder, machine_clock() + HOLD)


_END: Final = """
    UPDATE feed_fetches
       SET holder = NULL, held_until = NULL, due_at = $3, problem = $4, failures = $5,
           succeeded_at = CASE WHEN $4::text IS NULL THEN $6 ELSE succeeded_at END
     WHERE source = $1 AND holder = $2
"""
_FORGET: Final = "DELETE FROM feed_files WHERE source = $1 AND seen_at < $2"


async def end(tx: Tx, turn: Turn, due_at: datetime, problem: str | None) -> None:
    """Give a turn back, and say when the next one is."""
    now = machine_clock()
    failures = 0 if problem is None else turn.failures + 1
    await tx.run(_END, turn.source, turn.holder, due_at, problem, failures, now)
    if problem is None:
        await tx.run(_FORGET, turn.source, now - KEPT)


_TURN: Final = "SELECT * FROM feed_fetches WHERE source = $1"
_TURNS: Final = "SELECT * FROM feed_fetches ORDER BY source LIMIT 1000"


async def find(tx: Tx, source: str) -> FeedFetch | None:
    row = await tx.row(_TURN, source)
    return None if row is None else FeedFetch.of(row)


async def listed(tx: Tx) -> list[FeedFetch]:
    """Return every source that is fetched, with how its last turn went."""
    return [FeedFetch.of(row) for row in await tx.rows(_TURNS)]


_KNOWN: Final = "SELECT * FROM feed_files WHERE source = $1 AND name = ANY ($2::text[])"
_LATEST: Final = """
    SELECT * FROM feed_files WHERE source = $1 ORDER BY seen_at DESC, name LIMIT $2
"""


async def known(tx: Tx, source: str, found: Sequence[Found]) -> dict[str, FeedFile]:
    """Return what we remember of files, by name."""
    rows = await tx.rows(_KNOWN, source, [one.name for one in found])
    return {row["name"]: FeedFile.of(row) for row in rows}


async def latest(tx: Tx, source: str, limit: int) -> list[FeedFile]:
    return [FeedFile.of(row) for row in await tx.rows(_LATEST, source, limit)]


_REMEMBER: Final = """
    INSERT INTO feed_files
           (source, name, version, state, size, seen_at, sha256, batch_id, problem)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (source, name) DO UPDATE
    SET version = EXCLUDED.version, state = EXCLUDED.state, size = EXCLUDED.size,
        seen_at = EXCLUDED.seen_at, sha256 = EXCLUDED.sha256, batch_id = EXCLUDED.batch_id,
        problem = EXCLUDED.problem
"""


async def remember(
    tx: Tx,
    source: str,
    found: Found,
    state: FileState,
    *,
    sha256: str | None = None,
    batch_id: str | None = None,
    problem: str | None = None,
) -> None:
    """Write down what became of a file as it is now."""
    await tx.run(
        _REMEMBER,
        source,
        found.name,
        found.version,
        state,
        found.size,
        machine_clock(),
        sha256,
        batch_id,
        problem,
    )
