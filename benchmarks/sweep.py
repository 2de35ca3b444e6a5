"""One sweep over ten thousand open orders, beside reading the same rows.

A sweep costs this process and the process of PostgreSQL that answers it; both are counted, as CPU
time, so that a machine with other work shows what the sweep costs and not what it waits for. The
limit is one bare SELECT of the same orders with their lines summed up.
"""

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from benchmarks.row import Row
from bopis import app as roof
from bopis import migrate
from bopis.kernel.clock import ManualClock, machine_clock
from bopis.kernel.database import Database
from bopis.orders.watching import watchdog

ORDERS: Final = 10_000
STORES: Final = 20
LINES: Final = 3
SECOND: Final = 1.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_STORES: Final = """
    INSERT INTO stores (store_id, name, time_zone)
    SELECT 'W' || lpad(n::text, 3, '0'), 'Store ' || n, 'America/Chicago'
      FROM generate_series(1, $1::int) AS n
"""
_HOURS: Final = """
    INSERT INTO store_hours (store_id, weekday, opens, closes)
    SELECT store_id, d, '08:00', '22:00' FROM stores, generate_series(0, 6) AS d
"""
_ORDERS: Final = """
    INSERT INTO orders (store_id, id, channel, reference, fingerprint, number, pickup_code, state,
                        promised_at, next_update_due_at, accepted_at, picking_since)
    SELECT 'W' || lpad((1 + n % $1)::text, 3, '0'), gen_random_uuid(), 'bench', n::text, '',
           n::text, n::text,
           CASE WHEN n % 10 = 0 THEN 'picking' ELSE 'accepted' END,
           $2::timestamptz + interval '1 hour' + n * interval '1.5 seconds',
           $2::timestamptz + interval '1 hour' + n * interval '1.5 seconds',
           $2::timestamptz - n * interval '0.4 seconds',
           CASE WHEN n % 10 = 0 THEN $2::timestamptz - interval '2 minutes' END
      FROM generate_series(0, $3::int - 1) AS n
"""
_REST: Final = (
    """
    INSERT INTO order_lines (store_id, order_id, line, sku, name, ordered, reserved)
    SELECT store_id, id, l, 'sku' || l, 'Item ' || l, 1 + l % 2, 1 + l % 2
      FROM orders, generate_series(1, 3) AS l
    """,
    """
    INSERT INTO promises (store_id, order_id, version, latest, confidence, basis, base_minutes,
                          made_at)
    SELECT store_id, id, 1, promised_at, 0.9, 'fixed', 40, accepted_at FROM orders
    """,
    """
    INSERT INTO associates (store_id, id, number, name)
    SELECT store_id, gen_random_uuid(), n::text, 'Invented ' || n FROM stores,
           generate_series(1, 60) AS n
    """,
    """
    INSERT INTO associate_sessions (store_id, id, device_id, associate_id, token_digest, started_at,
                                    ends_at)
    SELECT store_id, gen_random_uuid(), gen_random_uuid(), id, '\\x00', clock_timestamp(),
           clock_timestamp() + interval '9 hours' FROM associates
    """,
    """
    INSERT INTO pick_tasks (store_id, id, order_id, number, state, opened_at, due_at)
    SELECT store_id, gen_random_uuid(), id, number, 'open', accepted_at, promised_at FROM orders
    """,
    """
    INSERT INTO pick_lines (store_id, task_id, line, sku, name, asked)
    SELECT t.store_id, t.id, l.line, l.sku, l.name, l.ordered
      FROM pick_tasks AS t JOIN order_lines AS l USING (store_id, order_id)
    """,
)
_MOVES: Final = """
    INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)
    SELECT store_id, gen_random_uuid(), 'pick.line_found', gen_random_uuid(), 'bench', '{}', $1
      FROM stores
"""
_LIMIT: Final = """
    SELECT o.*, sum(l.reserved) AS reserved, sum(l.short) AS short, sum(l.ordered) AS ordered
      FROM orders AS o JOIN order_lines AS l ON l.store_id = o.store_id AND l.order_id = o.id
     WHERE o.closed_at IS NULL
     GROUP BY o.store_id, o.id
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one sweep took.

    Units:
        seconds, of the machine: of this process and of PostgreSQL's. wall: until it was done.
    """

    ours: float
    backend: float
    wall: float

    @property
    def cpu(self) -> float:
        return self.ours + self.backend


async def sweep(dsn: str, rounds: int) -> list[Row]:
    """Measure a full sweep (a new minute for all), and one in a minute that was looked at."""
    full = Row("sweep, orders", "orders/s", 0.1)
    again = Row("sweep, nothing new", "orders/s", 1.0)
    costs: list[Cost] = []
    idle: list[Cost] = []
    limits: list[Cost] = []
    dsn = await _database(dsn)
    now = machine_clock().replace(hour=17, minute=0, second=0, microsecond=0)
    clock = ManualClock(now)
    async with Database.connect(dsn, clock=clock, routes=roof.routes(), pool_size=2) as db:
        await _fill(db)
        for n in range(rounds + 2):
            await _next_minute(db, clock)
            if n < 2:  # the first look at each is written down
                await watchdog.sweep(db)
                continue
            limits.append(await _cost(db, _bare))
            costs.append(await _cost(db, watchdog.sweep))
            idle.append(await _cost(db, watchdog.sweep))
            full.add(ORDERS / costs[-1].cpu, ORDERS / limits[-1].cpu)
            again.add(ORDERS / idle[-1].cpu, ORDERS / limits[-1].cpu)
    best = sorted(costs, key=lambda cost: cost.cpu)[len(costs) // 2]
    met = "met" if best.cpu < SECOND else "MISSED"
    print(
        f"  {ORDERS:,} open orders of {STORES} stores: {best.ours:.2f} s here and"
        f" {best.backend:.2f} s in PostgreSQL (under {SECOND:.0f} s: {met}), {best.wall:.2f} s by"
        f" the clock; in a minute that was looked at {idle[0].cpu:.2f} s"
    )
    for row, found in ((full, costs), (again, idle)):
        row.notes = {
            "limit_is": "one SELECT of the same orders with their lines summed up",
            "cpu_seconds": [round(cost.cpu, 3) for cost in found],
            "wall_seconds": [round(cost.wall, 3) for cost in found],
        }
    return [full, again]


async def _database(dsn: str) -> str:
    """Make a database of its own: ten thousand open orders would be in the way of others."""
    name = f"bopis_sweep_{uuid4().hex}"
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    own = urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    await asyncio.to_thread(migrate.upgrade, own)
    return own


async def _fill(db: Database) -> None:
    async with db.connection() as connection:
        await connection.execute("SET statement_timeout = '10min'")
        await connection.execute(_STORES, STORES)
        await connection.execute(_HOURS)
        await connection.execute(_ORDERS, STORES, db.clock(), ORDERS)
        for statement in _REST:
            await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")


async def _next_minute(db: Database, clock: ManualClock) -> None:
    """Let a minute pass in which somebody in each store finds something."""
    clock.advance(timedelta(minutes=1))
    async with db.connection() as connection:
        await connection.execute(_MOVES, clock())


async def _bare(db: Database) -> int:
    async with db.connection() as connection:
        await connection.execute("SET max_parallel_workers_per_gather = 0")  # all in one process
        return len(await connection.fetch(_LIMIT))


async def _cost(db: Database, work: Any) -> Cost:
    backends = await _backends(db)
    began, ours, theirs = time.perf_counter(), time.process_time(), _cpu(backends)
    await work(db)
    return Cost(time.process_time() - ours, _cpu(backends) - theirs, time.perf_counter() - began)


async def _backends(db: Database) -> list[int]:
    """Return the processes of PostgreSQL that serve us."""
    async with db.connection() as connection:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
    return [row["pid"] for row in rows]


def _cpu(pids: list[int]) -> float:
    """Return the CPU seconds that processes of this machine have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS
