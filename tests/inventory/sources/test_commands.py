"""What an operator reads about a source, and about a file before anything of it is loaded."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from bopis import cli
from bopis.kernel.database import Database
from tests.golden import Golden
from tests.inventory.shelves import OATS, RYE, a_store, items, numbers
from tests.inventory.sources.places import arrived, put

DECLARED = """\
source = "erp"
books_pickup = "at_ready"
cadence_minutes = 60

[mapping]
encoding = "cp1252"
columns = { store_id = "Filiale", sku = "Artikel", quantity = "Bestand", as_of = "Stand" }
stores = { "0042" = "S1", "0.43" = "S2" }
other_columns = "ignore"
decimal = ","
thousands = "."
time_zone = "Europe/Berlin"
time_formats = ["%d.%m.%Y %H:%M"]
units = { items = { "rye" = 6 } }
"""
FILE = """\
Filiale;Bezeichnung;Artikel;Bestand;Stand
0042;Müsli;oats;1.234,00;06.03.2026 08:15
0042;Brot;rye;2,5;06.03.2026 08:15
0.43;Müsli;oats;;06.03.2026 08:15
0044;Müsli;oats;1;06.03.2026 08:15
0042;Müsli;oats;12.5;06.03.2026 08:15
0.43;Müsli;oats;1;25.10.2026 02:30
"""


@pytest.fixture
def folder(tmp_path: Path, dsn: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", dsn)
    (tmp_path / "erp.toml").write_text(DECLARED, encoding="utf-8")
    (tmp_path / "stock.csv").write_bytes(FILE.encode("cp1252"))
    return tmp_path


async def bopis(*words: str | Path) -> int:
    return await asyncio.to_thread(cli.main, [str(word) for word in words])


async def everything(dsn: str) -> list[tuple[str, int]]:
    """Return how many rows each table has."""
    connection = await asyncpg.connect(dsn)
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = [
        (name, await connection.fetchval(f"SELECT count(*) FROM {name}"))  # noqa: S608 -- ours
        for (name,) in names
    ]
    await connection.close()
    return found


async def test_what_a_file_would_be_read_as_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], golden: Golden
) -> None:
    assert await bopis("feed", "check", folder / "stock.csv", "--with", folder / "erp.toml") == 0

    golden.check("check.txt", capsys.readouterr().out)


async def test_a_check_asks_who_is_known_and_writes_nothing(
    folder: Path, db: Database, dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_store(db)
    before = await everything(dsn)
    rows = "S1,oats,5\nS1,rye,\n" + "S9,oats,1\n" * 11
    (folder / "ours.csv").write_text(f"store_id,sku,quantity\n{rows}", encoding="utf-8")
    (folder / "other.csv").write_bytes("sku;Größe\n".encode("cp1252"))
    ours = await bopis("feed", "check", folder / "ours.csv", "--source", "erp")
    said = capsys.readouterr().out
    other = await bopis("feed", "check", folder / "other.csv", "--source", "erp")

    assert (ours, other) == (1, 1)
    assert "13 rows: 12 can be understood, 1 cannot." in said
    assert "Rows by store: S1 (1), S9 (11)." in said
    assert "We do not know S9. Load the store first" in said
    assert "line 2: store S1, item oats: 5 units, as of the batch" in said
    assert "would be set aside (quarantined)" in said
    heard = capsys.readouterr().out
    assert 'Western Windows systems often write "cp1252"' in heard
    assert "Verdict: it cannot be read." in heard
    assert await everything(dsn) == before


async def test_a_source_from_its_declaration_to_its_retirement(
    folder: Path, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_store(db)
    await items(db, OATS, RYE)
    (folder / "in").mkdir()
    put(folder / "in", "a.csv", FILE.partition("0.43")[0])
    place = f'\n[fetch]\nas_of = "modified"\n[fetch.folder]\npath = "{folder / "in"}"\n'
    (folder / "far.toml").write_text(DECLARED.replace("cp1252", "utf-8") + place, encoding="utf-8")
    assert await bopis("feed", "source", folder / "far.toml") == 0
    assert await bopis("feed", "source", "erp") == 0
    shown = capsys.readouterr().out
    again = folder / "again.toml"
    again.write_text(shown.partition("\n")[2], encoding="utf-8")
    assert await bopis("feed", "source", again) == 0
    assert await bopis("feed", "source", "erp") == 0
    assert shown.partition("\n")[2] in capsys.readouterr().out

    assert await bopis("feed", "fetch", "--source", "erp") == 0
    assert await bopis("feed", "fetch", "--source", "erp") == 0
    assert await bopis("feed", "sources") == 0
    assert await bopis("feed", "source", "erp", "--retire") == 0
    assert await bopis("feed", "sources") == 0
    assert await bopis("feed", "fetch", "--source", "erp") == 1

    captured = capsys.readouterr()
    [(batch, _)] = await arrived(db)
    assert f"a.csv is batch {batch}: applied, 2 rows, 0 rejected." in captured.out
    assert "There is nothing new (1 known)." in captured.out
    assert "every 60 min, as of" in captured.out
    assert "There is no source yet" in captured.out
    assert "Nobody has declared where the files of erp lie." in captured.err
    assert await numbers(db, RYE) == (15, 0, 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source = ", "is not TOML"),
        ('source = "a b"\n', "source: String should match"),
        ('source = "erp"\n[mapping]\ncolor = "red"\n', "mapping.color: Extra inputs"),
        ('source = "erp"\n[mapping]\nencoding = "x"\n', "mapping.encoding: is not an encoding"),
        ('source = "erp"\n[fetch]\nas_of = "modified"\n', "fetch: say one of http, folder"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file = tmp_path / "erp.toml"
    file.write_text(text, encoding="utf-8")

    assert cli.main(["feed", "source", str(file)]) == 1
    assert says in capsys.readouterr().err
