"""What blocks an aisle, by the command line: decided, and noted, as on the page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

import typer

from bopis import command
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.ops.floor import deeds
from inventory import stores
from inventory.layout import floors
from inventory.layout.floor import Block, Direction, Way
from inventory.layout.floor_commands import FLOOR, Store

Aisle = Annotated[str, typer.Argument(help="As its sign says.")]
Zone = Annotated[str, typer.Option(help="Where two aisles have one name.")]


@asynccontextmanager
async def _in_store(store: str) -> AsyncIterator[tuple[Tx, StoreId, str]]:
    store_id = StoreId(store)
    async with (
        command.database() as db,
        db.transaction(store_id, actor=command.operator()) as tx,
    ):
        yield tx, store_id, (await stores.get(tx, store_id)).time_zone


@FLOOR.command("block")
def block(
    store: Store,
    aisle: Aisle,
    *,
    reason: Annotated[str, typer.Option(help="What stands there. Associates read it.")],
    zone: Zone = "",
    until: Annotated[str, typer.Option(help="Until when: 15:00 or 2026-03-06T15:00.")] = "",
    bays: Annotated[str, typer.Option(help="Beside which bays: 4-6. Else all of it.")] = "",
    direction: Annotated[
        Direction, typer.Option(help="Which way nobody walks: forth is from its first bay on.")
    ] = Direction.BOTH,
) -> None:
    """Say that something stands in an aisle: walks lead round it from now on."""

    async def write() -> Way:
        async with _in_store(store) as (tx, store_id, time_zone):
            made = Block(reason, _until(until, time_zone, tx.now), floors.bays(bays), direction)
            return await deeds.block(tx, store_id, aisle, made, zone=zone)

    way = command.run(write())
    typer.echo(f"Aisle {way.aisle} is blocked. Walks that are under way are planned again.")


@FLOOR.command("free")
def free(store: Store, aisle: Aisle, *, zone: Zone = "") -> None:
    """Say that an aisle can be walked again."""

    async def write() -> Way:
        async with _in_store(store) as (tx, store_id, _):
            return await deeds.free(tx, store_id, aisle, zone=zone)

    typer.echo(f"Aisle {command.run(write()).aisle} can be walked.")


def _until(text: str, zone: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        return floors.moment(text, zone, now)
    except ValueError:
        raise command.Refusal(f"--until {text}: write it as 15:00 or 2026-03-06T15:00.") from None
