"""The one door into this room."""

from pathlib import Path

from bopis.kernel import pages
from bopis.kernel.module import Module
from bopis.ops.dashboard import router as dashboard
from bopis.ops.router import router
from bopis.ops.staff_router import router as staff

pages.add_assets(Path(__file__).parent / "assets")
module = Module(name="ops", routers=(router, staff, dashboard))
