"""What a person may ask about themselves, and say to it."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field

from associates.crew import own_records, record_words
from associates.crew.about_me import BY_DEVICE, HEADINGS, NOT_KEPT, PARTS, Part
from associates.crew.dispute_models import WORDS
from associates.crew.own_records import EXPORTED, SHOWN, PartUnknown, TooManyDisputes
from associates.crew.record_words import VALUES
from associates.handheld import devices
from associates.handheld.bodies import printable
from associates.handheld.devices import DeviceUnknown, Shown, SignedOut
from bopis.kernel.bodies import Body
from bopis.kernel.http import Db, problems
from bopis.kernel.speech import t

router: Final = APIRouter(prefix="/v1/handheld/about-me", tags=["handheld"])


class DisputeIn(Body):
    """Something is not so: about one of the lists, in the person's own words."""

    dispute_id: UUID
    about: Annotated[str, Field(max_length=40)]
    words: Annotated[str, Field(min_length=1, max_length=WORDS), AfterValidator(printable)]


class ColumnOut(BaseModel):
    name: str
    """As the rows name it."""
    title: str
    """The same in words."""
    says: str
    hidden: bool


class PartOut(BaseModel):
    """One list: what it is for, when it fades, what each column holds, and the newest rows."""

    table: str
    title: str
    why: str
    fades: str
    columns: list[ColumnOut]
    rows: list[dict[str, Any]]
    more: bool


class AboutMe(BaseModel):
    name: str
    parts: list[PartOut]
    by_device: str
    not_kept: str


@router.get("", responses=problems(DeviceUnknown, SignedOut))
async def about_me(shown: Shown, db: Db) -> AboutMe:
    """Say what is recorded about whoever is signed in, with the newest rows of each list."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        found = await own_records.read(tx, holder.store_id, holder.associate_id, limit=SHOWN + 1)
    parts = [
        PartOut(
            table=part.table,
            title=t(part.title),
            why=t(part.why),
            fades=t(part.fades),
            columns=[
                ColumnOut(
                    name=name, title=t(HEADINGS[name]), says=t(says), hidden=name in part.hidden
                )
                for name, says in part.columns.items()
            ],
            rows=[record_words.said(part.table, row) for row in found[part.table][:SHOWN]],
            more=len(found[part.table]) > SHOWN,
        )
        for part in PARTS
    ]
    return AboutMe(name=holder.name, parts=parts, by_device=t(BY_DEVICE), not_kept=t(NOT_KEPT))


@router.get("/export", responses=problems(DeviceUnknown, SignedOut))
async def export(shown: Shown, db: Db) -> JSONResponse:
    """Give all of it as a file: every row, up to ten thousand of each list.

    Rows go by the names that the columns have here and hold what the columns hold; ``what`` says
    each of them in words, and what each word means that it may hold.
    """
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        rows = await own_records.read(tx, holder.store_id, holder.associate_id, limit=EXPORTED)
        made_at = tx.now.isoformat()
    told = {part.table: {"title": t(part.title), "columns": _columns(part)} for part in PARTS}
    return JSONResponse(
        {"name": holder.name, "made_at": made_at, "what": told, "rows": rows},
        headers={"Content-Disposition": 'attachment; filename="about-me.json"'},
    )


def _columns(part: Part) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    for name, says in part.columns.items():
        told[name] = {"title": t(HEADINGS[name]), "says": t(says)}
        if words := VALUES.get((part.table, name)):
            told[name]["values"] = {str(value): t(meant) for value, meant in words.items()}
    return told


@router.post(
    "/disputes",
    status_code=201,
    responses=problems(DeviceUnknown, SignedOut, PartUnknown, TooManyDisputes),
)
async def dispute(body: DisputeIn, shown: Shown, db: Db) -> dict[str, bool]:
    """Note that something of it is not so. Store operations see it, and answer."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        await own_records.dispute(tx, holder, body.dispute_id, about=body.about, words=body.words)
    return {"noted": True}
