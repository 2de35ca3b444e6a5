"""Lives on one clock: whatever comes next, happens next; ties in the order of waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from bopis.kernel.clock import ManualClock
from bopis.simulation.loop import Bell, Life, Loop

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _loop(clock: ManualClock) -> Loop:
    async def wait(at: datetime) -> datetime:
        return clock.advance_to(at)

    return Loop(NOON, wait)


async def test_what_comes_next_happens_next() -> None:
    clock = ManualClock(NOON)
    loop = _loop(clock)
    seen: list[tuple[str, datetime]] = []

    async def life(name: str, pause: timedelta) -> Life:
        for _ in range(3):
            yield pause
            seen.append((name, clock()))

    loop.start(life("slow", 2 * MINUTE))
    loop.start(life("quick", MINUTE))
    await loop.run()

    names = [name for name, _ in seen]
    assert names == ["quick", "slow", "quick", "quick", "slow", "slow"]
    assert [at for _, at in seen] == sorted(at for _, at in seen)
    assert clock() == NOON + 6 * MINUTE


async def test_a_bell_wakes_whoever_waits_and_nobody_later() -> None:
    clock = ManualClock(NOON)
    loop = _loop(clock)
    bell = Bell()
    woken: list[datetime] = []

    async def waits() -> Life:
        yield bell
        woken.append(clock())
        yield bell
        woken.append(clock())

    async def rings() -> Life:
        yield MINUTE
        bell.ring()

    loop.start(waits())
    loop.start(rings())
    await loop.run()

    assert woken == [NOON + MINUTE]
    await loop.close()


async def test_a_run_ends_at_its_instant_and_goes_on_from_there() -> None:
    clock = ManualClock(NOON)
    loop = _loop(clock)
    steps: list[datetime] = []

    async def ticks() -> Life:
        while True:
            yield MINUTE
            steps.append(clock())

    loop.start(ticks())
    await loop.run(NOON + 3 * MINUTE)
    before = len(steps)
    await loop.run(NOON + 5 * MINUTE)

    assert (before, len(steps)) == (3, 5)
    await loop.close()


async def test_a_life_that_fails_ends_the_run_unless_somebody_takes_it() -> None:
    async def fails() -> Life:
        yield MINUTE
        raise ValueError("no")

    clock = ManualClock(NOON)
    strict = _loop(clock)
    strict.start(fails())
    with pytest.raises(ValueError, match="no"):
        await strict.run()

    taken: list[Exception] = []

    def take(error: Exception) -> bool:
        taken.append(error)
        return True

    async def wait(at: datetime) -> datetime:
        return clock.advance_to(at)

    lenient = Loop(NOON, wait, failed=take)
    lenient.start(fails())
    await lenient.run()

    assert [type(error) for error in taken] == [ValueError]


async def test_what_happens_by_itself_follows_every_step() -> None:
    clock = ManualClock(NOON)
    settled: list[datetime] = []

    async def wait(at: datetime) -> datetime:
        return clock.advance_to(at)

    async def settle() -> None:
        settled.append(clock())

    async def life() -> Life:
        yield MINUTE
        yield NOON + 5 * MINUTE

    loop = Loop(NOON, wait, settle=settle)
    loop.start(life())
    await loop.run()

    assert settled == [NOON, NOON + MINUTE, NOON + 5 * MINUTE]


async def test_whoever_waits_for_a_bell_may_give_up_at_an_instant() -> None:
    clock = ManualClock(NOON)
    loop = _loop(clock)
    bell = Bell()
    woken: list[datetime] = []

    async def waits() -> Life:
        for _ in range(3):
            yield bell.until(clock() + 5 * MINUTE)
            woken.append(clock())

    async def rings() -> Life:
        yield 2 * MINUTE
        bell.ring()

    loop.start(waits())
    loop.start(rings())
    await loop.run()

    assert [at - NOON for at in woken] == [2 * MINUTE, 7 * MINUTE, 12 * MINUTE]
    assert not bell.waiting


async def test_a_bell_that_rings_after_the_end_wakes_nobody() -> None:
    bell = Bell()
    woken = []

    async def waits() -> Life:
        yield bell
        woken.append(1)

    loop = _loop(ManualClock(NOON))
    loop.start(waits())
    await loop.run()
    await loop.close()

    bell.ring()
    await loop.run()

    assert woken == []


async def test_who_comes_while_the_loop_waits_is_not_lost() -> None:
    """In a demo others start lives from outside, at any instant of a wait."""
    lived: list[str] = []

    async def life(name: str, *pauses: timedelta) -> Life:
        for pause in pauses:
            yield pause
        lived.append(name)

    async def wait(at: datetime) -> datetime:
        if not lived and not came:
            came.append("at last")
            loop.start(life("late comer"))
        return at

    came: list[str] = []
    loop = Loop(NOON, wait)
    loop.start(life("first", MINUTE), NOON + MINUTE)

    await loop.run()

    assert lived == ["late comer", "first"]
