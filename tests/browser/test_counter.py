"""The handheld at the counter, in a real browser and with the whole house behind it."""

import asyncio
import re

import numpy as np
import pytest
import zxingcpp
from playwright.async_api import Browser, expect

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.handheld import devices
from bopis.trust.verify import verify
from inventory.models import StagingPlace
from tests.browser.person import (
    CHROMIUM,
    HANDHELDS,
    PHONE,
    TAKEN_IN,
    Handheld,
    handheld,
    signed_in,
)
from tests.journeys.day import BADGE, GTINS, JAM, OAT, PLACE, RYE, S1, Day, wanted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]


async def at_work(person: Handheld, day: Day) -> None:
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    await signed_in(person, code, BADGE)


async def pickup_code(day: Day) -> str:
    await day.settle()
    [row] = await day.rows("SELECT pickup_code FROM orders")
    return str(row["pickup_code"])


async def staged(day: Day, reference: str = "W-1", **quantities: int) -> str:
    """Pick and stage an order out of sight; return its number."""
    placed = await day.placed(reference, lines=wanted(**quantities))
    path, fence = await day.handheld.claim(placed["number"])
    for sku, quantity in quantities.items():
        for _ in range(quantity):
            await day.handheld.say(f"{path}/scans", fence=fence, code=GTINS[sku])  # type: ignore[index]
    await day.handheld.stage(path, fence)
    return str(placed["number"])


IS_TAKEN_ALONG = """async () => {
    const { known } = await import('handheld/mind.js');
    while (!known()?.ready.length) await new Promise((done) => setTimeout(done, 20));
}"""


async def test_from_the_list_to_the_customers_hand(
    browser: Browser, address: str, day: Day
) -> None:
    """The network goes when the customer comes: nobody can check their code until it is back."""
    order = await day.placed(lines=wanted(oat=1, rye=1))
    code = await pickup_code(day)
    async with handheld(browser, address, service_workers="allow") as person:
        await at_work(person, day)
        await person.page.evaluate(TAKEN_IN)
        await person.page.locator("button.card").first.click()
        await person.sees("Oat number 0")
        await person.scan(GTINS[RYE])  # the other one, which is in hand
        await person.is_told("good", "Found.")
        await person.scan(GTINS[OAT])
        await person.is_told("good", "That was the last one.")
        await person.scan(PLACE)
        await person.is_told("good", "Ready at Shelf A 12.")
        code = await pickup_code(day)
        await person.scan("NOT-A-CODE")
        await person.is_told(
            "wrong", "No order waits here under this code. Look at the code on their phone again."
        )
        await person.scan(code)
        await person.sees("Shelf A 12", "Ada", order["number"], "Oat number 0")
        await person.is_fit("13-hand-over")
        await person.page.evaluate(IS_TAKEN_ALONG)
        await person.page.context.set_offline(offline=True)
        await person.page.reload()
        await person.sees("Nothing to pick")
        await person.scan(code)
        await person.sees("Which order is it?", "Look at the number on their phone", "Shelf A 12")
        await person.is_fit("36-which-order")
        await person.tap(order["number"])
        await person.sees("The same number must stand on their phone.", "Shelf A 12")
        await person.page.get_by_label("I have looked at it").check()
        await person.is_fit("37-code-unchecked")
        await person.page.context.set_offline(offline=False)
        await expect(person.page.locator("#state")).to_be_hidden()  # nobody had to ask for it
        await person.page.context.set_offline(offline=True)
        await person.tap("Handed over")
        kept = f"Kept: order {order['number']} counts as handed over once this is sent"
        await expect(person.page.locator("#news")).to_contain_text(kept)
        assert (await day.look(order["order_id"]))["state"] == "ready_for_pickup"
        await person.page.context.set_offline(offline=False)
        await person.is_told("good", "Handed over.")
        await person.sees("Nothing to pick")

    assert (await day.look(order["order_id"]))["state"] == "picked_up"
    assert await day.stock(OAT) == (199, 0, 0)


COLD = "P-COLD"
PRINTER = "127.91.0.62"  # an address of this machine on which nothing else listens
LIGHT = """img => {
    const [wide, high] = [992, Math.round(992 * img.naturalHeight / img.naturalWidth)];
    const paper = new OffscreenCanvas(wide, high).getContext('2d');
    paper.drawImage(img, 0, 0, wide, high);
    const { data } = paper.getImageData(0, 0, wide, high);
    const red = data.filter((_, at) => at % 4 === 0);
    return [wide, Array.from(red, (one) => (one > 127 ? 1 : 0)).join('')];
}"""


async def test_two_bags_labelled_put_down_apart_and_handed_over(  # noqa: PLR0915 -- one story
    browser: Browser, address: str, day: Day
) -> None:
    printed: asyncio.Queue[bytes] = asyncio.Queue()

    async def prints(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        printed.put_nowait(await reader.read())
        writer.close()

    how = Bagging(store_id=S1, labels=True, printer_host=PRINTER, look_for=["rye"])
    async with day.db.transaction(S1) as tx:
        await tx.add(StagingPlace(store_id=S1, code=COLD, label="Fridge"))
        await bags.configure(tx, how)
    other = await day.placed("W-0", lines=wanted(jam=1))
    path, fence = await day.handheld.pick(other["number"], JAM)
    [strange] = (await day.handheld.say(f"{path}/bags", fence=fence, count=1))["data"]["bags"]
    order = await day.placed(lines=wanted(oat=1, rye=1))
    async with handheld(browser, address) as person:
        await at_work(person, day)
        await person.page.locator("button.card", has_text=order["number"]).click()
        await person.sees("0 of 1 found")
        await person.scan(GTINS[OAT])
        await person.scan(GTINS[RYE])
        await person.sees("How many bags?", "Oat number 0")
        await person.is_fit("22-how-many-bags")
        await person.scan(PLACE)
        await person.is_told("wrong", "Say first how many bags there are.")
        await person.tap("Got it")
        await person.tap("2 bags")
        await person.is_told(
            "wrong",
            "The label printer does not answer. Look at it, or press Show labels and go on.",
        )
        await person.tap("Got it")
        await person.tap("Show labels")
        await person.sees("Put these labels on the bags")
        first, second = await labels_read_off(person, order["number"])
        await person.is_fit("23-labels")
        paper = await person.page.pdf(prefer_css_page_size=True)
        assert re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", paper) == [(b"175", b"82")] * 2
        async with await asyncio.start_server(prints, PRINTER, 9100):
            await person.tap("Label printer")
            await person.is_told("good", "2 labels are at the printer.")
            job = await printed.get()
            assert job.count(b"^XA") == 2
            assert [code.encode() in job for code in (first, second)] == [True, True]
            assert b"shopper.example" not in job
        await person.sees("Scan one place for all, or a bag and then its place.")
        await person.scan(strange["code"])
        await person.is_told(
            "wrong", f"This is bag 1 of order {other['number']}. Put it with that order."
        )
        await person.scan(first)
        await person.is_told("good", "Bag 1. Now scan its place.")
        await person.is_fit("24-bag-in-hand")
        await person.scan(COLD)
        await person.is_told("good", "Down at Fridge. Now bag 2.")
        assert (await day.look(order["order_id"]))["state"] == "picking"
        await person.scan(PLACE)
        await person.is_told("good", "Ready at Fridge (bag 1) and Shelf A 12 (bag 2).")

        await day.settle()
        await person.scan(second)
        await person.is_told(
            "info", f"This is bag 2 of order {order['number']}. It belongs at Shelf A 12."
        )
        [row] = await day.rows("SELECT pickup_code FROM orders WHERE number = $1", order["number"])
        await person.scan(row["pickup_code"])
        await person.sees("Fetch and scan 2 bags", "Bag 1 · Fridge", "Bag 2 · Shelf A 12")
        await person.sees("Look at their ID: one of its items asks for it.")
        await person.scan(strange["code"])
        await person.is_told(
            "wrong",
            f"This is bag 1 of order {other['number']}. Do not hand it over:"
            " put it back where it was.",
        )
        await person.is_fit("25-bags-to-scan")
        await person.scan(second)
        await person.is_told("good", "Bag 2. Now bag 1: Fridge.")
        await person.scan(first)
        await person.is_told("good", "Bag 1. That was the last one.")
        done = person.page.get_by_role("button", name="Handed over")
        await expect(done).to_be_disabled()
        await person.page.get_by_label("I have looked at it").check()
        await person.is_fit("26-all-bags")
        await done.click()
        await person.is_told("good", "Handed over.")
        await person.scan(row["pickup_code"])
        await person.is_told(
            "wrong", "No order waits here under this code. Look at the code on their phone again."
        )

    assert (await day.look(order["order_id"]))["state"] == "picked_up"
    states = await day.rows("SELECT number, state, by_hand FROM bags ORDER BY state, number")
    assert [tuple(row.values()) for row in states] == [
        (1, "given", False),
        (2, "given", False),
        (1, "packed", False),
    ]
    assert {one.invariant.id: one.examples for one in await verify(day.db) if one.count} == {}


async def labels_read_off(person: Handheld, number: str) -> list[str]:
    """Read the labels off the screen, as a scanner would: each by both of its codes."""
    codes = []
    for label in await person.page.locator("img.label").all():
        assert number in (await label.get_attribute("alt") or "")
        wide, light = await label.evaluate(LIGHT)
        bits = np.frombuffer(light.encode(), np.uint8) - ord("0")
        read = zxingcpp.read_barcodes((255 * bits).reshape(-1, wide))
        assert {one.format.name for one in read} == {"Code128", "QRCode"}
        [code] = {one.text for one in read}
        codes.append(code)
    return codes


async def test_what_is_not_in_the_bag_is_said_item_by_item(
    browser: Browser, address: str, day: Day
) -> None:
    await staged(day, oat=3, rye=1, jam=1)
    async with handheld(browser, address) as person:
        await at_work(person, day)
        await person.scan(await pickup_code(day))
        await person.sees("Shelf A 12", "Jam number 2")
        await person.tap("Not all here")
        await person.sees("What is not here?", "3 should be here", "The whole bag")
        await expect(person.page.get_by_role("button", name="Pick again")).to_be_disabled()
        await person.is_fit("14-not-here")

        await person.tap("The whole bag")
        await person.sees("Pick everything again")
        await person.tap("Rye number 1")
        await person.sees("Pick 1 again", "1 of 1 not here")
        await expect(person.page.get_by_role("button", name="Rye number 1")).to_be_focused()
        await person.tap("Oat number 0")
        await person.sees("How many of Oat number 0 are not here?")
        await person.tap("One more")
        await person.is_fit("15-how-many")
        await person.page.get_by_role("button", name="2 not here").click()
        await person.sees("Pick 3 again", "2 of 3 not here")
        await person.is_fit("16-chosen")
        await person.tap("Rye number 1")
        await person.tap("Pick 2 again")
        await person.is_told(
            "info", "To be found again: 2. We tell the customer that it is not ready after all."
        )
        await person.sees("1 order to pick", "2 items")

    assert await day.rows("SELECT state FROM orders") == [{"state": "picking"}]
    lines = await day.rows("SELECT sku, asked, found FROM pick_lines ORDER BY line")
    assert [line["asked"] - line["found"] for line in lines] == [2, 0, 0]


async def test_a_scan_beside_the_bag_chooses_its_line(
    browser: Browser, address: str, day: Day
) -> None:
    await staged(day, oat=2, rye=1)
    async with handheld(browser, address) as person:
        await at_work(person, day)
        await person.scan(await pickup_code(day))
        await person.sees("Fetch it from")
        await person.scan(PLACE)
        await person.is_told("good", "This is the place: Shelf A 12.")
        await person.scan(GTINS[JAM])
        await person.is_told("wrong", "This is Jam number 2. It is not in this order.")
        await person.scan(GTINS[RYE])
        await person.sees("1 of 1 not here", "Pick 1 again")
        await person.scan(GTINS[OAT])
        await person.sees("How many of Oat number 0 are not here?")
        await person.tap("1 not here")
        await person.sees("Pick 2 again")
        await person.tap("All here")
        await person.sees("Fetch it from")
        await person.tap("Not all here")
        await person.sees("Pick again")  # what was chosen before is forgotten

    assert await day.rows("SELECT state FROM orders") == [{"state": "ready_for_pickup"}]


async def press(person: Handheld, name: str) -> None:
    """Press a button with the keyboard alone."""
    await person.sees(name)
    named = "(e => e?.ariaLabel || e?.innerText || '')(document.querySelector(':focus'))"
    for _ in range(20):
        await person.page.keyboard.press("Tab")
        if name in await person.page.evaluate(named):
            await person.page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard never came to {name}")


async def test_a_day_with_a_scanner_and_a_keyboard(
    browser: Browser, address: str, day: Day
) -> None:
    first = await day.placed("W-1", lines=wanted(oat=2, rye=1, jam=1))
    async with handheld(browser, address) as person:
        await at_work(person, day)
        await press(person, first["number"])
        await picks_by_keyboard(person)
        await stages_by_scanner(person)
        code = await pickup_code(day)
        await press(person, "Customer is here")
        await press(person, "Type the code")
        await person.sees("Type a pickup code")
        await person.page.keyboard.type(code.lower(), delay=80)
        await person.page.keyboard.press("Enter")
        await person.sees("Fetch it from", "Shelf A 12")
        await press(person, "Handed over")
        await person.is_told("good", "Handed over.")

        second = await day.placed("W-2", lines=wanted(jam=2))
        await day.handheld.pick(second["number"], JAM, JAM)
        await day.cancel(second["order_id"])
        await day.settle()
        await person.page.reload()
        await press(person, "Put back (1)")
        await press(person, "Not all of it")
        await person.sees("How many can go back on the shelf?")
        await person.is_fit("27-how-many-back")
        await press(person, "1")
        await person.sees("What is with the other one?")
        await person.is_fit("28-what-is-with-the-rest")
        await press(person, "Broken, or past its date")
        await person.sees("Scan the one that is back on its shelf")
        async with person.page.expect_response(lambda answer: "/log" in answer.url):
            await person.scan(GTINS[JAM])
        await person.is_told("good", "Back on its shelf: 1 of Jam number 2.")
        await person.sees("Nothing to pick")

    assert (await day.look(first["order_id"]))["state"] == "picked_up"
    assert await day.stock(OAT) == (198, 0, 0)
    assert await day.stock(JAM) == (199, 0, 1)  # one is broken: it is there, and not for sale


async def picks_by_keyboard(person: Handheld) -> None:
    await person.sees("Oat number 0", "0 of 2 found")
    await person.scan(PLACE)
    await person.is_told("wrong", "Not yet: something is still to be found.")
    await person.scan("4006381333948")
    await person.is_told("wrong", "We do not know this code. Scan the bars on the item itself.")
    await person.scan(GTINS[OAT])
    await person.sees("1 of 2 found")
    await person.scan(GTINS[OAT])
    await person.sees("Rye number 1")
    await press(person, "Undo")
    await person.is_told("info", "Taken back: Oat number 0.")
    await person.photograph("21-taken-back")
    await person.sees("1 of 2 found")
    await person.scan(GTINS[OAT])
    await person.sees("Rye number 1")
    await press(person, "Not here")
    await person.sees("Why is it not here?")
    await person.page.keyboard.press("Escape")
    await person.sees("0 of 1 found")
    await press(person, "Not here")
    await press(person, "It is nowhere to be found")
    await person.is_told("info", "Noted: 1 of Rye number 1 not here.")


async def stages_by_scanner(person: Handheld) -> None:
    await person.sees("Jam number 2")
    await person.scan(GTINS[JAM])
    await person.sees("Put it at a pickup place", "Not in the bag:")
    await person.scan(GTINS[RYE])
    await person.is_told("wrong", "We noted that Rye number 1 is not here. Press Undo if it is.")
    await person.scan(PLACE)
    await person.is_told("good", "Ready at Shelf A 12.")
    await person.sees("Nothing to pick")


async def test_of_many_one_is_scanned_and_the_number_keyed_in(
    browser: Browser, address: str, day: Day
) -> None:
    await day.placed(lines=wanted(oat=12))
    async with handheld(browser, address) as person:
        await at_work(person, day)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 12 found")
        await person.tap("Many at once")
        await person.sees("How many have you got?")
        await person.page.locator("#count").fill("99")
        await person.page.keyboard.press("Tab")
        await expect(person.page.locator("#count")).to_have_value("12")
        await person.tap("One fewer")
        await person.is_fit("19-many")
        await lies_where_the_thumb_is(person, "right")
        await person.tap("One by one")
        await person.tap("Settings")
        await person.tap("Left hand")
        await expect(person.page.get_by_role("button", name="Left hand")).to_be_focused()
        await person.tap("Back")
        await person.tap("Many at once")
        await lies_where_the_thumb_is(person, "left")
        await person.tap("One fewer")
        await person.scan(GTINS[OAT])
        await person.is_told("good", "Found 11 of 12.")
        await person.scan(GTINS[OAT])
        await person.is_told("good", "That was the last one.")


async def lies_where_the_thumb_is(person: Handheld, hand: str) -> None:
    """Look at the steps and, below them, at the buttons, on both sizes: one hand reaches them."""
    for size in HANDHELDS:
        await person.page.set_viewport_size(size)
        middles = {
            name: await person.page.get_by_role("button", name=name).evaluate(
                "b => { const r = b.getBoundingClientRect(); return [r.x + r.width / 2, r.y] }"
            )
            for name in ("One fewer", "One more")
        }
        half = size["width"] / 2
        for x, y in middles.values():
            assert (x > half) is (hand == "right"), (size, middles)
            assert y > size["height"] / 2, (size, middles)
    await person.page.set_viewport_size(PHONE)
    await person.tap("One by one")
    undo, gone = [
        await person.page.get_by_role("button", name=name).evaluate("b => b.offsetLeft")
        for name in ("Undo", "Not here")
    ]
    assert (undo < gone) is (hand == "right")
    await person.tap("Many at once")


async def test_a_hand_over_without_a_network_is_kept_and_said_once(
    browser: Browser, address: str, day: Day
) -> None:
    """And so is that nothing is in the bag of another order."""
    lacking = await staged(day, rye=1)
    missed = await pickup_code(day)
    number = await staged(day, "W-2", oat=1)
    await day.settle()
    rows = await day.rows("SELECT pickup_code FROM orders WHERE number = $1", number)
    async with handheld(browser, address, service_workers="allow") as person:
        await at_work(person, day)
        await person.page.evaluate(TAKEN_IN)
        await person.scan(missed)
        await person.sees("Fetch it from", lacking)
        await person.page.context.set_offline(offline=True)
        await person.tap("Not all here")
        await person.tap("The whole bag")
        await person.tap("Pick everything again")
        await person.sees("No connection · 1 scan not yet sent", "Nothing to pick")
        await person.page.reload()
        await person.sees("1 scan not yet sent")
        await person.page.context.set_offline(offline=False)
        await person.sees("1 order to pick")
        await person.scan(rows[0]["pickup_code"])
        await person.sees("Fetch it from")
        await person.page.context.set_offline(offline=True)
        await person.tap("Handed over")
        await person.sees("No connection · 1 scan not yet sent", "1 order to pick")
        await person.photograph("20-handed-over-unsent")
        await person.page.context.set_offline(offline=False)
        await person.is_told("good", "Handed over.")
        await expect(person.page.locator("#state")).to_be_hidden()

    said = await day.rows(
        "SELECT kind, outcome FROM scans WHERE kind IN ('retract', 'hand_over') ORDER BY device_seq"
    )
    assert said == [{"kind": kind, "outcome": "applied"} for kind in ("retract", "hand_over")]
    assert await day.stock(OAT) == (199, 0, 0)
    states = await day.rows("SELECT state FROM orders ORDER BY reference")
    assert [row["state"] for row in states] == ["picking", "picked_up"]
