"""The schema once more, cut into pieces by store, so that PostgreSQL itself counts who is asked.

A statement that is routed to one store scans one partition of each table; one that asks all stores
scans all of them. On every statement tried, the number was that of the tasks that Citus would run.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bopis.tables import METADATA

PARTITIONS: Final = 4
_PIECE: Final = re.compile(r"^(?P<table>\w+)_p\d$")
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


def ddl() -> Iterator[str]:
    """Return the statements that make the shadow schema, parents before children."""
    copies = MetaData()
    for table in METADATA.sorted_tables:
        table.to_metadata(copies)
    for table in copies.sorted_tables:
        distributed = table.info["placement"] == "distributed"
        if distributed:
            table.dialect_options["postgresql"]["partition_by"] = "HASH (store_id)"
            table.dialect_options["postgresql"]["with"] = {}
        yield str(CreateTable(table).compile(dialect=_DIALECT))
        if distributed:
            yield from _pieces(table)
        for index in table.indexes:
            index.dialect_options["postgresql"]["with"] = {}
            yield str(CreateIndex(index).compile(dialect=_DIALECT))
    yield "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"


def _pieces(table: Table) -> Iterator[str]:
    for n in range(PARTITIONS):
        yield (
            f"CREATE TABLE {table.name}_p{n} PARTITION OF {table.name}"
            f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {n})"
        )


async def scanned(connection: asyncpg.Connection, sql: str) -> Mapping[str, int]:
    """Return how many pieces of each distributed table a statement looks at, at most.

    It is planned with a value for each parameter, so that the planner may leave pieces out, and not
    run.

    Shapes:
        returns: a table that is only written to is absent; one named twice has its larger number.
    """
    prepared = await connection.prepare(sql)
    values = [_VALUES[parameter.name] for parameter in prepared.get_parameters()]
    text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
    plan = json.loads(text) if isinstance(text, str) else text
    aliases: dict[tuple[str, str], set[str]] = {}
    for node in _nodes(plan[0]["Plan"]):
        found = _PIECE.match(node.get("Relation Name", ""))
        if found and node["Node Type"] != "ModifyTable":
            alias = re.sub(r"_\d+$", "", node["Alias"])
            aliases.setdefault((found["table"], alias), set()).add(node["Relation Name"])
    counts: Counter[str] = Counter()
    for (table, _), pieces in aliases.items():
        counts[table] = max(counts[table], len(pieces))
    return counts


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


_NOW: Final = datetime(2026, 3, 6, 18, tzinfo=UTC)
_ONE: Final[dict[str, Any]] = {
    "text": "S1",
    "varchar": "S1",
    "int2": 1,
    "int4": 1,
    "int8": 1,
    "float4": 1.0,
    "float8": 1.0,
    "numeric": Decimal(1),
    "bool": True,
    "uuid": UUID(int=1),
    "bytea": b"1",
    "jsonb": "{}",
    "json": "{}",
    "timestamptz": _NOW,
    "date": date(2026, 3, 6),
    "time": time(9),
    "interval": timedelta(minutes=1),
    "name": "S1",
    "oid": 1,
}
_VALUES: Final = _ONE | {f"{name}[]": [value] for name, value in _ONE.items()}
