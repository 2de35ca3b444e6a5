"""Every table shards by store: asked of the catalog, and proved on tables that do not."""

from typing import Final

import asyncpg

from bopis.tables import METADATA
from tests.schema.catalog import violations

PLACEMENT: Final = {table.name: table.info["placement"] for table in METADATA.sorted_tables}
BOOKKEEPING: Final = {"alembic_version": "local"}

TEXT: Final = 'text COLLATE "C"'
KEYED: Final = f"store_id {TEXT}, id uuid, PRIMARY KEY (store_id, id)"
BAD: Final = {
    "S1 undeclared table": "CREATE TABLE bad_and_unsaid (id int PRIMARY KEY)",
    "S2 no store_id": "CREATE TABLE bad (id uuid PRIMARY KEY)",
    "S2 store_id nullable": f"CREATE TABLE bad (id uuid, store_id {TEXT}, PRIMARY KEY (id))",
    "S2 store_id of another type": "CREATE TABLE bad (store_id int PRIMARY KEY)",
    "S3 no primary key": f"CREATE TABLE bad (store_id {TEXT} NOT NULL)",
    "S3 unique without store_id": f"CREATE TABLE bad ({KEYED}, n int UNIQUE)",
    "S3 primary key does not begin with store_id": (
        f"CREATE TABLE bad (store_id {TEXT}, id uuid, PRIMARY KEY (id, store_id))"
    ),
    "S5 foreign key without store_id": (
        f"CREATE TABLE parent ({KEYED});"
        f"CREATE TABLE bad ({KEYED}, a {TEXT}, FOREIGN KEY (a, id) REFERENCES parent)"
    ),
    "S6 foreign key into a distributed table": (
        f"CREATE TABLE bad ({KEYED});"
        f"CREATE TABLE near (a {TEXT}, b uuid, FOREIGN KEY (a, b) REFERENCES bad)"
    ),
    "S6 foreign key to a local table": (
        f"CREATE TABLE near (n int PRIMARY KEY); CREATE TABLE bad ({KEYED}, n int REFERENCES near)"
    ),
    "S7 foreign key rewrites store_id": (
        f"CREATE TABLE bad ({KEYED}, b uuid,"
        f" FOREIGN KEY (store_id, b) REFERENCES bad ON DELETE SET NULL)"
    ),
    "S8 trigger": (
        f"CREATE TABLE bad ({KEYED});"
        f"CREATE TRIGGER t BEFORE UPDATE ON bad FOR EACH ROW"
        f" EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "S9 sequence not bigint": f"CREATE TABLE bad ({KEYED}, n serial)",
    "S10 partitions of partitions": (
        f"CREATE TABLE bad ({KEYED}) PARTITION BY HASH (store_id);"
        f"CREATE TABLE b0 PARTITION OF bad FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
        f" PARTITION BY HASH (id)"
    ),
    "S11 inheritance": f"CREATE TABLE bad ({KEYED}); CREATE TABLE heir () INHERITS (bad)",
    "S11 rule": f"CREATE TABLE bad ({KEYED}); CREATE RULE r AS ON DELETE TO bad DO INSTEAD NOTHING",
}


def test_every_table_says_where_its_rows_live() -> None:
    for table in METADATA.sorted_tables:
        assert table.info.get("placement") in {"distributed", "reference", "local"}, table.name


def test_store_id_is_first_in_every_key_of_a_distributed_table() -> None:
    for table in METADATA.sorted_tables:
        if table.info["placement"] == "distributed":
            assert next(iter(table.primary_key.columns)).name == "store_id", table.name


def test_every_constraint_and_index_has_a_name() -> None:
    for table in METADATA.sorted_tables:
        for named in (*table.constraints, *table.indexes):
            assert getattr(named, "name", None), (table.name, named)


async def test_the_schema_breaks_no_rule(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    found = await violations(connection, PLACEMENT | BOOKKEEPING)
    await connection.close()

    assert found == []


async def test_a_table_that_breaks_a_rule_is_found(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    seeded = {"bad": "distributed", "parent": "distributed", "near": "local"}
    missed = []
    for rule, statements in BAD.items():
        undo = connection.transaction()
        await undo.start()
        await connection.execute(statements)
        made = await connection.fetch(
            "SELECT n FROM unnest($1::text[]) AS n WHERE to_regclass(n) IS NOT NULL", list(seeded)
        )
        placement = PLACEMENT | BOOKKEEPING | {row["n"]: seeded[row["n"]] for row in made}
        if rule not in {broken for broken, _, _ in await violations(connection, placement)}:
            missed.append(rule)
        await undo.rollback()
    await connection.close()

    assert missed == []
