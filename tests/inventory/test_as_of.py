"""Scans, counts and feeds that cross each other on their way: each story went wrong once, or might.

``test_truth`` plays such days by the hundred; these are what it found, and the rules that a feed
cannot settle by itself (docs/adr/0008).
"""

from datetime import timedelta

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from inventory import stock
from inventory.feeds import batches
from inventory.feeds.feed import FeedKind
from inventory.feeds.models import BooksPickup
from inventory.stock import Want
from tests.inventory.shelves import (
    HOUR,
    OATS,
    S1,
    a_store,
    cause,
    csv,
    feed,
    items,
    numbers,
    open_conflicts,
    order,
    stocked,
    unexplained,
)

MINUTE = timedelta(minutes=1)


class Shelf:
    """One item of one store, and what happens to it, a minute apart."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock = db, clock

    async def reserve(self, number: int, quantity: int) -> None:
        async with self.db.transaction(S1) as tx:
            assert not await stock.reserve(tx, S1, [Want(order(number), OATS, quantity)])
        self.clock.advance(MINUTE)

    async def short(
        self, number: int, scan: int, quantity: int, reason: str, picked: int | None = None
    ) -> None:
        async with self.db.transaction(S1) as tx:
            await stock.short(
                tx, S1, order(number), OATS, quantity, reason, cause(scan), picked=picked
            )
        self.clock.advance(MINUTE)

    async def unshort(self, number: int, scan: int, quantity: int) -> None:
        async with self.db.transaction(S1) as tx:
            await stock.unshort(tx, S1, order(number), OATS, quantity, cause(scan))
        self.clock.advance(MINUTE)

    async def count(self, units: int) -> None:
        await stocked(self.db, {OATS: units})
        self.clock.advance(MINUTE)

    async def numbers(self) -> tuple[int, int, int]:
        assert await unexplained(self.db) == []
        return await numbers(self.db, OATS)

    def instant(self) -> ManualClock:
        """Return a clock that stands at an instant between what was and what comes."""
        return ManualClock(self.clock.now - MINUTE / 2)


@pytest.fixture
async def shelf(db: Database, clock: ManualClock) -> Shelf:
    return await filled(db, clock)


async def filled(db: Database, clock: ManualClock) -> Shelf:
    """Put ten oats on it, known from a feed of the erp an hour ago."""
    await a_store(db)
    await items(db, OATS)
    await feed(db, csv({OATS: 10}), as_of=clock.now - HOUR)
    return Shelf(db, clock)


async def test_broken_units_that_a_count_did_not_see_are_not_taken_away_again(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 4)
    await shelf.short(1, 1, 3, "damaged")
    await shelf.count(2)
    await shelf.unshort(1, 1, 3)

    assert await shelf.numbers() == (2, 4, 0)
    assert await open_conflicts(shelf.db) == [OATS]


async def test_a_look_that_is_taken_back_makes_way_for_the_feed_it_would_have_refused(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 4)
    before = shelf.instant()()
    await shelf.short(1, 1, 4, "not_found", picked=0)
    await shelf.unshort(1, 1, 4)
    await feed(shelf.db, csv({OATS: 22}), as_of=before)

    assert await shelf.numbers() == (22, 4, 0)


async def test_a_look_that_is_taken_back_leaves_the_count_before_it(shelf: Shelf) -> None:
    await shelf.reserve(1, 4)
    before = shelf.instant()()
    await shelf.count(7)
    await shelf.short(1, 1, 4, "not_found", picked=0)
    await shelf.unshort(1, 1, 4)
    await feed(shelf.db, csv({OATS: 22}), as_of=before)

    assert await shelf.numbers() == (7, 4, 0)


async def test_an_older_feed_between_a_shortage_and_its_undoing_is_not_corrected_twice(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 4)
    before = shelf.instant()()
    await shelf.short(1, 1, 1, "wrong_item_at_location")
    await feed(shelf.db, csv({OATS: 12}), as_of=before)
    assert await shelf.numbers() == (11, 3, 0)

    await shelf.unshort(1, 1, 1)
    assert await shelf.numbers() == (12, 4, 0)


async def test_a_shortage_undone_before_an_older_feed_comes_leaves_no_trace(shelf: Shelf) -> None:
    await shelf.reserve(1, 4)
    await shelf.short(1, 1, 1, "wrong_item_at_location")
    between = shelf.instant()()
    await shelf.unshort(1, 1, 1)
    await feed(shelf.db, csv({OATS: 12}), as_of=between)

    assert await shelf.numbers() == (12, 4, 0)


async def test_a_newer_feed_that_had_nothing_to_change_still_stands_when_a_shortage_is_undone(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 4)
    await shelf.short(1, 1, 1, "wrong_item_at_location")
    await feed(shelf.db, csv({OATS: 9}), as_of=shelf.instant()())
    await feed(shelf.db, csv({OATS: 9}), as_of=shelf.instant()() + MINUTE / 4, batch_id="again")
    await shelf.unshort(1, 1, 1)

    assert await shelf.numbers() == (9, 4, 0)


async def test_a_source_that_books_at_order_believed_the_shortage_until_it_was_undone(
    shelf: Shelf,
) -> None:
    async with shelf.db.transaction() as tx:
        await batches.declare(tx, "pos", books_pickup=BooksPickup.AT_ORDER, cadence_minutes=60)
    await shelf.reserve(1, 4)
    await shelf.short(1, 1, 1, "damaged")
    between = shelf.instant()()
    await shelf.unshort(1, 1, 1)
    await feed(shelf.db, csv({OATS: 7}), as_of=between, source="pos")  # ten, less three promised

    assert await shelf.numbers() == (10, 4, 0)


async def test_a_cancellation_between_the_reading_and_its_arrival_is_no_unit_more(
    shelf: Shelf,
) -> None:
    async with shelf.db.transaction() as tx:
        await batches.declare(tx, "pos", books_pickup=BooksPickup.AT_ORDER, cadence_minutes=60)
    await shelf.reserve(1, 4)
    between = shelf.instant()()
    async with shelf.db.transaction(S1) as tx:
        await stock.release(tx, S1, order(1), {OATS: 4})
    await feed(shelf.db, csv({OATS: 6}), as_of=between, source="pos")

    assert await shelf.numbers() == (10, 0, 0)


async def test_of_two_shortages_of_an_order_only_the_one_that_is_taken_back_is_undone(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 5)
    await shelf.short(1, 1, 1, "wrong_item_at_location")
    await shelf.short(1, 2, 2, "damaged")
    await shelf.unshort(1, 2, 2)

    assert await shelf.numbers() == (9, 4, 0)


async def test_two_looks_taken_back_the_older_one_first_leave_nothing_behind(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 2)
    await shelf.reserve(2, 3)
    await shelf.short(1, 1, 2, "not_found", picked=2)
    await shelf.short(2, 2, 3, "not_found", picked=0)
    await shelf.unshort(1, 1, 2)
    assert await shelf.numbers() == (0, 2, 0)  # the second look stands

    await shelf.unshort(2, 2, 3)
    assert await shelf.numbers() == (10, 5, 0)


async def test_what_is_in_totes_is_there_however_little_the_number_said(shelf: Shelf) -> None:
    await shelf.reserve(1, 4)
    await feed(shelf.db, csv({OATS: 1}), as_of=shelf.instant()())
    await shelf.short(1, 1, 1, "short_quantity", picked=3)

    assert await shelf.numbers() == (3, 3, 0)
    assert await open_conflicts(shelf.db) == []


async def test_an_older_feed_does_not_win_over_one_that_said_what_was_known(shelf: Shelf) -> None:
    await feed(shelf.db, csv({OATS: 10}), as_of=shelf.clock.now)
    await feed(shelf.db, csv({OATS: 9}), as_of=shelf.clock.now - MINUTE)

    assert await shelf.numbers() == (10, 0, 0)


async def test_movements_before_the_first_snapshot_wait_for_it(
    db: Database, clock: ManualClock
) -> None:
    await a_store(db)
    await items(db, OATS)
    await feed(db, csv({OATS: -2}), kind=FeedKind.DELTA, as_of=clock.now - MINUTE)
    assert await numbers(db, OATS) == (-2, 0, 0)

    await feed(db, csv({OATS: 8}), as_of=clock.now - HOUR)
    assert await numbers(db, OATS) == (6, 0, 0)


@pytest.mark.parametrize(
    ("as_of_minute", "there"),
    [
        pytest.param(-1, 6, id="before the count: the count has seen it"),
        pytest.param(+1, 3, id="after it: all of it came after"),
    ],
)
async def test_a_delta_happens_at_its_instant_whatever_it_sums_up(
    shelf: Shelf, as_of_minute: int, there: int
) -> None:
    counted_at = shelf.clock.now
    await shelf.count(6)
    shelf.clock.advance(HOUR)
    as_of = counted_at + as_of_minute * MINUTE
    await feed(shelf.db, csv({OATS: -3}), kind=FeedKind.DELTA, as_of=as_of)

    assert await shelf.numbers() == (there, 0, 0)


async def test_what_a_look_refused_while_it_stood_comes_with_the_next_reading(
    shelf: Shelf,
) -> None:
    await shelf.reserve(1, 4)
    delivered_at = shelf.instant()()
    await shelf.short(1, 1, 4, "not_found", picked=0)
    await feed(shelf.db, csv({OATS: 6}), kind=FeedKind.DELTA, as_of=delivered_at)
    await shelf.unshort(1, 1, 4)
    assert await shelf.numbers() == (10, 4, 0)

    await feed(shelf.db, csv({OATS: 16}), as_of=shelf.instant()())
    assert await shelf.numbers() == (16, 4, 0)
