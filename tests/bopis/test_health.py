"""What a monitor hears, in good days and bad."""

import httpx
from fastapi import FastAPI

from bopis.kernel.database import Database
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
    assert 'bopis_pool_connections{state="idle"}' in text
    assert 'bopis_http_seconds_count{method="GET",route="/healthz",status="200"}' in text
    assert 'route="(none)",status="404"' in text
    assert "nowhere" not in text


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
