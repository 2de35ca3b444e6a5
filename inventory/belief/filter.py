"""How many units are really there: a distribution, and what each thing that happens does to it.

The record of a store is one noisy witness among several. Each row is the chance of 0, 1, 2, ... 60
units of one item in one store; the last bin means "60 or more". Units count while they are in the
building and may be sold or are promised, so a pick moves nothing and a hand-over takes away. All
functions take rows and return new rows. Pure.

Shapes:
    rows: (n, 61), float32, each row sums to one. Whatever is given for each row is (n,).

Source:
    N. DeHoratius, A. Mersereau, L. Schrage, "Retail inventory management when records are
    inaccurate", M&SOM 10 (2008) 257-277: a distribution over true stock is all that sales and
    receipts tell. The mixture and the recalibration on picks are ours: transaction errors break the
    neat theory.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

BINS: Final = 61
TOP: Final = BINS - 1
"""The last bin: so many, or more."""
TOLD: Final = 100
"""The largest record that is told from a larger one."""
UNTHINKABLE: Final = 1e-6
"""However large a record is, there may be nothing."""
LEAST_MASS: Final = 1e-12
"""What is less likely than this has not been thought of: then we know nothing, and start again."""
EXACT_RECEIPT: Final = 0.97
COUNT_TRUST: Final = 0.98
DAILY_DOUBT: Final = 0.005
"""How much of a belief is given up each day, for all the ways in which this model is wrong."""
CORRECTION: Final = 0.001
"""How often a number falls because somebody corrected it, and not because somebody bought."""
MOMENT: Final = 60 / 86_400
"""Days in which nothing is lost that a belief could tell, for it is kept in bytes."""
NEGLIGIBLE: Final = 1e-4
"""Unheard sales that are not worth a thought."""
FURTHEST: Final = 6
"""Unheard sales in one stretch; more of them are as good as this many until a feed speaks."""

Rows = npt.NDArray[np.float32]
Each = npt.NDArray[np.float32]
Units = npt.NDArray[np.int64]

_X: Final = np.arange(BINS, dtype=np.float32)
_FLAT: Final = np.tri(BINS, dtype=np.float32) / (_X[:, None] + 1)
_FACTORIALS: Final = np.cumsum(np.log(np.maximum(np.arange(BINS, dtype=np.float64), 1.0)))


@dataclass(frozen=True, slots=True)
class Trust:
    """How a store's record errs: right with this chance, else off by a Laplace of this spread.

    Source: fitted from counts; the values at first are those of a synthetic store in which about
    65 of 100 records were wrong, as in DeHoratius and Raman, Management Science 54 (2008) 627-641.
    """

    right: float = 0.35
    spread: float = 2.0


def normalized(rows: Rows, record: Units) -> Rows:
    """Return rows that sum to one; a row that nothing explains is spread from 0 to its record."""
    mass = rows.sum(axis=1, keepdims=True)
    lost = mass[:, 0] < LEAST_MASS
    made: Rows = (rows / np.where(mass < LEAST_MASS, 1, mass)).astype(np.float32)
    if lost.any():
        made[lost] = flat(record[lost])
    return made


def flat(record: Units) -> Rows:
    """Return rows that know only that there are no more than the record says, and perhaps one."""
    return _FLAT[np.clip(record, 1, TOP)]


@cache
def witness(trust: Trust) -> Rows:
    """Return, for each number a record may say, how likely it says so if x units are there.

    Shapes:
        returns: a row for each record from 0 to ``TOLD``; what is above speaks as that does.
    """
    record, x = np.arange(TOLD + 1)[:, None], np.arange(2 * TOLD)[None, :]
    decay = np.exp(-1 / trust.spread)
    laplace = (1 - decay) / (1 + decay) * decay ** np.abs(record - x)
    whole = trust.right * (record == x) + (1 - trust.right) * laplace
    seen = whole[:, :BINS].copy()
    seen[:, TOP] += whole[:, BINS:].sum(axis=1)
    made: Rows = np.asarray(np.maximum(seen, UNTHINKABLE), dtype=np.float32)
    made.setflags(write=False)  # remembered: whoever asks again gets the same
    return made


def prior(record: Units, seen: Rows) -> Rows:
    """Return what is believed of an item of which we know nothing but its record."""
    told = np.clip(record, 0, TOLD)
    return normalized(seen[told], told)


def told(rows: Rows, record: Units, seen: Rows) -> Rows:
    """Hear a record as one witness among others, once for each time that it speaks anew."""
    return normalized(rows * seen[np.clip(record, 0, TOLD)], record)


def moved(rows: Rows, by: Units, record: Units) -> Rows:
    """Move what is there by units that are known to have come or gone.

    Units that went were there: what is below them is impossible. The last bin stays as it is while
    the record after the move still says 60 or more.
    """
    if not by.any():
        return rows
    made = _shifted(rows, by)
    deep = np.flatnonzero((record >= TOP) & (by < 0) & (by >= -TOP))
    made[deep, TOP] += rows[deep, TOP]
    made[deep, TOP + by[deep]] -= rows[deep, TOP]
    return normalized(made, record)


def _shifted(rows: Rows, by: Units) -> Rows:
    """Move bins; what leaves at the top collects there, what leaves at the bottom is dropped."""
    source = np.arange(BINS)[None, :] - by[:, None]
    inside = (source >= 0) & (source < BINS)
    made = np.take_along_axis(rows, np.clip(source, 0, TOP), axis=1) * inside
    up = by > 0
    if up.any():
        kept = rows[up].sum(axis=1) - made[up].sum(axis=1)
        made[up, TOP] += np.maximum(kept, 0)
    return made.astype(np.float32)


def sold(rows: Rows, units: Units, demand: Each, record: Units, seen: Rows) -> Rows:
    """Learn from a fall of the record: so many were sold, or somebody corrected the number.

    If ``units`` were sold while shoppers wanted a Poisson number of them, then at least so many
    were there; and that nobody bought more may mean that there was no more. A fall that demand
    cannot explain is a correction, and the new record speaks as if for the first time.

    Units:
        units: at least 1. demand: expected sales in the stretch in which they were sold.
        record: after the fall.
    """
    chance, more = _poisson(units, demand)
    x, k = _X[None, :], units[:, None]
    likely = np.where(x > k, chance[:, None], np.where(x == k, more[:, None], 0.0))
    after = moved(normalized((rows * likely).astype(np.float32), record + units), -units, record)
    corrected = CORRECTION / (CORRECTION + chance)
    share = corrected[:, None].astype(np.float32)
    return (1 - share) * after + share * prior(record, seen)


def _poisson(units: Units, demand: Each) -> tuple[Each, Each]:
    """Return the chance of exactly so many, and of so many or more."""
    mean = np.maximum(demand.astype(np.float64), 1e-9)[:, None]
    n = np.arange(BINS, dtype=np.float64)[None, :]
    pmf = np.exp(n * np.log(mean) - mean - _FACTORIALS[None, :])
    k = np.clip(units, 0, TOP)[:, None]
    exact = np.take_along_axis(pmf, k, axis=1)[:, 0]
    below = (pmf * (n < k)).sum(axis=1)
    more = np.maximum(1 - below, exact)
    return exact.astype(np.float32), more.astype(np.float32)


def received(rows: Rows, units: Units, record: Units, case: int = 1) -> Rows:
    """Learn from a rise of the record: a delivery came, sometimes one case more or less."""
    off = np.float32((1 - EXACT_RECEIPT) / 2)
    made = np.float32(EXACT_RECEIPT) * _shifted(rows, units)
    made += off * _shifted(rows, units + case)
    made += off * _shifted(rows, np.maximum(units - case, 0))
    return normalized(made, record)


def found(rows: Rows, least: Units, find: Each, record: Units) -> Rows:
    """Learn from an associate who found units: at least so many are in the building."""
    there = least[:, None] <= np.maximum(_X, (least[:, None] >= TOP) * _X)
    likely = np.where(there, find[:, None], 0).astype(np.float32)
    return normalized(rows * likely, np.maximum(record, least))


def missed(rows: Rows, held: Units, miss: Each, record: Units) -> Rows:
    """Learn from an associate who found nothing: there is nothing, or it was overlooked.

    Units:
        held: units that are known to be away from their shelf: picked or staged.
        miss: the chance to overlook what is there, at all the places that were searched.
    """
    likely = np.where(held[:, None] < _X, miss[:, None], 1).astype(np.float32)
    return normalized(rows * likely, record)


def counted(units: Units) -> Rows:
    """Return what is believed once a person has counted: people miscount, too."""
    at = np.clip(units, 0, TOP)
    decay = np.exp(-0.5)
    spread = decay ** np.abs(_X[None, :] - at[:, None])
    spread /= spread.sum(axis=1, keepdims=True)
    made = (1 - COUNT_TRUST) * spread
    made[np.arange(len(at)), at] += COUNT_TRUST
    return np.asarray(made, dtype=np.float32)


def silence(rows: Rows, demand: Each, record: Units) -> Rows:
    """Learn from a stretch in which the tills told us that nobody bought: perhaps nobody could."""
    if not demand.any():
        return rows
    likely = np.exp(-np.clip(demand, 0, 80)).astype(np.float32)
    made = rows * likely[:, None]
    made[:, 0] = rows[:, 0]
    return normalized(made, record)


def unheard(rows: Rows, demand: Each) -> Rows:
    """Allow for what may have been sold in a stretch of which no feed has told us yet."""
    if not len(rows) or float(demand.max(initial=0)) < NEGLIGIBLE:
        return rows
    mean = np.clip(demand, 0, FURTHEST).astype(np.float32)
    chance = np.exp(-mean)
    made = rows * chance[:, None]
    total = chance.copy()
    for n in range(1, FURTHEST + 1):
        chance = chance * mean / n if n < FURTHEST else np.maximum(1 - total, 0)
        total += chance
        if float(chance.max()) < NEGLIGIBLE / 100:
            break
        made[:, :-n] += rows[:, n:] * chance[:, None]
        made[:, 0] += rows[:, :n].sum(axis=1) * chance
        made[:, TOP] += rows[:, TOP] * chance
        made[:, TOP - n] -= rows[:, TOP] * chance
    return made


def overnight(rows: Rows, days: Each, loss: float, record: Units) -> Rows:
    """Let days pass: now and then a unit is lost unseen, and no belief stays as sure as it was.

    Units:
        days: may be fractions; many nights at once are nearly the nights one by one.
        loss: units lost unrecorded each day, from an item that is there.
    """
    if float(days.max(initial=0)) < MOMENT:
        return rows
    gone = (1 - np.exp(-loss * days))[:, None].astype(np.float32)
    made = rows * (1 - gone)
    made[:, :-1] += rows[:, 1:] * gone
    made[:, 0] += rows[:, 0] * gone[:, 0]
    doubt = (1 - (1 - DAILY_DOUBT) ** days)[:, None].astype(np.float32)
    return np.asarray((1 - doubt) * made + doubt * flat(record), dtype=np.float32)


def at_least(rows: Rows) -> Rows:
    """Return, for each number of units, the chance that there are so many; the first is one."""
    return np.minimum(np.cumsum(rows[:, ::-1], axis=1)[:, ::-1], 1).astype(np.float32)
