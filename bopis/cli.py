"""The operator's side of the system.

Exit status: 0 done; 1 refused, with the reason on stderr; 2 the command line was wrong; 130 stopped
by Ctrl-C.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bopis import command

if TYPE_CHECKING:
    from bopis.kernel.events import Routes

KEYS: Final = typer.Typer(no_args_is_help=True)

INTERRUPTED: Final = 130

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "serve": ("bopis.cli:serve", "Serve HTTP."),
    "work": ("bopis.cli:work", "Run the jobs and carry the facts."),
    "migrate": ("bopis.cli:migrate", "Bring the database's schema up to date."),
    "demo": ("bopis.simulation.commands:demo", "Play a living day in a chain of made-up stores."),
    "replay": (
        "bopis.simulation.commands:replay",
        "Run published days of shopping through it all.",
    ),
    "month": (
        "bopis.simulation.month.commands:month",
        "Play a month of a chain, and hold our word against what was so.",
    ),
    "feed": ("inventory.commands:FEED", "Feeds of stock: where they come from, and their files."),
    "store": ("bopis.ops.hours.commands:STORE", "A store's time: hours, holidays, pauses."),
    "floor": ("bopis.ops.floor.commands:FLOOR", "A store's floor: its plan, what blocks it."),
    "picking": ("associates.commands:PICKING", "What a store wants scanned, and in which order."),
    "load": ("inventory.commands:load", "Take in stores, items or locations from a file."),
    "belief": ("inventory.belief.commands:belief", "Say how far a store's record is believed."),
    "explain": ("bopis.orders.commands:explain", "Print every fact of one order, oldest first."),
    "backtest": (
        "bopis.promises.commands:backtest",
        "Say how many promises would have been kept, under each way of making them.",
    ),
    "credits": ("bopis.orders.commands:credits_", "List what shoppers were credited, and why."),
    "verify": (
        "bopis.trust.commands:verify",
        "Check what must always be true; exit 1 if it is not.",
    ),
    "trust": (
        "bopis.trust.audit_commands:trust",
        "Say where our word and what was so came apart.",
    ),
    "repair": ("bopis.trust.commands:repair", "Mend stock that its ledger contradicts."),
    "keys": ("bopis.cli:KEYS", "API keys for channels, feeds and operators."),
    "devices": (
        "bopis.ops.handhelds.commands:DEVICES",
        "Handhelds: how they join a store, and leave.",
    ),
    "associates": ("bopis.ops.crew.commands:ASSOCIATES", "Who works in a store, and who no more."),
}
"""Where each command lives, and its line in the list. Only the one asked for is imported."""


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
    from bopis import worker  # noqa: PLC0415
    from bopis.kernel import logs, stopping  # noqa: PLC0415
    from bopis.settings import Settings  # noqa: PLC0415

    settings = Settings()
    logs.configure()
    command.run(worker.work(settings))
    stopping.leave()


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


def _commands(wanted: str) -> typer.Typer:
    made = typer.Typer(
        name="bopis",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",  # a paragraph is filled, however it was written
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @made.callback()
    def about() -> None:
        """Buy online, pick up in store: stock that is true, promises that are kept."""

    for name, (place, line) in COMMANDS.items():
        if name != wanted:
            made.command(name, help=line)(_not_asked_for)
            continue
        module, _, attribute = place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            made.add_typer(found, name=name, help=line)
        else:
            made.command(name)(found)
    return made


def _not_asked_for() -> None:
    raise AssertionError("only the command that was asked for is called")


def _routes() -> "Routes":
    from bopis import app as roof  # noqa: PLC0415

    return roof.routes()


def _settings_faults(error: ValidationError | SettingsError) -> Iterator[str]:
    """Say which variables are wrong and why; never what they hold."""
    if isinstance(error, SettingsError):  # of the one setting that is a list
        yield f"BOPIS_LINK_KEYS: has to be a JSON list of secrets, such as {_LIST_OF_SECRETS}"
        return
    prefix = {"Settings": "BOPIS", "NotificationSettings": "NOTIFICATIONS"}[error.title]
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else ""
        shown = name if name.isupper() else f"{prefix}_{name.upper()}".rstrip("_")
        yield f"{shown}: {fault['msg'].removeprefix('Value error, ')}"


_LIST_OF_SECRETS: Final = "'[\"16 characters or more\"]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    command.compose(_routes)
    try:
        _commands(words[0] if words else "")(words, prog_name="bopis")
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (ValidationError, SettingsError) as error:
        if isinstance(error, ValidationError) and not error.title.endswith("Settings"):
            raise  # our bug, not their variable
        for line in _settings_faults(error):
            print(f"bopis: {line}", file=sys.stderr)
        return 1
    except command.REFUSALS as refusal:
        print(f"bopis: {refusal}", file=sys.stderr)
        return 1
    return 0
