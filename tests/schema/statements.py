"""Every SQL statement that the source holds, and where."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("bopis", "inventory", "associates", "notifications")
_STATEMENT: Final = re.compile(
    r"(?s)\s*(WITH\s+\w+.*\bAS\b|SELECT|INSERT INTO|UPDATE|DELETE FROM)\s"
)
_WORDS: Final = re.compile(r"\b(WITH|SELECT|INSERT INTO|UPDATE|DELETE FROM)\s")
"""One of them is in every statement, also in one that is put together."""


@dataclass(frozen=True, slots=True)
class Statement:
    place: str
    sql: str

    @property
    def is_one(self) -> bool:
        return bool(_STATEMENT.match(self.sql))

    @property
    def fanout(self) -> str | None:
        """The reason why it may ask all stores at once, if it gives one."""
        found = re.search(r"/\* fanout: ([^*]+?) \*/", self.sql)
        return found[1] if found else None

    @property
    def bare(self) -> str:
        """The statement without comments and without what stands in quotes."""
        without = re.sub(r"(?s)/\*.*?\*/|--[^\n]*", " ", self.sql)
        return re.sub(r"'[^']*'", "''", without)


def sources() -> Iterator[tuple[str, Path]]:
    """Return each module of ours: its name and its file. Migrations are read elsewhere."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts).removesuffix(".__init__"), path


@cache
def nodes() -> tuple[tuple[str, Path, tuple[ast.AST, ...]], ...]:
    """Return all that stands in each module that may hold a statement. Parsing is dear: once."""
    return tuple(
        (name, path, tuple(ast.walk(ast.parse(text))))
        for name, path in sources()
        if _WORDS.search(text := path.read_text(encoding="utf-8"))
    )


@cache
def statements() -> tuple[Statement, ...]:
    """Return the statements, whole ones only: literals, and module constants put together."""
    found: dict[str, str] = {}
    for name, path, all_of_it in nodes():
        pieces = {
            id(part)
            for node in all_of_it
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        for node in all_of_it:
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in pieces
                and _STATEMENT.match(node.value)
            ):
                found.setdefault(node.value, f"{path.relative_to(ROOT)}:{node.lineno}")
        if not name.endswith("__main__"):
            for attribute, value in vars(importlib.import_module(name)).items():
                if isinstance(value, str) and _STATEMENT.match(value):
                    found.setdefault(value, f"{path.relative_to(ROOT)} {attribute}")
    return tuple(Statement(place, sql) for sql, place in found.items())
