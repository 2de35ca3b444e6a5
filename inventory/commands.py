"""Files from a disk: feeds, and what describes the chain."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from bopis import command
from bopis.kernel.database import Database
from inventory.catalog import loading
from inventory.catalog.bulk import Catalog
from inventory.feeds import batches, feeding, intake
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File
from inventory.feeds.records import Format
from inventory.feeds.rejects import EXPLAINED, Reason
from inventory.feeds.values import FUTURE_ALLOWED
from inventory.schemas import BatchOut, LoadedOut
from inventory.sources import commands as sources
from inventory.sources import declarations

FEED: Final = typer.Typer(no_args_is_help=True)
FEED.command("check")(sources.check)
FEED.command("source")(sources.source)
FEED.command("sources")(sources.sources)
FEED.command("fetch")(sources.fetch)

SHOWN: Final = 20
_CHUNK: Final = 1 << 16

FileArgument = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, NDJSON or Parquet."),
]


@FEED.command("apply")
def feed(
    file: FileArgument,
    *,
    source: Annotated[str, typer.Option(help="Whose numbers these are.")],
    as_of: Annotated[str, typer.Option(help="When they were true: 2026-03-06T07:00:00Z, or now.")],
    kind: Annotated[FeedKind, typer.Option()] = FeedKind.SNAPSHOT,
    batch: Annotated[str, typer.Option(help="Its name; else the file's name and digest.")] = "",
    sequence: Annotated[int | None, typer.Option(min=0)] = None,
    despite_rejects: Annotated[
        bool, typer.Option("--despite-rejects", help="Apply it even if many rows are bad.")
    ] = False,
) -> None:
    """Take in a feed of stock. The same file again changes nothing."""

    async def taken() -> BatchOut:
        async with command.database() as db, _opened(db, file, source) as opened:
            given = feeding.batch_of(
                source,
                batch or f"{file.name}-{opened.sha256[:12]}",
                opened,
                kind=kind,
                as_of=_instant(as_of, db),
                sequence=sequence,
            )
            actor = f"key:{source}"
            found = await feeding.take(
                db, opened, given, actor=actor, despite_rejects=despite_rejects
            )
            async with db.transaction() as tx:
                runs = await batches.runs(tx, found.source, found.batch_id)
                rejects = await batches.rejects(tx, found.source, found.batch_id, limit=SHOWN)
        return BatchOut.of(found, runs, rejects)

    out = command.run(taken())
    typer.echo(
        f"{out.batch_id} is {out.state}: {out.rows} rows, {out.applied} applied, "
        f"{out.unchanged} unchanged, {out.stale} stale, {out.unknown} of unknown items, "
        f"{out.rejected} rejected, {out.conflicts} conflicts in {len(out.stores)} stores"
    )
    _show(out)
    if out.problem:
        typer.echo(out.problem)


def load(
    what: Annotated[Catalog, typer.Argument(help="What the file describes.")],
    file: FileArgument,
) -> None:
    """Take in stores, items or locations. The same file again changes nothing."""

    async def loaded() -> LoadedOut:
        async with command.database() as db, intake.received(chunks(file), form(file)) as opened:
            return LoadedOut.of(await loading.load(db, what, opened, actor="system"))

    out = command.run(loaded())
    typer.echo(f"{what}: {out.rows} rows, {out.written} written, {out.rejected} rejected")
    _show(out)


def _show(out: BatchOut | LoadedOut) -> None:
    for one in out.rejects[:SHOWN]:
        typer.echo(f"  line {one.line}, {one.field}: {EXPLAINED[Reason(one.reason)]} {one.raw!r}")


@asynccontextmanager
async def _opened(db: Database, file: Path, source: str) -> AsyncIterator[File]:
    """Lend a file of a source, to be read as that writes."""
    mapping = await declarations.mapping_of(db, source)
    read_as = mapping.format if mapping is not None and mapping.format else form(file)
    async with intake.received(chunks(file), read_as, mapping) as opened:
        yield opened


def form(file: Path) -> Format:
    if file.suffix.lower() == ".parquet":
        return Format.PARQUET
    return Format.CSV if file.suffix.lower() in {".csv", ".tsv", ".txt"} else Format.NDJSON


async def chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            yield chunk


def _instant(text: str, db: Database) -> datetime:
    """Read ``--as-of``.

    Raises:
        Refusal: It is not an instant with a zone, or has not come yet.
    """
    now = db.clock()
    if text == "now":
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise command.Refusal(f"--as-of {text}: write it as 2026-03-06T07:00:00Z.") from None
    if moment.tzinfo is None:
        raise command.Refusal(f"--as-of {text} has no zone: end it with Z or an offset.")
    if moment > now + FUTURE_ALLOWED:
        raise command.Refusal(f"--as-of {text} lies in the future.")
    return moment.astimezone(UTC)
