"""Files as a source writes them mean what its declaration says, and nothing is guessed."""

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from inventory.feeds.feed import FeedKind, Page, Row
from inventory.feeds.records import Format
from inventory.feeds.rejects import Reason, Reject, Unreadable
from inventory.sources import parquet, reading
from inventory.sources.mapping import FileMapping

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)
GERMAN: dict[str, Any] = {
    "encoding": "cp1252",
    "delimiter": ";",
    "columns": {"store_id": "Filiale", "sku": "Artikel", "quantity": "Bestand", "as_of": "Stand"},
    "other_columns": "ignore",
    "stores": {"0042": "S1", "0043": "S2"},
    "decimal": ",",
    "thousands": ".",
    "time_zone": "Europe/Berlin",
    "time_formats": ["%d.%m.%Y %H:%M"],
}


def read(
    data: str | bytes,
    form: Format = Format.CSV,
    kind: FeedKind = FeedKind.SNAPSHOT,
    **said: Any,
) -> tuple[list[Row], list[Reject]]:
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    rows: list[Row] = []
    rejects: list[Reject] = []
    for page in reading.read(source, form, kind, NOW, FileMapping.model_validate(said)):
        assert isinstance(page, Page), "what a mapping changes is never copied unread"
        rows += page.rows
        rejects += page.rejects
    assert not source.closed
    return rows, rejects


def test_a_german_export() -> None:
    text = (
        "Filiale;Bezeichnung;Artikel;Bestand;Stand\n"
        "0042;Müsli;4711;1.234,00;06.03.2026 08:15\n"
        "0043;Käse;Größe-5;0;06.03.2026 08:15\n"
        '43;"zwei\nZeilen";1;1;06.03.2026 08:15\n'
    )
    rows, rejects = read(text.encode("cp1252"), **GERMAN)

    at = datetime(2026, 3, 6, 7, 15, tzinfo=UTC)
    assert rows == [Row(2, "S1", "4711", None, 1234, at), Row(3, "S2", "Größe-5", None, 0, at)]
    assert [(one.line, one.field, one.reason) for one in rejects] == [
        (5, "store_id", Reason.UNTRANSLATED)
    ]


@pytest.mark.parametrize(
    ("said", "text", "means"),
    [
        ({"decimal": ",", "thousands": "."}, "1.234,00", 1234),
        ({"decimal": ",", "thousands": "."}, "1.234.567,0", Reason.OUT_OF_RANGE),
        ({"decimal": ",", "thousands": "."}, "1234", 1234),
        ({"decimal": ",", "thousands": "."}, "12,5", Reason.NOT_WHOLE),
        ({"decimal": ",", "thousands": "."}, "12.5", Reason.NOT_A_NUMBER),
        ({"decimal": ",", "thousands": "."}, "1.23", Reason.NOT_A_NUMBER),
        ({"decimal": ",", "thousands": "."}, "1,234.00", Reason.NOT_A_NUMBER),
        ({"decimal": ","}, "1.234", Reason.NOT_A_NUMBER),
        ({"decimal": ","}, "12,0", 12),
        ({"decimal": ","}, "", Reason.MISSING),
        ({"thousands": ","}, "1,234.00", 1234),
        ({"thousands": " "}, "1\u202f234", 1234),
        ({"thousands": "'"}, "1'234", 1234),
        ({"thousands": "'"}, "-1", Reason.OUT_OF_RANGE),
        ({"units": {"each": 12}}, "2", 24),
        ({"units": {"each": 12}}, "2.5", 30),
        ({"units": {"each": 12}}, "2.3", Reason.NOT_WHOLE),
        ({"units": {"items": {"x": 6}}}, "2", 12),
        ({"units": {"each": 4, "items": {"y": 6}}}, "2", 8),
        ({"units": {"each": 1000}}, "1001", Reason.OUT_OF_RANGE),
    ],
)
def test_numbers_mean_what_is_declared(said: Any, text: str, means: int | Reason) -> None:
    rows, rejects = read(f"store_id;sku;quantity\nS1;x;{text}\n", delimiter=";", **said)

    if isinstance(means, int):
        assert ([row.quantity for row in rows], rejects) == ([means], [])
    else:
        assert ([(one.line, one.reason) for one in rejects], rows) == ([(2, means)], [])


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S-2", "Köln"]),
        st.text("aäß€7. -;|'\"", min_size=1, max_size=8).filter(str.strip),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=6,
)


@given(
    written=ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]),
    delimiter=st.sampled_from(",;\t|"),
    marks=st.sampled_from([(",", "."), (".", ","), (".", " "), (".", ""), (",", "'")]),
    order=st.permutations(["Filiale", "Artikel", "Bestand", "Rest"]),
    end=st.sampled_from(["\n", "\r\n"]),
    header=st.booleans(),
)
@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_feed_in_any_dialect_says_what_it_says_in_ours(
    *,
    written: list[tuple[str, str, int]],
    encoding: str,
    delimiter: str,
    marks: tuple[str, str],
    order: list[str],
    end: str,
    header: bool,
) -> None:
    ours = {"store_id": "Filiale", "sku": "Artikel", "quantity": "Bestand"}
    made = io.StringIO()
    writer = csv.DictWriter(made, order, delimiter=delimiter, lineterminator=end)
    if header:
        writer.writeheader()
    for store, sku, count in written:
        number = f"{count:,}".replace(",", marks[1]) + marks[0] + "00"
        writer.writerow({"Filiale": store, "Artikel": sku, "Bestand": number, "Rest": "€"})
    rows, rejects = read(
        made.getvalue().encode(encoding),
        encoding=encoding,
        delimiter=delimiter,
        decimal=marks[0],
        thousands=marks[1],
        header=header,
        columns=ours if header else {name: order.index(ours[name]) + 1 for name in ours},
        other_columns="ignore",
    )

    assert rejects == []
    assert [row[1:] for row in rows] == [
        (store, sku.strip(), None, count, None) for store, sku, count in written
    ]


@given(
    number=st.integers(-(10**6), 10**6),
    marks=st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (",", "")]),
    cents=st.sampled_from(["", "{}", "{}0", "{}000"]),
)
def test_a_number_survives_every_way_of_writing_it(
    number: int, marks: tuple[str, str], cents: str
) -> None:
    decimal, thousands = marks
    text = f"{number:,}".replace(",", thousands) + cents.format(decimal)
    rows, rejects = read(
        f"store_id;sku;quantity\nS1;x;{text}\n",
        kind=FeedKind.DELTA,
        delimiter=";",
        decimal=decimal,
        thousands=thousands,
    )

    assert ([row.quantity for row in rows], rejects) == ([number], [])


@pytest.mark.parametrize(
    ("zone", "text", "means"),
    [
        ("Europe/Berlin", "06.03.2026 08:15", "2026-03-06T07:15Z"),
        ("Europe/Berlin", "06.07.2026 08:15", "2026-07-06T06:15Z"),
        ("Europe/Berlin", "29.03.2026 02:30", Reason.SKIPPED_TIME),
        ("Europe/Berlin", "29.03.2026 03:00", "2026-03-29T01:00Z"),
        ("Europe/Berlin", "25.10.2026 02:30", Reason.AMBIGUOUS_TIME),
        ("Europe/Berlin", "2026-10-25T02:30+01:00", "2026-10-25T01:30Z"),
        ("America/Chicago", "08.03.2026 02:30", Reason.SKIPPED_TIME),
        ("America/Chicago", "01.11.2026 01:30", Reason.AMBIGUOUS_TIME),
        (None, "06.03.2026 08:15", Reason.NO_ZONE),
        ("Europe/Berlin", "03/06/2026", Reason.NOT_A_TIME),
        ("Europe/Berlin", "06.12.2026 08:15", Reason.IN_FUTURE),
        (None, "1772781300", "2026-03-06T07:15Z"),
        (None, "999999999999999", Reason.OUT_OF_RANGE),
    ],
)
def test_a_local_time_is_an_instant_or_is_rejected(
    zone: str | None, text: str, means: str | Reason
) -> None:
    rows, rejects = read(
        f"store_id;sku;quantity;as_of\nS1;x;1;{text}\n",
        delimiter=";",
        time_zone=zone,
        time_formats=["%d.%m.%Y %H:%M", "epoch_seconds"],
    )

    if isinstance(means, Reason):
        assert ([one.reason for one in rejects], rows) == ([means], [])
    else:
        assert ([row.as_of for row in rows], rejects) == ([datetime.fromisoformat(means)], [])


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"]
)
def test_one_text_in_any_encoding(encoding: str) -> None:
    text = "store_id,sku,quantity,extra\r\nS1,Größe,7,é\r\n"
    rows, rejects = read(text.encode(encoding), encoding=encoding, other_columns="ignore")

    assert (rows, rejects) == ([Row(2, "S1", "Größe", None, 7, None)], [])


def test_what_an_encoding_does_not_know_is_one_bad_row() -> None:
    data = b"store_id;sku;quantity\nS1;a\x81b;1\nS1;tea;2\n"
    rows, rejects = read(data, encoding="cp1252", delimiter=";")

    assert [row.sku for row in rows] == ["tea"]
    assert [(one.line, one.field, one.reason) for one in rejects] == [
        (2, "sku", Reason.UNDECODABLE)
    ]


def test_half_a_character_at_the_end_of_utf_16_is_one_bad_row() -> None:
    data = "store_id,sku,quantity\nS1,tea,2\nS1,rye,1".encode("utf-16") + b"\x30"
    rows, rejects = read(data, encoding="utf-16")

    assert [row.sku for row in rows] == ["tea"]
    assert [one.line for one in rejects] == [3]


def test_no_header_but_places_and_lines_to_skip() -> None:
    text = 'Report of "Friday\n\nx,oats,ignored,5\ny,rye,,6,surplus\n,tea,,7\n'
    rows, rejects = read(
        text, header=False, skip_lines=2, store="S7", columns={"sku": 2, "quantity": 4}
    )

    assert rows == [Row(3, "S7", "oats", None, 5, None), Row(5, "S7", "tea", None, 7, None)]
    assert [(one.line, one.reason) for one in rejects] == [(4, Reason.COLUMNS)]


def test_json_by_their_names_with_numbers_as_they_come() -> None:
    lines = [
        {"Shop": 42, "EAN": "9521234543213", "Stock": "2,0", "pack": 12, "price": 1},
        {"Shop": 42, "EAN": "9521234543213", "Stock": 2.5, "pack": 2},
        {"Shop": "42", "EAN": "9521234543213", "Stock": True, "pack": 1},
        {"Shop": 42, "EAN": "9521234543213", "Stock": 1, "pack": 0},
    ]
    rows, rejects = read(
        "\n".join(map(json.dumps, lines)),
        Format.NDJSON,
        columns={"store_id": "shop", "gtin": "ean", "quantity": "stock", "units": "pack"},
        stores={"42": "S1"},
        decimal=",",
        other_columns="ignore",
    )

    assert [(row.store_id, row.gtin, row.quantity) for row in rows] == [
        ("S1", "09521234543213", 24),
        ("S1", "09521234543213", 5),
    ]
    assert [(one.line, one.field, one.reason) for one in rejects] == [
        (3, "quantity", Reason.WRONG_TYPE),
        (4, "units", Reason.OUT_OF_RANGE),
    ]


def sheet(columns: dict[str, Any], **options: Any) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made, **options)
    return made.getvalue()


def test_parquet_of_every_usual_type() -> None:
    at = datetime(2026, 3, 6, 7, 15)  # noqa: DTZ001 -- as the file has it: without a zone
    data = sheet(
        {
            "store_id": pa.array(["S1", "S1", "S2"]).dictionary_encode(),
            "sku": pa.array([4711, 12, None], pa.int64()),
            "gtin": pa.array([None, None, "9521234543213"]),
            "quantity": pa.array([1.0, 2.5, 3.0], pa.float64()),
            "as_of": pa.array([at, at, at], pa.timestamp("ns")),
            "name": pa.array(["a", "b", "c"]),
        },
        row_group_size=2,
    )
    rows, rejects = read(data, Format.PARQUET, other_columns="ignore", time_zone="UTC")

    then = at.replace(tzinfo=UTC)
    assert rows == [
        Row(1, "S1", "4711", None, 1, then),
        Row(3, "S2", None, "09521234543213", 3, then),
    ]
    assert [(one.line, one.field, one.reason) for one in rejects] == [
        (2, "quantity", Reason.NOT_WHOLE)
    ]


def test_parquet_with_a_date_for_an_instant_is_the_beginning_of_that_day() -> None:
    data = sheet({"sku": ["x"], "quantity": [1], "as_of": [date(2026, 3, 6)]})
    rows, _ = read(data, Format.PARQUET, store="S1", time_zone="Europe/Berlin")

    assert rows == [Row(1, "S1", "x", None, 1, datetime(2026, 3, 5, 23, tzinfo=UTC))]


@pytest.mark.parametrize("cut", [4, 8, 40, -9, -1])
def test_a_broken_parquet_file_is_refused_in_words(cut: int) -> None:
    data = sheet({"store_id": ["S1"], "sku": ["x"], "quantity": [1]})

    with pytest.raises(Unreadable, match="broken"):
        read(data[:cut], Format.PARQUET)


def test_an_instant_of_no_calendar_is_one_bad_row() -> None:
    when = (
        pa.array([0, 2**62], pa.timestamp("us", tz="UTC"))
        .cast(pa.int64())
        .cast(pa.timestamp("us", tz="UTC"))
    )
    data = sheet({"store_id": ["S1", "S1"], "sku": ["x", "y"], "quantity": [1, 2], "as_of": when})
    rows, rejects = read(data, Format.PARQUET)

    assert rows == []
    assert [(one.line, one.reason) for one in rejects] == [
        (1, Reason.OUT_OF_RANGE),
        (2, Reason.NOT_A_TIME),
    ]


@pytest.mark.parametrize("stored", [True, False])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_does(*, stored: bool) -> None:
    """A text of a hundred kilobytes, said in two hundred thousand rows, is a kilobyte of a file."""
    said = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), ["x" * 20_000])
    columns = {"sku": said, "store_id": ["S1"] * 20_000, "quantity": [1] * 20_000}
    data = sheet(columns, compression="zstd", store_schema=stored)

    assert len(data) < 10_000
    with pytest.raises(Unreadable, match="5000 of its rows unpack to 100"):
        read(data, Format.PARQUET)


@pytest.mark.parametrize(
    ("limit", "says"), [("MOST_ROWS", "more than 20,000,000 rows"), ("MOST_UNPACKED", "2 GB")]
)
def test_a_file_of_too_many_rows_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, says: str
) -> None:
    data = sheet({"store_id": ["S1"] * 60, "sku": map(str, range(60)), "quantity": [1] * 60})
    monkeypatch.setattr(parquet, limit, 50)

    with pytest.raises(Unreadable, match=says):
        read(data, Format.PARQUET)


TAMPERED = """
import io, random, sys
from datetime import UTC, datetime
from inventory.feeds.feed import FeedKind
from inventory.feeds.records import Format
from inventory.feeds.rejects import Unreadable
from inventory.sources import reading
whole, rng = sys.stdin.buffer.read(), random.Random(2)
for _ in range(100):
    data = bytearray(whole)
    for _ in range(rng.randint(1, 6)):
        data[rng.randrange(4, len(data))] = rng.randrange(256)
    try:
        at = datetime(2026, 11, 6, tzinfo=UTC)
        list(reading.read(io.BytesIO(data), Format.PARQUET, FeedKind.SNAPSHOT, at))
    except Unreadable:
        pass
"""


def test_a_parquet_file_that_was_tampered_with_does_not_end_the_process() -> None:
    """In a process of its own: where this goes wrong, pyarrow ends whatever process it is in."""
    when = pa.array([NOW] * 50, pa.timestamp("us", tz="UTC"))
    names = [str(number) for number in range(50)]
    data = sheet({"store_id": ["S1"] * 50, "sku": names, "quantity": range(50), "as_of": when})
    done = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", TAMPERED], input=data, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_a_parquet_file_that_would_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MOST_BYTES", 1000)
    data = sheet({"store_id": ["S1"] * 5000, "sku": map(str, range(5000)), "quantity": [1] * 5000})

    with pytest.raises(Unreadable, match="smaller row groups"):
        read(data, Format.PARQUET)


@pytest.mark.parametrize(
    ("data", "said", "says"),
    [
        (b"a,b\n1,2\n", {"columns": {"sku": "Artikel"}}, r"reads artikel \(sku\).* names a, b"),
        (b"sku,quantity\nx,1\n", {"decimal": ","}, "which column is store_id"),
        (b"store_id,sku,quantity,price\n", {"decimal": ","}, "price.*other_columns"),
        (b"store_id,sku,quantity,sku\n", {"decimal": ","}, "twice"),
        (b"\xef\xbb\xbfstore_id,sku,quantity\n", {"encoding": "cp1252"}, "says that it is UTF-8"),
        (b"PK\x03\x04", {"encoding": "cp1252"}, "spreadsheet"),
        (b"\x1f\x8b\x08\x00", {"encoding": "utf-16"}, "gzip"),
        (b"store_id,sku,quantity\n", {"encoding": "utf-16"}, "not utf-16"),
        (b"a\n", {"skip_lines": 5}, "Line 6.*empty"),
        (b"", {"encoding": "utf-16"}, "empty"),
    ],
)
def test_a_file_that_the_declaration_does_not_fit(data: bytes, said: Any, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(data, **said)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"encoding": "utf-7"}, "not an encoding that we read"),
        ({"time_zone": "Berlin"}, "no time zone"),
        ({"time_zone": "../../etc/passwd"}, "no time zone"),
        ({"time_formats": ["%H:%M"]}, "does not say day"),
        ({"time_formats": ["%d.%m.%Y %Z"]}, "write zones as %z"),
        ({"time_formats": ["%d/%m/%Y", "%m/%d/%Y"]}, "different times"),
        ({"decimal": ",", "thousands": ","}, "same character"),
        ({"header": False, "columns": {"sku": 1, "quantity": 2}}, "store_id"),
        ({"header": False, "columns": {"sku": 1}, "store": "S1"}, "quantity"),
        ({"header": False, "columns": {"sku": "a", "quantity": 2}, "store": "S1"}, "by its place"),
        ({"columns": {"sku": 3}}, "header = false"),
        ({"columns": {"sku": "A", "gtin": "a"}}, "two of ours"),
        ({"columns": {"price": "a"}}, "columns"),
        ({"columns": {"store_id": "a"}, "store": "S1"}, "not both"),
        ({"units": {"each": 0}}, "units"),
        ({"units": {"each": 2}, "columns": {"units": "pack"}}, "not both"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_a_declaration_cannot_mean_is_refused(said: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        FileMapping.model_validate(said)


def test_two_readings_of_one_file_are_two_contents() -> None:
    assert FileMapping().digest == FileMapping(format=Format.CSV).digest == ""
    one = FileMapping(stores={"1": "S1", "2": "S2"}, decimal=",")
    again = FileMapping.model_validate_json(one.model_dump_json())

    assert (
        one.digest == again.digest == FileMapping(stores={"2": "S2", "1": "S1"}, decimal=",").digest
    )
    assert one.digest != FileMapping(stores={"1": "S2", "2": "S1"}, decimal=",").digest


def test_a_long_file_is_read_page_by_page() -> None:
    data = b"store_id;sku;quantity\n" + b"S1;x;1,0\n" * 12_000
    mapping = FileMapping(decimal=",")
    pages = reading.read(io.BytesIO(data), Format.CSV, FeedKind.SNAPSHOT, NOW, mapping)

    assert [len(page.rows) for page in pages if isinstance(page, Page)] == [5000, 5000, 2000]
