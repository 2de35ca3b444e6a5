"""`bopis verify` and `bopis repair`: is everything still true, and what to do where it is not."""

from typing import Annotated

import typer

from bopis import command
from bopis.trust import repair as repairs
from bopis.trust import verify as verification
from bopis.trust.verify import Finding


def verify() -> None:
    """Check every invariant and print each with its count; exit 1 if any is broken."""

    async def look() -> list[Finding]:
        async with command.database() as db:
            return await verification.verify(db)

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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> None:
    """Mend stock whose numbers and ledger disagree, by ledger entries with a reason."""

    async def mend() -> list[repairs.Mended]:
        async with command.database() as db:
            why = reason or ("dry run" if dry_run else "")
            return await repairs.repair(db, why, actor="ops:cli", dry_run=dry_run)

    mended = command.run(mend())
    for one in mended:
        typer.echo(
            f"{one.store_id} {one.sku}: stock reserved {one.reserved_by:+d}; ledger on hand"
            f" {one.on_hand:+d}, reserved {one.reserved:+d}, unsellable {one.unsellable:+d}"
        )
    what = "would be mended" if dry_run else "mended"
    typer.echo(f"{len(mended)} items {what}.")
