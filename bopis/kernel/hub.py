"""Live pages: one hub a process tells every open page of a kind when there is news for it.

It looks at what somebody is watching, one statement a store, and never more than that: no listener
in the database, nothing in the path of what is watched, and news is seen whichever process made it.
What it looks at is what is so, or the number of the newest fact: so news missed is nothing lost,
and a reader who returns with what they saw last is told at once if that has changed.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import structlog

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Unavailable
from bopis.kernel.ids import StoreId

EVERY: Final = timedelta(seconds=0.5)
HEARTBEAT: Final = timedelta(seconds=15)
BARRED_EVERY: Final = timedelta(seconds=2)
"""How often to ask who may look no longer."""
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
    who: Hashable = None
    """Whoever looks, if they may be shut out while they do."""
    waiting: deque[V] = field(default_factory=deque)
    is_dropped: bool = False
    """They are too slow, or may look no longer."""
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is news for them, or an end."""

    def drop(self) -> None:
        self.is_dropped = True
        self.stirred.set()


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
        barred_every: How often to ask who may look no longer.
        heartbeat: After how long without news a reader hears that there is none.
        readers: How many are served.
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
        barred_every: timedelta = BARRED_EVERY,
        heartbeat: timedelta = HEARTBEAT,
        readers: int = READERS,
    ) -> None:
        self._db = db
        self._look_at = look
        self._is_news = is_news
        self._barred = barred
        self._stopping = stopping or asyncio.Event()
        self._every = every
        self._barred_every = barred_every
        self._most = readers
        self._readers: dict[StoreId, dict[K, set[Reader[V]]]] = {}
        self._barred_at: dict[StoreId, float] = {}
        self._looked_at: dict[StoreId, float] = {}
        self._heartbeat = heartbeat.total_seconds()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.count = 0

    def readers(self, store_id: StoreId, key: K) -> frozenset[Reader[V]]:
        return frozenset(self._readers.get(store_id, {}).get(key, ()))

    async def listen(
        self, store_id: StoreId, key: K, *, after: V, who: Hashable = None
    ) -> AsyncGenerator[V | None, None]:
        """Yield what is so each time that it is news; None: there was none, and that is sure.

        It ends when the process stops, when the reader is too slow, when they may look no longer,
        or when we cannot look: whoever comes back with what they saw last has missed nothing.

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
                reader.stirred.clear()
                while reader.waiting:
                    yield reader.waiting.popleft()
                if reader.is_dropped or self._stopping.is_set():
                    return
                if not await _stirs(reader, self._heartbeat):
                    if not self._is_sure(store_id):
                        return
                    yield None
        finally:
            self._leave(store_id, key, reader)

    def _is_sure(self, store_id: StoreId) -> bool:
        """Say whether we have looked lately: else "no news" would be a lie."""
        now = asyncio.get_running_loop().time()
        return now - self._looked_at.get(store_id, 0.0) < self._heartbeat

    def _leave(self, store_id: StoreId, key: K, reader: Reader[V]) -> None:
        self.count -= 1
        watched = self._readers[store_id]
        watched[key].discard(reader)
        if not watched[key]:
            del watched[key]
        if not watched:
            del self._readers[store_id]
            self._barred_at.pop(store_id, None)
            self._looked_at.pop(store_id, None)
        if not self._readers:
            for task in self._tasks:
                task.cancel()
            self._tasks = ()

    def _wake(self) -> None:
        if not self._tasks or self._tasks[0].done():
            self._tasks = (
                asyncio.create_task(self._watch(), name="hub"),
                asyncio.create_task(self._end(), name="hub's end"),
            )

    async def _end(self) -> None:
        await self._stopping.wait()
        for reader in self._all():
            reader.stirred.set()

    def _all(self) -> list[Reader[V]]:
        return [
            reader
            for watched in self._readers.values()
            for readers in watched.values()
            for reader in readers
        ]

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
        if store_id in self._readers:
            self._looked_at[store_id] = asyncio.get_running_loop().time()
        for key, news in found.items():
            for reader in self._readers.get(store_id, {}).get(key, ()):
                self._tell(reader, news)

    async def _shut_out(self, tx: Tx, store_id: StoreId) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._barred_at.get(store_id, 0.0) < self._barred_every.total_seconds():
            return
        self._barred_at[store_id] = now
        here = [one for key in self._readers.get(store_id, {}).values() for one in key]
        known = {one.who for one in here if one.who is not None}
        barred = await self._barred(tx, store_id, known) if known else ()
        for reader in here:
            if reader.who in barred:
                reader.drop()

    def _tell(self, reader: Reader[V], news: V) -> None:
        if reader.is_dropped or not self._is_news(reader.seen, news):
            return
        reader.seen = news
        if len(reader.waiting) >= WAITING:
            reader.drop()
            return
        reader.waiting.append(news)
        reader.stirred.set()


async def _stirs(reader: Reader[Any], heartbeat: float) -> bool:
    """Wait until there is something for a reader; False: it is time for a heartbeat first.

    No task is made for it: most readers wait most of the time, and there may be thousands.
    """
    try:
        async with asyncio.timeout(heartbeat):
            await reader.stirred.wait()
    except TimeoutError:
        return False
    return True
