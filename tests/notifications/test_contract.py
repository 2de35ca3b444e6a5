"""Every word that leaves keeps its contract; and each question fires when it has a reason to."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from notifications.facts import DelayApology, DelayReason
from notifications.wording import render, short
from tests.golden import Golden
from tests.notifications import contract
from tests.notifications.letters import CASES, CHICAGO, CHOOSE, OWED, delays, pm


@pytest.mark.parametrize("case", CASES)
def test_every_message_keeps_its_voice(case: str) -> None:
    facts, now = CASES[case]
    mail = render(facts, CHICAGO, now=now)
    text = short(facts, CHICAGO, now=now)

    for said in (f"{mail.subject}.\n\n{mail.text}", text):
        assert [fault for check in contract.VOICE if (fault := check(said))] == [], said
    assert contract.sorry_as_owed(mail.text, owed=contract.owes_sorry(facts)) is None
    assert contract.sorry_as_owed(text, owed=contract.owes_sorry(facts)) is None
    assert contract.fits_a_text(text, facts.status_url) is None
    assert contract.link_last(text, facts.status_url) is None


@pytest.mark.parametrize("reason", DelayReason)
def test_every_delay_says_all_that_it_owes(reason: DelayReason, golden: Golden) -> None:
    """One file a cause, to be read aloud: every case of it, as a letter and as a short text."""
    written = []
    for name, (facts, now) in delays(reason).items():
        mail, text = render(facts, CHICAGO, now=now), short(facts, CHICAGO, now=now)
        assert contract.keeps_contract(facts, mail.text, CHICAGO, now) == []
        assert [fault for check in contract.VOICE if (fault := check(mail.text))] == []
        assert contract.sorry_as_owed(mail.text, owed=True) is None
        assert contract.fits_a_text(text, facts.status_url) is None
        written.append(f"=== {name}\n\n{mail.text}\nAs a short text:\n{text}\n")
    golden.check(f"delays/{reason}.txt", "\n".join(written))


GOOD = render(CHOOSE, CHICAGO, now=pm(4, 35)).text


@pytest.mark.parametrize(
    ("check", "seed"),
    [
        (contract.no_vow, "It will not happen again."),
        (contract.no_vow, "We are working hard to improve."),
        (contract.no_puff, "We are deeply sorry."),
        (contract.no_puff, "You are our best customer!"),
        (contract.no_puff, "Discover what is new this week."),
        (contract.no_blame, "An associate could not find it."),
        (contract.no_blame, "Somebody forgot it."),
        (contract.no_stock_phrase, "Thank you for your patience."),
        (contract.no_stock_phrase, "We apologize for any inconvenience."),
        (
            contract.is_easy,
            "Notwithstanding operational circumstances necessitating extraordinary prioritization "
            "considerations, fulfillment responsibilities unexpectedly deteriorated systemically "
            "throughout geographically distributed organizational infrastructures" * 2,
        ),
    ],
)
def test_a_question_fires(check: Callable[[str], str | None], seed: str) -> None:
    assert check(GOOD) is None
    assert check(GOOD.replace("Our new time", f"{seed} Our new time")) is not None


def test_too_much_too_often_and_too_little_is_noticed() -> None:
    assert contract.sorry_as_owed(GOOD, owed=True) is None
    assert contract.sorry_as_owed(GOOD + "We are sorry.", owed=True) is not None
    assert contract.sorry_as_owed(GOOD.replace("sorry", "sad"), owed=True) is not None
    assert contract.sorry_as_owed(GOOD, owed=False) is not None
    assert contract.fits_a_text("x" * 321) is not None
    assert contract.link_last("https://a.example/1 and more", "https://a.example/1") is not None


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        ("5 PM today", "the time that they had heard"),
        ("5:45 PM today", "a time"),
        ("5:15 PM today", "the next news"),
        ("One item is not on its shelf", "the cause"),
        ("€2.50", "the credit"),
        ("If we do not hear from you", "what happens without an answer"),
        ("/choose/1/partial_now", "a link for partial_now"),
    ],
)
def test_what_a_letter_leaves_out_is_named(gone: str, missing: str) -> None:
    facts: DelayApology = replace(CHOOSE, credit=OWED)
    text = render(facts, CHICAGO, now=pm(4, 35)).text.replace("\xa0", " ")

    flat = " ".join(text.split())
    assert contract.keeps_contract(facts, text, CHICAGO, pm(4, 35)) == []
    assert missing in contract.keeps_contract(facts, flat.replace(gone, "…"), CHICAGO, pm(4, 35))


def test_an_order_that_is_held_out_hears_the_same_without_the_word() -> None:
    apology = render(CHOOSE, CHICAGO, now=pm(4, 35)).text
    held_out = render(replace(CHOOSE, sorry=False), CHICAGO, now=pm(4, 35)).text

    assert "sorry" not in held_out
    assert " ".join(apology.split()).replace(", and we are sorry", "") == " ".join(held_out.split())
