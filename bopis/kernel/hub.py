"""Live pages: one hub a process tells every open page of a kind when there is news for it.

It looks at what somebody is watching, one statement a store, and never more than that: no listener
in the database, nothing in the path of what is watched, and news is seen whichever process made it.
What it looks at is what is so, or the number of the newest fact: so news missed is nothing lost,
and a reader who returns with what they saw last is told at once if that has changed.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import structlog

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Unavailable
from bopis.kernel.ids import StoreId

EVERY: Final = timedelta(seconds=0.5)
HEARTBEAT: Final = timedelta(seconds=15)
WAITING: Final = 16
"""How much news may wait for a reader; one who is slower than that is let go."""
READERS: Final = 2_000

_log = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class HubFull(Unavailable):
    title = "Too many pages are open"
    retry_after = 30


@dataclass(eq=False)
class Reader(Generic[V]):
    seen: V
    """The newest that the reader knows of."""
    queue: asyncio.Queue[V] = field(default_factory=lambda: asyncio.Queue(WAITING))
    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when this reader is too slow, or may look no longer."""
    who: Hashable = None
    """Whoever looks, if they may be shut out while they do."""


Look = Callable[[Tx, StoreId, Collection[K]], Awaitable[Mapping[K, V]]]
"""Returns what is so now of each thing that is watched in a store; what is absent has no news."""

Barred = Callable[[Tx, StoreId, Collection[Any]], Awaitable[Collection[Hashable]]]
"""Returns who of those who look may do so no longer."""


def differs(seen: Any, now: Any) -> bool:
    return bool(seen != now)


async def _nobody(tx: Tx, store_id: StoreId, readers: Collection[Any]) -> Collection[Hashable]:
    return ()


class Hub(Generic[K, V]):
    """``stopping`` is set when the process has been asked to stop: then every stream ends.

    Args:
        db: Where to look.
        look: Asks one store for all that is watched there.
        is_news: Whether a reader who saw the one shall hear of the other.
        barred: Asks one store who is shut out; they hear nothing from then on.
        stopping: Ends every stream.
        every: How often to look.
    """

    def __init__(
        self,
        db: Database,
        look: Look[K, V],
        *,
        is_news: Callable[[V, V], bool] = differs,
        barred: Barred = _nobody,
        stopping: asyncio.Event | None = None,
        every: timedelta = EVERY,
        readers: int = READERS,
    ) -> None:
        self._db = db
        self._look_at = look
        self._is_news = is_news
        self._barred = barred
        self._stopping = stopping or asyncio.Event()
        self._every = every
        self._most = readers
        self._readers: dict[StoreId, dict[K, set[Reader[V]]]] = {}
        self._task: asyncio.Task[None] | None = None
        self.count = 0

    def readers(self, store_id: StoreId, key: K) -> frozenset[Reader[V]]:
        return frozenset(self._readers.get(store_id, {}).get(key, ()))

    async def listen(
        self, store_id: StoreId, key: K, *, after: V, who: Hashable = None
    ) -> AsyncGenerator[V | None, None]:
        """Yield what is so each time that it is news; None is a heartbeat.

        It ends when the process stops, when the reader is too slow, or when they may look no
        longer: whoever comes back with what they saw last has missed nothing.

        Raises:
            HubFull: This process serves as many as it can.
        """
        if self.count >= self._most:
            raise HubFull("Too many pages are open here just now. Yours works without news.")
        reader = Reader(seen=after, who=who)
        self._readers.setdefault(store_id, {}).setdefault(key, set()).add(reader)
        self.count += 1
        self._wake()
        try:
            while True:
                news = await self._next(reader)
                if news is None and (reader.dropped.is_set() or self._stopping.is_set()):
                    return
                yield news
        finally:
            self._leave(store_id, key, reader)

    async def _next(self, reader: Reader[V]) -> V | None:
        """Wait for news, the end, or the time for a heartbeat, whichever comes first."""
        news = asyncio.ensure_future(reader.queue.get())
        ends = [asyncio.ensure_future(end.wait()) for end in (reader.dropped, self._stopping)]
        try:
            await asyncio.wait(
                {news, *ends},
                timeout=HEARTBEAT.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            return news.result() if news.done() else None
        finally:
            for one in (news, *ends):
                one.cancel()
                with suppress(asyncio.CancelledError):
                    await one

    def _leave(self, store_id: StoreId, key: K, reader: Reader[V]) -> None:
        self.count -= 1
        watched = self._readers[store_id]
        watched[key].discard(reader)
        if not watched[key]:
            del watched[key]
        if not watched:
            del self._readers[store_id]
        if not self._readers and self._task is not None:
            self._task.cancel()
            self._task = None

    def _wake(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="hub")

    async def _watch(self) -> None:
        while True:
            for store_id in list(self._readers):
                try:
                    await self._look(store_id)
                except Unavailable as trouble:
                    _log.warning("hub_waits", store_id=store_id, reason=trouble.detail)
            await asyncio.sleep(self._every.total_seconds())

    async def _look(self, store_id: StoreId) -> None:
        """Shut out whoever may not look before anybody is told."""
        watched = list(self._readers.get(store_id, ()))
        async with self._db.reading(store_id) as tx:
            await self._shut_out(tx, store_id)
            found = await self._look_at(tx, store_id, watched)
        for key, news in found.items():
            for reader in self._readers.get(store_id, {}).get(key, ()):
                self._tell(reader, news)

    async def _shut_out(self, tx: Tx, store_id: StoreId) -> None:
        here = [one for key in self._readers.get(store_id, {}).values() for one in key]
        known = {one.who for one in here if one.who is not None}
        barred = await self._barred(tx, store_id, known) if known else ()
        for reader in here:
            if reader.who in barred:
                reader.dropped.set()

    def _tell(self, reader: Reader[V], news: V) -> None:
        if reader.dropped.is_set() or not self._is_news(reader.seen, news):
            return
        reader.seen = news
        try:
            reader.queue.put_nowait(news)
        except asyncio.QueueFull:
            reader.dropped.set()
