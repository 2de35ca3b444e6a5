"""How a source is asked: what is new there is streamed aside, named, and taken as any batch is.

A file is taken once: what became of it is remembered by its name and version. One that cannot be
read is remembered too, and waits for another version or another declaration. A place that cannot
be reached is asked again, later and later. No transaction is open while we speak to the world.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database
from bopis.kernel.errors import Invalid, Problem, Unavailable
from inventory.feeds import feeding, intake, pages
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import FeedBatch
from inventory.feeds.values import FUTURE_ALLOWED
from inventory.feeds.written import Rows, Stretch
from inventory.sources import connecting, declarations, naming, turns
from inventory.sources.connecting import (
    Connector,
    FetchFailed,
    FileChanged,
    Found,
    NotModified,
    Opened,
    Secrets,
)
from inventory.sources.declaration import Declaration, Fetch
from inventory.sources.declarations import SourceUnknown
from inventory.sources.folder import WatchedFolder
from inventory.sources.http_pull import HttpPull
from inventory.sources.models import FeedFile, FileState
from inventory.sources.naming import Said, Unnamed
from inventory.sources.object_store import Bucket
from inventory.sources.sftp import SftpFolder
from inventory.sources.turns import Turn

AT_MOST: Final = 100
"""Files of one turn; the others wait for the next."""
AT_ONCE: Final = 4
"""Sources that one process asks beside each other."""
WITHIN: Final = timedelta(minutes=10)
"""What one file may take to come."""
RENEWED: Final = turns.HOLD / 3
SOONEST: Final = timedelta(minutes=1)
LATEST: Final = timedelta(hours=1)
_log = structlog.get_logger(__name__)


class AsOfUnsaid(Invalid):
    title = "Nothing says when the numbers of a file were true"


@dataclass(slots=True)
class Fetched:
    """What one turn brought.

    Shapes:
        taken: names of files, with the batch that each became.
        refused: names of files of which nothing can be made, with the reason.
        waiting: names of files that may still be growing, or that changed under our hands.
    """

    source: str
    taken: list[tuple[str, FeedBatch]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    known: int = 0
    """Files that we had taken before."""
    more: int = 0
    """New files that wait for the next turn: this one had enough."""
    problem: str | None = None
    """Why the place could not be asked to the end."""
    is_busy: bool = False
    """Somebody else asks it just now."""
    due_at: datetime | None = None


async def due(db: Database) -> None:
    """Ask every source whose turn it is: the job."""
    async with db.transaction() as tx:
        sources = await turns.due(tx)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(source: str) -> None:
        async with gate:
            try:
                fetched = await fetch(db, source)
            except SourceUnknown:
                return
            except Unavailable as busy:
                _log.warning("fetch_postponed", source=source, reason=busy.detail)
                return
            except Exception:  # noqa: BLE001 -- one source's trouble is not the others'
                _log.exception("fetch_broke", source=source)
                return
        if fetched.problem:
            _log.warning("fetch_failed", source=source, reason=fetched.problem)

    await asyncio.gather(*(one(source) for source in sources))


async def fetch(db: Database, source: str) -> Fetched:
    """Ask a source now, unless somebody else does, and take what is new.

    Raises:
        SourceUnknown: Nobody has declared where its files lie.
    """
    async with db.transaction() as tx:
        declared = await declarations.find(tx, source)
        turn = await turns.take(tx, source, uuid4().hex)
        state = await turns.find(tx, source)
    if declared is None or declared.declaration.fetch is None or state is None:
        raise SourceUnknown(f"Nobody has declared where the files of {source} lie.")
    fetched = Fetched(source)
    if turn is None:
        fetched.is_busy = True
        return fetched
    pace = await _pace(db, source, declared.declaration.fetch)
    fetched.due_at = machine_clock() + SOONEST
    keeping = asyncio.create_task(_keep(db, turn))
    try:
        secrets = Secrets()
        try:
            await _ask(db, declared.declaration, fetched, secrets)
        except FetchFailed as failure:
            fetched.problem = secrets.hidden(str(failure))
        except Unavailable as busy:
            fetched.problem = busy.detail
        fetched.due_at = machine_clock() + _wait(declared.declaration.fetch, fetched, turn, pace)
    except Exception as bug:
        fetched.problem = f"{type(bug).__name__}: this is our fault; the log says more."
        raise
    finally:
        keeping.cancel()
        with contextlib.suppress(Unavailable):
            async with db.transaction() as tx:
                await turns.end(tx, turn, fetched.due_at, fetched.problem)
    return fetched


_CADENCE: Final = "SELECT cadence_minutes FROM feed_sources WHERE source = $1"


async def _pace(db: Database, source: str, fetch_: Fetch) -> timedelta:
    if fetch_.every_minutes is not None:
        return timedelta(minutes=fetch_.every_minutes)
    async with db.transaction() as tx:
        minutes: int = await tx.value(_CADENCE, source) or 60
    return max(timedelta(minutes=minutes) / 4, SOONEST)


def _wait(fetch_: Fetch, fetched: Fetched, turn: Turn, pace: timedelta) -> timedelta:
    """Return how long to wait: twice as long after each failure, less where a file grows."""
    if fetched.problem is not None:
        return min(SOONEST * (1 << min(turn.failures, 10)), max(pace, LATEST))
    if fetched.more:
        return timedelta(0)
    if fetched.waiting:
        return min(pace, max(timedelta(seconds=fetch_.settle_seconds), timedelta(seconds=5)))
    return pace


async def _keep(db: Database, turn: Turn) -> None:
    """Say again and again that the turn is ours."""
    while True:
        await asyncio.sleep(RENEWED.total_seconds())
        with contextlib.suppress(Unavailable):
            async with db.transaction() as tx:
                await turns.keep(tx, turn)


@asynccontextmanager
async def connected(fetch_: Fetch, secrets: Secrets) -> AsyncIterator[Connector]:
    """Lend the place where the files of a source lie.

    Raises:
        FetchFailed: It cannot be reached.
    """
    if fetch_.http is not None:
        async with HttpPull.connected(fetch_.http, secrets) as pull:
            yield pull
    elif fetch_.sftp is not None:
        async with SftpFolder.connected(fetch_.sftp, secrets) as far:
            yield far
    elif fetch_.objectstore is not None:
        async with Bucket.connected(fetch_.objectstore, secrets) as bucket:
            yield bucket
    else:
        assert fetch_.folder is not None, "a declaration names one way"
        yield WatchedFolder(fetch_.folder)


@dataclass(frozen=True, slots=True)
class _Visit:
    db: Database
    connector: Connector
    declaration: Declaration
    fetched: Fetched


async def _ask(db: Database, declaration: Declaration, fetched: Fetched, secrets: Secrets) -> None:
    assert declaration.fetch is not None
    async with connected(declaration.fetch, secrets) as connector:
        listing = await connector.listed()
        async with db.transaction() as tx:
            known = await turns.known(tx, fetched.source, listing)
        listing.sort(key=lambda one: (one.modified_at is not None, one.modified_at, one.name))
        new = []
        for found in listing:
            if _is_too_old(found, declaration.fetch):
                continue
            if _is_known(found, known.get(found.name)):
                fetched.known += 1
            elif not _is_whole(found, known.get(found.name), connector, declaration.fetch):
                fetched.waiting.append(found.name)
                await _saw(db, fetched.source, found, known.get(found.name))
            else:
                new.append(found)
        visit = _Visit(db, connector, declaration, fetched)
        fetched.more = max(len(new) - AT_MOST, 0)
        for found in new[:AT_MOST]:
            await _take(visit, found, known.get(found.name))


def _is_too_old(found: Found, fetch_: Fetch) -> bool:
    if fetch_.newest_days is None or found.modified_at is None:
        return False
    return found.modified_at < machine_clock() - timedelta(days=fetch_.newest_days)


def _is_known(found: Found, memory: FeedFile | None) -> bool:
    if memory is None or memory.state is FileState.SEEN:
        return False
    return bool(found.version) and memory.version == found.version


def _is_whole(found: Found, memory: FeedFile | None, connector: Connector, fetch_: Fetch) -> bool:
    """Say whether a file has stopped growing.

    On our own clock its time says so; on another's we look twice.
    """
    settle = timedelta(seconds=fetch_.settle_seconds)
    if not connector.grows or not settle:
        return True
    now = machine_clock()
    if connector.is_here and found.modified_at is not None and found.modified_at + settle <= now:
        return True
    if memory is None or memory.version != found.version:
        return False
    return memory.seen_at + settle <= now


async def _saw(db: Database, source: str, found: Found, memory: FeedFile | None) -> None:
    if memory is None or memory.version != found.version:
        async with db.transaction() as tx:
            await turns.remember(tx, source, found, FileState.SEEN)


async def _take(visit: _Visit, found: Found, memory: FeedFile | None) -> None:
    """Take one file, and remember what became of it."""
    db, fetched, source = visit.db, visit.fetched, visit.fetched.source
    fetch_ = visit.declaration.fetch
    assert fetch_ is not None
    # What is true when we ask is asked for whole: "as before" would leave it as old as it was.
    last = None if memory is None or fetch_.as_of == "fetched" else memory.version
    try:
        async with visit.connector.opened(found, last) as opened:
            found = opened.found
            batch, sha256 = await _taken(db, source, opened, visit.declaration)
    except NotModified:
        fetched.known += 1
        return
    except FileChanged:
        fetched.waiting.append(found.name)
        return
    except Unavailable:
        raise
    except (Problem, Unnamed) as refusal:
        fetched.refused.append((found.name, str(refusal)))
        async with db.transaction() as tx:
            await turns.remember(tx, source, found, FileState.REFUSED, problem=str(refusal))
        return
    fetched.taken.append((found.name, batch))
    async with db.transaction() as tx:
        await turns.remember(
            tx,
            source,
            found,
            FileState.TAKEN,
            sha256=sha256,
            batch_id=batch.batch_id,
            problem=batch.problem,
        )
    await visit.connector.taken(found)


async def _taken(
    db: Database, source: str, opened: Opened, declaration: Declaration
) -> tuple[FeedBatch, str]:
    fetch_, mapping, found = declaration.fetch, declaration.mapping, opened.found
    assert fetch_ is not None
    asked_at = db.clock()
    said = naming.read(found.name, fetch_, mapping)
    if said.store is not None:
        mapping = mapping.model_copy(update={"store": said.store})
    form = mapping.format or connecting.form_of(found.name, found.content_type)
    async with contextlib.AsyncExitStack() as stack:
        receiving = intake.received(opened.chunks, form, None if mapping.is_plain else mapping)
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                file = await stack.enter_async_context(receiving)
        except TimeoutError:
            raise FetchFailed(
                f"{found.name} did not come within {WITHIN.total_seconds() / 60:.0f} minutes."
            ) from None
        as_of = await _as_of(db, file, fetch_, said, found, asked_at)
        batch = feeding.batch_of(
            source,
            naming.code(said.batch or "") or naming.batch_id(found.name, as_of, file.sha256),
            file,
            kind=said.kind,
            as_of=as_of,
            sequence=said.sequence,
        )
        return await feeding.take(db, file, batch, actor=f"fetch:{source}"), file.sha256


async def _as_of(  # noqa: PLR0917 -- as it goes
    db: Database, file: File, fetch_: Fetch, said: Said, found: Found, asked_at: datetime
) -> datetime:
    """Return when the numbers of a file were true, by what its source declares.

    Raises:
        AsOfUnsaid: It does not say, or it says that they are not true yet.
    """
    if fetch_.as_of == "fetched":
        return asked_at
    if fetch_.as_of == "column":
        as_of = await _newest(db, file, said.kind, asked_at)
    elif fetch_.as_of == "name":
        as_of = said.as_of
    else:
        as_of = found.modified_at
    if as_of is None:
        raise AsOfUnsaid(f"{found.name} does not say as of when it is ({fetch_.as_of}).")
    if as_of > asked_at + FUTURE_ALLOWED:
        raise AsOfUnsaid(f"{found.name} is as of {as_of:%Y-%m-%d %H:%M} UTC: that is yet to come.")
    return as_of


async def _newest(db: Database, file: File, kind: FeedKind, now: datetime) -> datetime | None:
    """Read a file for its instants alone, and return the last of them."""
    newest: datetime | None = None
    async with pages.read(db, file, kind, now) as read:
        async for page in read:
            assert not isinstance(page, Stretch), "a file that has to say its instants is not plain"
            if isinstance(page, Rows) and page.newest is not None:
                newest = max(newest or page.newest, page.newest)
    file.content.seek(0)
    return newest
