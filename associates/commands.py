"""How a store picks, by the command line; and the labels of its totes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from associates.picking import pickings
from associates.picking.picking import How, ShelfFirst
from bopis import command
from bopis.kernel import speech
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory import stores

if TYPE_CHECKING:
    from associates.bagging.label import Size

PICKING: Final = typer.Typer(no_args_is_help=True)

_LANGUAGES: Final = ", ".join(speech.LANGUAGES)
_BY_COUNTRY: Final = "country"
Told = tuple[How, str]
"""How a store picks, and the language that is spoken there."""

Store = Annotated[str, typer.Argument(help="The store's id.")]


@asynccontextmanager
async def _in_store(store: str) -> AsyncIterator[tuple[Tx, StoreId]]:
    store_id = StoreId(store)
    async with command.database() as db, db.transaction(store_id, actor="system") as tx:
        await stores.get(tx, store_id)
        yield tx, store_id


@PICKING.command("show")
def show(store: Store) -> None:
    """Print what a store wants scanned, and what comes first on its walks."""

    async def read() -> Told:
        async with _in_store(store) as (tx, store_id):
            return await pickings.of(tx, store_id), await pickings.language(tx, store_id)

    _print(*command.run(read()))


@PICKING.command("set")
def set_(
    store: Store,
    *,
    shelf_first: Annotated[
        ShelfFirst | None, typer.Option(help="Scan the shelf before the item.")
    ] = None,
    scan_totes: Annotated[
        bool | None, typer.Option(help="Scan the tote after each line of a wave.")
    ] = None,
    heavy: Annotated[
        Literal["first", "last"] | None, typer.Option(help="When what is heavy is fetched.")
    ] = None,
    alone: Annotated[
        int | None, typer.Option(min=0, help="Units that one person may write off alone.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help=f"{_LANGUAGES}, or country: that of its country.")
    ] = None,
) -> None:
    """Say how a store picks from now on; what is left out stays as it is."""
    if language is not None and language not in {*speech.LANGUAGES, _BY_COUNTRY}:
        raise command.Refusal(f"--language {language}: it is {_LANGUAGES}, or {_BY_COUNTRY}.")

    async def write() -> Told:
        async with _in_store(store) as (tx, store_id):
            was = await pickings.of(tx, store_id)
            how = How(
                was.shelf_first if shelf_first is None else shelf_first,
                was.totes if scan_totes is None else scan_totes,
                was.heavy_first if heavy is None else heavy == "first",
                was.alone if alone is None else alone,
                was.language if language is None else language.replace(_BY_COUNTRY, ""),
            )
            await pickings.configure(tx, store_id, how)
            return how, await pickings.language(tx, store_id)

    _print(*command.run(write()))


def _print(how: How, spoken: str) -> None:
    typer.echo(f"scan the shelf first: {how.shelf_first}")
    typer.echo(f"scan the tote:        {'yes' if how.totes else 'no'}")
    typer.echo(f"one person writes off: up to {how.alone} units, more than that takes two")
    typer.echo(f"heavy things come:    {'first' if how.heavy_first else 'last, before the cold'}")
    by = "as it says" if how.language else "by its country"
    typer.echo(f"its language:         {speech.LANGUAGES[spoken]}, {by}")


@PICKING.command("labels")
def labels(
    size: Annotated[str, typer.Option(help="62x29 or 100x50, in mm.")] = "100x50",
    store: Annotated[str | None, typer.Option(help="In the language of this store.")] = None,
) -> None:
    """Print the labels of a cart's totes in ZPL, to be sent to a label printer's port 9100."""
    from associates.bagging import tote_sheet  # noqa: PLC0415 -- it draws, which nothing else here does

    sizes: dict[str, Size] = {"62x29": "62x29", "100x50": "100x50"}
    if size not in sizes:
        raise command.Refusal(f"--size {size}: it is 62x29 or 100x50.")

    async def spoken(name: str) -> str:
        async with _in_store(name) as (tx, store_id):
            return await pickings.language(tx, store_id)

    with speech.speaking(command.run(spoken(store)) if store else speech.SOURCE):
        typer.echo(tote_sheet.zpl(sizes[size]).decode(), nl=False)
