"""How one store is believed: whether we act on it, from which chance on, and by what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory.belief import capping
from inventory.belief.filter import TOP
from inventory.belief.knowledge import Knowledge
from inventory.belief.models import BeliefMode
from inventory.belief.odds import Costs, Terms

DEFAULT_MODE: Final = BeliefMode.WATCH
"""Nobody is refused on the word of a model that has not been tried in their store."""


@dataclass(frozen=True, slots=True)
class Policy:
    mode: BeliefMode = DEFAULT_MODE
    costs: Costs = field(default_factory=Costs)
    known: Knowledge = field(default_factory=Knowledge)
    heard_until: datetime | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any] | None) -> Self:
        """Return what a row says that has a store's columns in it; or the defaults."""
        if row is None or row["mode"] is None:
            return cls()
        return cls(
            BeliefMode(row["mode"]),
            Costs(row["margin"], row["failure"], row["alternative"]),
            Knowledge.of(row["learned"]),
            row["heard_until"],
        )

    @property
    def terms(self) -> Terms:
        return Terms(self.costs, self.known.curve)

    def may_cap(self, *, looked: bool) -> bool:
        """Say whether we may refuse somebody on the word of a belief.

        Before picks have shown what our chances are worth, only where a person has looked: a store
        that we do not know goes on selling as its record says.
        """
        return self.mode is BeliefMode.ON and (looked or self.known.is_calibrated)

    def cap(self, most: int, *, looked: bool) -> int | None:
        """Return what may be promised in all; None: as many as the record says."""
        return most if most < TOP and self.may_cap(looked=looked) else None


_GET: Final = "SELECT * FROM belief_stores WHERE store_id = $1"


async def get(tx: Tx, store_id: StoreId) -> Policy:
    return Policy.of(await tx.row(_GET, store_id))


_PUT: Final = """
    INSERT INTO belief_stores (store_id, mode, margin, failure, alternative)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (store_id) DO UPDATE
    SET mode = EXCLUDED.mode, margin = EXCLUDED.margin, failure = EXCLUDED.failure,
        alternative = EXCLUDED.alternative
"""


async def put(tx: Tx, store_id: StoreId, mode: BeliefMode, costs: Costs | None = None) -> None:
    """Say how a store is believed. Caps are lifted at once, and come with the next sweep.

    Shapes:
        costs: None: as they were.
    """
    given = costs or (await get(tx, store_id)).costs
    await tx.run(_PUT, store_id, mode, given.margin, given.failure, given.alternative)
    if mode is not BeliefMode.ON:
        await capping.lift(tx, store_id)
