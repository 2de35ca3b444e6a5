"""What web shops tell us of what was paid, and what we tell them they owe."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bopis.kernel.bodies import Body
from bopis.orders.amends.credit import CreditTier, Money


class MoneyIn(Body):
    """An amount, as a decimal number in a string: "12.50"."""

    model_config = ConfigDict(frozen=True)

    amount: Annotated[Decimal, Field(gt=0, max_digits=11, decimal_places=3)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class CreditOut(BaseModel):
    """What you owe your customer for an incident of ours. Pay it out, then say so."""

    incident: int
    tier: CreditTier
    amount: Decimal
    currency: str
    granted_at: datetime
    settled_at: datetime | None
