"""What a pause sounds like, for every reason, until the doors really open again."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bopis.orders.telling import paused
from inventory.opening import hours, pause
from inventory.opening.hours import Calendar, WeeklyHours
from inventory.opening.pause import Pause, PauseReason
from notifications.wording import Clock, spoken
from tests.golden import Golden

CHICAGO = ZoneInfo("America/Chicago")
NINE_TO_NINE = Calendar(CHICAGO, tuple(WeeklyHours(day, time(9), time(21)) for day in range(7)))


def at(hour: int, minute: int = 0, *, day: int = 6) -> datetime:
    return hours.on_wall(CHICAGO, date(2026, 3, day), time(hour, minute))


NOW = at(14, 10)
CLOCK = Clock(CHICAGO, spoken("en"), NOW)
LEAK = Pause(UUID(int=1), at(14), at(15), PauseReason.WATER, takes_orders=False, closes=True)


def shut(*pauses: Pause) -> Calendar:
    return replace(NINE_TO_NINE, closures=pause.closures(pauses))


def test_every_reason_as_a_shopper_reads_it(golden: Golden) -> None:
    said = [
        paused.of_doors(shut(one), [one], CLOCK, NOW)
        for one in (replace(LEAK, reason=reason) for reason in PauseReason)
    ]
    busy = replace(LEAK, closes=False, reason=PauseReason.TOO_BUSY)
    said += [
        paused.of_orders(shut(LEAK), [LEAK], CLOCK, NOW),
        paused.of_orders(NINE_TO_NINE, [busy], CLOCK, NOW),
        paused.ahead(shut(LEAK), [LEAK], CLOCK, at(13)),
    ]

    golden.check("paused.txt", "\n".join(said) + "\n")


def test_until_when_is_when_the_doors_open() -> None:
    def says(*pauses: Pause) -> str:
        return paused.of_doors(shut(*pauses), pauses, CLOCK, NOW)

    longer = replace(LEAK, begins_at=at(14, 30), ends_at=at(16), reason=PauseReason.POWER)
    night = replace(LEAK, ends_at=at(23))
    forever = replace(LEAK, ends_at=NOW + timedelta(days=90))

    assert says(LEAK) == "The store is closed until 3\xa0PM because of a water leak."
    assert says(LEAK, longer).startswith("The store is closed until 4\xa0PM")
    assert says(night).startswith("The store is closed until 9\xa0AM tomorrow")
    assert says(replace(LEAK, ends_at=at(9, day=20))).startswith(
        "The store is closed until 9\xa0AM on Friday, March 20"
    )
    never = replace(NINE_TO_NINE, weekly=())
    assert "until further notice" in paused.of_doors(never, [forever], CLOCK, NOW)


def test_what_is_over_or_open_says_nothing() -> None:
    busy = replace(LEAK, closes=False)

    assert paused.of_doors(NINE_TO_NINE, [busy], CLOCK, NOW) == ""
    assert paused.of_doors(shut(LEAK), [LEAK], CLOCK, LEAK.ends_at) == ""
    assert paused.of_orders(shut(LEAK), [replace(LEAK, takes_orders=True)], CLOCK, NOW) == ""
    assert paused.ahead(shut(LEAK), [LEAK], CLOCK, NOW) == ""


def test_of_several_pauses_the_one_that_refuses_orders_counts() -> None:
    later = replace(LEAK, id=UUID(int=2), ends_at=at(18), takes_orders=True)

    assert pause.live([later, LEAK], NOW) is LEAK
    assert pause.refusing([later], NOW) is None
    assert pause.refusing([later, LEAK], NOW) is LEAK
    assert pause.live([later, LEAK], at(16)) is later
