"""Pages about floors: what is blocked where, and how a store picks."""

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request, Response

from associates.picking import pickings
from associates.picking.picking import How, ShelfFirst
from bopis.kernel import speech
from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.http import Db
from bopis.kernel.ids import StoreId
from bopis.ops.floor import deeds, present
from bopis.ops.frame import Csv, Done, Text, around, to
from bopis.ops.scope import allow
from bopis.ops.sessions import Meant, SignedIn
from bopis.ops.views import Listing, Outcome, Rows
from inventory import stores
from inventory.layout import floors
from inventory.layout.floor import Block, Direction
from inventory.looking import write_off

router: Final = APIRouter(prefix="/ops/floor", include_in_schema=False)

Maybe = Annotated[str, Form(max_length=100)]


class AisleNotChosen(Invalid):
    title = "Choose an aisle of the list"


_STORES: Final = """
    SELECT s.store_id, s.name, coalesce(w.aisles, 0)::int AS aisles,
           coalesce(w.blocked, 0)::int AS blocked
      FROM stores AS s  /* fanout: ops */
      LEFT JOIN (SELECT store_id, count(*) FILTER (WHERE kind = 'aisle') AS aisles,
                        count(*) FILTER (WHERE blocked_reason IS NOT NULL
                           AND (blocked_until IS NULL OR blocked_until > $2)) AS blocked
                   FROM floor_ways GROUP BY store_id) AS w ON w.store_id = s.store_id
     WHERE s.is_active AND ($1::text IS NULL OR s.store_id = $1)
     ORDER BY s.name, s.store_id LIMIT 500
"""


async def _stores(tx: Tx, scope: StoreId | None) -> Rows:
    return [dict(row) for row in await tx.rows(_STORES, scope, tx.now)]


@router.get("")
async def floors_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        table = present.stores_table(await _stores(tx, session.only_store))
        frame = await around(tx, request, session)
    lead = "Choose a store to see its aisles, to block one, and to say what is scanned."
    page = Listing("Aisles", lead, (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/{store}")
async def floor_page(  # noqa: PLR0917 - FastAPI passes them by name
    store: str, request: Request, db: Db, session: SignedIn, csv: Csv = "", done: Done = ""
) -> Response:
    """One store: its map, what is blocked, and how it picks."""
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction() as tx:
        shop = await stores.get(tx, store_id)
        pickings.forget(tx, store_id)
        floor = await floors.of(tx, store_id)
        frame = await around(tx, request, session)
        page = present.page(
            store_id=store_id,
            title=f"Aisles of {shop.name}",
            floor=floor,
            how=await pickings.of(tx, store_id),
            language=await pickings.language(tx, store_id),
            cut_off=floors.unreached(floor) if floor else (),
            now=tx.now,
            zone=shop.time_zone,
            decided=await deeds.decided(tx, store_id),
            outcome=_DONE.get(done),
        )
    return frame.show("ops/floor.html", page.tables, csv, page=page)


_DONE: Final = {
    "blocked": Outcome(
        "The aisle is blocked. Walks that are under way lead round it now.", "amber"
    ),
    "free": Outcome("The aisle can be walked. Walks that are under way may lead through it now."),
    "picking": Outcome("The store picks so from now on."),
}


@router.post("/block")
async def block(  # noqa: PLR0917 - FastAPI passes them by name
    db: Db,
    session: Meant,
    store: Text,
    aisle: Text,
    direction: Annotated[Direction, Form()],
    reason: Text,
    bays: Maybe = "",
    until: Maybe = "",
) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    zone, name = _aisle(aisle)
    async with db.transaction(store_id, actor=session.actor) as tx:
        shop = await stores.get(tx, store_id)
        made = Block(reason, _until(until, shop.time_zone), floors.bays(bays), direction)
        await deeds.block(tx, store_id, name, made, zone=zone)
    return to(f"{_at(store_id)}?done=blocked")


@router.post("/free")
async def free(db: Db, session: Meant, store: Text, aisle: Text) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    zone, name = _aisle(aisle)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await stores.get(tx, store_id)
        await deeds.free(tx, store_id, name, zone=zone)
    return to(f"{_at(store_id)}?done=free")


@router.post("/picking")
async def picking(  # noqa: PLR0917 - FastAPI passes them by name
    db: Db,
    session: Meant,
    store: Text,
    shelf: Annotated[ShelfFirst, Form()],
    totes: Text,
    heavy: Text,
    alone: Annotated[int, Form(ge=0, le=1_000_000)] = write_off.ALONE,
    language: Annotated[str, Form(pattern=rf"^({'|'.join(speech.LANGUAGES)})?$")] = "",
) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await stores.get(tx, store_id)
        how = How(shelf, totes == "yes", heavy == "first", alone, language)
        await deeds.pick_so(tx, store_id, how)
    return to(f"{_at(store_id)}?done=picking")


def _at(store_id: StoreId) -> str:
    return f"/ops/floor/{quote(store_id, safe='')}"


def _aisle(text: str) -> tuple[str, str]:
    """Return the zone and the name of an aisle that a form names.

    Raises:
        AisleNotChosen: It names none.
    """
    zone, _, name = text.partition(" ")
    if not name:
        raise AisleNotChosen("Go back, and choose which aisle it is.")
    return unquote(zone), unquote(name)


def _until(text: str, zone: str) -> datetime | None:
    """Return the instant of a time that was typed by the store's clock; none: nobody knows.

    Raises:
        BlockImpossible: It is none.
    """
    try:
        return stores.instant(datetime.fromisoformat(text.strip()), zone) if text.strip() else None
    except ValueError:
        raise floors.BlockImpossible("Write the time as 2026-03-06T15:00.") from None
