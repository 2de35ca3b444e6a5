"""Many workers ring; one answers; and everyone can see when it last did."""

import asyncio
from datetime import timedelta

from sqlmodel import select

from bopis.kernel.database import Database
from bopis.kernel.jobs import Lease, run_once
from bopis.kernel.module import Job

ALONE = "test.job"


async def lease(db: Database) -> Lease:
    async with db.transaction() as tx:
        (found,) = await tx.select(select(Lease).where(Lease.name == ALONE))
    return found


async def test_of_ten_workers_one_runs_the_job(db: Database) -> None:
    running, most = 0, 0
    entered = asyncio.Event()

    async def body(db: Database) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        entered.set()
        await finish.wait()
        running -= 1

    finish = asyncio.Event()
    job = Job(ALONE, timedelta(seconds=1), body)
    first = asyncio.create_task(run_once(db, job, "worker-0"))
    await entered.wait()
    others = await asyncio.gather(*(run_once(db, job, f"worker-{n}") for n in range(1, 10)))
    finish.set()

    assert await first
    assert others == [False] * 9
    assert most == 1
    assert (await lease(db)).succeeded_at is not None


async def test_the_next_one_runs_as_soon_as_the_last_has_ended(db: Database) -> None:
    async def body(db: Database) -> None:
        ran.append(1)

    ran: list[int] = []
    job = Job(ALONE, timedelta(seconds=1), body)
    for holder in ("a", "b", "a"):
        assert await run_once(db, job, holder)

    assert len(ran) == 3


async def test_a_failure_is_on_the_lease_for_all_to_see(db: Database) -> None:
    async def body(db: Database) -> None:
        raise RuntimeError("no")

    job = Job(ALONE, timedelta(seconds=1), body)
    for _ in range(2):
        await run_once(db, job, "a")

    kept = await lease(db)
    assert (kept.failures, kept.error, kept.succeeded_at) == (2, "RuntimeError: no", None)


async def test_a_holder_that_died_is_replaced_when_its_lease_ends(db: Database) -> None:
    async def body(db: Database) -> None:
        ran.append(1)

    ran: list[int] = []
    async with db.transaction() as tx:
        await tx.run(
            "INSERT INTO leases (name, holder, until, started_at)"
            " VALUES ($1, 'dead', clock_timestamp() + $2::interval, clock_timestamp())",
            ALONE,
            timedelta(seconds=30),
        )
    job = Job(ALONE, timedelta(seconds=1), body)

    assert not await run_once(db, job, "b")
    async with db.transaction() as tx:
        await tx.run("UPDATE leases SET until = clock_timestamp() - interval '1 second'")
    assert await run_once(db, job, "b")
    assert ran == [1]
