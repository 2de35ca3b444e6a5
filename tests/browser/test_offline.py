"""A dead spot, through a real service worker: the work goes on, and arrives in order and once."""

import pytest
from playwright.async_api import Browser, expect

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.handheld import devices
from associates.picking import claims, recording, tasks
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from inventory.looking import conflicts
from inventory.models import Location, LocationKind
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, RYE, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, TAKEN_IN, Handheld, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
SAID = """
    SELECT s.kind, s.outcome FROM scans AS s JOIN devices AS d ON d.id = s.device_id
     WHERE d.name = 'No 7' ORDER BY s.received_at, s.device_seq
"""
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
    await with_something_to_put_back(floor)
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
        await person.tap("Skip")
        await person.sees("Oat drink", "0 of 2 found")
        await person.scan(GTINS[OAT])
        await person.sees("1 of 2 found")
        await person.tap("Undo")
        await person.sees("0 of 2 found")
        await person.scan("nobody knows this")
        await person.is_told(
            "wrong",
            "We do not know this code here. Lay it aside, and go on: "
            "it is looked up when the connection is back.",
        )
        await person.is_fit("30-offline-walk")
        await page.reload()
        await person.sees("Oat drink", "0 of 2 found", "5 scans not yet sent")

        other = await context.new_page()
        await other.goto(f"{address}/handheld?lang=fr")  # whose words are here as well
        await expect(other.locator("body")).to_contain_text("5 scans pas encore envoyés")
        await other.goto(f"{address}/handheld")
        await expect(other.locator("body")).to_contain_text("5 scans not yet sent")
        await person.scan(GTINS[OAT])
        await person.scan(GTINS[OAT])
        await finds_it_nowhere(person)
        await person.scan(PLACE)
        await expect(page.locator("#news")).to_contain_text(
            "is at Counter A12. It is ready as soon"
        )
        await person.sees("Nothing to pick", "12 scans not yet sent")
        await person.tap("Count (1)")
        await person.sees("Nobody found it", "You have looked: somebody else counts it")
        await person.tap("All orders")
        await person.tap("Put back (1)")
        await person.scan(GTINS[JAM])
        await person.is_told("good", "Back on its shelf: 1 of Cherry jam.")
        await person.sees("Nothing to pick", "13 scans not yet sent")
        await person.is_fit("31-offline-kept")
        assert await floor.rows(SAID) == []

        await context.set_offline(offline=False)
        await person.is_told("good", "Ready at Counter A12.")
        await expect(page.locator("#state")).to_be_hidden()
        await expect(other.locator("#state")).to_be_hidden()
        await other.close()

    await all_of_it_has_come(floor)


async def all_of_it_has_come(floor: Floor) -> None:
    assert [(row["kind"], row["outcome"]) for row in await floor.rows(SAID)] == [
        ("take", "applied"),
        ("skip", "applied"),
        ("item", "undone"),
        ("undo", "applied"),
        ("item", "unknown_code"),
        ("item", "applied"),
        ("item", "applied"),
        ("miss", "undone"),
        ("undo", "applied"),
        ("miss", "applied"),
        ("short", "applied"),
        ("stage", "applied"),
        ("put_back", "applied"),
    ]
    assert await floor.rows("SELECT state, fence FROM pick_tasks WHERE state <> 'cancelled'") == [
        {"state": "staged", "fence": 1}
    ]
    assert await floor.rows("SELECT sku, found, short FROM pick_lines WHERE sku <> 'jam'") == [
        {"sku": "oat", "found": 2, "short": 0},
        {"sku": "rye", "found": 0, "short": 1},
    ]
    assert await floor.rows("SELECT kind, missed FROM locations WHERE sku = 'rye'") == [
        {"kind": "shelf", "missed": 1},
        {"kind": "backroom", "missed": 1},
    ]
    assert await floor.rows("SELECT back FROM put_back_duties") == [{"back": 1}]
    assert await floor.rows("SELECT FROM handheld_cases") == []


async def with_something_to_put_back(floor: Floor) -> None:
    """And with a second place of what is nowhere."""
    order_id, task_id = await floor.open(jam=1)
    await floor.do(claims.claim, task_id, floor.sam)
    await floor.do(recording.record, task_id, floor.said(floor.sam, code=GTINS[JAM]), floor.sam)
    await floor.do(tasks.cancel, STORE, order_id)
    async with floor.db.transaction(STORE) as tx:
        where = {"zone": "", "aisle": "R2", "bay": "", "shelf": ""}
        await tx.add(
            Location.of({"store_id": STORE, "sku": RYE, "kind": LocationKind.BACKROOM, **where})
        )


async def finds_it_nowhere(person: Handheld) -> None:
    for is_last in (False, True):
        await person.sees("Rye bread", "Also: Back room")
        await person.tap("Not here")
        await person.tap("Look at the next place")
        await person.is_told("info", "Look in the back room next: the plan has it there too.")
        if not is_last:
            await person.tap("Undo")  # they had not looked well
            await person.is_told("info", "Taken back: Rye bread.")
    await person.tap("Not here")
    await person.tap("It is nowhere to be found")
    await person.sees("Put it at a pickup place", "Not in the bag:")


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
