"""What stock systems told us, what we made of it, and what waits for a person. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from bopis.ops import words
from bopis.ops.feeds.reads import Overview, Source
from bopis.ops.present import REASON, batch_href, stamp
from bopis.ops.views import Action, Cell, Column, Outcome, Rows, Table, Tone
from inventory.feeds.models import BatchState, FeedBatch, FeedGap
from inventory.sources.declaration import Folder, Http, ObjectStore, Sftp

Row = Mapping[str, Any]

STATES: Final[Mapping[BatchState, tuple[str, str, Tone]]] = {
    BatchState.ANNOUNCED: ("announced", "clock", ""),
    BatchState.RECEIVING: ("coming in parts", "refresh", ""),
    BatchState.COMPLETE: ("complete", "refresh", ""),
    BatchState.VALIDATED: ("being applied", "refresh", ""),
    BatchState.APPLIED: ("applied", "check", "go"),
    BatchState.QUARANTINED: ("set aside", "alert", "stop"),
    BatchState.SUPERSEDED: ("older than what we know", "undo", ""),
    BatchState.TIMED_OUT: ("parts did not come", "clock", "amber"),
    BatchState.DISCARDED: ("discarded", "cross", ""),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that a person decides: a batch that was set aside, or numbers that are missing."""

    id: str
    headline: str
    age: str
    why: str
    href: str
    actions: Sequence[Action]


@dataclass(frozen=True, slots=True)
class FeedsPage:
    title: str
    lead: str
    waiting: Sequence[Waiting]
    sources: Table
    batches: Table
    outcome: Outcome | None = None


def page(
    found: Overview, zone: str, now: datetime, *, decides: bool, outcome: Outcome | None = None
) -> FeedsPage:
    return FeedsPage(
        title=_title(found),
        lead="What stock systems told us, what we made of it, and what waits for you."
        if decides
        else "What stock systems told us of this store, and what we made of it.",
        waiting=[
            *(_set_aside(batch, now) for batch in found.waiting),
            *(_missing(gap, found.sources, now) for gap in found.gaps),
        ],
        sources=_sources_table(found.sources, zone, now),
        batches=_batches_table(found.batches, zone, now, details=decides),
        outcome=outcome,
    )


def _title(found: Overview) -> str:
    silent = sum(source.silence.is_silent for source in found.sources)
    parts = []
    if found.waiting:
        n = len(found.waiting)
        parts.append(f"{words.counted(n, 'batch', 'batches')} wait{'s' * (n == 1)} for you")
    if found.gaps:
        parts.append(f"{words.counted(len(found.gaps), 'gap')} open")
    if silent:
        parts.append(f"{words.counted(silent, 'source')} {'is' if silent == 1 else 'are'} silent")
    if parts:
        return ", ".join(parts)
    return "Every source speaks" if found.sources else "No source has spoken yet"


def decisions(batch: FeedBatch) -> Sequence[Action]:
    """Return what may be decided about a batch."""
    key = {"source": batch.source, "batch": batch.batch_id}
    release = Action("Release it", "/ops/feeds/release", key, (REASON,), tone="go")
    discard = Action("Discard it", "/ops/feeds/discard", key, (REASON,), tone="stop")
    if batch.state is BatchState.QUARANTINED and not batch.is_released:
        return (release, discard)
    return (discard,) if batch.state is BatchState.TIMED_OUT else ()


def _set_aside(batch: FeedBatch, now: datetime) -> Waiting:
    row = {"source": batch.source, "batch_id": batch.batch_id}
    return Waiting(
        id=f"b-{batch.source}-{batch.batch_id}",
        headline=f"{batch.source}: {batch.kind} {batch.batch_id} was set aside",
        age=words.age(now - batch.received_at),
        why=batch.problem or "Nobody said why.",
        href=batch_href(row),
        actions=decisions(batch),
    )


def _missing(gap: FeedGap, sources: Sequence[Source], now: datetime) -> Waiting:
    held = next((s.doubted for s in sources if s.silence.source == gap.source), 0)
    one = gap.sequence == gap.until
    numbers = f"Batch {gap.sequence}" if one else f"Batches {gap.sequence} to {gap.until}"
    has = "has" if one else "have"
    so = "No store is held down by it so far."
    if held:
        stores = words.counted(held, "store")
        so = f"Until then {stores} may sell less than newer numbers say, never more."
    key = {"source": gap.source, "sequence": str(gap.sequence)}
    return Waiting(
        id=f"g-{gap.id.hex}",
        headline=f"{gap.source}: {numbers.lower()} {has} not come",
        age=words.age(now - gap.opened_at),
        why=f"Later ones are here, so something is missing between. {so}",
        href="",
        actions=(Action("Give up on it", "/ops/feeds/give-up", key, (REASON,), tone="stop"),),
    )


def _sources_table(sources: Sequence[Source], zone: str, now: datetime) -> Table:
    return Table(
        name="sources",
        caption="Sources, those that are silent first",
        columns=(
            Column("Source"),
            Column("State"),
            Column("Last heard"),
            Column("Next expected"),
            Column("Speaks"),
            Column("How it comes"),
            Column("A pickup is booked"),
        ),
        rows=[
            _source_row(source, zone, now)
            for source in sorted(sources, key=lambda s: not s.silence.is_silent)
        ],
        why_empty="No source has spoken yet. One makes itself known by what it sends, or with"
        " PUT /v1/feeds/{source}.",
    )


def _source_row(source: Source, zone: str, now: datetime) -> Sequence[Cell]:
    heard, one = source.silence.last_as_of, source.silence
    return (
        Cell(one.source),
        _standing(source, now),
        Cell(
            f"{words.age(now - heard)} ago" if heard else "never",
            note=words.clock(heard, zone, now) if heard else "",
            sort=heard.isoformat() if heard else "",
        ),
        stamp(one.expected_at, zone, now),
        Cell(words.every(one.cadence), sort=one.cadence.total_seconds()),
        Cell(way(source), note=source.terms["problem"] or ""),
        Cell(_BOOKED[source.terms["books_pickup"]]),
    )


_BOOKED: Final[Mapping[str, str]] = {
    "at_order": "when it is ordered",
    "at_ready": "when it is ready",
    "at_handover": "when it is handed over",
}


def _standing(source: Source, now: datetime) -> Cell:
    if source.silence.is_silent:
        since = words.age(now - source.silence.expected_at)
        owed = source.silence.stores
        note = f"due {since} ago" + (f", to {words.counted(owed, 'store')}" if owed else "")
        return Cell("silent", note=note, icon="alert", tone="stop")
    if source.terms["failures"]:
        tries = words.counted(source.terms["failures"], "try", "tries")
        return Cell("cannot be fetched", note=f"{tries} in a row", icon="alert", tone="amber")
    return Cell("speaks", icon="check", tone="go")


def way(source: Source) -> str:
    """Return how a source's files reach us, without anything that is secret."""
    fetch = source.declared.declaration.fetch if source.declared else None
    if source.declared and source.declared.is_retired:
        return "retired"
    if fetch is None:
        return "sent to us"
    place = fetch.ways[0]
    match place:
        case Http():
            return f"fetched from {urlsplit(place.url).hostname}"
        case Folder():
            return f"read from the folder {place.path}"
        case Sftp():
            return f"fetched by SFTP from {place.host}"
        case ObjectStore():
            return f"fetched from {place.url}"


def _batches_table(rows: Rows, zone: str, now: datetime, *, details: bool) -> Table:
    return Table(
        name="batches",
        caption="Batches, the newest first",
        columns=(
            Column("Batch"),
            Column("Source"),
            Column("What became of it"),
            Column("Stock as of"),
            Column("Came in"),
            Column("Rows", number=True),
            Column("Rejected", number=True),
            Column("New", number=True),
            Column("Known already", number=True),
            Column("Too old", number=True),
            Column("Conflicts", number=True),
        ),
        rows=[_batch_row(row, zone, now, details=details) for row in rows],
        why_empty="No stock system has sent anything yet. A batch comes in by"
        " PUT /v1/feeds/{source}/batches/{batch_id}, or by “bopis feed apply”.",
    )


def _batch_row(row: Row, zone: str, now: datetime, *, details: bool) -> Sequence[Cell]:
    number = "" if row["sequence"] is None else f", number {row['sequence']}"
    return (
        Cell(
            row["batch_id"],
            note=f"{row['kind']}{number}",
            href=batch_href(row) if details else None,
        ),
        Cell(row["source"]),
        standing(BatchState(row["state"]), note=row["problem"] or "" if details else ""),
        stamp(row["as_of"], zone, now),
        stamp(row["received_at"], zone, now),
        *(
            Cell(f"{row[name]:,}" if row[name] else "", sort=row[name])
            for name in ("rows", "rejected", "applied", "unchanged", "stale", "conflicts")
        ),
    )


def standing(state: BatchState, *, note: str = "") -> Cell:
    text, icon, tone = STATES[state]
    return Cell(text, note=note, icon=icon, tone=tone)
