"""Reads a day of the public "Online Retail" invoices (Chen, UCI, 2015), dirt and all. Pure.

The data is real and has what real data has: cancellations, write-offs booked as sales, clerks'
notes where a name should be, postage sold as an item, half the customers blank. Nothing of that
is an error of ours and nothing of it may stop a replay: every row that is not part of an order
becomes a ``Rejected`` with a name, a line number and its own text.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bopis.simulation.baskets import (
    Good,
    Heap,
    Reject,
    Rejected,
    ShoppingDay,
    only_sold,
    settle,
)

ZONE: Final = "Europe/London"
COLUMNS: Final = 8
MAX_QUANTITY: Final = 480
"""Forty dozen of one thing do not fit on a shelf, in a tote, or in a customer's arms."""
MAX_LINES: Final = 100
"""What one order may have. One invoice of a customer in these files has 161 lines; those above 500
are the retailer's whole web trade of a day, booked as one."""

NO_GOODS: Final = frozenset(
    {"POST", "DOT", "D", "M", "C2", "S", "B", "CRUK", "PADS", "AMAZONFEE", "BANK CHARGES"}
)
"""Stock codes that stand for a service, a fee or a correction."""


def data_folder() -> Path:
    """Return where the daily files are: BOPIS_RETAIL_DATA, or a neighbor of this checkout."""
    named = os.environ.get("BOPIS_RETAIL_DATA")
    return Path(named) if named else Path(__file__).parents[3] / "shared" / "data" / "online-retail"


def read(files: Iterable[Path]) -> ShoppingDay:
    """Read one or more daily files into baskets, in order of time.

    Shapes:
        files: 1..n CSV files with a header line, UTF-8 (a byte order mark is fine).
        returns: rows = rows kept + rejects; a stock code repeated within an invoice is merged into
            its first line and counted in ``merged``.

    Raises:
        OSError: A file cannot be read. No content raises anything.
    """
    heaps: dict[str, Heap] = {}
    goods: dict[str, Good] = {}
    rejects: list[Rejected] = []
    names: list[str] = []
    rows = 0
    for file in files:
        names.append(file.stem)
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            reader = csv.reader(text)
            next(reader, None)
            for row in _rows(reader):
                rows += 1
                reason = _take(row, reader.line_num, heaps, goods)
                if reason is not None:
                    rejects.append(Rejected(file.name, reader.line_num, reason, ",".join(row)))
    label = " and ".join(names)
    baskets, late, merged = settle(
        heaps, source=label, max_lines=MAX_LINES, max_quantity=MAX_QUANTITY
    )
    return ShoppingDay(
        source=f"Online Retail, {label} (real invoices)",
        zone=ZONE,
        baskets=tuple(baskets),
        goods=only_sold(goods, baskets),
        rejects=tuple(rejects + late),
        rows=rows,
        merged=merged,
    )


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield every row; one that the CSV reader gives up on comes as an empty, so a short, row."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field beyond the reader's limit: an unclosed quote, most likely
            yield []


def _take(
    row: list[str], line: int, heaps: dict[str, Heap], goods: dict[str, Good]
) -> Reject | None:
    """Add one row to its invoice, or return why it is not part of one."""
    if len(row) != COLUMNS:
        return Reject.SHORT_ROW
    invoice, code, name, quantity_text, moment, price_text, customer, _ = map(str.strip, row)
    code = code.upper()  # the same code is typed 15056bl on one invoice and 15056BL on another
    reason = _word_fault(invoice, code)
    if reason is not None:
        return reason
    try:
        quantity, price = int(quantity_text), round(float(price_text) * 100)
    except (ValueError, OverflowError):
        return Reject.BAD_NUMBER
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return Reject.BAD_TIME
    reason = _sale_fault(name, quantity, price)
    if reason is not None:
        return reason
    at = at.replace(tzinfo=at.tzinfo or ZoneInfo(ZONE)).astimezone(UTC)
    heap = heaps.setdefault(invoice, Heap(at, _customer(customer)))
    heap.add(code, quantity, line=line, raw=",".join(row))
    goods.setdefault(code, Good(code, " ".join(name.split()), "", _department(code), price))
    return None


def _word_fault(invoice: str, code: str) -> Reject | None:
    if not invoice:
        return Reject.BLANK_REFERENCE
    if invoice[:1] in {"C", "c"}:
        return Reject.CANCELLED
    if not code:
        return Reject.BLANK_CODE
    if code in NO_GOODS or not any(letter.isdigit() for letter in code):
        return Reject.NOT_A_GOOD
    return None


def _sale_fault(name: str, quantity: int, price: int) -> Reject | None:
    """Say what is wrong with a sale; the worst fault first, because a row can have several."""
    faults = (
        (quantity < 0, Reject.NEGATIVE_QUANTITY),
        (quantity == 0, Reject.ZERO_QUANTITY),
        (quantity > MAX_QUANTITY, Reject.HUGE_QUANTITY),
        (not name, Reject.BLANK_DESCRIPTION),
        (name == name.lower(), Reject.CLERK_NOTE),
        (price < 0, Reject.NEGATIVE_PRICE),
        (price == 0, Reject.ZERO_PRICE),
    )
    return next((reason for is_so, reason in faults if is_so), None)


def _customer(text: str) -> str | None:
    """Return the number that the file writes as a float, or None where it says nothing."""
    return text.removesuffix(".0") or None


def _department(code: str) -> str:
    """Return the shelf range of a code: the data has no departments, its number blocks stand in."""
    return f"Range {code[:2]}"
