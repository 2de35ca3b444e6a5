"""Good rows are taken, bad ones are named, and no file stops us."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import feed, records
from inventory.feed import FeedKind, Row
from inventory.records import Format, Reason, Reject, Unreadable

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
SEVEN = datetime(2026, 3, 6, 7, tzinfo=UTC)
OAT_DRINK = "09521234543213"


def read(
    data: str | bytes, form: Format = Format.CSV, kind: FeedKind = FeedKind.SNAPSHOT
) -> tuple[list[Row], list[Reject]]:
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    pages = list(feed.read(source, form, kind, NOW))
    assert not source.closed
    return [row for page in pages for row in page.rows], [
        reject for page in pages for reject in page.rejects
    ]


def test_a_plain_snapshot() -> None:
    rows, rejects = read(
        "store_id,sku,quantity,as_of\n"
        "S1,oat-1l,12,2026-03-06T07:00:00Z\n"
        "S1, rye ,0,\r\n"
        "\n"
        '"S2","a ""fine"" one",3.000,2026-03-06T08:00:00+01:00\n'
    )

    assert rejects == []
    assert rows == [
        Row(2, "S1", "oat-1l", None, 12, SEVEN),
        Row(3, "S1", "rye", None, 0, None),
        Row(5, "S2", 'a "fine" one', None, 3, SEVEN),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_columns_are_as_the_header_says(delimiter: str) -> None:
    header = delimiter.join(["Quantity", "GTIN", "Store_Id"])
    line = delimiter.join(["4", "9521234543213", "S1"])
    rows, rejects = read(b"\xef\xbb\xbf" + f"{header}\n{line}\n".encode())

    assert (rows, rejects) == ([Row(2, "S1", None, OAT_DRINK, 4, None)], [])


def test_ndjson_says_the_same() -> None:
    lines = [
        {"store_id": "S1", "sku": "oat-1l", "quantity": 12, "as_of": "2026-03-06T07:00:00Z"},
        {"store_id": "S1", "gtin": "9521234543213", "quantity": 3.0},
    ]
    rows, rejects = read("\n".join(map(json.dumps, lines)), Format.NDJSON)

    assert rejects == []
    assert rows == [
        Row(1, "S1", "oat-1l", None, 12, SEVEN),
        Row(2, "S1", None, OAT_DRINK, 3, None),
    ]


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (",x,1,", "store_id", Reason.MISSING),
        ("S1,,1,", "sku", Reason.MISSING),
        ("S1,x,,", "quantity", Reason.MISSING),
        ("S1,x", "row", Reason.COLUMNS),
        ("S1,x,1,,,", "row", Reason.COLUMNS),
        ("S1," + "x" * 65 + ",1,", "sku", Reason.TOO_LONG),
        ("S1,x\0y,1,", "sku", Reason.NUL),
        ("S\x071,x,1,", "store_id", Reason.CONTROL_CHARACTER),
        ("S1,x,many,", "quantity", Reason.NOT_A_NUMBER),
        ("S1,x,٣,", "quantity", Reason.NOT_A_NUMBER),
        ("S1,x,1_000,", "quantity", Reason.NOT_A_NUMBER),
        ("S1,x,1.5,", "quantity", Reason.NOT_WHOLE),
        ("S1,x,-1,", "quantity", Reason.OUT_OF_RANGE),
        ("S1,x,1000001,", "quantity", Reason.OUT_OF_RANGE),
        ("S1,x," + "9" * 5000 + ",", "quantity", Reason.OUT_OF_RANGE),
        ("S1,x,1,yesterday", "as_of", Reason.NOT_A_TIME),
        ("S1,x,1,2026-03-06T07:00:00", "as_of", Reason.NO_ZONE),
        ("S1,x,1,2026-03-06T12:05:01Z", "as_of", Reason.IN_FUTURE),
        ("S1,x,1,0001-01-01T00:00:00+14:00", "as_of", Reason.OUT_OF_RANGE),
    ],
)
def test_a_bad_row_is_named_and_its_neighbors_are_taken(
    line: str, field: str, reason: Reason
) -> None:
    rows, rejects = read(f"store_id,sku,quantity,as_of\nS1,a,1,\n{line}\nS1,b,2,\n")

    assert [(row.line, row.sku) for row in rows] == [(2, "a"), (4, "b")]
    raw = line.replace("\0", "␀")[:500]
    assert rejects == [Reject(3, field, reason, raw)]


def test_five_minutes_ahead_is_a_clock_that_differs() -> None:
    rows, _ = read("store_id,sku,quantity,as_of\nS1,x,1,2026-03-06T12:05:00Z\n")

    assert rows[0].as_of == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"{", "row", Reason.NOT_JSON),
        (b"[1]", "row", Reason.NOT_JSON),
        (b"nonsense", "row", Reason.NOT_JSON),
        (b"[" * 100_000, "row", Reason.NOT_JSON),
        (b'{"sku": "x", "quantity": 1}', "store_id", Reason.MISSING),
        (b'{"store_id": "S1", "quantity": 1}', "sku", Reason.MISSING),
        (b'{"store_id": "S1", "sku": 7, "quantity": 1}', "sku", Reason.WRONG_TYPE),
        (b'{"store_id": "S1", "sku": "x", "quantity": true}', "quantity", Reason.WRONG_TYPE),
        (b'{"store_id": "S1", "sku": "x", "quantity": "1"}', "quantity", Reason.WRONG_TYPE),
        (b'{"store_id": "S1", "sku": "x", "quantity": 1.5}', "quantity", Reason.NOT_WHOLE),
        (b'{"store_id": "S1", "sku": "x", "quantity": 1e400}', "quantity", Reason.OUT_OF_RANGE),
        (
            b'{"store_id": "S1", "sku": "x", "quantity": ' + b"9" * 400 + b"}",
            "quantity",
            Reason.OUT_OF_RANGE,
        ),
        (b'{"store_id": "S1", "sku": "x\\u0000", "quantity": 1}', "sku", Reason.NUL),
        (b'{"store_id": "S1", "sku": "\xff", "quantity": 1}', "row", Reason.NOT_UTF8),
        (b'{"store_id": "S1", "sku": "x", "quantity": 1, "on": 2}', "on", Reason.UNKNOWN_FIELD),
        (b'{"store_id": "S1", "gtin": "9521234543214", "quantity": 1}', "gtin", Reason.CHECK_DIGIT),
    ],
)
def test_a_bad_line_of_json_is_named(line: bytes, field: str, reason: Reason) -> None:
    good = b'{"store_id": "S1", "sku": "a", "quantity": 1}'
    rows, rejects = read(good + b"\n" + line + b"\n" + good, Format.NDJSON)

    assert [row.line for row in rows] == [1, 3]
    assert [(reject.line, reject.field, reject.reason) for reject in rejects] == [
        (2, field, reason)
    ]


def test_one_line_in_another_encoding_is_one_bad_row() -> None:
    rows, rejects = read(b"store_id,sku,quantity\nS1,caf\xe9,1\nS1,tea,2\n")

    assert [row.sku for row in rows] == ["tea"]
    assert rejects == [Reject(2, "sku", Reason.NOT_UTF8, r"S1,caf\udce9,1")]


def test_a_quote_that_never_ends_costs_no_more_than_it_must() -> None:
    rest = "S1,b,2\n" * 40_000
    rows, rejects = read('store_id,sku,quantity\nS1,a,1\nS1,"b,2\n' + rest)

    assert rows[0].sku == "a"
    assert rejects[0].reason is Reason.NOT_CSV
    assert len(rows) > 20_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "first line"),
        ("store_id,sku,quantity\nS1,x,1\n".encode("utf-16"), "UTF-16"),
        ("store_id,sku,quantity\nS1,x,1\n".encode("utf-16-le"), "UTF-16"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04\x14", "spreadsheet"),
        (b"store_id,sku\nS1,x\n", "lacks quantity"),
        (b"store_id,quantity\nS1,1\n", "names none of gtin, sku"),
        (b"store_id,sku,quantity,on_order\n", "on_order"),
        (b"store_id,sku,quantity,sku\n", "twice"),
        (b"store_id,caf\xe9,quantity\n", r"caf\udce9"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_it_is(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says.replace("\\", r"\\")):
        read(data)


def test_a_delta_may_be_negative() -> None:
    rows, rejects = read("store_id,sku,quantity\nS1,x,-3\nS1,x,+2\n", kind=FeedKind.DELTA)

    assert [row.quantity for row in rows] == [-3, 2]
    assert rejects == []


def test_pages_are_small() -> None:
    data = b"store_id,sku,quantity\n" + b"S1,x,1\n" * (feed.PAGE + 1)
    pages = feed.read(io.BytesIO(data), Format.CSV, FeedKind.SNAPSHOT, NOW)

    assert [len(page.rows) for page in pages] == [feed.PAGE, 1]


@given(st.binary(max_size=300), st.sampled_from(Format))
def test_nonsense_is_refused_or_rejected(data: bytes, form: Format) -> None:
    head = b"store_id,sku,quantity\n" if form is Format.CSV else b""
    try:
        rows, rejects = read(head + data, form)
    except Unreadable:
        return
    assert all(row.sku or row.gtin for row in rows)
    assert all(reject.raw.isprintable() or reject.raw for reject in rejects)
    assert all("\0" not in reject.raw and reject.raw.encode() for reject in rejects)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert records.EXPLAINED[reason].endswith(".")
