"""Every screen that no picture of README shows, photographed to be looked at: ``make album``.

Each is one sheet: 360 by 640 and 480 by 800, light and dark, side by side. No test: nothing of it
runs with the others, and the sheets are not kept. What a machine can see of a screen (targets too
small, words cut off, two main buttons, whatever axe finds) is written beside them, in faults.txt.
"""

import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.crew import people
from associates.handheld import devices
from associates.picking import pickings
from associates.picking.picking import How, ShelfFirst
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel import keys
from bopis.kernel.keys import KeyKind
from bopis.kernel.speech import Speech
from inventory.layout import floors
from inventory.layout.floor import Block, Floor, Point, PointKind, Way
from tests.browser.person import (
    AXE,
    CHROMIUM,
    DESK,
    PHONE,
    ROOMY,
    SMALL,
    Handheld,
    chromium,
    handheld,
)
from tests.browser.pictures import arrives, shown_to
from tests.browser.test_camera import CAMERA, DETECTOR, film, read
from tests.journeys.day import GTINS, JAM, OAT, PLACE, RYE, S1, Day, wanted

FOLDER: Final = Path(os.environ.get("BOPIS_ALBUM", "album"))
LANGUAGES: Final = os.environ.get("BOPIS_ALBUM_LANGUAGES", "en,es,fr").split(",")
PHONES: Final[Any] = (PHONE, {"width": 480, "height": 800})
NARROW: Final[Any] = {"width": 320, "height": 568}
DESKS: Final[Any] = (
    {"width": 1920, "height": 1080},
    {"width": 1180, "height": 820},
    {"width": 820, "height": 1180},
)
KIM: Final = "B0000000008"
CUT_OFF: Final = """() => [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility())
    .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
        && getComputedStyle(e).display !== 'inline' && !e.closest('svg') && !e.classList.contains('unseen'))
    .map((e) => `${e.localName}.${e.className} ${(e.textContent ?? '').slice(0, 50)}`)"""
MAIN: Final = """() => [...document.querySelectorAll('button.go')]
    .filter((e) => e.checkVisibility() && !e.disabled && !e.classList.contains('card'))
    .map((e) => e.textContent)"""
SHEET: Final = """(pictures) => {
    document.body.style.cssText = 'margin:0;display:flex;gap:8px;align-items:start;background:#888';
    document.body.replaceChildren(...pictures.map((one) => {
        const img = new Image();
        img.src = 'data:image/png;base64,' + one;
        return img;
    }));
    return Promise.all([...document.images].map((one) => one.decode()));
}"""

LONG: Final = (
    "UPDATE items SET size = '12 × 1 l', name = 'Organic barista oat drink, gluten-free, with"
    " calcium and vitamin D, unsweetened, ultra-high-temperature treated' WHERE sku = 'oat'",
    "UPDATE items SET size = '500 g', name = 'Rye bread, sliced' WHERE sku = 'rye'",
    "UPDATE items SET name = 'Cherryandblackcurrantconserve' WHERE sku = 'jam'",
    "UPDATE stores SET name = 'Riverside Shopping Village, Lower Ground Floor' WHERE store_id='S1'",
)
PLACES: Final = (
    "UPDATE locations SET zone = 'Household and seasonal goods, lower ground floor',"
    " aisle = '112', bay = '34', shelf = 'B12', label = 'SHELF-OAT'"
    " WHERE store_id = $1 AND sku = 'oat'",
    "UPDATE locations SET zone = '', aisle = '3', bay = '7' WHERE store_id = $1 AND sku = 'rye'",
    "UPDATE locations SET zone = '', aisle = '9', bay = '2' WHERE store_id = $1 AND sku = 'jam'",
)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: there is nothing to look at"),
    pytest.mark.timeout(600),
]


class Album:
    """Sheets of screens in one language."""

    def __init__(self, lab: Page, language: str) -> None:
        self.lab = lab
        self.language = language
        self.say: Callable[[str], str] = Speech(language).t

    async def take(self, page: Page, name: str, sizes: Any = PHONES, *, look: bool = True) -> None:
        name = f"{name}-{self.language}"
        found, shots = [], []
        narrow = (NARROW,) if sizes is PHONES and self.language != "en" else ()
        for size in (*narrow, *sizes):
            await page.set_viewport_size(size)
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                shots.append(base64.b64encode(await page.screenshot()).decode())
            at = f"{name} at {size['width']}"
            found += [f"{at}: too small {one}" for one in await page.evaluate(SMALL)]
            found += [f"{at}: cut off {one}" for one in await page.evaluate(CUT_OFF)]
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found += [f"{at}: wider than the screen by {wide}"] if wide > 0 else []
            main = await page.evaluate(MAIN)
            found += [f"{at}: main buttons {main}"] if len(main) > 1 else []
        if look:
            await page.set_viewport_size(ROOMY if sizes is PHONES else sizes[0])
            seen = await Axe().run(page, options=AXE)
            found += [f"{name}: {one['id']} {one['nodes']}" for one in seen.response["violations"]]
        await page.set_viewport_size(sizes[0])
        await self.lab.evaluate(SHEET, shots)
        await self.lab.set_viewport_size({"width": 100, "height": 100})
        await self.lab.screenshot(path=FOLDER / f"{name}.png", full_page=True)
        with (FOLDER / "faults.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{one}\n" for one in found)


@pytest.fixture(params=LANGUAGES)
async def album(browser: Browser, request: pytest.FixtureRequest) -> Album:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return Album(await browser.new_page(), request.param)


@asynccontextmanager
async def at_work(
    browser: Browser, address: str, day: Day, album: Album, badge: str = KIM, **options: Any
) -> AsyncIterator[Handheld]:
    say = album.say
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    async with handheld(browser, address, locale=album.language, **options) as person:
        await person.sees(say("Scan or type the set-up code"))
        await person.scan(code)
        await expect(person.page.locator("#code")).to_have_value(code)
        await person.page.locator("#name").fill("No 7")
        await person.tap(say("Set up"))
        await person.sees(say("Scan your badge"))
        await person.scan(badge)
        await person.sees(say("Settings")) if False else None
        await expect(person.page.locator("#top")).to_contain_text("Kim")
        yield person


async def dressed(day: Day, how: How | None = None) -> None:
    async with day.db.transaction() as tx:
        for statement in LONG:
            await tx.run(statement)
    aisles = tuple(Way(f"{n}", (4.0 * n, 3), (4.0 * n, 23), bays=(1, 12)) for n in range(1, 13))
    far = Way("112", (52, 3), (52, 23), bays=(1, 40))
    cross = tuple(Way(f"y{y}", (4, y), (52, y), is_cross=True) for y in (3, 23))
    async with day.db.transaction(S1) as tx:
        for statement in PLACES:
            await tx.run(statement, S1)
        points = (Point(PointKind.COUNTER, 2, 0, "Counter"),)
        await floors.put(tx, S1, Floor((*aisles, far, *cross), points))
        await people.add(tx, S1, number="8", name="Kim", badge=KIM)
        if how is not None:
            await pickings.configure(tx, S1, how)


async def calm(day: Day) -> None:
    """Nobody is in a hurry: orders may be walked together."""
    async with day.db.transaction(S1) as tx:
        rows = await tx.rows("SELECT id FROM orders WHERE store_id = $1", S1)
        await waves.foresee(tx, S1, {row["id"]: Odds(9.0) for row in rows})


async def test_lists_and_walks(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await album.take(page, "10-empty-list")
        await day.placed("W-1", lines=wanted(oat=120, jam=2))
        await page.reload()
        await page.locator("button.card").first.click()
        await person.sees("Organic barista") if False else None
        await expect(page.locator(".place")).to_be_visible()
        await person.tap(say("Skip"))
        await album.take(page, "11-walk-long")
        if await page.get_by_role("button", name=say("Many at once")).count() == 0:
            await person.tap(say("Skip"))
        await album.take(page, "12-walk-three-digits")
        await person.tap(say("Many at once"))
        await album.take(page, "13-many")
        await page.keyboard.press("Escape")
        await person.tap(say("Not here"))
        await album.take(page, "14-not-here")
        await person.tap(say("I see it somewhere else"))
        await album.take(page, "15-elsewhere")
        await page.keyboard.press("Escape")
        async with day.db.transaction(S1) as tx:
            reason = "a broken pallet of glass, mind your step"
            await floors.block(tx, S1, "112", Block(reason))
        await expect(page.locator("#news")).to_contain_text("112")
        await album.take(page, "16-blocked", look=False)
        await person.tap(say("Settings"))
        await person.tap(say("Left hand"))
        await page.keyboard.press("Escape")
        await page.locator("#banner").evaluate("banner => { banner.hidden = true }")
        await album.take(page, "17-left-hand")
        await person.tap(say("Settings"))
        await person.tap(say("What is recorded about you"))
        await page.locator("summary").nth(3).click()
        await album.take(page, "18-about-me")
        await page.locator("details[open] ul").scroll_into_view_if_needed()
        await album.take(page, "19-about-me-rows")
        await page.locator("details[open] button").click()
        await album.take(page, "20-not-so")


async def test_prompts_and_waves(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day, How(ShelfFirst.ALWAYS, totes=True, heavy_first=False))
    for n in range(4):
        await day.placed(f"W-{n}", lines=wanted(oat=1, rye=1))
    await calm(day)
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await album.take(page, "30-four-together")
        await page.locator("#together").click()
        await expect(page.locator("#tote")).to_be_visible()
        await album.take(page, "31-wave")
        await page.locator("#tote").click()
        await album.take(page, "32-your-totes")
        await page.keyboard.press("Escape")
        for n in range(1, 5):
            await person.scan(GTINS[RYE])
            await page.wait_for_timeout(900)
            if n == 1:
                await album.take(page, "33-tote-prompt")
                await person.scan(GTINS[RYE])
                await expect(page.locator("#banner.wrong")).to_be_visible()
                await album.take(page, "34-tote-first", look=False)
            await person.scan(f"TOTE-{n}")
            await page.wait_for_timeout(900)
        await album.take(page, "35-shelf-prompt")
        await person.scan(GTINS[OAT])
        await expect(page.locator("#banner.wrong")).to_be_visible()
        await album.take(page, "36-shelf-first", look=False)
        for n in range(1, 5):
            await person.scan("SHELF-OAT")
            await page.wait_for_timeout(900)
            await person.scan(GTINS[OAT])
            await page.wait_for_timeout(900)
            await person.scan(f"TOTE-{n}")
            await page.wait_for_timeout(900)
        await album.take(page, "37-wave-stage")


async def test_two_who_want_it(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    order = await day.placed(lines=wanted(oat=2, rye=1))
    path, _ = await day.handheld.pick(order["number"], OAT)
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await page.locator("button.card").first.click()
        await expect(page.locator("#thumb button.go")).to_be_visible()
        await album.take(page, "40-taken")
        await person.tap(say("Ask for it"))
        await person.tap(say("Look again")) if False else None
        await page.wait_for_timeout(500)
        await album.take(page, "41-asked", look=False)
        yes = await day.client.post(
            f"/v1/handheld/{path}/answer", json={"yes": False}, headers=day.handheld.headers
        )
        assert yes.status_code == 200
        await expect(page.get_by_role("button", name=say("Ask for it"))).to_be_visible()
        await album.take(page, "42-refused")
        await person.tap(say("Ask for it"))
        await page.wait_for_timeout(500)
        await day.client.post(
            f"/v1/handheld/{path}/answer", json={"yes": True}, headers=day.handheld.headers
        )
        await expect(page.get_by_role("button", name=say("It is all here: go on"))).to_be_visible()
        await album.take(page, "43-take-over")
        await person.tap(say("It is all here: go on"))
        await day.client.post(f"/v1/handheld/{path}/ask", headers=day.handheld.headers)
        await expect(page.get_by_role("button", name=say("I carry on"))).to_be_visible()
        await album.take(page, "44-they-ask")


async def test_the_counter(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    how = Bagging(store_id=S1, labels=True, look_for=["rye"])
    async with day.db.transaction(S1) as tx:
        await bags.configure(tx, how)
        await tx.run(
            "UPDATE stores SET country = $1", {"fr": "FR", "es": "ES"}.get(album.language, "")
        )
    other = {"name": "Bartholomew Featherstonehaugh"}
    order = (
        await day.placed(lines=wanted(oat=1, rye=1), collector=None)
        if False
        else await day.placed(lines=wanted(oat=1, rye=1))
    )
    await day.rows(
        "UPDATE staging_places SET label = 'Cold room, left of the door, shelf A 12' RETURNING code"
    )
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await page.locator("button.card").first.click()
        await expect(page.locator(".place")).to_be_visible()
        await person.scan(GTINS[RYE])
        await person.scan(GTINS[OAT])
        await person.sees(say("How many bags?"))
        await album.take(page, "50-how-many-bags")
        await person.page.locator("#bags-2").click()
        await expect(page.locator("img.label").first).to_be_visible()
        await album.take(page, "51-labels")
        await person.tap(say("Done"))
        await album.take(page, "52-put-down")
        await person.scan(PLACE)
        await page.wait_for_timeout(900)
        await day.settle()
        [row] = await day.rows("SELECT pickup_code FROM orders")
        await person.tap(say("Customer is here"))
        await album.take(page, "53-counter")
        await person.tap(say("Type the code"))
        await album.take(page, "54-type-code")
        await page.keyboard.press("Escape")
        await person.scan(row["pickup_code"])
        await person.sees(order["number"])
        await album.take(page, "55-hand-over")
        await page.locator("#bag-1").click()
        await album.take(page, "56-no-label")
        await page.locator("#thumb button.go").click()
        await page.wait_for_timeout(600)
        await album.take(page, "57-one-by-hand")
        await page.locator("#other").check()
        await album.take(page, "58-somebody-else")


async def test_what_goes_wrong(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    async with handheld(browser, address, locale=album.language) as person:
        page = person.page
        await person.sees(say("Scan or type the set-up code"))
        await album.take(page, "60-set-up")
        await page.context.set_offline(offline=True)
        await person.scan(code)
        await page.locator("#name").fill("No 7")
        await person.tap(say("Set up"))
        await expect(page.locator("#banner")).to_be_visible()
        await album.take(page, "61-no-network-at-first", look=False)
        await page.context.set_offline(offline=False)
        await page.locator("#banner button").click()
        await person.tap(say("Set up"))
        await person.sees(say("Scan your badge"))
        await album.take(page, "62-sign-in")
        for _ in range(7):
            await page.locator("#number").fill("8")
            await page.locator("#pin").fill("0000")
            await person.tap(say("Sign in"))
            await expect(page.locator("#banner")).to_be_visible()
            await page.locator("#banner button").click()
        await page.locator("#number").fill("8")
        await page.locator("#pin").fill("0000")
        await person.tap(say("Sign in"))
        await expect(page.locator("#banner")).to_be_visible()
        await album.take(page, "63-locked-out", look=False)
        await page.locator("#banner button").click()
        await page.goto(f"{address}/handheld")
        await person.sees(say("Scan your badge"))
        await page.evaluate(
            "indexedDB.open = () => { throw new DOMException('full', 'QuotaExceededError') }"
        )
        await page.add_init_script(
            "indexedDB.open = () => { throw new DOMException('full', 'QuotaExceededError') }"
        )
        await page.reload()
        await page.wait_for_timeout(800)
        await album.take(page, "64-keeps-nothing", look=False)
        person.errors.clear()


async def test_with_a_camera(address: str, day: Day, album: Album, tmp_path: Path) -> None:
    await dressed(day)
    await day.placed(lines=wanted(rye=1))
    seen = tmp_path / "seen.y4m"
    seen.write_bytes(film(GTINS[OAT])[:-1])
    async with (
        chromium(*(flag.format(seen) for flag in CAMERA)) as browser,
        at_work(browser, address, day, album) as person,
    ):
        page = person.page
        await page.context.expose_function("readBarcodes", lambda *_: [])
        await page.context.add_init_script(DETECTOR)
        await page.reload()
        await page.locator("button.card").first.click()
        await person.tap(album.say("Use the camera"))
        await expect(page.locator("video")).to_be_visible()
        await page.wait_for_timeout(800)
        await album.take(page, "70-camera")


async def test_pages_for_everybody(browser: Browser, address: str, day: Day, album: Album) -> None:
    if album.language != "en":
        return
    sizes = (*PHONES, DESK)
    async with day.db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.OPS, "desk")
    page = await browser.new_page(viewport=PHONE)
    for name, path in (
        ("404", "/nowhere"), ("order-404", "/o/nonsense"), ("ops-sign-in", "/ops"),
        ("counter-set-up", "/counter"), ("stores-record", "/stores/record"),
        ("codes", "/scanner-codes"), ("totes", "/tote-labels"),
    ):  # fmt: skip
        await page.goto(f"{address}{path}")
        await album.take(page, f"80-{name}", sizes)
    await page.goto(f"{address}/ops")
    await page.get_by_label("Operations key").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    for name, path in (
        ("today", ""), ("404", "/nowhere"), ("order-404", "/orders/x"), ("stores", "/stores"),
        ("floor", "/floor"), ("floor-S1", "/floor/S1"), ("hours", "/hours"), ("trust", "/trust"),
        ("disputes", "/disputes"), ("devices", "/devices"), ("orders", "/orders"),
    ):  # fmt: skip
        await page.goto(f"{address}/ops{path}")
        await album.take(page, f"81-ops-{name}", sizes)
    await page.goto(f"{address}/ops/floor/S1")


async def test_the_counter_screen(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    page = await browser.new_page(viewport=DESKS[0], locale=album.language)
    await page.goto(f"{address}/counter")
    await album.take(page, "90-counter-set-up", DESKS)
    await page.locator("input").first.fill(code)
    await page.locator("button.go, .btn, button").first.click()
    await page.wait_for_timeout(1500)
    await album.take(page, "91-counter-0", DESKS)
    done = 0
    for count in (1, 12, 40):
        for n in range(done, count):
            who = ("Ada", "Maximiliana-Josephine", "Jo", "Christopher")[n % 4]
            order = await day.placed(
                f"W-{n}",
                lines=wanted(rye=1),
                customer={"first_name": who, "email": f"a{n}@b.example"},
            )
            path, fence = await day.handheld.pick(order["number"], RYE)
            await day.handheld.stage(path, fence)
            if n in {0, 3, 5, 7, 20, 21, 22}:
                await day.settle()
                await arrives(browser, shown_to(order, address))
        done = count
        await day.settle()
        await page.wait_for_timeout(1500)
        await album.take(page, f"92-counter-{count}", DESKS)
