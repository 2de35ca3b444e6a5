"""Store operations in a real browser: sign in, sort, filter, copy, act, and see news come in."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bopis.kernel import keys
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.settings import Settings
from inventory.layout import floors
from inventory.layout.floor import Block, Direction
from notifications.models import ClaimKind, MessageKind
from tests.bopis.ops.conftest import Key
from tests.bopis.ops.desk import PLAN, READY, S1, S2, conflict, dead_letter
from tests.bopis.ops.story import three_want_it
from tests.bopis.trust import world
from tests.browser.axe import look_over
from tests.browser.person import CHROMIUM, SHOTS

Scheme = Literal["light", "dark"]
SCREENS: Final[tuple[tuple[int, Scheme], ...]] = (
    (360, "light"),
    (1280, "dark"),
    *(((360, "dark"), (1280, "light")) if SHOTS else ()),
)
S3: Final = StoreId("S3")
NAMES: Final = {S1: "Riverside", S2: "Hilltop", S3: "Old Town"}
AXE: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE: Final = """
    document.documentElement.scrollWidth <= innerWidth ? [] :
      [...document.querySelectorAll("main *")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest(".scroll"))
      .map((one) => one.outerHTML.slice(0, 90))
"""
"""What makes a page wider than its screen."""
PAGES: Final = {
    "today": "",
    "stores": "/stores",
    "orders": "/orders?show=all",
    "order": f"/orders/{READY}",
    "feeds": "/feeds",
    "batch": "/feeds/pos/b2",
    "conflicts": "/conflicts",
    "counts": "/counts",
    "items": "/stock?q=nothing",
    "item": "/stock/oats?store=S2",
    "item-everywhere": "/stock/oats",
    "dead-letters": "/dead-letters",
    "hours": "/hours",
    "hours-of-one": "/hours/S1",
    "aisles": "/floor/S1",
    "trust": "/trust",
    "report": "/report",
    "devices": "/devices",
    "nothing": "/orders?show=staff",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the dashboard goes unseen"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"base_url": "http://127.0.0.1"})


@pytest.fixture
async def secret(db: Database) -> str:
    async with db.transaction() as tx:
        return (await keys.add(tx, KeyKind.OPS, "desk"))[1]


async def a_bad_day(db: Database, clock: ManualClock) -> None:
    """Three stores: one is well, one is late and has told its customer, one has a conflict."""
    await world.build(db, stores=(S1, S2, S3))
    await conflict(db, S2)
    await dead_letter(db, S1)
    async with db.transaction() as tx:
        for store_id, name in NAMES.items():
            await tx.run("UPDATE stores SET name = $2 WHERE store_id = $1", store_id, name)
        await tx.run(
            "INSERT INTO feed_batches (source, batch_id, kind, as_of, digest, state, problem,"
            " rows, rejected, received_at) VALUES ('pos', 'b2', 'snapshot', $1, 'd2',"
            " 'quarantined', '214 of 900 rows are bad', 900, 214, $1)",
            tx.now,
        )
        await tx.run(
            "INSERT INTO feed_rejects (source, batch_id, line, field, reason, raw) SELECT 'pos',"
            " 'b2', n, 'quantity', 'not_a_number', 'S1,oats-' || n || ',\"a dozen\"'"
            " FROM generate_series(1, 9) n"
        )
        await tx.run(
            "INSERT INTO feed_gaps (id, source, sequence, until, opened_at)"
            " VALUES ($1, 'pos', 17, 19, $2)",
            world.event_id(8, 8),
            tx.now,
        )
        await tx.run(
            "INSERT INTO count_requests (store_id, id, sku, reason, priority, opened_at, due_at)"
            " VALUES ('S1', $1, 'oats', 'not_found', 0, $2, $2),"
            " ('S3', $1, 'oats', 'low_record', 2, $2, $2::timestamptz + interval '4 hours')",
            world.event_id(7, 7),
            tx.now,
        )
        await tx.run("UPDATE orders SET estimate_at = promised_at, p_late = 0.04 * length(number)")
    async with db.transaction(S3) as tx:
        later = tx.now + timedelta(minutes=75)
        await tx.run(
            "INSERT INTO promises SELECT store_id, order_id, 2, earliest, $1, confidence, 212,"
            " 'store', base_minutes, 'searching_item', $2 FROM promises"
            " WHERE store_id = 'S3' AND order_id = $3",
            later,
            tx.now,
            world.order_id(0),
        )
        await tx.run(
            "UPDATE orders SET promise_version = 2, promised_at = $1, promise_status = 'delayed',"
            " p_late = 0.83, estimate_at = $1, state = 'picking' WHERE store_id = 'S3' AND id = $2",
            later,
            world.order_id(0),
        )
        moved = {
            "previously": (tx.now + timedelta(minutes=30)).isoformat(),
            "promised_at": later.isoformat(),
            "reason": "searching_item",
        }
        await world.fact(tx, 0, 5, "order.delayed", tx.now, version=2, **moved)
        claim = (ClaimKind.DELAY, later.isoformat())
        await world.message(tx, 0, 5, MessageKind.DELAY_APOLOGY, tx.now, claim)
    async with db.transaction(S1) as tx:
        await floors.put(tx, S1, PLAN)
        await floors.block(tx, S1, "1", Block("wet floor", bays=(4, 6)))
        await floors.block(tx, S1, "front", Block("a lift", direction=Direction.BACK))
    clock.advance(timedelta(minutes=20))


async def sign_in(context: BrowserContext, address: str, secret: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{address}/ops")
    await page.get_by_label("Operations key").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("person")
    return page


async def well_made(page: Page, name: str) -> None:
    """Look at a page on each screen; axe goes the quicker through a page that it knows.

    Colors may not be on their way when they are looked at: so without motion.
    """
    for width, scheme in SCREENS:
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await looks_well(page, f"{name}-{width}-{scheme}")


async def looks_well(page: Page, name: str) -> None:
    """No accessibility fault, and nothing wider than the screen; a picture where one is wanted."""
    found = (await look_over(page, AXE)).response["violations"]
    faults = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
    assert faults == [], name
    wide = await page.evaluate(WIDE)
    assert wide == [], name
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"ops-{name}.png", full_page=True)


async def test_every_page_is_well_made(
    browser: Browser, address: str, db: Database, clock: ManualClock, secret: str
) -> None:
    await a_bad_day(db, clock)
    context = await browser.new_context()
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    fresh = await context.new_page()
    await fresh.goto(f"{address}/ops")
    await well_made(fresh, "sign-in")

    page = await sign_in(context, address, secret)
    for name, path in PAGES.items():
        await page.goto(f"{address}/ops{path}")
        await well_made(page, name)

    assert errors == []


async def test_a_table_sorts_filters_and_copies(
    browser: Browser, address: str, db: Database, clock: ManualClock, secret: str
) -> None:
    await a_bad_day(db, clock)
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = await sign_in(context, address, secret)
    await page.goto(f"{address}/ops/orders?show=all")
    rows = page.locator("#orders tbody tr:not([hidden])")

    await page.get_by_role("button", name="Store", exact=True).click()
    await expect(rows.first).to_contain_text("Hilltop")
    await page.get_by_role("button", name="Store", exact=True).click()
    await expect(rows.first).to_contain_text("Riverside")
    await expect(page.locator("th[aria-sort=descending]")).to_have_text("Store")

    await page.get_by_label("Type to filter this table").fill("old town")
    await expect(rows).to_have_count(3)

    await page.get_by_role("button", name="Copy as CSV").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied: Any = await page.evaluate("navigator.clipboard.readText()")
    lines = copied.splitlines()
    assert lines[0].startswith('"Order","Store","State"')
    assert len(lines) == 4


async def test_news_comes_in_and_never_under_busy_hands(
    browser: Browser, address: str, db: Database, secret: str
) -> None:
    await world.build(db)
    context = await browser.new_context()
    await context.clock.install()
    page = await sign_in(context, address, secret)
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text("Nothing needs a person right now")

    await dead_letter(db)
    await context.clock.run_for(6000)
    await expect(heading).to_have_text("1 thing needs a person")
    await expect(page.locator("#news")).to_have_text("1 thing needs a person.")

    await page.goto(f"{address}/ops/dead-letters")
    await page.locator("summary", has_text="Give up").click()
    await page.get_by_label("Why?").fill("Told the customer by ph")
    async with db.transaction() as tx:
        await tx.run("UPDATE deliveries SET error = 'something new'")
    await context.clock.run_for(6000)
    await expect(page.get_by_label("Why?")).to_have_value("Told the customer by ph")

    await page.get_by_role("button", name="Give up").click()
    await expect(page.locator("main")).to_contain_text("no step has failed for good")


async def test_without_scripts_it_is_the_same_dashboard(
    browser: Browser, address: str, db: Database, clock: ManualClock, secret: str
) -> None:
    await a_bad_day(db, clock)
    context = await browser.new_context(java_script_enabled=False)
    page = await sign_in(context, address, secret)

    await page.get_by_role("link", name="Handhelds").click()
    await page.locator("summary", has_text="Make a code").click()
    await page.get_by_role("combobox").select_option("S1")
    await page.get_by_role("button", name="Make a code").click()

    await expect(page.locator(".secret")).to_contain_text("S1-")

    await page.goto(f"{address}/ops/floor/S1")
    form = page.locator("details", has_text="How this store picks")
    await form.locator("summary").click()
    await form.get_by_label("How many units may one person write off?").select_option("3")
    await form.get_by_role("button").click()
    await page.wait_for_url("**/ops/floor/S1?done=picking")


@pytest.mark.parametrize(("width", "scheme"), SCREENS if SHOTS else SCREENS[:1])
async def test_a_conflict_is_counted_without_a_mouse(  # noqa: PLR0917 - fixtures
    browser: Browser,
    address: str,
    db: Database,
    client: httpx.AsyncClient,
    clock: ManualClock,
    key: Key,
    secret: str,
    width: int,
    scheme: Scheme,
) -> None:
    await three_want_it(db, client, clock, key)
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = await sign_in(context, address, secret)
    await page.goto(f"{address}/ops/conflicts")
    await looks_well(page, f"case-{width}-{scheme}")
    loser = page.get_by_role("listitem").filter(has_text="goes without")
    await expect(loser).to_contain_text("3 to find")

    await page.get_by_label("How many are there?").focus()
    await page.keyboard.type("6")
    await page.keyboard.press("Enter")
    outcome = page.locator("#outcome")
    await expect(outcome).to_contain_text("your count of 6 is kept, and it is too few")
    await expect(outcome).to_be_focused()
    await looks_well(page, f"case-counted-{width}-{scheme}")

    await page.get_by_role("link", name="Oat number 0").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("none to sell")
    await looks_well(page, f"item-in-conflict-{width}-{scheme}")
    await page.get_by_label("How many are there?").fill("9")
    await page.get_by_role("button", name="Save the count").click()
    await expect(outcome).to_contain_text("9 in the building")
    await page.get_by_role("link", name="Conflicts").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("No conflict is open")
    await looks_well(page, f"inbox-settled-{width}-{scheme}")


@pytest.mark.parametrize(("width", "scheme"), SCREENS if SHOTS else SCREENS[:1])
async def test_a_store_is_paused_without_a_mouse(  # noqa: PLR0917 - fixtures
    browser: Browser,
    address: str,
    db: Database,
    clock: ManualClock,
    secret: str,
    width: int,
    scheme: Scheme,
) -> None:
    await a_bad_day(db, clock)
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = await sign_in(context, address, secret)
    await page.goto(f"{address}/ops/hours/S1")
    await page.locator("summary", has_text="Pause this store").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Why? Shoppers read it").focus()
    await page.keyboard.type("Power")
    await looks_well(page, f"pausing-{width}-{scheme}")

    await page.get_by_label("For colleagues").focus()
    await page.keyboard.press("Enter")

    outcome = page.locator("#outcome")
    await expect(outcome).to_contain_text("Paused until")
    await expect(outcome).to_be_focused()
    await expect(page.get_by_text(": power cut.")).to_be_visible()
    await looks_well(page, f"paused-{width}-{scheme}")
    await page.locator("summary", has_text="Go on now").press("Enter")
    await page.get_by_label("Why? It is kept with your name.").first.fill("light again")
    await page.keyboard.press("Enter")
    await expect(outcome).to_contain_text("The pause is over")
    await expect(page.locator("#part-pauses")).to_contain_text("Nothing is paused")
