"""Files are fetched once each, whole, from places that are what they say; else we say why not."""

import asyncio
import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database
from inventory.feeds import intake
from inventory.module import module
from inventory.sources import connecting, http_pull, turns
from inventory.sources.connecting import FetchFailed, FileChanged, Secrets
from inventory.sources.declaration import Declaration, Folder, ObjectStore
from inventory.sources.declarations import SourceUnknown
from inventory.sources.folder import WatchedFolder
from inventory.sources.object_store import Bucket
from tests.conftest import NOON
from tests.inventory.shelves import HOUR, OATS, a_store, items, numbers
from tests.inventory.sources.places import (
    FILE,
    Answer,
    Web,
    arrived,
    declare,
    fetched,
    sftp,
    web,
)

HTTP_NOON = "Fri, 06 Mar 2026 17:00:00 GMT"


@pytest.fixture
async def db(db: Database) -> Database:
    """A chain of one store that keeps oats."""
    await a_store(db)
    await items(db, OATS)
    return db


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


def pull(site: Web, **more: Any) -> dict[str, Any]:
    return {"http": {"url": f"{site.url}/stock.csv"} | more, "as_of": "modified"}


def put(folder: Path, name: str, text: str = FILE, *, age: timedelta = HOUR) -> Path:
    """Write a file that was last changed an hour before noon of the test's day."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    then = (NOON - age).timestamp()
    os.utime(path, (then, then))
    return path


def lies(folder: Path, name: str) -> bool:
    return (folder / name).exists()


async def test_an_address_is_read_when_it_has_changed_and_only_then(
    db: Database, site: Web
) -> None:
    headers = {"ETag": '"1"', "Last-Modified": HTTP_NOON, "Content-Encoding": "gzip"}
    site.answers["/stock.csv"] = Answer(gzip.compress(FILE.encode()), headers=headers)
    await declare(db, pull(site))
    first, again = [await fetched(db) for _ in range(2)]
    second = Answer(FILE.replace("7", "8").encode(), headers={"Last-Modified": HTTP_NOON})
    second.headers["Last-Modified"] = "Fri, 06 Mar 2026 17:30:00 GMT"
    site.answers["/stock.csv"] = second
    third, fourth = [await fetched(db) for _ in range(2)]

    assert [(one.problem, len(one.taken), one.known) for one in (first, again, third, fourth)] == [
        (None, 1, 0),
        (None, 0, 1),
        (None, 1, 0),
        (None, 0, 1),
    ]
    assert site.asked[1][1]["if-none-match"] == '"1"'
    assert site.asked[3][1]["if-modified-since"] == second.headers["Last-Modified"]
    assert first.taken[0][1].as_of == datetime(2026, 3, 6, 17, tzinfo=UTC)
    assert await numbers(db, OATS) == (8, 0, 0)


INSTEAD = [
    (Answer(status=404), "404: nothing lies at this address"),
    (Answer(status=500), "answers 500"),
    (Answer(status=599), "answers 599"),
    (Answer(status=401), "does not know our secret"),
    (Answer(status=206), "answers 206"),
    (Answer(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}), "web page"),
    (Answer(b"store_id,sku", length=900), "broke off"),
    (Answer(headers={"Content-Encoding": "gzip"}), "cannot be read"),
    (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "file:, where we do not go"),
    (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), "redirects_to"),
    (Answer(status=302, headers={"Location": "/stock.csv"}), "more than 5 times"),
]


async def test_what_an_address_answers_instead_of_a_file_is_told_and_tried_again(
    db: Database, site: Web
) -> None:
    await declare(db, pull(site))
    for number, (answer, says) in enumerate(INSTEAD, 1):
        site.answers["/stock.csv"] = answer
        before = machine_clock()
        failed = await fetched(db)
        async with db.transaction() as tx:
            turn = await turns.find(tx, "erp")

        assert says in str(failed.problem)
        assert turn is not None
        assert (turn.failures, turn.problem, turn.holder) == (number, failed.problem, None)
        waits = min(2 ** (number - 1), 60)
        assert round((turn.due_at - before) / timedelta(minutes=1)) == waits
    assert await arrived(db) == []

    site.answers["/stock.csv"] = Answer(headers={"Last-Modified": HTTP_NOON})
    assert len((await fetched(db)).taken) == 1
    async with db.transaction() as tx:
        turn = await turns.find(tx, "erp")
    assert turn is not None
    assert (turn.failures, turn.problem) == (0, None)


async def test_a_secret_goes_to_whom_it_is_for_and_into_no_words(
    db: Database, site: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web() as other:
        moved = {"Location": f"{other.url}/stock.csv"}
        site.answers["/stock.csv"] = Answer(status=307, headers=moved)
        other.answers["/stock.csv"] = Answer(headers={"Last-Modified": HTTP_NOON})
        await declare(db, pull(site, bearer_env="ERP_TOKEN"))
        unset = await fetched(db)
        monkeypatch.setenv("ERP_TOKEN", "hush-hush")
        taken = await fetched(db)

        assert "ERP_TOKEN" in str(unset.problem)
        assert len(taken.taken) == 1
        assert [said.get("authorization") for _, said in site.asked] == ["Bearer hush-hush"]
        assert [said.get("authorization") for _, said in other.asked] == [None]
    secrets = Secrets()
    secrets.of("ERP_TOKEN")
    assert secrets.hidden("no hush-hush here") == "no … here"


async def test_a_file_without_end_is_refused_and_not_asked_for_again(
    db: Database, site: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LIMIT", 1000)
    body = FILE.encode() + b"S1,oats,1\n" * 1000
    site.answers["/stock.csv"] = Answer(body, headers={"ETag": '"big"'})
    await declare(db, pull(site))
    first, again = [await fetched(db) for _ in range(2)]

    assert "At most 1000 bytes" in first.refused[0][1]
    assert (again.refused, again.known) == ([], 1)
    assert await arrived(db) == []


async def test_an_answer_that_does_not_say_as_of_when_it_is_is_refused(
    db: Database, site: Web
) -> None:
    site.answers["/stock.csv"] = Answer()
    await declare(db, pull(site))
    unsaid = await fetched(db)
    await declare(db, pull(site) | {"as_of": "fetched"})
    now = await fetched(db)

    assert "does not say as of when" in unsaid.refused[0][1]
    assert [batch.as_of for _, batch in now.taken] == [NOON]


async def test_nobody_answers(db: Database, site: Web) -> None:
    await declare(db, {"http": {"url": "http://127.0.0.1:9/x.csv"}, "as_of": "fetched"})
    assert "cannot be reached" in str((await fetched(db)).problem)
    with pytest.raises(SourceUnknown):
        await fetched(db, "till")


async def test_https_is_never_left_for_http() -> None:
    way = Declaration.model_validate(
        {"fetch": {"http": {"url": "https://erp.example/a.csv"}, "as_of": "fetched"}}
    ).fetch
    assert way is not None
    assert way.http is not None
    async with http_pull.HttpPull.connected(way.http, Secrets()) as connector:
        with pytest.raises(FetchFailed, match="http:, where we do not go"):
            connector._sent_on("https://erp.example/a.csv", "http://erp.example/a.csv")  # noqa: SLF001


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


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TILL_PASSWORD", "swordfish")
    (tmp_path / "out").mkdir()
    return tmp_path


def secure(port: int, **known: str) -> dict[str, Any]:
    way = {"host": "127.0.0.1", "port": port, "user": "till", "path": "/out"}
    way |= {"password_env": "TILL_PASSWORD", "after": "move", "move_to": "done"} | known
    return {"sftp": way, "as_of": "modified", "settle_seconds": 0}


async def test_sftp_files_are_taken_and_tidied(db: Database, far: Path) -> None:
    put(far / "out", "a.csv")
    (far / "out" / "link.csv").symlink_to("/etc/passwd")
    hosts = far / "known_hosts"
    async with sftp(far) as server:
        await declare(db, secure(server.port, fingerprint=server.fingerprint))
        by_print = await fetched(db)
        put(far / "out", "a.csv", FILE.replace("7", "8"), age=HOUR / 2)
        hosts.write_text(server.known_hosts, encoding="utf-8")
        by_key = secure(server.port, known_hosts=str(hosts), key_file=server.key_file)
        del by_key["sftp"]["password_env"]
        await declare(db, by_key)
        by_file = await fetched(db)

    assert [by_print.problem, by_file.problem] == [None, None]
    assert [[name for name, _ in one.taken] for one in (by_print, by_file)] == [["a.csv"]] * 2
    assert len(list((far / "out" / "done").iterdir())) == 2
    assert await numbers(db, OATS) == (8, 0, 0)


async def test_a_server_with_another_key_is_told_nothing(
    db: Database, far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(far / "out", "a.csv")
    hosts = far / "known_hosts"
    async with sftp(far) as one:
        hosts.write_text(one.known_hosts, encoding="utf-8")
    async with sftp(far) as other:
        said = one.known_hosts.replace(str(one.port), str(other.port))
        hosts.write_text(said, encoding="utf-8")
        problems = []
        for known in ({"fingerprint": one.fingerprint}, {"known_hosts": str(hosts)}):
            await declare(db, secure(other.port, **known))
            problems.append((await fetched(db)).problem)
        await declare(db, secure(other.port, known_hosts=str(far / "none")))
        problems.append((await fetched(db)).problem)
        monkeypatch.setenv("TILL_PASSWORD", "guess")
        await declare(db, secure(other.port, fingerprint=other.fingerprint))
        problems.append((await fetched(db)).problem)

    assert [
        said in str(found)
        for said, found in zip(
            ["does not show the key"] * 2 + ["known hosts", "does not let till in"],
            problems,
            strict=True,
        )
    ] == [True] * 4, problems
    assert await arrived(db) == []


async def test_sftp_on_another_clock_looks_twice_before_a_file_is_whole(
    db: Database, far: Path
) -> None:
    put(far / "out", "a.csv")
    async with sftp(far) as server:
        fetch = secure(server.port, fingerprint=server.fingerprint) | {"settle_seconds": 30}
        await declare(db, fetch)
        first = await fetched(db)
        async with db.transaction() as tx:
            await tx.run("UPDATE feed_files SET seen_at = seen_at - interval '31 seconds'")
        second = await fetched(db)

    assert (first.taken, first.waiting) == ([], ["a.csv"])
    assert [name for name, _ in second.taken] == ["a.csv"]


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
