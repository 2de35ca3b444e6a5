"""What the machine could do without us: the same rows, the fewest moving parts.

A FastAPI application that sends one statement and answers; ``python -m benchmarks.limits PORT``
serves it.
"""

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment

ACCEPT: Final = """
    WITH wanted AS (
        SELECT sku, quantity, entry, line
          FROM unnest($3::text[], $4::int[], $5::uuid[], $6::int[])
               AS w (sku, quantity, entry, line)
    ),
    locked AS (
        SELECT stock.sku, wanted.quantity
          FROM stock JOIN wanted ON wanted.sku = stock.sku
         WHERE stock.store_id = $1
           AND LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.cap) - stock.reserved
               >= wanted.quantity
         ORDER BY stock.sku
           FOR UPDATE OF stock
    ),
    gate AS (SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted) AS open),
    taken AS (
        UPDATE stock SET reserved = stock.reserved + locked.quantity, changed_at = $7
          FROM locked WHERE stock.store_id = $1 AND stock.sku = locked.sku
                        AND (SELECT open FROM gate)
    ),
    held AS (
        INSERT INTO reservations (store_id, order_id, sku, quantity, reserved_at)
        SELECT $1, $2, sku, quantity, $7 FROM wanted WHERE (SELECT open FROM gate)
    ),
    explained AS (
        INSERT INTO stock_ledger
               (store_id, id, sku, kind, reserved, cause, effective_at, recorded_at)
        SELECT $1, entry, sku, 'commit', quantity, $2, $7, $7 FROM wanted
         WHERE (SELECT open FROM gate)
    ),
    placed AS (
        INSERT INTO orders (store_id, id, channel, reference, fingerprint, number, pickup_code,
                            state, promised_at, next_update_due_at, accepted_at)
        SELECT $1, $2, 'bench', $8, '', $9, $10, 'accepted', $11, $11, $7
         WHERE (SELECT open FROM gate)
    ),
    lines AS (
        INSERT INTO order_lines (store_id, order_id, line, sku, name, ordered, reserved)
        SELECT $1, $2, line, sku, sku, quantity, quantity FROM wanted WHERE (SELECT open FROM gate)
    ),
    promised AS (
        INSERT INTO promises (store_id, order_id, version, latest, confidence, basis, base_minutes,
                              made_at)
        SELECT $1, $2, 1, $11, 0.9, 'fixed', 30, $7 WHERE (SELECT open FROM gate)
    ),
    told AS (
        INSERT INTO recipients (store_id, order_id, first_name, email)
        SELECT $1, $2, 'Ada', 'ada@example.org' WHERE (SELECT open FROM gate)
    ),
    fact AS (
        INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)
        SELECT $1, $12, 'order.accepted', $2, 'limit', '{}', $7 WHERE (SELECT open FROM gate)
        RETURNING id, seq
    )
    INSERT INTO deliveries (store_id, event_id, subscriber, subject, seq, due_at)
    SELECT $1, id, 'limit', $2, seq, $7 FROM fact
    RETURNING 1
"""
"""Every row that taking an order writes, in one statement."""

FEED: Final = """
    WITH differs AS MATERIALIZED (
        SELECT told.sku, told.quantity, COALESCE(stock.on_hand, 0) AS was
          FROM feed_stage AS told
          LEFT JOIN stock ON stock.store_id = $1 AND stock.sku = told.sku
         WHERE told.store_id = $1 AND stock.feed_quantity IS DISTINCT FROM told.quantity
    ),
    written AS (
        INSERT INTO stock (store_id, sku, on_hand, feed_quantity, feed_as_of, feed_source,
                           changed_at)
        SELECT $1, sku, quantity, quantity, $2, 'bench', $2 FROM differs
        ON CONFLICT (store_id, sku) DO UPDATE
        SET on_hand = EXCLUDED.on_hand, feed_quantity = EXCLUDED.feed_quantity,
            feed_as_of = EXCLUDED.feed_as_of, feed_source = EXCLUDED.feed_source,
            changed_at = EXCLUDED.changed_at
    ),
    explained AS (
        INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, source, effective_at,
                                  recorded_at)
        SELECT $1, ($3 || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, sku, 'feed_set',
               quantity - was, 'bench', $2, $2
          FROM differs
    )
    SELECT count(*) FROM differs
"""
"""Every row that a changed item writes, in one statement, after an anti-join."""

SCAN: Final = """
    WITH task AS (
        SELECT id, order_id, fence, device_id, assigned_to FROM pick_tasks
         WHERE store_id = $1 AND id = $2 FOR UPDATE
    ),
    logged AS (
        INSERT INTO scans (store_id, id, device_id, device_seq, associate_id, task_id, fence, kind,
                           code, sku, line, quantity, outcome, scanned_at, received_at)
        SELECT $1, $3, device_id, $4, assigned_to, id, fence, 'item', 'bench', 'bench', 1, 1,
               'applied', $5, $5
          FROM task
    ),
    found AS (
        UPDATE pick_lines SET found = found + 1
          FROM task WHERE store_id = $1 AND task_id = task.id AND line = 1
    ),
    picked AS (
        UPDATE order_lines SET reserved = reserved - 1, picked = picked + 1
          FROM task WHERE store_id = $1 AND order_lines.order_id = task.order_id AND line = 1
    ),
    fact AS (
        INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)
        SELECT $1, $6, 'pick.line_found', order_id, 'limit', '{}', $5 FROM task
        RETURNING id, subject, seq
    )
    INSERT INTO deliveries (store_id, event_id, subscriber, subject, seq, due_at)
    SELECT $1, id, 'limit', subject, seq, $5 FROM fact
    RETURNING 1
"""
"""Every row that a good scan writes, in one statement."""

PAGE: Final = """
    SELECT o.*, s.name AS store_name, s.street, s.city,
           (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.line) FROM order_lines l
             WHERE l.store_id = o.store_id AND l.order_id = o.id) AS lines,
           (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.seq) FROM events e
             WHERE e.store_id = o.store_id AND e.subject = o.id) AS facts
      FROM orders o JOIN stores s ON s.store_id = o.store_id
     WHERE o.store_id = $1 AND o.id = $2
"""

_TEMPLATE: Final = Environment(autoescape=True).from_string(
    "<!doctype html><title>{{ order.number }}</title><h1>{{ order.store_name }}</h1>"
    "<p>{{ order.state }} by {{ order.promised_at }}</p><p>" + "A sentence of page. " * 250 + "</p>"
    "<ul>{% for line in lines %}<li>{{ line.name }} {{ line.ordered }}</li>{% endfor %}</ul>"
    "<ol>{% for fact in facts %}<li>{{ fact.name }} {{ fact.occurred_at }}</li>{% endfor %}</ol>"
)


async def accept(connection: Any, store_id: str, lines: list[tuple[str, int]]) -> bool:
    """Send the one statement; return whether the order was taken."""
    now = datetime.now(UTC)
    order_id = uuid4()
    return bool(
        await connection.fetchval(
            ACCEPT,
            store_id,
            order_id,
            [sku for sku, _ in lines],
            [quantity for _, quantity in lines],
            [uuid4() for _ in lines],
            list(range(1, len(lines) + 1)),
            now,
            order_id.hex,
            order_id.hex,
            order_id.hex,
            now + timedelta(hours=2),
            uuid4(),
        )
    )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=8) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/v1/orders", status_code=201)
async def order(request: Request) -> JSONResponse:
    body = await request.json()
    lines = [(line["sku"], line["quantity"]) for line in body["lines"]]
    async with app.state.pool.acquire() as connection:
        taken = await accept(connection, body["store_id"], lines)
    return JSONResponse({"taken": taken}, 201 if taken else 409)


@app.post("/scans")
async def scan(request: Request) -> JSONResponse:
    body = await request.json()
    key = (body["store_id"], UUID(body["task_id"]), uuid4())
    async with app.state.pool.acquire() as connection:
        done = await connection.fetchval(SCAN, *key, time.time_ns(), datetime.now(UTC), uuid4())
    return JSONResponse({"done": done}, 200 if done else 409)


@app.get("/o/{store_id}/{order_id}")
async def page(store_id: str, order_id: UUID) -> HTMLResponse:
    async with app.state.pool.acquire() as connection:
        row = await connection.fetchrow(PAGE, store_id, order_id)
    lines, facts = msgspec.json.decode(row["lines"]), msgspec.json.decode(row["facts"] or "[]")
    return HTMLResponse(_TEMPLATE.render(order=row, lines=lines, facts=facts))


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="error",
    )
