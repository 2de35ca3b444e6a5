"""Conflicts as cases: what was said, who stands in line, and what was done for each.

The list of conflicts may be of all stores; each store's line is read in a transaction of its own.
Nothing here changes anything.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.ops.reads import Scope
from bopis.ops.views import Rows
from bopis.orders.watching import conflicts
from bopis.orders.watching.conflicts import Claim
from inventory import sellable
from inventory.sellable import Availability

SHOWN: Final = 20
"""Open conflicts that a page tells in full: the oldest."""

LINE: Final = 40
"""Orders that are shown of one line."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claimant:
    """An order in line, with what has been done about it since the conflict opened."""

    claim: Claim
    place: int
    order: Row
    facts: Rows = field(default_factory=list)
    messages: Rows = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """One conflict, open or just closed, with all that is known of it.

    Shapes:
        line: the first served first; cut after ``LINE``, but never before the first who loses.
    """

    row: Row
    known: Availability | None = None
    line: Sequence[Claimant] = ()
    waiting: int = 0
    losing: int = 0
    to_find: int = 0
    facts: Rows = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.row["closed_at"] is None


_LISTED: Final = """
    SELECT c.store_id, c.id, c.sku, c.source, c.batch_id, c.on_hand, c.reserved, c.opened_at,
           c.closed_at, c.resolution, s.name AS store, s.time_zone,
           coalesce(i.name, c.sku) AS item, coalesce(i.size, '') AS size
      FROM stock_conflicts c  /* fanout: ops */
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN items i ON i.sku = c.sku
     WHERE ($1::text IS NULL OR c.store_id = $1)
       AND (c.closed_at IS NULL) = $2
       AND ($2 OR c.closed_at > $3::timestamptz - interval '1 day')
     ORDER BY c.closed_at DESC, c.opened_at, c.id LIMIT $4
"""


async def inbox(db: Database, scope: Scope, *, limit: int = SHOWN) -> tuple[list[Case], list[Case]]:
    """Return the open cases, the oldest first, and those that were closed within a day.

    One more than ``limit`` says that there are more; that one is not told in full.
    """
    async with db.transaction() as tx:
        opened = [dict(r) for r in await tx.rows(_LISTED, scope, True, tx.now, limit + 1)]
        closed = [dict(r) for r in await tx.rows(_LISTED, scope, False, tx.now, SHOWN)]
    rows = [*opened[:limit], *closed]
    told: dict[UUID, Case] = {}
    for store_id, some in groupby(sorted(rows, key=itemgetter("store_id")), itemgetter("store_id")):
        async with db.transaction(store_id) as tx:
            told |= {case.row["id"]: case for case in await _of_store(tx, store_id, list(some))}
    cases = [told.get(row["id"], Case(row)) for row in opened]
    return cases, [told[row["id"]] for row in closed]


_ONE: Final = """
    SELECT c.store_id, c.id, c.sku, c.source, c.batch_id, c.on_hand, c.reserved, c.opened_at,
           c.closed_at, c.resolution, s.name AS store, s.time_zone,
           coalesce(i.name, c.sku) AS item, coalesce(i.size, '') AS size
      FROM stock_conflicts c
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN items i ON i.sku = c.sku
     WHERE c.store_id = $1 AND c.id = $2
"""


async def one(tx: Tx, store_id: StoreId, conflict_id: UUID) -> Case | None:
    row = await tx.row(_ONE, store_id, conflict_id)
    return (await _of_store(tx, store_id, [dict(row)]))[0] if row else None


async def _of_store(tx: Tx, store_id: StoreId, rows: Sequence[Row]) -> list[Case]:
    opened = [row for row in rows if row["closed_at"] is None]
    lines: dict[UUID, list[Claim]] = {row["id"]: [] for row in opened}
    for claim in await conflicts.in_line(tx, store_id) if opened else ():
        if claim.conflict_id in lines:
            lines[claim.conflict_id].append(claim)
    shown = {id_: _shown(line) for id_, line in lines.items()}
    order_ids = {claim.order_id for line in shown.values() for _, claim in line}
    since = min((row["opened_at"] for row in rows), default=tx.now)
    orders = await _orders(tx, store_id, order_ids)
    facts = await _facts(tx, store_id, order_ids | {row["id"] for row in rows}, since)
    said = await _messages(tx, store_id, order_ids, since)
    known = await sellable.availability(tx, store_id, [row["sku"] for row in rows])
    return [
        Case(
            row=row,
            known=known.get(Sku(row["sku"])),
            line=[
                Claimant(
                    claim,
                    place,
                    orders[claim.order_id],
                    _about(facts[claim.order_id], row),
                    [m for m in said[claim.order_id] if m["created_at"] >= row["opened_at"]],
                )
                for place, claim in shown.get(row["id"], ())
            ],
            waiting=len(lines.get(row["id"], ())),
            losing=sum(claim.goes_without for claim in lines.get(row["id"], ())),
            to_find=sum(claim.to_find for claim in lines.get(row["id"], ())),
            facts=facts[row["id"]],
        )
        for row in rows
    ]


def _shown(line: Sequence[Claim]) -> list[tuple[int, Claim]]:
    """Return whom to show, each with its place in the line: of many, those about the edge."""
    first = next((n for n, claim in enumerate(line) if claim.goes_without), 0)
    start = max(0, min(first - LINE // 2, len(line) - LINE))
    return [(n + 1, claim) for n, claim in enumerate(line)][start : start + LINE]


def _about(facts: Rows, row: Row) -> Rows:
    """Return those facts of an order that may have to do with a conflict: not of other items."""
    return [
        fact
        for fact in facts
        if fact["occurred_at"] >= row["opened_at"]
        and fact["payload"].get("sku", row["sku"]) == row["sku"]
    ]


_ORDERS: Final = """
    SELECT o.store_id, o.id, o.number, o.state, o.attention, o.promise_status, o.accepted_at,
           o.promised_at, o.estimate_at, p.latest AS first_promised_at
      FROM orders o
      LEFT JOIN promises p ON p.store_id = $1 AND p.order_id = o.id AND p.version = 1
     WHERE o.store_id = $1 AND o.id = ANY ($2::uuid[]) LIMIT 1000
"""


async def _orders(tx: Tx, store_id: StoreId, ids: Collection[OrderId]) -> dict[UUID, Row]:
    if not ids:
        return {}
    return {row["id"]: dict(row) for row in await tx.rows(_ORDERS, store_id, list(ids))}


_FACTS: Final = """
    SELECT subject, name, actor, payload, occurred_at
      FROM events
     WHERE store_id = $1 AND subject = ANY ($2::uuid[]) AND occurred_at >= $3
       AND name <> 'message.settled'
     ORDER BY seq LIMIT 2000
"""


async def _facts(
    tx: Tx, store_id: StoreId, subjects: Collection[UUID], since: datetime
) -> dict[UUID, Rows]:
    found: dict[UUID, Rows] = {subject: [] for subject in subjects}
    for row in await tx.rows(_FACTS, store_id, list(subjects), since):
        found[row["subject"]].append(dict(row))
    return found


_MESSAGES: Final = """
    SELECT order_id, kind, state, reason, created_at, attempted_at, settled_at
      FROM messages
     WHERE store_id = $1 AND order_id = ANY ($2::uuid[]) AND created_at >= $3
     ORDER BY created_at, id LIMIT 1000
"""


async def _messages(
    tx: Tx, store_id: StoreId, ids: Collection[OrderId], since: datetime
) -> dict[UUID, Rows]:
    found: dict[UUID, Rows] = {id_: [] for id_ in ids}
    for row in await tx.rows(_MESSAGES, store_id, list(ids), since) if ids else ():
        found[row["order_id"]].append(dict(row))
    return found
