"""A store is paused and goes on: by a program, on a page, and never by whom it is not for."""

from datetime import timedelta
from typing import Any, Final

import httpx

from associates.crew.shift_models import PlannedShift
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from inventory.opening.hours_models import StoreSlot
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.ops.desk import S1, S2, token
from tests.bopis.trust import world

HOUR = timedelta(hours=1)


async def facts(db: Database) -> list[str]:
    async with db.transaction() as tx:
        rows = await tx.rows(
            "SELECT name, actor, payload->>'note' AS note FROM events"
            " WHERE name LIKE 'store.%' OR name = 'ops.noted' ORDER BY seq"
        )
    return [f"{row['name']} {row['actor']} {row['note'] or ''}".strip() for row in rows]


async def test_a_pause_is_made_moved_and_ended_by_a_program(
    client: httpx.AsyncClient, key: Key, db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    headers = await key(KeyKind.OPS, "desk")

    async def post(path: str, **body: Any) -> httpx.Response:
        return await client.post(f"/v1/ops/{path}", json=body, headers=headers)

    def at(hours: float) -> str:
        return (clock() + hours * HOUR).isoformat()

    made = await post("stores/S1/pauses", until=at(2), reason="water", note="the cellar")
    assert made.status_code == 201, made.text
    again = await post("stores/S1/pauses", until=at(3), reason="water")
    ahead = await post("stores/S1/pauses", since=at(5), until=at(6), reason="event")
    moved = await post(f"pauses/{ahead.json()['id']}/move", until=at(7), note="longer")
    listed = (await client.get("/v1/ops/stores/S1/pauses", headers=headers)).json()["pauses"]
    ended = await post("stores/S1/resume", note="dry again")
    gone = await post(f"pauses/{made.json()['id']}/end", note="late")
    left = (await client.get("/v1/ops/stores/S1/pauses", headers=headers)).json()["pauses"]

    assert again.json()["id"] == made.json()["id"]
    assert made.json()["told_to_shoppers"] == "because of a water leak"
    assert moved.status_code == 200
    assert [(one["until"], one["is_on"]) for one in listed] == [
        (at(3).replace("+00:00", "Z"), True),
        (at(7).replace("+00:00", "Z"), False),
    ]
    assert ended.json() == {"ended": [made.json()["id"]]}
    assert gone.status_code == 404
    assert [one["id"] for one in left] == [ahead.json()["id"]]
    assert await facts(db) == [
        "store.paused ops:desk",
        "ops.noted ops:desk the cellar",
        "store.pause_moved ops:desk",
        "ops.noted ops:desk",
        "store.paused ops:desk",
        "ops.noted ops:desk",
        "store.pause_moved ops:desk",
        "ops.noted ops:desk longer",
        "store.resumed ops:desk",
        "ops.noted ops:desk dry again",
    ]


REFUSED: Final[tuple[tuple[float | None, float, dict[str, bool], str], ...]] = (
    (None, -1, {}, "has to end after it begins"),
    (3, 2, {}, "has to end after it begins"),
    (2, 2, {}, "has to end after it begins"),
    (-1, 2, {}, "cannot begin in the past"),
    (None, 24 * 31, {}, "ends within 30 days"),
    (None, 2, {"takes_orders": True, "closes": False}, "Choose one of the two"),
)


async def test_a_pause_that_cannot_be_meant_is_refused(
    client: httpx.AsyncClient, key: Key, db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    headers = await key(KeyKind.OPS, "desk")

    for since, until, more, why in REFUSED:
        said: dict[str, Any] = {"until": (clock() + until * HOUR).isoformat(), "reason": "water"}
        if since is not None:
            said["since"] = (clock() + since * HOUR).isoformat()
        answer = await client.post("/v1/ops/stores/S1/pauses", json=said | more, headers=headers)
        assert answer.status_code == 422, said
        assert why in answer.json()["detail"]

    assert await facts(db) == []


async def test_another_store_is_not_there_to_be_paused(
    client: httpx.AsyncClient, key: Key, db: Database, clock: ManualClock
) -> None:
    await world.build(db, stores=(S1, S2))
    mine = await key(KeyKind.OPS, "desk", only_store=S1)
    until = {"until": (clock() + HOUR).isoformat()}
    pause = await client.post(
        "/v1/ops/stores/S2/pauses",
        json=until | {"reason": "water"},
        headers=await key(KeyKind.OPS, "all"),
    )
    id_ = pause.json()["id"]
    before = await facts(db)

    for path, body in {
        "stores/S2/pauses": until | {"reason": "water"},
        "stores/S2/resume": {"note": "x"},
        f"pauses/{id_}/move": until | {"note": "x"},
        f"pauses/{id_}/end": {"note": "x"},
    }.items():
        answer = await client.post(f"/v1/ops/{path}", json=body, headers=mine)
        assert answer.status_code == 404, path
    for path in ("stores/S2/pauses", "stores/S2/hours"):
        assert (await client.get(f"/v1/ops/{path}", headers=mine)).status_code == 404

    assert await facts(db) == before


async def test_a_person_pauses_a_store_on_its_page_and_lets_it_go_on(
    sign_in: SignIn, db: Database
) -> None:
    await world.build(db)
    desk = await sign_in()
    page = await desk.get("/ops/hours/S1")
    wall = {"token": token(page.text), "store": "S1"}
    said = wall | {"reason": "power", "kind": "later", "note": ""}

    forged = await desk.post("/ops/hours/pause", data=said | {"token": "x", "until": "2026-03-07"})
    vague = await desk.post("/ops/hours/pause", data=said | {"until": "at three"})
    other = await desk.post(
        "/ops/hours/pause", data=said | {"until": "2026-03-06T23:00", "kind": "forever"}
    )
    assert await facts(db) == []
    paused = await desk.post("/ops/hours/pause", data=said | {"until": "2026-03-06T23:30"})
    shown = (await desk.get(paused.headers["location"])).text
    listed = (await desk.get("/ops/hours")).text
    resumed = await desk.post("/ops/hours/resume", data=wall | {"note": "light again"})
    after = (await desk.get(resumed.headers["location"])).text

    assert (forged.status_code, vague.status_code, other.status_code) == (403, 422, 422)
    assert "Paused until 11:30 PM." in shown
    assert "Power cut" in shown
    assert "closed, takes orders for later" in shown
    assert "paused until 11:30 PM" in listed
    assert "The pause is over." in after
    assert "Nothing is paused" in after


async def test_a_store_s_page_shows_its_slots_and_its_shifts_or_says_that_it_gives_none(
    sign_in: SignIn, key: Key, client: httpx.AsyncClient, db: Database
) -> None:
    await world.build(db, stores=(S1, S2))
    async with db.transaction(S1) as tx:
        await tx.add(
            StoreSlot(store_id=S1, weekday=4, opens="12:00", closes="15:00", minutes=60, capacity=1)
        )
        await tx.add(
            PlannedShift(store_id=S1, begins_at=tx.now, ends_at=tx.now + 6 * HOUR, people=3)
        )
    headers = await key(KeyKind.OPS, "desk")
    told = (await client.get("/v1/ops/stores/S1/hours", headers=headers)).json()
    desk = await sign_in()

    page = " ".join((await desk.get("/ops/hours/S1")).text.split())
    none = (await desk.get("/ops/hours/S2")).text

    assert [(slot["capacity"], slot["promised"]) for slot in told["slots"]] == [
        (1, 1),
        (1, 0),
        (1, 0),
    ]
    assert [shift["people"] for shift in told["shifts"]] == [3]
    assert "12:00 PM to 1:00 PM" in page
    assert ">full</span>" in page
    assert page.count(">room for 1</span>") == 2
    assert "12:00 PM to 6:00 PM" in page
    assert "This store gives no slots" in none
    assert "This store gives no plan" in none
