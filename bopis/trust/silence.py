"""For how long we left somebody without a word that we owed them. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bopis.promises import promise
from bopis.promises.outlook import opens_at
from inventory.opening.hours import Calendar

TOLERATED: Final = timedelta(seconds=60)
"""What a relay and a sender may take."""

_NONE: Final = timedelta(0)

_PROMISING: Final = frozenset({"order.accepted", "order.delayed", "order.retracted"})

ANSWERED: Final = "order.choice_answered"
_ASKING: Final = frozenset({"order.choice_offered", ANSWERED, "order.choice_closed"})

OWING: Final = _PROMISING | _ASKING | {"order.ready", "order.hold_ending", "order.news_due"}
"""Facts after which we owe somebody a word by some time."""

Fact = tuple[datetime, str, dict[str, str]]


def owed(facts: Iterable[Fact], calendar: Calendar | None) -> list[tuple[datetime, datetime]]:
    """Return when each fact happened, and by when a word was owed after it.

    The same rules that set the due time when it happened, applied again to what is on record.

    Shapes:
        facts: of one order, oldest first.
        calendar: None: a store that never closes. Its words are due no later than another's.
    """
    due: list[tuple[datetime, datetime]] = []
    for at, name, payload in facts:
        if name in _PROMISING:
            named = payload["promised_at"]  # None: we said that nobody knows
            promised = datetime.fromisoformat(named) if named else at
            opens = opens_at(calendar, at) if calendar is not None else None
            due.append((at, promise.next_news_by(promised, at, opens)))
        elif name == "order.ready":
            hold = datetime.fromisoformat(payload["hold_until"])
            due.append((at, promise.next_reminder_by(hold, at)))
        elif name == "order.hold_ending":
            due.append((at, datetime.fromisoformat(payload["hold_until"])))
        elif name == "order.news_due":
            due.append((at, datetime.fromisoformat(payload["next_update_due_at"])))
        elif name in _ASKING and payload.get("news_by"):
            due.append((at, datetime.fromisoformat(payload["news_by"])))
    return due


def silent(
    facts: Sequence[Fact],
    said: Sequence[datetime],
    calendar: Calendar,
    *,
    since: datetime,
    until: datetime,
) -> timedelta:
    """Return how long an open order was past its due word, within a window.

    A word counts when it left, not when it was decided: with the sender down, deciding is silence.
    Whoever answers a question reads on the page what follows.

    Shapes:
        facts: of one order, oldest first.
        said: instants at which a message of it left, ascending.
        until: the end of the window, or of the order.
    """
    heard = sorted([*said, *(at for at, name, _ in facts if name == ANSWERED)])
    return (
        _NONE
        if not _silent(owed(facts, None), heard, since, until)
        else _silent(owed(facts, calendar), heard, since, until)
    )


def _silent(
    due: Sequence[tuple[datetime, datetime]],
    said: Sequence[datetime],
    since: datetime,
    until: datetime,
) -> timedelta:
    if not due:
        return _NONE
    at = [moment for moment, _ in due]
    total = _NONE
    spoken = [at[0], *said]
    for index, word in enumerate(spoken):
        place = max(bisect_right(at, word) - 1, 0)
        start = max(due[place][1], word, since)
        end = min(spoken[index + 1] if index + 1 < len(spoken) else until, until)
        if end - start > TOLERATED:
            total += end - start
    return total
