"""Buyers, counters and the clock at one item at once: nothing in doubt is sold, nothing is lost."""

import asyncio
from uuid import UUID

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory.looking import doubts
from tests.inventory.shelves import OATS, a_store, for_sale, items, numbers, stocked, unexplained
from tests.inventory.test_doubts import asked, count
from tests.inventory.test_holds import buy, contradictions, held


async def test_buyers_while_somebody_says_that_most_of_it_is_gone(
    db: Database, clock: ManualClock
) -> None:
    await a_store(db)
    await items(db, OATS)
    await stocked(db, {OATS: 30})
    request = await asked(db)

    sold, first = await asyncio.gather(
        asyncio.gather(*(buy(db, n, {OATS: 1}) for n in range(20))), count(db, request, 4)
    )
    before = sum(sold)
    then = await asyncio.gather(*(buy(db, 100 + n, {OATS: 1}) for n in range(20)))

    assert (first.verdict, await held(db, OATS)) == ("second", 26)
    assert before + sum(then) == max(before, 4)
    clock.advance(doubts.LONGEST)
    after, _, _ = await asyncio.gather(
        asyncio.gather(*(buy(db, 200 + n, {OATS: 1}) for n in range(40))),
        doubts.sweep(db),
        doubts.sweep(db),
    )
    assert before + sum(then) + sum(after) == 30
    assert await numbers(db, OATS) == (30, 30, 0)
    assert await held(db, OATS) == 0
    assert (await contradictions(db), await unexplained(db)) == ([], [])


async def test_many_words_at_once_hold_back_no_more_than_is_allowed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "MOST", 3)
    many = [Sku(f"item-{n}") for n in range(10)]
    await a_store(db)
    await stocked(db, dict.fromkeys(many, 30))
    requests = [await asked(db, sku) for sku in many]

    await asyncio.gather(
        *(count(db, request, 0, UUID(int=n)) for n, request in enumerate(requests, 1))
    )

    left = [await for_sale(db, sku) for sku in many]
    assert sorted(left) == [0] * 3 + [30] * 7
    assert await contradictions(db) == []


async def test_two_at_one_count_are_one_word_and_one_answer(db: Database) -> None:
    await a_store(db)
    await stocked(db, {OATS: 30})
    request = await asked(db)

    both = await asyncio.gather(*(count(db, request, 0, UUID(int=n)) for n in (1, 2)))

    assert sorted(one.verdict for one in both) == ["second", "taken"]
    assert await numbers(db, OATS) == (0, 0, 0)
    assert await held(db, OATS) == 0
    assert await contradictions(db) == []
