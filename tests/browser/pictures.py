"""The pictures of README, taken anew: ``make pictures``.

One made-up noon in one made-up store, so that the same order is on the shopper's page, on the
handheld and before store operations. No test: nothing of it runs with the others.
"""

import base64
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from playwright.async_api import Browser, Page, expect

from associates.crew import people
from associates.handheld import devices
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel import keys
from bopis.kernel.keys import KeyKind
from inventory.layout import floors
from inventory.layout.floor import Block, Floor, Point, PointKind, Way
from tests.browser.person import CHROMIUM, handheld, signed_in
from tests.journeys.day import GTINS, JAM, MINUTE, OAT, RYE, S1, Day, wanted

FOLDER: Final = Path(os.environ.get("BOPIS_PICTURES", "docs/img"))
MOST: Final = 150_000
"""Bytes of one picture: whoever reads README may be on a train."""
SHADES: Final = 256

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: there is nothing to look at"),
    pytest.mark.timeout(300),
]

COLLECTED: Final = ("Ben", "Jo", "Luis")
WAITING: Final = ("Mia", "Noor", "Omar", "Eva")
TO_PICK: Final = ("Hana", "Tom", "Ines")
DRESSED: Final = (
    "UPDATE stores SET name = CASE store_id WHEN 'S1' THEN 'Riverside' ELSE 'Hill Street' END",
    "UPDATE items SET name = 'Oat drink', size = '1 l' WHERE sku = 'oat'",
    "UPDATE items SET name = 'Rye bread, sliced', size = '500 g' WHERE sku = 'rye'",
    "UPDATE items SET name = 'Cherry jam', size = '340 g' WHERE sku = 'jam'",
)
PLACES: Final = (
    "UPDATE locations SET zone = '', aisle = '12', bay = '4' WHERE store_id = $1 AND sku = 'oat'",
    "UPDATE locations SET zone = '', aisle = '3', bay = '7' WHERE store_id = $1 AND sku = 'rye'",
    "UPDATE locations SET zone = '', aisle = '9', bay = '2' WHERE store_id = $1 AND sku = 'jam'",
    "UPDATE staging_places SET label = 'Counter A12' WHERE store_id = $1",
)
SET_ASIDE: Final = """
    INSERT INTO feed_batches (source, batch_id, kind, as_of, digest, state, problem, rows, rejected,
                              received_at)
    VALUES ('till', '2026-03-06-14', 'snapshot', $1, 'd', 'quarantined', '214 of 900 rows are bad',
            900, 214, $1)
"""
PIXELS: Final = """async (address) => {
    const img = new Image();
    img.src = address;
    await img.decode();
    const paper = new OffscreenCanvas(img.width, img.height).getContext('2d');
    paper.drawImage(img, 0, 0);
    const { data } = paper.getImageData(0, 0, img.width, img.height);
    const parts = Array.from({ length: Math.ceil(data.length / 32768) }, (_, n) =>
        String.fromCharCode(...data.subarray(n * 32768, (n + 1) * 32768)));
    return [img.width, btoa(parts.join(''))];
}"""


class Studio:
    """Takes pictures, and keeps them small: 256 colors are all that a flat page has."""

    def __init__(self, lab: Page) -> None:
        self.lab = lab

    async def take(self, page: Page, name: str) -> None:
        shot = base64.b64encode(await page.screenshot()).decode()
        wide, raw = await self.lab.evaluate(PIXELS, f"data:image/png;base64,{shot}")
        pixels = np.frombuffer(base64.b64decode(raw), np.uint8).reshape(-1, wide, 4)[..., :3]
        small = paletted(pixels)
        assert len(small) < MOST, f"{name} is {len(small)} bytes"
        (FOLDER / f"{name}.png").write_bytes(small)


def paletted(pixels: np.ndarray) -> bytes:
    """Return a picture as PNG of at most 256 colors: near ones become one, their mean."""
    flat = pixels.reshape(-1, 3).astype(np.int64)
    for shift in range(8):
        packed = (flat >> shift) @ (1 << 16, 1 << 8, 1)
        _, index, count = np.unique(packed, return_inverse=True, return_counts=True)
        if len(count) <= SHADES:
            break
    sums = [np.bincount(index, weights=flat[:, channel]) for channel in range(3)]
    palette = np.stack([np.rint(one / count) for one in sums], axis=1).astype(np.uint8)
    high, wide, _ = pixels.shape
    rows = np.insert(index.reshape(high, wide).astype(np.uint8), 0, 0, axis=1)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


async def dressed(day: Day) -> None:
    async with day.db.transaction() as tx:
        for statement in DRESSED:
            await tx.run(statement)
    aisles = tuple(
        Way(f"{n}", (4.0 * n, 3), (4.0 * n, 23), bays=(1, 12), is_one_way=n == 7)
        for n in range(1, 13)
    )
    cross = tuple(Way(f"y{y}", (4, y), (48, y), is_cross=True) for y in (3, 23))
    async with day.db.transaction(S1) as tx:
        for statement in PLACES:
            await tx.run(statement, S1)
        await floors.put(
            tx, S1, Floor((*aisles, *cross), (Point(PointKind.COUNTER, 2, 0, "Counter"),))
        )
        await floors.block(tx, S1, "5", Block("a pallet", bays=(4, 6)))
        await people.add(tx, S1, number="8", name="Kim", badge="B0000000008")


async def ordered(day: Day, name: str, **quantities: int) -> dict[str, Any]:
    who = {"first_name": name, "email": f"{name.lower()}@shopper.example"}
    return await day.placed(f"W-{name}", customer=who, lines=wanted(**quantities))


async def picked_and_ready(day: Day, number: str, **quantities: int) -> str:
    skus = [sku for sku in (OAT, RYE, JAM) for _ in range(quantities.get(sku, 0))]
    path, fence = await day.handheld.pick(number, *skus)
    await day.handheld.stage(path, fence)
    await day.settle()
    [row] = await day.rows("SELECT pickup_code FROM orders WHERE number = $1", number)
    return str(row["pickup_code"])


async def a_noon(day: Day) -> Mapping[str, dict[str, Any]]:
    """Three orders are collected, four wait; one is late and told so; three are to be picked."""
    orders = {name: await ordered(day, name, oat=1, rye=1) for name in (*COLLECTED, "Mia", "Noor")}
    orders["Ada"] = await ordered(day, "Ada", oat=2, rye=1, jam=1)
    orders |= {name: await ordered(day, name, oat=1, rye=1) for name in ("Omar", "Eva")}
    for name in (*COLLECTED, *WAITING):
        await day.wait(3 * MINUTE)
        code = await picked_and_ready(day, orders[name]["number"], oat=1, rye=1)
        if name in COLLECTED:
            await day.handheld.say(f"counter/{code}/hand-over")
    await day.handheld.pick(orders["Ada"]["number"], RYE)
    await day.wait(124 * MINUTE, step=2 * MINUTE)
    for name in TO_PICK:
        orders[name] = await ordered(day, name, rye=1, jam=2)
    async with day.db.transaction() as tx:
        await tx.run(SET_ASIDE, tx.now)
    await day.wait(MINUTE)
    return orders


def shown_to(order: Mapping[str, Any], address: str) -> str:
    url = str(order["status_url"])
    return f"{address}{url[url.index('/o/') :]}"


async def arrives(browser: Browser, url: str) -> None:
    plain = await browser.new_context(java_script_enabled=False)
    page = await plain.new_page()
    await page.goto(url)
    await page.get_by_text("Where are you? You need not say.").click()
    await page.get_by_label("In a parking spot").check()
    await page.get_by_label("Its number, if it has one").fill("4")
    await page.get_by_role("button", name="I am here").click()
    await plain.close()


async def a_walk(studio: Studio, browser: Browser, address: str, day: Day) -> None:
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
        rows = await tx.rows("SELECT id, number FROM orders WHERE state = 'accepted'")
        await waves.foresee(tx, S1, {row["id"]: Odds(9.0) for row in rows})
    async with handheld(browser, address, color_scheme="light") as person:
        page = person.page
        await page.set_viewport_size({"width": 480, "height": 800})
        await signed_in(person, code, "B0000000008")
        async with page.expect_response("**/package"):
            await page.locator("#together").click()
            await person.sees("Into tote 1, blue")
        await person.scan(GTINS[RYE])
        await person.sees("Into tote 2, yellow")
        await expect(page.locator("#banner")).to_be_hidden()
        await studio.take(page, "handheld")
        await page.emulate_media(color_scheme="dark")
        await person.scan(GTINS[OAT])
        await expect(page.locator("#alarm")).to_contain_text("This is Oat drink.")
        await studio.take(page, "handheld-wrong")


async def test_pictures(browser: Browser, address: str, day: Day) -> None:
    await dressed(day)
    orders = await a_noon(day)
    studio = Studio(await browser.new_page())
    phone: Any = {"width": 360, "height": 600}
    page = await browser.new_page(viewport=phone, device_scale_factor=2, color_scheme="light")
    await page.goto(shown_to(orders["Ada"], address))
    await expect(page.locator("h1")).to_contain_text("We were wrong.")
    await studio.take(page, "shopper")
    await page.close()

    await a_walk(studio, browser, address, day)

    async with day.db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.OPS, "desk")
        code = await devices.new_code(tx, S1)
    desk: Any = {"width": 1280, "height": 800}
    page = await browser.new_page(viewport=desk, color_scheme="light")
    await page.goto(f"{address}/counter")
    await page.get_by_label("Set-up code").fill(code)
    await page.get_by_role("button", name="Set up").click()
    await expect(page.locator("#here")).to_contain_text("Nobody")
    await arrives(browser, shown_to(orders["Mia"], address))
    await expect(page.locator("#here")).to_contain_text("Mia")
    await studio.take(page, "counter")
    await page.goto(f"{address}/ops")
    await page.get_by_label("Operations key").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#figures")).to_be_visible()
    await studio.take(page, "ops")
