"""A sheet of codes to try a scanner with: each kind that we read, and two that we must not.

None of them is anybody's: numbers are from the range that GS1 keeps for demonstrations (952) or
from inside a store.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import zxingcpp
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from zxingcpp import BarcodeFormat

from bopis.kernel import pages

ADDRESS: Final = "/scanner-codes"
_pages: Final = pages.Pages(Path(__file__).parents[1] / "templates")
router: Final = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Sample:
    kind: str
    text: str
    """In brackets for GS1, as people write it."""
    format: BarcodeFormat
    says: str
    """What the test of the scanner must say of it."""
    is_gs1: bool = False
    shown: str = ""
    """Instead of the text, where that cannot be printed."""


SAMPLES: Final = (
    Sample("EAN-13", "9521234543213", BarcodeFormat.EAN13, "GTIN 9521234543213."),
    Sample("EAN-8", "95200002", BarcodeFormat.EAN8, "GTIN 95200002."),
    Sample("UPC-E", "01234565", BarcodeFormat.UPCE, "GTIN 0012345000065: zeros were left out."),
    Sample("ITF-14, a case", "19521234543210", BarcodeFormat.ITF14, "GTIN 19521234543210."),
    Sample(
        "GS1-128",
        "(01)09521234543213(17)491231(10)A1",
        BarcodeFormat.Code128,
        "GTIN 9521234543213, batch A1, to be sold until 31 December 2049.",
        is_gs1=True,
    ),
    Sample(
        "GS1 DataMatrix, with GS in it",
        "(01)09521234543213(10)A1(21)7",
        BarcodeFormat.DataMatrix,
        "GTIN 9521234543213, batch A1, serial number 7. If it says otherwise, GS is lost.",
        is_gs1=True,
    ),
    Sample(
        "GS1 QR, past its date",
        "(01)09521234543213(17)200131",
        BarcodeFormat.QRCode,
        "GTIN 9521234543213, to be sold until 31 January 2020: not taken when picking.",
        is_gs1=True,
    ),
    Sample(
        "QR, a GS1 Digital Link",
        "https://id.gs1.org/01/09521234543213/10/A1?17=491231",
        BarcodeFormat.QRCode,
        "GTIN 9521234543213, batch A1, to be sold until 31 December 2049. It is not opened.",
    ),
    Sample(
        "GS1-128, the content of a case",
        "(02)09521234543213(37)12",
        BarcodeFormat.Code128,
        "A case with 12 of GTIN 9521234543213.",
        is_gs1=True,
    ),
    Sample(
        "EAN-13, by price",
        "2012345002340",
        BarcodeFormat.EAN13,
        "GTIN 2012345002340, an item by weight or price.",
    ),
    Sample("Code 128, a shelf", "A-04-2-3", BarcodeFormat.Code128, "A code that is no item's."),
    Sample(
        "Code 128 that must be refused",
        "\x0fA-04\x1b\r7",
        BarcodeFormat.Code128,
        "It holds control characters. Nothing else happens: no window opens, nothing is pressed.",
        shown="Ctrl-O, A-04, Escape, Enter, 7",
    ),
    Sample(
        "QR that must be refused",
        "7" * 600,
        BarcodeFormat.QRCode,
        "Too long for a code of ours.",
        shown="600 digits",
    ),
)


_MATRIX: Final = (BarcodeFormat.DataMatrix, BarcodeFormat.QRCode)
_SIZE: Final = re.compile(r'<svg width="(\d+)" height="(\d+)"')


def drawn(sample: Sample) -> Markup:
    """Return a code as SVG to stand in a page: no prolog, no wider than there is room, named."""
    made = zxingcpp.create_barcode(sample.text, sample.format, gs1=sample.is_gs1)
    svg = made.to_svg(scale=4 if sample.format in _MATRIX else 2)
    body = svg[svg.index("<svg") :].replace(" <desc>Zint Generated Symbol</desc>\n", "")
    named = rf'<svg role="img" aria-label="{sample.kind}" viewBox="0 0 \1 \2" width="\1"'
    return Markup(_SIZE.sub(named, body, count=1))  # noqa: S704 -- drawn from our own constants


@cache
def _drawings() -> tuple[tuple[Sample, Markup], ...]:
    return tuple((sample, drawn(sample)) for sample in SAMPLES)


@router.get(ADDRESS)
def sheet() -> HTMLResponse:
    """Show codes to scan, from another screen or from paper."""
    return _pages.render("code_sheet.html", codes=_drawings())
