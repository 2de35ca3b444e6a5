"""The pages of store operations: each reads in one transaction; what changes things is a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from associates import devices
from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid, Problem
from bopis.kernel.http import Db
from bopis.kernel.ids import DeviceId, OrderId, StoreId
from bopis.kernel.keys import KeyKind, Keyring
from bopis.kernel.pages import Pages
from bopis.ops import actions, advice, explained, present, reads, sessions, troubles, views, words
from bopis.ops.scope import NotYours, allow, within
from bopis.ops.sessions import Meant, Session, SignedIn
from bopis.ops.views import Action, Ask, Listing, Table, Today, Viewer
from bopis.trust import report as reports
from inventory import stores

pages: Final = Pages(Path(__file__).parent / "templates")
pages.environment.filters["spark"] = views.spark
router = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)

_NAMES: Final = (
    ("/ops", "Today", ""),
    ("/ops/stores", "Stores", ""),
    ("/ops/orders", "Orders", ""),
    ("/ops/feeds", "Feeds", "feeds"),
    ("/ops/conflicts", "Conflicts", "conflicts"),
    ("/ops/dead-letters", "Dead letters", "dead_letters"),
    ("/ops/report", "Report", ""),
    ("/ops/devices", "Handhelds", ""),
)
_HEADERS: Final = {"Referrer-Policy": "same-origin"}
"""So that a form tells where it comes from: with no referrer at all, its Origin would be null."""

Text = Annotated[str, Form(max_length=300)]
Note = Annotated[str, Form(min_length=1, max_length=200)]
Csv = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page behind the sign-in shows around its own."""

    request: Request
    viewer: Viewer
    badges: dict[str, int]

    def show(self, template: str, tables: Sequence[Table], csv: str, **page: Any) -> Response:
        """Return the page, or one of its tables as a file."""
        for table in tables:
            if csv == table.name:
                name = f'attachment; filename="{table.name}.csv"'
                return Response(
                    table.as_csv(),
                    media_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": name},
                )
        query = self.request.url.query
        return pages.render(
            template,
            headers=_HEADERS,
            viewer=self.viewer,
            here=self.request.url.path + (f"?{query}" if query else ""),
            pages=[(path, title, self.badges.get(key, 0)) for path, title, key in _NAMES],
            **page,
        )


async def _frame(tx: Tx, request: Request, session: Session) -> Frame:
    scope = "All stores"
    if session.only_store is not None:
        scope = (await stores.get(tx, session.only_store)).name
    viewer = Viewer(name=session.name, scope=scope, token=session.token)
    return Frame(request, viewer, await reads.badges(tx, session.only_store))


@router.get("/sign-in")
async def sign_in_page(next: str = "/ops") -> Response:  # noqa: A002
    return _sign_in(next)


def _sign_in(next_: str, refused: str = "", status: int = 200) -> Response:
    return pages.render(
        "ops/sign_in.html",
        status=status,
        headers=_HEADERS,
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
    response = _to(sessions.safe_next(next))
    sessions.begin(request, response, found)
    return response


@router.post("/sign-out")
async def sign_out(session: Meant) -> Response:
    response = _to("/ops/sign-in")
    sessions.end(response)
    return response


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)


@router.get("")
async def today(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    """What needs a person first; then the day, the stores, and what is at risk."""
    scope = session.only_store
    async with db.transaction() as tx:
        zone = await reads.zone(tx, scope)
        since, _ = words.day_span(words.local_day(tx.now, zone), zone)
        needs = advice.needs(await troubles.listed(tx, scope))
        report = await reports.lately(tx, since, only_store=scope)
        figures = present.figures(report, await reads.hourly(tx, scope, since))
        known = present.stores_table(await reads.stores(tx, scope), tx.now)
        risky = await reads.orders(tx, scope, show="risk", since=since)
        at_risk = present.orders_table(
            risky,
            tx.now,
            name="risk",
            caption="Open orders that may not be ready by their time",
            why_empty="Every open order is expected before its time.",
        )
        frame = await _frame(tx, request, session)
        at = words.clock(tx.now, zone, tx.now)
    page = Today(words.headline(len(needs)), _as_of(at, zone), needs, figures, known, at_risk)
    return frame.show("ops/today.html", (known, at_risk), csv, page=page)


def _as_of(at: str, zone: str) -> str:
    return f"As of {at} in {zone.rpartition('/')[2].replace('_', ' ')}. It keeps itself up to date."


@router.get("/stores")
async def stores_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        table = present.stores_table(await reads.stores(tx, session.only_store), tx.now)
        frame = await _frame(tx, request, session)
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
        frame = await _frame(tx, request, session)
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
        frame = await _frame(tx, request, session)
    return frame.show("ops/order.html", (), "", page=page)


@router.get("/feeds")
async def feeds_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    scope = session.only_store
    async with db.transaction() as tx:
        zone = await reads.zone(tx, scope)
        rows = await reads.feeds(tx, scope)
        table = present.feeds_table(rows, zone, tx.now, details=scope is None)
        frame = await _frame(tx, request, session)
    page = Listing("Feeds", "What stock systems told us, and what we made of it.", (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/feeds/{source}/{batch_id}")
async def rejects_page(  # noqa: PLR0917 - as above
    source: str, batch_id: str, request: Request, db: Db, session: SignedIn, csv: Csv = ""
) -> Response:
    """The rows of a batch that we could not use; they may be of any store, so not for one alone."""
    if session.only_store is not None:
        raise NotYours("There is no such thing here.")
    async with db.transaction() as tx:
        table = present.rejects_table(await reads.rejects(tx, source, batch_id), batch_id)
        frame = await _frame(tx, request, session)
    page = Listing("Rejected rows", f"Sent by {source}. Good rows were not held up.", (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/conflicts")
async def conflicts_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        rows = await reads.conflicts(tx, session.only_store, open_only=False)
        table = present.conflicts_table(rows, tx.now)
        to_count = present.counts_table(await reads.counts(tx, session.only_store), tx.now)
        frame = await _frame(tx, request, session)
    lead = "If the smaller number is true, somebody loses."
    page = Listing("Conflicts and counts", lead, (table, to_count))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/dead-letters")
async def dead_letters_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        table = present.dead_letters_table(await reads.dead_letters(tx, session.only_store))
        frame = await _frame(tx, request, session)
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
        frame = await _frame(tx, request, session)
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
        table = present.devices_table(await reads.devices(tx, session.only_store), tx.now)
        known = [
            (store.store_id, store.name)
            for store in await stores.listed(tx)
            if session.only_store in {None, store.store_id}
        ]
        frame = await _frame(tx, request, session)
    make = Action(
        "Make a code", "/ops/devices/codes", asks=(Ask("store", "Store", known),), tone="go"
    )
    page = Listing(
        "Handhelds",
        "A new handheld joins with a code that works once, for 15 minutes.",
        (table,),
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
    return _to("/ops/devices")


@router.post("/conflicts/close")
async def close_conflict(
    db: Db,
    session: Meant,
    conflict: Text,
    note: Note,
    counted: Annotated[int | None, Form(ge=0, le=1_000_000)] = None,
) -> Response:
    store_id, id_ = within(session.only_store, conflict)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.close_conflict(tx, store_id, id_, note=note, counted=counted)
    return _to("/ops/conflicts")


@router.post("/counts")
async def enter_count(
    db: Db,
    session: Meant,
    request: Text,
    note: Note,
    counted: Annotated[int, Form(ge=0, le=1_000_000)],
) -> Response:
    store_id, id_ = within(session.only_store, request)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.enter_count(tx, store_id, id_, counted=counted, note=note)
    return _to("/ops/conflicts")


@router.post("/dead-letters/retry")
async def retry(db: Db, session: Meant, event: Text, subscriber: Text) -> Response:
    store_id, event_id = within(session.only_store, event)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.retry_dead_letter(tx, store_id, event_id, subscriber)
    return _to("/ops/dead-letters")


@router.post("/dead-letters/discard")
async def discard(db: Db, session: Meant, event: Text, subscriber: Text, note: Note) -> Response:
    store_id, event_id = within(session.only_store, event)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.discard_dead_letter(tx, store_id, event_id, subscriber, note=note)
    return _to("/ops/dead-letters")


@router.post("/orders/retract")
async def retract(db: Db, session: Meant, order: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, order)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.retract_ready(tx, store_id, OrderId(id_), note=note)
    return _to(f"/ops/orders/{order}")
