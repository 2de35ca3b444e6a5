"""What our chances turned out to be worth: a curve that only rises, fitted to picks. Pure.

Source:
    Pool adjacent violators: M. Ayer et al., "An empirical distribution function for sampling with
    incomplete information", Annals of Mathematical Statistics 26 (1955) 641-647.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inventory.belief.odds import Curve

ENOUGH: Final = 500
"""Looks that a store needs for a curve of its own, and all stores together for any."""
BLOCK: Final = 25
"""Looks in each block, at least: one pick at the end of the scale proves nothing."""

Values = npt.NDArray[Any]


def fitted(raw: Values, found: Values, weight: Values) -> Curve:
    """Return the curve that turns a raw chance into the share that was found.

    Below the least chance at which anybody looked the raw one is scaled down to nothing: there we
    know only that we did not dare to promise.

    Shapes:
        raw, found, weight: one for each look; weight: the inverse of how likely it was made.
    """
    order = np.argsort(raw, kind="stable")
    x, y, w = (np.asarray(v, dtype=np.float64)[order] for v in (raw, found, weight))
    size = max(BLOCK, len(x) // 50)
    cuts = np.arange(0, len(x), size)
    if len(cuts) > 1 and len(x) - cuts[-1] < size:
        cuts = cuts[:-1]
    mass = np.add.reduceat(w, cuts)
    at = np.add.reduceat(w * x, cuts) / mass
    share = np.add.reduceat(w * y, cuts) / mass
    blocks: list[tuple[float, float, float]] = []
    for one in zip(at, share, mass, strict=True):
        blocks.append(one)
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            blocks[-2:] = [_joined(*blocks[-2:])]
    knots = [(0.0, 0.0), *((float(a), float(s)) for a, s, _ in blocks)]
    return Curve(tuple(a for a, _ in knots), tuple(s for _, s in knots))


def _joined(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float]:
    mass = a[2] + b[2]
    return (a[0] * a[2] + b[0] * b[2]) / mass, (a[1] * a[2] + b[1] * b[2]) / mass, mass
