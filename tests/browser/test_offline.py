"""A dead spot, through a real service worker: the work goes on, and arrives in order and once."""

import pytest
from playwright.async_api import Browser, expect

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.handheld import devices
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from inventory.looking import conflicts
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, RYE, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
TAKEN_IN = """async () => {
    await navigator.serviceWorker.ready;
    const { serviceWorker } = navigator;
    if (!serviceWorker.controller) {
        await new Promise((done) => serviceWorker.addEventListener('controllerchange', done));
    }
}"""
ROOM = 2**20
FILL = """async () => {
    const { keep } = await import('handheld/store.js');
    for (let n = 1; n < 99; n += 1) {
        try {
            const noise = crypto.getRandomValues(new Uint8Array(2 ** 16));
            await keep(`filler ${performance.now()}`, noise);
        } catch ({ name }) {
            return name;
        }
    }
}"""
NO_ROOM = "This handheld cannot keep what you scan: its storage is full or shut. Get another one."


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


async def test_a_walk_in_a_dead_spot_from_the_claim_to_the_place(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=2, rye=1)
    async with handheld(browser, address, service_workers="allow") as person:
        page, context = person.page, person.page.context
        async with page.expect_response("**/package"):
            await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
        await page.evaluate(TAKEN_IN)

        await context.set_offline(offline=True)
        await page.reload()
        await person.sees("1 order to pick")
        await page.locator("button.card").first.click()
        await person.sees("Rye bread", "No connection · 1 scan not yet sent")
        await person.scan(GTINS[RYE])
        await person.is_told("good", "Found.")
        await person.scan("nobody knows this")
        await person.is_told(
            "wrong",
            "We do not know this code here. Lay it aside, and go on: "
            "it is looked up when the connection is back.",
        )
        await person.is_fit("30-offline-walk")
        await page.reload()
        await person.sees("Oat drink", "0 of 2 found", "3 scans not yet sent")

        other = await context.new_page()
        await other.goto(f"{address}/handheld?lang=fr")  # whose words are here as well
        await expect(other.locator("body")).to_contain_text("3 scans pas encore envoyés")
        await other.goto(f"{address}/handheld")
        await expect(other.locator("body")).to_contain_text("3 scans not yet sent")
        await person.scan(GTINS[OAT])
        await person.scan(GTINS[OAT])
        await person.is_told("good", "That was the last one.")
        await person.scan(PLACE)
        await expect(page.locator("#news")).to_contain_text(
            "is at Counter A12. It is ready as soon"
        )
        await person.sees("Nothing to pick", "6 scans not yet sent")
        await person.is_fit("31-offline-kept")
        assert await floor.rows("SELECT FROM scans") == []

        await context.set_offline(offline=False)
        await person.is_told("good", "Ready at Counter A12.")
        await expect(page.locator("#state")).to_be_hidden()
        await expect(other.locator("#state")).to_be_hidden()
        await other.close()

    said = await floor.rows("SELECT kind, outcome FROM scans ORDER BY received_at, device_seq")
    assert [(row["kind"], row["outcome"]) for row in said] == [
        ("take", "applied"),
        ("item", "applied"),
        ("item", "unknown_code"),
        ("item", "applied"),
        ("item", "applied"),
        ("stage", "applied"),
    ]
    assert await floor.rows("SELECT state, fence FROM pick_tasks") == [
        {"state": "staged", "fence": 1}
    ]


async def test_a_walk_of_two_orders_with_their_bags_and_a_count_between_them_in_a_dead_spot(
    browser: Browser, address: str, floor: Floor
) -> None:
    orders = [(await floor.open(**wanted))[0] for wanted in ({"oat": 1}, {"rye": 1})]
    await floor.do(waves.foresee, STORE, {order_id: Odds(9.0) for order_id in orders})
    await floor.do(bags.configure, Bagging(store_id=STORE, labels=True))
    await floor.do(conflicts.request_count, STORE, JAM, "low_record")
    async with handheld(browser, address, room=ROOM) as person:
        page = person.page
        async with page.expect_response("**/package"):
            await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)

        await page.context.set_offline(offline=True)
        await person.tap("2 orders together")
        await person.sees("Into tote", "No connection · 1 scan not yet sent")
        assert await page.evaluate(FILL) == "QuotaExceededError"
        await person.has_room(address, 1)  # and of what little was left, nothing
        assert await page.evaluate(FILL) == "QuotaExceededError"
        await person.scan(GTINS[OAT])
        await person.is_told("wrong", NO_ROOM)
        await person.tap("Got it")
        await person.sees("Into tote", "No connection · 1 scan not yet sent")  # as it was before
        await person.has_room(address, 8 * ROOM)
        await person.scan(GTINS[OAT])
        await person.is_told("good", "That was the last one of this order. Put it in tote 1, blue.")
        await person.scan(GTINS[RYE])
        for count, label in ((2, "2 bags"), (1, "1 bag")):
            await person.sees("How many bags?")
            await person.scan(PLACE)
            await person.is_told("wrong", "Say first how many bags there are.")
            await person.tap("Got it")
            await page.get_by_role("button", name=label, exact=True).click()
            await expect(page.locator("#news")).to_contain_text("Until then write on each bag")
            assert await page.locator("button.card").count() == count
            await person.scan(PLACE)
            await expect(page.locator("#news")).to_contain_text("It is ready as soon as")
        await person.sees("Nothing to pick")
        await person.scan("nobody knows this")
        await expect(page.locator("#alarm")).to_contain_text("We do not know this code here")
        await person.tap("Got it")
        await person.tap("Count (1)")
        await person.tap("Cherry jam")
        await person.scan(GTINS[JAM])
        await page.locator("#counted").fill("20")
        await person.tap("That is the count")
        await person.is_told("info", "Kept. A count is believed if it is sent within ten minutes.")
        assert await floor.rows("SELECT FROM scans") == []

        await page.context.set_offline(offline=False)
        await person.is_told("good", "Counted: 20 of Cherry jam.")
        await expect(page.locator("#state")).to_be_hidden()

    done = await floor.rows("SELECT state, fence, tote FROM pick_tasks ORDER BY tote")
    assert done == [{"state": "staged", "fence": 1, "tote": tote} for tote in (1, 2)]
    assert await floor.rows("SELECT state, count(*) AS n FROM bags GROUP BY 1") == [
        {"state": "waiting", "n": 3}
    ]
    assert await floor.rows("SELECT FROM handheld_cases") == []
