"""What is odd about a handheld, in words, with what to do next. Pure.

It is about devices: a scanner that needs cleaning, a clock that is wrong, one that somebody has
taken. Nothing here says who held it, and nothing compares people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bopis.ops import words
from bopis.ops.views import Tone

LOOK_BACK: Final = timedelta(days=7)
ACTS: Final = 1000
"""Of what was done on a device within that time, only the latest so many are looked at."""
ENOUGH: Final = 20
"""Acts below which a share says nothing."""
MANY_OF: Final = 0.2
SOME_TRIES: Final = 5
SOME_CONFLICTS: Final = 3
SOME_FAR: Final = 3
"""Counts that would take so much off the record that somebody else has to look."""
FAST: Final = timedelta(minutes=2)
SLOW: Final = timedelta(minutes=30)
"""The quickest that came took so long: then it is the clock, and not the network."""
HOLDS: Final = timedelta(days=3)
UNSEEN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sign:
    kind: str
    word: str
    sentence: str
    next_step: str
    tone: Tone = "amber"


Seen = Mapping[str, Any]
"""What is known of one device; see ``reads.looked_over``."""


def of(seen: Seen, now: datetime) -> list[Sign]:
    """Return what is odd about one device, the gravest first; of most, nothing is.

    Shapes:
        seen: with ``acts`` and what of them was odd, all within ``LOOK_BACK``.

    Units:
        lag: of what came quickest, from the device's clock to ours; below zero: its clock is ahead.
    """
    return [*_taken(seen), *_gone(seen, now), *_said(seen), *_read(seen)]


def _taken(seen: Seen) -> Iterator[Sign]:
    if seen["withheld"]:
        yield Sign(
            "shut_out",
            "shut out",
            f"It is shut out, and has sent {words.counted(seen['withheld'], 'scan')} since.",
            "Find out who has it. The scans are kept and were not done.",
            "stop",
        )
    if seen["revoked_at"] is not None:
        return
    tries = words.counted(seen["wrong_tries"], "wrong try", "wrong tries")
    if seen["locked_at"] is not None:
        yield Sign(
            "locked",
            "locked",
            f"It is locked after {tries} to sign in.",
            "Ask in the store who it was. Then unlock it, or shut it out.",
            "stop",
        )
    elif seen["wrong_tries"] >= SOME_TRIES:
        yield Sign(
            "guessed",
            "wrong tries",
            f"There were {tries} to sign in, and nobody has signed in since.",
            "Ask in the store who has it. It locks itself after 10.",
        )


def _gone(seen: Seen, now: datetime) -> Iterator[Sign]:
    since: datetime | None = seen["seen_at"]
    if seen["revoked_at"] is not None or since is None:  # nobody has signed in yet: a screen, say
        return
    age = words.age(now - since)
    held = max(seen["unsent"], seen["missing"])
    if held and now - since > HOLDS:
        yield Sign(
            "holds",
            "holds scans",
            f"We have not heard of it for {age}, and it holds {words.counted(held, 'scan')}"
            " that we do not have.",
            "Find it, and let somebody sign in on it where there is a network: that sends them.",
            "stop",
        )
    elif now - since > UNSEEN:
        yield Sign(
            "unseen",
            "not seen",
            f"We have not heard of it for {age}.",
            "Look for it. If nobody finds it, shut it out.",
        )
    elif seen["missing"]:
        yield Sign(
            "missing",
            "scans missing",
            f"Of what was done on it, {words.counted(seen['missing'], 'scan')} never came.",
            "Look at its settings whether they wait there; if not, its storage was cleared.",
        )


def _said(seen: Seen) -> Iterator[Sign]:
    if seen["unproved"] and seen["wants_shelf"]:
        yield Sign(
            "unproved",
            "shelf not scanned",
            f"{words.counted(seen['unproved'], 'time').capitalize()} somebody said that an item is"
            " not there, without a scan of its shelf's label.",
            "The store wants that label scanned. See whether it is there and can be read.",
        )
    if seen["far"] >= SOME_FAR:
        yield Sign(
            "far",
            "far too few",
            f"{seen['far']} counts on it found far fewer than the record says.",
            "See under Counts what others find. Where they find more, ask in the store.",
        )
    if seen["conflicts"] >= SOME_CONFLICTS:
        yield Sign(
            "conflicts",
            "conflicts",
            f"{seen['conflicts']} scans came out otherwise than it had shown.",
            "Its network may be poor where it is used. See below what they were.",
        )
    if seen["refused"]:
        yield Sign(
            "refused",
            "not taken in",
            f"{words.counted(seen['refused'], 'scan').capitalize()} could not be taken in.",
            "See below what was done there: it counts for nothing yet.",
        )


def _read(seen: Seen) -> Iterator[Sign]:
    lag: timedelta | None = seen["lag"]
    if lag is not None and not -FAST <= lag <= SLOW:
        way = "ahead" if lag < -FAST else "behind"
        yield Sign(
            "clock",
            "wrong clock",
            f"Its clock is {words.age(abs(lag))} {way}.",
            "Let it set its clock by the network: the times it gives are wrong until then.",
        )
    if seen["acts"] < ENOUGH:
        return
    if seen["strange"] > MANY_OF * seen["acts"]:
        yield Sign(
            "codes",
            "cannot read",
            f"{_share(seen, 'strange')} could not be read.",
            "Clean its window. Then press Try the scanner in its settings.",
        )
    if seen["undone"] > MANY_OF * seen["acts"]:
        yield Sign(
            "undone",
            "taken back",
            f"{_share(seen, 'undone')} took something back.",
            "It may scan twice, or by itself. Press Try the scanner in its settings.",
        )


def _share(seen: Seen, what: str) -> str:
    return f"{seen[what]} of {seen['acts']} scans and taps"
