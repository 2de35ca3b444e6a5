"""A store, a web shop, a handheld and a post office: what a story needs, over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from associates.crew import people
from associates.handheld import devices
from bopis.kernel import keys, relay
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku, StoreId
from bopis.kernel.keys import KeyKind
from bopis.orders.watching import watchdog
from inventory import stock
from inventory.models import Item, ItemGtin, Location, StagingPlace, Store, StoreHours
from notifications import sender
from notifications.smtp import Letter, Outcome, Verdict

S1, S2 = StoreId("S1"), StoreId("S2")
OAT, RYE, JAM = Sku("oat"), Sku("rye"), Sku("jam")
GTINS: Final = {OAT: "4006381333931", RYE: "96385074", JAM: "012345678905"}
PLACE: Final = "P-A12"
BADGE: Final = "B0000000007"
MINUTE: Final = timedelta(minutes=1)
CUSTOMER: Final = {"first_name": "Ada", "email": "ada@shopper.example"}


def wanted(**quantities: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]


async def stores(db: Database, *store_ids: StoreId, on_hand: int = 200) -> None:
    """Open stores from nine to nine, with so much of everything on their shelves."""
    async with db.transaction() as tx:
        for n, (sku, gtin) in enumerate(GTINS.items()):
            await tx.add(Item(sku=sku, name=f"{sku.capitalize()} number {n}"))
            await tx.add(ItemGtin(gtin=gtin.rjust(14, "0"), sku=sku))
        for n, store_id in enumerate(store_ids):
            await tx.add(
                Store(
                    store_id=store_id,
                    name=f"Lakeview {n}",
                    time_zone="America/Chicago",
                    latitude=41.9 + n,
                    longitude=-87.6,
                )
            )
            for weekday in range(7):
                await tx.add(
                    StoreHours(store_id=store_id, weekday=weekday, opens="09:00", closes="21:00")
                )
    for store_id in store_ids:
        async with db.transaction(store_id) as tx:
            await tx.add(StagingPlace(store_id=store_id, code=PLACE, label="Shelf A 12"))
            for n, sku in enumerate(GTINS):
                await stock.count(tx, store_id, sku, on_hand, cause=None, source="opening")
                await tx.add(
                    Location(
                        store_id=store_id, sku=sku, zone="Food", aisle="1", bay=f"{n}", shelf="2"
                    )
                )


@dataclass
class Handheld:
    """A handheld, and somebody who holds it."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    clock: ManualClock
    seq: int = 0

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/handheld/{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def say(self, path: str, **body: Any) -> dict[str, Any]:
        self.seq += 1
        entry = {
            "scan_id": str(uuid4()),
            "device_seq": self.seq,
            "scanned_at": self.clock().isoformat(),
            **body,
        }
        answer = await self.client.post(f"/v1/handheld/{path}", json=entry, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def claim(self, number: str) -> tuple[str, int]:
        due = (await self.get("tasks"))["data"]["tasks"]
        [task] = [task for task in due if task["number"] == number]
        path = f"tasks/{task['task_id']}"
        answer = await self.client.post(f"/v1/handheld/{path}/claim", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return path, answer.json()["data"]["fence"]

    async def pick(self, number: str, *skus: Sku) -> tuple[str, int]:
        path, fence = await self.claim(number)
        for sku in skus:
            heard = await self.say(f"{path}/scans", fence=fence, code=GTINS[sku])
            assert heard["receipt"]["outcome"] == "applied", heard
        return path, fence

    async def stage(self, path: str, fence: int) -> None:
        heard = await self.say(f"{path}/scans", fence=fence, kind="stage", code=PLACE)
        assert heard["receipt"]["outcome"] == "applied", heard

    async def short(self, path: str, fence: int, line: int, reason: str = "not_found") -> None:
        heard = await self.say(f"{path}/scans", fence=fence, kind="short", line=line, reason=reason)
        assert heard["receipt"]["outcome"] == "applied", heard


@dataclass
class Day:
    """One day of one store, moved by hand."""

    db: Database
    clock: ManualClock
    client: httpx.AsyncClient
    shop: dict[str, str]
    handheld: Handheld
    letters: list[Letter] = field(default_factory=list)
    sent: int = 0

    async def quote(self, **body: Any) -> httpx.Response:
        return await self.client.post("/v1/quotes", json=body, headers=self.shop)

    async def order(
        self,
        reference: str = "W-1",
        store_id: str = S1,
        *,
        lines: Sequence[dict[str, Any]] = (),
        key: str | None = None,
        **more: Any,
    ) -> httpx.Response:
        body = {
            "store_id": store_id,
            "reference": reference,
            "customer": CUSTOMER,
            "lines": list(lines) or wanted(oat=2, rye=1),
            **more,
        }
        headers = self.shop if key is None else {**self.shop, "Idempotency-Key": key}
        return await self.client.post("/v1/orders", json=body, headers=headers)

    async def placed(self, reference: str = "W-1", **more: Any) -> dict[str, Any]:
        answer = await self.order(reference, **more)
        assert answer.status_code == 201, answer.text
        await self.settle()
        return answer.json()  # type: ignore[no-any-return]

    async def look(self, order_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/orders/{order_id}", headers=self.shop)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def cancel(self, order_id: str, **body: Any) -> httpx.Response:
        path = f"/v1/orders/{order_id}/cancel"
        return await self.client.post(path, json=body or None, headers=self.shop)

    async def settle(self) -> None:
        """Carry every fact and send every message that is due."""
        await relay.drain(self.db)
        await sender.sweep(self.db)
        await relay.drain(self.db)

    async def wait(self, by: timedelta, step: timedelta = MINUTE) -> None:
        """Let time pass, as a worker sees it pass."""
        end = self.clock() + by
        while self.clock() < end:
            self.clock.advance(min(step, end - self.clock()))
            await watchdog.sweep(self.db)
            await self.settle()

    def read(self) -> list[str]:
        """Return the subjects of the letters that came since the last look."""
        new, self.sent = self.letters[self.sent :], len(self.letters)
        return [letter.words.subject for letter in new]

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        async with self.db.transaction(S1) as tx:
            return [dict(row) for row in await tx.rows(sql, *values)]

    async def facts(self) -> list[str]:
        rows = await self.rows("SELECT name FROM events WHERE name LIKE 'order.%' ORDER BY seq")
        return [row["name"] for row in rows]

    async def stock(self, sku: Sku, store_id: StoreId = S1) -> tuple[int, int, int]:
        """Return on hand, reserved, unsellable."""
        [row] = await self.rows(
            "SELECT on_hand, reserved, unsellable FROM stock WHERE store_id = $1 AND sku = $2",
            store_id,
            sku,
        )
        return row["on_hand"], row["reserved"], row["unsellable"]

    async def post(self, letters: Sequence[Letter]) -> list[Outcome]:
        self.letters += letters
        return [Outcome(Verdict.ACCEPTED, "taken") for _ in letters]


async def a_handheld(
    db: Database, client: httpx.AsyncClient, clock: ManualClock, store_id: StoreId = S1
) -> Handheld:
    async with db.transaction(store_id) as tx:
        code = await devices.new_code(tx, store_id)
        await people.add(tx, store_id, number="7", name="Sam", badge=BADGE, pin_hash=None)
    enrolled = await client.post("/v1/handheld/enrol", json={"code": code, "name": "One"})
    headers = {"Authorization": f"Bearer {enrolled.json()['data']['device_token']}"}
    signed_in = await client.post("/v1/handheld/sign-in", json={"badge": BADGE}, headers=headers)
    assert signed_in.status_code == 200, signed_in.text
    headers["X-Associate-Session"] = signed_in.json()["data"]["session"]
    return Handheld(client, headers, clock)


async def a_day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    await stores(db, S1, S2)
    async with db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.CHANNEL, "shop")
    shop = {"Authorization": f"Bearer {secret}"}
    return Day(db, clock, client, shop, await a_handheld(db, client, clock))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
