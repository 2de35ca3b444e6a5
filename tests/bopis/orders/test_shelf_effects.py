"""What a shopper answers is about their order; what is on the shelf follows from the reason."""

from typing import Final
from uuid import uuid4

from associates.models import ShortReason
from bopis.kernel.ids import OrderId, Sku
from bopis.orders import picking
from bopis.orders.choices import choices
from bopis.orders.choices.choice import Via
from bopis.orders.choices.choices import Taken
from bopis.orders.moving import moving
from bopis.orders.placing import outlooks, placing
from bopis.orders.placing.asked import NewOrder, Receipt
from inventory import stock
from inventory.models import Item
from notifications.facts import Choice
from notifications.recipients import Person
from tests.inventory.shelves import unexplained
from tests.journeys.day import MINUTE, OAT, S1, S2, Day

EFFECTS: Final = {  # of ten units, one of them promised: on hand, unsellable, to be counted
    ShortReason.NOT_FOUND: (0, 0, True),
    ShortReason.SHORT_QUANTITY: (0, 0, True),
    ShortReason.DAMAGED: (10, 1, False),
    ShortReason.WRONG_ITEM_AT_LOCATION: (9, 0, True),
    ShortReason.RECALLED_OR_NOT_SELLABLE: (10, 10, False),
}
ANSWERS: Final = (None, Choice.PARTIAL_NOW, Choice.OTHER_STORE, Choice.CANCEL_ORDER)
"""None: nothing is answered, and the default happens."""


async def test_the_shelf_follows_the_reason_whatever_is_answered(shop: Day) -> None:
    assert set(EFFECTS) == set(ShortReason)
    for reason, (on_hand, unsellable, recount) in EFFECTS.items():
        for answer in ANSWERS:
            sku = Sku(f"{reason}-{answer}")
            order_id = await _given_up(shop, sku, reason)
            at_once = await shop.stock(sku)
            assert at_once == (on_hand, 0, unsellable), (reason, answer)

            await _settled(shop, order_id, answer)

            assert await shop.stock(sku) == at_once, (reason, answer)
            asked = await shop.rows(
                "SELECT FROM count_requests WHERE sku = $1 AND done_at IS NULL", sku
            )
            assert bool(asked) == recount, (reason, answer)
            there = await shop.stock(sku, S2)
            assert there == (10, int(answer is Choice.OTHER_STORE), 0), (reason, answer)
    assert await unexplained(shop.db) == []


async def _given_up(shop: Day, sku: Sku, reason: ShortReason) -> OrderId:
    """Have an order placed of the item and of oat, and the item given up."""
    async with shop.db.transaction() as tx:
        await tx.add(Item(sku=sku, name=sku))
    for store_id in (S1, S2):
        async with shop.db.transaction(store_id) as tx:
            await stock.count(tx, store_id, sku, 10, cause=None, source="opening")
    asked = NewOrder("shop", sku, sku, [(OAT, 1), (sku, 1)], Person("Ada"))
    outlook = await outlooks.of(shop.db, S1)
    async with shop.db.transaction(S1) as tx:
        [placed] = await placing.accept(tx, S1, [asked], outlook=outlook)
    assert isinstance(placed, Receipt)
    async with shop.db.transaction(S1) as tx:
        await stock.short(tx, S1, placed.order_id, sku, 1, reason, uuid4(), picked=0)
        await picking.short(tx, S1, placed.order_id, 2, 1, reason=reason)
    return placed.order_id


async def _settled(shop: Day, order_id: OrderId, answer: Choice | None) -> None:
    elsewhere = await moving.elsewhere(shop.db, S1, order_id)
    async with shop.db.transaction(S1) as tx:
        await choices.ask(tx, S1, order_id, elsewhere)
    if answer is None:
        [case] = await shop.rows("SELECT answer_by FROM choice_cases WHERE order_id = $1", order_id)
        shop.clock.advance(case["answer_by"] - shop.clock() + MINUTE)
        async with shop.db.transaction(S1) as tx:
            await choices.default(tx, S1, order_id)
        return
    target = S2 if answer is Choice.OTHER_STORE else None
    async with shop.db.transaction(S1) as tx:
        taken = await choices.answer(tx, S1, order_id, 1, answer, via=Via.PAGE, target=target)
    assert taken is Taken.TAKEN
    await moving.carry_on(shop.db, S1, order_id, actor="shopper")
