"""The links we send: a signature of our own over one order. Nothing about them is stored.

Set once at start-up by ``configure``, because every process that answers or writes to shoppers
makes the same links and no verb should have to carry the keys about.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote
from uuid import UUID

from bopis.kernel.ids import OrderId, StoreId

_MAC: Final = 16
_SIZE: Final = 16 + 1 + _MAC
_chosen: dict[str, Sequence[bytes] | str] = {}


def configure(keys: Sequence[str], base_url: str) -> None:
    """Set what links are signed with, newest first, and under which address we are reached."""
    _chosen["keys"] = tuple(key.encode() for key in keys)
    _chosen["base_url"] = base_url


def token(keys: Sequence[bytes], store_id: StoreId, order_id: OrderId, link_version: int) -> str:
    """Return what opens one order's page: ``<store>.<44 characters>``."""
    body = order_id.bytes + bytes([link_version % 256])
    signed = urlsafe_b64encode(body + _sign(keys[0], store_id, body)).decode()
    return f"{store_id}.{signed}"


def read(keys: Sequence[bytes], token: str) -> tuple[StoreId, OrderId, int] | None:
    """Return the store, the order and the link version of a token that we signed, else None."""
    store, _, signed = token.rpartition(".")
    store_id = StoreId(store)
    try:
        raw = urlsafe_b64decode(signed.encode("ascii"))
    except (Error, ValueError):
        return None
    if len(raw) != _SIZE or urlsafe_b64encode(raw).decode() != signed:
        return None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    genuine = [hmac.compare_digest(mac, _sign(key, store_id, body)) for key in keys]
    return (store_id, OrderId(UUID(bytes=body[:16])), body[16]) if any(genuine) else None


def opened(token: str) -> tuple[StoreId, OrderId, int] | None:
    """Read a token with the keys of this installation."""
    return read(_keys(), token)


def status_url(store_id: StoreId, order_id: OrderId, link_version: int) -> str:
    """Return the address of an order's page."""
    base_url = _chosen["base_url"]
    return f"{base_url}/o/{token(_keys(), store_id, order_id, link_version)}"


def record_url(store_id: StoreId) -> str:
    """Return the address at which anybody may read how a store has kept its word."""
    return f"{_chosen['base_url']}/stores/{quote(store_id, safe='')}/record"


def _keys() -> Sequence[bytes]:
    keys = _chosen["keys"]
    assert not isinstance(keys, str)
    return keys


def _sign(key: bytes, store_id: StoreId, body: bytes) -> bytes:
    return hmac.digest(key, b"order link\0" + store_id.encode() + b"\0" + body, "sha256")[:_MAC]
