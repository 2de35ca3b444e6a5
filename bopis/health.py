"""What a monitor asks: are you alive, can you work, and how are you."""

import asyncio
from functools import cache
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from bopis import migrate
from bopis.kernel import metrics
from bopis.kernel.errors import Unavailable
from bopis.kernel.http import Db, problems
from bopis.kernel.metrics import GROUND, Question
from inventory.sources import cadence

QUESTIONS: Final = (
    *GROUND,
    Question(
        "bopis_orders_past_next_update",
        "Open orders whose shopper should have heard from us by now. Must be 0.",
        """
        SELECT count(*) AS value FROM orders  /* fanout: metrics */
         WHERE closed_at IS NULL AND next_update_due_at < $1
        """,
        clock="store",
    ),
    Question(
        "bopis_orders_open",
        "Open orders by state.",
        """
        SELECT state AS label, count(*) AS value FROM orders  /* fanout: metrics */
         WHERE closed_at IS NULL GROUP BY state
        """,
        label="state",
    ),
    Question(
        "bopis_watch_seconds_since_sweep",
        "Since the watchdog last looked at every open order; by the database's clock, not its own.",
        """
        SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - succeeded_at) FROM leases
                          WHERE name = 'orders.watch'), 'Infinity')::float8 AS value
        """,
    ),
    Question(
        "bopis_messages_waiting",
        "Messages that should have left by now.",
        """
        SELECT count(*) AS value FROM messages  /* fanout: metrics */
         WHERE state IN ('queued', 'sending') AND send_after <= $1
        """,
        clock="store",
    ),
    Question(
        "bopis_sender_seconds_since_success",
        "Since messages could last be sent, or there were none to send.",
        """
        SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - succeeded_at) FROM leases
                          WHERE name = 'notifications.send'), 'Infinity')::float8 AS value
        """,
    ),
    *cadence.GAUGES,
)

SWEPT_WITHIN: Final = 120
"""Seconds after which a watchdog that has not looked at every order is taken for dead."""

_WATCHED: Final = """
    SELECT (SELECT extract(epoch FROM clock_timestamp() - succeeded_at)::int FROM leases
             WHERE name = 'orders.watch') AS seconds,
           (SELECT count(*) FROM orders  /* fanout: metrics */
             WHERE closed_at IS NULL AND next_update_due_at < $1::timestamptz - interval '1 minute')
               AS overdue
"""

_head = cache(migrate.head)  # reads every migration

router = APIRouter(tags=["health"])


class ProcessNotReady(Unavailable):
    title = "This process cannot take requests"


class NobodyWatches(Unavailable):
    title = "Shoppers are not being spoken for"


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_class=PlainTextResponse)
async def alive() -> str:
    """Answer as long as the process turns its loop. Says nothing of the database."""
    return "ok"


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_class=PlainTextResponse, responses=problems(ProcessNotReady))
async def ready(request: Request, db: Db) -> str:
    """Answer 200 once the database answers and its schema is the one that this version expects."""
    stopping: asyncio.Event = request.app.state.stopping
    if stopping.is_set():
        raise ProcessNotReady("The process is ending.")
    async with db.transaction() as tx:
        found = await migrate.current(tx.connection)
    if found != (needed := _head()):
        raise ProcessNotReady(
            f"The schema is at {found or 'nothing'}, and this version needs {needed}. "
            f"Run `bopis migrate`."
        )
    return "ready"


@router.head("/healthz/watch", include_in_schema=False)
@router.get("/healthz/watch", response_class=PlainTextResponse, responses=problems(NobodyWatches))
async def watched(db: Db) -> str:
    """Answer 200 as long as every open order is looked at, and nobody is owed news.

    Asked of the orders themselves, so a watchdog that is dead cannot say that it is well.
    """
    async with db.transaction() as tx:
        row = await tx.row(_WATCHED, tx.now)
        assert row is not None
    seconds, overdue = row["seconds"], row["overdue"]
    if overdue:
        raise NobodyWatches(f"Customers who should have heard from us by now: {overdue}.")
    if seconds is None or seconds > SWEPT_WITHIN:
        last = "never" if seconds is None else f"{seconds} seconds ago"
        raise NobodyWatches(f"The watchdog last looked at every order {last}. Run `bopis work`.")
    return f"watched: every open order was looked at {seconds} seconds ago, and nobody is owed news"


@router.get("/metrics", response_class=PlainTextResponse, include_in_schema=False)
async def measured(db: Db) -> Response:
    return Response(
        await metrics.exposition(db, QUESTIONS),
        media_type="text/plain; version=1.0.0; charset=utf-8",
    )
