"""What rules of promising did, side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.simulation import rules
from bopis.simulation.chain import SITES, compose, lay_out
from bopis.simulation.rules import RULES, TEMPER, Outcome
from bopis.simulation.world import World
from bopis.trust.day import Report


def test_an_outcome_counts_units_that_were_looked_for() -> None:
    report = Report("2010-12-08", 2, units_ordered=90, units_found=76, units_short={"not_found": 4})
    assert Outcome.of(RULES[0], report) == Outcome("record >= 1", 90, 76, 4)
    assert Outcome.of(RULES[0], report).broken_share == pytest.approx(0.05)


def test_peers_are_read_where_they_keep_as_much() -> None:
    peers = [Outcome("1", 0, 1000, 100), Outcome("2", 0, 800, 40)]
    high, low = 100 / 1100, 40 / 840
    assert rules.at_share(peers, 1.0) == pytest.approx(high)
    assert rules.at_share(peers, 0.9) == pytest.approx((high + low) / 2)
    assert rules.at_share(peers, 1.01) is None
    assert rules.at_share(peers, 0.79) is None


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(0, 99)), min_size=2, max_size=6))
def test_what_lies_between_two_rules_is_between_what_they_break(
    pairs: list[tuple[int, int]],
) -> None:
    peers = [Outcome(str(n), 0, found, broken) for n, (found, broken) in enumerate(pairs)]
    shares = [one.broken_share for one in peers]
    for one in peers:
        said = rules.at_share(peers, one.found / peers[0].found)
        assert said is not None
        assert min(shares) - 1e-9 <= said <= max(shares) + 1e-9


def test_a_table_says_where_peers_stand_beside_belief() -> None:
    outcomes = [
        Outcome(rule.name, 1000 - 50 * rule.safety, 900 - 50 * rule.safety, 90) for rule in RULES
    ]
    text = rules.table(outcomes)
    assert "belief" in text
    assert text.count("record >=") == 5


def test_most_records_of_its_world_are_wrong() -> None:
    world = World(3, lay_out(3, SITES[:2], compose(3, 400)), TEMPER)
    wrong = [pile.shelf != pile.record for pile in world.piles.values()]
    assert 0.6 <= sum(wrong) / len(wrong) <= 0.7
