"""Live news: who hears what, who is let go, and how it ends."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from bopis.kernel.database import Database, DatabaseDown, Tx
from bopis.kernel.hub import WAITING, Hub, HubFull
from bopis.kernel.ids import OrderId, StoreId
from bopis.shopper.hub import OrderHub, made
from tests.bopis.shopper.world import ORDER, STORE, an_order, path, something

QUICK = timedelta(milliseconds=10)


async def when(condition: Callable[[], object]) -> None:
    """Let everything else run until something is so."""
    while not condition():  # noqa: ASYNC110 - the other side is the code under test
        await asyncio.sleep(0)


async def newest(db: Database, order_id: OrderId = ORDER) -> int:
    async with db.transaction(STORE) as tx:
        return await tx.value("SELECT max(seq) FROM events WHERE subject = $1", order_id)  # type: ignore[no-any-return]


async def test_a_reader_hears_of_a_new_fact_about_their_order_only(ordered: Database) -> None:
    other = OrderId(UUID(int=8))
    async with ordered.transaction(STORE) as tx:
        await an_order(tx, other)
    hub = made(ordered, every=QUICK)
    async with aclosing(hub.listen(STORE, ORDER, after=await newest(ordered))) as numbers:
        first = asyncio.ensure_future(anext(numbers))
        await something(ordered, other)
        await something(ordered)
        heard = await first

    assert heard == await newest(ordered)


async def test_whoever_comes_back_hears_at_once_what_they_missed(ordered: Database) -> None:
    hub = made(ordered, every=QUICK)
    before = await newest(ordered)
    await something(ordered)
    async with aclosing(hub.listen(STORE, ORDER, after=before)) as numbers:
        assert (await anext(numbers) or 0) > before


async def test_the_hub_sleeps_when_nobody_listens(ordered: Database) -> None:
    hub = made(ordered, every=QUICK)
    async with aclosing(hub.listen(STORE, ORDER, after=0)) as numbers:
        await anext(numbers)
        awake = [task for task in asyncio.all_tasks() if task.get_name() == "hub"]
    asleep = [task for task in asyncio.all_tasks() if task.get_name() == "hub"]
    await asyncio.gather(*asleep, return_exceptions=True)

    assert len(awake) == 1
    assert hub.count == 0
    assert all(task.cancelled() for task in awake)


async def test_a_slow_reader_is_let_go_and_others_are_not(ordered: Database) -> None:
    hub = made(ordered, every=QUICK)
    start = await newest(ordered)
    slow = hub.listen(STORE, ORDER, after=start)
    await something(ordered)
    await anext(slow)  # and then reads no more
    async with aclosing(hub.listen(STORE, ORDER, after=start)) as quick:
        for _ in range(WAITING + 2):
            await something(ordered)
            seen = await newest(ordered)
            while await anext(quick) != seen:
                continue
        ended = [number async for number in slow]

    assert len(ended) <= WAITING
    assert hub.count == 0


async def test_there_is_an_end_to_how_many_are_served(
    ordered: Database,
) -> None:
    hub = made(ordered, every=QUICK, readers=1)
    async with aclosing(hub.listen(STORE, ORDER, after=0)) as numbers:
        await anext(numbers)
        with pytest.raises(HubFull):
            await anext(hub.listen(STORE, ORDER, after=0))


async def test_nobody_is_told_that_there_is_no_news_by_a_hub_that_cannot_look(
    ordered: Database,
) -> None:
    fails = asyncio.Event()

    async def look(tx: Tx, store_id: StoreId, orders: Collection[OrderId]) -> dict[OrderId, int]:
        if fails.is_set():
            raise DatabaseDown("The database does not answer.")
        return {}

    hub: OrderHub = Hub(ordered, look, every=QUICK, heartbeat=5 * QUICK)
    async with aclosing(hub.listen(STORE, ORDER, after=0)) as numbers:
        assert await anext(numbers) is None
        fails.set()
        async with asyncio.timeout(20):
            assert {number async for number in numbers} <= {None}  # and then it ends

    assert hub.count == 0


async def test_a_stream_says_what_changed_and_says_goodbye(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    stop = front.state.stopping
    front.state.shopper_hub = hub = made(ordered, stopping=stop, every=QUICK)
    before = await newest(ordered)
    asking = asyncio.ensure_future(client.get(f"{path()}/live?after={before}"))
    await when(lambda: hub.count)
    await something(ordered)
    await when(lambda: any(one.seen > before for one in hub.readers(STORE, ORDER)))
    stop.set()
    answer = await asking

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert f"id: {await newest(ordered)}\nevent: changed\n" in answer.text
    assert answer.text.endswith("event: bye\ndata: \n\n")


async def test_the_browser_s_own_number_counts(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    stop = front.state.stopping
    front.state.shopper_hub = hub = made(ordered, stopping=stop, every=QUICK)
    seen = {"last-event-id": str(await newest(ordered))}
    asking = asyncio.ensure_future(client.get(f"{path()}/live?after=0", headers=seen))
    await when(lambda: hub.count)
    stop.set()

    assert "changed" not in (await asking).text


@pytest.mark.parametrize("number", ["-1", "9" * 30, "x"])
async def test_a_number_that_is_none_is_refused(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, number: str
) -> None:
    assert (await client.get(f"{path()}/live?after={number}")).status_code == 422


async def test_a_forged_link_has_no_stream(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    answer = await client.get(f"/o/S0042.{'A' * 44}/live")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:bopis:problem:link-unknown"
