"""Photographs every screen, to be looked at: two sizes and a narrow one, light and dark.

``make album`` takes them (``screens.py``). What a machine can see of a screen (targets too small,
words cut off, two main buttons, whatever axe finds) is written beside the sheets, in faults.txt.
"""

import base64
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from associates.crew import people
from associates.handheld import devices
from associates.picking import pickings
from associates.picking.picking import How
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel.speech import Speech
from inventory.layout import floors
from inventory.layout.floor import Floor, Point, PointKind, Way
from tests.browser.person import AXE, PHONE, ROOMY, SMALL, Handheld, handheld
from tests.journeys.day import S1, Day

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
CUT_OFF: Final = """() => [...document.querySelectorAll('body *')]
    .filter((e) => e.checkVisibility() && !e.closest('svg') && !e.classList.contains('unseen'))
    .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
    .filter((e) => getComputedStyle(e).display !== 'inline')
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
    """UPDATE items SET size = '12 x 1 l', name = 'Organic barista oat drink, gluten-free, with'
              || ' calcium and vitamin D, unsweetened, ultra-high-temperature treated'
        WHERE sku = 'oat'""",
    "UPDATE items SET size = '500 g', name = 'Rye bread, sliced' WHERE sku = 'rye'",
    "UPDATE items SET name = 'Cherryandblackcurrantconserve' WHERE sku = 'jam'",
    "UPDATE stores SET name = 'Riverside Shopping Village, Lower Ground Floor' WHERE store_id='S1'",
)
PLACES: Final = (
    """UPDATE locations SET zone = 'Household and seasonal goods, lower ground floor',
              aisle = '112', bay = '34', shelf = 'B12', label = 'SHELF-OAT'
        WHERE store_id = $1 AND sku = 'oat'""",
    "UPDATE locations SET zone = '', aisle = '3', bay = '7' WHERE store_id = $1 AND sku = 'rye'",
    "UPDATE locations SET zone = '', aisle = '9', bay = '2' WHERE store_id = $1 AND sku = 'jam'",
)


class Album:
    """Sheets of screens in one language."""

    def __init__(self, lab: Page, language: str) -> None:
        self.lab = lab
        self.language = language
        self.say: Callable[[str], str] = Speech(language).t

    async def take(
        self,
        page: Page,
        name: str,
        sizes: Any = PHONES,
        *,
        look: bool = True,
        judged: bool = True,
    ) -> None:
        """Take one screen.

        Args:
            page: Where it is.
            name: What the sheet is called.
            sizes: Which screens it is looked at on.
            look: Whether axe looks, too; not where a message lies over the screen.
            judged: Whether targets and widths are those of a handheld.
        """
        name = f"{name}-{self.language}"
        found, shots = [], []
        narrow = (NARROW,) if sizes is PHONES and self.language != "en" else ()
        for size in (*narrow, *sizes):
            await page.set_viewport_size(size)
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                shots.append(base64.b64encode(await page.screenshot()).decode())
            if not judged:
                continue
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
        await waves.foresee(tx, S1, {row["id"]: Odds(2.0) for row in rows})
