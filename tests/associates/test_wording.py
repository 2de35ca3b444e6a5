"""What the handheld says, as people read it."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from associates import wording
from associates.scans import Heard, ScanKind, ScanOutcome, ShortReason, TaskState
from associates.wording import Scene, say
from tests.golden import Golden

CHICAGO = ZoneInfo("America/Chicago")
K, O, S = ScanKind, ScanOutcome, TaskState  # noqa: E741 -- a table, below
WALK = Scene(S.CLAIMED, wanted="oat drink", scanned="barley drink", asked=3, found=2, left=1)
FULL = Scene(S.CLAIMED, wanted="oat drink", scanned="oat drink", asked=3, found=3, left=0)
ABOUT_A_LINE = {K.SHORT, K.SKIP, K.UNDO, K.PUT_BACK}
SCENES = {
    "walking": WALK,
    "line full": FULL,
    "one asked": replace(FULL, asked=1, found=1),
    "no line": replace(WALK, wanted=""),
    "all found": replace(FULL, state=S.PICKED, wanted="", place="Counter A12"),
    "nothing found": Scene(S.PICKED, nothing_found=True),
    "open": replace(WALK, state=S.OPEN),
    "staged": replace(FULL, state=S.STAGED, place="Counter A12"),
    "done": replace(FULL, state=S.DONE),
    "cancelled": replace(FULL, state=S.CANCELLED),
}


def test_every_answer_reads_as_written(golden: Golden) -> None:
    """Every scene with every kind and outcome, so that none is left without words."""
    said: dict[str, list[str]] = {}
    for name, scene in SCENES.items():
        for kind in K:
            for outcome in set(O) - {O.UNDONE}:  # what was undone is answered as it was
                if outcome is O.APPLIED and not scene.wanted and kind in ABOUT_A_LINE:
                    continue
                message = say(Heard(kind, outcome, quantity=2), scene)
                assert "{" not in message.text
                assert message.text.endswith(".")
                assert "  " not in message.text
                where = f"{message.kind:<5} {message.text}"
                said.setdefault(where, []).append(f"{name}/{kind}/{outcome}")
    golden.check("handheld_messages.txt", "\n".join(sorted(said)) + "\n")


def test_every_reason_has_words(golden: Golden) -> None:
    lines = [f"{reason}: {wording.REASONS[reason]}" for reason in ShortReason]

    golden.check("short_reasons.txt", "\n".join(lines) + "\n")


def test_a_time_is_the_stores_own() -> None:
    now = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    tonight = datetime(2026, 3, 7, 5, 30, tzinfo=UTC)

    assert wording.when(tonight, CHICAGO, now) == "11:30\u202fPM"
    assert wording.when(tonight.replace(hour=15), CHICAGO, now) == "Sat 9:30 AM"
