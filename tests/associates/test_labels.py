"""Labels: what a scanner reads off them, and that a name on them stays a name."""

import asyncio
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from associates.bagging import bag, label, printer
from associates.bagging.label import Label, Size
from bopis.kernel.ids import StoreId
from bopis.kernel.speech import LANGUAGES, speaking
from inventory import stores
from inventory.models import Store
from tests.golden import Golden
from tests.letters import ANY

CODE = "BG7QK4M2XPRT"
ADA = Label("7QK-4M2", 1, 2, CODE, "Ada")
SIZES: tuple[Size, ...] = ("62x29", "100x50")
SVG = "{http://www.w3.org/2000/svg}"
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)")
_ZPL = re.compile(rb"([\^~])([A-Z][A-Z0-9@])([^\^~]*)")


def drawn(text: str) -> np.ndarray:
    """Return what a label's paths draw, dot by dot, on white."""
    root = ET.fromstring(text)  # noqa: S314 -- our own
    _, _, wide, high = map(int, root.attrib["viewBox"].split())
    page = np.full((high, wide), 255, np.uint8)
    for path in root.iter(f"{SVG}path"):
        for x, y, w, h in (map(int, run) for run in _RUN.findall(path.attrib["d"])):
            page[y : y + h, x : x + w] = 0
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_both_codes_of_a_label_are_read_off_it(size: Size, language: str) -> None:
    with speaking(language):
        made = label.svg(ADA, size)
    read = zxingcpp.read_barcodes(drawn(made))

    assert f'lang="{language}"' in made
    assert sorted((one.format.name, one.text) for one in read) == [
        ("Code128", CODE),
        ("QRCode", CODE),
    ]


BOLD = {"M": 0.995, "W": 1.103, "C": 0.734, "-": 0.415, "3": 0.696}
"""Letters of DejaVu Sans Bold, as wide as system fonts get, in shares of their height."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", ["MWM-WMW", "33M-C3C", "333-333"])
def test_the_number_stays_clear_of_the_square(number: str, size: Size) -> None:
    root = ET.fromstring(label.svg(Label(number, 1, 2, CODE), size))  # noqa: S314 -- our own
    text = next(iter(root.iter(f"{SVG}text")))
    square = list(root.iter(f"{SVG}path"))[1]
    left = min(map(int, re.findall(r"M(\d+)", square.attrib["d"])))

    wide = float(text.attrib["font-size"]) * sum(BOLD[letter] for letter in number)
    bare = int(text.attrib["x"])  # as much as at the left edge: a reader needs it
    assert int(text.attrib["x"]) + wide <= left - bare


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_printer_is_told(golden: Golden, language: str) -> None:
    with speaking(language):
        said = b"".join(label.zpl(ADA, size).replace(b"^F", b"\n^F") for size in SIZES)

    golden.check("label.zpl" if language == "en" else f"label.{language}.zpl", said.decode())


@pytest.mark.parametrize(
    ("country", "postal_code", "zone", "language"),
    [
        ("US", "60613", "America/Chicago", "en"),
        ("", "", "America/Chicago", "en"),
        ("", "", "Europe/Paris", "fr"),
        ("mx", "", "", "es"),
        ("BE", "", "", "fr"),
        ("DE", "", "", "en"),
        ("CA", "H2X 1Y4", "America/Toronto", "fr"),
        ("", "m5v 2t6", "America/Toronto", "en"),
    ],
)
def test_a_label_is_in_the_language_of_its_store(
    country: str, postal_code: str, zone: str, language: str
) -> None:
    store = Store(
        store_id=StoreId("S1"), name="", country=country, postal_code=postal_code, time_zone=zone
    )

    assert stores.language(store) == language


PAYLOADS = (
    "^XA^FO0,0^FDfree^FS^XZ",
    "~JR",
    "a\\&b_5E",
    "\x10\x1b%-12345X\r\n^XZ",
    "</text><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>&amp;{{7*7}}',
    "\u202eevil\u2066\u0000",
    "Ada\u2028^XZ\ud800",
)


@settings(max_examples=40)
@given(st.text(ANY, max_size=60))
@example("".join(PAYLOADS[:2]))
def test_a_name_stays_a_name_wherever_it_is_written(name: str) -> None:
    for evil in (name, *PAYLOADS):
        one = Label("7QK-4M2", 1, 2, CODE, evil)
        shown = [text for text, *_ in _texts(label.zpl(one, "62x29"))]
        told = _ZPL.findall(label.zpl(one, "62x29"))

        assert [command for _, command, _ in told] == [
            command for _, command, _ in _ZPL.findall(label.zpl(ADA, "62x29"))
        ]
        assert shown == [one.number, one.which, bag.shown(CODE)]
        root = ET.fromstring(label.svg(one, "62x29"))  # noqa: S314 -- our own
        assert [node.tag.removeprefix(SVG) for node in root] == [
            "title", "rect", "text", "text", "text", "path", "path"
        ]  # fmt: skip
        assert [node.text for node in root.iter(f"{SVG}text")] == shown


def _texts(zpl: bytes) -> list[tuple[str, bytes]]:
    """Read the texts of a label as a printer would: ``_41`` is the byte 0x41."""
    fields = re.findall(rb"\^FH_\^FD([^\^~]*)\^FS", zpl)
    heard = [re.sub(rb"_([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), f) for f in fields]
    return [(text.decode(), raw) for text, raw in zip(heard, fields, strict=True)]


def test_a_bags_code_is_read_however_it_is_typed() -> None:
    assert bag.read(" bg7q-k4m2-xprt") == CODE
    assert bag.shown(CODE) == "BG7Q-K4M2-XPRT"
    assert [bag.read(text) for text in ("7QK4M2XP", "BG7QK4M2XPR", "BG7QK4M2XPRU1", "")] == [
        None
    ] * 4


async def test_a_printer_gets_every_byte_and_its_silence_is_not_waited_for() -> None:
    taken = asyncio.get_running_loop().create_future()
    held: list[asyncio.StreamWriter] = []

    async def prints(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set_result(await reader.read())
        writer.close()

    async def stuck(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()  # out of paper: what is sent waits
        held.append(writer)

    job = label.zpl(ADA, "62x29") * 2
    server = await asyncio.start_server(prints, "127.0.0.1", 0)
    jam = await asyncio.start_server(stuck, "127.0.0.1", 0)
    async with server, jam:
        await printer.send("127.0.0.1", server.sockets[0].getsockname()[1], job)
        assert await taken == job
        with pytest.raises(printer.PrinterSilent):
            await printer.send(
                "127.0.0.1", jam.sockets[0].getsockname()[1], b"." * 2**25, takes_within=0.05
            )
        for writer in held:
            writer.transport.abort()
        free = server.sockets[0].getsockname()[1]
    with pytest.raises(printer.PrinterSilent):
        await printer.send("127.0.0.1", free, job)
