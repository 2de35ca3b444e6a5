"""Live screens: what every handheld and the counter hear without asking again.

One stream a device. It carries who is here and where their bag is, a word that there is other work
now, and with each heartbeat the store's own time, so that a screen can say as of when it is true.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from associates.handheld import devices, page, wording
from associates.handheld.devices import Credentials, DeviceUnknown, Shown, SignedOut
from bopis.kernel import pages, speech, stream
from bopis.kernel.database import Database
from bopis.kernel.http import Db, problems
from bopis.kernel.hub import HubFull
from bopis.orders.counter import boards
from bopis.orders.counter.boards import Board, News, Screen, Watch
from inventory import stores

router: Final = APIRouter(tags=["handheld"])
_HERE: Final = Path(__file__).parents[1]
_STATIC: Final = _HERE / "static"
MODULES: Final = (
    "counter/counter.js",
    "handheld/element.js",
    "handheld/language.js",
    "handheld/stream.js",
    "handheld/words.js",
)
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-sent events, for as long as somebody listens",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
pages.add_assets(_STATIC)
_pages: Final = pages.Pages(_HERE / "templates")


@router.get("/counter", include_in_schema=False)
def counter_screen() -> HTMLResponse:
    """Return the screen for a counter. It holds nobody's data until its device has shown itself."""
    return _pages.render(
        "counter.html",
        import_map=page.imports(*MODULES),
        entry=pages.asset("counter/counter.js"),
    )


@router.get(
    "/v1/handheld/live",
    response_class=Response,
    responses=_EVENTS | problems(DeviceUnknown, SignedOut, HubFull),
)
async def live(shown: Shown, request: Request, db: Db) -> stream.EventStream:
    """Stream to a handheld: `guests` (who is here or coming), `work`, `floor`, `beat`.

    At `work` the list is read anew. `floor` is a mark: where it is another than the package's, an
    aisle is blocked, or free again, and the package is fetched anew. The first of each says how it
    is now. The stream ends when the associate signs out, and within five seconds of the device
    being revoked.
    """
    async with db.reading(shown.store_id, actor=shown.actor) as tx:
        await devices.holder(tx, shown)
        zone = ZoneInfo((await stores.get(tx, shown.store_id)).time_zone)
    news = _news(hub(request), db, shown, Screen.HANDHELD, zone)
    return stream.EventStream(news)


@router.get(
    "/v1/handheld/screen/live",
    response_class=Response,
    responses=_EVENTS | problems(DeviceUnknown, HubFull),
)
async def screen_live(shown: Shown, request: Request, db: Db) -> stream.EventStream:
    """Stream to a counter screen: `guests`, `bags` (what is ready, and where), `beat`.

    Nobody need be signed in, and nothing that it shows is enough to collect an order: first names
    and the ends of order numbers, never a code.
    """
    async with db.reading(shown.store_id, actor=shown.actor) as tx:
        await devices.check(tx, shown)
        zone = ZoneInfo((await stores.get(tx, shown.store_id)).time_zone)
    news = _news(hub(request), db, shown, Screen.COUNTER, zone)
    return stream.EventStream(news)


async def _news(
    board: Board, db: Database, shown: Credentials, screen: Screen, zone: ZoneInfo
) -> AsyncGenerator[bytes, None]:
    yield stream.HELLO
    session_id = shown.session_id if screen is Screen.HANDHELD else None
    who = (shown.device_id, session_id)
    before = News()
    watch = Watch(screen, speech.current().language)
    async with aclosing(board.listen(shown.store_id, watch, after=before, who=who)) as news:
        async for now in news:
            if now is None:
                yield stream.event("beat", data=_time(db, zone))
                continue
            for part in _changed(before, now):
                yield part
            before = now
            yield stream.event("beat", data=_time(db, zone))
    yield stream.BYE


def _changed(before: News, now: News) -> list[bytes]:
    """Return an event for each part that differs; of other work, no more than that there is."""
    found = [
        stream.event(name, data=getattr(now, name))
        for name in ("guests", "bags", "floor")
        if getattr(now, name) != getattr(before, name)
    ]
    return found + ([stream.event("work")] if now.work != before.work else [])


def _time(db: Database, zone: ZoneInfo) -> str:
    """Return the time of day in the store, as its screens say it."""
    now = db.clock()
    return wording.when(now, zone, now)


def hub(request: Request) -> Board:
    """Return this process's hub."""
    state = request.app.state
    if not hasattr(state, "board_hub"):
        state.board_hub = boards.made(state.db, stopping=state.stopping)
    found: Board = state.board_hub
    return found
