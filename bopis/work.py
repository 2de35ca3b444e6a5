"""The worker: carries facts, rings the jobs, and stops when it is asked to."""

import asyncio
import signal
from datetime import timedelta
from typing import Final

import structlog

from bopis import app as roof
from bopis.kernel import jobs, relay
from bopis.kernel.database import Database
from bopis.kernel.errors import Unavailable
from bopis.settings import Settings

IDLE: Final = timedelta(seconds=0.2)
"""How long a relay with nothing to carry waits before it looks again. Machine time."""
AFTER_TROUBLE: Final = timedelta(seconds=2)
_log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; then finish what is in hand, and return."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for word in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(word, stop.set)

    roof.configure(settings)
    async with Database.connect(
        settings.database_url.get_secret_value(),
        clock=settings.store_clock,
        routes=roof.routes(),
        pool_size=settings.pool_size,
    ) as db:
        bell = jobs.scheduler(db, roof.jobs())
        bell.start()
        carrier = asyncio.create_task(carry(db, stop))
        _log.info("worker_started", jobs=len(roof.jobs()))
        await stop.wait()
        bell.shutdown(wait=False)
        await asyncio.wait({carrier}, timeout=settings.drain_within.total_seconds())
        carrier.cancel()
        _log.info("worker_stopped")


async def carry(db: Database, stop: asyncio.Event) -> None:
    """Deliver facts until told to stop; a database that is away is waited for."""
    while not stop.is_set():
        pause = IDLE
        try:
            if await relay.drain(db, limit=1000):
                continue
        except Unavailable as trouble:
            _log.warning("relay_waits", reason=trouble.detail)
            pause = AFTER_TROUBLE
        try:
            await asyncio.wait_for(stop.wait(), pause.total_seconds())
        except TimeoutError:
            continue
