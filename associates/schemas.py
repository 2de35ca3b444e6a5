"""What a handheld sends, and the shape of every answer."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from associates.scans import Said, ScanKind, ScanOutcome, ShortReason
from associates.wording import Message
from bopis.kernel.ids import Sku


def _printable(text: str) -> str:
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


Word = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
Moment = Annotated[AwareDatetime, AfterValidator(_holdable)]
"""The handheld's word, however wrong its clock: what is judged by time is judged by ours."""
Number = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Seq = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=999)]


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
    """What every entry of a handheld's log has. ``scan_id`` is made on the device."""

    scan_id: UUID
    device_seq: Seq
    scanned_at: Moment


class ScanIn(EntryIn):
    """One scan or one tap, live or hours late.

    ``code`` may be anything a scanner can send: nonsense has an outcome, not an error.
    """

    kind: Literal[ScanKind.ITEM, ScanKind.STAGE, ScanKind.SHORT, ScanKind.SKIP, ScanKind.UNDO] = (
        ScanKind.ITEM
    )
    fence: Number
    code: str = ""
    line: Number | None = None
    quantity: Quantity | None = None
    reason: ShortReason | None = None
    undoes: UUID | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind is ScanKind.SHORT and (self.reason is None or self.line is None):
            raise ValueError("a short needs its line and its reason")
        return self

    def said(self) -> Said:
        return Said(**self.model_dump())


class PutBackIn(EntryIn):
    code: str = ""

    def said(self) -> Said:
        return Said(**self.model_dump(), kind=ScanKind.PUT_BACK)


class Receipt(BaseModel):
    """That we have an entry, and what became of it. The device may forget it now."""

    scan_id: UUID
    kind: ScanKind
    outcome: ScanOutcome
    line: int | None
    quantity: int


class Place(BaseModel):
    zone: str
    aisle: str
    bay: str
    shelf: str


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


class Duty(BaseModel):
    duty_id: UUID
    number: str
    sku: str
    name: str
    size: str
    gtin_tail: str
    quantity: int
    from_place: str
    places: list[Place]


class TasksData(BaseModel):
    """What is due, soonest first, and what is to be put back."""

    store: str
    store_id: str
    name: str
    tasks: list[TaskCard]
    more: int
    """How many are due beyond those listed."""
    put_backs: list[Duty]


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


class WalkData(TaskHead):
    """One thing to find."""

    line: int
    item: ItemOut
    place: Place | None
    other_places: list[Place]
    asked: int
    found: int
    n_of_m: tuple[int, int]
    reasons: list[ReasonOut]
    can_undo: bool
    can_skip: bool


class Units(BaseModel):
    name: str
    quantity: int


class StageData(TaskHead):
    """Everything is found or known to be missing: put it at a place, and scan the place."""

    items: list[Units]
    missing: list[Units]
    can_undo: bool


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
    code: str
    chosen: Sku | None = None
    """Which of the items was scanned just now."""


class NoData(BaseModel):
    model_config = ConfigDict(extra="forbid")  # or any other data would fit here, and be lost


NextState = Literal["enrol", "sign_in", "tasks", "walk", "stage", "staged", "counter"]


class Answer(BaseModel):
    """The handheld renders ``next_state`` from ``data``, and says ``message``."""

    next_state: NextState
    data: (
        WalkData
        | StageData
        | SignedInData
        | StagedData
        | TasksData
        | EnrolledData
        | CounterData
        | NoData
    )
    message: Message | None = None
    receipt: Receipt | None = None
