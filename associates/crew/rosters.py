"""Plans of who is needed when, as a store's planning system sends them: read and written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.catalog import bulk, sheets
from inventory.catalog.bulk import Sheet
from inventory.catalog.loading import Loaded
from inventory.feeds import values
from inventory.feeds.intake import File
from inventory.feeds.rejects import Bad, Reason, Reject
from inventory.stores import StoreUnknown

MOST: Final = 1000
"""People of one stretch."""

Stretch = tuple[datetime, datetime, int]


def _moment(name: str, text: str) -> str:
    """Return a time as it was written, in ISO's way; without a zone it is the store's wall's."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Bad(name, Reason.NOT_A_TIME) from None
    if not values.EARLIEST.year <= moment.year <= _LAST_YEAR:
        raise Bad(name, Reason.OUT_OF_RANGE)
    return moment.isoformat()


_LAST_YEAR: Final = 2100
_DAY: Final = timedelta(days=1)
_KEPT: Final = timedelta(days=100)
"""How long a plan is kept that has been: as long as a promise may have to be explained by it."""

SHEET: Final = Sheet(
    required={
        "store_id": bulk.store,
        "begins": _moment,
        "ends": _moment,
        "people": partial(values.whole, least=0, most=MOST),
    },
    optional={},
)


async def load(
    db: Database, file: File, *, actor: str, only_store: StoreId | None = None
) -> Loaded:
    """Take in a plan: for each store, it replaces what was planned for the dates that it names.

    Raises:
        FileUnreadable: Nothing in the file can be understood; nothing was done.
    """
    loaded = Loaded()
    plans: dict[StoreId, list[tuple[int, Mapping[str, Any]]]] = {}
    async with sheets.read(db, file, f"{__name__}:SHEET") as pages:
        async for page in pages:
            loaded.rows += len(page.rows) + len(page.rejects)
            loaded.reject(page.rejects)
            for line, entry in page.rows:
                plans.setdefault(StoreId(entry["store_id"]), []).append((line, entry))
    for store_id, rows in sorted(plans.items()):
        if only_store not in {None, store_id}:
            loaded.reject(_strangers(rows))
            continue
        async with db.transaction(store_id, actor=actor) as tx:
            try:
                zone = (await stores.get(tx, store_id)).time_zone
            except StoreUnknown:
                loaded.reject(_strangers(rows))
                continue
            good, bad = _understood(rows, zone)
            loaded.reject(bad)
            loaded.written += await put(tx, store_id, good, ZoneInfo(zone))
    return loaded


def _strangers(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Reject]:
    return [
        Reject(line, "store_id", Reason.UNKNOWN_STORE, str(entry["store_id"]))
        for line, entry in rows
    ]


def _understood(
    rows: Iterable[tuple[int, Mapping[str, Any]]], zone: str
) -> tuple[list[Stretch], list[Reject]]:
    """Return the stretches in UTC, and the rows that are none: they end before they begin."""
    good: dict[tuple[datetime, datetime], int] = {}
    bad = []
    for line, entry in rows:
        begins, ends = (
            stores.instant(datetime.fromisoformat(entry[name]), zone) for name in ("begins", "ends")
        )
        if ends <= begins:
            bad.append(Reject(line, "ends", Reason.OUT_OF_RANGE, str(entry["ends"])))
            continue
        good[begins, ends] = good.get((begins, ends), 0) + entry["people"]
    return [(*span, people) for span, people in good.items()], bad


_PLANNED: Final = """
    SELECT begins_at, ends_at, people FROM planned_shifts
     WHERE store_id = $1 AND begins_at >= $2 AND begins_at < $3
"""
_DROP: Final = """
    DELETE FROM planned_shifts AS s
     USING unnest($2::timestamptz[], $3::timestamptz[]) AS gone (begins_at, ends_at)
     WHERE s.store_id = $1 AND s.begins_at = gone.begins_at AND s.ends_at = gone.ends_at
"""
_FORGET: Final = "DELETE FROM planned_shifts WHERE store_id = $1 AND ends_at < $2"
_ADD: Final = """
    INSERT INTO planned_shifts (store_id, begins_at, ends_at, people)
    SELECT $1, n.begins_at, n.ends_at, n.people
      FROM unnest($2::timestamptz[], $3::timestamptz[], $4::int[])
           AS n (begins_at, ends_at, people)
    ON CONFLICT (store_id, begins_at, ends_at) DO UPDATE SET people = EXCLUDED.people
"""


async def put(tx: Tx, store_id: StoreId, rows: Sequence[Stretch], zone: ZoneInfo) -> int:
    """Write the stretches of some dates; what was planned for these dates before is gone.

    Returns:
        How many stretches are new, or are no more. One of nobody says that a date has none.
    """
    dates = {_date(begins, zone) for begins, _, _ in rows}
    if not dates:
        return 0
    first, last = min(begins for begins, _, _ in rows), max(begins for begins, _, _ in rows)
    since, until = first - _DAY, last + _DAY
    was = {
        (row["begins_at"], row["ends_at"], row["people"])
        for row in await tx.rows(_PLANNED, store_id, since, until)
        if _date(row["begins_at"], zone) in dates
    }
    now = {row for row in rows if row[2]}
    await tx.run(_FORGET, store_id, tx.now - _KEPT)
    gone, new = sorted(was - now), sorted(now - was)
    if gone:
        await tx.run(_DROP, store_id, [row[0] for row in gone], [row[1] for row in gone])
    if new:
        await tx.run(_ADD, store_id, *([row[n] for row in new] for n in range(3)))
    return len(gone) + len(new)


def _date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(UTC).astimezone(zone).date()
