"""A folder's files: each once, when it is whole, as of when it says itself."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bopis.kernel.database import Database
from inventory.sources import connecting
from inventory.sources.connecting import FileChanged
from inventory.sources.declaration import Folder
from inventory.sources.folder import WatchedFolder
from tests.inventory.shelves import HOUR, OATS, numbers
from tests.inventory.sources.places import (
    FILE,
    declare,
    fetched,
    put,
)

pytestmark = pytest.mark.usefixtures("store_of_oats")


async def test_a_folder_is_emptied_of_what_is_whole_and_each_file_is_taken_once(
    db: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a.csv")
    put(tmp_path, ".hidden.csv")
    put(tmp_path, "notes.pdf")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    growing = tmp_path / "growing.csv"
    growing.write_text("store_id,sku,quantity\nS1,oa", encoding="utf-8")
    folder = {"path": str(tmp_path), "files": "*.csv", "after": "move", "move_to": "done"}
    await declare(db, {"folder": folder, "as_of": "modified", "settle_seconds": 600})
    first = await fetched(db)
    put(tmp_path, "a.csv", FILE.replace("7", "9"), age=HOUR / 2)
    put(tmp_path, "growing.csv", FILE.replace("7", "8"))
    second = await fetched(db)
    third = await fetched(db)

    assert ([name for name, _ in first.taken], first.waiting) == (["a.csv"], ["growing.csv"])
    assert [name for name, _ in second.taken] == ["growing.csv", "a.csv"]
    assert (third.taken, third.waiting, third.problem) == ([], [], None)
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == [
        "a-2.csv",
        "a.csv",
        "growing.csv",
    ]
    assert await numbers(db, OATS) == (9, 0, 0)


async def test_a_file_that_is_kept_is_remembered(db: Database, tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv")
    await declare(db, {"folder": {"path": str(tmp_path)}, "as_of": "modified"})
    first, again = [await fetched(db) for _ in range(2)]

    assert (len(first.taken), len(again.taken), again.known) == (1, 0, 1)
    assert path.exists()


async def test_a_file_that_is_written_while_we_read_it_is_left_for_later(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "x" * 3 * connecting.CHUNK)
    connector = WatchedFolder(Folder(path=str(tmp_path), after="delete"))
    [found] = await connector.listed()
    async with connector.opened(found, None) as opened:
        await anext(opened.chunks)
        put(tmp_path, "a.csv", "another")
        with pytest.raises(FileChanged, match="written while"):
            async for _ in opened.chunks:
                pass
    await connector.taken(found)
    with pytest.raises(FileChanged, match="another file"):
        await connector.opened(found, None).__aenter__()

    assert path.read_text(encoding="utf-8") == "another"


async def test_a_folder_that_is_not_there_is_told(db: Database, tmp_path: Path) -> None:
    await declare(db, {"folder": {"path": str(tmp_path / "gone")}, "as_of": "modified"})
    assert "gone cannot be read: No such file" in str((await fetched(db)).problem)


async def test_a_name_says_what_the_content_does_not(db: Database, tmp_path: Path) -> None:
    put(tmp_path, "0042_snapshot_7_20260306-0800.csv", "sku,quantity\noats,6\n")
    put(tmp_path, "0042_guess_8_20260306-0800.csv", "sku,quantity\noats,5\n")
    put(tmp_path, "0042_snapshot_8_20260308-0230.csv", "sku,quantity\noats,4\n")
    put(tmp_path, "0043_delta_9_20260306-0900.csv", "sku,quantity\noats,3\n")
    pattern = r"(?P<batch>(?P<store>\d+)_(?P<kind>[a-z]+)_(?P<sequence>\d+)_(?P<as_of>[\d-]+))\.csv"
    await declare(
        db,
        {"folder": {"path": str(tmp_path)}, "as_of": "name", "name": pattern},
        stores={"0042": "S1"},
        time_zone="America/Chicago",
        time_formats=["%Y%m%d-%H%M"],
    )
    done = await fetched(db)

    [(name, batch)] = done.taken
    assert name == "0042_snapshot_7_20260306-0800.csv"
    assert (batch.batch_id, batch.sequence, batch.kind) == (
        name.removesuffix(".csv"),
        7,
        "snapshot",
    )
    assert batch.as_of == datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert [why for _, why in done.refused] == [
        "guess is neither snapshot nor delta.",
        "20260308-0230 is not a time that the mapping reads (skipped_time).",
        "The mapping translates no store code 0043.",
    ]
    assert await numbers(db, OATS) == (6, 0, 0)


async def test_a_column_says_as_of_when_the_whole_is(db: Database, tmp_path: Path) -> None:
    text = "store_id,sku,quantity,as_of\nS1,oats,6,2026-03-06T14:00Z\nS1,oats,5,2026-03-06T13:00Z\n"
    put(tmp_path, "a.csv", text + "S1,oats,4,\n")
    put(tmp_path, "b.csv", "store_id,sku,quantity\nS1,oats,4\n")
    await declare(db, {"folder": {"path": str(tmp_path)}, "as_of": "column"}, require_as_of=True)
    done = await fetched(db)

    assert [batch.as_of for _, batch in done.taken] == [datetime(2026, 3, 6, 14, tzinfo=UTC)]
    assert done.taken[0][1].rejected == 1
    assert "does not say as of when" in done.refused[0][1]


async def test_a_file_of_tomorrow_is_refused(db: Database, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", age=-2 * HOUR)
    await declare(db, {"folder": {"path": str(tmp_path)}, "as_of": "modified"})
    assert "that is yet to come" in (await fetched(db)).refused[0][1]
