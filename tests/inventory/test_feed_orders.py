"""In whatever order batches come, in pieces or twice: one stock, and never more sold on trust.

Two sources speak of one store, numbered, in snapshots and deltas, with rows of different instants;
people count and shoppers collect in between, at fixed instants. A patient person, who has all
messages before them and no database, says what must come out.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.feeds import batches, feeding, gaps, parts
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import BatchState, BooksPickup
from inventory.feeds.parts import Announcement
from inventory.feeds.records import Format
from inventory.stock import Want
from tests.inventory.bench import benched
from tests.inventory.shelves import (
    OATS,
    RYE,
    S1,
    SEVEN,
    a_store,
    ceilings,
    for_sale,
    items,
    open_conflicts,
    order,
    stocked,
    unexplained,
)

OPENING: Final = {OATS: 30, RYE: 30}
RECOUNT: Final = (4.0, RYE, 25)
PICKUPS: Final = ((3.0, 2, OATS, 4), (5.0, 3, RYE, 2))
KEPT: Final = (1, OATS, 6)
"""An order that nobody collects: it loses if there is less."""
END: Final = 20.0
EXAMPLES: Final = 20


def at(hour: float) -> datetime:
    return SEVEN + timedelta(hours=hour - END)


@dataclass(frozen=True)
class Message:
    source: str
    kind: FeedKind
    hour: int
    rows: tuple[tuple[Sku, int, float], ...]  # item, units, as of which hour
    sequence: int | None = None

    @property
    def text(self) -> str:
        rows = (f"S1,{sku},{n},{at(hour).isoformat()}\n" for sku, n, hour in self.rows)
        return "store_id,sku,quantity,as_of\n" + "".join(rows)


@dataclass(frozen=True)
class Sent:
    """One request: a message, or a piece of it, at an instant not before its own."""

    message: Message
    hour: float
    piece: int | None = None


@dataclass(frozen=True)
class Happening:
    """Somebody collects an order; or, where it is nobody's, an associate counts."""

    who: int | None
    sku: Sku
    units: int
    hour: float


@st.composite
def messages(draw: st.DrawFn) -> list[Message]:
    said = []
    for source, numbered in (("erp", True), ("wms", draw(st.booleans()))):
        least = 3 if source == "erp" else 0
        hours = draw(st.lists(st.integers(1, 6), unique=True, min_size=least, max_size=4))
        for place, hour in enumerate(sorted(hours)):
            kind = draw(st.sampled_from(FeedKind))
            units = st.integers(0, 60) if kind is FeedKind.SNAPSHOT else st.integers(-20, 20)
            told = draw(st.dictionaries(st.sampled_from([OATS, RYE]), units, min_size=1))
            rows = tuple(
                (sku, n, hour - draw(st.sampled_from([0.0, 0.5]))) for sku, n in told.items()
            )
            said.append(Message(source, kind, hour, rows, 7 + place if numbered else None))
    return said


@st.composite
def sendings(draw: st.DrawFn, said: list[Message]) -> list[Sent]:
    sent = []
    delays = st.sampled_from([0.0, 0.0, 0.25, 2.5, 8.0, 12.0])
    for message in said:
        pieces: list[int | None] = [1, 2] if draw(st.integers(0, 3)) == 0 else [None]
        again = draw(st.lists(st.sampled_from(pieces), max_size=1))
        sent += [Sent(message, message.hour + draw(delays), piece) for piece in pieces + again]
    return sorted(draw(st.permutations(sent)), key=lambda one: one.hour)


def reserved(sku: Sku, hour: float) -> int:
    held = sum(n for when, _, item, n in PICKUPS if item == sku and when > hour)
    return held + (KEPT[2] if sku == KEPT[1] else 0)


def expected(said: list[Message], books: BooksPickup) -> dict[Sku, int]:
    """Return what a patient person would conclude from all that was said, whenever it came."""
    concluded = {}
    for sku in OPENING:
        since, there = (RECOUNT[0], RECOUNT[2]) if sku == RECOUNT[1] else (0.0, OPENING[sku])
        told = [
            (hour, -n, message.source)
            for message in said
            if message.kind is FeedKind.SNAPSHOT
            for item, n, hour in message.rows
            if item == sku
        ]
        newest = max((hour for hour, _, _ in told), default=0.0)
        if newest > since:
            n, source = min((-n, source) for hour, n, source in told if hour == newest)
            since, there = newest, n
            if source == "erp" and books is BooksPickup.AT_ORDER:
                there += reserved(sku, newest)
        there += sum(
            n
            for message in said
            if message.kind is FeedKind.DELTA
            for item, n, hour in message.rows
            if item == sku and hour > since
        )
        gone = sum(n for when, _, item, n in PICKUPS if item == sku and when > since)
        concluded[sku] = there - gone
    return concluded


async def clean(db: Database, books: BooksPickup) -> None:
    async with db.transaction() as tx:
        await tx.run(
            "TRUNCATE stock, stock_ledger, stock_conflicts, reservations, feed_runs, feed_batches,"
            " feed_rejects, feed_confirmations, feed_sources, feed_gaps, feed_doubts, feed_parts,"
            " feed_chunks, count_requests, deliveries, events"
        )
        await batches.declare(tx, "erp", books_pickup=books, cadence_minutes=60)
    await stocked(db, OPENING)
    async with db.transaction(S1) as tx:
        wants = [Want(order(who), sku, n) for _, who, sku, n in PICKUPS]
        kept, sku, n = KEPT
        assert not await stock.reserve(tx, S1, [*wants, Want(order(kept), sku, n)])


async def send(db: Database, sent: Sent) -> None:
    message, data = sent.message, sent.message.text.encode()
    batch_id, as_of = f"{message.source}-{message.hour}", at(message.hour)
    actor = f"key:{message.source}"
    if sent.piece is None:
        file = File(io.BytesIO(data), Format.CSV, sha256(data).hexdigest())
        batch = feeding.batch_of(
            message.source,
            batch_id,
            file,
            kind=message.kind,
            as_of=as_of,
            sequence=message.sequence,
        )
        await feeding.take(db, file, batch, actor=actor)
        return
    cut = data[:40] if sent.piece == 1 else data[40:]
    file = File(io.BytesIO(cut), Format.CSV, sha256(cut).hexdigest())
    said = Announcement(
        message.source, batch_id, message.kind, as_of, message.sequence, Format.CSV, parts=2
    )
    await parts.take(db, file, said, sent.piece, actor=actor)


async def play(db: Database, sent: list[Sent], books: BooksPickup) -> None:
    """Let everything happen at its instant; see that nothing is sold on trust meanwhile."""
    clock = db.clock
    assert isinstance(clock, ManualClock)
    clock.now = at(0.0)
    await clean(db, books)
    happenings = [Happening(who, sku, n, when) for when, who, sku, n in PICKUPS]
    happenings.append(Happening(None, RECOUNT[1], RECOUNT[2], RECOUNT[0]))
    timeline: list[tuple[float, int, Sent | Happening]] = [
        *((one.hour, 0, one) for one in happenings),
        *((one.hour, 1, one) for one in sent),
    ]
    for when, _, what in sorted(timeline, key=lambda one: one[:2]):
        clock.now = at(when)
        if isinstance(what, Sent):
            await _sent(db, what, {one.message for one in sent})
        else:
            await _happened(db, what)
    clock.now = at(END)


async def _happened(db: Database, what: Happening) -> None:
    async with db.transaction(S1) as tx:
        if what.who is None:
            await stock.count(tx, S1, what.sku, what.units, cause=None, source="associate")
        else:
            await stock.consume(tx, S1, order(what.who), {what.sku: what.units})


_IN: Final = """
    SELECT sequence FROM feed_batches
     WHERE source = $1 AND sequence > $2 AND state IN ('validated', 'applied')
"""


async def _sent(db: Database, sent: Sent, said: set[Message]) -> None:
    source, number = sent.message.source, sent.message.sequence
    before = {sku: await for_sale(db, sku) for sku in OPENING}
    await send(db, sent)
    async with db.transaction() as tx:
        held = await gaps.before(tx, source, number)
        later = await tx.rows(_IN, source, max((gap.until for gap in held), default=0))
    if held:
        told = _told_anew(said, source, {row["sequence"] for row in later})
        after = {sku: await for_sale(db, sku) for sku in OPENING}
        assert all(after[sku] <= before[sku] for sku in OPENING.keys() - told), (
            sent,
            before,
            after,
        )


def _told_anew(said: set[Message], source: str, later: set[int]) -> set[Sku]:
    """Return what a snapshot has told after the batch by which we learned that one is missing.

    Such a number builds on nothing that is missing, and may be sold while others are held down.
    """
    return {
        sku
        for message in said
        if message.source == source and message.kind is FeedKind.SNAPSHOT
        if message.sequence in later - {min(later, default=0)}
        for sku, _, _ in message.rows
    }


async def check(db: Database, said: list[Message], books: BooksPickup) -> None:
    there = expected(said, books)
    async with db.transaction() as tx:
        rows = await tx.rows("SELECT sku, on_hand, reserved FROM stock")
        assert {row["sku"]: row["on_hand"] for row in rows} == there
        assert await gaps.opened(tx) == []
        assert await tx.value("SELECT count(*) FROM feed_doubts") == 0
        states = await tx.rows("SELECT DISTINCT state FROM feed_batches")
    assert {row["state"] for row in states} <= {BatchState.APPLIED, BatchState.SUPERSEDED}
    assert await ceilings(db) == {}
    for sku, n in there.items():
        assert await for_sale(db, sku) == max(n - reserved(sku, END), 0)
    assert set(await open_conflicts(db)) == {s for s, n in there.items() if n < reserved(s, END)}
    assert await unexplained(db) == []


def test_any_order_any_pieces_and_any_repetition_give_one_stock(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with benched(dsn) as bench:
        bench.do(a_store)
        bench.do(lambda db: items(db, OATS, RYE))

        @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate])
        @given(said=messages(), data=st.data())
        def same(said: list[Message], data: st.DataObject) -> None:
            books = data.draw(st.sampled_from([BooksPickup.AT_HANDOVER, BooksPickup.AT_ORDER]))

            monkeypatch.setattr(batches, "SLICE", data.draw(st.sampled_from([25_000, 1])))

            bench.do(partial(play, sent=data.draw(sendings(said)), books=books))
            bench.do(partial(check, said=said, books=books))

        same()
