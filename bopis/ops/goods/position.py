"""Why we say three: a number taken apart into what it is made of, in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from bopis.ops import said, words
from bopis.ops.goods.positions import Position, books_early

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a sum.

    Shapes:
        role: a ``word`` begins it, a ``move`` adds to it, a ``total`` says what it comes to so
            far, a ``limit`` is the most that it may be.
    """

    role: Literal["word", "move", "total", "limit"]
    units: int
    what: str
    note: str = ""


def base_of(position: Position) -> int:
    """Return how many there were, by all we know, when somebody last said how many."""
    moved: int = sum(move["on_hand"] for move in position.moves)
    return position.known.on_hand - moved


def sum_of(position: Position, now: datetime) -> list[Step]:
    """Return the sum that ends in what can be sold.

    It begins with the last word of a feed or a count, which is what is there now without what has
    moved since: so it adds up, whatever the source leaves out.
    """
    row, known = position.stock, position.known
    steps = [*_word(position, base_of(position), now)]
    steps += [_move(move) for move in position.moves if move["on_hand"]]
    if len(steps) > 1:
        steps.append(Step("total", known.on_hand, "in the building, by all we know"))
    if row["unsellable"]:
        steps.append(Step("move", -row["unsellable"], "damaged, or waiting to be put back"))
    if row["safety"]:
        steps.append(Step("move", -row["safety"], "kept back for safety, never sold for pickup"))
    may = known.on_hand - row["unsellable"] - row["safety"]
    for name, what in _LIMITS.items():
        limit = row.get(name)
        if limit is not None and limit < may:
            steps.append(Step("limit", limit, what))
            may = limit
    if known.reserved:
        steps.append(Step("move", -known.reserved, _promised(position)))
    left = may - known.reserved
    if left > known.available:
        held, doubted = left - known.available, 0
        if position.doubt:
            doubted = min(position.doubt["units"], held)
            steps.append(Step("move", -doubted, _doubted(position.doubt, position, now)))
        if held > doubted:
            paying = "set aside for shoppers who are at the checkout"
            steps.append(Step("move", doubted - held, paying))
    steps.append(Step("total", known.available, "can be sold now", _below(left)))
    return steps


def _doubted(doubt: Row, position: Position, now: datetime) -> str:
    until = words.clock(doubt["until"], position.store.time_zone, now)
    return f"in doubt: one person did not find them; until somebody else has counted, or {until}"


_LIMITS: Final[Mapping[str, str]] = {
    "cap": "at most, by what we believe can be found",
    "ceiling": "at most, while a batch of its source is missing",
}


def _below(left: int) -> str:
    return f"{words.units(left)} would be: more is promised than there is" if left < 0 else ""


def _promised(position: Position) -> str:
    held = sum(one["quantity"] for one in position.holders)
    orders = words.counted(len(position.holders), "order")
    more = "" if held == position.known.reserved else " and others"
    return f"promised to {orders}{more}"


def _word(position: Position, base: int, now: datetime) -> list[Step]:
    known = position.known
    if known.as_of is None:
        return [Step("word", base, "so far nobody has told us how many there are")]
    zone = position.store.time_zone
    at = words.clock(known.as_of, zone, now)
    if known.source == "count":
        return [Step("word", base, f"in the building when somebody looked, {at}")]
    told = position.stock["feed_quantity"]
    assert told is not None
    steps = [Step("word", told, f"told by {known.source}, true as of {at}")]
    if base != told:
        steps.append(Step("move", base - told, _left_out(position)))
    return steps


def _left_out(position: Position) -> str:
    if not books_early(position) or position.source is None:
        return "put right since, of what was true by then"
    when = {"at_order": "is ordered", "at_ready": "is ready"}[position.source["books_pickup"]]
    return f"still in the building: {position.known.source} takes a pickup off when it {when}"


def _move(move: Row) -> Step:
    what = said.SINCE.get(move["kind"], said.WHAT[move["kind"]].lower())
    return Step("move", move["on_hand"], what)


def sentence(position: Position, steps: Sequence[Step], now: datetime) -> str:
    """Return the sum as one would say it to somebody who asks."""
    known = position.known
    if known.as_of is None:
        return "Nobody has told us yet how many there are, so none can be sold."
    old = words.age(now - known.as_of)
    who = "A person looked" if known.source == "count" else f"{known.source} last spoke"
    base, told = base_of(position), steps[0].units
    moved = known.on_hand - base
    parts = [f"{who} {old} ago: {told:,}{_besides(base - told)}."]
    if moved or base != told:
        parts.append(f"{_since(moved)}{_are(known.on_hand)} in the building.")
    limit = next((step for step in reversed(steps) if step.role == "limit"), None)
    if limit:
        parts.append(f"Of these we sell {limit.units:,} {limit.what}.")
    if known.reserved:
        parts.append(f"{known.reserved:,} {_is(known.reserved)} promised already.")
    if position.doubt:
        units = position.doubt["units"]
        until = words.clock(position.doubt["until"], position.store.time_zone, now)
        parts.append(
            f"One person did not find {units:,} of them: {'it is' if units == 1 else 'they are'}"
            f" not sold until somebody else has counted, and not longer than {until}."
        )
    parts.append(f"So {known.available or 'none'} can be sold.")
    return " ".join(parts)


def _besides(left_out: int) -> str:
    if left_out > 0:
        return f", and leaves out {left_out:,} that {_is(left_out)} still there"
    return f", less {-left_out:,} that we have put right since" if left_out else ""


def _since(moved: int) -> str:
    if not moved:
        return ""
    way = "come in" if moved > 0 else "gone"
    return f"Since then {abs(moved):,} {'has' if abs(moved) == 1 else 'have'} {way}: "


def _are(units: int) -> str:
    return f"{words.units(units)} {_is(units)}"


def _is(units: int) -> str:
    return "is" if units == 1 else "are"
