"""A month from beginning to end: played, written down, and measured by our own reports."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.orders.states import OrderState
from bopis.simulation.month import figures, running, standing, writing
from bopis.simulation.month.figures import Fate, Figures
from bopis.simulation.month.nature import Month
from bopis.simulation.month.standing import Place
from bopis.simulation.month.store import Played
from bopis.trust import audit_words, audits, records, report, verify
from bopis.trust.audit import Audit
from bopis.trust.day import Report
from bopis.trust.verify import Finding

SINCE: Final = timedelta(days=1)
"""Before the first midnight in UTC it is day in some zone already."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a month showed. Nothing in it depends on the machine or on the hour.

    Shapes:
        reports: by store, and of all under the empty name: what our own report says.
        broken: invariants that do not hold, with how often.
        worst_by: how many each store missed of the chain's worst run, the most first.
    """

    month: Month
    chain: Figures
    stores: tuple[Figures, ...]
    fates: tuple[Fate, ...]
    worst_by: Mapping[str, int]
    reports: Mapping[str, Report]
    audit: Audit
    places: tuple[Place, ...]
    invariants: int
    broken: Mapping[str, int]
    looked: int
    events: Mapping[str, int]

    def to_json(self) -> str:
        whole: dict[str, Any] = {
            "seed": self.month.seed,
            "days": self.month.days,
            "first_day": self.month.first.isoformat(),
            "looks": self.looked,
            "chain": _plain(self.chain),
            "worst_by": dict(self.worst_by),
            "stores": {one.name: _plain(one) for one in self.stores},
            "badly_run": {one.store: one.fault for one in self.month.stores if one.fault},
            "report": json.loads(self.reports[""].to_json()),
            "events": dict(self.events),
            "audit": audit_words.as_values(self.audit),
            "ranking": [asdict(place) for place in self.places],
            "verify": dict(self.broken),
            "invariants": self.invariants,
        }
        return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _plain(one: Figures) -> dict[str, Any]:
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(one).items()}
    days = [day.isoformat() for day in one.worst_days or ()]
    return rounded | {"coverage": round(one.coverage, 4), "late": one.late, "worst_days": days}


async def run(dsn: str, month: Month, *, processes: int = 1) -> Result:
    """Play a month, and measure it in an empty, migrated database that nobody else uses."""
    return await measure(dsn, month, *running.play(month, processes=processes))


async def measure(dsn: str, month: Month, stores: list[Played], ended_at: datetime) -> Result:
    """Write down a month that was played, and ask our own reports about it."""
    _each_order_has_one_end(stores)
    await writing.write(dsn, month, stores)
    async with Database.connect(dsn, clock=ManualClock(ended_at)) as db:
        reports = {"": await _report(db, month, ended_at, None)}
        for nature in month.stores:
            reports[nature.store] = await _report(db, month, ended_at, nature.store)
        await records.take_down(db)
        audit = await audits.run(db, month.begins - SINCE, ended_at)
        places = await standing.ranked(db, month)
        findings = await verify.verify(db)
    return _measured(month, stores, reports, audit=audit, places=places, findings=findings)


async def _report(
    db: Database, month: Month, until: datetime, only_store: StoreId | None
) -> Report:
    return await report.day(db, month.begins - SINCE, until, only_store=only_store)


def _each_order_has_one_end(stores: list[Played]) -> None:
    ends = {OrderState.PICKED_UP, OrderState.CANCELLED, OrderState.EXPIRED}
    for store in stores:
        assert all(order.state in ends for order in store.ended)


def _measured(
    month: Month,
    stores: list[Played],
    reports: Mapping[str, Report],
    *,
    audit: Audit,
    places: Sequence[Place],
    findings: Sequence[Finding],
) -> Result:
    ended = [order for store in stores for order in store.ended]
    due = sorted(
        (figures.fate(order) for order in ended if figures.counts(order)),
        key=lambda fate: fate.due_at,
    )
    events: dict[str, int] = {}
    for store in stores:
        for name, n in store.counts.items():
            events[name] = events.get(name, 0) + n
    return Result(
        month=month,
        chain=figures.of("all", ended, month.outage),
        stores=tuple(figures.of(s.store, s.ended, month.outage) for s in stores),
        fates=tuple(due),
        worst_by=_worst_by(stores),
        reports=reports,
        audit=audit,
        places=tuple(places),
        invariants=len(findings),
        broken={f.invariant.id: f.count for f in findings if f.count},
        looked=sum(store.looked for store in stores),
        events=dict(sorted(events.items())),
    )


def _worst_by(stores: Sequence[Played]) -> dict[str, int]:
    due = sorted(
        (order.first.latest, order.id, store.store, figures.fate(order).kept)
        for store in stores
        for order in store.ended
        if figures.counts(order)
    )
    runs = figures.rolling([kept for *_, kept in due], figures.WINDOW)
    first = runs.index(min(runs))
    missed = Counter(where for *_, where, kept in due[first : first + figures.WINDOW] if not kept)
    return dict(missed.most_common())
