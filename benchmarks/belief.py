"""Stores whose truth is known: what each rule promises, what it breaks, and what it keeps.

Synthetic and seeded. Units vanish, turn up, and lie where nobody looks, without a record; what is
delivered follows the wrong record; shoppers come in and buy; associates overlook things. The rules
see the record, the sales and the picks, and nothing else. In the first half a store only watches:
it sells by its record, as every store begins. In the second half belief learns from its own
promises alone. All rules are judged on the same wishes of the second half.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inventory.belief import filter as belief
from inventory.belief import isotonic
from inventory.belief.filter import Each, Rows, Trust, Units, at_least
from inventory.belief.odds import Costs, Curve

Numbers = npt.NDArray[Any]

THRESHOLDS: Final = (0.5, 0.6, 0.7, 0.75, 0.8, 0.84, 0.87, 0.89, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96)
SAFETIES: Final = range(5)
HIDDEN: Final = 7
"""Days for which the most careful peer hides an item after a failed pick."""
CURVED_EVERY: Final = 7
EDGES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.965, 0.98)
FEWEST: Final = 25


@dataclass(frozen=True, slots=True)
class World:
    """How wrong, how busy.

    Units:
        demand_error: standard deviation of the log of what we think sells beside what does.
        overlooked: chance that a search fails though the unit is on its place.
        the others: chances each day, of a unit (lost, returns) or of an item.
    """

    seed: int = 1
    items: int = 1500
    days: int = 200
    demand_error: float = 0.3
    overlooked: float = 0.03
    lost: float = 0.002
    gained: float = 0.003
    ghosted: float = 0.0004
    misplaced: float = 0.003
    returns: float = 0.03
    misbooked: float = 0.01
    delivered: float = 0.6
    misdelivered: float = 0.03
    ordered: float = 0.12
    counted_after_miss: float = 0.25
    counted: float = 0.0015


@dataclass(slots=True)
class Store:
    """What is so, and what is written and believed. One number or row for each item."""

    rng: np.random.Generator
    rate: Numbers
    guess: Each
    usual: Units
    shelf: Units
    mislaid: Units
    record: Units
    rows: Rows
    missed_on: Units
    curve: Curve = field(default_factory=Curve)


@dataclass(slots=True)
class Wishes:
    """Every line that a shopper wanted of something that the record has.

    Shapes:
        raw: the belief just before. said: the same through the curve of that day.
        found: what became of the look, or would have. fresh: days since the last failed pick.
    """

    record: Numbers
    raw: Numbers
    said: Numbers
    found: Numbers
    fresh: Numbers
    day: Numbers
    wrong: float = 0.0

    def late(self, days: int) -> "Wishes":
        return self._of(self.day >= days)

    def early(self, days: int) -> "Wishes":
        return self._of(self.day < days)

    def _of(self, keep: Numbers) -> "Wishes":
        parts = (self.record, self.raw, self.said, self.found, self.fresh, self.day)
        record, raw, said, found, fresh, day = (part[keep] for part in parts)
        return Wishes(record, raw, said, found, fresh, day, self.wrong)


def played(world: World) -> Wishes:
    """Play all days; return every wish."""
    store = _opened(world)
    seen = belief.witness(Trust())
    days: list[tuple[Numbers, ...]] = []
    wrong = []
    for day in range(world.days):
        _spoil(store, world)
        _deliver(store, world)
        is_on = day >= world.days // 2
        if (is_on and day % CURVED_EVERY == 0) or day == world.days // 2:
            store.curve = _curve(days, is_on=is_on)
        days.append(_order(store, world, day, is_on=is_on))
        _sell(store, world, seen)
        wrong.append(float((store.shelf + store.mislaid != store.record).mean()))
    record, raw, said, found, fresh, when = (
        np.concatenate(part) for part in zip(*days, strict=True)
    )
    errors = float(np.mean(wrong[world.days // 2 :]))
    return Wishes(record, raw, said, found, fresh, when, errors)


def _opened(world: World) -> Store:
    rng = np.random.default_rng(world.seed)
    n = world.items
    rate = rng.gamma(0.9, 0.45, n) + 0.02
    usual = np.clip(np.rint(rate * 7 + 2), 3, 24).astype(np.int64)
    off = np.rint(rng.laplace(0, 1.2, n)).astype(np.int64)
    shelf = np.where(rng.random(n) < 0.02, 0, np.maximum(usual + off, 0))
    guess = rate * np.exp(rng.normal(0, world.demand_error, n))
    return Store(
        rng=rng,
        rate=rate,
        guess=guess.astype(np.float32),
        usual=usual,
        shelf=shelf,
        mislaid=np.zeros(n, dtype=np.int64),
        record=usual.copy(),
        rows=belief.prior(usual, belief.witness(Trust())),
        missed_on=np.full(n, -1000),
    )


def _spoil(store: Store, world: World) -> None:
    """What happens and nobody writes down."""
    rng, n = store.rng, world.items
    store.shelf -= rng.binomial(store.shelf, world.lost)
    store.shelf[rng.random(n) < world.ghosted] = 0
    store.shelf += (rng.random(n) < world.gained) * rng.integers(1, 3, n)
    away = (rng.random(n) < world.misplaced) * rng.binomial(store.shelf, 0.5)
    back = rng.binomial(store.mislaid, world.returns)
    store.shelf += back - away
    store.mislaid += away - back
    days = np.ones(n, dtype=np.float32)
    store.rows = belief.overnight(store.rows, days, world.lost, _told(store))


def _deliver(store: Store, world: World) -> None:
    """Fill up what the record calls low: what it thinks is there stays away."""
    comes = store.rng.random(world.items) < world.delivered
    low = comes & (store.record * 2 <= store.usual)
    if not low.any():
        return
    units = np.where(low, store.usual - store.record, 0)
    odd = store.rng.random(world.items) < world.misdelivered
    off = odd * store.rng.choice((-1, 1), world.items) * low
    store.record += units
    store.shelf += np.maximum(units + off, 0)
    store.rows[low] = belief.received(store.rows[low], units[low], _told(store)[low])


def _order(store: Store, world: World, day: int, *, is_on: bool) -> tuple[Numbers, ...]:
    """Let shoppers order; an associate looks, and belief learns if it would have promised.

    Every store lives through the same day, whatever the rule, so that rules differ in nothing else.
    What belief would have refused it hears of as a sale, and of a failed look not at all.
    """
    rng = store.rng
    wanted = (rng.random(world.items) < world.ordered) & (store.record >= 1)
    overlooks = rng.random(world.items) < world.overlooked
    recounts = rng.random(world.items) < world.counted_after_miss
    at = np.flatnonzero(wanted)
    find = np.full(len(at), 1 - world.overlooked, dtype=np.float32)
    told = _told(store)[at]
    raw = at_least(store.rows[at])[:, 1] * find
    said = store.curve(raw)
    hit = (store.shelf[at] >= 1) & ~overlooks[at]
    wish = (store.record[at].copy(), raw, said, hit, day - store.missed_on[at])
    learns = np.full(len(at), fill_value=True) if not is_on else said >= Costs().threshold
    one = np.ones(len(at), dtype=np.int64)
    rows = store.rows[at]
    good, bad = hit & learns, ~hit & learns
    rows[good] = belief.found(rows[good], one[good], find[good], told[good])
    rows[bad] = belief.missed(rows[bad], 0 * one[bad], 1 - find[bad], told[bad])
    rows[hit] = belief.moved(rows[hit], -one[hit], told[hit] - 1)
    store.rows[at] = rows
    store.shelf[at] -= hit
    store.record[at] -= hit
    store.missed_on[at[~hit]] = day
    _count(store, at[~hit & recounts[at]])
    _count(store, np.flatnonzero(rng.random(world.items) < world.counted))
    return (*wish, np.full(len(at), day))


def _count(store: Store, at: Numbers) -> None:
    """A person counts what can be found; the record follows, for every rule alike."""
    store.record[at] = store.shelf[at]
    if len(at):
        store.rows[at] = belief.counted(store.shelf[at])


def _sell(store: Store, world: World, seen: Rows) -> None:
    """Let people come in and buy what they see; the till books it, now and then on another item."""
    rng, n = store.rng, world.items
    sold = np.minimum(rng.poisson(store.rate), store.shelf)
    booked = sold.copy()
    astray = np.flatnonzero((sold > 0) & (rng.random(n) < world.misbooked))
    booked[astray] -= 1
    np.add.at(booked, rng.integers(0, n, len(astray)), 1)
    store.shelf -= sold
    store.record -= booked
    some = booked > 0
    told = _told(store)
    rows, demand = store.rows, store.guess
    rows[some] = belief.sold(rows[some], booked[some], demand[some], told[some], seen)
    rows[~some] = belief.silence(rows[~some], demand[~some], told[~some])


def _told(store: Store) -> Units:
    return np.maximum(store.record, 0)


def _curve(days: Sequence[tuple[Numbers, ...]], *, is_on: bool) -> Curve:
    """Fit on what was looked for, as the weekly job does."""
    raw, said, hit, day = (np.concatenate([one[n] for one in days]) for n in (1, 2, 3, 5))
    known = (day < len(days) // 2) | (said >= Costs().threshold) if is_on else raw >= 0
    return isotonic.fitted(raw[known], hit[known], np.ones(int(known.sum())))


@dataclass(frozen=True, slots=True)
class Fared:
    """How a rule fared: of all wishes, the shares it promised, broke and kept.

    Units:
        promised: of all wishes. broken: of the promised. kept: of the wishes that could be filled.
        breaches: broken promises among 1,000 wishes.
    """

    rule: str
    promised: float
    broken: float
    kept: float
    breaches: float


def fared(rule: str, wishes: Wishes, promised: Numbers) -> Fared:
    hit = wishes.found.astype(bool)
    broken = promised & ~hit
    return Fared(
        rule=rule,
        promised=float(promised.mean()),
        broken=float(broken.sum() / max(promised.sum(), 1)),
        kept=float((promised & hit).sum() / max(hit.sum(), 1)),
        breaches=float(1000 * broken.mean()),
    )


def peers(wishes: Wishes) -> list[Fared]:
    return [
        fared(f"record ≥ {1 + safety}", wishes, wishes.record >= 1 + safety) for safety in SAFETIES
    ]


def careful(wishes: Wishes) -> Fared:
    """A peer that hides an item for a week after a failed pick: no belief, and still a lesson."""
    return fared("record ≥ 1, hidden a week after a miss", wishes, wishes.fresh > HIDDEN)


def believed(wishes: Wishes) -> list[Fared]:
    return [fared(f"belief ≥ {t:g}", wishes, wishes.said >= t) for t in THRESHOLDS]


def at_kept(rules: Sequence[Fared], kept: float) -> float:
    """Return how many promises a mix of rules breaks that keeps just so much of the good demand.

    Which of two neighboring rules is asked is drawn by lot: so every share between can be had.
    """
    ranked = sorted(rules, key=lambda one: one.kept)
    return float(np.interp(kept, [one.kept for one in ranked], [one.breaches for one in ranked]))


@dataclass(frozen=True, slots=True)
class Scores:
    """Brier scores: the mean of the squared distance between what was said and what became true."""

    raw: float
    recalibrated: float
    record_only: float
    constant: float


def scored(wishes: Wishes, before: Wishes) -> Scores:
    """Score what was said in the second half; the record and the constant learn from the first."""
    hit = wishes.found.astype(float)
    shares = {n: float(before.found[before.record == n].mean()) for n in set(before.record)}
    usual = float(before.found.mean())
    by_record = np.array([shares.get(n, usual) for n in wishes.record])
    said = (wishes.raw, wishes.said, by_record, np.full(len(hit), usual))
    return Scores(*(float(np.mean((one - hit) ** 2)) for one in said))


@dataclass(frozen=True, slots=True)
class Bin:
    """Some wishes of which about the same was said, and the share that was found, with 95 %."""

    said: float
    found: float
    low: float
    high: float
    many: int


def reliability(said: Numbers, hit: Numbers) -> list[Bin]:
    """Return wishes in bins by what was said, finer where most is said; small bins are left out.

    Source: Wilson score interval: E. B. Wilson, JASA 22 (1927) 209-212.
    """
    found = []
    place = np.digitize(said, EDGES)
    for n in range(len(EDGES) + 1):
        part = place == n
        many = int(part.sum())
        if many < FEWEST:
            continue
        share = float(hit[part].mean())
        middle = (share + 1.92 / many) / (1 + 3.84 / many)
        half = 1.96 * np.sqrt(share * (1 - share) / many + 0.96 / many**2) / (1 + 3.84 / many)
        found.append(Bin(float(said[part].mean()), share, middle - half, middle + half, many))
    return found
