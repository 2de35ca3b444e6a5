"""Plays many small lives on one clock: whatever comes next, happens next.

A life is an async generator that yields how long it takes until its next step: a ``timedelta``, an
instant, or a ``Bell`` to wait for. Lives that are due at the same instant step in the order in
which they came to wait, so a run depends on nothing but its seed.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count


class Bell:
    """Something to wait for: whoever waits when it rings steps on; nobody is told later."""

    def __init__(self) -> None:
        self.waiting: list[Life] = []
        self.loop: Loop | None = None

    def ring(self) -> None:
        waiting, self.waiting = self.waiting, []
        for life in waiting:
            assert self.loop is not None
            self.loop.start(life)


Pause = timedelta | datetime | Bell
Life = AsyncGenerator[Pause, None]
Wait = Callable[[datetime], Awaitable[datetime]]
"""Waits for an instant of the store's clock, or for less; returns what that clock then says."""


class Loop:
    """A heap of lives, each with the instant of its next step.

    Args:
        now: The instant at which everything starts.
        wait: Brings the store's clock to an instant: by moving it (replay) or by waiting (demo). It
            may come back early, and is asked again: somebody else may be first by then.
        settle: Called after every step, for what the rest of the system does by itself.
        failed: Told of a life that raised; True: go on without it. Without it, errors are raised.
    """

    def __init__(
        self,
        now: datetime,
        wait: Wait,
        *,
        settle: Callable[[], Awaitable[None]] | None = None,
        failed: Callable[[Exception], bool] | None = None,
    ) -> None:
        self.now = now
        self.steps = 0
        self._wait = wait
        self._settle = settle
        self._failed = failed
        self._heap: list[tuple[datetime, int, Life]] = []
        self._tickets = count()
        self._parked: dict[int, Life] = {}

    def start(self, life: Life, at: datetime | None = None) -> None:
        heappush(self._heap, (max(at or self.now, self.now), next(self._tickets), life))

    async def run(self, until: datetime | None = None) -> None:
        """Play until nothing is left to happen, or until the instant given."""
        while self._heap and (until is None or self._heap[0][0] <= until):
            at = self._heap[0][0]
            now = await self._wait(at)
            if now < at:
                continue
            self.now = max(self.now, now)
            await self._step(heappop(self._heap)[2])
            self.steps += 1
            if self._settle is not None:
                await self._settle()
        if until is not None:
            self.now = max(self.now, until)

    async def _step(self, life: Life) -> None:
        self._parked.pop(id(life), None)
        try:
            pause = await anext(life)
        except StopAsyncIteration:
            return
        except Exception as error:
            if self._failed is None or not self._failed(error):
                raise
            return
        if isinstance(pause, Bell):
            pause.loop = self
            pause.waiting.append(life)
            self._parked[id(life)] = life
        else:
            at = pause if isinstance(pause, datetime) else self.now + pause
            self.start(life, at)

    async def close(self) -> None:
        """End every life where it stands."""
        lives = [life for _, _, life in self._heap] + list(self._parked.values())
        self._heap.clear()
        self._parked.clear()
        for life in lives:
            await life.aclose()
