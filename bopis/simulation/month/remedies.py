"""What we owe for a broken word, in memory: as ``apologies`` and ``grants`` write it down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from bopis.orders.amends import apology, credit
from bopis.orders.amends.apology import Past, Said
from bopis.orders.amends.credit import CreditTier, Incident, Money, Policy

POLICY: Final[Policy] = credit.DEFAULT


@dataclass(frozen=True, slots=True)
class Met:
    """One time that we broke our word about an order, and what it is worth."""

    number: int
    what: Incident
    order_version: int
    tier: CreditTier
    said: Said
    late: timedelta
    warned: bool
    at: datetime
    credit: Money | None

    @property
    def needs_call(self) -> bool:
        return apology.needs_call(self.what, self.said)


def met(
    order_id: UUID,
    before: list[Met],
    what: Incident,
    *,
    order_version: int,
    late: timedelta,
    warned: bool,
    total: Decimal,
    now: datetime,
) -> Met:
    """Return what an incident comes to; no shopper of this month has ordered before."""
    said = sum(one.said is Said.APOLOGY for one in before)
    past = Past(of_order=said, of_customer=said)
    tier = credit.tier(POLICY, what, late=late, warned=warned, again=past.again)
    already = Decimal(0)
    if what is not Incident.NOT_READY:
        granted = (x.credit for x in before if x.what is not Incident.NOT_READY)
        already = sum((money.amount for money in granted if money), Decimal(0))
    return Met(
        number=len(before) + 1,
        what=what,
        order_version=order_version,
        tier=tier,
        said=apology.how(POLICY, what, tier, past, order_id),
        late=late,
        warned=warned,
        at=now,
        credit=credit.owed(POLICY, tier, Money(total, POLICY.currency), already),
    )


def call(before: list[Met], *, order_version: int, now: datetime) -> Met | None:
    """Return that words are used up and a person has to call, once for an order."""
    if any(one.what is Incident.LATE and one.said is Said.PERSON for one in before):
        return None
    tier, none = CreditTier.LONG, timedelta(0)
    return Met(
        len(before) + 1, Incident.LATE, order_version, tier, Said.PERSON, none, False, now, None
    )
