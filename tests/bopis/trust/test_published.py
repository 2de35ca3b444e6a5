"""What anybody may read of a store's word: figures with their room, and nothing of few."""

from datetime import date, timedelta

import httpx
import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from bopis.trust import records
from bopis.trust.record import Sums, count
from tests.bopis.trust import world
from tests.bopis.trust.made import outcome
from tests.bopis.trust.world import STORE
from tests.conftest import Key

FRIDAY = date(2026, 3, 6)


async def recorded(db: Database, sums: Sums, day: date = FRIDAY) -> None:
    async with db.transaction(STORE, actor="job:trust.record") as tx:
        await records.write(tx, STORE, {day: sums})


@pytest.fixture
async def front(db: Database, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await world.build(db)
    return client


MONTH = count(
    outcome(n, **({"took": 90.0} if n < 13 else {}), lines=1, lines_found=int(n > 6))
    for n in range(212)
)


async def test_a_record_is_a_sentence_figures_with_their_room_and_the_method(
    front: httpx.AsyncClient, db: Database
) -> None:
    await recorded(db, MONTH)
    await recorded(db, MONTH, FRIDAY - timedelta(days=30))

    page = await front.get("/stores/S1/record")
    figures = (await front.get("/stores/S1/record.json")).json()
    again = await front.get("/stores/S1/record", headers={"If-None-Match": page.headers["etag"]})

    assert page.headers["cache-control"] == "public, max-age=300"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert again.status_code == 304
    assert "93 of 100 first promises kept, last 28 days." in page.text
    assert "Between 90 and 97 of 100 (212 counted)" in page.text
    assert "13 late orders; more than four hours count as four" in page.text
    assert "How this is counted" in page.text
    assert "Honesty index" in page.text
    assert "%" not in page.text
    kept = figures["figures"]["kept"]
    assert (kept["count"], kept["of"]) == (199, 212)
    assert kept["interval_90"] == [0.9057, 0.9606]
    assert kept["change"].startswith("No change beyond chance since the 28 days before")
    assert figures["index"]["value"] > 0
    assert len(figures["index"]["components"]) == 7
    assert (figures["computed_by"], figures["enough"]) == ("a program, from what happened", True)


async def test_no_name_of_ours_stands_on_a_public_page(
    front: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction(STORE, actor="ops:Desk") as tx:
        await records.write(tx, STORE, {FRIDAY: MONTH})

    page = (await front.get("/stores/S1/record")).text
    figures = (await front.get("/stores/S1/record.json")).text

    assert "Counted by a program, from what happened, once more at the wish of" in page
    assert not [name for name in ("Desk", "ops:", "job:") if name in page + figures]


async def test_of_few_nothing_is_shown_but_that_they_are_few(
    front: httpx.AsyncClient, db: Database
) -> None:
    await recorded(db, count(outcome(n) for n in range(19)))

    page = await front.get("/stores/S1/record")
    figures = (await front.get("/stores/S1/record.json")).json()
    unknown = await front.get("/stores/S9/record.json")

    assert "Too few orders to say: 19 promises came due" in page.text
    assert 'class="figures"' not in page.text
    assert (figures["figures"], figures["index"], figures["enough"]) == ({}, None, False)
    assert unknown.status_code == 404


async def test_a_note_stands_on_the_page_and_no_figure_moves(
    front: httpx.AsyncClient, db: Database, clock: ManualClock, key: Key
) -> None:
    await recorded(db, MONTH)
    ops = await key(KeyKind.OPS, "Desk")
    mine = await key(KeyKind.OPS, "Other", only_store="S2")
    address = "/v1/ops/stores/S1/record/notes"
    body = {"words": "The <lift> was broken.", "first_day": "2026-03-06", "last_day": "2026-03-06"}
    before = (await front.get("/stores/S1/record.json")).json()

    made = await front.post(address, json=body, headers=ops)
    refused = [
        await front.post(address, json=body, headers=mine),
        await front.post(address, json={**body, "last_day": "2026-03-01"}, headers=ops),
        await front.post(address, json={**body, "words": " "}, headers=ops),
        await front.post(address, json={**body, "kept": 212}, headers=ops),
        await front.put("/stores/S1/record.json", json={"kept": 212}, headers=ops),
    ]

    after = (await front.get("/stores/S1/record.json")).json()
    listed = (await front.get(address, headers=ops)).json()["notes"]
    page = (await front.get("/stores/S1/record")).text
    assert made.status_code == 201
    assert [answer.status_code for answer in refused] == [404, 422, 422, 422, 405]
    assert [(note["words"], note["made_by"]) for note in after["notes"]] == [
        ("The <lift> was broken.", "store operations")
    ]
    assert [note["made_by"] for note in listed] == ["ops:Desk"]
    assert {k: v for k, v in after.items() if k != "notes"} == {
        k: v for k, v in before.items() if k != "notes"
    }
    assert "The &lt;lift&gt; was broken." in page
    assert "Desk" not in page


async def test_all_stores_are_one_page_and_each_is_on_it(
    front: httpx.AsyncClient, db: Database
) -> None:
    await recorded(db, MONTH)

    page = await front.get("/stores/record")
    figures = (await front.get("/stores/record.json")).json()

    assert '<a href="/stores/S1/record">Store S1</a>' in page.text
    assert figures["figures"]["kept"]["of"] == 212
    assert [one["store_id"] for one in figures["stores"]] == ["S1"]
    assert figures["stores"][0]["figures"] == figures["figures"]


async def test_programs_of_store_operations_read_the_audit(
    front: httpx.AsyncClient, key: Key, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=1))

    found = (await front.get("/v1/ops/trust?seed=4", headers=await key(KeyKind.OPS))).json()

    assert (found["orders"], found["seed"], found["findings"]) == (3, 4, [])
    assert len(found["not_shown"]) == 10
