"""What an order's customer has said of their coming."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import Table, datetime, identity, instant, key_text, one_of, placed
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.counter.arrival import SPOT, Where
from bopis.orders.states import Arrival


class ArrivalRow(Table, table=True):
    """One row an order, from the first word on. No position is ever known but a spot's number.

    The spot is emptied when nobody waits there any more; the two times stay, to say how long
    people wait.
    """

    __tablename__ = "arrivals"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["orders.store_id", "orders.id"]),
        one_of("state", Arrival),
        one_of("waits_at", Where),
        CheckConstraint("(state = 'arrived') <= (arrived_at IS NOT NULL)", name="arrived_at"),
        CheckConstraint("(state = 'served') = (served_at IS NOT NULL)", name="served_at"),
        CheckConstraint(
            f"length(spot) <= {SPOT} AND (spot = '' OR state = 'arrived')", name="spot"
        ),
        Index(
            "ix_arrivals_coming",
            "store_id",
            "said_at",
            postgresql_where=sql("state IN ('on_my_way', 'arrived')"),
        ),
        Index(
            "ix_arrivals_served",
            "store_id",
            "served_at",
            postgresql_where=sql("state = 'served'"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    state: Arrival = key_text(default=Arrival.NONE)
    expected_at: datetime | None = instant(default=None)
    """Roughly, by their own word."""
    arrived_at: datetime | None = instant(default=None)
    was_ready: bool | None = Field(default=None)
    """Whether it could be handed over when they came."""
    waits_at: Where | None = key_text(default=None)
    spot: str = key_text(default="")
    changes: int = Field(default=0)
    said_at: datetime = instant()
    """Their last word."""
    served_at: datetime | None = instant(default=None)


__all__ = ["ArrivalRow"]
