"""Whatever door a code comes by, and whatever it holds: it is read, and nothing else happens."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import Floor, lay_out
from tests.browser.person import CHROMIUM, Handheld, handheld

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
EAN = "9521234543213"
HOSTILE = {
    "opens a file": "\x0f" + EAN,
    "prints": "952\x10123",
    "escapes": "\x1b9521",
    "presses Enter": "A12\rB13",
    "presses Enter first, then prints": "\r12\x10",
    "presses the button": " ok\x03",
    "sets a scanner up": "\x16M\r\x0dDEFALT.",
    "is endless": "7" * 120,
}
CTRL = 2
LEAKS = """() => {
    globalThis.leaked = [];
    const acts = (e) => e.ctrlKey || e.key.length > 1 || e.key === ' ';
    addEventListener('keydown', (e) => acts(e) && !e.defaultPrevented && leaked.push(e.key));
}"""
NO_EYES = "This browser cannot read codes with the camera. Type the code instead, or use a scanner."
EYES = """() => {
    globalThis.BarcodeDetector = class {
        static getSupportedFormats = async () => ['ean_8', 'qr_code', 'aztec'];
        detect = async () => [{ rawValue: '96385074', format: 'ean_8' }];
    };
    navigator.mediaDevices.getUserMedia = async () => {
        globalThis.stream = document.createElement('canvas').captureStream(5);
        return stream;
    };
}"""
OFF = """async () => {
    const isOn = () => stream.getTracks().some((track) => track.readyState !== 'ended');
    while (isOn()) await new Promise(requestAnimationFrame);
}"""
APP = "(detail) => document.dispatchEvent(new CustomEvent('handheld-scan', { detail }))"
SAID = "(data) => postMessage({ kind: 'handheld-scan', data }, origin)"


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


def key(letter: str) -> dict[str, Any]:
    """Return the key that a wedge presses for a character: control characters by Ctrl."""
    named = {"\r": "Enter", "\t": "Tab", "\x1b": "Escape"}
    if letter in named:
        return {"key": named[letter], "windowsVirtualKeyCode": ord(letter)}
    if letter < " ":
        return {"key": chr(ord(letter) + 64).lower(), "modifiers": CTRL}
    return {"key": letter, "text": letter}


async def beam(person: Handheld, code: str, end: str = "\r") -> None:
    person.clock += 10
    await person.press([key(letter) for letter in code + end], gap=0.004)


async def test_no_code_does_more_than_be_read(browser: Browser, address: str, floor: Floor) -> None:
    async with handheld(browser, address) as person:
        await person.sees("Scan or type the set-up code")
        await scans_into_no_field(person)
        await refuses_what_is_hostile(person)
        await person.tap("Settings")
        await person.page.keyboard.press("Escape")  # a person's key is a key
        await person.sees("Scan or type the set-up code")
        await person.tap("Settings")
        await person.tap("Try the scanner")
        await reads_keys(person)
        await learns_what_a_scanner_adds(person)
        await person.is_fit("13-scanner")
        await reads_text_and_apps(person)
        await looks(person)
        await person.page.goto(f"{address}/scanner-codes")
        assert await person.page.locator(".sheet svg").count() == 13
        await person.photograph("15-codes")

    assert await floor.rows("SELECT * FROM scans") == []


async def scans_into_no_field(person: Handheld) -> None:
    await person.page.locator("#name").press_sequentially("No 7", delay=60)
    await beam(person, EAN)
    await expect(person.page.locator("#code")).to_have_value(EAN)
    await expect(person.page.locator("#name")).to_have_value("No 7")


async def refuses_what_is_hostile(person: Handheld) -> None:
    alarm = person.page.locator("#alarm")
    await person.page.evaluate(LEAKS)
    for name, code in HOSTILE.items():
        await person.page.get_by_role("button", name="Set up").focus()
        await alarm.evaluate("alarm => { alarm.textContent = '' }")
        await beam(person, code)
        await expect(alarm, name).to_have_text("That was not a code. Scan it again.")
        await expect(person.page.locator("#code"), name).to_have_value(EAN)
        await expect(person.page.locator("h1"), name).to_have_text("Scan or type the set-up code")
        assert await person.page.evaluate("leaked") == [], name
    await person.tap("Got it")


async def reads_keys(person: Handheld) -> None:
    await beam(person, "]d201095212345432" + "1310A1\x1d17491231")
    await person.sees("GTIN 9521234543213, batch A1, to be sold until Dec 31, 2049.")
    await person.sees("Enter at the end", "GS1 DataMatrix (symbology ]d2)", "1D")
    await beam(person, EAN, end="")
    await person.sees("The scanner sends no Enter at the end.")
    await beam(person, HOSTILE["opens a file"])
    await person.sees("It holds control characters", "SI")


async def learns_what_a_scanner_adds(person: Handheld) -> None:
    await beam(person, "]C1010952123454321310B2|17491231")
    await person.sees("The scanner sends | where GS belongs.")
    await person.page.locator("#wedge-gs").fill("|")
    await person.page.locator("#wedge-prefix").fill("~")
    await person.page.get_by_label("A short pause").check()
    await beam(person, "~]C1010952123454321310B3|17491231", end="")
    await person.sees("batch B3, to be sold until", "nothing at the end")
    await person.tap("As it came out of the box")
    await expect(person.page.locator("#wedge-prefix")).to_have_value("")
    kept = await person.page.evaluate("JSON.parse(localStorage['handheld.settings']).wedge.ends")
    assert kept == "key"


async def reads_text_and_apps(person: Handheld) -> None:
    """What an input method types, and what an app around the page hands on."""
    page = person.page
    await page.locator("#wedge").focus()
    await person.keys.send("Input.insertText", {"text": "036000291452\n"})
    await person.sees("as text, through the input method", "GTIN 0036000291452")
    await person.tap("Back to the settings")
    await page.get_by_label("This scanner sends text, not keys").check()
    await person.tap("Try the scanner")
    await page.locator("#wedge-suffix").focus()
    await person.keys.send("Input.insertText", {"text": "96385074"})
    await person.sees("GTIN 96385074")
    await expect(page.locator("#wedge-suffix")).to_have_value("")
    await page.evaluate(APP, {"data": "04210009", "type": "LABEL-TYPE-EAN8"})
    await page.evaluate(APP, {"data": "04210009", "type": "LABEL-TYPE-EAN8"})  # once is enough
    await page.evaluate(APP, {"data": 7})
    await person.sees("through the app around this page", "GTIN 04210009")
    await page.evaluate(SAID, EAN)
    await person.sees("GTIN 9521234543213")
    assert await page.locator(".heard > li").count() == 3


async def looks(person: Handheld) -> None:
    await person.tap("Try the camera")
    await person.sees(NO_EYES)
    await person.page.evaluate(EYES)
    await person.tap("Back")
    await person.tap("Try the camera")
    await person.sees("by the camera", "EAN-8 (symbology ]E4)")
    await person.page.evaluate(OFF)
