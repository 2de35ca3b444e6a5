"""Live pages: one hub a process tells every open page when its order has news.

It polls the facts of the orders that somebody is looking at, one statement a store, and never more
than that: no listener in the database, nothing in the order's own path. A reader gets the number of
the newest fact and fetches the page again; so a number missed is nothing lost, and a reader who
returns with the last number they saw is told at once if there is a newer one.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from bopis.kernel.database import Database
from bopis.kernel.errors import Unavailable
from bopis.kernel.ids import OrderId, StoreId

EVERY: Final = timedelta(seconds=0.5)
HEARTBEAT: Final = timedelta(seconds=15)
WAITING: Final = 16
"""How many numbers may wait for a reader; one who is slower than that is let go."""
READERS: Final = 2_000

_log = structlog.get_logger(__name__)


class HubFull(Unavailable):
    title = "Too many pages are open"
    retry_after = 30


@dataclass(eq=False)
class Reader:
    seen: int
    """The newest fact that the reader knows of."""
    queue: asyncio.Queue[int] = field(default_factory=lambda: asyncio.Queue(WAITING))
    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when this reader is too slow."""


_NEWEST: Final = """
    SELECT subject, max(seq) AS seq FROM events
     WHERE store_id = $1 AND subject = ANY($2::uuid[])
     GROUP BY subject
"""


class Hub:
    """``stopping`` is set when the process has been asked to stop: then every stream ends."""

    def __init__(
        self, db: Database, *, stopping: asyncio.Event | None = None, every: timedelta = EVERY
    ) -> None:
        self._db = db
        self._stopping = stopping or asyncio.Event()
        self._every = every
        self._readers: dict[StoreId, dict[OrderId, set[Reader]]] = {}
        self._task: asyncio.Task[None] | None = None
        self.count = 0

    def readers(self, store_id: StoreId, order_id: OrderId) -> frozenset[Reader]:
        return frozenset(self._readers.get(store_id, {}).get(order_id, ()))

    async def listen(
        self, store_id: StoreId, order_id: OrderId, *, after: int
    ) -> AsyncGenerator[int | None, None]:
        """Yield the number of each newer fact about an order; None is a heartbeat.

        It ends when the process stops, or when the reader is too slow: whoever comes back with the
        last number they saw has missed nothing.

        Raises:
            HubFull: This process serves as many as it can.
        """
        if self.count >= READERS:
            raise HubFull("Too many pages are open here just now. Yours works without news.")
        reader = Reader(seen=after)
        self._readers.setdefault(store_id, {}).setdefault(order_id, set()).add(reader)
        self.count += 1
        self._wake()
        try:
            while True:
                number = await self._next(reader)
                if number is None and (reader.dropped.is_set() or self._stopping.is_set()):
                    return
                yield number
        finally:
            self._leave(store_id, order_id, reader)

    async def _next(self, reader: Reader) -> int | None:
        """Wait for a number, the end, or the time for a heartbeat, whichever comes first."""
        number = asyncio.ensure_future(reader.queue.get())
        ends = [asyncio.ensure_future(end.wait()) for end in (reader.dropped, self._stopping)]
        try:
            await asyncio.wait(
                {number, *ends},
                timeout=HEARTBEAT.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            return number.result() if number.done() else None
        finally:
            for one in (number, *ends):
                one.cancel()
                with suppress(asyncio.CancelledError):
                    await one

    def _leave(self, store_id: StoreId, order_id: OrderId, reader: Reader) -> None:
        self.count -= 1
        orders = self._readers[store_id]
        orders[order_id].discard(reader)
        if not orders[order_id]:
            del orders[order_id]
        if not orders:
            del self._readers[store_id]
        if not self._readers and self._task is not None:
            self._task.cancel()
            self._task = None

    def _wake(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="shopper-hub")

    async def _watch(self) -> None:
        while True:
            for store_id in list(self._readers):
                try:
                    await self._look(store_id)
                except Unavailable as trouble:
                    _log.warning("hub_waits", store_id=store_id, reason=trouble.detail)
            await asyncio.sleep(self._every.total_seconds())

    async def _look(self, store_id: StoreId) -> None:
        watched = list(self._readers.get(store_id, ()))
        async with self._db.connection() as connection:
            rows = await connection.fetch(_NEWEST, store_id, watched)
        for row in rows:
            for reader in self._readers.get(store_id, {}).get(row["subject"], ()):
                self._tell(reader, row["seq"])

    def _tell(self, reader: Reader, seq: int) -> None:
        if seq <= reader.seen or reader.dropped.is_set():
            return
        reader.seen = seq
        try:
            reader.queue.put_nowait(seq)
        except asyncio.QueueFull:
            reader.dropped.set()
