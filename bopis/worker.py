"""The metronome: runs every room's jobs and carries facts to those who hear them later.

As many processes as wanted may run it: a job's lease lets one of them answer, and the relay claims
its rows.
"""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

import structlog

from bopis import app as roof
from bopis.kernel import jobs, relay, stopping
from bopis.kernel.database import Database, is_there
from bopis.kernel.errors import Unavailable
from bopis.settings import Settings
from notifications.settings import NotificationSettings

IDLE: Final = timedelta(seconds=0.2)
DOWN: Final = timedelta(seconds=1)
_log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT. A database that is away for a while is waited for."""
    roof.configure(settings)
    roof.configure_sending(mail=NotificationSettings())
    stop = asyncio.Event()
    address = settings.database_url.get_secret_value()
    with stopping.heard(stop, alone=True):
        while not await is_there(address):
            _log.warning("worker_waits", reason="the database does not answer")
            if await _stopped(stop, DOWN):
                return
        async with Database.connect(
            address,
            clock=settings.store_clock,
            routes=roof.routes(),
            pool_size=settings.pool_size,
        ) as db:
            metronome = jobs.Metronome(db, roof.jobs())
            metronome.start()
            _log.info("worker_started")
            carrying = asyncio.create_task(carry(db, stop))
            await stop.wait()
            await metronome.end(carrying)
    _log.info("worker_stopped")


async def carry(db: Database, stop: asyncio.Event) -> None:
    """Deliver facts as they fall due, until asked to stop."""
    while not stop.is_set():
        pause = IDLE
        try:
            if await relay.drain(db, limit=500):
                pause = timedelta(0)
        except Unavailable as error:
            _log.warning("relay_waits", reason=error.detail)
            pause = DOWN
        except Exception:  # noqa: BLE001 - a bug in one batch must not silence every store
            _log.exception("relay_failed")
            pause = DOWN
        await _stopped(stop, pause)


async def _stopped(stop: asyncio.Event, within: timedelta) -> bool:
    """Wait a while, or until asked to stop; return whether that was asked."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), within.total_seconds())
    return stop.is_set()
