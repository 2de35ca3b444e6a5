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
    at: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOPIS_LINK_KEYS", '["a secret of no value"]')
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
    await connection.execute(
        "INSERT INTO sign_in_failures SELECT 'S1', gen_random_uuid(), '7', 9, clock_timestamp()"
    )
    assert await bopis("associates", "unlock", "S1", "7", "--note", "gloves") == 0
    assert await bopis("associates", "deactivate", "S1", "7", "--note", "moved away") == 0
    assert await bopis("associates", "deactivate", "S1", "7") == 1
    assert "Nobody who works in S1 has the number 7." in capsys.readouterr().err
    assert await bopis("associates", "list", "S1") == 0
    gone = capsys.readouterr().out
    staff = tmp_path / "staff.csv"
    staff.write_text("number,name\n8,Kim\n9,Lee\n", encoding="utf-8")
    assert await bopis("associates", "import", "S1", str(staff)) == 0
    staff.write_text("number,name\n9,Lee\n", encoding="utf-8")
    assert await bopis("associates", "import", "S1", str(staff)) == 0
    told = capsys.readouterr().out
    missing = told.splitlines()[-1].split()
    assert await bopis("associates", "import", "S1", str(staff), "--leavers", "guess") == 1
    assert "Nothing was done." in capsys.readouterr().err
    assert await bopis("associates", "import", "S1", str(staff), *missing[-2:]) == 0
    assert "1 have left." in capsys.readouterr().out
    acts = await connection.fetch("SELECT payload ->> 'note' FROM events ORDER BY seq")
    await connection.close()

    assert (len(badge), len(new)) == (11, 11)
    assert badge != new
    assert here.split() == ["7", "Eve", "badge"]
    assert gone.split()[:4] == ["7", "Eve", "has", "left"]
    assert "Not in this file, and still let in (1):" in told
    assert missing[-2] == "--leavers"
    gone_by_file = "not in the file of who works here"
    assert [row[0] for row in acts] == ["lost", "gloves", "moved away", gone_by_file]


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
    assert await bopis("devices", "list", "S1") == 0
    listed = capsys.readouterr().out
    assert await bopis("devices", "unlock", listed.split()[0]) == 1
    assert "Nobody has to wait on this handheld." in capsys.readouterr().err
    await connection.execute("UPDATE devices SET wrong_tries = 10, locked_at = enrolled_at")
    await bopis("devices", "list", "S1")
    assert capsys.readouterr().out.rstrip().endswith("locked 2026-03-06")
    assert await bopis("devices", "unlock", listed.split()[0]) == 0
    await connection.close()
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


@pytest.mark.parametrize(
    "given",
    [
        ("BOPIS_LINK_KEYS", "canary-and-no-json", "a JSON list of secrets"),
        ("BOPIS_LINK_KEYS", '["canary"]', "at least 16"),
        ("BOPIS_LINK_KEYS", "[]", "at least 1"),
        ("BOPIS_BASE_URL", "pickup.example/canary", "must begin with http"),
        ("BOPIS_POOL_SIZE", "99", "less than or equal to 16"),
        ("BOPIS_CLOCK", "2026", ""),
    ],
)
async def test_a_bad_setting_is_named_and_its_value_is_not(
    at: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, str, str],
) -> None:
    variable, value, said = given
    monkeypatch.setenv("BOPIS_LINK_KEYS", '["a secret of no value"]')
    monkeypatch.setenv(variable, value)

    assert await bopis("serve", "--port", "0") == 1

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"bopis: {variable}: ")
    assert said in lines[0]


async def test_a_database_that_is_not_there_is_said_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:canary@127.0.0.1:1/none")

    assert await bopis("keys", "list") == 1

    said = capsys.readouterr().err
    assert "cannot be reached" in said
    assert "canary" not in said


_CTRL_C = """
import runpy, sys

class CtrlC:
    def find_spec(self, name, *_):
        if name == {name!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
sys.argv = ["bopis", "keys", "list"]
runpy.run_module("bopis", run_name="__main__")
"""


@pytest.mark.parametrize("read", ["typer", "bopis.kernel.keys"])
def test_ctrl_c_ends_a_command_without_a_word(read: str) -> None:
    """Whenever it strikes: while Python reads us, or while the command runs."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _CTRL_C.format(name=read)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (cli.INTERRUPTED, "", "")


def test_help_lists_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bopis", "--help"], capture_output=True, text=True, check=True
    )

    for name in cli.COMMANDS:
        assert name in done.stdout
