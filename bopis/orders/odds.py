"""How sure we are, until the room of beliefs is on this line: everything is available."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId


class Tier(StrEnum):
    AVAILABLE = "available"
    LIKELY = "likely"
    NOT_HERE = "not_here"


@dataclass(frozen=True, slots=True)
class Odds:
    sku: Sku
    p_find: float
    tier: Tier


async def odds(tx: Tx, store_id: StoreId, wanted: Mapping[Sku, int]) -> dict[Sku, Odds]:
    return {}
