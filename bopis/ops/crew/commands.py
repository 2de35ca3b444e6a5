"""The operator's hand on who works in a store: taken on, given a badge, let in no more."""

from pathlib import Path
from typing import Annotated, Final

import typer

from associates.crew import badges, people, staff
from associates.crew.staff import Staff
from associates.models import Associate
from bopis import command
from bopis.kernel.database import Tx
from bopis.kernel.ids import AssociateId, StoreId
from bopis.ops.commands import Note, Store, in_store
from bopis.ops.crew import deeds
from bopis.ops.crew.present import FORGOTTEN
from bopis.settings import Settings
from inventory import stores
from inventory.feeds.intake import File
from inventory.feeds.records import Format
from inventory.feeds.rejects import EXPLAINED

ASSOCIATES: Final = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The associate's number, as `associates list` shows.")]


async def _who(tx: Tx, store_id: StoreId, number: str) -> AssociateId:
    associate_id = await people.find(tx, store_id, number)
    if associate_id is None:
        raise command.Refusal(f"Nobody who works in {store_id} has the number {number}.")
    return associate_id


def _configure_badges() -> None:
    """Hash badges as the web server does. Needs BOPIS_LINK_KEYS; the database is open already."""
    settings = Settings.model_validate({"DATABASE_URL": ""})
    badges.configure([key.get_secret_value() for key in settings.link_keys])


@ASSOCIATES.command("list")
def list_associates(store: Store) -> None:
    """List who works in a store, and who has left."""

    async def read() -> list[Associate]:
        async with in_store(store) as (tx, store_id):
            return await people.listed(tx, store_id)

    for one in command.run(read()):
        ways = [way for way, has in (("badge", one.badge_digest), ("PIN", one.pin_hash)) if has]
        left = f"has left {one.left_at:%Y-%m-%d}" if one.left_at else "has left"
        standing = " or ".join(ways) if one.is_active else left
        number, name = (one.number, one.name) if one.name else ("", FORGOTTEN)
        typer.echo(f"{number:<20}  {name:<24} {standing}")


@ASSOCIATES.command("add")
def add(
    store: Store,
    number: Annotated[str, typer.Argument(help="What they type with a PIN; theirs for good.")],
    name: Annotated[str, typer.Argument(help="As colleagues read it on a handheld.")],
    *,
    pin: Annotated[bool, typer.Option("--pin", help="Ask for a PIN as well.")] = False,
) -> None:
    """Take somebody on and print their badge's code: once, for it is stored hashed.

    Print it as a Code 128 barcode. Needs BOPIS_LINK_KEYS, as `bopis serve` does.
    """
    chosen = typer.prompt("PIN", hide_input=True, confirmation_prompt=True) if pin else None

    async def take_on() -> str:
        pin_hash = await people.hash_pin(chosen) if chosen is not None else None
        async with in_store(store) as (tx, store_id):
            _configure_badges()
            badge = badges.make()
            await people.add(tx, store_id, number=number, name=name, badge=badge, pin_hash=pin_hash)
            return badge

    typer.echo(command.run(take_on()))


@ASSOCIATES.command("import")
def import_staff(
    store: Store,
    file: Annotated[Path, typer.Argument(help="CSV or .ndjson: number, name; all who work there.")],
    leavers: Annotated[str, typer.Option(help="The code of those who have left.")] = "",
) -> None:
    """Take on who is new, and say who is missing; they leave only by the code that is said.

    Prints the code of each new badge: once. Needs BOPIS_LINK_KEYS, as `bopis serve` does.
    """

    async def load() -> Staff:
        form = Format.NDJSON if file.suffix.lower() in {".ndjson", ".jsonl"} else Format.CSV
        with file.open("rb") as content:
            async with command.database() as db:
                _configure_badges()
                found = await staff.read(db, File(content, form, ""))
                async with db.transaction(StoreId(store), actor="system") as tx:
                    await stores.get(tx, StoreId(store))
                    await deeds.take_in_staff(tx, StoreId(store), found, leavers)
        return found

    try:
        found = command.run(load())
    except OSError as error:
        raise command.Refusal(f"{file} cannot be read: {error.strerror}.") from None
    for one, made in found.new:
        typer.echo(f"{one.number:<20}  {one.name:<24} {made}")
    for line, about, reason, raw in found.loaded.rejects:
        typer.echo(f"Line {line}: {about}: {EXPLAINED[reason]} ({raw})", err=True)
    typer.echo(
        f"{len(found.new)} taken on, {found.renamed} renamed, {found.loaded.rejected} not taken,"
        f" {found.left} have left."
    )
    if found.missing and not found.left:
        _tell_missing(store, file, found)


def _tell_missing(store: str, file: Path, found: Staff) -> None:
    typer.echo(f"Not in this file, and still let in ({len(found.missing)}):")
    for one in found.missing:
        typer.echo(f"{one.number:<20}  {one.name}")
    if found.code:
        again = f"bopis associates import {store} {file} --leavers {found.code}"
        typer.echo(f"If all of them have left: {again}")
    else:
        typer.echo("Put the lines right that were not taken: they may be among these.")


@ASSOCIATES.command("badge")
def badge(store: Store, number: Number, note: Note = "by the command line") -> None:
    """Replace a lost badge and print the new one's code; the old one opens nothing from now on."""

    async def replace() -> str:
        async with in_store(store) as (tx, store_id):
            _configure_badges()
            who = await _who(tx, store_id, number)
            return await deeds.new_badge(tx, store_id, who, note=note)

    typer.echo(command.run(replace()))


@ASSOCIATES.command("deactivate")
def deactivate(store: Store, number: Number, note: Note = "by the command line") -> None:
    """Let somebody who has left in no more: their session ends now, their walk is free."""

    async def act() -> None:
        async with in_store(store) as (tx, store_id):
            who = await _who(tx, store_id, number)
            await deeds.deactivate(tx, store_id, who, note=note)

    command.run(act())


@ASSOCIATES.command("unlock")
def unlock_person(store: Store, number: Number, note: Note = "by the command line") -> None:
    """Let somebody sign in at once who has to wait after wrong tries."""

    async def act() -> None:
        async with in_store(store) as (tx, store_id):
            who = await _who(tx, store_id, number)
            await deeds.unlock_person(tx, store_id, who, note=note)

    command.run(act())
