"""The one door into this room: what it serves, and what it does on a clock. It hears no facts."""

from datetime import timedelta

from bopis.kernel.module import Job, Module
from inventory.belief import beliefs
from inventory.belief import jobs as belief
from inventory.catalog.router import router as catalog
from inventory.feeds import quarantine
from inventory.feeds.quarantine_router import router as decisions
from inventory.layout import floors, sought
from inventory.layout.floor_router import router as plans
from inventory.looking import doubts
from inventory.router import router
from inventory.sources import cadence, fetching

module = Module(
    name="inventory",
    routers=(router, catalog, decisions, plans),
    jobs=(
        Job("inventory.holds", timedelta(minutes=1), doubts.sweep),
        Job("inventory.floors", timedelta(minutes=1), floors.lapse),
        Job("inventory.cadence", timedelta(minutes=1), cadence.notice),
        Job("inventory.feeds.batches", quarantine.EVERY, quarantine.tidy),
        # Each source has a lease of its own: one that hangs does not keep the others waiting.
        Job("inventory.fetch", timedelta(seconds=15), fetching.due, clock="machine", alone=False),
        Job("belief.listen", timedelta(minutes=10), belief.listen),
        Job("belief.nightly", timedelta(hours=4), belief.nightly),
        Job("belief.weekly", timedelta(hours=12), belief.weekly),
    ),
    hot=(sought.FIND_ONE, beliefs.LOOK, beliefs.KEEP),
)
