"""`bopis verify` and `bopis repair`, as an operator meets them."""

import asyncio
import json

import pytest
import typer
from typer.testing import CliRunner, Result

from bopis.kernel.database import Database
from bopis.trust import audit_commands, commands
from bopis.trust.invariants import INVARIANTS
from tests.bopis.trust import world

app = typer.Typer()
app.command()(commands.verify)
app.command()(commands.repair)
app.command()(audit_commands.trust)


@pytest.fixture(autouse=True)
def _address(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.delenv("BOPIS_CLOCK", raising=False)


async def bopis(*words: str) -> Result:
    """Run a command in a thread of its own: it brings its own event loop."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


async def test_verify_prints_each_invariant_and_says_that_all_hold() -> None:
    result = await bopis("verify")

    assert result.exit_code == 0
    assert result.output.count("ok     ") == len(INVARIANTS)
    assert f"All {len(INVARIANTS)} invariants hold." in result.output


async def test_a_drift_is_found_mended_and_gone(db: Database) -> None:
    await world.build(db)
    async with db.transaction() as tx:
        await tx.run("UPDATE stock SET on_hand = on_hand + 3")

    found = await bopis("verify")
    tried = await bopis("repair", "--dry-run")
    chosen = ("--reason", "a till was counted twice", "--believe", "stock")
    mended = await bopis("repair", *chosen)
    again = await bopis("repair", *chosen)

    assert found.exit_code == 1
    assert (
        "BROKEN      1  S2  A  Every number of the stock is the sum of its ledger" in found.output
    )
    assert "S1 oats: 21 on hand, 18 by its ledger" in found.output
    assert tried.exit_code == 1
    assert "either 3 came without an entry (believe the stock)" in tried.output
    assert "0 items would be mended." in tried.output
    assert "S1 oats: an entry of on hand +3" in mended.output
    assert again.output == "0 items mended.\n"


async def test_trust_says_which_gaps_qualify_and_why_the_others_do_not(db: Database) -> None:
    await world.build(db)

    said = await bopis("trust", "--days", "400", "--seed", "7")
    values = json.loads((await bopis("trust", "--days", "400", "--json")).output)

    assert said.exit_code == 0
    assert "None of ten kinds of gap qualify, in 3 orders on 1 store-day (" in said.output
    assert "bootstrap seed 7" in said.output
    assert "G2  time" in said.output
    assert (values["orders"], values["findings"]) == (3, [])
