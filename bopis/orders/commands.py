"""The operator's window on one order."""

from typing import Annotated

import typer

from bopis import command
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import OrderId, StoreId, inward
from bopis.orders import orders
from bopis.orders.amends import grants
from bopis.orders.amends.apology_models import Credit
from bopis.orders.models import Order
from bopis.orders.orders import Fact
from notifications import messages
from notifications.models import Message


def credits_(
    store: Annotated[str | None, typer.Argument(help="Of this store only.")] = None,
    *,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only those that no shop has paid out yet.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
) -> None:
    """List what shoppers were credited because we broke our word, the newest first."""
    found = command.run(
        _credits(StoreId(store) if store else None, unsettled=open_only, limit=limit)
    )
    for number, credit in found:
        paid = f"paid out {credit.settled_at:%Y-%m-%d}" if credit.settled_at else "not paid out"
        typer.echo(
            f"{credit.granted_at:%Y-%m-%d %H:%M}  {credit.store_id:<10} {number:<10}"
            f" {credit.tier:<10} {credit.amount:>9.2f} {credit.currency}  {paid}"
        )
    if not found:
        typer.echo("No credits." if not open_only else "No credits wait to be paid out.")


async def _credits(
    store_id: StoreId | None, *, unsettled: bool, limit: int
) -> list[tuple[str, Credit]]:
    async with command.database() as db, db.transaction() as tx:
        return await grants.listed(tx, store_id, unsettled=unsettled, limit=limit)


def explain(
    order: Annotated[str, typer.Argument(help="Its number (7QK-4M2), or its id.")],
) -> None:
    """Print everything that happened to one order, oldest first, and all we said about it."""
    command.run(_explain(order))


async def _explain(text: str) -> None:
    async with command.database() as db:
        async with db.transaction() as tx:
            store_id, order_id = await _meant(tx, text)
        async with db.transaction(store_id) as tx:
            order = await orders.get(tx, store_id, order_id)
            facts = await orders.history(tx, store_id, order_id)
            said = await messages.history(tx, store_id, order_id)
    typer.echo("\n".join(told(order, facts, said)))


async def _meant(tx: Tx, text: str) -> tuple[StoreId, OrderId]:
    try:
        store_id, order_id = inward(text)
    except NotFound:
        return await orders.find(tx, text.strip().upper())
    return store_id, OrderId(order_id)


def told(order: Order, facts: list[Fact], said: list[Message]) -> list[str]:
    """Return the story of an order, a line for each fact and each message."""
    head = (
        f"{order.number} ({order.store_id}, {order.channel} {order.reference}) is {order.state}; "
        f"promise {order.promise_version} is {order.promised_at:%d %b %H:%M} UTC, "
        f"{order.promise_status}"
    )
    lines = [(fact.occurred_at, 0, _of_fact(fact)) for fact in facts]
    lines += [(message.created_at, 1, _of_message(message)) for message in said]
    lines.sort(key=lambda line: line[:2])
    return [head, *(f"{at:%d %b %H:%M:%S}  {text}" for at, _, text in lines)]


def _of_fact(fact: Fact) -> str:
    details = "  ".join(f"{k}={v}" for k, v in fact.payload.items() if k != "order_id")
    return f"{fact.name:<20} {details}  by {fact.actor}"


def _of_message(message: Message) -> str:
    why = f": {message.reason}" if message.reason else ""
    return f"{'  we wrote':<20} {message.kind} is {message.state}{why}"
