"""The sheet of codes holds what it says, as a scanner reads it."""

import httpx
import numpy as np
import pytest
import zxingcpp
from zxingcpp import TextMode

from associates.bagging import tote_sheet
from associates.handheld import code_sheet
from associates.handheld.code_sheet import SAMPLES, Sample
from bopis.kernel import speech
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
    words += [speech.current().day(last) if last else "", str(read.count) if read.count > 1 else ""]
    words += {
        Refusal.CONTROL_CHARACTER: ["It holds control characters"],
        Refusal.TOO_LONG: ["Too long for a code of ours"],
        None: [] if read.gtin else ["A code that is no item’s"],  # noqa: RUF001
    }.get(read.refused, ["nothing"])
    assert [word for word in words if word not in sample.said] == []
    assert read.refused is None or "must be refused" in sample.kind


async def test_the_sheet_is_there_for_whoever_has_a_scanner(http: httpx.AsyncClient) -> None:
    answer = await http.get(code_sheet.ADDRESS)

    assert answer.status_code == 200
    assert answer.text.count("<svg ") == len(SAMPLES)
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_sheets_are_in_the_language_of_whoever_prints_them(http: httpx.AsyncClient) -> None:
    french = {"accept-language": "fr-CA, en;q=0.5"}
    codes = await http.get(code_sheet.ADDRESS, headers=french)
    totes = await http.get(tote_sheet.ADDRESS, headers=french)
    job = await http.get(f"{tote_sheet.ADDRESS}.zpl", headers={"accept-language": "es"})

    for page in (codes, totes):
        assert '<html lang="fr"' in page.text
        assert "Aller à la partie principale" in page.text
    assert "GTIN 9521234543213, lot A1, à vendre jusqu’au 31 déc. 2049." in codes.text  # noqa: RUF001
    assert "Bac 1" in totes.text
    assert "Étiquette\u00a0: bac 1, bleu" in totes.text
    assert "^FDCesta 1^FS" in job.text
    assert "^FDAzul^FS" in job.text
