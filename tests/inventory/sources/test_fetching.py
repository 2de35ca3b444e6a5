"""Whose turn it is to be fetched, what is refused until it changes, and what cannot be meant."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bopis.kernel.database import Database
from inventory.module import module
from inventory.sources import connecting, turns
from inventory.sources.declaration import Declaration
from tests.inventory.shelves import OATS, numbers
from tests.inventory.sources.places import (
    arrived,
    declare,
    fetched,
    put,
)

pytestmark = pytest.mark.usefixtures("store_of_oats")


async def test_what_cannot_be_read_is_refused_until_the_source_declares_itself_anew(
    db: Database, tmp_path: Path
) -> None:
    put(tmp_path, "a.parquet", "PAR1 but no more")
    put(tmp_path, "b.csv", "Filiale,sku,quantity\nS1,oats,3\n")
    put(tmp_path, "c.bin", "?")
    fetch = {"folder": {"path": str(tmp_path)}, "as_of": "modified"}
    await declare(db, fetch)
    first, again = [await fetched(db) for _ in range(2)]
    await declare(db, fetch, columns={"store_id": "Filiale"})
    anew = await fetched(db)

    assert [name for name, _ in first.refused] == ["a.parquet", "b.csv", "c.bin"]
    assert "Parquet file is broken" in first.refused[0][1]
    assert "mapping.format" in first.refused[2][1]
    assert (again.refused, again.known, again.problem) == ([], 3, None)
    assert ([name for name, _ in anew.taken], len(anew.refused)) == (["b.csv"], 2)
    assert await numbers(db, OATS) == (3, 0, 0)


async def test_many_who_ask_at_once_take_a_file_once(db: Database, tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    await declare(db, {"folder": {"path": str(tmp_path)}, "as_of": "modified"})
    done = await asyncio.gather(*(fetched(db) for _ in range(4)))
    async with db.transaction() as tx:
        assert await turns.due(tx) == []

    assert sum(len(one.taken) for one in done) == 1
    assert len(await arrived(db)) == 1


async def test_the_job_asks_those_whose_turn_it_is(db: Database, tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    await declare(db, {"folder": {"path": str(tmp_path)}, "as_of": "modified"})
    await declare(db, {"folder": {"path": "/nowhere"}, "as_of": "modified"}, "till")
    [job] = [job for job in module.jobs if job.name == "inventory.fetch"]
    await job.run(db)
    put(tmp_path, "b.csv")
    await job.run(db)

    async with db.transaction() as tx:
        states = {turn.source: turn.failures for turn in await turns.listed(tx)}
    assert states == {"erp": 0, "till": 1}
    assert len(await arrived(db)) == 1


@pytest.mark.parametrize(
    ("fetch", "says"),
    [
        ({"as_of": "modified"}, "one of http"),
        ({"http": {"url": "https://a:b@erp.example/"}, "as_of": "fetched"}, "holds a secret"),
        ({"http": {"url": "ftp://erp.example/"}, "as_of": "fetched"}, "https://"),
        ({"folder": {"path": "/in"}, "as_of": "fetched"}, "is for http"),
        ({"folder": {"path": "/in"}, "as_of": "name"}, "needs a group"),
        ({"folder": {"path": "/in"}, "as_of": "column"}, "require_as_of"),
        ({"folder": {"path": "/in"}, "as_of": "modified", "name": "("}, "no regular expression"),
        ({"folder": {"path": "/in"}, "as_of": "modified", "name": "(?P<x>.)"}, "mean nothing"),
        ({"folder": {"path": "/in", "after": "move"}, "as_of": "modified"}, "move_to"),
        (
            {"sftp": {"host": "h", "user": "u", "password_env": "P"}, "as_of": "modified"},
            "how the server is known",
        ),
        (
            {
                "objectstore": {"url": "s3://b", "options": {"secret_access_key": "x"}},
                "as_of": "modified",
            },
            "belongs in secrets",
        ),
    ],
)
def test_a_place_that_cannot_be_meant_is_refused_when_it_is_declared(
    fetch: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Declaration.model_validate({"fetch": fetch})


async def test_what_is_not_installed_is_named(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(connecting, "import_module", missing)
    problems = []
    way = {"host": "h", "user": "u", "password_env": "P", "fingerprint": f"SHA256:{'x' * 43}"}
    for fetch in ({"sftp": way}, {"objectstore": {"url": "s3://b"}}):
        await declare(db, fetch | {"as_of": "modified"})
        problems.append((await fetched(db)).problem)

    assert [str(one).partition("pip")[2] for one in problems] == [
        " install 'bopis[sftp]'.",
        " install 'bopis[objectstore]'.",
    ]
