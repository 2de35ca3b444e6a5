"""What is truly in a simulated store, who knows of it, and so what our number has to be. Pure.

Everything that happens to an item is a ``Movement``: what it really did to the building, and what
the store's own system booked of it. They differ where nobody saw it (a theft) or where the till was
wrong. Our number stands on the newest ``Word`` that we have: a feed's value, a count, or an
associate's look at an empty shelf. So it must be

    the truth - what only a count could know - what nobody has told us yet

and at a quiet point, when all that was booked has been told, the last term is zero.

A booking system's number leaves out what it has taken off for pickups already (``books``). It
hears of orders at once, and says what was so at the instant of its reading.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from bopis.kernel.ids import OrderId, Sku
from inventory.feeds.models import BooksPickup

LOOKS: Final = frozenset({"not_found", "short_quantity"})


class Told(StrEnum):
    FEED = "feed"
    COUNT = "count"
    LOOK = "look"


@dataclass(slots=True)
class Movement:
    """Units that came or went.

    Units:
        really: in the building.
        booked: in the books of the store's own system.
    """

    at: datetime
    really: int
    booked: int
    ours: bool = False
    """A hand-over: we booked it ourselves."""
    sent: bool = False
    told: bool = False


@dataclass(slots=True)
class Word:
    """Somebody says how many units there are.

    Shapes:
        blind_since: what happened unseen before has come to light in it; None: nothing ever has.

    Units:
        overlooked: units in the building that it left out (a look sees one shelf, not the store).
    """

    told: Told
    at: datetime
    blind_since: datetime | None
    overlooked: int = 0
    live: bool = True


@dataclass(slots=True)
class Lack:
    """A shortage as it was scanned, and what would have to be undone."""

    order: OrderId
    sku: Sku
    quantity: int
    reason: str
    cause: UUID
    at: datetime
    word: Word | None = None
    guessed: int = 0
    set_aside: int = 0
    live: bool = True


@dataclass(slots=True)
class Line:
    """Units of an order: still to find, in a tote, at the counter."""

    find: int = 0
    picked: int = 0
    staged: int = 0

    @property
    def held(self) -> int:
        return self.find + self.picked + self.staged


@dataclass(slots=True)
class Item:
    """One item of the store."""

    sku: Sku
    movements: list[Movement] = field(default_factory=list)
    stocktakes: dict[str, list[datetime]] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    guesses: list[Lack] = field(default_factory=list)
    promised: list[tuple[datetime, int, int]] = field(default_factory=list)
    """From when on how many units were reserved, and how many of these staged."""
    aside: int = 0
    """Broken, recalled, or waiting to be put back."""
    hidden: int = 0
    """In the building, but not where anybody would look."""
    safety: int = 0
    cap: int | None = None
    """The most that may be promised; it moves with what hands carry off or bring back."""
    known: bool = False
    story: list[str] = field(default_factory=list)

    def set_aside(self, units: int) -> None:
        """Take units out of sale, or back into it."""
        self.aside += units
        self.carry(-units)

    def carry(self, units: int) -> None:
        if self.cap is not None:
            self.cap += units

    def truth(self, at: datetime | None = None) -> int:
        return sum(one.really for one in self.movements if at is None or one.at <= at)

    @property
    def anchor(self) -> Word | None:
        """The newest word that stands."""
        return max((one for one in self.words if one.live), key=lambda one: one.at, default=None)

    def unknowable(self) -> int:
        """Return what only a count could know: the truth, less what we can have heard of."""
        word = self.anchor
        guesses = sum(
            one.guessed for one in self.guesses if one.live and (not word or one.at > word.at)
        )
        since = word.blind_since if word else None
        unseen = sum(
            one.really - one.booked for one in self.movements if since is None or one.at > since
        )
        return unseen + guesses + (word.overlooked if word else 0)

    def untold(self) -> int:
        """Return what is booked and has not reached us: nothing, at a quiet point."""
        word = self.anchor
        return sum(
            one.booked
            for one in self.movements
            if not one.ours and not one.told and (word is None or one.at > word.at)
        )

    def on_hand(self) -> int:
        """Return what our number has to be, at any moment."""
        return self.truth() - self.unknowable() - self.untold()

    def book(self, source: str, books: BooksPickup, at: datetime) -> int:
        """Return what a system says was there at an instant."""
        units = sum(one.booked for one in self.movements if one.at <= at)
        taken = self.taken_at(source, at)
        if taken is not None:  # since the stocktake its book is the truth then, and its bookings
            late = sum(one.booked for one in self.movements if taken < one.at <= at)
            units = self.truth(taken) + late
        place = bisect_right(self.promised, at, key=lambda step: step[0])
        _, reserved, staged = self.promised[place - 1] if place else (at, 0, 0)
        match books:
            case BooksPickup.AT_ORDER:
                return units - reserved
            case BooksPickup.AT_READY:
                return units - staged
            case BooksPickup.AT_HANDOVER:
                return units

    def taken_at(self, source: str, at: datetime) -> datetime | None:
        """Return when this system's own stocktake was before an instant, if ever."""
        return max((one for one in self.stocktakes.get(source, ()) if one <= at), default=None)

    def hear(self, source: str, as_of: datetime) -> None:
        """Take in a feed's value: older words, and looks that are not older, stand against it."""
        self.known = True
        word = self.anchor
        if word is None or as_of > word.at:
            self.words.append(Word(Told.FEED, as_of, self.taken_at(source, as_of)))

    def hear_of(self, movement: Movement) -> None:
        """Take in one booked movement, unless a word has seen it already."""
        self.known = True
        word = self.anchor
        movement.told = word is None or movement.at > word.at


class Store:
    """All of it: items, and the orders that hold units of them."""

    def __init__(self, skus: list[Sku]) -> None:
        self.items = {sku: Item(sku) for sku in skus}
        self.orders: dict[OrderId, dict[Sku, Line]] = {}
        self.lacks: list[Lack] = []

    def lines(self, sku: Sku) -> Iterator[Line]:
        return (lines[sku] for lines in self.orders.values() if sku in lines)

    def reserved(self, sku: Sku) -> int:
        return sum(line.held for line in self.lines(sku))

    def carried(self, sku: Sku) -> int:
        """Return how many units are in totes and at the counter."""
        return sum(line.picked + line.staged for line in self.lines(sku))

    def on_shelf(self, sku: Sku) -> int:
        """Return how many units a person who looks can take."""
        item = self.items[sku]
        return max(item.truth() - item.aside - item.hidden - self.carried(sku), 0)

    def available(self, sku: Sku) -> int:
        """Return what an order may have. What else is set aside (holds, ceilings) belongs here."""
        item = self.items[sku]
        if not item.known:
            return 0
        most = item.on_hand() - item.aside - item.safety
        if item.cap is not None:
            most = min(most, item.cap)
        return max(most - self.reserved(sku), 0)

    def numbers(self, sku: Sku) -> tuple[int, int, int]:
        """Return on hand, reserved, unsellable as they have to be."""
        item = self.items[sku]
        return item.on_hand(), self.reserved(sku), item.aside

    def note(self, sku: Sku, now: datetime, words: str) -> None:
        """Write down what happened, and how many are promised from now on."""
        item = self.items[sku]
        staged = sum(line.staged for line in self.lines(sku))
        item.promised.append((now, self.reserved(sku), staged))
        item.story.append(f"{now:%H:%M:%S}  {words}")

    def accept(self, order: OrderId, wanted: dict[Sku, int], now: datetime) -> None:
        self.orders[order] = {sku: Line(find=quantity) for sku, quantity in wanted.items()}
        for sku, quantity in wanted.items():
            self.note(sku, now, f"order {order.int % 1000} takes {quantity}")

    def release(self, order: OrderId, now: datetime) -> None:
        """End an order; what had left its shelf waits to be put back."""
        for sku, line in self.orders.pop(order).items():
            self.items[sku].set_aside(line.picked + line.staged)
            self.note(sku, now, f"order {order.int % 1000} ends, {line} goes back")

    def hand_over(self, order: OrderId, sku: Sku, quantity: int, now: datetime) -> None:
        line = self.orders[order][sku]
        line.staged -= quantity
        self.items[sku].movements.append(Movement(now, -quantity, -quantity, ours=True))
        self.items[sku].carry(-quantity)
        self.note(sku, now, f"order {order.int % 1000} is handed {quantity}")

    def short(  # noqa: PLR0917 -- as the verb
        self,
        order: OrderId,
        sku: Sku,
        quantity: int,
        reason: str,
        cause: UUID,
        now: datetime,
        *,
        picked: int | None,
    ) -> None:
        """Let a shortage do what it does; the promise on these units goes in any case."""
        item, line = self.items[sku], self.orders[order][sku]
        before, kept = item.on_hand(), self.reserved(sku) - quantity
        lack = Lack(order, sku, quantity, reason, cause, now)
        match reason:
            case "damaged":
                lack.set_aside = quantity
            case "recalled_or_not_sellable":
                lack.set_aside = max(before - item.aside - kept, 0)
            case "wrong_item_at_location":
                lack.guessed = quantity
                item.guesses.append(lack)
            case _:
                left = (kept if picked is None else picked) + item.aside
                seen = min(max(before, picked or 0), left)
                lack.word = Word(Told.LOOK, now, now, overlooked=item.truth() - seen)
                item.words.append(lack.word)
        line.find -= quantity
        item.set_aside(lack.set_aside)
        self.lacks.append(lack)
        self.note(sku, now, f"order {order.int % 1000} is short of {quantity}: {reason}")

    def unshort(self, lack: Lack, now: datetime) -> None:
        """Let a shortage never have been; what a look refused meanwhile stays refused."""
        item = self.items[lack.sku]
        lack.live = False
        if lack.word:
            lack.word.live = False
        self.orders[lack.order][lack.sku].find += lack.quantity
        item.set_aside(-min(lack.set_aside, item.aside))
        self.note(lack.sku, now, f"order {lack.order.int % 1000} has its {lack.quantity} after all")

    def count(self, sku: Sku, counted: int, now: datetime) -> None:
        item = self.items[sku]
        item.known = True
        item.words.append(Word(Told.COUNT, now, now, overlooked=item.truth() - counted))
        item.aside = min(item.aside, counted)
        self.note(sku, now, f"somebody counts {counted}")
