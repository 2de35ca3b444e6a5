"""`bopis replay` says what it cannot read, before it starts a database for it."""

import asyncio
from pathlib import Path

import pytest

from bopis import cli
from tests.bopis.simulation.test_journey import INSTALLED

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


async def replay(*words: object) -> int:
    return await asyncio.to_thread(cli.main, ["replay", *map(str, words)])


async def test_a_file_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert await replay("online-retail", tmp_path / "none.csv") == 1

    assert capsys.readouterr().err == f"bopis: {tmp_path}/none.csv: No such file or directory.\n"


async def test_no_file_at_all(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOPIS_RETAIL_DATA", str(tmp_path))

    assert await replay("online-retail") == 1

    assert "BOPIS_RETAIL_DATA" in capsys.readouterr().err


async def test_a_day_without_an_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text(HEADER, encoding="utf-8")

    assert await replay("online-retail", tmp_path / "empty.csv") == 1

    assert "not one order" in capsys.readouterr().err


async def test_another_source_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert await replay("offline-retail") == 2

    assert "'offline-retail'" in capsys.readouterr().err


@pytest.mark.skipif(INSTALLED, reason="the sample is installed")
async def test_without_the_sample_the_command_says_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await replay("complete-journey") == 1

    said = capsys.readouterr()
    assert said.err == (
        "bopis: The Complete Journey sample is not installed: make replay-data fetches it.\n"
    )
    assert said.out == ""
