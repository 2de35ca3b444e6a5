"""What the month is held against: each goal with its figure, and why one is missed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bopis.simulation.month.figures import TARGET, Figures
from bopis.simulation.month.measured import Result

WITHIN: Final = 0.02
WARNED: Final = 0.95
FALSE_ALARMS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure and what it should be."""

    what: str
    goal: str
    found: str
    met: bool
    why: str = ""
    """Why it is missed, where it is."""


def of(result: Result) -> Iterator[Goal]:
    """Yield all goals, in the sequence in which they are shown."""
    c = result.chain
    off = c.coverage - TARGET
    yield Goal(
        "First promises kept, of all",
        f"{TARGET:.0%} ± {WITHIN:.0%}",
        f"{c.coverage:.1%} of {c.due:,}",
        abs(off) <= WITHIN,
        "Promises are longer than they need be." if off > 0 else "Promises are too short.",
    )
    least = 1 - 2 * (1 - TARGET)
    worst = c.worst if c.worst is not None else 1.0
    yield Goal(
        "First promises kept, in the worst 200 one after another",
        f"≥ {least:.0%}",
        "fewer than 200" if c.worst is None else f"{worst:.1%}",
        worst >= least,
        _worst(result),
    )
    yield Goal(
        "Late orders warned 5 minutes before, or more",
        f"≥ {WARNED:.0%}",
        f"{c.warned_share:.1%} of {c.late:,}; could be: {c.most_warned:.1%}",
        c.warned_share >= WARNED,
        _unwarned(c),
    )
    yield Goal(
        "False alarms, of 100 orders",
        f"≤ {FALSE_ALARMS:.0f}",
        f"{c.per_hundred(c.false_alarms):.1f}",
        c.per_hundred(c.false_alarms) <= FALSE_ALARMS,
        "A delay was told, and the order was ready by its first promise after all.",
    )
    yield Goal(
        "Silent minutes",
        "0",
        f"{c.silent_minutes:,}",
        not c.silent_minutes,
        f"Past the word that was owed: {c.silent_by_outage:,} of them while our own system was down"
        " for an hour, in which nobody could be told, and counted all the same.",
    )
    ran = c.silent_minutes - c.silent_by_outage
    yield Goal(
        "Silent minutes while our system ran", "0", f"{ran:,}", ran == 0, "Store by store below."
    )
    yield Goal(
        "Invariants that do not hold",
        "0",
        f"{sum(result.broken.values())} of {result.invariants}",
        not result.broken,
        ", ".join(result.broken),
    )


def _worst(result: Result) -> str:
    days = result.chain.worst_days
    if days is None:
        return ""
    stores = [f"{store} {n}" for store, n in list(result.worst_by.items())[:4]]
    most, all_ = ", ".join(stores), sum(result.worst_by.values())
    return (
        f"Due from {days[0]} to {days[1]} (UTC). Of the {all_} that were missed, by store: {most}."
    )


def _unwarned(c: Figures) -> str:
    parts = ", ".join(f"{one.orders:,} {what}" for what, one in c.unwarned.items())
    return f"Of those that were not, {parts}."
