"""What a store may promise, by its peers' rules and by ours, on the same published days.

Each rule sells the same wishes in the same seeded stores, where about 65 of 100 records are wrong,
as audits of real stores found. The days before the last are for learning, the last one counts.
Every rule has the same associates, the same counts after a failed pick, the same corrections: only
what may be promised differs.

Source:
    N. DeHoratius and A. Raman, "Inventory Record Inaccuracy: An Empirical Analysis", Management
    Science 54 (2008): 65 % of 370,000 records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.simulation.chain import Chain
from bopis.simulation.loop import Life
from bopis.simulation.world import Temper
from bopis.trust.day import Report
from inventory.belief import jobs, policies
from inventory.belief.models import BeliefMode

TEMPER: Final = Temper(shrunk=0.27, surplus=0.23, misplaced=0.12, ghost=0.03)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a store sells: all that its record says, less some, or what belief thinks is there."""

    name: str
    safety: int = 0
    mode: BeliefMode = BeliefMode.OFF


RULES: Final = (
    *(Rule(f"record >= {n + 1}", safety=n) for n in range(5)),
    Rule("belief", mode=BeliefMode.ON),
)


async def keep(db: Database, chain: Chain, rule: Rule) -> None:
    for site in chain.sites:
        store_id = StoreId(site.store)
        async with db.transaction(store_id) as tx:
            await policies.put(tx, store_id, rule.mode)


async def learn(db: Database, chain: Chain, at: datetime) -> Life:
    """Let the stores learn from all picks before an instant what their chances are worth.

    A real week has such a night, two published days have not.
    """
    yield at
    stores = [StoreId(site.store) for site in chain.sites]
    await jobs.fit(db, stores)
    for store_id in stores:
        await jobs.sweep_store(db, store_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule promised on the day that counts, and what became of it, in units."""

    rule: str
    promised: int
    found: int
    broken: int

    @classmethod
    def of(cls, rule: Rule, report: Report) -> "Outcome":
        broken = sum(report.units_short.values())
        return cls(rule.name, report.units_ordered, report.units_found, broken)

    @property
    def broken_share(self) -> float:
        looked_for = self.found + self.broken
        return self.broken / looked_for if looked_for else 0.0


def table(outcomes: Sequence[Outcome]) -> str:
    """Return what each rule did beside the first, and the peers where they keep what ours keeps."""
    most = max(outcomes[0].found, 1)
    lines = [
        f"  {'rule':<14}{'promised':>10}{'found':>8}{'not found':>11}{'of 1,000':>10}{'kept':>9}",
        *(
            f"  {one.rule:<14}{one.promised:>10,}{one.found:>8,}{one.broken:>11,}"
            f"{1000 * one.broken_share:>10.1f}{100 * one.found / most:>7.1f} %"
            for one in outcomes
        ),
    ]
    *peers, ours = outcomes
    same = at_share(peers, ours.found / most)
    if same is not None:
        lines.append(
            f"  Where the records' rules keep what belief keeps, they break {1000 * same:.1f} of "
            f"1,000; belief breaks {1000 * ours.broken_share:.1f}."
        )
    return "\n".join(lines) + "\n"


def at_share(peers: Sequence[Outcome], kept: float) -> float | None:
    """Return what peers break where they keep such a share of what the first of them keeps.

    On the straight line between the two rules on either side; None: they never keep so little, or
    so much.
    """
    most = max(peers[0].found, 1)
    points = sorted((one.found / most, one.broken_share) for one in peers)
    for (left, low), (right, high) in pairwise(points):
        if left <= kept <= right:
            along = (kept - left) / (right - left) if right > left else 0.0
            return low + along * (high - low)
    return None
