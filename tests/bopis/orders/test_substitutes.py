"""Never a substitute without a yes: asked for when ordering, proposed by it, given on it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.ids import OrderId, Sku, inward
from bopis.orders.choices import choices
from bopis.orders.choices.choice import Via
from bopis.orders.choices.choices import Taken
from bopis.orders.choices.consent import ALIKE, Consent, alike, proposal
from bopis.trust.verify import verify
from inventory import stock
from inventory.models import Item
from notifications.facts import Choice
from tests.inventory.shelves import unexplained
from tests.journeys.day import MINUTE, OAT, S1, Day, a_handheld

SPELT = Sku("spelt")
ASK = 4 * MINUTE
names = st.text("ab ", max_size=6)
skus = st.sampled_from([Sku(x) for x in ("p", "q", "r", "s")])


@given(
    name=names,
    consent=st.sampled_from(Consent),
    accepts=st.lists(skus, unique=True),
    at_hand=st.dictionaries(skus, names),
)
def test_nothing_is_proposed_that_was_not_agreed_to(
    name: str, consent: Consent, accepts: list[Sku], at_hand: dict[Sku, str]
) -> None:
    found = proposal(name, consent, accepts, list(at_hand.items()))

    assert found is None or found in at_hand
    if consent is Consent.NEVER:
        assert found is None
    elif consent is Consent.LISTED:
        assert found == next((sku for sku in accepts if sku in at_hand), None)
    elif found is not None:
        assert alike(name, at_hand[found]) == max(alike(name, x) for x in at_hand.values())
        assert alike(name, at_hand[found]) >= ALIKE


@given(a=names, b=names)
def test_being_alike_has_no_direction(a: str, b: str) -> None:
    assert alike(a, b) == alike(b, a)
    assert 0 <= alike(a, b) <= 1
    assert alike(a, a) == bool(a.split())


@pytest.fixture
async def day(shop: Day) -> Day:
    shop.handheld = await a_handheld(shop.db, shop.client, shop.clock)
    async with shop.db.transaction() as tx:
        await tx.add(Item(sku=SPELT, name="Rye number 1, with spelt", department="Bread"))
    await shop.db.pool.execute("UPDATE items SET department = 'Bread' WHERE sku = 'rye'")
    async with shop.db.transaction(S1) as tx:
        await stock.count(tx, S1, SPELT, 5, cause=None, source="opening")
    return shop


async def short(day: Day, substitutes: Any = None) -> tuple[dict[str, Any], str, int]:
    rye: dict[str, Any] = {"sku": "rye", "quantity": 1}
    if substitutes is not None:
        rye["substitutes"] = substitutes
    placed = await day.placed(lines=[{"sku": "oat", "quantity": 1}, rye])
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(ASK, step=ASK)
    return placed, path, fence


async def case_of(day: Day) -> dict[str, Any]:
    [case] = await day.rows("SELECT * FROM choice_cases WHERE store_id = $1", S1)
    return case


async def says(day: Day, placed: dict[str, Any], choice: Choice) -> Taken:
    id_ = OrderId(inward(placed["order_id"])[1])
    async with day.db.transaction(S1, actor="shopper") as tx:
        taken = await choices.answer(tx, S1, id_, 1, choice, via=Via.PAGE)
    await day.settle()
    return taken


async def test_who_said_nothing_is_offered_nothing(day: Day) -> None:
    placed, *_ = await short(day)

    assert "substitute" not in (await case_of(day))["options"]
    assert await says(day, placed, Choice.SUBSTITUTE) is Taken.NOT_OFFERED
    assert await day.stock(SPELT) == (5, 0, 0)


async def test_what_is_proposed_is_given_on_a_yes_and_fetched_on_the_same_walk(day: Day) -> None:
    placed, path, fence = await short(day, "ask")
    case = await case_of(day)
    assert case["default_choice"] == "partial_now"
    assert case["lines"][0]["instead"] == {"sku": "spelt", "name": "Rye number 1, with spelt"}

    assert await says(day, placed, Choice.SUBSTITUTE) is Taken.TAKEN
    assert await says(day, placed, Choice.SUBSTITUTE) is Taken.AGAIN

    lines = (await day.look(placed["order_id"]))["lines"]
    assert [(x["sku"], x["units"]) for x in lines] == [
        ("oat", {"picked": 1}),
        ("rye", {"substituted": 1}),
        ("spelt", {"reserved": 1}),
    ]
    assert lines[2]["stands_for"] == "rye"
    assert lines[1]["substitutes"] == "ask"
    assert "Rye number 1, with spelt instead of Rye number 1" in day.read()
    screen = await day.handheld.get(path)
    assert "Rye number 1, with spelt" in str(screen)
    await day.handheld.short(path, fence, line=3)
    assert (await day.look(placed["order_id"]))["lines"][2]["units"] == {"short": 1}
    assert {one.invariant.id: one.examples for one in await verify(day.db) if one.count} == {}
    assert await unexplained(day.db) == []


async def test_what_was_named_when_ordering_happens_if_they_say_nothing(day: Day) -> None:
    placed, *_ = await short(day, ["jam-of-old", "spelt"])
    case = await case_of(day)
    assert case["default_choice"] == "substitute"
    assert "you get Rye number 1, with spelt instead, as you said when you ordered" in " ".join(
        day.letters[-1].words.text.split()
    )

    await day.wait(case["answer_by"] - day.clock() + MINUTE, step=20 * MINUTE)

    lines = (await day.look(placed["order_id"]))["lines"]
    assert lines[1]["units"] == {"substituted": 1}
    assert lines[1]["substitutes"] == ["jam-of-old", "spelt"]
    assert (await case_of(day))["outcome"] == "substituted"


async def test_a_substitute_that_is_gone_is_not_replaced_by_something_else(day: Day) -> None:
    placed, *_ = await short(day, ["spelt"])
    async with day.db.transaction(S1) as tx:
        await stock.count(tx, S1, SPELT, 0, cause=None, source="count")

    assert await says(day, placed, Choice.SUBSTITUTE) is Taken.TAKEN

    case = await case_of(day)
    assert (case["state"], case["answer"], case["default_choice"]) == (
        "offered",
        None,
        "partial_now",
    )
    assert "substitute" not in case["options"]
    assert (await day.look(placed["order_id"]))["lines"][1]["units"] == {"short": 1}


@pytest.mark.parametrize("substitutes", [[], "always", ["rye"] * 6, [""], None])
async def test_what_is_no_consent_is_refused(shop: Day, substitutes: Any) -> None:
    line = {"sku": "oat", "quantity": 1, "substitutes": substitutes}
    answer = await shop.order(lines=[line])

    assert answer.status_code == 422
    [row] = await shop.rows("SELECT count(*) AS n FROM orders")
    assert row["n"] == 0
