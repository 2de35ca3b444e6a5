"""What a file would be read as, and the words for it, before anything is loaded. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Final

from inventory.feeds import feed, rejects
from inventory.feeds.feed import FeedKind, Plain, Row
from inventory.feeds.records import Format
from inventory.feeds.rejects import EXPLAINED, Reason, Reject, Unreadable
from inventory.sources import reading
from inventory.sources.mapping import NAMES, FileMapping
from inventory.sources.reading import AS_OURS

FIRST: Final = 5
"""Rows and rejects of each reason that are shown."""
STORES: Final = 20
_GLANCE: Final = 1 << 20
_CALLED: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

ADVICE: Final[Mapping[Reason, str]] = {
    Reason.COLUMNS: "Look for the delimiter inside a field that is not in quotes.",
    Reason.NOT_UTF8: "Declare mapping.encoding.",
    Reason.UNDECODABLE: "Declare another mapping.encoding.",
    Reason.NOT_A_NUMBER: "Declare mapping.decimal and mapping.thousands, or look for swapped "
    "columns.",
    Reason.NOT_WHOLE: "If it counts cases, declare mapping.units; parts of a unit are not taken.",
    Reason.NOT_A_TIME: "Declare mapping.time_formats.",
    Reason.NO_ZONE: "Declare mapping.time_zone.",
    Reason.AMBIGUOUS_TIME: "Ask for times with an offset: the file cannot say which it was.",
    Reason.SKIPPED_TIME: "Declare another mapping.time_zone, or ask for times with an offset.",
    Reason.IN_FUTURE: "Look at mapping.time_zone, and at the clock of the system.",
    Reason.UNTRANSLATED: "Add the code to mapping.stores.",
    Reason.UNKNOWN_STORE: "Load the store first, or translate its code in mapping.stores.",
    Reason.UNKNOWN_FIELD: 'Map it in mapping.columns, or declare other_columns = "ignore".',
    Reason.CHECK_DIGIT: "Look for an item number in the column of GTINs.",
    Reason.MISSING: "Ask for the value, or leave the row out.",
}


@dataclass(slots=True)
class Checked:
    """What was found in a file.

    Units:
        rows: records, good and bad.
    """

    form: Format
    kind: FeedKind
    mapping: FileMapping
    rows: int = 0
    rejected: int = 0
    stores: Counter[str] = field(default_factory=Counter)
    first: list[Row] = field(default_factory=list)
    reasons: Counter[Reason] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    layout: list[str] = field(default_factory=list)
    newest: datetime | None = None
    unreadable: str = ""
    advice: str = ""
    unknown: list[str] | None = None
    """Stores that nobody has loaded; None: nobody was asked."""

    @property
    def is_quarantined(self) -> bool:
        """Whether it would be set aside for its rows alone."""
        strange = sum(self.stores[store] for store in self.unknown or ())
        return bool(self.unreadable) or feed.is_suspect(self.rows, self.rejected + strange)


def check(
    source: IO[bytes], form: Format, kind: FeedKind, now: datetime, mapping: FileMapping | None
) -> Checked:
    """Read a file from end to end as it would be read, and keep only what has to be shown."""
    found = Checked(form, kind, mapping or AS_OURS)
    try:
        found.layout = _layout(source, form, found.mapping)
        source.seek(0)
        for page in reading.read(source, form, kind, now, mapping):
            if isinstance(page, Plain):
                found.rows += page.rows
                _count(found, _rows(page))
                continue
            found.rows += len(page.rows) + len(page.rejects)
            found.rejected += len(page.rejects)
            _count(found, page.rows)
            for reject in page.rejects:
                found.reasons[reject.reason] += 1
                if found.reasons[reject.reason] <= FIRST:
                    found.rejects.append(reject)
    except Unreadable as error:
        found.unreadable = str(error)
    found.advice = _encoding_advice(source, found)
    return found


def _count(found: Checked, rows: Sequence[Row] | Iterator[Row]) -> None:
    for row in rows:
        found.stores[row.store_id] += 1
        if len(found.first) < FIRST:
            found.first.append(row)
        if row.as_of is not None and (found.newest is None or row.as_of > found.newest):
            found.newest = row.as_of


def _rows(page: Plain) -> Iterator[Row]:
    """Yield plain rows: what is plain needs no more than to be cut at its delimiter."""
    place = {name: number for number, name in enumerate(page.columns)}
    at, item, count, when = (place.get(n) for n in ("store_id", "sku", "quantity", "as_of"))
    assert at is not None
    assert item is not None
    assert count is not None
    for line, text in enumerate(page.content.decode().splitlines(), page.line):
        cells = text.split(page.delimiter)
        moment = datetime.fromisoformat(cells[when]) if when is not None and cells[when] else None
        yield Row(line, cells[at], cells[item], None, int(cells[count]), moment)


def _layout(source: IO[bytes], form: Format, mapping: FileMapping) -> list[str]:
    """Return how a file is taken apart, a sentence for each thing that could be wrong.

    Raises:
        Unreadable: It cannot be.
    """
    if form is not Format.CSV:
        return [f"It is read as {form.upper()}.", *_columns(mapping, None)]
    header = reading.head(source, mapping)
    found = f"It is read as CSV in {mapping.encoding}, with {_CALLED[header.delimiter]} between "
    if mapping.header:
        line = mapping.skip_lines + 1
        said = [f"{found}columns that line {line} names."]
    else:
        said = [f"{found}{len(header.names)} columns without names."]
    return said + _columns(mapping, header.names)


def _columns(mapping: FileMapping, names: Sequence[str] | None) -> list[str]:
    said = []
    for name in NAMES:
        theirs = mapping.spelled(name)
        if name == "store_id" and mapping.store is not None:
            said.append(f"store_id is always {mapping.store}.")
        elif (
            theirs is not None
            and (names is None or theirs in names)
            and (names is not None or name in mapping.columns)
        ):
            place = str(mapping.columns.get(name, theirs))
            said.append(f"{name} is {_place(place, mapping)}{_how(name, mapping)}.")
    if names is not None and mapping.header:
        read = {mapping.spelled(name) for name in NAMES}
        if left := [rejects.kept(name) for name in names if name not in read]:
            said.append(f"Not read: {', '.join(left[:STORES])}.")
    return said


def _place(theirs: str, mapping: FileMapping) -> str:
    return f"the column “{theirs}”" if mapping.header else f"column {theirs}"


def _how(name: str, mapping: FileMapping) -> str:
    if name == "store_id" and mapping.stores:
        return f", translated by a table of {len(mapping.stores)} codes"
    if name == "as_of" and mapping.time_zone:
        return f", by the clock of {mapping.time_zone} where it names no zone"
    if name != "quantity":
        return ""
    said = ""
    if mapping.decimal != "." or mapping.thousands:
        said = f", in which 1{mapping.thousands}234{mapping.decimal}00 is 1234"
    if mapping.units.each > 1:
        said += f", times {mapping.units.each}"
    if mapping.units.items:
        count = len(mapping.units.items)
        said += f", counted in cases for {count} {'item' if count == 1 else 'items'}"
    return said


def _encoding_advice(source: IO[bytes], found: Checked) -> str:
    """Return a hint where the bytes do not look like what was declared."""
    if found.form is not Format.CSV:
        return ""
    source.seek(0)
    start = source.read(_GLANCE)
    declared = found.mapping.encoding
    is_utf8 = _decodes(start, "utf-8")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) and not declared.startswith("utf-16"):
        return 'The file says that it is UTF-16: declare mapping.encoding = "utf-16".'
    if declared == "utf-8" and not is_utf8:
        return 'Some text is not UTF-8. Western Windows systems often write "cp1252".'
    if (
        declared not in {"utf-8", "ascii"}
        and is_utf8
        and not start.isascii()
        and b"\0" not in start
    ):
        return f"All text of the beginning is good UTF-8, though {declared} is declared."
    return ""


def _decodes(start: bytes, encoding: str) -> bool:
    try:
        start.decode(encoding)
    except UnicodeDecodeError as error:
        return error.end >= len(start) and error.reason == "unexpected end of data"
    return True


def sentences(found: Checked) -> Iterator[str]:
    """Yield what was found, a line at a time, as an operator reads it."""
    yield from found.layout
    if found.advice:
        yield found.advice
    if found.unreadable:
        yield found.unreadable
        yield "Verdict: it cannot be read. Nothing of it would be taken."
        return
    yield ""
    good = found.rows - found.rejected
    yield f"{found.rows:,} rows: {good:,} can be understood, {found.rejected:,} cannot."
    yield from _of_stores(found)
    if found.newest is not None:
        yield f"The newest row is as of {found.newest:%Y-%m-%d %H:%M} UTC."
    if found.first:
        yield ""
        yield "The first rows, as they would be understood:"
        yield from (f"  {_sentence(row, found.kind)}" for row in found.first)
    if found.rejects:
        yield ""
        yield "What cannot be understood:"
        yield from _rejects(found)
    yield ""
    yield _verdict(found)


def _of_stores(found: Checked) -> Iterator[str]:
    listed = [f"{store} ({count:,})" for store, count in sorted(found.stores.items())[:STORES]]
    more = len(found.stores) - len(listed)
    if listed:
        yield f"Rows by store: {', '.join(listed)}{f' and {more} more stores' if more > 0 else ''}."
    if found.unknown is None:
        yield "Whether these stores are known was not asked."
    elif found.unknown:
        strangers = ", ".join(found.unknown[:STORES])
        yield f"We do not know {strangers}. {ADVICE[Reason.UNKNOWN_STORE]}"


def _sentence(row: Row, kind: FeedKind) -> str:
    item = f"item {row.sku}" if row.sku is not None else f"GTIN {row.gtin}"
    count = f"{row.quantity:+,}" if kind is FeedKind.DELTA else f"{row.quantity:,}"
    when = "as of the batch" if row.as_of is None else f"as of {row.as_of:%Y-%m-%d %H:%M} UTC"
    unit = "unit" if abs(row.quantity) == 1 else "units"
    return f"line {row.line}: store {row.store_id}, {item}: {count} {unit}, {when}"


def _rejects(found: Checked) -> Iterator[str]:
    for reason, count in found.reasons.most_common():
        rows = "1 row" if count == 1 else f"{count:,} rows"
        yield f"  {rows}: {EXPLAINED[reason]} {ADVICE.get(reason, '')}".rstrip()
        for one in found.rejects:
            if one.reason is reason:
                yield f"    line {one.line}, {one.field}: {one.raw[:120]!r}"


def _verdict(found: Checked) -> str:
    if found.is_quarantined:
        return "Verdict: too many rows are bad. The whole file would be set aside (quarantined)."
    if not found.rows:
        return "Verdict: it would be applied, but there is not one row in it."
    if found.rejected:
        return "Verdict: the good rows would be applied, the others listed as rejects."
    return "Verdict: it would be applied."
