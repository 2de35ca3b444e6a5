"""Where we broke our word: written down once, with how it is told, what it costs and who calls."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.amends import apology, credit, grants
from bopis.orders.amends.apology import Past, Said
from bopis.orders.amends.apology_models import Credit, OrderIncident
from bopis.orders.amends.credit import Incident
from bopis.orders.models import Order
from bopis.orders.telling import letters
from inventory import stores
from inventory.opening import hours
from notifications import recipients
from notifications.models import MessageKind


class CallUnknown(NotFound):
    title = "Nobody has to be called about this"


_WITHIN: Final = """
    SELECT order_id, said FROM incidents
     WHERE store_id = $1 AND opened_at > $2 ORDER BY opened_at DESC LIMIT 5000
"""


async def past(tx: Tx, order: Order) -> Past:
    """Return what an order's customer has met with before.

    In this store; what they met with in others the order was told (``tell_of_others``), or has
    brought along when it moved here.

    Who somebody is stands in one row an order and nowhere else: orders belong together where the
    address in those rows is the same. Whoever is forgotten has no past.
    """
    since = tx.now - timedelta(days=grants.policy().remember_days)
    rows = await tx.rows(_WITHIN, order.store_id, since)
    brought = order.met_before, order.sorry_before
    if not rows:
        return Past(brought[1], brought[1], brought[0])
    met = list({OrderId(row["order_id"]) for row in rows})
    theirs = await recipients.same_person(tx, order.store_id, order.id, met) | {order.id}
    said = [(row["order_id"], row["said"]) for row in rows if row["order_id"] in theirs]
    return Past(
        of_order=brought[1] + said.count((order.id, Said.APOLOGY)),
        of_customer=brought[1] + sum(how == Said.APOLOGY for _, how in said),
        elsewhere=brought[0] + sum(whose != order.id for whose, _ in said),
    )


Met = tuple[int, int]
"""Incidents, and apologies for them."""

_IN_OTHERS: Final = """
    SELECT lower(r.email) AS email, count(*)::int AS met,
           (count(*) FILTER (WHERE i.said = 'apology'))::int AS sorry
      FROM incidents AS i  /* fanout: watch */
      JOIN recipients AS r ON r.store_id = i.store_id AND r.order_id = i.order_id
     WHERE i.opened_at > $1 AND i.store_id <> $2 AND lower(r.email) = ANY($3::text[])
     GROUP BY lower(r.email)
"""


async def met_in_others(
    db: Database, store_id: StoreId, order_ids: Collection[OrderId]
) -> dict[OrderId, Met]:
    """Return what the customers of some orders have met with in the other stores of the chain.

    Caps and tiers are a customer's and not a store's. Asked once for all orders that a sweep of a
    store speaks for, before anything is locked: no transaction of one store may ask another.
    """
    async with db.transaction(store_id) as tx:
        known = await recipients.addresses(tx, store_id, order_ids)
    if not known:
        return {}
    async with db.transaction() as tx:
        since = tx.now - timedelta(days=grants.policy().remember_days)
        rows = await tx.rows(_IN_OTHERS, since, store_id, sorted(set(known.values())))
    met = {row["email"]: (row["met"], row["sorry"]) for row in rows}
    return {order_id: met[email] for order_id, email in known.items() if email in met}


_TELL: Final = """
    UPDATE orders SET met_before = GREATEST(met_before, $3),
                      sorry_before = GREATEST(sorry_before, $4)
     WHERE store_id = $1 AND id = $2 AND (met_before < $3 OR sorry_before < $4)
"""


async def tell_of_others(tx: Tx, store_id: StoreId, order_id: OrderId, met: Met) -> None:
    """Let an order know what its customer has met with in other stores."""
    if met != (0, 0):
        await tx.run(_TELL, store_id, order_id, *met)


_MET_WITH: Final = """
    SELECT count(*)::int AS met, (count(*) FILTER (WHERE said = 'apology'))::int AS sorry
      FROM incidents WHERE store_id = $1 AND order_id = $2
"""


async def met_with(tx: Tx, order: Order) -> tuple[int, int]:
    """Return what a moving order brings along: incidents, and apologies for them."""
    row = await tx.row(_MET_WITH, order.store_id, order.id)
    assert row is not None
    return order.met_before + row["met"], order.sorry_before + row["sorry"]


_FIRST: Final = "SELECT latest FROM promises WHERE store_id = $1 AND order_id = $2 AND version = 1"
_OPEN: Final = """
    INSERT INTO incidents (store_id, order_id, number, what, order_version, tier, said,
                           late_minutes, warned, opened_at, call_by)
    SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10
      FROM incidents WHERE store_id = $1 AND order_id = $2
    ON CONFLICT DO NOTHING
    RETURNING *
"""
_SAME: Final = """
    SELECT * FROM incidents
     WHERE store_id = $1 AND order_id = $2 AND what = $3 AND order_version = $4
"""


async def met(
    tx: Tx,
    order: Order,
    what: Incident,
    *,
    order_version: int,
    until: datetime | None = None,
    warned: bool = False,
) -> tuple[OrderIncident, Credit | None]:
    """Write down that we broke our word, once; return how to say so, and what is credited.

    The caller holds the order's lock. Told of the same fact again, it returns what it has.

    Shapes:
        order_version: the order's, when it happened: what tells one incident from another.
        until: when the order is, or will be, ready by what we now know.
    """
    policy = grants.policy()
    first = await tx.value(_FIRST, order.store_id, order.id)
    late = max(until - first, timedelta(0)) if until is not None else timedelta(0)
    known = await past(tx, order)
    tier = credit.tier(policy, what, late=late, warned=warned, again=known.again)
    said = apology.how(policy, what, tier, known, order.id)
    call = apology.needs_call(what, said)
    row = await tx.row(
        _OPEN,
        order.store_id,
        order.id,
        what,
        order_version,
        tier,
        said,
        late // timedelta(minutes=1),
        warned,
        tx.now,
        await call_by(tx, order.store_id) if call else None,
    )
    if row is None:
        again = await tx.row(_SAME, order.store_id, order.id, what, order_version)
        assert again is not None, "an incident without its order's lock"
        incident = OrderIncident.of(again)
        return incident, await grants.of_incident(tx, incident)
    incident = OrderIncident.of(row)
    return incident, await grants.grant(tx, order, incident)


async def call_by(tx: Tx, store_id: StoreId) -> datetime:
    """Return by when a person calls: so many minutes in which somebody is in the store."""
    within = timedelta(minutes=grants.policy().call_within_minutes)
    calendar = await stores.calendar(tx, store_id)
    return hours.add_open_time(calendar, tx.now, within) or tx.now + within


_ASKED: Final = """
    SELECT EXISTS (SELECT FROM incidents
                    WHERE store_id = $1 AND order_id = $2 AND what = 'late' AND call_by IS NOT NULL)
"""


async def ask_for_call(tx: Tx, order: Order) -> None:
    """Words are used up: somebody has to call, once, whatever else happens to the order.

    The caller holds the order's lock.
    """
    if await tx.value(_ASKED, order.store_id, order.id):
        return
    await tx.rows(
        _OPEN,
        order.store_id,
        order.id,
        Incident.LATE,
        order.version,
        credit.CreditTier.LONG,
        Said.PERSON,
        0,
        False,
        tx.now,
        await call_by(tx, order.store_id),
    )


_LAST: Final = """
    SELECT * FROM incidents
     WHERE store_id = $1 AND order_id = $2 AND what = $3 ORDER BY number DESC LIMIT 1
"""


async def last(tx: Tx, order: Order, what: Incident) -> OrderIncident | None:
    row = await tx.row(_LAST, order.store_id, order.id, what)
    return None if row is None else OrderIncident.of(row)


async def of_ready(tx: Tx, order: Order, told: datetime | None) -> tuple[bool, bool, Credit | None]:
    """Return how a *ready* speaks of the time that they had heard.

    Whoever was warned and is ready sooner hears that it is sooner than we feared. Whoever was not
    warned, because nobody could or because the warning did not leave in time, hears the apology
    now: an incident like any other.
    """
    assert order.ready_at is not None
    warning = await letters.last(tx, order, MessageKind.DELAY_APOLOGY)
    if told is None or order.ready_at <= told:
        return warning is not None, False, None
    known = await last(tx, order, Incident.LATE)
    if known is not None and (warning is None or warning.created_at < known.opened_at):
        return False, known.said is Said.APOLOGY, await grants.of_incident(tx, known)
    incident, credit = await met(
        tx, order, Incident.LATE, order_version=order.version, until=order.ready_at
    )
    return False, incident.said is Said.APOLOGY, credit


_WAITS: Final = """
    SELECT EXISTS (SELECT FROM incidents WHERE store_id = $1 AND order_id = $2
                      AND call_by IS NOT NULL AND called_at IS NULL)
"""


async def waits_for_call(tx: Tx, store_id: StoreId, order_id: OrderId) -> bool:
    return await tx.value(_WAITS, store_id, order_id)  # type: ignore[no-any-return]


_CALLED: Final = """
    UPDATE incidents SET called_at = $3, called_by = $4, call_note = $5
     WHERE store_id = $1 AND order_id = $2 AND call_by IS NOT NULL AND called_at IS NULL
"""


async def called(tx: Tx, store_id: StoreId, order_id: OrderId, *, note: str) -> None:
    """Write down that a person has called; one call answers for all that waits for one.

    Raises:
        CallUnknown: Nobody has to be called about this order, or somebody has been.
    """
    if not await tx.run(_CALLED, store_id, order_id, tx.now, tx.actor, note):
        raise CallUnknown("It has been done, or was never asked for. Look at the list again.")
