"""How a store picks."""

from sqlalchemy import Boolean, CheckConstraint
from sqlmodel import Field

from associates.picking.picking import ShelfFirst
from bopis.kernel.columns import Table, key_text, one_of, placed
from bopis.kernel.ids import StoreId
from inventory.looking import write_off


class Picking(Table, table=True):
    """How a store picks. Without a row no more is scanned than items, and what is heavy is last."""

    __tablename__ = "picking"
    __table_args__ = (
        one_of("shelf_first", ShelfFirst),
        CheckConstraint("alone >= 0", name="alone"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    shelf_first: ShelfFirst = key_text(default=ShelfFirst.NEVER)
    """Whether the label of a shelf is scanned before the item that is taken from it."""
    scan_totes: bool = Field(default=False, sa_type=Boolean)
    """Of orders that are walked together, the label of the tote is scanned after each line."""
    heavy_first: bool = Field(default=False, sa_type=Boolean)
    """What is heavy comes first and lies at the bottom; else it comes last, before the cold."""
    alone: int = Field(default=write_off.ALONE)
    """Units that one person may take off the record by their word; for more it takes two."""
    language: str = key_text(default="")
    """Which is spoken here: on labels, on paper, and by a handheld until somebody has chosen on it.
    Empty: that of the country. A language that we do not have is spoken in English."""
