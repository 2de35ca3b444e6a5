"""The one door into this room: what it serves, and what it does on a clock. It hears no facts."""

from datetime import timedelta

from bopis.kernel.module import Job, Module
from inventory.belief import jobs as belief
from inventory.router import router

module = Module(
    name="inventory",
    routers=(router,),
    jobs=(
        Job("belief.listen", every=timedelta(minutes=10), run=belief.listen),
        Job("belief.nightly", every=timedelta(hours=4), run=belief.nightly),
        Job("belief.weekly", every=timedelta(hours=12), run=belief.weekly),
    ),
)
