"""What is to be counted, as a handheld shows it."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from associates.handheld.part_schemas import Place

Group = Literal["failed_pick", "low_record", "at_random"]


class CountCard(BaseModel):
    """One thing to count. What the record says is not shown before the count."""

    count_id: UUID
    sku: str
    name: str
    size: str
    gtin_tail: str
    group: Group
    reason: str
    due: str
    minutes: int
    """How long it may take."""
    word: str
    """Who counts it just now."""
    places: list[Place]
    again: bool = False
    """The first count was far from the record."""
    another: bool = False
    """Whoever reads this has looked: somebody else has to."""


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
    at_random: list[CountCard] = []
