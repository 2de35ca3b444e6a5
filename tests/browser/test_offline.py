"""A dead spot, through a real service worker: the work goes on, and arrives in order and once."""

import pytest
from playwright.async_api import Browser, expect

from associates import devices
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import ADA_BADGE, GTINS, OAT, PLACE, RYE, STORE, Floor, lay_out
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
