"""A day without a network, and then all of it at once: what was done is done, once and in order.

``BOPIS_DAY=1500`` plays the whole of eight hours; the suite plays a small part of it.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from associates import claims, devices
from bopis.kernel.ids import OrderId, TaskId, outward
from tests.associates.floor import ADA_BADGE, GTINS, OAT, PLACE, RYE, STORE, Floor
from tests.associates.test_handheld_api import Handheld

EVENTS = int(os.environ.get("BOPIS_DAY", "90"))
HOURS = timedelta(hours=8)
AT_ONCE = 50 if EVENTS > 500 else 9
DUPLICATES, CONFLICTS, CUTS = 0.3, 0.05, 3
DAWN = datetime.fromisoformat("2026-03-06T09:00:00-06:00")
A_WALK = 6
"""Events: taken on, two oat drinks and two loaves found, put at its place."""


@dataclass
class Day:
    """One handheld's log of a day, and a network that loses, repeats and mixes up."""

    device: Handheld
    random: random.Random
    count: Callable[[], Awaitable[int]]
    """How many scans the server has by now."""
    log: list[dict[str, Any]] = field(default_factory=list)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cut: int = 0
    sent: int = 0
    repeated: int = 0

    def done(self, path: str, told: str = "applied", **body: Any) -> None:
        moment = DAWN + HOURS * (len(self.log) / EVENTS)
        entry = self.device.entry(path=path, body=body, told=told)
        entry["scan_id"] = str(UUID(int=self.random.getrandbits(128), version=4))
        self.log.append({**entry, "scanned_at": moment.isoformat()})

    def walk(self, task: str) -> None:
        self.done(f"tasks/{task}/take", fence=0)
        for code in (GTINS[OAT], GTINS[RYE], GTINS[OAT], GTINS[RYE]):
            self.done(f"tasks/{task}/scans", code=code, fence=1)
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
    walks = [await floor.open(oat=2, rye=2) for _ in range(EVENTS // A_WALK)]
    for _, task_id in walks:
        day.walk(outward(STORE, task_id))
    contested = day.random.sample(walks, max(1, round(len(walks) * CONFLICTS)))
    for _, task_id in contested:  # somebody with a network was there before
        await floor.do(claims.claim, task_id, floor.sam)

    await day.upload()

    assert day.cut == CUTS
    assert day.repeated > len(day.log) * DUPLICATES / 2
    await _has_each_effect_once(floor, day, walks, contested)


async def _signed_in(http: httpx.AsyncClient, floor: Floor) -> Handheld:
    device = Handheld(http)
    code = await floor.do(devices.new_code, STORE)
    enrolled = (await device.post("enrol", code=code, name="No 7")).json()
    device.headers["Authorization"] = f"Bearer {enrolled['data']['device_token']}"
    signed_in = (await device.post("sign-in", badge=ADA_BADGE)).json()
    device.headers["X-Associate-Session"] = signed_in["data"]["session"]
    return device


async def _has_each_effect_once(
    floor: Floor,
    day: Day,
    walks: list[tuple[OrderId, TaskId]],
    contested: list[tuple[OrderId, TaskId]],
) -> None:
    lost = len(contested) * A_WALK
    done = len(day.log) - lost
    outcomes = await floor.rows("SELECT outcome, count(*) AS n FROM scans GROUP BY 1 ORDER BY 1")
    assert outcomes == [{"outcome": "applied", "n": done}, {"outcome": "superseded", "n": lost}]
    tasks_ = await floor.rows("SELECT state, count(*) AS n FROM pick_tasks GROUP BY 1 ORDER BY 1")
    assert tasks_ == [
        {"state": "claimed", "n": len(contested)},
        {"state": "staged", "n": len(walks) - len(contested)},
    ]
    whole = await floor.rows("SELECT sum(found)::int AS n FROM pick_lines")
    assert whole == [{"n": 4 * (len(walks) - len(contested))}]
    facts = await floor.facts()
    assert facts.count("pick.line_found") == 4 * (len(walks) - len(contested))
    assert facts.count("pick.staged") == len(walks) - len(contested)
    cases = await floor.rows("SELECT DISTINCT kind, count(*) AS n FROM handheld_cases GROUP BY 1")
    assert cases == [{"kind": "conflict", "n": lost}]
    assert {one["status"] for one in day.receipts.values()} == {"applied", "superseded"}
