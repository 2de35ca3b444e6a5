"""Bags, their labels, and the order at the counter."""

from pydantic import BaseModel

from associates.handheld.part_schemas import Units
from bopis.kernel.ids import Sku, StoreId


class BagOut(BaseModel):
    """A bag, and where it stands; blank: nowhere yet."""

    number: int
    code: str
    place: str


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


class CounterPlace(BaseModel):
    code: str
    label: str


class InBag(Units):
    sku: Sku
    """What a retraction names, if this is what is missing."""


class OptionOut(BaseModel):
    """What a customer may choose; for another store, which."""

    choice: str
    text: str
    to_store: StoreId | None = None


class AskOut(BaseModel):
    """A question that waits for a customer, to be read out to them."""

    case: int
    text: str
    options: list[OptionOut]
    otherwise: str
    """What happens if they say nothing."""


class AskedData(BaseModel):
    """An order of which nothing can be handed over yet, and what its customer is asked."""

    number: str
    code: str
    asks: AskOut


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
    asks: AskOut | None = None
    """What their customer is asked just now."""
