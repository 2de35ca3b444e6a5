"""Plays all stores of a month, day by day: what one has learned, all know the next morning."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from bopis.promises import promises
from bopis.simulation.month.desk import OF_ALL, Prepared
from bopis.simulation.month.nature import AFTERWARDS, Month
from bopis.simulation.month.store import Store

_DAY: Final = timedelta(days=1)


def play(month: Month) -> tuple[list[Store], datetime]:
    """Return the stores as the month has left them, and when the last order had ended."""
    stores = [Store(month, nature) for nature in month.stores]
    learned: list[float] = []
    at = month.begins - _DAY
    for _ in range(month.days + AFTERWARDS):
        at += _DAY
        for store in stores:
            store.run(at, learned)
        learned = _pooled(at, [list(store.lately()) for store in stores])
        if at > month.ends and not any(store.desk.open for store in stores):
            break
    assert not any(store.desk.open for store in stores), "an order that never ends"
    return stores, at


def _pooled(now: datetime, prepared: Sequence[Sequence[Prepared]]) -> list[float]:
    """Return the chain's experience, as ``promises.pooled`` reads it: the newest first."""
    known = [one for some in prepared for one in some if one.known_at >= now - promises.EXPERIENCE]
    known.sort(key=lambda one: (one.known_at, one.order_id), reverse=True)
    return [one.ratio for one in islice(known, OF_ALL)]
