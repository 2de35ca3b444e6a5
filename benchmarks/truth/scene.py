"""The simulated store beside the real one: whatever happens is done to both, and then compared.

Every act is a verb of ``inventory`` in a transaction of its own, on real PostgreSQL, at an instant
of its own. Feeds go through ``batches.apply``, which is all of a feed but the reading of its file.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import asyncpg

from benchmarks.truth.store import Lack, Movement, Store
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.trust.invariants import INVARIANTS
from inventory import models as tables
from inventory import stock
from inventory.feeds import batches, intake, staging
from inventory.feeds.batches import Share
from inventory.feeds.feed import Batch, FeedKind
from inventory.feeds.models import BooksPickup
from inventory.stock import Want

MORNING: Final = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
SKUS: Final = [Sku(name) for name in ("barley", "cocoa", "oats", "rye", "tea")]
SOURCES: Final = {f"{till}-{books}": books for till in ("erp", "till") for books in BooksPickup}


VERIFIED: Final = [one for one in INVARIANTS if one.id in {"S2", "S3", "L1", "L2"}]


class Mismatch(AssertionError):
    """Our number is not what it has to be."""

    def __init__(self, store: Store, sku: Sku, words: str) -> None:
        super().__init__(words)
        self.story = [*store.items[sku].story, f"          {sku}: {words}"]


@dataclass(slots=True)
class Message:
    """A batch as its sender wrote it, on its way or arrived."""

    batch: Batch
    rows: list[tuple[Sku, int, datetime]]
    movements: dict[Sku, list[Movement]]
    arrived: bool = False


class Scene:
    """One store for one day."""

    def __init__(self, db: Database, connection: asyncpg.Connection, store_id: StoreId) -> None:
        assert isinstance(db.clock, ManualClock)
        self.db, self.clock, self.connection = db, db.clock, connection
        self.clock.now = MORNING
        self.store_id = store_id
        self.store = Store(SKUS)
        self.sent = 0
        self.seen: Counter[str] = Counter()

    def broken(self, error: Exception) -> Mismatch:
        """Return the story of all items, if a verb has failed."""
        wrong = Mismatch(self.store, SKUS[0], "")
        told = [(line, sku) for sku, one in self.store.items.items() for line in one.story]
        wrong.story = [f"{line} ({sku})" for line, sku in sorted(told)]
        wrong.story.append(f"          {type(error).__name__}: {error}")
        return wrong

    @asynccontextmanager
    async def _act(self, kind: str) -> AsyncIterator[Tx]:
        self.seen[kind] += 1
        self.clock.advance(timedelta(seconds=37))
        async with self.db.transaction(self.store_id, on=self.connection) as tx:
            yield tx

    def happens(self, kind: str, sku: Sku, *, really: int, booked: int) -> None:
        """Let units come or go without anybody telling us."""
        self.seen[kind] += 1
        now = self.clock.advance(timedelta(seconds=37))
        item = self.store.items[sku]
        item.movements.append(Movement(now, really, booked))
        self.store.note(sku, now, f"{kind}: {really:+d} in truth, {booked:+d} in the books")

    def mislaid(self, sku: Sku, quantity: int) -> None:
        self.seen["mislaid" if quantity > 0 else "turned up"] += 1
        now = self.clock.advance(timedelta(seconds=37))
        self.store.items[sku].hidden += quantity
        self.store.note(sku, now, f"{quantity:+d} where nobody looks")

    def stocktake(self, source: str, sku: Sku) -> None:
        """Let a system's own people count, and correct its book; the next snapshot says so."""
        self.seen["stocktake"] += 1
        now = self.clock.advance(timedelta(seconds=37))
        self.store.items[sku].stocktakes.setdefault(source, []).append(now)
        self.store.note(sku, now, f"{source} takes stock")

    async def accept(self, order: OrderId, wanted: Mapping[Sku, int]) -> bool:
        return await self.accept_all({order: wanted})

    async def accept_all(self, orders: Mapping[OrderId, Mapping[Sku, int]]) -> bool:
        """Let all order or none, and be refused for just the items that there is too little of."""
        wants = [
            Want(order, sku, quantity)
            for order, wanted in orders.items()
            for sku, quantity in wanted.items()
        ]
        needed = Counter[Sku]()
        for want in wants:
            needed[want.sku] += want.quantity
        short = {
            sku: self.store.available(sku)
            for sku, quantity in needed.items()
            if quantity > self.store.available(sku)
        }
        async with self._act("refused" if short else "accepted") as tx:
            said = await stock.reserve(tx, self.store_id, wants)
        if {one.sku: one.available for one in said} != short:
            sku = next(iter({one.sku for one in said} ^ short.keys() or short))
            raise Mismatch(self.store, sku, f"refused {said} where {short} is short")
        if not short:
            for order, wanted in orders.items():
                self.store.accept(order, dict(wanted), self.clock.now)
        return not short

    def pick(self, order: OrderId, sku: Sku, quantity: int) -> None:
        self.seen["picked"] += 1
        line = self.store.orders[order][sku]
        line.find -= quantity
        line.picked += quantity

    async def short(
        self, order: OrderId, sku: Sku, quantity: int, reason: str, *, knows_picked: bool = True
    ) -> None:
        cause = UUID(int=self.seen.total() + 1)
        picked = self.store.carried(sku) if knows_picked else None
        async with self._act(reason) as tx:
            await stock.short(tx, self.store_id, order, sku, quantity, reason, cause, picked=picked)
        self.store.short(order, sku, quantity, reason, cause, self.clock.now, picked=picked)

    async def unshort(self, lack: Lack) -> None:
        async with self._act("found after all") as tx:
            await stock.unshort(tx, self.store_id, lack.order, lack.sku, lack.quantity, lack.cause)
        self.store.unshort(lack, self.clock.now)

    async def stage(self, order: OrderId) -> None:
        lines = self.store.orders[order]
        async with self._act("staged") as tx:
            await stock.stage(
                tx, self.store_id, order, {s: one.picked for s, one in lines.items() if one.picked}
            )
        for sku, line in lines.items():
            line.staged, line.picked = line.staged + line.picked, 0
            self.store.note(sku, self.clock.now, f"order {order.int % 1000} is ready: {line}")

    async def retract(self, order: OrderId) -> None:
        lines = self.store.orders[order]
        async with self._act("retracted") as tx:
            await stock.stage(
                tx, self.store_id, order, {s: -one.staged for s, one in lines.items() if one.staged}
            )
        for sku, line in lines.items():
            line.picked, line.staged = line.picked + line.staged, 0
            self.store.note(sku, self.clock.now, f"order {order.int % 1000} is not ready: {line}")

    async def release(self, order: OrderId, kind: str = "cancelled") -> None:
        lines = self.store.orders[order]
        async with self._act(kind) as tx:
            await stock.release(
                tx,
                self.store_id,
                order,
                {sku: one.held for sku, one in lines.items() if one.held},
                picked={sku: one.picked + one.staged for sku, one in lines.items()},
            )
        self.store.release(order, self.clock.now)

    async def hand_over(self, order: OrderId, share: Mapping[Sku, int]) -> None:
        """Give units to their shopper; the order ends when it holds nothing any more."""
        async with self._act("handed over") as tx:
            await stock.consume(tx, self.store_id, order, share)
        for sku, quantity in share.items():
            self.store.hand_over(order, sku, quantity, self.clock.now)
        if not any(line.held for line in self.store.orders[order].values()):
            del self.store.orders[order]

    async def put_back(self, sku: Sku, quantity: int) -> None:
        async with self._act("put back") as tx:
            await stock.put_back(tx, self.store_id, sku, quantity, UUID(int=1))
        item = self.store.items[sku]
        item.set_aside(-min(quantity, item.aside))
        self.store.note(sku, self.clock.now, f"{quantity} are put back")

    async def count(self, sku: Sku, counted: int | None = None) -> None:
        """Count an item, rightly unless told otherwise."""
        units = self.store.items[sku].truth() if counted is None else counted
        async with self._act("counted") as tx:
            await stock.count(tx, self.store_id, sku, units, cause=None, source="test")
        self.store.count(sku, units, self.clock.now)

    async def limit(self, sku: Sku, *, safety: int, cap: int | None) -> None:
        """Set what is never sold, and the most that belief allows."""
        item = self.store.items[sku]
        if not item.known:
            return
        async with self._act("limited") as tx:
            await tx.run(
                "UPDATE stock SET safety = $3, cap = $4 WHERE store_id = $1 AND sku = $2",
                self.store_id,
                sku,
                safety,
                cap,
            )
        item.safety, item.cap = safety, cap
        self.store.note(sku, self.clock.now, f"safety {safety}, cap {cap}")

    def snapshot(
        self, source: str, skus: Sequence[Sku], instants: Mapping[Sku, datetime] | None = None
    ) -> Message:
        """Write down what a system says now, or of some items what it said a while ago."""
        now = self.clock.advance(timedelta(seconds=37))
        as_of = {sku: (instants or {}).get(sku, now) for sku in skus}
        books = SOURCES[source]
        return self._message(
            source,
            FeedKind.SNAPSHOT,
            [(s, self.store.items[s].book(source, books, at), at) for s, at in as_of.items()],
            {},
        )

    def delta(self, source: str, skus: Sequence[Sku]) -> Message | None:
        """Write down each movement since the last delta, with its own instant."""
        self.clock.advance(timedelta(seconds=37))
        found = {
            sku: [one for one in self.store.items[sku].movements if not (one.sent or one.ours)]
            for sku in skus
        }
        rows = [(sku, one.booked, one.at) for sku, some in found.items() for one in some]
        for some in found.values():
            for one in some:
                one.sent = True
        return self._message(source, FeedKind.DELTA, rows, found) if rows else None

    def _message(
        self,
        source: str,
        kind: FeedKind,
        rows: list[tuple[Sku, int, datetime]],
        movements: dict[Sku, list[Movement]],
    ) -> Message:
        self.sent += 1
        name = f"{self.sent}"
        digest = sha256(f"{kind}{name}{rows}".encode()).hexdigest()
        batch = Batch(source, name, kind, self.clock.now, digest, self.sent)
        for sku, units, at in rows:
            told = f"{source} writes a {kind}: {units} as of {at:%H:%M:%S}"
            self.store.items[sku].story.append(f"{self.clock.now:%H:%M:%S}  {told}")
        return Message(batch, rows, movements)

    async def arrive(self, message: Message) -> None:
        """Let a batch arrive, for the first time or again."""
        again = message.arrived
        await self.connection.execute("TRUNCATE feed_stage")
        await self.connection.copy_records_to_table(
            "feed_stage",
            records=[(self.store_id, *row) for row in message.rows],
            columns=["store_id", "sku", "quantity", "as_of"],
        )
        since = min(at for _, _, at in message.rows)
        share = Share(self.store_id, len(message.rows), since)
        async with self._act(f"{message.batch.kind}{' again' * again}") as tx:
            run = await batches.apply(tx, message.batch, share)
            while run and run.upto is not None:
                run = await batches.apply(tx, message.batch, share)
        if not again:
            self._heard(message)
        message.arrived = True

    def _heard(self, message: Message) -> None:
        for movements in message.movements.values():
            for one in movements:  # one word: all of it is judged by what was known before
                one.told = False
        for sku, _, at in message.rows:
            item = self.store.items[sku]
            if message.batch.kind is FeedKind.SNAPSHOT:
                item.hear(message.batch.source, at)
            self.store.note(sku, self.clock.now, f"batch {message.batch.batch_id} arrives")
        for sku, movements in message.movements.items():
            for one in movements:
                self.store.items[sku].hear_of(one)

    _ROWS: Final = """
        SELECT s.sku, s.on_hand, s.reserved, s.unsellable,
               l.on_hand AS e_on_hand, l.reserved AS e_reserved, l.unsellable AS e_unsellable,
               l.staged AS e_staged, coalesce(r.held, 0) AS held, coalesce(r.staged, 0) AS staged,
               EXISTS (SELECT FROM stock_conflicts AS c WHERE c.store_id = $1 AND c.sku = s.sku
                          AND c.closed_at IS NULL) AS conflict
          FROM stock AS s
          LEFT JOIN (SELECT sku, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
                            sum(unsellable) AS unsellable, sum(staged) AS staged
                       FROM stock_ledger WHERE store_id = $1 GROUP BY sku) AS l USING (sku)
          LEFT JOIN (SELECT sku, sum(quantity) AS held, sum(staged) AS staged
                       FROM reservations WHERE store_id = $1 GROUP BY sku) AS r USING (sku)
         WHERE s.store_id = $1
    """

    async def compare(self, *, quiet: bool = False) -> int:
        """Compare every number with what it has to be; return how many items there were.

        Raises:
            Mismatch: With the story of the item.
        """
        rows = {row["sku"]: row for row in await self.connection.fetch(self._ROWS, self.store_id)}
        for sku, item in self.store.items.items():
            if sku not in rows:
                if item.known:
                    raise Mismatch(self.store, sku, "it has no row")
                continue
            self._compare(sku, rows[sku], quiet=quiet)
        if quiet:
            await self._verify()
        self.seen["quiet points" if quiet else "looks in between"] += 1
        return len(rows)

    async def _verify(self) -> None:
        """Let `bopis verify` say the same: each number follows from its feed and its ledger."""
        for one in VERIFIED:
            broken = await self.connection.fetch(
                f"SELECT v.what FROM ({one.broken}) AS v WHERE v.store_id = $1",  # noqa: S608
                self.store_id,
            )
            if broken:
                what = broken[0]["what"]
                raise Mismatch(self.store, Sku(what.split(":")[0]), f"{one.id}: {what}")

    def _compare(self, sku: Sku, row: asyncpg.Record, *, quiet: bool) -> None:
        item = self.store.items[sku]
        if quiet and item.untold():
            raise Mismatch(self.store, sku, f"nobody has told of {item.untold():+d}")
        ours = (row["on_hand"], row["reserved"], row["unsellable"])
        right = self.store.numbers(sku)
        if ours != right:
            words = (
                f"we say {ours} on hand, reserved, unsellable; it has to be {right}: truth"
                f" {item.truth()}, unknowable {item.unknowable():+d}, untold {item.untold():+d}"
            )
            raise Mismatch(self.store, sku, words)
        entries = (row["e_on_hand"], row["e_reserved"], row["e_unsellable"])
        if tuple(one or 0 for one in entries) != ours or row["held"] != row["reserved"]:
            raise Mismatch(self.store, sku, f"the ledger says {entries}, stock {ours}")
        staged = sum(line.staged for line in self.store.lines(sku))
        if not (row["e_staged"] or 0) == row["staged"] == staged:
            raise Mismatch(self.store, sku, f"{row['staged']} staged, not {staged}")
        if row["conflict"] != (ours[0] - ours[2] < ours[1]):
            raise Mismatch(self.store, sku, f"conflict is {row['conflict']} at {ours}")


@asynccontextmanager
async def stage(db: Database) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection with everything a day needs that is not the store's own."""
    async with db.transaction() as tx:
        for source, books in SOURCES.items():
            await batches.declare(tx, source, books_pickup=books, cadence_minutes=60)
        await tx.run_many(
            "INSERT INTO items (sku, name) VALUES ($1, $1) ON CONFLICT DO NOTHING",
            [(sku,) for sku in SKUS],
        )
    async with intake.staging(db, "feed_stage", staging.COLUMNS) as connection:
        yield connection


async def opened(db: Database, connection: asyncpg.Connection, store_id: StoreId) -> Scene:
    """Open a new store."""
    async with db.transaction(on=connection) as tx:
        await tx.add(tables.Store(store_id=store_id, name=store_id, time_zone="America/Chicago"))
    return Scene(db, connection, store_id)
