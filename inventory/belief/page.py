"""Beliefs of many items of one store at once, brought from when they were written to now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import numpy as np

from inventory.belief import filter as belief
from inventory.belief import states
from inventory.belief.filter import Each, Rows, Units
from inventory.belief.knowledge import RATE_PRIOR, Knowledge

DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a store, as they were written.

    Units:
        at, counted_at: seconds of the store's clock; nan: never.
        record: units that may be sold or are promised, by the books.
        rate: what an item of its department sells a day. find: P(found | present) where it lies.
    """

    rows: Rows
    at: Each
    moved: Units
    sold: Each
    watched: Each
    record: Units
    rate: Each
    find: Each

    @classmethod
    def of(cls, found: Sequence[Any], known: Knowledge, now: datetime) -> Self:
        """Return a page of rows that a query read; an item without a belief gets a first one."""
        record = np.array([max(row["record"], 0) for row in found], dtype=np.int64)
        new = [row["bins"] is None for row in found]
        rows = np.empty((len(found), belief.BINS), dtype=np.float32)
        at = [row["at"] or now for row in found]
        if any(new):
            at = _first(rows, found, record, known, at)
        if not all(new):
            content = b"".join(row["bins"] for row in found if row["bins"] is not None)
            rows[~np.array(new)] = states.unpacked(content)
        return cls(
            rows=rows,
            at=np.array([one.timestamp() for one in at]),
            moved=np.array([row["moved"] or 0 for row in found], dtype=np.int64),
            sold=np.array([row["sold"] or 0 for row in found], dtype=np.float32),
            watched=np.array([row["watched"] or 0 for row in found], dtype=np.float32),
            record=record,
            rate=np.array([known.rate(row["department"]) for row in found], dtype=np.float32),
            find=np.array([known.find(row["kind"] or "?") for row in found], dtype=np.float32),
        )


def _first(
    rows: Rows, found: Sequence[Any], record: Units, known: Knowledge, at: list[datetime]
) -> list[datetime]:
    """Fill in what is believed of items that we have not followed: their record, or their count."""
    seen = belief.witness(known.trust)
    made = []
    for n, row in enumerate(found):
        when = at[n]
        if row["bins"] is None:
            by_person = row["counted_at"] is not None and (
                row["feed_as_of"] is None or row["counted_at"] >= row["feed_as_of"]
            )
            one = record[n : n + 1]
            rows[n] = (belief.counted(one) if by_person else belief.prior(one, seen))[0]
            when = row["counted_at"] if by_person else when
        made.append(when)
    return made


@dataclass(frozen=True, slots=True)
class Now:
    """The same items now.

    Units:
        watched: days of which we have heard what was sold. demand: units sold a day.
    """

    rows: Rows
    watched: Each
    demand: Each


def brought(page: Page, known: Knowledge, heard_until: float | None, now: float | Each) -> Now:
    """Let the time pass that has passed: silence while feeds spoke, doubt, and what nobody told.

    Until ``heard_until`` every sale is in its row, so a row that is older than that was not sold.
    After it, sales may have happened that we have not heard of.
    """
    heard = np.minimum(np.inf if heard_until is None else heard_until, now)
    quiet = np.maximum(heard - page.at, 0) / DAY if heard_until is not None else page.at * 0
    rest = np.maximum(now - np.maximum(page.at, heard), 0) / DAY
    days = np.maximum(now - page.at, 0) / DAY
    watched = (page.watched + quiet).astype(np.float32)
    demand = ((page.sold + RATE_PRIOR * page.rate) / (watched + RATE_PRIOR)).astype(np.float32)
    rows = belief.moved(page.rows, page.moved, page.record)
    rows = belief.silence(rows, (demand * quiet).astype(np.float32), page.record)
    rows = belief.overnight(rows, days.astype(np.float32), known.loss, page.record)
    rows = belief.unheard(rows, (demand * rest).astype(np.float32))
    return Now(rows, watched, demand)
