"""Plays many small lives on one clock: whatever comes next, happens next.

A life is an async generator that yields how long it takes until its next step: a ``timedelta``, an
instant, or a ``Bell`` to wait for. Lives that are due at the same instant step in the order in
which they came to wait, so a run depends on nothing but its seed.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Union

Pause = Union[timedelta, datetime, "Bell", "Ringing"]
Life = AsyncGenerator[Pause, None]
Wait = Callable[[datetime], Awaitable[datetime]]
"""Waits for an instant of the store's clock, or for less; returns what that clock then says."""


class Bell:
    """Something to wait for: whoever waits when it rings steps on; nobody is told later."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[Loop, Life]] = {}

    def ring(self) -> None:
        waiting, self.waiting = self.waiting, {}
        for ticket, (loop, life) in waiting.items():
            loop.call(ticket, life)

    def until(self, at: datetime) -> "Ringing":
        """Wait for the bell, but no longer than until ``at``."""
        return Ringing(self, at)


@dataclass(frozen=True, slots=True)
class Ringing:
    bell: Bell
    until: datetime | None = None


@dataclass(order=True, slots=True)
class _Turn:
    at: datetime
    ticket: int
    life: Life = field(compare=False)
    bell: Bell | None = field(default=None, compare=False)
    called: bool = field(default=False, compare=False)
    """It went on when its bell rang; this turn is over."""


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
        self._heap: list[_Turn] = []
        self._tickets = count()
        self._waiting: dict[int, tuple[Life, _Turn | None]] = {}

    def start(self, life: Life, at: datetime | None = None) -> None:
        self._push(life, at or self.now)

    def _push(self, life: Life, at: datetime, bell: Bell | None = None) -> _Turn:
        turn = _Turn(max(at, self.now), next(self._tickets), life, bell)
        heappush(self._heap, turn)
        return turn

    def call(self, ticket: int, life: Life) -> None:
        """Let a life go on now: the bell that it waits for has rung. After the end it is over."""
        if ticket not in self._waiting:
            return
        _, turn = self._waiting.pop(ticket)
        if turn is not None:
            turn.called = True
        self.start(life)

    async def run(self, until: datetime | None = None) -> None:
        """Play until nothing is left to happen, or until the instant given."""
        while self._heap and (until is None or self._heap[0].at <= until):
            turn = self._heap[0]
            if turn.called:
                heappop(self._heap)
                continue
            now = await self._wait(turn.at)
            if now < turn.at or turn.called or self._heap[0] is not turn:
                continue  # meanwhile somebody else may have come, who is first
            self.now = max(self.now, now)
            heappop(self._heap)
            if turn.bell is not None:
                del turn.bell.waiting[turn.ticket]
                del self._waiting[turn.ticket]
            await self._step(turn.life)
            self.steps += 1
            if self._settle is not None:
                await self._settle()
        if until is not None:
            self.now = max(self.now, until)

    async def _step(self, life: Life) -> None:
        try:
            pause = await anext(life)
        except StopAsyncIteration:
            return
        except Exception as error:
            if self._failed is None or not self._failed(error):
                raise
            return
        if isinstance(pause, Bell):
            pause = Ringing(pause)
        if isinstance(pause, Ringing):
            self._listen(life, pause)
        else:
            self._push(life, pause if isinstance(pause, datetime) else self.now + pause)

    def _listen(self, life: Life, ringing: Ringing) -> None:
        turn = None
        if ringing.until is not None:
            turn = self._push(life, ringing.until, ringing.bell)
        ticket = turn.ticket if turn is not None else next(self._tickets)
        ringing.bell.waiting[ticket] = (self, life)
        self._waiting[ticket] = (life, turn)

    async def close(self) -> None:
        """End every life where it stands."""
        lives = {id(turn.life): turn.life for turn in self._heap if not turn.called}
        lives |= {id(life): life for life, _ in self._waiting.values()}
        self._heap.clear()
        self._waiting.clear()
        for life in lives.values():
            await life.aclose()
