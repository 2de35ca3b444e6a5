"""The camera as a scanner: from what stands before it to what is found in the walk."""

import base64
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import zxingcpp
from playwright.async_api import expect

from associates.handheld import devices
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import ADA_BADGE, GTINS, OAT, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, chromium, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the camera goes unseen"),
    pytest.mark.timeout(180),
]
WIDE, HIGH = 640, 480
CAMERA: Final = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--use-file-for-fake-video-capture={}",
)
DETECTOR: Final = """
    globalThis.BarcodeDetector = class {
        static getSupportedFormats = async () => ['ean_13', 'aztec'];
        constructor({ formats }) {
            if (formats.join() !== 'ean_13') throw new Error('asked for what nobody prints');
        }
        async detect(video) {
            const paper = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext('2d');
            paper.drawImage(video, 0, 0);
            const { data, width } = paper.getImageData(0, 0, video.videoWidth, video.videoHeight);
            const light = Uint8Array.from({ length: data.length / 4 }, (_, at) => data[at * 4]);
            const parts = Array.from({ length: Math.ceil(light.length / 32768) }, (_, n) =>
                String.fromCharCode(...light.subarray(n * 32768, (n + 1) * 32768)));
            return await readBarcodes(width, btoa(parts.join('')));
        }
    };
"""
"""What Chromium has on Android and not on Linux: an object that reads codes off a picture."""


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


def film(code: str) -> bytes:
    """Return a film of one code held still before the camera, in Y4M."""
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.EAN13)
    bars = np.array(drawn.to_image(scale=3))
    light = np.full((HIGH, WIDE), 235, np.uint8)
    top, left = (HIGH - bars.shape[0]) // 2, (WIDE - bars.shape[1]) // 2
    light[top : top + bars.shape[0], left : left + bars.shape[1]] = bars.clip(16, 235)
    color = np.full(HIGH * WIDE // 2, 128, np.uint8)
    frame = b"FRAME\n" + light.tobytes() + color.tobytes()
    return f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2


def read(wide: int, light: str) -> list[dict[str, Any]]:
    picture = np.frombuffer(base64.b64decode(light), np.uint8).reshape(-1, wide)
    found = zxingcpp.read_barcodes(picture)
    return [{"rawValue": one.text, "format": "ean_13"} for one in found]


async def test_what_the_camera_sees_is_found(address: str, floor: Floor, tmp_path: Path) -> None:
    seen = tmp_path / "seen.y4m"
    seen.write_bytes(film(GTINS[OAT]))
    await floor.open(oat=2)
    async with (
        chromium(*(flag.format(seen) for flag in CAMERA)) as browser,
        handheld(browser, address) as person,
    ):
        page = person.page
        await page.context.expose_function("readBarcodes", read)
        await page.context.add_init_script(DETECTOR)
        await page.reload()
        await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
        await page.locator("button.card").first.click()
        await person.tap("Use the camera")
        await person.is_told("good", "Found 1 of 2.")
        await person.sees("1 of 2 found")
        await expect(page.locator("video")).to_have_count(0)

    scans = await floor.rows("SELECT kind, outcome FROM scans")
    assert scans == [{"kind": "item", "outcome": "applied"}]
