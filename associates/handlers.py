"""What follows on the floor when something has happened to it. No network here."""

from associates.walking import walks
from bopis.kernel.database import Tx
from inventory.events import FloorChanged


async def plan_again(tx: Tx, event: FloorChanged) -> None:
    await walks.plan_again(tx, event.store_id)
