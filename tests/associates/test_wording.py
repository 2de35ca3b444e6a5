"""What the handheld says, as people read it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from associates.handheld import place_wording, wording
from associates.handheld.wording import Scene, say
from associates.picking.scans import Heard, ScanKind, ScanOutcome, ShortReason, TaskState
from bopis.kernel.ids import Sku, StoreId
from bopis.kernel.speech import speaking, t
from inventory.models import Location, LocationKind
from tests.golden import Golden

NOW = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)  # a Friday
CHICAGO = ZoneInfo("America/Chicago")
K, O, S = ScanKind, ScanOutcome, TaskState  # noqa: E741 -- read as a table
WALK = Scene(S.CLAIMED, wanted="oat drink", scanned="oat drink", asked=3, found=2, left=1)
FULL = replace(WALK, found=3, left=0)
ALL = replace(FULL, state=S.PICKED)
BAG = Scene(S.STAGED, place="Counter A12")
NOTHING = Scene(S.PICKED)
STRANGE = Scene(S.CLAIMED, scanned="barley drink")

TOTE = "tote 2, yellow"
SHELF = Location(store_id=StoreId("S1"), sku=Sku("oat"), zone="", aisle="12", bay="4", shelf="2")

SAID: list[tuple[str, ScanKind, ScanOutcome, Scene]] = [
    ("found, more to find", K.ITEM, O.APPLIED, WALK),
    ("found, line done", K.ITEM, O.APPLIED, FULL),
    ("found, only one asked", K.ITEM, O.APPLIED, replace(FULL, asked=1)),
    ("found, nothing left", K.ITEM, O.APPLIED, ALL),
    ("wrong item", K.ITEM, O.WRONG_ITEM, replace(WALK, scanned="barley drink")),
    ("wrong item, no line shown", K.ITEM, O.WRONG_ITEM, STRANGE),
    ("wrong item, all found", K.ITEM, O.WRONG_ITEM, replace(STRANGE, state=S.PICKED)),
    ("one too many", K.ITEM, O.TOO_MANY, FULL),
    ("one too many of one", K.ITEM, O.TOO_MANY, replace(FULL, asked=1, found=1)),
    ("found after all", K.ITEM, O.TOO_MANY, replace(FULL, found=2, short=1)),
    ("a whole case", K.ITEM, O.TOO_MANY, WALK),
    ("past its date", K.ITEM, O.PAST_DATE, WALK),
    ("unknown code", K.ITEM, O.UNKNOWN_CODE, WALK),
    ("unknown place", K.ITEM, O.UNKNOWN_CODE, ALL),
    ("noise", K.ITEM, O.NOT_A_CODE, WALK),
    ("taken over", K.ITEM, O.SUPERSEDED, replace(WALK, state=S.CLAIMED)),
    ("lease ended", K.ITEM, O.NOT_NOW, replace(WALK, state=S.OPEN)),
    ("cancelled meanwhile", K.ITEM, O.NOT_NOW, replace(WALK, state=S.CANCELLED)),
    ("staged already", K.ITEM, O.NOT_NOW, BAG),
    ("handed over already", K.STAGE, O.NOT_NOW, replace(BAG, state=S.DONE)),
    ("staged", K.STAGE, O.APPLIED, BAG),
    ("staged too early", K.STAGE, O.NOT_NOW, WALK),
    ("staged before anything was found", K.STAGE, O.NOT_NOW, replace(WALK, nothing_found=True)),
    ("nothing to stage", K.STAGE, O.NOT_NOW, Scene(S.PICKED, nothing_found=True)),
    ("short", K.SHORT, O.APPLIED, WALK),
    ("short, and nothing else to find", K.SHORT, O.APPLIED, replace(FULL, state=S.CANCELLED)),
    ("short twice", K.SHORT, O.NOT_NOW, FULL),
    ("skip", K.SKIP, O.APPLIED, WALK),
    ("undo", K.UNDO, O.APPLIED, WALK),
    ("nothing to undo", K.UNDO, O.NOT_NOW, WALK),
    ("put back", K.PUT_BACK, O.APPLIED, WALK),
    ("put back twice", K.PUT_BACK, O.NOT_NOW, WALK),
    ("handed over", K.HAND_OVER, O.APPLIED, replace(BAG, state=S.DONE)),
    ("handed over twice", K.HAND_OVER, O.NOT_NOW, replace(BAG, state=S.DONE)),
    ("not there", K.RETRACT, O.APPLIED, replace(BAG, state=S.OPEN)),
    ("not there, but never was", K.RETRACT, O.NOT_NOW, BAG),
    ("looks elsewhere", K.LOOK, O.APPLIED, WALK),
    (
        "looks at another shelf than we asked for",
        K.LOOK,
        O.APPLIED,
        replace(WALK, elsewhere="aisle 3, bay 1"),
    ),
    (
        "before its shelf",
        K.ITEM,
        O.SHELF_FIRST,
        replace(WALK, place=place_wording.scan_first(SHELF)),
    ),
    ("before its tote", K.ITEM, O.TOTE_FIRST, replace(WALK, tote=TOTE)),
    ("in its tote", K.TOTE, O.APPLIED, replace(WALK, tote=TOTE)),
    ("the wrong tote", K.TOTE, O.WRONG_TOTE, replace(WALK, scanned="tote 1, blue", tote=TOTE)),
    ("a tote, and nothing for it", K.TOTE, O.NOT_NOW, WALK),
    ("a shelf's label where a place's is wanted", K.LOOK, O.NOT_NOW, ALL),
    ("the shelf is as we thought", K.ZERO_CHECK, O.APPLIED, NOTHING),
    ("the shelf is not as we thought", K.ZERO_CHECK, O.APPLIED, ALL),
    ("bags counted", K.BAGS, O.APPLIED, ALL),
    (
        "one of several bags put down",
        K.STAGE,
        O.APPLIED,
        replace(ALL, place="Fridge", bags="bag 2"),
    ),
    ("bags at two places", K.STAGE, O.APPLIED, replace(BAG, place="Fridge (bag 1) and A1 (bag 2)")),
    ("a bag, where its place is wanted", K.STAGE, O.NOT_NOW, replace(ALL, bag="bag 1")),
    ("another order's bag", K.STAGE, O.WRONG_BAG, replace(ALL, bag="bag 1", other="7QK-4M2")),
    ("another order's bag among ours", K.HAND_OVER, O.WRONG_BAG, BAG),
    ("put down before the bags were counted", K.STAGE, O.BAGS_FIRST, ALL),
    ("not every bag was scanned", K.HAND_OVER, O.BAGS_LEFT, BAG),
    ("nobody has looked at an ID", K.HAND_OVER, O.LOOK_FIRST, BAG),
    ("taken over by somebody", K.ITEM, O.SUPERSEDED, replace(WALK, who="Sam")),
    ("nothing of it goes back", K.PUT_BACK, O.APPLIED, NOTHING),
    ("counted", K.COUNT, O.APPLIED, WALK),
    ("counted far from the record", K.COUNT, O.COUNT_AGAIN, replace(WALK, record=14)),
    ("counted much less", K.COUNT, O.SECOND_PERSON, WALK),
    ("counted much less, once more", K.COUNT, O.SAME_PERSON, WALK),
    ("counted long ago", K.COUNT, O.STALE, WALK),
    ("counted something else", K.COUNT, O.WRONG_ITEM, replace(WALK, scanned="barley drink")),
    ("counted something strange", K.COUNT, O.UNKNOWN_CODE, WALK),
    ("counted already", K.COUNT, O.NOT_NOW, WALK),
]


in_each = pytest.mark.parametrize(
    ("language", "named"), [("en", ""), ("es", ".es"), ("fr", ".fr")], ids=["en", "es", "fr"]
)


@in_each
def test_what_is_said_reads_as_written(golden: Golden, language: str, named: str) -> None:
    lines = []
    for name, kind, outcome, scene in SAID:
        with speaking(language):
            message = say(Heard(kind, outcome, quantity=0 if scene is NOTHING else 2), scene)
        lines.append(f"{name} ({message.kind}): {message.text}")
    golden.check(f"handheld_messages{named}.txt", "\n".join(lines) + "\n")


def test_nothing_is_left_without_words() -> None:
    answered = set(O) - {O.UNDONE}  # what was undone is answered as it was
    for kind, outcome, state, left in product(K, answered, S, (0, 1)):
        message = say(Heard(kind, outcome), Scene(state, left=left, place="Counter A12."))

        assert message.text.endswith(".")
        assert message.kind == "wrong" or outcome in {O.APPLIED, O.SECOND_PERSON}


@in_each
def test_every_reason_has_words(golden: Golden, language: str, named: str) -> None:
    with speaking(language):
        lines = [f"{reason}: {t(wording.REASONS[reason])}" for reason in ShortReason]

    golden.check(f"short_reasons{named}.txt", "\n".join(lines) + "\n")


def test_a_time_is_the_stores_own() -> None:
    now = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    tonight = datetime(2026, 3, 7, 5, 30, tzinfo=UTC)

    assert wording.when(tonight, CHICAGO, now) == "11:30\u202fPM"
    assert wording.when(tonight.replace(hour=15), CHICAGO, now) == "Sat 9:30 AM"


def a_place(**known: Any) -> Location:
    about = {"zone": "", "aisle": "3", "bay": "1", "shelf": "2", "kind": LocationKind.SHELF}
    return Location(store_id=StoreId("S1"), sku=Sku("rye"), **(about | known))


PLACES: list[tuple[str, Location]] = [
    ("planned, nobody has looked", a_place()),
    ("found today", a_place(found=3, last_found_at=NOW - timedelta(hours=2))),
    ("found yesterday, once", a_place(found=1, last_found_at=NOW - timedelta(days=1))),
    ("found on Tuesday", a_place(found=1, missed=1, last_found_at=NOW - timedelta(days=3))),
    ("found long ago", a_place(found=0.3, missed=0.4, last_found_at=NOW - timedelta(days=40))),
    ("missed today", a_place(missed=1, last_missed_at=NOW - timedelta(hours=1))),
    (
        "missed today, found before",
        a_place(
            found=3,
            missed=1,
            last_found_at=NOW - timedelta(days=2),
            last_missed_at=NOW - timedelta(hours=1),
        ),
    ),
    (
        "in the back room",
        a_place(
            kind=LocationKind.BACKROOM,
            planned=False,
            found=1,
            last_found_at=NOW - timedelta(days=3),
        ),
    ),
    ("at a display", a_place(kind=LocationKind.DISPLAY, bay="")),
    ("taken back", a_place(planned=False)),
]


@in_each
def test_a_place_says_how_sure_we_are_and_names_nobody(
    golden: Golden, language: str, named: str
) -> None:
    with speaking(language):
        golden.check(f"places{named}.txt", "\n".join(_of_places()) + "\n")


def _of_places() -> list[str]:
    lines = []
    for name, place in PLACES:
        words = place_wording.how_sure(place, CHICAGO, NOW)
        after_a_miss = place_wording.look_next(place, CHICAGO, NOW)
        lines += [f"{name}:", f"  {words}", f"  after a miss: {after_a_miss}"]
    lines += ["nowhere left:", f"  {place_wording.look_next(None, CHICAGO, NOW)}"]
    whys = (*place_wording.REASONS, "else")
    return lines + [f"{why}: {place_wording.why_count(why)}" for why in whys]
