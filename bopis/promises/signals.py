"""What looks at open orders said: kept, so that "could we have known" has an answer later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId


@dataclass(frozen=True, slots=True)
class Signal:
    """One look that said something about an order's current promise."""

    order_id: OrderId
    promise_version: int
    p_late: float
    threshold: float
    lead: timedelta
    hard_evidence: str | None = None


_NOTE: Final = """
    INSERT INTO delay_signals (store_id, id, order_id, promise_version, at, p_late, threshold,
                               lead_minutes, hard_evidence)
    SELECT $1, n.id, n.order_id, n.promise_version, $2, n.p_late, n.threshold, n.lead_minutes,
           n.evidence
      FROM unnest($3::uuid[], $4::uuid[], $5::int[], $6::float[], $7::float[], $8::float[],
                  $9::text[])
           AS n (id, order_id, promise_version, p_late, threshold, lead_minutes, evidence)
     WHERE NOT EXISTS (      -- the same about the same promise is no news
           SELECT FROM delay_signals AS s
            WHERE s.store_id = $1 AND s.order_id = n.order_id
              AND s.promise_version = n.promise_version
              AND s.hard_evidence IS NOT DISTINCT FROM n.evidence
              AND (s.p_late >= s.threshold OR n.p_late < n.threshold))
"""


async def note(tx: Tx, store_id: StoreId, seen: Sequence[Signal]) -> None:
    """Keep what looks said of promises, once for each promise and each piece of evidence."""
    if not seen:
        return
    await tx.run(
        _NOTE,
        store_id,
        tx.now,
        [tx.new_id() for _ in seen],
        [one.order_id for one in seen],
        [one.promise_version for one in seen],
        [one.p_late for one in seen],
        [one.threshold for one in seen],
        [one.lead / timedelta(minutes=1) for one in seen],
        [one.hard_evidence for one in seen],
    )
