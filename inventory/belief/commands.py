"""How a store is believed, from a terminal."""

from typing import Annotated

import typer

from bopis import command
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.belief import policies
from inventory.belief.models import BeliefMode
from inventory.belief.odds import Costs
from inventory.belief.policies import Policy


def belief(
    store: Annotated[str, typer.Argument(help="Which store.")],
    *,
    mode: Annotated[
        BeliefMode | None, typer.Option(help="off: trust the record; watch: learn; on: act on it.")
    ] = None,
    margin: Annotated[float | None, typer.Option(min=0.01, help="What a line earns.")] = None,
    failure: Annotated[
        float | None, typer.Option(min=0.01, help="What a broken one costs.")
    ] = None,
    alternative: Annotated[
        float | None, typer.Option(min=0, help="What another store would earn.")
    ] = None,
) -> None:
    """Say how far a store's stock record is believed, or change it."""
    store_id = StoreId(store)

    async def told() -> Policy:
        async with command.database() as db, db.transaction(store_id) as tx:
            await stores.get(tx, store_id)
            now = await policies.get(tx, store_id)
            costs = Costs(
                now.costs.margin if margin is None else margin,
                now.costs.failure if failure is None else failure,
                now.costs.alternative if alternative is None else alternative,
            )
            if mode is not None or costs != now.costs:
                await policies.put(tx, store_id, mode or now.mode, costs)
            return await policies.get(tx, store_id)

    policy = command.run(told())
    known = policy.known
    typer.echo(f"{store} is {policy.mode}: we promise what is found {policy.costs.threshold:.0%}.")
    if not known.is_calibrated:
        typer.echo("Too few picks yet: a cap needs somebody who has looked.")
        return
    whose = "its own" if known.is_own else "those of all stores"
    typer.echo(f"Its chances are held against picks, {whose}; it has made {known.looks:,}.")
