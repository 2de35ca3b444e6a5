"""Identity: typed ids, UUIDv7 made here, and the outward form that carries the store.

No route ever needs "find by id alone": what we show or accept from outside is
``<store>.<32 hex digits>``, so that every look-up goes to one store.
"""

import os
import random
import re
from datetime import datetime
from typing import Final, NewType
from uuid import UUID

from bopis.kernel.errors import NotFound

StoreId = NewType("StoreId", str)
Sku = NewType("Sku", str)
OrderId = NewType("OrderId", UUID)
TaskId = NewType("TaskId", UUID)
DeviceId = NewType("DeviceId", UUID)
AssociateId = NewType("AssociateId", UUID)
MessageId = NewType("MessageId", UUID)
EventId = NewType("EventId", UUID)

STORE_ID_PATTERN: Final = r"^[A-Za-z0-9_-]{1,32}$"
SKU_PATTERN: Final = r"^[^\x00-\x1f\x7f]{1,64}$"
_MOST: Final = 0xFFF
_FETCHED: Final = 4096
_OUTWARD: Final = re.compile(r"^([A-Za-z0-9_-]{1,32})\.([0-9a-f]{32})$")


class IdUnknown(NotFound):
    title = "There is no such thing"


class Ids:
    """A source of UUIDv7: they ascend with the instant given, and within one millisecond too.

    Seeded, it makes the same ids again, which is what a replay needs. UUIDv7 is not commit order:
    nothing may tail a table by ``id > last_seen``.

    Source: RFC 9562, section 5.7, with method 1 (a counter in ``rand_a``).
    """

    def __init__(self, source: random.Random | None = None) -> None:
        self._random = source or _System()
        self._millisecond = -1
        self._counter = 0

    def __call__(self, now: datetime) -> UUID:
        millisecond = int(now.timestamp() * 1000)
        if millisecond > self._millisecond:
            self._millisecond, self._counter = millisecond, self._random.getrandbits(8)
        else:
            self._counter += 1
            if self._counter > _MOST:
                self._millisecond, self._counter = self._millisecond + 1, 0
        value = (self._millisecond & 0xFFFF_FFFF_FFFF) << 80
        value |= 0x7 << 76 | self._counter << 64
        value |= 0b10 << 62 | self._random.getrandbits(62)
        return UUID(int=value)


class _System(random.SystemRandom):
    """The system's chance, fetched for some hundred ids at a time: each of them asks for a bit.

    A process that was forked off fetches its own, or two of them would make the same ids.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0
        self._process = 0

    def getrandbits(self, k: int, /) -> int:
        size = (k + 7) // 8
        if self._at + size > len(self._bytes) or self._process != os.getpid():
            self._bytes, self._at = os.urandom(max(_FETCHED, size)), 0
            self._process = os.getpid()
        found = int.from_bytes(self._bytes[self._at : self._at + size])
        self._at += size
        return found >> (size * 8 - k)


def outward(store_id: StoreId, id_: UUID) -> str:
    """Return the form that people and other systems see."""
    return f"{store_id}.{id_.hex}"


def inward(text: str) -> tuple[StoreId, UUID]:
    """Return the store and the id of an outward form.

    Raises:
        IdUnknown: The text is not one of ours. To the caller that is the same as "not found".
    """
    match = _OUTWARD.match(text)
    if match is None:
        raise IdUnknown("Nothing here has this id. Check it and send it again.")
    return StoreId(match[1]), UUID(hex=match[2])
