"""What stores could do for a basket, if it were ordered now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from associates.walking.walk import effort
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import Sku, StoreId, outward
from bopis.orders.answers import HoldOut, PromiseOut, QuoteLine, QuoteOut, RecordOut
from bopis.orders.choices.choice import confirm_by
from bopis.orders.placing import nearby, outlooks, ranking
from bopis.orders.placing.asked import unknown
from bopis.orders.placing.likely import CONFIRM_WITHIN
from bopis.orders.placing.nearby import View
from bopis.orders.placing.outlooks import StoreTakesNoOrders
from bopis.orders.placing.ranking import Candidate, Trial
from bopis.orders.schemas import LineIn, QuoteIn
from bopis.orders.telling import links
from bopis.promises import standings
from bopis.promises.outlook import Outlook, StoreNeverOpens
from bopis.promises.predictor import Took
from bopis.promises.standing import Standing
from inventory import holds, items, sellable, stores
from inventory.belief import beliefs
from inventory.belief.beliefs import Odds, Tier
from inventory.sellable import Availability
from inventory.sources import cadence
from notifications import sureness
from notifications.wording import Clock, old_list, spoken


async def quote(db: Database, store_id: StoreId, basket: QuoteIn) -> QuoteOut:
    """Return whether a store has a basket, by when it would be ready, and how old that news is.

    Raises:
        ItemsUnknown: An item is not in the catalogue, so no store can have it.
        StoreUnknown: There is no such store.
        StoreTakesNoOrders: It is switched off, or paused.
    """
    await _in_the_catalog(db, basket)
    outlook = await outlooks.of(db, store_id)
    async with db.transaction(store_id) as tx:
        return (await _seen(tx, outlook, basket.lines)).quote


async def _in_the_catalog(db: Database, basket: QuoteIn) -> None:
    skus = [line.sku for line in basket.lines]
    async with db.reading() as tx:
        names = await items.names(tx, skus)
    if missing := [sku for sku in skus if sku not in names]:
        raise unknown(missing)


async def near(
    db: Database, basket: QuoteIn, *, only_store: StoreId | None = None
) -> tuple[list[QuoteOut], Trial | None]:
    """Return what the best of the nearest stores could do, the one to offer first first.

    All of it is read in one round trip. Where fewer stores than asked for have all of it, the
    nearest of the others follow, and say what they lack.

    Raises:
        ItemsUnknown: An item is not in the catalogue, so no store can have it.
    """
    assert basket.near is not None
    place = (basket.near.latitude, basket.near.longitude)
    skus = [line.sku for line in basket.lines]
    async with db.reading() as tx:
        views, of_all = await nearby.seen_from(
            db, tx, place, skus, limit=ranking.CONSIDERED, only_store=only_store
        )
        seen = [one for view in views if (one := await _looked(view, of_all, basket)) is not None]
        now = tx.now
    able = {one.quote.store_id: one for one in seen if one.quote.promise is not None}
    ranked, trial = ranking.rank(
        [_candidate(one, now) for one in able.values()], _question(basket, now)
    )
    first = [
        able[one.candidate.store_id].quote.model_copy(update={"why": one.why}) for one in ranked
    ]
    others = [one.quote for one in seen if one.quote.promise is None]
    shown = [*first, *others][: min(basket.limit, ranking.SHOWN)]
    return shown, trial if trial is not None and shown[0].store_id == trial.first else None


def words(quotes: Sequence[QuoteOut]) -> str:
    """Return what is to be said of all of some quotes, where it is one thing."""
    if not quotes:
        return "No store near takes orders just now."
    if len(quotes) > 1 and all(one.stock_is_old for one in quotes):
        return (
            "None of these stores has told us its stock for longer than it should. What we say is"
            " by their last lists; somebody may find that it is gone."
        )
    return ""


def _question(basket: QuoteIn, now: datetime) -> bytes:
    """Return what makes this question this one: asked again within the hour, the same."""
    asked = basket.model_dump_json(include={"lines", "near"})
    return f"{asked} {now:%Y-%m-%dT%H}".encode()


async def _looked(view: View, of_all: Sequence[Took], basket: QuoteIn) -> "_Seen | None":
    """Return what a store could do; None: it takes no orders just now."""
    try:
        outlook = await outlooks.look(view.tx, view.store_id, of_all)
    except StoreTakesNoOrders:
        return None
    return await _seen(view.tx, outlook, basket.lines, distance_km=view.distance_km)


def _candidate(seen: "_Seen", now: datetime) -> Candidate:
    quoted = seen.quote
    promise = quoted.promise
    assert promise is not None
    return Candidate(
        store_id=quoted.store_id,
        standing=seen.standing,
        odds=tuple(
            odds.p_find if odds is not None and odds.is_calibrated else None
            for odds in (seen.odds.get(line.sku) for line in quoted.lines)
        ),
        distance_km=seen.quote.distance_km or 0.0,
        rho=seen.outlook.rho,
        wide=seen.outlook.wide(effort(line.wanted for line in quoted.lines)),
        wait=promise.latest - now,
    )


async def hold(db: Database, store_id: StoreId, basket: QuoteIn, owner: str) -> QuoteOut:
    """Keep a basket for a while and quote it; where not all of it can be had, only quote.

    Raises:
        ItemsUnknown: An item is not in the catalogue, so no store can have it.
        StoreUnknown: There is no such store.
        StoreTakesNoOrders: It is switched off, or paused.
        HoldsTooMany: The owner has asked too often, or holds too much already.
    """
    await _in_the_catalog(db, basket)
    outlook = await outlooks.of(db, store_id)
    wanted = {line.sku: line.quantity for line in basket.lines}
    async with db.transaction(store_id, actor=f"key:{owner}") as tx:
        kept = None
        if _promise(outlook, effort(wanted.values()), tx.now):  # else it could never be ordered
            until = tx.now + timedelta(minutes=basket.hold_minutes)
            taken = await holds.take(tx, store_id, wanted, until=until, owner=owner)
            if not isinstance(taken, list):
                kept = HoldOut(hold_id=outward(store_id, taken), expires_at=until)
        return (await _seen(tx, outlook, basket.lines, kept=kept)).quote


@dataclass(frozen=True, slots=True)
class _Seen:
    """A quote, and what it was made of."""

    quote: QuoteOut
    outlook: Outlook
    odds: Mapping[Sku, Odds]
    standing: Standing


async def _seen(
    tx: Tx,
    outlook: Outlook,
    wanted: Sequence[LineIn],
    *,
    distance_km: float | None = None,
    kept: HoldOut | None = None,
) -> _Seen:
    store = await stores.get(tx, outlook.store_id)
    asked = {line.sku: line.quantity for line in wanted}
    known = await sellable.availability(tx, store.store_id, list(asked))
    odds = await beliefs.odds(tx, store.store_id, asked)
    silence = await cadence.silent_for(tx, store.store_id)
    standing = await standings.one(tx, store.store_id)
    lines = [
        _line(line, known.get(line.sku), odds.get(line.sku), kept=kept is not None)
        for line in wanted
    ]
    units = effort(line.wanted for line in lines)
    certainty = max((line.certainty for line in lines), key=_WORSE.index)
    promise = _promise(outlook, units, tx.now) if certainty is not Tier.NOT_HERE else None
    sure_by = None
    if promise is not None and certainty is Tier.LIKELY:
        sure_by = confirm_by(outlook.calendar, tx.now, CONFIRM_WITHIN)
    ages = [line.as_of for line in lines]
    clock = Clock(outlook.calendar.zone, spoken("en"), tx.now)
    quoted = QuoteOut(
        store_id=store.store_id,
        name=store.name,
        distance_km=None if distance_km is None else round(distance_km, 2),
        can_be_had=promise is not None,
        promise=promise,
        certainty=certainty,
        confirm_by=sure_by,
        words=_words(certainty, promise, sure_by, clock),
        stock_is_old=silence is not None,
        stock_words=old_list(silence.last_as_of, clock) if silence else None,
        stock_as_of=None if None in ages else min(age for age in ages if age),
        lines=lines,
        hold=kept,
        record=_record(standing),
        record_words=standing.words,
    )
    return _Seen(quoted, outlook, odds, standing)


def _record(standing: Standing) -> RecordOut:
    return RecordOut(
        found=standing.found.ok,
        looked_for=standing.found.n,
        on_time=standing.on_time.ok,
        promised=standing.on_time.n,
        url=links.record_url(standing.store_id),
    )


_WORSE: Final = (Tier.AVAILABLE, Tier.LIKELY, Tier.NOT_HERE)


def _line(line: LineIn, known: Availability | None, odds: Odds | None, *, kept: bool) -> QuoteLine:
    free = known.available if known else 0
    available = line.quantity if kept else min(free, line.quantity)
    certainty = odds.tier if odds else Tier.AVAILABLE
    return QuoteLine(
        sku=line.sku,
        wanted=line.quantity,
        available=available,
        certainty=certainty if available == line.quantity else Tier.NOT_HERE,
        as_of=known.as_of if known else None,
    )


def _words(
    certainty: Tier, promise: PromiseOut | None, sure_by: datetime | None, clock: Clock
) -> str:
    """Return one sentence that a shop can show as it is."""
    if certainty is Tier.NOT_HERE:
        return "Not here: this store does not have all of it."
    if promise is None:
        return "This store does not open in the next weeks."
    if sure_by is not None:
        return (
            f"Likely there: we confirm by {clock.when(sure_by)}."
            f" If it is, ready {_span(promise, clock)}."
        )
    return f"Available: ready {_span(promise, clock)}."


def _span(promise: PromiseOut, clock: Clock) -> str:
    return sureness.span(promise.earliest, promise.latest, clock.when)


def _promise(outlook: Outlook, units: int, now: datetime) -> PromiseOut | None:
    try:
        offer = outlook.offer(units, now)
    except StoreNeverOpens:
        return None
    return PromiseOut.model_validate(offer, from_attributes=True)
