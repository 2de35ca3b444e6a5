"""How many people a store plans to have on the floor, where it tells us."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from bopis.kernel.columns import Table, datetime, instant, key_text, placed
from bopis.kernel.ids import StoreId


class PlannedShift(Table, table=True):
    """A stretch and how many are planned for it. Nobody's name: whose shift it is, is not ours."""

    __tablename__ = "planned_shifts"
    __table_args__ = (
        CheckConstraint("ends_at > begins_at", name="ends_at"),
        CheckConstraint("people >= 0", name="people"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    begins_at: datetime = instant(primary_key=True)
    ends_at: datetime = instant(primary_key=True)
    people: int = Field()
