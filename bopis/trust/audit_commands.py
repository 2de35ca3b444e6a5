"""`bopis trust`: the gaps between what we said and what was so."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from bopis import command
from bopis.kernel.ids import StoreId
from bopis.trust import audit_words, audits
from bopis.trust.audit import Audit


def trust(
    *,
    days: Annotated[int, typer.Option(min=1, max=400, help="How far back to look.")] = 28,
    store: Annotated[str | None, typer.Option(help="Of this store only.")] = None,
    seed: Annotated[
        int, typer.Option(help="Of the bootstrap; the same seed, the same answer.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Print up to three gaps between what was said and what was so, and what drives each.

    Fewer where fewer qualify: by enough orders, and by more than chance.
    """

    async def look() -> tuple[Audit, datetime, datetime]:
        async with command.database() as db:
            until = db.clock()
            since = until - timedelta(days=days)
            only = StoreId(store) if store else None
            return await audits.run(db, since, until, only_store=only, seed=seed), since, until

    found, since, until = command.run(look())
    if as_json:
        typer.echo(audit_words.to_json(found), nl=False)
        return
    typer.echo(f"Promises due from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC.\n")
    typer.echo(audit_words.text(found), nl=False)
