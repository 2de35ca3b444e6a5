"""Every screen that no picture of README shows, on sheets to be looked at: ``make album``.

No test: nothing of it runs with the others, and the sheets are not kept.
"""

from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, expect

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.crew import people
from associates.handheld import devices
from associates.picking.picking import How, ShelfFirst
from bopis.kernel import keys
from bopis.kernel.errors import Refused
from bopis.kernel.keys import KeyKind
from bopis.ops.floor import deeds
from bopis.trust.audit import audit
from bopis.trust.gap import Beside
from inventory.layout import floors
from inventory.layout.floor import Block
from tests.bopis.trust.made import chain
from tests.browser.album import (
    DESKS,
    FOLDER,
    LANGUAGES,
    PHONES,
    Album,
    at_work,
    calm,
    dressed,
)
from tests.browser.person import CHROMIUM, DESK, PHONE, Handheld, chromium, handheld
from tests.browser.pictures import arrives, shown_to
from tests.browser.test_camera import CAMERA, DETECTOR, film
from tests.journeys.day import GTINS, OAT, PLACE, RYE, S1, Day, wanted

DISPUTE: Final = """
    INSERT INTO disputes (store_id, id, associate_id, about, words, made_at)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: there is nothing to look at"),
    pytest.mark.timeout(600),
]


@pytest.fixture(params=LANGUAGES)
async def album(browser: Browser, request: pytest.FixtureRequest) -> Album:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return Album(await browser.new_page(), request.param)


async def test_lists_and_walks(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await album.take(page, "10-empty-list")
        await day.placed("W-1", lines=wanted(oat=120, jam=2))
        await page.reload()
        await page.locator("button.card").first.click()
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


async def held_in(person: Handheld, album: Album, hand: str) -> None:
    """Hold it in one hand or the other, from whatever screen it shows."""
    await person.page.keyboard.press("Escape")
    await expect(person.page.locator("#banner")).to_be_hidden()
    await person.tap(album.say("Settings"))
    await person.tap(album.say(hand))
    await person.tap(album.say("Back"))


async def test_no_room_while_walking(
    browser: Browser, address: str, day: Day, album: Album
) -> None:
    await dressed(day)
    await day.placed(lines=wanted(oat=2, rye=1))
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await page.locator("button.card").first.click()
        await expect(page.locator(".place")).to_be_visible()
        await person.has_room(address, 1)
        await person.scan(GTINS[RYE])
        await expect(page.locator("#banner.wrong")).to_be_visible()
        await album.take(page, "21-no-room", look=False)


async def test_customers_come_while_walking(
    browser: Browser, address: str, day: Day, album: Album
) -> None:
    await dressed(day)
    orders = [await day.placed(f"W-{n}", lines=wanted(oat=2, rye=1)) for n in range(3)]
    async with at_work(browser, address, day, album) as person:
        page = person.page
        await page.locator("button.card").first.click()
        await expect(page.locator(".place")).to_be_visible()
        await arrives(browser, shown_to(orders[0], address))
        await expect(page.locator("#guest-line")).to_contain_text("Ada")
        await album.take(page, "22-one-is-here")
        for order in orders[1:]:
            await arrives(browser, shown_to(order, address))
        await expect(page.locator("#guest-line")).to_contain_text("3")
        await page.locator("#guest-line").click()
        await album.take(page, "23-three-are-here")


async def test_prompts_and_waves(browser: Browser, address: str, day: Day, album: Album) -> None:
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
                await held_in(person, album, "Left hand")
                await album.take(page, "38-tote-prompt-left-hand")
                await held_in(person, album, "Right hand")
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
        async with page.expect_response("**/package"):
            await person.tap(say("I carry on"))
        await expect(page.locator(".place")).to_be_visible()
        await page.context.set_offline(offline=True)
        await person.scan(GTINS[RYE])
        await expect(page.locator("#state")).to_be_visible()
        await album.take(page, "45-not-yet-sent")
        await day.cancel(order["order_id"])
        await day.settle()
        await page.context.set_offline(offline=False)
        await expect(page.locator("#banner.wrong")).to_be_visible()
        await album.take(page, "46-came-out-otherwise", look=False)
        await page.locator("#banner button").click()
        await person.tap(say("Settings"))
        await page.locator(".heard").scroll_into_view_if_needed()
        await album.take(page, "47-otherwise-in-settings")


async def test_the_counter(browser: Browser, address: str, day: Day, album: Album) -> None:
    say = album.say
    await dressed(day)
    how = Bagging(store_id=S1, labels=True, look_for=["rye"])
    async with day.db.transaction(S1) as tx:
        await bags.configure(tx, how)
        await tx.run(
            "UPDATE stores SET country = $1", {"fr": "FR", "es": "ES"}.get(album.language, "")
        )
    order = await day.placed(lines=wanted(oat=1, rye=1))
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
        await page.locator("#choice-bag-1").click()
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
    seen.write_bytes(film(GTINS[OAT]))
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


class Shut(Refused):
    title = "This is not open to you"


def refuse() -> None:
    raise Shut("Ask whoever gave you this address.")


def fall() -> None:
    raise RuntimeError("as a bug would")


async def troubled(day: Day) -> None:
    """Somebody disagrees, an aisle is blocked, and one store has not kept its word."""
    await dressed(day)
    async with day.db.transaction(S1, actor="ops:Lee (command line)") as tx:
        who = await people.find(tx, S1, "8")
        words = "I was on my break from 12 to 12:30, and did not scan these four items."
        row = (S1, tx.new_id(), who, "scans", words, tx.now)
        await tx.run(DISPUTE, *row)
        await deeds.block(tx, S1, "5", Block("a pallet of glass", bays=(4, 6)))
        await deeds.block(tx, S1, "9", Block("wet floor"))
        await deeds.free(tx, S1, "9")
    found = audit(
        [(one, Beside()) for one in chain(5, stores=3, days=14, bad="S2")],
        [(one, Beside()) for one in chain(6, stores=3, days=14)],
    )
    hour = day.db.clock().replace(minute=0, second=0, microsecond=0)
    day.db.memory["audit", None] = (found, hour)


async def test_pages_for_everybody(
    browser: Browser, app: FastAPI, address: str, day: Day, album: Album
) -> None:
    if album.language != "en":
        return
    sizes = (*PHONES, DESK)
    for path, act in (("shut", refuse), ("fallen", fall)):
        app.get(f"/{path}")(act)
        app.get(f"/ops/{path}")(act)
    await troubled(day)
    async with day.db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.OPS, "desk")
    page = await browser.new_page(viewport=PHONE)
    for path in ("nowhere", "o/nonsense", "shut", "fallen", "ops", "stores/record"):
        await page.goto(f"{address}/{path}")
        await album.take(page, f"80-{path.replace('/', '-')}", sizes, judged=False)
    await page.goto(f"{address}/ops")
    await page.get_by_label("Operations key").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    for path in (
        "", "nowhere", "orders/x", "shut", "fallen", "stores", "floor", "floor/S1", "hours",
        "trust", "devices", "orders",
    ):  # fmt: skip
        await page.goto(f"{address}/ops/{path}".rstrip("/"))
        await album.take(page, f"81-ops-{path.replace('/', '-')}", sizes, judged=False)


async def test_sheets(browser: Browser, address: str, album: Album) -> None:
    sizes = (*PHONES, DESK)
    page = await browser.new_page(viewport=PHONE, locale=album.language)
    for path in ("scanner-codes", "tote-labels", "tote-labels?size=62x29"):
        await page.goto(f"{address}/{path}")
        await album.take(page, f"85-{path.replace('?', '-')}", sizes, judged=False)
        (FOLDER / f"85-{path.replace('?', '-')}-{album.language}.pdf").write_bytes(
            await page.pdf(prefer_css_page_size=True)
        )


async def test_the_counter_screen(browser: Browser, address: str, day: Day, album: Album) -> None:
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
