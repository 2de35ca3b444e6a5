"""The one door into this room."""

from pathlib import Path

from bopis.kernel import pages
from bopis.kernel.module import Module
from bopis.ops import bagging_router, sign_in
from bopis.ops.crew import pages as crew
from bopis.ops.crew import router as crew_api
from bopis.ops.dead_letters import pages as dead_letters
from bopis.ops.dead_letters import router as dead_letters_api
from bopis.ops.feeds import pages as feeds
from bopis.ops.feeds import router as feeds_api
from bopis.ops.floor import pages as floor
from bopis.ops.floor import router as floor_api
from bopis.ops.goods import pages as goods
from bopis.ops.goods import router as goods_api
from bopis.ops.handhelds import pages as handhelds
from bopis.ops.handhelds import router as handhelds_api
from bopis.ops.hours import pages as hours
from bopis.ops.hours import router as hours_api
from bopis.ops.orders import calls, choosing
from bopis.ops.orders import pages as orders
from bopis.ops.orders import router as orders_api
from bopis.ops.today import pages as today
from bopis.ops.today import router as today_api
from bopis.ops.trust import gaps, report_page
from bopis.ops.trust import router as trust_api

pages.add_assets(Path(__file__).parent / "assets")
module = Module(
    name="ops",
    routers=(
        today_api.router,
        orders_api.router,
        choosing.api,
        goods_api.router,
        feeds_api.router,
        hours_api.router,
        floor_api.router,
        handhelds_api.router,
        crew_api.router,
        bagging_router.router,
        dead_letters_api.router,
        trust_api.router,
        sign_in.router,
        today.router,
        orders.router,
        calls.router,
        choosing.pages,
        goods.router,
        feeds.router,
        hours.router,
        floor.router,
        handhelds.router,
        crew.router,
        dead_letters.router,
        report_page.router,
        gaps.router,
    ),
)
