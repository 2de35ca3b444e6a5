"""A place where simulated stores open, for those who know no event loop."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from benchmarks.truth import scene
from benchmarks.truth.proof import Proof, prove
from benchmarks.truth.scene import Scene
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId

T = TypeVar("T")


class Town:
    """Opens stores on one connection, and waits for whatever they do."""

    def __init__(
        self, runner: asyncio.Runner, db: Database, connection: asyncpg.Connection
    ) -> None:
        self._runner, self.db, self.connection = runner, db, connection

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def opened(self) -> Scene:
        return self.run(scene.opened(self.db, self.connection, StoreId(uuid4().hex[:12])))

    def prove(self, *seeds: int, at_most: int = 1, tries: int = 150) -> Proof:
        return self.run(prove(self.db, self.connection, seeds, at_most=at_most, tries=tries))


@contextmanager
def town(dsn: str) -> Iterator[Town]:
    with asyncio.Runner() as runner:
        connecting = Database.connect(dsn, clock=ManualClock(scene.MORNING), pool_size=3)
        db = runner.run(connecting.__aenter__())
        staging = scene.stage(db)
        try:
            yield Town(runner, db, runner.run(staging.__aenter__()))
        finally:
            runner.run(staging.__aexit__(None, None, None))
            runner.run(connecting.__aexit__(None, None, None))
