"""The shape of every answer to a handheld."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from associates.bagging.bag_schemas import AskedData, CounterData, LabelsData
from associates.counting.count_schemas import CountData
from associates.handheld.task_schemas import SignedInData, StagedData, TasksData
from associates.handheld.walk_schemas import StageData, TakenData, WalkData
from associates.handheld.wording import Message
from associates.picking.scans import ScanKind, ScanOutcome


class Receipt(BaseModel):
    """That we have an entry, and what became of it. The device may forget it now."""

    scan_id: UUID
    kind: ScanKind
    outcome: ScanOutcome
    line: int | None
    quantity: int


class EnrolledData(BaseModel):
    device_token: str
    store_id: str
    store: str
    language: str = ""
    """Spoken until somebody chooses on the device. Empty: as the device itself is set."""


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
        | AskedData
        | CountData
        | NoData
    )
    message: Message | None = None
    receipt: Receipt | None = None
