"""Every statement goes to one store, or says why it asks them all."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from bopis.trust import verify
from bopis.trust.invariants import INVARIANTS
from inventory.catalog import loading
from inventory.feeds import staging
from tests.databases import admin, in_database
from tests.schema import shadow
from tests.schema.statements import Statement, statements

ALLOWED = frozenset(
    {
        "an operator who knows only the number",
        "choice",
        "experience of the whole chain",
        "forgetting",
        "lease expiry",
        "metrics",
        "one batch",
        "one source",
        "ops",
        "quote",
        "refusal",
        "relay",
        "repair",
        "replay",
        "report",
        "sender",
        "verify",
        "watch",
    }
)
"""Why a statement may ask all stores. A new reason is a decision: sharded, each has its price."""


@pytest.fixture(scope="module")
async def connection(server: str) -> AsyncIterator[asyncpg.Connection]:
    name = f"shadow_{uuid4().hex}"
    await admin(server, f"CREATE DATABASE {name}")
    made = await asyncpg.connect(in_database(server, name))
    for statement in shadow.ddl():
        await made.execute(statement)
    await made.execute(f"CREATE TEMP TABLE feed_stage ({staging.COLUMNS})")
    await made.execute(f"CREATE TEMP TABLE location_stage ({loading.COLUMNS})")
    yield made
    await made.close()
    await admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def asked() -> list[Statement]:
    own = [one for one in statements() if "trust/invariants" not in one.place]
    return [
        *own,
        *(Statement(f"invariant {one.id}", verify._asked(one)) for one in INVARIANTS),  # noqa: SLF001
    ]


async def test_every_statement_is_routed_or_says_why_not(connection: asyncpg.Connection) -> None:
    wrong = []
    for one in asked():
        try:
            wide = {t: n for t, n in (await shadow.scanned(connection, one.sql)).items() if n > 1}
        except asyncpg.PostgresError as error:
            wrong.append(f"{one.place}: cannot be planned: {error}")
            continue
        if wide and one.fanout not in ALLOWED:
            wrong.append(f"{one.place}: asks all stores ({', '.join(sorted(wide))})")
        if wide and "FOR UPDATE" in one.bare.upper():
            wrong.append(f"{one.place}: locks rows of all stores ({', '.join(sorted(wide))})")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT number FROM orders WHERE store_id = $1 AND id = $2", {"orders": 1}),
        ("SELECT number FROM orders WHERE id = $1", {"orders": 4}),
        ("SELECT number FROM orders WHERE lower(store_id) = $1", {"orders": 4}),
        ("UPDATE stock SET reserved = 0 WHERE sku = $1", {"stock": 4}),
        ("DELETE FROM deliveries WHERE store_id = $1", {"deliveries": 1}),
        (
            """SELECT FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
                WHERE o.store_id = $1""",
            {"orders": 1, "order_lines": 4},
        ),
        (
            """SELECT FROM orders AS o JOIN order_lines AS l
                   ON l.store_id = o.store_id AND l.order_id = o.id WHERE o.store_id = $1""",
            {"orders": 1, "order_lines": 1},
        ),
    ],
)
async def test_the_counter_tells_one_store_from_all(
    connection: asyncpg.Connection, sql: str, tables: dict[str, int]
) -> None:
    assert await shadow.scanned(connection, sql) == tables
