"""What a shopper is owed when we break our word, by a policy that can be replaced. Pure.

The policy is a file (``credit_policy.toml`` is the one that we ship with): an amount follows from
it and from what is on record, so that two people in the same case get the same, and nobody has to
ask. Whoever took the money settles the credit; what is decided here is what they are told to pay.
"""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Final, Self

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict, Field, model_validator

Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)]


class Incident(StrEnum):
    """In which way we broke our word."""

    LATE = "late"  # not ready by the time that they had heard
    NOT_READY = "not_ready"  # we called it ready, and it was not
    CANCELLED = "cancelled"  # promised, and then ended by us


class CreditTier(StrEnum):
    """Which line of the policy an incident falls under."""

    SMALL = "small"
    MEDIUM = "medium"
    LONG = "long"
    CANCELLED = "cancelled"
    NOT_READY = "not_ready"


class Line(BaseModel):
    """A share of what the order cost, between a least and a most.

    Of an order whose value nobody told us only the ``least`` is known to be owed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)
    least: Amount = Decimal(0)
    most: Amount | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most is not None and self.least > self.most:
            raise ValueError("least is more than most")
        return self


class Policy(BaseModel):
    """What is owed for what, and how often we may say sorry before a person has to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    small_under_minutes: Annotated[int, Field(ge=1, le=600)]
    long_over_minutes: Annotated[int, Field(ge=1, le=1440)]
    remember_days: Annotated[int, Field(ge=1, le=366)]
    apologies_per_order: Annotated[int, Field(ge=0, le=2)]
    apologies_per_customer: Annotated[int, Field(ge=0, le=10)]
    hold_out_percent: Annotated[int, Field(ge=0, le=50)]
    call_within_minutes: Annotated[int, Field(ge=5, le=1440)]
    budget_per_store_day: Amount
    small: Line
    medium: Line
    long: Line
    cancelled: Line
    not_ready: Line

    @model_validator(mode="after")
    def _tiers_rise(self) -> Self:
        if self.small_under_minutes >= self.long_over_minutes:
            raise ValueError("small_under_minutes has to be less than long_over_minutes")
        return self

    def line(self, tier: CreditTier) -> Line:
        line: Line = getattr(self, tier)
        return line


def load(text: str) -> Policy:
    """Read a policy; one with a gap, a doubt or a word that we do not know is refused.

    Raises:
        ValueError: It is no TOML, or no policy; the message names the line.
    """
    return Policy.model_validate(tomllib.loads(text))


DEFAULT: Final = load(
    files("bopis.orders.amends").joinpath("credit_policy.toml").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str


_UP: Final = {CreditTier.SMALL: CreditTier.MEDIUM, CreditTier.MEDIUM: CreditTier.LONG}


def tier(
    policy: Policy, what: Incident, *, late: timedelta, warned: bool, again: bool
) -> CreditTier:
    """Return the line that applies.

    Shapes:
        late: how long after the first promise it is ready by what we say now.
        warned: they heard of it before the promise was broken.
        again: another order of theirs met with one of these not long ago: then the next line.
    """
    if what is not Incident.LATE:
        return CreditTier(what)
    if not warned or late > timedelta(minutes=policy.long_over_minutes):
        return CreditTier.LONG
    small = late < timedelta(minutes=policy.small_under_minutes)
    found = CreditTier.SMALL if small else CreditTier.MEDIUM
    return _UP[found] if again else found


def owed(policy: Policy, tier: CreditTier, total: Money | None, already: Decimal) -> Money | None:
    """Return what has to be credited now, or None.

    A second delay of the same order makes up the difference and no more: the most of its line is
    the most for the whole order.

    Shapes:
        total: what the order cost, if the shop said so. In another currency than the policy's it
            says nothing: we do not trade currencies.
        already: what was granted for this order before.
    """
    if total is not None and total.currency != policy.currency:
        return None
    line = policy.line(tier)
    amount = line.least
    if total is not None:
        amount = max(amount, total.amount * line.percent / 100)
    if line.most is not None:
        amount = min(amount, line.most)
    rest = _rounded(amount, policy.currency) - already
    return Money(rest, policy.currency) if rest > 0 else None


def shared(total: Money, units: int, of: int) -> tuple[Money, Money]:
    """Return what some units of an order take along of what was paid for it, and what stays.

    Nobody tells us prices, so each unit counts alike; nothing is lost by rounding.
    """
    share = total.amount
    if units < of:
        share = min(_rounded(total.amount * units / of, total.currency), total.amount)
    return Money(share, total.currency), Money(total.amount - share, total.currency)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount that can be paid out: whole cents, or whole yen."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_UP)
