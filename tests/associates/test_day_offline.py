"""A day without a network, and then all of it at once: what was done is done, once and in order.

Through the whole application, so that what follows from an act is counted too. ``BOPIS_DAY=1500``
plays the whole of eight hours; the suite plays a small part of it, with every kind of act in it.
"""

import asyncio
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from associates.bagging import bag, bags
from associates.bagging.bag_models import Bagging
from associates.crew import people
from associates.handheld import devices
from associates.picking import claims
from associates.picking.acts import _acts
from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from bopis.kernel.ids import Sku, TaskId, inward, outward
from bopis.trust.verify import verify
from inventory import stock
from inventory.looking import conflicts
from inventory.models import Item, ItemGtin
from tests.associates.test_handheld_api import Handheld
from tests.journeys.day import GTINS, JAM, OAT, PLACE, RYE, S1, a_day, wanted
from tests.journeys.day import Day as Town

EVENTS = int(os.environ.get("BOPIS_DAY", "90"))
HOURS = timedelta(hours=8)
AT_ONCE = 50 if EVENTS > 500 else 9
A_PART = AT_ONCE * 3 // 4
"""Entries that with those repeated of them are mostly one upload, and now and then two."""
DUPLICATES, CONFLICTS, CUTS = 0.3, 0.05, 3
DAWN = datetime.fromisoformat("2026-03-06T09:00:00-06:00")
DUSK = DAWN + HOURS
BADGE = "B0000000008"
A_ROUND = 28
"""Events, at least: an order alone, two together, one handed over, some of one put back."""
WAYS: Final = (
    "plain",
    "skipped",
    "found elsewhere",
    "undone",
    "a wrong item",
    "an unknown code",
    "short",
    "short, and taken back",
    "a zero check",
)
"""What happens to an order under way: each in its turn."""
SHELF: Final = {"zone": "Food", "aisle": "1", "bay": "0", "shelf": "2"}
BACK_ROOM: Final = {"aisle": "7", "kind": "backroom"}
APPLIED, SUPERSEDED = "applied", "superseded"


@dataclass
class Log:
    """One handheld's log of a day, with what has to come of each entry."""

    device: Handheld
    random: random.Random
    entries: list[dict[str, Any]] = field(default_factory=list)
    meant: dict[str, str] = field(default_factory=dict)
    """The outcome that each entry has to have in the end."""
    labels: dict[str, list[str]] = field(default_factory=dict)
    """Of the bags of each order, as the handheld made them."""
    lost: set[str] = field(default_factory=set)
    """Tasks that somebody with a network took on before."""
    short: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    """Hand-overs of what somebody with a network had handed over before."""

    @property
    def conflicting(self) -> int:
        """How many entries found that another device had been there before."""
        return list(self.meant.values()).count(SUPERSEDED) + len(self.given)

    def done(self, path: str, meant: str = APPLIED, told: str | None = APPLIED, **body: Any) -> str:
        moment = DAWN + HOURS * min(len(self.entries) / EVENTS, 0.97)
        if path.startswith("counts/") and meant == APPLIED:
            moment = DUSK - timedelta(minutes=9)
        entry = self.device.entry(path=path, body=body, told=told)
        scan_id = str(UUID(int=self.random.getrandbits(128), version=4))
        self.entries.append({**entry, "scan_id": scan_id, "scanned_at": moment.isoformat()})
        self.meant[scan_id] = meant
        return scan_id

    def take(self, *tasks: str) -> None:
        meant = SUPERSEDED if self.lost & set(tasks) else APPLIED
        if len(tasks) == 1:
            self.done(f"tasks/{tasks[0]}/take", meant, fence=0)
        else:
            self.done("waves/take", meant, orders=[{"task_id": one, "fence": 0} for one in tasks])

    def order(self, task: str, way: str) -> None:
        """Log one order from its shelves to its place: two oat drinks, two loaves, two bags."""
        self._begun(task, way)
        for code in (GTINS[OAT], GTINS[RYE], GTINS[OAT]):
            self._said(task, code=code)
        if way == "a zero check":
            self._said(task, kind="zero_check", line=1, empty=False)
        if way.startswith("short"):
            missed = self._said(task, kind="short", line=2, reason="not_found")
            if way == "short":
                self.short.add(task)
            else:
                self._taken_back(task, missed)
        if way != "short":
            self._said(task, code=GTINS[RYE])
        meant = SUPERSEDED if task in self.lost else APPLIED
        counted = self.done(f"tasks/{task}/bags", meant, count=2, fence=1)
        self.labels[task] = [bag.code(UUID(counted), number) for number in (1, 2)]
        self._said(task, code=PLACE, kind="stage", bags=self.labels[task][:1])
        self._said(task, code=PLACE, kind="stage")

    def _begun(self, task: str, way: str) -> None:
        if way == "skipped":
            self._said(task, kind="skip", line=1)
        elif way == "found elsewhere":
            self._said(task, kind="miss", line=1, place=SHELF)
            self._said(task, kind="look", line=1, place=BACK_ROOM)
        elif way == "undone":
            self._taken_back(task, self._said(task, code=GTINS[OAT]))
        elif way == "a wrong item":
            self._said(task, "wrong_item", code=GTINS[JAM], line=1)
        elif way == "an unknown code":
            self._said(task, "unknown_code", code="nobody knows this")

    def _said(self, task: str, outcome: str = APPLIED, **body: Any) -> str:
        meant = SUPERSEDED if task in self.lost and outcome != "unknown_code" else outcome
        return self.done(f"tasks/{task}/scans", meant, outcome, fence=1, **body)

    def _taken_back(self, task: str, scan_id: str) -> None:
        self._said(task, kind="undo", undoes=scan_id)
        if task not in self.lost:
            self.meant[scan_id] = "undone"


@dataclass
class Network:
    """Loses, repeats and mixes up what is sent."""

    log: Log
    count: Callable[[], Awaitable[int]]
    """How many scans the server has by now."""
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cut: int = 0
    sent: int = 0
    repeated: int = 0

    async def upload(self) -> None:
        """Send what waits, a few uploads at a time, in any order, some twice, some cut off."""
        rng = self.log.random
        while waiting := [one for one in self.log.entries if one["scan_id"] not in self.receipts]:
            held = waiting[0]["device_seq"]
            parts = [waiting[n : n + A_PART] for n in range(0, len(waiting), A_PART)][:3]
            for part in rng.sample(parts, len(parts)):
                again = rng.sample(part, ceil(DUPLICATES * len(part)))
                mixed = rng.sample([*part, *again], len(part) + len(again))
                self.repeated += len(again)
                for n in range(0, len(mixed), AT_ONCE):
                    await self._sent(mixed[n : n + AT_ONCE], held)

    async def _sent(self, entries: list[dict[str, Any]], held: int) -> None:
        self.sent += len(entries)
        post = self.log.device.post("log", entries=entries, held=held, sent_at=DUSK.isoformat())
        if self.cut < CUTS and self.sent > EVENTS * self.cut / CUTS:
            self.cut += 1
            had, under_way = await self.count(), asyncio.create_task(post)
            while not under_way.done() and await self.count() == had:  # noqa: ASYNC110
                await asyncio.sleep(0)
            under_way.cancel()  # some of it is in, some is not, and nobody hears which
            await asyncio.gather(under_way, return_exceptions=True)
            return
        answer = await post
        assert answer.status_code == 200, answer.text
        for receipt in answer.json()["receipts"]:
            if receipt["status"] != "later":
                before = self.receipts.setdefault(receipt["scan_id"], receipt)
                assert before["status"] == receipt["status"]


@pytest.fixture
def routes() -> Routes:
    return roof.routes()


@pytest.fixture
async def town(db: Database, http: httpx.AsyncClient, clock: ManualClock) -> AsyncIterator[Town]:
    """The whole system; when the day is over, everything that must be true still is."""
    made = await a_day(db, http, clock)
    roof.configure_sending(post=made.post)
    async with db.transaction(S1) as tx:
        await bags.configure(tx, Bagging(store_id=S1, labels=True))
        for sku in (OAT, RYE):
            await stock.count(tx, S1, sku, 4 * EVENTS, cause=None, source="opening")
    yield made
    await made.settle()
    assert {one.invariant.id: one.examples for one in await verify(db) if one.count} == {}


@pytest.fixture
async def device(town: Town) -> Handheld:
    made = Handheld(town.client)
    async with town.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
        await people.add(tx, S1, number="8", name="Ada", badge=BADGE, pin_hash=None)
    enrolled = (await made.post("enrol", code=code, name="No 7")).json()
    made.headers["Authorization"] = f"Bearer {enrolled['data']['device_token']}"
    signed_in = (await made.post("sign-in", badge=BADGE)).json()
    made.headers["X-Associate-Session"] = signed_in["data"]["session"]
    return made


@dataclass
class Before:
    """What stands in the store when the network goes.

    Shapes:
        rounds: of tasks, one that is walked alone and two that are walked together.
        ready: by order number, its code and the labels of its bags.
    """

    rounds: list[list[str]]
    ready: list[tuple[str, str, list[str]]]
    duties: list[tuple[str, Sku]]
    counts: list[tuple[str, Sku]]


async def _morning(town: Town) -> Before:
    rounds = max(EVENTS // A_ROUND, 1)
    opened = [await town.order(f"R-{n}", lines=wanted(oat=2, rye=2)) for n in range(3 * rounds)]
    waiting = [await town.order(f"H-{n}", lines=wanted(oat=1)) for n in range(rounds + 2)]
    dropped = [await town.order(f"P-{n}", lines=wanted(oat=2)) for n in range(-(-rounds // 2))]
    await town.settle()
    ready = [await _staged(town, one.json()["number"]) for one in waiting]
    for one in dropped:
        await _staged(town, one.json()["number"])
    await town.settle()
    for one in dropped:
        assert (await town.cancel(one.json()["order_id"])).is_success
    await town.settle()
    rows = await town.rows("SELECT number, id FROM pick_tasks")
    ids = {row["number"]: outward(S1, row["id"]) for row in rows}
    tasks = [ids[one.json()["number"]] for one in opened]
    return Before(
        rounds=[tasks[n : n + 3] for n in range(0, len(tasks), 3)],
        ready=ready,
        duties=[
            (str(row["id"]), row["sku"])
            for row in await town.rows("SELECT id, sku FROM put_back_duties ORDER BY id")
        ],
        counts=await _to_count(town, 2 * max(rounds // 8, 1)),
    )


async def _staged(town: Town, number: str) -> tuple[str, str, list[str]]:
    """Let somebody with a network find and stage an order; return its number, code and bags."""
    [row] = await town.rows(
        "SELECT t.id, o.pickup_code, l.asked FROM pick_tasks AS t"
        " JOIN orders AS o ON o.id = t.order_id JOIN pick_lines AS l ON l.task_id = t.id"
        " WHERE t.number = $1",
        number,
    )
    path, hands = f"tasks/{outward(S1, row['id'])}", town.handheld
    claimed = await town.client.post(f"/v1/handheld/{path}/claim", headers=hands.headers)
    assert claimed.status_code == 200
    code, units = GTINS[OAT], row["asked"]
    await hands.say(f"{path}/scans", fence=1, code=code, quantity=units)
    told = await hands.say(f"{path}/bags", fence=1, count=1)
    await hands.stage(path, 1)
    return number, row["pickup_code"], [one["code"] for one in told["data"]["bags"]]


async def _to_count(town: Town, many: int) -> list[tuple[str, Sku]]:
    skus = [Sku(f"tin-{n}") for n in range(many)]
    async with town.db.transaction() as tx:
        for n, sku in enumerate(skus):
            await tx.add(Item(sku=sku, name=f"Tin {n}"), ItemGtin(gtin=f"{n:014}", sku=sku))
    async with town.db.transaction(S1) as tx:
        for sku in skus:
            await stock.count(tx, S1, sku, 12, cause=None, source="opening")
            await conflicts.request_count(tx, S1, sku, "low_record")
    rows = await town.rows("SELECT id, sku FROM count_requests ORDER BY sku")
    return [(str(row["id"]), row["sku"]) for row in rows]


def _lived(log: Log, before: Before, gone: set[str]) -> None:
    """Log the day: rounds of orders, and between them the counter, put-backs and counts.

    Args:
        log: What is logged.
        before: What there is to do.
        gone: Numbers of orders that somebody else has handed over by now.
    """
    ways = itertools.cycle(WAYS)
    duties, early = iter(before.duties), len(before.counts) // 2
    *handed, missing, unsure = before.ready
    for count, sku in before.counts[:early]:  # by the evening nobody believes these
        log.done(f"counts/{count}/done", "stale", None, code=sku, counted=12)
    for n, (alone, *others) in enumerate(before.rounds):
        log.take(alone)
        log.order(alone, next(ways))
        number, code, labels = handed[n]
        meant = "unknown_code" if number in gone else APPLIED
        scan_id = log.done(f"counter/{code}/hand-over", meant, bags=labels, number=number)
        log.given |= {scan_id} if number in gone else set()
        log.take(*others)
        for one in others:
            log.order(one, next(ways))
        if n % 2 == 0:
            duty, sku = next(duties)
            log.done(f"put-backs/{duty}/done", code=GTINS[sku], quantity=1, rest="later")
            log.done(f"put-backs/{duty}/done", "wrong_item", "wrong_item", code=GTINS[JAM])
            log.done(f"put-backs/{duty}/done", code=GTINS[sku])
    mixed_up: dict[str, Any] = {"number": missing[0], "bags": missing[2]}
    log.done(f"counter/{unsure[1]}/hand-over", "unknown_code", **mixed_up)
    log.done(f"counter/{unsure[1]}/hand-over", "bags_left", None)
    log.done(f"counter/{missing[1]}/retract", told=None)
    for count, sku in before.counts[early:]:
        log.done(f"counts/{count}/done", told=None, code=sku, counted=12)


@pytest.mark.timeout(900)
async def test_a_day_without_a_network_is_done_once_and_in_order(
    town: Town, device: Handheld, clock: ManualClock
) -> None:
    async def count() -> int:
        return len(await town.rows("SELECT FROM scans"))

    log = Log(device, random.Random(5))
    before = await _morning(town)
    tasks = [task for round_ in before.rounds for task in round_]
    log.lost = set(log.random.sample(tasks, 1 + ceil(len(tasks) * CONFLICTS)))
    gone = log.random.sample(before.ready[:-2], ceil(len(before.ready) * CONFLICTS))
    _lived(log, before, {number for number, *_ in gone})
    sam = await _somebody_else(town)
    for task in log.lost:
        async with town.db.transaction(S1) as tx:
            await claims.claim(tx, TaskId(inward(task)[1]), sam)
    for _, code, labels in gone:
        await town.handheld.say(f"counter/{code}/hand-over", bags=labels)
    clock.advance_to(DUSK)
    network, began = Network(log, count), time.perf_counter()

    await network.upload()

    took = time.perf_counter() - began
    assert {_acts_of(entry["path"]) for entry in log.entries} == set(_acts)
    made, conflicting = len(log.entries), log.conflicting
    print(  # noqa: T201 -- what a day was made of
        f"{made} entries, {network.repeated / made:.0%} of them sent twice in one go,"
        f" {conflicting / made:.1%} conflicting with another device, {network.cut} uploads cut:"
        f" {network.sent} sendings in {took:.1f} s"
    )
    assert made >= EVENTS
    assert network.cut == CUTS
    assert network.repeated >= made * DUPLICATES
    assert conflicting >= made * CONFLICTS
    await _each_came_out_as_it_had_to(town, log, network, before.ready[-2][0])
    await _has_each_effect_once(town, log, before, {number for number, *_ in gone})
    print(Counter(one["status"] for one in network.receipts.values()))  # noqa: T201
    print(Counter(_acts_of(entry["path"]) for entry in log.entries))  # noqa: T201


def _acts_of(path: str) -> str:
    return next(name for name, act in _acts.items() if act.address.fullmatch(path))


async def _somebody_else(town: Town) -> devices.Holder:
    [row] = await town.rows(
        "SELECT d.id, a.id AS who FROM devices AS d, associates AS a"
        " WHERE d.name = 'One' AND a.name = 'Sam'"
    )
    return devices.Holder(S1, row["id"], row["who"], "Sam")


async def _each_came_out_as_it_had_to(town: Town, log: Log, network: Network, missing: str) -> None:
    rows = await town.rows(
        "SELECT s.id, s.outcome FROM scans AS s JOIN devices AS d ON d.id = s.device_id"
        " WHERE d.name = 'No 7'"
    )
    assert {str(row["id"]): row["outcome"] for row in rows} == log.meant
    cases = await town.rows("SELECT id, kind FROM handheld_cases")
    otherwise = {
        one["scan_id"]
        for one in log.entries
        if one["told"] == APPLIED and log.meant[one["scan_id"]] not in {APPLIED, "undone"}
    }
    assert {str(row["id"]) for row in cases} == otherwise
    assert {row["kind"] for row in cases} == {"conflict"}
    given = "SELECT FROM handheld_cases WHERE act = 'hand_over' AND why LIKE '%' || $1 || '%'"
    assert len(await town.rows(given, missing)) == 1, "whoever looks at it is told which order"
    status = {APPLIED: APPLIED, "undone": APPLIED, SUPERSEDED: SUPERSEDED}
    expected = Counter(
        status.get(meant, "conflict" if scan_id in otherwise else "noted")
        for scan_id, meant in log.meant.items()
    )
    assert Counter(one["status"] for one in network.receipts.values()) == expected


async def _has_each_effect_once(town: Town, log: Log, before: Before, gone: set[str]) -> None:
    tasks = {task for round_ in before.rounds for task in round_}
    done = tasks - log.lost
    rows = await town.rows(
        "SELECT t.id, t.state, sum(l.found) AS found, sum(l.short) AS short FROM pick_tasks AS t"
        " JOIN pick_lines AS l ON l.task_id = t.id GROUP BY 1, 2"
    )
    picked = {
        outward(S1, TaskId(row["id"])): (row["state"], row["found"], row["short"]) for row in rows
    }
    for task in tasks:
        lost, whole = ("claimed", 0, 0), ("staged", 4, 0)
        expected = lost if task in log.lost else ("staged", 3, 1) if task in log.short else whole
        assert picked[task] == expected
    labels = await town.rows("SELECT code FROM bags WHERE state = 'waiting'")
    assert {row["code"] for row in labels} >= {code for one in done for code in log.labels[one]}
    *handed, missing, unsure = before.ready
    states = {
        row["number"]: row["state"] for row in await town.rows("SELECT number, state FROM orders")
    }
    assert {states[number] for number, *_ in handed} == {"picked_up"}
    assert states[unsure[0]] == "ready_for_pickup"
    assert states[missing[0]] == "picking"
    duties = await town.rows("SELECT back, done_at IS NOT NULL AS is_over FROM put_back_duties")
    assert duties == [{"back": 2, "is_over": True}] * len(before.duties)
    facts = Counter(row["name"] for row in await town.rows("SELECT name FROM events"))
    kinds = Counter(
        (one["body"].get("kind", "item"), log.meant[one["scan_id"]])
        for one in log.entries
        if one["path"].endswith("/scans")
    )
    others = len(before.ready) + len(before.duties)
    items, shorts = (kinds[what, APPLIED] + kinds[what, "undone"] for what in ("item", "short"))
    assert facts["pick.line_found"] == items + others
    assert facts["pick.line_short"] == shorts
    assert facts["pick.line_undone"] == kinds["undo", APPLIED]
    assert facts["pick.staged"] == len(done) + len(before.ready) + len(before.duties)
    assert facts["pick.handed_over"] == len(handed)
    assert facts["pick.retracted"] == 1
    assert facts["pick.put_back"] == 2 * len(before.duties)
    reserved = 2 * len(tasks) + 2
    assert await town.stock(OAT) == (4 * EVENTS - len(handed), reserved, 0)
    for _, sku in before.counts:
        assert await town.stock(sku) == (12, 0, 0)
