"""Bags: counted, put down place by place, and handed over one by one."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from associates.bagging import bag, bags, hand_overs, packing
from associates.bagging.bag import Bag, BagState, Collector, Given, left, must_look, strangers
from associates.bagging.bag_models import Bagging
from associates.picking import claims, recording, retractions
from associates.picking.scans import Heard, ScanKind, ScanOutcome
from bopis.kernel.ids import OrderId, TaskId
from inventory.models import StagingPlace
from tests.associates.floor import GTINS, OAT, PLACE, RYE, STORE, Floor

COLD = "P-COLD"
O = ScanOutcome  # noqa: E741 -- read as a table


@pytest.fixture
async def floor(floor: Floor) -> Floor:
    """A store that labels bags, with a cold place beside the shelf."""
    await floor.do(bags.configure, Bagging(store_id=STORE, labels=True))
    async with floor.db.transaction(STORE) as tx:
        await tx.add(StagingPlace(store_id=STORE, code=COLD, label="Fridge"))
    return floor


async def picked(floor: Floor) -> tuple[OrderId, TaskId]:
    order_id, task = await floor.open(oat=1, rye=1)
    await floor.do(claims.claim, task, floor.ada)
    for sku in (OAT, RYE):
        await floor.do(recording.record, task, floor.said(floor.ada, code=GTINS[sku]), floor.ada)
    return order_id, task


async def count(floor: Floor, task: TaskId, wanted: int, **more: Any) -> ScanOutcome:
    said = floor.said(floor.ada, ScanKind.BAGS, **more)
    heard = await floor.do(packing.count, task, said, floor.ada, wanted)
    return heard.outcome  # type: ignore[no-any-return]


async def put_down(floor: Floor, task: TaskId, place: str, *codes: str) -> ScanOutcome:
    said = floor.said(floor.ada, ScanKind.STAGE, code=place, bags=codes)
    return (await floor.do(recording.record, task, said, floor.ada)).outcome  # type: ignore[no-any-return]


async def live(floor: Floor, order_id: OrderId) -> list[Bag]:
    return await floor.do(bags.of_order, STORE, order_id)  # type: ignore[no-any-return]


async def state(floor: Floor, task: TaskId) -> str:
    [row] = await floor.rows("SELECT state FROM pick_tasks WHERE id = $1", task)
    return str(row["state"])


async def give(floor: Floor, order_id: OrderId, *codes: str, **more: Any) -> Heard:
    said = floor.said(floor.sam, ScanKind.HAND_OVER)
    given = Given(codes, **more)
    return await floor.do(hand_overs.hand_over, STORE, order_id, said, floor.sam, given)  # type: ignore[no-any-return]


CODES = st.sampled_from(
    ["BG0000000001", "BG0000000002", "BG0000000003", "BGZZZZZZZZZZ", "oats", ""]
)


@given(st.integers(1, 3), st.lists(CODES, max_size=5), st.sets(st.integers(0, 4)))
def test_what_is_left_is_what_was_neither_scanned_nor_vouched_for(
    count: int, codes: list[str], by_hand: set[int]
) -> None:
    here = [
        Bag(f"BG{n:010}", n, BagState.WAITING, TaskId(uuid4()), PLACE) for n in range(1, count + 1)
    ]
    given_ = Given(codes, by_hand)

    missing = left(here, given_)
    strange = strangers(here, codes)

    assert {one.code for one in here} == {one.code for one in missing} | {
        one.code for one in here if one.code in codes or one.number in by_hand
    }
    assert all(one.code not in codes and one.number not in by_hand for one in missing)
    assert sorted(strange) == sorted(code for code in codes if code not in {b.code for b in here})


@pytest.mark.parametrize(
    ("total", "over", "listed", "why"),
    [
        ("50.01", "50", [], "it is worth more than 50"),
        ("50.00", "50.00", [], ""),
        (None, "0", [], ""),
        ("1", None, ["WINE"], "it holds something from Wine"),
        ("1", None, ["rye"], "one of its items asks for it"),
        ("1", None, ["beer"], ""),
    ],
)
def test_when_an_id_is_looked_at(
    total: str | None, over: str | None, listed: list[str], why: str
) -> None:
    said = must_look(
        Decimal(total) if total else None,
        [(OAT, "Dairy"), (RYE, "Wine" if listed == ["WINE"] else "")],
        over=Decimal(over) if over else None,
        listed=listed,
    )

    assert said == why


async def test_ready_when_every_bag_is_at_a_place(floor: Floor) -> None:
    order_id, task = await picked(floor)

    assert await put_down(floor, task, PLACE) is O.BAGS_FIRST
    assert await count(floor, task, 2) is O.APPLIED
    first, second = await live(floor, order_id)
    assert await put_down(floor, task, first.code) is O.NOT_NOW  # its place comes next
    assert await put_down(floor, task, COLD, first.code) is O.APPLIED
    assert await state(floor, task) == "picked"
    assert "pick.staged" not in await floor.facts()
    assert await put_down(floor, task, PLACE, second.code) is O.APPLIED
    assert await state(floor, task) == "staged"

    assert [bag.place for bag in await live(floor, order_id)] == [COLD, PLACE]
    [fact] = await floor.rows("SELECT payload FROM events WHERE name = 'pick.staged'")
    scans = await floor.rows("SELECT id FROM scans WHERE kind = 'stage' AND outcome = 'applied'")
    said = {fact["payload"]["scan_id"], *fact["payload"]["proofs"]}
    assert said == {str(scan["id"]) for scan in scans}
    assert len(scans) == 2


async def test_one_scan_puts_all_bags_down_and_the_last_count_counts(floor: Floor) -> None:
    order_id, task = await picked(floor)

    three_by = uuid4()
    assert await count(floor, task, 3, scan_id=three_by) is O.APPLIED
    three, again = await live(floor, order_id), uuid4()
    assert await count(floor, task, 1, scan_id=again) is O.APPLIED
    said = floor.said(floor.ada, ScanKind.BAGS, scan_id=again)
    assert (await floor.do(packing.count, task, said, floor.ada, 9)).quantity == 1
    assert await live(floor, order_id) == three[:1]
    other_id, other = await picked(floor)
    alike = UUID(int=three_by.int ^ 1 << 60)
    assert await count(floor, other, 1, scan_id=alike) is O.APPLIED
    [stranger] = await live(floor, other_id)
    assert [one.code for one in three] == [bag.code(three_by, n) for n in (1, 2, 3)]
    assert stranger.code != bag.code(alike, 1) == three[0].code, "no two bags wear one label"
    assert await put_down(floor, task, PLACE, three[1].code) is O.WRONG_BAG
    assert await put_down(floor, task, PLACE) is O.APPLIED

    assert await state(floor, task) == "staged"
    assert await count(floor, task, 2) is O.NOT_NOW


async def test_nobody_is_given_another_ones_bag(floor: Floor) -> None:
    order_id, task = await picked(floor)
    await count(floor, task, 2)
    await put_down(floor, task, PLACE)
    first, second = await live(floor, order_id)
    other_id, other = await picked(floor)
    await count(floor, other, 1)
    [strange] = await live(floor, other_id)

    assert await put_down(floor, other, PLACE, first.code) is O.WRONG_BAG
    assert (await give(floor, order_id, first.code)).outcome is O.BAGS_LEFT
    assert (await give(floor, order_id, first.code, strange.code)).outcome is O.WRONG_BAG
    assert "pick.handed_over" not in await floor.facts()
    assert await state(floor, task) == "staged"
    heard = await give(
        floor, order_id, second.code.lower(), by_hand={1}, looked=True, collector=Collector.OTHER
    )

    assert heard.outcome is O.APPLIED
    [row] = await floor.rows("SELECT collector, id_looked FROM pick_tasks WHERE id = $1", task)
    assert (row["collector"], row["id_looked"]) == ("other", True)
    rows = await floor.rows(
        "SELECT number, state, by_hand FROM bags ORDER BY code = $1", strange.code
    )
    assert sorted((row["number"], row["state"], row["by_hand"]) for row in rows) == [
        (1, "given", True),
        (1, "packed", False),
        (2, "given", False),
    ]
    assert (await give(floor, order_id, first.code, second.code)).outcome is O.NOT_NOW


async def test_what_is_not_ready_after_all_is_put_down_anew(floor: Floor) -> None:
    order_id, task = await picked(floor)
    await count(floor, task, 2)
    await put_down(floor, task, PLACE)
    said = floor.said(floor.sam, ScanKind.RETRACT)
    await floor.do(retractions.retract, STORE, order_id, said, floor.sam, missing={RYE: 1})
    kept = await live(floor, order_id)
    await floor.do(claims.claim, task, floor.ada)
    found = floor.said(floor.ada, code=GTINS[RYE], fence=3)
    await floor.do(recording.record, task, found, floor.ada)
    staged = floor.said(floor.ada, ScanKind.STAGE, code=COLD, fence=3)
    await floor.do(recording.record, task, staged, floor.ada)

    assert [bag.place for bag in kept] == [None, None]
    assert [bag.place for bag in await live(floor, order_id)] == [COLD, COLD]
    said = floor.said(floor.sam, ScanKind.RETRACT)
    await floor.do(retractions.retract, STORE, order_id, said, floor.sam, missing={})
    assert await live(floor, order_id) == []  # nobody finds them: their labels open nothing
