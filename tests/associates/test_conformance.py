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

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.handheld import list_screens
from associates.handheld.devices import Holder
from associates.offline import package, package_schemas
from associates.offline.package_schemas import Package
from associates.picking import acts, pickings, tasks
from associates.picking.picking import How, ShelfFirst
from associates.walking import waves
from associates.walking.wave import Odds
from bopis.kernel.clock import ManualClock
from bopis.kernel.ids import OrderId, Sku, inward, outward
from bopis.kernel.speech import speaking
from inventory.looking import conflicts
from inventory.models import CountPriority, Location, LocationKind, StagingPlace
from tests.associates.floor import GTINS, JAM, OAT, OAT_CASE, PLACE, RYE, STORE, Floor

ROOT: Final = Path(__file__).parents[2]
NODE: Final = shutil.which("node")
WALKS: Final = int(os.environ.get("BOPIS_WALKS", "12"))
ACTS: Final = 12
OTHER_LANGUAGES: Final = {1: "fr", 2: "es"}
"""After as many walks in English, one in each."""
COLD: Final = "P-COLD"
REASONS: Final = (
    "not_found",
    "short_quantity",
    "damaged",
    "wrong_item_at_location",
    "recalled_or_not_sellable",
)
ASKED_FOR: Final = (
    ("at_random", CountPriority.AT_RANDOM),
    ("asked", CountPriority.DOUBT),
    ("low_record", CountPriority.LOW_RECORD),
)
STORIES: Final = (
    "",
    "miss look miss undo item",
    "short zero_check undo short",
    "look miss look miss undo undo item undo",
    "miss look item undo put_back short zero_check",
)
"""What is said first, in turns: places are looked at twice, and shortages are taken back."""
DOUBTS: Final = {"short", "zero_check", "put_back", "undo"}
"""After these the list may ask for another count, or for one less."""
NEW_PLACE: Final = {"zone": "", "aisle": "7", "bay": "2", "shelf": "", "kind": "backroom"}
LABELS: Final = {("12", "4"): "L-124", ("3", "1"): "L-31", ("12", "9"): "L-129"}
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
        self.line = 1
        self.story = STORIES[seed % len(STORIES)].split()
        self.labels = seed % 2 == 0
        shelves = (ShelfFirst.NEVER, ShelfFirst.ALWAYS, ShelfFirst.UNSURE)
        self.how = How(shelves[(seed + 1) // 3 % 3], totes=seed % 3 == 0)

    async def record(self, clock: ManualClock) -> dict[str, Any]:
        await self.stocked()
        await self.floor.do(bags.configure, Bagging(store_id=STORE, labels=self.labels))
        await self.floor.do(pickings.configure, STORE, self.how)
        orders, tasks_ = await self.opened()
        taken = await self.floor.do(package.package, self.floor.ada)
        first = None
        if self.seed % 6 == 0:
            first = self.entry(clock, "waves/take", self.together(taken))
        elif self.seed % 3 and self.random.random() < 0.5:
            first = self.entry(clock, f"tasks/{tasks_[0]}/take", {"fence": 0})
        else:
            ids = [inward(task)[1] for task in tasks_]
            await self.floor.do(waves.claim, ids, self.floor.ada)
            taken = await self.floor.do(package.package, self.floor.ada)
        self.duties = [(str(duty.duty_id), duty.sku) for duty in taken.due.put_backs]
        said: list[dict[str, Any]] = []
        for n in range(ACTS):
            clock.advance(timedelta(seconds=self.random.randint(1, 40)))
            is_first = n == 0 and first is not None
            entry = first if is_first else self.act(clock, tasks_[0])
            assert entry is not None
            self.answer = await self.floor.do(_performed, entry, self.floor.ada)
            if self.answer["receipt"]["outcome"] == "applied" and not is_first:
                self.done.append(entry["scan_id"])
            said.append({"entry": entry, "answer": self.answer})
            if self.answer["receipt"]["kind"] in DOUBTS:
                listed = await self.floor.do(list_screens.tasks, self.floor.ada)
                said[-1]["counts"] = [card.model_dump(mode="json") for card in listed.counts]
            if self.answer["next_state"] == "staged":
                break
        for one in orders:
            await self.floor.do(tasks.cancel, STORE, one)
        return {
            "name": f"walk {self.seed}",
            "pkg": taken.model_dump(mode="json"),
            "acts": said,
        }

    async def stocked(self) -> None:
        """Let the record say much or little, and some of it be asked for already."""
        async with self.floor.db.transaction(STORE) as tx:
            await tx.run("DELETE FROM count_requests WHERE store_id = $1", STORE)
            if self.random.random() < 0.7:
                await tx.run("DELETE FROM locations WHERE store_id = $1 AND NOT planned", STORE)
            for sku in (OAT, RYE, JAM):
                left = self.random.choice([2, 4, 7, 30])
                await tx.run(
                    "UPDATE stock SET counted_at = NULL, on_hand = $3 + aside, unsellable = aside"
                    "  FROM (SELECT coalesce(sum(quantity - back - broken - lost), 0)::int AS aside"
                    "          FROM put_back_duties WHERE store_id = $1 AND sku = $2) AS d"
                    " WHERE store_id = $1 AND sku = $2",
                    *(STORE, sku, left),
                )
            for sku, (reason, priority) in zip((OAT, RYE, JAM), ASKED_FOR, strict=True):
                if self.random.random() < 0.3:
                    await conflicts.request_count(tx, STORE, sku, reason, priority)

    async def opened(self) -> tuple[list[OrderId], list[str]]:
        """Open one order, or two that may be walked together."""
        rng, most = self.random, 1 if self.labels else 3
        chosen = rng.sample([OAT, RYE, JAM], rng.randint(1, most))
        made = [await self.floor.open(**{str(sku): rng.randint(1, most) for sku in chosen})]
        if self.seed % 3 == 0:
            made.append(await self.floor.open(oat=rng.randint(1, 2), jam=1))
        odds = {order_id: Odds(9.0) for order_id, _ in made}
        await self.floor.do(waves.foresee, STORE, odds)
        return [one[0] for one in made], [outward(STORE, one[1]) for one in made]

    def together(self, taken: Package) -> dict[str, Any]:
        assert taken.due.together is not None
        fences = {task.task_id: task.fence for task in taken.tasks}
        ids = taken.due.together.task_ids
        return {"orders": [{"task_id": one, "fence": fences[one]} for one in ids]}

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
        data = self.answer.get("data", {})
        if self.story[:1] == ["put_back"]:
            self.story.pop(0)
            if self.duties:
                return self.put_back(
                    clock, code="", quantity=self.random.randint(0, 1), rest="lost"
                )
        if self.story and "place" in data:
            return self.entry(clock, f"tasks/{data['task_id']}/scans", self.told(data))
        if self.duties and self.random.random() < 0.15:
            return self.put_back(clock)
        if self.labels and "items" in data and self.random.random() < 0.7:
            verb, said = self.random.choice(self.with_bags(data["bags"]))
        else:
            verb, said = "scans", self.random.choice(self.choices())
        shown = data.get("task_id", task)
        return self.entry(clock, f"tasks/{shown}/{verb}", {"fence": 1, **said})

    def told(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the next of the story, about what is on the screen."""
        kind, item = self.story.pop(0), Sku(data["item"]["sku"])
        said = {"kind": kind, "fence": 1, "line": data["line"]}
        if kind in {"miss", "look"}:
            place = data["place"] or NEW_PLACE
            said["place"] = {name: place[name] for name in NEW_PLACE}
        if kind == "miss" and self.random.random() < 0.5:
            said["place"] = NEW_PLACE
        if kind == "zero_check":
            said |= {"line": self.line, "empty": self.random.random() < 0.5}
        self.line = said["line"]
        more = {"item": {"code": GTINS[item]}, "short": {"reason": self.random.choice(REASONS)}}
        return said | more.get(kind, {})

    def put_back(self, clock: ManualClock, **said: Any) -> dict[str, Any]:
        rng = self.random
        duty, sku = self.duties.pop(rng.randrange(len(self.duties)))
        body: dict[str, Any] = {"code": rng.choice([GTINS[sku]] * 3 + [GTINS[JAM], "", "L-B1"])}
        if rng.random() < 0.5:
            rest = rng.choice(["later", "broken", "lost"])
            body |= {"quantity": rng.randint(0 if body["code"] == "" else 1, 2), "rest": rest}
        return self.entry(clock, f"put-backs/{duty}/done", body | said)

    def with_bags(self, here: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
        """Return what is done with bags: counted, put down one by one, at two places, wrongly."""
        rng = self.random
        stage = {"kind": "stage", "code": rng.choice([PLACE, COLD])}
        labels = [one["code"] for one in here]
        some = rng.sample(labels, rng.randint(0, len(labels)))
        return [
            ("bags", {"count": rng.randint(1, 4)}),
            ("bags", {"count": rng.randint(1, 4), "fence": rng.choice([1, 7])}),
            ("scans", stage),
            ("scans", stage | {"bags": some}),
            ("scans", stage | {"bags": [one.lower() for one in some[:1]]}),
            ("scans", stage | {"bags": ["BG0000000000"]}),
            ("scans", {"code": rng.choice(labels or ["BG0000000000"])}),
        ]

    def choices(self) -> list[dict[str, Any]]:
        rng, data = self.random, self.answer.get("data", {})
        line = data.get("line", 1)
        sku = Sku(data["item"]["sku"]) if "item" in data else rng.choice([OAT, RYE, JAM])
        right = {"line": line, "code": GTINS[sku]}
        place = data.get("place") or NEW_PLACE
        spot = {name: place[name] for name in ("zone", "aisle", "bay", "shelf", "kind")}
        likely = [right, {"code": PLACE, "kind": "stage"}] if "items" in data else [right] * 3
        if self.how.shelf_first is not ShelfFirst.NEVER:
            shelf = LABELS.get((place["aisle"], place["bay"]), "L-3")
            likely += [{"line": line, "code": shelf}] * 2
        if into := data.get("into"):
            likely += [{"line": line, "code": f"TOTE-{into['number']}"}] * 3
        odd = [
            {"line": line, "code": rng.choice(["TOTE-1", "tote-2", *LABELS.values()])},
            right | {"quantity": rng.randint(2, 3)},
            {"code": OAT_CASE, "line": line},
            {"code": "]E0" + GTINS[rng.choice([OAT, RYE, JAM])], "line": line},
            {"code": str(rng.choice([OAT, RYE, JAM])), "line": line},
            {"code": rng.choice(["\x1b[2J", "", "nonsense", "9" * 13, PLACE]), "line": line},
            {"kind": "skip", "line": line},
            {"kind": "miss", "line": line, "place": spot},
            {"kind": "look", "line": line, "place": NEW_PLACE},
            {"kind": "look", "line": line, "code": rng.choice(["L-B1", "L-1213", GTINS[sku]])},
            {"kind": "zero_check", "line": line, "empty": rng.random() < 0.5},
            {"kind": "undo"},
            {"kind": "undo", "undoes": rng.choice(self.done[-2:])} if self.done else right,
            right | {"fence": 7},
        ]
        short = {"kind": "short", "line": line, "reason": rng.choice(REASONS)}
        again = [{"kind": "undo"}] if self.answer.get("receipt", {}).get("kind") in DOUBTS else []
        return likely + again * 3 + [short] + rng.sample(odd, 4)


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
        await tx.add(*OTHERS, StagingPlace(store_id=STORE, code=COLD, label="Fridge"))
        for (aisle, bay), label in LABELS.items():
            await tx.run(
                "UPDATE locations SET label = $4 WHERE store_id = $1 AND aisle = $2 AND bay = $3",
                *(STORE, aisle, bay, label),
            )
    said = []
    for seed in range(1, WALKS + 1 + len(OTHER_LANGUAGES)):
        with speaking(OTHER_LANGUAGES.get(seed - WALKS, "en")):
            said.append(await Walk(floor, seed).record(clock))
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps(said))

    _passes("play.test.mjs", RECORDED=str(recorded))


def test_the_log_and_the_scanner_by_themselves() -> None:
    mind = (ROOT / "associates/static/handheld/mind.js").read_text()
    assert f"SHAPE = {package_schemas.SHAPE};" in mind, "both sides mean the same package"
    _passes("all.mjs")


def _passes(tests: str, **environment: str) -> None:
    ran = subprocess.run(  # noqa: S603 -- our own tests
        [str(NODE), "--import", "./tests/handheld/resolve.mjs", f"tests/handheld/{tests}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
