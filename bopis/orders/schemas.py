"""What web shops send. Inputs are strict: a field we do not know is a mistake we name."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from bopis.kernel import idempotency
from bopis.kernel.bodies import Body
from bopis.kernel.ids import SKU_PATTERN, STORE_ID_PATTERN, Sku, StoreId
from bopis.orders.amends.credit_schemas import MoneyIn
from bopis.orders.choices.consent import Consent, Consented
from bopis.orders.placing.asked import NewOrder
from bopis.orders.states import CancelReason
from inventory.hold_models import HoldId
from notifications.recipients import Person

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
MOST_LINES = 100
MOST_UNITS = 999

SkuIn = Annotated[Sku, StringConstraints(pattern=SKU_PATTERN)]
StoreIn = Annotated[StoreId, StringConstraints(pattern=STORE_ID_PATTERN)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, pattern=PRINTABLE)]
Name = Annotated[Word, StringConstraints(min_length=1, max_length=100)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x20-\x7e]+$")]


class In(Body):
    model_config = ConfigDict(frozen=True)


class LineIn(In):
    sku: SkuIn
    quantity: int = Field(ge=1, le=MOST_UNITS)


def _each_once(lines: Sequence[LineIn]) -> Sequence[LineIn]:
    skus = [line.sku for line in lines]
    twice = sorted({sku for sku in skus if skus.count(sku) > 1})
    if twice:
        raise ValueError(f"{twice[0]} is there twice: put its units into one line")
    return lines


Lines = Annotated[
    tuple[LineIn, ...],
    Field(min_length=1, max_length=MOST_LINES),
    AfterValidator(_each_once),
]


class OrderLineIn(LineIn):
    """A line, and what may be given for it if it is not there: nothing, unless you say so.

    ``ask``: we may propose something like it. A list: these items and no others, best first; one
    of them is given even if the shopper does not answer. We never substitute without such a yes.
    """

    substitutes: (
        Literal["never", "ask"] | Annotated[tuple[SkuIn, ...], Field(min_length=1, max_length=5)]
    ) = "never"

    @property
    def consented(self) -> Consented:
        if isinstance(self.substitutes, str):
            return Consented(Consent(self.substitutes))
        return Consented(Consent.LISTED, self.substitutes)


OrderLines = Annotated[
    tuple[OrderLineIn, ...],
    Field(min_length=1, max_length=MOST_LINES),
    AfterValidator(_each_once),
]


def consents(lines: Sequence[OrderLineIn]) -> dict[Sku, Consented]:
    """Return what was said about those items of which anything was said."""
    said = {line.sku: line.consented for line in lines}
    return {sku: one for sku, one in said.items() if one.consent is not Consent.NEVER}


def as_before(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line as it was when substitutes were unheard of: a repetition stays one."""
    return {key: value for key, value in line.items() if (key, value) != ("substitutes", "never")}


_PLAIN: Final = re.compile(
    r"[A-Za-z0-9_+-]{1,30}(\.[A-Za-z0-9_+-]{1,30})?"
    r"@([a-z0-9]{1,30}(-[a-z0-9]{1,30})?\.){1,3}(com|org|net|edu|gov|io|[a-z]{2})",
)
"""Addresses of which nothing has to be looked up or normalized: nearly all there are."""


def _plain_or_checked(value: object, check: ValidatorFunctionWrapHandler) -> str:
    """Take an ordinary address as it stands: judging it by every rule costs as much as its order.

    Whatever is not plainly one is judged by every rule.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    return str(check(value))


Email = Annotated[EmailStr, StringConstraints(max_length=254), WrapValidator(_plain_or_checked)]


class CustomerIn(In):
    first_name: Name
    last_name: Name | None = None
    email: Email
    phone: Annotated[Word, StringConstraints(max_length=40)] | None = None
    locale: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}$")
    ] = "en"

    def person(self) -> Person:
        return Person(self.first_name, self.last_name, self.email, self.phone, self.locale)


class OrderIn(In):
    """An order, paid for at the shop. ``reference`` is the shop's own number of it."""

    store_id: StoreIn
    reference: Annotated[Word, StringConstraints(min_length=1, max_length=100)]
    customer: CustomerIn
    lines: OrderLines
    hold_id: Annotated[str, StringConstraints(max_length=65)] | None = None
    """What a quote kept for it: the same items and units, or fewer."""
    total: MoneyIn | None = None
    """What was paid for it: what a credit is a share of, should we break our word."""

    def new(self, channel: str, key: str | None, hold_id: HoldId | None = None) -> NewOrder:
        body = self.model_dump(mode="json")
        if self.hold_id is None:
            del body["hold_id"]  # as it was when there were no holds: a repetition is one still
        if self.total is None:
            del body["total"]
        body["lines"] = [as_before(line) for line in body["lines"]]
        return NewOrder(
            channel=channel,
            reference=self.reference,
            fingerprint=idempotency.fingerprint(body),
            lines=[(line.sku, line.quantity) for line in self.lines],
            customer=self.customer.person(),
            key=key,
            hold_id=hold_id,
            total=self.total.money if self.total else None,
            consents=consents(self.lines),
        )


class Near(In):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class QuoteIn(In):
    """A basket, and either one store or a place near which to look."""

    lines: Lines
    store_id: StoreIn | None = None
    near: Near | None = None
    limit: int = Field(
        default=3, ge=1, le=5, description="How many stores to offer; three at most are."
    )
    hold: bool = Field(default=False, description="Keep all of it, in one store.")
    hold_minutes: int = Field(default=10, ge=1, le=30)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.store_id is None) == (self.near is None):
            raise ValueError("give either store_id or near")
        if self.hold and self.store_id is None:
            raise ValueError("a hold is in one store: give its store_id")
        return self


class CancelIn(In):
    """Why, as far as a shop can know: what a store does wrong is not its to say."""

    reason: Literal[
        CancelReason.SHOPPER_REQUEST, CancelReason.PAYMENT_FAILED, CancelReason.FRAUD_HOLD
    ] = CancelReason.SHOPPER_REQUEST
