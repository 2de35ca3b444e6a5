"""What needs a person first; then the day, the stores, and what is at risk."""

from typing import Final

from fastapi import APIRouter, Request, Response

from bopis.kernel.http import Db
from bopis.ops import days, words
from bopis.ops.frame import Csv, around
from bopis.ops.orders.present import orders_table
from bopis.ops.orders.reads import orders
from bopis.ops.sessions import SignedIn
from bopis.ops.today import advice, overview, reads, troubles
from bopis.ops.views import Listing, Today
from bopis.trust import report as reports

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("")
async def today(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    """What needs a person first; then the day, the stores, and what is at risk."""
    scope = session.only_store
    async with db.transaction() as tx:
        zone = await days.zone(tx, scope)
        since, _ = words.day_span(words.local_day(tx.now, zone), zone)
        needs = advice.needs(await troubles.listed(tx, scope))
        report = await reports.lately(tx, since, only_store=scope)
        figures = overview.figures(report, await reads.hourly(tx, scope, since))
        known = overview.stores_table(await reads.stores(tx, scope), tx.now)
        risky = await orders(tx, scope, show="risk", since=since)
        at_risk = orders_table(
            risky,
            tx.now,
            name="risk",
            caption="Open orders that may not be ready by their time",
            why_empty="Every open order is expected before its time.",
        )
        frame = await around(tx, request, session)
        at = words.clock(tx.now, zone, tx.now)
    page = Today(words.headline(len(needs)), _as_of(at, zone), needs, figures, known, at_risk)
    return frame.show("ops/today.html", (known, at_risk), csv, page=page)


def _as_of(at: str, zone: str) -> str:
    return f"As of {at} in {zone.rpartition('/')[2].replace('_', ' ')}. It keeps itself up to date."


@router.get("/stores")
async def stores_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        table = overview.stores_table(await reads.stores(tx, session.only_store), tx.now)
        frame = await around(tx, request, session)
    page = Listing("Stores", "Those whose stock news is oldest come first.", (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)
