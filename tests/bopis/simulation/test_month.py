"""A tiny month: the same each time, every order with one end, and our reports count what was so."""

import json
from dataclasses import replace

from bopis.simulation.month import goals, measured, nature, page, running

TINY = nature.month(4, stores=2, days=3)


async def test_reports_of_a_month_say_what_its_desks_know(dsn: str) -> None:
    result = await measured.run(dsn, TINY)

    chain, report = result.chain, result.reports[""]
    assert result.broken == {}
    assert chain.orders == report.accepted > 60
    assert chain.states == {
        "cancelled": report.cancelled,
        "expired": report.expired,
        "picked_up": report.collected,
    }
    assert (chain.due, chain.kept) == (report.promises_due, report.on_time_first)
    assert (chain.told, chain.warned) == (len(report.apology_lead_minutes), report.warned_ahead)
    assert (chain.false_alarms, chain.second) == (report.false_alarms, report.second_notices)
    assert (chain.apologies, chain.silent_minutes) == (report.apologized, report.silent_minutes)
    assert (chain.said_ready, chain.false_ready) == (report.ready_said, report.false_ready)
    assert chain.units == report.units_ordered
    assert report.waited is not None
    assert report.collected > report.waited.n > report.collected / 2
    for one in result.stores:
        of_store = result.reports[one.name]
        assert (one.orders, one.due) == (of_store.accepted, of_store.promises_due)
        assert (one.kept, one.warned) == (of_store.on_time_first, of_store.warned_ahead)
    for goal in goals.of(result):
        assert goal.what in page.text(result)
    long = replace(chain, worst=0.8, worst_days=(TINY.first, TINY.first))
    as_json = json.loads(replace(result, chain=long).to_json())
    assert (as_json["chain"]["orders"], len(as_json["stores"])) == (chain.orders, 2)
    assert as_json["chain"]["worst_days"] == ["2026-10-12", "2026-10-12"]


def test_a_month_is_the_same_each_time() -> None:
    once, ended_at = running.play(nature.month(5, stores=2, days=1))
    again, ended_again_at = running.play(nature.month(5, stores=2, days=1))
    other, _ = running.play(nature.month(6, stores=2, days=1))

    assert (once, ended_at) == (again, ended_again_at)
    assert once != other
