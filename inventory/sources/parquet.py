"""Parquet files, a few thousand rows of the wanted columns at a time. Pure.

pyarrow is asked for only when such a file comes: it is an extra of this package.
"""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final

from inventory.feeds.feed import PAGE
from inventory.feeds.records import Unreadable

MOST_BYTES: Final = 1 << 30
"""Of one row group, unpacked, as the file declares it. Pages of it are held, never all."""

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
    return file


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
        Unreadable: The file is broken further on. Rows before it have been yielded.
    """
    number = 0
    batches = file.iter_batches(batch_size=PAGE, columns=list(columns), use_threads=False)
    while True:
        with _in_words():
            batch = next(batches, None)
            found = [] if batch is None else [_cells(batch.column(name)) for name in columns]
        if batch is None:
            return
        blank = [None] * batch.num_rows
        lists = [blank if place is None else found[place] for place in order]
        for cells in zip(*lists, strict=True):
            number += 1
            yield number, list(cells)


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
    except (arrow.ArrowException, OSError, ValueError, KeyError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Unreadable(f"The Parquet file is broken: {said}") from None
