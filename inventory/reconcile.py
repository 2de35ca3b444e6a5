"""What a move does to the numbers, and when numbers contradict each other. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bopis.kernel.ids import Sku


class Shortage(StrEnum):
    """Why an associate could not take what was promised; the same words as on the handheld."""

    NOT_FOUND = "not_found"
    SHORT_QUANTITY = "short_quantity"
    DAMAGED = "damaged"
    WRONG_ITEM_AT_LOCATION = "wrong_item_at_location"
    RECALLED_OR_NOT_SELLABLE = "recalled_or_not_sellable"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An item of which less could be had than was wanted."""

    sku: Sku
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class Position:
    """What we know of one item in one store. Units, all in the building; may contradict."""

    on_hand: int
    reserved: int
    unsellable: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move adds to a position.

    ``seen`` says that a person looked: from then on no older feed is believed.
    """

    kind: Literal["short", "damage"]
    on_hand: int = 0
    reserved: int = 0
    unsellable: int = 0
    seen: bool = False
    recount: bool = False
    """Somebody should count: what we now think is a guess."""


def of_shortage(
    reason: Shortage, quantity: int, position: Position, picked: int | None = None
) -> Effect:
    """Return what it means that ``quantity`` promised units were not taken.

    The promise on these units is gone in any case. An empty shelf means that nothing is left but
    what has been picked already and what waits to be put back; if nobody can say how much is
    picked, every unit still promised is believed to be, and only the free ones are given up. What
    has been picked is certainly there, even where the number said less.

    Units:
        picked: units of this item, of all orders, that are picked or staged; None: not known.
    """
    kept = position.reserved - quantity
    match reason:
        case Shortage.NOT_FOUND | Shortage.SHORT_QUANTITY:
            left = (kept if picked is None else picked) + position.unsellable
            there = min(max(position.on_hand, picked or 0), left)
            return Effect(
                "short",
                on_hand=there - position.on_hand,
                reserved=-quantity,
                seen=True,
                recount=True,
            )
        case Shortage.DAMAGED:
            return Effect("damage", reserved=-quantity, unsellable=quantity)
        case Shortage.WRONG_ITEM_AT_LOCATION:
            return Effect("short", on_hand=-quantity, reserved=-quantity, recount=True)
        case Shortage.RECALLED_OR_NOT_SELLABLE:
            rest = max(position.on_hand - position.unsellable - kept, 0)
            return Effect("damage", reserved=-quantity, unsellable=rest)
