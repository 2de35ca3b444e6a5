"""A sheet of codes to try a scanner with: each kind that we read, and two that we must not.

None of them is anybody's: numbers are from the range that GS1 keeps for demonstrations (952) or
from inside a store.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

import zxingcpp
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from zxingcpp import BarcodeFormat

from bopis.kernel import pages
from bopis.kernel.speech import current, phrase, t

ADDRESS: Final = "/scanner-codes"
_pages: Final = pages.Pages(Path(__file__).parents[1] / "templates")
router: Final = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One code, and what the test of the scanner must say of it.

    Shapes:
        text: in brackets for GS1, as people write it.
        gtin: as it stands under the bars; blank: it is no item's. ``batch``, ``serial`` and
            ``until`` are said where the code has them.
        content: how many of the item a case holds.
        says: instead of all that, or after it.
        shown: instead of the text, where that cannot be printed.
    """

    kind: str
    text: str
    format: BarcodeFormat
    gtin: str = ""
    content: int = 0
    batch: str = ""
    serial: str = ""
    until: date | None = None
    is_measured: bool = False
    is_gs1: bool = False
    says: str = ""
    shown: str = ""

    @property
    def named(self) -> str:
        return t(self.kind)

    @property
    def said(self) -> str:
        """Return what the handheld says, word for word: both go through the same catalogs."""
        words = [
            self.content > 0
            and t("A case with {count} of GTIN {gtin}", count=self.content, gtin=self.gtin),
            self.gtin and not self.content and t("GTIN {gtin}", gtin=self.gtin),
            self.is_measured
            and t("an item by weight or price: the last digits are not part of its number"),
            self.batch and t("batch {batch}", batch=self.batch),
            self.serial and t("serial number {serial}", serial=self.serial),
            self.until and t("to be sold until {date}", date=current().day(self.until)),
        ]
        sentence = ", ".join(word for word in words if word)
        return " ".join(filter(None, (sentence and f"{sentence}.", self.says and t(self.says))))

    @property
    def printed(self) -> str:
        return t(self.shown) if self.shown else self.text


_ITEM: Final = "9521234543213"
_NEW_YEARS_EVE: Final = date(2049, 12, 31)

SAMPLES: Final = (
    Sample(kind="EAN-13", text=_ITEM, format=BarcodeFormat.EAN13, gtin=_ITEM),
    Sample(kind="EAN-8", text="95200002", format=BarcodeFormat.EAN8, gtin="95200002"),
    Sample(
        kind="UPC-E",
        text="01234565",
        format=BarcodeFormat.UPCE,
        gtin="0012345000065",
        says=phrase("Zeros were left out under the bars."),
    ),
    Sample(
        kind=phrase("ITF-14, a case"),
        text="19521234543210",
        format=BarcodeFormat.ITF14,
        gtin="19521234543210",
    ),
    Sample(
        kind="GS1-128",
        text=f"(01)0{_ITEM}(17)491231(10)A1",
        format=BarcodeFormat.Code128,
        gtin=_ITEM,
        batch="A1",
        until=_NEW_YEARS_EVE,
        is_gs1=True,
    ),
    Sample(
        kind=phrase("GS1 DataMatrix, with GS in it"),
        text=f"(01)0{_ITEM}(10)A1(21)7",
        format=BarcodeFormat.DataMatrix,
        gtin=_ITEM,
        batch="A1",
        serial="7",
        is_gs1=True,
        says=phrase("If it says otherwise, GS is lost."),
    ),
    Sample(
        kind=phrase("GS1 QR, past its date"),
        text=f"(01)0{_ITEM}(17)200131",
        format=BarcodeFormat.QRCode,
        gtin=_ITEM,
        until=date(2020, 1, 31),
        is_gs1=True,
        says=phrase("It is not taken when picking."),
    ),
    Sample(
        kind=phrase("QR, a GS1 Digital Link"),
        text=f"https://id.gs1.org/01/0{_ITEM}/10/A1?17=491231",
        format=BarcodeFormat.QRCode,
        gtin=_ITEM,
        batch="A1",
        until=_NEW_YEARS_EVE,
        says=phrase("It is not opened."),
    ),
    Sample(
        kind=phrase("GS1-128, the content of a case"),
        text=f"(02)0{_ITEM}(37)12",
        format=BarcodeFormat.Code128,
        gtin=_ITEM,
        content=12,
        is_gs1=True,
    ),
    Sample(
        kind=phrase("EAN-13, by price"),
        text="2012345002340",
        format=BarcodeFormat.EAN13,
        gtin="2012345002340",
        is_measured=True,
    ),
    Sample(
        kind=phrase("Code 128, a shelf"),
        text="A-04-2-3",
        format=BarcodeFormat.Code128,
        says=phrase(
            "A code that is no item’s: a shelf, a place, a badge, or a number of the store’s own."  # noqa: RUF001
        ),
    ),
    Sample(
        kind=phrase("Code 128 that must be refused"),
        text="\x0fA-04\x1b\r7",
        format=BarcodeFormat.Code128,
        says=phrase("It holds control characters. No window opens, and nothing is pressed."),
        shown=phrase("Ctrl-O, A-04, Escape, Enter, 7"),
    ),
    Sample(
        kind=phrase("QR that must be refused"),
        text="7" * 600,
        format=BarcodeFormat.QRCode,
        says=phrase("Too long for a code of ours. It is not used."),
        shown=phrase("600 digits"),
    ),
)


_MATRIX: Final = (BarcodeFormat.DataMatrix, BarcodeFormat.QRCode)
_SIZE: Final = re.compile(r'<svg width="(\d+)" height="(\d+)"')


def drawn(sample: Sample) -> Markup:
    """Return a code as SVG to stand in a page: no prolog, no wider than there is room, named."""
    named = rf'<svg role="img" aria-label="{escape(sample.named)}" viewBox="0 0 \1 \2" width="\1"'
    return Markup(_SIZE.sub(named, _drawing(sample), count=1))  # noqa: S704 -- our own constants


@cache
def _drawing(sample: Sample) -> str:
    made = zxingcpp.create_barcode(sample.text, sample.format, gs1=sample.is_gs1)
    svg = made.to_svg(scale=4 if sample.format in _MATRIX else 2)
    return str(svg[svg.index("<svg") :].replace(" <desc>Zint Generated Symbol</desc>\n", ""))


@router.get(ADDRESS)
def sheet() -> HTMLResponse:
    """Show codes to scan, from another screen or from paper, in the language of whoever asks."""
    return _pages.render(
        "code_sheet.html",
        lang=current().language,
        codes=[(one, drawn(one)) for one in SAMPLES],
        words={
            "skip": t("Skip to the main part"),
            "title": t("Codes to try a scanner with"),
            "how": t(
                "On the handheld: Settings, Try the scanner. Scan each of these, from this screen"
                " or from paper, and see whether it says the same."
            ),
        },
    )
