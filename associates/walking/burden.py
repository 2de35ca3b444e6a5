"""What is heavy, as far as its size tells. Pure."""

import re
from typing import Final

HEAVY_UNIT: Final = 5.0
"""Kilograms of one unit from which on it goes to the bottom of a tote."""

HEAVY_LINE: Final = 8.0
"""The same for all units of a line together."""

_KILOGRAMS: Final = {
    "kg": 1.0, "g": 0.001, "l": 1.0, "cl": 0.01, "ml": 0.001, "lb": 0.4536, "lbs": 0.4536,
    "oz": 0.02835, "gal": 3.785, "qt": 0.946, "pt": 0.473,
}  # fmt: skip
"""A liter of what a store sells in liters weighs about a kilogram."""

_SIZE: Final = re.compile(
    r"(?:(?P<times>\d+)\s*[x\u00d7*]\s*)?(?P<number>\d+(?:[.,]\d+)?)\s*(?:fl\.?\s*)?(?P<unit>[a-z]+)\b",
    re.IGNORECASE,
)


def kilograms(size: str) -> float | None:
    """Return what one unit weighs, by the size on its label; None: that does not tell.

    Shapes:
        size: "1 l", "6 x 1.5 l", "12 fl oz", "500 g"; or "large", which tells nothing.
    """
    for found in _SIZE.finditer(size):
        each = _KILOGRAMS.get(found["unit"].casefold())
        if each is not None:
            number = float(found["number"].replace(",", "."))
            return int(found["times"] or 1) * number * each
    return None


def is_heavy(size: str, quantity: int) -> bool:
    """Return whether a line should lie below the others. What we do not know is not heavy."""
    each = kilograms(size)
    return each is not None and (each >= HEAVY_UNIT or each * quantity >= HEAVY_LINE)
