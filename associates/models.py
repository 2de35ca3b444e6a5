"""Who walks, with which device, and what the handheld said."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlmodel import Field

from associates.bagging.bag import Collector
from associates.picking.scans import ScanKind, ScanOutcome, ShortReason, TaskState
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
from bopis.kernel.ids import AssociateId, DeviceId, OrderId, Sku, StoreId, TaskId


class Device(Table, table=True):
    __tablename__ = "devices"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    id: DeviceId = identity(key=True)
    name: str = text()
    token_digest: bytes = Field(sa_type=LargeBinary)
    enrolled_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None)
    wrong_tries: int = Field(default=0)
    """To sign in, since somebody last did: whoever they were said to be."""
    locked_at: datetime | None = instant(default=None)
    """There were too many of them: nobody signs in until a person unlocks it."""
    seen_at: datetime | None = instant(default=None)
    """When it last asked for all that is due, or somebody signed in on it."""
    unsent: int = Field(default=0)
    """Entries of its log that it still held then, by its own word."""


class EnrolmentCode(Table, table=True):
    """Shown once by a manager, typed once on a new device. Times are the machine's."""

    __tablename__ = "enrolment_codes"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class Associate(Table, table=True):
    __tablename__ = "associates"
    __table_args__ = (
        UniqueConstraint("store_id", "number"),
        UniqueConstraint("store_id", "badge_digest"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: AssociateId = identity(key=True)
    number: str = key_text()
    """What is typed together with the PIN."""
    name: str = text()
    badge_digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    pin_hash: str | None = text(default=None)
    is_active: bool = Field(default=True, sa_type=Boolean)
    left_at: datetime | None = instant(default=None)
    """Their name is forgotten 90 days later, and what is left is a pseudonym."""


class SignInFailure(Table, table=True):
    """Wrong PINs, per device and account: nobody can lock out a whole store. Machine clock."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    device_id: DeviceId = identity(key=True)
    number: str = key_text(key=True)
    failures: int = Field(default=0)
    locked_until: datetime | None = instant(default=None)


class AssociateSession(Table, table=True):
    """Who holds a device just now. Times are the machine's."""

    __tablename__ = "associate_sessions"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    device_id: DeviceId = identity()
    associate_id: AssociateId = identity()
    token_digest: bytes = Field(sa_type=LargeBinary)
    started_at: datetime = instant()
    ends_at: datetime = instant()


class PickTask(Table, table=True):
    """One order's walk."""

    __tablename__ = "pick_tasks"
    __table_args__ = (
        one_of("state", TaskState),
        one_of("collector", Collector),
        Index(
            "uq_pick_tasks_live",
            "store_id",
            "order_id",
            unique=True,
            postgresql_where=sql("state NOT IN ('done', 'cancelled')"),
        ),
        Index("ix_pick_tasks_store_id_order_id", "store_id", "order_id"),
        Index(
            "ix_pick_tasks_staged",
            "store_id",
            "staged_at",
            postgresql_where=sql("staged_at IS NOT NULL"),
        ),
        Index("ix_pick_tasks_opened_at", "opened_at", postgresql_using="brin"),
        Index(
            "ix_pick_tasks_due",
            "store_id",
            "due_at",
            postgresql_where=sql("state IN ('open', 'claimed', 'picked')"),
        ),
        Index(
            "ix_pick_tasks_wave",
            "store_id",
            "wave_id",
            postgresql_where=sql("wave_id IS NOT NULL"),
        ),
        CheckConstraint("(wave_id IS NULL) = (tote IS NULL)", name="tote"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: TaskId = identity(key=True)
    order_id: OrderId = identity()
    number: str = key_text()
    """The order's, as on the slip."""
    due_at: datetime = instant()
    """Store clock: the promise."""
    state: TaskState = key_text(default=TaskState.OPEN)
    assigned_to: AssociateId | None = identity(default=None)
    device_id: DeviceId | None = identity(default=None)
    lease_until: datetime | None = instant(default=None)
    """Machine clock."""
    fence: int = Field(default=0)
    """Rises with each claim: a scan under an older one is kept as superseded."""
    wave_id: UUID | None = identity(default=None)
    """Orders that were claimed together have the same one: one walk for all of them."""
    tote: int | None = Field(default=None)
    """Which of the totes of the wave is this order's: 1 to 4."""
    is_at_risk: bool = Field(default=False, sa_type=Boolean)
    """Whoever made the promise fears for it: first on the list, and walked alone."""
    slow_minutes: float | None = Field(default=None, sa_type=Float)
    """Open minutes that nine of ten such walks need from here on; None: nobody has said."""
    staging_code: str | None = key_text(default=None)
    opened_at: datetime = instant()
    started_at: datetime | None = instant(default=None)
    staged_at: datetime | None = instant(default=None)
    ended_at: datetime | None = instant(default=None)
    claimed_at: datetime | None = instant(default=None)
    """Since when it is in these hands, store clock."""
    collector: Collector | None = key_text(default=None)
    """Who came for it."""
    id_looked: bool | None = Field(default=None, sa_type=Boolean)
    """An ID was looked at when it was handed over. Nothing of it is kept."""
    here_since: datetime | None = instant(default=None)
    """Since when its customer says that they are here; None: they do not."""


class PickLine(Table, table=True):
    __tablename__ = "pick_lines"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "task_id"], ["pick_tasks.store_id", "pick_tasks.id"]),
        one_of("short_reason", ShortReason),
        CheckConstraint("found >= 0 AND short >= 0 AND found + short <= asked", name="quantities"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    task_id: TaskId = identity(key=True)
    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sku: Sku = key_text()
    name: str = text()
    asked: int = Field()
    found: int = Field(default=0)
    short: int = Field(default=0)
    short_reason: ShortReason | None = key_text(default=None)
    skipped: int = Field(default=0)
    """How often it was put off: skipped lines come last."""
    turn: int | None = Field(default=None)
    """Where it comes in the walk, over all orders that are walked together; None: not planned."""
    is_cut_off: bool = Field(default=False, sa_type=Boolean)
    """No way led there when the walk was planned."""


class Scan(Table, table=True):
    """What a handheld said. A fact: it may be late, or the wrong item; it cannot be an error."""

    __tablename__ = "scans"
    __table_args__ = (
        UniqueConstraint("store_id", "device_id", "device_seq"),
        one_of("kind", ScanKind),
        one_of("outcome", ScanOutcome),
        Index("ix_scans_store_id_task_id", "store_id", "task_id"),
        Index("ix_scans_received_at", "received_at", postgresql_using="brin"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    """Made by the handheld: sent again, it records nothing and gives the same answer."""
    device_id: DeviceId = identity()
    device_seq: int = Field(sa_type=BigInteger)
    associate_id: AssociateId | None = identity(default=None)
    """None: so long ago that it does not matter any more who it was."""
    task_id: TaskId | None = identity(default=None)
    fence: int = Field(default=0)
    kind: ScanKind = key_text()
    code: str = key_text(default="")
    """What was read, printable characters only, at most 128 of them."""
    sku: Sku | None = key_text(default=None)
    line: int | None = Field(default=None)
    quantity: int = Field(default=0)
    place: list[str] | None = Field(default=None, sa_type=ARRAY(Text))
    """Where it was looked for, missed, or found: zone, aisle, bay, shelf; and of a place that an
    associate chose what kind of place it is."""
    outcome: ScanOutcome = key_text()
    undoes: UUID | None = identity(default=None)
    scanned_at: datetime = instant()
    """The handheld's word."""
    received_at: datetime = instant()
    """Ours, store clock."""


class PutBackDuty(Table, table=True):
    """Units that were picked and will not be collected: sellable again once they are back."""

    __tablename__ = "put_back_duties"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "back >= 0 AND broken >= 0 AND lost >= 0 AND back + broken + lost <= quantity",
            name="rest",
        ),
        Index(
            "ix_put_back_duties_open",
            "store_id",
            "opened_at",
            postgresql_where=sql("done_at IS NULL"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    order_id: OrderId = identity()
    number: str = key_text()
    sku: Sku = key_text()
    name: str = text()
    quantity: int = Field()
    from_code: str | None = key_text(default=None)
    """Where the units are now: a staging place, or None (in somebody's tote)."""
    opened_at: datetime = instant()
    done_at: datetime | None = instant(default=None)
    back: int = Field(default=0)
    """Units that are on their shelf again."""
    broken: int = Field(default=0)
    """Units that nobody will buy."""
    lost: int = Field(default=0)
    """Units that were not there to be put back."""


__all__ = [
    "Associate",
    "AssociateSession",
    "Device",
    "EnrolmentCode",
    "PickLine",
    "PickTask",
    "PutBackDuty",
    "Scan",
    "ScanKind",
    "ScanOutcome",
    "ShortReason",
    "SignInFailure",
    "TaskState",
]
