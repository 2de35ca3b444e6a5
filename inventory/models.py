"""What a store has, where it is, and how we know."""

from enum import IntEnum, StrEnum

from sqlalchemy import (
    REAL,
    Boolean,
    CheckConstraint,
    Float,
    Index,
)
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    identity,
    instant,
    key_text,
    one_of,
    placed,
    text,
)
from bopis.kernel.ids import OrderId, Sku, StoreId


class Store(Table, table=True):
    __tablename__ = "stores"
    __table_args__ = (placed("reference"),)

    store_id: StoreId = key_text(key=True)
    name: str = text()
    time_zone: str = key_text()
    street: str = text(default="")
    city: str = text(default="")
    postal_code: str = text(default="")
    country: str = key_text(default="")
    latitude: float | None = Field(default=None, sa_type=Float)
    longitude: float | None = Field(default=None, sa_type=Float)
    phone: str = text(default="")
    pickup_instructions: str = text(default="")
    """Where to go, as a shopper reads it: "Pickup counter, left of the entrance"."""
    hold_days: int = Field(default=3)
    """A ready order waits until closing time of this many open days after it was ready."""
    safety: int = Field(default=0)
    """Units of every item that are never sold for pickup."""
    is_active: bool = Field(default=True, sa_type=Boolean)


class StoreHours(Table, table=True):
    __tablename__ = "store_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        placed("reference"),
    )

    store_id: StoreId = key_text(key=True)
    weekday: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """0 is Monday."""
    opens: str = key_text(key=True)
    """HH:MM in the store's zone."""
    closes: str = key_text()
    """HH:MM; at or before ``opens``: after midnight, on the next day."""


class StoreHoursException(Table, table=True):
    __tablename__ = "store_hours_exceptions"
    __table_args__ = (placed("reference"),)

    store_id: StoreId = key_text(key=True)
    day: str = key_text(key=True)
    """YYYY-MM-DD. All rows of a day together replace its weekly hours."""
    opens: str = key_text(key=True)
    """HH:MM, or ``closed`` (then the only row of its day)."""
    closes: str = key_text(default="")
    note: str = text(default="")


class Item(Table, table=True):
    __tablename__ = "items"
    __table_args__ = (placed("reference"),)

    sku: Sku = key_text(key=True)
    name: str = text()
    size: str = text(default="")
    department: str = text(default="")


class ItemGtin(Table, table=True):
    """A code that is printed on an item, or on a case of them."""

    __tablename__ = "item_gtins"
    __table_args__ = (
        Index("ix_item_gtins_sku", "sku"),
        CheckConstraint("quantity > 0", name="quantity"),
        placed("reference"),
    )

    gtin: str = key_text(key=True)
    """14 digits."""
    sku: Sku = key_text()
    quantity: int = Field(default=1)


class LocationKind(StrEnum):
    SHELF = "shelf"  # where shoppers take it
    BACKROOM = "backroom"  # behind the door
    DISPLAY = "display"  # an end cap, a promotion


class Location(Table, table=True):
    """One of the places where a store keeps an item, and what was learned there."""

    __tablename__ = "locations"
    __table_args__ = (
        one_of("kind", LocationKind),
        Index("ix_locations_label", "store_id", "label", postgresql_where=sql("label <> ''")),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    sku: Sku = key_text(key=True)
    zone: str = key_text(key=True)
    aisle: str = key_text(key=True)
    bay: str = key_text(key=True)
    shelf: str = key_text(key=True)
    kind: LocationKind = key_text(default=LocationKind.SHELF)
    label: str = key_text(default="")
    """The code on the place's own label, if it has one; all items of a place share it."""
    planned: bool = Field(default=True, sa_type=Boolean)
    """Whether the plan of the store says so; if not, somebody found it there."""
    found: float = Field(default=0.0, sa_type=Float)
    """Looks that found it here, faded as of ``learned_at`` (``whereabouts``)."""
    missed: float = Field(default=0.0, sa_type=Float)
    learned_at: datetime | None = instant(default=None)
    last_found_at: datetime | None = instant(default=None)
    last_missed_at: datetime | None = instant(default=None)


class StagingPlace(Table, table=True):
    """Where picked orders wait for their shoppers. Its code is what is scanned."""

    __tablename__ = "staging_places"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    code: str = key_text(key=True)
    label: str = text()
    is_active: bool = Field(default=True, sa_type=Boolean)


class Stock(Table, table=True):
    """What we know of one item in one store. ``stock_ledger`` explains every number."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("unsellable >= 0", name="unsellable"),
        CheckConstraint("held >= 0", name="held"),
        # No CHECK (reserved <= on_hand): reality may break it, and that is a conflict to resolve.
        placed("distributed", postgresql_with={"fillfactor": 70}),
    )

    store_id: StoreId = key_text(key=True)
    sku: Sku = key_text(key=True)
    on_hand: int = Field(default=0)
    """Units in the building, by all we know: may be negative, which is a conflict."""
    reserved: int = Field(default=0)
    """Units promised to orders and not yet handed over."""
    held: int = Field(default=0)
    """Units kept for shoppers who have not ordered yet: the sum of ``hold_lines``."""
    safety: int = Field(default=0)
    unsellable: int = Field(default=0)
    """In the building but not to be sold: damaged, or picked and waiting to be put back."""
    cap: int | None = Field(default=None)
    """The most that belief lets us promise (total, reserved included); None: no cap."""
    ceiling: int | None = Field(default=None)
    """The most that may be sold (total, reserved included) while a batch is missing: what came
    after it may lower what we sell but not raise it. None: nothing is missing."""
    feed_quantity: int | None = Field(default=None)
    feed_as_of: datetime | None = instant(default=None)
    """Store clock: the instant the feed's value was true."""
    feed_source: str | None = key_text(default=None)
    counted_at: datetime | None = instant(default=None)
    """Store clock: when a person last counted. Newer than a feed: it wins."""
    changed_at: datetime = instant()


class LedgerKind(StrEnum):
    FEED_SET = "feed_set"
    FEED_DELTA = "feed_delta"
    COUNT = "count"
    ADJUST = "adjust"
    COMMIT = "commit"  # promised to an order
    RELEASE = "release"  # promised no longer
    STAGE = "stage"  # waits for its shopper
    HAND_OVER = "hand_over"
    SHORT = "short"
    PUT_BACK = "put_back"
    DAMAGE = "damage"
    COMPENSATE = "compensate"  # `bopis repair`, with a reason
    BELIEVE = "believe"  # moves nothing: what we dare to promise has changed


class LedgerEntry(Table, table=True):
    """A signed change and its cause. Append-only: its sums are the numbers in ``stock``."""

    __tablename__ = "stock_ledger"
    __table_args__ = (
        one_of("kind", LedgerKind),
        Index("ix_stock_ledger_store_id_sku_effective_at", "store_id", "sku", "effective_at"),
        Index(  # what a feed has to add to its own number: everything but other feeds' numbers
            "ix_stock_ledger_moves",
            "store_id",
            "effective_at",
            postgresql_where=sql("kind <> 'feed_set'"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    sku: Sku = key_text()
    kind: LedgerKind = key_text()
    on_hand: int = Field(default=0)
    reserved: int = Field(default=0)
    unsellable: int = Field(default=0)
    staged: int = Field(default=0)
    """Moves no number in ``stock``: some sources take a pickup off theirs when it is staged."""
    cause: UUID | None = identity(default=None)
    """An order, a task, a conflict: what this was about."""
    source: str = key_text(default="")
    note: str = text(default="")
    effective_at: datetime = instant()
    """Store clock: when it became true in the building, which may be before we heard of it."""
    recorded_at: datetime = instant()
    """Store clock."""


class Reservation(Table, table=True):
    """How many units of an item an order still holds. Its sums are ``stock.reserved``."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        Index(
            "ix_reservations_store_id_sku",
            "store_id",
            "sku",
            postgresql_where=sql("quantity > 0"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    sku: Sku = key_text(key=True)
    quantity: int = Field()
    staged: int = Field(default=0)
    """How many of them wait at a staging place."""
    reserved_at: datetime = instant()


class StockConflict(Table, table=True):
    """A number below what is promised: who loses, if it is true?"""

    __tablename__ = "stock_conflicts"
    __table_args__ = (
        Index(
            "uq_stock_conflicts_open",
            "store_id",
            "sku",
            unique=True,
            postgresql_where=sql("closed_at IS NULL"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    sku: Sku = key_text()
    source: str = key_text()
    batch_id: str = key_text(default="")
    on_hand: int = Field()
    """Of what may be sold; while it is open, as of the last change."""
    reserved: int = Field()
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(default=None)
    resolution: str | None = text(default=None)


class CountPriority(IntEnum):
    """Which count goes first."""

    FAILED_PICK = 0  # somebody looked in vain
    DOUBT = 1  # a shelf and its record disagree
    LOW_RECORD = 2  # much wanted, and by the record nearly gone
    AT_RANDOM = 3  # drawn, so that what nobody looks for is looked at now and then


class CountRequest(Table, table=True):
    """Somebody, please look: a shelf that was empty, a number that cannot be."""

    __tablename__ = "count_requests"
    __table_args__ = (
        Index(
            "uq_count_requests_open",
            "store_id",
            "sku",
            unique=True,
            postgresql_where=sql("done_at IS NULL"),
        ),
        Index("ix_count_requests_store_id_opened_at", "store_id", "opened_at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    sku: Sku = key_text()
    reason: str = key_text()
    priority: int = Field(default=CountPriority.FAILED_PICK)
    """The lowest first, as in ``CountPriority``."""
    cause: UUID | None = identity(default=None)
    """The scan that it came of: taken back, it takes the request with it."""
    opened_at: datetime = instant()
    due_at: datetime | None = instant(default=None)
    """Store clock: the same shift; later, the shelf has been sold from and filled."""
    claimed_by: UUID | None = identity(default=None)
    """Who counts just now: a second one is told."""
    claimed_until: datetime | None = instant(default=None)
    """Machine clock."""
    first_count: int | None = Field(default=None)
    """On shelf and in the back room, by the first look, if it was far from the record."""
    first_by: UUID | None = identity(default=None)
    """By whose word alone much is gone: the next who looks is to be somebody else."""
    done_at: datetime | None = instant(default=None)
    counted: int | None = Field(default=None)
    """In the building. None of a request that is done: it was taken back."""
    chance: float | None = Field(default=None, sa_type=REAL)
    """How likely this item was to be drawn; None: it was not drawn but asked for."""
