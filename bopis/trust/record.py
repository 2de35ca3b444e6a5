"""How a store has kept its first promises, and one index of it that cannot be gamed. Pure.

Every figure is a sum over orders, so 28 daily rows added up are 28 days counted; and what is shown
is always a share with its sample and the room it leaves, never a bare percentage.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from math import exp, sqrt
from typing import Any, Final, Self

from bopis.orders.counter.arrival import LONGEST, binned
from bopis.trust.intervals import NINETY, highest_mean, wilson
from bopis.trust.outcome import Outcome

DAYS: Final = 28
ENOUGH: Final = 20
"""With fewer promises due, nothing is shown but that there are too few."""
ENOUGH_FOR_INDEX: Final = 100

ALPHA: Final = 0.1
"""One in ten may be late: nine of ten is what a first promise says of itself."""

WAITS: Final = LONGEST + 1
BINS: Final = 40
BIN: Final = 0.05

FREE_LENGTH: Final = 1.15
"""A promise may be so much longer than nine of ten orders needed before it counts as padded."""
FREE_REVISIONS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts of one day, one store or a whole chain; see ``record_models.RecordDay``."""

    due: int = 0
    kept: int = 0
    late_minutes: int = 0
    warned: int = 0
    knowable: int = 0
    knowable_warned: int = 0
    cancelled_by_us: int = 0
    excused: int = 0
    ready_said: int = 0
    false_ready: int = 0
    lines: int = 0
    lines_found: int = 0
    silent_minutes: float = 0.0
    silent_squares: float = 0.0
    revisions: int = 0
    revision_squares: int = 0
    pinball: float = 0.0
    pinball_squares: float = 0.0
    lengths: tuple[int, ...] = field(default=(0,) * BINS)
    waits: tuple[int, ...] = field(default=(0,) * WAITS)
    open_orders: int = 0
    odds_said: int = 0
    odds_kept: int = 0
    odds_squares: float = 0.0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return what a daily row holds."""
        values = {one.name: row[one.name] for one in fields(cls)}
        waits = (*values["waits"], *[0] * WAITS)[:WAITS]  # none on days from before
        return cls(**{**values, "lengths": tuple(values["lengths"]), "waits": waits})

    def __add__(self, other: "Sums") -> "Sums":
        added = {
            one.name: getattr(self, one.name) + getattr(other, one.name)
            for one in fields(self)
            if one.name not in {"lengths", "waits"}
        }
        lengths = tuple(a + b for a, b in zip(self.lengths, other.lengths, strict=True))
        waits = tuple(a + b for a, b in zip(self.waits, other.waits, strict=True))
        return Sums(**added, lengths=lengths, waits=waits)

    @property
    def late(self) -> int:
        return self.due - self.kept

    @property
    def brier(self) -> float | None:
        """Return how far the odds that were said lay from what happened; None: none were said.

        Source:
            G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly
            Weather Review 78 (1950), pp. 1-3, for two outcomes.
        """
        return self.odds_squares / self.odds_said if self.odds_said else None

    @property
    def brier_of_always(self) -> float:
        """Return what it would have been, had everybody been told nine of ten."""
        missed = self.odds_said - self.odds_kept
        return (self.odds_kept * ALPHA**2 + missed * (1 - ALPHA) ** 2) / max(self.odds_said, 1)


def total(rows: Iterable[Sums]) -> Sums:
    return sum(rows, Sums())


def count(outcomes: Iterable[Outcome]) -> Sums:
    """Return the figures of some orders."""
    return total(map(_one, outcomes))


def _one(seen: Outcome) -> Sums:
    is_open = int(seen.closed_at is None)
    if seen.is_excused:
        return Sums(excused=1)
    revisions = seen.versions - 1
    lengths = [0] * BINS
    if seen.length is not None:
        lengths[min(int(seen.length / BIN), BINS - 1)] = 1
    return Sums(
        due=1,
        kept=int(seen.is_kept),
        late_minutes=seen.late_minutes,
        warned=int(seen.is_warned),
        knowable=int(seen.is_knowable),
        knowable_warned=int(seen.is_knowable and seen.is_warned),
        cancelled_by_us=int(seen.is_ours_to_answer),
        ready_said=seen.ready_said,
        false_ready=seen.false_ready,
        lines=seen.lines,
        lines_found=seen.lines_found,
        silent_minutes=seen.silent_minutes,
        silent_squares=seen.silent_minutes**2,
        revisions=revisions,
        revision_squares=revisions**2,
        pinball=seen.pinball,
        pinball_squares=seen.pinball**2,
        lengths=tuple(lengths),
        waits=binned([] if seen.waited_minutes is None else [seen.waited_minutes]),
        open_orders=is_open,
        odds_said=int(seen.odds is not None),
        odds_kept=int(seen.odds is not None and seen.is_kept),
        odds_squares=0.0 if seen.odds is None else (seen.odds - seen.is_kept) ** 2,
    )


@dataclass(frozen=True, slots=True)
class Index:
    """One number from 0 to 100, and each of the seven things that it is made of.

    Units:
        each component: what it takes off, as an exponent: 0 takes nothing off, 0.1 about a tenth.
    """

    value: float
    components: Mapping[str, float]


def index(store: Sums, chain: Sums, alpha: float = ALPHA) -> Index | None:
    """Return the honesty index, on the cautious side; None where it would be an anecdote.

    Each of its parts is taken at the end of its 90 % interval that is worse for the store. Longer
    promises, words not said and silence each lower it: it cannot be bought with "tomorrow".

    Shapes:
        chain: all stores together, with this one; the yardstick of how sharp a promise can be.

    Source:
        Our own; weights as in docs/trust.md. Where it departs from a plain reading: the length of
        promises is held against what nine of ten orders needed (not against what was expected,
        for then a calibrated promise would look padded), and the share of late orders that were
        warned is taken from the joint rate of *late and not warned*, so that a store with three
        late orders is not judged on three orders.
    """
    if store.due < ENOUGH_FOR_INDEX:
        return None
    n = store.due
    miss = wilson(store.late, n).high
    unwarned = wilson(store.late - store.warned, n).high / max(miss, alpha)
    false = wilson(min(store.false_ready, store.ready_said), store.ready_said).high
    of_chain = chain.pinball / chain.due if chain.due else 0.0
    sharpness = highest_mean(store.pinball, store.pinball_squares, n) / of_chain if of_chain else 1
    parts = {
        "late beyond one in ten": 2 * max(miss - alpha, 0.0) / alpha,
        "promises less sharp than the chain's": max(sharpness - 1, 0.0),
        "promises longer than needed": max(padding(store) - FREE_LENGTH, 0.0),
        "silence": 2 * highest_mean(store.silent_minutes, store.silent_squares, n) / 60,
        "wrong ready": 5 * false if store.ready_said else 0.0,
        "late without a warning": 2 * unwarned,
        "promises moved": 0.5
        * max(highest_mean(store.revisions, store.revision_squares, n) - FREE_REVISIONS, 0.0),
    }
    return Index(100 * exp(-sum(parts.values())), parts)


def padding(store: Sums) -> float:
    """Return how long promises were, over what nine of ten orders needed of them.

    1: nine of ten orders needed what was promised. 2: half of it would have done.
    """
    ready = sum(store.lengths)
    if not ready:
        return 1.0
    share = 1 - ALPHA
    wanted = max(share - NINETY * sqrt(share * ALPHA / ready), 0.5) * ready
    seen = 0.0
    for place, orders in enumerate(store.lengths):
        if orders and seen + orders >= wanted:
            needed = (place + (wanted - seen) / orders) * BIN
            return 1 / max(needed, BIN)
        seen += orders
    return 1 / (BINS * BIN)
