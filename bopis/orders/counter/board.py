"""What screens on the floor and at the counter show of customers and bags. Pure.

A counter screen may be seen by anybody who stands before it. So it gets no more than it takes to
call somebody: a first name and the end of an order number. Neither opens anything: an order is
handed over against its pickup code alone, and no code, no full number and no family name ever
leaves for that screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from associates.handheld import wording
from bopis.kernel.speech import phrase, t
from bopis.orders.counter.arrival import Where
from bopis.orders.states import WAITING, Arrival, OrderState

TAIL: Final = 3
"""Characters of an order's number that tell one customer from another at a counter."""

SOMEBODY: Final = phrase("Customer")
"""Who has left us no name."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is here, or on the way, by their own word.

    Shapes:
        number: whole for an associate, its end for a screen that anybody may see.
        since: the time of day at which they came or will; never how long ago, and no clock runs.
        place: where the bag is; blank while there is none.
    """

    number: str
    name: str
    is_here: bool
    since: str
    where: str
    is_ready: bool
    place: str
    due: str


@dataclass(frozen=True, slots=True)
class Bag:
    number: str
    name: str
    place: str


def tail(number: str) -> str:
    return number[-TAIL:]


def guest(row: Mapping[str, Any], zone: ZoneInfo, now: datetime, *, whole: bool) -> Guest:
    """Return one customer; ``whole``: for an associate who is signed in."""
    is_here = row["state"] == Arrival.ARRIVED
    is_ready = OrderState(row["order_state"]) in WAITING
    return Guest(
        number=row["number"] if whole else tail(row["number"]),
        name=row["first_name"] or t(SOMEBODY),
        is_here=is_here,
        since=_since(row, zone, now),
        where=_where(row["waits_at"], row["spot"]),
        is_ready=is_ready,
        place=row["place"] or "" if is_ready else "",
        due="" if is_ready else _due(row["promised_at"], zone, now),
    )


def _since(row: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    if row["arrived_at"]:
        return t("Here since {time}", time=wording.when(row["arrived_at"], zone, now))
    if row["expected_at"]:
        time = wording.when(row["expected_at"], zone, now)
        return t("On the way, here by about {time}", time=time)
    return t("On the way")


def _where(waits_at: str | None, spot: str) -> str:
    """Return where somebody waits: "Parking spot 4"; blank, if they did not say."""
    match waits_at:
        case Where.PARKING:
            return t("Parking spot {spot}", spot=spot) if spot else t("In the parking lot")
        case Where.COUNTER:
            return t("Counter {spot}", spot=spot) if spot else t("At the counter")
    return t("At {spot}", spot=spot) if spot else ""


def _due(promised_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    if promised_at < now:
        return t("Not ready, and late")
    return t("Not ready, due {time}", time=wording.when(promised_at, zone, now))


def bag(row: Mapping[str, Any]) -> Bag:
    return Bag(tail(row["number"]), row["first_name"] or t(SOMEBODY), row["place"] or "")


def plain(shown: Sequence[Guest | Bag]) -> list[dict[str, Any]]:
    return [asdict(one) for one in shown]
