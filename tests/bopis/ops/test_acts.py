"""What a person does from the pages: each act once, with a reason, and written down."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from associates.crew import badges, people
from associates.crew.dispute_models import Dispute
from bopis.kernel.database import Database
from tests.bopis.ops.conftest import SignIn
from tests.bopis.ops.desk import READY, S1, conflict, dead_letter, token
from tests.bopis.trust import world


async def test_a_dead_letter_is_shown_and_tried_again(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    letter = await dead_letter(db)
    browser = await sign_in()
    today = (await browser.get("/ops")).text
    page = (await browser.get("/ops/dead-letters")).text

    answer = await browser.post("/ops/dead-letters/retry", data=letter | {"token": token(page)})

    assert "1 step could not be carried out: send it" in today
    assert "KeyError: &lt;b&gt;x&lt;/b&gt;" in page
    assert answer.status_code == 303
    async with db.transaction() as tx:
        row = await tx.row("SELECT attempts, dead_at FROM deliveries")
        fact = await tx.row("SELECT actor, subject FROM events WHERE name = 'ops.noted'")
    assert tuple(row or ()) == (0, None)
    assert tuple(fact or ()) == ("ops:desk", world.order_id(1))


async def test_giving_up_needs_a_reason_and_leaves_it(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    letter = await dead_letter(db)
    browser = await sign_in()
    form = letter | {"token": token((await browser.get("/ops")).text)}

    without = await browser.post("/ops/dead-letters/discard", data=form | {"note": ""})
    given = await browser.post("/ops/dead-letters/discard", data=form | {"note": "Told by phone"})
    again = await browser.post("/ops/dead-letters/discard", data=form | {"note": "Told by phone"})

    assert (without.status_code, given.status_code, again.status_code) == (422, 303, 404)
    page = (await browser.get(f"/ops/orders/{READY}")).text
    assert "A person decided: give up on a.handlers.send_it. “Told by phone”" in page


async def test_a_conflict_is_closed_with_a_count(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    id_ = await conflict(db)
    browser = await sign_in()
    today = (await browser.get("/ops")).text
    form = {"token": token(today), "conflict": id_, "note": "On the top shelf", "counted": "18"}

    answer = await browser.post("/ops/conflicts/count", data=form)

    assert "Store S1: 4 Oat drink promised, and 1 there" in today
    assert answer.status_code == 303
    async with db.transaction() as tx:
        assert await tx.value("SELECT on_hand FROM stock") == 18
        assert await tx.value("SELECT closed_at FROM stock_conflicts") == tx.now
    assert "Nothing needs a person" in (await browser.get("/ops")).text


async def test_a_count_that_was_asked_for_is_entered(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    async with db.transaction() as tx:
        await tx.run(
            "INSERT INTO count_requests (store_id, id, sku, reason, opened_at)"
            " VALUES ('S1', $1, 'oats', 'not_found', $2)",
            world.order_id(7),
            tx.now,
        )
    browser = await sign_in()
    page = (await browser.get("/ops/counts")).text
    form = {"token": token(page), "request": f"S1.{world.order_id(7).hex}", "note": "Sam"}

    none = await browser.post("/ops/counts", data=form)
    done = await browser.post("/ops/counts", data=form | {"counted": "17"})
    again = await browser.post("/ops/counts", data=form | {"counted": "17"})

    assert "1 item to count in 1 store" in page
    assert (none.status_code, done.status_code, again.status_code) == (422, 303, 404)
    async with db.transaction() as tx:
        assert await tx.value("SELECT on_hand FROM stock") == 17
        assert await tx.value("SELECT counted FROM count_requests") == 17
    assert "Nobody is asked to count anything" in (await browser.get("/ops/counts")).text


async def test_whoever_says_that_a_record_is_not_so_is_answered(
    sign_in: SignIn, db: Database
) -> None:
    await world.build(db)
    browser = await sign_in()
    async with db.transaction(S1) as tx:
        about: Any = {"associate_id": uuid4(), "about": "scans", "words": "I was not there."}
        await tx.add(Dispute(store_id=S1, id=UUID(int=7), made_at=tx.now, **about))
    page = (await browser.get("/ops")).text
    form = {"token": token(page), "dispute": f"S1.{UUID(int=7).hex}", "note": "You are right."}

    answers = [(await browser.post("/ops/disputes/answer", data=form)).status_code for _ in "ab"]

    assert "What you scanned and tapped" in page
    assert "I was not there." in page
    assert answers == [303, 404]
    assert "I was not there." not in (await browser.get("/ops")).text
    async with db.transaction() as tx:
        row = await tx.row("SELECT answer, answered_by FROM disputes")
        assert row is not None
        assert row["answer"] == "You are right."
        assert row["answered_by"].startswith("ops:")


async def test_a_code_is_shown_once_and_a_handheld_is_shut_out(
    sign_in: SignIn, db: Database
) -> None:
    await world.build(db)
    browser = await sign_in()
    form = {"token": token((await browser.get("/ops/devices")).text)}

    made = (await browser.post("/ops/devices/codes", data=form | {"store": "S1"})).text
    gone = await browser.post(
        "/ops/devices/revoke",
        data=form | {"device": f"S1.{world.DEVICE.hex}", "note": "Lost on the bus"},
    )

    assert re.search(r'class="secret code">S1-[^<]+<', made)
    assert 'class="secret' not in (await browser.get("/ops/devices")).text
    assert gone.status_code == 303
    async with db.transaction() as tx:
        assert await tx.value("SELECT revoked_at FROM devices") == tx.now


async def test_somebody_who_has_left_is_let_in_no_more(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    async with db.transaction(S1) as tx:
        who = await people.add(tx, S1, number="7", name="Eve", badge=badges.make())
    browser = await sign_in()
    page = (await browser.get("/ops/devices")).text
    form = {"token": token(page), "associate": f"S1.{who.hex}", "note": "Moved away"}

    gone = await browser.post("/ops/associates/deactivate", data=form)

    assert "Eve" in page
    assert "works here" in page
    assert gone.status_code == 303
    assert "has left" in (await browser.get("/ops/devices")).text


async def test_a_call_that_is_owed_is_seen_made_and_written_down(
    sign_in: SignIn, db: Database
) -> None:
    await world.build(db)
    order_id = world.order_id(world.STAGED)
    async with db.transaction(S1) as tx:
        await tx.run(
            "INSERT INTO incidents (store_id, order_id, number, what, order_version, tier, said,"
            " opened_at, call_by)"
            " VALUES ($1, $2, 1, 'not_ready', 3, 'not_ready', 'apology', $3, $3)",
            S1,
            order_id,
            tx.now - timedelta(minutes=5),
        )
        await tx.run(
            "INSERT INTO credits (store_id, order_id, incident, tier, amount, currency, granted_at)"
            " VALUES ($1, $2, 1, 'not_ready', 220, 'EUR', $3)",
            S1,
            order_id,
            tx.now,
        )
        sql = "UPDATE recipients SET phone = '555 0100' WHERE store_id = $1 AND order_id = $2"
        await tx.run(sql, S1, order_id)
    browser = await sign_in()
    today = (await browser.get("/ops")).text
    page = (await browser.get(f"/ops/orders/{READY}")).text
    form = {"order": READY, "token": token(page)}

    assert "Call the customer of" in today
    assert "has cost 220.00 EUR in credits today" in today
    assert "called ready, and was not" in page
    assert "555 0100" not in page

    assert "555 0100" in (await browser.post("/ops/orders/contact", data=form)).text
    page = (await browser.get(f"/ops/orders/{READY}")).text
    assert "555 0100" not in page
    assert "A person decided: look up how to reach the customer." in page

    without = await browser.post("/ops/orders/called", data=form | {"note": ""})
    done = await browser.post("/ops/orders/called", data=form | {"note": "She comes at six"})
    again = await browser.post("/ops/orders/called", data=form | {"note": "She comes at six"})
    assert (without.status_code, done.status_code, again.status_code) == (422, 303, 404)
    assert "Call the customer of" not in (await browser.get("/ops")).text
    assert (await browser.post("/ops/orders/contact", data=form)).status_code == 404
