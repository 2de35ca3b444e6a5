"""The one door into this room: what it serves, and what it does on a clock. It hears no facts."""

from datetime import timedelta

from bopis.kernel.module import Job, Module
from inventory import holds
from inventory.router import router
from inventory.sources import cadence

module = Module(
    name="inventory",
    routers=(router,),
    jobs=(
        Job("inventory.holds", timedelta(minutes=1), holds.sweep),
        Job("inventory.cadence", timedelta(minutes=1), cadence.notice),
    ),
)
