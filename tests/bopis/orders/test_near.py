"""The twenty nearest stores answer in one round trip, as each would alone."""

from datetime import timedelta

import asyncpg
import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.orders.answers import QuoteOut
from bopis.orders.placing import quotes, ranking
from bopis.orders.placing.ranking import CONSIDERED, Trial
from bopis.orders.schemas import QuoteIn
from bopis.promises import standings
from bopis.promises.standing import Share, Standing, lower
from tests.bopis.trust import world

STORES = tuple(StoreId(f"S{n:02}") for n in range(22))
NEAR = {"latitude": 42.0, "longitude": -87.0}
OATS = QuoteIn.model_validate({"near": NEAR, "lines": [{"sku": "oats", "quantity": 2}]})

COPIES = (
    """INSERT INTO stores (store_id, name, time_zone)
       SELECT store, 'Store ' || store, time_zone FROM stores, unnest($1::text[]) AS store""",
    """INSERT INTO store_hours (store_id, weekday, opens, closes)
       SELECT store, weekday, opens, closes FROM store_hours, unnest($1::text[]) AS store""",
    """INSERT INTO stock (store_id, sku, on_hand, reserved, feed_as_of, feed_source, changed_at)
       SELECT store, sku, on_hand, 0, feed_as_of, feed_source, changed_at
         FROM stock, unnest($1::text[]) AS store""",
    """INSERT INTO feed_runs (store_id, source, batch_id, kind, as_of, applied_at, digest)
       SELECT store, source, batch_id, kind, as_of, applied_at, digest
         FROM feed_runs, unnest($1::text[]) AS store""",
)
PLACED = """
    UPDATE stores SET longitude = -87.0, is_active = store_id <> 'S03',
           latitude = 42.0 + substr(store_id, 2)::float8 / 100
"""


@pytest.fixture
async def chain(db: Database) -> Database:
    await world.build(db, stores=STORES[:1])
    for copy in COPIES:
        await db.pool.execute(copy, STORES[1:])
    await db.pool.execute(PLACED)
    return db


def said(quote: QuoteOut) -> QuoteOut:
    return quote.model_copy(update={"why": None, "distance_km": None})


async def asked(db: Database, basket: QuoteIn = OATS) -> tuple[list[QuoteOut], list[str]]:
    """Ask on a connection whose statements are noted, but for the first time ever."""
    await quotes.near(db, basket)
    seen: list[str] = []

    def note(record: asyncpg.connection.LoggedQuery) -> None:
        seen.append(record.query)

    async with db.pool.acquire() as connection:
        connection.add_query_logger(note)
    found, _ = await quotes.near(db, basket)
    async with db.pool.acquire() as connection:
        connection.remove_query_logger(note)
    return found, seen


async def test_twenty_stores_are_one_statement_and_say_what_each_says_alone(
    chain: Database, clock: ManualClock
) -> None:
    await chain.pool.execute(
        "INSERT INTO store_slots (store_id, weekday, opens, closes, minutes, capacity)"
        " SELECT 'S01', d, '08:00', '21:00', 60, 1 FROM generate_series(0, 6) AS d"
    )
    await chain.pool.execute(
        "INSERT INTO planned_shifts (store_id, begins_at, ends_at, people)"
        " VALUES ('S02', $1, $2, 3)",
        clock(),
        clock() + timedelta(hours=6),
    )

    found, statements = await asked(chain)
    alone = [await quotes.quote(chain, one.store_id, OATS) for one in found]

    assert len(statements) == 1
    assert statements[0].count("array_agg(part)") >= 15
    assert [said(one) for one in found] == alone
    # S00 is the nearest, and orders wait there already; S03 is switched off
    assert [one.store_id for one in found] == ["S01", "S02", "S04"]
    assert [one.distance_km for one in found] == [1.11, 2.22, 4.45]
    assert found[0].why is not None


async def test_of_the_twenty_nearest_the_best_is_first_and_three_are_shown(
    chain: Database, clock: ManualClock
) -> None:
    """The last of twenty is the one that keeps its word; the one after is too far to be asked."""
    for store_id, kept in (("S20", 200), ("S21", 400)):  # one between is switched off
        async with chain.transaction(StoreId(store_id)) as tx:
            share = Share(lower(kept, kept, 0.9), kept, kept)
            await standings.put(tx, Standing(StoreId(store_id), share, share, share))

    found, trial = await quotes.near(chain, OATS.model_copy(update={"limit": 5}))

    assert [one.store_id for one in found] == ["S20", "S01", "S02"]
    assert found[0].record_words == "Found 100 of 100, on time 100 of 100, last 28 days."
    assert found[0].why == ("Offered first: it is the surest to have all of it ready in time.")
    assert found[1].why == "Less sure to have all of it ready in time."
    assert found[1].record_words.startswith("Too few orders to say")
    assert found[0].record.url == "https://pickup.example/stores/S20/record"
    assert trial is None
    assert CONSIDERED == 20


async def test_stores_that_are_all_silent_or_all_paused_say_so_in_words(
    chain: Database, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=4))

    found, _ = await quotes.near(chain, OATS)
    await chain.pool.execute("UPDATE stores SET is_active = false")
    none, _ = await quotes.near(chain, OATS)

    assert all(one.stock_is_old and one.stock_words for one in found)
    assert quotes.words(found).startswith("None of these stores has told us its stock")
    assert none == []
    assert quotes.words(none) == "No store near takes orders just now."


async def test_a_draw_is_shown_kept_with_its_chance_and_the_same_when_asked_again(
    chain: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "EXPLORED", 1.0)
    monkeypatch.setattr(ranking, "TIE", 5.0)

    found, trial = await quotes.near(chain, OATS)
    again, same = await quotes.near(chain, OATS)

    assert isinstance(trial, Trial)
    assert trial == same
    assert found == again
    assert found[0].store_id == trial.first
    assert trial.propensity == pytest.approx(1 / len(trial.tied))
