"""The operator's side of the system.

Exit status: 0 done; 1 refused, with the reason on stderr; 2 the command line was wrong.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from pydantic import ValidationError

from bopis import command

if TYPE_CHECKING:
    from bopis.kernel.events import Routes

KEYS: Final = typer.Typer(no_args_is_help=True, help="API keys for channels, feeds and operators.")
DEVICES: Final = typer.Typer(no_args_is_help=True, help="Handhelds and how they join a store.")

COMMANDS: Final[dict[str, str]] = {
    "serve": "bopis.cli:serve",
    "work": "bopis.cli:work",
    "migrate": "bopis.cli:migrate",
    "demo": "bopis.simulation.commands:demo",
    "replay": "bopis.simulation.commands:replay",
    "feed": "inventory.commands:feed",
    "explain": "bopis.orders.commands:explain",
    "verify": "bopis.trust.commands:verify",
    "repair": "bopis.trust.commands:repair",
    "keys": "bopis.cli:KEYS",
    "devices": "bopis.cli:DEVICES",
}
"""Where each command lives. Only the one that is asked for is imported: so it starts at once."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
) -> None:
    """Serve HTTP: the web shops, handhelds, shoppers and store operations.

    Needs DATABASE_URL and BOPIS_LINK_KEYS. SIGTERM ends it within three seconds, live pages
    included.
    """
    from bopis import serving  # noqa: PLC0415 - each command imports what it needs

    serving.serve(host=host, port=port, workers=workers)


def work() -> None:
    """Run the jobs and carry the facts: at least one process beside `serve`.

    Needs DATABASE_URL and BOPIS_LINK_KEYS. More than one may run; each job is done by one of them.
    """
    from bopis.kernel import logs  # noqa: PLC0415
    from bopis.settings import Settings  # noqa: PLC0415
    from bopis.work import work as until_stopped  # noqa: PLC0415

    settings = Settings()
    logs.configure()
    command.run(until_stopped(settings))


def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; say whether anything is missing.")
    ] = False,
) -> None:
    """Bring the database's schema to where this version expects it."""
    from bopis import migrate as schema  # noqa: PLC0415

    with command.dsn() as address:
        found = command.run(_revision(address))
        if found == schema.head():
            typer.echo(f"The schema is up to date ({found}).")
            return
        if check:
            raise command.Refusal(
                f"The schema is at {found or 'nothing'}; this version needs {schema.head()}."
            )
        schema.upgrade(address)
    typer.echo(f"The schema went from {found or 'nothing'} to {schema.head()}.")


async def _revision(address: str) -> str | None:
    from bopis import migrate as schema  # noqa: PLC0415

    async with command.connection(address) as connection:
        return await schema.current(connection)


@KEYS.command("add")
def add_key(
    kind: Annotated[str, typer.Argument(help="channel, feed or ops.")],
    name: Annotated[str, typer.Argument(help="The web shop, the stock system, the desk.")],
    store: Annotated[str | None, typer.Option(help="The key sees this store only.")] = None,
) -> None:
    """Make an API key and print it: once, for it is stored hashed."""
    from bopis.kernel import keys  # noqa: PLC0415
    from bopis.kernel.ids import StoreId  # noqa: PLC0415

    if kind not in set(keys.KeyKind):
        raise typer.BadParameter(f"{kind!r} is not one of {', '.join(keys.KeyKind)}.")

    async def add() -> str:
        async with command.database() as db, db.transaction(actor="system") as tx:
            only = StoreId(store) if store else None
            _, secret = await keys.add(tx, keys.KeyKind(kind), name, only_store=only)
            return secret

    typer.echo(command.run(add()))


@KEYS.command("list")
def list_keys() -> None:
    """List the keys there are; never their secrets."""
    from bopis.kernel import keys  # noqa: PLC0415

    async def read() -> list[keys.ApiKey]:
        async with command.database() as db, db.transaction() as tx:
            return await keys.listed(tx)

    for key in command.run(read()):
        end = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "live"
        typer.echo(
            f"{key.id}  {key.kind:<8} {key.name:<24} {key.only_store or 'all stores':<16} {end}"
        )


@KEYS.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="As `keys list` shows it.")]) -> None:
    """End a key's life, within seconds."""
    from uuid import UUID  # noqa: PLC0415

    from bopis.kernel import keys  # noqa: PLC0415

    try:
        wanted = UUID(key_id)
    except ValueError:
        raise typer.BadParameter(f"{key_id!r} is not the id of a key.") from None

    async def revoke() -> None:
        async with command.database() as db, db.transaction() as tx:
            if wanted not in {key.id for key in await keys.listed(tx)}:
                raise command.Refusal(f"There is no key {wanted}.")
            await keys.revoke(tx, wanted)

    command.run(revoke())


@DEVICES.command("code")
def enrolment_code(store: Annotated[str, typer.Argument(help="The store's id.")]) -> None:
    """Print a code that lets one handheld join a store within the next 15 minutes."""
    from associates import devices  # noqa: PLC0415
    from bopis.kernel.ids import StoreId  # noqa: PLC0415
    from inventory import stores  # noqa: PLC0415

    async def make() -> str:
        store_id = StoreId(store)
        async with command.database() as db, db.transaction(store_id) as tx:
            await stores.get(tx, store_id)
            return await devices.new_code(tx, store_id)

    typer.echo(command.run(make()))


def _commands(names: Sequence[str]) -> typer.Typer:
    made = typer.Typer(
        name="bopis",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @made.callback()
    def about() -> None:
        """Buy online, pick up in store: stock that is true, promises that are kept."""

    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            made.add_typer(found, name=name)
        else:
            made.command(name)(found)
    return made


def _routes() -> "Routes":
    from bopis import app as roof  # noqa: PLC0415

    return roof.routes()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    first = words[0] if words else ""
    command.compose(_routes)
    try:
        _commands([first] if first in COMMANDS else list(COMMANDS))(words, prog_name="bopis")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except ValidationError as error:  # of the settings: say which, never the value
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else "settings"
            shown = name if name.isupper() else f"BOPIS_{name.upper()}"
            print(f"bopis: {shown}: {fault['msg']}", file=sys.stderr)
        return 1
    except command.REFUSALS as refusal:
        print(f"bopis: {refusal}", file=sys.stderr)
        return 1
    return 0
