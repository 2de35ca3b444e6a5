"""An aisle is blocked and freed, and it is said how a store picks: by a program and on a page."""

from typing import Any

import httpx

from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from inventory.layout import floors
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.ops.desk import PLAN, S1, S2, token
from tests.bopis.ops.test_hours import facts
from tests.bopis.trust import world


async def build(db: Database) -> None:
    await world.build(db, stores=(S1, S2))
    async with db.transaction(S1) as tx:
        await floors.put(tx, S1, PLAN)
        await tx.run("DELETE FROM events")


async def test_a_program_blocks_an_aisle_and_says_how_a_store_picks(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await build(db)
    headers = await key(KeyKind.OPS, "desk", only_store=S1)

    async def post(path: str, *, store: str = "S1", **body: Any) -> httpx.Response:
        path = f"/v1/ops/stores/{store}/floor/{path}"
        return await client.post(path, json=body, headers=headers)

    async def get(path: str) -> Any:
        return (await client.get(f"/v1/ops/stores/S1/{path}", headers=headers)).json()

    wet: dict[str, Any] = {"reason": "wet floor", "bays": [4, 6], "direction": "forth"}
    refused = {
        404: (
            await post("block", aisle="7", reason="x"),
            await post("block", store="S2", aisle="1", **wet),
        ),
        422: (
            await post("block", aisle="1", reason="x", bays=[4, 60]),
            await post("block", aisle="2", reason="x", direction="back"),
            await post("block", aisle="1", reason="x", until="2020-01-01T00:00:00Z"),
            await post("block", aisle="1", reason=" "),
            await post("block", aisle="1", reason="x", mood="bad"),
        ),
    }
    assert await facts(db) == []
    blocked = await post("block", aisle="1", **wet)
    shut = await post("block", aisle="front", reason="a lift")
    shown = await get("floor")
    freed = await post("free", aisle="front")
    before = await get("picking")
    path = "/v1/ops/stores/S1/picking"
    wanted = {"shelf_first": "unsure", "scan_totes": True, "heavy_first": True, "alone": 3}
    wanted["language"] = "fr"
    unknown = await client.put(path, json=wanted | {"language": "tlh"}, headers=headers)
    await client.put(path, json=wanted, headers=headers)

    for status, answers in refused.items():
        assert [one.status_code for one in answers] == [status] * len(answers)
    assert blocked.json() == {"aisle": "1", "zone": "", "is_blocked": True}
    assert shut.status_code == 200
    first, *_, front = shown["aisles"]
    assert first["block"] == {
        "reason": "wet floor", "until": None, "bays": [4, 6], "direction": "forth",
    }  # fmt: skip
    assert front["block"]["reason"] == "a lift"
    assert [one["aisle"] for one in shown["cut_off"]] == ["1", "2", "3 <b>"]
    assert freed.json()["is_blocked"] is False
    assert before == {
        "shelf_first": "never", "scan_totes": False, "heavy_first": False, "alone": 10,
        "language": "",
    }  # fmt: skip
    assert (unknown.status_code, await get("picking")) == (422, wanted)
    assert [one for one in await facts(db) if one.startswith("ops.")] == [
        "ops.noted ops:desk wet floor",
        "ops.noted ops:desk a lift",
        "ops.noted ops:desk a lift",
        (
            "ops.noted ops:desk shelf before item: unsure; totes: scanned; heavy things: first;"
            " one person writes off: 3; language: Français"
        ),
    ]


async def test_a_person_blocks_an_aisle_on_its_page_and_frees_it(
    sign_in: SignIn, db: Database
) -> None:
    await build(db)
    desk = await sign_in(S1)
    page = await desk.get("/ops/floor/S1")
    wall = {"token": token(page.text), "store": "S1"}
    said = wall | {"aisle": "Cold 3%20%3Cb%3E", "direction": "both", "reason": "a spill"}
    until = {"until": "2026-03-06T23:30"}

    forged = await desk.post("/ops/floor/block", data=said | {"token": "x"})
    unchosen = await desk.post("/ops/floor/block", data=said | {"aisle": ""})
    vague = await desk.post("/ops/floor/block", data=said | {"until": "at three"})
    strange = await desk.post("/ops/floor/block", data=said | {"bays": "all of them"})
    others = await desk.post("/ops/floor/block", data=said | {"store": "S2"})
    assert await facts(db) == []
    blocked = await desk.post("/ops/floor/block", data=said | until)
    shown = " ".join((await desk.get(blocked.headers["location"])).text.split())
    listed = (await desk.get("/ops/floor")).text
    freed = await desk.post("/ops/floor/free", data=wall | {"aisle": said["aisle"]})
    after = (await desk.get(freed.headers["location"])).text
    picking = {"shelf": "always", "totes": "yes", "heavy": "last", "language": "es"}
    told = await desk.post("/ops/floor/picking", data=wall | picking)
    spoken = (await desk.get("/ops/floor/S1")).text
    sheet = (await desk.get("/tote-labels?size=62x29&lang=es")).text

    answers = (forged, unchosen, vague, strange, others)
    assert [one.status_code for one in answers] == [403, 422, 422, 422, 404]
    assert "Every aisle can be walked." in page.text
    assert "1 aisle blocked: 3 &lt;b&gt;." in shown
    assert "11:30 PM" in shown
    assert "<b>" not in shown.partition("<svg")[2].partition("</svg>")[0]
    assert "Riverside" in listed or "S1" in listed
    assert "The aisle can be walked." in after
    assert "Nothing is blocked." in after
    assert "Open aisle 3 &lt;b&gt;" in after
    assert "at store operations" in after
    assert told.headers["location"] == "/ops/floor/S1?done=picking"
    assert 'href="/tote-labels?lang=en"' in page.text
    assert 'href="/tote-labels?lang=es"' in spoken
    assert '<html lang="es">' in sheet
    assert 'href="/tote-labels?size=100x50&amp;lang=es"' in sheet
