"""How far a store's word has held, told with caution: what stores are ranked by. Pure.

A share of few is a guess. What ranks a store is therefore the lower end of what its share may be,
with what the whole chain does standing in for what is not known yet: a store without a history
looks cautious, and not bad.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import exp, lgamma, log, log1p
from typing import Final

from bopis.kernel.ids import StoreId

HALF_LIFE: Final = timedelta(days=28)
"""After so long, what happened counts half."""

PRIOR_WEIGHT: Final = 20.0
"""The chain's share counts as so many orders of the store's own."""

CAUTION: Final = 0.10
"""In nine of ten cases the true share is above the bound."""

ENOUGH_TO_SAY: Final = 20
"""With fewer, a share is an anecdote: no number is shown."""

NOBODY_KNOWS: Final = 0.9
"""The chain's share where the chain is as new as the store."""


@dataclass(frozen=True, slots=True)
class Share:
    """How often something held, and what may be relied on.

    Units:
        lower: the 10th percentile of the share that may stand behind it, 0 to 1.
        ok, n: of the last 28 days, not weighed by age.
    """

    lower: float
    ok: int
    n: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a store is ranked by, and what is said of it when it is chosen."""

    store_id: StoreId
    found: Share
    on_time: Share
    ready_true: Share
    padding: float = 1.0
    """How long its times are, over what nine of ten orders needed of them; 1: no longer."""
    computed_at: datetime | None = None

    @property
    def words(self) -> str:
        """Return the record in one line, for whoever chooses a store."""
        if self.on_time.n < ENOUGH_TO_SAY:
            return (
                "Too few orders to say how this store keeps its word:"
                f" {self.on_time.n} in the last 28 days."
            )
        found = f"Found {of_hundred(self.found.ok, self.found.n)}, " if self.found.n else ""
        on_time = f"on time {of_hundred(self.on_time.ok, self.on_time.n)}"
        said = f"{found}{on_time}, last 28 days."
        return said[:1].upper() + said[1:]


def of_hundred(ok: int, n: int) -> str:
    """Return a share as people say it; never rounded up, so that *100 of 100* means all."""
    return f"{ok} of {n}" if n < 100 else f"{100 * ok // n} of 100"  # noqa: PLR2004


def lower(ok: float, n: float, of_chain: float) -> float:
    """Return what a share is at least, nine times out of ten.

    Units:
        ok, n: weighed by age.
        of_chain: the chain's share, 0 to 1.

    Source:
        Beta posterior of a share: any textbook. The prior is the chain's share, as 20 orders.
    """
    share = min(max(of_chain, 0.01), 0.99)  # a chain that never failed is not proof that none can
    return beta_quantile(CAUTION, PRIOR_WEIGHT * share + ok, PRIOR_WEIGHT * (1 - share) + n - ok)


def unknown(store_id: StoreId) -> Standing:
    """Return how a store stands of which nothing has been counted."""
    share = _of_nobody()
    return Standing(store_id, found=share, on_time=share, ready_true=share)


@cache
def _of_nobody() -> Share:
    return Share(lower(0, 0, NOBODY_KNOWS), 0, 0)


def beta_quantile(q: float, a: float, b: float) -> float:
    """Return the x below which a Beta(a, b) lies with probability ``q``.

    By halving: the distribution function only rises, and forty steps are exact to 1e-12.
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if beta_below(middle, a, b) < q:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_below(x: float, a: float, b: float) -> float:
    """Return the probability that a Beta(a, b) lies below ``x``: the incomplete beta function.

    Source:
        Continued fraction of I_x(a, b), NIST Digital Library of Mathematical Functions 8.17.22,
        evaluated by the modified method of W. J. Lentz, Applied Optics 15 (1976), pp. 668-671.
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly, its mirror does not
        return 1.0 - beta_below(1.0 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front / (a * _fraction(x, a, b))


_TINY: Final = 1e-300
_EXACT: Final = 1e-14


def _fraction(x: float, a: float, b: float) -> float:
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, 1000):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + term * d) or _TINY)
        c = (1 + term / c) or _TINY
        value *= c * d
        if abs(c * d - 1) < _EXACT:
            break
    return value
