"""Plays all stores of a month, day by day: what one has learned, all know the next morning.

Between two midnights no store hears of another, so they can be played side by side, in as many
processes as there are: nothing that comes of it depends on how they are shared out.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol

from bopis.promises.survival import Observation
from bopis.simulation.month import learning
from bopis.simulation.month.learning import Heard, OfAll
from bopis.simulation.month.nature import AFTERWARDS, Month, Nature
from bopis.simulation.month.store import Played, Store

_DAY: Final = timedelta(days=1)


class Team(Protocol):
    """Some stores that are played one after another, here or elsewhere."""

    def ask(self, what: str, *values: Any) -> None: ...
    def answer(self) -> Any: ...


class Here:
    """Stores that are played in this process."""

    def __init__(self, month: Month, natures: Sequence[Nature]) -> None:
        self._stores = [Store(month, nature) for nature in natures]
        self._asked: tuple[str, tuple[Any, ...]] = ("", ())

    def ask(self, what: str, *values: Any) -> None:
        self._asked = what, values

    def answer(self) -> Any:
        what, values = self._asked
        return getattr(self, what)(*values)

    def run(self, until: datetime, known: OfAll) -> tuple[list[Heard], bool]:
        """Play on, and return what was learned, and whether an order is open still."""
        for store in self._stores:
            store.run(until, known)
        some = [learning.heard(store.desk.experience, until) for store in self._stores]
        return some, any(store.desk.open for store in self._stores)

    def observed(self, now: datetime) -> list[tuple[datetime, Observation]]:
        return [one for store in self._stores for one in store.desk.experience.observed(now)]

    def played(self) -> list[Played]:
        return [store.played() for store in self._stores]


class Away:
    """The same in another process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, what: str, *values: Any) -> None:
        self._connection.send((what, values))

    def answer(self) -> Any:
        return self._connection.recv()


def _serve(connection: Connection, month: Month, natures: Sequence[Nature]) -> None:
    here = Here(month, natures)
    with suppress(EOFError, ConnectionError):  # whoever asked is gone, and has said why
        while True:
            what, values = connection.recv()
            if not what:
                return
            connection.send(getattr(here, what)(*values))


@contextmanager
def _away(month: Month, natures: Sequence[Nature]) -> Iterator[Team]:
    ours, theirs = multiprocessing.Pipe()
    worker = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, month, natures), daemon=True
    )
    worker.start()
    theirs.close()  # so that a worker that dies is heard of, and not waited for
    try:
        yield Away(ours)
        ours.send(("", ()))
    finally:
        ours.close()  # an end that comes early is heard as one
        worker.join(timeout=10)
        worker.kill()


def play(month: Month, *, processes: int = 1) -> tuple[list[Played], datetime]:
    """Return the stores as the month has left them, and when the last order had ended."""
    with ExitStack() as stack:
        away = [
            stack.enter_context(_away(month, month.stores[n::processes]))
            for n in range(1, processes)
        ]
        teams: list[Team] = [Here(month, month.stores[::processes]), *away]
        ended_at = _days(month, teams[::-1])
        played = [store for some in _all(teams[::-1], "played") for store in some]
    return sorted(played, key=lambda one: one.store), ended_at


def _all(teams: Sequence[Team], what: str, *values: Any) -> list[Any]:
    """Ask all teams, and wait for all of them; those elsewhere work meanwhile."""
    for team in teams:
        team.ask(what, *values)
    return [team.answer() for team in teams[::-1]][::-1]


def _days(month: Month, teams: Sequence[Team]) -> datetime:
    known, at = OfAll(), month.begins - _DAY
    for _ in range(month.days + AFTERWARDS):
        at += _DAY
        answers = _all(teams, "run", at, known)
        heard = [one for some, _ in answers for one in some]
        known = learning.together(known, heard)
        if learning.is_due(known, heard, at):
            seen = [one for some in _all(teams, "observed", at) for one in some]
            known = learning.fitted(known, heard, seen, at)
        if at > month.ends and not any(is_open for _, is_open in answers):
            return at
    raise AssertionError("an order that never ends")
