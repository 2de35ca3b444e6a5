"""The orders that this database remembers, and what became of each: for a backtest."""

from datetime import datetime, timedelta
from math import inf
from typing import Final

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.promises import timing, tracking
from bopis.promises.backtest import Past
from bopis.promises.outlook import opens_at
from bopis.promises.promise import EPOCH
from inventory import stores
from inventory.opening import hours
from inventory.opening.hours import Calendar

MOST: Final = 100_000
MINUTE: Final = timedelta(minutes=1)

_RECORDED: Final = """
    SELECT p.store_id, p.made_at, e.base_minutes, e.open_minutes, e.pick_minutes
      FROM preparations AS e  /* fanout: report */
      JOIN promises AS p
        ON p.store_id = e.store_id AND p.order_id = e.order_id AND p.version = 1
     WHERE e.base_minutes > 0
     ORDER BY p.made_at DESC, p.store_id, p.order_id
     LIMIT $1
"""


class StoreDays:
    """Promises on the calendars of real stores."""

    def __init__(self, calendars: dict[str, tuple[Calendar, Calendar]]) -> None:
        self._calendars = calendars

    def named(self, past: Past, minutes: float) -> float:
        calendar, pickup = self._calendars[past.store]
        made_at = EPOCH + past.at * MINUTE
        done = hours.add_open_time(calendar, made_at, minutes * MINUTE)
        named = None if done is None else timing.collectable(pickup, done)
        if named is None:
            return minutes
        return hours.open_time_between(calendar, made_at, named) / MINUTE

    def at(self, past: Past, minutes: float) -> float:
        calendar, _ = self._calendars[past.store]
        made_at = EPOCH + past.at * MINUTE
        moment = hours.add_open_time(calendar, made_at, minutes * MINUTE) or made_at
        return (moment - EPOCH) / MINUTE


async def orders(db: Database) -> tuple[list[Past], StoreDays]:
    """Return the newest orders that the stores have learned from, by when they were promised.

    An order that was late, and of which no *ready* was ever seen, counts as never ready: how long
    it would have taken is not known, and a kinder guess would be ours.
    """
    async with db.transaction() as tx:
        rows = await tx.rows(_RECORDED, MOST)
    calendars: dict[str, tuple[Calendar, Calendar]] = {}
    for store_id in sorted({StoreId(row["store_id"]) for row in rows}):
        async with db.transaction(store_id) as tx:
            calendars[store_id] = (
                await stores.calendar(tx, store_id),
                await stores.pickup_calendar(tx, store_id),
            )
    pasts = [
        Past(
            store=row["store_id"],
            at=(row["made_at"] - EPOCH) / MINUTE,
            base=row["base_minutes"],
            took=inf if row["pick_minutes"] is None else row["open_minutes"],
            hour=_hour(calendars[row["store_id"]][0], row["made_at"]),
        )
        for row in reversed(rows)
    ]
    return pasts, StoreDays(calendars)


def _hour(calendar: Calendar, made_at: datetime) -> tracking.Hour:
    return tracking.begins_in(made_at, opens_at(calendar, made_at), calendar.zone)
