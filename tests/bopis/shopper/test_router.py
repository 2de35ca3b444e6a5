"""What a link opens, what it does not, and that looking changes nothing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import OrderId
from bopis.orders.telling import links
from bopis.trust import records
from bopis.trust.record import Sums
from tests.bopis.shopper.world import STORE, an_order, found, path
from tests.loglines import captured

HTML = {"accept": "text/html"}
SAME = {**HTML, "sec-fetch-site": "same-origin"}


async def state_of(db: Database) -> tuple[str, int]:
    async with db.transaction(STORE) as tx:
        row = await tx.row("SELECT state, version FROM orders WHERE store_id = $1", STORE)
        assert row is not None
        return row["state"], row["version"]


async def count(db: Database, name: str) -> int:
    async with db.transaction(STORE) as tx:
        return await tx.value("SELECT count(*) FROM events WHERE name = $1", name)  # type: ignore[no-any-return]


async def test_the_link_opens_the_order(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    answer = await client.get(path(), headers=HTML)

    assert answer.status_code == 200
    assert "Ready by 5\xa0PM today" in answer.text
    assert "9 of 10 orders like this were ready by then (212 orders)." in answer.text
    assert "7QK44M07" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_an_order_says_of_its_store_what_the_public_record_says(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    async with ordered.transaction(STORE, actor="job:trust.record") as tx:
        await records.write(tx, STORE, {date(2026, 3, 5): Sums(due=212, kept=199)})

    order = await client.get(path(), headers=HTML)
    record = await client.get(f"/stores/{STORE}/record")

    said = "93 of 100 first promises kept, last 28 days."
    assert said in order.text
    assert said in record.text
    assert f'href="/stores/{STORE}/record"' in order.text


async def test_a_request_is_logged_and_measured_by_its_route_and_never_by_its_token(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    with captured() as lines:
        await client.get(path(), headers=HTML)
        await client.head(path())
        await client.get(f"{path()}/cancel", headers=HTML)

    routes = [line["route"] for line in lines.read_all()]
    assert routes == ["/o/{token}", "/o/{token}", "/o/{token}/cancel"]
    assert path().removeprefix("/o/") not in lines.getvalue()


async def test_the_page_costs_one_statement(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get(path())  # the store's figure is asked for once in ten minutes
    asked = []
    async with ordered.connection() as connection:
        kind = type(connection._con)  # noqa: SLF001 - the connection beneath the pool's proxy
    plain = kind._execute  # noqa: SLF001

    async def counted(self: Any, query: str, *args: Any, **more: Any) -> Any:
        asked.append(query)
        return await plain(self, query, *args, **more)

    monkeypatch.setattr(kind, "_execute", counted)
    answer = await client.get(path())

    assert answer.status_code == 200
    assert len(asked) == 1


@pytest.mark.parametrize(
    "token",
    [
        "S0042.",
        "S0042.AAAA",
        "nobody",
        "S0042." + "A" * 44,
        "S0042.%00",
        "%F0%9F%91%BB",
        "S0042." + "A" * 4000,
    ],
)
async def test_a_forged_link_opens_a_page_that_helps(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, token: str
) -> None:
    answer = await client.get(f"/o/{token}", headers=HTML)

    assert answer.status_code == 404
    assert "This link opens nothing" in answer.text


async def test_a_link_to_another_store_s_order_opens_nothing(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    moved = path().replace("/o/S0042.", "/o/S0043.")

    assert (await client.get(moved)).status_code == 404


async def test_a_withdrawn_link_opens_nothing(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    async with ordered.transaction(STORE) as tx:
        await tx.run("UPDATE orders SET link_version = 2 WHERE store_id = $1", STORE)

    assert (await client.get(path(link_version=1))).status_code == 404
    assert (await client.get(path(link_version=2))).status_code == 200


async def test_a_link_ends_two_weeks_after_its_order(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, clock: ManualClock
) -> None:
    await client.post(f"{path()}/cancel", headers=SAME)
    clock.advance(timedelta(days=14))
    still = await client.get(path())
    clock.advance(timedelta(seconds=1))

    assert (still.status_code, (await client.get(path())).status_code) == (200, 404)


async def test_looking_changes_nothing(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    before = await state_of(ordered)
    for way in ("", "/cancel"):
        for method in ("GET", "HEAD"):
            await client.request(method, path() + way, headers=HTML)

    assert await state_of(ordered) == before
    assert await count(ordered, "order.cancelled") == 0


async def test_cancelling_is_asked_once_and_then_done(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    asked = await client.get(f"{path()}/cancel", headers=HTML)
    done = await client.post(f"{path()}/cancel", headers=SAME)
    shown = await client.get(done.headers["location"], headers=HTML)

    assert "Cancel this order?" in asked.text
    assert done.status_code == 303
    assert (await state_of(ordered))[0] == "cancelled"
    assert "Nothing to collect" in shown.text
    assert "You asked us to cancel it at 12\xa0PM today." in shown.text


async def test_cancelling_twice_cancels_once(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    for _ in range(2):
        answer = await client.post(f"{path()}/cancel", headers=SAME)
        assert answer.status_code == 303

    assert await count(ordered, "order.cancelled") == 1
    assert (await client.get(f"{path()}/cancel", headers=HTML)).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": "https://pickup.example"},
    ],
)
async def test_another_site_cannot_press_the_button(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, headers: dict[str, str]
) -> None:
    answer = await client.post(f"{path()}/cancel", headers=headers)

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:bopis:problem:from-elsewhere"
    assert (await state_of(ordered))[0] == "accepted"


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "null"}, {"origin": "https://pickup.example"}, {"sec-fetch-site": "none"}],
)
async def test_our_own_page_can(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, headers: dict[str, str]
) -> None:
    assert (await client.post(f"{path()}/cancel", headers=headers)).status_code == 303
    assert (await state_of(ordered))[0] == "cancelled"


async def test_posting_to_a_forged_link_does_nothing(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    for way, form in (("cancel", {}), ("answer", {"all_there": "yes"})):
        answer = await client.post(f"/o/S0042.{'A' * 44}/{way}", headers=SAME, data=form)
        assert answer.status_code == 404

    assert (await state_of(ordered))[0] == "accepted"


async def test_the_question_is_answered_once(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    early = await client.post(f"{path()}/answer", headers=SAME, data={"all_there": "no"})
    async with ordered.transaction(STORE) as tx:
        await tx.run(
            "UPDATE orders SET state = 'picked_up', closed_at = $2, next_update_due_at = NULL "
            "WHERE store_id = $1",
            STORE,
            tx.now,
        )
    before = await count(ordered, "shopper.answered")
    for said in ("no", "yes"):
        await client.post(f"{path()}/answer", headers=SAME, data={"all_there": said})
    shown = await client.get(path(), headers=HTML)

    assert (early.status_code, before) == (303, 0)
    assert await count(ordered, "shopper.answered") == 1
    assert "You told us that something was missing." in shown.text


async def test_an_answer_that_is_none_is_refused(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    answer = await client.post(
        f"{path()}/answer", headers={"sec-fetch-site": "same-origin"}, data={"all_there": "maybe"}
    )

    assert answer.status_code == 422


async def test_the_page_follows_the_scans(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, clock: ManualClock
) -> None:
    clock.advance(timedelta(minutes=36))
    await found(ordered)
    answer = await client.get(path(), headers=HTML)

    assert "2 of 3 items found" in answer.text
    assert "found 12:36\xa0PM" in answer.text


async def test_orders_do_not_see_each_other(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database
) -> None:
    other = OrderId(UUID(int=8))
    async with ordered.transaction(STORE) as tx:
        await an_order(tx, other)
    await found(ordered, other)

    assert "2 of 3 items found" not in (await client.get(path())).text
    assert "2 of 3 items found" in (await client.get(path(other))).text
    assert links.opened(path(other).removeprefix("/o/")) == (STORE, other, 1)
