"""Everything that a handheld needs to go on without a network."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from associates.bagging.bag_schemas import BagOut
from associates.handheld.floor_schemas import FloorOut
from associates.handheld.part_schemas import ItemOut, Place
from associates.handheld.task_schemas import TaskCard, TasksData, ToteOut, WaveOrder
from associates.handheld.walk_schemas import ReasonOut
from associates.picking.picking import ShelfFirst
from associates.picking.scans import ScanKind, TaskState

SHAPE: Final = 4
"""As in ``handheld/mind.js``."""


class PackPlace(Place):
    """A place, and what was learned there: the device goes on from that, look by look.

    Shapes:
        planned: the plan says so: there it goes back.
        found_day, missed_day: as one says it; blank: never.

    Units:
        found, missed: looks that count, faded as of ``learned_at``.
        learned_at, found_at, missed_at: seconds of the epoch.
    """

    planned: bool
    is_labelled: bool
    found: float
    missed: float
    learned_at: float | None
    found_at: float | None
    missed_at: float | None
    found_day: str
    missed_day: str


class PackItem(ItemOut):
    """An item, its places (the likeliest first), and what the record leaves on its shelf.

    Shapes:
        left: None: this store never had it.
        promised: to be picked still, of all orders.
        off: what single words took off the record lately.
        asks: whether it is worth asking, once there are few, if the shelf is empty.
    """

    places: list[PackPlace]
    left: int | None
    promised: int
    off: int
    asks: bool


class PackCode(BaseModel):
    sku: str
    quantity: int


class PackAct(BaseModel):
    """What was done in a task and can be taken back, and that it lies in its tote; oldest first.

    Shapes:
        place: zone, aisle, bay, shelf; of a place that an associate chose, its kind as well.
    """

    scan_id: UUID
    kind: ScanKind
    line: int
    sku: str | None
    quantity: int
    place: list[str] | None
    at: float
    """Seconds of the epoch: when we heard of it, and learned from it."""
    nth: int
    """Which of all acts of the package it was."""
    scanned: bool
    """The label of a shelf was scanned: that is where they stand."""


class PackLine(BaseModel):
    line: int
    sku: str
    name: str
    asked: int
    found: int
    short: int
    skipped: int
    in_the_way: str = ""
    """Why no way leads there."""


class PackTask(TaskCard):
    stage: TaskState
    """Where it stands; ``state`` is whose it is."""
    here: bool
    """Whether this handheld has it: it need not take it again."""
    who: str
    """Whose it is just now; blank: nobody's."""
    wave: str | None = None
    """Tasks that are walked together have the same one."""
    lines: list[PackLine]
    acts: list[PackAct]
    bags: list[BagOut]
    asked_by: str
    """Who asks for it just now."""


class PackBagging(BaseModel):
    labels: bool
    """Every bag wears a label: where they are put down, the server alone can say."""
    printer: bool


class PackTotes(BaseModel):
    """Totes, by what is scanned of them; and whether that has to be."""

    scan: bool
    labels: dict[str, ToteOut]


class PackWave(BaseModel):
    """Orders that are walked together, those among them that are staged or gone, too."""

    orders: list[WaveOrder]
    notice: str


class PackReady(BaseModel):
    """An order that waits to be collected: its places, by label, and its bags."""

    number: str
    places: list[str]
    bags: list[BagOut]


class Stop(BaseModel):
    task_id: str
    line: int


class PackTogether(BaseModel):
    """What may be taken on as one walk: its totes, in the order of its tasks, and its stops."""

    totes: list[ToteOut]
    walk: list[Stop]


class ShelfLabel(BaseModel):
    zone: str
    aisle: str
    bay: str
    shelf: str
    kind: str
    words: str


class Package(BaseModel):
    """All that is due, with what is needed to do it.

    A device plays by one that has the shape it knows: ``SHAPE`` changes with what is in it.

    Shapes:
        due: as the list of what is due shows it.
        walk: every stop of every task, done ones too, in the order of the walk.
        together: of the walk that ``due`` offers; None: it offers none.
        codes: by GTIN, 14 digits.
        floor: the map, with the walk of each task or wave; None: there is no plan.
        floor_mark: as the stream says it; another one there: an aisle is blocked, or free again.
        alone: units that one person may write off.
        labels: of shelves, by what is scanned there; staging: of pickup places, by code.
        sentences: what is said of a scan: ``wording.py``, word for word.
    """

    shape: int = SHAPE
    as_of: datetime
    today: date
    """In the store."""
    due: TasksData
    tasks: list[PackTask]
    walk: list[Stop]
    together: PackTogether | None
    items: dict[str, PackItem]
    codes: dict[str, PackCode]
    labels: dict[str, ShelfLabel]
    shelf_first: ShelfFirst
    alone: int
    staging: dict[str, str]
    bagging: PackBagging
    totes: PackTotes
    waves: dict[str, PackWave]
    ready: list[PackReady]
    floor: FloorOut | None
    floor_mark: str
    reasons: list[ReasonOut]
    sentences: dict[str, Any]
