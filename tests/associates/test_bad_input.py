"""Whatever comes through the floor's doors gets a clear answer, and nothing is changed by it."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from associates.handheld import devices
from associates.picking import tasks
from bopis.kernel.ids import TaskId, outward
from tests.associates.floor import ADA_BADGE, GTINS, OAT, OTHER, STORE, Floor
from tests.associates.test_handheld_api import NOON, ROOT, Handheld, handheld, problem

__all__ = ["handheld"]  # the fixture

HUGE = 10**9
NOBODY = UUID("01a00000-0000-7000-8000-000000000000")
"""No task and no duty has this id. Always the same, because it names a test, too."""
ODD_TEXTS = ("", "\x00", "\x1b[2J", "x" * 4000, "\ud800", "💥", "'; DROP TABLE scans; --", "../..")


async def everything(floor: Floor) -> list[list[dict[str, Any]]]:
    """Return all that a request could have changed."""
    tables = ("pick_tasks", "pick_lines", "scans", "events", "put_back_duties", "stock", "devices")
    return [await floor.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]  # noqa: S608


async def claimed(handheld: Handheld, floor: Floor) -> str:
    _, task_id = await floor.open(oat=2)
    task = outward(STORE, task_id)
    assert (await handheld.post(f"tasks/{task}/claim")).status_code == 200
    return task


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": HUGE}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": "two"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"line": HUGE * 10}, "line"),
        ({"line": "first"}, "line"),
        ({"fence": -1}, "fence"),
        ({"fence": HUGE * 10}, "fence"),
        ({"device_seq": 10**40}, "device_seq"),
        ({"code": 4006381333931}, "code"),
        ({"code": None}, "code"),
        ({"code": ["a"]}, "code"),
        ({"reason": "lazy", "kind": "short", "line": 1}, "reason"),
        ({"kind": "retract"}, "kind"),
        ({"undoes": "the last"}, "undoes"),
        ({"scanned_at": "yesterday"}, "scanned_at"),
        ({"scanned_at": "2026-02-30T12:00:00Z"}, "scanned_at"),
        ({"scanned_at": "9999-12-31T23:59:59-12:00"}, "scanned_at"),
        ({"scanned_at": "0001-01-01T00:00:00+12:00"}, "scanned_at"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_scan_that_cannot_be_is_refused_by_the_name_of_its_field(
    handheld: Handheld, floor: Floor, change: dict[str, Any], field: str
) -> None:
    task = await claimed(handheld, floor)
    before = await everything(floor)
    body = handheld.entry(code=GTINS[OAT], fence=1) | change

    answer = await handheld.post(f"tasks/{task}/scans", **body)

    assert (answer.status_code, problem(answer)) == (422, "request-invalid")
    assert f"body.{field}" in answer.json()["detail"]
    assert answer.json()["detail"].endswith("Nothing was done.")
    assert await everything(floor) == before


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (b"", 422, "request-invalid"),
        (b"{", 400, "json-unreadable"),
        (b"[]", 422, "request-invalid"),
        (b"null", 422, "request-invalid"),
        (b'"scan"', 422, "request-invalid"),
        (b"\xff{}", 400, "json-unreadable"),
        (b'{"scan_id": NaN}', 422, "request-invalid"),
        (b"[" * 100_000, 400, "json-unreadable"),
        (b" " * (1024 * 1024 + 1), 413, "body-too-large"),
    ],
)
async def test_a_body_that_is_no_scan_is_refused(
    handheld: Handheld, floor: Floor, sent: bytes, status: int, kind: str
) -> None:
    task = await claimed(handheld, floor)
    before = await everything(floor)

    answer = await handheld.http.post(
        f"{ROOT}/tasks/{task}/scans",
        content=sent,
        headers={"Content-Type": "application/json", **handheld.headers},
    )

    assert (answer.status_code, problem(answer)) == (status, kind)
    assert "Traceback" not in answer.text
    assert await everything(floor) == before


@pytest.mark.parametrize("scanned_at", ["2099-01-01T00:00:00Z", "1999-12-31T23:59:59+14:00"])
async def test_a_handheld_whose_clock_is_wrong_is_believed_in_what_it_scanned(
    handheld: Handheld, floor: Floor, scanned_at: str
) -> None:
    task = await claimed(handheld, floor)

    body = handheld.entry(code=GTINS[OAT], fence=1) | {"scanned_at": scanned_at}
    answer = (await handheld.post(f"tasks/{task}/scans", **body)).json()

    assert answer["receipt"]["outcome"] == "applied"
    [scan] = await floor.rows("SELECT received_at, scanned_at FROM scans")
    assert scan["received_at"] == floor.db.clock()  # ours, by which everything is judged
    assert scan["scanned_at"] != scan["received_at"]


@pytest.mark.parametrize("code", ODD_TEXTS)
async def test_nonsense_at_the_shelf_has_words_and_finds_nothing(
    handheld: Handheld, floor: Floor, code: str
) -> None:
    task = await claimed(handheld, floor)

    answer = await handheld.scan(task, code)

    assert (answer["next_state"], answer["message"]["kind"]) == ("walk", "wrong")
    assert answer["receipt"]["outcome"] in {"not_a_code", "unknown_code"}
    [line] = await floor.rows("SELECT found, short FROM pick_lines")
    assert line == {"found": 0, "short": 0}
    [kept] = await floor.rows("SELECT code FROM scans")
    assert len(kept["code"]) <= 128
    assert kept["code"].isprintable()


@pytest.mark.parametrize(
    "task",
    [
        outward(OTHER, NOBODY),
        outward(STORE, NOBODY),
        "nonsense",
        "S1.zz",
        "S1." + "0" * 33,
        "%00",
        "x" * 4000,
        "S1%0A." + "0" * 32,
    ],
)
async def test_a_task_that_is_not_there_is_not_there(
    handheld: Handheld, floor: Floor, task: str
) -> None:
    before = await everything(floor)

    answers = [
        await handheld.get(f"tasks/{task}"),
        await handheld.post(f"tasks/{task}/claim"),
        await handheld.post(f"tasks/{task}/scans", **handheld.entry(code="1", fence=1)),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {problem(answer) for answer in answers} <= {"task-unknown", "id-unknown"}
    assert await everything(floor) == before


async def test_another_stores_task_stays_as_it_is(handheld: Handheld, floor: Floor) -> None:
    async with floor.db.transaction(OTHER) as tx:
        task_id = await tasks.open(
            tx,
            OTHER,
            uuid4(),  # type: ignore[arg-type]
            number="N",
            due_at=tx.now,
            lines=[tasks.Wanted(1, OAT, "Oat drink", 1)],
        )
    before = await everything(floor)

    for shown in (outward(OTHER, task_id), outward(STORE, TaskId(task_id))):
        answer = await handheld.post(f"tasks/{shown}/claim")
        assert problem(answer) == "task-unknown"

    assert (await handheld.get("tasks")).json()["data"]["tasks"] == []
    assert await everything(floor) == before


async def test_when_the_session_has_ended_a_scan_waits_and_is_not_lost(
    handheld: Handheld, floor: Floor
) -> None:
    task = await claimed(handheld, floor)
    await floor.rows("UPDATE associate_sessions SET ends_at = '2020-01-01'")
    before = await everything(floor)
    body = handheld.entry(code=GTINS[OAT], fence=1)

    refused = await handheld.post(f"tasks/{task}/scans", **body)

    assert (refused.status_code, problem(refused)) == (401, "signed-out")
    assert await everything(floor) == before
    again = (await handheld.post("sign-in", badge=ADA_BADGE)).json()
    handheld.headers["X-Associate-Session"] = again["data"]["session"]
    taken = (await handheld.post(f"tasks/{task}/scans", **body)).json()
    assert taken["receipt"]["outcome"] == "applied"


@pytest.mark.parametrize("odd", ODD_TEXTS)
async def test_nonsense_at_the_door_is_no_badge_no_number_and_no_code(
    handheld: Handheld, floor: Floor, odd: str
) -> None:
    before = await everything(floor)

    badge = await handheld.post("sign-in", badge=odd)
    number = await handheld.post("sign-in", number=odd, pin="314159")
    pin = await handheld.post("sign-in", number="1001", pin=odd)
    code = await handheld.post("enrol", code=odd, name="No 8")
    half = await handheld.post("enrol", code=f"{odd}-ABCD-EFGH", name="No 8")

    assert problem(badge) == "sign-in-wrong"
    assert problem(number) in {"sign-in-wrong", "request-invalid"}
    assert problem(pin) in {"sign-in-wrong", "request-invalid"}
    assert (problem(code), problem(half)) == ("enrolment-code-unknown",) * 2
    async with floor.db.transaction(STORE) as tx:  # tries are counted, and nothing else
        await tx.run("UPDATE devices SET wrong_tries = 0 WHERE store_id = $1", STORE)
    assert await everything(floor) == before


@pytest.mark.parametrize("name", ["", " ", "\x00", "x" * 101, "\ud800", None, 7])
async def test_a_handheld_has_a_name_that_can_be_read(
    handheld: Handheld, floor: Floor, name: Any
) -> None:
    code = await floor.do(devices.new_code, STORE)

    refused = await handheld.post("enrol", code=code, name=name)

    assert problem(refused) == "request-invalid"
    assert (await handheld.post("enrol", code=code, name="No 8")).status_code == 200  # not used up


@pytest.mark.parametrize(
    "token",
    [
        "Bearer",
        "Bearer ..",
        "Bearer S1.",
        "Basic S1",
        "Bearer " + "." * 200,
        "Bearer S1." + "0" * 32 + ".x.y",
        b"Bearer S\xff1." + b"0" * 32 + b".x",
        "Bearer S1." + "0" * 32 + "." + "x" * 4000,
        "Bearer S1\x00." + "0" * 32 + ".x",
    ],
)
async def test_a_token_of_nonsense_opens_nothing(handheld: Handheld, token: str | bytes) -> None:
    handheld.headers["Authorization"] = token  # type: ignore[assignment]

    answer = await handheld.get("tasks")

    assert (answer.status_code, problem(answer)) == (401, "device-unknown")


@pytest.mark.parametrize(
    ("duty", "status"), [(str(NOBODY), 404), ("nonsense", 422), ("%00", 422), ("x" * 4000, 422)]
)
async def test_a_duty_that_is_not_there_is_not_there(
    handheld: Handheld, duty: str, status: int
) -> None:
    answer = await handheld.post(f"put-backs/{duty}/done", **handheld.entry(code=GTINS[OAT]))

    assert answer.status_code == status
    assert problem(answer) in {"duty-unknown", "request-invalid"}


async def test_the_wrong_thing_is_not_put_back(handheld: Handheld, floor: Floor) -> None:
    order_id, task_id = await floor.open(oat=1)
    await handheld.post(f"tasks/{outward(STORE, task_id)}/claim")
    await handheld.scan(outward(STORE, task_id), GTINS[OAT])
    await floor.do(tasks.cancel, STORE, order_id)
    [duty] = (await handheld.get("tasks")).json()["data"]["put_backs"]

    for odd in ODD_TEXTS[1:]:
        entry = handheld.entry(code=odd)
        answer = await handheld.post(f"put-backs/{duty['duty_id']}/done", **entry)
        assert answer.json()["message"]["kind"] == "wrong"

    assert len((await handheld.get("tasks")).json()["data"]["put_backs"]) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_named_in_the_same_shape(
    http: httpx.AsyncClient, method: str
) -> None:
    answer = await http.request(method, f"{ROOT}/tasks", content=json.dumps({"at": NOON}))

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
