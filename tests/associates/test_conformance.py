"""The handheld's own rules say what the server says, word for word: seeded walks through both.

The walks are made here, through the verbs that every act goes through; ``play.test.mjs`` replays
them from the package alone.
"""

import json
import os
import random
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from associates import acts, claims, package, tasks, waves
from associates.devices import Holder
from bopis.kernel.clock import ManualClock
from bopis.kernel.ids import Sku, outward
from inventory.models import Location, LocationKind
from tests.associates.floor import GTINS, JAM, OAT, OAT_CASE, PLACE, RYE, STORE, Floor

ROOT: Final = Path(__file__).parents[2]
NODE: Final = shutil.which("node")
WALKS: Final = int(os.environ.get("BOPIS_WALKS", "9"))
ACTS: Final = 12
REASONS: Final = ("not_found", "short_quantity", "damaged", "wrong_item_at_location")
NEW_PLACE: Final = {"zone": "", "aisle": "7", "bay": "2", "shelf": "", "kind": "backroom"}
OTHERS: Final = [
    Location(
        store_id=STORE,
        sku=OAT,
        zone="Backroom",
        aisle="B",
        bay="1",
        shelf="",
        kind=LocationKind.BACKROOM,
        label="L-B1",
    ),
    Location(store_id=STORE, sku=RYE, zone="", aisle="12", bay="1", shelf="3", label="L-1213"),
]

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="no Node here: the handheld's own rules go unproved"),
]


class Walk:
    """One seeded walk: acts as a handheld would log them, good, bad and odd."""

    def __init__(self, floor: Floor, seed: int) -> None:
        self.floor = floor
        self.random = random.Random(seed)
        self.seed = seed
        self.answer: dict[str, Any] = {}
        self.done: list[str] = []
        self.seq = 1000 * seed

    async def record(self, clock: ManualClock) -> dict[str, Any]:
        rng = self.random
        chosen = rng.sample([OAT, RYE, JAM], rng.randint(1, 3))
        order_id, task_id = await self.floor.open(**{str(sku): rng.randint(1, 3) for sku in chosen})
        task = outward(STORE, task_id)
        orders = [order_id]
        first = None
        if self.seed % 3 == 0:
            beside = await self.floor.open(oat=rng.randint(1, 2), jam=1)
            orders.append(beside[0])
            await self.floor.do(waves.claim, [task_id, beside[1]], self.floor.ada)
        elif rng.random() < 0.5:
            await self.floor.do(claims.claim, task_id, self.floor.ada)
        else:
            first = self.entry(clock, f"tasks/{task}/take", {"fence": 0})
        taken = await self.floor.do(package.package, self.floor.ada)
        said = []
        for n in range(ACTS):
            clock.advance(timedelta(seconds=rng.randint(1, 40)))
            is_first = n == 0 and first is not None
            entry = first if is_first else self.act(clock, task)
            assert entry is not None
            self.answer = await self.floor.do(_performed, entry, self.floor.ada)
            if self.answer["receipt"]["outcome"] == "applied" and not is_first:
                self.done.append(entry["scan_id"])
            said.append({"entry": entry, "answer": self.answer})
            if self.answer["next_state"] == "staged":
                break
        for one in orders:
            await self.floor.do(tasks.cancel, STORE, one)
        return {
            "name": f"walk {self.seed}",
            "pkg": taken.model_dump(mode="json"),
            "acts": said,
        }

    def entry(self, clock: ManualClock, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.seq += 1
        return {
            "scan_id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "device_seq": self.seq,
            "scanned_at": clock.now.isoformat(),
            "path": path,
            "body": body,
        }

    def act(self, clock: ManualClock, task: str) -> dict[str, Any]:
        body = {"fence": 1, **self.random.choice(self.choices())}
        shown = self.answer.get("data", {}).get("task_id", task)
        return self.entry(clock, f"tasks/{shown}/scans", body)

    def choices(self) -> list[dict[str, Any]]:
        rng, data = self.random, self.answer.get("data", {})
        line = data.get("line", 1)
        sku = Sku(data["item"]["sku"]) if "item" in data else rng.choice([OAT, RYE, JAM])
        right = {"line": line, "code": GTINS[sku]}
        place = data.get("place") or NEW_PLACE
        spot = {name: place[name] for name in ("zone", "aisle", "bay", "shelf", "kind")}
        likely = [right, {"code": PLACE, "kind": "stage"}] if "items" in data else [right] * 3
        odd = [
            right | {"quantity": rng.randint(2, 3)},
            {"code": OAT_CASE, "line": line},
            {"code": "]E0" + GTINS[rng.choice([OAT, RYE, JAM])], "line": line},
            {"code": str(rng.choice([OAT, RYE, JAM])), "line": line},
            {"code": rng.choice(["\x1b[2J", "", "nonsense", "9" * 13, PLACE]), "line": line},
            {"kind": "skip", "line": line},
            {"kind": "miss", "line": line, "place": spot},
            {"kind": "look", "line": line, "place": NEW_PLACE},
            {"kind": "look", "line": line, "code": rng.choice(["L-B1", "L-1213", GTINS[sku]])},
            {"kind": "short", "line": line, "reason": rng.choice(REASONS)},
            {"kind": "zero_check", "line": line, "empty": rng.random() < 0.5},
            {"kind": "undo"},
            {"kind": "undo", "undoes": rng.choice(self.done)} if self.done else {"kind": "undo"},
            right | {"fence": 7},
        ]
        return likely + rng.sample(odd, 4)


async def _performed(tx: Any, entry: dict[str, Any], holder: Holder) -> dict[str, Any]:
    found = acts.find(entry["path"])
    assert found is not None
    act, parts = found
    own = {name: entry[name] for name in ("scan_id", "device_seq", "scanned_at")}
    body = act.body.model_validate({**entry["body"], **own})
    answer = await acts.perform(tx, holder, act.verb, body, **parts)
    return answer.model_dump(mode="json")


async def test_the_handheld_says_what_the_server_says(
    floor: Floor, clock: ManualClock, tmp_path: Path
) -> None:
    async with floor.db.transaction(STORE) as tx:
        await tx.add(*OTHERS)
    said = [await Walk(floor, seed).record(clock) for seed in range(1, WALKS + 1)]
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps(said))

    ran = subprocess.run(  # noqa: ASYNC221, S603 -- our own tests, and nothing else runs meanwhile
        [str(NODE), "--import", "./tests/handheld/resolve.mjs", "tests/handheld/play.test.mjs"],
        cwd=ROOT,
        env={**os.environ, "RECORDED": str(recorded)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
