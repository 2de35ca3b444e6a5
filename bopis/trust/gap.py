"""Where what was said and what was so came apart, order by order, in points. Pure.

Ten kinds of gap. Each takes one order and says how many points of trust it lost there; what the
points are worth against each other is a judgement, and stands in one table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bopis.trust.outcome import Outcome


class Gap(StrEnum):
    AVAILABILITY = "G1"  # promised, then not found or cancelled by us
    TIME = "G2"  # ready after the first promise
    READINESS = "G3"  # called ready, and was not
    SILENCE = "G4"  # news was owed and did not come
    FORESIGHT = "G5"  # seen coming, not said in time
    REVISION = "G6"  # a new time that was missed again, or an alarm for nothing
    CONTRADICTION = "G7"  # a message named another time than the promise
    EVIDENCE = "G8"  # a message claimed what nothing proves
    FRESHNESS = "G9"  # promised on stock numbers older than they may be
    REMEDY = "G10"  # a credit was promised and did not come within a day


SAYINGS: Final[Mapping[Gap, str]] = {
    Gap.AVAILABILITY: "We said it was there; it was not found, or we cancelled it.",
    Gap.TIME: "More orders were late than the one in ten that a first promise allows.",
    Gap.READINESS: "We said it was ready, and it was not.",
    Gap.SILENCE: "We owed a word by a certain time, and it did not come.",
    Gap.FORESIGHT: "We saw it would be late in time to say so, and did not.",
    Gap.REVISION: "The new time was missed again, or the alarm was for nothing.",
    Gap.CONTRADICTION: "A message named another time than the promise on record.",
    Gap.EVIDENCE: "A message claimed something that nothing on record proves.",
    Gap.FRESHNESS: "The promise was made on stock numbers older than they may be.",
    Gap.REMEDY: "A credit was promised and had not come a day later.",
}


TITLES: Final[Mapping[Gap, str]] = {
    Gap.AVAILABILITY: "Said to be there, and was not",
    Gap.TIME: "Ready later than first promised",
    Gap.READINESS: "Called ready, and was not",
    Gap.SILENCE: "News was owed, and did not come",
    Gap.FORESIGHT: "Seen coming, and not said in time",
    Gap.REVISION: "A new time that was missed, too, or a false alarm",
    Gap.CONTRADICTION: "Two times said for one order",
    Gap.EVIDENCE: "Said without proof",
    Gap.FRESHNESS: "Promised on old stock numbers",
    Gap.REMEDY: "A credit that did not come",
}
"""Each kind in a few words, for a list."""

WEIGHTS: Final = (
    "Points say how much trust a failure costs, so that unlike ones can be added up. An item that"
    " was not there is 8, an order that was called ready and was not is 10, a late one 2 and one"
    " more for each half hour; a credit that did not come is 6, a warning that was not given 5."
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the audit asks of an order besides what became of it."""

    department: str = ""
    feed: str = ""
    stale_feed: bool = False
    contradictions: int = 0
    unproven: int = 0
    unpaid: int = 0
    load: str = ""


def points(seen: Outcome, beside: Beside) -> dict[Gap, float]:
    """Return what an order lost, by gap; gaps without a loss are absent."""
    lost = {gap: rule(seen, beside) for gap, rule in _RULES.items()}
    return {gap: loss for gap, loss in lost.items() if loss > 0}


def _availability(seen: Outcome, beside: Beside) -> float:
    gone = seen.lines_ordered if seen.is_ours_to_answer else 0
    return 8.0 * max(seen.lines_lost, gone)


def _time(seen: Outcome, beside: Beside) -> float:
    if seen.is_kept or seen.is_ours_to_answer:
        return 0.0  # what never came is not late: it is a gap of the first kind
    return 2.0 + seen.late_minutes / 30


def _readiness(seen: Outcome, beside: Beside) -> float:
    return 10.0 * seen.false_ready


def _silence(seen: Outcome, beside: Beside) -> float:
    return 2.0 * seen.silent_minutes / 60


def _foresight(seen: Outcome, beside: Beside) -> float:
    return 5.0 if seen.is_knowable and not seen.is_warned else 0.0


def _revision(seen: Outcome, beside: Beside) -> float:
    if seen.versions == 1 or seen.is_ours_to_answer:
        return 0.0
    if seen.is_kept:
        return 1.0
    held = seen.ready_at is not None and seen.ready_at <= seen.last_promised_at
    return 0.0 if held else 3.0


_RULES: Final[Mapping[Gap, Callable[[Outcome, Beside], float]]] = {
    Gap.AVAILABILITY: _availability,
    Gap.TIME: _time,
    Gap.READINESS: _readiness,
    Gap.SILENCE: _silence,
    Gap.FORESIGHT: _foresight,
    Gap.REVISION: _revision,
    Gap.CONTRADICTION: lambda seen, beside: 4.0 * beside.contradictions,
    Gap.EVIDENCE: lambda seen, beside: 3.0 * beside.unproven,
    Gap.FRESHNESS: lambda seen, beside: float(beside.stale_feed),
    Gap.REMEDY: lambda seen, beside: 6.0 * beside.unpaid,
}


DIMENSIONS: Final = ("store", "hour", "department", "feed", "load", "channel")


def traits(seen: Outcome, beside: Beside) -> tuple[str, ...]:
    """Return a word for each dimension in which a driver is looked for; "" where none is known."""
    return (
        seen.store_id,
        _hour_class(seen.local_hour),
        beside.department,
        beside.feed,
        beside.load,
        seen.channel,
    )


def _hour_class(hour: int) -> str:
    if hour < 6:  # noqa: PLR2004 -- hours of a day
        return "night"
    if hour < 12:  # noqa: PLR2004
        return "morning"
    return "afternoon" if hour < 17 else "evening"  # noqa: PLR2004


def fix(gap: Gap, why: str, load: str) -> str:
    """Return what to try first, by the gap and by what most of its orders have in common.

    Shapes:
        why: the commonest reason on record: of a short line, or of a cancellation; "": none is.
        load: the load under which most of the loss came; "": none stands out.
    """
    if gap is Gap.AVAILABILITY:
        return _AVAILABILITY.get(why, _AVAILABILITY[""])
    if gap is Gap.TIME and load == "busy":
        return (
            "Promise the next opening in hours that are full (slots or the gate on load), or put"
            " more people on those shifts."
        )
    return _FIXES[gap]


_AVAILABILITY: Final[Mapping[str, str]] = {
    "not_found": "Count what was not found; then let belief cap what the record overstates.",
    "short_quantity": "Count what was short, and raise the units kept back of what sells quickly.",
    "damaged": "Have damaged units taken out of the stock number where they are found.",
    "wrong_item_at_location": "Correct where the items lie: the shelf holds something else.",
    "recalled_or_not_sellable": "Take recalled items off sale in the feed, not at the counter.",
    "store_closed": "Correct the store's hours: orders were taken that nobody could prepare.",
    "overload": "Lower the store's capacity: it refused orders that it had accepted.",
    "feed_conflict": "Have the stock system send more often: its numbers fell below our promises.",
    "": "Look at the five orders below: no reason is on record for most of them.",
}
_FIXES: Final[Mapping[Gap, str]] = {
    Gap.TIME: "Let the promise learn from these hours, and look at who was on shift in them.",
    Gap.READINESS: "Scan every unit and the staging place before ready is said; ask who did not.",
    Gap.SILENCE: "See that the jobs orders.watch and notifications.send run and are not behind.",
    Gap.FORESIGHT: "Look at messages that were held back or failed: the warning was due.",
    Gap.REVISION: "Give new times at their 90th percentile; hold alarms to two looks in a row.",
    Gap.CONTRADICTION: "Find who sends these words: only the promise on record may be named.",
    Gap.EVIDENCE: "Run bopis verify: it names each message without proof.",
    Gap.FRESHNESS: "Have the source send as often as it declares, or declare what is true.",
    Gap.REMEDY: "See bopis credits: shops have not said that these were paid out.",
}
