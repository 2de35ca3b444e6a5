"""Records that were not taken, as a sheet that does nothing when it is opened."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from inventory.feeds.models import FeedReject
from inventory.feeds.rejects import EXPLAINED, Reason


def sheet(rejects: list[FeedReject]) -> Iterator[str]:
    """Yield the lines of a CSV file: line, field, reason, what that means, and what it said."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(["line", "field", "reason", "explanation", "raw"])
    for reject in rejects:
        explanation = EXPLAINED[Reason(reject.reason)]
        cells = [reject.field, reject.reason, explanation, reject.raw]
        writer.writerow([reject.line, *map(harmless, cells)])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet will run as a formula, whichever sign it cuts lines at.

    Source:
        OWASP, "CSV Injection": the characters that begin one, full-width ones too; and that a
        sheet which cuts at a semicolon or a tab finds cells inside of ours.
    """
    inside = _INSIDE.sub(r"\1'", cell)
    return f"'{inside}" if _BEGINS.match(cell) else inside


_SIGNS: Final = r"=+\-@\uff1d\uff0b\uff0d\uff20"

_BEGINS: Final = re.compile(rf"\s*[{_SIGNS}]|[\t\r\n]")

_INSIDE: Final = re.compile(rf"([;\t\r\n]\s*)(?=[{_SIGNS}])")
