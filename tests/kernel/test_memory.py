import pytest

from bopis.kernel import memory
from bopis.kernel.memory import Memory


class Asked:
    """Counts how often it is read."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> int:
        self.times += 1
        return self.times


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("bopis.kernel.memory.monotonic", lambda: now[0])
    return now


async def test_what_was_read_lately_is_not_read_again_until_it_is_old(clock: list[float]) -> None:
    kept, asked = Memory(), Asked()

    assert await kept.lately("hours", 10, asked) == 1
    clock[0] += 9.9
    assert await kept.lately("hours", 10, asked) == 1
    clock[0] += 0.2
    assert await kept.lately("hours", 10, asked) == 2
    assert kept.last("hours") == 2

    kept.forget("hours", "never known")
    assert kept.last("hours") is None
    assert await kept.lately("hours", 10, asked) == 3


async def test_nothing_is_a_memory_too_and_a_failure_is_none(clock: list[float]) -> None:
    kept, asked = Memory(), Asked()

    async def nothing() -> int | None:
        await asked()
        return None

    async def fails() -> int:
        raise OSError("away")

    assert await kept.lately("floor", 10, nothing) is None
    assert await kept.lately("floor", 10, nothing) is None
    assert asked.times == 1
    with pytest.raises(OSError, match="away"):
        await kept.lately("hours", 10, fails)
    assert await kept.lately("hours", 10, asked) == 2


async def test_it_does_not_grow_for_ever(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MANY", 10)
    kept, asked = Memory(), Asked()
    kept["for good"] = "kept"

    for key in range(10):
        await kept.lately(key, 10 if key < 7 else 1000, asked)
    clock[0] += 20
    await kept.lately("one more", 10, asked)

    assert [kept.last(key) is not None for key in (0, 6, 7, 9, "one more")] == [
        *(False, False, True, True, True)
    ]
    for key in range(100, 200):
        await kept.lately(key, 1000, asked)
    assert sum(kept.last(key) is not None for key in range(200)) <= 10
    assert kept["for good"] == "kept"
