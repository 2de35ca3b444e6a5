"""What can happen to stock, in the past tense."""

from typing import ClassVar
from uuid import UUID, uuid5

from bopis.kernel.columns import datetime
from bopis.kernel.events import Event
from bopis.kernel.ids import Sku
from inventory.opening.pause import PauseReason

_FEEDS = UUID("6f1c1a52-6f0e-5d1b-9a59-3f4f5a1f1d10")
_FLOORS = UUID("0c9d3f52-7e1b-5c44-9a0e-5a1f0e6b7d31")
_PAUSES = UUID("b1a5b0a8-3c53-5c9e-8d6f-51d0c0a4e7f2")


class StockConflictFact(Event):
    conflict_id: UUID
    sku: Sku

    @property
    def subject(self) -> UUID:
        return self.conflict_id


class StockConflictOpened(StockConflictFact):
    """What is there, and may be sold, is now less than what is promised."""

    name: ClassVar[str] = "stock.conflict_opened"

    on_hand: int
    reserved: int
    source: str


class StockConflictDeepened(StockConflictFact):
    """Still less is there than when we last looked, or more is promised."""

    name: ClassVar[str] = "stock.conflict_deepened"

    on_hand: int
    reserved: int
    source: str


class StockConflictClosed(StockConflictFact):
    name: ClassVar[str] = "stock.conflict_closed"

    resolution: str


class _DoubtFact(Event):
    request_id: UUID
    sku: Sku

    @property
    def subject(self) -> UUID:
        return self.request_id


class StockDoubted(_DoubtFact):
    """One person says that much is gone. Until somebody else has looked it is not sold."""

    name: ClassVar[str] = "stock.doubted"

    units: int
    until: datetime | None
    """Store clock: if nobody has looked by then, it is sold again. None: it is sold all the while,
    because so many items of the store are held back already."""


class StockDoubtEnded(_DoubtFact):
    """What one person said was gone is no longer held back."""

    name: ClassVar[str] = "stock.doubt_ended"

    was_counted: bool
    """False: the time ran out, and nobody else has looked. It is sold again."""


class _FeedFact(Event):
    source: str

    @property
    def subject(self) -> UUID:
        """One feed's facts stay in order; another's do not wait for them."""
        return uuid5(_FEEDS, f"{self.store_id}/{self.source}")


class FeedApplied(_FeedFact):
    name: ClassVar[str] = "feed.applied"

    batch_id: str
    as_of: datetime
    applied: int
    unchanged: int
    stale: int
    conflicts: int


class FeedSilent(_FeedFact):
    """A source has missed its cadence: what it said of this store grows old."""

    name: ClassVar[str] = "feed.fell_silent"

    last_as_of: datetime
    expected_at: datetime


class FeedHeardAgain(_FeedFact):
    """A silent source has spoken of this store again, or nobody waits for it any more."""

    name: ClassVar[str] = "feed.heard_again"

    as_of: datetime | None


class PauseFact(Event):
    """What happens to a store's hours today. Its orders are looked at again at once."""

    pause_id: UUID

    @property
    def subject(self) -> UUID:
        """All pauses of a store stay in order."""
        return uuid5(_PAUSES, self.store_id)


class StorePaused(PauseFact):
    """A store, or a stretch of its day, does not do what its hours say."""

    name: ClassVar[str] = "store.paused"

    since: datetime
    until: datetime
    reason: PauseReason
    takes_orders: bool
    closes: bool


class StorePauseMoved(PauseFact):
    """A pause ends later than was said, or earlier."""

    name: ClassVar[str] = "store.pause_moved"

    previously: datetime
    until: datetime


class StoreResumed(PauseFact):
    """A pause was ended by a person, before its time. One that runs out says nothing."""

    name: ClassVar[str] = "store.resumed"

    until: datetime
    """When it would have ended."""
    reason: PauseReason


class FloorChanged(Event):
    """The plan of a store's floor is new, or something stands in an aisle, or no more."""

    name: ClassVar[str] = "floor.changed"

    @property
    def subject(self) -> UUID:
        return uuid5(_FLOORS, self.store_id)
