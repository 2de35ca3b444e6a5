"""The handheld in a real browser: enrol, sign in, pick with a scanner, stage, put back."""

import pytest
from playwright.async_api import Browser

from associates.handheld import devices
from associates.picking import tasks
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, RYE, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, Handheld, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]

A_MOMENT = "new Promise((done) => setTimeout(done, 200))"


@pytest.fixture
def routes() -> Routes:
    """Nobody above hears: it is about the floor alone."""
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


async def at_work(person: Handheld, floor: Floor) -> None:
    await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
    await person.sees("Ada")


async def test_a_day_on_the_floor(browser: Browser, address: str, floor: Floor) -> None:
    order_id, _ = await floor.open(oat=2, rye=1, jam=1)
    await floor.open(rye=1)
    async with handheld(browser, address, color_scheme="light") as person:
        await person.sees("Scan or type the set-up code")
        await person.is_fit("1-set-up")
        await at_work(person, floor)
        await person.is_fit("3-list")
        await person.page.locator("button.card").first.click()
        await finds_what_is_there(person)
        await leaves_out_what_is_not(person)
        await stages(person)
        await floor.do(tasks.expire, STORE, order_id)
        await person.page.reload()
        await puts_back(person)
        await person.tap("Customer is here")
        await person.sees("pickup code")
        await person.is_fit("10-counter")

    [row] = await floor.rows(
        "SELECT state, staging_code FROM pick_tasks WHERE order_id = $1", order_id
    )
    assert row == {"state": "cancelled", "staging_code": PLACE}
    assert (await floor.facts()).count("pick.line_found") == 4  # one of them taken back


async def test_a_list_that_changes_under_a_finger_waits_for_it(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(rye=1)
    async with handheld(browser, address) as person:
        await at_work(person, floor)
        async with person.pressing("button.card"):
            async with person.page.expect_response("**/v1/handheld/tasks"):
                await floor.open(jam=1)
            await person.page.evaluate(A_MOMENT)
            await person.sees("1 order to pick")
        await person.sees("Rye bread", "0 of 1 found")


async def finds_what_is_there(person: Handheld) -> None:
    await person.sees("Aisle", "Rye bread", "0 of 1 found")
    await person.is_fit("4-walk")
    await person.scan(GTINS[JAM] + "9")  # a torn label
    await person.is_told("wrong", "We do not know this code. Scan the bars on the item itself.")
    await person.photograph("5-wrong")
    await person.page.evaluate("document.documentElement.style.fontSize = '2em'; scrollTo(0, 300)")
    await person.scan(GTINS[RYE])
    await person.is_told("good", "Found.")
    await person.sees("Cherry jam")
    assert await person.page.evaluate("scrollY") == 0  # where to go now, from its first word
    await person.page.evaluate("document.documentElement.style.fontSize = ''")
    await person.tap("Skip")
    await person.sees("Oat drink", "0 of 2 found")
    await person.scan(GTINS[OAT])
    await person.is_told("good", "Found 1 of 2.")
    await person.tap("Undo")
    await person.sees("0 of 2 found")
    await person.scan(GTINS[OAT])
    await person.sees("1 of 2 found")
    await person.page.reload()  # and carry on where we were
    await person.sees("Oat drink", "1 of 2 found")
    await person.tap("Type the code")
    await person.page.locator("#typed").press_sequentially(GTINS[OAT], delay=80)
    await person.is_fit("6-typing")
    await person.tap("Use this code")


async def leaves_out_what_is_not(person: Handheld) -> None:
    await person.sees("Cherry jam")
    await person.tap("Not here")
    await person.sees("Why is it not here?")
    await person.is_fit("7-short")
    await person.page.go_back()
    await person.sees("0 of 1 found")
    await person.tap("Not here")
    await person.tap("It is nowhere to be found")


async def stages(person: Handheld) -> None:
    await person.sees("Put it at a pickup place", "Not in the bag:")
    await person.is_fit("8-stage")
    await person.scan("P-NOWHERE")
    await person.is_told("wrong", "This is no pickup place of ours. Scan the label of the place.")
    await person.scan(PLACE)
    await person.is_told("good", "Ready at Counter A12.")


async def puts_back(person: Handheld) -> None:
    await person.tap("Put back (2)")
    await person.sees("From Counter A12", "Oat drink")
    await person.is_fit("9-put-back")
    await person.scan(GTINS[OAT])
    await person.is_told("good", "Back on its shelf: 2 of Oat drink.")
    await person.sees("Rye bread")
    await person.tap("Later")


async def test_a_scanner_presses_no_button_and_a_person_is_no_scanner(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=3)
    async with handheld(browser, address) as person:
        await at_work(person, floor)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 3 found")
        await person.page.get_by_role("button", name="Not here").focus()
        await person.scan(GTINS[OAT])
        await person.sees("1 of 3 found")
        await person.page.get_by_role("button", name="Not here").focus()
        await person.scan(GTINS[OAT], gap=0.2)  # slow: a person, whose Enter presses the button
        await person.sees("Why are 2 not here?")
        await person.tap("It is here")
        await person.tap("Settings")
        await person.scan("]d201" + GTINS[OAT].zfill(14))
        await person.sees("19 characters as keys", "GTIN 4006381333931.")
        await person.is_fit("12-scanner")
        await person.tap("Back to the settings")
        await person.page.get_by_label("Play a tone").uncheck()
        await person.page.get_by_label("Buzz").uncheck()
        await person.sees("the screen alone says what a scan meant.")
        await person.is_fit("12-settings")
        await person.tap("Sign out")
        await person.sees("Scan your badge")
        await person.is_fit("2-sign-in")

    assert await floor.rows("SELECT sum(found) AS n FROM pick_lines") == [{"n": 1}]
