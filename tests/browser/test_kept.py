"""What the device keeps, in a real browser: cleared, of an older page, or not to be had."""

from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.browser.person import CHROMIUM, handheld

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
WATCHED: Final = """
    window.requestAnimationFrame = () => 0;  // a device that draws nothing just now starts, too
    window.durable = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (names, mode, how) {
        if (mode === 'readwrite') durable.push(how?.durability);
        return transaction.call(this, names, mode, how);
    };
"""
OLD: Final = """() => {
    const entry = (n) => ({ scan_id: `old-${n}`, device_seq: n, told: null, session: null,
        scanned_at: '2026-03-06T12:00:00.000-06:00', path: 'tasks/T/scans', body: {} });
    localStorage.setItem('handheld.log', JSON.stringify([entry(4), entry(5)]));
    localStorage.setItem('handheld.sequence', '5');
}"""
APPEND: Final = """async () => {
    const { append } = await import('handheld/store.js');
    const { draft } = await import('handheld/log.js');
    return (await append(draft('tasks/T/scans', {}, null))).device_seq;
}"""
KEPT: Final = """async () => {
    const { entries } = await import('handheld/store.js');
    return (await entries()).map((entry) => entry.device_seq);
}"""
OLDER_PACKAGE: Final = """async () => {
    const { keep } = await import('handheld/store.js');
    await keep('package', { pkg: { as_of: 'long ago', tasks: 'as they were' }, upto: 0 });
    localStorage.setItem('handheld.device', 'S1.x');
    localStorage.setItem('handheld.session', 'y.z');
}"""
CLEARED: Final = """() => new Promise((done) => {
    indexedDB.deleteDatabase('handheld').onsuccess = () => done();
})"""


@pytest.fixture
def routes() -> Routes:
    return Routes()


async def kept(page: Page) -> Any:
    return await page.evaluate(KEPT)


async def test_what_was_scanned_outlives_what_happens_to_its_browser(
    browser: Browser, address: str, db: Database
) -> None:
    assert db
    async with handheld(browser, address) as person:
        page = person.page
        await person.sees("Scan or type the set-up code")
        await page.evaluate(OLD)
        await page.add_init_script(WATCHED)
        await page.reload()  # the older page is replaced while two of its scans wait
        await person.sees("2 scans not yet sent")
        assert await page.evaluate(APPEND) == 6
        assert set(await page.evaluate("durable")) == {"strict"}

        await page.evaluate(CLEARED)
        await page.reload()
        await person.sees("3 scans not yet sent")
        assert await kept(page) == [4, 5, 6]
        assert await page.evaluate(APPEND) == 7

        await page.route("**/v1/handheld/**", lambda route: route.abort())
        await page.evaluate(OLDER_PACKAGE)
        await page.reload()
        await person.sees("No connection · 4 scans not yet sent", "nothing is lost")
        assert await kept(page) == [4, 5, 6, 7]

        await page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: null })")
        await page.reload()
        await expect(page.locator("h1")).to_have_text("This browser keeps nothing")
        await person.is_fit("33-keeps-nothing")
