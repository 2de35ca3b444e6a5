"""The one door into this room."""

from pathlib import Path

from bopis.kernel import pages
from bopis.kernel.module import Module
from bopis.ops.bagging_router import router as bagging
from bopis.ops.calls import router as calls
from bopis.ops.choosing import api as choosing_api
from bopis.ops.choosing import pages as choosing
from bopis.ops.dashboard import router as dashboard
from bopis.ops.disputes import api as disputes_api
from bopis.ops.disputes import pages as disputes
from bopis.ops.feeds.pages import router as feeds
from bopis.ops.feeds.router import router as feeds_api
from bopis.ops.floor.pages import router as floor
from bopis.ops.floor.router import router as floor_api
from bopis.ops.gaps import router as gaps
from bopis.ops.goods.pages import router as goods
from bopis.ops.goods.router import router as goods_api
from bopis.ops.handhelds.pages import router as handhelds
from bopis.ops.handhelds.router import router as handhelds_api
from bopis.ops.hours.pages import router as hours
from bopis.ops.hours.router import router as hours_api
from bopis.ops.record_router import router as record_api
from bopis.ops.router import router
from bopis.ops.staff_router import router as staff

pages.add_assets(Path(__file__).parent / "assets")
module = Module(
    name="ops",
    routers=(
        router,
        goods_api,
        feeds_api,
        hours_api,
        record_api,
        staff,
        bagging,
        floor_api,
        handhelds_api,
        choosing_api,
        disputes_api,
        dashboard,
        calls,
        choosing,
        gaps,
        disputes,
        goods,
        feeds,
        hours,
        floor,
        handhelds,
    ),
)
