"""A feed that is read in another process: the same rows, and a death that costs one file."""

import io
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory.feeds import feeding, pages, written
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File, FileUnreadable
from inventory.feeds.models import BatchState, FeedBatch
from inventory.feeds.records import Format
from inventory.sources.mapping import FileMapping
from tests.conftest import NOON
from tests.inventory.shelves import S1, SEVEN, a_store, items
from tests.kernel import apart_calls

ODD = [Sku(code) for code in (r"a\b", r"\N", r"\.", "c,d", 'e"f', "g h", "ĳ", "x\\")]


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
    plain = [f"S1,item-{n},{n},2026-03-06T1{n % 10}:00:00Z" for n in range(2000)]
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
    assert sum(page.rows for page in found[0]) == len(lines) - 1
