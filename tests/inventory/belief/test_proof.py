"""The claim of docs/belief.md, in stores small enough to be tried each time."""

from benchmarks import belief, belief_pages
from benchmarks.belief import World
from benchmarks.belief_pages import Case

SMALL = World(seed=2, items=300, days=90)


def test_belief_breaks_fewer_promises_than_any_safety_stock_at_the_same_demand_kept() -> None:
    case = Case.of("small", SMALL)

    assert 0.5 < case.late.wrong < 0.8
    for one in case.believed:
        if one.kept >= 0.5:
            assert one.breaches < belief.at_kept(case.peers, one.kept), one
    assert case.scores.recalibrated < case.scores.record_only
    again = belief.played(SMALL)
    assert (again.raw == belief.played(SMALL).raw).all()
    assert belief_pages.tradeoff(case).startswith("<svg")
