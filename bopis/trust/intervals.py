"""What a figure may be, beside what it is: no share is told without the room it leaves. Pure."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

NINETY: Final = 1.6448536269514722
"""Standard errors on either side of an interval that holds nine times out of ten."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def wilson(ok: float, n: float, z: float = NINETY) -> Interval:
    """Return where a share may lie of which ``ok`` of ``n`` was seen.

    Shapes:
        n: 0: it may lie anywhere.

    Source:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
        J. American Statistical Association 22 (1927), pp. 209-212.
    """
    if not n:
        return Interval(0.0, 1.0)
    share, spread = ok / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    return Interval(max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0))


def change(ok: int, n: int, ok_before: int, n_before: int) -> Interval | None:
    """Return by how much a share may have moved; None where there is nothing to compare.

    Source:
        R. G. Newcombe, "Interval estimation for the difference between independent proportions",
        Statistics in Medicine 17 (1998), method 10: the two Wilson intervals put together.
    """
    if not n or not n_before:
        return None
    now, before = ok / n, ok_before / n_before
    a, b = wilson(ok, n), wilson(ok_before, n_before)
    moved = now - before
    return Interval(
        moved - sqrt((now - a.low) ** 2 + (b.high - before) ** 2),
        moved + sqrt((a.high - now) ** 2 + (before - b.low) ** 2),
    )


def highest_mean(total: float, squares: float, n: int) -> float:
    """Return what a mean is at most, by its own spread; 0 of nothing."""
    if not n:
        return 0.0
    mean = total / n
    variance = max(squares / n - mean * mean, 0.0)
    return mean + NINETY * sqrt(variance / n)
