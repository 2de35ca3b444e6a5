"""A feed that is read in another process: the same rows, and a death that costs one file."""

import io
from hashlib import sha256
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory.feeds import batches, feeding, pages, written
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File, FileUnreadable
from inventory.feeds.models import BatchState, FeedBatch, FeedRun
from inventory.feeds.records import Format
from inventory.feeds.written import Job, Seen
from inventory.sources.mapping import FileMapping
from tests.conftest import NOON
from tests.inventory.shelves import HOUR, S1, SEVEN, a_store, csv, feed, items
from tests.kernel import apart_calls

NAMES: Final = ("store_id", "sku", "quantity", "as_of")
ODD: Final = [Sku(code) for code in (r"a\b", r"\N", r"\.", "c,d", 'e"f', "g h", "ĳ", "x\\")]


def sheet(rows: dict[Sku, int]) -> File:
    """Return a Parquet file of the store."""
    columns = {"store_id": [S1] * len(rows), "sku": list(rows), "quantity": list(rows.values())}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return File(io.BytesIO(out.getvalue()), Format.PARQUET, sha256(out.getvalue()).hexdigest())


async def take(db: Database, file: File, batch_id: str = "b1") -> FeedBatch:
    batch = feeding.batch_of(
        "erp", batch_id, file, kind=FeedKind.SNAPSHOT, as_of=SEVEN, sequence=None
    )
    return await feeding.take(db, file, batch, actor="key:erp")


async def on_hand(db: Database) -> dict[str, int]:
    async with db.transaction(S1) as tx:
        rows = await tx.rows("SELECT sku, on_hand FROM stock WHERE store_id = $1", S1)
    return {row["sku"]: row["on_hand"] for row in rows}


async def test_a_reader_that_dies_costs_its_batch_and_nothing_else(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_store(db)
    await items(db, *ODD)
    rows = {sku: n for n, sku in enumerate(ODD, 1)}

    monkeypatch.setattr(written, "APART", f"{apart_calls.__name__}:abort_after_a_page")
    with pytest.raises(FileUnreadable) as refused:
        await take(db, sheet(rows))
    monkeypatch.undo()
    async with db.transaction() as tx:
        left = await tx.value("SELECT count(*) FROM feed_batches")
    untouched = await on_hand(db)
    taken = await take(db, sheet(rows))

    assert "reading it was given up, for it was ended by SIGABRT. Nothing was done." in str(
        refused.value
    )
    assert "send it as CSV" in str(refused.value)
    assert (left, untouched) == (0, {})
    assert (taken.state, taken.rejected) == (BatchState.APPLIED, 0)
    assert await on_hand(db) == rows


@pytest.mark.parametrize("mapping", [None, FileMapping(decimal=",")])
async def test_a_long_file_says_the_same_wherever_it_is_read(
    db: Database, monkeypatch: pytest.MonkeyPatch, mapping: FileMapping | None
) -> None:
    plain = [f"S1,item-{n},{n},2026-03-06T1{n % 5}:00:00Z" for n in range(2000)]
    odd = ['S1,"a, b",7,', "S1,caf\xe9,1,", "S2,x,-1,", "S1,x,9,2026-03-06 07:00:00Z"] * 20
    lines = ["store_id,sku,quantity,as_of", *plain, *odd, *plain]
    data = "\n".join(lines).encode("latin-1")
    file = File(io.BytesIO(data), Format.CSV, "", mapping)

    found = []
    for small in (0, len(data)):
        monkeypatch.setattr(pages, "SMALL", small)
        async with pages.read(db, file, FeedKind.SNAPSHOT, NOON) as read:
            found.append([page async for page in read])

    assert found[0] == found[1]
    assert found[0].pop() == Seen(is_in_order=False, units=0)
    assert sum(page.rows for page in found[0] if not isinstance(page, Seen)) == len(lines) - 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("SSST"), st.text("ab!-", min_size=1, max_size=3))),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["store_id,sku,quantity,as_of", "as_of;quantity;store_id;sku"]),
)
def test_whether_a_file_is_in_order_is_seen_in_passing(
    said: list[tuple[str, str]], end: str, header: str
) -> None:
    names = header.replace(";", ",").split(",")
    cells = [dict(zip(NAMES, (*one, str(n), ""), strict=True)) for n, one in enumerate(said)]
    lines = [header, *((";" if ";" in header else ",").join(c[k] for k in names) for c in cells)]
    data = "".join(line + end for line in lines).encode()

    *_, seen = written.read(io.BytesIO(data), Job(Format.CSV, FeedKind.SNAPSHOT, NOON))

    items = [sku.encode() for _, sku in said]
    in_order = len({store for store, _ in said}) <= 1 and sorted(set(items)) == items
    assert isinstance(seen, Seen)
    assert seen.is_in_order <= in_order  # it may not know; it may not be wrong
    if header.startswith("store_id"):
        assert seen.is_in_order == in_order
    if seen.is_in_order:
        assert seen.units == sum(range(len(said)))


async def test_what_was_hoped_to_go_in_one_slice_goes_in_turns_if_much_has_changed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "TURN", 2)
    await a_store(db)
    skus = [Sku(f"item-{n}") for n in range(7)]
    await items(db, *skus)
    turns = []
    applied = batches.apply

    async def counted(*about: Any) -> FeedRun | None:
        turns.append(await applied(*about))
        return turns[-1]

    monkeypatch.setattr(batches, "apply", counted)
    await feed(db, csv(dict.fromkeys(skus, 10)))
    was, turns = turns, []
    await feed(db, csv(dict.fromkeys(skus, 10) | {skus[4]: 3}), as_of=SEVEN + HOUR)

    assert [(run.applied, run.upto) for run in was if run] == [
        (2, "item-1"),
        (4, "item-3"),
        (6, "item-5"),
        (7, None),
    ]
    assert [(run.applied, run.unchanged, run.upto) for run in turns if run] == [(1, 6, None)]
    assert await on_hand(db) == dict.fromkeys(skus, 10) | {skus[4]: 3}
