"""Objects of a bucket: each once, and none that is replaced meanwhile."""

from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore

from bopis.kernel.database import Database
from inventory.sources.connecting import FileChanged
from inventory.sources.declaration import ObjectStore
from inventory.sources.object_store import Bucket
from tests.inventory.sources.places import (
    FILE,
    declare,
    fetched,
    put,
)

pytestmark = pytest.mark.usefixtures("store_of_oats")


def lies(folder: Path, name: str) -> bool:
    return (folder / name).exists()


async def test_objects_of_a_bucket(db: Database, tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    (tmp_path / "old").mkdir()
    put(tmp_path / "old", "b.csv")
    way = {"url": f"file://{tmp_path}", "files": "*.csv", "after": "delete"}
    await declare(db, {"objectstore": way, "as_of": "modified", "settle_seconds": 0})
    done = await fetched(db)
    await declare(db, {"objectstore": {"url": "nope://x"}, "as_of": "modified"})
    strange = await fetched(db)

    assert [name for name, _ in done.taken] == ["a.csv"]
    assert not lies(tmp_path, "a.csv")
    assert lies(tmp_path / "old", "b.csv")
    assert "not a store that we can open" in str(strange.problem)


async def test_an_object_that_is_replaced_while_we_look_is_left_for_later() -> None:
    store = MemoryStore()
    obstore.put(store, "a.csv", FILE.encode())
    connector = Bucket(ObjectStore(url="memory://", after="delete"), store)
    [found] = await connector.listed()
    async with connector.opened(found, None) as opened:
        content = b"".join([chunk async for chunk in opened.chunks])
    obstore.put(store, "a.csv", b"another")
    await connector.taken(found)
    with pytest.raises(FileChanged, match="another object"):
        async with connector.opened(found, None):
            pass
    [newer] = await connector.listed()
    await connector.taken(newer)

    assert content.decode() == FILE
    assert await connector.listed() == []
