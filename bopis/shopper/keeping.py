"""What is told of a store on every order's page: how it keeps its word, how old its stock list is.

It changes slowly and is read often, so a process asks once in a while and remembers.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.trust import published
from inventory.sources import cadence
from inventory.sources.cadence import Silence

REMEMBER: Final = timedelta(minutes=5)
"""As long as anybody may keep the public page of a record."""


@dataclass
class Keeping:
    """What the public record of every store says that this process has been asked about."""

    known: dict[StoreId, tuple[float, str]] = field(default_factory=dict)

    async def of(self, tx: Tx, store_id: StoreId) -> str:
        asked_at, said = self.known.get(store_id, (0.0, ""))
        if time.monotonic() - asked_at > REMEMBER.total_seconds() or not asked_at:
            said = await published.headline(tx, store_id)
            self.known[store_id] = (time.monotonic(), said)
        return said


LISTENED: Final = timedelta(minutes=1)


@dataclass
class Listening:
    """Which stores' stock lists are older than usual, as far as this process has asked."""

    known: dict[StoreId, tuple[float, Silence | None]] = field(default_factory=dict)

    async def of(self, tx: Tx, store_id: StoreId) -> Silence | None:
        asked_at, silence = self.known.get(store_id, (0.0, None))
        if time.monotonic() - asked_at > LISTENED.total_seconds() or not asked_at:
            silence = await cadence.silent_for(tx, store_id)
            self.known[store_id] = (time.monotonic(), silence)
        return silence
