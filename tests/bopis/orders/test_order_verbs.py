"""The verbs of an order, against PostgreSQL, where a story over HTTP would not show them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from associates.events import PickLineFound, PickStaged, PickStarted
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, TaskId, inward
from bopis.orders import commands, orders, our_word, picking
from bopis.orders.models import Order
from bopis.orders.orders import OrderUnknown
from bopis.orders.states import CancelReason, OrderState
from bopis.orders.telling import truth
from bopis.orders.watching import watchdog
from bopis.promises import promises
from bopis.promises.promise import PromiseStatus
from inventory import stores
from notifications import messages
from notifications.facts import DelayReason
from tests.journeys.day import MINUTE, OAT, S1, Day, a_handheld, at, wanted


async def an_order(shop: Day, reference: str = "W-1", **more: Any) -> OrderId:
    placed = await shop.placed(reference, **more)
    return OrderId(inward(placed["order_id"])[1])


async def in_one(shop: Day, act: Callable[[Tx], Awaitable[None]]) -> None:
    async with shop.db.transaction(S1) as tx:
        await act(tx)


async def get(shop: Day, order_id: OrderId) -> Order:
    async with shop.db.transaction(S1) as tx:
        return await orders.get(tx, S1, order_id)


async def estimate(
    tx: Tx, order_id: OrderId, by: timedelta, reason: DelayReason = DelayReason.QUEUE
) -> Order:
    order = await orders.get(tx, S1, order_id)
    return await our_word.update_estimate(
        tx, S1, order_id, order.promised_at + by, reason=reason, p_late=0.9
    )


async def test_one_estimate_moves_the_promise_once(shop: Day) -> None:
    order_id = await an_order(shop)
    first = await get(shop, order_id)
    ready_by = first.promised_at + 20 * MINUTE

    for _ in range(3):
        async with shop.db.transaction(S1) as tx:
            await our_word.update_estimate(
                tx, S1, order_id, ready_by, reason=DelayReason.QUEUE, p_late=0.9
            )

    moved = await get(shop, order_id)
    assert moved.promise_version == 2
    assert moved.promised_at >= ready_by
    assert moved.promise_status is PromiseStatus.DELAYED
    assert (await shop.facts()).count("order.delayed") == 1
    async with shop.db.transaction(S1) as tx:
        said = await promises.versions(tx, S1, order_id)
    assert [promise.latest for promise in said] == [first.promised_at, moved.promised_at]


async def test_whoever_is_told_of_a_delay_keeps_their_place_on_the_list(shop: Day) -> None:
    handheld = await a_handheld(shop.db, shop.client, shop.clock)
    first = await shop.placed("W-1")
    shop.clock.advance(5 * MINUTE)
    second = await shop.placed("W-2", lines=wanted(oat=3))
    id_, promised = OrderId(inward(first["order_id"])[1]), at(first["promise"]["latest"])
    assert promised < at(second["promise"]["latest"])

    async with shop.db.transaction(S1) as tx:
        await estimate(tx, id_, 60 * MINUTE)
    await shop.settle()

    listed = (await handheld.get("tasks"))["data"]["tasks"]
    assert [task["number"] for task in listed] == [first["number"], second["number"]]
    assert at(listed[0]["due_at"]) == promised
    async with shop.db.transaction(S1) as tx:
        outlook = await promises.outlook(tx, S1)
    assert outlook.before[id_] == (0, 0)


async def test_a_small_slip_is_a_risk_and_not_yet_an_apology(shop: Day) -> None:
    order_id = await an_order(shop)

    async with shop.db.transaction(S1) as tx:
        order = await estimate(tx, order_id, 9 * MINUTE)

    assert order.promise_status is PromiseStatus.AT_RISK
    assert order.promise_version == 1
    assert "order.delayed" not in await shop.facts()


async def test_a_delay_that_was_overtaken_is_not_apologized_for(shop: Day) -> None:
    order_id = await an_order(shop)
    async with shop.db.transaction(S1) as tx:
        await estimate(tx, order_id, 20 * MINUTE)
        await orders.cancel(tx, S1, order_id, reason=CancelReason.SHOPPER_REQUEST)
    await shop.settle()

    assert shop.read()[1:] == ["Your order is cancelled, as you asked"]


async def test_who_has_heard_no_promise_is_told_the_true_one(shop: Day) -> None:
    answer = (await shop.order()).json()
    order_id = OrderId(inward(answer["order_id"])[1])
    async with shop.db.transaction(S1) as tx:
        moved = await estimate(tx, order_id, 20 * MINUTE)
    await shop.settle()

    [said] = shop.read()
    assert said.startswith("Not ready yet")
    async with shop.db.transaction(S1) as tx:
        assert await messages.told(tx, S1, order_id) == moved.promised_at


async def test_an_ended_order_takes_in_no_estimate(shop: Day) -> None:
    order_id = await an_order(shop)
    async with shop.db.transaction(S1) as tx:
        await orders.cancel(tx, S1, order_id, reason=CancelReason.FRAUD_HOLD)
    before = await get(shop, order_id)
    async with shop.db.transaction(S1) as tx:
        await estimate(tx, order_id, 60 * MINUTE)

    assert (await get(shop, order_id)) == before


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (CancelReason.STORE_CLOSED, OrderState.REJECTED),
        (CancelReason.PAYMENT_FAILED, OrderState.CANCELLED),
    ],
)
async def test_a_store_that_refuses_before_anybody_picks_has_rejected(
    shop: Day, reason: CancelReason, state: OrderState
) -> None:
    order_id = await an_order(shop)
    async with shop.db.transaction(S1) as tx:
        order = await orders.cancel(tx, S1, order_id, reason=reason)

    assert order.state is state
    assert order.closed_at == shop.clock()


async def test_a_promise_of_the_evening_is_moved_to_the_morning(shop: Day) -> None:
    shop.clock.advance(timedelta(hours=8))  # 8 PM, an hour before closing
    order_id = await an_order(shop)

    async with shop.db.transaction(S1) as tx:
        order = await our_word.update_estimate(
            tx,
            S1,
            order_id,
            at("2026-03-07T02:58:00+00:00"),  # 8:58 PM; a quarter past nine nobody is there
            reason=DelayReason.QUEUE,
            p_late=0.9,
        )

    assert order.promised_at == at("2026-03-07T15:00:00+00:00")


async def test_where_the_doors_do_not_open_again_no_time_is_named(shop: Day) -> None:
    order_id = await an_order(shop)
    first = await get(shop, order_id)
    await shop.db.pool.execute("DELETE FROM store_hours")

    for _ in range(2):
        async with shop.db.transaction(S1) as tx:
            stores.forget(tx, S1)
            order = await estimate(tx, order_id, timedelta(hours=1))

    assert (order.promised_at, order.promise_version) == (first.promised_at, 2)
    assert order.promise_status is PromiseStatus.DELAYED
    assert order.next_update_due_at == shop.clock() + 30 * MINUTE
    [said] = await shop.rows("SELECT payload FROM events WHERE name = 'order.delayed'")
    assert said["payload"]["promised_at"] is None


async def test_facts_of_the_floor_about_an_ended_order_change_nothing(shop: Day) -> None:
    order_id = await an_order(shop)
    async with shop.db.transaction(S1) as tx:
        await orders.cancel(tx, S1, order_id, reason=CancelReason.SHOPPER_REQUEST)
    before = await get(shop, order_id)
    task = TaskId(uuid4())
    about: dict[str, Any] = {"store_id": S1, "order_id": order_id, "task_id": task}

    async with shop.db.transaction(S1) as tx:
        await tx.emit(PickStarted(**about))
        await tx.emit(PickLineFound(**about, line=1, sku=OAT, quantity=1, scan_id=uuid4()))
        await tx.emit(PickStaged(**about, place="P", scan_id=uuid4()))

    assert (await get(shop, order_id)) == before


async def test_ready_without_a_scan_is_our_own_bug(shop: Day) -> None:
    order_id = await an_order(shop)

    async def claim_it_is_ready(tx: Tx) -> None:
        for line, quantity in ((1, 2), (2, 1)):
            await picking.found(tx, S1, order_id, line, quantity)
        await picking.make_ready(tx, S1, order_id, place="P", scans=[uuid4()])

    with pytest.raises(AssertionError):
        await in_one(shop, claim_it_is_ready)

    assert (await get(shop, order_id)).state is OrderState.ACCEPTED


async def test_a_message_is_asked_once_more_whether_it_is_true(shop: Day) -> None:
    answer = (await shop.order()).json()
    order_id = OrderId(inward(answer["order_id"])[1])
    from bopis.kernel import relay  # noqa: PLC0415 -- facts without the sender

    await relay.drain(shop.db)
    async with shop.db.transaction(S1) as tx:
        [message] = await messages.history(tx, S1, order_id)
        assert await truth.still_true(tx, message) is None
        message.promise_version = 2
        assert await truth.still_true(tx, message) is not None
        link = await truth.link_for(tx, S1, order_id)
    assert link == answer["status_url"]


async def test_what_a_store_has_learned_is_what_it_promises_by(shop: Day) -> None:
    for n in range(25):
        await shop.db.pool.execute(
            "INSERT INTO preparations (store_id, order_id, base_minutes, open_minutes,"
            " pick_minutes, units, known_at) VALUES ('S1', $1, 10, $2, 6, 3, $3)",
            uuid4(),
            float(10 + n),
            shop.clock(),
        )
    mine = (await shop.order()).json()["promise"]
    shop.db.memory.clear()
    neighbor = (await shop.order(store_id="S2")).json()["promise"]

    assert (mine["basis"], mine["sample_size"]) == ("store", 25)
    assert (neighbor["basis"], neighbor["sample_size"]) == ("pooled", 25)


async def test_a_miss_is_learned_from_when_the_promise_passes(shop: Day) -> None:
    order_id = await an_order(shop)
    first = (await get(shop, order_id)).promised_at
    await shop.wait(first - shop.clock() + 2 * MINUTE)

    [known] = await shop.rows("SELECT * FROM preparations")
    assert known["order_id"] == order_id
    assert known["open_minutes"] == pytest.approx((first - at_noon(shop)) / MINUTE)
    assert known["pick_minutes"] is None


def at_noon(shop: Day) -> Any:
    return at("2026-03-06T18:00:00+00:00")


async def test_a_sweep_writes_nothing_when_nothing_is_new(shop: Day) -> None:
    await an_order(shop)
    await watchdog.sweep(shop.db)
    before = await shop.rows("SELECT xmin::text, * FROM orders")
    await watchdog.sweep(shop.db)

    assert await shop.rows("SELECT xmin::text, * FROM orders") == before


async def test_one_order_in_trouble_does_not_silence_the_others(
    shop: Day, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await an_order(shop, "W-1")
    sound = await an_order(shop, "W-2")
    await shop.db.pool.execute("DELETE FROM promises WHERE order_id = $1 AND version > 1", broken)
    shop.clock.advance(60 * MINUTE)
    async with shop.db.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM orders WHERE id = $1 FOR UPDATE", broken)
        done = await watchdog.sweep(shop.db)

    assert done == 1
    assert (await get(shop, sound)).promise_version == 2
    assert (await get(shop, broken)).promise_version == 1


async def test_explain_tells_the_story_of_an_order(shop: Day) -> None:
    order_id = await an_order(shop)
    async with shop.db.transaction(S1) as tx:
        order = await orders.get(tx, S1, order_id)
        assert await orders.find(tx, order.number) == (S1, order_id)
        told = commands.told(
            order,
            await orders.history(tx, S1, order_id),
            await messages.history(tx, S1, order_id),
        )
        with pytest.raises(OrderUnknown):
            await orders.find(tx, "000-000")

    story = "\n".join(told)
    assert told[0].startswith(f"{order.number} (S1, shop W-1) is accepted")
    assert "order.accepted" in story
    assert "by key:shop" in story
    assert "order_received is sent" in story
    assert "ada@" not in story


async def test_cancel_and_scan_at_once_end_in_one_truth(shop: Day) -> None:
    """Whoever is first, no unit is lost: what was picked is to be put back."""
    order_id = await an_order(shop)
    task = TaskId((await shop.rows("SELECT id FROM pick_tasks"))[0]["id"])

    async def pick() -> None:
        async with shop.db.transaction(S1) as tx:
            await tx.run(
                "SELECT 1 FROM pick_tasks WHERE store_id = $1 AND id = $2 FOR UPDATE", S1, task
            )
            await tx.emit(PickStarted(store_id=S1, order_id=order_id, task_id=task))

    async def cancel() -> None:
        async with shop.db.transaction(S1) as tx:
            await orders.cancel(tx, S1, order_id, reason=CancelReason.SHOPPER_REQUEST)

    await asyncio.gather(pick(), cancel())

    assert (await get(shop, order_id)).state is OrderState.CANCELLED
    assert await shop.stock(OAT) == (200, 0, 0)
