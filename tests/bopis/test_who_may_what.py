"""Every address of the application, asked by everybody who may not: an address that is new fails.

Who asks is known from the routes themselves. What an address is about stands in the tables below;
without a line there a test is red, so that nobody adds a door and forgets its lock.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, NamedTuple

import httpx
import pytest
from fastapi import FastAPI

from associates.crew import badges, people
from associates.handheld import devices
from bopis.kernel.database import Database
from bopis.kernel.described import calls_of, routes_of
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from tests.bopis.ops.desk import S1, S2, conflict, dead_letter
from tests.bopis.trust import world
from tests.conftest import Key

ANYBODY: Final = {
    *("/handheld", "/handheld/sw.js", "/handheld/manifest.webmanifest", "/scanner-codes"),
    *("/tote-labels", "/tote-labels.zpl"),
    *(
        "/counter",
        "/healthz",
        "/healthz/watch",
        "/readyz",
        "/metrics",
        "/assets/{digest}/{name:path}",
    ),
    *("/ops/sign-in", "/v1/handheld/enrol"),
    *("/stores/record", "/stores/record.json"),
    *("/stores/{store_id}/record", "/stores/{store_id}/record.json"),
}
"""Pages without anything of anybody's in them, and the two doors where a secret is shown."""

LINK: Final = "/o/{token}"
"""Whoever has the link: it is a secret itself."""

NOW: Final = "2026-03-06T18:00:00Z"
ENTRY: Final = {"scan_id": f"{0:032x}", "device_seq": 1, "scanned_at": NOW}
NOTE: Final = {"note": "x"}
THEIRS: Final = f"S2.{world.task_id(world.ACCEPTED).hex}"
"""A walk of the other store; of its order, device and person the ids are like it."""
ORDER: Final = f"S2.{world.order_id(world.STAGED).hex}"
PERSON: Final = f"S2.{world.ASSOCIATE.hex}"
SCAN: Final = ENTRY | {"fence": 1, "code": "4006381333931"}

OF_HANDHELDS: Final[dict[str, dict[str, Any] | None]] = {
    "GET counter/{code:path}": None,
    "POST counter/{code}/hand-over": ENTRY,
    "POST counter/{code}/choose": {"case": 1, "choice": "wait"},
    "POST counter/{code}/retract": ENTRY | {"missing": {}},
    "GET live": None,
    "GET screen/live": None,
    "GET tasks/{task_id}/labels": None,
    "POST tasks/{task_id}/labels/print": {},
    "POST sign-in": {"badge": "B0000000000"},
    "POST sign-out": {},
    "GET tasks": None,
    "POST tasks/{task_id}/claim": {},
    "POST tasks/{task_id}/ask": {},
    "POST tasks/{task_id}/answer": {"yes": True},
    "POST waves": {"task_ids": [THEIRS]},
    "POST tasks/{task_id}/give-up": {},
    "GET package": None,
    "GET tasks/{task_id}": None,
    "POST tasks/{task_id}/scans": SCAN,
    "POST tasks/{task_id}/bags": ENTRY | {"fence": 1, "count": 1},
    "POST put-backs/{duty_id}/done": ENTRY,
    "POST log": {"entries": [ENTRY | {"path": f"tasks/{THEIRS}/scans", "body": {"fence": 1}}]},
    "GET counts": None,
    "POST counts/{count_id}/claim": {},
    "GET counts/{count_id}": None,
    "POST counts/{count_id}/done": ENTRY | {"counted": 1},
    "GET about-me": None,
    "GET about-me/export": None,
    "POST about-me/disputes": {"dispute_id": f"{1:032x}", "about": "scans", "words": "Not so."},
}
"""What a handheld may ask for, and a body that could be meant."""

FOREIGN: Final = {
    "task_id": THEIRS,
    "count_id": world.order_id(7).hex,
    "duty_id": world.order_id(8).hex,
    "code": "CODE0001",
    "order_id": ORDER,
    "device_id": f"S2.{world.DEVICE.hex}",
    "associate_id": PERSON,
    "dispute_id": PERSON,
    "conflict_id": f"S2.{world.event_id(9, 9).hex}",
    "request_id": f"S2.{world.order_id(7).hex}",
    "pause_id": PERSON,
    "store_id": "S2",
}
"""The other store's, by the name that an address gives it."""

DAYS: Final = {"first_day": "2026-03-05", "last_day": "2026-03-05"}
UNTIL: Final = NOTE | {"until": "2026-03-06T20:00:00Z"}
OF_OPS: Final[dict[str, dict[str, Any] | None]] = {
    "GET orders/{order_id}": None,
    "POST orders/{order_id}/retract": NOTE,
    "POST orders/{order_id}/choose": NOTE | {"choice": "wait", "case": 1, "heard": "phone"},
    "POST stores/{store_id}/enrolment-codes": {},
    "POST devices/{device_id}/revoke": NOTE,
    "POST devices/{device_id}/unlock": NOTE,
    "GET conflicts/{conflict_id}": None,
    "POST conflicts/{conflict_id}/count": {"counted": 1, "note": "x"},
    "POST conflicts/{conflict_id}/close": NOTE,
    "POST counts/{request_id}": {"counted": 1, "note": "x"},
    "GET stores/{store_id}/pauses": None,
    "POST stores/{store_id}/pauses": UNTIL | {"reason": "power"},
    "POST pauses/{pause_id}/move": UNTIL,
    "POST pauses/{pause_id}/end": NOTE,
    "POST stores/{store_id}/resume": NOTE,
    "GET stores/{store_id}/hours": None,
    "POST stores/{store_id}/record/notes": DAYS | {"words": "Not so."},
    "GET stores/{store_id}/record/notes": None,
    "POST stores/{store_id}/associates": {"number": "7", "name": "Eve"},
    "PUT stores/{store_id}/associates": None,
    "POST associates/{associate_id}/badge": NOTE,
    "POST associates/{associate_id}/deactivate": NOTE,
    "POST associates/{associate_id}/unlock": NOTE,
    "GET stores/{store_id}/picking": None,
    "PUT stores/{store_id}/picking": {"scan_totes": True},
    "GET stores/{store_id}/floor": None,
    "POST stores/{store_id}/floor/block": {"aisle": "3", "reason": "x"},
    "POST stores/{store_id}/floor/free": {"aisle": "3"},
    "GET stores/{store_id}/bagging": None,
    "PUT stores/{store_id}/bagging": {"labels": True},
    "POST disputes/{dispute_id}/answer": NOTE,
}
"""What a key of store operations may ask about one thing of one store."""


class Door(NamedTuple):
    method: str
    path: str
    asks_for: str
    """What it is opened with: a handheld, a key, a page's session; blank: nothing."""


def doors(app: FastAPI) -> Iterator[Door]:
    for route in routes_of(app.routes):
        names = {getattr(call, "__qualname__", "") for call in calls_of(route.dependant)}
        asks_for = ""
        for name, kind in (("shown", "handheld"), ("_key.", "key"), ("_signed_in", "page")):
            if any(one == name or (one.startswith(name) and "." in name) for one in names):
                asks_for = kind
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Door(method, route.path, asks_for)


def test_every_address_asks_who_is_there(app: FastAPI) -> None:
    open_ = {door.path for door in doors(app) if not door.asks_for}

    assert {path for path in open_ if not path.startswith(LINK)} == ANYBODY
    handheld = {f"{d.method} {d.path}" for d in doors(app) if d.asks_for == "handheld"}
    assert handheld == {line.replace(" ", " /v1/handheld/") for line in OF_HANDHELDS}
    one_thing = {
        f"{door.method} {door.path}".replace("/v1/ops/", "")
        for door in doors(app)
        if door.asks_for == "key" and door.path.startswith("/v1/ops/") and "_id}" in door.path
        if "batch_id" not in door.path  # of feeds, which belong to no store
    }
    assert one_thing == set(OF_OPS)


async def test_nobody_opens_a_door_with_nothing_or_with_another_doors_key(
    app: FastAPI, client: httpx.AsyncClient, key: Key
) -> None:
    bearers = {kind: await key(kind) for kind in KeyKind}
    untold = set()
    for door in doors(app):
        if not door.asks_for:
            continue
        path = _filled(door.path)
        asked: dict[str, dict[str, str]] = {"": {}} | {str(k): v for k, v in bearers.items()}
        statuses = set()
        kinds = asked if door.asks_for == "key" else {"", str(KeyKind.OPS)}
        for kind in sorted(kinds):
            headers = asked[kind]
            answer = await client.request(door.method, path, headers=headers)
            statuses.add(answer.status_code)
            if not _is_published(app, door.method, door.path, answer):
                untold.add(f"{door.method} {door.path}: {answer.status_code}")
            mine = door.asks_for == "key" and answer.status_code != 401 and kind
            assert mine or answer.status_code in {401, 303}, (door, kind, answer.status_code)
            if mine and kind != KeyKind.OPS and path.startswith("/v1/ops/"):
                assert answer.status_code == 403, (door, kind)
        assert door.asks_for != "key" or 403 in statuses, door
    assert untold == set()


def _is_published(app: FastAPI, method: str, path: str, answer: httpx.Response) -> bool:
    """Say whether what an address answers stands in its description; of a page there is none."""
    told = app.openapi()["paths"].get(path.replace(":path}", "}"), {}).get(method.lower())
    return told is None or str(answer.status_code) in told["responses"]


def _filled(path: str) -> str:
    """Return an address with the other store's things in it."""
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: FOREIGN.get(found[1], "x"), path)


@pytest.fixture
async def foreign(db: Database) -> AsyncIterator[str]:
    """Two stores; what stands in the other one, before and after."""
    await world.build(db, stores=(S1, S2))
    await conflict(db, S2)
    await dead_letter(db, S2)
    async with db.transaction(S2) as tx:
        await tx.run(
            "INSERT INTO count_requests (store_id, id, sku, reason, opened_at)"
            " VALUES ('S2', $1, 'oats', 'not_found', $2)",
            world.order_id(7),
            tx.now,
        )
        await tx.run(
            "INSERT INTO put_back_duties (store_id, id, order_id, number, sku, name, quantity,"
            " opened_at) VALUES ('S2', $1, $2, 'N', 'oats', 'Oats', 1, $3)",
            world.order_id(8),
            world.order_id(world.ACCEPTED),
            tx.now,
        )
    before = await _standing(db)
    yield before
    assert await _standing(db) == before


TABLES: Final = (
    *("orders", "order_lines", "pick_tasks", "pick_lines", "scans", "stock", "count_requests"),
    *("put_back_duties", "devices", "associates", "enrolment_codes", "stock_conflicts"),
    *("pauses", "bagging", "disputes", "events", "handheld_cases"),
)


async def _standing(db: Database) -> str:
    """Return all that the other store has, as text."""
    rows = []
    async with db.transaction(S2) as tx:
        for table in TABLES:
            sql = f"SELECT t::text FROM {table} AS t WHERE store_id = 'S2' ORDER BY 1"  # noqa: S608
            rows += [f"{table} {row[0]}" for row in await tx.rows(sql)]
    return "\n".join(rows)


async def test_no_handheld_reaches_into_another_store(
    app: FastAPI, foreign: str, client: httpx.AsyncClient, db: Database
) -> None:
    headers = await _handheld(db, S1)
    for line, body in OF_HANDHELDS.items():
        method, _, path = line.partition(" ")
        address = _filled(f"/v1/handheld/{path}")
        if path.endswith("live") or path == "sign-out":
            continue  # about whoever asks, and nobody else
        answer = await client.request(method, address, json=body, headers=headers)

        assert _is_published(app, method, f"/v1/handheld/{path}", answer), line
        if address != f"/v1/handheld/{path}" or path == "waves":
            assert answer.status_code == 404 or _says_no(answer), (line, answer.text)
        assert "S2" not in answer.text.replace(THEIRS, ""), line
    assert "Invented Person" in foreign


def _says_no(answer: httpx.Response) -> bool:
    """Say whether an answer is the one to a code that opens nothing here."""
    return answer.status_code == 200 and answer.json()["message"]["kind"] == "wrong"


async def test_a_handheld_that_is_shut_out_or_put_down_hears_nothing(
    client: httpx.AsyncClient, db: Database
) -> None:
    await world.build(db)
    whole = await _handheld(db, S1)
    nobody = {"Authorization": whole["Authorization"]}
    device = whole["Authorization"].split(".")[1]
    not_yet = {"POST sign-in", "POST sign-out", "GET live", "GET screen/live"}
    for headers, spared in ((nobody, not_yet), (whole, set[str]())):
        if not spared:
            async with db.transaction(S1) as tx:
                await tx.run("UPDATE devices SET revoked_at = $2 WHERE id = $1", device, tx.now)
        for line, body in OF_HANDHELDS.items():
            method, _, path = line.partition(" ")
            address = _filled(f"/v1/handheld/{path}")
            if line in spared:
                continue
            answer = await client.request(
                method, address.replace("S2.", "S1."), json=body, headers=headers
            )
            assert answer.status_code == 401, (line, answer.text)


async def _handheld(db: Database, store_id: StoreId) -> dict[str, str]:
    async with db.transaction(store_id) as tx:
        device, token = await devices.enrol(tx, await devices.new_code(tx, store_id), "No 7")
        who = await people.add(tx, store_id, number="7", name="Eve", badge=badges.make())
        shown = devices.Credentials(store_id, device.id, "", None, "")
        attempt = people.Attempt("7", who, "Eve", None, 1)
        session, _ = await people.finish(tx, shown, attempt)
    return {"Authorization": f"Bearer {token}", "X-Associate-Session": session}


async def test_a_key_of_one_store_reaches_into_no_other(
    app: FastAPI, foreign: str, client: httpx.AsyncClient, key: Key
) -> None:
    headers = await key(KeyKind.OPS, only_store="S1")
    for line, body in OF_OPS.items():
        method, _, path = line.partition(" ")
        sent: dict[str, Any] = {"json": body} if body is not None else {}
        if method == "PUT" and body is None:
            sent = {"content": "number,name\n7,Eve\n"}
        answer = await client.request(
            method,
            _filled(f"/v1/ops/{path}"),
            headers=headers | ({"Content-Type": "text/csv"} if "content" in sent else {}),
            **sent,
        )
        assert answer.status_code == 404, (line, answer.status_code, answer.text)
        assert _is_published(app, method, f"/v1/ops/{path}", answer), line
    assert foreign


async def test_a_body_takes_what_it_knows_and_nothing_else(client: httpx.AsyncClient) -> None:
    """Or who guesses the name of a column might write it."""
    published = (await client.get("/openapi.json")).json()
    schemas = published["components"]["schemas"]
    taken = {
        reference.rpartition("/")[2]
        for operations in published["paths"].values()
        for operation in operations.values()
        for form in operation.get("requestBody", {}).get("content", {}).values()
        if (reference := form.get("schema", {}).get("$ref", ""))
    }

    assert len(taken) > 20
    assert [name for name in sorted(taken) if schemas[name].get("additionalProperties", True)] == []
