"""A store's record in a real browser: phone and desk, day and night, by keyboard."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from bopis.kernel.database import Database
from bopis.trust import records
from bopis.trust.record import count
from tests.bopis.trust import world
from tests.bopis.trust.made import outcome
from tests.bopis.trust.world import STORE
from tests.browser.axe import look_over
from tests.browser.person import CHROMIUM
from tests.browser.test_status_page import DESK, PHONE, RULES, look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the pages go unseen"),
]
FRIDAY: Final = date(2026, 3, 6)


async def a_record(db: Database) -> None:
    await world.build(db)
    month = count(
        outcome(n, **({"took": 90.0} if n < 13 else {}), lines_found=1 + int(n > 6))
        for n in range(212)
    )
    async with db.transaction(STORE, actor="ops:Desk") as tx:
        await records.write(tx, STORE, {FRIDAY: month, FRIDAY - timedelta(days=30): month})
        await records.annotate(
            tx, STORE, words="The lift was broken.", first_day=FRIDAY, last_day=FRIDAY
        )


async def test_a_record_is_clean_fits_and_is_walked_by_keyboard(
    address: str, db: Database, browser: Browser
) -> None:
    await a_record(db)
    looks: tuple[tuple[Any, Any, str], ...] = (
        (PHONE, "light", "/stores/S1/record"),
        (DESK, "dark", "/stores/S1/record"),
        (PHONE, "dark", "/stores/record"),
    )
    for size, scheme, path in looks:
        page = await browser.new_page(viewport=size, color_scheme=scheme)
        await page.goto(address + path)
        results = await look_over(page, RULES)
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        await page.keyboard.press("Tab")
        first = await page.evaluate("document.activeElement.textContent")
        await page.keyboard.press("Tab")
        second = await page.evaluate("document.activeElement.textContent")
        await look(page, f"record{path.replace('/', '-')}-{size['width']}-{scheme}")
        await page.close()

        assert results.violations_count == 0, results.generate_report()
        assert wide <= 0, "something is wider than the window"
        assert first == "Skip to the main part"
        assert second in {"The same figures for programs", "Store S1"}
