"""A day without a network, and then all of it at once: what was done is done, once and in order.

``BOPIS_DAY=1500`` plays the whole of eight hours; the suite plays a small part of it.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from associates.bagging import bag, bags
from associates.bagging.bag_models import Bagging
from associates.handheld import devices
from associates.picking import claims, recording, tasks
from bopis.kernel.ids import TaskId, inward, outward
from inventory.looking import conflicts
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, RYE, STORE, Floor
from tests.associates.test_handheld_api import Handheld

EVENTS = int(os.environ.get("BOPIS_DAY", "90"))
HOURS = timedelta(hours=8)
AT_ONCE = 50 if EVENTS > 500 else 9
DUPLICATES, CONFLICTS, CUTS = 0.3, 0.05, 3
DAWN = datetime.fromisoformat("2026-03-06T09:00:00-06:00")
DUSK = (DAWN + HOURS).isoformat()
AN_ORDER = 7
"""Events: two oat drinks and two loaves found, two bags counted, each put at its place."""
A_ROUND = 1 + AN_ORDER + 1 + 2 * AN_ORDER
"""Events: one order taken on alone, and then two together."""


@dataclass
class Day:
    """One handheld's log of a day, and a network that loses, repeats and mixes up."""

    device: Handheld
    random: random.Random
    count: Callable[[], Awaitable[int]]
    """How many scans the server has by now."""
    log: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, list[str]] = field(default_factory=dict)
    """Of each order, as the handheld made them."""
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cut: int = 0
    sent: int = 0
    repeated: int = 0

    def done(self, path: str, told: str | None = "applied", **body: Any) -> UUID:
        moment = DAWN + HOURS * (len(self.log) / EVENTS)
        entry = self.device.entry(path=path, body=body, told=told)
        scan_id = UUID(int=self.random.getrandbits(128), version=4)
        self.log.append({**entry, "scan_id": str(scan_id), "scanned_at": moment.isoformat()})
        return scan_id

    def round(self, alone: str, *others: str) -> None:
        self.done(f"tasks/{alone}/take", fence=0)
        self.order(alone)
        self.done("waves/take", orders=[{"task_id": one, "fence": 0} for one in others])
        for one in others:
            self.order(one)

    def order(self, task: str) -> None:
        for code in (GTINS[OAT], GTINS[RYE], GTINS[OAT], GTINS[RYE]):
            self.done(f"tasks/{task}/scans", code=code, fence=1)
        counted = self.done(f"tasks/{task}/bags", count=2, fence=1)
        first, _ = labels = [bag.code(counted, number) for number in (1, 2)]
        self.labels[task] = labels
        self.done(f"tasks/{task}/scans", code=PLACE, kind="stage", fence=1, bags=[first])
        self.done(f"tasks/{task}/scans", code=PLACE, kind="stage", fence=1)

    def waiting(self) -> list[dict[str, Any]]:
        return [entry for entry in self.log if entry["scan_id"] not in self.receipts]

    async def upload(self) -> None:
        """Send what waits, a few uploads at a time, in any order, some twice, some cut off."""
        while waiting := self.waiting():
            held = waiting[0]["device_seq"]
            parts = [waiting[n : n + AT_ONCE] for n in range(0, len(waiting), AT_ONCE)][:3]
            for part in self.random.sample(parts, len(parts)):
                again = [one for one in part if self.random.random() < DUPLICATES]
                mixed = self.random.sample([*part, *again], len(part) + len(again))
                self.repeated += len(again)
                for n in range(0, len(mixed), AT_ONCE):
                    await self._sent(mixed[n : n + AT_ONCE], held)

    async def _sent(self, entries: list[dict[str, Any]], held: int) -> None:
        self.sent += len(entries)
        post = self.device.post("log", entries=entries, held=held)
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


async def test_a_day_without_a_network_is_done_once_and_in_order(
    http: httpx.AsyncClient, floor: Floor
) -> None:
    async def count() -> int:
        return len(await floor.rows("SELECT FROM scans"))

    day = Day(await _signed_in(http, floor), random.Random(5), count)
    duty, request = await _left_over(floor)
    await floor.do(bags.configure, Bagging(store_id=STORE, labels=True))
    rounds = [
        [outward(STORE, (await floor.open(oat=2, rye=2))[1]) for _ in range(3)]
        for _ in range(EVENTS // A_ROUND)
    ]
    day.done(f"put-backs/{duty}/done", code=GTINS[OAT], quantity=1, rest="later")
    for alone, *others in rounds:
        day.round(alone, *others)
    day.done(f"put-backs/{duty}/done", code=GTINS[OAT])
    day.done(f"counts/{request}/done", told=None, code=GTINS[JAM], counted=3, sent_at=DUSK)
    orders = [task for round_ in rounds for task in round_]
    contested = set(day.random.sample(orders, max(2, round(len(orders) * CONFLICTS))))
    for task in contested:  # somebody with a network was there before
        await floor.do(claims.claim, TaskId(inward(task)[1]), floor.sam)

    await day.upload()

    assert day.cut == CUTS
    assert day.repeated > len(day.log) * DUPLICATES / 2
    takes = [set(round_[:1]) & contested for round_ in rounds]
    takes += [set(round_[1:]) & contested for round_ in rounds]
    await _has_each_effect_once(
        floor, day, set(orders) - contested, AN_ORDER * len(contested) + sum(map(bool, takes))
    )


async def _left_over(floor: Floor) -> tuple[UUID, UUID]:
    """Return what is to be put back, two oat drinks, and what is to be counted."""
    order_id, task = await floor.open(oat=2)
    await floor.do(claims.claim, task, floor.sam)
    for _ in range(2):
        said = floor.said(floor.sam, code=GTINS[OAT])
        await floor.do(recording.record, task, said, floor.sam)
    await floor.do(tasks.cancel, STORE, order_id)
    async with floor.db.transaction(STORE) as tx:
        await conflicts.request_count(tx, STORE, JAM, "low_record")
    [duty] = await floor.rows("SELECT id FROM put_back_duties")
    [request] = await floor.rows("SELECT id FROM count_requests")
    return duty["id"], request["id"]


async def _signed_in(http: httpx.AsyncClient, floor: Floor) -> Handheld:
    device = Handheld(http)
    code = await floor.do(devices.new_code, STORE)
    enrolled = (await device.post("enrol", code=code, name="No 7")).json()
    device.headers["Authorization"] = f"Bearer {enrolled['data']['device_token']}"
    signed_in = (await device.post("sign-in", badge=ADA_BADGE)).json()
    device.headers["X-Associate-Session"] = signed_in["data"]["session"]
    return device


async def _has_each_effect_once(floor: Floor, day: Day, done: set[str], lost: int) -> None:
    """Of what was done, the orders ``done`` are; ``lost`` entries came too late, and are kept."""
    outcomes = await floor.rows(
        "SELECT outcome, count(*) AS n FROM scans WHERE device_id <> $1 GROUP BY 1 ORDER BY 1",
        floor.sam.device_id,
    )
    assert outcomes == [
        {"outcome": "applied", "n": len(day.log) - lost - 1},
        {"outcome": "stale", "n": 1},
        {"outcome": "superseded", "n": lost},
    ]
    staged = await floor.rows("SELECT id FROM pick_tasks WHERE state = 'staged'")
    assert {outward(STORE, TaskId(row["id"])) for row in staged} == done
    held = await floor.rows("SELECT id FROM pick_tasks WHERE state = 'claimed'")
    assert len(held) == len(day.labels) - len(done)
    whole = await floor.rows("SELECT task_id, sum(found) AS n FROM pick_lines GROUP BY 1")
    assert sum(row["n"] for row in whole) == 4 * len(done) + 2
    labels = await floor.rows("SELECT code FROM bags WHERE state = 'waiting'")
    assert {row["code"] for row in labels} == {code for one in done for code in day.labels[one]}
    assert len(labels) == 2 * len(done)
    [duty] = await floor.rows("SELECT back, done_at IS NOT NULL AS is_over FROM put_back_duties")
    assert duty == {"back": 2, "is_over": True}
    facts = await floor.facts()
    assert facts.count("pick.line_found") == 4 * len(done) + 2
    assert facts.count("pick.staged") == len(done)
    assert facts.count("pick.put_back") == 2
    cases = await floor.rows("SELECT DISTINCT kind, count(*) AS n FROM handheld_cases GROUP BY 1")
    assert cases == [{"kind": "conflict", "n": lost}]
    statuses = Counter(one["status"] for one in day.receipts.values())
    assert statuses == {"applied": len(day.log) - lost - 1, "superseded": lost, "noted": 1}
