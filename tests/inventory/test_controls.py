"""A build that is wrong turns the suite red: each known way to lose or invent a unit is tried.

A checker that cannot fail proves nothing. Here every mutation breaks one rule of the stock, and
the simulated store (or the race) has to notice. When code moves, a mutation that does not apply any
more says so.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from inventory import ledger, sellable, stock
from inventory.feeds import batches, merging
from inventory.feeds.batches import Share
from inventory.feeds.feed import Batch
from inventory.feeds.models import FeedRun
from inventory.ledger import Change
from inventory.looking import conflicts
from inventory.models import LedgerKind
from inventory.reconcile import Effect
from inventory.stock import Shortfall, Want
from tests.inventory import test_as_of as as_of
from tests.inventory.test_as_of import Shelf
from tests.inventory.truth import Town, town
from tests.races import test_stock_race as races

DAYS: Final = 12
"""How many days a wrong build may last without being noticed."""


@dataclass(frozen=True)
class Sql:
    """Other words in the statements of a module."""

    module: Any
    names: tuple[str, ...]
    old: str
    new: str

    def apply(self, patch: pytest.MonkeyPatch) -> None:
        for name in self.names:
            sql = getattr(self.module, name)
            assert self.old in sql, f"{name} does not say this any more: {self.old}"
            patch.setattr(self.module, name, sql.replace(self.old, self.new))


@dataclass(frozen=True)
class Code:
    """Another function in the place of one of ours, which it is given."""

    module: Any
    name: str
    wrong: Callable[[Any], Any]

    def apply(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(self.module, self.name, self.wrong(getattr(self.module, self.name)))


Mutation = Sql | Code
Verb = Callable[..., Awaitable[Any]]
_MERGE: Final = ("_MERGE",)


def changed(how: Callable[[Change], Change | None]) -> Callable[[Verb], Verb]:
    """Let each change be another one, or none, before it is written."""

    def wrong(write: Verb) -> Verb:
        async def written(tx: Tx, store_id: StoreId, changes: Collection[Change]) -> None:
            others = [other for one in changes if (other := how(one)) is not None]
            if others:
                await write(tx, store_id, others)

        return written

    return wrong


def of_kind(kind: LedgerKind, **other: Callable[[Change], object]) -> Callable[[Verb], Verb]:
    """Let changes of one kind be other ones."""
    return changed(
        lambda one: (
            replace(one, **{name: how(one) for name, how in other.items()})  # type: ignore[arg-type]
            if one.kind is kind
            else one
        )
    )


def nothing(result: object = None) -> Callable[[Verb], Verb]:
    """Let a verb do nothing."""

    def wrong(_: Verb) -> Verb:
        async def done(*_: object, **__: object) -> object:
            return result

        return done

    return wrong


def blind(of_shortage: Callable[..., Effect]) -> Callable[..., Effect]:
    return lambda *values: replace(of_shortage(*values), seen=False)


def renamed(apply: Verb) -> Verb:
    """Let each batch seem to be a new one."""

    async def applied(tx: Tx, batch: Batch, share: Share) -> FeedRun | None:
        name = uuid4().hex
        run: FeedRun | None = await apply(tx, replace(batch, batch_id=name, digest=name), share)
        return run

    return applied


def count_then_insert(_: Verb) -> Verb:
    """Reserve as one does it first: look, decide, write."""

    async def reserve(tx: Tx, store_id: StoreId, wants: Sequence[Want]) -> list[Shortfall]:
        known = await sellable.availability(tx, store_id, [want.sku for want in wants])
        short = [
            Shortfall(want.sku, want.quantity, known[want.sku].available)
            for want in wants
            if want.quantity > known[want.sku].available
        ]
        if not short:
            await tx.run_many(
                "UPDATE stock SET reserved = reserved + $3 WHERE store_id = $1 AND sku = $2",
                [(store_id, want.sku, want.quantity) for want in wants],
            )
        return short

    return reserve


UNNOTICED_ONLY_ALONE: Final[dict[str, Mutation]] = {
    "reserve looks, decides, and writes": Code(stock, "reserve", count_then_insert),
    "reserve takes no lock": Sql(stock, ("_RESERVE",), "FOR UPDATE OF stock", ""),
}
STORIES: Final[dict[str, tuple[Mutation, Callable[[Shelf], Awaitable[None]]]]] = {
    "what a feed confirms it does not know": (
        Sql(merging, _MERGE, "WHERE confirmed IS NOT NULL", "WHERE false"),
        as_of.test_an_older_feed_does_not_win_over_one_that_said_what_was_known,
    ),
    "a shortage is undone as of now": (
        Code(ledger, "write", of_kind(LedgerKind.COMPENSATE, effective_at=lambda _: None)),
        as_of.test_a_shortage_undone_before_an_older_feed_comes_leaves_no_trace,
    ),
}
MUTATIONS: Final[dict[tuple[int, str], Mutation]] = {
    (0, "reserve takes what is not there"): Sql(
        stock, ("_RESERVE",), "locked.available < needed.quantity", "false"
    ),
    (0, "an older feed overwrites a newer one"): Sql(
        merging, _MERGE, "OR as_of < feed_as_of THEN", "THEN"
    ),
    (4, "an older feed overwrites a count"): Sql(merging, _MERGE, "as_of <= counted_at OR", ""),
    (0, "a feed forgets what has moved since"): Sql(
        merging, _MERGE, "AND l.effective_at > told.as_of", "AND false"
    ),
    (0, "a feed counts again what had moved before"): Sql(
        merging, _MERGE, "AND l.effective_at > $4 AND l.effective_at > told.as_of", ""
    ),
    (0, "orders since its instant are taken off a source's number"): Sql(
        merging, _MERGE, "COALESCE(s.reserved, 0) - COALESCE(since.reserved, 0)", "s.reserved"
    ),
    (7, "what a source has taken off as ready is missing"): Sql(
        merging, _MERGE, "COALESCE(waiting.staged, 0) - COALESCE(since.staged, 0)", "0"
    ),
    (0, "a delta tells what a snapshot has seen"): Sql(
        merging,
        ("_DELTA",),
        "GREATEST(s.counted_at, s.feed_as_of, confirmed.as_of)",
        "s.counted_at",
    ),
    (4, "a batch that comes twice counts twice"): Code(batches, "apply", renamed),
    (0, "a hand-over has no entry"): Sql(
        ledger, ("_WRITE",), "FROM entries\n", "FROM entries WHERE kind <> 'hand_over'\n"
    ),
    (0, "a hand-over is booked twice"): Code(
        ledger, "write", of_kind(LedgerKind.HAND_OVER, on_hand=lambda one: 2 * one.on_hand)
    ),
    (0, "what is released is not for sale again"): Code(
        ledger, "apply", changed(lambda one: None if one.kind is LedgerKind.RELEASE else one)
    ),
    (0, "what was picked is for sale before it is back"): Code(
        ledger, "apply", of_kind(LedgerKind.RELEASE, unsellable=lambda _: 0)
    ),
    (10, "an empty shelf is no look"): Code(stock, "of_shortage", blind),
    (0, "nothing is ever staged"): Code(stock, "stage", nothing()),
    (2, "nobody hears of a contradiction"): Code(conflicts, "settle", nothing(0)),
}
"""Each with a day on which it is noticed soon; should days change, others will do."""


@pytest.fixture
def streets(dsn: str) -> Any:
    with town(dsn) as made:
        yield made


def test_a_wrong_build_does_not_last_a_fortnight(
    streets: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnoticed = []
    for (seed, name), mutation in MUTATIONS.items():
        with monkeypatch.context() as patch:
            mutation.apply(patch)
            if not streets.prove(seed, *range(DAYS), tries=0).stories:
                unnoticed.append(name)

    assert not unnoticed


def test_what_goes_wrong_is_told_in_a_few_steps(
    streets: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    MUTATIONS[0, "a hand-over has no entry"].apply(monkeypatch)
    [story] = streets.prove(*range(DAYS), tries=60).stories

    steps = story.splitlines()[0].split(": ")[1].split(", ")
    assert len(steps) < 12
    assert "hand_over" in steps
    assert "is handed" in story
    assert "the ledger says" in story


@pytest.mark.parametrize("name", STORIES)
async def test_what_is_rare_has_its_own_story(
    db: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    mutation, story = STORIES[name]
    mutation.apply(monkeypatch)

    with pytest.raises(AssertionError):
        await story(await as_of.filled(db, clock))


@pytest.mark.parametrize("name", UNNOTICED_ONLY_ALONE)
async def test_many_buyers_at_once_find_a_wrong_reservation(
    db: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    UNNOTICED_ONLY_ALONE[name].apply(monkeypatch)

    with pytest.raises(AssertionError):
        await races.test_64_buyers_of_the_last_10_units(db)
