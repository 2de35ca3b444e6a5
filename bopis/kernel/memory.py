"""What a process remembers of a database: hints that age, never the truth."""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

MANY: Final = 10_000
"""Things read lately: beyond that, those that are too old by now are dropped first."""


class Memory(dict[Hashable, Any]):
    """Values by key, for as long as their keeper likes; and what was read lately, for seconds."""

    __slots__ = ("_lately",)

    def __init__(self) -> None:
        super().__init__()
        self._lately: dict[Hashable, tuple[float, Any]] = {}

    async def lately(self, key: Hashable, seconds: float, read: Callable[[], Awaitable[T]]) -> T:
        """Return what ``read`` last said if that is so many seconds ago at most, or ask it now.

        Two who ask at once may both read. A failure is nobody's memory.
        """
        until, known = self._lately.get(key, (0.0, None))
        if until > monotonic():
            return cast("T", known)
        found = await read()
        self._make_room()
        self._lately[key] = (monotonic() + seconds, found)
        return found

    def last(self, key: Hashable) -> Any:
        """Return what was read last, however long ago; None: nothing since it was forgotten."""
        return self._lately.get(key, (0.0, None))[1]

    def forget(self, *keys: Hashable) -> None:
        """Drop what was read lately: it has changed."""
        for key in keys:
            self._lately.pop(key, None)

    def clear(self) -> None:
        super().clear()
        self._lately.clear()

    def _make_room(self) -> None:
        if len(self._lately) < MANY:
            return
        now = monotonic()
        fresh = {key: one for key, one in self._lately.items() if one[0] > now}
        self._lately = fresh if len(fresh) < MANY // 2 else {}
