"""A store's floor by the command line: its plan. What blocks it, is decided at store operations."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import typer

from bopis import command
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.commands import SHOWN, FileArgument, chunks, form
from inventory.feeds import intake
from inventory.feeds.rejects import EXPLAINED, Reason
from inventory.layout import floor_files, floors
from inventory.layout.floor import Direction, Floor, Way
from inventory.schemas import LoadedOut

FLOOR: Final = typer.Typer(no_args_is_help=True)

Store = Annotated[str, typer.Argument(help="The store's id.")]


@FLOOR.command("load")
def load(file: FileArgument) -> None:
    """Take in plans of floors, CSV or NDJSON. The same file again changes nothing.

    Columns: store_id, kind (aisle, cross, counter, staging, entrance, backroom), name, zone, x, y,
    x2, y2 in meters, first_bay, last_bay, one_way (yes or no).
    """

    async def loaded() -> LoadedOut:
        async with (
            command.database() as db,
            intake.received(chunks(file), form(file)) as opened,
        ):
            return LoadedOut.of(await floor_files.load(db, opened, actor="system"))

    out = command.run(loaded())
    typer.echo(f"floor: {out.rows} rows, {out.written} written, {out.rejected} rejected")
    for one in out.rejects[:SHOWN]:
        typer.echo(f"  line {one.line}, {one.field}: {EXPLAINED[Reason(one.reason)]} {one.raw!r}")
    if out.rejected:
        raise command.Refusal("Nothing was written: half a floor is worse than none.")


@asynccontextmanager
async def _in_store(store: str) -> AsyncIterator[tuple[Tx, StoreId, str]]:
    store_id = StoreId(store)
    async with command.database() as db, db.transaction(store_id, actor="system") as tx:
        yield tx, store_id, (await stores.get(tx, store_id)).time_zone


@FLOOR.command("show")
def show(store: Store) -> None:
    """Print what we know of a store's floor, and which aisles nobody can get to."""

    async def read() -> list[str]:
        async with _in_store(store) as (tx, store_id, _):
            floor = await floors.of(tx, store_id)
            return list(_told(floor)) if floor else [f"We have no plan of store {store_id}."]

    typer.echo("\n".join(command.run(read())))


def _told(floor: Floor) -> Iterator[str]:
    for way in floor.ways:
        yield _line(way)
    for point in floor.points:
        yield f"{point.kind:<9} {point.label:<24} at {point.x:g}, {point.y:g}".rstrip()
    for way in floors.unreached(floor):
        yield f"Nobody can get to aisle {way.aisle} from the counter."


def _line(way: Way) -> str:
    (x1, y1), (x2, y2) = way.start, way.end
    bays = f", bays {way.bays[0]} to {way.bays[1]}" if way.bays else ""
    one_way = ", one way" if way.is_one_way else ""
    kind = "cross" if way.is_cross else "aisle"
    name = f"{way.zone} {way.aisle}".strip()
    blocked = ""
    if way.block:
        only = "" if way.block.direction is Direction.BOTH else f" ({way.block.direction})"
        blocked = f"; BLOCKED{only}: {way.block.reason}"
    return f"{kind:<9} {name:<24} {x1:g}, {y1:g} to {x2:g}, {y2:g}{bays}{one_way}{blocked}"
