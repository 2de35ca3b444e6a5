"""`bopis verify` and `bopis repair`: is everything still true, and what to do where it is not."""

from typing import Annotated

import typer

from bopis import command
from bopis.trust import repair as repairs
from bopis.trust import verify as verification
from bopis.trust.drift import Believe
from bopis.trust.verify import Finding


def verify(
    examples: Annotated[
        int, typer.Option(min=0, help="How many of each to list, at most.")
    ] = verification.EXAMPLES,
) -> None:
    """Check every invariant and print each with its count; exit 1 if any is broken."""

    async def look() -> list[Finding]:
        async with command.database() as db:
            return await verification.verify(db, examples=examples)

    findings = command.run(look())
    for one in findings:
        mark = "BROKEN" if one.count else "ok"
        invariant = one.invariant
        typer.echo(
            f"{mark:<7}{one.count:>6}  {invariant.id:<4}{invariant.level}  {invariant.sentence}"
        )
        for example in one.examples:
            typer.echo(f"{'':>15}{example}")
    broken = [one for one in findings if one.count]
    if broken:
        typer.echo(f"{len(broken)} of {len(findings)} invariants are broken.", err=True)
        raise typer.Exit(1)
    typer.echo(f"All {len(findings)} invariants hold.")


def repair(
    reason: Annotated[str, typer.Option(help="Why; kept with every entry.")] = "",
    *,
    believe: Annotated[
        Believe | None,
        typer.Option(help="Whom to believe where there are two explanations."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> None:
    """Mend stock whose numbers and ledger disagree, by ledger entries with a reason.

    What has more than one explanation is left and said, and then this exits with 1.
    """

    async def mend() -> list[repairs.Mended]:
        async with command.database() as db:
            why = reason or ("dry run" if dry_run else "")
            return await repairs.repair(db, why, actor="ops:cli", dry_run=dry_run, believe=believe)

    found = command.run(mend())
    for one in found:
        typer.echo(f"{one.store_id} {one.sku}: {one.remedy}")
    what = "would be mended" if dry_run else "mended"
    typer.echo(f"{sum(one.remedy.does_something for one in found)} items {what}.")
    doubtful = sum(bool(one.remedy.doubts) for one in found)
    if doubtful:
        typer.echo(
            f"{doubtful} have more than one explanation: find out which is true (a count says what"
            " is there), then repeat with --believe stock or --believe ledger.",
            err=True,
        )
        raise typer.Exit(1)
