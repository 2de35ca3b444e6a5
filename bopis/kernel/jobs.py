"""What happens on a clock: APScheduler rings, and a ``lease`` row says who answers.

The row is also the heartbeat: it shows when each job last ran and last succeeded, to anyone who can
read the database, whether the workers live or not.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Field

from bopis.kernel.clock import ScaledClock
from bopis.kernel.columns import Table, datetime, instant, key_text, placed, text
from bopis.kernel.database import Database
from bopis.kernel.errors import Unavailable
from bopis.kernel.module import Job

LEASE: Final = timedelta(seconds=30)
SHORTEST: Final = timedelta(seconds=0.2)
FINISH: Final = timedelta(seconds=1.5)
"""What a running job gets when its process is asked to stop."""
LET_GO: Final = timedelta(seconds=0.5)
_log = structlog.get_logger(__name__)


class Lease(Table, table=True):
    """Who runs a job just now. All times are the machine's."""

    __tablename__ = "leases"
    __table_args__ = (placed("local"),)

    name: str = key_text(key=True)
    holder: str = key_text()
    until: datetime = instant()
    started_at: datetime = instant()
    succeeded_at: datetime | None = instant(default=None)
    failures: int = Field(default=0)
    error: str | None = text(default=None)


_TAKE: Final = """
    INSERT INTO leases (name, holder, until, started_at, failures)
    SELECT $1, $2, t.now + $3::interval, t.now, 0 FROM (SELECT clock_timestamp()) AS t (now)
    ON CONFLICT (name) DO UPDATE
       SET holder = EXCLUDED.holder, until = EXCLUDED.until, started_at = EXCLUDED.started_at
     WHERE leases.until < EXCLUDED.started_at OR leases.holder = EXCLUDED.holder
    RETURNING 1
"""
_SETTLE: Final = """
    UPDATE leases
       SET until = t.now, error = $3,
           failures = CASE WHEN $3::text IS NULL THEN 0 ELSE failures + 1 END,
           succeeded_at = CASE WHEN $3::text IS NULL THEN t.now ELSE succeeded_at END
      FROM (SELECT clock_timestamp()) AS t (now)
     WHERE name = $1 AND holder = $2
"""


async def run_once(db: Database, job: Job, holder: str) -> bool:
    """Run a job unless another process holds it; return whether it ran.

    Work of a lost lease is harmless: every job claims its rows or checks again under a lock.
    """
    if job.alone:
        async with db.transaction() as tx:
            if not await tx.value(_TAKE, job.name, holder, LEASE):
                return False
    error = None
    try:
        await job.run(db)
    except Unavailable as busy:
        error = busy.detail
        _log.warning("job_postponed", job=job.name, reason=busy.detail)
    except Exception as failure:  # noqa: BLE001 -- recorded on its lease; it rings again
        error = f"{type(failure).__name__}: {failure}"[:500]
        _log.exception("job_failed", job=job.name)
    if job.alone:
        async with db.transaction() as tx:
            await tx.run(_SETTLE, job.name, holder, error)
    return True


_GIVE_BACK: Final = """
    UPDATE leases SET until = t.now FROM (SELECT clock_timestamp()) AS t (now)
     WHERE holder = $1 AND until > t.now
"""


class Metronome:
    """Rings every job at its own pace, in the process that started it."""

    def __init__(self, db: Database, jobs: Iterable[Job]) -> None:
        self._db = db
        self._holder = uuid4().hex
        self._bell = AsyncIOScheduler(timezone="UTC")
        self._answering: set[asyncio.Task[Any]] = set()
        self._is_over = False
        speed = db.clock.speed if isinstance(db.clock, ScaledClock) else 1.0
        for job in jobs:
            every = max(job.every / (speed if job.clock == "store" else 1.0), SHORTEST)
            self._bell.add_job(
                self._ring,
                "interval",
                seconds=every.total_seconds(),
                args=(job,),
                id=job.name,
                name=job.name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        self._bell.start()

    async def end(self, *others: asyncio.Task[Any]) -> None:
        """Ring no more; give what runs, and ``others``, a moment to end; cancel the rest.

        Leases are given back, or the next process would have to wait until they lapse. All of it
        is bounded, whatever a job or the database does: a job may still be hanging up politely.
        """
        self._is_over = True
        self._bell.pause()
        left = await _ended({*self._answering, *others}, FINISH)
        for task in left:
            task.cancel()
        left = await _ended(left, LET_GO)
        self._bell.shutdown(wait=False)
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(LET_GO.total_seconds()), self._db.transaction() as tx:
                await tx.run(_GIVE_BACK, self._holder)
        if left:
            self._db.pool.terminate()

    async def _ring(self, job: Job) -> None:
        task = asyncio.current_task()
        if self._is_over or task is None:
            return
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        try:
            await run_once(self._db, job, self._holder)
        except Unavailable as busy:
            _log.warning("job_postponed", job=job.name, reason=busy.detail)
        except asyncio.CancelledError:  # ends here: a scheduler would call it an error
            _log.info("job_stopped", job=job.name)


async def _ended(tasks: set[asyncio.Task[Any]], within: timedelta) -> set[asyncio.Task[Any]]:
    """Wait for tasks, but not for long; return those that have not ended."""
    if not tasks:
        return tasks
    return (await asyncio.wait(tasks, timeout=within.total_seconds()))[1]
