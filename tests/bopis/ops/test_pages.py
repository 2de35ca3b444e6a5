"""What the pages show: all of it, in words, and why where there is nothing."""

from datetime import timedelta
from html import unescape

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.trust import audit_words
from bopis.trust.audit import audit
from bopis.trust.gap import Beside
from tests.bopis.ops.conftest import SignIn
from tests.bopis.ops.desk import PAGES
from tests.bopis.trust import world
from tests.bopis.trust.made import chain


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
    "path",
    [
        "/report?day=never",
        "/report?day=9999-12-31",
        "/orders/nonsense",
        f"/orders/S1.{'0' * 32}",
        "/nowhere",
    ],
)
async def test_nonsense_is_answered_with_a_page_for_staff(sign_in: SignIn, path: str) -> None:
    browser = await sign_in()

    answer = await browser.get(f"/ops{path}")

    assert answer.status_code in {404, 422}
    assert "<h1>" in answer.text
    assert 'href="/ops"' in answer.text
    assert "order by its code" not in answer.text  # as a shopper is told


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
    assert audit_words.summary(found, plain=True) in page
    [gap] = found.findings
    for line in audit_words.details(gap, examples=False, plain=True):
        assert line in page
    assert "Change since the period before" in page
    assert f'href="/ops/orders?show=all&q={gap.examples[0].split()[1]}"' in page
    assert all(why in page for _, why in audit_words.passed(found))


async def test_an_audit_of_nothing_says_why_it_is_empty(sign_in: SignIn) -> None:
    page = (await (await sign_in()).get("/ops/trust")).text

    assert "there is nothing to hold beside what was so" in page
    assert "None of ten kinds of broken word stands out, in 0 orders" in page
    assert "Not shown" not in page
