"""Commands say what they did, or why not, and end with 0, 1 or 2."""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from bopis import cli, migrate
from bopis.kernel.keys import digest


@pytest.fixture
def at(dsn: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", dsn)
    return dsn


async def bopis(*words: str) -> int:
    """Run a command as a shell would: it brings its own event loop."""
    return await asyncio.to_thread(cli.main, words)


async def test_a_key_is_printed_once_and_stored_hashed(
    at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bopis("keys", "add", "channel", "webshop") == 0

    secret = capsys.readouterr().out.strip()
    connection = await asyncpg.connect(at)
    row = await connection.fetchrow("SELECT kind, name, digest FROM api_keys")
    await connection.close()
    assert tuple(row) == ("channel", "webshop", digest(secret))

    assert await bopis("keys", "list") == 0
    listed = capsys.readouterr().out
    assert "webshop" in listed
    assert secret not in listed

    assert await bopis("keys", "revoke", listed.split()[0]) == 0
    await bopis("keys", "list")
    assert "revoked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("keys", "add", "king", "x"), 2, "'king' is not one of channel, feed, ops."),
        (("keys", "revoke", "x"), 2, "not the id of a key"),
        (("keys", "revoke", "00000000-0000-7000-8000-000000000000"), 1, "There is no key"),
        (("serve", "--port", "70000"), 2, "--port"),
        (("devices", "code", "nowhere"), 1, "nowhere"),
        (("devices", "list", "nowhere"), 1, "nowhere"),
        (("devices", "revoke", "nonsense"), 1, "Nothing here has this id"),
        (("devices", "revoke", f"S1.{'0' * 32}"), 1, "S1"),
        (("associates", "list", "nowhere"), 1, "nowhere"),
        (("associates", "deactivate", "nowhere", "7"), 1, "nowhere"),
        (("associates", "add", "S1"), 2, "Missing argument"),
        (("nonsense",), 2, "nonsense"),
    ],
)
async def test_a_wrong_command_says_what_is_wrong(
    at: str,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    assert await bopis(*words) == status

    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


async def test_somebody_is_taken_on_and_let_in_no_more(
    at: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOPIS_LINK_KEYS", '["of no value"]')
    connection = await asyncpg.connect(at)
    await connection.execute(
        "INSERT INTO stores (store_id, name, time_zone) VALUES ('S1', 'A', 'UTC')"
    )

    assert await bopis("associates", "add", "S1", "7", "Eve") == 0
    badge = capsys.readouterr().out.strip()
    assert await bopis("associates", "badge", "S1", "7", "--note", "lost") == 0
    new = capsys.readouterr().out.strip()
    assert await bopis("associates", "list", "S1") == 0
    here = capsys.readouterr().out
    assert await bopis("associates", "deactivate", "S1", "7", "--note", "moved away") == 0
    assert await bopis("associates", "deactivate", "S1", "7") == 1
    assert "Nobody who works in S1 has the number 7." in capsys.readouterr().err
    assert await bopis("associates", "list", "S1") == 0
    gone = capsys.readouterr().out
    acts = await connection.fetch("SELECT payload ->> 'note' FROM events ORDER BY seq")
    await connection.close()

    assert (len(badge), len(new)) == (11, 11)
    assert badge != new
    assert here.split() == ["7", "Eve", "badge"]
    assert gone.split() == ["7", "Eve", "has", "left"]
    assert [row[0] for row in acts] == ["lost", "moved away"]


async def test_a_handheld_is_listed_and_shut_out(
    at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = await asyncpg.connect(at)
    await connection.execute(
        "INSERT INTO stores (store_id, name, time_zone) VALUES ('S1', 'A', 'UTC')"
    )
    await connection.execute(
        "INSERT INTO devices (store_id, id, name, token_digest, enrolled_at)"
        " VALUES ('S1', gen_random_uuid(), 'No 7', '', '2026-03-06')"
    )
    await connection.close()

    assert await bopis("devices", "list", "S1") == 0
    listed = capsys.readouterr().out
    assert await bopis("devices", "revoke", listed.split()[0]) == 0
    assert await bopis("devices", "revoke", listed.split()[0]) == 1
    assert "shut out already" in capsys.readouterr().err
    await bopis("devices", "list", "S1")

    assert "No 7" in listed
    assert listed.rstrip().endswith("let in")
    assert "shut out 20" in capsys.readouterr().out


async def test_migrate_says_where_the_schema_was_and_is(
    at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bopis("migrate") == 0
    assert "up to date" in capsys.readouterr().out

    connection = await asyncpg.connect(at)
    await connection.execute("DELETE FROM alembic_version")
    await connection.close()
    assert await bopis("migrate", "--check") == 1
    assert f"at nothing; this version needs {migrate.head()}" in capsys.readouterr().err


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BOPIS_LINK_KEYS", raising=False)
    monkeypatch.setenv("BOPIS_DATA", f"{tmp_path}/none")


@pytest.mark.usefixtures("nowhere")
async def test_without_a_database_the_message_names_the_two_ways_to_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await bopis("keys", "list") == 1

    said = capsys.readouterr().err
    assert "DATABASE_URL" in said
    assert "bopis demo" in said


@pytest.mark.usefixtures("nowhere")
async def test_a_missing_setting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert await bopis("serve") == 1

    said = capsys.readouterr().err
    assert "DATABASE_URL: Field required" in said
    assert "BOPIS_LINK_KEYS: Field required" in said


async def test_a_database_that_is_not_there_is_said_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:canary@127.0.0.1:1/none")

    assert await bopis("keys", "list") == 1

    said = capsys.readouterr().err
    assert "cannot be reached" in said
    assert "canary" not in said


def test_help_lists_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bopis", "--help"], capture_output=True, text=True, check=True
    )

    for name in cli.COMMANDS:
        assert name in done.stdout
