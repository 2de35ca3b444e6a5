"""Who is planned: as a planning system sends it, date by date."""

from datetime import UTC, datetime, timedelta

import httpx

from associates.crew import shifts
from associates.crew.shifts import Shift
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from inventory.models import Store
from tests.conftest import Key
from tests.inventory.shelves import S1, S2

HEAD = "store_id,begins,ends,people\n"


def at(day: int, hour: int) -> datetime:
    """Return an hour of March 2026 in Chicago, before the clocks change."""
    return datetime(2026, 3, day, hour, tzinfo=UTC) + timedelta(hours=6)


async def planned(db: Database) -> tuple[Shift, ...]:
    async with db.transaction(S1) as tx:
        return await shifts.planned(tx, S1, at(1, 0), at(31, 0))


async def test_a_plan_is_that_of_the_dates_it_names(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    async with db.transaction() as tx:
        await tx.add(Store(store_id=S1, name="Lakeview", time_zone="America/Chicago"))
    headers = {**await key(KeyKind.FEED, "plan"), "Content-Type": "text/csv"}

    async def put(text: str) -> dict[str, object]:
        answer = await client.put("/v1/shifts", content=HEAD + text, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    assert await planned(db) == ()
    told = await put(
        "S1,2026-03-05T09:00,2026-03-05T17:00,2\n"
        "S1,2026-03-05T15:00:00Z,2026-03-05T23:00:00Z,1\n"
        "S1,2026-03-06T22:00,2026-03-07T02:00,1\n"
        "S1,2026-03-06T12:00,2026-03-06T12:00,1\n"
        "S1,2026-03-06T12:00,soon,1\n"
        "S9,2026-03-06T12:00,2026-03-06T13:00,1\n"
    )
    both = await planned(db)
    again = await put("S1,2026-03-06T22:00,2026-03-07T02:00,1\n")
    await put("S1,2026-03-05T09:00,2026-03-05T17:00,0\n")

    assert {n: told[n] for n in ("rows", "written", "rejected")} == {
        "rows": 6,
        "written": 2,
        "rejected": 3,
    }
    assert both == (Shift(at(5, 9), at(5, 17), 3), Shift(at(6, 22), at(7, 2), 1))
    assert again["written"] == 0
    assert await planned(db) == (Shift(at(6, 22), at(7, 2), 1),)


async def test_nobody_plans_for_a_store_that_is_not_theirs(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    async with db.transaction() as tx:
        await tx.add(Store(store_id=S1, name="Lakeview", time_zone="America/Chicago"))
    row = HEAD + "S1,2026-03-05T09:00,2026-03-05T17:00,2\n"

    async def put(headers: dict[str, str]) -> httpx.Response:
        csv = headers | {"Content-Type": "text/csv"}
        return await client.put("/v1/shifts", content=row, headers=csv)

    for kind in (KeyKind.OPS, KeyKind.CHANNEL):
        assert (await put(await key(kind, "x"))).status_code == 403
    told = (await put(await key(KeyKind.FEED, "y", only_store=S2))).json()
    assert (told["written"], told["rejected"]) == (0, 1)
    assert await planned(db) == ()
