"""Files as their source writes them: cut into records, translated, judged as ours are. Pure.

A file that is written as ours are goes the short way (``feed.read``), which may copy whole
stretches of it unread. What a mapping changes is read record by record: nothing is held but a page.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final

import msgspec

from inventory.feeds import feed, records, rejects
from inventory.feeds.feed import FeedKind, Page, Plain, Row, Rules
from inventory.feeds.records import Format, Header, Place
from inventory.feeds.rejects import Bad, Reason, Reject, Unreadable, kept
from inventory.sources import parquet
from inventory.sources.mapping import NAMES, FileMapping, Name
from inventory.sources.translating import Translator

AS_OURS: Final = FileMapping()


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cells of a record are ours.

    Shapes:
        places: for each of ``mapping.NAMES`` where it stands, 0-based; None: nowhere.
        ignored: names of columns that are not read.
    """

    places: tuple[int | None, ...]
    ignored: tuple[str, ...] = ()

    def cells(self, fields: Sequence[Any]) -> list[Any]:
        return [None if place is None else fields[place] for place in self.places]


def read(
    source: IO[bytes],
    form: Format,
    kind: FeedKind,
    now: datetime,
    mapping: FileMapping | None = None,
) -> Iterator[Page | Plain]:
    """Yield a feed in pages of a few thousand records, good and bad, as its source writes it.

    Raises:
        Unreadable: Nothing in the file can be understood.
    """
    if form is not Format.PARQUET and (mapping is None or mapping.is_plain):
        return feed.read(source, form, kind, now)
    mapping = mapping or AS_OURS
    ways = {Format.CSV: _csv, Format.NDJSON: _ndjson, Format.PARQUET: _parquet}
    return feed.pages(ways[form](source, mapping, Rules(kind, now)))


def _csv(source: IO[bytes], mapping: FileMapping, rules: Rules) -> Iterator[Row | Reject]:
    header = head(source, mapping)
    layout = lay_out(header.names, mapping)
    translator = Translator(mapping)
    skip = mapping.skip_lines + mapping.header
    found = records.csv_rows(source, header, Place(), encoding=mapping.encoding, skip=skip)
    for line, fields, raw in found:
        try:
            if isinstance(fields, Bad):
                raise fields
            yield rules.row(line, translator.texts(layout.cells(fields)))
        except Bad as bad:
            yield Reject(line, bad.field, _reason(bad, mapping), kept("".join(raw)))


def _reason(bad: Bad, mapping: FileMapping) -> Reason:
    is_ours = mapping.encoding == "utf-8" or bad.reason is not Reason.NOT_UTF8
    return bad.reason if is_ours else Reason.UNDECODABLE


def head(source: IO[bytes], mapping: FileMapping) -> Header:
    """Return what the first line of a CSV file says; where it is a record, only how wide it is.

    Raises:
        Unreadable: The file is empty, or in another encoding or format than its source declares.
    """
    records.identify(source, mapping.encoding)
    first = ""
    try:
        with records.decoded(source, mapping.encoding) as text:
            for _ in range(mapping.skip_lines + 1):
                first = text.readline(records.LONGEST_LINE)
    except UnicodeError:  # of UTF-16 the mark is missing
        raise Unreadable(f"The file is not {mapping.encoding}, as its source declares.") from None
    first = first.removeprefix("\ufeff")
    delimiter = mapping.delimiter or records.delimiter_of(first)
    try:
        names = records.fields_of(first, delimiter)
    except csv.Error:
        names = []
    if not any(names):
        what = "name the columns" if mapping.header else "be a record"
        raise Unreadable(f"Line {mapping.skip_lines + 1} should {what}; it is empty.")
    if not mapping.header:
        names = [str(place) for place in range(1, len(names) + 1)]
    return Header(names, delimiter, 0)


def lay_out(names: Sequence[str], mapping: FileMapping) -> Layout:
    """Return where our columns are among theirs.

    Raises:
        Unreadable: One that has to be there is not, is there twice, or nobody said what it is.
    """
    wanted: dict[Name, str] = {}
    for name in NAMES:
        theirs = mapping.spelled(name)
        if theirs is not None and (theirs in names or name in mapping.columns):
            wanted[name] = theirs
    has = ", ".join(kept(name) or "(no name)" for name in names[:20])
    what = "header names" if mapping.header else "first record has the places"
    if lost := [f"{theirs} ({name})" for name, theirs in wanted.items() if theirs not in names]:
        raise Unreadable(f"The mapping reads {', '.join(lost)}; the {what} {has}.")
    needs: list[tuple[Name, ...]] = [("quantity",), ("sku", "gtin")]
    if mapping.store is None:
        needs.append(("store_id",))
    for need in needs:
        if not wanted.keys() & set(need):
            lacks = " or ".join(need)
            raise Unreadable(f"Nothing says which column is {lacks}; the {what} {has}.")
    if twice := [kept(name) for name in wanted.values() if names.count(name) > 1]:
        raise Unreadable(f"The header names a column twice: {', '.join(twice)}.")
    ignored = [kept(name) for name in names if name not in wanted.values()]
    if ignored and mapping.other_columns == "refuse" and mapping.header:
        raise Unreadable(
            f"Nobody said what these columns are: {', '.join(ignored[:20])}. "
            'If they do not matter, declare other_columns = "ignore".'
        )
    places = [names.index(wanted[name]) if name in wanted else None for name in NAMES]
    return Layout(tuple(places), tuple(ignored))


def _ndjson(source: IO[bytes], mapping: FileMapping, rules: Rules) -> Iterator[Row | Reject]:
    if mapping.encoding != "utf-8" or not mapping.header:
        raise Unreadable("NDJSON is UTF-8 and names its fields; its source declares otherwise.")
    translator = Translator(mapping)
    spelled = [mapping.spelled(name) for name in NAMES]
    known = {theirs for theirs in spelled if theirs is not None}
    is_strict = mapping.other_columns == "refuse"
    found = records.json_records(source, msgspec.json.Decoder(dict[str, Any]))
    for line, value, raw in found:
        try:
            if isinstance(value, Bad):
                raise value
            said = {name.strip().lower(): cell for name, cell in value.items()}
            if is_strict:
                _refuse_others(said, known)
            yield rules.row(line, translator.texts([said.get(name or "") for name in spelled]))
        except Bad as bad:
            yield Reject(line, bad.field, bad.reason, kept(raw))


def _refuse_others(said: Iterable[str], known: Collection[str]) -> None:
    for name in said:
        if name not in known:
            raise Bad(kept(name)[: rejects.LONGEST_CODE], Reason.UNKNOWN_FIELD)


def _parquet(source: IO[bytes], mapping: FileMapping, rules: Rules) -> Iterator[Row | Reject]:
    if not mapping.header:
        raise Unreadable("Parquet names its columns; its source declares header = false.")
    translator = Translator(mapping)
    file = parquet.opened(source)
    names = parquet.names(file)
    layout = lay_out([name.strip().lower() for name in names], mapping)
    wanted = [place for place in layout.places if place is not None]
    order = [None if place is None else wanted.index(place) for place in layout.places]
    columns = [names[place] for place in wanted]
    for line, cells in parquet.rows(file, columns, order):
        try:
            yield rules.row(line, translator.texts(cells))
        except Bad as bad:
            raw = ",".join("" if cell is None else str(cell)[:100] for cell in cells)
            yield Reject(line, bad.field, bad.reason, kept(raw))
