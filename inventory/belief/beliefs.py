"""How likely a promised item is found, and what each look for it teaches.

A pick or a count acts at once, in the transaction in which it was scanned: it writes with the
item's row in ``stock`` locked, and so is alone with its belief. What feeds say is learned later
(``learning``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from asyncpg import Record

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.belief import capping, states
from inventory.belief import filter as belief
from inventory.belief import odds as rule
from inventory.belief.filter import Rows
from inventory.belief.knowledge import ANY_KIND
from inventory.belief.models import BeliefMode
from inventory.belief.odds import Odds as Odds  # noqa: PLC0414 -- what these verbs answer
from inventory.belief.odds import Tier as Tier  # noqa: PLC0414 -- and its words
from inventory.belief.page import Now, Page, brought
from inventory.belief.policies import Policy

_ODDS: Final = """
    SELECT s.sku, s.on_hand - s.unsellable AS record, s.reserved, s.counted_at, s.feed_as_of,
           b.bins, b.at, b.sold, b.watched, b.moved, b.looked, b.kind, i.department,
           p.mode, p.margin, p.failure, p.alternative, p.heard_until, p.learned
      FROM stock AS s
      LEFT JOIN beliefs AS b ON b.store_id = $1 AND b.sku = s.sku
      LEFT JOIN belief_stores AS p ON p.store_id = $1
      LEFT JOIN items AS i ON i.sku = s.sku
     WHERE s.store_id = $1 AND s.sku = ANY ($2::text[])
     ORDER BY s.sku LIMIT 1000
"""


async def odds(tx: Tx, store_id: StoreId, wanted: Mapping[Sku, int]) -> dict[Sku, Odds]:
    """Return how likely each item is found, beside what is promised; unknown items are absent.

    Unless the store's belief is on, the chance is told but every item is *available*: what we sell
    is then what the record says, and no shopper is worried by a belief that nobody acts on.
    """
    found = await tx.rows(_ODDS, store_id, list(wanted))
    if not found:
        return {}
    policy = Policy.of(found[0])
    now, page = _now(tx, found, policy)
    total = np.array([row["reserved"] + wanted[Sku(row["sku"])] for row in found], dtype=np.int64)
    chances = policy.known.curve(rule.raw(now.rows, page.find, total))
    return {
        Sku(row["sku"]): Odds(
            Sku(row["sku"]),
            float(chance),
            _tier(policy, row, float(chance)),
            policy.known.is_calibrated,
        )
        for row, chance in zip(found, chances, strict=True)
    }


def _tier(policy: Policy, row: Record, chance: float) -> Tier:
    """Return what we call a chance, by the same rule as the cap: *not here* is what we refuse."""
    if policy.mode is not BeliefMode.ON or not policy.may_cap(looked=bool(row["looked"])):
        return Tier.AVAILABLE
    return rule.tier(chance, policy.terms.costs.threshold)


def _now(tx: Tx, found: Sequence[Record], policy: Policy) -> tuple[Now, Page]:
    page = Page.of(found, policy.known, tx.now)
    heard = policy.heard_until.timestamp() if policy.heard_until else None
    return brought(page, policy.known, heard, tx.now.timestamp()), page


@dataclass(frozen=True, slots=True)
class _Look:
    """One item that somebody looks for: what was believed just before, and of what."""

    row: Record
    page: Page
    now: Now
    policy: Policy
    upto: Rows

    def there(self, units: int) -> float:
        """Return how likely so many are in the building; of more than 60 as of 60."""
        return float(self.upto[0, min(units, belief.TOP)])

    def chance(self, total: int) -> float:
        """Return how likely the last of so many is found, as ``odds`` has it."""
        return float(self.upto[0, min(total, belief.TOP)] * self.page.find[0])


_LOCK: Final = "SELECT FROM stock WHERE store_id = $1 AND sku = $2 FOR UPDATE"
LOOK: Final = """
    SELECT s.sku, s.on_hand - s.unsellable AS record, s.reserved, s.cap, s.counted_at,
           s.feed_as_of, b.bins, b.at, b.sold, b.watched, b.moved, i.department,
           s.xmin::text AS stock_version, b.xmin::text AS version,
           p.mode, p.margin, p.failure, p.alternative, p.heard_until, p.learned,
           (SELECT COALESCE(sum(r.staged), 0)::int FROM reservations AS r
             WHERE r.store_id = $1 AND r.sku = $2 AND r.quantity > 0) AS staged,
           (SELECT left(l.kind, 1) FROM locations AS l
             WHERE l.store_id = $1 AND l.sku = $2
             ORDER BY GREATEST(l.last_found_at, l.last_missed_at) DESC NULLS LAST, l.kind
             LIMIT 1) AS kind
      FROM stock AS s
      LEFT JOIN beliefs AS b ON b.store_id = $1 AND b.sku = $2
      LEFT JOIN belief_stores AS p ON p.store_id = $1
      LEFT JOIN items AS i ON i.sku = s.sku
     WHERE s.store_id = $1 AND s.sku = $2
"""


async def _look(tx: Tx, store_id: StoreId, sku: Sku) -> _Look | None:
    """Return what is believed of an item; None: this store is not to be doubted."""
    row = await tx.row(LOOK, store_id, sku)
    if row is None:
        return None
    policy = Policy.of(row)
    if policy.mode is BeliefMode.OFF:
        return None
    now, page = _now(tx, [row], policy)
    return _Look(row, page, now, policy, belief.at_least(now.rows))


_Lesson = Callable[[_Look], "tuple[Rows, _Outcome | None] | None"]
"""Returns what is believed after a look, and how it is scored; None: there is nothing to learn."""


async def _learn(tx: Tx, store_id: StoreId, sku: Sku, lesson: _Lesson) -> None:
    """Have an item's belief learn, with its stock locked from when it is written.

    Mostly nobody else is at this item, and what was read is still so when it is written. If it is
    not, the item is locked before it is read again: by a statement of its own, for what is read
    beside a row that had to be waited for would be as old as the wait.
    """
    for is_locked in (False, True):
        if is_locked:
            await tx.run(_LOCK, store_id, sku)
        look = await _look(tx, store_id, sku)
        taught = lesson(look) if look else None
        if look is None or taught is None or await _keep(tx, store_id, look, *taught):
            return
    raise AssertionError("a locked item's belief was changed by somebody else")


async def found(
    tx: Tx,
    store_id: StoreId,
    sku: Sku,
    quantity: int,
    *,
    elsewhere: bool = False,
    picked: int = 0,
) -> None:
    """Learn from an associate who found promised units.

    Shapes:
        elsewhere: not where the screen sent them: then it was overlooked at its own place.
        picked: units of the same line that were found before these.
    """
    assert quantity > 0

    def lesson(look: _Look) -> tuple[Rows, _Outcome]:
        held = look.row["staged"] + picked + quantity
        rows = belief.found(look.now.rows, np.array([held]), look.page.find, look.page.record)
        return rows, _Outcome(found=True, elsewhere=elsewhere, raw=look.chance(held), held=held)

    await _learn(tx, store_id, sku, lesson)


async def missed(
    tx: Tx, store_id: StoreId, sku: Sku, *, looked: int, picked: int | None = None
) -> None:
    """Learn from an associate who did not find what was promised: gone, or overlooked.

    Before ``stock.short`` takes the number down: what we would have said is scored by it.

    Shapes:
        looked: places that were searched, at least one.
        picked: units that are away from their shelf, of all orders; None: those that are staged.
    """

    def lesson(look: _Look) -> tuple[Rows, _Outcome]:
        held = look.row["staged"] if picked is None else picked
        miss = ((1 - look.page.find) ** max(looked, 1)).astype(np.float32)
        rows = belief.missed(look.now.rows, np.array([held]), miss, look.page.record)
        return rows, _Outcome(found=False, raw=look.chance(held + 1), held=held + 1)

    await _learn(tx, store_id, sku, lesson)


async def counted(tx: Tx, store_id: StoreId, sku: Sku) -> None:
    """Learn from a person who counted: it says more than all that we had thought.

    An item that nobody has asked for needs no row: its first belief will begin with the count.
    The stock is locked, and holds the count already.
    """

    def lesson(look: _Look) -> tuple[Rows, None] | None:
        if look.row["bins"] is None:
            return None
        return belief.counted(np.array([max(look.row["record"], 0)])), None

    await _learn(tx, store_id, sku, lesson)


@dataclass(frozen=True, slots=True)
class _Outcome:
    found: bool
    raw: float
    held: int
    elsewhere: bool = False


KEEP: Final = """
    WITH held AS (      -- if it is still as it was when it was looked at
        SELECT FROM stock WHERE store_id = $1 AND sku = $2 AND xmin::text = $15 FOR UPDATE
    ),
    kept AS (
        INSERT INTO beliefs (store_id, sku, bins, at, sold, watched, moved, looked, kind)
        SELECT $1, $2, $3, $4, $5, $6, 0, true, $7 FROM held
        ON CONFLICT (store_id, sku) DO UPDATE
        SET bins = EXCLUDED.bins, at = EXCLUDED.at, sold = EXCLUDED.sold,
            watched = EXCLUDED.watched, moved = 0, looked = true, kind = EXCLUDED.kind
        WHERE beliefs.xmin::text = $16
        RETURNING 1
    ),
    scored AS (
        INSERT INTO belief_outcomes
               (store_id, id, sku, at, found, elsewhere, raw, said, present, record, kind)
        SELECT $1, $8, $2, $4, $9, $10, $11, $12, $13, $14, $7 FROM kept WHERE $9::bool IS NOT NULL
    )
    SELECT count(*) FROM kept
"""


async def _keep(
    tx: Tx, store_id: StoreId, look: _Look, rows: Rows, outcome: _Outcome | None
) -> bool:
    """Write what is believed now, what became of the look, and what may be promised from here.

    Returns:
        Whether it was written: not, if somebody has changed the item since it was looked at.
    """
    row, policy = look.row, look.policy
    sku, kind = Sku(row["sku"]), row["kind"] or ANY_KIND
    scored: list[Any] = [None] * 6
    if outcome is not None:
        said = float(policy.known.curve(np.array([outcome.raw], dtype=np.float32))[0])
        present = look.there(outcome.held)
        scored = [outcome.found, outcome.elsewhere, outcome.raw, said, present, row["record"]]
    kept = await tx.value(
        KEEP,
        store_id,
        sku,
        states.packed(rows),
        tx.now,
        float(look.page.sold[0]),
        float(look.now.watched[0]),
        kind,
        tx.new_id(),
        *scored,
        row["stock_version"],
        row["version"],
    )
    if not kept:
        return False
    cap = None
    if policy.may_cap(looked=True):
        cap = policy.cap(int(rule.caps(rows, look.page.find, policy.terms)[0]), looked=True)
    if cap != row["cap"]:
        chance = float(belief.at_least(rows)[0, 1] * look.page.find[0])
        await capping.write(tx, store_id, [capping.Cap(sku, cap, row["record"], chance)])
    return True
