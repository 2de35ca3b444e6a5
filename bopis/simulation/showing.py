"""What a demo prints: where to look, and one line that lives."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from bopis.kernel.clock import ScaledClock
from bopis.kernel.database import Database
from bopis.simulation import demo
from bopis.simulation.demo import Show
from bopis.simulation.demo_ground import Teller
from bopis.simulation.processes import Children
from inventory.opening import hours

TICK: Final = 0.5
NAMES: Final = 20
"""Characters that the names of the addresses take up."""


def addresses(show: Show) -> list[tuple[str, str]]:
    person = show.person
    return [
        ("One shopper's page", show.order_page() or "with the first order, in a moment"),
        ("The handheld", f"{show.web}/handheld"),
        ("  set it up with", f"{show.enrolment_code}  ({show.site.name})"),
        ("  sign in as", f"{person.number}, PIN {person.pin}, or badge {person.badge}"),
        ("  what to scan", show.inbox.replace("/inbox", "/labels")),
        ("Store operations", f"{show.web}/ops"),
        ("  its key", show.ops_key),
        ("The inbox", show.inbox),
    ]


def line(show: Show, clock: ScaledClock) -> str:
    """Return the time, and what has happened since this start."""
    now = clock()
    local = now.astimezone(ZoneInfo(show.site.zone))
    letters = show.letters()
    closed = not any(hours.is_open(site.calendar, now) for site in show.sites)
    return (
        f"{local:%A %H:%M} in {show.site.city} · {show.count('ordered')} ordered, "
        f"{show.count('refused')} refused, {show.count('collected')} collected, "
        f"{letters} letter{'s' * (letters != 1)}" + (" · every store is closed" if closed else "")
    )


@contextlib.contextmanager
def steps(console: Console) -> Iterator[Teller]:
    """Lend a way to say what is being set up: in one line that lives, or in lines.

    An empty word ends it, before something else is shown.
    """
    if not console.is_terminal:

        def write(words: str) -> None:
            if words:
                console.print(f"{words} …", highlight=False)

        yield write
        return
    with console.status("", spinner="line") as status:
        began = time.monotonic()

        def tell(words: str) -> None:
            if words:
                status.update(f"{words} …")
                return
            status.stop()
            took = time.monotonic() - began
            console.print(f"Set up in {took:.0f} seconds.", highlight=False)

        yield tell


async def on_a_terminal(
    show: Show, clock: ScaledClock, db: Database, started: Children, stop: asyncio.Event
) -> None:
    """Keep the addresses and one line of the day in place until stopped."""
    console = Console(stderr=True)
    renewed = 0.0
    with Live(console=console, refresh_per_second=2) as live:
        while not stop.is_set():
            if time.monotonic() - renewed > demo.CODE_EVERY or not show.enrolment_code:
                show.enrolment_code = await demo.enrolment_code(db, show.site.store)
                renewed = time.monotonic()
            words = [_entry(name, where, console.width) for name, where in addresses(show)]
            words += [Text(""), Text(line(show, clock)), Text("Ctrl-C ends it.", "dim")]
            if gone := started.ended():
                words.append(Text(f"The {gone[0]} has ended; see demo.log.", "red"))
            live.update(Group(*words))
            await _pause(stop)


def _entry(name: str, where: str, width: int) -> Text:
    """Put an address beside its name or, if it would be broken there, below it."""
    start = f"{name:<{NAMES}}"
    beside = NAMES + len(where) <= width
    link = f"link {where}" if where.startswith("http") else ""  # whole, even where it is folded
    return Text.assemble((start if beside else f"{name}\n", "bold"), (where, link))


async def in_lines(
    show: Show, clock: ScaledClock, db: Database, started: Children, stop: asyncio.Event
) -> None:
    """Print the addresses once they are known, then a line of the day every quarter of a minute."""
    console = Console(soft_wrap=True, highlight=False)
    show.enrolment_code = await demo.enrolment_code(db, show.site.store)
    (page, _), *others = addresses(show)
    for name, where in others:
        console.print(f"{name.strip()}: {where}", markup=False)
    while not show.order_page() and not stop.is_set():  # at night that may take a while
        await _pause(stop)
    if where := show.order_page():
        console.print(f"{page}: {where}", markup=False)
    while not stop.is_set():
        console.print(line(show, clock), markup=False)
        if gone := started.ended():
            console.print(f"The {gone[0]} has ended; see demo.log.", markup=False)
        for _ in range(30):
            await _pause(stop)


async def _pause(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), TICK)
