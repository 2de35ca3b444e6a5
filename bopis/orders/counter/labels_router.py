"""Labels of an order's bags: shown on the handheld, or sent to the store's printer.

A label carries the order's number and at most a first name. Whether it came out or not, the order
can be staged.
"""

from typing import Annotated, Final, cast

from fastapi import APIRouter
from pydantic import Field

from associates.bagging import bags, label, printer
from associates.bagging.bag_models import Bagging
from associates.bagging.bag_schemas import LabelOut, LabelsData
from associates.bagging.label import Label, Size
from associates.handheld import devices, screens
from associates.handheld.devices import DeviceUnknown, Holder, Shown, SignedOut
from associates.handheld.schemas import Answer
from associates.handheld.wording import Message
from associates.models import PickTask
from associates.picking import pickings, tasks
from associates.picking.tasks import TaskUnknown
from bopis.kernel import speech
from bopis.kernel.bodies import Body
from bopis.kernel.database import Tx
from bopis.kernel.http import Db, problems
from bopis.kernel.ids import OrderId, StoreId, TaskId, inward
from bopis.kernel.speech import n, phrase, t
from notifications import recipients

router: Final = APIRouter(prefix="/v1/handheld/tasks", tags=["handheld"])
_REFUSALS: Final = problems(DeviceUnknown, SignedOut, TaskUnknown)


class PrintIn(Body):
    """Which bags, by number; none: all of the order."""

    bags: list[Annotated[int, Field(ge=1, le=999)]] = Field(default=[], max_length=20)


@router.get("/{task_id}/labels", responses=_REFUSALS)
async def show_labels(task_id: str, shown: Shown, db: Db) -> Answer:
    """Show the labels of an order's bags, to be scanned off the screen or printed from there."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        task = await _task(tx, task_id, holder)
        how = await bags.settings(tx, holder.store_id)
        labels = await _labels(tx, task)
        language = await pickings.language(tx, holder.store_id)  # read by more than who prints
    size = cast("Size", how.label_size)
    with speech.speaking(language):
        drawn = [
            LabelOut(number=one.bag, code=one.code, svg=label.svg(one, size)) for one in labels
        ]
    data = LabelsData(
        task_id=task_id,
        number=task.number,
        fence=task.fence,
        size=size,
        printer=how.printer_host is not None,
        labels=drawn,
    )
    return Answer(next_state="labels", data=data)


@router.post("/{task_id}/labels/print", responses=_REFUSALS)
async def print_labels(task_id: str, body: PrintIn, shown: Shown, db: Db) -> Answer:
    """Send labels to the store's printer. That it is silent is an answer: nothing waits for it."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        task = await _task(tx, task_id, holder)
        how = await bags.settings(tx, holder.store_id)
        labels = await _labels(tx, task)
        language = await pickings.language(tx, holder.store_id)  # read by more than who prints
    wanted = [one for one in labels if not body.bags or one.bag in body.bags]
    message = await _print(how, wanted, language)
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        return await screens.task(tx, TaskId(task.id), holder, message=message)


async def _task(tx: Tx, task_id: str, holder: Holder) -> PickTask:
    store_id, own = inward(task_id)
    if store_id != holder.store_id:
        raise TaskUnknown(t("There is no such task in this store. Go back to the list."))
    return await tasks.lock(tx, TaskId(own))


async def _labels(tx: Tx, task: PickTask) -> list[Label]:
    store_id, order_id = StoreId(task.store_id), OrderId(task.order_id)
    here = await bags.of_order(tx, store_id, order_id)
    person = await recipients.get(tx, store_id, order_id)
    name = person.first_name if person and person.first_name else ""
    return [
        Label(task.number, position, len(here), one.code, name)
        for position, one in enumerate(here, 1)
    ]


async def _print(how: Bagging, labels: list[Label], language: str) -> Message:
    if how.printer_host is None:
        return Message("wrong", t("This store has no label printer. Press Show labels."))
    if not labels:
        return Message("wrong", t("There is nothing to print. Say first how many bags there are."))
    size = cast("Size", how.label_size)
    with speech.speaking(language):
        job = b"".join(label.zpl(one, size) for one in labels)
    try:
        await printer.send(how.printer_host, how.printer_port, job)
    except printer.PrinterSilent as silent:
        return Message("wrong", f"{silent} {t(_INSTEAD)}")
    said = n("The label is at the printer.", "{count} labels are at the printer.", len(labels))
    return Message("good", said)


_INSTEAD: Final = phrase("Look at it, or press Show labels and go on.")
