"""What a store wants scanned first: told, without effect, and proved by one scan."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from associates.handheld import screens
from associates.handheld.walk_schemas import StageData, WalkData
from associates.picking import claims, picking, pickings, recording
from associates.picking.picking import How, Loose, ShelfFirst
from associates.picking.scans import Heard, ScanKind, ScanOutcome, ShortReason
from associates.walking import waves
from bopis.kernel.ids import TaskId
from tests.associates.floor import GTINS, JAM, OAT, PLACE, RYE, STORE, Floor

O = ScanOutcome  # noqa: E741 -- read as a table
LABEL = "UPDATE locations SET label = 'L-' || aisle WHERE store_id = $1 AND sku <> $2"
FOUND = "SELECT sum(found)::int AS found FROM pick_lines"
SPOTS = st.sampled_from([("", "12", "4", "2"), ("", "3", "1", "2")])


@given(st.sampled_from(ShelfFirst), st.booleans(), st.booleans())
def test_a_shelf_is_asked_for_only_if_it_can_be_scanned(
    shelf: ShelfFirst,
    labelled: bool,  # noqa: FBT001
    sure: bool,  # noqa: FBT001
) -> None:
    wanted = picking.wants_shelf(How(shelf), labelled=labelled, sure=sure)

    assert wanted is (labelled and (shelf == "always" or (shelf == "unsure" and not sure)))


@given(SPOTS, st.none() | SPOTS, st.frozensets(SPOTS))
def test_who_has_scanned_a_shelf_or_found_something_there_stands_there(
    place: Any, scanned: Any, found: Any
) -> None:
    assert picking.is_there(place, scanned, found) is (place == scanned or place in found)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_more_of_a_line_may_follow_and_nothing_else_before_its_tote(
    tote: int, scanned: int, line: int, next_: int
) -> None:
    task = TaskId(UUID(int=7))
    loose = Loose(task, line, tote)

    assert picking.first(loose, task, next_) == (None if line == next_ else O.TOTE_FIRST)
    assert picking.first(loose, task, None) is O.TOTE_FIRST
    assert picking.first(None, task, next_) is None
    assert picking.into(loose, scanned) is (O.APPLIED if tote == scanned else O.WRONG_TOTE)
    assert picking.into(None, scanned) is O.NOT_NOW


class Hands:
    """Somebody who scans."""

    def __init__(self, floor: Floor, task: TaskId) -> None:
        self.floor, self.task = floor, task
        self.shown: Any = None
        self.text = ""

    async def scan(self, code: str, **more: Any) -> ScanOutcome:
        said = self.floor.said(self.floor.ada, code=code, **more)
        heard: Heard = await self.floor.do(recording.record, self.task, said, self.floor.ada)
        answer = await self.floor.do(screens.after_scan, self.task, self.floor.ada, heard)
        self.shown, self.text = answer.data, answer.message.text
        return heard.outcome

    async def found(self) -> int:
        [row] = await self.floor.rows(FOUND)
        return int(row["found"])


async def test_an_item_before_its_shelf_is_told_and_does_nothing(floor: Floor) -> None:
    _, task = await floor.open(oat=2, rye=1, jam=1)
    await floor.rows(LABEL, STORE, JAM)
    await floor.do(pickings.configure, STORE, How(ShelfFirst.ALWAYS))
    await floor.do(claims.claim, task, floor.ada)
    hands = Hands(floor, task)
    first = (await floor.do(screens.task, task, floor.ada)).data
    assert isinstance(first, WalkData)

    too_soon = await hands.scan(GTINS[RYE], line=2)
    told, found = hands.text, await hands.found()
    shelf = await hands.scan("L-3", line=2)
    rye, unlabelled = await hands.scan(GTINS[RYE], line=2), await hands.scan(GTINS[JAM], line=3)
    then = hands.shown.first
    other = await hands.scan("L-3", line=1)
    elsewhere, where = hands.text, hands.shown.place
    back = await hands.scan("", kind=ScanKind.UNDO)
    asked = await hands.scan("L-12", line=1)
    oats = [await hands.scan(GTINS[OAT], line=1) for _ in range(2)]

    assert first.first == "Scan the shelf first: aisle 3, bay 1, shelf 2."
    assert (too_soon, told, found) == (O.SHELF_FIRST, first.first, 0)
    assert (shelf, rye) == (O.APPLIED, O.APPLIED)
    assert unlabelled is O.APPLIED, "what has no label cannot be asked for"
    assert then == "Scan the shelf first: aisle 12, bay 4, shelf 2."
    assert other is O.APPLIED, "where we are is learned from whichever shelf is scanned"
    assert elsewhere.startswith("This is aisle 3, bay 1, shelf 2, not the shelf we sent you to.")
    assert (where.aisle, where.bay) == ("3", "1")
    assert (back, asked, oats) == (O.APPLIED, O.APPLIED, [O.APPLIED] * 2)
    assert await hands.found() == 4


async def test_whoever_was_told_that_it_counts_is_not_told_otherwise_later(floor: Floor) -> None:
    _, task = await floor.open(oat=2, rye=1)
    await floor.rows(LABEL, STORE, JAM)
    await floor.do(pickings.configure, STORE, How(ShelfFirst.UNSURE))
    await floor.do(claims.claim, task, floor.ada)
    hands = Hands(floor, task)

    refused = await hands.scan(GTINS[OAT], line=1)
    offline = await hands.scan(GTINS[OAT], line=1, told=O.APPLIED)
    sure = await hands.scan(GTINS[OAT], line=1)

    assert (refused, offline) == (O.SHELF_FIRST, O.APPLIED)
    assert sure is O.APPLIED, "it was found there just now"
    assert await hands.found() == 2


async def test_of_a_wave_each_line_is_proved_to_lie_in_its_tote(floor: Floor) -> None:
    _, one = await floor.open(oat=2)
    _, two = await floor.open(oat=1, jam=1)
    await floor.do(pickings.configure, STORE, How(totes=True))
    await floor.do(waves.claim, [one, two], floor.ada)
    hands = Hands(floor, one)

    nothing = await hands.scan("TOTE-1")
    oats = [await hands.scan(GTINS[OAT], line=1), hands.shown.into]
    oats += [await hands.scan(GTINS[OAT], line=1), hands.shown.into.number]
    too_soon = await hands.scan(GTINS[JAM])
    told, found = hands.text, await hands.found()
    wrong = [await hands.scan("]C0TOTE-2"), hands.text]
    right = [await hands.scan("tote-1"), hands.text, hands.shown.into]
    back = [await hands.scan("", kind=ScanKind.UNDO), hands.shown.into]
    again = [await hands.scan(GTINS[OAT]), await hands.scan("TOTE-1")]
    last = [await hands.scan(GTINS[OAT]), await hands.scan("TOTE-2"), await hands.scan(GTINS[JAM])]
    staged = hands.shown
    put_down = await hands.scan(PLACE, kind=ScanKind.STAGE)
    proved = await hands.scan("TOTE-2", kind=ScanKind.STAGE)
    done = await hands.scan(PLACE, kind=ScanKind.STAGE)

    assert nothing is O.NOT_NOW
    assert oats == [O.APPLIED, None, O.APPLIED, 1]
    assert (too_soon, found) == (O.TOTE_FIRST, 2)
    assert told == "First put what you have in tote 1, blue, and scan the tote."
    assert wrong == [O.WRONG_TOTE, "This is tote 2, yellow. It goes into tote 1, blue."]
    assert right == [O.APPLIED, "In tote 1, blue.", None]
    assert back == [O.APPLIED, None]
    assert (again, last) == ([O.APPLIED] * 2, [O.APPLIED] * 3)
    assert isinstance(staged, StageData)
    assert staged.into
    assert (staged.into.number, put_down, proved, done) == (2, O.TOTE_FIRST, O.APPLIED, O.APPLIED)


async def test_not_there_is_said_at_the_shelf_whose_label_was_scanned(floor: Floor) -> None:
    _, task = await floor.open(oat=2, rye=1)
    await floor.rows(LABEL, STORE, JAM)
    await floor.do(pickings.configure, STORE, How(ShelfFirst.ALWAYS))
    await floor.do(claims.claim, task, floor.ada)
    hands = Hands(floor, task)
    oat_shelf = ("", "12", "4", "2")
    gone = {"kind": ScanKind.SHORT, "line": 1}
    before = await floor.rows("SELECT * FROM stock ORDER BY sku")

    refused = [
        await hands.scan("", kind=ScanKind.MISS, line=1, place=oat_shelf),
        await hands.scan("", **gone),
        await hands.scan("", **gone, reason=ShortReason.SHORT_QUANTITY),
    ]
    told = hands.text
    unchanged = await floor.rows("SELECT * FROM stock ORDER BY sku") == before
    torn = await hands.scan("", **gone, reason=ShortReason.DAMAGED, quantity=1)
    shelf = await hands.scan("L-12", line=1)
    there = await hands.scan("", **gone)

    assert refused == [O.SHELF_FIRST] * 3
    assert told == "Scan the shelf first: aisle 12, bay 4, shelf 2."
    assert unchanged, "what is refused does nothing"
    assert (torn, shelf, there) == (O.APPLIED,) * 3
