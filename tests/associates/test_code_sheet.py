"""The sheet of codes holds what it says, as a scanner reads it."""

import httpx
import numpy as np
import pytest
import zxingcpp
from zxingcpp import TextMode

from associates.handheld import code_sheet
from associates.handheld.code_sheet import SAMPLES, Sample
from inventory.codes import gtin
from inventory.codes.gtin import Refusal


def sent(sample: Sample) -> str:
    made = zxingcpp.create_barcode(sample.text, sample.format, gs1=sample.is_gs1)
    found = zxingcpp.read_barcode(np.array(made.to_image(scale=3)), text_mode=TextMode.Plain)
    assert found is not None
    return f"{found.symbology_identifier}{found.text}"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_each_code_says_what_stands_below_it(sample: Sample) -> None:
    read = gtin.scanned(sent(sample))

    last = read.last_day(2026)
    words = [read.gtin.lstrip("0") if read.gtin else ""]
    words += [f"batch {read.fields['10']}" if "10" in read.fields else ""]
    words += [f"{last:%d %B %Y}" if last else "", str(read.count) if read.count > 1 else ""]
    words += {
        Refusal.CONTROL_CHARACTER: ["It holds control characters"],
        Refusal.TOO_LONG: ["Too long for a code of ours"],
        None: [] if read.gtin else ["A code that is no item's"],
    }.get(read.refused, ["nothing"])
    assert [word for word in words if word not in sample.says] == []
    assert read.refused is None or "must be refused" in sample.kind


async def test_the_sheet_is_there_for_whoever_has_a_scanner(http: httpx.AsyncClient) -> None:
    answer = await http.get(code_sheet.ADDRESS)

    assert answer.status_code == 200
    assert answer.text.count("<svg ") == len(SAMPLES)
    assert "unsafe" not in answer.headers["content-security-policy"]
