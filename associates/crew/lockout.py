"""How long to wait after wrong PINs. Pure."""

from datetime import timedelta
from typing import Final

FREE: Final = 2
"""Wrong tries that cost no waiting: gloves."""

LONGEST: Final = timedelta(minutes=15)


def wait(failures: int) -> timedelta:
    """Return how long one account stays shut on one device after so many wrong tries in a row.

    It doubles from one second. Per device and account, so that whoever holds one device cannot
    shut a whole store out.

    Source:
        OWASP, Authentication Cheat Sheet, "Account lockout": exponential, not a fixed limit.
    """
    if failures <= FREE:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE - 1, 20)), LONGEST)
