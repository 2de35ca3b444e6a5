"""What stands on the desk of store operations: its pages, and what may have gone wrong."""

import re
from datetime import timedelta

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.layout.floor import Floor, Point, PointKind, Way
from tests.bopis.trust import world

S1, S2 = StoreId("S1"), StoreId("S2")

READY = f"S1.{world.order_id(world.STAGED).hex}"

ELSEWHERE = f"S2.{world.order_id(world.STAGED).hex}"

PAGES = (
    "",
    "/stores",
    "/orders",
    "/orders?show=all",
    "/feeds",
    "/conflicts",
    "/counts",
    "/stock",
    "/stock?q=nothing+like+it",
    "/dead-letters",
    "/report",
    "/trust",
    "/devices",
    "/floor",
    f"/orders/{READY}",
)


def token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def conflict(db: Database, store_id: StoreId = S1) -> str:
    """Let a store have less than it has promised; return the conflict's outward id."""
    async with db.transaction(store_id) as tx:
        await tx.run("UPDATE stock SET on_hand = 1 WHERE store_id = $1", store_id)
        await tx.run(
            "UPDATE stock_ledger SET on_hand = on_hand - 17"
            " WHERE store_id = $1 AND kind = 'feed_set'",
            store_id,
        )
        await tx.run(
            "INSERT INTO stock_conflicts (store_id, id, sku, source, on_hand, reserved, opened_at)"
            " VALUES ($1, $2, 'oats', 'pos', 1, 4, $3)",
            store_id,
            world.event_id(9, 9),
            tx.now - timedelta(minutes=20),
        )
    return f"{store_id}.{world.event_id(9, 9).hex}"


async def dead_letter(db: Database, store_id: StoreId = S1) -> dict[str, str]:
    async with db.transaction(store_id) as tx:
        await tx.run(
            "INSERT INTO deliveries (store_id, event_id, subscriber, subject, seq, due_at,"
            " attempts, error, dead_at)"
            " VALUES ($1, $2, 'a.handlers.send_it', $3, 1, clock_timestamp(), 8,"
            " 'KeyError: <b>x</b>', clock_timestamp() - interval '5 minutes')",
            store_id,
            world.event_id(1, 1),
            world.order_id(1),
        )
    return {
        "event": f"{store_id}.{world.event_id(1, 1).hex}",
        "subscriber": "a.handlers.send_it",
    }


PLAN = Floor(
    (
        Way("1", (0, 0), (0, 20), bays=(1, 10)),
        Way("2", (5, 0), (5, 20), bays=(1, 10), is_one_way=True),
        Way("3 <b>", (9, 0), (9, 20), zone="Cold"),
        Way("front", (0, 0), (9, 0), is_cross=True),
    ),
    (Point(PointKind.COUNTER, 0, -3, "Pickup"),),
)
