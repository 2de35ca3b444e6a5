"""The short way of a scan that is in order: hundreds of handhelds send little else.

Who holds the handheld, the lock of the walk, and what is known of it are one statement here. Where
anything is not as it should be, nothing is done, and the usual way says what is wrong.
"""

from typing import Final
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from associates.handheld import devices
from associates.handheld.bodies import ScanIn
from associates.handheld.devices import Credentials, Holder
from associates.handheld.router import scanned
from associates.handheld.schemas import Answer
from associates.models import PickTask
from associates.picking import acts, tasks
from associates.picking.scanlog import ScanNumberUsed
from associates.picking.tasks import Locked
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import AssociateId, IdUnknown, TaskId, inward, outward


async def scan(request: Request) -> Response | None:
    """Answer ``record_scan``.

    Raises:
        DeviceUnknown: The handheld is none of ours.
    """
    try:
        said = ScanIn.model_validate_json(await request.body())
        store_id, own = inward(request.path_params["task_id"])
    except (ValidationError, IdUnknown):
        return None
    headers = request.headers
    shown = await devices.shown(
        headers.get("authorization", ""), headers.get("x-associate-session", "")
    )
    if store_id != shown.store_id or shown.session_id is None:
        return None
    answer = await _recorded(request.app.state.db, shown, TaskId(own), said)
    if answer is None:
        return None
    return Response(answer.model_dump_json(), media_type="application/json")


async def _recorded(
    db: Database, shown: Credentials, task_id: TaskId, said: ScanIn
) -> Answer | None:
    try:
        async with db.transaction(shown.store_id, actor=shown.actor) as tx:
            found = await _locked(tx, shown, task_id, said.scan_id)
            if found is None:
                return None
            holder, locked = found
            return await acts.perform(
                tx, holder, scanned, said, task_id=outward(shown.store_id, task_id), locked=locked
            )
    except ScanNumberUsed:
        return None  # or it is the same one, sent twice at once


LOCK: Final = """
    WITH who AS (      -- whoever is not let in locks nothing
        SELECT a.id AS associate_id, a.name FROM devices AS d
          JOIN associate_sessions AS s
            ON s.store_id = $1 AND s.id = $6 AND s.device_id = d.id AND s.token_digest = $7
               AND s.ends_at > $8
          JOIN associates AS a ON a.store_id = $1 AND a.id = s.associate_id AND a.is_active
         WHERE d.store_id = $1 AND d.id = $4 AND d.token_digest = $5 AND d.revoked_at IS NULL
    ),
    held AS (
        SELECT t.*, t.xmin::text = (SELECT n.xmin::text FROM pick_tasks AS n
                                     WHERE n.store_id = $1 AND n.id = t.id) AS is_as_read
          FROM pick_tasks AS t
         WHERE t.store_id = $1 AND EXISTS (SELECT FROM who) AND t.id = ANY (ARRAY(
                   SELECT $2::uuid UNION
                   SELECT m.id FROM pick_tasks AS o
                     JOIN pick_tasks AS m ON m.store_id = $1 AND m.wave_id = o.wave_id
                    WHERE o.store_id = $1 AND o.id = $2))
         ORDER BY t.id FOR UPDATE OF t
    ),
    known AS (      -- as ``tasks.KNOWN``
        SELECT l.line, l.sku, l.asked, l.found, l.short, k.looks,
               (SELECT jsonb_object_agg(g.gtin, g.quantity) FROM item_gtins AS g
                 WHERE g.sku = l.sku) AS codes,
               e.kind, e.outcome, e.sku AS said_sku, e.line AS said_line, e.quantity, e.code,
               e.task_id
          FROM pick_lines AS l
          LEFT JOIN (
               SELECT s.line, jsonb_agg(to_jsonb(s.kind || s.place)
                                        ORDER BY s.received_at, s.device_seq) AS looks
                 FROM scans AS s
                WHERE s.store_id = $1 AND s.task_id = $2 AND s.outcome = 'applied'
                  AND s.kind IN ('look', 'miss', 'item') AND s.place IS NOT NULL
                GROUP BY s.line) AS k ON k.line = l.line
          LEFT JOIN scans AS e ON e.store_id = $1 AND e.id = $3
         WHERE l.store_id = $1 AND l.task_id = $2 ORDER BY l.line
    )
    SELECT who.*, held.*, known.*
      FROM who CROSS JOIN held LEFT JOIN known ON held.id = $2
     ORDER BY held.id, known.line
"""
_TASK: Final = tuple(PickTask.model_fields)


async def _locked(
    tx: Tx, shown: Credentials, task_id: TaskId, scan_id: UUID
) -> tuple[Holder, Locked] | None:
    """Return who holds a handheld, and a walk locked for a scan of theirs; None: not in order.

    What is read beside a row that had to be waited for is as old as the wait: if the row is another
    one since, the walk is read again. Digests are compared by the database: they are of 256 random
    bits, and how long that takes tells nothing of them.
    """
    rows = await tx.rows(
        LOCK,
        shown.store_id,
        task_id,
        scan_id,
        shown.device_id,
        devices.digest(shown.device_secret),
        shown.session_id,
        devices.digest(shown.session_secret),
        machine_clock(),
    )
    mine = [row for row in rows if row["id"] == task_id]
    if not mine:
        return None
    held = {row["id"]: row for row in rows}
    task, others = tasks.apart(
        [PickTask.of({name: row[name] for name in _TASK}) for row in held.values()], task_id
    )
    is_as_read = mine[0]["is_as_read"]
    known = tasks.known_of(mine) if is_as_read else await tasks.known(tx, task_id, scan_id)
    who = AssociateId(mine[0]["associate_id"])
    holder = Holder(shown.store_id, shown.device_id, who, mine[0]["name"])
    return holder, Locked(task, others, known)
