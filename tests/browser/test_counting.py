"""The second place, the question about the shelf, and a count, in a real browser."""

import pytest
from playwright.async_api import Browser, expect

from associates.handheld import devices
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, Handheld, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def routes() -> Routes:
    """Nobody above hears: it is about the floor alone."""
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    made = await lay_out(db)
    await made.rows("UPDATE stock SET on_hand = 2 WHERE sku = 'oat'")
    await made.rows(
        "INSERT INTO locations (store_id, sku, zone, aisle, bay, shelf, kind, found, learned_at,"
        " last_found_at) VALUES ('S1', 'oat', '', 'R2', '', '', 'backroom', 1, $1, $1)",
        db.clock(),
    )
    return made


async def test_a_miss_a_question_and_a_count(browser: Browser, address: str, floor: Floor) -> None:
    await floor.open(oat=1)
    async with handheld(browser, address, color_scheme="light") as person:
        await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
        await person.page.locator("button.card").first.click()
        await looks_in_the_second_place(person)
        await answers_the_question(person)
        await counts(person)

    places = await floor.rows(
        "SELECT kind, missed, found FROM locations WHERE sku = 'oat' ORDER BY kind"
    )
    assert [(row["kind"], row["missed"], row["found"] > 1) for row in places] == [
        ("backroom", 0, True),
        ("shelf", 1, False),
    ]
    [stock] = await floor.rows("SELECT on_hand FROM stock WHERE sku = 'oat'")
    assert stock == {"on_hand": 10}  # nine counted, and the one at the counter


async def looks_in_the_second_place(person: Handheld) -> None:
    await person.sees(
        "The plan says that it is here. Nobody has looked yet.", "Also: Back room · aisle R2"
    )
    await person.is_fit("20-second-place")
    await person.tap("Not here")
    await person.tap("I see it somewhere else")
    await person.sees("Scan the label of the shelf.")
    await person.is_fit("21-somewhere-else")
    await person.tap("Back to the item")
    await person.tap("Not here")
    await person.is_fit("22-not-here")
    await person.tap("Look at the next place")
    await person.is_told("info", "Look in the back room next: it was found there today.")
    await person.sees("Back room", "It is probably here: found today.")
    await person.is_fit("23-back-room")
    await person.scan(GTINS[OAT])


async def answers_the_question(person: Handheld) -> None:
    await expect(person.page.locator("h1")).to_be_focused()
    await person.sees("Is its place in the back room empty now?", "Oat drink")
    await person.is_fit("24-question")
    await person.page.get_by_role("button", name="Yes, empty").focus()
    await person.page.keyboard.press("Enter")
    words = "Thank you. We thought otherwise, so it is on the list to be counted."
    await person.is_told("info", words)
    await person.scan(PLACE)
    await person.sees("Nothing to pick")


async def counts(person: Handheld) -> None:
    await person.tap("Count (1)")
    await person.sees("Not found, or in doubt", "about 2 minutes")
    await person.is_fit("25-to-count")
    await person.page.locator("button.card").click()
    await person.sees("Scan one of them")
    await person.is_fit("26-count")
    await person.scan(GTINS[JAM])
    await person.is_told("wrong", "This is Cherry jam. Count Oat drink.")
    await scans_one(person)
    await person.is_fit("27-how-many")
    await keys_in(person, "9")
    await person.is_told("wrong", "You counted 9, the record says 1. Count once more.")
    await person.photograph("28-count-again")
    await person.tap("Got it")
    await person.sees("Count it again")
    await person.page.context.set_offline(offline=True)
    await person.tap("None there")
    await person.sees("none in the back room?")
    await person.is_fit("29-none")
    await person.tap("Back to the count")
    await person.page.context.set_offline(offline=False)
    await scans_one(person)
    await keys_in(person, "9")
    await person.is_told("good", "Counted: 9 of Oat drink.")
    await person.sees("Nothing to count")


async def scans_one(person: Handheld) -> None:
    await person.scan(GTINS[OAT])
    await person.sees("How many of Oat drink are there?")


async def keys_in(person: Handheld, number: str) -> None:
    field = person.page.locator("#counted")
    await expect(field).to_be_focused()
    await field.press_sequentially(number, delay=80)
    await person.page.keyboard.press("Enter")
