"""Real invoices, real dirt: every row is kept, in a basket or under the name of its fault."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bopis.simulation import retail
from bopis.simulation.baskets import Reject

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "537226,22811,SET OF 6 T-LIGHTS,6,2010-12-06 08:34:00,2.95,15987.0,United Kingdom"


def _file(folder: Path, *rows: str) -> Path:
    file = folder / "day.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def _changed(**values: str) -> str:
    names = HEADER.strip().split(",")
    row = dict(zip(names, GOOD.split(","), strict=True))
    return ",".join((row | values).values())


REJECTS = {
    Reject.SHORT_ROW: "537226,22811,SET OF 6",
    Reject.BAD_NUMBER: _changed(Quantity="six"),
    Reject.BAD_TIME: _changed(InvoiceDate="6/12/10 8:34"),
    Reject.BLANK_REFERENCE: _changed(InvoiceNo=" "),
    Reject.BLANK_CODE: _changed(StockCode=""),
    Reject.CANCELLED: _changed(InvoiceNo="C537226", Quantity="-6"),
    Reject.NOT_A_GOOD: _changed(StockCode="POST", Description="POSTAGE"),
    Reject.NEGATIVE_QUANTITY: _changed(Quantity="-20"),
    Reject.ZERO_QUANTITY: _changed(Quantity="0"),
    Reject.HUGE_QUANTITY: _changed(Quantity="74215"),
    Reject.BLANK_DESCRIPTION: _changed(Description="  "),
    Reject.CLERK_NOTE: _changed(Description="check"),
    Reject.ZERO_PRICE: _changed(UnitPrice="0.0"),
    Reject.NEGATIVE_PRICE: _changed(UnitPrice="-11062.06"),
}


@pytest.mark.parametrize(("reason", "row"), REJECTS.items())
def test_a_bad_row_is_kept_by_name_and_the_good_ones_count(
    tmp_path: Path, reason: Reject, row: str
) -> None:
    day = retail.read([_file(tmp_path, GOOD, row)])

    (reject,) = day.rejects
    assert (reject.reason, reject.line, reject.source) == (reason, 3, "day.csv")
    assert [dict(basket.lines) for basket in day.baskets] == [{"22811": 6}]
    assert day.rejected() == {str(reason): 1}


def test_every_reason_is_tried() -> None:
    assert {*REJECTS, Reject.TOO_MANY_LINES} == set(Reject)


def test_a_whole_day_booked_as_one_invoice_is_no_order(tmp_path: Path) -> None:
    rows = [_changed(StockCode=f"2{n:04}") for n in range(retail.MAX_LINES + 1)]

    day = retail.read([_file(tmp_path, *rows)])

    assert day.baskets == ()
    assert day.rejected() == {"too_many_lines": len(rows)}
    assert not day.goods


def test_a_code_repeated_within_an_invoice_is_merged_and_said(tmp_path: Path) -> None:
    day = retail.read([_file(tmp_path, GOOD, _changed(StockCode="22811 ", Quantity="2"))])

    assert [dict(basket.lines) for basket in day.baskets] == [{"22811": 8}]
    assert (day.rows, day.merged, day.rejects) == (2, 1, ())


def test_lines_that_add_up_to_a_pallet_are_no_order(tmp_path: Path) -> None:
    day = retail.read([_file(tmp_path, _changed(Quantity="300"), _changed(Quantity="300"))])

    assert day.rejected() == {"huge_quantity": 2}


def test_letter_case_does_not_make_another_good(tmp_path: Path) -> None:
    rows = (_changed(StockCode="15056BL"), _changed(StockCode="15056bl"))

    day = retail.read([_file(tmp_path, *rows)])

    assert list(day.goods) == ["15056BL"]
    assert day.merged == 1


def test_times_are_read_as_the_shop_wrote_them(tmp_path: Path) -> None:
    summer = _changed(InvoiceNo="1", InvoiceDate="2011-07-01 08:34:00")

    day = retail.read([_file(tmp_path, GOOD, summer)])

    assert [basket.at for basket in day.baskets] == [
        datetime(2010, 12, 6, 8, 34, tzinfo=UTC),
        datetime(2011, 7, 1, 7, 34, tzinfo=UTC),
    ]


def test_customers_are_numbers_and_half_of_them_are_nobody(tmp_path: Path) -> None:
    day = retail.read([_file(tmp_path, GOOD, _changed(InvoiceNo="9", CustomerID=""))])

    assert {basket.reference: basket.customer for basket in day.baskets} == {
        "537226": "15987",
        "9": None,
    }


def test_no_content_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    file.write_bytes(b"\xef\xbb\xbf" + HEADER.encode() + b'\xff\x00,"\n,,,,,,,\n' + b"x" * 200_000)

    day = retail.read([file])

    assert day.baskets == ()
    assert day.rows == len(day.rejects) > 0


@pytest.mark.parametrize(
    ("name", "baskets", "rows"), [("2010-12-06", 99, 3878), ("2010-12-08", 113, 2647)]
)
def test_the_published_days(name: str, baskets: int, rows: int) -> None:
    file = retail.data_folder() / f"{name}.csv"
    if not file.exists():
        pytest.skip(f"no {file}; BOPIS_RETAIL_DATA may name its folder")

    day = retail.read([file])

    assert (len(day.baskets), day.rows) == (baskets, rows)
    assert sum(len(basket.lines) for basket in day.baskets) + day.merged + len(day.rejects) == rows
    assert set(day.demand()) == set(day.goods)
    assert {"cancelled_invoice", "not_a_good", "negative_quantity"} < set(day.rejected())
