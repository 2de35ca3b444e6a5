"""Verbs for those who know no event loop: Hypothesis calls its tests as plain functions."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database, Tx
from tests.conftest import NOON
from tests.inventory.shelves import S1


class Bench:
    """Runs one verb in one transaction, from a machine that knows no event loop."""

    def __init__(self, runner: asyncio.Runner, db: Database) -> None:
        self._runner = runner
        self._db = db

    def run(self, verb: Callable[[Tx], Awaitable[Any]]) -> Any:
        """Run one verb in a transaction of the store."""
        return self._runner.run(self._run(verb))

    def do(self, work: Callable[[Database], Coroutine[Any, Any, Any]]) -> Any:
        """Run something that opens its own transactions."""
        return self._runner.run(work(self._db))

    async def _run(self, verb: Callable[[Tx], Awaitable[Any]]) -> Any:
        async with self._db.transaction(S1) as tx:
            return await verb(tx)


@contextmanager
def benched(dsn: str) -> Iterator[Bench]:
    with asyncio.Runner() as runner:
        connecting = Database.connect(dsn, clock=ManualClock(NOON), pool_size=2)
        db = runner.run(connecting.__aenter__())
        try:
            yield Bench(runner, db)
        finally:
            runner.run(connecting.__aexit__(None, None, None))
