"""Files on a server whose key is known, and whom else nothing is told."""

from pathlib import Path
from typing import Any

import pytest

from bopis.kernel.database import Database
from tests.inventory.shelves import HOUR, OATS, numbers
from tests.inventory.sources.places import (
    FILE,
    arrived,
    declare,
    fetched,
    put,
    sftp,
)

pytestmark = pytest.mark.usefixtures("store_of_oats")


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
