"""Parquet files, a few thousand rows of the wanted columns at a time. Pure.

pyarrow is asked for only when such a file comes: it is an extra of this package.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final

from inventory.feeds.feed import PAGE
from inventory.feeds.rejects import Unreadable

MOST_BYTES: Final = 1 << 30
"""Of one row group, unpacked, as the file declares it. Pages of it are held, never all."""

MOST_ROWS: Final = 20_000_000
"""Of one file: a thousand bytes can say the same row two thousand million times."""

MOST_PAGE: Final = 64 << 20
"""Bytes of one page of rows as they come out: some hundred times what a page of a feed has."""

MOST_UNPACKED: Final = 2 << 30
"""Bytes of all pages together: four times what a text file may have."""

_MARK: Final = b"PAR1"


def opened(source: IO[bytes]) -> Any:
    """Return the file, with nothing read but what it says about itself.

    Raises:
        Unreadable: It is not Parquet, or broken, or its parts are too large; or pyarrow is missing.
    """
    mark = source.read(len(_MARK))
    source.seek(0)
    if mark != _MARK:
        raise Unreadable("The file is empty." if not mark else "The file is not Parquet.")
    try:
        reader = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise Unreadable(
            "Parquet files need pyarrow, which is not installed: pip install 'bopis[parquet]'."
        ) from None
    with _in_words():
        file = reader.ParquetFile(source, pre_buffer=False, buffer_size=1 << 16)
        # Never ask for .column(): of a file that was tampered with it ends the whole process.
        groups = range(file.metadata.num_row_groups)
        sizes = [file.metadata.row_group(n).total_byte_size for n in groups]
    largest = max(sizes, default=0)
    if largest > MOST_BYTES:
        raise Unreadable(
            f"A row group unpacks to {largest} bytes; at most {MOST_BYTES} are read. Write smaller "
            "row groups."
        )
    if file.metadata.num_rows > MOST_ROWS:
        raise Unreadable(_TOO_MANY)
    return file


_TOO_MANY: Final = f"It has more than {MOST_ROWS:,} rows. Send it in parts."


def names(file: Any) -> list[str]:
    return list(file.schema_arrow.names)


def rows(
    file: Any, columns: Sequence[str], order: Sequence[int | None]
) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number of each row, from 1, and its cells in an order of ours.

    Shapes:
        columns: names, each once; no other column is read.
        order: for each cell the place of its column in ``columns``, or None.

    Raises:
        Unreadable: The file is broken further on, or unpacks to more than we hold. Rows before it
            have been yielded.
    """
    number, unpacked = 0, 0
    batches = file.iter_batches(batch_size=PAGE, columns=list(columns), use_threads=False)
    while True:
        with _in_words():
            batch = next(batches, None)
            unpacked += 0 if batch is None else _weighed(batch)
            found = [] if batch is None else [_cells(batch.column(name)) for name in columns]
        if batch is None:
            return
        if unpacked > MOST_UNPACKED or number + batch.num_rows > MOST_ROWS:  # it declared less
            raise Unreadable(_TOO_LARGE if unpacked > MOST_UNPACKED else _TOO_MANY)
        blank = [None] * batch.num_rows
        lists = [blank if place is None else found[place] for place in order]
        for cells in zip(*lists, strict=True):
            number += 1
            yield number, list(cells)


_TOO_LARGE: Final = f"It unpacks to more than {MOST_UNPACKED >> 30} GB. Send it in parts."


def _weighed(batch: Any) -> int:
    """Return how many bytes a page has as values of Python, which repeat what is packed once.

    Raises:
        Unreadable: Too many: a few bytes of a file can stand for gigabytes.
    """
    arrow, compute = (importlib.import_module(f"pyarrow{one}") for one in ("", ".compute"))
    size = batch.nbytes
    for column in batch.columns:
        if arrow.types.is_dictionary(column.type) and _is_text(arrow, column.type.value_type):
            longest = compute.max(compute.binary_length(column.dictionary)).as_py() or 0
            size += longest * len(column)
    if size > MOST_PAGE:
        raise Unreadable(
            f"{batch.num_rows} of its rows unpack to {size} bytes; at most {MOST_PAGE} are held at "
            "once. Stores, items and times are short: look at what is in these columns."
        )
    return int(size)


def _is_text(arrow: Any, kind: Any) -> bool:
    kinds = arrow.types
    return bool(
        kinds.is_string(kind)
        or kinds.is_large_string(kind)
        or kinds.is_binary(kind)
        or kinds.is_large_binary(kind)
    )


def _cells(column: Any) -> list[Any]:
    """Return a column as values of Python; instants to the microsecond."""
    arrow = importlib.import_module("pyarrow")
    kind = column.type
    if arrow.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if arrow.types.is_timestamp(kind):
        column = column.cast(arrow.timestamp("us", tz=kind.tz), safe=False)
    try:
        cells: list[Any] = column.to_pylist()
    except (OverflowError, ValueError):  # an instant that no calendar has: one bad row
        cells = [_cell(scalar) for scalar in column]
    return cells


def _cell(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return "out of range"


@contextmanager
def _in_words() -> Iterator[None]:
    """Say of a failure inside pyarrow that the file is broken."""
    arrow = importlib.import_module("pyarrow")
    try:
        yield
    except MemoryError:
        raise Unreadable(
            "A page of it unpacks to more memory than one file is given. Stores, items and times "
            "are short: look at what is in these columns."
        ) from None
    except (arrow.ArrowException, OSError, ValueError, KeyError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Unreadable(f"The Parquet file is broken: {said}") from None
