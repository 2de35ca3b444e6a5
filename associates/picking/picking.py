"""What a store wants scanned before an item counts, and what comes first on a walk. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from associates.picking.scans import ScanOutcome, Spot
from bopis.kernel.ids import TaskId
from inventory.looking import write_off


class ShelfFirst(StrEnum):
    """When the label of a shelf is scanned before the item that is taken from it."""

    NEVER = "never"
    UNSURE = "unsure"  # where we are not sure that the item is there
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class How:
    """How a store picks. One that has said nothing wants no more than the item itself.

    Shapes:
        totes: of a wave, the tote's label is scanned after each line of an order.
        heavy_first: what is heavy lies at the bottom; else it is carried for as short as possible.

    Units:
        alone: units that one person may take off the record by their word; for more it takes two.
        language: which is spoken in the store; empty: that of its country.
    """

    shelf_first: ShelfFirst = ShelfFirst.NEVER
    totes: bool = False
    heavy_first: bool = False
    alone: int = write_off.ALONE
    language: str = ""


USUAL: Final = How()


def wants_shelf(how: How, *, labelled: bool, sure: bool) -> bool:
    """Return whether the label of a place is scanned first. One without a label cannot be."""
    if not labelled or how.shelf_first is ShelfFirst.NEVER:
        return False
    return how.shelf_first is ShelfFirst.ALWAYS or not sure


def is_there(place: Spot, scanned: Spot | None, found: Collection[Spot]) -> bool:
    """Return whether it is proved that somebody stands at a place.

    Shapes:
        scanned: of whatever these hands have in hand, the shelf whose label was scanned last.
        found: where units of this line were found already.
    """
    return place == scanned or place in found


@dataclass(frozen=True, slots=True)
class Loose:
    """What was scanned last for a tote, and of which nobody has proved that it lies in it."""

    task_id: TaskId
    line: int
    tote: int


def into(loose: Loose | None, tote: int) -> ScanOutcome:
    """Return what the label of a tote means."""
    if loose is None:
        return ScanOutcome.NOT_NOW
    return ScanOutcome.APPLIED if loose.tote == tote else ScanOutcome.WRONG_TOTE


def first(loose: Loose | None, task_id: TaskId, line: int | None) -> ScanOutcome | None:
    """Return why an item, or a place to put all down at, does not count yet.

    More of the same line may follow: all of it goes into the one tote.

    Shapes:
        line: of what was scanned; None: it is put down.
    """
    if loose is None or (loose.task_id, loose.line) == (task_id, line):
        return None
    return ScanOutcome.TOTE_FIRST
