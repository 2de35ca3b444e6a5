"""What happened on the shop floor, in the past tense. Nearly all of it is about an order."""

from typing import ClassVar
from uuid import UUID

from associates.models import ShortReason
from bopis.kernel.events import Event
from bopis.kernel.ids import DeviceId, OrderId, Sku, TaskId


class PickFact(Event):
    order_id: OrderId
    task_id: TaskId

    @property
    def subject(self) -> UUID:
        return self.order_id


class PickStarted(PickFact):
    """Somebody has taken the task and walks."""

    name: ClassVar[str] = "pick.started"


class PickLineFound(PickFact):
    """Units were scanned at the shelf. ``quantity`` is what this scan added."""

    name: ClassVar[str] = "pick.line_found"

    line: int
    sku: Sku
    quantity: int
    scan_id: UUID


class PickLineShort(PickFact):
    """Units could not be had."""

    name: ClassVar[str] = "pick.line_short"

    line: int
    sku: Sku
    quantity: int
    reason: ShortReason
    scan_id: UUID


class PickLineUndone(PickFact):
    """A scan was taken back: ``quantity`` units return from picked (or short) to reserved."""

    name: ClassVar[str] = "pick.line_undone"

    line: int
    sku: Sku
    quantity: int
    was_short: bool
    scan_id: UUID


class PickStaged(PickFact):
    """Every found unit of the order is at a scanned staging place."""

    name: ClassVar[str] = "pick.staged"

    place: str
    """Of the first bag, where they are at several."""
    scan_id: UUID
    proofs: tuple[UUID, ...] = ()
    """The scans before it that put other bags of the order at their places."""


class PickHandedOver(PickFact):
    """The shopper has it, against the pickup code."""

    name: ClassVar[str] = "pick.handed_over"

    scan_id: UUID


class PickRetracted(PickFact):
    """It was called ready, and it is not: back to the floor."""

    name: ClassVar[str] = "pick.retracted"

    missing: dict[Sku, int]
    """Units that are not there. Empty: nobody finds the bag, and all is to be picked again."""


class PutBackDone(Event):
    """Units are on their shelf again; of the same line, some were broken or not there."""

    name: ClassVar[str] = "pick.put_back"

    order_id: OrderId
    sku: Sku
    quantity: int
    broken: int = 0
    lost: int = 0

    @property
    def subject(self) -> UUID:
        return self.order_id


class HandheldLocked(Event):
    """Somebody has guessed at a handheld: nobody signs in on it until a person unlocks it."""

    name: ClassVar[str] = "handheld.locked"

    device_id: DeviceId
    wrong_tries: int

    @property
    def subject(self) -> UUID:
        return self.device_id
