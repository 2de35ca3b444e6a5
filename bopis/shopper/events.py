"""What a shopper told us on the page of their order."""

from typing import ClassVar

from bopis.orders.events import OrderFact


class ShopperAnswered(OrderFact):
    """The one question: was everything in the bag?"""

    name: ClassVar[str] = "shopper.answered"

    all_there: bool
