"""What a day of shopping looks like once it has been read: baskets, goods, and named rejects.

Every reader (``retail``, ``journey``) ends here, so the engine need not know where a day came
from. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Reject(StrEnum):
    """Why a row of published data is not part of any order. A closed list, in one place."""

    SHORT_ROW = "short_row"  # fewer or more columns than the header
    BAD_NUMBER = "bad_number"  # a quantity or a price that is no number
    BAD_TIME = "bad_time"
    BLANK_REFERENCE = "blank_reference"  # no invoice number
    BLANK_CODE = "blank_code"  # no stock code
    CANCELLED = "cancelled_invoice"  # takes back an invoice, mostly of an earlier day
    NOT_A_GOOD = "not_a_good"  # postage, discounts, bank charges, fuel: nothing to pick
    NEGATIVE_QUANTITY = "negative_quantity"  # a write-off booked as a sale
    ZERO_QUANTITY = "zero_quantity"
    HUGE_QUANTITY = "huge_quantity"  # a pallet: nobody collects it at a counter
    BLANK_DESCRIPTION = "blank_description"
    CLERK_NOTE = "clerk_note"  # "check", "damages": a correction, not a name
    ZERO_PRICE = "zero_price"  # a correction, not a sale
    NEGATIVE_PRICE = "negative_price"
    TOO_MANY_LINES = "too_many_lines"  # a whole day of small sales booked as one invoice


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was left out: where it stands, why, and what it said.

    Units:
        line: 1-based line of the file, the header being 1; for Parquet, the 1-based row.
    """

    source: str
    line: int
    reason: Reject
    raw: str


@dataclass(frozen=True, slots=True)
class Good:
    """Something that can be on a shelf.

    Units:
        cents: the price of one piece, in hundredths of the currency of the data.
    """

    sku: str
    name: str
    size: str
    department: str
    cents: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What one person bought at one moment, merged to one line for each item.

    Shapes:
        lines: 1..n, in the order of first mention; no sku twice; every quantity at least 1.
        store: the publisher's own store, or blank where the data has none.
    """

    reference: str
    at: datetime
    customer: str | None
    lines: Mapping[str, int]
    store: str = ""


@dataclass(frozen=True, slots=True)
class ShoppingDay:
    """One day of one source, and everything that was left out of it."""

    source: str
    """What the report calls it, with the publisher's own caveat where there is one."""
    zone: str
    baskets: tuple[Basket, ...]
    goods: Mapping[str, Good]
    rejects: tuple[Rejected, ...] = ()
    rows: int = 0
    merged: int = 0
    """Rows that repeated a stock code within their invoice and were added to its first line."""

    def rejected(self) -> dict[str, int]:
        """Return how many rows each reason left out, most frequent first, ties by name."""
        counts = Counter(str(reject.reason) for reject in self.rejects)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def demand(self) -> Counter[str]:
        """Return how many units of each item the day asks for."""
        wanted = Counter[str]()
        for basket in self.baskets:
            wanted.update(basket.lines)
        return wanted


@dataclass(slots=True)
class Heap:
    """Rows of one invoice while they are being read."""

    at: datetime
    customer: str | None
    store: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, str]] = field(default_factory=list)
    merged: int = 0

    def add(self, sku: str, quantity: int, *, line: int, raw: str) -> None:
        self.rows.append((line, raw))
        self.merged += sku in self.lines
        self.lines[sku] = self.lines.get(sku, 0) + quantity


def settle(
    heaps: Mapping[str, Heap], *, source: str, max_lines: int, max_quantity: int
) -> tuple[list[Basket], list[Rejected], int]:
    """Turn heaps of rows into baskets; return them with late rejects and the merged row count.

    Two things can only be seen when an invoice is complete: that it has more lines than a person
    could have collected, and that merged lines add up to a pallet.
    """
    baskets: list[Basket] = []
    rejects: list[Rejected] = []
    merged = 0
    for reference, heap in heaps.items():
        reason = _too_much(heap, max_lines, max_quantity)
        if reason is not None:
            rejects += [Rejected(source, line, reason, raw) for line, raw in heap.rows]
            continue
        merged += heap.merged
        baskets.append(Basket(reference, heap.at, heap.customer, heap.lines, heap.store))
    baskets.sort(key=lambda basket: (basket.at, basket.reference))
    return baskets, rejects, merged


def _too_much(heap: Heap, max_lines: int, max_quantity: int) -> Reject | None:
    if len(heap.lines) > max_lines:
        return Reject.TOO_MANY_LINES
    if any(quantity > max_quantity for quantity in heap.lines.values()):
        return Reject.HUGE_QUANTITY
    return None


def only_sold(goods: Mapping[str, Good], baskets: Iterable[Basket]) -> dict[str, Good]:
    """Return the goods that are in some basket, by sku in ascending order."""
    sold = {sku for basket in baskets for sku in basket.lines}
    return {sku: goods[sku] for sku in sorted(sold)}
