"""A morning on which a feed says that there is less than three shoppers were promised."""

from datetime import datetime

import httpx

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.bopis.ops.conftest import Key
from tests.journeys.day import MINUTE, OAT, RYE, Day, a_day, wanted


async def tell(
    day: Day,
    headers: dict[str, str],
    batch: str,
    as_of: datetime,
    rows: str,
    *,
    drain: bool = True,
    **query: str,
) -> httpx.Response:
    """Send a batch of the source ``pos``."""
    source = {"Content-Type": "text/csv", **headers}
    answer = await day.client.put(
        f"/v1/feeds/pos/batches/{batch}",
        params={"as_of": as_of.isoformat(), **query},
        content=f"store_id,sku,quantity\n{rows}",
        headers=source,
    )
    assert answer.status_code == 200, answer.text
    if drain:
        await day.settle()
    return answer


async def three_want_it(
    db: Database, client: httpx.AsyncClient, clock: ManualClock, key: Key
) -> tuple[Day, dict[str, str]]:
    """W-1 wants 2 and is picked, W-2 and W-3 want 2 and 3; then the feed says that 5 are there.

    So of 7 promised two are had; of the 3 that are left W-2 is served, and W-3 goes without.
    """
    day = await a_day(db, client, clock)
    roof.configure_sending(post=day.post)
    clock.advance(MINUTE)
    pos = await key(KeyKind.FEED, "pos")
    await tell(day, pos, "night", clock(), "S1,oat,40\nS1,rye,12\nS2,oat,9\n")
    await day.wait(MINUTE)
    first = await day.placed("W-1")
    await day.wait(MINUTE)
    await day.placed("W-2", lines=wanted(oat=2))
    await day.wait(MINUTE)
    await day.placed("W-3", lines=wanted(oat=3, jam=1))
    await day.handheld.pick(first["number"], OAT, OAT, RYE)
    await day.settle()
    await day.wait(2 * MINUTE)
    await tell(day, pos, "noon", clock(), "S1,oat,5\n")
    await day.wait(33 * MINUTE, step=3 * MINUTE)
    return day, pos
