"""Where the aisles of a made-up store are: parallel, joined at the front and at the back. Pure."""

from collections.abc import Iterator
from typing import Final

from bopis.simulation.chain import BAYS, Chain

APART: Final = 4.0
"""Meters from one aisle to the next."""
BAY: Final = 1.5
"""Meters of a bay. A promotion place at the end of an aisle is one bay more."""
FRONT: Final = 3.0
MANY: Final = 8
"""From so many aisles on, one more goes across in the middle."""
ONE_WAY: Final = 5
"""Every fifth aisle is narrow: it is walked from the front to the back only."""

Row = tuple[object, ...]


def rows(chain: Chain, store: str) -> Iterator[Row]:
    """Yield a store's floor as the lines of a file: its aisles, what joins them, its counter."""
    aisles = max(shelf.aisle for shelf in chain.shelves if shelf.store == store)
    back, width = FRONT + (BAYS + 1) * BAY, (aisles - 1) * APART
    for aisle in range(1, aisles + 1):
        x = (aisle - 1) * APART
        one_way = "yes" if aisles >= MANY and aisle % ONE_WAY == 0 else "no"
        yield store, "aisle", aisle, x, FRONT, x, back, 1, BAYS + 1, one_way
    across = {"front": FRONT, "back": back}
    if aisles >= MANY:
        across["middle"] = FRONT + BAYS / 2 * BAY
    for name, y in across.items():
        yield store, "cross", name, 0, y, max(width, APART), y, "", "", ""
    yield store, "counter", "Counter", 0, 0, "", "", "", "", ""
    yield store, "entrance", "Entrance", max(width, APART) / 2, 0, "", "", "", "", ""
