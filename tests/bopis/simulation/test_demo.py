"""The demo: three faces answer, an order is picked, and Ctrl-C leaves nobody behind."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from bopis import cli, command
from bopis.kernel.clock import ScaledClock, machine_clock
from bopis.simulation import demo, demo_ground, keeping
from bopis.simulation.doors import Placed
from bopis.simulation.keeping import Kept

FACES = {"One shopper's page", "The handheld", "Store operations", "The inbox"}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bopis-demo-", ignore_cleanup_errors=True) as at:
        Path(at).chmod(0o755)
        yield Path(at) / "data"


@contextlib.asynccontextmanager
async def _demo(folder: Path, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bopis", "demo", "--port", "0", *options),
        env={**environment, "BOPIS_DATA": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _addresses(process: asyncio.subprocess.Process) -> dict[str, str]:
    assert process.stdout is not None
    found: dict[str, str] = {}
    async for line in process.stdout:
        name, colon, where = line.decode().strip().partition(": ")
        if colon:
            found[name] = where
        if set(found) >= FACES:
            return found
    assert process.stderr is not None
    pytest.fail(f"the demo has ended: {(await process.stderr.read()).decode()[-2000:]}")


async def _sign_in(client: httpx.AsyncClient, where: dict[str, str]) -> None:
    """Set a handheld up and sign in on it with what the demo prints, and no scanner."""
    door = where["The handheld"].replace("/handheld", "/v1/handheld")
    code = where["set it up with"].split()[0]
    number, pin = re.findall(r"\d+", where["sign in as"])[:2]
    device = (await client.post(f"{door}/enrol", json={"code": code, "name": "No 7"})).json()
    token = {"Authorization": f"Bearer {device['data']['device_token']}"}

    answer = await client.post(
        f"{door}/sign-in", json={"number": number, "pin": pin}, headers=token
    )

    assert answer.json()["next_state"] == "tasks"


def _descendants(pid: int) -> set[int]:
    """Return a process's children, and theirs, as /proc has them."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                children = {int(word) for word in task.read_text().split()}
                waiting += children - found
                found |= children
    return found


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


@pytest.mark.faults
@pytest.mark.timeout(180)
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts children in /proc")
async def test_the_demo_lives_and_ends_cleanly(folder: Path) -> None:
    async with _demo(folder, "--speed", "600", "--stores", "2", "--items", "200") as process:
        async with asyncio.timeout(120):
            where = await _addresses(process)
            async with httpx.AsyncClient(follow_redirects=True) as client:
                for face in FACES:
                    assert (await client.get(where[face])).is_success, face
                await _sign_in(client, where)
                assert "95200" in (await client.get(where["what to scan"])).text
                inbox = where["The inbox"]
                while "ready to collect" not in (await client.get(inbox)).text:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        children = _descendants(process.pid)
        assert len(children) >= 3

        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            code = await process.wait()

    assert code == 0
    assert [pid for pid in children if _alive(pid)] == []
    assert keeping.read_world(folder) is not None
    clock = ScaledClock.parse(command.recall(folder)["BOPIS_CLOCK"])
    assert clock.speed == demo.STANDSTILL  # a command of tomorrow finds the day as it was left


def test_a_second_demo_is_kept_out(folder: Path) -> None:
    with (
        demo_ground.alone(folder),
        pytest.raises(demo_ground.AlreadyRunning, match="running"),
        demo_ground.alone(folder),
    ):
        pass


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a demo ran, and in which something else lies too."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("BOPIS_DATA", str(tmp_path))
    Kept(7, machine_clock().date(), machine_clock()).write(tmp_path)
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("18")
    (tmp_path / "holiday.jpg").touch()
    return tmp_path


def test_starting_over_forgets_what_a_demo_kept_and_nothing_else(kept: Path) -> None:
    demo_ground.clear(kept)

    assert [entry.name for entry in kept.iterdir()] == ["holiday.jpg"]


def test_a_refused_start_forgets_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["demo", "--fresh", "--port", str(port)]) == 1
    assert f"port {port}" in capsys.readouterr().err

    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    assert cli.main(["demo", "--fresh"]) == 1
    assert "Name an empty database" in capsys.readouterr().err

    assert Kept.read(kept) is not None
    assert (kept / "pg" / "PG_VERSION").exists()


def test_a_database_that_is_not_there_is_said_in_a_sentence(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:canary@127.0.0.1:1/none")

    assert cli.main(["demo", "--port", "0"]) == 1

    said = capsys.readouterr().err
    assert "cannot be reached" in said
    assert "canary" not in said


def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOPIS_DATA", str(kept / "holiday.jpg"))

    assert cli.main(["demo", "--port", "0"]) == 1

    assert "BOPIS_DATA" in capsys.readouterr().err


def test_each_database_has_a_memory_of_its_own(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {command.demo_folder()}
    for name in ("one", "two"):
        monkeypatch.setenv("DATABASE_URL", f"postgresql://127.0.0.1/{name}")
        folders.add(command.demo_folder())
        assert name not in command.demo_folder().name

    assert len(folders) == 3


def test_what_a_demo_keeps_is_what_it_finds(tmp_path: Path) -> None:
    now = machine_clock()
    kept = Kept(7, now.date(), now, keys={"ops": "k"}, loaded=True)
    placed = Placed("R101.0", "R101-1", "R101", "a@shoppers.example", "http://x/o/t", {"a": 2})

    kept.write(tmp_path)
    keeping.write_world(tmp_path, {"piles": []}, [placed])

    assert Kept.read(tmp_path) == kept
    assert keeping.read_world(tmp_path) == ({"piles": []}, [placed])
    assert re.fullmatch(r"0o100600", oct((tmp_path / keeping.FILE).stat().st_mode))
