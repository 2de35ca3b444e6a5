"""What happens when we break our word: what is written down, said, owed, and who has to call."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bopis.kernel import relay
from bopis.kernel.ids import OrderId, inward
from bopis.orders import orders, our_word
from bopis.orders.amends import apologies, apologizing, apology, credit, grants
from bopis.orders.amends.apologies import CallUnknown
from bopis.orders.amends.credit import Incident
from bopis.orders.events import OrderDelayed
from bopis.orders.states import CancelReason
from bopis.promises import promises
from bopis.promises.models import Promise
from notifications.facts import DelayReason
from tests.journeys.day import MINUTE, S1, S2, Day

HOUR = 60 * MINUTE
PAID = {"amount": "40.00", "currency": "EUR"}
INCIDENTS = "SELECT * FROM incidents ORDER BY opened_at, number"
CREDITS = "SELECT amount, currency, tier FROM credits ORDER BY granted_at, incident"
CLAIMS = """
    SELECT m.kind, c.kind AS claim, c.value, cardinality(c.evidence) AS proofs FROM messages AS m
      JOIN message_claims AS c ON c.store_id = m.store_id AND c.message_id = m.id ORDER BY m.id
"""


async def an_order(shop: Day, reference: str = "W-1", **more: Any) -> OrderId:
    placed = await shop.placed(reference, **({"total": PAID} | more))
    shop.read()
    return OrderId(inward(placed["order_id"])[1])


async def late(shop: Day, order_id: OrderId, by: timedelta, **more: Any) -> None:
    async with shop.db.transaction(S1) as tx:
        order = await orders.get(tx, S1, order_id)
        reason = more.pop("reason", DelayReason.QUEUE)
        await our_word.update_estimate(
            tx, S1, order_id, order.promised_at + by, reason=reason, p_late=0.9, **more
        )
    await shop.settle()


async def promises_of(shop: Day, order_id: OrderId) -> list[Promise]:
    async with shop.db.transaction(S1) as tx:
        return await promises.versions(tx, S1, order_id)


def body(shop: Day) -> str:
    return " ".join(shop.letters[-1].words.text.replace("\xa0", " ").split())


async def test_a_delay_is_written_down_told_credited_and_announced(shop: Day) -> None:
    order_id = await an_order(shop)

    await late(shop, order_id, 25 * MINUTE)

    [incident] = await shop.rows(INCIDENTS)
    assert (incident["what"], incident["said"], incident["warned"]) == ("late", "apology", True)
    assert incident["late_minutes"] >= 25
    assert incident["call_by"] is None
    assert await shop.rows(CREDITS) == [
        {"amount": Decimal("2.00"), "currency": "EUR", "tier": "medium"}
    ]
    [said] = shop.read()
    assert said.startswith("Your order will be late: now by")
    assert "You get a credit of €2.00 for this." in body(shop)
    claims = {
        row["claim"]: row for row in await shop.rows(CLAIMS) if row["kind"] == "delay_apology"
    }
    assert {"delay", "apology", "ready_by", "news_by", "credit"} <= claims.keys()
    assert claims["credit"]["value"] == "2.00 EUR"
    assert all(row["proofs"] for row in claims.values())

    shown = await shop.look(f"{S1}.{order_id.hex}")
    [owed] = shown["credits"]
    assert (owed["amount"], owed["settled_at"]) == ("2.00", None)


async def test_a_shop_settles_once_and_only_what_there_is(shop: Day) -> None:
    order_id = await an_order(shop)
    await late(shop, order_id, 25 * MINUTE)
    path = f"/v1/orders/{S1}.{order_id.hex}/credits"

    for _ in range(2):
        answer = await shop.client.post(f"{path}/1/settled", headers=shop.shop)
        assert answer.status_code == 200, answer.text
        assert answer.json()["credits"][0]["settled_at"] is not None
    assert (await shop.client.post(f"{path}/2/settled", headers=shop.shop)).status_code == 404
    facts = await shop.rows("SELECT name FROM events WHERE name LIKE 'credit.%' ORDER BY seq")
    assert [row["name"] for row in facts] == ["credit.granted", "credit.settled"]


async def test_a_cause_without_proof_is_not_given(shop: Day) -> None:
    order_id = await an_order(shop)

    await late(shop, order_id, 25 * MINUTE, reason=DelayReason.ITEM_NOT_FOUND)

    assert "We do not know yet why." in body(shop)


async def test_the_same_fact_told_eight_times_at_once_is_one_incident(shop: Day) -> None:
    order_id = await an_order(shop)
    async with shop.db.transaction(S1) as tx:
        order = await orders.get(tx, S1, order_id)
        await our_word.update_estimate(
            tx, S1, order_id, order.promised_at + 90 * MINUTE, reason=DelayReason.QUEUE, p_late=0.9
        )
    [fact] = await shop.rows("SELECT payload FROM events WHERE name = 'order.delayed'")
    event = OrderDelayed.model_validate({"store_id": S1, **fact["payload"]})

    async def hear() -> None:
        async with shop.db.transaction(S1) as tx:
            await apologizing.apologize_for_delay(tx, event)

    await asyncio.gather(*(hear() for _ in range(8)))
    await shop.settle()

    assert [row["amount"] for row in await shop.rows(CREDITS)] == [Decimal("4.000")]
    assert len(await shop.rows(INCIDENTS)) == 1
    granted = await shop.rows("SELECT id FROM events WHERE name = 'credit.granted'")
    assert len(granted) == 1
    assert len(shop.read()) == 1


async def test_a_second_delay_makes_up_the_difference_and_a_third_is_a_call(shop: Day) -> None:
    order_id = await an_order(shop)

    await late(shop, order_id, 25 * MINUTE)
    await late(shop, order_id, 45 * MINUTE)
    await late(shop, order_id, 45 * MINUTE)

    assert [row["amount"] for row in await shop.rows(CREDITS)] == [Decimal(2), Decimal(2)]
    first, second, third = await shop.rows(INCIDENTS)
    assert [first["said"], second["said"], third["said"]] == ["apology", "apology", "person"]
    assert third["call_by"] == shop.clock() + 30 * MINUTE
    subjects = shop.read()
    assert [subject.split(":")[0] for subject in subjects] == ["Your order will be late"] * 2
    assert [one.confidence for one in await promises_of(shop, order_id)] == [0.9, 0.9, 0.98]

    async with shop.db.transaction(S1, actor="ops:desk") as tx:
        await apologies.called(tx, S1, order_id, note="She comes tomorrow")
    with pytest.raises(CallUnknown):
        async with shop.db.transaction(S1) as tx:
            await apologies.called(tx, S1, order_id, note="again")
    [*_, third] = await shop.rows(INCIDENTS)
    assert (third["called_by"], third["call_note"]) == ("ops:desk", "She comes tomorrow")


async def test_whoever_was_let_down_before_hears_facts_and_a_person(shop: Day) -> None:
    first, second = await an_order(shop), await an_order(shop, "W-2")
    other = {"first_name": "Bo", "email": "bo@shopper.example"}
    stranger = await an_order(shop, "W-3", customer=other)
    await late(shop, first, 25 * MINUTE)

    far = shop.clock() + timedelta(hours=3)
    await late(shop, second, 25 * MINUTE, surer=far)
    assert "sorry" not in body(shop)
    assert "You get a credit of €4.00 for this." in body(shop)  # the next line of the policy
    await late(shop, stranger, 25 * MINUTE, surer=far)
    assert "we are sorry" in body(shop)
    promised = {id_: await promises_of(shop, id_) for id_ in (second, stranger)}
    assert [one.confidence for one in promised[second]] == [0.9, 0.98]
    assert [one.confidence for one in promised[stranger]] == [0.9, 0.9]
    assert promised[second][-1].latest >= far > promised[stranger][-1].latest

    said = {row["order_id"]: row for row in await shop.rows(INCIDENTS)}
    assert said[second]["said"] == "person"
    assert said[second]["call_by"] is not None
    assert said[stranger]["call_by"] is None

    shop.clock.advance(timedelta(days=91))
    forgiven = await an_order(shop, "W-4")
    await late(shop, forgiven, 25 * MINUTE)
    assert "we are sorry" in body(shop)


async def test_whoever_was_let_down_in_another_store_is_the_same_person_here(shop: Day) -> None:
    await shop.placed("W-1", store_id=S2)
    await shop.wait(2 * HOUR, step=HOUR)
    await shop.placed("W-2")
    await shop.placed("W-3", customer={"first_name": "Bo", "email": "bo@shopper.example"})
    await shop.wait(2 * HOUR, step=HOUR)

    said = await shop.rows(
        "SELECT o.reference, o.met_before, i.said, i.call_by FROM incidents AS i"
        " JOIN orders AS o ON o.store_id = i.store_id AND o.id = i.order_id"
        " WHERE i.number = 1 ORDER BY o.reference"
    )
    assert [(one["reference"], one["met_before"]) for one in said] == [
        ("W-1", 0), ("W-2", 1), ("W-3", 0)
    ]  # fmt: skip
    assert [one["said"] == "person" for one in said] == [False, True, False]
    assert [one["call_by"] is not None for one in said] == [False, True, False]


async def test_a_small_delay_that_is_held_out_hears_the_same_without_the_word(
    shop: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = credit.DEFAULT.model_copy(
        update={"hold_out_percent": 50, "small_under_minutes": 59}
    )
    monkeypatch.setitem(grants._chosen, "policy", everybody)  # noqa: SLF001
    told: dict[bool, set[str]] = {True: set(), False: set()}
    for n in range(6):
        customer = {"first_name": "Ada", "email": f"ada{n}@shopper.example"}
        order_id = await an_order(shop, f"H-{n}", customer=customer)
        await late(shop, order_id, 25 * MINUTE)
        [incident] = await shop.rows("SELECT said FROM incidents WHERE order_id = $1", order_id)
        held_out = apology.held_out(everybody, UUID(int=order_id.int))
        assert (incident["said"] == "facts") is held_out
        told[held_out].add("sorry" if "we are sorry" in body(shop) else "plain")

    assert told[True] <= {"plain"}
    assert told[False] <= {"sorry"}
    assert await shop.rows(CREDITS) == []


async def test_an_end_that_is_ours_is_credited_and_theirs_is_not(shop: Day) -> None:
    ours, theirs = await an_order(shop), await an_order(shop, "W-2")
    for order_id, reason in (
        (ours, CancelReason.STORE_CLOSED),
        (theirs, CancelReason.SHOPPER_REQUEST),
    ):
        async with shop.db.transaction(S1) as tx:
            await orders.cancel(tx, S1, order_id, reason=reason)
    await shop.settle()

    [incident] = await shop.rows(INCIDENTS)
    assert (incident["order_id"], incident["what"]) == (ours, Incident.CANCELLED)
    assert [row["amount"] for row in await shop.rows(CREDITS)] == [Decimal(5)]


async def test_without_the_orders_value_only_what_is_known_is_owed(shop: Day) -> None:
    order_id = await an_order(shop, total=None)
    await late(shop, order_id, 90 * MINUTE)
    assert await shop.rows(CREDITS) == []
    assert "credit" not in body(shop)

    async with shop.db.transaction(S1) as tx:
        await orders.cancel(tx, S1, order_id, reason=CancelReason.NOT_FOUND)
    await relay.drain(shop.db)

    assert [row["amount"] for row in await shop.rows(CREDITS)] == [Decimal(5)]
