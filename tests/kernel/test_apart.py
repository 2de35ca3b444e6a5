"""What happens in another process stays there; what it says comes here, whole or not at all."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import pytest

from bopis.kernel import apart
from tests.kernel import apart_calls

CALLS = apart_calls.__name__


@pytest.fixture
def file() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(b"0123456789" * 250)
        file.flush()
        yield file


async def said(file: IO[bytes], name: str, told: bytes = b"") -> list[bytes]:
    async with apart.pages(f"{CALLS}:{name}", told, file.fileno()) as pages:
        return [bytes(page) async for page in pages]


async def test_a_child_reads_a_file_at_a_place_of_its_own(file: IO[bytes]) -> None:
    file.seek(1234)

    pages = await said(file, "echo", b"told")

    assert pages == [b"told", *(b"0123456789" * n for n in (100, 100, 50)), b"789"]
    assert file.read(4) == b"4567"


async def test_a_child_stays_warm_and_knows_no_secret(
    file: IO[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "a secret of no value")
    apart._leave()  # noqa: SLF001 -- one that was once too large is not used again
    ballast = b"x" * (300 << 20)  # how large its parent is says nothing of a child

    first, names = await said(file, "surroundings")
    again, _ = await said(file, "surroundings")

    assert ballast
    assert again == first
    assert b"DATABASE_URL" not in names.split()


async def test_a_bug_of_ours_is_told_with_its_place(file: IO[bytes]) -> None:
    with pytest.raises(RuntimeError, match=r"apart_calls\.py(.|\n)*nobody thought of this"):
        await said(file, "bug")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("abort", "it was ended by SIGABRT"),
        ("grow", "it needs more than the 1 GB that one file is given"),
        ("hang", "nothing came of it for 0 seconds"),
    ],
)
async def test_a_child_that_dies_is_told_of_and_the_next_is_a_new_one(
    file: IO[bytes], monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    before, _ = await said(file, "surroundings")

    monkeypatch.setattr(apart, "PATIENCE", 0.4 if name == "hang" else 20.0)
    with pytest.raises(apart.Died, match=re.escape(how)):
        await said(file, name)
    monkeypatch.undo()

    assert (await said(file, "surroundings"))[0] != before


async def test_a_child_that_nobody_listens_to_any_more_is_not_used_again(file: IO[bytes]) -> None:
    before, _ = await said(file, "surroundings")

    async with apart.pages(f"{CALLS}:echo", b"told", file.fileno()) as pages:
        assert await anext(pages) == b"told"

    assert (await said(file, "surroundings"))[0] != before


async def test_a_warm_child_that_has_left_is_replaced_without_a_word(file: IO[bytes]) -> None:
    before, _ = await said(file, "surroundings")
    apart._idle[-1].process.kill()  # noqa: SLF001 -- as the kernel does when memory is short
    apart._idle[-1].process.wait()  # noqa: SLF001

    assert (await said(file, "surroundings"))[0] != before


ORPHAN = f"""
import asyncio, os, signal, tempfile
from bopis.kernel import apart

async def main():
    with tempfile.TemporaryFile() as file:
        async with apart.pages("{CALLS}:surroundings", b"", file.fileno()) as pages:
            print([page async for page in pages], flush=True)
    {{}}

asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "pass"])
def test_no_child_outlives_its_parent(end: str) -> None:
    """Standard error is the child's too: it ends when the last of the two has gone."""
    done = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", ORPHAN.format(end)], capture_output=True, timeout=20, check=False
    )

    assert b"bytearray" in done.stdout
    assert done.stderr == b""
