"""The pages of store operations: each reads in one transaction; what changes things is a form."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from associates.handheld import devices
from bopis.kernel.errors import Invalid, Problem
from bopis.kernel.http import Db
from bopis.kernel.ids import AssociateId, DeviceId, OrderId, StoreId
from bopis.kernel.keys import KeyKind, Keyring
from bopis.ops import (
    actions,
    advice,
    explained,
    overview,
    present,
    reads,
    sessions,
    staffing,
    troubles,
    views,
    words,
)
from bopis.ops.frame import HEADERS, Csv, Note, Text, around, pages, to
from bopis.ops.handhelds.present import signs_table
from bopis.ops.handhelds.reads import looked_over
from bopis.ops.scope import NotYours, allow, within
from bopis.ops.sessions import Meant, Session, SignedIn
from bopis.ops.views import Action, Ask, Listing, Today
from bopis.trust import report as reports
from inventory import stores

router = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/sign-in")
async def sign_in_page(next: str = "/ops") -> Response:  # noqa: A002
    return _sign_in(next)


def _sign_in(next_: str, refused: str = "", status: int = 200) -> Response:
    return pages.render(
        "ops/sign_in.html",
        status=status,
        headers=HEADERS,
        next=sessions.safe_next(next_),
        refused=refused,
    )


@router.post("/sign-in")
async def sign_in(request: Request, key: Text, next: Text = "/ops") -> Response:  # noqa: A002
    """Exchange a key for a cookie."""
    sessions.same_site(request)
    keyring: Keyring = request.app.state.keyring
    try:
        found = await keyring.find(key.strip())
    except Problem as problem:
        return _sign_in(next, problem.detail, problem.status)
    if found.kind is not KeyKind.OPS:
        return _sign_in(next, f"This key is for {found.kind}, not for operations.", 403)
    response = to(sessions.safe_next(next))
    sessions.begin(request, response, found)
    return response


@router.post("/sign-out")
async def sign_out(session: Meant) -> Response:
    response = to("/ops/sign-in")
    sessions.end(response)
    return response


@router.get("")
async def today(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    """What needs a person first; then the day, the stores, and what is at risk."""
    scope = session.only_store
    async with db.transaction() as tx:
        zone = await reads.zone(tx, scope)
        since, _ = words.day_span(words.local_day(tx.now, zone), zone)
        needs = advice.needs(await troubles.listed(tx, scope))
        report = await reports.lately(tx, since, only_store=scope)
        figures = overview.figures(report, await reads.hourly(tx, scope, since))
        known = overview.stores_table(await reads.stores(tx, scope), tx.now)
        risky = await reads.orders(tx, scope, show="risk", since=since)
        at_risk = present.orders_table(
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


@router.get("/orders")
async def orders_page(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    db: Db,
    session: SignedIn,
    show: Annotated[str, Query(max_length=20)] = "open",
    q: Annotated[str, Query(max_length=80)] = "",
    csv: Csv = "",
) -> Response:
    show = show if show in views.SHOWS else "open"
    async with db.transaction() as tx:
        zone = await reads.zone(tx, session.only_store)
        since, _ = words.day_span(words.local_day(tx.now, zone), zone)
        rows = await reads.orders(tx, session.only_store, show=show, since=since, find=q.strip())
        page = present.orders_page(rows, tx.now, show=show, find=q.strip())
        frame = await around(tx, request, session)
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/orders/{order_id}")
async def order_page(order_id: str, request: Request, db: Db, session: SignedIn) -> Response:
    """One order, explained."""
    store_id, id_ = within(session.only_store, order_id)
    async with db.transaction() as tx:
        found = await reads.order(tx, store_id, OrderId(id_))
        if found is None:
            raise NotYours("There is no such order.")
        page = explained.order_page(found, tx.now)
        frame = await around(tx, request, session)
    return frame.show("ops/order.html", (), "", page=page)


@router.get("/dead-letters")
async def dead_letters_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        table = present.dead_letters_table(await reads.dead_letters(tx, session.only_store))
        frame = await around(tx, request, session)
    lead = "A step that failed for good holds back its own order, and nobody else's."
    page = Listing("Dead letters", lead, (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/report")
async def report_page(
    request: Request,
    db: Db,
    session: SignedIn,
    day: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The day's report, from midnight to midnight at the store."""
    async with db.transaction() as tx:
        zone = await reads.zone(tx, session.only_store)
        chosen = _day(day) or words.local_day(tx.now, zone)
        since, until = words.day_span(chosen, zone)
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


class DayUnreadable(Invalid):
    title = "This is not a day"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DayUnreadable("Write the day as 2026-03-06.") from None


@router.get("/devices")
async def devices_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    return await _devices(request, db, session, csv=csv)


async def _devices(
    request: Request, db: Db, session: Session, *, csv: str = "", secret: str = ""
) -> Response:
    async with db.transaction() as tx:
        tables = (
            signs_table(await looked_over(tx, session.only_store), tx.now),
            staffing.devices_table(await reads.devices(tx, session.only_store), tx.now),
            staffing.cases_table(await reads.cases(tx, session.only_store), tx.now),
            staffing.associates_table(await reads.associates(tx, session.only_store), tx.now),
        )
        known = [
            (store.store_id, store.name)
            for store in await stores.listed(tx)
            if session.only_store in {None, store.store_id}
        ]
        frame = await around(tx, request, session)
    make = Action(
        "Make a code", "/ops/devices/codes", asks=(Ask("store", "Store", known),), tone="go"
    )
    page = Listing(
        "Handhelds and associates",
        "A new handheld joins with a code that works once, for 15 minutes.",
        tables,
        forms=(make,) if known else (),
        secret=secret,
    )
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.post("/devices/codes")
async def new_code(request: Request, db: Db, session: Meant, store: Text) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await stores.get(tx, store_id)
        code = await devices.new_code(tx, store_id)
    return await _devices(request, db, session, secret=code)


@router.post("/devices/revoke")
async def revoke(db: Db, session: Meant, device: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, device)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.revoke_device(tx, store_id, DeviceId(id_), note=note)
    return to("/ops/devices")


@router.post("/devices/looked")
async def look_at_cases(db: Db, session: Meant, device: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, device)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.look_at_cases(tx, store_id, DeviceId(id_), note=note)
    return to("/ops/devices")


@router.post("/associates/deactivate")
async def deactivate(db: Db, session: Meant, associate: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, associate)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.deactivate(tx, store_id, AssociateId(id_), note=note)
    return to("/ops/devices")


@router.post("/dead-letters/retry")
async def retry(db: Db, session: Meant, event: Text, subscriber: Text) -> Response:
    store_id, event_id = within(session.only_store, event)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.retry_dead_letter(tx, store_id, event_id, subscriber)
    return to("/ops/dead-letters")


@router.post("/dead-letters/discard")
async def discard(db: Db, session: Meant, event: Text, subscriber: Text, note: Note) -> Response:
    store_id, event_id = within(session.only_store, event)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.discard_dead_letter(tx, store_id, event_id, subscriber, note=note)
    return to("/ops/dead-letters")


@router.post("/orders/retract")
async def retract(db: Db, session: Meant, order: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, order)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.retract_ready(tx, store_id, OrderId(id_), note=note)
    return to(f"/ops/orders/{order}")
