"""Sentences by language: catalogs, plurals, times, and whose language a request is answered in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from babel import Locale
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bopis.kernel import speech
from bopis.kernel.speech import LANGUAGES, Speech, Spoken, filled, understood

TUESDAY = datetime(2026, 3, 3, 17, 40, tzinfo=UTC)


def test_a_time_is_part_of_a_sentence() -> None:
    said = {
        language: (
            Speech(language).time(TUESDAY),
            Speech(language).weekday_and_time(TUESDAY),
            Speech(language).weekday(TUESDAY),
            Speech(language).day_of_month(TUESDAY),
            Speech(language).every(["1", "2", "3"]),
        )
        for language in LANGUAGES
    }
    assert said == {
        "en": ("5:40\u202fPM", "Tue 5:40 PM", "Tuesday", "March 3", "1, 2 and 3"),
        "es": ("17:40", "mar, 17:40", "martes", "3 de marzo", "1, 2 y 3"),
        "fr": ("17:40", "mar. 17:40", "mardi", "3 mars", "1, 2 et 3"),
    }


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_one_and_any_other_number_is_all_there_is_to_tell_apart(language: str) -> None:
    rule = Locale.parse(language).plural_form
    assert {rule(count) for count in range(2, 1000)} == {"other"}


def test_what_has_no_value_stays_to_be_filled_in() -> None:
    assert filled("{a} of {b}", {"a": "{b}"}) == "{b} of {b}"
    assert Speech("en").t("Found {found} of {asked}.") == "Found {found} of {asked}."


def test_what_nobody_has_translated_is_said_in_english() -> None:
    assert Speech("fr").t("Nobody says {this}.", this="that") == "Nobody says that."
    assert Speech("fr").n("1 whatnot", "{count} whatnots", 0) == "0 whatnots"


@settings(max_examples=40)
@given(st.text())
@example("fr;q=nan, es;q=0.1")
@example("fr;q=2")
@example("*")
def test_whatever_a_browser_says_is_one_of_our_languages(accepted: str) -> None:
    assert understood(accepted) in LANGUAGES


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("ES-mx", "es"),
        ("de, es;q=0.7, fr;q=0.8", "fr"),
        ("fr;q=0, es;q=0.001", "es"),
        ("fr;q=0", "en"),
        ("fr;q=high, de", "en"),
        ("french", "en"),
        ("de," * 100 + "fr", "en"),
        ("es, fr", "es"),
    ],
)
def test_who_accepts_what_is_answered_in(accepted: str, language: str) -> None:
    assert understood(accepted) == language


async def test_a_request_is_spoken_to_in_its_language_and_the_next_is_not() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "headers": [(b"a", b"b")]})
        sent.append(speech.current().language)

    async def receive() -> Any:
        return {}

    async def send(message: Any) -> None:
        sent.append(message["headers"])

    spoken = Spoken(app, below=("/v1/handheld",))
    headers = [(b"accept-language", b"fr-FR")]
    await spoken({"type": "http", "path": "/v1/handheld/tasks", "headers": headers}, receive, send)
    assert sent == [[(b"a", b"b"), (b"content-language", b"fr")], "fr"]
    await spoken({"type": "http", "path": "/ops", "headers": headers}, receive, send)
    assert sent[2:] == [[(b"a", b"b")], "en"]
    assert speech.current().language == "en"
