"""The words that leave, as a customer reads them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from jinja2 import UndefinedError

from notifications import wording
from notifications.facts import FILLED_IN, KINDS, DelayReason, Facts, dump, load
from notifications.models import MessageKind
from notifications.wording import REASONS, Clock, headline, render, short
from tests.golden import Golden
from tests.notifications.letters import APOLOGY, CASES, CHICAGO, NOON, READY, RECEIVED, pm


class Shown(HTMLParser):
    """What a mail reader without styles shows of a page, one piece of text after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = tag in {"style", "title"}
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.pieces.append(" ".join(data.split()))


@pytest.mark.parametrize("case", CASES)
def test_reads_as_written(case: str, golden: Golden) -> None:
    facts, now = CASES[case]
    mail = render(facts, CHICAGO, now=now)

    golden.check(f"{case}.txt", f"Subject: {mail.subject}\n\n{mail.text}")
    golden.check(f"{case}.html", mail.html)
    golden.check(f"{case}.short", short(facts, CHICAGO, now=now) + "\n")
    assert headline(facts, CHICAGO, now=now).replace("\xa0", " ") == mail.subject


def test_every_kind_of_message_has_its_facts() -> None:
    assert set(KINDS) == {kind.value for kind in MessageKind}


def test_every_kind_has_a_golden_copy() -> None:
    assert {type(facts) for facts, _ in CASES.values()} == set(get_args(Facts))


def test_every_golden_copy_has_a_case(golden: Golden) -> None:
    assert {file.stem for file in golden.folder.iterdir() if file.is_file()} == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_subject_and_first_line_are_the_news(case: str) -> None:
    facts, now = CASES[case]
    mail = render(facts, CHICAGO, now=now)

    assert mail.text.replace("\xa0", " ").startswith(mail.subject[:40])
    assert len(mail.subject) <= 78


@pytest.mark.parametrize("case", CASES)
def test_text_and_html_say_the_same(case: str) -> None:
    facts, now = CASES[case]
    mail = render(facts, CHICAGO, now=now)
    shown = Shown()
    shown.feed(mail.html)

    def words(text: str) -> set[str]:
        return set(re.findall(r"\w+(?:[:'-]\w+)*", text))

    text = re.sub(rf"{re.escape(facts.status_url)}\S*", "", mail.text)
    assert words(text) == words(" ".join(shown.pieces))
    assert {link[: len(facts.status_url)] for link in shown.links} == {facts.status_url}
    assert shown.links == re.findall(rf"{re.escape(facts.status_url)}\S*", mail.text)
    assert len(mail.html) < 9_000


@pytest.mark.parametrize("reason", DelayReason)
def test_every_reason_has_words(reason: DelayReason) -> None:
    assert REASONS[reason].endswith(".")
    assert len(REASONS[reason].split()) <= 12


@pytest.mark.parametrize("case", CASES)
def test_a_snapshot_gives_the_facts_back(case: str) -> None:
    facts, _ = CASES[case]

    kept = dump(facts)

    assert not kept.keys() & FILLED_IN
    assert load(facts.kind, kept, first_name="Ada", status_url=facts.status_url) == facts


def test_a_snapshot_outlives_a_field() -> None:
    assert load("picked_up", dump(CASES["picked_up"][0]) | {"was_raining": True}).kind in KINDS


def test_what_came_from_outside_stays_text() -> None:
    hostile = replace(RECEIVED, first_name="<b>Ada</b>", store_name="A&B\r\nBcc: x@pickup.example")
    mail = render(replace(READY, store_name=hostile.store_name), CHICAGO)

    assert "\n" not in mail.subject
    assert "&lt;b&gt;Ada&lt;/b&gt;" in render(hostile, CHICAGO).html
    assert "Hello <b>Ada</b>," in render(hostile, CHICAGO).text


def test_nobody_is_called_by_an_empty_name() -> None:
    assert "\nHello,\n" in render(replace(RECEIVED, first_name=" "), CHICAGO).text


def test_a_template_may_not_say_more_than_its_facts() -> None:
    with pytest.raises(UndefinedError):
        wording._words("txt").from_string("{{ credit }}").render()  # noqa: SLF001


@pytest.mark.parametrize(
    ("moment", "now", "said"),
    [
        (pm(5), pm(3), "5 PM today"),
        (pm(5, 45), pm(3), "5:45 PM today"),
        (pm(12), pm(11, 59), "12 AM tomorrow"),  # by the store's midnight, not by UTC's
        (pm(5), pm(3, days=1), "5 PM yesterday"),
        (pm(4, days=6), pm(3), "5 PM on Thursday"),  # over the change of the clocks
        (pm(4, days=7), pm(3), "5 PM on Friday, March 13"),
        (pm(5), pm(3, days=3), "5 PM on Friday, March 6"),
        (pm(5), None, "5 PM on Friday, March 6"),
    ],
)
def test_a_time_is_said_as_in_the_store(moment: datetime, now: datetime | None, said: str) -> None:
    assert Clock(CHICAGO, Locale("en"), now).when(moment).replace("\xa0", " ") == said


def test_a_day_of_24_hours_is_read_out_as_one() -> None:
    mail = render(RECEIVED, ZoneInfo("Europe/London"), "en-GB")

    assert "by 23:00 on Friday 6 March" in mail.subject
    assert "All times are United Kingdom Time." in mail.text


@pytest.mark.parametrize("locale", ["de", "de-AT", "tlh", "", "en_US_POSIX_x"])
def test_a_language_we_have_no_words_for_is_answered_in_english(locale: str) -> None:
    assert render(APOLOGY, CHICAGO, locale).subject == render(APOLOGY, CHICAGO).subject


@pytest.mark.parametrize(("minutes", "verb"), [(-1, "will be"), (1, "is")])
def test_a_broken_promise_is_not_called_a_coming_one(minutes: int, verb: str) -> None:
    mail = render(APOLOGY, CHICAGO, now=APOLOGY.told + timedelta(minutes=minutes))

    assert mail.subject.startswith(f"Your order {verb} late")


def test_the_afternoon_of_the_cases_is_a_friday() -> None:
    assert datetime(2026, 3, 6, 18, tzinfo=UTC) == NOON
    assert NOON.astimezone(CHICAGO).strftime("%A %H") == "Friday 12"
