"""Plays all stores of a month, day by day: what one has learned, all know the next morning."""

from datetime import datetime, timedelta
from typing import Final

from bopis.simulation.month import learning
from bopis.simulation.month.learning import OfAll
from bopis.simulation.month.nature import AFTERWARDS, Month
from bopis.simulation.month.store import Store

_DAY: Final = timedelta(days=1)


def play(month: Month) -> tuple[list[Store], datetime]:
    """Return the stores as the month has left them, and when the last order had ended."""
    stores = [Store(month, nature) for nature in month.stores]
    known, at = OfAll(), month.begins - _DAY
    for _ in range(month.days + AFTERWARDS):
        at += _DAY
        for store in stores:
            store.run(at, known)
        known = learning.together(known, [store.desk.experience for store in stores], at)
        if at > month.ends and not any(store.desk.open for store in stores):
            break
    assert not any(store.desk.open for store in stores), "an order that never ends"
    return stores, at
