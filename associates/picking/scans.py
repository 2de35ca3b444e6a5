"""What a scan means for the task it was made in. Pure.

A scan is a fact: it may be late, or the wrong item; it cannot be an error. So the answer is always
one of a closed list of outcomes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from bopis.kernel.ids import Sku, TaskId


class TaskState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"  # somebody walks
    PICKED = "picked"  # every line found or short; to be staged
    STAGED = "staged"  # at its place, waiting for the shopper
    DONE = "done"  # handed over
    CANCELLED = "cancelled"


class ShortReason(StrEnum):
    NOT_FOUND = "not_found"  # looked everywhere
    SHORT_QUANTITY = "short_quantity"  # fewer than we need
    DAMAGED = "damaged"
    WRONG_ITEM_AT_LOCATION = "wrong_item_at_location"
    RECALLED_OR_NOT_SELLABLE = "recalled_or_not_sellable"


class ScanKind(StrEnum):
    ITEM = "item"
    SHORT = "short"
    SKIP = "skip"
    LOOK = "look"  # at this place now, wherever the screen said
    MISS = "miss"  # not at this place
    ZERO_CHECK = "zero_check"  # the shelf is empty now, or it is not
    UNDO = "undo"
    STAGE = "stage"
    HAND_OVER = "hand_over"
    RETRACT = "retract"
    PUT_BACK = "put_back"
    COUNT = "count"
    TAKE = "take"  # the task on, without having asked
    BAGS = "bags"  # so many bags
    TOTE = "tote"  # it lies in this tote


class ScanOutcome(StrEnum):
    APPLIED = "applied"
    WRONG_ITEM = "wrong_item"
    UNKNOWN_CODE = "unknown_code"
    TOO_MANY = "too_many"
    PAST_DATE = "past_date"  # the right item, and its code says that it is too old
    NOT_A_CODE = "not_a_code"
    NOT_NOW = "not_now"  # the task does not wait for this
    COUNT_AGAIN = "count_again"  # far from the record: the second count wins
    SECOND_PERSON = "second_person"  # much would leave the record: somebody else counts it too
    SAME_PERSON = "same_person"  # the somebody else was the same person
    STALE = "stale"  # counted too long ago, or moved since
    SUPERSEDED = "superseded"  # somebody else has taken the task over
    WRONG_BAG = "wrong_bag"  # another order's
    BAGS_FIRST = "bags_first"  # nobody has said how many there are
    BAGS_LEFT = "bags_left"  # not every bag was scanned
    LOOK_FIRST = "look_first"  # at an ID
    SHELF_FIRST = "shelf_first"  # the store wants the label of the shelf scanned before
    TOTE_FIRST = "tote_first"  # what was scanned before is to be proved to lie in its tote
    WRONG_TOTE = "wrong_tote"  # another order's
    UNDONE = "undone"  # was applied, and taken back by a later scan


Spot = tuple[str, str, str, str]
"""Zone, aisle, bay, shelf."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a handheld says that a person did."""

    scan_id: UUID
    """Made by the handheld: said again, it has no second effect and gets the same answer."""
    device_seq: int
    scanned_at: datetime
    """The handheld's word."""
    kind: ScanKind = ScanKind.ITEM
    code: str = ""
    line: int | None = None
    """Which line the screen showed."""
    quantity: int | None = None
    reason: ShortReason | None = None
    undoes: UUID | None = None
    """None: whatever was done last."""
    fence: int = 0
    place: Spot | None = None
    """Which place was looked at."""
    place_kind: str = "shelf"
    """Of that place, if nobody has told us of it yet."""
    empty: bool | None = None
    """The answer to a zero check."""
    bags: tuple[str, ...] = ()
    """Which bags are put down here, by the codes of their labels; none: all of them."""
    told: ScanOutcome | None = None
    """What the handheld showed before it had an answer; None: nothing."""

    @property
    def was_told_no(self) -> bool:
        """Whether the person was told that it does not count, and went on from there."""
        return self.told not in {None, ScanOutcome.APPLIED}


@dataclass(frozen=True, slots=True)
class Heard:
    """What we made of it: the receipt."""

    kind: ScanKind
    outcome: ScanOutcome
    sku: Sku | None = None
    """Of the item that was scanned, which may be the wrong one."""
    line: int | None = None
    quantity: int = 0
    code: str = ""
    task_id: TaskId | None = None
    """Whose line it is: of a wave, it may be another order's than the one on the screen."""


WALKING: Final = frozenset({TaskState.CLAIMED, TaskState.PICKED})
"""States in which the task is in somebody's hands."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Nothing that a barcode of ours could say: empty, too long, control characters."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Readable, but neither an item nor a place of this store."""


@dataclass(frozen=True, slots=True)
class ItemCode:
    sku: Sku
    quantity: int = 1
    """More than one on the code of a case."""
    is_past: bool = False
    """Its code says until when it may be sold, and that day is over."""


@dataclass(frozen=True, slots=True)
class PlaceCode:
    code: str


@dataclass(frozen=True, slots=True)
class ShelfCode:
    """The label of a shelf."""

    place: Spot
    kind: str


@dataclass(frozen=True, slots=True)
class BagCode:
    """The label of a bag, and whose it is."""

    code: str
    number: int
    task_id: TaskId
    order_number: str


@dataclass(frozen=True, slots=True)
class ToteCode:
    """The label of a tote of whichever cart."""

    number: int


Reading = Noise | Stranger | ItemCode | PlaceCode | ShelfCode | BagCode | ToteCode


@dataclass(frozen=True, slots=True)
class Looks:
    """Where one line was looked for so far, in this walk.

    Shapes:
        at: where the associate says to be; None: where the screen sends them.
        missed: places that were looked at in vain since.
        found: places where units of this line were found.
        first: where the looking began; None: nowhere yet.
    """

    at: Spot | None = None
    missed: tuple[Spot, ...] = ()
    found: frozenset[Spot] = frozenset()
    first: Spot | None = None
    kind: str = "shelf"
    """Of ``at``, as the associate or its label says."""

    @classmethod
    def of(cls, said: Iterable[Sequence[str]]) -> "Looks":
        """Return what scans amount to, the oldest first.

        Shapes:
            said: for each the kind of scan, the four words of the place, and of a place that was
                chosen what kind of place it is.
        """
        at, first, place_kind = None, None, "shelf"
        found: set[Spot] = set()
        missed: dict[Spot, None] = {}
        for kind, zone, aisle, bay, shelf, *more in said:
            spot = (zone, aisle, bay, shelf)
            first = first or spot
            match ScanKind(kind):
                case ScanKind.LOOK:
                    at, place_kind = spot, more[0]
                    missed.pop(spot, None)
                case ScanKind.MISS:
                    at = None if at == spot else at
                    missed[spot] = None
                case _:
                    found.add(spot)
        return cls(at, tuple(missed), frozenset(found), first, place_kind)

    def here(self, known: Sequence[Spot]) -> Spot | None:
        """Return where to look now; None: every place we know was looked at."""
        if self.at is not None:
            return self.at
        return next((spot for spot in known if spot not in self.missed), None)


@dataclass(frozen=True, slots=True)
class Line:
    line: int
    sku: Sku
    asked: int
    found: int = 0
    short: int = 0
    looks: Looks = field(default=Looks(), compare=False)

    @property
    def left(self) -> int:
        return self.asked - self.found - self.short


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: ScanKind
    outcome: ScanOutcome
    line: int | None = None
    quantity: int = 0


_KIND: Final = {
    PlaceCode: ScanKind.STAGE,
    BagCode: ScanKind.STAGE,
    ShelfCode: ScanKind.LOOK,
    ToteCode: ScanKind.TOTE,
}


def judge(
    state: TaskState,
    lines: Sequence[Line],
    reading: Reading,
    *,
    mine: bool,
    at: int | None = None,
    task_id: TaskId | None = None,
) -> Verdict:
    """Return what a scan does to the task.

    An item of the order counts wherever it is scanned: two things of one order may share a bay, and
    whoever holds both need not follow the screen. A code of a case counts as many as it holds, if
    the order needs that many.

    Args:
        state: Of the task, now.
        lines: All lines of the task, in the order of the walk.
        reading: What the code turned out to be.
        mine: Whether the scan was made under the latest claim.
        at: The line that the screen showed: it goes first if two lines want the same item.
        task_id: The task's: its bags are no other's.
    """
    kind = _KIND.get(type(reading), ScanKind.ITEM)
    if isinstance(reading, Noise | Stranger):
        is_noise = isinstance(reading, Noise)
        return Verdict(kind, ScanOutcome.NOT_A_CODE if is_noise else ScanOutcome.UNKNOWN_CODE)
    if not mine:
        return Verdict(kind, ScanOutcome.SUPERSEDED)
    if isinstance(reading, ItemCode):
        return _item(state, lines, reading, at)
    if isinstance(reading, BagCode | ToteCode):
        # Which bag is not where: its place is scanned next. ``picking`` knows what totes wait for.
        own = isinstance(reading, ToteCode) or reading.task_id == task_id
        return Verdict(kind, ScanOutcome.NOT_NOW if own else ScanOutcome.WRONG_BAG)
    found = sum(line.found for line in lines)
    if isinstance(reading, ShelfCode):
        is_sought = any(line.line == at and line.left > 0 for line in lines)
        fits = is_sought and state in WALKING
    else:
        fits, at = state is TaskState.PICKED and found > 0, None
    if not fits:
        return Verdict(kind, ScanOutcome.NOT_NOW, at)
    return Verdict(kind, ScanOutcome.APPLIED, at, found if at is None else 0)


def _item(state: TaskState, lines: Sequence[Line], item: ItemCode, at: int | None) -> Verdict:
    if state not in WALKING:
        return Verdict(ScanKind.ITEM, ScanOutcome.NOT_NOW)
    wanted = [line for line in lines if line.sku == item.sku]
    if not wanted:
        return Verdict(ScanKind.ITEM, ScanOutcome.WRONG_ITEM, at)
    if item.is_past:
        return Verdict(ScanKind.ITEM, ScanOutcome.PAST_DATE, wanted[0].line)
    for line in sorted(wanted, key=lambda line: line.line != at):
        if line.left >= item.quantity:
            return Verdict(ScanKind.ITEM, ScanOutcome.APPLIED, line.line, item.quantity)
    return Verdict(ScanKind.ITEM, ScanOutcome.TOO_MANY, wanted[0].line)


def after_pick(lines: Sequence[Line]) -> TaskState:
    """Return where a claimed task stands: picked once nothing is left to look for."""
    return TaskState.PICKED if all(line.left == 0 for line in lines) else TaskState.CLAIMED
