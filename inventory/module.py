"""The one door into this room: what it serves. It hears no facts and does nothing on a clock."""

from bopis.kernel.module import Module
from inventory.router import router

module = Module(name="inventory", routers=(router,))
