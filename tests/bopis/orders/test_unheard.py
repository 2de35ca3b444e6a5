"""Nobody loses something because we could not ask: what did not leave decides nothing."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis import app as roof
from bopis.kernel import relay
from bopis.ops.today import advice, troubles
from bopis.orders.choices.choice import LATE, Cause, Reach, Then, at_the_end, is_enough
from bopis.orders.choices.choices import Taken
from bopis.orders.watching import watchdog
from notifications import sender
from notifications.facts import Choice
from notifications.smtp import Letter, Outcome, Verdict
from tests.bopis.orders.test_choices import (
    ASK,
    PLEASE,
    case_of,
    is_sound,
    says,
    short,
    units,
)
from tests.journeys.day import MINUTE, S1, Day, a_handheld, at

ONE_HOUR = timedelta(hours=1)


@pytest.fixture
async def day(shop: Day) -> Day:
    shop.handheld = await a_handheld(shop.db, shop.client, shop.clock)
    return shop


def answers(verdict: Verdict) -> Any:
    async def post(letters: Sequence[Letter]) -> list[Outcome]:
        return [Outcome(verdict, "as it is") for _ in letters]

    return post


async def ring(day: Day) -> None:
    """Send as the metronome would, some seconds later by the machine's clock."""
    async with day.db.transaction(S1) as tx:
        await tx.run("UPDATE messages SET claimed_until = NULL WHERE store_id = $1", S1)
    with suppress(sender.SenderDown):
        await sender.sweep(day.db)
    await relay.drain(day.db)


async def goes_on(day: Day, by: timedelta, step: timedelta = 5 * MINUTE) -> None:
    """Let time pass while nothing can be sent."""
    end = day.clock() + by
    while day.clock() < end:
        day.clock.advance(step)
        await watchdog.sweep(day.db)
        await relay.drain(day.db)
        await ring(day)


@given(
    cause=st.sampled_from(Cause),
    default=st.sampled_from(Choice),
    reach=st.sampled_from(Reach),
    waited=st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_whatever_was_not_asked_takes_nothing_away(
    cause: Cause, default: Choice, reach: Reach, waited: timedelta
) -> None:
    then = at_the_end(cause, default, reach, waited)

    if reach is Reach.ASKED or default is Choice.WAIT:
        assert then is Then.DEFAULT
    elif cause in LATE:
        assert then is Then.KEPT
    else:
        assert then in {Then.EXTENDED, Then.PERSON}
        assert (then is Then.PERSON) == (reach is Reach.NEVER or waited > timedelta(hours=3))


@given(st.integers(1, 300), st.integers(-10, 400))
def test_a_question_leaves_only_with_half_of_its_time_left(window: int, gone: int) -> None:
    asked = at("2026-03-06T18:00:00+00:00")
    until = asked + window * MINUTE

    assert is_enough(asked, asked + gone * MINUTE, until) == (2 * gone <= window)


async def test_a_question_that_waits_for_a_mail_server_takes_nothing_off_and_is_put_anew(
    day: Day,
) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(MINUTE)
    day.read()
    roof.configure_sending(post=answers(Verdict.DOWN))
    asked = day.clock() + ASK

    await goes_on(day, 80 * MINUTE)

    assert (await units(day, placed))[1] == {"short": 1}
    case = await case_of(day)
    assert (case["state"], case["call_by"]) == ("offered", None)
    assert case["answer_by"] > max(day.clock(), asked + ONE_HOUR)
    day.clock.advance(40 * MINUTE)
    roof.configure_sending(post=day.post)
    await ring(day)  # too little is left of that hour by now
    assert PLEASE not in day.read()
    await goes_on(day, MINUTE, MINUTE)
    assert day.read() == [PLEASE]
    assert (await case_of(day))["answer_by"] >= day.clock() + ONE_HOUR - 2 * MINUTE
    assert await says(day, placed, Choice.WAIT) is Taken.TAKEN
    await is_sound(day)


async def test_whom_no_letter_reaches_a_person_asks_and_nothing_happens_until_then(
    day: Day,
) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(MINUTE)
    roof.configure_sending(post=answers(Verdict.REFUSED))
    await day.wait(ASK + 2 * MINUTE)
    case = await case_of(day)

    async with day.db.transaction() as tx:
        [need] = [
            n for n in advice.needs(await troubles.listed(tx, None)) if "Ask the" in n.sentence
        ]
    await day.wait(5 * ONE_HOUR, step=20 * MINUTE)

    assert need.sentence.endswith("Lakeview 0: our question did not reach them")
    assert case["call_by"] is not None
    assert case["answer_by"] >= case["call_by"] + ONE_HOUR
    assert (await units(day, placed))[1] == {"short": 1}
    assert (await case_of(day))["state"] == "offered"
    roof.configure_sending(post=day.post)
    assert await says(day, placed, Choice.PARTIAL_NOW) is Taken.TAKEN
    assert (await units(day, placed))[1] == {"cancelled": 1}
    await is_sound(day)
