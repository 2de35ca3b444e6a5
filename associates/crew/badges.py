"""Badges: a code of ten digits, and what we keep of it.

Ten digits are soon tried through: under a plain hash a leaked table would give every badge away in
seconds. So they are hashed with a key that is not in the database, the newest of those that sign
links. A badge under an older key still opens, and is put under the newest when it does.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Final

from bopis.kernel.ids import StoreId

_BADGE: Final = re.compile(r"B[0-9]{10}")
_chosen: dict[str, Sequence[bytes]] = {}


def configure(keys: Sequence[str]) -> None:
    """Set what badges are hashed with, newest first: once, at start-up."""
    _chosen["keys"] = tuple(key.encode() for key in keys)


def make() -> str:
    """Return the code of a new badge, to be printed as Code 128."""
    return f"B{secrets.randbelow(10**10):010}"


def is_badge(text: str) -> bool:
    return _BADGE.fullmatch(text) is not None


def digests(store_id: StoreId, badge: str) -> list[bytes]:
    """Return what may be kept of a badge of this store, that under the newest key first."""
    said = b"badge\0" + store_id.encode() + b"\0" + badge.encode()
    return [hmac.digest(key, said, "sha256") for key in _chosen["keys"]]
