"""What is odd about handhelds, in words; and whoever may, unlocks what wrong tries have locked."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from associates.crew import badges, people
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.ops.handhelds import signs
from tests.bopis.ops.conftest import SignIn
from tests.bopis.ops.desk import S1, token
from tests.bopis.trust import world
from tests.conftest import Key

NOW: Final = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
DAY: Final = timedelta(days=1)
FINE: Final[dict[str, Any]] = {
    "acts": 100, "undone": 3, "strange": 2, "unproved": 0, "far": 2, "lag": timedelta(seconds=1),
    "conflicts": 1, "refused": 0, "withheld": 0, "missing": 0, "unsent": 0, "wrong_tries": 2,
    "locked_at": None, "revoked_at": None, "wants_shelf": True, "seen_at": NOW - DAY,
}  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [
        ({}, []),
        ({"withheld": 3, "revoked_at": NOW, "seen_at": NOW - 30 * DAY}, ["shut_out"]),
        ({"locked_at": NOW, "wrong_tries": 10}, ["locked"]),
        ({"wrong_tries": 5}, ["guessed"]),
        ({"unsent": 4, "seen_at": NOW - 4 * DAY}, ["holds"]),
        ({"unsent": 4}, []),
        ({"missing": 2, "seen_at": NOW - 4 * DAY}, ["holds"]),
        ({"missing": 2}, ["missing"]),
        ({"seen_at": NOW - 15 * DAY}, ["unseen"]),
        ({"seen_at": None}, []),  # a counter screen
        ({"unproved": 1}, ["unproved"]),
        ({"unproved": 1, "wants_shelf": False}, []),
        ({"far": 3}, ["far"]),
        ({"conflicts": 3, "refused": 1}, ["conflicts", "refused"]),
        ({"lag": -timedelta(minutes=5)}, ["clock"]),
        ({"lag": timedelta(hours=1)}, ["clock"]),
        ({"lag": None, "acts": 0}, []),
        ({"strange": 21}, ["codes"]),
        ({"strange": 19, "acts": 19}, []),
        ({"undone": 21}, ["undone"]),
    ],
)
def test_what_is_odd_about_a_handheld_is_named(seen: dict[str, Any], kinds: list[str]) -> None:
    found = signs.of(FINE | seen, NOW)

    assert [sign.kind for sign in found] == kinds
    assert all(sign.sentence.endswith(".") and sign.next_step.endswith(".") for sign in found)


SCAN: Final = """
    INSERT INTO scans (store_id, id, device_id, device_seq, kind, code, outcome, scanned_at,
                       received_at)
    SELECT 'S1', gen_random_uuid(), $1, n, 'item', '', 'unknown_code', $2::timestamptz + '1 hour',
           $2 FROM generate_series(101, 130) AS n WHERE n <> 110
"""


async def test_a_handheld_to_look_at_is_listed_and_unlocked_by_whoever_may(
    sign_in: SignIn, client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await world.build(db, stores=(S1, StoreId("S2")))
    async with db.transaction(S1) as tx:
        eve = await people.add(tx, S1, number="7", name="Eve", badge=badges.make())
        lock = "UPDATE devices SET wrong_tries = 10, locked_at = $1 WHERE store_id = 'S1'"
        await tx.run(lock, tx.now)
        await tx.run("DELETE FROM scans WHERE store_id = 'S1'")
        await tx.run(SCAN, world.DEVICE, tx.now)
        await tx.run(
            "INSERT INTO sign_in_failures"
            " SELECT 'S1', $1, '7', 9, clock_timestamp() + interval '9 minutes'",
            world.DEVICE,
        )
    browser = await sign_in(S1)
    page = (await browser.get("/ops/devices")).text
    headers = await key(KeyKind.OPS, only_store=S1)

    listed = (await client.get("/v1/ops/devices/signs", headers=headers)).json()["signs"]
    today = (await browser.get("/ops")).text
    form = {"token": token(page), "note": "It was the new one, in gloves"}
    device, person = f"S1.{world.DEVICE.hex}", f"S1.{eve.hex}"
    let = [
        (await browser.post("/ops/associates/unlock", data=form | {"associate": person})),
        (await browser.post("/ops/devices/unlock", data=form | {"device": device})),
    ]
    twice = [
        await client.post(f"/v1/ops/{path}/unlock", json={"note": "x"}, headers=headers)
        for path in (f"devices/{device}", f"associates/{person}")
    ]

    assert [one["kind"] for one in listed] == ["locked", "missing", "clock", "codes"]
    assert {one["store_id"] for one in listed} == {"S1"}
    assert listed[2]["words"] == "Its clock is 1 hour ahead."
    assert "is locked after 10 wrong tries to sign in" in today
    for words in ("It is locked after 10 wrong tries to sign in.", "has to wait", ">Unlock<"):
        assert words in page
    assert "Eve" not in str(listed)
    assert [one.status_code for one in (*let, *twice)] == [303, 303, 409, 409]
    after = (await browser.get("/ops/devices")).text
    assert "It is locked" not in after
    assert "has to wait" not in after
    async with db.transaction() as tx:
        noted = await tx.rows(
            "SELECT actor, payload ->> 'act' AS act FROM events"
            " WHERE name = 'ops.noted' ORDER BY seq"
        )
    assert [row["act"] for row in noted] == ["let an associate try again", "unlock a handheld"]
    assert all(row["actor"].startswith("ops:") for row in noted)
