"""Where a handheld's log comes in."""

from typing import Final

from fastapi import APIRouter

from associates.handheld import presence
from associates.handheld.devices import DeviceUnknown, Shown, SignedOut
from associates.offline import intake
from associates.offline.intake import Intake
from associates.offline.log_schemas import LogIn, LogOut
from bopis.kernel.http import Db, problems

router: Final = APIRouter(prefix="/v1/handheld", tags=["handheld"])


@router.post("/log", responses=problems(DeviceUnknown, SignedOut))
async def take_log(log: LogIn, shown: Shown, db: Db) -> LogOut:
    """Take in what a handheld has done, live or hours late, and give a receipt for each entry.

    Send the oldest entries first, and again until each has its receipt: an entry that we have had
    before has no second effect and gets the same receipt. The log of a handheld that was revoked
    is kept and not applied, and the handheld hears what any stranger would.
    """
    entries = [intake.read(raw, log.sent_at) for raw in log.entries]
    receipts, answer = await Intake(db, shown).take(entries, log.held)
    taken = sum(receipt.status != "later" for receipt in receipts)
    await presence.seen(db, shown, max(log.unsent - taken, 0))
    return LogOut(receipts=receipts, answer=answer)
