"""One measurement beside its limit, and what is said of it."""

import statistics
from dataclasses import dataclass, field

from benchmarks.load import Result


@dataclass
class Row:
    """One measurement: ours, its limit, and the ratio, one figure for each round."""

    what: str
    unit: str
    goal: float
    ours: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)

    def add(self, ours: float, limit: float) -> None:
        self.ours.append(ours)
        self.limit.append(limit)
        print(f"  {self.what}: {ours:,.0f} of {limit:,.0f} {self.unit}: {ours / limit:.2f}")

    def said(self) -> dict[str, object]:
        ratios = [a / b for a, b in zip(self.ours, self.limit, strict=True)]
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": round(statistics.median(self.ours), 1),
            "limit": round(statistics.median(self.limit), 1),
            "ratio": round(statistics.median(ratios), 3),
            "ratios": [round(one, 3) for one in ratios],
            "goal": self.goal,
            **self.notes,
        }


def all_answered(result: Result, status: str) -> None:
    assert set(result.statuses) == {status}, result
