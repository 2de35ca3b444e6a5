"""`bopis demo` and `bopis replay`: stores that do not exist, on the system as it is."""

import asyncio
import importlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final, cast
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bopis import command, migrate
from bopis.kernel import logs
from bopis.kernel.embedded import EmbeddedServer
from bopis.simulation import demo as demonstration
from bopis.simulation import demo_ground, journey, retail, rules, showing
from bopis.simulation import replay as replaying
from bopis.simulation.baskets import ShoppingDay
from bopis.simulation.replay import Result, Roof
from bopis.simulation.rules import Rule

ROOF: Final = "bopis.app"
"""Named, not imported, as a server names its application: this room lies below it."""


def replay(
    source: Annotated[str, typer.Argument(help="online-retail or complete-journey.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Daily files of online-retail; without them, BOPIS_RETAIL_DATA."),
    ] = None,
    *,
    seed: Annotated[int, typer.Option(help="Decides what the data does not say.")] = 1,
    day: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help=f"Of complete-journey; if not {journey.DEFAULT_DAY}."
        ),
    ] = None,
    orders: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    pickers: Annotated[int, typer.Option(min=1, max=6, help="Who pick, per store.")] = 3,
    tick: Annotated[
        float | None, typer.Option(min=1, help="Seconds of store time between jobs, at least.")
    ] = None,
    by_rule: Annotated[
        bool,
        typer.Option(
            "--rules",
            help="Six times, in stores whose records are mostly wrong: by five rules of safety "
            "stock and by belief; the days before the last teach.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Leave its database, for bopis backtest --from-database."),
    ] = False,
) -> None:
    """Run a published day through the whole line on a virtual clock, and print its report.

    Uses a database of its own, on the server of DATABASE_URL or on one that it starts, and drops
    it afterwards, unless it is to be kept. Exit status 1 if an invariant is broken.
    """
    logs.configure(logging.ERROR, to=sys.stderr)
    shopping = _read(source, files or [], day.date() if day else journey.DEFAULT_DAY)
    if not shopping.baskets:
        raise command.Refusal(f"There is not one order in this: {shopping.source}.")
    if keep and "DATABASE_URL" not in os.environ:
        raise command.Refusal("Only a server that stays can keep it: set DATABASE_URL.")
    play = partial(_once, shopping, seed=seed, orders=orders, pickers=pickers, tick=tick, keep=keep)
    if by_rule:
        outcomes = [rules.Outcome.of(rule, play(rule=rule).report) for rule in rules.RULES]
        said = [asdict(one) for one in outcomes]
        sys.stdout.write(json.dumps(said, indent=2) + "\n" if as_json else rules.table(outcomes))
        return
    result = play()
    sys.stdout.write(result.to_json() if as_json else result.to_text())
    if result.broken:
        raise typer.Exit(1)


def _once(
    shopping: ShoppingDay,
    *,
    seed: int,
    orders: int | None,
    pickers: int,
    tick: float | None,
    keep: bool,
    rule: Rule | None = None,
) -> Result:
    with own_database(keep=keep) as dsn:
        migrate.upgrade(dsn)
        return command.run(
            _played(dsn, shopping, seed=seed, orders=orders, pickers=pickers, tick=tick, rule=rule)
        )


def _read(source: str, files: list[Path], day: date) -> ShoppingDay:
    try:
        if source == "online-retail":
            found = files or sorted(retail.data_folder().glob("*.csv"))[:1]
            if not found:
                raise command.Refusal(
                    "Name a daily file of Online Retail, or a folder of them in BOPIS_RETAIL_DATA."
                )
            return retail.read(found)
        if source == "complete-journey":
            return journey.read(day)
    except OSError as error:
        raise command.Refusal(f"{error.filename}: {error.strerror}.") from error
    except journey.JourneyMissing as error:
        raise command.Refusal(str(error)) from error
    raise typer.BadParameter(f"{source!r} is neither online-retail nor complete-journey.")


async def _played(
    dsn: str,
    day: ShoppingDay,
    *,
    seed: int,
    orders: int | None,
    pickers: int,
    tick: float | None,
    rule: Rule | None = None,
) -> Result:
    roof = cast("Roof", importlib.import_module(ROOF))
    count = min(len(day.baskets), orders or len(day.baskets))
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("orders", total=count)
        by = f"{rule.name}, " if rule else ""

        def tell(now: datetime, taken: int) -> None:
            bar.update(task, completed=taken, description=f"{by}{now:%a %d %b %H:%M} UTC")

        return await replaying.play(
            roof,
            dsn,
            day,
            seed=seed,
            pickers=pickers,
            limit=orders,
            tick=timedelta(seconds=tick) if tick else None,
            rule=rule,
            progress=tell,
        )


@contextmanager
def own_database(*, keep: bool = False) -> Iterator[str]:
    """Lend an empty database that is gone afterwards, or named if it is to be kept."""
    given = os.environ.get("DATABASE_URL")
    if given is None:
        with tempfile.TemporaryDirectory(prefix="bopis-replay-", ignore_cleanup_errors=True) as at:
            Path(at).chmod(0o755)
            with EmbeddedServer.start(Path(at) / "data", durable=False) as server:
                yield server.dsn()
        return
    name = f"bopis_replay_{uuid4().hex}"
    asyncio.run(_tell(given, f"CREATE DATABASE {name}"))
    try:
        yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    finally:
        if keep:
            typer.echo(f"The database is {name}, on the server of DATABASE_URL.", err=True)
        else:
            asyncio.run(_tell(given, f"DROP DATABASE {name} WITH (FORCE)"))


async def _tell(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def demo(
    *,
    speed: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds of store time in each real one.")
    ] = 60,
    port: Annotated[int, typer.Option(min=0, max=65534, help="0: any free one.")] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the last demo first.")] = False,
    seed: Annotated[int, typer.Option(help="Which chain, if there is none yet.")] = 7,
    stores: Annotated[int, typer.Option(min=1, max=5)] = 5,
    items: Annotated[int, typer.Option(min=50, max=3000)] = 3000,
) -> None:
    """Play a living day: a chain, its shoppers and its associates, on the system as it is.

    Without DATABASE_URL it starts a PostgreSQL of its own. Data stay in BOPIS_DATA, or the user's
    folder for such things; a second start goes on where the first ended.
    """
    database_url = os.environ.get("DATABASE_URL")
    if fresh and database_url:
        raise command.Refusal(
            "--fresh would empty the database of DATABASE_URL, which is not ours. "
            "Name an empty database instead."
        )
    folder = command.demo_folder()
    with demo_ground.alone(folder):
        options = demo_ground.Options(
            folder=folder,
            port=(web_port := demo_ground.free_port(port)),
            inbox_port=demo_ground.free_port(web_port + 1 if port else 0),
            speed=speed,
            seed=seed,
            stores=stores,
            items=items,
            database_url=database_url,
        )
        if fresh:  # only now that nothing else keeps us from starting
            demo_ground.clear(folder)
        console = Console(stderr=True)
        console.print(f"Setting up in {folder}", highlight=False)
        show = showing.on_a_terminal if console.is_terminal else showing.in_lines
        with (
            showing.steps(console) as tell,
            demo_ground.prepared(options, tell) as dsn,
        ):
            command.run(demonstration.run(options, dsn, show, tell))
        console.print("The demo has ended. Start it again and it goes on.", highlight=False)
