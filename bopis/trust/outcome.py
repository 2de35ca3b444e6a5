"""One order: what was said first, and what was so. Pure.

The record of a store and the audit are both folds over these, so they cannot tell two stories.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bopis.kernel.ids import OrderId, StoreId

LATE_MOST: Final = 240
"""Minutes. Beyond, late is late: one forgotten order must not be the mean of a month."""

QUITS: Final = frozenset({"shopper_request", "payment_failed", "fraud_hold", "basket_incomplete"})
"""Reasons to cancel that are not the store's."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one first promise that has come due.

    Shapes:
        ready_at: when it was ready and proved to be; None: never, or it was taken back.
        told_at: when a word first left that the promise does not hold.
        knowable_at: when we first saw it coming with time left to say so.
        missed_again: a later promise was missed, too.
        short_reasons: why lines were short, each once.

    Units:
        promised_minutes, took_minutes: of open time, from acceptance; took: None while not ready.
        base_minutes: what was expected of the work itself.
    """

    store_id: StoreId
    order_id: OrderId
    number: str
    day: date
    channel: str
    state: str
    accepted_at: datetime
    promised_at: datetime
    last_promised_at: datetime
    ready_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None
    confidence: float
    base_minutes: float
    versions: int
    told_at: datetime | None
    knowable_at: datetime | None
    ready_said: int
    false_ready: int
    lines: int
    lines_found: int
    lines_lost: int
    short_reasons: Sequence[str]
    silent_minutes: float
    promised_minutes: float
    took_minutes: float | None
    late_so_far: int
    """Minutes past the first promise at the time of counting, were it not ready yet."""
    lines_ordered: int
    local_hour: int
    """In which it was accepted, at the store."""
    odds: float | None = None
    """What share of orders like it had been ready by then, as was said; None: nothing was."""
    waited_minutes: int | None = None
    """From "I am here" to the hand-over; None: nobody said so."""

    @property
    def is_kept(self) -> bool:
        return self.ready_at is not None and self.ready_at <= self.promised_at

    @property
    def is_excused(self) -> bool:
        """Whether it says nothing of the store: given up by others while the first promise stood.

        Whoever cancels after we have moved the promise had their reason from us.
        """
        return (
            self.state == "cancelled"
            and self.ready_at is None
            and self.close_reason in QUITS
            and self.versions == 1
            and self.closed_at is not None
            and self.closed_at <= self.promised_at
        )

    @property
    def is_ours_to_answer(self) -> bool:
        """Whether we cancelled it, or sent it elsewhere, after we had promised it."""
        gone = self.state in {"cancelled", "rejected", "rerouted"}
        return gone and self.close_reason not in QUITS | {"shopper_refused_at_counter"}

    @property
    def is_warned(self) -> bool:
        return not self.is_kept and self.told_at is not None and self.told_at <= self.promised_at

    @property
    def is_knowable(self) -> bool:
        return not self.is_kept and self.knowable_at is not None

    @property
    def late_minutes(self) -> int:
        if self.is_kept:
            return 0
        if self.ready_at is None:
            return min(self.late_so_far, LATE_MOST)
        return min(-(-(self.ready_at - self.promised_at) // _MINUTE), LATE_MOST)

    @property
    def length(self) -> float | None:
        """Return the share of the promised open time that was needed; None: never ready."""
        if self.took_minutes is None:
            return None
        return self.took_minutes / max(self.promised_minutes, 1.0)

    @property
    def pinball(self) -> float:
        """Return by how much the promise was wrong, weighed by its own odds, over what it expected.

        A minute late costs nine times a minute early where nine of ten were promised. An order
        that was never ready counts as late by what it was when it was counted.

        Source:
            R. Koenker and G. Bassett, "Regression quantiles", Econometrica 46 (1978), pp. 33-50.
        """
        over = (
            self.took_minutes - self.promised_minutes
            if self.took_minutes is not None
            else float(self.late_minutes)
        )
        over = min(over, float(LATE_MOST))
        loss = self.confidence * over if over > 0 else (self.confidence - 1) * over
        return loss / max(self.base_minutes, 5.0)
