"""In which order stores are offered, and why, in words. Pure.

A store is worth what a kept promise earns, less what a broken one costs, less what it asks of the
shopper. How likely the promise is kept is taken with caution, so that a store nobody knows is
neither put first nor never. The shopper's own choice always wins: this only decides who is named
first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from bopis.kernel.ids import StoreId
from bopis.promises.standing import Standing

CONSIDERED: Final = 20
SHOWN: Final = 3

EXPLORED: Final = 0.03
"""Of choices between stores as good as each other, so many are put in another order, to learn."""
TIE: Final = 0.05
"""Stores whose worth differs by less than this share of the best are as good as each other."""

TARGET: Final = 0.9
"""Nine of ten is what a time says of itself. Who keeps more names later times than need be."""

FREE_LENGTH: Final = 1.15
"""As in the honesty index: so much longer than nine of ten orders need is no padding yet."""

A_DAY_S_WAIT: Final = timedelta(hours=12)
"""Whoever has to come another day does not mind at which hour of it."""

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Worth:
    """What things count against each other, for one order; in the currency of its margin.

    Units:
        per_km: of the way there, as the crow flies. full: at a load of 1; it begins at 0.85.
        per_hour_wide: of the time within which nine of ten orders like it end, told or not.
        per_hour_waited: until it is ready.
        padded: for naming times twice as long as nine of ten orders need.
    """

    kept: float = 8.0
    broken: float = 32.0
    per_km: float = 0.25
    full: float = 4.0
    per_hour_wide: float = 1.0
    per_hour_waited: float = 0.5
    padded: float = 8.0
    full_from: float = 0.85


@dataclass(frozen=True, slots=True)
class Candidate:
    """One store that could do it.

    Shapes:
        odds: how likely each line is found; None: nobody can say, and the store's record speaks.
        rho: its projected load. wide: within what time orders like it end, also where that is too
            wide to be told: whoever cannot say when is not taken to know it to the minute.
    """

    store_id: StoreId
    standing: Standing
    odds: tuple[float | None, ...]
    distance_km: float
    rho: float
    wide: timedelta
    wait: timedelta

    @property
    def p(self) -> float:
        """Return how likely all is found, in time, and true when it is called ready: cautiously.

        More than the share that a time promises of itself does not count: it would be bought with
        later times.
        """
        p = min(self.standing.on_time.lower, TARGET) * self.standing.ready_true.lower
        for odds in self.odds:
            p *= self.standing.found.lower if odds is None else odds
        return p


@dataclass(frozen=True, slots=True)
class Ranked:
    """A store in its place, and why it is there."""

    candidate: Candidate
    utility: float
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The first place was drawn among stores as good as each other.

    Shapes:
        id: of the question: the same, asked again.

    Units:
        propensity: with which chance this one was to be drawn, counting the times of no draw.
    """

    id: UUID
    first: StoreId
    best: StoreId
    tied: tuple[StoreId, ...]
    propensity: float


def parts(one: Candidate, worth: Worth) -> dict[str, float]:
    """Return what each consideration adds to a store's worth; only the first can be above zero."""
    over = max(one.rho - worth.full_from, 0.0) / (1 - worth.full_from)
    return {
        "sure": one.p * worth.kept - (1 - one.p) * worth.broken,
        "near": -worth.per_km * one.distance_km,
        "calm": -worth.full * over,
        "exact": -worth.per_hour_wide * (one.wide / _HOUR),
        "soon": -worth.per_hour_waited * (min(one.wait, A_DAY_S_WAIT) / _HOUR),
        "frank": -worth.padded * max(one.standing.padding - FREE_LENGTH, 0.0),
    }


def rank(
    candidates: Sequence[Candidate], seed: bytes, worth: Worth | None = None
) -> tuple[list[Ranked], Trial | None]:
    """Return the stores, the one to offer first first, and what was drawn for, if anything was.

    Args:
        candidates: Stores that have all of it; may be empty.
        seed: Of the question: asked again, it is answered alike.
        worth: What counts how much; None: as we ship it.
    """
    judged = [(one, parts(one, worth or Worth())) for one in candidates]
    judged.sort(key=lambda pair: (-sum(pair[1].values()), pair[0].store_id))
    trial = _drawn([(one.store_id, sum(each.values())) for one, each in judged], seed)
    if trial is not None:
        judged.sort(key=lambda pair: pair[0].store_id != trial.first)
    ranked = []
    for place, (one, each) in enumerate(judged):
        other = judged[0 if place else 1][1] if len(judged) > 1 else each
        drawn = trial is not None and place == 0 and trial.first != trial.best
        ranked.append(Ranked(one, sum(each.values()), _why(each, other, place, drawn=drawn)))
    return ranked, trial


def _drawn(ranked: Sequence[tuple[StoreId, float]], seed: bytes) -> Trial | None:
    if len(ranked) < 2:  # noqa: PLR2004 -- nothing to draw between
        return None
    best = ranked[0][1]
    tied = tuple(store for store, utility in ranked if best - utility < TIE * abs(best))
    digest = sha256(seed).digest()
    if len(tied) == 1 or int.from_bytes(digest[:8]) >= EXPLORED * 2**64:
        return None
    first = tied[int.from_bytes(digest[8:16]) % len(tied)]
    share = EXPLORED / len(tied)
    propensity = share if first != tied[0] else 1 - EXPLORED + share
    return Trial(UUID(bytes=digest[16:]), first, tied[0], tied, propensity)


_BETTER: Final = {
    "sure": "it is the surest to have all of it ready in time",
    "near": "it is the nearest of those as sure",
    "calm": "it has the hands free for it",
    "exact": "it can name the narrowest time",
    "soon": "it is ready soonest of those as sure",
    "frank": "it names no later time than its orders need",
}
_WORSE: Final = {
    "sure": "less sure to have all of it ready in time",
    "near": "farther away",
    "calm": "its hands are full just now",
    "exact": "its time is less certain",
    "soon": "ready later",
    "frank": "it names later times than its orders need",
}


def _why(each: dict[str, float], other: dict[str, float], place: int, *, drawn: bool) -> str:
    """Return the consideration that speaks most for the first, or against one that follows."""
    if drawn:
        return "Offered first by a draw among stores as good as each other."
    ahead = {name: each[name] - other[name] for name in each}
    if other is each:
        return "The only store near that has all of it."
    if place == 0:
        name = max(ahead, key=lambda key: ahead[key])
        return f"Offered first: {_BETTER[name] if ahead[name] > 0 else _BETTER['sure']}."
    name = min(ahead, key=lambda key: ahead[key])
    return f"{_WORSE[name].capitalize()}." if ahead[name] < 0 else "As good as the first."
