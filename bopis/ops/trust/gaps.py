"""Where our word and what was so came apart: the audit that `bopis trust` prints, as a page."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from bopis.kernel.database import Database
from bopis.kernel.http import Db
from bopis.kernel.ids import StoreId
from bopis.ops import days, words
from bopis.ops.frame import around
from bopis.ops.sessions import SignedIn
from bopis.trust import audit_words, audits
from bopis.trust.audit import Audit, Finding
from bopis.trust.gap import WEIGHTS

router: Final = APIRouter(prefix="/ops", include_in_schema=False)


async def audited(db: Database, scope: StoreId | None) -> tuple[Audit, datetime]:
    """Return the audit of the 28 days that end with the last full hour, worked out once an hour."""
    until = db.clock().replace(minute=0, second=0, microsecond=0)
    known = db.memory.get(("audit", scope))
    if known is None or known[1] != until:
        found = await audits.run(db, until - audits.WINDOW, until, only_store=scope)
        known = db.memory["audit", scope] = (found, until)
    return known


@router.get("/trust")
async def trust_page(request: Request, db: Db, session: SignedIn) -> Response:
    """Up to three gaps between what was said and what was so, and what to do about each."""
    found, until = await audited(db, session.only_store)
    async with db.transaction() as tx:
        zone = await days.zone(tx, session.only_store)
        frame = await around(tx, request, session)
        at = words.clock(until, zone, tx.now)
        same_day = words.local_day(until, zone) == words.local_day(tx.now, zone)
    first = words.local_day(until - audits.WINDOW, zone)
    last = f"{at} today" if same_day else at
    return frame.show(
        "ops/trust.html",
        summary=audit_words.summary(found, plain=True),
        weights=WEIGHTS,
        lead=f"First promises due from {first:%B} {first.day} to {last}. Worked out once an hour.",
        orders=found.orders,
        findings=[_shown(one) for one in found.findings],
        passed=audit_words.passed(found),
        record=f"/stores/{quote(session.only_store)}/record"
        if session.only_store
        else "/stores/record",
    )


def _shown(one: Finding) -> dict[str, Any]:
    numbers = [example.rpartition(" ")[2] for example in one.examples]
    return {
        "says": one.says,
        "lines": audit_words.details(one, examples=False, plain=True),
        "examples": [
            (example, f"/ops/orders?show=all&q={quote(number)}")
            for example, number in zip(one.examples, numbers, strict=True)
        ],
    }
