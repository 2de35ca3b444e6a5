"""The same files from a disk."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from bopis import cli
from tests.inventory.test_router import ITEMS, LOCATIONS, STORES


def run(*words: str) -> int:
    return cli.main(list(words))


def test_load_and_feed(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    files = {"stores": STORES, "items": ITEMS, "locations": LOCATIONS}
    files["feed"] = "store_id,sku,quantity\nS1,oats,10\nS1,rye,many\n"
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    for name in ("stores", "items", "locations"):
        assert run("load", name, str(tmp_path / f"{name}.csv")) == 0
    arguments = ("feed", "apply", str(tmp_path / "feed.csv"), "--source", "erp")
    at = ("--as-of", "2026-03-06T07:00:00Z")
    assert run(*arguments, *at) == 0
    assert run(*arguments, *at) == 0

    out = capsys.readouterr().out
    assert "stores: 2 rows, 2 written, 0 rejected" in out
    assert out.count("is applied: 2 rows, 1 applied") == 2
    assert "line 3, quantity: This is not a number. 'S1,rye,many'" in out

    async def on_hand() -> int:
        connection = await asyncpg.connect(dsn)
        try:
            return int(await connection.fetchval("SELECT on_hand FROM stock WHERE sku = 'oats'"))
        finally:
            await connection.close()

    assert asyncio.run(on_hand()) == 10


def test_a_time_without_a_zone_is_refused(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    file = tmp_path / "feed.csv"
    file.write_text("store_id,sku,quantity\nS1,oats,10\n", encoding="utf-8")

    assert run("feed", "apply", str(file), "--source", "erp", "--as-of", "2026-03-06T07:00:00") == 1
    assert "no zone" in capsys.readouterr().err
