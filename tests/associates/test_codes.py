"""What a code says beside the number of the item: how many, until when, at what weight."""

from associates.picking import claims, recording
from associates.picking.scans import ScanOutcome
from inventory.codes import gtin
from inventory.models import ItemGtin
from tests.associates.floor import GTINS, JAM, OAT, OAT_CASE, RYE, Floor

OAT_14, JAM_14 = GTINS[OAT].zfill(14), GTINS[JAM].zfill(14)
CHEESE_FOR_2_34 = "2012345002340"  # item 12345, price 00234
CHEESE = "0201234500000" + gtin.check_digit("0201234500000")
STRANGE_CHEESE = "2012346002349"

SWAPPED = "4006831333931"  # 3 and 8: the check digit of the oat drink is right for it, too


async def test_a_code_is_read_to_its_end(floor: Floor) -> None:
    """The store's clock says 6 March 2026."""
    async with floor.db.transaction() as tx:
        await tx.add(ItemGtin(gtin=CHEESE, sku=RYE))
    _, task = await floor.open(oat=100, rye=2)
    await floor.do(claims.claim, task, floor.ada)
    taken, past = ScanOutcome.APPLIED, ScanOutcome.PAST_DATE
    said = [
        (f"]d201{OAT_14}1726033110A1", taken, 1),
        (f"https://id.gs1.org/01/{OAT_14}/10/A1?15=260306", taken, 1),  # today is not past
        (f"01{OAT_14}17260305", past, 0),
        (f"]d201{OAT_14}1526033117260305", past, 0),  # the earlier of the two
        (f"]d201{OAT_14}17261399", taken, 1),  # there is no such day: nothing is said
        (f"]d201{JAM_14}17200101", ScanOutcome.WRONG_ITEM, 0),
        (OAT_CASE, taken, 6),
        (f"]C102{OAT_CASE}3702", taken, 12),
        (f"]C102{OAT_CASE}3720", ScanOutcome.TOO_MANY, 0),
        (f"02{OAT_14}3700000005", taken, 5),
        (CHEESE_FOR_2_34, taken, 1),
        (STRANGE_CHEESE, ScanOutcome.UNKNOWN_CODE, 0),
        ("4006381339331", ScanOutcome.UNKNOWN_CODE, 0),  # 3 and 9 swapped: a wrong check digit
        (SWAPPED, ScanOutcome.UNKNOWN_CODE, 0),
    ]

    heard = [
        await floor.do(recording.record, task, floor.said(floor.ada, code=code), floor.ada)
        for code, _, _ in said
    ]

    assert [(one.outcome, one.quantity) for one in heard] == [one[1:] for one in said]
    assert gtin.normalize(SWAPPED) is not None  # so it was the catalog that said no
    lines = await floor.rows("SELECT line, found FROM pick_lines ORDER BY line")
    assert lines == [{"line": 1, "found": 26}, {"line": 2, "found": 1}]
    kept = await floor.rows("SELECT outcome, sku FROM scans WHERE outcome = 'past_date'")
    assert kept == [{"outcome": "past_date", "sku": OAT}] * 2
