"""An audit names what is wrong, and nothing where nothing is."""

import json
from typing import Any

import pytest

from bopis.trust import audit_words
from bopis.trust.audit import Finding, audit
from bopis.trust.gap import Beside, Gap, points
from bopis.trust.outcome import Outcome
from tests.bopis.trust.made import MINUTE, MONDAY, chain, outcome


@pytest.mark.parametrize(
    ("gap", "wrong", "beside", "loss"),
    [
        (Gap.AVAILABILITY, {"lines_lost": 1, "short_reasons": ("not_found",)}, {}, 8.0),
        (
            Gap.AVAILABILITY,
            {"state": "cancelled", "close_reason": "not_found", "took": None},
            {},
            16.0,
        ),
        (Gap.TIME, {"took": 90.0}, {}, 3.0),
        (Gap.TIME, {"took": 10_000.0}, {}, 10.0),  # capped: four hours late is late
        (Gap.READINESS, {"false_ready": 1}, {}, 10.0),
        (Gap.SILENCE, {"silent_minutes": 90.0}, {}, 3.0),
        (Gap.REVISION, {"versions": 2}, {}, 1.0),
        (Gap.CONTRADICTION, {}, {"contradictions": 2}, 8.0),
        (Gap.EVIDENCE, {}, {"unproven": 1}, 3.0),
        (Gap.FRESHNESS, {}, {"stale_feed": True}, 1.0),
        (Gap.REMEDY, {}, {"unpaid": 1}, 6.0),
    ],
)
def test_each_gap_takes_its_points_and_no_other(
    gap: Gap, wrong: dict[str, Any], beside: dict[str, Any], loss: float
) -> None:
    assert points(outcome(**wrong), Beside(**beside)) == {gap: loss}


def test_what_was_seen_coming_and_not_said_in_time_is_a_gap_and_what_was_said_is_none() -> None:
    late: dict[str, Any] = {"took": 90.0, "knowable_at": MONDAY + 30 * MINUTE}

    silent = points(outcome(**late), Beside())
    warned = points(outcome(**late, told_at=MONDAY + 40 * MINUTE), Beside())
    too_late = points(outcome(**late, told_at=MONDAY + 61 * MINUTE), Beside())

    assert silent[Gap.FORESIGHT] == too_late[Gap.FORESIGHT] == 5.0
    assert Gap.FORESIGHT not in warned


def test_a_new_time_that_is_missed_again_weighs_more_than_an_alarm_for_nothing() -> None:
    again = outcome(versions=2, took=120.0, last_promised_at=MONDAY + 100 * MINUTE)
    held = outcome(versions=2, took=95.0, last_promised_at=MONDAY + 100 * MINUTE)

    assert points(again, Beside())[Gap.REVISION] == 3.0
    assert Gap.REVISION not in points(held, Beside())


def test_whoever_gave_up_while_the_promise_stood_proves_nothing() -> None:
    gone: dict[str, Any] = {"state": "cancelled", "close_reason": "shopper_request", "took": None}
    early = MONDAY + 10 * MINUTE

    seen = [(outcome(n, **gone, closed_at=early), Beside()) for n in range(100)]

    assert outcome(**gone, closed_at=early).is_excused
    assert not outcome(**gone, closed_at=early, versions=2).is_excused
    assert audit(seen).orders == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_badly_run_store_is_named_and_a_clean_chain_has_no_gap(seed: int) -> None:
    bad = audit(((one, Beside()) for one in chain(seed, bad="S4")), seed=seed)
    clean = audit(((one, Beside()) for one in chain(seed)), seed=seed)

    assert [one.gap for one in bad.findings] == [Gap.TIME]
    [found] = bad.findings
    assert found.drivers[0].group == (("store", "S4"),)
    assert found.low <= found.mid <= found.high
    assert len(found.examples) == 5
    assert all(example.startswith("S4 ") for example in found.examples)
    assert found.effect_if_fixed > 0
    assert clean.findings == ()


def test_an_order_late_within_what_was_said_is_no_gap() -> None:
    """One in ten may be late: that is what a first promise says of itself."""
    tenth = audit((one, Beside()) for one in chain(7, late=0.09))
    third = audit((one, Beside()) for one in chain(7, late=0.33))

    assert Gap.TIME not in {one.gap for one in tenth.findings}
    assert Gap.TIME in {one.gap for one in third.findings}
    [everywhere] = third.findings
    assert everywhere.drivers == ()


def test_no_more_than_three_gaps_are_shown_and_few_orders_show_none() -> None:
    wrong: dict[str, Any] = {
        "false_ready": 1,
        "silent_minutes": 60.0,
        "took": 120.0,
        "lines_lost": 1,
        "short_reasons": ("not_found",),
        "knowable_at": MONDAY,
    }
    many = [(outcome(n, **wrong, day=MONDAY.date()), Beside()) for n in range(40)]

    found = audit(many)
    few = audit(many[:29])

    assert [one.gap for one in found.findings] == [Gap.READINESS, Gap.AVAILABILITY, Gap.FORESIGHT]
    assert {one.gap for one in found.passed} == set(Gap) - {one.gap for one in found.findings}
    assert few.findings == ()


def test_the_same_seed_tells_the_same_and_says_which_it_was() -> None:
    once = audit(((one, Beside()) for one in chain(5, bad="S2")), seed=11)
    again = audit(((one, Beside()) for one in reversed(chain(5, bad="S2"))), seed=11)

    assert once == again
    said = audit_words.text(once)
    assert "One of ten kinds of gap qualifies" in said
    assert "bootstrap seed 11" in said
    assert "fewer qualified, so fewer are shown" in said
    assert "Driver: store S2" in said
    values = json.loads(audit_words.to_json(once))
    assert values["findings"][0]["drivers"][0]["group"] == {"store": "S2"}
    assert len(values["findings"]) + len(values["not_shown"]) == 10
    assert isinstance(once.findings[0], Finding)


def test_a_gap_is_told_with_its_change_since_the_period_before() -> None:
    def month(seed: int, late: float) -> list[tuple[Outcome, Beside]]:
        return [(one, Beside()) for one in chain(seed, stores=3, days=14, late=late)]

    worse = audit(month(3, 0.45), month(4, 0.30))
    alike = audit(month(3, 0.40), month(4, 0.40))
    first = audit(month(3, 0.45), month(4, 0.30)[:29])

    [found] = worse.findings
    assert found.change is not None
    assert 0 < found.change.low < found.change.mid < found.change.high
    assert f"Change since the period before ({found.change.orders:,} orders): " in (
        audit_words.text(worse)
    )
    assert alike.findings[0].change is not None
    assert alike.findings[0].change.is_chance
    assert "No change beyond chance since the period before" in audit_words.text(alike)
    assert first.findings[0].change is None
    assert "period before" not in audit_words.text(first)


def test_an_audit_of_nothing_says_so() -> None:
    found = audit([])

    assert found.findings == ()
    assert len(found.passed) == 10
    assert "None of ten kinds of gap qualify, in 0 orders" in audit_words.text(found)
