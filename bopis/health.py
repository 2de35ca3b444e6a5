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
    *cadence.GAUGES,
)

_head = cache(migrate.head)  # reads every migration

router = APIRouter(tags=["health"])


class ProcessNotReady(Unavailable):
    title = "This process cannot take requests"


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


@router.get("/metrics", response_class=PlainTextResponse, include_in_schema=False)
async def measured(db: Db) -> Response:
    return Response(
        await metrics.exposition(db, QUESTIONS),
        media_type="text/plain; version=1.0.0; charset=utf-8",
    )
