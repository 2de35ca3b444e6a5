"""An order's page in a real browser: phone and desk, day and night, with and without JavaScript."""

from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, Page

from bopis.kernel.database import Database
from bopis.orders.telling import links
from tests.bopis.shopper import world
from tests.bopis.shopper.world import STORE, found, path, something
from tests.browser.axe import look_over
from tests.browser.person import CHROMIUM, SHOTS

PHONE: Final[Any] = {"width": 360, "height": 740}
DESK: Final[Any] = {"width": 1280, "height": 900}
RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the pages go unseen"),
]

A_MOMENT: Final = "new Promise((done) => setTimeout(done, 200))"
READY: Final = """
    UPDATE orders SET state = 'ready_for_pickup', picking_since = accepted_at, ready_at = $2,
           first_ready_at = $2, hold_until = $2::timestamptz + interval '2 days'
     WHERE store_id = $1
"""
MOVED: Final = """
    UPDATE orders SET promise_version = 2, promised_at = promised_at + interval '45 minutes',
           promise_status = 'delayed'
     WHERE store_id = $1
"""
MOVED_TO: Final = """
    INSERT INTO promises (store_id, order_id, version, latest, confidence, sample_size, basis,
                          base_minutes, reason, made_at)
    SELECT store_id, order_id, 2, latest + interval '45 minutes', 0.9, 212, basis, base_minutes,
           'searching_item', made_at FROM promises WHERE store_id = $1
"""
COLLECTED: Final = """
    UPDATE orders SET state = 'picked_up', closed_at = $2, next_update_due_at = NULL
     WHERE store_id = $1
"""
SHORT: Final = """
    UPDATE order_lines SET reserved = 0, short = 1 WHERE store_id = $1 AND line = 2
"""
ASKED: Final = """
    INSERT INTO choice_cases (store_id, order_id, number, state, cause, lines, options, elsewhere,
                              default_choice, answer_by, wait_until, ask_after, opened_at,
                              offered_at)
    SELECT store_id, order_id, 1, 'offered', 'not_there',
           jsonb_build_array(jsonb_build_object('line', line, 'sku', sku, 'name', name,
                                                'quantity', short, 'recount', true)),
           '["wait", "partial_now", "cancel_order"]', '[{"name": "Hill Street", "km": 3.4}]',
           'partial_now', $2::timestamptz + interval '1 hour', $2::timestamptz + interval '2 hours',
           $2, $2, $2
      FROM order_lines WHERE store_id = $1 AND line = 2
"""


@pytest.fixture
async def front(address: str, db: Database) -> str:
    links.configure(["test-link-key-of-no-value"], "https://pickup.example")
    async with db.transaction(STORE) as tx:
        await world.a_store(tx)
        await world.an_order(tx)
    return address


async def run(db: Database, *statements: str) -> None:
    async with db.transaction(STORE) as tx:
        for statement in statements:
            await tx.run(statement, STORE, *([tx.now] if "$2" in statement else []))


async def look(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


STATES: Final[dict[str, tuple[str, ...]]] = {
    "accepted": (),
    "moved": (MOVED, MOVED_TO),
    "ready": (READY,),
    "asked": (SHORT, ASKED),
    "asked_ready": (SHORT, ASKED, READY),
    "picked_up": (READY, COLLECTED),
}


Look = tuple[Literal["phone", "desk"], Literal["light", "dark"]]
BY_DAY: Final[tuple[Look, ...]] = (("phone", "light"), ("desk", "dark"))
BY_NIGHT: Final[tuple[Look, ...]] = (("phone", "dark"), ("desk", "light"))
LOOKS: Final = {
    "accepted": BY_DAY,
    "moved": BY_NIGHT,
    "ready": BY_DAY,
    "asked": BY_DAY,
    "asked_ready": BY_NIGHT,
    "picked_up": BY_NIGHT,
}


@pytest.mark.parametrize("state", STATES)
async def test_axe_finds_nothing(front: str, db: Database, browser: Browser, state: str) -> None:
    await found(db)
    await run(db, *STATES[state])
    page = await browser.new_page(reduced_motion="reduce")  # no color on its way to another
    await page.goto(front + path())
    for summary in await page.locator("summary").all():
        await summary.click()
    for size, scheme in LOOKS[state]:
        await page.set_viewport_size(PHONE if size == "phone" else DESK)
        await page.emulate_media(color_scheme=scheme)
        results = await look_over(page, RULES)
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        await look(page, f"{state}-{size}-{scheme}")

        assert results.violations_count == 0, results.generate_report()
        assert wide <= 0, "something is wider than the window"


@pytest.mark.parametrize("way", ["/cancel", "/nothing"])
async def test_the_other_pages_are_clean_too(front: str, browser: Browser, way: str) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(front + (path() + way if way == "/cancel" else "/o/S0042.nothing"))
    results = await look_over(page, RULES)
    await look(page, way.strip("/"))

    assert results.violations_count == 0, results.generate_report()


async def test_news_arrives_by_itself(front: str, db: Database, browser: Browser) -> None:
    page = await browser.new_page(viewport=PHONE)
    faults: list[str] = []
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(front + path())
    await page.locator("summary", has_text="What has happened").click()
    await page.locator("summary", has_text="Where are you?").click()
    await page.get_by_label("In a parking spot").check()
    await page.get_by_label("Its number, if it has one").fill("47")
    await found(db)
    await page.get_by_text("2 of 3 items found").wait_for()
    kept_open = await page.locator("#happened").get_attribute("open")
    filled = await page.get_by_label("Its number, if it has one").input_value()
    await page.get_by_role("button", name="I am here").hover()
    await page.mouse.down()
    async with page.expect_response(f"**{path()}"):
        await run(db, MOVED, MOVED_TO)
        await something(db)
    await page.evaluate(A_MOMENT)
    await page.mouse.up()
    await page.get_by_text("that you are here, in parking spot 47").wait_for()
    await run(db, READY)
    await something(db)
    await page.locator("h1", has_text="You can come now").wait_for()

    assert kept_open is not None
    assert filled == "47"
    assert await page.locator("[data-say]").text_content() == "Ready. You can come now"
    assert not faults


async def test_it_is_whole_without_javascript(front: str, db: Database, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = await context.new_page()
    await found(db)
    await page.goto(front + path())
    shown = await page.locator("main").inner_text()
    await page.get_by_role("link", name="Cancel this order").click()
    await page.get_by_role("button", name="Cancel the order").click()
    headline = await page.locator("h1").inner_text()
    await look(page, "cancelled-phone-nojs")

    assert "2 of 3 items found" in shown
    assert "Ready by" in shown
    assert headline.split("\n") == ["Cancelled.", "Nothing to collect"]


async def test_a_choice_is_one_tap_without_javascript_and_said_to_be_taken(
    front: str, db: Database, browser: Browser
) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = await context.new_page()
    await found(db)
    await run(db, SHORT, ASKED)
    await page.goto(front + path())
    small = await page.locator(".options button").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44).length"
    )
    await page.get_by_role("button", name="Take the rest without it").click()
    said = await page.locator("#choice").inner_text()
    await look(page, "chosen-phone-nojs")

    assert small == 0
    assert said.startswith("You chose the rest without Rye bread.")


async def test_it_can_be_walked_by_keyboard(front: str, browser: Browser) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(front + path())
    await page.keyboard.press("Tab")
    first = await page.evaluate("document.activeElement.textContent")
    for _ in range(12):
        await page.keyboard.press("Tab")
        if "Cancel this order" in await page.evaluate("document.activeElement.textContent"):
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cancel")

    assert first == "Skip to the main part"


async def test_at_twice_the_size_nothing_is_cut_off(front: str, browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 320, "height": 640})
    await page.goto(front + path())
    await page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
