"""The operator's hand on handhelds: how they join a store, and leave."""

from typing import Annotated, Final

import typer

from associates.handheld import devices
from associates.models import Device
from bopis import command
from bopis.kernel.ids import DeviceId, inward
from bopis.ops.commands import Note, Store, in_store
from bopis.ops.handhelds import deeds

DEVICES: Final = typer.Typer(no_args_is_help=True)


@DEVICES.command("code")
def code(store: Store) -> None:
    """Print a code that lets one handheld join a store within the next 15 minutes."""

    async def make() -> str:
        async with in_store(store) as (tx, store_id):
            return await devices.new_code(tx, store_id)

    typer.echo(command.run(make()))


@DEVICES.command("list")
def list_devices(store: Store) -> None:
    """List a store's handhelds, those that joined last first."""

    async def read() -> list[Device]:
        async with in_store(store) as (tx, store_id):
            return await devices.listed(tx, store_id)

    for one in command.run(read()):
        end = f"locked {one.locked_at:%Y-%m-%d}" if one.locked_at else "let in"
        end = f"shut out {one.revoked_at:%Y-%m-%d}" if one.revoked_at else end
        typer.echo(f"{one.store_id}.{one.id.hex}  {one.name:<24} {one.enrolled_at:%Y-%m-%d}  {end}")


@DEVICES.command("revoke")
def revoke(
    device: Annotated[str, typer.Argument(help="Its id, as `devices list` shows.")],
    note: Note = "by the command line",
) -> None:
    """Shut a handheld out, from its next request on."""
    store, id_ = inward(device)

    async def act() -> None:
        async with in_store(store) as (tx, store_id):
            await deeds.revoke_device(tx, store_id, DeviceId(id_), note=note)

    command.run(act())


@DEVICES.command("unlock")
def unlock(
    device: Annotated[str, typer.Argument(help="Its id, as `devices list` shows.")],
    note: Note = "by the command line",
) -> None:
    """Let people sign in at once on a handheld that wrong tries have locked."""
    store, id_ = inward(device)

    async def act() -> None:
        async with in_store(store) as (tx, store_id):
            await deeds.unlock_device(tx, store_id, DeviceId(id_), note=note)

    command.run(act())
