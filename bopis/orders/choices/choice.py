"""What a shopper is asked when an item cannot be had, and what happens if they say nothing. Pure.

Nothing is taken off an order before its shopper has answered, or before the time that the question
itself named has come. What can be collected is not held up by a question.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bopis.promises.promise import FIRST_STEP, round_up
from bopis.promises.warning import LAST_CALL, LEAST_LEAD
from inventory.opening import hours
from inventory.opening.hours import Calendar
from notifications.facts import Choice

ASKED_AFTER: Final = timedelta(minutes=3)
"""One question about all that is missing, and none about what turns up at once."""

ANSWER_WITHIN: Final = timedelta(hours=1)
"""Open time that a shopper has to answer. What is ready can be collected meanwhile."""

COUNT_WITHIN: Final = timedelta(hours=2)
"""Open time that a store has to count again, for whoever waits for it."""


class Cause(StrEnum):
    NOT_THERE = "not_there"  # an associate looked, and could not find or could not use it
    DOUBTED = "doubted"  # by the store's own numbers none is left for this order
    DELAYED = "delayed"  # all of it can be had, later than we had said
    CLOSED = "closed"  # the same, because the store cannot work or hand over until then


LATE: Final = frozenset({Cause.DELAYED, Cause.CLOSED})
"""Nothing is missing: it is a matter of time alone."""


class CaseState(StrEnum):
    OPENED = "opened"  # it may turn up yet: nobody has been asked
    OFFERED = "offered"  # asked, and the clock of the default runs
    ANSWERED = "answered"
    DEFAULTED = "defaulted"  # no answer came, and what we had said would happen did
    WITHDRAWN = "withdrawn"  # the question is void: it was found, or the order ended


LIVE_CASES: Final = frozenset({CaseState.OPENED, CaseState.OFFERED})


class Outcome(StrEnum):
    """What became of the units that a case was about."""

    WITHOUT = "without"  # taken off: the order goes on without them
    CANCELLED = "cancelled"  # the whole order has ended
    FOUND = "found"  # they are there after all
    LOOKING = "looking"  # nothing has been decided: somebody goes and looks
    KEPT = "kept"  # they wait for all of it
    SPLIT = "split"  # what is there can be collected, and the rest is an order of its own
    MOVED = "moved"  # another store has taken them on
    SUBSTITUTED = "substituted"  # something else is given for them


class Via(StrEnum):
    """How an answer came to us."""

    PAGE = "page"  # they pressed it themselves
    COUNTER = "counter"  # they stood there: and took what there was, or said what they choose
    PHONE = "phone"  # they said it to a person, who wrote it down


class MoveState(StrEnum):
    OPEN = "open"  # the other store is being asked
    DONE = "done"  # it has taken them on, and they are given up here
    VOID = "void"  # it could not, or there was nothing left to move


class Reach(StrEnum):
    """How far a question has come to its shopper."""

    ASKED = "asked"  # it left, with time enough to answer
    WAITS = "waits"  # it has not left, and may yet
    NEVER = "never"  # it cannot leave: no address, or nobody takes it there


class Then(StrEnum):
    """What follows when the time to answer is over, and nobody has answered."""

    DEFAULT = "default"  # what we had said would happen
    KEPT = "kept"  # nothing: the order goes on as it is
    EXTENDED = "extended"  # there is more time, and they are asked anew
    PERSON = "person"  # the same, and somebody calls them: our letters have not reached them


TRIED_FOR: Final = timedelta(hours=3)
"""So long we try to ask by ourselves; then a person does."""


def at_the_end(cause: Cause, default: Choice, reach: Reach, waited: timedelta) -> Then:
    """Return what follows when a question was not answered in its time.

    Nobody loses something because we could not ask. What takes nothing away may happen unasked.

    Shapes:
        waited: since the question was first put.
    """
    if reach is Reach.ASKED or default is Choice.WAIT:
        return Then.DEFAULT
    if cause in LATE:
        return Then.KEPT
    return Then.PERSON if reach is Reach.NEVER or waited > TRIED_FOR else Then.EXTENDED


def has_no_time(cause: str, answer_by: datetime | None, promised_at: datetime) -> bool:
    """Say whether a question is about a delay of which nobody knows the end.

    What a shopper may do about a delay stands until the new time; here until there is one, so that
    ``answer_by`` is none to be named.
    """
    return cause in LATE and answer_by is not None and answer_by > promised_at


def is_enough(asked_at: datetime, left_at: datetime, answer_by: datetime) -> bool:
    """Say whether a question that leaves so late leaves half of its time to whoever reads it."""
    return 2 * (left_at - asked_at) <= answer_by - asked_at


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be chosen, what happens without an answer, and when.

    Shapes:
        options: the real ones only; the default is always among them.
        wait_until: until when the store counts again; None where that is no option.
    """

    options: tuple[Choice, ...]
    default: Choice
    answer_by: datetime
    wait_until: datetime | None


def ask_at(promised_at: datetime, now: datetime) -> datetime:
    """Return when to ask about what is missing since ``now``.

    Whoever is asked knows that the promise will not be kept: so while there is time to warn them,
    the question leaves in that time. Else before the promise breaks, if it has not.
    """
    ask, warned_by = now + ASKED_AFTER, promised_at - LEAST_LEAD
    if now < warned_by:
        return min(ask, max(now, warned_by - LAST_CALL))
    return min(ask, promised_at) if promised_at > now else ask


def offer(
    cause: Cause,
    *,
    rest: bool,
    recount: bool,
    calendar: Calendar,
    now: datetime,
    until: datetime | None = None,
    elsewhere: bool = False,
    instead: bool = False,
    agreed: bool = False,
) -> Offer:
    """Work out what a shopper can be asked.

    An item that is only doubted is looked for whatever they answer, so saying nothing costs
    nothing. One that is not there is taken off when nobody answers, and the rest kept: that is
    what most people who paid for the rest want, and it leaves nobody with nothing.

    Shapes:
        rest: something else of the order can still be had.
        recount: somebody will count the item again, so that waiting may help.
        until: how long what is ready is held; a question does not outlive it.
        elsewhere: another store has all that is missing, and can take it.
        instead: there is something to propose for all that is missing, by their consent.
        agreed: they have named it themselves when they ordered, so it happens if they say nothing.
    """
    answer_by = answer_time(calendar, now, until)
    wait_until = _open(calendar, now, COUNT_WITHIN, until)
    waits = cause is Cause.DOUBTED or (recount and wait_until > answer_by)
    instead = instead and cause is Cause.NOT_THERE
    possible = {
        Choice.WAIT: waits,
        Choice.SUBSTITUTE: instead,
        Choice.PARTIAL_NOW: rest,
        Choice.OTHER_STORE: elsewhere,
        Choice.CANCEL_ORDER: True,
    }
    options = [choice for choice, is_real in possible.items() if is_real]
    default = Choice.PARTIAL_NOW if rest else Choice.CANCEL_ORDER
    if instead and agreed:
        default = Choice.SUBSTITUTE
    if cause is Cause.DOUBTED:
        return Offer(tuple(options), Choice.WAIT, answer_by, None)
    return Offer(tuple(options), default, answer_by, wait_until if waits else None)


def offer_late(*, part: bool, elsewhere: bool, delays: int, answer_by: datetime) -> Offer:
    """Work out what a shopper can be asked whose order is late, and lacks nothing.

    Saying nothing keeps the order. Once it is late a second time, saying nothing also lets them
    collect what is there: we have been wrong twice about the rest, and it costs them nothing.

    Shapes:
        part: some of it is in hand already, and some has still to be found.
        delays: of this order so far, with this one.
    """
    options = [Choice.WAIT]
    options += [Choice.PARTIAL_NOW] if part else []
    options += [Choice.OTHER_STORE] if elsewhere else []
    options.append(Choice.CANCEL_ORDER)
    default = Choice.PARTIAL_NOW if part and delays > 1 else Choice.WAIT
    return Offer(tuple(options), default, answer_by, None)


def answer_time(calendar: Calendar, now: datetime, until: datetime | None) -> datetime:
    """Return until when a shopper who is asked now may answer."""
    return _open(calendar, now, ANSWER_WITHIN, until)


def more_time(
    calendar: Calendar, since: datetime, until: datetime | None
) -> tuple[datetime, datetime | None]:
    """Return until when somebody may answer who hears of it later, and how long they may wait.

    Shapes:
        returns: the second is None where waiting would end before the answer has to be there.
    """
    answer_by = _open(calendar, since, ANSWER_WITHIN, None)
    wait_until = _open(calendar, since, COUNT_WITHIN, None)
    if until is not None:
        answer_by, wait_until = min(answer_by, until), min(wait_until, until)
    return answer_by, wait_until if wait_until > answer_by else None


def _open(calendar: Calendar, now: datetime, within: timedelta, until: datetime | None) -> datetime:
    """Return when a store has been open for so long, on a step that people say."""
    moment = hours.add_open_time(calendar, now, within) or now + within
    moment = round_up(moment, FIRST_STEP)
    return moment if until is None else max(min(moment, until), now)


def confirm_by(calendar: Calendar, now: datetime, within: timedelta) -> datetime:
    """Return by when somebody has looked for an item that is likely there.

    So many minutes in which the store is open; an order that comes in too late for that is looked
    for after the next opening, and not at the very end of today.
    """
    closes = hours.closing_after(calendar, now)
    if hours.is_open(calendar, now) and (closes is None or now + within <= closes):
        return now + within
    opens = hours.next_opening(calendar, closes if hours.is_open(calendar, now) and closes else now)
    return (opens or now) + within
