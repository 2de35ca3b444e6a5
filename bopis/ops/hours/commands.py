"""A store's time by the command line: its days ahead, pauses, and public holidays on request."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import typer

from bopis import command
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.ops.events import OpsNoted
from bopis.ops.hours import deeds, present, reads
from inventory import stores
from inventory.opening import pauses
from inventory.opening.holidays import Change, Spans
from inventory.opening.pause import Pause, PauseReason, is_known

STORE: Final = typer.Typer(no_args_is_help=True)

Store = Annotated[str, typer.Argument(help="The store's id.")]
Note = Annotated[str, typer.Option(help="Why. It is kept.")]
_AFTER: Final = re.compile(r"\+(\d{1,3})(m|h|d)")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_HOLIDAYS: Final = UUID("c2f0b9a4-6a5b-5b8e-9a5e-2f6a1d3c7e90")


@asynccontextmanager
async def _in_store(store: str) -> AsyncIterator[tuple[Tx, StoreId, str]]:
    store_id = StoreId(store)
    async with command.database() as db, db.transaction(store_id, actor="system") as tx:
        found = await stores.get(tx, store_id)
        yield tx, store_id, found.time_zone


@STORE.command("hours")
def hours(store: Store) -> None:
    """Print the days ahead: when a store is open, when it hands out, and what is paused."""

    async def read() -> list[str]:
        async with _in_store(store) as (tx, store_id, zone):
            known = await stores.time_of(tx, store_id)
            notes = await reads.notes(tx, store_id, tx.now.astimezone(known.opening.zone).date())
            days = present.days(known.opening, known.pickup, notes, tx.now)
            table = present.days_table(days, zone)
            return [
                present.doors(known.opening, known.pauses, tx.now, zone),
                *(_line(one, zone, tx.now) for one in await pauses.ahead(tx, store_id)),
                *(
                    f"{day.text:<12} {opens.text:<32} {pickup.text:<32} {note.text}".rstrip()
                    for day, opens, pickup, note in table.rows
                ),
            ]

    typer.echo("\n".join(command.run(read())))


@STORE.command("pause")
def pause(
    store: Store,
    *,
    reason: Annotated[PauseReason, typer.Option(help="Shoppers read it; of “other” nothing.")],
    until: Annotated[
        str, typer.Option(help="+30m, +2h, 15:00 or 2026-03-06T15:00; left out: nobody knows.")
    ] = "",
    since: Annotated[str, typer.Option("--from", help="As --until; left out: now.")] = "",
    takes_orders: Annotated[
        bool, typer.Option("--take-orders", help="Take new orders, promised for afterwards.")
    ] = False,
    stays_open: Annotated[
        bool, typer.Option("--stay-open", help="Only refuse new orders; work goes on.")
    ] = False,
    note: Note = "by the command line",
) -> None:
    """Pause a store, or a stretch of its day. Its open orders are looked at again at once."""

    async def act() -> str:
        async with _in_store(store) as (tx, store_id, zone):
            made = await deeds.pause(
                tx,
                store_id,
                since=_moment(since, zone, tx.now) if since else None,
                until=_moment(until, zone, tx.now) if until else None,
                reason=reason,
                takes_orders=takes_orders,
                closes=not stays_open,
                note=note,
            )
            touched = await reads.touched(tx, store_id, made.begins_at, made.ends_at)
            in_it = touched if made.closes else 0
            return f"{_line(made, zone, tx.now)}. {in_it} open orders are in it."

    typer.echo(command.run(act()))


@STORE.command("resume")
def resume(store: Store, note: Note = "by the command line") -> None:
    """End every pause of a store that is on. Those that are planned stay planned."""

    async def act() -> list[str]:
        async with _in_store(store) as (tx, store_id, zone):
            ended = await deeds.resume(tx, store_id, note=note)
            return [_line(one, zone, tx.now) for one in ended]

    ended = command.run(act())
    for line in ended:
        typer.echo(f"ended: {line}")
    if not ended:
        typer.echo("Nothing was paused.")


def _line(one: Pause, zone: str, now: datetime) -> str:
    does = present.what(closes=one.closes, takes_orders=one.takes_orders)
    until = _wall(one.ends_at, zone) if is_known(one.ends_at, now) else "further notice"
    return f"paused from {_wall(one.begins_at, zone)} until {until} ({one.reason}; {does})"


def _wall(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _moment(text: str, zone: str, now: datetime) -> datetime:
    """Return a time that was typed: so long from now, or by the store's clock.

    Raises:
        Refusal: It is none.
    """
    if found := _AFTER.fullmatch(text):
        return now + timedelta(**{_UNITS[found[2]]: int(found[1])})
    today = now.astimezone(ZoneInfo(zone)).date()
    try:
        typed = datetime.fromisoformat(text if "-" in text else f"{today}T{text}")
    except ValueError:
        raise command.Refusal(f"{text}: write it as +2h, 15:00 or 2026-03-06T15:00.") from None
    return stores.instant(typed, zone)


@STORE.command("holidays")
def seed_holidays(  # noqa: PLR0917 - typer passes them by name
    store: Annotated[list[str], typer.Argument(metavar="STORE...", help="The stores' ids.")],
    country: Annotated[str, typer.Option(help="US, FR, DE, …")],
    year: Annotated[int, typer.Option(min=2000, max=2100)],
    subdivision: Annotated[str, typer.Option(help="A part of it: TX, BY, …")] = "",
    closed: Annotated[
        list[str] | None,
        typer.Option(help="A date, a name, or all: the store is closed then. May be repeated."),
    ] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(help="“2027-12-24 09:00-13:00”: other hours. May be repeated."),
    ] = None,
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write it. Without this nothing is written.")
    ] = False,
) -> None:
    """Show a year's public holidays beside a store's hours; with --apply, write what was said.

    A holiday does not mean closed: say which ones are, or give other hours. A day of which nothing
    is said stays as it is. Pickup follows, unless it has exceptions of its own.
    """
    from inventory.opening import holidays  # noqa: PLC0415 - a second to import

    days = holidays.listed(country.upper(), subdivision.upper() or None, year)
    said = holidays.decide(days, closed=closed or (), hours=hours or ())

    async def act() -> int:
        written = 0
        for one in store:
            async with _in_store(one) as (tx, store_id, _):
                changes = await holidays.compare(tx, store_id, days, said)
                typer.echo(f"{store_id}")
                for change in changes:
                    typer.echo(f"  {_holiday(change)}")
                if apply and (wrote := await holidays.apply(tx, store_id, changes)):
                    written += wrote
                    act = f"write the hours of {wrote} holidays of {year}"
                    about = uuid5(_HOLIDAYS, store_id)
                    await tx.emit(OpsNoted(store_id=store_id, about=about, act=act, note=""))
        return written

    written = command.run(act())
    if apply:
        typer.echo(f"{written} days written.")
    else:
        typer.echo("Nothing was written. Say --closed or --hours, and --apply to write it.")


def _holiday(change: Change) -> str:
    now = change.usual if change.was is None else change.was
    becomes = "" if change.becomes is None else f" -> {_spans(change.becomes)}"
    return f"{change.day:%Y-%m-%d %a}  {change.name:<40}  {_spans(now)}{becomes}"


def _spans(spans: Spans) -> str:
    return ", ".join(f"{opens}-{closes}" for opens, closes in spans) or "closed"
