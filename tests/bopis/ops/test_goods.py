"""Conflicts as cases, and one item explained: true, in fair order, and never another store's."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.ops import said
from bopis.ops.feeds import present
from inventory.codes import gtin
from inventory.feeds.models import BatchState
from inventory.looking import conflicts, counting, doubts
from inventory.models import ItemGtin, LedgerKind
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.ops.desk import token
from tests.bopis.ops.story import tell, three_want_it
from tests.journeys.day import GTINS, MINUTE, OAT, S1, S2, Day

Ops = dict[str, str]


def test_every_kind_of_move_has_words() -> None:
    assert set(said.WHAT) == set(LedgerKind)
    assert all(present.standing(state).text for state in BatchState)


@pytest.fixture
async def told(
    db: Database, client: httpx.AsyncClient, clock: ManualClock, key: Key
) -> tuple[Day, Ops]:
    return await three_want_it(db, client, clock, key)


async def asked(client: httpx.AsyncClient, headers: Ops, path: str) -> Any:
    answer = await client.get(f"/v1/ops/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_case_says_who_loses_what_was_done_and_how_it_ended(
    told: tuple[Day, Ops], client: httpx.AsyncClient, key: Key
) -> None:
    day, pos = told
    ops = await key(KeyKind.OPS)

    found = await asked(client, ops, "conflicts")
    [case] = found["conflicts"]
    path = f"/v1/ops/conflicts/{case['id']}"
    few = await client.post(f"{path}/count", json={"counted": 6}, headers=ops)
    still = await asked(client, ops, f"conflicts/{case['id']}")
    day.clock.advance(MINUTE)
    await tell(day, pos, "later", day.clock(), "S1,oat,11\n")
    after = await asked(client, ops, "conflicts")

    assert (case["promised"], case["there"], case["told_by"]) == (7, 5, "pos")
    assert (case["orders_waiting"], case["orders_losing"]) == (2, 1)
    served, loser = case["in_line"]
    assert [served["to_find"], served["goes_without"]] == [2, False]
    assert [loser["to_find"], loser["goes_without"]] == [3, True]
    assert loser["attention"] == "staff_needed"
    assert [fact["name"] for fact in served["facts"]] == [
        "order.delayed",
        "order.choice_offered",
    ]
    assert [(m["kind"], m["state"]) for m in served["messages"]] == [("delay_apology", "sent")]
    assert few.json() == {"done": True, "closed": False}
    assert (still["there"], still["told_by"], still["orders_losing"]) == (6, "count", 1)
    assert after["conflicts"] == []
    assert [one["settled"] for one in after["closed"]] == ["by itself: a newer number from pos"]


async def test_a_count_on_the_page_says_what_it_did(
    told: tuple[Day, Ops], sign_in: SignIn, db: Database
) -> None:
    browser = await sign_in()
    page = (await browser.get("/ops/conflicts")).text
    id_ = page.partition('name="conflict" value="')[2].partition('"')[0]
    form = {"token": token(page), "conflict": id_}

    few = await browser.post("/ops/conflicts/count", data=form | {"counted": "5"})
    confirmed = (await browser.get(few.headers["location"])).text
    none = await browser.post("/ops/conflicts/close", data=form | {"note": ""})
    enough = await browser.post("/ops/conflicts/count", data=form | {"counted": "7", "note": "Sam"})
    closed = (await browser.get(enough.headers["location"])).text

    assert "1 conflict: 1 order would go without" in page
    assert "7 promised, 5 there" in page
    assert "Yes, just 5" in page
    assert "with the 2 that are picked or at the counter" in page
    assert "Apology sent" in page
    assert "your count of 5 is kept, and it is too few. 1 of 2 orders in line goes" in confirmed
    assert "Yes, just 5" not in confirmed  # somebody has just said so
    assert none.status_code == 422
    assert "closed, by a count of 7, from desk, at store operations: “Sam”" in closed
    assert "No conflict is open" in closed
    async with db.transaction(S1) as tx:
        notes = await tx.rows("SELECT payload ->> 'act' AS a FROM events WHERE name = 'ops.noted'")
    assert [row["a"] for row in notes] == ["count 5", "count 7"]


@pytest.mark.parametrize("books", ["at_handover", "at_order"])
async def test_the_sum_adds_up_to_what_is_sold(
    told: tuple[Day, Ops], client: httpx.AsyncClient, key: Key, sign_in: SignIn, books: str
) -> None:
    day, pos = told
    declared = {"books_pickup": books, "cadence_minutes": 60}
    await client.put("/v1/feeds/pos", json=declared, headers=pos)
    day.clock.advance(MINUTE)
    await tell(day, pos, "again", day.clock(), "S1,oat,20\n")
    day.clock.advance(MINUTE)
    await tell(day, pos, "sold", day.clock(), "S1,oat,-4\n", kind="delta")
    day.clock.advance(MINUTE)

    one = await asked(client, await key(KeyKind.OPS), "stock/oat?store=S1")
    quoted = await day.quote(store_id="S1", lines=[{"sku": "oat", "quantity": 1}])
    browser = await sign_in()
    page = (await browser.get("/ops/stock/oat?store=S1")).text

    steps = one["sum"]
    assert sum(s["units"] for s in steps if s["role"] in {"word", "move"}) == one["available"]
    assert steps[-1] == {"role": "total", "units": one["available"], "what": "can be sold now"}
    early = 7 if books == "at_order" else 0
    assert (one["on_hand"], one["available"]) == (16 + early, 9 + early)
    assert quoted.status_code == 200
    assert [o["quantity"] for o in one["orders"]] == [2, 2, 3]
    newest = one["ledger"][0]
    assert (newest["kind"], newest["on_hand"], newest["then"]) == ("feed_delta", -4, 16 + early)
    word = next(e for e in one["ledger"] if e["kind"] == "feed_set")
    assert (word["then"], word["since_last_word"]) == (20 + early, True)
    assert f"So {9 + early} can be sold." in page
    assert ("takes a pickup off when it is ordered" in page) == bool(early)


async def test_what_is_in_doubt_is_said_wherever_somebody_asks(
    told: tuple[Day, Ops], client: httpx.AsyncClient, key: Key, sign_in: SignIn, db: Database
) -> None:
    day, pos = told
    day.clock.advance(MINUTE)
    await tell(day, pos, "again", day.clock(), "S1,oat,30\n")
    async with db.transaction(S1) as tx:
        await conflicts.request_count(tx, S1, OAT, "not_found")
        request = next(one.id for one in await counting.listed(tx, S1) if one.sku == OAT)
        who, source = UUID(int=1), "device:1"
        await counting.done(tx, S1, request, 12, source=source, away=2, by=who)

    ops = await key(KeyKind.OPS)
    one, counts = await asked(client, ops, "stock/oat?store=S1"), await asked(client, ops, "counts")
    browser = await sign_in()
    why, list_, today = [
        (await browser.get(path)).text
        for path in ("/ops/stock/oat?store=S1", "/ops/counts", "/ops")
    ]
    day.clock.advance(doubts.LONGEST)
    await doubts.sweep(db)
    after = [(await browser.get(path)).text for path in ("/ops/counts", "/ops")]
    await tell(day, pos, "less", day.clock(), "S1,oat,12\n")
    agreed = [(await browser.get(path)).text for path in ("/ops/counts", "/ops")]

    assert (one["available"], one["in_doubt"]["units"]) == (30 - 7 - 16, 16)
    assert sum(s["units"] for s in one["sum"] if s["role"] in {"word", "move"}) == 7
    assert [(c["held_back"], c["first_count"]) for c in counts["counts"]] == [(16, 12)]
    assert "One person did not find 16 of them: they are not sold until somebody else" in why
    assert "in doubt: a second count is due" in why
    assert "a first look found 12 on the shelf; 16 units are not sold until" in list_
    assert "one person found 12 of Oat number 0, far too few; 16 units are not sold" in today
    assert "so all of it is sold again" in after[0]
    assert "12 of Oat number 0, far too few; it is sold again" in after[1]
    assert "a first look found 12 on the shelf; somebody else has to look" in agreed[0]
    assert "sold again" not in agreed[0] + agreed[1]
    assert "far too few" not in agreed[1]
    assert "Count at Lakeview 0: Oat number 0" in agreed[1]


async def test_an_item_is_found_by_name_number_and_barcode(
    told: tuple[Day, Ops], sign_in: SignIn, db: Database
) -> None:
    case = "1" + GTINS[OAT].zfill(14)[1:13]
    case += gtin.check_digit(case)
    async with db.transaction() as tx:
        await tx.add(ItemGtin(gtin=case, sku=OAT, quantity=12))
    browser = await sign_in()

    for text in ("oat", GTINS[OAT], "AT NUMBER 0", f"]C101{case}1726123110A1"):
        answer = await browser.get("/ops/stock", params={"q": text})
        assert answer.headers["location"] == "/ops/stock/oat", text
    several = (await browser.get("/ops/stock?q=number")).text
    stores = (await browser.get("/ops/stock/oat")).text
    one = (await browser.get("/ops/stock/oat?store=S1")).text
    gone = await browser.get("/ops/stock/nothing")

    assert several.count('<th scope="row"') == 3
    assert f"{GTINS[OAT].zfill(14)}, {case} (12 in it)" in one
    assert "Lakeview 0" in stores
    assert "Lakeview 1" in stores
    assert "in conflict" in stores
    assert gone.status_code == 404


async def test_a_store_key_is_told_of_its_store_alone(
    told: tuple[Day, Ops], sign_in: SignIn, client: httpx.AsyncClient, key: Key
) -> None:
    mine = await key(KeyKind.OPS, "s2", only_store=S2)
    ops = await key(KeyKind.OPS, "all")
    [case] = (await asked(client, ops, "conflicts"))["conflicts"]
    browser = await sign_in(StoreId("S2"))

    found = await asked(client, mine, "conflicts")
    item = await asked(client, mine, "stock/oat")
    refused = [
        (await client.get(f"/v1/ops/{path}", headers=mine)).status_code
        for path in (f"conflicts/{case['id']}", "stock/oat?store=S1")
    ]
    page = (await browser.get("/ops/stock/oat")).text
    form = {"token": token(page), "store": "S1", "sku": "oat"}
    asking = await browser.post("/ops/stock/ask", data=form)
    own = await browser.post("/ops/stock/ask", data=form | {"store": "S2"})

    assert (found["conflicts"], found["closed"]) == ([], [])
    assert [store["store_id"] for store in item["stores"]] == ["S2"]
    assert refused == [404, 404]
    assert "to sell at Lakeview 1" in page
    assert asking.status_code == 404
    assert "The store is asked to count it" in (await browser.get(own.headers["location"])).text
    assert [c["store_id"] for c in (await asked(client, ops, "counts"))["counts"]] == ["S2"]
