"""What feeds teach: sales, deliveries and silence, a page of items at a time, off the hot path.

A feed's merge writes ledger entries and knows nothing of this. Here we read them once the feed is
in: an item whose record fell was sold, one whose record rose was delivered, and one that is not
mentioned was not sold, which needs no writing at all: ``heard_until`` says so for a whole store.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from asyncpg import Record

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.belief import filter as belief
from inventory.belief import states
from inventory.belief.filter import Rows
from inventory.belief.models import BeliefMode
from inventory.belief.page import DAY, Now, Page, brought
from inventory.belief.policies import DEFAULT_MODE, Policy

PAGE: Final = 2000
NEW: Final = 2000
"""Items that are first thought of in one transaction."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of which feeds have told.

    Units:
        store clock; nothing is learned from before ``since``.
    """

    since: datetime
    until: datetime


_WINDOW: Final = """
    SELECT p.heard_until AS since, p.mode,
           (SELECT max(as_of) FROM feed_runs
             WHERE store_id = $1 AND upto IS NULL AND as_of <= $2) AS until
      FROM (SELECT) AS one LEFT JOIN belief_stores AS p ON p.store_id = $1
"""
_HEARD: Final = """
    INSERT INTO belief_stores (store_id, mode, heard_until) VALUES ($1, $2, $3)
    ON CONFLICT (store_id) DO UPDATE SET heard_until = EXCLUDED.heard_until
     WHERE COALESCE(belief_stores.heard_until < EXCLUDED.heard_until, true)
"""


async def window(tx: Tx, store_id: StoreId) -> Window | None:
    """Return the stretch of which feeds have told us since we last learned; None: none.

    The first feed that we hear of only marks where listening began.
    """
    row = await tx.row(_WINDOW, store_id, tx.now)
    assert row is not None
    if row["until"] is None or row["mode"] == BeliefMode.OFF:
        return None
    if row["since"] is None:
        await heard(tx, store_id, row["until"])
        return None
    return Window(row["since"], row["until"]) if row["since"] < row["until"] else None


async def heard(tx: Tx, store_id: StoreId, until: datetime) -> None:
    """Note that all that feeds said until then is in the rows: what is not in them was silence."""
    await tx.run(_HEARD, store_id, DEFAULT_MODE, until)


_WANTED: Final = """
    SELECT s.sku, s.on_hand - s.unsellable AS record, s.counted_at, s.feed_as_of, i.department,
           NULL::bytea AS bins, NULL::timestamptz AS at, NULL::real AS sold, NULL::real AS watched,
           NULL::int AS moved, NULL::text AS kind
      FROM (SELECT DISTINCT sku FROM reservations AS r
             WHERE r.store_id = $1 AND r.quantity > 0
               AND NOT EXISTS (SELECT FROM beliefs AS b WHERE b.store_id = $1 AND b.sku = r.sku)
             ORDER BY sku LIMIT $2) AS wanted
      JOIN stock AS s ON s.store_id = $1 AND s.sku = wanted.sku
      LEFT JOIN items AS i ON i.sku = s.sku
     ORDER BY s.sku
"""
_BEGIN: Final = """
    INSERT INTO beliefs (store_id, sku, bins, at)
    SELECT $1, sku, bins, at FROM unnest($2::text[], $3::bytea[], $4::timestamptz[])
           AS b (sku, bins, at)
     ORDER BY sku
    ON CONFLICT (store_id, sku) DO NOTHING
"""


async def begin(tx: Tx, store_id: StoreId) -> int:
    """Begin to follow items that somebody has ordered; return how many."""
    policy = Policy.of(await tx.row("SELECT * FROM belief_stores WHERE store_id = $1", store_id))
    if policy.mode is BeliefMode.OFF:
        return 0
    found = await tx.rows(_WANTED, store_id, NEW)
    if not found:
        return 0
    page = Page.of(found, policy.known, tx.now)
    starts = [datetime.fromtimestamp(one, tx.now.tzinfo) for one in page.at]
    return await tx.run(_BEGIN, store_id, [row["sku"] for row in found], _each(page.rows), starts)


def _each(rows: Rows) -> list[bytes]:
    content = states.packed(rows)
    return [content[n : n + belief.BINS] for n in range(0, len(content), belief.BINS)]


_UPTO: Final = """
    SELECT max(sku) FROM (
        SELECT sku FROM beliefs WHERE store_id = $1 AND sku > $2 ORDER BY sku LIMIT $3
    ) AS page
"""
_TOLD: Final = """
    SELECT b.sku, s.on_hand - s.unsellable AS record, s.counted_at, s.feed_as_of,
           b.bins, b.at, b.sold, b.watched, b.moved, b.looked, b.kind, i.department, told.change,
           p.mode, p.margin, p.failure, p.alternative, p.heard_until, p.learned
      FROM beliefs AS b
      JOIN stock AS s ON s.store_id = $1 AND s.sku = b.sku
      CROSS JOIN LATERAL (  -- a feed that repeats what a count or a miss has corrected is no news
           SELECT COALESCE(sum(l.on_hand) FILTER (WHERE l.kind IN ('feed_set', 'feed_delta')), 0)
                  + CASE WHEN bool_or(l.kind = 'feed_set')
                         THEN COALESCE(sum(l.on_hand)
                              FILTER (WHERE l.kind NOT IN ('feed_set', 'feed_delta')), 0)
                         ELSE 0 END AS change,
                  bool_or(l.kind IN ('feed_set', 'feed_delta')) AS spoke
             FROM stock_ledger AS l
            WHERE l.store_id = $1 AND l.sku = b.sku AND l.effective_at > $4
              AND l.effective_at <= $5
              AND l.kind IN ('feed_set', 'feed_delta', 'count', 'short', 'adjust', 'compensate')
           ) AS told
      LEFT JOIN belief_stores AS p ON p.store_id = $1
      LEFT JOIN items AS i ON i.sku = b.sku
     WHERE b.store_id = $1 AND b.sku > $2 AND b.sku <= $3 AND told.spoke AND told.change <> 0
     ORDER BY b.sku
       FOR UPDATE OF s, b
"""
_LEARN: Final = """
    UPDATE beliefs AS b
       SET bins = n.bins, at = $2, sold = n.sold, watched = n.watched, moved = 0
      FROM unnest($3::text[], $4::bytea[], $5::real[], $6::real[]) AS n (sku, bins, sold, watched)
     WHERE b.store_id = $1 AND b.sku = n.sku
"""


async def learn(tx: Tx, store_id: StoreId, heard: Window, after: str) -> Sku | None:
    """Learn what feeds said of the next items; return the last of them, None: there are no more.

    An item that somebody has looked at within the window is moved by the part that came after the
    look. Learned twice, nothing happens the second time: the rows are as of the window's end.
    """
    upto = await tx.value(_UPTO, store_id, after, PAGE)
    if upto is None:
        return None
    found = await tx.rows(_TOLD, store_id, after, upto, heard.since, heard.until)
    found = [row for row in found if row["at"] < heard.until]
    if found:
        await _learned(tx, store_id, heard, found)
    return Sku(upto)


async def _learned(tx: Tx, store_id: StoreId, heard: Window, found: list[Record]) -> None:
    policy = Policy.of(found[0])
    page = Page.of(found, policy.known, tx.now)
    since, until = heard.since.timestamp(), heard.until.timestamp()
    begins = np.maximum(page.at, since)
    before = brought(page, policy.known, since, begins)
    stretch = ((until - begins) / DAY).astype(np.float32)
    part = (until - begins) / (until - since)
    change = np.array([row["change"] for row in found])
    units = np.rint(change * part).astype(np.int64)
    rows = changed(before, units, stretch, page, belief.witness(policy.known.trust))
    rows = belief.overnight(rows, stretch, policy.known.loss, page.record)
    await tx.run(
        _LEARN,
        store_id,
        heard.until,
        [row["sku"] for row in found],
        _each(rows),
        (page.sold + np.maximum(-units, 0)).tolist(),
        (before.watched + stretch).tolist(),
    )


def changed(before: Now, units: belief.Units, stretch: belief.Each, page: Page, seen: Rows) -> Rows:
    """Return the rows after their records rose or fell by ``units`` in a stretch of days."""
    demand = before.demand * stretch
    rows = before.rows.copy()
    fell, rose, same = units < 0, units > 0, units == 0
    record = page.record
    if fell.any():
        rows[fell] = belief.sold(rows[fell], -units[fell], demand[fell], record[fell], seen)
    if rose.any():
        rows[rose] = belief.received(rows[rose], units[rose], record[rose])
    if same.any():
        rows[same] = belief.silence(rows[same], demand[same], record[same])
    return rows
