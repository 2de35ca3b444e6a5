"""Good rows are taken, bad ones are named, and no file stops us."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.feeds import feed, rejects
from inventory.feeds.feed import FeedKind, Page, Plain, Row
from inventory.feeds.records import Format
from inventory.feeds.rejects import Reason, Reject, Unreadable
from tests.letters import ANY

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
SEVEN = datetime(2026, 3, 6, 7, tzinfo=UTC)
OAT_DRINK = "09521234543213"


def read(
    data: str | bytes, form: Format = Format.CSV, kind: FeedKind = FeedKind.SNAPSHOT
) -> tuple[list[Row], list[Reject]]:
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    rows: list[Row] = []
    rejects: list[Reject] = []
    for page in feed.read(source, form, kind, NOW):
        if isinstance(page, Plain):
            rows += copied(page)
        else:
            rows += page.rows
            rejects += page.rejects
    assert not source.closed
    return sorted(rows), sorted(rejects)


def copied(plain: Plain) -> list[Row]:
    """Return what a database reads that is asked to copy a plain stretch: commas, and no more."""
    lines = plain.content.decode().splitlines()
    assert len(lines) == plain.rows
    found = []
    for line, text in enumerate(lines, plain.line):
        said = dict(zip(plain.columns, text.split(plain.delimiter), strict=True))
        at = said.get("as_of") or None
        as_of = None if at is None else datetime.fromisoformat(at).astimezone(UTC)
        found.append(Row(line, said["store_id"], said["sku"], None, int(said["quantity"]), as_of))
    return found


def row_by_row(data: bytes, kind: FeedKind) -> tuple[list[Row], list[Reject]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "_plain", lambda header, kind: None)
        return read(data, kind=kind)


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
    data = b"store_id,sku,quantity\n" + b'S1,"x",1\n' * (feed.PAGE + 1)
    pages = feed.read(io.BytesIO(data), Format.CSV, FeedKind.SNAPSHOT, NOW)

    assert [len(page.rows) for page in pages if isinstance(page, Page)] == [feed.PAGE, 1]


def test_plain_stretches_are_passed_on_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "CHUNK", 1000)
    monkeypatch.setattr(feed, "WORTH", 100)
    monkeypatch.setattr(feed, "PATIENCE", (10, 1000))
    plain = b"S1,x,1,\n" * 1000
    data = b"store_id,sku,quantity,as_of\n" + plain + b'S1,"y",many,\n' + plain
    pages = list(feed.read(io.BytesIO(data), Format.CSV, FeedKind.SNAPSHOT, NOW))

    stretches = [page for page in pages if isinstance(page, Plain)]
    assert sum(page.rows for page in stretches) > 1950
    assert max(len(page.content) for page in stretches) <= 1000
    rows, rejects = read(data)
    assert [row.line for row in rows] == [*range(2, 1002), *range(1003, 2003)]
    assert rejects == [Reject(1002, "quantity", Reason.NOT_A_NUMBER, 'S1,"y",many,')]


COLUMNS = ["store_id", "sku", "quantity", "as_of", "gtin"]
plain_row = st.fixed_dictionaries(
    {
        "store_id": st.sampled_from(["S1", "S-2"]),
        "sku": st.sampled_from(["x", "007", "a.b/c#1", "x" * 64]),
        "quantity": st.sampled_from(["0", "12", "007", "999999"]),
        "as_of": st.sampled_from(["", "2026-03-06T07:00:00Z", "2026-03-06T07:00:00.25+01:00"]),
        "gtin": st.sampled_from(["", "4", "9521234543213"]),
    }
)
ODD = {
    "sku": ["", " 5", "5 ", '"5"', '"a""b"', '"a\n5"', "\\.", "\\N", "x" * 65, "\ufeff", "\x85"],
    "quantity": ["-0", "-3", "+4", "12.0", "1.5", "1000000", "1000001", "9999999", "\0", "٣", ""],
    "as_of": [
        "2026-02-30T07:00:00Z",
        "2026-03-06T24:00:00Z",
        "2026-03-06T07:00:60Z",
        "2026-03-06T12:05:00Z",
        "2026-03-06T12:05:01Z",
        "2000-01-01T00:00:00+14:00",
        "2026-03-06T07:00:00",
        "2026-03-06 07:00:00Z",
        "2026-03-06T07:00:00+19:00",
    ],
}
ODDITIES = [(name, text) for name, texts in ODD.items() for text in texts]


@pytest.mark.parametrize("kind", FeedKind)
@pytest.mark.parametrize(("name", "text"), ODDITIES)
def test_an_odd_row_is_not_plain(name: str, text: str, kind: FeedKind) -> None:
    usual = {"store_id": "S1", "sku": "x", "quantity": "1", "as_of": ""}
    rows = [list(usual), *(row.values() for row in (usual, usual | {name: text}, usual))]
    data = "".join(",".join(row) + "\n" for row in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "WORTH", 1)
        patch.setattr(feed, "PATIENCE", (1, 1))
        at_a_glance = read(data, kind=kind)

    assert at_a_glance == row_by_row(data.encode(), kind)


odd_row = st.one_of(
    st.builds(
        lambda row, odd: row | {odd[0]: odd[1]},
        plain_row,
        st.sampled_from(ODDITIES),
    ),
    st.builds(
        lambda row, name, text: row | {name: text},
        plain_row,
        st.sampled_from(COLUMNS),
        st.text(ANY, max_size=4),
    ),
)
some_rows = st.lists(
    st.one_of(
        st.lists(plain_row, min_size=3, max_size=9),
        st.lists(odd_row, min_size=1, max_size=2),
    ),
    max_size=5,
).map(lambda parts: [row for part in parts for row in part])


@given(
    rows=some_rows,
    names=st.permutations(COLUMNS).flatmap(
        lambda names: st.sampled_from([names, [n for n in names if n not in {"as_of", "gtin"}]])
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    tail=st.sampled_from(["", "S1,x,1,,", '"', "\r", "\n\n"]),
    delimiter=st.sampled_from(",;\t|"),
    kind=st.sampled_from(FeedKind),
    sizes=st.sampled_from([(1, 16), (1, 90), (90, 300), (feed.WORTH, feed.CHUNK)]),
)
def test_a_plain_stretch_says_what_it_says_row_by_row(  # noqa: PLR0917 -- drawn
    rows: list[dict[str, str]],
    names: list[str],
    end: str,
    tail: str,
    delimiter: str,
    kind: FeedKind,
    sizes: tuple[int, int],
) -> None:
    written = [names, *([row[name] for name in names] for row in rows)]
    text = "".join(delimiter.join(cells) + end for cells in written) + tail
    data = b"\xef\xbb\xbf" * (len(rows) % 2) + text.encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "WORTH", sizes[0])
        patch.setattr(feed, "CHUNK", sizes[1])
        patch.setattr(feed, "PATIENCE", (sizes[0], sizes[1]))
        at_a_glance = read(data, kind=kind)

    assert at_a_glance == row_by_row(data, kind)


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
    assert rejects.EXPLAINED[reason].endswith(".")
