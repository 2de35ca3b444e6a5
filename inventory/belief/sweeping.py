"""The nightly step: what may be promised of every item that we follow, as time has passed.

Nothing is written of an item whose cap stays: its belief is worked out anew from when it was last
written. So a night costs one read of the rows and a little arithmetic, and few writes.
"""

from datetime import datetime
from typing import Final

import numpy as np
from asyncpg import Record

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.belief import capping, policies, states
from inventory.belief import filter as belief
from inventory.belief import odds as rule
from inventory.belief.models import BeliefMode
from inventory.belief.page import Page, brought
from inventory.belief.policies import Policy

PAGE: Final = 5000

_PAGE: Final = """
    SELECT count(*) AS many, array_agg(sku) AS sku, string_agg(bins, ''::bytea) AS bins,
           array_agg(at) AS at, array_agg(moved) AS moved, array_agg(sold) AS sold,
           array_agg(watched) AS watched, array_agg(record) AS record, array_agg(cap) AS cap,
           array_agg(looked) AS looked, array_agg(kind) AS kind,
           array_agg(department) AS department, array_agg(version) AS version
      FROM (SELECT b.sku, b.bins, extract(epoch FROM b.at)::float8 AS at, b.moved, b.sold,
                   b.watched, s.on_hand - s.unsellable AS record, s.cap, b.looked, b.kind,
                   i.department, b.xmin::text AS version
              FROM (SELECT *, xmin FROM beliefs
                     WHERE store_id = $1 AND sku > $2 ORDER BY sku LIMIT $3) AS b
              JOIN stock AS s ON s.store_id = $1 AND s.sku = b.sku
              LEFT JOIN items AS i ON i.sku = b.sku
             ORDER BY b.sku) AS page
"""


async def sweep(tx: Tx, store_id: StoreId, after: str) -> tuple[Sku | None, int]:
    """Hold the caps of the next items against what we believe now.

    Shapes:
        returns: the last item, None if there was none; and how many caps were written.
    """
    policy = await policies.get(tx, store_id)
    if policy.mode is not BeliefMode.ON:
        return None, 0
    found = await tx.row(_PAGE, store_id, after, PAGE)
    assert found is not None
    if not found["many"]:
        return None, 0
    caps, versions = judged(found, policy, tx.now)
    written = await capping.write(tx, store_id, caps, versions)
    return Sku(found["sku"][-1]), written


def judged(found: Record, policy: Policy, now: datetime) -> tuple[list[capping.Cap], list[str]]:
    """Return the caps that are no longer right, and the versions of the beliefs behind them."""
    page = _page(found, policy)
    heard = policy.heard_until.timestamp() if policy.heard_until else None
    rows = brought(page, policy.known, heard, now.timestamp()).rows
    most = rule.caps(rows, page.find, policy.terms)
    sure = belief.at_least(rows)[:, 1] * page.find
    caps, versions = [], []
    looked = found["looked"]
    for n, was in enumerate(found["cap"]):
        cap = policy.cap(int(most[n]), looked=looked[n])
        if cap != was:
            sku, record = Sku(found["sku"][n]), int(page.record[n])
            caps.append(capping.Cap(sku, cap, record, float(sure[n])))
            versions.append(found["version"][n])
    return caps, versions


def _page(found: Record, policy: Policy) -> Page:
    finds = {kind: policy.known.find(kind) for kind in set(found["kind"])}
    rates = {name: policy.known.rate(name) for name in set(found["department"])}
    return Page(
        rows=states.unpacked(found["bins"]),
        at=np.array(found["at"]),
        moved=np.array(found["moved"], dtype=np.int64),
        sold=np.array(found["sold"], dtype=np.float32),
        watched=np.array(found["watched"], dtype=np.float32),
        record=np.maximum(np.array(found["record"], dtype=np.int64), 0),
        rate=np.array([rates[name] for name in found["department"]], dtype=np.float32),
        find=np.array([finds[kind] for kind in found["kind"]], dtype=np.float32),
    )


_SWEPT: Final = "UPDATE belief_stores SET swept_at = $2 WHERE store_id = $1"


async def swept(tx: Tx, store_id: StoreId) -> None:
    await tx.run(_SWEPT, store_id, tx.now)
