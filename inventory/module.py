"""The one door into this room: what it serves, and what it does on a clock. It hears no facts."""

from bopis.kernel.module import Job, Module
from inventory import quarantine
from inventory.quarantine_router import router as decisions
from inventory.router import router

module = Module(
    name="inventory",
    routers=(router, decisions),
    jobs=(Job("feeds", every=quarantine.EVERY, run=quarantine.tidy),),
)
