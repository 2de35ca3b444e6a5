"""Twelve ways in which a file goes wrong, mixed: what is bad is named, and nothing bad is taken.

What must come out is known from how each file was spoiled, not from reading it.
"""

import gzip
import io
import tempfile
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

import pytest

from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory.feeds import batches, feed, feeding, intake
from inventory.feeds.feed import FeedKind, Plain
from inventory.feeds.intake import File, FileUnreadable
from inventory.feeds.models import BatchState
from inventory.feeds.records import Format
from inventory.feeds.rejects import Reason, Reject, Unreadable
from inventory.feeds.verdict import Cause
from tests.conftest import NOON
from tests.inventory.shelves import S1, S2, SEVEN, a_store, items
from tests.inventory.test_feed import copied

SEEDS: Final = 500
THROUGH: Final = 20
"""Every so manieth seed goes through the database."""
HEADER: Final = "store_id,sku,quantity,as_of"
SKUS: Final = [Sku(f"item-{n:03}") for n in range(40)]
ROW_BY_ROW: Final = {
    "wrong encoding": Reason.NOT_UTF8,
    "swapped columns": Reason.NOT_A_NUMBER,
    "negative": Reason.OUT_OF_RANGE,
    "10^9": Reason.OUT_OF_RANGE,
    "future as-of": Reason.IN_FUTURE,
    "endless line": Reason.TOO_LONG,
}
WHOLE: Final = (
    *("truncated", "duplicated", "reordered", "wrong encoding of all", "all columns swapped"),
    *("missing header", "mixed line ends", "zip bomb"),
)


@dataclass
class Line:
    store: str
    sku: str
    quantity: int
    said: bytes = b""
    reason: Reason | None = None

    @property
    def text(self) -> bytes:
        return self.said or f"{self.store},{self.sku},{self.quantity},".encode()


@dataclass
class Spoiled:
    """A file, what was done to it, and what must come of it."""

    seed: int
    lines: list[Line]
    done: set[str]
    data: bytes = b""
    sha256_said: str | None = None
    is_readable: bool = True
    bad: dict[int, Reason] = field(default_factory=dict)  # by line, the database not asked
    good: dict[int, Line] = field(default_factory=dict)


def spoiled(seed: int) -> Spoiled:
    random = Random(seed)
    pairs = random.sample([(store, sku) for store in (S1, S2) for sku in SKUS], 60)
    lines = [Line(store, sku, random.randrange(100)) for store, sku in pairs]
    done = set(random.sample([*ROW_BY_ROW, *WHOLE], random.randint(1, 4)))
    for name in sorted(done & set(ROW_BY_ROW)):
        for line in random.sample([one for one in lines if not one.said], random.randint(1, 6)):
            line.said, line.reason = _row(name, line, random), ROW_BY_ROW[name]
    if "duplicated" in done:
        twice = random.sample([one for one in lines if not one.said], random.randint(1, 8))
        lines += [Line(one.store, one.sku, one.quantity + random.choice([0, 5])) for one in twice]
    if "reordered" in done:
        random.shuffle(lines)
    return _written(Spoiled(seed, lines, done), random)


def _row(name: str, line: Line, random: Random) -> bytes:
    store, sku = line.store.encode(), line.sku.encode()
    match name:
        case "wrong encoding":
            return store + b",caf\xe9,1,"
        case "swapped columns":
            return store + b"," + str(line.quantity).encode() + b"," + sku + b","
        case "negative":
            return store + b"," + sku + b",-%d," % random.randint(1, 9)
        case "10^9":
            return store + b"," + sku + b",1000000000,"
        case "future as-of":
            return store + b"," + sku + b",1,2026-03-07T18:00:00Z"
        case _:
            # What stands after the cut looks like a row; it is none.
            fill = random.choice([b" ", b"x", b'"']) * ((1 << 17) - len(store) - 1)
            return store + b"," + fill + store + b"," + sku + b",77,"


def _written(file: Spoiled, random: Random) -> Spoiled:
    done = file.done
    header = HEADER.encode()
    if "all columns swapped" in done:
        header = b"store_id,quantity,sku,as_of"
        for line in file.lines:
            _swap(line)
    ends = [b"\n", b"\r\n", b"\r"] if "mixed line ends" in done else [b"\n"]
    texts = [header, *(line.text for line in file.lines)]
    file.data = b"".join(text + random.choice(ends) for text in texts)
    for number, line in enumerate(file.lines, 2):
        if line.reason is None:
            file.good[number] = line
        else:
            file.bad[number] = line.reason
    if "truncated" in done:
        _cut(file, random)
    file.is_readable = done.isdisjoint({"missing header", "wrong encoding of all", "zip bomb"})
    if "missing header" in done:
        file.data = file.data[len(header) :].lstrip()
    if "wrong encoding of all" in done:
        file.data = file.data.decode("latin-1").encode("utf-16")
    if "zip bomb" in done:
        file.data = gzip.compress(file.data, 1)
    return file


def _swap(line: Line) -> None:
    """Take a line as it is read under a header that has item and quantity the wrong way round."""
    if line.reason is Reason.NOT_A_NUMBER:
        line.reason = None  # swapped twice
    elif line.reason is not Reason.TOO_LONG:
        line.reason = Reason.NOT_A_NUMBER


def _cut(file: Spoiled, random: Random) -> None:
    """Lose the end of the file, from the middle of a good row on; half of the senders say so."""
    whole = file.data
    if random.random() < 0.5:
        file.sha256_said = sha256(whole).hexdigest()
    number = random.choice(sorted(file.good)) if file.good else 1
    if number == 1:
        return
    text = file.good[number].text
    number = max(n for n, line in file.good.items() if line.text == text)
    place = whole.rindex(text, 0, len(whole))
    at = place + random.randint(1, len(text) - 1)
    file.data = whole[:at]
    file.good = {n: line for n, line in file.good.items() if n < number}
    file.bad = {n: reason for n, reason in file.bad.items() if n < number} | {
        number: Reason.COLUMNS
    }


def read(file: Spoiled) -> tuple[dict[int, tuple[str, str | None, int]], dict[int, Reject]]:
    taken = {}
    rejects: list[Reject] = []
    for page in feed.read(io.BytesIO(file.data), Format.CSV, FeedKind.SNAPSHOT, NOON):
        if isinstance(page, Plain):
            found = copied(page)
        else:
            found = page.rows
            rejects += page.rejects
        taken.update({row.line: (row.store_id, row.sku, row.quantity) for row in found})
    return taken, {reject.line: reject for reject in rejects}


@pytest.mark.parametrize("part", range(5))
def test_what_is_bad_is_named_and_what_is_good_is_taken(part: int) -> None:
    for seed in range(part, SEEDS, 5):
        file = spoiled(seed)
        if not file.is_readable:
            with pytest.raises(Unreadable):
                read(file)
            continue
        taken, rejects = read(file)

        assert {n: one.reason for n, one in rejects.items()} == file.bad, (seed, file.done)
        meant = {n: (one.store, one.sku, one.quantity) for n, one in file.good.items()}
        assert taken == meant, (seed, file.done)


def concluded(file: Spoiled) -> tuple[dict[tuple[str, str], int], dict[int, Reason]]:
    """Return what each store must learn, and which lines cannot be used, other lines considered."""
    lowest: dict[tuple[str, str], int] = {}
    for line in file.good.values():
        key = line.store, line.sku
        lowest[key] = min(lowest.get(key, line.quantity), line.quantity)
    bad = dict(file.bad)
    for number, line in file.good.items():
        if line.quantity != lowest[line.store, line.sku]:
            bad[number] = Reason.CONTRADICTED
    return lowest, bad


async def test_the_verdict_on_the_batch_is_right(db: Database) -> None:
    await a_store(db)
    await a_store(db, S2)
    await items(db, *SKUS)
    seen = set()
    for seed in range(0, SEEDS, THROUGH):
        file = spoiled(seed)
        async with db.transaction() as tx:
            await tx.run(
                "TRUNCATE stock, stock_ledger, feed_runs, feed_batches, feed_rejects, feed_chunks,"
                " feed_parts, feed_confirmations, events, deliveries"
            )
        state = await _through(db, file)
        seen.add(state)
        learn, bad = concluded(file)
        async with db.transaction() as tx:
            rows = await tx.rows("SELECT store_id, sku, on_hand FROM stock")
            rejects = await batches.rejects(tx, "erp", "b", limit=1000)
        stock = {(row["store_id"], row["sku"]): row["on_hand"] for row in rows}

        cut = file.sha256_said not in {None, sha256(file.data).hexdigest()}
        too_many = len(bad) > 10  # that is more than 2 % of any file here
        if not file.is_readable:
            assert (state, stock, rejects) == (None, {}, []), seed
            continue
        assert {one.line: one.reason for one in rejects} == bad, (seed, file.done)
        if cut or too_many:
            cause = Cause.TOTALS if cut else Cause.REJECTS
            assert (state, stock) == (cause, {}), (seed, file.done)
        else:
            assert (state, stock) == (BatchState.APPLIED, learn), (seed, file.done)
    assert seen == {None, BatchState.APPLIED, Cause.TOTALS, Cause.REJECTS}


async def _through(db: Database, file: Spoiled) -> str | None:
    """Return what became of a file: applied, why it waits, or None if it could not be read."""
    sent = File(io.BytesIO(file.data), Format.CSV, sha256(file.data).hexdigest())
    batch = feeding.batch_of(
        "erp",
        "b",
        sent,
        kind=FeedKind.SNAPSHOT,
        as_of=SEVEN,
        sequence=None,
        sha256=file.sha256_said,
    )
    try:
        done = await feeding.take(db, sent, batch, actor="key:erp")
    except FileUnreadable:
        return None
    return done.cause or done.state


@pytest.mark.parametrize("form", Format)
async def test_a_line_without_an_end_takes_no_memory(form: Format, tmp_path: Path) -> None:
    size, piece = 48, b"9" * (1 << 20)

    async def body() -> AsyncIterator[bytes]:
        yield (HEADER + "\nS1,item-000,1,\nS1,").encode() if form is Format.CSV else b'{"sku": '
        for _ in range(size):
            yield piece
        yield b"\nS1,item-001,2,\n" if form is Format.CSV else b"\n"

    tracemalloc.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(tmp_path))
            async with intake.received(body(), form) as file:
                found = list(feed.read(file.content, form, FeedKind.SNAPSHOT, NOON))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    pages = [page for page in found if not isinstance(page, Plain)]
    rejects = [one for page in pages for one in page.rejects]
    assert [one.reason for one in rejects] == [Reason.TOO_LONG]
    assert max(len(one.raw) for one in rejects) <= 500
    if form is Format.CSV:
        lines = [
            row.line
            for page in found
            for row in (copied(page) if isinstance(page, Plain) else page.rows)
        ]
        assert (sorted(lines), rejects[0].line) == ([2, 4], 3)
    assert peak < size * len(piece) / 4
