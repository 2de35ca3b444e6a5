"""What a belief is worth: how sure we are, what we call it, how much we dare to promise. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from bopis.kernel.ids import Sku
from inventory.belief.filter import TOP, Each, Rows, Units, at_least

SURE: Final = 0.95
"""From here on we say *available* and nothing else."""


class Tier(StrEnum):
    AVAILABLE = "available"
    LIKELY = "likely"  # we promise it, and confirm by a time
    NOT_HERE = "not_here"  # there may be one, but not so surely that anybody should come for it


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely all the wanted units of an item are found, beside what is already promised."""

    sku: Sku
    p_find: float
    tier: Tier
    is_calibrated: bool = False
    """Picks of this store have shown what such a chance is worth."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a promise earns, what a broken one costs, and what else the shopper could have had.

    Units:
        any currency, for one line of an order, relative to each other.
    """

    margin: float = 8.0
    failure: float = 32.0
    alternative: float = 0.0

    @property
    def threshold(self) -> float:
        """Return how sure we have to be before we promise: ``p*m - (1-p)*c >= v``."""
        return min((self.failure + self.alternative) / (self.margin + self.failure), 1.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """What a raw chance turned out to be worth: the share of picks that were found.

    Shapes:
        raw, true: knots, ascending, of one length; empty: nothing has been learned, raw is kept.
    """

    raw: tuple[float, ...] = ()
    true: tuple[float, ...] = ()

    def __call__(self, chance: Rows) -> Rows:
        if not self.raw:
            return chance
        return np.interp(chance, self.raw, self.true).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a store turns a belief into a promise."""

    costs: Costs = field(default_factory=Costs)
    curve: Curve = field(default_factory=Curve)


def tier(chance: float, threshold: float) -> Tier:
    if chance >= max(SURE, threshold):
        return Tier.AVAILABLE
    return Tier.LIKELY if chance >= threshold else Tier.NOT_HERE


def raw(rows: Rows, find: Each, total: Units) -> Each:
    """Return the chance that ``total`` units are in the building and the last of them is found.

    Of more than 60 units we say what we say of 60.
    """
    upto = np.clip(total, 0, TOP)[:, None]
    return np.take_along_axis(at_least(rows), upto, axis=1)[:, 0] * find


def caps(rows: Rows, find: Each, terms: Terms) -> Units:
    """Return the most that may be promised of each item in all; ``TOP``: there is no cap."""
    sure = terms.curve(at_least(rows)[:, 1:] * find[:, None]) >= terms.costs.threshold
    most: npt.NDArray[np.int64] = np.cumprod(sure, axis=1).sum(axis=1).astype(np.int64)
    return most
