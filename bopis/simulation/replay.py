"""Plays a published day through the whole system, in one process, on a clock that jumps.

Everything is as it would be: the same HTTP application, the same facts, jobs and letters, a real
PostgreSQL. Only time is ours. Whatever happens in a replay follows from the data and one seed, so
the same seed gives the same report, byte for byte.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI

from bopis.kernel import relay
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from bopis.kernel.ids import Ids
from bopis.kernel.module import Job
from bopis.settings import Settings
from bopis.simulation import chain, engine, inbox, rules, shoppers
from bopis.simulation.baskets import Basket, ShoppingDay
from bopis.simulation.chain import SITES, Chain, Hours, Site
from bopis.simulation.loop import Bell, Life, Loop
from bopis.simulation.rules import Rule
from bopis.simulation.shoppers import Wish
from bopis.simulation.town import Town
from bopis.simulation.world import World
from bopis.trust import audit_words, audits, report, verify
from bopis.trust.audit import Audit
from bopis.trust.day import Report
from bopis.trust.verify import Finding
from notifications.settings import NotificationSettings

BASE_URL: Final = "https://pickup.example"
AFTERWARDS: Final = timedelta(days=4)
"""How long we wait for the last shopper: a ready order is held for one open day or two."""
HOLD_DAYS: Final = 1
SETTING_UP: Final = timedelta(minutes=10)
IDLE: Final = timedelta(minutes=30)
"""How often a job rings while nobody does anything and nothing is due."""
AWAY: Final = timedelta(hours=6)
"""The same, while no order is open at all."""
QUICK: Final = timedelta(seconds=10)
"""A job that rings more often than this rings, here, after something happened."""

SOON: Final = timedelta(minutes=1)
"""How often it rings at least while somebody is at work: some words wait for their hour."""

_LONDON: Final = tuple(Hours(time(8), time(20)) for _ in range(7))
UK_SITES: Final = (
    Site("U01", "Angel Yard", "12 Harper's Yard", "London", "N1 0ZZ", "GB", 51.5327, -0.1058,
         "Europe/London", "Pickup desk, first floor", _LONDON),
    Site("U02", "Canal Row", "3 Towpath Row", "London", "NW1 0ZZ", "GB", 51.5388, -0.1426,
         "Europe/London", "Pickup desk, by the stairs", _LONDON),
)  # fmt: skip
"""The retailer of the data had no stores. These two are invented, like all that goes on in them."""


class Roof(Protocol):
    """What a replay needs of the application: named by the command, so that floors stay floors."""

    def routes(self) -> Routes: ...
    def jobs(self) -> tuple[Job, ...]: ...
    def create_app(self, settings: Settings, db: Database | None = None) -> FastAPI: ...
    def configure_sending(self, *, mail: NotificationSettings | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """What a replay showed. Nothing in it depends on the machine or on the hour."""

    day: ShoppingDay
    seed: int
    report: Report
    supplied: Mapping[str, int]
    outcomes: Mapping[str, int]
    findings: tuple[Finding, ...]
    still_open: int
    audit: Audit

    @property
    def broken(self) -> int:
        return sum(finding.count for finding in self.findings)

    def to_json(self) -> str:
        """Return everything, machine-readable, keys in order."""
        whole = {
            "source": self.day.source,
            "seed": self.seed,
            "read": self._read(),
            "rejected": self.day.rejected(),
            "supplied_by_the_seeded_world": dict(self.supplied),
            "shoppers": dict(self.outcomes),
            "report": json.loads(self.report.to_json()),
            "trust": audit_words.as_values(self.audit),
            "still_open": self.still_open,
            "verify": {
                finding.invariant.id: finding.count for finding in self.findings if finding.count
            },
            "invariants": len(self.findings),
        }
        return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def to_text(self) -> str:
        lines = [self.day.source, ""]
        lines += _section("Read", self._read())
        lines += _section("Left out, by name", self.day.rejected())
        lines += _section("Supplied by the seeded world", {"seed": self.seed, **self.supplied})
        lines += _section("As the shoppers tell it", self.outcomes)
        lines += ["", self.report.to_text().rstrip(), ""]
        lines += ["Where our word and what was so came apart", *audit_words.short(self.audit), ""]
        lines.append(f"Still open at the end: {self.still_open}")
        lines += [
            f"BROKEN {finding.count} x {finding.invariant.id}: {finding.invariant.sentence}"
            for finding in self.findings
            if finding.count
        ]
        verdict = "all hold" if not self.broken else f"{self.broken} violations"
        lines.append(f"Invariants: {len(self.findings)} checked, {verdict}.")
        return "\n".join(lines) + "\n"

    def _read(self) -> dict[str, int]:
        day = self.day
        return {
            "rows": day.rows,
            "orders": len(day.baskets),
            "lines": sum(len(basket.lines) for basket in day.baskets),
            "units": sum(day.demand().values()),
            "rows_merged_into_a_line_of_the_same_order": day.merged,
            "rows_left_out": len(day.rejects),
        }


def _section(title: str, counts: Mapping[str, int]) -> list[str]:
    body = [f"  {name.replace('_', ' '):<44}{n:>8,}" for name, n in counts.items()]
    return ["", title, *(body or ["  nothing"])]


async def play(
    roof: Roof,
    dsn: str,
    day: ShoppingDay,
    *,
    seed: int = 1,
    pickers: int = 3,
    limit: int | None = None,
    tick: timedelta | None = None,
    rule: Rule | None = None,
    progress: Callable[[datetime, int], None] | None = None,
) -> Result:
    """Play a day on an empty, migrated database.

    Args:
        roof: The application.
        dsn: A database that nobody else uses; it is left as the day leaves it.
        day: What people bought, and when.
        seed: Decides everything that the data does not say.
        pickers: How many associates of each store pick, in two shifts.
        limit: Play only the first so many orders.
        tick: No job rings more often than this; None: each rings at its own pace.
        rule: Sell by this one, in stores whose records are often wrong, to shoppers who leave out
            what is shown as gone; and report the last day only: those before it teach.
        progress: Told the store's time and the orders taken so far, now and then.
    """
    baskets = day.baskets[:limit]
    town_of = UK_SITES if day.zone == "Europe/London" else SITES[:2]
    rng = Random(f"{seed}:stores")
    homes = {basket.reference: rng.choice(town_of).store for basket in baskets}
    made = _chain(seed, town_of, day, baskets, homes)
    world = World(seed, made) if rule is None else World(seed, made, rules.TEMPER)
    first = _midnight(baskets[0].at, day.zone)
    last = max(basket.at for basket in baskets)
    clock = ManualClock(min(first + timedelta(hours=5), baskets[0].at - SETTING_UP))
    async with _system(roof, dsn, clock, seed, made.sites) as system:
        town = await _settle_in(system, made, world, clock, safety=rule.safety if rule else 0)
        if rule is not None:
            first = max(first, _midnight(last, day.zone))
            await rules.keep(system.db, made, rule)
            town.loop.start(rules.learn(system.db, made, first))
        for site in made.sites:
            await engine.staff(town, system.db, site.store, pickers=pickers)
            engine.open_store(town, site.store, until=last + timedelta(hours=2))
            mine = [basket for basket in baskets if homes[basket.reference] == site.store]
            town.loop.start(
                shoppers.web_shop(town, site.store, _wishes(mine), picky=rule is not None)
            )
        if progress is not None:
            town.loop.start(_progress(town, progress))
        for job in roof.jobs():
            pace = max(job.every, tick) if tick and job.every >= QUICK else job.every
            town.loop.start(_ring(system, town, replace(job, every=pace)))
        end = last + AFTERWARDS
        await town.loop.run(end)
        await town.loop.close()
        measured = await report.day(system.db, first, end)
        return Result(
            day=day,
            seed=seed,
            report=measured,
            supplied=dict(sorted(world.supplied.items())),
            outcomes=dict(sorted(town.outcomes.items())),
            findings=tuple(await verify.verify(system.db)),
            still_open=await _open_orders(system.db),
            audit=await audits.run(system.db, first, end, seed=seed),
        )


def _midnight(at: datetime, zone: str) -> datetime:
    return datetime.combine(at.astimezone(ZoneInfo(zone)), time(), ZoneInfo(zone))


def _chain(
    seed: int,
    sites: tuple[Site, ...],
    day: ShoppingDay,
    baskets: tuple[Basket, ...],
    homes: Mapping[str, str],
) -> Chain:
    """Lay out stores that hold about what the day will ask for, some items less."""
    depth: dict[tuple[str, str], int] = {}
    for basket in baskets:
        store = homes[basket.reference]
        for sku, units in basket.lines.items():
            depth[store, sku] = depth.get((store, sku), 0) + units
    rng = Random(f"{seed}:depth")
    depth = {place: int(units * rng.uniform(0.95, 2.4)) for place, units in depth.items()}
    return chain.lay_out(seed, sites, list(day.goods.values()), depth=depth)


def _wishes(baskets: list[Basket]) -> Iterator[Wish]:
    return ((basket.at, f"{basket.reference}", list(basket.lines.items())) for basket in baskets)


class Heard(dict[str, tuple[str, ...]]):
    """Who hears which fact later; and whether such a fact was written since we last looked."""

    waiting = True

    def get(self, name: str, default: Any = ()) -> Any:
        found = super().get(name, default)
        self.waiting = self.waiting or bool(found)
        return found


@dataclass(slots=True)
class System:
    """The application under replay, and how far it has caught up."""

    db: Database
    client: httpx.AsyncClient
    inbox: inbox.Inbox
    secrets: dict[str, str]
    heard: Heard
    news: Bell = field(default_factory=Bell)

    async def settle(self) -> None:
        """Carry the facts of the last step, as a worker would at once."""
        if not self.heard.waiting:
            return
        self.heard.waiting = False
        await relay.drain(self.db)
        self.heard.waiting = False  # what followed from them has been carried, too
        self.news.ring()


@contextlib.asynccontextmanager
async def _system(
    roof: Roof, dsn: str, clock: ManualClock, seed: int, sites: tuple[Site, ...]
) -> AsyncIterator[System]:
    letters = inbox.Inbox()
    routes = roof.routes()
    heard = Heard(routes.later)
    routes = replace(routes, later=heard)
    async with (
        inbox.serving(letters) as port,
        Database.connect(dsn, clock=clock, ids=Ids(Random(f"{seed}:ids")), routes=routes) as db,
    ):
        settings = Settings.model_validate(
            {"DATABASE_URL": dsn, "link_keys": [f"a replay, seed {seed}"], "base_url": BASE_URL}
        )
        app = roof.create_app(settings, db)
        roof.configure_sending(mail=NotificationSettings.model_validate(engine.mail(port)))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            yield System(db, client, letters, await engine.keys_for(db, sites), heard)


async def _settle_in(
    system: System, made: Chain, world: World, clock: ManualClock, *, safety: int
) -> Town:
    async def wait(at: datetime) -> datetime:
        return clock.advance_to(at)

    loop = Loop(clock(), wait, settle=system.settle)
    town = engine.settle_in(
        loop,
        client=system.client,
        chain=made,
        world=world,
        inbox=system.inbox,
        secrets=system.secrets,
        forgiving=False,
    )
    await engine.load(town.stock, made, hold_days=HOLD_DAYS, safety=safety)
    await engine.hire(system.db, made)
    await engine.bag(system.db, made)
    return town


async def _ring(system: System, town: Town, job: Job) -> Life:
    """Ring one job at its own pace of store time, or as soon as something can have become due."""
    while True:
        if job.every < QUICK:
            yield system.news.until(town.now + (SOON if town.busy else IDLE))
            yield job.every
        elif job.clock == "machine":
            yield AWAY  # it minds leases, which run on real time, and this day takes seconds of it
        elif town.busy:
            yield job.every
        else:
            yield town.news.until(await _next_due(system, town, job))
        await job.run(system.db)


_DUE: Final = """
    SELECT min(next_update_due_at) FROM orders WHERE closed_at IS NULL  /* fanout: replay */
"""


async def _next_due(system: System, town: Town, job: Job) -> datetime:
    async with system.db.transaction() as tx:
        due: datetime | None = await tx.value(_DUE)
    if due is None:
        return town.now + max(AWAY, job.every)
    return max(min(due, town.now + IDLE), town.now + job.every)


async def _open_orders(db: Database) -> int:
    async with db.transaction() as tx:
        found: int = await tx.value(
            "SELECT count(*) FROM orders WHERE closed_at IS NULL  /* fanout: replay */"
        )
    return found


async def _progress(town: Town, tell: Callable[[datetime, int], None]) -> Life:
    while True:
        tell(town.now, town.outcomes["ordered"] + town.outcomes["refused"])
        yield timedelta(minutes=5)
