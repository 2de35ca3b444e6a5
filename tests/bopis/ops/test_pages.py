"""The pages: signed in or not there, one store or all, and nothing done by another site's form."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from associates import badges, people
from associates.dispute_models import Dispute
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.trust import audit_words
from bopis.trust.audit import audit
from bopis.trust.gap import Beside
from notifications import recipients
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.trust import world
from tests.bopis.trust.made import chain

S1, S2 = StoreId("S1"), StoreId("S2")
READY = f"S1.{world.order_id(world.STAGED).hex}"
ELSEWHERE = f"S2.{world.order_id(world.STAGED).hex}"
PAGES = (
    "",
    "/stores",
    "/orders",
    "/orders?show=all",
    "/feeds",
    "/conflicts",
    "/counts",
    "/stock",
    "/stock?q=nothing+like+it",
    "/dead-letters",
    "/report",
    "/trust",
    "/devices",
    "/floor",
    "/floor/S1",
    f"/orders/{READY}",
)


def token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def conflict(db: Database, store_id: StoreId = S1) -> str:
    """Let a store have less than it has promised; return the conflict's outward id."""
    async with db.transaction(store_id) as tx:
        await tx.run("UPDATE stock SET on_hand = 1 WHERE store_id = $1", store_id)
        await tx.run(
            "UPDATE stock_ledger SET on_hand = on_hand - 17"
            " WHERE store_id = $1 AND kind = 'feed_set'",
            store_id,
        )
        await tx.run(
            "INSERT INTO stock_conflicts (store_id, id, sku, source, on_hand, reserved, opened_at)"
            " VALUES ($1, $2, 'oats', 'pos', 1, 4, $3)",
            store_id,
            world.event_id(9, 9),
            tx.now - timedelta(minutes=20),
        )
    return f"{store_id}.{world.event_id(9, 9).hex}"


async def dead_letter(db: Database, store_id: StoreId = S1) -> dict[str, str]:
    async with db.transaction(store_id) as tx:
        await tx.run(
            "INSERT INTO deliveries (store_id, event_id, subscriber, subject, seq, due_at,"
            " attempts, error, dead_at)"
            " VALUES ($1, $2, 'a.handlers.send_it', $3, 1, clock_timestamp(), 8,"
            " 'KeyError: <b>x</b>', clock_timestamp() - interval '5 minutes')",
            store_id,
            world.event_id(1, 1),
            world.order_id(1),
        )
    return {
        "event": f"{store_id}.{world.event_id(1, 1).hex}",
        "subscriber": "a.handlers.send_it",
    }


async def test_without_a_key_one_can_only_sign_in(client: httpx.AsyncClient) -> None:
    for path in PAGES:
        answer = await client.get(f"/ops{path}", headers={"accept": "text/html"})

        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/ops/sign-in?next=/ops")


async def test_a_page_of_a_good_day(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    browser = await sign_in()

    page = (await browser.get("/ops")).text

    assert "<h1>Nothing needs a person right now</h1>" in page
    assert "Every open order is expected before its time." in page
    assert page.count('class="card figure"') == 7


async def test_every_page_answers(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    browser = await sign_in()

    for path in PAGES:
        answer = await browser.get(f"/ops{path}")

        assert answer.status_code == 200, path
        assert "script-src" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


async def test_empty_pages_say_why(sign_in: SignIn) -> None:
    browser = await sign_in()

    for path in PAGES[:-1]:
        answer = await browser.get(f"/ops{path}")

        assert answer.status_code == 200, path
        assert "<tbody>" not in answer.text


async def test_a_key_of_another_kind_does_not_open_it(client: httpx.AsyncClient, key: Key) -> None:
    for kind in (KeyKind.CHANNEL, KeyKind.FEED):
        secret = (await key(kind))["Authorization"].removeprefix("Bearer ")
        answer = await client.post("/ops/sign-in", data={"key": secret})
        assert answer.status_code == 403
        assert "bopis_ops" not in answer.cookies
    assert (await client.post("/ops/sign-in", data={"key": "no"})).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(sign_in: SignIn) -> None:
    browser = await sign_in()
    cookie = next(iter(browser.cookies.jar))

    assert cookie.secure
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert cookie.path == "/ops"


async def test_a_revoked_key_is_out_at_once(sign_in: SignIn, db: Database) -> None:
    browser = await sign_in()
    async with db.transaction() as tx:
        await tx.run("UPDATE api_keys SET revoked_at = $1", tx.now)

    assert (await browser.get("/ops")).status_code == 303


async def test_a_forged_cookie_is_nobody(client: httpx.AsyncClient) -> None:
    client.cookies.set("bopis_ops", "WyJhYmMiLCJkZWYiXQ.forged.forged")

    assert (await client.get("/ops")).status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/opsx", "/o/token"])
async def test_signing_in_goes_nowhere_else(client: httpx.AsyncClient, key: Key, to: str) -> None:
    secret = (await key(KeyKind.OPS))["Authorization"].removeprefix("Bearer ")

    answer = await client.post("/ops/sign-in", data={"key": secret, "next": to})

    assert answer.headers["location"] == "/ops"


FORGED = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
)


@pytest.mark.parametrize("headers", FORGED)
async def test_another_sites_form_changes_nothing(
    sign_in: SignIn, db: Database, headers: dict[str, str]
) -> None:
    await world.build(db)
    letter = await dead_letter(db)
    browser = await sign_in()
    form = letter | {"token": token((await browser.get("/ops")).text)}

    answer = await browser.post("/ops/dead-letters/retry", data=form, headers=headers)

    assert answer.status_code == 403
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM deliveries WHERE dead_at IS NOT NULL") == 1


@pytest.mark.parametrize("sent", [None, "", "wrong"])
async def test_a_form_without_our_token_changes_nothing(
    sign_in: SignIn, db: Database, sent: str | None
) -> None:
    await world.build(db)
    letter = await dead_letter(db)
    browser = await sign_in()

    form = letter if sent is None else letter | {"token": sent}
    answer = await browser.post("/ops/dead-letters/retry", data=form)

    assert answer.status_code == 403
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM deliveries WHERE dead_at IS NOT NULL") == 1


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


async def test_a_store_key_sees_its_store_alone(sign_in: SignIn, db: Database) -> None:
    await world.build(db, stores=(S1, S2))
    await conflict(db, S2)
    await dead_letter(db, S2)
    browser = await sign_in(S1)

    for path in PAGES:
        assert "Store S2" not in (await browser.get(f"/ops{path}")).text
    assert (await browser.get(f"/ops/orders/{ELSEWHERE}")).status_code == 404
    assert (await browser.get("/ops/feeds/pos/b1")).status_code == 404


async def test_a_store_key_changes_nothing_elsewhere(sign_in: SignIn, db: Database) -> None:
    await world.build(db, stores=(S1, S2))
    id_ = await conflict(db, S2)
    letter = await dead_letter(db, S2)
    browser = await sign_in(S1)
    sent = {"token": token((await browser.get("/ops")).text), "note": "x"}
    device = f"S2.{world.DEVICE.hex}"
    forms = {
        "conflicts/close": {"conflict": id_},
        "dead-letters/retry": letter,
        "dead-letters/discard": letter,
        "devices/revoke": {"device": device},
        "devices/codes": {"store": "S2"},
        "associates/deactivate": {"associate": device},
        "orders/retract": {"order": ELSEWHERE},
        "disputes/answer": {"dispute": device},
    }

    answers = [
        (await browser.post(f"/ops/{path}", data=sent | form)).status_code
        for path, form in forms.items()
    ]

    assert answers == [404] * len(forms)
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM events WHERE name = 'ops.noted'") == 0
        assert await tx.value("SELECT count(*) FROM enrolment_codes") == 0


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


async def test_what_needs_a_person(sign_in: SignIn, db: Database, clock: ManualClock) -> None:
    await world.build(db)
    async with db.transaction() as tx:
        await tx.run("UPDATE orders SET attention = 'staff_needed' WHERE number = '7QK-4M0'")
        await tx.run(
            "INSERT INTO feed_batches (source, batch_id, kind, as_of, digest, state, problem,"
            " rows, rejected, received_at) VALUES ('pos', 'b2', 'snapshot', $1, 'd2',"
            " 'quarantined', '9 of 100 rows are bad', 100, 9, $1)",
            tx.now,
        )
        await tx.run(
            "INSERT INTO count_requests (store_id, id, sku, reason, opened_at)"
            " VALUES ('S1', $1, 'oats', 'not_found', $2)",
            world.order_id(7),
            tx.now,
        )
        await tx.run(
            "INSERT INTO leases (name, holder, until, started_at, succeeded_at) VALUES"
            " ('orders.watch', 'x', now(), now(), clock_timestamp() - interval '10 minutes')"
        )
    clock.advance(timedelta(hours=40))
    browser = await sign_in()

    page = (await browser.get("/ops")).text

    for words in (
        "7 things need a person",
        "No worker is running",
        "2 customers of Store S1 were owed news",
        "Order 7QK-4M0 needs a person at Store S1",
        "1 order of Store S1 is past the promise",
        "A batch of pos was set aside: 9 of 100 rows are bad",
        "We know nothing new of the stock of Store S1",
        "Count at Store S1: Oat drink",
    ):
        assert words in page


async def test_a_table_as_a_file_holds_no_formula(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    async with db.transaction() as tx:
        await tx.run("UPDATE orders SET number = '=1+1' WHERE number = '7QK-4M0'")
    browser = await sign_in()

    answer = await browser.get("/ops/orders?csv=orders")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=1+1,Store S1,accepted,on track,12:30 PM" in answer.text


async def test_a_search_finds_and_says_when_it_does_not(sign_in: SignIn, db: Database) -> None:
    await world.build(db)
    browser = await sign_in()

    assert "7QK-4M1" in (await browser.get("/ops/orders?show=all&q=4m1")).text
    assert "7QK-4M0" not in (await browser.get("/ops/orders?show=all&q=4m1")).text
    none = (await browser.get("/ops/orders?show=all&q=%25")).text
    assert "No such order matches “%”." in none


@pytest.mark.parametrize(
    "path", ["/report?day=never", "/orders/nonsense", f"/orders/S1.{'0' * 32}"]
)
async def test_nonsense_is_answered_with_a_page(sign_in: SignIn, path: str) -> None:
    browser = await sign_in()

    answer = await browser.get(f"/ops{path}")

    assert answer.status_code in {404, 422}
    assert "<h1>" in answer.text


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
        await recipients.put(tx, S1, order_id, first_name="Ada", phone="555 0100")
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


async def test_the_audit_of_our_word_is_a_page_in_the_words_of_the_command(
    sign_in: SignIn, db: Database
) -> None:
    found = audit(
        [(one, Beside()) for one in chain(5, stores=3, days=14, bad="S2")],
        [(one, Beside()) for one in chain(6, stores=3, days=14)],
    )
    hour = db.clock().replace(minute=0, second=0, microsecond=0)
    db.memory["audit", None] = (found, hour)  # as worked out within the hour
    browser = await sign_in()

    page = " ".join(unescape((await browser.get("/ops/trust")).text).split())

    assert '<a href="/ops/trust" aria-current="page">Trust</a>' in page
    assert audit_words.summary(found) in page
    [gap] = found.findings
    for line in audit_words.details(gap, examples=False):
        assert line in page
    assert "Change since the period before" in page
    assert f'href="/ops/orders?show=all&q={gap.examples[0].split()[1]}"' in page
    assert all(why in page for _, why in audit_words.passed(found))


async def test_an_audit_of_nothing_says_why_it_is_empty(sign_in: SignIn) -> None:
    page = (await (await sign_in()).get("/ops/trust")).text

    assert "there is nothing to hold beside what was so" in page
    assert "None of ten kinds of gap qualify, in 0 orders" in page
    assert "Not shown" not in page
