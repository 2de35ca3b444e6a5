"""A month as a page: ``docs/month.md``, made as a whole by ``bopis month --write``."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from bopis.simulation.month import drawing, goals
from bopis.simulation.month.figures import Figures
from bopis.simulation.month.measured import Result
from bopis.simulation.month.nature import Nature
from bopis.simulation.month.unwarned import Unwarned
from bopis.trust import audit_words

_HEAD: Final = """# A month of a chain

{stores} stores, {days} days, {orders:,} orders, seed {seed}: played by `bopis month --write`, which
made this page. The same seed gives the same page, to the letter.

The stores, their people, shelves and shoppers are drawn from distributions that our rules are not
told. Every decision of ours in it is made by the rules that a real order meets: when it is
promised, what each look each minute says, when a promise moves and who hears of it, what is asked
when an item is missing and what happens without an answer, what is learned. What happened is then
written into the tables of a real database, as the line would have left it, and measured by the
reports that any store's operations use.
"""

_HOW: Final = """## How it is made

- **The world.** Web orders come as a Poisson process shaped by the hour and the day of the week.
  Associates notice a waiting order after a while, are held by other work, take a break, fall ill;
  walks, searches and counters take log-normal times. Shelves lose units that nobody writes down,
  deliveries come late or miscounted, and the store's feed tells us hourly what its till believes.
  Shoppers cancel, answer or do not, come late or never. In the middle of the month many stores lose
  a shift for some days, one store is shut for an afternoon, our own system is down for an hour,
  and the clocks are set back in Paris and in New York.
- **Ours.** `outlook.offer`, `looks.glance`, `promise.revise`, `choice.offer`, `tracking`,
  `survival` and the rest are imported and asked, not imitated. Around them the verbs that lock and
  write rows are played in memory; each names the verb it stands for.
- **Simplified.** Open orders are looked at each minute (the line does so each 15 seconds), and each
  half hour while a store is closed. What one store learns, the others hear at midnight. Words leave
  five seconds after the fact. Stock moves are not written down as a ledger. Whoever is late is
  offered to keep the order or to cancel it; collecting a part at once, substitutes, consents and
  moving to another store are not played, nor is a shopper who orders twice.
- **Which invariants apply.** All are asked. Those about stock, its ledger, feeds, deliveries and
  recipients hold because nothing of that is written here: S1 to S11, L1, L2, F2 to F6, X1, A2 and
  C4 say nothing about this month.
"""

_RANKED: Final = """For the same order, from the same distance: before anything is known all stores
are alike, and come by their code. After the month they come by how far their word may be relied on,
each share taken with caution, and by how long the time is that they usually name; the honesty index
is of the last 28 days.
"""


def text(result: Result) -> str:
    """Return the whole page."""
    month = result.month
    parts = [
        _HEAD.format(
            stores=len(month.stores), days=month.days, orders=result.chain.orders, seed=month.seed
        ),
        "## What it came to\n",
        *_goals(result),
        "\n![First promises kept, of the last 200, day by day](img/month-days.svg)\n",
        "## The whole chain\n",
        *_chain(result),
        "\n### Late, and not warned\n",
        *_unwarned(result.chain),
        "\n## Store by store\n",
        *_stores(result),
        "\n![First promises kept, by store](img/month-stores.svg)\n",
        "## In which order stores are offered\n",
        *_ranking(result),
        "\n## What an audit of our word finds\n",
        *_audit(result),
        "\n## Questions, and what a broken word cost\n",
        *_questions(result.chain),
        f"\n{_HOW}",
        "### The stores as they are\n",
        *_natures(month.stores),
    ]
    return "\n".join(parts) + "\n"


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _table(
    head: Iterable[str], rows: Iterable[Iterable[object]], *, left: int = 1
) -> Iterator[str]:
    names = list(head)
    yield _row(*names)
    yield "|" + "|".join([" --- "] * left + [" --: "] * (len(names) - left)) + "|"
    for row in rows:
        yield _row(*row)


def _goals(result: Result) -> Iterator[str]:
    found = list(goals.of(result))
    yield from _table(
        ("", "goal", "found"),
        ((goal.what, goal.goal, goal.found if goal.met else f"**{goal.found}**") for goal in found),
    )
    missed = [goal for goal in found if not goal.met]
    if missed:
        yield "\nWhat is bold is missed:\n"
        yield from (f"- {goal.what}: {goal.why}" for goal in missed)


def _unwarned(c: Figures) -> Iterator[str]:
    yield (
        f"{c.late - c.warned:,} late orders were not warned of five minutes before. Of"
        f" {c.beyond:,} nobody could have been who sees what we see: by the record they were ready,"
        f" or our own system was down. So no more than {c.most_warned:.1%} can be warned; of the"
        f" others it was {_share(c.warned, c.late - c.beyond)}.\n"
    )
    yield from _table(
        ("when a warning could last leave they", "orders", "odds to be late then"),
        ((what, one.orders, _odds(one)) for what, one in c.unwarned.items()),
    )


def _odds(one: Unwarned) -> str:
    if one.least is None or one.most is None:
        return ""
    return f"{one.least:.0f} to {one.most:.0f} of 100"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _chain(result: Result) -> Iterator[str]:
    c, report = result.chain, result.reports[""]
    yield from _table(
        ("", "found"),
        (
            ("Orders", f"{c.orders:,}"),
            *((f"… {state.replace('_', ' ')}", f"{n:,}") for state, n in c.states.items()),
            ("Refused, items sold out", f"{sum(report.refused.values()):,}"),
            ("Units found", f"{c.found / c.units:.1%} of {c.units:,}" if c.units else "none"),
            ("Minutes from order to promise, median", f"{c.wait:.0f}"),
            ("Minutes from order to ready, median", f"{c.took:.0f}"),
            (
                "Minutes from the first warning to the promise, of late orders, median",
                f"{c.lead:.0f}",
            ),
            (
                "Minutes late, of late orders: median, one in ten",
                f"{c.late_half:.0f}, {c.late_ninth:.0f}",
            ),
            ("Delays told", f"{c.apologies:,}"),
            ("Told of two delays, of 100 orders", f"{c.per_hundred(c.second):.1f}"),
            ("Wrong ready", f"{c.false_ready:,} of {c.said_ready:,}"),
            ("Looks at open orders", f"{result.looked:,}"),
        ),
    )


def _stores(result: Result) -> Iterator[str]:
    faults = {one.store: one.fault for one in result.month.stores}
    head = (
        "store", "orders", "kept", "between", "worst 200", "promise", "late by", "warned",
        "false alarms", "wrong ready", "found", "silent",
    )  # fmt: skip
    yield from _table(head, (_store(one, faults[one.name]) for one in result.stores))  # type: ignore[index]
    yield ""
    yield from (
        f"**{one.store}** is badly run on purpose: {one.fault}."
        for one in result.month.stores
        if one.fault
    )


def _store(one: Figures, fault: str) -> tuple[object, ...]:
    return (
        f"**{one.name}**" if fault else one.name,
        one.orders,
        f"{one.coverage:.1%}",
        f"{one.low:.0%} to {one.high:.0%}",
        "" if one.worst is None else f"{one.worst:.1%}",
        f"{one.wait:.0f} min",
        f"{one.late_half:.0f} min",
        f"{one.warned} of {one.late}",
        one.false_alarms,
        one.false_ready,
        f"{one.found / one.units:.1%}" if one.units else "",
        one.silent_minutes,
    )


def _ranking(result: Result) -> Iterator[str]:
    yield _RANKED
    bad = {one.store for one in result.month.stores if one.fault}
    rows = (
        (
            one.place,
            one.before,
            f"**{one.store}**" if one.store in bad else one.store,
            f"{one.found:.1%}",
            f"{one.on_time:.1%}",
            f"{one.ready_true:.1%}",
            "" if one.index is None else f"{one.index:.0f}",
            "; ".join(one.costs),
        )
        for one in result.places
    )
    head = ("place", "before", "store", "found", "on time", "ready true", "index", "it loses by")
    yield from _table(head, rows)


def _audit(result: Result) -> Iterator[str]:
    yield "`bopis trust` over the month, as it prints it:\n"
    yield "```text"
    yield audit_words.text(result.audit).rstrip()
    yield "```"
    named = {
        value
        for finding in result.audit.findings
        for driver in finding.drivers
        for dimension, value in driver.group
        if dimension == "store"
    }
    bad = [one.store for one in result.month.stores if one.fault]
    said = [f"{store} {'is' if store in named else '**is not**'} named" for store in bad]
    yield f"\nOf the stores badly run on purpose, {' and '.join(said)}."


def _questions(c: Figures) -> Iterator[str]:
    yield "What became of cases in which a shopper had to choose:\n"
    rows = [
        (*(word.replace("_", " ") for word in name.split(" ")), n) for name, n in c.cases.items()
    ]
    yield from _table(("about", "how it ended", "what it came to", "cases"), rows, left=3)
    yield "\nWhere we broke our word, and what it cost by the policy that we ship with:\n"
    met: list[tuple[str, object]] = [(what.replace("_", " "), n) for what, n in c.incidents.items()]
    met += [("credited, EUR", c.credited), ("a person has to call", c.calls)]
    yield from _table(("incident", "found"), met)


def _natures(stores: Iterable[Nature]) -> Iterator[str]:
    head = (
        "store", "zone", "orders a day", "shifts", "notice", "out", "per line", "spread",
        "misplaced", "recovered", "held up", "sick", "shrink", "claims late", "wrong ready",
    )  # fmt: skip
    yield from _table(
        head,
        (
            (
                n.store, n.zone.key, n.orders, len(n.shifts), n.notice, n.out, n.per_line,
                n.spread, f"{n.misplaced:.1%}", f"{n.recovered:.0%}", f"{n.bound}/h",
                f"{n.sick:.1%}", f"{n.shrink:.2%}", n.claims_late or "", f"{n.wrong_ready:.1%}",
            )
            for n in stores
        ),
        left=2,
    )  # fmt: skip
    yield "\nMinutes where nothing else is said; each is explained in the simulation's `nature.py`."


def write(result: Result, docs: Path) -> None:
    """Write the page and its drawings."""
    (docs / "month.md").write_text(text(result), encoding="utf-8")
    for name, drawn in drawing.all_of(result):
        (docs / "img" / name).write_text(drawn, encoding="utf-8")
