"""The label of a bag or a tote: on a screen, on paper, or as a printer is told it. Pure.

One layout in dots, eight to a millimeter, for both. Whatever a name holds stays text: each sink
has its own way to make sure of that. A label says a number and at most a first name, in the
language that is spoken when it is drawn: whoever draws it says which.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import zxingcpp

from associates.bagging import bag
from associates.walking import wave
from associates.walking.wave import Tote
from bopis.kernel.speech import current, t

Size = Literal["62x29", "100x50"]
DOTS: Final = 8
"""Per millimeter: a printer of 203 dpi."""
LONGEST: Final = 24
"""Letters of a name."""
_WIDE: Final = 0.62
"""The width of a letter in a printer's own font, as a share of its height."""
_SPACE, _LETTER, _CAPITAL, _WIDEST = 0.4, 0.72, 0.85, 1.15
"""The same of the bold letters that a browser may have: of the widest font there was to look at."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says.

    Shapes:
        of: how many bags the order is in.
        first_name: blank: nobody told us, or has been forgotten.
    """

    number: str
    bag: int
    of: int
    code: str
    first_name: str = ""

    @property
    def which(self) -> str:
        name = legible(self.first_name)
        which = t("Bag {number} of {count}", number=self.bag, count=self.of)
        return which + (f" · {name}" if name else "")

    @property
    def headline(self) -> str:
        return legible(self.number)

    @property
    def named(self) -> str:
        return t("Label: order {order}, {which}", order=self.number, which=self.which)

    @property
    def printed(self) -> str:
        """Return the code as people read it off the label."""
        return bag.shown(self.code)


@dataclass(frozen=True, slots=True)
class ToteLabel:
    """The label of a tote: the same on every cart, so that it is printed once."""

    tote: Tote

    @property
    def code(self) -> str:
        return wave.label(self.tote.number)

    @property
    def headline(self) -> str:
        return t("Tote {number}", number=self.tote.number)

    @property
    def which(self) -> str:
        return t(self.tote.color).capitalize()

    @property
    def named(self) -> str:
        return t("Label: {which}", which=self.tote.words)

    @property
    def printed(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are, in dots from the top left corner."""

    width: int
    height: int
    margin: int
    large: int
    small: int
    tiny: int
    bars_top: int
    bars_height: int
    bar: int
    square: int

    @property
    def square_left(self) -> int:
        return self.width - self.margin - 21 * self.square

    def fitting(self, wide: float, wanted: int) -> int:
        """Return the height of a letter with which a line, so many heights wide, fits."""
        room = self.square_left - 2 * self.margin
        return max(self.tiny // 2, min(wanted, int(room / max(wide, _WIDE))))


_LAYOUTS: Final[dict[Size, _Layout]] = {
    "62x29": _Layout(496, 232, 16, 60, 30, 24, 128, 68, 2, 5),
    "100x50": _Layout(800, 400, 32, 112, 54, 38, 236, 104, 3, 9),
}

Bits = npt.NDArray[np.bool_]


@cache
def bars(code: str) -> Bits:
    """Return the modules of a Code 128, true where it is dark."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128)
    return np.array(made.to_image(scale=1, add_quiet_zones=False))[:1] < 128  # noqa: PLR2004


@cache
def square(code: str) -> Bits:
    """Return the modules of a QR code of 21 by 21, which survives a torn corner."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return np.array(made.to_image(scale=1, add_quiet_zones=False)) < 128  # noqa: PLR2004


def legible(text: str) -> str:
    """Return a name as a label shows it: no control, no direction mark, not too long."""
    seen = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
        if letter.isspace() or not unicodedata.category(letter).startswith("C")
    )
    words = " ".join(seen.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def svg(label: Label | ToteLabel, size: Size) -> str:
    """Return a label as a drawing of its own, in millimeters."""
    at = _LAYOUTS[size]
    left = at.margin + 10 * at.bar  # the quiet zone that a reader needs
    wide, high = at.width // DOTS, at.height // DOTS
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" ',
            f'viewBox="0 0 {at.width} {at.height}" role="img" lang="{current().language}" ',
            'font-family="system-ui, sans-serif" font-weight="700">',
            f"<title>{escape(label.named)}</title>",
            f'<rect width="{at.width}" height="{at.height}" fill="#fff"/>',
            *(
                f'<text x="{at.margin}" y="{top + round(height * 0.8)}" font-size="{height}">'
                f"{escape(text)}</text>"
                for text, top, height in _lines(label, at, _drawn)
            ),
            f'<path d="{_path(bars(label.code), left, at.bars_top, at.bar, at.bars_height)}"/>',
            f'<path d="{_path(square(label.code), at.square_left, at.margin, at.square)}"/>',
            "</svg>",
        )
    )


def _drawn(text: str) -> float:
    """Return how wide a browser may draw a line, in heights of its letters."""
    return sum(map(_bold, text))


def _bold(letter: str) -> float:
    if letter == " ":
        return _SPACE
    if letter in "MWmw@%" or not letter.isascii():
        return _WIDEST
    return _CAPITAL if letter.isupper() else _LETTER


def _printed(text: str) -> float:
    return _WIDE * len(text)


def _lines(
    label: Label | ToteLabel, at: _Layout, wide: Callable[[str], float]
) -> Iterator[tuple[str, int, int]]:
    """Yield each line of text with its top and its height; none comes near the square."""
    yield label.headline, at.margin, at.fitting(wide(label.headline), at.large)
    top = at.margin + at.large + at.margin // 2
    yield label.which, top, at.fitting(wide(label.which), at.small)
    yield label.printed, at.bars_top + at.bars_height + at.margin // 4, at.tiny


def _path(bits: Bits, left: int, top: int, wide: int, high: int | None = None) -> str:
    """Return the outline of what is dark: a rectangle for each run of a row."""
    high = high or wide
    parts = []
    for y, row in enumerate(bits):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
        for begin, end in edges.reshape(-1, 2).tolist():
            parts.append(
                f"M{left + begin * wide} {top + y * high}h{(end - begin) * wide}v{high}"
                f"h{(begin - end) * wide}z"
            )
    return "".join(parts)


def zpl(label: Label | ToteLabel, size: Size) -> bytes:
    """Return a label in ZPL II, as label printers read it from port 9100.

    Source:
        Zebra, "Programming Guide for ZPL II" (P1099958): ^FH, ^CI28, ^BC, ^BQ.
    """
    at = _LAYOUTS[size]
    left = at.margin + 10 * at.bar
    return "".join(
        (
            f"^XA^CI28^PW{at.width}^LL{at.height}^LH0,0",
            *(
                f"^FO{at.margin},{top}^A0N,{height},{height}^FH_^FD{field(text)}^FS"
                for text, top, height in _lines(label, at, _printed)
            ),
            f"^FO{left},{at.bars_top}^BY{at.bar}^BCN,{at.bars_height},N,N,N,A^FD{label.code}^FS",
            f"^FO{at.square_left},{at.margin}^BQN,2,{at.square}^FDMA,{label.code}^FS",
            "^PQ1^XZ\n",
        )
    ).encode("ascii")


_PLAIN: Final = frozenset(range(0x20, 0x7F)) - frozenset(b"^~\\_")


def field(text: str) -> str:
    """Return text as the data of a field under ``^FH_``: nothing in it is a command.

    Whatever is not plain ASCII, and the four characters that mean something, are sent as numbers.
    """
    return "".join(chr(byte) if byte in _PLAIN else f"_{byte:02X}" for byte in text.encode("utf-8"))
