"""What waits for a person: seen whole, decided once, with a reason, by who sees all stores."""

from typing import Any

import httpx
import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.ops.desk import token
from tests.bopis.ops.story import tell
from tests.journeys.day import MINUTE, OAT, Day, a_day, wanted

BAD = "".join(f"S1,oat,dozen {n}\n" for n in range(12))
Ops = dict[str, str]


@pytest.fixture
async def told(
    db: Database, client: httpx.AsyncClient, clock: ManualClock, key: Key
) -> tuple[Day, Ops]:
    """Let ``pos`` send 1, then 3, and then a file that is half wrong."""
    day = await a_day(db, client, clock)
    pos = await key(KeyKind.FEED, "pos")
    for sequence, rows in ((1, "S1,oat,40\n"), (3, "S1,oat,50\n"), (4, f"S1,oat,30\n{BAD}")):
        clock.advance(MINUTE)
        await tell(day, pos, f"b{sequence}", clock(), rows, drain=False, sequence=str(sequence))
    clock.advance(MINUTE)
    return day, await key(KeyKind.OPS)


async def asked(client: httpx.AsyncClient, headers: Ops, path: str = "") -> Any:
    answer = await client.get(f"/v1/ops/feeds{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_waits_is_shown_and_decided_with_a_reason(
    told: tuple[Day, Ops], client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    day, ops = told
    placed = (await day.order("W-1", lines=wanted(oat=35))).json()
    before = await asked(client, ops)
    browser = await sign_in()
    today = (await browser.get("/ops")).text
    page = (await browser.get("/ops/feeds")).text
    look = (await browser.get("/ops/feeds/pos/b4")).text
    would = (await browser.get("/ops/feeds/pos/b4?would=1")).text
    sheet = (await browser.get("/ops/feeds/pos/b4?csv=rejects")).text
    form = {"token": token(page), "source": "pos"}

    gap = await browser.post("/ops/feeds/give-up", data=form | {"sequence": "2", "reason": "Lost"})
    rest = (await browser.get(gap.headers["location"])).text
    silent = await browser.post("/ops/feeds/release", data=form | {"batch": "b4", "reason": ""})
    kept = await day.stock(OAT)
    done = await browser.post(
        "/ops/feeds/release", data=form | {"batch": "b4", "reason": "Row 1 is right"}
    )
    after = (await browser.get(done.headers["location"])).text
    again = await browser.post("/ops/feeds/discard", data=form | {"batch": "b4", "reason": "No"})

    assert [one["batch_id"] for one in before["waiting"]] == ["b4"]
    assert [(one["sequence"], one["until"]) for one in before["gaps"]] == [(2, 2)]
    assert before["sources"][0]["comes"] == "sent to us"
    assert "A batch of pos was set aside" in today
    assert "Batch 2 of pos has not come" in today
    assert "1 batch waits for you, 1 gap open" in page
    assert "12 of 13 rows are bad" in look
    assert "1 number in 1 store would change; 1 item would be short" in would
    assert "and 1 order would lose" in would
    assert placed["number"] in would
    assert "\N{MINUS SIGN}20" in would
    assert sheet.splitlines()[1] == '3,quantity,This is not a number.,"S1,oat,dozen 0"'
    assert (silent.status_code, kept[0]) == (422, 50)
    assert "is released, and applied as it came" in after
    assert "Desk, at store operations released it: “Row 1 is right”" in after
    assert (await day.stock(OAT))[0] == 30
    assert again.status_code == 409
    assert "The gap is given up" in rest
    assert "1 batch waits for you" in rest
    assert "Every source speaks" in (await browser.get("/ops/feeds")).text
    decided = await day.rows("SELECT actor, reason FROM feed_gaps")
    assert decided == [{"actor": "ops:desk", "reason": "Lost"}]


async def test_a_batch_is_discarded_and_a_program_reads_why(
    told: tuple[Day, Ops], client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    day, ops = told
    browser = await sign_in()
    form = {"token": token((await browser.get("/ops/feeds")).text), "source": "pos"}

    done = await browser.post("/ops/feeds/discard", data=form | {"batch": "b4", "reason": "A test"})
    after = (await browser.get(done.headers["location"])).text
    again = await browser.post("/ops/feeds/release", data=form | {"batch": "b4", "reason": "No"})
    unknown = await browser.post("/ops/feeds/give-up", data=form | {"sequence": "9", "reason": "x"})
    one = await asked(client, ops, "/pos/batches/b4")

    assert "is discarded: nothing of it is believed" in after
    assert (again.status_code, unknown.status_code) == (409, 404)
    assert (one["state"], one["decided_by"], one["decision"]) == ("discarded", "ops:desk", "A test")
    assert one["rejects"][0]["line"] == 3
    assert (await day.stock(OAT))[0] == 50


async def test_a_store_key_decides_nothing(
    told: tuple[Day, Ops], client: httpx.AsyncClient, key: Key, sign_in: SignIn
) -> None:
    day, _ = told
    mine = await key(KeyKind.OPS, "s2", only_store=StoreId("S1"))
    found = await asked(client, mine)
    browser = await sign_in(StoreId("S1"))
    page = (await browser.get("/ops/feeds")).text
    form = {"token": token(page), "source": "pos", "batch": "b4", "sequence": "2", "reason": "x"}

    answers = [
        (await browser.post(f"/ops/feeds/{act}", data=form)).status_code
        for act in ("release", "discard", "give-up")
    ]
    by_key = await client.get("/v1/ops/feeds/pos/batches/b4", headers=mine)

    assert (found["waiting"], found["gaps"]) == ([], [])
    assert [one["batch_id"] for one in found["batches"]] == ["b3", "b1"]
    assert "set aside" not in page
    assert (answers, by_key.status_code) == ([404, 404, 404], 404)
    assert (await day.stock(OAT))[0] == 50
    assert await day.rows("SELECT 1 FROM feed_gaps WHERE closed_at IS NOT NULL") == []
