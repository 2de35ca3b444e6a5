"""What the floor is told of an order's odds: which walk cannot wait, which may share. Pure."""

from typing import Final

from associates.walking.wave import Odds
from bopis.orders.watching.looks import Look
from bopis.promises import predictor
from bopis.promises.predictor import Tempo
from bopis.promises.promise import PromiseStatus

SLOW: Final = predictor.quantile(predictor.WALK.ratios, predictor.CONFIDENCE)
"""Nine of ten walks under way take no longer than so many times what they should."""

USUAL: Final = Tempo()

FEARED_FOR: Final = frozenset({PromiseStatus.AT_RISK, PromiseStatus.DELAYED})
"""Whoever has been told that it will be late comes no later for that."""


def of_new(units: int, status: PromiseStatus) -> Odds:
    """Return what to tell of a walk that goes on the list, before a sweep has looked at the day.

    Units:
        units: a handful of one item at most (``associates.walking.walk.effort``).
    """
    return _odds(USUAL, units, status)


def of_look(looked: Look, tempo: Tempo) -> Odds:
    """Return what to tell of an order that a sweep has looked at, at the tempo of the day."""
    return _odds(tempo, looked.seen.reserved, looked.status)


def _odds(tempo: Tempo, units: int, status: PromiseStatus) -> Odds:
    return Odds(
        slow_minutes=float(round(tempo.minutes(1, units) * SLOW)),
        is_at_risk=status in FEARED_FOR,
    )
