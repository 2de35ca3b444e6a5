"""The one door into this room: the pages a shopper opens."""

from bopis.kernel.module import Module
from bopis.shopper.collector_router import router as collector
from bopis.shopper.record_pages import router as records
from bopis.shopper.router import router

module = Module(name="shopper", routers=(router, collector, records))
