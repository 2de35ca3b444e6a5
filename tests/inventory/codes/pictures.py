"""Codes as a camera sees them: turned, a little askew, enlarged, grainy."""

from typing import Any, Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from zxingcpp import BarcodeFormat, TextMode

Picture = NDArray[np.uint8]
GRAIN: Final = 10.0
TILT: Final = 0.05  # of the height, sheared sideways: about three degrees


def drawn(text: str, bars: str) -> Picture:
    """Draw a code; ``bars`` names the symbology, and "gs1" after it the dialect."""
    name, _, dialect = bars.partition(" ")
    made = zxingcpp.create_barcode(text, getattr(BarcodeFormat, name), gs1=dialect == "gs1")
    picture = np.array(made.to_image(scale=2), dtype=np.uint8)
    matrix = name in {"QRCode", "DataMatrix"}
    return picture if matrix else picture[picture.shape[0] // 2 :][:48]  # a strip is enough


def spoiled(picture: Picture, turn: int, seed: int) -> Picture:
    """Turn a picture by quarters, shear it a little, and lay grain over it."""
    rng = np.random.default_rng(seed)
    framed = np.pad(picture, 40, constant_values=255)
    rows = np.arange(framed.shape[0])[:, None]
    slant = rng.uniform(-TILT, TILT)
    columns = np.arange(framed.shape[1])[None, :] + np.rint(slant * rows).astype(int)
    sheared = framed[rows, np.clip(columns, 0, framed.shape[1] - 1)]
    grain = rng.normal(0, GRAIN, sheared.shape)
    seen: Picture = np.clip(sheared * 0.8 + 25 + grain, 0, 255).astype(np.uint8)
    return np.rot90(seen, turn).copy()


def read(case: dict[str, Any], seed: int) -> str:
    """Return what a scanner would send of a case's picture, symbology and all; blank: nothing."""
    picture = spoiled(drawn(case["text"], case["draw"]), case["turn"], seed)
    name = case["draw"].split()[0].replace("UPCA", "EAN13")  # a camera does not tell them apart
    formats = zxingcpp.barcode_formats_from_str(name)
    found = zxingcpp.read_barcode(picture, formats=formats, text_mode=TextMode.Plain)
    return "" if found is None else f"{found.symbology_identifier}{found.text}"
