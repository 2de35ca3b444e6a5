"""What may be put in line, what comes out of it again unsent, and what somebody has heard."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import OrderId
from notifications import messages
from notifications.messages import OWED, ClaimIn, ClaimUnproven
from notifications.models import ClaimKind, MessageKind, MessageState
from tests.notifications.letters import APOLOGY, READY, RECEIVED, pm
from tests.notifications.world import ORDER, STORE, Recorded, a_message, history


async def test_a_message_keeps_its_facts_and_no_name(db: Database) -> None:
    async with db.transaction(STORE) as tx:
        queued = await a_message(tx)

    [message] = await history(db)
    assert (message.id, message.state) == (queued, MessageState.QUEUED)
    assert message.facts["promised_at"] == "2026-03-06T23:00:00Z"
    assert "Ada" not in str(message.facts)
    assert "http" not in str(message.facts)


async def test_the_same_thing_is_said_once(db: Database) -> None:
    async with db.transaction(STORE) as tx:
        await a_message(tx)
    async with db.transaction(STORE) as tx:
        fact = await tx.emit(Recorded(store_id=STORE, order_id=ORDER))
        again = await messages.queue(
            tx,
            STORE,
            ORDER,
            RECEIVED,
            order_version=2,
            claims=[ClaimIn(ClaimKind.READY_BY, "", [fact])],
            dedupe="1",
        )

    assert again is None
    assert len(await history(db)) == 1


@pytest.mark.parametrize("evidence", ["none", "invented", "of another order"])
async def test_a_claim_without_proof_cannot_be_queued(db: Database, evidence: str) -> None:
    async with db.transaction(STORE) as tx:
        other = await tx.emit(Recorded(store_id=STORE, order_id=OrderId(uuid4())))
        ids = {"none": [], "invented": [uuid4()], "of another order": [other]}[evidence]
        with pytest.raises(ClaimUnproven):
            await messages.queue(
                tx,
                STORE,
                ORDER,
                READY,
                order_version=1,
                claims=[ClaimIn(ClaimKind.READY, "", ids)],
                dedupe="1",
            )

    assert not await history(db)


async def test_ready_cannot_be_said_without_claiming_it(db: Database) -> None:
    async with db.transaction(STORE) as tx:
        fact = await tx.emit(Recorded(store_id=STORE, order_id=ORDER))
        with pytest.raises(ClaimUnproven):
            await messages.queue(
                tx,
                STORE,
                ORDER,
                READY,
                order_version=1,
                claims=[ClaimIn(ClaimKind.HELD_UNTIL, "", [fact])],
                dedupe="1",
            )

    assert not await history(db)


def test_every_kind_owes_a_claim() -> None:
    assert set(OWED) == set(MessageKind)


async def test_what_turned_false_is_withdrawn_and_the_rest_is_not(db: Database) -> None:
    async with db.transaction(STORE) as tx:
        received = await a_message(tx)
        await a_message(tx, READY)
    async with db.transaction(STORE) as tx:
        held = await messages.withdraw(
            tx, STORE, ORDER, kinds={MessageKind.ORDER_READY}, reason="It is not ready after all."
        )
        again = await messages.withdraw(
            tx, STORE, ORDER, kinds={MessageKind.ORDER_READY}, reason="It is not ready after all."
        )

    assert (held, again) == (1, 0)
    first, second = await history(db)
    assert (first.id, first.state) == (received, MessageState.QUEUED)
    assert (second.state, second.reason) == (
        MessageState.SUPPRESSED,
        "It is not ready after all.",
    )
    async with db.transaction(STORE) as tx:
        assert await tx.value("SELECT count(*) FROM events WHERE name = 'message.settled'") == 1


async def test_told_is_what_was_sent_last(db: Database, clock: ManualClock) -> None:
    async with db.transaction(STORE) as tx:
        received = await a_message(tx)
        nothing = await messages.told(tx, STORE, ORDER)
        await tx.run("UPDATE messages SET state = 'sent' WHERE id = $1", received)
        first = await messages.told(tx, STORE, ORDER)
    clock.advance(timedelta(hours=1))
    async with db.transaction(STORE) as tx:
        apology = await a_message(tx, APOLOGY)
        unsent = await messages.told(tx, STORE, ORDER)
        await tx.run("UPDATE messages SET state = 'sent' WHERE id = $1", apology)
        second = await messages.told(tx, STORE, ORDER)
    clock.advance(timedelta(hours=1))
    async with db.transaction(STORE) as tx:
        shrug = await a_message(tx, replace(APOLOGY, promised_at=None), dedupe="2")
        await tx.run("UPDATE messages SET state = 'sent' WHERE id = $1", shrug)
        third = await messages.told(tx, STORE, ORDER)

    assert (nothing, first, unsent, second, third) == (None, pm(5), pm(5), pm(5, 45), None)


async def test_the_newest_fact_of_each_name_is_evidence(db: Database) -> None:
    async with db.transaction(STORE) as tx:
        await tx.emit(Recorded(store_id=STORE, order_id=ORDER))
        newest = await tx.emit(Recorded(store_id=STORE, order_id=ORDER))

        assert await messages.evidence(tx, STORE, ORDER, "test.recorded", "x.y") == [newest]
