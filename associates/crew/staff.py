"""Who works in a store, as its personnel system lists them: taken on, renamed, and missed.

A file that no longer names somebody says nothing of why: it may be cut short, or of another store.
So nobody leaves by it alone. Who is missing is told, with a code that stands for just these people;
they have left when it is sent back.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from associates.crew import badges, leaving, people
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import AssociateId, StoreId
from inventory.catalog import sheets
from inventory.catalog.bulk import Sheet
from inventory.catalog.loading import Loaded
from inventory.feeds import values
from inventory.feeds.intake import File
from inventory.feeds.rejects import Bad, Reason, Reject

MOST: Final = 2000
"""People of one store."""

LONGEST: Final = 60
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{1,20}")


class LeaversDiffer(Conflict):
    title = "Others are missing now"


@dataclass(frozen=True, slots=True)
class Person:
    id: AssociateId
    number: str
    name: str


@dataclass(slots=True)
class Staff:
    """What a file says, and what became of it.

    Shapes:
        named: by number, the line and the name.
        new: with the badge of each, which is not readable again.
        missing: who works here and is not in the file.
        code: stands for those who are missing; blank: nobody is, or some lines were not taken.
        left: how many of them have left, by that code.
    """

    loaded: Loaded
    named: dict[str, tuple[int, str]] = field(default_factory=dict)
    new: list[tuple[Person, str]] = field(default_factory=list)
    renamed: int = 0
    missing: list[Person] = field(default_factory=list)
    code: str = ""
    left: int = 0


def _number(name: str, text: str) -> str:
    number = values.code(name, text)
    if not _NUMBER.fullmatch(number):
        raise Bad(name, Reason.NOT_A_CODE)
    return number


SHEET: Final = Sheet(
    required={"number": _number, "name": partial(values.words, longest=LONGEST)}, optional={}
)

_KNOWN: Final = """
    SELECT id, number, name, is_active FROM associates
     WHERE store_id = $1 ORDER BY number LIMIT 10000
"""
_RENAME: Final = "UPDATE associates SET name = $3 WHERE store_id = $1 AND id = $2"


async def read(db: Database, file: File) -> Staff:
    """Return what a file says, with its lines that cannot be taken; nothing is done yet.

    Raises:
        FileUnreadable: Nothing in the file can be understood.
    """
    staff = Staff(Loaded())
    async with sheets.read(db, file, f"{__name__}:SHEET") as pages:
        async for page in pages:
            staff.loaded.rows += len(page.rows) + len(page.rejects)
            staff.loaded.reject(page.rejects)
            for line, entry in page.rows:
                if entry["number"] in staff.named or len(staff.named) == MOST:
                    staff.loaded.reject([_not_taken(line, entry["number"])])
                else:
                    staff.named[entry["number"]] = line, entry["name"]
    return staff


async def put(tx: Tx, store_id: StoreId, staff: Staff, leavers: str = "") -> None:
    """Write what a file says: all who work in a store.

    Args:
        tx: Its actor is who says so.
        store_id: Whose.
        staff: As it was read; what became of it is noted there.
        leavers: The code of those who are to leave; blank: nobody does.

    Raises:
        LeaversDiffer: The code stands for others than those who are missing; nothing was done.
    """
    rows = await tx.rows(_KNOWN, store_id)
    here = [Person(AssociateId(r["id"]), r["number"], r["name"]) for r in rows if r["is_active"]]
    gone = {row["number"] for row in rows if not row["is_active"]}
    theirs = sorted(staff.named.keys() & gone)  # until their names are forgotten
    staff.loaded.reject([_not_taken(staff.named[number][0], number) for number in theirs])
    staff.missing = [one for one in here if one.number not in staff.named]
    staff.code = "" if staff.loaded.rejected else code(store_id, staff.missing)
    if leavers and leavers != staff.code:
        raise LeaversDiffer(
            "The code stands for others than those who are not in this file now. Nothing was"
            " done. Send the file without a code, and look at who is missing."
        )
    if leavers:
        staff.left = await leaving.leave(tx, store_id, *(one.id for one in staff.missing))
    await _put(tx, store_id, staff, here, gone)
    staff.loaded.written = len(staff.new) + staff.renamed + staff.left


def _not_taken(line: int, number: str) -> Reject:
    return Reject(line, "number", Reason.CONTRADICTED, number)


def code(store_id: StoreId, missing: Iterable[Person]) -> str:
    """Return what stands for just these people; blank for nobody."""
    ids = sorted(one.id.hex for one in missing)
    return hashlib.sha256(f"{store_id} {' '.join(ids)}".encode()).hexdigest()[:12] if ids else ""


async def _put(
    tx: Tx, store_id: StoreId, staff: Staff, here: Sequence[Person], gone: AbstractSet[str]
) -> None:
    """Write who is called otherwise now, and take on who is new."""
    names = {number: name for number, (_, name) in staff.named.items() if number not in gone}
    for one in here:
        if names.get(one.number, one.name) != one.name:
            staff.renamed += await tx.run(_RENAME, store_id, one.id, names[one.number])
    for number in sorted(names.keys() - {one.number for one in here}):
        badge = badges.make()
        id_ = await people.add(tx, store_id, number=number, name=names[number], badge=badge)
        staff.new.append((Person(id_, number, names[number]), badge))
