"""The conflict inbox as a page shows it: each case, its line, and what can be done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.kernel.ids import outward
from bopis.ops import said, words
from bopis.ops.goods import settled
from bopis.ops.goods.cases import Case, Claimant
from bopis.ops.present import NOTE, item_href, order_href, word
from bopis.ops.sentences import sentence
from bopis.ops.views import Action, Cell, Column, Fact, Outcome, Table


@dataclass(frozen=True, slots=True)
class Place:
    """One order in a line."""

    place: int
    number: str
    href: str
    wants: str
    outcome: Cell
    standing: Cell
    promised: str
    done: Sequence[Fact]
    yet: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One case."""

    id: str
    item: str
    item_href: str
    store: str
    headline: str
    age: str
    why: str
    stake: str
    line: Sequence[Place]
    cut: str
    history: Sequence[Fact]
    count: Action
    confirm: Action | None
    close: Action
    hint: str


@dataclass(frozen=True, slots=True)
class Inbox:
    title: str
    lead: str
    cases: Sequence[Told]
    more: str
    closed: Table
    outcome: Outcome | None = None


def page(
    opened: Sequence[Case], closed: Sequence[Case], now: datetime, *, limit: int, done: Case | None
) -> Inbox:
    shown = opened[:limit]
    losing = len(
        {place.claim.order_id for case in shown for place in case.line if place.claim.goes_without}
    )
    return Inbox(
        title=_title(len(opened), limit, losing),
        lead="Whoever was promised first is served first. A count settles it; so does a newer"
        " number, or an associate who finds it."
        if shown
        else "Everything that is promised is there, as far as we know. When a feed, a count or an"
        " associate says otherwise, it is here at once, with the orders that would lose.",
        cases=[_told(case, now) for case in shown],
        more="There are more. Settle these first: the oldest come first."
        if len(opened) > limit
        else "",
        closed=_closed_table(closed, now),
        outcome=_outcome(done) if done else None,
    )


def _title(cases: int, limit: int, losing: int) -> str:
    if not cases:
        return "No conflict is open"
    are = words.counted(cases, "conflict") if cases <= limit else f"More than {limit} conflicts"
    return f"{are}: {words.counted(losing, 'order')} would go without"


def _told(case: Case, now: datetime) -> Told:
    row = case.row
    identity = {"conflict": outward(row["store_id"], row["id"])}
    there, promised = row["on_hand"], row["reserved"]
    had = promised - case.to_find
    hidden = case.waiting - len(case.line)
    return Told(
        id=f"c-{row['id'].hex}",
        item=f"{row['item']}, {row['size']}" if row["size"] else row["item"],
        item_href=item_href(row["sku"], row["store_id"]),
        store=row["store"],
        headline=f"{promised:,} promised, {settled.there(there)}",
        age=words.age(now - row["opened_at"]),
        why=_why(case, now),
        stake=_stake(case),
        line=[_place(case, one, now) for one in case.line],
        cut=f"{words.counted(hidden, 'more order')} in this line." if hidden else "",
        history=_history(case, now),
        count=Action("Save the count", "/ops/conflicts/count", identity, tone="go"),
        confirm=_confirm(case, identity),
        close=Action("Close with a note", "/ops/conflicts/close", identity, (NOTE,)),
        hint="All of it in the building"
        + (f", with the {had:,} that are picked or at the counter." if had > 0 else "."),
    )


def _confirm(case: Case, identity: Mapping[str, str]) -> Action | None:
    """Return the one tap of whoever has looked and found just what we think there is."""
    known = case.known
    if known is None or known.on_hand < 0 or known.source == "count":
        return None
    label = f"Yes, just {known.on_hand:,}" if known.on_hand else "Yes, there is none"
    return Action(label, "/ops/conflicts/count", {**identity, "counted": str(known.on_hand)})


def _why(case: Case, now: datetime) -> str:
    row, known = case.row, case.known
    zone = row["time_zone"]
    began = f"It began {words.clock(row['opened_at'], zone, now)} with {said.source(row['source'])}"
    began += f" (batch {row['batch_id']})." if row["batch_id"] else "."
    if known is None or known.as_of is None:
        return f"{began} Nobody has ever told us how many there are."
    at = f"{words.clock(known.as_of, zone, now)}, {words.age(now - known.as_of)} ago"
    if known.source == "count":
        return f"{began} A person looked {at}: what we think now rests on that."
    return f"{began} The last word is that of {known.source}, true as of {at}."


def _stake(case: Case) -> str:
    if not case.waiting:
        return "No order still has to be given any: all that is promised has been picked."
    if not case.losing:
        return "Each order in line would still be served."
    of = f"{case.losing} of {words.counted(case.waiting, 'order')}"
    verb = "goes" if case.losing == 1 else "go"
    return f"If that is true, {of} in line {verb} without."


def _place(case: Case, one: Claimant, now: datetime) -> Place:
    zone, order = case.row["time_zone"], one.order
    promised = words.clock(order["promised_at"], zone, now)
    first = order["first_promised_at"]
    if first is not None and first != order["promised_at"]:
        promised += f", first {words.clock(first, zone, now)}"
    return Place(
        place=one.place,
        number=order["number"],
        href=order_href(order),
        wants=f"{one.claim.to_find:,} to find",
        outcome=Cell("goes without", icon="alert", tone="stop")
        if one.claim.goes_without
        else Cell("is served", icon="check", tone="go"),
        standing=word({**order, "ready_at": None, "closed_at": None}, now)
        if order["attention"] == "none"
        else Cell(
            _ATTENTION.get(order["attention"], order["attention"]), icon="person", tone="amber"
        ),
        promised=promised,
        done=_done(case, one, now),
        yet=_yet(one),
    )


def _yet(one: Claimant) -> str:
    """Return what has not been done about somebody who would lose, and why not."""
    if not one.claim.goes_without:
        return ""
    if any(message["state"] == "sent" for message in one.messages):
        return ""
    return "Its shopper has heard nothing of this yet: there is still time to look."


_ATTENTION: Final[Mapping[str, str]] = {
    "awaiting_shopper_choice": "the shopper is asked",
    "awaiting_transfer": "waits for a transfer",
    "staff_needed": "needs a person",
}


def _done(case: Case, one: Claimant, now: datetime) -> list[Fact]:
    """Return what was done about one order since the conflict opened, the oldest first."""
    zone, row = case.row["time_zone"], case.row

    def when(moment: datetime) -> str:
        return words.clock(moment, zone, now)

    names = {row["sku"]: row["item"]}
    done = [
        (fact["occurred_at"], fact["name"], sentence(fact["name"], fact["payload"], names, when))
        for fact in one.facts
    ]
    done += [
        (m["settled_at"] or m["created_at"], m["kind"], settled.message(m)) for m in one.messages
    ]
    return [
        Fact(at=when(at), iso=at.isoformat(), name=name, sentence=text)
        for at, name, text in sorted(done, key=lambda deed: deed[0])
    ]


def _history(case: Case, now: datetime) -> list[Fact]:
    zone = case.row["time_zone"]
    return [
        Fact(
            at=words.clock(fact["occurred_at"], zone, now),
            iso=fact["occurred_at"].isoformat(),
            name=fact["name"],
            sentence=settled.event(fact),
        )
        for fact in case.facts
    ]


def _closed_table(cases: Sequence[Case], now: datetime) -> Table:
    return Table(
        name="closed",
        caption="Closed within a day, the last first",
        columns=(
            Column("Item"),
            Column("Store"),
            Column("Promised", number=True),
            Column("There", number=True),
            Column("Open for"),
            Column("Closed"),
            Column("How it was settled"),
        ),
        rows=[_closed_row(case, now) for case in cases],
        why_empty="No conflict was closed within a day.",
    )


def _closed_row(case: Case, now: datetime) -> Sequence[Cell]:
    row = case.row
    took = row["closed_at"] - row["opened_at"]
    return (
        Cell(row["item"], note=row["sku"], href=item_href(row["sku"], row["store_id"])),
        Cell(row["store"]),
        Cell(f"{row['reserved']:,}", sort=row["reserved"]),
        Cell(words.units(row["on_hand"]), sort=row["on_hand"]),
        Cell(words.age(took), sort=took.total_seconds()),
        Cell(words.clock(row["closed_at"], row["time_zone"], now), sort=str(row["closed_at"])),
        Cell(settled.settled(case)),
    )


def _outcome(case: Case) -> Outcome:
    row = case.row
    what = f"{row['item']} at {row['store']}"
    if not case.is_open:
        return Outcome(f"{what}: closed, {settled.settled(case)}.")
    noted = [fact for fact in case.facts if fact["name"] == "ops.noted"]
    if not noted:
        return Outcome(f"{what}: the conflict is open.", "amber")
    counted = noted[-1]["payload"]["act"].rpartition(" ")[2]
    stays = _stake(case).removeprefix("If that is true, ")
    kept = f"{what}: your count of {counted} is kept, and it is too few."
    return Outcome(f"{kept} {stays[0].upper()}{stays[1:]}", "amber")
