"""The ledger only grows: nothing of ours changes an entry, or takes one out."""

import re
from typing import Final
from uuid import uuid4

import asyncpg
import pytest

from tests.databases import admin
from tests.schema.statements import ROOT, sources, statements

_CHANGES: Final = re.compile(
    r"(?i)\b(UPDATE(\s+ONLY)?|DELETE\s+FROM(\s+ONLY)?|TRUNCATE(\s+TABLE)?)\s+stock_ledger\b"
    r"|\bINTO\s+stock_ledger\b(?:(?!\bINTO\b).)*\bON\s+CONFLICT\b.*\bDO\s+UPDATE\b",
    re.DOTALL,
)


def test_no_statement_changes_the_ledger() -> None:
    wrong = [one.place for one in statements() if _CHANGES.search(one.bare)]
    # Also what is put together at run time: no line of ours names the ledger after such a word.
    wrong += [name for name, path in sources() if _CHANGES.search(path.read_text("utf-8"))]
    migrations = ROOT / "bopis" / "migrations" / "versions"
    wrong += [path.name for path in migrations.glob("*.py") if _CHANGES.search(path.read_text())]

    assert wrong == []
    assert any("INTO stock_ledger" in one.sql for one in statements())


@pytest.mark.parametrize(
    ("sql", "is_change"),
    [
        ("UPDATE stock_ledger SET note = '' WHERE store_id = $1", True),
        ("WITH gone AS (DELETE FROM stock_ledger WHERE store_id = $1) SELECT 1", True),
        ("truncate stock_ledger", True),
        ("INSERT INTO stock_ledger (id) SELECT $1 ON CONFLICT (id) DO UPDATE SET note = ''", True),
        ("INSERT INTO stock_ledger (id) SELECT $1 ON CONFLICT DO NOTHING", False),
        ("UPDATE stock SET on_hand = l.on_hand FROM stock_ledger AS l", False),
        ("SELECT sum(on_hand) FROM stock_ledger FOR UPDATE", False),
    ],
)
def test_a_change_is_told_from_an_entry(sql: str, *, is_change: bool) -> None:
    assert bool(_CHANGES.search(sql)) is is_change


GUIDE: Final = (ROOT / "docs" / "operate.md").read_text("utf-8")


async def test_what_the_guide_grants_is_enough_and_refuses_the_ledger(dsn: str) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
    [granted] = [block for block in blocks if "bopis_service" in block]
    role = f"bopis_{uuid4().hex[:12]}"  # roles belong to the server, not to the test's database
    await admin(dsn, granted.replace("bopis_service", role))
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"SET ROLE {role}")
        await connection.execute(
            "INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, reserved, unsellable,"
            " staged, source, note, effective_at, recorded_at)"
            " VALUES ('S1', gen_random_uuid(), 'oats', 'adjust', 1, 0, 0, 0, '', '', 'now', 'now')"
        )
        await connection.execute("UPDATE stock SET on_hand = 1")
        for refused in ("UPDATE stock_ledger SET note = 'x'", "DELETE FROM stock_ledger"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(refused)
    finally:
        await connection.execute("RESET ROLE")
        await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        await connection.close()
