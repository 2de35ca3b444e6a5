"""No statement uses what a sharded database refuses, or what would hide a decision from us."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

import bopis.tables  # noqa: F401 - so that every table is known
from bopis.kernel.columns import Table
from tests.schema.statements import ROOT, Statement, nodes, sources, statements

_LOCKING: Final = r"(?i)\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b"
REFUSED: Final = {
    "MERGE: insert with ON CONFLICT": r"\bMERGE\s+INTO\b",
    "advisory lock: lock a row": r"\bpg_(try_)?advisory",
    "NOTIFY: poll, or hint from the relay": r"\bpg_notify\b|\bNOTIFY\b|\bLISTEN\b",
    "LOCK TABLE: lock a row": r"\bLOCK\s+TABLE\b",
    "now(): pass tx.now": r"\bnow\s*\(\s*\)|\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\blocaltimestamp\b",
    "store_id changes: make a new row": r"\bSET\s+([^;]*?,\s*)?store_id\s*=",
    "VALUES of a subquery: INSERT … SELECT": r"\bVALUES\s*\(\s*\(\s*SELECT\b",
    "ids from the database: tx.new_id()": r"\bgen_random_uuid\b|\buuidv7\s*\(|\bnextval\b",
    "chance in SQL": r"\brandom\s*\(",
    "no column list: a new column breaks it": r"\bINSERT\s+INTO\s+\w+\s+(VALUES|SELECT)\b",
    "store_id is not bare": r"\bstore_id\s*::",
}
IMMUTABLE: Final = frozenset(
    {"coalesce", "greatest", "least", "nullif", "abs", "jsonb_build_object"}
)
"""What may be called in ``ON CONFLICT DO UPDATE SET``."""
_ON_CONFLICT: Final = re.compile(r"(?i)\bDO\s+UPDATE\s+SET\b")
_SET: Final = re.compile(r"(?i)\bSET\b")
_CLAUSE_END: Final = re.compile(r"(?i)[()]|\b(WHERE|FROM|RETURNING)\b")
_CALL: Final = re.compile(r"\b([a-z_]\w*)\s*\(")
_ASKED: Final = r"\bselect\((\w+)\)"
_VOLATILE: Final = re.compile(r"(?i)\b(clock_timestamp|random|gen_random_uuid|nextval)\s*\(")


def clauses(start: re.Pattern[str], sql: str) -> Iterator[str]:
    """Return what follows each ``start``, as far as its clause or its parenthesis goes."""
    for begun in start.finditer(sql):
        depth, end = 0, len(sql)
        for mark in _CLAUSE_END.finditer(sql, begun.end()):
            depth += {"(": 1, ")": -1}.get(mark[0], 0)
            if depth < 0 or (depth == 0 and mark[0] not in "()"):
                end = mark.start()
                break
        yield sql[begun.end() : end]


def faults(statement: Statement) -> list[str]:
    """Return what a sharded database would refuse in the words of a statement."""
    sql = statement.bare
    found = [rule for rule, pattern in REFUSED.items() if re.search(f"(?i){pattern}", sql)]
    for clause in clauses(_ON_CONFLICT, sql):
        called = set(_CALL.findall(clause.lower())) - IMMUTABLE
        found += [f"ON CONFLICT calls {name}()" for name in sorted(called)]
    if any(_VOLATILE.search(clause) for clause in clauses(_SET, sql)):
        found.append("UPDATE sets a volatile function's value")
    if re.search(_LOCKING, sql) and not re.search(r"\bstore_id\s*=\s*\$\d", sql):
        found.append("locks rows without store_id = $n")
    return found


def test_no_statement_says_what_sharding_refuses() -> None:
    wrong = [(one.place, rule) for one in statements() for rule in faults(one)]

    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("SELECT pg_advisory_xact_lock($1)", "advisory"),
        ("SELECT pg_notify('x', 'y')", "NOTIFY"),
        ("SELECT id FROM orders WHERE accepted_at < now()", "now()"),
        ("UPDATE orders SET version = 2, store_id = $2 WHERE store_id = $1", "store_id changes"),
        ("INSERT INTO orders (id) VALUES ((SELECT id FROM orders))", "VALUES of a subquery"),
        ("INSERT INTO orders SELECT 1", "no column list"),
        ("SELECT 1 FROM orders WHERE store_id::text = $1", "not bare"),
        (
            """INSERT INTO leases (name) VALUES ($1)
               ON CONFLICT (name) DO UPDATE SET until = clock_timestamp() WHERE true""",
            "ON CONFLICT calls clock_timestamp()",
        ),
        ("UPDATE orders SET version = random() WHERE store_id = $1", "volatile"),
        ("SELECT id FROM orders WHERE id = $1 FOR UPDATE SKIP LOCKED", "locks rows without"),
        ("SELECT id FROM orders WHERE store_id = ANY ($1) FOR UPDATE", "locks rows without"),
    ],
)
def test_what_sharding_refuses_is_found(sql: str, rule: str) -> None:
    assert any(rule in fault for fault in faults(Statement("here", sql)))


def test_statements_are_written_whole() -> None:
    """A statement put together at run time escapes every check here."""
    pieced = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for name, path, all_of_it in nodes()
        for node in all_of_it
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and Statement(name, str(node.values[0].value)).is_one
    ]

    # what reads ahead is put together from whole statements, which are checked where they stand
    known = ("bopis/trust/", "bopis/kernel/database.py", "bopis/kernel/ahead.py")
    assert [place for place in pieced if not place.startswith(known)] == []


def test_migrations_make_no_triggers_and_code_reads_no_constraint_names() -> None:
    for path in (ROOT / "bopis" / "migrations" / "versions").glob("*.py"):
        assert not re.search(r"(?i)CREATE\s+(OR\s+REPLACE\s+)?(TRIGGER|RULE)", path.read_text())
    for name, path in sources():
        assert ".constraint_name" not in path.read_text(encoding="utf-8"), name


def test_a_select_of_a_stores_rows_names_the_store() -> None:
    """SQLModel's own statements are not written out, so their functions are read instead."""
    distributed = {
        mapper.class_.__name__
        for mapper in Table._sa_registry.mappers  # noqa: SLF001 - SQLAlchemy's list of tables
        if mapper.class_.__table__.info["placement"] == "distributed"
    }
    assert "Order" in distributed
    wrong = []
    for _, path in sources():
        text = path.read_text(encoding="utf-8")
        if not re.search(_ASKED, text):
            continue  # to parse them all is dear
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = ast.get_source_segment(text, node) or ""
                asked = set(re.findall(_ASKED, body)) & distributed
                if asked and not re.search(r"\.store_id\) == ", body):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")

    assert not wrong, "\n".join(map(str, wrong))
