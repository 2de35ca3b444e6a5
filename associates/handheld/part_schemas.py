"""What several screens of a handheld show."""

from typing import Literal

from pydantic import BaseModel


class Place(BaseModel):
    """A place, and in words how sure we are and when the item was last found there."""

    zone: str
    aisle: str
    bay: str
    shelf: str
    kind: Literal["shelf", "backroom", "display"] = "shelf"
    words: str = ""


class ItemOut(BaseModel):
    sku: str
    name: str
    size: str
    gtin_tail: str


class Units(BaseModel):
    name: str
    quantity: int
