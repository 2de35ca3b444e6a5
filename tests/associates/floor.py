"""A shop floor: one store, three things on its shelves, a place at the counter, two people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from associates.crew import people
from associates.handheld import devices
from associates.handheld.devices import Holder
from associates.picking import tasks
from associates.picking.scans import Said, ScanKind
from associates.picking.tasks import Wanted
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import DeviceId, OrderId, Sku, StoreId, TaskId
from inventory.models import Item, ItemGtin, Location, StagingPlace, Stock, Store

STORE, OTHER = StoreId("S1"), StoreId("S2")
OAT, RYE, JAM = Sku("oat"), Sku("rye"), Sku("jam")
NAMES = {OAT: "Oat drink", RYE: "Rye bread", JAM: "Cherry jam"}
GTINS = {OAT: "4006381333931", RYE: "96385074", JAM: "012345678905"}
OAT_CASE = "14006381333938"
PLACE = "P-A12"
ADA_BADGE = "B0000001001"
ADA_PIN, SAM_PIN = "271828", "314159"


@dataclass
class Floor:
    """What a test of the floor has at hand, and short ways to do things on it."""

    db: Database
    ada: Holder
    sam: Holder
    seq: dict[DeviceId, int] = field(default_factory=dict)

    def said(self, holder: Holder, kind: ScanKind = ScanKind.ITEM, **more: Any) -> Said:
        self.seq[holder.device_id] = self.seq.get(holder.device_id, 0) + 1
        more.setdefault("scan_id", uuid4())
        more.setdefault("fence", 1)
        return Said(
            device_seq=self.seq[holder.device_id], scanned_at=self.db.clock(), kind=kind, **more
        )

    async def open(self, **quantities: int) -> tuple[OrderId, TaskId]:
        """Open a walk; reserve its units as an order would have done."""
        quantities = quantities or {"oat": 2, "rye": 1}
        order_id = OrderId(uuid4())
        lines = [
            Wanted(n, Sku(sku), NAMES[Sku(sku)], quantity)
            for n, (sku, quantity) in enumerate(quantities.items(), 1)
        ]
        async with self.db.transaction(STORE) as tx:
            due_at = tx.now + timedelta(hours=1)
            await reserve(tx, order_id, quantities)
            task = await tasks.open(
                tx, STORE, order_id, number=f"N-{order_id.hex[:4]}", due_at=due_at, lines=lines
            )
        return order_id, task

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        async with self.db.transaction(STORE) as tx:
            return [dict(row) for row in await tx.rows(sql, *values)]

    async def facts(self) -> list[str]:
        rows = await self.rows("SELECT name FROM events WHERE store_id = 'S1' ORDER BY seq")
        return [row["name"] for row in rows]

    async def do(self, verb: Callable[..., Awaitable[Any]], *args: Any, **more: Any) -> Any:
        async with self.db.transaction(STORE) as tx:
            return await verb(tx, *args, **more)


async def reserve(tx: Tx, order_id: OrderId, quantities: dict[str, int]) -> None:
    for sku, quantity in quantities.items():
        await tx.run(
            "INSERT INTO reservations (store_id, order_id, sku, quantity, reserved_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            STORE,
            order_id,
            sku,
            quantity,
            tx.now,
        )
        await tx.run(
            "UPDATE stock SET reserved = reserved + $3 WHERE store_id = $1 AND sku = $2",
            STORE,
            sku,
            quantity,
        )


async def a_holder(tx: Tx, store_id: StoreId, number: str, name: str, pin: str) -> Holder:
    code = await devices.new_code(tx, store_id)
    device, _ = await devices.enrol(tx, code, f"Scanner {number}")
    pin_hash = await people.hash_pin(pin)
    who = await people.add(
        tx, store_id, number=number, name=name, badge=f"B{number:0>10}", pin_hash=pin_hash
    )
    return Holder(store_id, DeviceId(device.id), who, name)


async def lay_out(db: Database) -> Floor:
    """Make two stores, and in the first what the walks of these tests need."""
    async with db.transaction() as tx:
        for store_id, name in ((STORE, "Riverside"), (OTHER, "Lakeview")):
            await tx.add(Store(store_id=store_id, name=name, time_zone="America/Chicago"))
        for sku, name in NAMES.items():
            await tx.add(Item(sku=sku, name=name, size="1 l"))
            await tx.add(ItemGtin(gtin=GTINS[sku].zfill(14), sku=sku))
        await tx.add(ItemGtin(gtin=OAT_CASE, sku=OAT, quantity=6))
    async with db.transaction(STORE) as tx:
        for sku, aisle, bay in ((OAT, "12", "4"), (RYE, "3", "1"), (JAM, "12", "9")):
            await tx.add(
                Location(store_id=STORE, sku=sku, zone="", aisle=aisle, bay=bay, shelf="2"),
                Stock(store_id=STORE, sku=sku, on_hand=20, changed_at=tx.now),
            )
        await tx.add(StagingPlace(store_id=STORE, code=PLACE, label="Counter A12"))
        ada = await a_holder(tx, STORE, "1001", "Ada", ADA_PIN)
        sam = await a_holder(tx, STORE, "1002", "Sam", SAM_PIN)
    return Floor(db, ada, sam)
