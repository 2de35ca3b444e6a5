"""The arrows between rooms, and the purity of rules, read off the imports themselves."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import grimp
import pytest

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("bopis", "inventory", "associates", "notifications")
IMPURE: Final = (
    *("sqlmodel", "sqlalchemy", "asyncpg", "fastapi", "starlette", "httpx", "aiosmtplib"),
    *("asyncio", "apscheduler", "uvicorn", "socket", "subprocess"),
)
"""A rule takes values: nothing that waits, and nothing that speaks to the world."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def pure_modules() -> set[str]:
    """Return the modules whose docstring says that they are."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            if re.search(r"\bPure[.:]", said):
                found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def test_a_module_that_says_it_is_pure_is(graph: grimp.ImportGraph) -> None:
    """What it imports of ours may be less so: a value's type. The contracts are stricter."""
    pure = pure_modules()
    assert len(pure) > 20, "the search has gone wrong"

    found = {
        (module, impure)
        for module in pure
        for impure in graph.find_modules_directly_imported_by(module)
        if impure in IMPURE
    }
    assert found == set()


def test_the_contracts_of_the_imports_hold() -> None:
    """In a process of its own: the tool turns off every logger that it does not know."""
    command = "import sys; from importlinter import cli; sys.exit(cli.lint_imports(no_cache=True))"
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
