"""Reads the records that anybody may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.trust import record_words, records
from bopis.trust.record import DAYS, ENOUGH_FOR_INDEX, Sums, index, total
from bopis.trust.record_words import Note, Record
from bopis.trust.records import Counted
from inventory import stores

REMEMBERED: Final = 300.0
"""Seconds for which a process remembers what all stores come to: rows change once an hour."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One store among all."""

    store_id: StoreId
    record: Record


async def of_store(tx: Tx, store_id: StoreId) -> Record:
    """Return the record of one store over the 28 days that end today.

    Raises:
        StoreUnknown: There is no such store.
    """
    store = await stores.get(tx, store_id)
    today = tx.now.astimezone(ZoneInfo(store.time_zone)).date()
    counted = await records.of_store(tx, store_id, today)
    known = await records.notes(tx, store_id, counted.first_day)
    notes = [
        Note(one.first_day, one.last_day, one.words, _who(one.made_by), one.made_at)
        for one in known
    ]
    chain = Sums()
    if counted.now.due >= ENOUGH_FOR_INDEX:  # else nobody asks what the others come to
        chain = _together(await _every(tx, today))
    return _record(store.name, counted, chain, notes)


_HEADLINE: Final = """
    SELECT coalesce(sum(d.due), 0)::int AS due, coalesce(sum(d.kept), 0)::int AS kept,
           coalesce(sum(d.excused), 0)::int AS excused
      FROM stores AS s
      JOIN record_days AS d ON d.store_id = $1
       AND d.day > ($2::timestamptz AT TIME ZONE s.time_zone)::date - $3::int
       AND d.day <= ($2::timestamptz AT TIME ZONE s.time_zone)::date
     WHERE s.store_id = $1
"""


async def headline(tx: Tx, store_id: StoreId) -> str:
    """Return the one sentence that a store's record comes to: the same as on its own page."""
    row = await tx.row(_HEADLINE, store_id, tx.now, DAYS)
    assert row is not None
    return record_words.headline(Sums(**row))


async def of_chain(tx: Tx) -> tuple[Record, list[Listed]]:
    """Return the record of all stores together, and of each that takes orders, by name."""
    today = tx.now.date()
    every = await _every(tx, today)
    shops = sorted(await stores.listed(tx), key=lambda one: (one.name, one.store_id))
    chain = _together(every)
    newest = max(every.values(), key=lambda one: str(one.computed_at), default=None)
    all_ = Counted(
        store_id=None,
        now=chain,
        before=total(one.before for one in every.values()),
        first_day=records.first_day(today),
        last_day=today,
        computed_at=newest.computed_at if newest else None,
        computed_by=newest.computed_by if newest else None,
    )
    nothing = Counted(None, Sums(), Sums(), records.first_day(today), today, None, None)
    return _record("All stores", all_, chain, ()), [
        Listed(shop.store_id, _record(shop.name, every.get(shop.store_id, nothing), chain, ()))
        for shop in shops
    ]


def _record(name: str, counted: Counted, chain: Sums, notes: Sequence[Note]) -> Record:
    return Record(
        name=name,
        headline=record_words.headline(counted.now),
        first_day=counted.first_day,
        last_day=counted.last_day,
        due=counted.now.due,
        figures=record_words.figures(counted.now, counted.before),
        index=index(counted.now, chain),
        notes=notes,
        computed_at=counted.computed_at,
        computed_by=_whose(counted.computed_by),
    )


def _together(every: Mapping[StoreId, Counted]) -> Sums:
    return total(one.now for one in every.values())


async def _every(tx: Tx, today: date) -> Mapping[StoreId, Counted]:
    return await tx.memory.lately(("records", today), REMEMBERED, lambda: records.of_all(tx, today))


def _whose(actor: str | None) -> str | None:
    """Return how figures were counted, for the public: by a program always, whoever had it run."""
    if actor is None:
        return None
    asked = "" if actor.startswith("job:") else ", once more at the wish of store operations"
    return f"a program, from what happened{asked}"


def _who(actor: str) -> str:
    """Return who wrote a note, for the public: that it was a person of ours, not which."""
    return "store operations" if actor.startswith("ops:") else "the system"
