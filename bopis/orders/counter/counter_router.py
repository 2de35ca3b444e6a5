"""What a handheld may ask at the counter. The shopper's code says which order it is about."""

from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import Field

from associates.bagging import bag, bags
from associates.bagging.bag_schemas import AskedData, BagOut, CounterData, CounterPlace, InBag
from associates.handheld import devices, list_screens, reading, scenes, screens, wording
from associates.handheld.bodies import EntryIn, HandOverIn, Quantity
from associates.handheld.devices import DeviceUnknown, Holder, Shown, SignedOut
from associates.handheld.schemas import Answer, NoData
from associates.handheld.wording import Message, Scene
from associates.picking import acts
from associates.picking.scanlog import ScanNumberUsed
from associates.picking.scans import (
    BagCode,
    Heard,
    ItemCode,
    PlaceCode,
    Said,
    ScanKind,
    ScanOutcome,
    TaskState,
)
from bopis.kernel.bodies import Body
from bopis.kernel.database import Tx
from bopis.kernel.http import Db, problems
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.kernel.speech import current, phrase, t
from bopis.orders import orders
from bopis.orders.choices import choices, hearing
from bopis.orders.choices.choice import Via
from bopis.orders.choices.choices import Taken
from bopis.orders.counter import counter
from bopis.orders.counter.counter import TooManyWrongCodes
from bopis.orders.models import Order
from bopis.orders.moving import moving
from bopis.orders.states import WAITING
from notifications import recipients
from notifications.facts import Choice

router: Final = APIRouter(prefix="/v1/handheld/counter", tags=["handheld"])
_REFUSALS: Final = problems(DeviceUnknown, SignedOut, TooManyWrongCodes)
_ENTRY_REFUSALS: Final = problems(DeviceUnknown, SignedOut, TooManyWrongCodes, ScanNumberUsed)

Code = Annotated[str, Path(description="As it was scanned or typed: it may be anything.")]
_NOBODY: Final = phrase(
    "No order waits here under this code. Look at the code on their phone again."
)


class ChooseIn(Body):
    """What a customer said at the counter: which question, and what they choose."""

    case: Annotated[int, Field(ge=1, le=10_000)]
    choice: Choice
    to_store: StoreId | None = Field(default=None, max_length=64)
    """For another store: which of those that the question names."""


class RetractIn(EntryIn):
    """What is not there, by SKU; empty: the bag itself is not."""

    missing: dict[Sku, Quantity] = Field(default={}, max_length=100)


@router.get("/{code:path}", responses=_REFUSALS)  # a scan may hold slashes: an address does
async def look_up(code: Code, shown: Shown, db: Db, scanned: str = "") -> Answer:
    """Say whose order this is and where it stands. A code that is none of ours is an answer too.

    With ``scanned``, say as well what that is to this order: one of its items, its place, neither.
    """
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        return await _looked_up(tx, holder, code, scanned)


async def _looked_up(tx: Tx, holder: Holder, code: str, scanned: str = "") -> Answer:
    if (order := await hearing.by_number(tx, holder.store_id, code)) and (
        asks := await hearing.question(tx, order)
    ):
        data = AskedData(number=order.number, code=code, asks=asks)
        return Answer(next_state="counter", data=data)
    order = await counter.find(tx, holder.store_id, holder.device_id, code)
    if order is None:
        message = await _is_bag(tx, holder, code) or _nobody()
        return Answer(next_state="counter", data=NoData(), message=message)
    if order.state not in WAITING and (asks := await hearing.question(tx, order)):
        data = AskedData(number=order.number, code=code, asks=asks)
        return Answer(next_state="counter", data=data)
    if order.state not in WAITING:
        message = Message("info", t("Order {number} is not ready yet.", number=order.number))
        return Answer(next_state="counter", data=NoData(), message=message)
    bag = await _bag(tx, order, code)
    if not scanned:
        return Answer(next_state="counter", data=bag)
    return await _compared(tx, bag, scanned)


@router.post("/{code}/choose", responses=_REFUSALS)
async def choose(code: Code, body: ChooseIn, shown: Shown, db: Db) -> Answer:
    """Take in what a customer chose who stands at the counter: it counts as their own answer.

    That it came too late, or was settled before, is an answer too.
    """
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        order = await hearing.by_number(tx, holder.store_id, code)
        order = order or await counter.find(tx, holder.store_id, holder.device_id, code)
        if order is None:
            return Answer(next_state="counter", data=NoData(), message=_nobody())
        store_id, order_id = order.store_id, OrderId(order.id)
        taken = await choices.answer(
            tx,
            store_id,
            order_id,
            body.case,
            body.choice,
            via=Via.COUNTER,
            target=body.to_store,
        )
    if taken is Taken.TAKEN and body.choice is Choice.OTHER_STORE:
        await moving.carry_on(db, store_id, order_id, actor=shown.actor)
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        data = await list_screens.tasks(tx, holder)
        said = _heard(taken, order.number)
        return Answer(next_state="tasks", data=data, message=said)


def _heard(taken: Taken, number: str) -> Message:
    if taken in hearing.WHY:
        return Message("wrong", t(hearing.WHY[taken]))
    return Message("good", t("Noted for order {number}: the customer said so.", number=number))


@router.post("/{code}/hand-over", responses=_ENTRY_REFUSALS)
async def hand_over(code: Code, entry: HandOverIn, shown: Shown, db: Db) -> Answer:
    """Note that the shopper has it, or whoever they gave the code to: every bag of it."""
    return await acts.alone(db, shown, handed_over, entry, code=code)


@acts.act("counter/{code}/hand-over", HandOverIn)
async def handed_over(tx: Tx, holder: Holder, entry: HandOverIn, *, code: str) -> Answer:
    said = _said(entry, ScanKind.HAND_OVER)
    heard, order = await counter.hand_over(tx, code, said, holder, entry.given(), entry.number)
    answer = await _answer(tx, holder, said, heard, order)
    if entry.number is None or heard.outcome is not ScanOutcome.UNKNOWN_CODE:
        return answer
    return answer.model_copy(update={"message": Message("wrong", _not_its_code(entry.number))})


@router.post("/{code}/retract", responses=_ENTRY_REFUSALS)
async def retract(code: Code, entry: RetractIn, shown: Shown, db: Db) -> Answer:
    """Note that what we called ready is not there. The shopper gets a correction."""
    return await acts.alone(db, shown, retracted, entry, code=code)


@acts.act("counter/{code}/retract", RetractIn)
async def retracted(tx: Tx, holder: Holder, entry: RetractIn, *, code: str) -> Answer:
    said = _said(entry, ScanKind.RETRACT)
    heard, order = await counter.retract(tx, code, said, holder, missing=entry.missing)
    return await _answer(tx, holder, said, heard, order)


def _said(entry: EntryIn, kind: ScanKind) -> Said:
    return Said(entry.scan_id, entry.device_seq, entry.scanned_at, kind)


async def _bag(tx: Tx, order: Order, code: str) -> CounterData:
    """Return what to fetch, from where, for whom."""
    assert order.staging_code is not None
    person = await recipients.get(tx, order.store_id, order.id)
    lines = await orders.lines(tx, order.store_id, order.id)
    here = await bags.of_order(tx, order.store_id, order.id)
    how = await bags.settings(tx, order.store_id)
    spots = dict.fromkeys(one.place or order.staging_code for one in here)
    labels = {spot: await scenes.label_of(tx, spot) for spot in spots or [order.staging_code]}
    is_other = counter.is_others(order, code)
    return CounterData(
        number=order.number,
        first_name=person.first_name if person else None,
        places=[CounterPlace(code=spot, label=label) for spot, label in labels.items()],
        items=[
            InBag(name=line.name, quantity=line.staged, sku=line.sku)
            for line in lines
            if line.staged
        ],
        bags=[
            BagOut(number=one.number, code=one.code, place=labels[one.place or order.staging_code])
            for one in here
            if how.labels
        ],
        look=await counter.look(tx, order),
        asks=await hearing.question(tx, order),
        other=(person.other_first_name if person else None) or "" if is_other else None,
        code=code,
    )


async def _compared(tx: Tx, shown: CounterData, scanned: str) -> Answer:
    found = await reading.read(tx, scanned, known={item.sku for item in shown.items})
    if isinstance(found, ItemCode) and any(item.sku == found.sku for item in shown.items):
        chosen = shown.model_copy(update={"chosen": found.sku})
        return Answer(next_state="counter", data=chosen)
    own = isinstance(found, BagCode) and any(one.code == found.code for one in shown.bags)
    if isinstance(found, BagCode) and own:
        data = shown.model_copy(update={"scanned": found.code})
        text = t("This is {bag}.", bag=wording.bags([found.number]))
        return Answer(next_state="counter", data=data, message=Message("good", text))
    name = ""
    if isinstance(found, ItemCode):
        name = await scenes.name_of(tx, found.sku)
    elif isinstance(found, PlaceCode):
        name = await scenes.label_of(tx, found.code)
    is_its_place = isinstance(found, PlaceCode) and found.code in {p.code for p in shown.places}
    places = current().every([place.label for place in shown.places])
    said = wording.beside_bag(found, name=name, place=places, is_its_place=is_its_place)
    return Answer(next_state="counter", data=shown, message=said)


def _not_its_code(number: str) -> str:
    """Say what was wrong when somebody may have gone with the bags of an order already."""
    return t(
        "The code that was shown for order {number} does not open it: it is of another order, or "
        "was used before. If its bags are gone, tell whoever runs the store.",
        number=number,
    )


def _nobody() -> Message:
    return Message("wrong", t(_NOBODY))


async def _is_bag(tx: Tx, holder: Holder, code: str) -> Message | None:
    """Say whose bag it is that somebody found and scanned; that opens no order."""
    label = bag.read(code)
    found = await bags.find(tx, holder.store_id, label) if label else None
    if found is None:
        return None
    place = await scenes.label_of(tx, found.bag.place) if found.bag.place else ""
    return wording.lone_bag(found.bag, found.order_number, place, is_over=found.is_over)


async def _answer(tx: Tx, holder: Holder, said: Said, heard: Heard, order: Order | None) -> Answer:
    """Go back to the list with a receipt: whatever came of it, the handheld may forget it."""
    state = TaskState.STAGED if order is not None and order.state in WAITING else TaskState.DONE
    unknown = heard.outcome is ScanOutcome.UNKNOWN_CODE
    message = _nobody() if unknown else wording.say(heard, Scene(state=state))
    answer = Answer(next_state="tasks", data=await list_screens.tasks(tx, holder), message=message)
    return screens.receipt(answer, said.scan_id, heard)
