"""Many days one after the other, what was in them, and the shortest story of a wrong one."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import uuid4

import asyncpg

from benchmarks.truth.day import Day, Step, planned
from benchmarks.truth.scene import Mismatch, opened
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId

TRIES: Final = 150
"""How often a bad day is replayed to make it shorter."""


@dataclass(slots=True)
class Proof:
    days: int = 0
    compared: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    stories: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.days + other.days,
            self.compared + other.compared,
            self.seen + other.seen,
            self.stories + other.stories,
        )

    def __str__(self) -> str:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in self.seen.most_common())
        return (
            f"{self.days:,} days, {self.seen['quiet points']:,} quiet points,"
            f" {self.compared:,} numbers compared, {len(self.stories)} mismatches,"
            f" {self.seconds:.0f} s\n{kinds}" + "".join(f"\n\n{one}" for one in self.stories)
        )


async def prove(
    db: Database,
    connection: asyncpg.Connection,
    seeds: Iterable[int],
    *,
    at_most: int = 3,
    tries: int = TRIES,
) -> Proof:
    """Play a day for each seed; stop when so many have gone wrong, each told in few steps."""
    proof, began = Proof(), time.perf_counter()
    for seed in seeds:
        steps = planned(seed)
        wrong = await played(db, connection, seed, steps, proof)
        proof.days += 1
        if wrong is not None:
            steps, wrong = await shrunk(db, connection, seed, steps, wrong, tries)
            kinds = ", ".join(step.kind for step in steps)
            proof.stories.append("\n".join((f"seed {seed}: {kinds}", *wrong.story)))
            if len(proof.stories) >= at_most:
                break
    proof.seconds = time.perf_counter() - began
    return proof


async def played(
    db: Database,
    connection: asyncpg.Connection,
    seed: int,
    steps: Sequence[Step],
    proof: Proof | None = None,
) -> Mismatch | None:
    """Play steps in a new store; return what went wrong, if anything did."""
    scene = await opened(db, connection, StoreId(f"D{seed}-{uuid4().hex[:12]}"))
    day = Day(scene, seed)
    try:
        await day.play(steps)
    except Mismatch as wrong:
        return wrong
    except (asyncpg.PostgresError, AssertionError) as error:
        return scene.broken(error)
    finally:
        if proof is not None:
            proof.compared += day.compared
            proof.seen += scene.seen
    return None


async def shrunk(  # noqa: PLR0917 -- what it was, and how it went wrong
    db: Database,
    connection: asyncpg.Connection,
    seed: int,
    steps: list[Step],
    wrong: Mismatch,
    tries: int = TRIES,
) -> tuple[list[Step], Mismatch]:
    """Leave out whatever is not needed for a day to go wrong: halves first, single steps last."""
    size = len(steps) // 2
    while size and tries:
        start = 0
        while start < len(steps) and tries:
            tries -= 1
            fewer = steps[:start] + steps[start + size :]
            still = await played(db, connection, seed, fewer)
            if still is None:
                start += size
            else:
                steps, wrong = fewer, still
        size //= 2
    return steps, wrong
