"""Asks the database whether everything is still true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bopis.kernel.clock import ScaledClock
from bopis.kernel.database import Database, Tx
from bopis.trust.invariants import INVARIANTS, Invariant

GRACE: Final = timedelta(seconds=60)
"""What a relay and a watchdog may take."""

_PATIENCE: Final = timedelta(seconds=10)
"""The same, on the machine's clock: with a fast store clock, this is what counts."""

EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at one invariant showed. A count of zero is what we want to see."""

    invariant: Invariant
    count: int
    examples: tuple[str, ...]


async def verify(
    db: Database, invariants: Sequence[Invariant] = INVARIANTS, *, examples: int = EXAMPLES
) -> list[Finding]:
    """Return one finding for each invariant, in their order, broken or not.

    Safe beside a running system: each query sees one moment, and nothing is locked or written.
    """
    speed = db.clock.speed if isinstance(db.clock, ScaledClock) else 1.0
    grace = max(GRACE, _PATIENCE * speed)
    async with db.transaction() as tx:
        await tx.run("SET LOCAL statement_timeout = '2min'")
        return await look(tx, invariants, grace=grace, examples=examples)


async def look(
    tx: Tx,
    invariants: Sequence[Invariant] = INVARIANTS,
    *,
    grace: timedelta = GRACE,
    examples: int = EXAMPLES,
) -> list[Finding]:
    """Ask within a transaction that is open already."""
    findings = []
    for one in invariants:
        rows = await tx.rows(_asked(one), tx.now, grace, max(examples, 1))
        told = [f"{row['store_id']} {row['what']}".strip() for row in rows]
        findings.append(Finding(one, rows[0]["n"] if rows else 0, tuple(told[:examples])))
    return findings


def _asked(invariant: Invariant) -> str:
    return f"""
        WITH t AS (SELECT $1::timestamptz AS now, $1::timestamptz - $2::interval AS settled,
                          clock_timestamp() AS machine)
        SELECT v.store_id, v.what, count(*) OVER () AS n
          FROM ({invariant.broken}) AS v  /* fanout: verify */
         ORDER BY 1, 2 LIMIT $3
    """  # noqa: S608 -- the invariants are constants of this package
