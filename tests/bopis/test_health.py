"""What a monitor hears, in good days and bad."""

from datetime import timedelta

import httpx
from fastapi import FastAPI

from bopis import app as roof
from bopis.kernel import jobs, pages
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.conftest import Key
from tests.journeys.day import S1, Day, stores
from tests.loglines import captured


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        for method in ("GET", "HEAD"):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


async def test_a_schema_of_another_version_is_not_ready(
    client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as tx:
        await tx.run("UPDATE alembic_version SET version_num = 'older'")

    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert "bopis migrate" in answer.json()["detail"]
    assert (await client.get("/healthz")).status_code == 200


async def test_a_stopping_process_is_not_ready(app: FastAPI, client: httpx.AsyncClient) -> None:
    app.state.stopping.set()

    assert (await client.get("/readyz")).json()["detail"] == "The process is ending."


async def test_without_a_database_it_lives_is_not_ready_and_still_counts(
    client: httpx.AsyncClient, db: Database
) -> None:
    await db.pool.close()

    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert "bopis_database_up 0.0" in answer.text


async def test_metrics_count_by_route_and_ask_the_database(client: httpx.AsyncClient) -> None:
    await client.get("/nowhere/at-all")
    await client.get("/healthz")

    text = (await client.get("/metrics")).text

    assert "bopis_database_up 1.0" in text
    assert "bopis_relay_backlog 0.0" in text
    assert "bopis_relay_dead 0.0" in text
    assert "bopis_orders_past_next_update 0.0" in text
    assert "bopis_watch_seconds_since_sweep +Inf" in text
    assert "bopis_messages_waiting 0.0" in text
    assert 'bopis_pool_connections{state="idle"}' in text
    assert 'bopis_http_seconds_count{method="GET",route="/healthz",status="200"}' in text
    assert 'route="(none)",status="404"' in text
    assert "nowhere" not in text


async def test_neither_a_monitor_nor_the_files_of_a_page_fill_the_log(
    client: httpx.AsyncClient,
) -> None:
    with captured() as lines:
        for path in ("/healthz", pages.asset("look.css"), "/nowhere"):
            await client.get(path)

    assert [line["route"] for line in lines.read_all()] == ["(none)"]


async def test_what_stands_in_the_place_of_an_id_stays_out_of_the_log(
    client: httpx.AsyncClient,
) -> None:
    with captured() as lines:
        await client.get("/v1/orders/ada@shopper.example")
        await client.get("/v1/orders/" + "a" * 5_000)
        await client.get("/v1/orders/S1.01")

    assert [line.get("order_id") for line in lines.read_all() if line["event"] == "request"] == [
        None,
        None,
        "S1.01",
    ]


async def test_a_watchdog_that_is_dead_cannot_say_that_it_is_well(
    client: httpx.AsyncClient, db: Database, clock: ManualClock, key: Key
) -> None:
    await stores(db, S1)
    shop = Day(db, clock, client, await key(KeyKind.CHANNEL, "shop"), None)  # type: ignore[arg-type]
    assert (await client.get("/healthz/watch")).status_code == 503  # it never looked

    [watch] = [job for job in roof.jobs() if job.name == "orders.watch"]
    await jobs.run_once(db, watch, "one")
    answer = await client.get("/healthz/watch")
    assert (answer.status_code, answer.text[:8]) == (200, "watched:")

    assert (await shop.order()).status_code == 201
    clock.advance(timedelta(hours=3))  # and nobody looks
    answer = await client.get("/healthz/watch")
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "Customers who should have heard from us by now: 1.",
    )
    assert "bopis_orders_past_next_update 1.0" in (await client.get("/metrics")).text

    await jobs.run_once(db, watch, "one")
    assert (await client.get("/healthz/watch")).status_code == 200
