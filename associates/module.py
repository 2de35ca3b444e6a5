"""The one door into this room: what it hears, what it serves, what it does on a clock."""

from datetime import timedelta
from typing import Final

from associates import handlers, jobs
from associates.bagging import tote_sheet
from associates.counting import count_router
from associates.crew import about_router, roster_router
from associates.handheld import code_sheet, page, router
from associates.offline import log_router
from associates.picking import hands, quick, scanlog
from bopis.kernel.events import inline
from bopis.kernel.express import Shortcut
from bopis.kernel.module import Job, Module
from inventory.events import FloorChanged

module: Final = Module(
    name="associates",
    routers=(
        router.router,
        log_router.router,
        count_router.router,
        roster_router.router,
        about_router.router,
        page.router,
        code_sheet.router,
        tote_sheet.router,
    ),
    subscriptions=(inline(FloorChanged, handlers.plan_again),),
    jobs=(
        Job(
            "associates.leases",
            every=timedelta(seconds=30),
            run=jobs.release_leases,
            clock="machine",
        ),
        Job("associates.asks", every=timedelta(seconds=15), run=jobs.end_silence),
        Job("associates.counts", every=timedelta(hours=1), run=jobs.ask_for_counts),
        Job("associates.forget", every=timedelta(hours=1), run=jobs.forget, clock="machine"),
    ),
    shortcuts=(Shortcut("/v1/handheld/tasks/{task_id}/scans", quick.scan),),
    hot=(quick.LOCK, scanlog.WRITE, hands.TASKS),
)
