"""Whatever the scanner sends, it is the same item, or it is not an item; never an error."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.codes import gtin
from inventory.codes.gtin import Refusal, Scanned

OAT_DRINK = "09521234543213"
digits = st.text(string.digits, min_size=7, max_size=13)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("9521234543213", id="EAN-13"),
        pytest.param("09521234543213", id="GTIN-14"),
        pytest.param("]E09521234543213", id="EAN-13 with its symbology"),
        pytest.param("9521234543213\r\n", id="wedge suffix"),
        pytest.param("0109521234543213", id="element string"),
        pytest.param("]C10109521234543213", id="GS1-128"),
        pytest.param("]d2010952123454321317260131\x1d1012A\x1d21x", id="DataMatrix, more fields"),
        pytest.param("]Q3\x1d010952123454321310AB", id="leading FNC1"),
        pytest.param("https://id.gs1.org/01/09521234543213/10/AB?17=261231", id="Digital Link"),
        pytest.param("HTTPS://EXAMPLE.COM/01/09521234543213", id="Digital Link in capitals"),
        pytest.param("]Q1https://shop.example/some/path/01/09521234543213", id="Digital Link, own"),
    ],
)
def test_one_item_in_every_dress(text: str) -> None:
    assert gtin.scanned(text).gtin == OAT_DRINK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("036000291452", "00036000291452"),  # UPC-A
        ("96385074", "00000096385074"),  # EAN-8
        ("01234565", "00012345000065"),  # UPC-E
        ("]E404210009", "00000004210009"),  # EAN-8, and the scanner says so
    ],
)
def test_short_codes(text: str, expected: str) -> None:
    assert gtin.scanned(text).gtin == expected


@pytest.mark.parametrize(
    "text",
    [
        "A-04-2-3",
        "TOTE 7",
        "9521234543214",
        "]d2",
        "(01)09521234543213x",
        "https://evil.example/login?01=nothing",
        "https://[",
        "http:",
        "99999",
        "٩٥٢١٢٣٤٥٤٣٢١٣",  # digits, but not ours
    ],
)
def test_what_is_no_item_is_kept_as_text(text: str) -> None:
    read = gtin.scanned(text)

    assert read.gtin is None
    assert read.refused is None
    assert read.text


def test_symbology_is_cut_off_the_text() -> None:
    assert gtin.scanned("]C0A-04-2-3") == Scanned("A-04-2-3", symbology="C0")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Refusal.EMPTY),
        (" \r\n", Refusal.EMPTY),
        ("\x1d", Refusal.EMPTY),
        ("7" * 129, Refusal.TOO_LONG),
        ("x" * 4000, Refusal.TOO_LONG),
        ("9521234\x00543213", Refusal.CONTROL_CHARACTER),
        ("\x1b[2J", Refusal.CONTROL_CHARACTER),
        ("12\u202e34", Refusal.CONTROL_CHARACTER),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(text: str, reason: Refusal) -> None:
    assert gtin.scanned(text) == Scanned("", refused=reason)


@pytest.mark.parametrize("whole", ["4006381333931", "036000291452", "09521234543213", "96385074"])
def test_published_check_digits(whole: str) -> None:
    assert gtin.check_digit(whole[:-1]) == whole[-1]


@given(digits, st.data())
def test_any_wrong_digit_is_noticed(body: str, data: st.DataObject) -> None:
    whole = body + gtin.check_digit(body)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([d for d in string.digits if d != whole[at]]))
    wrong = whole[:at] + other + whole[at + 1 :]

    assert gtin.normalize(wrong) is None


@given(
    st.sampled_from([7, 11, 12, 13]).flatmap(
        lambda n: st.text(string.digits, min_size=n, max_size=n)
    )
)
def test_zeros_in_front_change_nothing(body: str) -> None:
    whole = body + gtin.check_digit(body)

    assert gtin.normalize(whole) == whole.zfill(14) == gtin.normalize(whole.zfill(14))
