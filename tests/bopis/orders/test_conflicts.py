"""A number below what is promised: who would go without hears of it in time, and of its end."""

import pytest

from bopis.kernel.ids import OrderId, inward
from bopis.orders import orders
from bopis.orders.models import Order
from bopis.orders.states import Attention
from bopis.orders.watching import watchdog
from bopis.promises.promise import PromiseStatus
from inventory import stock
from inventory.events import StockConflictClosed, StockConflictDeepened, StockConflictOpened
from notifications.facts import DelayReason
from notifications.wording import REASONS
from tests.journeys.day import JAM, MINUTE, S1, Day, a_handheld, wanted

LATE = "Your order will be late: now by 2 PM today"
SETTLED = "The doubt about your order is settled: ready by 2 PM today"


@pytest.fixture(autouse=True)
async def _somebody_is_there(shop: Day) -> None:
    await a_handheld(shop.db, shop.client, shop.clock)


async def jam_for(shop: Day, reference: str, quantity: int = 3) -> OrderId:
    placed = await shop.placed(reference, lines=wanted(jam=quantity))
    shop.read()
    return OrderId(inward(placed["order_id"])[1])


async def counted(shop: Day, units: int) -> None:
    """Let the store's word on jam be this, and the facts be carried; no sweep comes by."""
    async with shop.db.transaction(S1) as tx:
        await stock.count(tx, S1, JAM, units, cause=None, source="count")
    await shop.settle()


async def get(shop: Day, order_id: OrderId) -> Order:
    async with shop.db.transaction(S1) as tx:
        return await orders.get(tx, S1, order_id)


async def test_a_doubt_that_costs_the_promise_is_apologized_for_at_once(shop: Day) -> None:
    order_id = await jam_for(shop, "W-1")
    before = await get(shop, order_id)
    shop.clock.advance(15 * MINUTE)

    await counted(shop, 1)

    assert shop.read() == [LATE]
    assert REASONS[DelayReason.STOCK_CORRECTED] in " ".join(shop.letters[-1].words.text.split())
    order = await get(shop, order_id)
    assert shop.clock() < before.promised_at < order.promised_at
    assert order.promise_status is PromiseStatus.DELAYED
    assert order.attention is Attention.STAFF_NEEDED
    [signal] = await shop.rows("SELECT * FROM delay_signals")
    assert signal["hard_evidence"] == "stock_conflict"
    assert signal["p_late"] >= signal["threshold"]


async def test_a_doubt_that_leaves_time_to_look_is_seen_by_the_store_alone(shop: Day) -> None:
    order_id = await jam_for(shop, "W-1")
    calm = await get(shop, order_id)

    await counted(shop, 1)

    order = await get(shop, order_id)
    assert shop.read() == []
    assert order.promised_at == calm.promised_at
    assert order.promise_status is PromiseStatus.AT_RISK
    assert order.attention is Attention.STAFF_NEEDED
    assert order.estimate_at is not None
    assert order.estimate_at > calm.promised_at


async def test_the_first_promise_is_served_first(shop: Day) -> None:
    first = await jam_for(shop, "W-1")
    shop.clock.advance(MINUTE)
    last = await jam_for(shop, "W-2")

    await counted(shop, 4)

    assert (await get(shop, first)).attention is Attention.NONE
    assert (await get(shop, last)).attention is Attention.STAFF_NEEDED
    [signal] = await shop.rows("SELECT order_id, hard_evidence FROM delay_signals")
    assert signal == {"order_id": last, "hard_evidence": "stock_conflict"}


async def test_what_is_in_a_tote_is_not_in_doubt(shop: Day) -> None:
    first = await jam_for(shop, "W-1")
    shop.clock.advance(MINUTE)
    last = await jam_for(shop, "W-2")
    await shop.db.pool.execute(
        "UPDATE order_lines SET reserved = 0, picked = 3 WHERE order_id = $1", last
    )

    await counted(shop, 4)

    assert (await get(shop, first)).attention is Attention.STAFF_NEEDED
    assert (await get(shop, last)).attention is Attention.NONE


async def test_a_conflict_that_grows_is_looked_at_again_at_once(shop: Day) -> None:
    first = await jam_for(shop, "W-1")
    shop.clock.advance(MINUTE)
    await jam_for(shop, "W-2")
    await counted(shop, 4)

    await counted(shop, 1)

    assert (await get(shop, first)).attention is Attention.STAFF_NEEDED
    facts = await shop.rows("SELECT name FROM events WHERE name LIKE 'stock.conf%' ORDER BY seq")
    assert [fact["name"] for fact in facts] == [
        StockConflictOpened.name,
        StockConflictDeepened.name,
    ]
    [conflict] = await shop.rows("SELECT on_hand, reserved FROM stock_conflicts")
    assert conflict == {"on_hand": 1, "reserved": 6}


async def test_saying_the_same_again_changes_nothing(shop: Day) -> None:
    order_id = await jam_for(shop, "W-1")
    shop.clock.advance(15 * MINUTE)
    await counted(shop, 1)
    shop.read()
    before = await get(shop, order_id)

    await counted(shop, 1)
    await counted(shop, 0)
    await watchdog.sweep(shop.db)
    await shop.settle()

    after = await get(shop, order_id)
    assert shop.read() == []
    assert (after.promise_version, after.promised_at) == (2, before.promised_at)


async def test_an_end_of_the_doubt_is_told_to_whoever_heard_of_it_once(shop: Day) -> None:
    order_id = await jam_for(shop, "W-1")
    shop.clock.advance(15 * MINUTE)
    await counted(shop, 1)
    told = await get(shop, order_id)
    shop.read()
    shop.clock.advance(MINUTE)

    await counted(shop, 9)

    assert shop.read() == [SETTLED]
    order = await get(shop, order_id)
    assert order.promised_at == told.promised_at
    assert order.attention is Attention.NONE
    assert order.p_late is not None
    assert told.p_late is not None
    assert order.p_late < told.p_late
    assert StockConflictClosed.name in [
        row["name"] for row in await shop.rows("SELECT name FROM events")
    ]

    for units in (1, 9, 1, 9):
        shop.clock.advance(MINUTE / 4)
        await counted(shop, units)
        await watchdog.sweep(shop.db)
        await shop.settle()
    assert shop.read() == []
    assert (await get(shop, order_id)).promise_version == 2


async def test_who_never_heard_of_a_doubt_hears_nothing_of_its_end(shop: Day) -> None:
    order_id = await jam_for(shop, "W-1")
    await counted(shop, 1)
    await counted(shop, 9)

    order = await get(shop, order_id)
    assert shop.read() == []
    assert order.attention is Attention.NONE
    assert order.promise_status is PromiseStatus.ON_TRACK


async def test_who_heard_only_the_later_time_hears_of_no_doubt(shop: Day) -> None:
    await shop.order(lines=wanted(jam=3))  # and nothing is carried or sent
    shop.clock.advance(20 * MINUTE)
    await counted(shop, 1)
    assert shop.read() == ["Not ready yet: your order will be ready by 1:30 PM today"]

    await counted(shop, 9)
    await watchdog.sweep(shop.db)
    await shop.settle()

    assert shop.read() == []


async def test_a_doubt_may_cost_two_apologies_and_never_a_third(shop: Day) -> None:
    order_id = await jam_for(shop, "W-1")
    await counted(shop, 1)

    await shop.wait(180 * MINUTE)

    said = [subject.split(":")[0] for subject in shop.read()]
    assert said.count("Your order will be late") == 2
    order = await get(shop, order_id)
    assert order.promise_version == 3
    assert order.attention is Attention.STAFF_NEEDED
