"""One order's walk and the list of them, as a handheld shows them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from associates.counting.count_schemas import CountCard
from associates.handheld.part_schemas import Place


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
    together: list[WaveOrder] = Field(default_factory=list)
    notice: str = ""
    """What has happened to one of the others."""
    into: ToteOut | None = None
    """Its label is to be scanned before anything else: what was found last lies in it."""


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
    bags: list[str] = Field(default_factory=list)
    """The labels of the bags in one of which it is."""
    places: list[Place]


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
    language: str = ""
    """As the store says, for a device on which nobody has chosen; empty: it says nothing."""


class StagedData(TasksData):
    number: str
    place: str
