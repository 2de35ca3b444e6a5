"""Taking in a handheld's log: each entry by itself, in order, with a receipt for each.

An entry that cannot be read or carried out is refused and kept, and the ones behind it go on. One
transaction an entry: what the device hears of it is what is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import ValidationError

from associates.handheld import devices
from associates.handheld.bodies import EntryIn
from associates.handheld.devices import Credentials, DeviceUnknown
from associates.handheld.schemas import Answer
from associates.offline import cases
from associates.offline.case_models import CaseKind
from associates.offline.log_schemas import EntryReceipt, LogEntryIn, Status
from associates.picking import acts, scanlog
from associates.picking.acts import Act
from associates.picking.scanlog import ScanNumberUsed
from associates.picking.scans import ScanOutcome
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Problem, TooMany, Unauthenticated, Unavailable

_log = structlog.get_logger(__name__)

UNREADABLE: Final = "This could not be read, so nothing was done. It is kept for store operations."
BROKEN: Final = "Something went wrong here while this was taken in. It is tried again."


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it came: what could be read of it.

    Shapes:
        own: its id and number; None: not even that could be read, so that it cannot be kept.
        act, body, parts: what is to be done; None: nothing that we know how to do.
    """

    scan_id: str
    said: object
    own: EntryIn | None = None
    session: UUID | None = None
    act: Act | None = None
    body: EntryIn | None = None
    parts: Mapping[str, Any] | None = None

    @property
    def kind(self) -> str:
        return self.act.path if self.act else ""


def read(raw: Mapping[str, Any], sent_at: datetime | None) -> Entry:
    """Read one entry. What cannot be read is an entry too, and is refused by itself."""
    scan_id = scanlog.legible(str(raw.get("scan_id", "")))
    try:
        entry = LogEntryIn.model_validate(raw)
    except ValidationError:
        return Entry(scan_id, raw, _own(raw))
    found: tuple[Act, dict[str, Any]] | None = None
    try:
        if found := acts.find(entry.path):
            body = _body(found[0], entry, sent_at)
            return Entry(scan_id, entry.body, entry, entry.session, found[0], body, found[1])
    except ValidationError:
        pass
    return Entry(scan_id, entry.body, entry, act=found[0] if found else None)


def _own(raw: Mapping[str, Any]) -> EntryIn | None:
    names = ("scan_id", "device_seq", "scanned_at")
    try:
        return EntryIn.model_validate({name: raw.get(name) for name in names})
    except ValidationError:
        return None


def _body(act: Act, entry: LogEntryIn, sent_at: datetime | None) -> EntryIn:
    said: dict[str, Any] = dict(entry.body)
    if sent_at is not None and "sent_at" in act.body.model_fields:
        said.setdefault("sent_at", sent_at)
    own = entry.model_dump(include={"scan_id", "device_seq", "scanned_at", "told"})
    return act.body.model_validate({**said, **own})


_Known = Mapping[UUID, tuple[CaseKind, str]]


@dataclass(frozen=True, slots=True)
class Intake:
    """One upload of one handheld."""

    db: Database
    shown: Credentials

    async def take(
        self, entries: Sequence[Entry], held: int | None
    ) -> tuple[list[EntryReceipt], Answer | None]:
        """Take entries in, by their numbers; return their receipts as they came, and an answer.

        Shapes:
            held: the number of the oldest entry that the device has no receipt for.

        Raises:
            DeviceUnknown: None of ours, or revoked: then what it says is kept, and not done.
            SignedOut: Nobody is signed in on it.
            Unavailable: Nothing was done at all.
        """
        try:
            return await self._taken(entries, held)
        except DeviceUnknown:
            async with self._transaction() as tx:
                if await devices.is_revoked(tx, self.shown):
                    kept = [(one.own, one.kind, one.said) for one in entries if one.own]
                    await cases.withhold(tx, self.shown, kept)
            raise

    def _transaction(self) -> Any:
        return self.db.transaction(self.shown.store_id, actor=self.shown.actor)

    async def _taken(
        self, entries: Sequence[Entry], held: int | None
    ) -> tuple[list[EntryReceipt], Answer | None]:
        ids = [one.own.scan_id for one in entries if one.own]
        async with self.db.reading(self.shown.store_id) as tx:
            await devices.holder(tx, self.shown)  # or whoever sends what we know were let in
            known = await cases.known(tx, self.shown.store_id, ids)
            missing = await _missing(tx, self.shown, entries, held)
        in_order = sorted(range(len(entries)), key=lambda n: _number(entries[n]))
        if missing is not None:  # what comes after it waits for it
            in_order = [n for n in in_order if _number(entries[n]) < missing]
        receipts: dict[int, EntryReceipt] = {}
        answer: Answer | None = None
        for n in in_order:
            try:
                receipts[n], latest = await self._one(entries[n], known)
            except Unavailable:
                if not receipts:
                    raise
                break  # the rest comes again
            answer = latest or answer
        return [receipts.get(n) or _later(one) for n, one in enumerate(entries)], answer

    async def _one(self, entry: Entry, known: _Known) -> tuple[EntryReceipt, Answer | None]:
        own, act, body = entry.own, entry.act, entry.body
        if own is not None and own.scan_id in known:
            kind, why = known[own.scan_id]
            status: Status = "withheld" if kind is CaseKind.WITHHELD else "refused"
            return EntryReceipt(scan_id=entry.scan_id, status=status, text=why), None
        if act is None or body is None:
            return await self._refused(entry, UNREADABLE), None
        try:
            answer = await self._performed(entry, act, body)
        except (Unauthenticated, Unavailable):
            raise
        except TooMany as problem:
            return _later(entry, problem.detail), None
        except Problem as problem:
            return await self._refused(entry, problem.detail), None
        except Exception:  # noqa: BLE001 -- a bug of ours must not hold back what comes behind it
            _log.exception("handheld.entry_failed", kind=entry.kind)
            return _later(entry, BROKEN), None
        return _receipt(answer, body), answer

    async def _performed(self, entry: Entry, act: Act, body: EntryIn) -> Answer:
        try:
            return await self._once(entry, act, body)
        except ScanNumberUsed:
            # The same upload may be under way twice, cut on its way here the first time: then the
            # other one has written this very entry by now, and it is found.
            return await self._once(entry, act, body)

    async def _once(self, entry: Entry, act: Act, body: EntryIn) -> Answer:
        async with self._transaction() as tx:
            holder = await devices.holder(tx, self.shown)
            if entry.session is not None and entry.session != self.shown.session_id:
                holder = await devices.holder_then(tx, holder, entry.session)
            return await acts.perform(tx, holder, act.verb, body, **(entry.parts or {}))

    async def _refused(self, entry: Entry, why: str) -> EntryReceipt:
        async with self._transaction() as tx:
            holder = await devices.holder(tx, self.shown)
            if entry.own is not None:
                await cases.note_refused(
                    tx, holder, entry.own, act=entry.kind, why=why, body=entry.said
                )
        return EntryReceipt(scan_id=entry.scan_id, status="refused", text=why)


_HAD: Final = """
    SELECT device_seq FROM scans
     WHERE store_id = $1 AND device_id = $2 AND device_seq >= $3 AND device_seq < $4
     UNION
    SELECT device_seq FROM handheld_cases
     WHERE store_id = $1 AND device_id = $2 AND device_seq >= $3 AND device_seq < $4
       AND kind = 'refused'
     LIMIT 10000
"""


async def _missing(
    tx: Tx, shown: Credentials, entries: Sequence[Entry], held: int | None
) -> int | None:
    """Return the first number that belongs before some of these and has not come; None: none.

    A device sends what it holds from the oldest on, without a gap: then nothing is looked up.
    """
    here = {one.own.device_seq for one in entries if one.own}
    if held is None or not here or max(here) - held < len(here):
        return None
    rows = await tx.rows(_HAD, shown.store_id, shown.device_id, held, max(here))
    here |= {row["device_seq"] for row in rows}
    return next((number for number in range(held, max(here)) if number not in here), None)


def _number(entry: Entry) -> int:
    return entry.own.device_seq if entry.own else -1


def _later(entry: Entry, text: str = "") -> EntryReceipt:
    return EntryReceipt(scan_id=entry.scan_id, status="later", text=text)


def _receipt(answer: Answer, body: EntryIn) -> EntryReceipt:
    heard = answer.receipt
    assert heard is not None
    status: Status = "noted"
    if heard.outcome is ScanOutcome.APPLIED:
        status = "applied"
    elif heard.outcome is ScanOutcome.SUPERSEDED:
        status = "superseded"
    elif cases.disagrees(body.told, answer):
        status = "conflict"
    return EntryReceipt(
        scan_id=str(heard.scan_id),
        status=status,
        kind=heard.kind,
        outcome=heard.outcome,
        line=heard.line,
        quantity=heard.quantity,
        text=answer.message.text if answer.message else "",
    )
