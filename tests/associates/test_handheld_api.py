"""What a handheld hears over HTTP."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from associates import jobs
from associates.crew import badges, leaving, lockout, people
from associates.handheld import devices, screens
from associates.picking import claims, recording, take_overs, tasks
from associates.picking.scans import ScanOutcome
from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import AssociateId, TaskId, outward
from bopis.settings import Settings
from inventory.layout import sought
from tests.associates.floor import (
    ADA_BADGE,
    ADA_PIN,
    GTINS,
    JAM,
    OAT,
    OTHER,
    PLACE,
    RYE,
    STORE,
    Floor,
)

ROOT = "/v1/handheld"
NOON = "2026-03-06T18:00:00Z"


class Handheld:
    """A device that speaks to the API as the page does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.headers: dict[str, str] = {}
        self.seq = 0

    async def post(self, path: str, **body: Any) -> httpx.Response:
        content = json.dumps(body)  # in ASCII, so that half a character can be sent too
        headers = {"Content-Type": "application/json", **self.headers}
        return await self.http.post(f"{ROOT}/{path}", content=content, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(f"{ROOT}/{path}", headers=self.headers)

    def entry(self, **more: Any) -> dict[str, Any]:
        self.seq += 1
        return {"scan_id": str(uuid4()), "device_seq": self.seq, "scanned_at": NOON, **more}

    async def scan(self, task: str, code: str, **more: Any) -> dict[str, Any]:
        body = self.entry(code=code, fence=1, **more)
        answer = await self.post(f"tasks/{task}/scans", **body)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def handheld(http: httpx.AsyncClient, floor: Floor) -> Handheld:
    """An enrolled device, with Ada signed in by her badge."""
    made = Handheld(http)
    code = await floor.do(devices.new_code, STORE)
    enrolled = (
        await made.post("enrol", code=code.lower().replace("s1-", "S1-"), name="No 7")
    ).json()
    made.headers["Authorization"] = f"Bearer {enrolled['data']['device_token']}"
    signed_in = (await made.post("sign-in", badge="B0000001001")).json()
    made.headers["X-Associate-Session"] = signed_in["data"]["session"]
    return made


def problem(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition(":")[2]


async def test_the_whole_walk(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=2, rye=1, jam=1)
    task = outward(STORE, task_id)

    due = (await handheld.get("tasks")).json()
    walk = (await handheld.post(f"tasks/{task}/claim")).json()

    assert due["next_state"] == "tasks"
    assert due["data"]["tasks"][0] | {"number": "", "due_at": ""} == {
        "task_id": task,
        "number": "",
        "due_at": "",
        "due": "1:00\u202fPM",
        "late": False,
        "fence": 0,
        "units": 4,
        "state": "open",
        "word": "",
        "guest": "",
        "at_risk": False,
        "tote": None,
    }
    assert walk["next_state"] == "walk"
    assert walk["data"]["item"] == {
        "sku": "rye",
        "name": "Rye bread",
        "size": "1 l",
        "gtin_tail": "5074",
    }
    assert walk["data"]["place"] == {
        "zone": "",
        "aisle": "3",
        "bay": "1",
        "shelf": "2",
        "kind": "shelf",
        "words": "The plan says that it is here. Nobody has looked yet.",
    }
    assert walk["data"]["n_of_m"] == [1, 3]

    wrong = await handheld.scan(task, GTINS[JAM] + "x", line=2)
    assert wrong["message"]["kind"] == "wrong"
    found = await handheld.scan(task, GTINS[RYE], line=2)
    assert found["message"] == {"kind": "good", "text": "Found."}
    assert found["receipt"]["outcome"] == "applied"
    assert found["data"]["item"]["sku"] == "jam"  # aisle 12 is walked back
    late = await handheld.post(
        f"tasks/{task}/scans",
        **handheld.entry(kind="short", fence=1, line=3, reason="not_found"),
    )
    assert late.json()["message"]["text"] == "Noted: 1 of Cherry jam not here."
    await handheld.scan(task, GTINS[OAT])
    last = await handheld.scan(task, GTINS[OAT])
    assert (last["next_state"], last["message"]["text"]) == ("stage", "That was the last one.")
    assert last["data"]["missing"] == [{"name": "Cherry jam", "quantity": 1}]
    staged = await handheld.scan(task, PLACE, kind="stage")
    assert (staged["next_state"], staged["message"]["text"]) == ("staged", "Ready at Counter A12.")
    assert staged["data"]["tasks"] == []


async def test_nonsense_is_answered_with_words(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=1)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")

    for code in ("", "\x00\x1b[2J", "9" * 4000, "\ud800", "💥", "'; DROP TABLE scans; --"):
        answer = await handheld.scan(task, code)
        assert answer["message"]["kind"] == "wrong"
        assert answer["next_state"] == "walk"
        assert answer["data"]["found"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"device_seq": -1},
        {"device_seq": 2**63},
        {"scan_id": "nonsense"},
        {"scanned_at": "2026-03-06T18:00:00"},
        {"kind": "hand_over"},
        {"kind": "short"},
        {"quantity": 0},
        {"colour": "red"},
        {"fence": None},
    ],
)
async def test_a_malformed_scan_is_refused(
    handheld: Handheld, floor: Floor, change: dict[str, Any]
) -> None:
    _, task_id = await floor.open(oat=1)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")
    body = handheld.entry(code=GTINS[OAT], fence=1) | change

    answer = await handheld.post(f"tasks/{task}/scans", **body)

    assert (answer.status_code, problem(answer)) == (422, "request-invalid")
    assert await floor.rows("SELECT id FROM scans") == []


async def test_another_stores_task_is_not_there(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=1)
    for task in (outward(OTHER, task_id), outward(STORE, TaskId(uuid4())), "nonsense", "S1.zz"):
        for answer in (
            await handheld.get(f"tasks/{task}"),
            await handheld.post(f"tasks/{task}/claim"),
            await handheld.post(f"tasks/{task}/scans", **handheld.entry(code="1", fence=1)),
        ):
            assert answer.status_code == 404
            assert problem(answer) in {"task-unknown", "id-unknown"}


async def test_a_number_used_twice_is_told(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=2)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")
    first = await handheld.scan(task, GTINS[OAT])
    handheld.seq -= 1

    answer = await handheld.post(f"tasks/{task}/scans", **handheld.entry(code=GTINS[OAT], fence=1))

    assert first["receipt"]["outcome"] == "applied"
    assert (answer.status_code, problem(answer)) == (409, "scan-number-used")
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 1}]


async def test_two_on_one_task_and_the_second_asks(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=2)
    task = outward(STORE, task_id)
    await floor.do(claims.claim, task_id, floor.sam)
    await floor.do(recording.record, task_id, floor.said(floor.sam, code=GTINS[OAT]), floor.sam)

    told = (await handheld.post(f"tasks/{task}/claim")).json()
    asked = (await handheld.post(f"tasks/{task}/ask")).json()
    mine = await floor.do(screens.task, task_id, floor.sam)
    _, ada = await floor.do(take_overs.answer, task_id, floor.sam, yes=True)
    late = floor.said(floor.sam, code=GTINS[OAT])
    stale = await floor.do(recording.record, task_id, late, floor.sam)
    words = (await floor.do(screens.after_scan, task_id, floor.sam, stale)).message
    taken = (await handheld.post(f"tasks/{task}/claim")).json()
    entry = handheld.entry(code=GTINS[OAT], fence=2)
    last = (await handheld.post(f"tasks/{task}/scans", **entry)).json()

    assert told["next_state"] == "taken"
    assert (told["data"]["who"], told["data"]["found"], told["data"]["asked"]) == ("Sam", 1, 2)
    assert (told["data"]["is_asked"], asked["data"]["is_asked"]) == (False, True)
    assert mine.data.asked_by == ada == "Ada"
    assert stale.outcome is ScanOutcome.SUPERSEDED
    assert words.text == "Ada has this order now. Give them what you have."
    assert taken["data"]["fence"] == 2
    assert last["receipt"]["outcome"] == "applied"
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 2}]


async def test_who_asks_is_told_yes_no_or_that_nobody_answers_and_when_it_is_free(
    handheld: Handheld, floor: Floor, clock: ManualClock
) -> None:
    _, task_id = await floor.open(oat=2)
    task = outward(STORE, task_id)
    await floor.do(claims.claim, task_id, floor.sam)
    await floor.do(recording.record, task_id, floor.said(floor.sam, code=GTINS[OAT]), floor.sam)

    async def look() -> dict[str, Any]:
        answer = (await handheld.get(f"tasks/{task}")).json()
        about = {name for name, is_so in answer["data"].items() if is_so is True}
        return {"state": answer["next_state"], **dict.fromkeys(sorted(about - {"late"}), True)}

    stranger = await look()
    await handheld.post(f"tasks/{task}/ask")
    asked = await look()
    clock.advance(take_overs.STANDS)
    ended = await jobs.end_silence(floor.db)
    silent = await look()
    late = await floor.do(take_overs.answer, task_id, floor.sam, yes=True)
    await handheld.post(f"tasks/{task}/ask")
    await floor.do(take_overs.answer, task_id, floor.sam, yes=False)
    refused = await look()
    await floor.do(claims.put_away, STORE, floor.sam.device_id)  # Sam signs out
    free = await look()
    await floor.do(claims.claim, task_id, floor.sam)
    await handheld.post(f"tasks/{task}/ask")
    await floor.do(take_overs.answer, task_id, floor.sam, yes=True)
    given = (await handheld.get(f"tasks/{task}")).json()

    assert stranger == {"state": "taken"}
    assert (asked, ended) == ({"state": "taken", "is_asked": True}, 1)
    assert (silent, late[1]) == ({"state": "taken", "is_silent": True}, "")
    assert refused == {"state": "taken", "is_refused": True, "is_silent": True}
    assert free == {"state": "taken", "is_free": True, "is_refused": True, "is_silent": True}
    assert given["next_state"] == "walk"
    assert given["data"]["took_over"]["who"] == "Sam"


async def test_who_takes_a_walk_over_is_shown_what_is_in_the_tote(
    handheld: Handheld, floor: Floor
) -> None:
    _, task_id = await floor.open(oat=2, rye=1)
    task = outward(STORE, task_id)
    await floor.do(claims.claim, task_id, floor.sam)
    await floor.do(recording.record, task_id, floor.said(floor.sam, code=GTINS[OAT]), floor.sam)
    await handheld.post(f"tasks/{task}/ask")
    await floor.do(take_overs.answer, task_id, floor.sam, yes=False)

    refused = (await handheld.post(f"tasks/{task}/claim")).json()
    await floor.do(claims.put_away, STORE, floor.sam.device_id)  # Sam signs out
    taken = (await handheld.post(f"tasks/{task}/claim")).json()
    entry = handheld.entry(code=GTINS[OAT], fence=taken["data"]["fence"])
    await handheld.post(f"tasks/{task}/scans", **entry)
    again = (await handheld.post(f"tasks/{task}/claim")).json()

    assert (refused["next_state"], refused["data"]["is_refused"]) == ("taken", True)
    assert taken["next_state"] == "walk"
    assert taken["data"]["took_over"] == {
        "who": "Sam",
        "items": [{"name": "Oat drink", "quantity": 1}],
    }
    assert again["data"]["took_over"] is None


async def test_a_cancelled_order_says_stop(handheld: Handheld, floor: Floor) -> None:
    order_id, task_id = await floor.open(oat=2)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")
    await handheld.scan(task, GTINS[OAT])
    await floor.do(tasks.cancel, STORE, order_id)

    answer = await handheld.scan(task, GTINS[OAT])

    assert answer["next_state"] == "tasks"
    assert answer["message"]["text"].startswith("This order was cancelled.")
    [duty] = answer["data"]["put_backs"]
    assert (duty["name"], duty["quantity"], duty["places"][0]["aisle"]) == ("Oat drink", 1, "12")
    done = await handheld.post(
        f"put-backs/{duty['duty_id']}/done", **handheld.entry(code=GTINS[OAT])
    )
    assert done.json()["message"]["text"] == "Back on its shelf: 1 of Oat drink."
    assert done.json()["data"]["put_backs"] == []


async def test_a_set_up_code_works_once(http: httpx.AsyncClient, floor: Floor) -> None:
    code = await floor.do(devices.new_code, STORE)
    device = Handheld(http)

    first = await device.post("enrol", code=code, name="No 8")
    second = await device.post("enrol", code=code, name="No 9")
    nonsense = [await device.post("enrol", code=c, name="x") for c in ("X", "S9-ABCD-EFGH", "--")]

    assert first.json()["data"]["store"] == "Riverside"
    assert [problem(answer) for answer in (second, *nonsense)] == ["enrolment-code-unknown"] * 4
    await floor.rows("UPDATE enrolment_codes SET used_at = NULL, expires_at = '2020-01-01'")
    assert problem(await device.post("enrol", code=code, name="x")) == "enrolment-code-unknown"


async def test_a_revoked_device_is_out_at_once(handheld: Handheld, floor: Floor) -> None:
    token = handheld.headers["Authorization"].split(".")[1]
    [row] = await floor.rows("SELECT id FROM devices WHERE name = 'No 7'")
    assert row["id"].hex == token

    assert await floor.do(devices.revoke, STORE, row["id"]) is True
    answer = await handheld.get("tasks")

    assert (answer.status_code, problem(answer)) == (401, "device-unknown")


@pytest.mark.parametrize(
    ("header", "value", "kind"),
    [
        ("Authorization", "", "device-unknown"),
        ("Authorization", "Bearer nonsense", "device-unknown"),
        ("Authorization", "Bearer S1." + "0" * 32 + ".x", "device-unknown"),
        ("X-Associate-Session", "", "signed-out"),
        ("X-Associate-Session", "0" * 32 + ".x", "signed-out"),
        ("X-Associate-Session", "💥".encode(), "signed-out"),
    ],
)
async def test_without_its_keys_a_handheld_sees_nothing(
    handheld: Handheld, header: str, value: str, kind: str
) -> None:
    handheld.headers[header] = value

    assert problem(await handheld.get("tasks")) == kind


async def test_a_problem_is_told_in_the_language_of_whoever_asks(http: httpx.AsyncClient) -> None:
    asked = ("fr-CA, en;q=0.5", "es", "de", "")
    answers = [
        await http.get(f"{ROOT}/tasks", headers={"Accept-Language": accepted}) for accepted in asked
    ]

    assert [answer.headers["content-language"] for answer in answers] == ["fr", "es", "en", "en"]
    assert [answer.json()["title"] for answer in answers] == [
        "Nous ne connaissons pas ce terminal",
        "No conocemos este terminal",
        "We do not know this handheld",
        "We do not know this handheld",
    ]
    detail = answers[0].json()["detail"]
    assert detail.startswith("Configurez ce terminal avec un code de l")


async def test_signed_out_is_out(handheld: Handheld) -> None:
    assert (await handheld.post("sign-out")).json()["next_state"] == "sign_in"
    assert problem(await handheld.get("tasks")) == "signed-out"


async def test_a_pin_signs_in_and_a_wrong_one_is_counted(handheld: Handheld, floor: Floor) -> None:
    wrong = [await handheld.post("sign-in", number="1001", pin="000000") for _ in range(3)]
    locked = await handheld.post("sign-in", number="1001", pin=ADA_PIN)
    unknown = await handheld.post("sign-in", number="9999", pin="000000")
    other = await handheld.post("sign-in", number="1002", pin="314159")

    assert [problem(answer) for answer in wrong] == ["sign-in-wrong"] * 3
    assert (locked.status_code, problem(locked)) == (429, "sign-in-locked")
    assert locked.headers["retry-after"] == "1"
    assert unknown.json() | {"retry_after": 0} == wrong[0].json() | {"retry_after": 0}
    assert other.json()["data"]["name"] == "Sam"  # the device is not shut for everybody
    elsewhere = Handheld(handheld.http)  # nor is Ada, who holds another one
    code = await floor.do(devices.new_code, STORE)
    enrolled = (await elsewhere.post("enrol", code=code, name="No 8")).json()["data"]
    elsewhere.headers["Authorization"] = f"Bearer {enrolled['device_token']}"
    assert (await elsewhere.post("sign-in", number="1001", pin=ADA_PIN)).status_code == 200
    await floor.rows("UPDATE sign_in_failures SET locked_until = '2020-01-01'")
    assert (await handheld.post("sign-in", number="1001", pin=ADA_PIN)).status_code == 200
    assert await floor.rows("SELECT 1 FROM sign_in_failures WHERE number = '1001'") == []


async def test_a_session_ends_with_the_shift(handheld: Handheld, floor: Floor) -> None:
    [row] = await floor.rows("SELECT ends_at - started_at AS lasts FROM associate_sessions")
    await floor.rows("UPDATE associate_sessions SET ends_at = clock_timestamp()")

    assert row["lasts"] == people.SHIFT == timedelta(hours=12)
    assert problem(await handheld.get("tasks")) == "signed-out"


def test_each_wrong_pin_waits_twice_as_long_as_the_one_before() -> None:
    waits = [lockout.wait(failures).total_seconds() for failures in range(40)]

    assert waits[:8] == [0, 0, 0, 1, 2, 4, 8, 16]
    assert max(waits) == waits[-1] == 15 * 60
    assert sum(waits) > timedelta(hours=6).total_seconds()  # for forty guesses of a million


async def test_whoever_has_left_is_out_and_their_walk_is_free(
    handheld: Handheld, floor: Floor
) -> None:
    _, task_id = await floor.open(oat=1)
    await handheld.post(f"tasks/{outward(STORE, task_id)}/claim")

    gone = await floor.do(leaving.leave, STORE, floor.ada.associate_id)
    again = await floor.do(leaving.leave, STORE, floor.ada.associate_id)

    assert (gone, again) == (1, 0)
    assert problem(await handheld.get("tasks")) == "signed-out"
    assert problem(await handheld.post("sign-in", badge=ADA_BADGE)) == "sign-in-wrong"
    assert await floor.rows("SELECT FROM associate_sessions WHERE ends_at > now()") == []
    assert await floor.do(claims.claim, task_id, floor.sam) is None  # nobody else has it


async def test_a_badge_is_worth_nothing_without_the_key(floor: Floor) -> None:
    [row] = await floor.rows("SELECT badge_digest FROM associates WHERE number = '1001'")

    plain = [f"{STORE}:{ADA_BADGE}", ADA_BADGE, f"{STORE}{ADA_BADGE}"]
    assert row["badge_digest"] not in {sha256(text.encode()).digest() for text in plain}
    assert row["badge_digest"] == badges.digests(STORE, ADA_BADGE)[0]
    assert row["badge_digest"] != badges.digests(OTHER, ADA_BADGE)[0]


async def test_a_badge_moves_to_the_newest_key_when_it_is_used(
    handheld: Handheld, floor: Floor, settings: Settings
) -> None:
    old = [key.get_secret_value() for key in settings.link_keys]
    badges.configure(["a new key", *old])
    assert (await handheld.post("sign-in", badge=f" {ADA_BADGE}\n")).status_code == 200

    badges.configure(["a new key"])  # the old one is gone
    assert (await handheld.post("sign-in", badge=ADA_BADGE)).status_code == 200
    badges.configure(["yet another"])
    assert problem(await handheld.post("sign-in", badge=ADA_BADGE)) == "sign-in-wrong"


async def test_a_new_badge_ends_the_old_one(handheld: Handheld, floor: Floor) -> None:
    new = await floor.do(people.new_badge, STORE, floor.ada.associate_id)

    assert badges.is_badge(new)
    assert problem(await handheld.post("sign-in", badge=ADA_BADGE)) == "sign-in-wrong"
    assert (await handheld.post("sign-in", badge=new)).status_code == 200
    assert await floor.do(people.new_badge, STORE, AssociateId(uuid4())) is None


async def test_a_number_is_somebodys_for_good(floor: Floor) -> None:
    await floor.do(leaving.leave, STORE, floor.ada.associate_id)

    with pytest.raises(people.NumberTaken):
        await floor.do(people.add, STORE, number="1001", name="Eve")
    await floor.do(people.add, STORE, number="1003", name="Eve")


async def test_scanning_something_else_at_the_door_costs_no_try(
    handheld: Handheld, floor: Floor
) -> None:
    for _ in range(5):
        answer = await handheld.post("sign-in", badge=GTINS[OAT])
        assert problem(answer) == "sign-in-wrong"

    assert await floor.rows("SELECT 1 FROM sign_in_failures") == []


async def test_the_page_names_its_modules_by_content(http: httpx.AsyncClient) -> None:
    page = await http.get("/handheld", headers={"Accept": "text/html"})
    addresses = [
        part.split('"')[0]
        for part in page.text.replace('src="', 'href="').split('href="')[1:]
        if part.startswith("/assets/")
    ]

    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    assert len(addresses) > 10
    for address in addresses:
        asset = await http.get(address)
        assert asset.status_code == 200, address
        assert "immutable" in asset.headers["cache-control"]


async def test_a_scan_costs_so_many_statements(
    handheld: Handheld, floor: Floor, db: Database
) -> None:
    _, task_id = await floor.open(oat=9, rye=1)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")
    for _ in range(7):  # the first of a line also notes where it was; a plan is kept from the 6th
        await handheld.scan(task, GTINS[OAT])
    seen: list[str] = []
    async with db.connection() as connection:  # the only one: nothing here runs beside itself
        connection.add_query_logger(lambda record: seen.append(" ".join(record.query.split())))

    await handheld.scan(task, GTINS[OAT])

    statements = [sql for sql in seen if not sql.startswith(("BEGIN", "COMMIT", "SELECT pg_adv"))]
    sql = "SELECT generic_plans > 0 AS kept FROM pg_prepared_statements WHERE statement = $1"
    kept = await floor.rows(sql, sought.FIND_ONE)
    assert len(statements) == STATEMENTS, "\n".join(statements)
    assert kept == [{"kept": True}], "planned anew for every scan"
    assert "INSERT INTO beliefs" in statements[-1], "others wait for the stock that this locks"
    known = {" ".join(sql.split()) for sql in roof.hot()}
    assert set(statements) <= known, "the first scan of a connection waits for its catalog"


STATEMENTS = 7  # two of them learn from the find
