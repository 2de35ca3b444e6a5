"""What a stock system says of stores, items and where they lie: files, in bulk."""

from typing import Final

from fastapi import APIRouter, Request

from bopis.kernel.http import Db, FeedKey, problems
from bopis.kernel.keys import ApiKey
from inventory.catalog import loading
from inventory.catalog.bulk import Catalog
from inventory.feeds import intake
from inventory.feeds.intake import FileTooLarge, FileUnreadable, FormatUnknown
from inventory.router import NotYourSource, form_of
from inventory.schemas import LoadedOut

router: Final = APIRouter(prefix="/v1", tags=["stock"])
_FILE_PROBLEMS: Final = (FileTooLarge, FileUnreadable, FormatUnknown, NotYourSource)


@router.put("/stores", responses=problems(*_FILE_PROBLEMS))
async def put_stores(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write stores: ``store_id``, ``name``, ``time_zone``, and of the rest what the file has.

    ``hours``: ``Mon-Fri 09:00-21:00; Sat 09:00-12:00, 13:00-18:00; Sun closed``.
    ``exceptions``: ``2026-12-24 09:00-13:00; 2026-12-25 closed``. ``staging``: ``A1=Shelf A; A2``.
    ``pickup_hours`` and ``pickup_exceptions``, as those two: when orders are handed out, where that
    is not simply while the store is open. ``slots``: ``Mon-Fri 09:00-21:00 12 per 60 min``, how
    many orders a stretch of the day holds; without it, any number.
    """
    return await _load(request, key, db, Catalog.STORES)


@router.put("/items", responses=problems(*_FILE_PROBLEMS))
async def put_items(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write items: ``sku``, ``name``, ``size``, ``department``, ``gtins``.

    ``gtins``: ``4006381333931; 14006381333938*12`` (a case of twelve).
    """
    if key.only_store is not None:
        raise NotYourSource("Items are the same in all stores; this key is for one store.")
    return await _load(request, key, db, Catalog.ITEMS)


@router.put("/locations", responses=problems(*_FILE_PROBLEMS))
async def put_locations(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write where items are: ``store_id``, ``sku``, zone, ``aisle``, bay, shelf, kind, label.

    A file is the plan of the items that it names: it replaces their plan, and keeps what hands have
    learned. ``kind``: shelf, backroom or display. ``label``: the code on the place's own label.
    """
    return await _load(request, key, db, Catalog.LOCATIONS)


async def _load(request: Request, key: ApiKey, db: Db, kind: Catalog) -> LoadedOut:
    form = form_of(request)
    async with intake.received(request.stream(), form) as file:
        loaded = await loading.load(
            db, kind, file, actor=f"key:{key.name}", only_store=key.only_store
        )
    return LoadedOut.of(loaded)
