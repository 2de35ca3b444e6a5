"""What a store's picks, counts and sales have taught us about believing it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from inventory.belief.filter import Trust
from inventory.belief.odds import Curve

ANY_KIND: Final = "?"
FIND: Final = 0.97
"""Who looks for what is there finds it so often, until picks have taught us better."""
FIND_PRIOR: Final = 50.0
"""How many looks that assumption is worth."""
RATE: Final = 0.3
"""Units of an item sold a day, before anything is known of its department."""
RATE_PRIOR: Final = 14.0
"""How many days of watching an item its department's mean is worth."""
LOSS: Final = 0.002
"""Units lost unseen each day, from an item that is there."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What one store has taught us, and what all stores have where it alone is too few.

    Shapes:
        finds: looks that found, and that overlooked, by the first letter of the place's kind.
        rates: units sold a day, the mean of a department's items.
        curve: the store's own if ``is_own``, else of all stores; empty: too few picks anywhere.
    """

    trust: Trust = field(default_factory=Trust)
    loss: float = LOSS
    finds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    curve: Curve = field(default_factory=Curve)
    is_own: bool = False
    looks: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any] | None) -> Self:
        if not said:
            return cls()
        return cls(
            trust=Trust(**said["trust"]),
            loss=said["loss"],
            finds={kind: (a, b) for kind, (a, b) in said["finds"].items()},
            rates=dict(said["rates"]),
            curve=Curve(tuple(said["curve"]["raw"]), tuple(said["curve"]["true"])),
            is_own=said["is_own"],
            looks=said["looks"],
        )

    def said(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_calibrated(self) -> bool:
        return bool(self.curve.raw)

    def find(self, kind: str) -> float:
        """Return P(found | present) at a kind of place: its own looks beside the assumption."""
        hit, miss = self.finds.get(kind, self.finds.get(ANY_KIND, (0.0, 0.0)))
        return (hit + FIND_PRIOR * FIND) / (hit + miss + FIND_PRIOR)

    def rate(self, department: str | None) -> float:
        return self.rates.get(department or "", self.rates.get("", RATE))
