"""A purchase in several stores: an order in each of them, all of them kept or none.

No transaction touches two stores. Each part is an order like any other, taken in by its own store,
but for one thing: until the purchase is decided it *awaits*. Nobody walks for it, and its shopper
hears nothing. The decision is one row in one store. Whatever has happened before, and whoever
dies when, each part that awaits asks that row: kept, or taken back (docs/adr/0007).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Conflict, NotFound, Problem, Unavailable
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import orders
from bopis.orders.events import OrderKept
from bopis.orders.models import Order
from bopis.orders.placing.asked import NewOrder, Outcome, Receipt, ReferenceReused
from bopis.orders.placing.basket_models import Basket, BasketId, BasketState
from bopis.orders.placing.intake import Intake
from bopis.orders.states import CancelReason
from bopis.promises.outlook import StoreNeverOpens

PATIENCE: Final = timedelta(seconds=30)
"""Store clock. A part that has awaited for so long has been forgotten by whoever sent it."""

ACTOR: Final = "job:orders.baskets"
_log = structlog.get_logger(__name__)


class BasketRefused(Conflict):
    title = "Not every store can take its part"


class BasketUnknown(NotFound):
    title = "There is no such basket"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a web shop wants from several stores.

    Shapes:
        parts: 2..n, each store once; what each is asked for, under the purchase's own reference.
    """

    channel: str
    reference: str
    fingerprint: str
    parts: Sequence[tuple[StoreId, NewOrder]]

    @property
    def home(self) -> StoreId:
        """The store in which it is written down: the same for the same stores in any order."""
        return min(store_id for store_id, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Taken:
    """A purchase that stands."""

    store_id: StoreId
    basket_id: BasketId
    receipts: Sequence[Receipt]


async def place(db: Database, intake: Intake, asked: Asked) -> Taken:
    """Have every store take its part, or none; asked again, the same answer.

    After a refusal the same reference is tried anew, as with any order.

    Raises:
        BasketRefused: A store cannot take its part. Nothing is kept.
        ReferenceReused: The reference belongs to another purchase.
        Unavailable: A store did not answer in time. Ask again: it goes on where it was.
    """
    actor = f"key:{asked.channel}"
    async with db.transaction(asked.home, actor=actor) as tx:
        basket = await begin(tx, asked)
    receipts: list[Receipt] = []
    refusal: tuple[StoreId, Problem] | None = None
    for store_id, part in parts(basket, asked):
        outcome = await _take(intake, store_id, part)
        if isinstance(outcome, Problem):
            refusal = store_id, outcome
            break
        receipts.append(outcome)
    wanted = BasketState.REFUSED if refusal else BasketState.ACCEPTED
    async with db.transaction(asked.home, actor=actor) as tx:
        decided = await decide(tx, asked.home, basket.id, wanted)
    for receipt in receipts:
        await settle(db, receipt.store_id, receipt.order_id, decided, actor=actor)
    if decided is BasketState.REFUSED:
        raise _refused(asked, refusal)
    if refusal:  # the same request beside this one was luckier, and has decided
        return await place(db, intake, asked)
    return Taken(asked.home, basket.id, receipts)


async def _take(intake: Intake, store_id: StoreId, part: NewOrder) -> Outcome:
    """Have one store take its part; what asking again could mend is no refusal.

    Raises:
        Unavailable: It did not answer in time.
    """
    try:
        outcome = await intake.place(store_id, part)
    except Problem as problem:
        outcome = problem
    if isinstance(outcome, Unavailable) and not isinstance(outcome, StoreNeverOpens):
        raise outcome
    return outcome


def parts(basket: Basket, asked: Asked) -> list[tuple[StoreId, NewOrder]]:
    """Return the orders that a purchase is made of, as their stores know them."""
    known = {one["store_id"]: one["reference"] for one in basket.stores}
    about = (basket.store_id, basket.id)
    return [
        (store_id, replace(part, reference=known[store_id], basket=about))
        for store_id, part in asked.parts
    ]


_BEGIN: Final = """
    INSERT INTO baskets (store_id, id, channel, reference, fingerprint, attempt, stores, begun_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (store_id, channel, reference) WHERE state <> 'refused' DO NOTHING
"""
_TRIED: Final = """
    SELECT count(*) FROM baskets
     WHERE store_id = $1 AND channel = $2 AND reference = $3 AND state = 'refused'
"""
_CURRENT: Final = """
    SELECT * FROM baskets
     WHERE store_id = $1 AND channel = $2 AND reference = $3 AND state <> 'refused'
"""


async def begin(tx: Tx, asked: Asked) -> Basket:
    """Write down what is wanted, or find it written down.

    Raises:
        ReferenceReused: The reference belongs to another purchase.
        Unavailable: It was decided at this very moment. Ask again.
    """
    name = (asked.home, asked.channel, asked.reference)
    attempt = 1 + await tx.value(_TRIED, *name)
    suffix = "" if attempt == 1 else f"/{attempt}"
    stores = [
        {"store_id": store_id, "reference": f"{asked.reference}/{store_id}{suffix}"}
        for store_id, _ in asked.parts
    ]
    await tx.run(
        _BEGIN,
        asked.home,
        tx.new_id(),
        asked.channel,
        asked.reference,
        asked.fingerprint,
        attempt,
        stores,
        tx.now,
    )
    row = await tx.row(_CURRENT, *name)
    if row is None:
        raise Unavailable("This basket was decided at this very moment. Ask again.")
    basket = Basket.of(row)
    if basket.fingerprint != asked.fingerprint:
        raise ReferenceReused(
            f"Reference {asked.reference} was used for another basket. Use a new one.",
            reference=asked.reference,
        )
    return basket


_DECIDE: Final = """
    UPDATE baskets SET state = $3, decided_at = $4
     WHERE store_id = $1 AND id = $2 AND state = 'open'
"""
_STATE: Final = "SELECT state FROM baskets WHERE store_id = $1 AND id = $2"


async def decide(
    tx: Tx, store_id: StoreId, basket_id: BasketId, wanted: BasketState
) -> BasketState:
    """Decide a purchase, once; return what was decided, by whomever."""
    await tx.run(_DECIDE, store_id, basket_id, wanted, tx.now)
    return BasketState(await tx.value(_STATE, store_id, basket_id))


_KEEP: Final = """
    UPDATE orders SET awaits_basket = false, version = version + 1
     WHERE store_id = $1 AND id = $2 AND awaits_basket AND closed_at IS NULL
    RETURNING version
"""


async def settle(
    db: Database, store_id: StoreId, order_id: OrderId, decided: BasketState, *, actor: str = ACTOR
) -> None:
    """Do with one part what was decided about all; doing it again changes nothing."""
    assert decided is not BasketState.OPEN
    async with db.transaction(store_id, actor=actor) as tx:
        if decided is BasketState.REFUSED:
            await orders.cancel(tx, store_id, order_id, reason=CancelReason.BASKET_INCOMPLETE)
            return
        version = await tx.value(_KEEP, store_id, order_id)
        if version is not None:
            await tx.emit(OrderKept(store_id=store_id, order_id=order_id, version=version))


def _refused(asked: Asked, refusal: tuple[StoreId, Problem] | None) -> BasketRefused:
    if refusal is None:  # it took so long that the watchdog has taken it back meanwhile
        return BasketRefused(
            "This took too long and was taken back. Nothing was ordered in any store; try again.",
            reference=asked.reference,
            parts=[],
        )
    store_id, problem = refusal
    body = problem.body()
    said = {key: body[key] for key in ("type", "detail", "lines", "skus") if key in body}
    return BasketRefused(
        f"Store {store_id} cannot take its part, so nothing was ordered in any store."
        f" {problem.detail}",
        reference=asked.reference,
        parts=[{"store_id": store_id, **said}],
    )


_GET: Final = "SELECT * FROM baskets WHERE store_id = $1 AND id = $2"
_PART: Final = """
    SELECT * FROM orders WHERE store_id = $1 AND channel = $2 AND reference = $3
"""


async def get(
    db: Database, store_id: StoreId, basket_id: BasketId, *, channel: str
) -> tuple[Basket, dict[StoreId, Order | None]]:
    """Return a purchase and its orders; a store that has none yet, or never took it, has None.

    Raises:
        BasketUnknown: This channel has none with this id in this store.
    """
    async with db.reading(store_id) as tx:
        row = await tx.row(_GET, store_id, basket_id)
    if row is None or row["channel"] != channel:
        raise BasketUnknown("No basket of yours has this id.")
    found: dict[StoreId, Order | None] = {}
    basket = Basket.of(row)
    for one in basket.stores:
        async with db.reading(one["store_id"]) as tx:
            part = await tx.row(_PART, one["store_id"], channel, one["reference"])
        found[one["store_id"]] = Order.of(part) if part else None
    return basket, found


_AWAITING: Final = """
    SELECT store_id, id, basket_store, basket_id FROM orders  /* fanout: watch */
     WHERE awaits_basket AND closed_at IS NULL AND accepted_at <= $1 AND basket_id IS NOT NULL
     ORDER BY accepted_at LIMIT 1000
"""


async def sweep(db: Database) -> int:
    """Settle the parts of which nobody has spoken for a while; return how many.

    A purchase that is still open is taken back: its shop has gone, or will ask again.
    """
    async with db.transaction(actor=ACTOR) as tx:
        rows = await tx.rows(_AWAITING, tx.now - PATIENCE)
    done = 0
    for row in rows:
        home, order_id = StoreId(row["basket_store"]), OrderId(row["id"])
        try:
            async with db.transaction(home, actor=ACTOR) as tx:
                decided = await decide(tx, home, row["basket_id"], BasketState.REFUSED)
            await settle(db, StoreId(row["store_id"]), order_id, decided)
            done += 1
        except Exception as error:  # noqa: BLE001 -- the others go on; this one awaits still
            _log.warning("basket_not_settled", order_id=order_id.hex, reason=_said(error))
    return done


def _said(error: Exception) -> Any:
    return error.detail if isinstance(error, Problem) else repr(error)
