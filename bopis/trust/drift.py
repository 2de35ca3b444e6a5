"""Why a number and its ledger may disagree, and what can be done about it. Pure.

Two witnesses who disagree have two explanations: an entry was not written, or a number was moved
without one. Only where a third witness speaks (a feed's own number, or the lines of the orders) is
there one explanation, and only then is anything mended without a person saying whom to believe.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Believe(StrEnum):
    """Whom a person believes, where two explanations are left."""

    STOCK = "stock"  # the numbers in use: the ledger lacks an entry
    LEDGER = "ledger"  # the entries: a number was moved without one


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What each of those who should agree says of one item.

    Shapes:
        is_there: False: no row in ``stock``; its numbers are zero here.
        fed: what is on hand by the last feed and all that moved since; None: a person spoke later.

    Units:
        held: what orders hold; open: what their lines have not given up; waiting: staged of held.
    """

    is_there: bool
    on_hand: int
    reserved: int
    unsellable: int
    entered_on_hand: int
    entered_reserved: int
    entered_unsellable: int
    entered_staged: int
    held: int
    waiting: int
    open: int
    fed: int | None


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is to be written for one item, and what nobody but a person can decide.

    Units:
        stock_*: how far the numbers in use move.
        on_hand, reserved, unsellable, staged: the compensating entry.
    """

    stock_on_hand: int = 0
    stock_reserved: int = 0
    stock_unsellable: int = 0
    on_hand: int = 0
    reserved: int = 0
    unsellable: int = 0
    staged: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def does_something(self) -> bool:
        return self != Remedy(doubts=self.doubts)

    @property
    def moves_stock(self) -> bool:
        return bool(self.stock_on_hand or self.stock_reserved or self.stock_unsellable)

    def __str__(self) -> str:
        moved = {
            "on hand": self.stock_on_hand,
            "reserved": self.stock_reserved,
            "unsellable": self.stock_unsellable,
        }
        entered = {
            "on hand": self.on_hand,
            "reserved": self.reserved,
            "unsellable": self.unsellable,
            "staged": self.staged,
        }
        said = [
            f"{what} {', '.join(f'{name} {n:+d}' for name, n in numbers.items() if n)}"
            for what, numbers in (("the stock's", moved), ("an entry of", entered))
            if any(numbers.values())
        ]
        return "; ".join([*said, *self.doubts])


def remedy(seen: Witnesses, believe: Believe | None = None) -> Remedy:
    """Return what mends an item; where two explanations are left, what they are."""
    if not seen.is_there:
        return _without_row(seen)
    found = _reserved(Remedy(), seen)
    found = _on_hand(found, seen, believe)
    found = _unsellable(found, seen, believe)
    return _staged(found, seen, believe)


def _without_row(seen: Witnesses) -> Remedy:
    doubt = (
        f"it has no row in the stock, its ledger adds up to {seen.entered_on_hand} on hand and"
        f" orders hold {seen.held}: count it, then believe the stock"
    )
    return Remedy(doubts=(doubt,))


def _reserved(so_far: Remedy, seen: Witnesses) -> Remedy:
    """What is reserved follows what orders hold, if their own lines agree."""
    if seen.reserved == seen.entered_reserved == seen.held:
        return so_far
    if seen.held != seen.open:
        doubt = (
            f"{seen.reserved} are reserved, {seen.entered_reserved} by the ledger; orders hold"
            f" {seen.held}, but by their lines it should be {seen.open}: mend the orders first"
        )
        return replace(so_far, doubts=(*so_far.doubts, doubt))
    return replace(
        so_far,
        stock_reserved=seen.held - seen.reserved,
        reserved=seen.held - seen.entered_reserved,
    )


def _on_hand(so_far: Remedy, seen: Witnesses, believe: Believe | None) -> Remedy:
    lacking = seen.on_hand - seen.entered_on_hand
    if not lacking:
        return so_far
    if believe is Believe.STOCK or (believe is None and seen.fed == seen.on_hand):
        return replace(so_far, on_hand=lacking)
    if believe is Believe.LEDGER:
        return replace(so_far, stock_on_hand=-lacking)
    doubt = _two("on hand", seen.on_hand, seen.entered_on_hand)
    return replace(so_far, doubts=(*so_far.doubts, doubt))


def _unsellable(so_far: Remedy, seen: Witnesses, believe: Believe | None) -> Remedy:
    lacking = seen.unsellable - seen.entered_unsellable
    if not lacking:
        return so_far
    if believe is Believe.STOCK:
        return replace(so_far, unsellable=lacking)
    if believe is Believe.LEDGER and seen.entered_unsellable >= 0:
        return replace(so_far, stock_unsellable=-lacking)
    doubt = _two("unsellable", seen.unsellable, seen.entered_unsellable)
    return replace(so_far, doubts=(*so_far.doubts, doubt))


def _staged(so_far: Remedy, seen: Witnesses, believe: Believe | None) -> Remedy:
    """No number in ``stock`` says what is staged: the orders' holds do, or their entries."""
    lacking = seen.waiting - seen.entered_staged
    if not lacking:
        return so_far
    if believe is Believe.STOCK:
        return replace(so_far, staged=lacking)
    doubt = (
        f"orders have {seen.waiting} units staged, by the ledger {seen.entered_staged}: look at"
        " the counter; if the orders are right, believe the stock"
    )
    return replace(so_far, doubts=(*so_far.doubts, doubt))


def _two(what: str, used: int, entered: int) -> str:
    moved = "came" if used > entered else "went"
    return (
        f"{used} {what} in the stock, {entered} by its ledger: either {abs(used - entered)} {moved}"
        " without an entry (believe the stock), or the number was moved (believe the ledger)"
    )
