"""How well promises would have been kept, from a terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from bopis import command
from bopis.promises import backtest as playing
from bopis.promises import backtest_page as page
from bopis.promises import made_up, recorded
from bopis.promises.backtest import OURS, Ours, Past, Played
from bopis.promises.recorded import StoreDays

DOCS: Final = Path(__file__).parents[2] / "docs"


def backtest(
    *,
    from_database: Annotated[
        bool,
        typer.Option("--from-database", help="Play the orders that this database remembers."),
    ] = False,
    seed: Annotated[int, typer.Option(min=1, help="Which made-up weeks.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many more, ours alone.")] = 10,
    write: Annotated[
        bool, typer.Option("--write", help="Put the figures into docs/promises.md.")
    ] = False,
) -> None:
    """Play orders again under each way of promising, and say how many would have been kept.

    Without a database: 8,000 orders of a made-up store, 800 of them with one of three people away.
    Ends with 1 where our way misses more than it may: 10 of 100 within 2 points overall, and no
    more than 20 of 100 in any 200 orders in a row.
    """
    if from_database:
        if write:
            raise typer.BadParameter("--write is for the made-up weeks, which anybody can repeat.")
        _of_database()
        return
    spell = made_up.SPELL
    found = playing.compared(made_up.days(seed))
    typer.echo(f"{made_up.ORDERS:,} orders, seed {seed}; one of three away in {len(spell)}.\n")
    typer.echo(page.table(found, spell))
    typer.echo(f"\n{page.verdict(found[OURS])}")
    others = [(n, _ours(made_up.days(n))) for n in range(seed + 1, seed + seeds)]
    for line in page.other_luck(others, spell):
        typer.echo(line)
    pasts = made_up.chain(seed)
    many = page.by_store(pasts, playing.compared(pasts))
    typer.echo(f"\nThe same number of orders in twenty small stores:\n\n{many}")
    if write:
        luck = "\n".join(page.other_luck(others, spell))
        figures = page.figures(found, spell, luck=luck, many=many)
        page.write(DOCS, figures, page.drawing(found, spell))
        typer.echo(f"\nWritten to {DOCS / 'promises.md'}.")
    if any(played.faults() for _, played in [(seed, found[OURS]), *others]):
        raise typer.Exit(1)


def _ours(pasts: Sequence[Past]) -> Played:
    return playing.play(pasts, Ours())


def _of_database() -> None:
    async def read() -> tuple[list[Past], StoreDays]:
        async with command.database() as db:
            return await recorded.orders(db)

    pasts, days = command.run(read())
    for line in told(pasts, days):
        typer.echo(line)
    if not pasts:
        raise typer.Exit(1)
    if playing.play(pasts, Ours(), days).faults() and len(pasts) >= playing.WINDOW:
        raise typer.Exit(1)


def told(pasts: Sequence[Past], days: StoreDays) -> Iterator[str]:
    """Say what each way would have kept of recorded orders."""
    if not pasts:
        yield "This database remembers no order that became ready or late: nothing to play."
        return
    late = sum(past.took == float("inf") for past in pasts)
    stores = len({past.store for past in pasts})
    yield f"{len(pasts):,} recorded orders of {stores} stores; {late:,} were never seen ready."
    found = playing.compared(pasts, days)
    yield ""
    yield page.table(found)
    yield ""
    yield page.by_store(pasts, found)
    yield ""
    yield page.verdict(found[OURS])
