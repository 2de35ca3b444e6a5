"""What a handheld sends."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from associates.bagging import bag
from associates.picking.scans import Said, ScanKind, ScanOutcome, ShortReason, Spot
from associates.walking.wave import MOST
from bopis.kernel.bodies import Body, Instant


def printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    if not text.strip():
        raise ValueError("is empty")
    return text.strip()


def _holdable(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not a time that can be held") from None


def _shown(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return text.strip()


PlaceWord = Annotated[str, Field(max_length=40), AfterValidator(_shown)]

Word = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable)]

Moment = Annotated[Instant, AfterValidator(_holdable)]
"""The handheld's word, however wrong its clock: what is judged by time is judged by ours."""

Number = Annotated[int, Field(ge=0, le=2**31 - 1)]

Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]

Quantity = Annotated[int, Field(ge=1, le=999)]

BagText = Annotated[str, Field(max_length=64)]
"""The code of a bag as it was scanned: it may be anything that short."""


class EnrolIn(Body):
    """``code`` may be anything a scanner can send: nonsense is told like a code used up."""

    code: str
    name: Word


class SignInIn(Body):
    """A badge, which may be anything a scanner can send, or a number with its PIN."""

    badge: str | None = None
    number: Word | None = None
    pin: Word | None = None
    unsent: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Entries of its log that the device still holds."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.badge is None) is (self.number is None or self.pin is None):
            raise ValueError("send a badge, or a number and a pin")
        return self


class EntryIn(Body):
    """What every entry of a handheld's log has. ``scan_id`` is made on the device.

    ``told`` is what the device showed by itself, before it had an answer: what a person was told
    not to count is not counted, and what they were told is done and is not becomes a case.
    """

    scan_id: UUID
    device_seq: Seq
    scanned_at: Moment
    told: ScanOutcome | None = None


class SpotIn(Body):
    """A place of this store, as its signs name it, whether or not we know it."""

    zone: PlaceWord = ""
    aisle: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(printable)]
    bay: PlaceWord = ""
    shelf: PlaceWord = ""
    kind: Literal["shelf", "backroom", "display"] = "shelf"

    @property
    def spot(self) -> Spot:
        return self.zone, self.aisle, self.bay, self.shelf


class ScanIn(EntryIn):
    """One scan or one tap, live or hours late.

    ``code`` may be anything a scanner can send: nonsense has an outcome, not an error. ``look``
    says where somebody looks now and ``miss`` that it is not there; ``zero_check`` says whether
    the shelf is ``empty``.
    """

    kind: Literal[
        ScanKind.ITEM,
        ScanKind.STAGE,
        ScanKind.SHORT,
        ScanKind.SKIP,
        ScanKind.LOOK,
        ScanKind.MISS,
        ScanKind.ZERO_CHECK,
        ScanKind.UNDO,
    ] = ScanKind.ITEM
    fence: Number
    code: str = ""
    line: Number | None = None
    quantity: Quantity | None = None
    reason: ShortReason | None = None
    undoes: UUID | None = None
    place: SpotIn | None = None
    empty: bool | None = None
    bags: list[BagText] = Field(default_factory=list, max_length=bag.MOST)
    """Which bags are put down here; none: all that stand nowhere yet."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind is ScanKind.SHORT and (self.reason is None or self.line is None):
            raise ValueError("a short needs its line and its reason")
        if self.kind is ScanKind.MISS and (self.line is None or self.place is None):
            raise ValueError("a miss needs its line and its place")
        if self.kind is ScanKind.LOOK and (self.line is None or not (self.place or self.code)):
            raise ValueError("a look needs its line, and the place or its label")
        if self.kind is ScanKind.ZERO_CHECK and (self.empty is None or self.line is None):
            raise ValueError("a zero check needs its line and whether the shelf is empty")
        return self

    def said(self) -> Said:
        about = self.model_dump(exclude={"place"}) | {"bags": tuple(self.bags)}
        if self.place is not None:
            about |= {"place": self.place.spot, "place_kind": self.place.kind}
        return Said(**about)


class BagsIn(EntryIn):
    """How many bags an order is in."""

    fence: Number
    count: Annotated[int, Field(ge=1, le=bag.MOST)]

    def said(self) -> Said:
        return Said(**self.model_dump(exclude={"count"}), kind=ScanKind.BAGS)


class WaveIn(Body):
    """Which orders somebody takes on as one walk, as the list offered them."""

    task_ids: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1)] = Field(
        max_length=MOST
    )


class TakeIn(EntryIn):
    """A task taken on without having asked: ``fence`` is the one it had by all the device knew."""

    fence: Number

    def said(self) -> Said:
        return Said(**self.model_dump(), kind=ScanKind.TAKE)


class OrderTaken(Body):
    """One of the orders of a walk, and the fence it had by all the device knew."""

    task_id: Annotated[str, Field(max_length=100)]
    fence: Number


class WaveTakeIn(EntryIn):
    """Orders taken on as one walk without having asked, in the order of their totes."""

    orders: Annotated[list[OrderTaken], Field(min_length=1, max_length=MOST)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.task_id for one in self.orders}) < len(self.orders):
            raise ValueError("names an order twice")
        return self

    def said(self) -> Said:
        return Said(**self.model_dump(exclude={"orders"}), kind=ScanKind.TAKE)


class HandOverIn(EntryIn):
    """What was handed over, to whom, on what proof.

    ``bags`` as they were scanned; ``by_hand`` by number, where a label cannot be read; ``looked``:
    an ID was looked at, and nothing of it is noted; ``other``: somebody else came, with the code;
    ``number``: of which order it was by all the device knew: without a network nobody else can say.
    """

    number: Annotated[str, Field(max_length=40), AfterValidator(_shown)] | None = None

    bags: list[BagText] = Field(default=[], max_length=bag.MOST)
    by_hand: list[Annotated[int, Field(ge=1, le=999)]] = Field(default=[], max_length=bag.MOST)
    looked: bool = False
    other: bool = False

    def given(self) -> bag.Given:
        who = bag.Collector.OTHER if self.other else bag.Collector.SHOPPER
        return bag.Given(self.bags, frozenset(self.by_hand), self.looked, who)


class PutBackIn(EntryIn):
    """Units that are on their shelf again: all, or so many; and what is with the ``rest``."""

    code: str = ""
    quantity: Annotated[int, Field(ge=0, le=999)] | None = None
    rest: Literal["later", "broken", "lost"] = "later"

    def said(self) -> Said:
        return Said(**self.model_dump(exclude={"rest"}), kind=ScanKind.PUT_BACK)


class CountIn(EntryIn):
    """What somebody counted on the shelf and in the back room.

    ``sent_at`` is when the handheld sends it, by the clock of ``scanned_at``: a count that waited
    for the network is not believed. ``code`` proves that it was the right item; of nothing there
    is nothing to scan.
    """

    code: str = ""
    counted: Annotated[int, Field(ge=0, le=99_999)]
    sent_at: Moment | None = None

    @property
    def age(self) -> timedelta:
        """How long it waited. A clock that was set back meanwhile does not make it younger."""
        return abs((self.sent_at or self.scanned_at) - self.scanned_at)

    def said(self) -> Said:
        return Said(**self.model_dump(exclude={"counted", "sent_at"}), kind=ScanKind.COUNT)


class AnswerIn(Body):
    """What whoever has a walk says to who asks for it."""

    yes: bool
