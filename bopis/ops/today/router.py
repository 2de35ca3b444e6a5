"""Today, for programs: what needs a person, the day so far, and the stores."""

from typing import Final

from fastapi import APIRouter

from bopis.kernel.http import Db, OpsKey
from bopis.ops import days
from bopis.ops.answers import Answer, shown
from bopis.ops.today import reads, troubles
from bopis.trust import report as reports

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


@router.get("/today")
async def today(db: Db, key: OpsKey) -> Answer:
    """What needs a person, the day so far, and the state of each store."""
    async with db.transaction() as tx:
        since, _ = await days.span(tx, key.only_store, None)
        return {
            "as_of": tx.now,
            "needs": shown(await troubles.listed(tx, key.only_store)),
            "report": await reports.lately(tx, since, only_store=key.only_store),
            "stores": await reads.stores(tx, key.only_store),
        }


@router.get("/stores")
async def stores_listed(db: Db, key: OpsKey) -> Answer:
    async with db.transaction() as tx:
        return {"stores": await reads.stores(tx, key.only_store)}
