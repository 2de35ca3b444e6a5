"""How we say that we broke our word: with the one "sorry", without it, or through a person. Pure.

An apology helps once. Repeated it costs more trust than silence, so it is counted: by incident, by
order and by customer. When the count is used up the news still leaves, as plain facts, and a person
has to call.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bopis.orders.amends.credit import CreditTier, Incident, Policy


class Said(StrEnum):
    APOLOGY = "apology"  # the news, and one "sorry"
    FACTS = "facts"  # the same news without the word: held out, to measure what it does
    PERSON = "person"  # the news without the word, and somebody calls


@dataclass(frozen=True, slots=True)
class Past:
    """What this customer has met with before, as far as their store knows.

    Shapes:
        of_order: apologies about this very order.
        of_customer: apologies about all their orders, within the days that the policy remembers.
        elsewhere: incidents of their other orders, within the same days.
    """

    of_order: int = 0
    of_customer: int = 0
    elsewhere: int = 0

    @property
    def again(self) -> bool:
        return self.elsewhere > 0


def how(policy: Policy, what: Incident, tier: CreditTier, past: Past, order_id: UUID) -> Said:
    """Decide how the news is told.

    Somebody who has been let down before, with another order, does not get the same letter again.
    """
    spent = (
        past.of_order >= policy.apologies_per_order
        or past.of_customer >= policy.apologies_per_customer
    )
    if past.again or spent:
        return Said.PERSON
    if what is Incident.LATE and tier is CreditTier.SMALL and held_out(policy, order_id):
        return Said.FACTS
    return Said.APOLOGY


def needs_call(what: Incident, said: Said) -> bool:
    """Say whether a person has to call: for a trip in vain always, else when words are used up."""
    return said is Said.PERSON or what is Incident.NOT_READY


def held_out(policy: Policy, order_id: UUID) -> bool:
    """Say whether an order is one of the few that tell what the word itself does.

    By its id and nothing else: the same order is always on the same side, and nobody can choose.
    """
    drawn = int.from_bytes(hashlib.sha256(b"hold-out\0" + order_id.bytes).digest()[:4], "big")
    return drawn % 100 < policy.hold_out_percent
