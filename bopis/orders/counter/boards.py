"""Reads what the floor and the counter show live, for all who watch one store at once."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from associates.handheld import devices
from bopis.kernel import speech
from bopis.kernel.database import Database, Tx
from bopis.kernel.hub import Hub
from bopis.kernel.ids import StoreId
from bopis.orders.counter import board
from inventory import stores
from inventory.layout import floors

READERS: Final = 4_000
"""Handhelds and counter screens that one process serves; idle ones cost next to nothing."""


class Screen(StrEnum):
    """Who watches."""

    HANDHELD = "handheld"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class News:
    """What is so, as it is sent; alike as long as nothing has changed.

    Shapes:
        guests: JSON, for the screen that it is for.
        bags: JSON; for a counter alone.
        work: differs when there is something else to do; for a handheld alone.
        floor: differs when an aisle is blocked or free again; for a handheld alone.
    """

    guests: str = ""
    bags: str = ""
    work: str = ""
    floor: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches, and in which language they read."""

    screen: Screen
    language: str = speech.SOURCE


Board = Hub[Watch, News]

_SHOWN: Final = """
    WITH coming AS (
        SELECT * FROM arrivals
         WHERE store_id = $1 AND state IN ('on_my_way', 'arrived')
         ORDER BY arrived_at, said_at LIMIT 40
    ),
    ready AS (
        SELECT id FROM orders
         WHERE store_id = $1 AND closed_at IS NULL AND $2::bool
           AND state IN ('ready_for_pickup', 'partially_picked_up')
         ORDER BY ready_at DESC, number LIMIT 60
    ),
    shown AS (
        SELECT o.id, o.number, o.state, o.promised_at, o.ready_at, r.first_name,
               coalesce(w.places, p.label, o.staging_code) AS place
          FROM orders AS o
          LEFT JOIN recipients AS r ON r.store_id = $1 AND r.order_id = o.id
          LEFT JOIN staging_places AS p ON p.store_id = $1 AND p.code = o.staging_code
         CROSS JOIN LATERAL (
               SELECT string_agg(DISTINCT coalesce(q.label, b.staging_code), ' + ') AS places
                 FROM bags AS b
                 LEFT JOIN staging_places AS q ON q.store_id = $1 AND q.code = b.staging_code
                WHERE b.store_id = $1 AND b.order_id = o.id AND b.state = 'waiting') AS w
         WHERE o.store_id = $1
           AND o.id = ANY (ARRAY(SELECT order_id FROM coming UNION SELECT id FROM ready))
    )
    SELECT (SELECT json_agg(json_build_object(
                       'number', o.number, 'first_name', o.first_name, 'state', a.state,
                       'arrived_at', a.arrived_at, 'expected_at', a.expected_at,
                       'waits_at', a.waits_at, 'spot', a.spot, 'order_state', o.state,
                       'promised_at', o.promised_at, 'place', o.place)
                   ORDER BY a.arrived_at, a.expected_at, o.number)::text
              FROM coming AS a JOIN shown AS o ON o.id = a.order_id) AS guests,
           (SELECT json_agg(json_build_object(
                       'number', o.number, 'first_name', o.first_name, 'place', o.place)
                   ORDER BY o.ready_at DESC, o.number)::text
              FROM ready JOIN shown AS o ON o.id = ready.id) AS bags
"""
_WORK: Final = """
    SELECT (SELECT count(*) || ' ' || coalesce(sum(hashtextextended(
                       concat_ws(' ', t.id, t.state, t.fence, t.assigned_to, t.due_at), 0)), 0)
              FROM pick_tasks AS t
             WHERE t.store_id = $1 AND t.state IN ('open', 'claimed', 'picked'))
        || ' ' || (SELECT coalesce(sum(hashtextextended(order_id || state, 0)), 0) FROM arrivals
                    WHERE store_id = $1 AND state IN ('on_my_way', 'arrived'))
        || ' ' || (SELECT coalesce(sum(hashtextextended(id::text, 0)), 0) FROM take_overs
                    WHERE store_id = $1 AND answered_at IS NULL)
        || ' ' || (SELECT count(*) FROM put_back_duties WHERE store_id = $1 AND done_at IS NULL)
        || ' ' || (SELECT count(*) FROM count_requests WHERE store_id = $1 AND done_at IS NULL)
"""


class Boards:
    """Looks at stores for a hub, and remembers what it has put into words.

    While the rows are the same, so are the words: they are of times of day, not of how long ago.
    """

    def __init__(self) -> None:
        self._said: dict[tuple[StoreId, Watch], tuple[Hashable, str, str]] = {}

    async def look(
        self, tx: Tx, store_id: StoreId, watches: Collection[Watch]
    ) -> Mapping[Watch, News]:
        screens = {watch.screen for watch in watches}
        shown = await tx.row(_SHOWN, store_id, Screen.COUNTER in screens)
        assert shown is not None
        guests, bags = shown["guests"] or "[]", shown["bags"] or "[]"
        work = floor = ""
        if Screen.HANDHELD in screens:
            work, floor = await tx.value(_WORK, store_id), await floors.mark(tx, store_id)
        found: dict[Watch, News] = {}
        for watch in watches:
            is_counter = watch.screen is Screen.COUNTER
            with speech.speaking(watch.language):
                said, listed = await self._words(
                    tx, store_id, watch, guests, bags if is_counter else "[]"
                )
            if is_counter:
                found[watch] = News(guests=said, bags=listed)
            else:
                found[watch] = News(guests=said, work=work, floor=floor)
        return found

    async def _words(
        self, tx: Tx, store_id: StoreId, watch: Watch, guests: str, bags: str
    ) -> tuple[str, str]:
        made_from = (guests, bags, tx.now.replace(second=0, microsecond=0) if guests != "[]" else 0)
        known = self._said.get((store_id, watch))
        if known is not None and known[0] == made_from:
            return known[1], known[2]
        zone = ZoneInfo((await stores.get(tx, store_id)).time_zone)
        whole = watch.screen is Screen.HANDHELD
        seen = [board.guest(_row(one), zone, tx.now, whole=whole) for one in _rows(guests)]
        said = _text(board.plain(seen))
        listed = _text(board.plain([board.bag(one) for one in _rows(bags)]))
        self._said[store_id, watch] = (made_from, said, listed)
        return said, listed


def _rows(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = msgspec.json.decode(text)
    return rows


_TIMES: Final = ("arrived_at", "expected_at", "promised_at")


def _row(one: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(one[name]) for name in _TIMES if one[name]}
    return one | times


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _barred(tx: Tx, store_id: StoreId, who: Collection[Any]) -> Collection[Hashable]:
    return await devices.barred(tx, store_id, who)


def made(db: Database, **options: Any) -> Board:
    """Return a hub of the screens on the floor: whoever may not look any more hears nothing."""
    return Hub(db, Boards().look, barred=_barred, readers=READERS, **options)
