"""The one door into this room: what it serves, and what it does on a clock. It hears nothing."""

from datetime import timedelta
from typing import Final

from associates import jobs, page, router
from bopis.kernel.module import Job, Module

module: Final = Module(
    name="associates",
    routers=(router.router, page.router),
    jobs=(
        Job(
            "associates.leases",
            every=timedelta(seconds=30),
            run=jobs.release_leases,
            clock="machine",
        ),
        Job("associates.forget", every=timedelta(hours=1), run=jobs.forget, clock="machine"),
    ),
)
