"""A small store in which everything is true: one order open, one ready, one collected."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from associates.models import (
    Associate,
    Device,
    PickLine,
    PickTask,
    Scan,
    ScanKind,
    ScanOutcome,
    TaskState,
)
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import AssociateId, DeviceId, MessageId, OrderId, Sku, StoreId, TaskId
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import OrderState
from bopis.promises.models import Promise
from bopis.promises.promise import Basis, PromiseStatus
from inventory.feeds.models import BatchState, FeedBatch, FeedKind, FeedRun, FeedSource
from inventory.models import Item, LedgerEntry, LedgerKind, Reservation, Stock, Store, StoreHours
from notifications.models import Claim, ClaimKind, Message, MessageKind, MessageState, Recipient

STORE: Final = StoreId("S1")
OATS: Final = Sku("oats")
MINUTE: Final = timedelta(minutes=1)
DEVICE: Final = DeviceId(UUID(int=1))
ASSOCIATE: Final = AssociateId(UUID(int=2))


def order_id(n: int) -> OrderId:
    return OrderId(UUID(int=100 + n))


def task_id(n: int) -> TaskId:
    return TaskId(UUID(int=200 + n))


def scan_id(n: int, step: int) -> UUID:
    return UUID(int=1000 + 10 * n + step)


def event_id(n: int, step: int) -> UUID:
    return UUID(int=2000 + 10 * n + step)


def message_id(n: int, step: int) -> MessageId:
    return MessageId(UUID(int=3000 + 10 * n + step))


ACCEPTED, STAGED, COLLECTED = range(3)
"""How far each order has come."""


async def build(db: Database, *, stores: tuple[StoreId, ...] = (STORE,)) -> None:
    """Fill an empty database."""
    async with db.transaction() as tx:
        await tx.add(Item(sku=OATS, name="Oat drink", size="1 l"))
        await tx.add(FeedSource(source="pos"))
        await tx.add(
            FeedBatch(
                source="pos",
                batch_id="b1",
                kind=FeedKind.SNAPSHOT,
                as_of=tx.now - 90 * MINUTE,
                digest="d1",
                state=BatchState.APPLIED,
                rows=100,
                rejected=1,
                received_at=tx.now - 89 * MINUTE,
            )
        )
        for store_id in stores:
            await tx.add(
                Store(store_id=store_id, name=f"Store {store_id}", time_zone="America/Chicago"),
                *(
                    StoreHours(store_id=store_id, weekday=d, opens="08:00", closes="21:00")
                    for d in range(7)
                ),
            )
    for store_id in stores:
        async with db.transaction(store_id, actor="system") as tx:
            await _stock(tx, store_id)
            for n in (ACCEPTED, STAGED, COLLECTED):
                await _order(tx, store_id, n)


async def _stock(tx: Tx, store_id: StoreId) -> None:
    at = tx.now - 90 * MINUTE
    await tx.add(
        Stock(
            store_id=store_id,
            sku=OATS,
            on_hand=18,
            reserved=4,
            feed_quantity=20,
            feed_as_of=at,
            feed_source="pos",
            changed_at=at,
        ),
        FeedRun(
            store_id=store_id,
            source="pos",
            batch_id="b1",
            kind=FeedKind.SNAPSHOT,
            as_of=at,
            applied_at=at,
            applied=1,
            digest="d1",
        ),
        Device(
            store_id=store_id,
            id=DEVICE,
            name="Blue",
            token_digest=b"x",
            enrolled_at=at,
        ),
        Associate(store_id=store_id, id=ASSOCIATE, number="11", name="Invented Person"),
    )
    for step, (kind, on_hand, reserved) in enumerate(
        (
            (LedgerKind.FEED_SET, 20, 0),
            (LedgerKind.COMMIT, 0, 6),
            (LedgerKind.HAND_OVER, -2, -2),
        )
    ):
        await tx.add(
            LedgerEntry(
                store_id=store_id,
                id=UUID(int=50 + step),
                sku=OATS,
                kind=kind,
                on_hand=on_hand,
                reserved=reserved,
                effective_at=at + step * MINUTE,
                recorded_at=at + step * MINUTE,
            )
        )
    await tx.add(
        Reservation(
            store_id=store_id, order_id=order_id(ACCEPTED), sku=OATS, quantity=2, reserved_at=at
        ),
        Reservation(
            store_id=store_id, order_id=order_id(STAGED), sku=OATS, quantity=2, reserved_at=at
        ),
        Reservation(
            store_id=store_id, order_id=order_id(COLLECTED), sku=OATS, quantity=0, reserved_at=at
        ),
    )


async def _order(tx: Tx, store_id: StoreId, n: int) -> None:
    accepted_at = tx.now - 60 * MINUTE
    ready_at = tx.now - 30 * MINUTE if n >= STAGED else None
    closed_at = tx.now - 10 * MINUTE if n == COLLECTED else None
    latest = tx.now + 30 * MINUTE
    state = (OrderState.ACCEPTED, OrderState.READY_FOR_PICKUP, OrderState.PICKED_UP)[n]
    await tx.add(
        Order(
            store_id=store_id,
            id=order_id(n),
            channel="web",
            reference=f"R{n}",
            fingerprint="f",
            number=f"7QK-4M{n}",
            pickup_code=f"CODE000{n}",
            state=state,
            version=1 + n,
            promised_at=latest,
            promise_status=PromiseStatus.ON_TRACK,
            accepted_at=accepted_at,
            next_update_due_at=None if closed_at else latest,
            ready_at=ready_at,
            first_ready_at=ready_at,
            hold_until=tx.now + timedelta(days=2) if ready_at else None,
            closed_at=closed_at,
            staging_code="A1" if ready_at else None,
        ),
        OrderLine(
            store_id=store_id,
            order_id=order_id(n),
            line=1,
            sku=OATS,
            name="Oat drink",
            ordered=2,
            reserved=2 * (n == 0),
            staged=2 * (n == 1),
            handed_over=2 * (n == 2),
        ),
        Promise(
            store_id=store_id,
            order_id=order_id(n),
            version=1,
            latest=latest,
            confidence=0.9,
            basis=Basis.FIXED,
            base_minutes=20.0,
            made_at=accepted_at,
        ),
        Recipient(
            store_id=store_id, order_id=order_id(n), first_name="Ada", email="ada@example.com"
        ),
        PickTask(
            store_id=store_id,
            id=task_id(n),
            order_id=order_id(n),
            number=f"7QK-4M{n}",
            due_at=latest,
            state=(TaskState.OPEN, TaskState.STAGED, TaskState.DONE)[n],
            fence=min(n, 1),
            opened_at=accepted_at,
            staged_at=ready_at,
            staging_code="A1" if ready_at else None,
        ),
        PickLine(
            store_id=store_id,
            task_id=task_id(n),
            line=1,
            sku=OATS,
            name="Oat drink",
            asked=2,
            found=2 if ready_at else 0,
        ),
    )
    await fact(tx, n, 0, "order.accepted", accepted_at, version=1, promised_at=latest.isoformat())
    await message(
        tx, n, 0, MessageKind.ORDER_RECEIVED, accepted_at, (ClaimKind.READY_BY, latest.isoformat())
    )
    if ready_at is None:
        return
    for step, kind in enumerate((ScanKind.ITEM, ScanKind.STAGE)):
        await scan(tx, n, step, kind, ready_at)
    evidence = [str(scan_id(n, 0)), str(scan_id(n, 1))]
    hold = (tx.now + timedelta(days=2)).isoformat()
    await fact(tx, n, 1, "order.ready", ready_at, version=2, hold_until=hold, evidence=evidence)
    await message(tx, n, 1, MessageKind.ORDER_READY, ready_at, (ClaimKind.READY, ""))
    if closed_at is not None:
        await fact(tx, n, 2, "order.collected", closed_at, version=3)


async def fact(tx: Tx, n: int, step: int, name: str, at: datetime, **payload: Any) -> None:
    await tx.run(
        "INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)"
        " VALUES ($1, $2, $3, $4, 'system', $5, $6)",
        tx.store_id,
        event_id(n, step),
        name,
        order_id(n),
        {"order_id": str(order_id(n)), **payload},
        at,
    )


async def scan(tx: Tx, n: int, step: int, kind: ScanKind, at: datetime) -> None:
    assert tx.store_id is not None
    is_item = kind is ScanKind.ITEM
    await tx.add(
        Scan(
            store_id=tx.store_id,
            id=scan_id(n, step),
            device_id=DEVICE,
            device_seq=2 * n + step,
            associate_id=ASSOCIATE,
            task_id=task_id(n),
            fence=1,
            kind=kind,
            code="c",
            sku=OATS if is_item else None,
            line=1 if is_item else None,
            quantity=2 if is_item else 0,
            outcome=ScanOutcome.APPLIED,
            scanned_at=at,
            received_at=at,
        )
    )


async def message(  # noqa: PLR0917
    tx: Tx, n: int, step: int, kind: MessageKind, at: datetime, claim: tuple[ClaimKind, str]
) -> None:
    assert tx.store_id is not None
    await tx.add(
        Message(
            store_id=tx.store_id,
            id=message_id(n, step),
            order_id=order_id(n),
            kind=kind,
            dedupe_key=f"{kind}/{n}/{step}",
            order_version=1 + step,
            promise_version=1,
            facts={},
            state=MessageState.SENT,
            created_at=at,
            send_after=at,
            attempts=1,
            attempted_at=at,
            settled_at=at,
        ),
        Claim(
            store_id=tx.store_id,
            message_id=message_id(n, step),
            kind=claim[0],
            value=claim[1],
            evidence=[event_id(n, step)],
        ),
    )
