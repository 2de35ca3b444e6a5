"""`bopis month`: the acceptance run of what we promise, on a chain that does not exist."""

import logging
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from bopis import command, migrate
from bopis.kernel import logs
from bopis.simulation.commands import own_database
from bopis.simulation.month import goals, measured, page
from bopis.simulation.month.measured import Result
from bopis.simulation.month.nature import month as drawn
from bopis.trust import audit_words

PROCESSES: Final = 2
"""They share the stores; what comes of it does not depend on how many they are."""

DOCS: Final = Path(__file__).parents[3] / "docs"


def month(
    *,
    stores: Annotated[int, typer.Option(min=2, max=20, help="How many, two badly run.")] = 20,
    days: Annotated[int, typer.Option(min=1, max=30)] = 30,
    seed: Annotated[int, typer.Option(help="Which month: the same one each time.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Make docs/month.md.")] = False,
) -> None:
    """Play a month of a chain on a virtual clock, and hold what we said against what was so.

    Uses a database of its own, on the server of DATABASE_URL or on one that it starts, and drops
    it afterwards. Exit status 1 if an invariant is broken.
    """
    logs.configure(logging.ERROR, to=sys.stderr)
    with own_database() as dsn:
        migrate.upgrade(dsn)
        result = command.run(
            measured.run(dsn, drawn(seed, stores=stores, days=days), processes=PROCESSES)
        )
    if write:
        page.write(result, DOCS)
    sys.stdout.write(result.to_json() if as_json else _told(result))
    if result.broken:
        raise typer.Exit(1)


def _told(result: Result) -> str:
    lines = [result.reports[""].to_text().rstrip(), ""]
    for goal in goals.of(result):
        lines.append(
            f"{'met   ' if goal.met else 'MISSED'}  {goal.what}: {goal.found} ({goal.goal})"
        )
        lines += [f"        {goal.why}"] if not goal.met else []
    lines += ["", audit_words.text(result.audit).rstrip()]
    return "\n".join(lines) + "\n"
