"""What a retailer may send of a store's floor: where its aisles are."""

from typing import Final

from fastapi import APIRouter, Request

from bopis.kernel.http import Db, FeedKey, problems
from inventory.feeds import intake
from inventory.feeds.intake import FileTooLarge, FileUnreadable, FormatUnknown
from inventory.layout import floor_files
from inventory.schemas import LoadedOut

router: Final = APIRouter(prefix="/v1", tags=["stock"])


@router.put("/floors", responses=problems(FileTooLarge, FileUnreadable, FormatUnknown))
async def put_floors(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write where aisles are: ``store_id``, ``kind``, ``name``, ``x``, ``y``, ``x2``, ``y2``; CSV
    or NDJSON.

    ``kind``: ``aisle`` or ``cross`` (an aisle across), a straight line from ``x``, ``y`` to ``x2``,
    ``y2``; or ``counter``, ``staging``, ``entrance``, ``backroom``, a point. In meters. An aisle is
    named as its sign is, with ``zone`` where two have the same name; ``first_bay`` and ``last_bay``
    are the numbers at its two ends, and ``one_way`` (yes or no) says that it is walked from the
    first end to the second only. A file replaces the floor of each store that it names; with one
    bad row in it, nothing is written.
    """  # noqa: D205 -- the list of columns is the summary
    form = intake.format_of(request.headers.get("content-type", ""))
    async with intake.received(request.stream(), form) as file:
        loaded = await floor_files.load(
            db, file, actor=f"key:{key.name}", only_store=key.only_store
        )
    return LoadedOut.of(loaded)
