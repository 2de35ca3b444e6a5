"""What a handheld sends, and the shape of every answer."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from associates import bag
from associates.scans import Said, ScanKind, ScanOutcome, ShortReason, Spot
from associates.wave import MOST
from associates.wording import Message
from bopis.kernel.ids import Sku


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
Moment = Annotated[AwareDatetime, AfterValidator(_holdable)]
"""The handheld's word, however wrong its clock: what is judged by time is judged by ours."""
Number = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Seq = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=999)]
BagText = Annotated[str, Field(max_length=64)]
"""The code of a bag as it was scanned: it may be anything that short."""


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EnrolIn(Body):
    """``code`` may be anything a scanner can send: nonsense is told like a code used up."""

    code: str
    name: Word


class SignInIn(Body):
    """A badge, which may be anything a scanner can send, or a number with its PIN."""

    badge: str | None = None
    number: Word | None = None
    pin: Word | None = None

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


class SpotIn(BaseModel):
    """A place of this store, as its signs name it, whether or not we know it."""

    model_config = ConfigDict(extra="forbid")

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
    bags: list[BagText] = Field(default=[], max_length=bag.MOST)
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
    count: Annotated[int, Field(strict=True, ge=1, le=bag.MOST)]

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
    an ID was looked at, and nothing of it is noted; ``other``: somebody else came, with the code.
    """

    bags: list[BagText] = Field(default=[], max_length=bag.MOST)
    by_hand: list[Annotated[int, Field(strict=True, ge=1, le=999)]] = Field(
        default=[], max_length=bag.MOST
    )
    looked: bool = False
    other: bool = False

    def given(self) -> bag.Given:
        who = bag.Collector.OTHER if self.other else bag.Collector.SHOPPER
        return bag.Given(self.bags, frozenset(self.by_hand), self.looked, who)


class PutBackIn(EntryIn):
    """Units that are on their shelf again: all, or so many; and what is with the ``rest``."""

    code: str = ""
    quantity: Annotated[int, Field(strict=True, ge=0, le=999)] | None = None
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
    counted: Annotated[int, Field(strict=True, ge=0, le=99_999)]
    sent_at: Moment | None = None

    @property
    def age(self) -> timedelta:
        """How long it waited. A clock that was set back meanwhile does not make it younger."""
        return abs((self.sent_at or self.scanned_at) - self.scanned_at)

    def said(self) -> Said:
        return Said(**self.model_dump(exclude={"counted", "sent_at"}), kind=ScanKind.COUNT)


class Receipt(BaseModel):
    """That we have an entry, and what became of it. The device may forget it now."""

    scan_id: UUID
    kind: ScanKind
    outcome: ScanOutcome
    line: int | None
    quantity: int


class Place(BaseModel):
    """A place, and in words how sure we are and when the item was last found there."""

    zone: str
    aisle: str
    bay: str
    shelf: str
    kind: Literal["shelf", "backroom", "display"] = "shelf"
    words: str = ""


class TaskHead(BaseModel):
    task_id: str
    number: str
    due_at: datetime
    due: str
    """As the store's clock shows it."""
    late: bool
    fence: int


class TaskCard(TaskHead):
    units: int
    """Still to be found."""
    state: Literal["open", "yours", "taken", "to_stage"]
    word: str
    guest: str = ""
    """That its customer is here, and since when; blank: they have not said so."""
    at_risk: bool = False
    """It may be late: it comes first, and alone."""
    tote: int | None = None
    """Of the orders that one has in hand together: which tote is this one's."""


class Together(BaseModel):
    """Orders that may be walked as one."""

    task_ids: list[str]
    words: str
    units: int
    due: str
    """Of the one that is due first."""


class ToteOut(BaseModel):
    """Which tote: told by number, color and words, never by color alone."""

    number: int
    color: str
    words: str


class WaveOrder(BaseModel):
    """One of the orders that are walked together, and where it stands."""

    task_id: str
    number: str
    tote: ToteOut
    state: Literal["walking", "found", "staged", "gone"]


class WaveHead(TaskHead):
    """One order in hand, and those that are walked together with it; alone, there are none."""

    tote: ToteOut | None = None
    together: list[WaveOrder] = []
    notice: str = ""
    """What has happened to one of the others."""


class Duty(BaseModel):
    duty_id: UUID
    number: str
    sku: str
    name: str
    size: str
    gtin_tail: str
    quantity: int
    """Still to be put back."""
    from_place: str
    bags: list[str] = []
    """The labels of the bags in one of which it is."""
    places: list[Place]


class CountCard(BaseModel):
    """One thing to count. What the record says is not shown before the count."""

    count_id: UUID
    sku: str
    name: str
    size: str
    gtin_tail: str
    group: Literal["failed_pick", "low_record"]
    reason: str
    due: str
    minutes: int
    """How long it may take."""
    word: str
    """Who counts it just now."""
    places: list[Place]
    again: bool = False
    """The first count was far from the record."""


class CountData(CountCard):
    """One thing to count, in somebody's hands.

    Shapes:
        scanned: the code that was scanned just now, if it is the item; blank: it is not, or none.
    """

    scanned: str = ""


class CountsOut(BaseModel):
    """What is to be counted, the most urgent first in each list."""

    failed_picks: list[CountCard]
    low_record: list[CountCard]


class TasksData(BaseModel):
    """What is due, soonest first, what is to be put back, and what is to be counted."""

    store: str
    store_id: str
    name: str
    tasks: list[TaskCard]
    more: int
    """How many are due beyond those listed."""
    put_backs: list[Duty]
    counts: list[CountCard]
    together: Together | None = None
    """What may be taken on as one walk."""


class SignedInData(TasksData):
    session: str


class StagedData(TasksData):
    number: str
    place: str


class ItemOut(BaseModel):
    sku: str
    name: str
    size: str
    gtin_tail: str


class ReasonOut(BaseModel):
    code: ShortReason
    text: str


class Question(BaseModel):
    """Is the shelf empty now? Asked after a pick; one tap, and it can be passed over."""

    line: int
    text: str
    item: str
    place: Place | None
    """Where the last unit was taken, by all we know."""
    task_id: str = ""
    """Whose line it is: the next thing to find may be another order's."""
    fence: int = 0


class Units(BaseModel):
    name: str
    quantity: int


class TookOver(BaseModel):
    """Who began the walk that was just taken over, and what is in the tote already."""

    who: str
    items: list[Units]


class TakenData(TaskHead):
    """Somebody else has this walk: who, since when, and how far they are."""

    who: str
    since: str
    asked: int
    found: int
    is_asked: bool
    """The reader has asked for it, and waits for an answer."""
    is_refused: bool
    """The reader has asked for it, and who has it carries on."""


class AnswerIn(Body):
    """What whoever has a walk says to who asks for it."""

    yes: bool


class WalkData(WaveHead):
    """One thing to find."""

    line: int
    item: ItemOut
    place: Place | None
    """Where to look now."""
    other_places: list[Place]
    """Where to look next, the likeliest first; without those that were looked at in vain."""
    nowhere: str
    """What to say when there is no place to look at."""
    in_the_way: str = ""
    """Why no way led there when the walk was planned."""
    asked: int
    found: int
    n_of_m: tuple[int, int]
    reasons: list[ReasonOut]
    can_undo: bool
    can_skip: bool
    question: Question | None = None
    asked_by: str = ""
    """Who asks for this walk just now."""
    took_over: TookOver | None = None


class BagOut(BaseModel):
    """A bag, and where it stands; blank: nowhere yet."""

    number: int
    code: str
    place: str


class StageData(WaveHead):
    """Everything is found or known to be missing: put it at a place, and scan the place.

    Where the store ``labels``, it is said first how many bags there are, and each wears a label.
    """

    items: list[Units]
    missing: list[Units]
    labels: bool = False
    printer: bool = False
    """The store has a label printer: labels need not be shown."""
    bags: list[BagOut] = []
    asked_by: str = ""
    """Who asks for this walk just now."""
    took_over: TookOver | None = None
    can_undo: bool
    question: Question | None = None


class LabelOut(BaseModel):
    """One label, drawn: an image of its own, in which no script runs."""

    number: int
    code: str
    svg: str


class LabelsData(BaseModel):
    """Labels of an order's bags, to be scanned off the screen or printed from there."""

    task_id: str
    number: str
    fence: int
    size: str
    printer: bool
    labels: list[LabelOut]


class EnrolledData(BaseModel):
    device_token: str
    store_id: str
    store: str


class CounterPlace(BaseModel):
    code: str
    label: str


class InBag(Units):
    sku: Sku
    """What a retraction names, if this is what is missing."""


class CounterData(BaseModel):
    """Whose order it is, and what to fetch from where; of a person, no more than a first name."""

    number: str
    first_name: str | None
    places: list[CounterPlace]
    items: list[InBag]
    bags: list[BagOut] = []
    """Each is scanned before the order is handed over; none: this store scans no bags."""
    look: str = ""
    """Why an ID is to be looked at, in words; blank: it is not."""
    other: str | None = None
    """Somebody else has come, with the code that the shopper gave them; their first name, or
    blank where the shopper named nobody."""
    scanned: str = ""
    """The bag of this order that was scanned just now."""
    code: str
    chosen: Sku | None = None
    """Which of the items was scanned just now."""


class NoData(BaseModel):
    model_config = ConfigDict(extra="forbid")  # or any other data would fit here, and be lost


NextState = Literal[
    "enrol", "sign_in", "tasks", "taken", "walk", "stage", "labels", "staged", "counter", "count"
]


class Answer(BaseModel):
    """The handheld renders ``next_state`` from ``data``, and says ``message``."""

    next_state: NextState
    data: (
        TakenData
        | WalkData
        | StageData
        | LabelsData
        | SignedInData
        | StagedData
        | TasksData
        | EnrolledData
        | CounterData
        | CountData
        | NoData
    )
    message: Message | None = None
    receipt: Receipt | None = None
