"""Two orders in one walk, with a map: what a person sees, and where each thing goes."""

import pytest
from playwright.async_api import Browser, expect

from associates.handheld import devices
from associates.module import module
from associates.picking import tasks
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from inventory.layout import floors
from inventory.layout.floor import Block, Floor, Point, PointKind, Way
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, RYE, STORE, lay_out
from tests.associates.floor import Floor as ShopFloor
from tests.browser.person import CHROMIUM, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def routes() -> Routes:
    return Routes.of(module.subscriptions)


@pytest.fixture
async def floor(db: Database) -> ShopFloor:
    made = await lay_out(db)
    aisles = tuple(
        Way(str(n), (4.0 * n, 3), (4.0 * n, 23), bays=(1, 12), is_one_way=n == 7)
        for n in range(1, 13)
    )
    cross = tuple(Way(f"y{y}", (4, y), (48, y), is_cross=True) for y in (3, 23))
    plan = Floor((*aisles, *cross), (Point(PointKind.COUNTER, 2, 0, "Counter"),))
    await made.do(floors.put, STORE, plan)
    await made.do(floors.block, STORE, "5", Block("a pallet", bays=(4, 6)))
    return made


async def test_two_orders_in_one_walk_from_the_list_to_their_places(
    browser: Browser, address: str, floor: ShopFloor
) -> None:
    orders = [await floor.open(oat=1, rye=1), await floor.open(jam=1, rye=1)]
    gone, _ = await floor.open(oat=2)
    calm = {order: Odds(9.0) for order, _ in orders}
    await floor.do(waves.foresee, STORE, {**calm, gone: Odds(9.0)})
    async with handheld(browser, address) as person:
        page = person.page
        await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
        await person.sees("3 orders together", "6 items in one walk")
        await person.is_fit("40-together")
        async with page.expect_response("**/package"):
            await page.locator("#together").click()
            await person.sees("Rye bread", "Into tote 1, blue")
        await person.scan(GTINS[RYE])
        await person.is_told("good", "Found. Put it in tote 1, blue.")
        await person.sees("Into tote 2, yellow")
        await person.is_fit("41-wave-pick")

        await person.tap("Map")
        picture = page.get_by_role("img", name="Map of the store: the next place is aisle 3")
        await expect(picture).to_be_visible()
        await person.is_fit("42-map")
        await person.scan(GTINS[RYE])
        await person.is_told("good", "Found. Put it in tote 2, yellow.")

        await floor.do(floors.block, STORE, "12", Block("a lift", bays=(9, 9)))
        await person.is_told("info", "Aisle 12 is blocked: a lift. Your walk is planned anew.")
        await floor.do(floors.block, STORE, "12", Block("a lift", bays=(4, 4)))
        await person.sees("Cherry jam")  # what nobody gets to comes last
        await floor.do(floors.free, STORE, "12")
        await person.is_told("info", "Aisle 12 is free again. Your walk is planned anew.")

        await floor.do(tasks.cancel, STORE, gone)
        await person.scan(GTINS[OAT])
        await person.scan(GTINS[JAM])
        await person.sees("Put tote 1, blue, at a pickup place")
        await person.is_fit("43-wave-stage")
        await person.scan(PLACE)
        await person.sees("Put tote 2, yellow, at a pickup place")
        await person.scan(PLACE)
        await person.sees("Nothing to pick")

    rows = await floor.rows("SELECT state FROM pick_tasks ORDER BY due_at, id")
    assert [row["state"] for row in rows] == ["staged", "staged", "cancelled"]
