"""What the handheld lists: what is due, to be put back, and to be walked as one."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates.bagging import bags
from associates.counting import count_screens
from associates.handheld import parts, scenes, wording
from associates.handheld.devices import Holder
from associates.handheld.task_schemas import Duty, TaskCard, TasksData, Together
from associates.models import PutBackDuty
from associates.picking import put_backs
from associates.picking.scans import TaskState
from associates.walking.wave import Candidate, together
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, TaskId, outward
from bopis.kernel.speech import n, t
from inventory import stores
from inventory.layout import sought
from inventory.models import Store

SHOWN: Final = 50

_DUE: Final = """
    SELECT t.id, t.number, t.due_at, t.state, t.fence, t.assigned_to, t.lease_until, t.here_since,
           t.is_at_risk, t.slow_minutes, t.tote, a.name,
           sum(l.asked - l.found - l.short)::int AS units, count(*) OVER () AS total
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
      LEFT JOIN associates AS a ON a.store_id = t.store_id AND a.id = t.assigned_to
     WHERE t.store_id = $1 AND t.state IN ('open', 'claimed', 'picked')
     GROUP BY t.store_id, t.id, a.name
     ORDER BY t.assigned_to IS NOT DISTINCT FROM $2 DESC,
              (t.is_at_risk OR t.here_since IS NOT NULL) DESC, t.due_at, t.id
     LIMIT $3
"""


async def tasks(tx: Tx, holder: Holder) -> TasksData:
    """Return what is due: one's own first, then whose customer is here or may get it late."""
    store = await stores.get(tx, holder.store_id)
    rows = await tx.rows(_DUE, holder.store_id, holder.associate_id, SHOWN)
    duties = await put_backs.listed(tx, holder.store_id)
    return TasksData(
        store=store.name,
        store_id=holder.store_id,
        name=holder.name,
        tasks=[_card(tx, store, holder, row) for row in rows],
        more=max(0, rows[0]["total"] - SHOWN) if rows else 0,
        put_backs=await _duties(tx, store, duties),
        counts=await count_screens.cards(tx, store, holder),
        together=_together(store, holder, rows, tx),
    )


def _together(store: Store, holder: Holder, rows: Sequence[Record], tx: Tx) -> Together | None:
    """Return what may be walked as one; nothing, while something is in these hands."""
    if any(row["assigned_to"] == holder.associate_id and _is_held(row) for row in rows):
        return None
    waiting = [
        Candidate(TaskId(row["id"]), row["due_at"], row["slow_minutes"], row["is_at_risk"])
        for row in rows
        if row["state"] == TaskState.OPEN
    ]
    offered = [one.task_id for one in together(waiting, tx.now)]
    shown = [row for row in rows if row["id"] in offered]
    if not shown:
        return None
    first = min(row["due_at"] for row in shown)
    return Together(
        task_ids=[outward(store.store_id, row["id"]) for row in shown],
        words=n("{count} order together", "{count} orders together", len(shown)),
        units=sum(row["units"] for row in shown),
        due=wording.when(first, ZoneInfo(store.time_zone), tx.now),
    )


def _is_held(row: Record) -> bool:
    return row["lease_until"] is not None and row["lease_until"] > machine_clock()


def _card(tx: Tx, store: Store, holder: Holder, row: Record) -> TaskCard:
    shown = parts.head(tx, store, row).model_dump() | {"units": row["units"]}
    shown |= {"at_risk": row["is_at_risk"]}
    shown["guest"] = wording.here(row["here_since"], ZoneInfo(store.time_zone))
    is_held = _is_held(row)
    if row["assigned_to"] == holder.associate_id and is_held:
        word = wording.CARRY_ON if row["units"] else wording.CARRY_ON_STAGING
        return TaskCard(**shown, state="yours", word=t(word), tote=row["tote"])
    if is_held:
        return TaskCard(**shown, state="taken", word=t("{who} has it", who=row["name"]))
    if row["state"] == TaskState.PICKED:
        return TaskCard(**shown, state="to_stage", word=t("Found: to be put at a pickup place"))
    word = t("At risk: walk it first") if row["is_at_risk"] else ""
    return TaskCard(**shown, state="open", word=word)


async def _duties(tx: Tx, store: Store, duties: list[PutBackDuty]) -> list[Duty]:
    skus = list({duty.sku for duty in duties})
    if not skus:
        return []
    known = await sought.find(tx, store.store_id, skus)
    about = parts.about(known, {duty.sku: duty.name for duty in duties})
    bagged = await bags.of_orders(tx, store.store_id, {OrderId(d.order_id) for d in duties})
    spots: dict[tuple[str, ...], str] = {}
    shown = []
    for duty in duties:
        here = bagged[OrderId(duty.order_id)]
        key = (duty.from_code or "", *(one.code for one in here))
        if key not in spots:
            spots[key] = await scenes.where(tx, here, duty.from_code) if duty.from_code else ""
        shown.append(
            Duty(
                duty_id=duty.id,
                number=duty.number,
                quantity=put_backs.left(duty),
                from_place=spots[key],
                bags=[one.code for one in here],
                places=parts.homes(known[duty.sku].places),
                **about[duty.sku].model_dump(),
            )
        )
    return shown
