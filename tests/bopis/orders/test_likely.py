"""What is only likely is looked for first, and its shopper hears for sure by the time we named."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bopis.orders.choices.choice import confirm_by
from bopis.orders.placing.likely import CONFIRM_WITHIN
from inventory import stock
from inventory.belief import beliefs, policies
from inventory.belief.models import BeliefMode
from inventory.feeds.models import FeedKind, FeedRun, FeedSource
from inventory.opening.hours import Calendar, WeeklyHours
from tests.journeys.day import MINUTE, RYE, S1, Day, a_handheld, at, wanted

NINE_TO_NINE = Calendar(
    ZoneInfo("America/Chicago"), tuple(WeeklyHours(day, time(9), time(21)) for day in range(7))
)


@pytest.mark.parametrize(
    ("accepted", "by"),
    [
        ("2026-03-06T18:00", "2026-03-06T18:15"),  # noon
        ("2026-03-07T02:45", "2026-03-07T03:00"),  # a quarter to nine: at closing, not after it
        ("2026-03-07T02:46", "2026-03-07T15:15"),
        ("2026-03-07T08:00", "2026-03-07T15:15"),  # by night
    ],
)
def test_it_is_confirmed_in_open_minutes_and_never_across_a_night(accepted: str, by: str) -> None:
    begins, ends = (datetime.fromisoformat(x).replace(tzinfo=UTC) for x in (accepted, by))

    assert confirm_by(NINE_TO_NINE, begins, CONFIRM_WITHIN) == ends


@pytest.fixture
async def day(shop: Day) -> Day:
    """A store that is believed, in which somebody counted four rye a while ago."""
    async with shop.db.transaction(S1) as tx:
        await policies.put(tx, S1, BeliefMode.ON)
        await beliefs.found(tx, S1, RYE, 1)  # an item that nobody has looked for has no belief
        await stock.count(tx, S1, RYE, 4, cause=None, source="count")
        await beliefs.counted(tx, S1, RYE)
    shop.clock.advance(timedelta(days=5))
    shop.handheld = await a_handheld(shop.db, shop.client, shop.clock)
    return shop


async def quoted(day: Day, **lines: int) -> dict[str, Any]:
    answer = await day.quote(store_id="S1", lines=wanted(**lines))
    assert answer.status_code == 200, answer.text
    [quote] = answer.json()["quotes"]
    return quote  # type: ignore[no-any-return]


async def test_a_quote_says_how_sure_we_are(day: Day) -> None:
    sure, likely, none = (
        await quoted(day, oat=1),
        await quoted(day, oat=1, rye=4),
        await quoted(day, oat=1, rye=5),
    )

    assert (sure["certainty"], sure["confirm_by"]) == ("available", None)
    assert sure["words"].startswith("Available: ready by ")
    assert [line["certainty"] for line in likely["lines"]] == ["available", "likely"]
    assert likely["certainty"] == "likely"
    assert at(likely["confirm_by"]) == day.clock() + 15 * MINUTE
    assert (
        likely["words"]
        .replace("\xa0", " ")
        .startswith("Likely there: we confirm by 1:15 PM today. If it is, ready by ")
    )
    assert (none["certainty"], none["can_be_had"], none["promise"]) == ("not_here", False, None)
    assert none["words"] == "Not here: this store does not have all of it."


async def test_what_is_likely_is_picked_first_and_told_when_it_is_in_hand(day: Day) -> None:
    await day.placed("W-0", lines=wanted(oat=1))
    sure_by = day.clock() + 15 * MINUTE
    placed = await day.placed("W-1", lines=wanted(oat=1, rye=4))

    seen = await day.look(placed["order_id"])
    assert at(seen["confirm_by"]) == at(seen["next_update_due_at"]) == sure_by
    tasks = (await day.handheld.get("tasks"))["data"]["tasks"]
    assert tasks[0]["number"] == placed["number"]
    text = " ".join(day.letters[-1].words.text.split())
    assert "One item is likely there, and we want to be sure." in text
    page = await day.client.get(placed["status_url"])
    assert "likely there. We look for it first and confirm by 1:15\xa0PM today." in page.text
    day.read()

    await day.handheld.pick(placed["number"], RYE, RYE, RYE, RYE)
    await day.wait(MINUTE)

    seen = await day.look(placed["order_id"])
    assert day.read() == ["We have it in our hands: Rye number 1"]
    assert (seen["state"], seen["confirm_by"]) == ("picking", None)
    [task] = await day.rows("SELECT due_at FROM pick_tasks WHERE number = $1", placed["number"])
    assert task["due_at"] == at(seen["promise"]["latest"])
    await day.wait(2 * MINUTE)
    assert day.read() == []


async def test_what_is_likely_and_not_there_is_asked_about(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=1, rye=4))
    path, fence = await day.handheld.pick(placed["number"], RYE, RYE, RYE)
    day.read()
    await day.handheld.short(path, fence, line=2)
    await day.wait(4 * MINUTE)

    assert day.read() == ["Please choose: we do not have Rye number 1"]
    assert (await day.look(placed["order_id"]))["confirm_by"] is None
    [row] = await day.rows("SELECT is_found FROM confirmations")
    assert row["is_found"] is False


async def test_nobody_who_was_told_a_time_is_left_without_a_word(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=1, rye=4))
    day.read()
    await day.wait(16 * MINUTE)

    said = day.read()
    assert any(one == "We cannot confirm all of your order yet" for one in said) or any(
        one.startswith("Your order will be late") for one in said
    ), said
    assert (await day.look(placed["order_id"]))["state"] == "accepted"
    await day.cancel(placed["order_id"])
    [row] = await day.rows("SELECT closed_at, is_found FROM confirmations")
    assert row == {"closed_at": day.clock(), "is_found": None}


async def test_what_is_sure_is_not_worried_about(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=2))

    assert (await day.look(placed["order_id"]))["confirm_by"] is None
    assert "likely" not in day.letters[-1].words.text


async def test_a_list_that_is_older_than_usual_says_so_until_somebody_has_looked(day: Day) -> None:
    heard = day.clock() - timedelta(hours=5)
    async with day.db.transaction() as tx:
        await tx.add(FeedSource(source="erp", cadence_minutes=60))
    async with day.db.transaction(S1) as tx:
        await tx.add(
            FeedRun(
                store_id=S1,
                source="erp",
                batch_id="b1",
                kind=FeedKind.SNAPSHOT,
                as_of=heard,
                applied_at=heard,
                digest="d",
            )
        )
    words = "stock list is from 8 AM today, older than usual. We go by what was on the shelf then"
    quote = await quoted(day, oat=1)
    placed = await day.placed(lines=wanted(oat=1))

    assert quote["stock_is_old"] is True
    assert words in quote["stock_words"].replace("\xa0", " ")
    page = await day.client.get(placed["status_url"])
    assert words in page.text.replace("\xa0", " ")
    await day.handheld.claim(placed["number"])
    page = await day.client.get(placed["status_url"])
    assert "stock list" not in page.text
