"""What a handheld sends of its log, and the receipt for each entry."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from associates.handheld.bodies import EntryIn, Moment, Seq
from associates.handheld.schemas import Answer
from associates.picking.scans import ScanKind, ScanOutcome
from bopis.kernel.bodies import Body

AT_ONCE = 50
"""Entries of one request. A day offline comes in several."""


class LogEntryIn(EntryIn):
    """One act, as it would be sent by itself: its path below /v1/handheld, and its body."""

    path: Annotated[str, Field(min_length=1, max_length=1000)]
    body: Annotated[dict[str, Any], Field(default_factory=dict)]
    session: UUID | None = None
    """Who was signed in when it was done, if that is not who is now: the first part of theirs."""


class LogIn(Body):
    """Part of a device's log, in order.

    ``entries`` are ``LogEntryIn``; each is read by itself, so that one that cannot be read keeps
    none of the others back. ``held`` is the number of the oldest entry that has no receipt yet:
    whoever sends later ones first is asked to wait. ``sent_at`` is by the clock of ``scanned_at``.
    ``unsent``: how many it holds without a receipt, with these.
    """

    entries: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=AT_ONCE)]
    sent_at: Moment | None = None
    held: Seq | None = None
    unsent: Annotated[int, Field(ge=0, le=1_000_000)] = 0


Status = Literal["applied", "superseded", "conflict", "noted", "refused", "withheld", "later"]


class EntryReceipt(BaseModel):
    """What became of one entry. The device may forget it, unless it is to come again ``later``.

    - ``applied``: done, now or when it came before.
    - ``superseded``: somebody else has the task; kept, and changes nothing.
    - ``conflict``: the device had shown that it is done, and it is not; ``text`` says why.
    - ``noted``: kept; it does nothing, and the person was told so: a wrong item, say.
    - ``refused``: it could not be carried out; ``text`` says why.
    - ``withheld``: it came from a handheld that was revoked; kept, and not applied.
    - ``later``: not looked at yet; send it again.
    """

    scan_id: str
    status: Status
    kind: ScanKind | None = None
    outcome: ScanOutcome | None = None
    line: int | None = None
    quantity: int = 0
    text: str = ""


class LogOut(BaseModel):
    """A receipt for each entry, in the order of the request, and what the last one led to."""

    receipts: list[EntryReceipt]
    answer: Answer | None = None
