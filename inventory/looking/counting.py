"""Counts that somebody should make: asked for, taken on, done.

A count is asked for when a pick failed, when a shelf and its record disagree, and for what is much
wanted and by its record nearly gone. Each takes a minute, and belongs to the shift it was asked in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import Sku, StoreId
from inventory import stock, stores
from inventory.looking import conflicts, doubts, write_off
from inventory.looking.write_off import First, Look, Word
from inventory.models import CountPriority, CountRequest
from inventory.opening import hours

LEASE: Final = timedelta(minutes=5)
"""For how long a count stays with somebody of whom nothing is heard."""
SHOWN: Final = 20
NEAR: Final = 3
"""Units by which a count may differ from the record before we ask for a second one."""
_SHARE: Final = 0.25
"""The same as a share of the larger of the two."""


class CountGone(NotFound):
    title = "There is nothing to count here"


@dataclass(frozen=True, slots=True)
class CountTask:
    """One thing to count.

    Units:
        due_at: store clock; None: somebody in store operations asked, and said no time.
        claimed_until: machine clock.
    """

    id: UUID
    sku: Sku
    name: str
    reason: str
    priority: CountPriority
    opened_at: datetime
    due_at: datetime | None
    claimed_by: UUID | None
    claimed_until: datetime | None
    first_count: int | None
    first_by: UUID | None

    def held_by_other(self, who: UUID) -> bool:
        is_held = self.claimed_until is not None and self.claimed_until > machine_clock()
        return is_held and self.claimed_by != who


_LISTED: Final = """
    SELECT c.id, c.sku, coalesce(i.name, c.sku) AS name, c.reason, c.priority, c.opened_at,
           c.due_at, c.claimed_by, c.claimed_until, c.first_count, c.first_by
      FROM count_requests AS c LEFT JOIN items AS i ON i.sku = c.sku
     WHERE c.store_id = $1 AND c.done_at IS NULL AND ($2::uuid IS NULL OR c.id = $2)
     ORDER BY c.priority, c.due_at NULLS LAST, c.opened_at, c.id
     LIMIT $3
"""


async def listed(tx: Tx, store_id: StoreId, *, limit: int = SHOWN) -> list[CountTask]:
    """Return what is to be counted: failed picks first, then low record and high demand."""
    return [_task(*row.values()) for row in await tx.rows(_LISTED, store_id, None, limit)]


async def get(tx: Tx, store_id: StoreId, request_id: UUID) -> CountTask | None:
    """Return one count that is still to be made; None: it was made, or taken back."""
    row = await tx.row(_LISTED, store_id, request_id, 1)
    return None if row is None else _task(*row.values())


def _task(
    request_id: UUID, sku: str, name: str, reason: str, priority: int, *rest: datetime | None
) -> CountTask:
    # The rest comes as it was asked for, one line above.
    return CountTask(request_id, Sku(sku), name, reason, CountPriority(priority), *rest)  # type: ignore[arg-type]


_LOCK: Final = "SELECT * FROM count_requests WHERE store_id = $1 AND id = $2 FOR UPDATE"
_LEAVE: Final = """
    UPDATE count_requests SET claimed_by = NULL, claimed_until = NULL
     WHERE store_id = $1 AND claimed_by = $2 AND done_at IS NULL AND id <> $3
"""
_CLAIM: Final = """
    UPDATE count_requests SET claimed_by = $3, claimed_until = $4 WHERE store_id = $1 AND id = $2
"""


async def claim(tx: Tx, store_id: StoreId, request_id: UUID, who: UUID) -> UUID | None:
    """Take a count on, and leave any other; return who else has it, or None.

    Raises:
        CountGone: It was made meanwhile, or there never was one.
    """
    request = await _lock(tx, store_id, request_id)
    if request.done_at is not None:
        raise CountGone("This has been counted. Go back to the list.")
    is_held = request.claimed_until is not None and request.claimed_until > machine_clock()
    if is_held and request.claimed_by != who:
        return request.claimed_by
    await tx.run(_LEAVE, store_id, who, request_id)
    await tx.run(_CLAIM, store_id, request_id, who, machine_clock() + LEASE)
    return None


async def _lock(tx: Tx, store_id: StoreId, request_id: UUID) -> CountRequest:
    row = await tx.row(_LOCK, store_id, request_id)
    if row is None:
        raise CountGone("There is no such count in this store. Go back to the list.")
    return CountRequest.of(row)


class Verdict(StrEnum):
    TAKEN = "taken"
    AGAIN = "again"  # far from the record: whoever counts next is believed
    SECOND = "second"  # much would be written off: another person has to count it
    SAME = "same"  # that other person was the same one
    GONE = "gone"  # counted meanwhile


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a count; ``record``: what we believed to be on shelf and in the back room."""

    verdict: Verdict
    record: int


_SKU: Final = "SELECT sku FROM count_requests WHERE store_id = $1 AND id = $2"
_STOCK: Final = """
    SELECT on_hand, unsellable FROM stock WHERE store_id = $1 AND sku = $2 FOR UPDATE
"""
_LOOKS: Final = """
    SELECT sku, on_hand, kind <> 'count' OR note = $4 AS by_one FROM stock_ledger
     WHERE store_id = $1 AND sku = ANY ($2::text[]) AND effective_at > $3
       AND (kind IN ('count', 'short') OR (kind IN ('adjust', 'compensate') AND cause IS NOT NULL))
     ORDER BY effective_at, id LIMIT 1000
"""


async def off(tx: Tx, store_id: StoreId, skus: Collection[Sku]) -> dict[Sku, int]:
    """Return how much of each item single words took off the record lately, by whichever door."""
    since = tx.now - write_off.WINDOW
    said: dict[Sku, list[Look]] = {sku: [] for sku in skus}
    for row in await tx.rows(_LOOKS, store_id, list(skus), since, write_off.BY_ONE):
        said[Sku(row["sku"])].append(Look(row["on_hand"], row["by_one"]))
    return {sku: write_off.gone(looks) for sku, looks in said.items()}


_FIRST: Final = """
    UPDATE count_requests SET first_count = $3, first_by = $4 WHERE store_id = $1 AND id = $2
"""


async def done(
    tx: Tx,
    store_id: StoreId,
    request_id: UUID,
    counted: int,
    *,
    source: str,
    away: int = 0,
    by: UUID | None = None,
    alone: int = write_off.ALONE,
) -> Counted:
    """Take in what somebody counted; believed at once if it is near the record, else the next time.

    Shapes:
        by: who counted; None: store operations. What takes more than ``alone`` units off the record
            is believed when two people have counted it.

    Units:
        counted: on the shelf and in the back room. What is set aside as damaged, or waits to be put
            back, is left out, and added here.
        away: picked or staged, of all orders: left out too, and known to whoever calls.

    Raises:
        CountGone: This store has no such request.
    """
    assert counted >= 0 <= away
    sku = await tx.value(_SKU, store_id, request_id)
    if sku is None:
        raise CountGone("There is no such count in this store. Go back to the list.")
    row = await tx.row(_STOCK, store_id, sku)  # stock before its requests, as everywhere
    request = await _lock(tx, store_id, request_id)
    aside = row["unsellable"] if row else 0
    record = max((row["on_hand"] if row else 0) - aside - away, 0)
    if request.done_at is not None:
        return Counted(Verdict.GONE, record)
    first = First(request.first_by, request.first_count)
    gone = (await off(tx, store_id, [sku]))[sku] if by is not None else 0
    match write_off.judge(counted, record, first, by, alone, gone):
        case Word.SAME:
            await tx.run(_CLAIM, store_id, request_id, None, None)
            return Counted(Verdict.SAME, record)
        case Word.SECOND:
            await tx.run(_FIRST, store_id, request_id, counted, by)
            await tx.run(_CLAIM, store_id, request_id, None, None)
            await doubts.raised(tx, store_id, Sku(sku), request_id, record - counted)
            return Counted(Verdict.SECOND, record)
        case Word.ENOUGH:
            pass
    if request.first_count is None and is_far(counted, record):
        await tx.run(_FIRST, store_id, request_id, counted, request.first_by)
        return Counted(Verdict.AGAIN, record)
    is_alone = by is not None and first.by in {None, by}
    await stock.count(
        tx,
        store_id,
        Sku(sku),
        counted + aside + away,
        cause=request_id,
        source=source,
        note=write_off.BY_ONE if is_alone else "",
    )
    return Counted(Verdict.TAKEN, record)


def is_far(counted: int, record: int) -> bool:
    """Say whether a count differs so much that a second look costs less than a wrong number."""
    apart = abs(counted - record)
    return apart > NEAR and apart > _SHARE * max(counted, record)


_BY_ANOTHER: Final = """
    UPDATE count_requests SET first_by = $3, first_count = NULL
     WHERE store_id = $1 AND sku = $2 AND done_at IS NULL
"""


async def taken_off(tx: Tx, store_id: StoreId, sku: Sku, who: UUID, alone: int) -> None:
    """Let somebody else than ``who``, by whose word some was just taken off, count the item.

    That is, if it is more by now than single words may take.
    """
    if (await off(tx, store_id, [sku]))[sku] > alone:
        await tx.run(_BY_ANOTHER, store_id, sku, who)


_WITHDRAW: Final = """
    UPDATE count_requests SET done_at = $3
     WHERE store_id = $1 AND cause = $2 AND done_at IS NULL AND first_count IS NULL
"""


async def withdraw(tx: Tx, store_id: StoreId, cause: UUID) -> None:
    """Take back what was asked for because of a scan that was taken back.

    Not what somebody has counted meanwhile and found otherwise than the record has it.
    """
    await tx.run(_WITHDRAW, store_id, cause, tx.now)


ASK_AT: Final = 2
"""Units left by the record at which it is worth asking whether the shelf is empty."""
ASKED_ENOUGH: Final = timedelta(hours=4)
"""After a count nobody is asked about that shelf for so long."""

_LEFT: Final = """
    SELECT on_hand - unsellable AS there,
           coalesce(counted_at > $3, false)
           OR EXISTS (SELECT FROM count_requests AS c
                       WHERE c.store_id = $1 AND c.sku = $2 AND c.done_at IS NULL) AS is_known
      FROM stock WHERE store_id = $1 AND sku = $2
"""


@dataclass(frozen=True, slots=True)
class Left:
    """What the record leaves on shelf and in the back room; may be below zero."""

    units: int
    is_worth_asking: bool
    """By the record it is now empty or nearly so, nobody has counted lately, nobody is about to."""


async def left(tx: Tx, store_id: StoreId, sku: Sku, *, away: int) -> Left | None:
    """Return what should be left of an item; None: this store never had it."""
    row = await tx.row(_LEFT, store_id, sku, tx.now - ASKED_ENOUGH)
    if row is None:
        return None
    units = row["there"] - away
    return Left(units, units <= ASK_AT and not row["is_known"])


_LEFT_OF: Final = """
    SELECT s.sku, s.on_hand - s.unsellable AS there, s.reserved,
           coalesce(s.counted_at > $3, false)
           OR EXISTS (SELECT FROM count_requests AS c
                       WHERE c.store_id = $1 AND c.sku = s.sku AND c.done_at IS NULL) AS is_known
      FROM stock AS s WHERE s.store_id = $1 AND s.sku = ANY ($2::text[])
"""


@dataclass(frozen=True, slots=True)
class Record:
    units: int
    promised: int
    """Units that are promised, and were not picked yet."""
    is_unknown: bool
    """Nobody has counted lately, nobody is about to: worth asking, once there are few."""


async def left_of(tx: Tx, store_id: StoreId, away: Mapping[Sku, int]) -> dict[Sku, Record]:
    """Return the same as ``left`` of several items, for whoever asks later without us."""
    since = tx.now - ASKED_ENOUGH
    return {
        Sku(row["sku"]): Record(
            row["there"] - away[row["sku"]],
            row["reserved"] - away[row["sku"]],
            not row["is_known"],
        )
        for row in await tx.rows(_LEFT_OF, store_id, list(away), since)
    }


async def shelf_checked(
    tx: Tx, store_id: StoreId, sku: Sku, *, empty: bool, record: int, cause: UUID
) -> bool:
    """Compare a shelf with its record; ask for a count if they disagree, and return whether so."""
    if empty == (record <= 0):
        return False
    reason = "shelf_empty" if empty else "shelf_not_empty"
    await conflicts.request_count(tx, store_id, sku, reason, CountPriority.DOUBT, cause=cause)
    return True


LOW: Final = 3
"""Units left to sell, by the record, that are few."""
DEMAND_OVER: Final = timedelta(days=14)
AGAIN_AFTER: Final = timedelta(days=3)
"""What was counted, or asked for, is not asked for again for so long."""
A_DAY: Final = 12
"""Counts of this kind that one store is asked for on one day of its own."""
AT_ONCE: Final = 3
"""How many of them may be open: counting must not crowd out picking."""

_OPENED: Final = """
    SELECT count(*) FILTER (WHERE done_at IS NULL) AS open,
           count(*) FILTER (WHERE opened_at >= $2 AND priority = $3) AS today
      FROM count_requests
     WHERE store_id = $1 AND (done_at IS NULL OR opened_at >= $2)
"""
_SUGGEST: Final = """
    WITH wanted AS (
        SELECT sku, sum(reserved) AS units FROM stock_ledger
         WHERE store_id = $1 AND kind = 'commit' AND effective_at >= $2
         GROUP BY sku
    )
    SELECT s.sku
      FROM stock AS s JOIN wanted AS w ON w.sku = s.sku
     WHERE s.store_id = $1 AND s.on_hand - s.unsellable - s.reserved <= $3
       AND (s.counted_at IS NULL OR s.counted_at < $4)
       AND NOT EXISTS (
           SELECT FROM count_requests AS c
            WHERE c.store_id = $1 AND c.sku = s.sku AND (c.done_at IS NULL OR c.opened_at >= $4))
     ORDER BY w.units DESC, s.sku
     LIMIT $5
"""


async def suggest(tx: Tx, store_id: StoreId) -> list[Sku]:
    """Ask for counts of what is much wanted and nearly gone by its record; return of what.

    Most wanted first; a few at once, and so many a day, only while the store is open.
    """
    calendar = await stores.calendar(tx, store_id)
    if not hours.is_open(calendar, tx.now):
        return []
    midnight = tx.now.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    opened = await tx.row(_OPENED, store_id, midnight, CountPriority.LOW_RECORD)
    assert opened is not None
    room = min(AT_ONCE - opened["open"], A_DAY - opened["today"])
    if room <= 0:
        return []
    since, before = tx.now - DEMAND_OVER, tx.now - AGAIN_AFTER
    rows = await tx.rows(_SUGGEST, store_id, since, LOW, before, room)
    skus: Sequence[Sku] = [Sku(row["sku"]) for row in rows]
    for sku in skus:
        await conflicts.request_count(tx, store_id, sku, "low_record", CountPriority.LOW_RECORD)
    return list(skus)
