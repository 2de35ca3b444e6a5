"""What must be true of the whole system, each as a sentence and a query that finds who breaks it.

Levels: **K** is kept by a constraint, and what is checked is that the constraint is there; **A** is
true at every moment, give or take the grace that a relay needs; **Q** is true once the queues have
run dry.

Not here, and why: a hash chain over facts (the log is append-only by habit, not by proof), an
access log (keys and devices carry their store, and no row is read without it), and erasure dates
(nothing is erased on a clock yet).

Source: the invariants of a simulated store under faults, put into this schema.
"""

from typing import Final

from bopis.trust.invariants.bags import BAGS
from bopis.trust.invariants.constraints import CONSTRAINTS
from bopis.trust.invariants.feeds import FEEDS
from bopis.trust.invariants.floor import FLOOR
from bopis.trust.invariants.invariant import Invariant, Level
from bopis.trust.invariants.moved import MOVED
from bopis.trust.invariants.record import RECORD
from bopis.trust.invariants.stock import STOCK
from bopis.trust.invariants.word import WORD

INVARIANTS: Final[tuple[Invariant, ...]] = (
    *CONSTRAINTS,
    *STOCK,
    *FLOOR,
    *BAGS,
    *WORD,
    *MOVED,
    *FEEDS,
    *RECORD,
)

__all__ = ["INVARIANTS", "Invariant", "Level"]
