"""A whole order on the schema that is cut into pieces: each transaction stays in one piece."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx
import pytest

from bopis import app as roof
from bopis.kernel import keys
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.trust.verify import verify
from tests.databases import admin, in_database
from tests.journeys.day import JAM, MINUTE, OAT, Day, a_day, wanted
from tests.schema import shadow

_TOUCHED: Final = r"""
    SELECT DISTINCT substring(c.relname FROM '_p\d$') AS piece, c.relname AS name
      FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
     WHERE l.pid = pg_backend_pid() AND c.relispartition AND c.relkind = 'r'
"""
"""A plan locks what it may look at, and nothing that it has left out."""


class Watched(Database):
    """A database that writes down which pieces each transaction of a store has touched."""

    def __init__(self, *about: Any, **more: Any) -> None:
        super().__init__(*about, **more)
        self.touched: list[tuple[StoreId, str, dict[str, set[str]]]] = []

    @asynccontextmanager
    async def transaction(
        self,
        store_id: StoreId | None = None,
        *,
        actor: str = "system",
        on: asyncpg.Connection | None = None,
    ) -> AsyncIterator[Tx]:
        async with super().transaction(store_id, actor=actor, on=on) as tx:
            yield tx
            await tx.flush()
            if store_id is None:
                return
            pieces: dict[str, set[str]] = {}
            for row in await tx.rows(_TOUCHED):
                pieces.setdefault(row["piece"], set()).add(row["name"])
            self.touched.append((store_id, actor, pieces))


@pytest.fixture
async def dsn(server: str) -> AsyncIterator[str]:
    name = f"pieces_{uuid4().hex}"
    await admin(server, f"CREATE DATABASE {name}")
    # A plan for any store would lock every piece before it leaves out all but one.
    await admin(server, f"ALTER DATABASE {name} SET plan_cache_mode = force_custom_plan")
    await admin(in_database(server, name), ";".join(shadow.ddl()))
    yield in_database(server, name)
    await admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def db(dsn: str, clock: ManualClock) -> AsyncIterator[Watched]:
    async with Watched.connect(dsn, clock=clock, routes=roof.routes()) as connected:
        yield connected


async def test_an_order_from_accept_to_collected_stays_in_its_piece(
    db: Watched, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    day = await a_day(db, client, clock)
    roof.configure_sending(post=day.post)
    await _feed(day)

    placed = await day.placed(lines=wanted(oat=1, jam=1))
    await day.wait(2 * MINUTE)
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.handheld.stage(path, fence)
    await day.settle()
    ready = await day.look(placed["order_id"])
    await day.handheld.say(f"counter/{ready['pickup_code']}/hand-over")
    await day.settle()

    assert (await day.look(placed["order_id"]))["state"] == "picked_up"
    assert (await day.stock(JAM))[0] == 0
    assert [one for one in db.touched if len(one[2]) > 1] == []
    tables = {name[:-3] for *_, pieces in db.touched for name in set().union(*pieces.values())}
    assert {"orders", "order_lines", "stock", "promises", "scans", "messages", "events"} <= tables
    assert {one.invariant.id: one.examples for one in await verify(db) if one.count} == {}


async def _feed(day: Day) -> None:
    """Let the stock system say what there is."""
    async with day.db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.FEED, "erp")
    answer = await day.client.put(
        "/v1/feeds/erp/batches/b1",
        params={"kind": "snapshot", "as_of": day.clock().isoformat(), "sequence": 1},
        content="store_id,sku,quantity\nS1,oat,9\nS1,rye,9\nS1,jam,9\nS2,oat,4\n",
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
