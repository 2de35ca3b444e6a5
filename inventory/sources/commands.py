"""Sources from the operator's side: declare, check a file, fetch now, see who is silent."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError

from bopis import command
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database, Tx
from inventory.feeds import batches
from inventory.feeds.feed import FeedKind
from inventory.feeds.models import BooksPickup, FeedSource
from inventory.feeds.records import Format
from inventory.sources import cadence, checking, connecting, declarations, fetching, turns
from inventory.sources.cadence import Silence
from inventory.sources.declaration import SourceDocument, stored
from inventory.sources.declarations import Declared, SourceUnknown
from inventory.sources.fetching import Fetched
from inventory.sources.mapping import FileMapping, words_of
from inventory.sources.models import FeedFetch, FeedFile
from inventory.sources.naming import Unnamed

LATEST: Final = 10
"""Files that are shown of a source."""

SourceName = Annotated[str, typer.Option("--source", help="Whose file it is.")]


def check(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file.")
    ],
    *,
    source: SourceName = "",
    with_: Annotated[
        Path | None,
        typer.Option("--with", exists=True, dir_okay=False, help="A declaration to try instead."),
    ] = None,
    kind: Annotated[FeedKind, typer.Option()] = FeedKind.SNAPSHOT,
) -> None:
    """Say what a file would be read as. Nothing is loaded. Exit 1 if it would be set aside."""
    if bool(source) == (with_ is not None):
        raise typer.BadParameter("say --source, or --with a declaration")

    async def checked() -> checking.Checked:
        if with_ is not None:
            return _checked(file, _document(with_).mapping, kind, machine_clock())
        async with command.database() as db:
            mapping = await declarations.mapping_of(db, source)
            found = _checked(file, mapping, kind, db.clock())
            async with db.transaction() as tx:
                found.unknown = await _strangers(tx, list(found.stores))
        return found

    found = command.run(checked())
    for line in checking.sentences(found):
        typer.echo(line)
    if found.is_quarantined:
        raise typer.Exit(1)


def _checked(
    file: Path, mapping: FileMapping | None, kind: FeedKind, now: datetime
) -> checking.Checked:
    with file.open("rb") as content:
        return checking.check(content, form_of(file, mapping), kind, now, mapping)


def form_of(file: Path, mapping: FileMapping | None) -> Format:
    """Return how a file is written, by its declaration or its name.

    Raises:
        Refusal: Neither says.
    """
    if mapping is not None and mapping.format is not None:
        return mapping.format
    try:
        return connecting.form_of(file.name)
    except Unnamed as error:
        raise command.Refusal(str(error)) from None


_STRANGERS: Final = """
    SELECT n.store_id FROM unnest($1::text[]) AS n (store_id)
     WHERE NOT EXISTS (SELECT FROM stores AS s WHERE s.store_id = n.store_id) ORDER BY 1
"""


async def _strangers(tx: Tx, stores: list[str]) -> list[str]:
    return [row["store_id"] for row in await tx.rows(_STRANGERS, stores)]


def source(
    what: Annotated[str, typer.Argument(help="A declaration (FILE.toml), or a source's name.")],
    *,
    retire: Annotated[bool, typer.Option("--retire", help="Wait for it no more.")] = False,
) -> None:
    """Declare a source by a TOML file, or show what is declared of one (docs/feeds.md)."""
    if what.endswith(".toml"):
        if retire:
            raise typer.BadParameter("--retire takes the name of a source")
        document = _document(Path(what))
        command.run(_declare(document))
        typer.echo(f"{document.source} is declared.")
    elif retire:
        command.run(_retire(what))
        typer.echo(f"Nobody waits for {what} any more.")
    else:
        for line in command.run(_shown(what)):
            typer.echo(line)


def _document(file: Path) -> SourceDocument:
    """Read a declaration.

    Raises:
        Refusal: It is no TOML, or says what cannot be meant.
    """
    try:
        text = file.read_text(encoding="utf-8")
        return SourceDocument.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise command.Refusal(f"{file} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise command.Refusal(f"{file} is not TOML: {error}") from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        said = "\n".join(f"  {words_of(fault)}" for fault in faults)
        raise command.Refusal(f"{file} cannot be meant:\n{said}") from None


async def _declare(document: SourceDocument) -> None:
    async with command.database() as db, db.transaction() as tx:
        await batches.declare(
            tx,
            document.source,
            books_pickup=BooksPickup(document.books_pickup),
            cadence_minutes=document.cadence_minutes,
        )
        await declarations.declare(tx, document.source, document.mapping)
        await declarations.fetch_from(tx, document.source, document.fetch)


async def _retire(name: str) -> None:
    async with command.database() as db, db.transaction() as tx:
        if not any(one.source == name for one in await cadence.silences(tx)):
            raise SourceUnknown(f"There is no source {name}.")
        await declarations.retire(tx, name)


_SOURCE: Final = "SELECT * FROM feed_sources WHERE source = $1"


async def _shown(name: str) -> list[str]:
    async with command.database() as db, db.transaction() as tx:
        row = await tx.row(_SOURCE, name)
        if row is None:
            raise SourceUnknown(f"There is no source {name}.")
        declared = await declarations.find(tx, name)
        turn = await turns.find(tx, name)
        files = await turns.latest(tx, name, LATEST)
    return [*_toml(FeedSource.of(row), declared), *_turn(turn), *map(_file, files)]


def _toml(row: FeedSource, declared: Declared | None) -> Iterator[str]:
    said: dict[str, Any] = {
        "source": row.source,
        "books_pickup": str(row.books_pickup),
        "cadence_minutes": row.cadence_minutes,
    }
    if declared is not None:
        if declared.is_retired:
            yield "# retired: nobody waits for it"
        said |= stored(declared.declaration)
    yield from _tables(said)


def _tables(said: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield a document as TOML that may be declared again."""
    for name, value in said.items():
        if not isinstance(value, dict):
            yield f"{_key(name)} = {json.dumps(value, ensure_ascii=False)}"
    for name, value in said.items():
        if isinstance(value, dict):
            inner = f"{path}.{_key(name)}" if path else _key(name)
            yield ""
            yield f"[{inner}]"
            yield from _tables(value, inner)


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if is_bare else json.dumps(name, ensure_ascii=False)


def _turn(turn: FeedFetch | None) -> Iterator[str]:
    if turn is None:
        return
    yield ""
    if turn.problem is not None:
        times = "once" if turn.failures == 1 else f"{turn.failures} times"
        yield f"# failed {times}: {turn.problem}"
    elif turn.asked_at is not None:
        yield f"# asked at {turn.asked_at:%Y-%m-%d %H:%M} UTC"
    yield f"# next turn at {turn.due_at:%Y-%m-%d %H:%M} UTC"


def _file(file: FeedFile) -> str:
    said = f"# {file.name}: {file.state} at {file.seen_at:%Y-%m-%d %H:%M} UTC"
    if file.batch_id is not None:
        said += f" as {file.batch_id}"
    return f"{said}. {file.problem}" if file.problem else said


def fetch(
    source: Annotated[str, typer.Option("--source", help="Whose files are wanted.")],
) -> None:
    """Fetch a source's new files once, now, whether its turn has come or not."""

    async def done() -> Fetched:
        async with command.database() as db:
            return await _fetch(db, source)

    found = command.run(done())
    for name, batch in found.taken:
        said = f"{name} is batch {batch.batch_id}: {batch.state}, {batch.rows:,} rows, "
        typer.echo(f"{said}{batch.rejected:,} rejected. {batch.problem or ''}".rstrip())
    for name, why in found.refused:
        typer.echo(f"{name} is refused: {why}")
    for name in found.waiting:
        typer.echo(f"{name} may still be growing; it is looked at again.")
    if found.more:
        typer.echo(f"{found.more} more wait for the next turn.")
    if found.is_busy:
        raise command.Refusal(f"{source} is being fetched by somebody else just now.")
    if found.problem:
        raise command.Refusal(found.problem)
    if not (found.taken or found.refused or found.waiting):
        typer.echo(f"There is nothing new ({found.known} known).")
    if found.refused:
        raise typer.Exit(1)


async def _fetch(db: Database, name: str) -> Fetched:
    return await fetching.fetch(db, name)


def sources() -> None:
    """List the sources: how often each should speak, when it last did, and who is silent."""

    async def read() -> tuple[list[Silence], dict[str, FeedFetch], datetime]:
        async with command.database() as db, db.transaction() as tx:
            fetches = {turn.source: turn for turn in await turns.listed(tx)}
            return await cadence.silences(tx), fetches, tx.now

    found, fetches, now = command.run(read())
    if not found:
        typer.echo("There is no source yet: see docs/feeds.md.")
    for one in found:
        typer.echo(_state(one, now, fetches.get(one.source)))


def _state(one: Silence, now: datetime, turn: FeedFetch | None) -> str:
    heard = f"as of {_age(now - one.last_as_of)} ago" if one.last_as_of else "never heard"
    state = "SILENT" if one.is_silent else "speaks"
    said = f"{one.source:<24} {state:<7} every {_age(one.cadence)}, {heard}"
    if one.stores:
        said += f"; owes {one.stores} {'store' if one.stores == 1 else 'stores'} news"
    if turn is not None and turn.problem is not None:
        said += f"; cannot be fetched: {turn.problem}"
    return said


def _age(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    if minutes < 120:  # noqa: PLR2004 -- minutes that are still told as such
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 72 else f"{round(hours / 24)} days"  # noqa: PLR2004
