"""A customer said to a person what they choose: it is written down for them, with who heard it."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Response

from bopis.kernel.database import Database
from bopis.kernel.errors import Conflict
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import OrderId, StoreId
from bopis.ops.answers import Answer
from bopis.ops.events import OpsNoted
from bopis.ops.frame import Note, Text, to
from bopis.ops.schemas import ChosenIn
from bopis.ops.scope import NotYours, within
from bopis.ops.sessions import Meant
from bopis.orders.choices import choices, hearing
from bopis.orders.choices.choice import Via
from bopis.orders.choices.choices import Taken
from bopis.orders.moving import moving
from bopis.orders.orders import OrderUnknown
from notifications.facts import Choice

pages: Final = APIRouter(prefix="/ops/orders", include_in_schema=False)
api: Final = APIRouter(prefix="/v1/ops/orders", tags=["store operations"])

Heard = Literal[Via.PHONE, Via.COUNTER]


class NothingToChoose(Conflict):
    title = "This cannot be chosen any more"


_ON: Final = {Via.PHONE: "on the phone", Via.COUNTER: "at the counter"}


async def write_down(
    db: Database,
    store_id: StoreId,
    order_id: OrderId,
    number: int,
    choice: Choice,
    *,
    target: StoreId | None,
    heard: Via,
    note: str,
    actor: str,
) -> Taken:
    """Take in what a customer has told a person, and carry it out as if they had pressed it.

    Raises:
        NothingToChoose: It was too late for it, or never asked.
        OrderUnknown: There is no such order in this store.
    """
    async with db.transaction(store_id, actor=actor) as tx:
        taken = await choices.answer(
            tx, store_id, order_id, number, choice, via=heard, target=target
        )
        if taken is Taken.TAKEN:
            act = f"answer for the customer, who said so {_ON[heard]}"
            await tx.emit(OpsNoted(store_id=store_id, about=order_id, act=act, note=note))
    if taken in hearing.WHY:
        raise NothingToChoose(hearing.WHY[taken])
    if choice is Choice.OTHER_STORE:
        await moving.carry_on(db, store_id, order_id, actor=actor)
    return taken


@pages.post("/choose")
async def choose(  # noqa: PLR0917 - FastAPI passes them by name
    db: Db,
    session: Meant,
    order: Text,
    number: Annotated[int, Form(ge=1, le=10_000)],
    choice: Text,
    heard: Annotated[Heard, Form()],
    note: Note,
) -> Response:
    """Write down what a customer chose; another store comes with its number behind it."""
    store_id, id_ = within(session.only_store, order)
    chosen, _, target = choice.partition(" ")
    if chosen not in set(Choice):
        raise NothingToChoose(hearing.WHY[Taken.NOT_OFFERED])
    await write_down(
        db,
        store_id,
        OrderId(id_),
        number,
        Choice(chosen),
        target=StoreId(target) if target else None,
        heard=Via(heard),
        note=note,
        actor=session.actor,
    )
    return to(f"/ops/orders/{order}")


@api.post("/{order_id}/choose", responses=problems(NotYours, OrderUnknown, NothingToChoose))
async def choose_by_program(order_id: str, body: ChosenIn, db: Db, key: OpsKey) -> Answer:
    """Write down what a customer told you on the phone or at the counter.

    ``case`` and what may be chosen stand in the order. It counts as their own answer: once, and
    only while the question is open.
    """
    store_id, id_ = within(key.only_store, order_id)
    taken = await write_down(
        db,
        store_id,
        OrderId(id_),
        body.case,
        body.choice,
        target=body.to_store,
        heard=Via(body.heard),
        note=body.note,
        actor=f"ops:{key.name}",
    )
    return {"taken": taken}
