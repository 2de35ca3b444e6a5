"""What every message owes its reader, as questions to its words: each names what is wrong."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from notifications.facts import DelayApology, Facts
from notifications.wording import REASONS, SHORT, Clock, spoken

Fault = str | None

VOWS: Final = re.compile(
    r"never again|will not happen again|do better|improve|from now on|strive|commit(ted)?\b"
    r"|make sure (that )?this|lesson|work(ing)? hard",
    re.IGNORECASE,
)
PUFF: Final = re.compile(
    r"!|\bvery\b|\bbest\b|\bmost\b|greatest|perfect|amazing|great\b|excellent|extremely|deeply"
    r"|sincere(ly)?|truly|exclusive|offer ends|discount|sale\b|shop now|discover|newsletter",
    re.IGNORECASE,
)
BLAME: Final = re.compile(
    r"associate|employee|\bstaff\b|colleague|somebody (forgot|failed|missed)|picker"
    r"|the store's fault|human error|you should have|your mistake",
    re.IGNORECASE,
)
STOCK: Final = re.compile(
    r"unfortunately|oops|\bsoon\b(?! as)|high demand|patience|inconvenience|apologi[sz]e|valued"
    r"|regret|please note|kindly",
    re.IGNORECASE,
)


def _never(words: re.Pattern[str], what: str) -> Callable[[str], Fault]:
    def check(text: str) -> Fault:
        found = words.search(_prose(text))
        return f"{what}: {found.group()}" if found else None

    return check


no_vow = _never(VOWS, "vows")
no_puff = _never(PUFF, "puffs")
no_blame = _never(BLAME, "blames")
no_stock_phrase = _never(STOCK, "says what everybody says")


def sorry_as_owed(text: str, *, owed: bool | None) -> Fault:
    """Once where it is owed, never where it is not; ``None``: at most once."""
    said = len(re.findall(r"\bsorry\b", text, re.IGNORECASE))
    if owed is None:
        return "says sorry twice" if said > 1 else None
    return None if said == int(owed) else f"says sorry {said} times"


LINK: Final = 84
"""Characters of a real link: an address, a store and a signature."""


def fits_a_text(short: str, url: str = "") -> Fault:
    length = len(short) + (LINK - len(url) if url else 0)
    return None if length <= SHORT else f"{length} characters"


def link_last(short: str, url: str) -> Fault:
    return None if short.endswith(url) and short.count(url) == 1 else "the link is not at its end"


def is_easy(text: str, *, age: float = 12.0) -> Fault:
    """Whether somebody of that age can read it, by Flesch and Kincaid's grade plus five years.

    Source: J. P. Kincaid et al., "Derivation of new readability formulas", 1975.
    """
    sentences = [s for s in re.split(r"[.:;?]\s+|\n\n", _prose(text)) if re.search(r"[a-z]", s)]
    words = [word for s in sentences for word in re.findall(r"[A-Za-z']+", s)]
    if not words:
        return None
    per_word = sum(map(_syllables, words)) / len(words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * per_word - 15.59
    return None if grade + 5 <= age else f"needs {grade + 5:.1f} years"


def _syllables(word: str) -> int:
    lower = word.lower().strip("'")
    groups = len(re.findall(r"[aeiouy]+", lower))
    silent = lower.endswith("e") and not lower.endswith("le") and groups > 1
    return max(1, groups - silent)


def _prose(text: str) -> str:
    """Leave out what is no sentence of ours: links, names of things, the foot."""
    body = text.partition("\n--\n")[0]
    return re.sub(r"https?://\S+", "", body).replace("\xa0", " ")


def keeps_contract(facts: DelayApology, text: str, zone: ZoneInfo, now: datetime) -> list[str]:
    """Return what a delay's letter leaves out of what it owes."""
    clock = Clock(zone, spoken("en"), now)
    flat = " ".join(text.replace("\xa0", " ").split())

    def when(moment: datetime | None) -> str:
        return clock.when(moment).replace("\xa0", " ") if moment else "\0"

    owed = {
        "the time that they had heard": when(facts.told) in flat,
        "the cause": REASONS[facts.reason] in flat,
        "a time": when(facts.promised_at or facts.next_news_at) in flat,
        "the next news": when(facts.next_news_at) in flat,
        "the credit": facts.credit is None or clock.money(facts.credit) in text,
        "what happens without an answer": not facts.case or "If we do not hear from you" in flat,
        "the clock of the default": not facts.case or when(facts.answer_by) in flat,
        "a way out": "cancel" in flat.lower(),
    }
    for option in facts.options if facts.case else ():
        owed[f"a link for {option}"] = f"/choose/{facts.case}/{option}" in text
    return [what for what, is_there in owed.items() if not is_there]


def owes_sorry(facts: Facts) -> bool | None:
    """Say whether the one word is owed: True, False, or None where it may be said once."""
    return facts.sorry if isinstance(facts, DelayApology) else None


VOICE: Final[Sequence[Callable[[str], Fault]]] = (
    no_vow,
    no_puff,
    no_blame,
    no_stock_phrase,
    is_easy,
)
