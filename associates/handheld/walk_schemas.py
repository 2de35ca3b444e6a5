"""One walk in hand: what to find, where it goes, and who has it."""

from pydantic import BaseModel, Field

from associates.bagging.bag_schemas import BagOut
from associates.handheld.part_schemas import ItemOut, Place, Units
from associates.handheld.task_schemas import TaskHead, WaveHead
from associates.picking.scans import ShortReason


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
    is_silent: bool = False
    """The reader has asked for it, and nobody has answered."""
    is_free: bool = False
    """Nobody has it any more."""


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
    first: str = ""
    """What the store wants scanned before the item: the label of this shelf."""
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


class StageData(WaveHead):
    """Everything is found or known to be missing: put it at a place, and scan the place.

    Where the store ``labels``, it is said first how many bags there are, and each wears a label.
    """

    items: list[Units]
    missing: list[Units]
    labels: bool = False
    printer: bool = False
    """The store has a label printer: labels need not be shown."""
    bags: list[BagOut] = Field(default_factory=list)
    asked_by: str = ""
    """Who asks for this walk just now."""
    took_over: TookOver | None = None
    can_undo: bool
    question: Question | None = None
