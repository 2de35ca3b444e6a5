"""The day's report, as a page."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from bopis.kernel.http import Db
from bopis.ops import days, words
from bopis.ops.frame import around
from bopis.ops.sessions import SignedIn
from bopis.trust import report as reports

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/report")
async def report_page(
    request: Request,
    db: Db,
    session: SignedIn,
    day: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The day's report, from midnight to midnight at the store."""
    async with db.transaction() as tx:
        zone = await days.zone(tx, session.only_store)
        chosen = days.read(day) or words.local_day(tx.now, zone)
        since, until = await days.span(tx, session.only_store, chosen)
        report = await reports.measure(tx, since, until, only_store=session.only_store)
        frame = await around(tx, request, session)
    return frame.show(
        "ops/report.html",
        (),
        "",
        title=f"{chosen:%A, %B} {chosen.day}",
        lead=f"From midnight to midnight in {zone.rpartition('/')[2].replace('_', ' ')}.",
        day=chosen.isoformat(),
        parts_of_day=report.sections(),
        text=report.to_text(),
    )
