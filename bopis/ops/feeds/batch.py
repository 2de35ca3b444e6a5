"""One batch: what became of it, what it did, and what of it could not be used. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bopis.ops import words
from bopis.ops.feeds.present import STATES, decisions, standing
from bopis.ops.feeds.reads import Told
from bopis.ops.present import stamp
from bopis.ops.said import actor
from bopis.ops.views import Action, Cell, Column, Outcome, Table
from inventory.feeds.models import BatchState, FeedBatch, FeedReject, FeedRun
from inventory.feeds.rejects import EXPLAINED, Reason


@dataclass(frozen=True, slots=True)
class BatchPage:
    title: str
    lead: str
    state: Cell
    pairs: Sequence[tuple[str, str]]
    actions: Sequence[Action]
    runs: Table
    rejects: Table
    outcome: Outcome | None = None


def batch_page(told: Told, zone: str, now: datetime, outcome: Outcome | None) -> BatchPage:
    batch = told.batch
    state, _, _ = STATES[batch.state]
    return BatchPage(
        title=f"{batch.source}: {batch.kind} {batch.batch_id}, {state}",
        lead=_lead(told),
        state=standing(batch.state),
        pairs=_pairs(batch, zone, now),
        actions=decisions(batch),
        runs=_runs_table(told, zone, now),
        rejects=rejects_table(told.rejects, batch.batch_id),
        outcome=outcome,
    )


def _lead(told: Told) -> str:
    batch = told.batch
    by = actor(batch.decided_by or "")
    by = by[:1].upper() + by[1:]
    if batch.state is BatchState.QUARANTINED:
        why = (batch.problem or "It was set aside").removesuffix(".")
        return f"{why}. Nothing of it has been believed so far."
    if batch.state is BatchState.DISCARDED:
        return f"{by} discarded it: “{batch.decision}”"
    if batch.is_released:
        return f"It had been set aside. {by} released it: “{batch.decision}”"
    if not told.runs:
        return batch.problem or "No store has learned anything from it."
    new = sum(run.applied for run in told.runs)
    stores = words.counted(len(told.runs), "store")
    return f"{stores} learned {words.counted(new, 'new number')} from it."


def _pairs(batch: FeedBatch, zone: str, now: datetime) -> list[tuple[str, str]]:
    pairs = [
        ("True as of", words.clock(batch.as_of, zone, now)),
        ("Came in", f"{words.clock(batch.received_at, zone, now)}, as {batch.form}"),
        ("Rows", f"{batch.rows:,}, of which {batch.rejected or 'none'} could not be used"),
    ]
    if batch.rows_said is not None:
        pairs.append(("Rows announced", f"{batch.rows_said:,}"))
    if batch.sequence is not None:
        pairs.append(("Its number", f"{batch.sequence:,}"))
    if batch.parts > 1:
        pairs.append(("Parts", f"{batch.parts:,}"))
    if batch.cause is not None:
        pairs.append(("Set aside because of", batch.cause.replace("_", " ")))
    if batch.decided_at is not None:
        who = f"{actor(batch.decided_by or '')}, {words.clock(batch.decided_at, zone, now)}"
        pairs.append(("Decided by", who))
    return pairs


def _runs_table(told: Told, zone: str, now: datetime) -> Table:
    return Table(
        name="runs",
        caption="What each store learned",
        columns=(
            Column("Store"),
            Column("When"),
            Column("New", number=True),
            Column("Known already", number=True),
            Column("Too old", number=True),
            Column("Unknown items", number=True),
            Column("Conflicts", number=True),
        ),
        rows=[_run_row(run, told.names, zone, now) for run in told.runs],
        why_empty="No store has learned anything from it.",
    )


def _run_row(run: FeedRun, names: Mapping[Any, str], zone: str, now: datetime) -> Sequence[Cell]:
    tallies = (run.applied, run.unchanged, run.stale, run.unknown, run.conflicts)
    return (
        Cell(names.get(run.store_id, run.store_id), note=run.store_id),
        stamp(run.applied_at, zone, now),
        *(Cell(f"{n:,}" if n else "", sort=n) for n in tallies),
    )


def rejects_table(rejects: Sequence[FeedReject], batch_id: str) -> Table:
    return Table(
        name="rejects",
        caption=f"Rows of {batch_id} that we could not use",
        columns=(Column("Line", number=True), Column("Field"), Column("Why"), Column("As it came")),
        rows=[
            (
                Cell(str(reject.line), sort=reject.line),
                Cell(reject.field),
                Cell(_explained(reject.reason), note=reject.reason),
                Cell(reject.raw),
            )
            for reject in rejects
        ],
        why_empty="Every row of this batch could be used.",
    )


def _explained(reason: str) -> str:
    try:
        return EXPLAINED[Reason(reason)]
    except ValueError:  # of a time when there was another word for it
        return reason.replace("_", " ")


def decided(batch: FeedBatch) -> Outcome:
    """Return what has become of a decision, for whoever has just made it."""
    what = f"{batch.kind.capitalize()} {batch.batch_id} of {batch.source}"
    match batch.state:
        case BatchState.DISCARDED:
            return Outcome(f"{what} is discarded: nothing of it is believed.")
        case BatchState.APPLIED:
            return Outcome(f"{what} is released, and applied as it came.")
        case BatchState.SUPERSEDED:
            return Outcome(f"{what} is released; all that it says is older than what we know.")
        case BatchState.VALIDATED:
            return Outcome(f"{what} is released, and is being applied.")
    return Outcome(f"{what} is released. It is applied when it is sent again.", "amber")
