"""What is late is said before it is; what is not known is said too; nobody waits in silence."""

from datetime import timedelta

from bopis.kernel.keys import KeyKind
from bopis.orders.states import Attention
from notifications.facts import DelayReason
from notifications.wording import REASONS
from tests.conftest import Key
from tests.journeys.day import MINUTE, OAT, Day, at, wanted

OVERDUE = """
    SELECT number FROM orders WHERE closed_at IS NULL AND next_update_due_at < $1
"""


async def test_the_apology_leaves_before_the_promise_breaks(day: Day) -> None:
    placed = await day.placed()
    promised = at(placed["promise"]["latest"])
    day.read()

    while not (said := day.read()):
        await day.wait(MINUTE)

    assert day.clock() < promised
    assert said == ["Your order will be late: now by 1:45 PM today"]
    assert REASONS[DelayReason.STANDSTILL] in " ".join(day.letters[-1].words.text.split())
    seen = await day.look(placed["order_id"])
    assert seen["promise"]["version"] == 2
    assert seen["promise"]["status"] == "delayed"
    assert at(seen["promise"]["first_latest"]) == promised
    assert at(seen["promise"]["latest"]) > promised + 10 * MINUTE
    [signal] = await day.rows("SELECT * FROM delay_signals")
    assert signal["p_late"] >= signal["threshold"]
    assert signal["at"] <= promised - signal["lead_minutes"] * MINUTE
    assert signal["hard_evidence"] == "standstill"


async def test_with_nobody_there_the_apology_leaves_sooner(day: Day) -> None:
    signed_out = await day.client.post("/v1/handheld/sign-out", headers=day.handheld.headers)
    assert signed_out.status_code == 200
    placed = await day.placed()
    promised = at(placed["promise"]["latest"])
    day.read()

    while not day.read():
        await day.wait(MINUTE)

    assert promised - day.clock() > 12 * MINUTE
    [signal] = await day.rows("SELECT hard_evidence FROM delay_signals")
    assert signal["hard_evidence"] == "nobody_there"


async def test_a_feed_that_takes_an_item_away_is_told_in_time_and_so_is_its_correction(
    day: Day, key: Key
) -> None:
    feed = {**await key(KeyKind.FEED, "erp"), "Content-Type": "text/csv"}

    async def says(batch: str, jars: int) -> None:
        await day.wait(MINUTE)
        answer = await day.client.put(
            f"/v1/feeds/erp/batches/{batch}",
            params={"kind": "snapshot", "as_of": day.clock().isoformat()},
            content=f"store_id,sku,quantity\nS1,oat,200\nS1,rye,200\nS1,jam,{jars}\n",
            headers=feed,
        )
        assert answer.is_success, answer.text
        await day.settle()

    placed = await day.placed(lines=wanted(jam=2))
    promised = at(placed["promise"]["latest"])
    await day.wait(14 * MINUTE)
    day.read()

    await says("b-1", 1)
    assert day.read() == ["Your order will be late: now by 2 PM today"]
    assert day.clock() < promised
    assert REASONS[DelayReason.STOCK_CORRECTED] in " ".join(day.letters[-1].words.text.split())

    await says("b-2", 0)
    await says("b-3", 0)
    assert day.read() == []

    await says("b-4", 40)
    assert day.read() == ["The doubt about your order is settled: ready by 2 PM today"]
    assert at((await day.look(placed["order_id"]))["promise"]["latest"]) > promised


async def test_an_order_on_which_the_doors_will_shut_is_told_of_tomorrow(day: Day) -> None:
    await day.wait(timedelta(hours=8, minutes=20), step=10 * MINUTE)  # 8:20 PM; closing is at 9
    placed = await day.placed()
    promised = at(placed["promise"]["latest"])
    assert promised == at("2026-03-07T02:55:00+00:00")
    await day.handheld.claim(placed["number"])
    day.read()

    while not (said := day.read()):
        await day.wait(MINUTE)

    assert promised - day.clock() >= 5 * MINUTE
    assert said == ["Your order will be late: now by 9:30 AM tomorrow"]
    assert REASONS[DelayReason.STORE_CLOSES] in " ".join(day.letters[-1].words.text.split())


async def test_words_run_out_after_two_apologies_and_silence_never_comes(day: Day) -> None:
    placed = await day.placed()
    day.read()
    for _ in range(6 * 6):
        await day.wait(10 * MINUTE)
        assert await day.rows(OVERDUE, day.clock()) == []

    said = day.read()
    assert [subject.split(":")[0] for subject in said[:2]] == ["Your order will be late"] * 2
    assert set(said[2:]) == {"We do not know yet when your order will be ready"}
    assert len(said) >= 4
    seen = await day.look(placed["order_id"])
    assert seen["attention"] == Attention.STAFF_NEEDED
    assert seen["promise"]["version"] == 3


async def test_an_order_of_the_evening_is_promised_and_left_in_peace_until_the_morning(
    day: Day,
) -> None:
    await day.wait(timedelta(hours=10))  # 10 PM: the store has been closed for an hour
    placed = await day.placed()
    day.read()
    opening = at("2026-03-07T15:00:00+00:00")

    assert at(placed["promise"]["latest"]) > opening
    assert at(placed["next_update_due_at"]) == at(placed["promise"]["latest"])

    await day.wait(opening - day.clock(), step=10 * MINUTE)

    assert day.read() == []


async def test_who_picks_in_time_hears_no_apology(day: Day) -> None:
    placed = await day.placed()
    await day.wait(10 * MINUTE)
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT)
    await day.handheld.say(f"{path}/scans", fence=fence, code="96385074")
    await day.wait(3 * MINUTE)
    await day.handheld.stage(path, fence)
    await day.settle()

    assert [subject.split(":")[0] for subject in day.read()] == [
        "Not ready yet",
        "Your order is ready to collect at Lakeview 0",
    ]


async def test_a_long_wait_hears_that_it_is_still_on_time(day: Day) -> None:
    ahead = [(await day.placed(f"W-{n}"))["order_id"] for n in range(2, 22)]
    placed = await day.placed()
    for order_id in ahead:
        await day.cancel(order_id)
    await day.settle()
    day.read()
    promised = at(placed["promise"]["latest"])
    assert promised > day.clock() + timedelta(hours=5)

    await day.wait(timedelta(hours=4), step=10 * MINUTE)

    [said] = day.read()
    assert said.startswith("Your order is still on time")
    seen = await day.look(placed["order_id"])
    assert day.clock() < at(seen["next_update_due_at"]) <= promised
