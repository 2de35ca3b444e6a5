"""An audit as it is read out, and as a program reads it. Pure."""

import json
from dataclasses import asdict
from typing import Final

from bopis.trust.audit import MOST, Audit, Change, Finding
from bopis.trust.gap import TITLES

_COUNTS = ("None", "One", "Two", "Three")


def text(found: Audit) -> str:
    """Return the audit as text: the gaps that qualify, and in one line each why others do not."""
    lines = [summary(found)]
    for place, one in enumerate(found.findings, 1):
        lines += ["", f"{place}. {one.says} ({one.gap.value}, {one.gap.name.lower()})"]
        lines += [f"   {line}" for line in details(one)]
    if found.passed:
        lines += ["", "Not shown:"]
        lines += [
            f"   {one.gap.value:<4}{one.gap.name.lower():<14}{_orders(one.orders):>13}: {one.why}"
            for one in found.passed
        ]
    return "\n".join(lines) + "\n"


def short(found: Audit) -> list[str]:
    """Return the audit in a few lines, for a report that is about other things, too."""
    lines = [f"  {summary(found)}"]
    for one in found.findings:
        drivers = "; ".join(driver.words for driver in one.drivers) or "everywhere alike"
        lines.append(f"  {one.gap.value} {one.mid:,.1f} points for each 1,000 orders ({drivers})")
    return lines


def summary(found: Audit, *, plain: bool = False) -> str:
    """Return how many gaps qualify, of how many orders.

    Args:
        found: The audit.
        plain: In words that need no manual; else with what it takes to run it again.
    """
    count = len(found.findings)
    if plain:
        stand = "stands" if count <= 1 else "stand"
        return (
            f"{_COUNTS[count]} of ten kinds of broken word {stand} out, in"
            f" {_orders(found.orders)}. At most {MOST} are shown."
        )
    verb = "qualifies" if count == 1 else "qualify"
    asked = (
        "" if count == MOST else f" Up to {MOST} are shown; fewer qualified, so fewer are shown."
    )
    days = "store-day" if found.store_days == 1 else "store-days"
    return (
        f"{_COUNTS[count]} of ten kinds of gap {verb}, in {found.orders:,} orders on"
        f" {found.store_days:,} {days} (bootstrap seed {found.seed}).{asked}"
    )


def passed(found: Audit) -> list[tuple[str, str]]:
    """Return each kind of gap that is not shown, in words, and why it is not."""
    return [(TITLES[one.gap], f"{_orders(one.orders)}: {one.why}") for one in found.passed]


def _orders(count: int) -> str:
    return f"{count:,} order" if count == 1 else f"{count:,} orders"


def details(one: Finding, *, examples: bool = True, plain: bool = False) -> list[str]:
    """Return what is said of one gap, a line each.

    Args:
        one: The gap.
        examples: Whether orders are named, too; a page links them.
        plain: In words alone, without a statistician's figures.
    """
    chance = "" if plain else ", q = {:.3f}"
    most = "Most of it" if plain else "Driver"
    loss = (
        f"Loss: {one.mid:,.1f} points for each 1,000 orders"
        f" (between {one.low:,.1f} and {one.high:,.1f}), from {one.orders:,} orders."
    )
    changed = [] if one.change is None else [_changed(one.change)]
    drivers = [
        f"{most}: {driver.words}: {driver.loss:,.1f} for each 1,000 there,"
        f" {driver.rest:,.1f} elsewhere ({_orders(driver.orders)}{chance.format(driver.q)})."
        for driver in one.drivers
    ] or ["No group of orders stands out: it is everywhere alike."]
    lines = [loss, *changed, *drivers]
    if examples:
        lines.append(f"Orders to look at: {', '.join(one.examples)}.")
    lines.append(f"To fix: {one.fix}")
    if one.effect_if_fixed:
        lines.append(
            f"Were that group as the rest: {one.effect_if_fixed:,.1f} points for each 1,000 less."
        )
    return lines


def _changed(change: Change) -> str:
    room = f"between {_moved(change.low)} and {_moved(change.high)}"
    before = f"since the period before ({change.orders:,} orders)"
    if change.is_chance:
        return f"No change beyond chance {before}: {room}."
    return f"Change {before}: {_moved(change.mid)} ({room})."


def _moved(points: float) -> str:
    return f"{abs(points):,.1f} {'less' if points < 0 else 'more'}"


def to_json(found: Audit) -> str:
    return json.dumps(as_values(found), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


_TOLD_OTHERWISE: Final = frozenset({"low", "mid", "high", "change"})


def _as_list(change: Change | None) -> list[float] | None:
    return None if change is None else [change.low, change.mid, change.high]


def as_values(found: Audit) -> dict[str, object]:
    """Return the audit as plain values, for programs."""
    return {
        "orders": found.orders,
        "store_days": found.store_days,
        "seed": found.seed,
        "findings": [
            {
                **{k: v for k, v in asdict(one).items() if k not in _TOLD_OTHERWISE},
                "name": one.gap.name.lower(),
                "loss_per_1000_orders": [one.low, one.mid, one.high],
                "change_per_1000_orders": _as_list(one.change),
                "drivers": [
                    {**asdict(driver), "group": dict(driver.group)} for driver in one.drivers
                ],
            }
            for one in found.findings
        ],
        "not_shown": [{**asdict(one), "name": one.gap.name.lower()} for one in found.passed],
    }
