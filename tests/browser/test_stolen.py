"""A handheld in the wrong hands: it forgets what it knew, and loses nothing that was done on it."""

import json
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from associates.handheld import devices, locking
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from bopis.kernel.ids import DeviceId
from tests.associates.floor import ADA_BADGE, GTINS, NAMES, OAT, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, Handheld, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
AT_REST: Final = """async () => {
    const opened = indexedDB.open('handheld');
    const made = await new Promise((done) => { opened.onsuccess = () => done(opened.result); });
    const all = (name) => new Promise((done) => {
        const asked = made.transaction(name).objectStore(name).getAll();
        asked.onsuccess = () => done(asked.result);
    });
    const caches_ = await Promise.all((await caches.keys()).map(async (name) =>
        (await (await caches.open(name)).keys()).map((request) => request.url)));
    const found = { entries: await all('entries'), kept: await all('kept'), caches: caches_.flat(),
        local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie,
        databases: (await indexedDB.databases()).map(({ name }) => name) };
    made.close();
    return found;
}"""


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


async def at_rest(page: Page) -> dict[str, Any]:
    """Return all that a page may keep, from wherever a page may keep something."""
    found: dict[str, Any] = await page.evaluate(AT_REST)
    assert found["databases"] == ["handheld"]
    return found


async def works(person: Handheld, floor: Floor) -> None:
    """Let Ada scan one unit, and another in a dead spot."""
    page = person.page
    async with page.expect_response("**/v1/handheld/package"):
        await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
    await page.locator("button.card").first.click()
    await person.sees("0 of 2 found")
    async with page.expect_response("**/v1/handheld/log"):
        await person.scan(GTINS[OAT])
    await person.is_told("good", "Found 1 of 2.")
    await expect(page.locator("#state")).to_be_hidden()
    await page.route("**/v1/handheld/log", lambda route: route.abort())
    await person.scan(GTINS[OAT])
    await person.sees("1 scan not yet sent")
    before = ""
    for _ in range(200):  # what it took along is written down beside all this
        before = before if "Ada" in before else json.dumps(await at_rest(page))
    assert "Ada" in before  # it is there: then to miss it means something
    assert NAMES[OAT] in before


async def test_a_handheld_that_is_guessed_at_forgets_and_loses_nothing(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=2)
    async with handheld(browser, address) as person:
        page = person.page
        await works(person, floor)
        await floor.rows("UPDATE associate_sessions SET ends_at = clock_timestamp()")
        await page.unroute("**/v1/handheld/log")
        await person.sees("Scan your badge")
        [device] = await floor.rows("SELECT id FROM devices WHERE name = 'No 7'")
        await floor.rows("UPDATE devices SET wrong_tries = 9 WHERE id = $1", device["id"])
        await person.scan("B9999999999")
        await person.sees("This handheld is locked", "1 scan on it is not yet sent.")
        await person.is_fit("43-locked")
        left = await at_rest(page)
        assert left["kept"] == [2]  # the number of the last entry
        assert [entry["body"]["code"] for entry in left["entries"]] == [GTINS[OAT]]
        assert not {"handheld.session", "handheld.task", "handheld.until"} & left["local"].keys()
        assert (left["session"], left["cookies"]) == ({}, "")
        for word in ("Ada", "Sam", *NAMES.values()):
            assert word not in json.dumps(left)

        title = page.locator("h1")
        await person.tap("It is unlocked")  # it is not
        await expect(title).to_have_text("Scan your badge")
        await person.scan(ADA_BADGE)
        await expect(title).to_have_text("This handheld is locked")
        await floor.do(locking.unlock, STORE, DeviceId(device["id"]))
        await person.tap("It is unlocked")
        await expect(title).to_have_text("Scan your badge")
        await person.scan(ADA_BADGE)
        await person.sees("to pick")
        await expect(page.locator("#state")).to_be_hidden()
        assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 2}]

        await page.evaluate("localStorage.setItem('handheld.until', '1')")
        await page.reload()
        await person.is_told("info", OVER)
        assert "Ada" not in json.dumps(await at_rest(page))

        await person.scan(ADA_BADGE)
        await person.sees("to pick")
        await floor.do(devices.revoke, STORE, DeviceId(device["id"]))  # heard by its live line
        await person.sees("Scan or type the set-up code")
        bare = await at_rest(page)
        assert (bare["kept"], bare["entries"]) == ([2], [])
        assert bare["local"].keys() <= {
            "handheld.sequence",
            "handheld.settings",
            "handheld.language",
            "handheld.store-language",
        }


OVER: Final = (
    "Twelve hours are over: this handheld has forgotten what it knew. What you scanned is kept."
    " Sign in again."
)
