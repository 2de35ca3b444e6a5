"""What a store's planning system may send: how many people are planned, and when."""

from typing import Final

from fastapi import APIRouter, Request

from associates.crew import rosters
from bopis.kernel.http import Db, FeedKey, problems
from inventory.feeds import intake
from inventory.feeds.intake import FileTooLarge, FileUnreadable, FormatUnknown
from inventory.schemas import LoadedOut

router: Final = APIRouter(prefix="/v1", tags=["stock"])


@router.put("/shifts", responses=problems(FileTooLarge, FileUnreadable, FormatUnknown))
async def put_shifts(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write who is planned: ``store_id``, ``begins``, ``ends``, ``people``; CSV or NDJSON.

    Times without a zone are read off the store's wall. Rows that overlap add up. A file replaces
    what was planned for the dates, by a row's beginning, that it names in each store; a row of 0
    people says that nobody is. Without any plan, promises go by who is signed in.
    """
    form = intake.format_of(request.headers.get("content-type", ""))
    async with intake.received(request.stream(), form) as file:
        loaded = await rosters.load(db, file, actor=f"key:{key.name}", only_store=key.only_store)
    return LoadedOut.of(loaded)
