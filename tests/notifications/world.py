"""A store, an order's record and a post office that does as it is told: for tests of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from bopis.kernel.database import Database, Tx
from bopis.kernel.events import Event
from bopis.kernel.ids import MessageId, OrderId, StoreId
from inventory.models import Store
from notifications import messages, recipients
from notifications.facts import Facts
from notifications.messages import OWED, ClaimIn
from notifications.models import Message, MessageKind
from notifications.recipients import Person
from notifications.smtp import Letter, Outcome, Verdict
from tests.notifications.letters import RECEIVED

STORE: Final = StoreId("S0042")
ORDER: Final = OrderId(UUID(int=7))


class Recorded(Event):
    """A fact about the order that nobody listens for; which one does not matter here."""

    name: ClassVar[str] = "test.recorded"
    order_id: OrderId

    @property
    def subject(self) -> UUID:
        return self.order_id


async def a_store(tx: Tx, store_id: StoreId = STORE) -> None:
    await tx.add(Store(store_id=store_id, name="Lakeview", time_zone="America/Chicago"))


async def a_person(
    tx: Tx, order_id: OrderId = ORDER, email: str | None = "ada@shopper.example"
) -> None:
    await recipients.put_all(tx, STORE, {order_id: Person("Ada", email=email)})


async def a_message(
    tx: Tx,
    facts: Facts = RECEIVED,
    *,
    order_id: OrderId = ORDER,
    dedupe: str = "1",
    send_after: datetime | None = None,
) -> MessageId:
    fact = await tx.emit(Recorded(store_id=STORE, order_id=order_id))
    queued = await messages.queue(
        tx,
        STORE,
        order_id,
        replace(facts, first_name="", status_url=""),
        order_version=1,
        claims=[ClaimIn(OWED[MessageKind(facts.kind)], "", [fact])],
        dedupe=dedupe,
        send_after=send_after,
    )
    assert queued is not None
    return queued


@dataclass
class PostOffice:
    """Takes every letter, unless it is told what to say instead."""

    says: list[Verdict] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    async def __call__(self, letters: Sequence[Letter]) -> list[Outcome]:
        self.letters += letters
        return [
            Outcome(self.says.pop(0) if self.says else Verdict.ACCEPTED, "as told") for _ in letters
        ]


async def true(tx: Tx, message: Message) -> str | None:
    return None


async def link(tx: Tx, store_id: StoreId, order_id: OrderId) -> str:
    return f"https://pickup.example/o/{store_id}.{order_id.hex}"


async def history(db: Database, order_id: OrderId = ORDER) -> list[Message]:
    async with db.transaction(STORE) as tx:
        return await messages.history(tx, STORE, order_id)
