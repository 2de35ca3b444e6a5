"""What an order's page says, word for word, and what it never says."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from bopis.kernel.pages import LOOK
from bopis.shopper import pages, status
from bopis.shopper.status import Headline, Piece, StepState
from inventory.sources import cadence
from tests.bopis.shopper.cases import (
    ACCEPTED,
    CANCELLED,
    CASES,
    KEPT,
    MOVED,
    PICKED_UP,
    PICKING,
    READY_NOW,
    fact,
)
from tests.golden import Golden
from tests.notifications.letters import NOON, pm

HERE = "/o/S0042.token"
MINUTE = timedelta(minutes=1)
NEVER = re.compile(
    r"!(?!doctype)|unfortunately|oops|\bsoon\b(?! as)|high demand|patience|inconvenience",
    re.IGNORECASE,
)


def page(case: str) -> str:
    """Return the page of a case, without what differs from one rendering to the next."""
    record, now = CASES[case]
    html = pages.status_page(record, now, HERE, KEPT)
    return re.sub(r"/assets/[0-9a-f]+/", "/assets/…/", html)


BLOCKS = frozenset({"p", "h1", "h2", "li", "dt", "summary", "div", "section", "form"})


class Words(HTMLParser):
    """The words of a page, one block a line: what is reviewed as prose."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.text += "\n"
        if tag in {"dd", "strong", "span", "a", "button"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += " ".join(data.split())


def words(html: str) -> str:
    reader = Words()
    reader.feed(html[html.index("<main") :])
    lines = (" ".join(line.split(" ")).strip() for line in reader.text.splitlines())
    return "\n".join(re.sub(r" {2,}", " ", line) for line in lines if line) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_the_page_reads_as_written(case: str, golden: Golden) -> None:
    golden.check(f"{case}.txt", words(page(case)))


def test_one_page_is_kept_whole(golden: Golden) -> None:
    golden.check("picking.html", page("picking"))


@pytest.mark.parametrize("case", CASES)
def test_the_page_keeps_its_voice(case: str) -> None:
    text = words(page(case))

    assert not NEVER.search(text)
    assert text.split("What we told you")[0].lower().count("sorry") <= 1


@pytest.mark.parametrize("case", CASES)
def test_the_code_is_shown_only_while_it_opens_something(case: str) -> None:
    shown = "7QK4 4M2P" in page(case)

    assert shown == CASES[case][0].state.startswith("ready")


@pytest.mark.parametrize("case", CASES)
def test_all_of_a_page_is_under_30_kb(case: str) -> None:
    assets = [LOOK / "look.css", LOOK / "icon.svg"]
    assets += list(pages.ASSETS.iterdir())
    weight = len(page(case).encode()) + sum(file.stat().st_size for file in assets)

    assert weight < 30_000


def test_names_from_outside_stay_text() -> None:
    line = replace(ACCEPTED.lines[0], name="<script>alert(1)</script>")
    record = replace(ACCEPTED, lines=(line,))
    html = pages.status_page(record, pm(3, 10), HERE, None)

    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_a_promise_that_has_passed_is_not_shown_as_one_that_stands() -> None:
    assert status.headline(ACCEPTED, pm(5, 40)) is Headline.ON_TIME
    assert status.headline(ACCEPTED, pm(5, 40) + timedelta(seconds=1)) is Headline.OVERDUE
    assert status.headline(READY_NOW, pm(8)) is Headline.READY


def test_news_after_we_did_not_know_takes_the_page_on() -> None:
    doubt = fact(5, pm(4, 50), "order.news_due", still_on_time=False)
    delayed = fact(6, pm(4, 55), "order.delayed", promised_at="2026-03-07T00:15:00Z")

    assert status.headline(replace(MOVED, facts=(*MOVED.facts, doubt)), pm(5)) is Headline.UNKNOWN
    assert (
        status.headline(replace(MOVED, facts=(*MOVED.facts, doubt, delayed)), pm(5))
        is Headline.MOVED
    )


def test_the_steps_of_an_order_that_ended_hold_nothing_to_come() -> None:
    assert [step.state for step in status.steps(PICKING)] == [
        StepState.DONE,
        StepState.NOW,
        StepState.TO_COME,
        StepState.TO_COME,
    ]
    assert [step.name for step in status.steps(CANCELLED)] == ["accepted"]
    assert all(step.state is StepState.DONE for step in status.steps(PICKED_UP))


def test_an_item_that_could_not_be_had_is_not_called_cancelled() -> None:
    assert status.pieces(READY_NOW, READY_NOW.lines[1]) == [Piece("missing", 1)]
    assert status.pieces(CANCELLED, CANCELLED.lines[1]) == [Piece("cancelled", 1)]
    assert status.missing(READY_NOW) == 1
    assert status.missing(CANCELLED) == 0


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ada@shopper.example", "a…@shopper.example"), ("+15550123", "…23"), ("", "")],
)
def test_an_address_is_shown_only_to_its_owner_s_eye(address: str, shown: str) -> None:
    assert status.masked(address) == shown


def test_an_old_list_is_said_until_somebody_has_looked() -> None:
    silence = cadence.judge("erp", pm(7, days=-3) - timedelta(hours=12), NOON, MINUTE, NOON)
    html = pages.status_page(ACCEPTED, pm(3, 10), HERE, None, silence)

    said = "stock list is from 7\xa0AM on Tuesday, March 3, older than usual. We go by what was on"
    assert said in html
    assert "stock list" not in pages.status_page(PICKING, pm(3, 50), HERE, None, silence)
    assert "stock list" not in pages.status_page(READY_NOW, pm(4, 21), HERE, None, silence)


def test_an_answer_is_shown_and_not_asked_for_again() -> None:
    answer = fact(7, pm(5, 20), "shopper.answered", all_there=False)
    record = replace(PICKED_UP, facts=(*PICKED_UP.facts, answer))
    html = pages.status_page(record, pm(5, 21), HERE, None)

    assert "You told us that something was missing." in html
    assert "<button" not in html
