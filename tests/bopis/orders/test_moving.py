"""What moves to another store lives on there exactly once, whoever dies when."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bopis.kernel.database import Database
from bopis.kernel.ids import OrderId, Sku, StoreId, inward
from bopis.ops.today import overview
from bopis.orders import orders
from bopis.orders.amends import apologies
from bopis.orders.amends.apology import Past, Said
from bopis.orders.amends.credit import Incident
from bopis.orders.choices import choices, refinding
from bopis.orders.choices.choice import Via
from bopis.orders.choices.choices import Taken
from bopis.orders.counter import collecting
from bopis.orders.moving import moving
from bopis.trust import report
from bopis.trust.verify import verify
from inventory import stock
from notifications.facts import Choice
from tests.bopis.orders.test_baskets import Dead, Mortal
from tests.inventory.shelves import unexplained
from tests.journeys.day import JAM, MINUTE, OAT, RYE, S1, S2, Day, a_handheld, wanted

ASK = 4 * MINUTE
SHOP = "shopper"


@pytest.fixture
async def day(shop: Day) -> Day:
    shop.handheld = await a_handheld(shop.db, shop.client, shop.clock)
    return shop


def order_of(placed: dict[str, Any]) -> OrderId:
    return OrderId(inward(placed["order_id"])[1])


async def asked(day: Day, reference: str = "W-1", **lines: int) -> tuple[dict[str, Any], str, int]:
    """Place an order of oat and rye, find the oat, give the rye up, and have the question put."""
    placed = await day.placed(reference, lines=wanted(**(lines or {"oat": 1, "rye": 1})))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(ASK, step=ASK)
    day.read()
    return placed, path, fence


async def chosen(
    day: Day, placed: dict[str, Any], choice: Choice = Choice.OTHER_STORE, number: int = 1
) -> Taken:
    """Say what was chosen, and no more: as a process that dies right after."""
    target = S2 if choice is Choice.OTHER_STORE else None
    async with day.db.transaction(S1, actor=SHOP) as tx:
        return await choices.answer(
            tx, S1, order_of(placed), number, choice, via=Via.PAGE, target=target
        )


async def moved(day: Day, placed: dict[str, Any]) -> Taken:
    """Choose the other store, as the page does."""
    taken = await chosen(day, placed)
    await moving.carry_on(day.db, S1, order_of(placed), actor=SHOP)
    return taken


async def children(day: Day) -> list[dict[str, Any]]:
    return await day.rows("SELECT * FROM orders WHERE moved_order IS NOT NULL ORDER BY accepted_at")


async def units(day: Day, placed: dict[str, Any]) -> list[dict[str, int]]:
    return [line["units"] for line in (await day.look(placed["order_id"]))["lines"]]


async def count(day: Day, sku: Sku, n: int, store_id: StoreId = S1) -> None:
    async with day.db.transaction(store_id) as tx:
        await stock.count(tx, store_id, sku, n, cause=None, source="count")


async def is_sound(day: Day) -> None:
    assert {one.invariant.id: one.examples for one in await verify(day.db) if one.count} == {}
    assert await unexplained(day.db) == []


async def test_what_is_missing_moves_and_the_rest_goes_on(day: Day) -> None:
    placed, path, fence = await asked(day)

    first, second = await asyncio.gather(moved(day, placed), moved(day, placed))
    await day.settle()

    assert {first, second} == {Taken.TAKEN, Taken.AGAIN}
    assert await units(day, placed) == [{"picked": 1}, {"rerouted": 1}]
    [child] = await children(day)
    assert (child["store_id"], child["state"], child["awaits_basket"]) == (S2, "accepted", False)
    assert (child["moved_store"], child["moved_from"]) == (S1, placed["number"])
    assert (await day.stock(RYE, S2))[1] == 1
    letter = day.letters[-1]
    assert day.read() == [letter.words.subject]
    assert letter.words.subject.startswith("Moved to Lakeview 1: not ready yet, ready by ")
    assert f"The rest of order {placed['number']} stays at Lakeview 0" in " ".join(
        letter.words.text.split()
    )
    assert letter.to == "ada@shopper.example"
    [walk] = await day.rows("SELECT number FROM pick_tasks WHERE store_id = 'S2'")
    assert walk["number"] == child["number"]

    await day.handheld.stage(path, fence)
    await day.settle()
    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
    assert await chosen(day, placed, Choice.CANCEL_ORDER) is Taken.OVER
    day.read()
    assert (await day.cancel(placed["order_id"])).json()["state"] == "cancelled"
    await day.settle()
    assert day.read() == ["Your order is cancelled, as you asked"]
    assert (await children(day))[0]["state"] == "accepted"
    await is_sound(day)


async def test_what_moves_takes_its_share_of_the_money_and_what_they_have_met_with_along(
    day: Day,
) -> None:
    paid = {"amount": "40.00", "currency": "EUR"}
    placed = await day.placed(lines=wanted(oat=3, rye=1), total=paid)
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT, OAT)
    id_ = order_of(placed)
    async with day.db.transaction(S1) as tx:
        order = await orders.lock(tx, S1, id_)
        await apologies.met(tx, order, Incident.LATE, order_version=order.version)
    await day.handheld.short(path, fence, line=2)
    await day.wait(ASK, step=ASK)

    assert await moved(day, placed) is Taken.TAKEN

    [child] = await children(day)
    async with day.db.transaction(S1) as tx:
        left = (await orders.get(tx, S1, id_)).total
    async with day.db.transaction(S2) as tx:
        new = await orders.lock(tx, S2, OrderId(child["id"]))
        past = await apologies.past(tx, new)
        again, owed = await apologies.met(tx, new, Incident.LATE, order_version=new.version)
    assert (child["total"], child["currency"], left) == (Decimal("10.00"), "EUR", Decimal("30.00"))
    assert past == Past(of_order=1, of_customer=1, elsewhere=1)
    assert (again.said, again.call_by is None) == (Said.PERSON, False)
    assert owed is not None
    assert owed.amount == Decimal("1.00")
    await is_sound(day)


async def test_an_order_of_which_nothing_is_left_has_moved_as_a_whole(day: Day) -> None:
    placed, *_ = await asked(day, oat=1, rye=1)
    other = await day.placed("W-2", lines=wanted(jam=2))
    path, fence = await day.handheld.claim(other["number"])
    await day.handheld.short(path, fence, line=1)
    await day.wait(ASK, step=ASK)
    day.read()

    assert await moved(day, other) is Taken.TAKEN
    await day.settle()

    ended = await day.look(other["order_id"])
    assert (ended["state"], ended["close_reason"]) == ("rerouted", "rerouted")
    assert ended["lines"][0]["units"] == {"rerouted": 2}
    assert [subject.partition(":")[0] for subject in day.read()] == ["Moved to Lakeview 1"]
    assert "has ended there" in " ".join(day.letters[-1].words.text.split())
    assert (await day.stock(JAM, S2))[1] == 2
    assert (await day.look(placed["order_id"]))["state"] == "picking"
    assert await moved(day, placed) is Taken.TAKEN
    async with day.db.transaction() as tx:
        told = await report.measure(tx, tx.now - timedelta(days=1), tx.now + MINUTE)
        page = overview.figures(told, [])
    assert (told.accepted, told.in_place_of_others, told.cancelled) == (4, 2, 0)
    assert (told.moved, told.moved_in_part) == (1, 1)
    assert "Moved to another store            1" in told.to_text()
    assert page[0].sample == "no orders refused, 1 moved to another store"
    await is_sound(day)


@pytest.mark.parametrize("left", [200, 0])
async def test_whoever_dies_when_it_lives_on_once_or_not_at_all(day: Day, left: int) -> None:
    """A process dies after its first commit, its second, and so on until it lives to the end."""
    for lives in range(1, 20):
        await count(day, RYE, 200)
        placed, *_ = await asked(day, f"W-{lives}")
        if left == 0:
            await day.db.pool.execute(
                "UPDATE stock SET safety = 500 WHERE store_id = 'S2' AND sku = 'rye'"
            )
        day.db.memory.clear()
        db = Mortal(day.db.pool, clock=day.clock, ids=day.db.ids, routes=day.db.routes)
        db.lives = lives
        died = False
        try:
            await _tapped(db, placed)
        except Dead:
            died = True

        day.clock.advance(moving.PATIENCE)
        await moving.sweep(day.db)
        await moving.sweep(day.db)
        await day.settle()

        has_moved = (await units(day, placed))[1] == {"rerouted": 1}
        new = [x for x in await children(day) if x["moved_order"] == order_of(placed)]
        assert has_moved == (left > 0), f"after {lives} commits"
        assert [x["state"] for x in new] == (["accepted"] if has_moved else [])
        said = [subject.partition(":")[0] for subject in day.read()]
        assert said == ["Moved to Lakeview 1" if has_moved else "Please choose"]
        if left == 0:
            assert "Lakeview 1 cannot give it to you after all" in day.letters[-1].words.text
            await day.db.pool.execute(
                "UPDATE stock SET safety = 0 WHERE store_id = 'S2' AND sku = 'rye'"
            )
        if not died:
            break
    else:
        raise AssertionError("it never lived to the end")
    assert lives > 3
    assert (await day.stock(RYE, S2))[1] == (lives if left else 0)
    await is_sound(day)


async def _tapped(db: Database, placed: dict[str, Any]) -> None:
    async with db.transaction(S1, actor=SHOP) as tx:
        await choices.answer(
            tx, S1, order_of(placed), 1, Choice.OTHER_STORE, via=Via.PAGE, target=S2
        )
    await moving.carry_on(db, S1, order_of(placed), actor=SHOP)


async def test_four_ends_at_one_moment_and_one_of_them_happens(day: Day) -> None:
    """The answer, the default, a find and the hand-over at once, early and late, in any order."""
    ends: set[str] = set()
    for n in range(4):
        await count(day, RYE, 200)
        placed, path, fence = await asked(day, f"W-{n}")
        id_ = order_of(placed)
        if n % 2:  # with a bag at the counter: what is found no longer changes it
            await day.handheld.stage(path, fence)
            await day.settle()
        before = (await day.stock(RYE, S2))[1]
        await count(day, RYE, 50)
        [case] = await day.rows("SELECT * FROM choice_cases WHERE order_id = $1", id_)
        late = n % 4 > 1
        if late:
            day.clock.advance(case["answer_by"] - day.clock() + MINUTE)
        acts = [moved(day, placed), moved(day, placed)]
        acts.insert(n % 3, _by_itself(day, id_, collecting.collect))
        acts.insert(n % 4, _by_itself(day, id_, refinding.found))
        acts.insert(n % 5, _by_itself(day, id_, choices.default))

        await asyncio.gather(*acts)
        day.clock.advance(moving.PATIENCE)
        await moving.sweep(day.db)
        await day.settle()

        order = await day.look(placed["order_id"])
        [end] = order["lines"][1]["units"].items()
        new = [x for x in await children(day) if x["moved_order"] == id_ and x["closed_at"] is None]
        assert end in {("rerouted", 1), ("cancelled", 1), ("reserved", 1)}
        assert order["state"] == ("picked_up" if n % 2 else "picking")
        assert len(new) == (end == ("rerouted", 1))
        assert (await day.stock(RYE, S2))[1] == before + len(new)
        assert not (late and new), "an answer that came too late"
        [row] = await day.rows("SELECT state FROM choice_cases WHERE order_id = $1", id_)
        assert row["state"] not in {"opened", "offered"}
        ends.add(end[0])
        await day.cancel(placed["order_id"])
        await day.settle()
        day.read()
    assert len(ends) > 1
    await is_sound(day)


async def _by_itself(day: Day, id_: OrderId, verb: Any) -> Taken:
    async with day.db.transaction(S1) as tx:
        await verb(tx, S1, id_)
    return Taken.OVER


async def test_what_changed_meanwhile_does_not_move_and_is_never_heard_of(day: Day) -> None:
    placed, *_ = await asked(day)
    assert await chosen(day, placed) is Taken.TAKEN
    async with day.db.transaction(S1) as tx:  # and before the other store is asked
        assert (
            await choices.answer(tx, S1, order_of(placed), 1, Choice.CANCEL_ORDER, via=Via.PAGE)
            is Taken.OVER
        )
    assert (await day.cancel(placed["order_id"])).status_code == 200
    await day.settle()
    day.read()

    await moving.carry_on(day.db, S1, order_of(placed), actor=SHOP)
    await day.settle()

    assert day.read() == []
    assert [x["state"] for x in await children(day)] == ["cancelled"]
    assert (await day.stock(RYE, S2))[1] == 0
    [move] = await day.rows("SELECT state, reason FROM moves")
    assert (move["state"], move["reason"]) == ("void", "overtaken")
    await is_sound(day)


async def test_who_is_no_longer_known_here_is_not_known_there(day: Day) -> None:
    placed, *_ = await asked(day)
    await day.db.pool.execute(
        "UPDATE recipients SET opted_out_at = accepted FROM"
        " (SELECT max(accepted_at) AS accepted FROM orders) AS o"
    )

    await moved(day, placed)
    await day.settle()

    assert day.read() == []
    [there] = await day.rows("SELECT * FROM recipients WHERE store_id = 'S2'")
    assert there["opted_out_at"] is not None
    assert there["first_name"] == "Ada"
