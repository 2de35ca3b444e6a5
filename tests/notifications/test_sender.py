"""Claim, send, settle: what leaves, what does not, and what is known after a crash."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId
from notifications import outbox, sender
from notifications.facts import Facts
from notifications.models import Message, MessageKind, MessageState
from notifications.smtp import Letter, Outcome, Verdict
from tests.notifications.letters import (
    APOLOGY,
    CANCELLED,
    CHOICE,
    COLLECTED,
    CONFIRMED,
    EXPIRED,
    MOVED,
    ON_TIME,
    READY,
    RECEIVED,
    REMINDER,
    SETTLED,
    SHORT,
    WITHDRAWN,
    pm,
)
from tests.notifications.world import (
    ORDER,
    STORE,
    PostOffice,
    a_message,
    a_person,
    a_store,
    history,
    link,
    true,
)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    made = PostOffice()
    monkeypatch.setattr(sender, "_means", sender.Means())
    sender.configure(post=made, still_true=true, link_for=link)
    return made


@pytest.fixture
async def shop(db: Database) -> Database:
    async with db.transaction(STORE) as tx:
        await a_store(tx)
        await a_person(tx)
    return db


async def wake(db: Database) -> None:
    """Let every back-off and every lease of the machine's clock be over."""
    async with db.transaction(STORE) as tx:
        await tx.run(
            "UPDATE messages SET claimed_until = claimed_until - interval '1 hour' "
            "WHERE store_id = $1",
            STORE,
        )


async def test_a_letter_leaves_with_name_link_and_words(shop: Database, office: PostOffice) -> None:
    async with shop.transaction(STORE) as tx:
        queued = await a_message(tx)
    sent = await sender.sweep(shop)

    assert sent == 1
    [letter] = office.letters
    assert (letter.id, letter.to, letter.from_name) == (queued, "ada@shopper.example", "Lakeview")
    assert letter.words.subject == "Not ready yet: your order will be ready by 5 PM today"
    assert "Hello Ada," in letter.words.text
    assert f"https://pickup.example/o/{STORE}.{ORDER.hex}" in letter.words.text
    [message] = await history(shop)
    assert (message.state, message.attempts, message.reason) == (MessageState.SENT, 1, None)
    assert message.settled_at == message.attempted_at == pm(0)
    async with shop.transaction(STORE) as tx:
        row = await tx.row("SELECT * FROM events WHERE name = 'message.settled'")
    assert row is not None
    assert (row["subject"], row["payload"]["state"]) == (ORDER, "sent")


async def test_nothing_leaves_twice(shop: Database, office: PostOffice) -> None:
    async with shop.transaction(STORE) as tx:
        await a_message(tx)
    await sender.sweep(shop)

    assert await sender.sweep(shop) == 0
    assert len(office.letters) == 1


async def test_a_crowd_does_not_wait_for_the_next_sweep(
    shop: Database, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At opening time, news may be due for every order of a busy evening at once."""
    monkeypatch.setattr(sender._means, "batch", 2)  # noqa: SLF001
    async with shop.transaction(STORE) as tx:
        for n in range(5):
            order_id = OrderId(UUID(int=1000 + n))
            await a_person(tx, order_id, f"shopper{n}@shopper.example")
            await a_message(tx, order_id=order_id)

    assert await sender.sweep(shop) == 5
    assert await sender.sweep(shop) == 0


async def test_nothing_leaves_before_its_time(
    shop: Database, office: PostOffice, clock: ManualClock
) -> None:
    async with shop.transaction(STORE) as tx:
        await a_message(tx, send_after=pm(1))
    early = await sender.sweep(shop)
    clock.advance_to(pm(1))

    assert (early, await sender.sweep(shop)) == (0, 1)


async def test_what_is_no_longer_true_is_held_back(
    shop: Database, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overtaken(tx: Tx, message: Message) -> str | None:
        return "It was collected meanwhile."

    sender.configure(post=office, still_true=overtaken, link_for=link)
    async with shop.transaction(STORE) as tx:
        await a_message(tx, REMINDER)
    await sender.sweep(shop)

    [message] = await history(shop)
    assert (message.state, message.attempts) == (MessageState.SUPPRESSED, 0)
    assert message.reason == "It was collected meanwhile."
    assert not office.letters


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE recipients SET forgotten_at = now(), email = NULL",
        "UPDATE recipients SET opted_out_at = now()",
        "UPDATE recipients SET email = NULL",
        "DELETE FROM recipients",
        "UPDATE message_claims SET evidence = '{}'",
        "DELETE FROM message_claims",
    ],
)
async def test_without_an_address_or_without_proof_nothing_leaves(
    shop: Database, office: PostOffice, change: str
) -> None:
    async with shop.transaction(STORE) as tx:
        await a_message(tx)
        await tx.run(change)
    await sender.sweep(shop)

    [message] = await history(shop)
    assert message.state is MessageState.SUPPRESSED
    assert message.reason
    assert not office.letters


async def test_a_message_we_cannot_word_holds_up_nobody_else(
    shop: Database, office: PostOffice
) -> None:
    async with shop.transaction(STORE) as tx:
        broken = await a_message(tx)
        await tx.run("UPDATE messages SET facts = '{}' WHERE id = $1", broken)
        await a_message(tx, READY)
    await sender.sweep(shop)

    assert [m.state for m in await history(shop)] == [MessageState.FAILED, MessageState.SENT]


@pytest.mark.parametrize(
    ("facts", "verdict", "state"),
    [
        (RECEIVED, Verdict.ACCEPTED, MessageState.SENT),
        (RECEIVED, Verdict.REFUSED, MessageState.FAILED),
        (RECEIVED, Verdict.LATER, MessageState.QUEUED),
        (RECEIVED, Verdict.UNKNOWN, MessageState.UNKNOWN),
        (APOLOGY, Verdict.UNKNOWN, MessageState.QUEUED),
        (READY, Verdict.UNKNOWN, MessageState.QUEUED),
        (WITHDRAWN, Verdict.UNKNOWN, MessageState.QUEUED),
        (CANCELLED, Verdict.UNKNOWN, MessageState.QUEUED),
        (ON_TIME, Verdict.UNKNOWN, MessageState.UNKNOWN),
        (SHORT, Verdict.UNKNOWN, MessageState.UNKNOWN),
        (REMINDER, Verdict.UNKNOWN, MessageState.UNKNOWN),
        (EXPIRED, Verdict.UNKNOWN, MessageState.UNKNOWN),
        (COLLECTED, Verdict.UNKNOWN, MessageState.UNKNOWN),
    ],
    ids=lambda value: getattr(value, "kind", str(value)),
)
async def test_each_outcome_has_its_end(
    shop: Database, office: PostOffice, facts: Facts, verdict: Verdict, state: MessageState
) -> None:
    office.says = [verdict]
    async with shop.transaction(STORE) as tx:
        await a_message(tx, facts)
    await sender.sweep(shop)

    [message] = await history(shop)
    assert (message.state, message.attempts) == (state, 1)
    assert (message.settled_at is None) == (state is MessageState.QUEUED)


async def test_a_second_try_waits_and_has_the_same_id(shop: Database, office: PostOffice) -> None:
    office.says = [Verdict.LATER]
    async with shop.transaction(STORE) as tx:
        await a_message(tx)
    await sender.sweep(shop)
    at_once = await sender.sweep(shop)
    await wake(shop)
    later = await sender.sweep(shop)

    assert (at_once, later) == (0, 1)
    first, second = office.letters
    assert first.id == second.id
    [message] = await history(shop)
    assert (message.state, message.attempts, message.reason) == (MessageState.SENT, 2, None)


async def test_a_message_is_given_up_when_it_is_no_longer_news(
    shop: Database, office: PostOffice
) -> None:
    async with shop.transaction(STORE) as tx:
        await a_message(tx)
    for tries in range(1, 30):  # noqa: B007 - counted
        office.says = [Verdict.LATER]
        await sender.sweep(shop)
        await wake(shop)
        [message] = await history(shop)
        if message.state is not MessageState.QUEUED:
            break

    assert message.state is MessageState.FAILED
    assert outbox.waited(tries) >= timedelta(minutes=30) > outbox.waited(tries - 1)


@pytest.mark.parametrize("kind", MessageKind)
async def test_a_crash_in_the_middle_is_decided_per_kind(
    shop: Database, office: PostOffice, kind: MessageKind
) -> None:
    facts = {
        one.kind: one
        for one in (
            RECEIVED, APOLOGY, ON_TIME, SHORT, READY, WITHDRAWN, REMINDER, EXPIRED, CANCELLED,
            COLLECTED, CHOICE, SETTLED, CONFIRMED, MOVED,
        )
    }  # fmt: skip

    async def dies(letters: Sequence[Letter]) -> list[Outcome]:
        raise KeyboardInterrupt

    sender.configure(post=dies, still_true=true, link_for=link)
    async with shop.transaction(STORE) as tx:
        await a_message(tx, facts[kind])
    with pytest.raises(KeyboardInterrupt):
        await sender.sweep(shop)
    [left] = await history(shop)
    sender.configure(post=office, still_true=true, link_for=link)
    within_the_lease = await sender.sweep(shop)
    await wake(shop)
    await sender.sweep(shop)

    assert (left.state, within_the_lease) == (MessageState.SENDING, 0)
    [message] = await history(shop)
    if kind in outbox.AT_LEAST_ONCE:
        assert (message.state, len(office.letters)) == (MessageState.SENT, 1)
    else:
        assert (message.state, len(office.letters)) == (MessageState.UNKNOWN, 0)
        assert message.settled_at is not None


async def test_an_outcome_that_comes_after_the_lease_changes_nothing(
    shop: Database, office: PostOffice
) -> None:
    async with shop.transaction(STORE) as tx:
        await a_message(tx, READY)

    async def slow(letters: Sequence[Letter]) -> list[Outcome]:
        await wake(shop)
        sender.configure(post=office, still_true=true, link_for=link)
        await sender.sweep(shop)  # another worker takes it up
        return [Outcome(Verdict.REFUSED, "too late") for _ in letters]

    sender.configure(post=slow, still_true=true, link_for=link)
    await sender.sweep(shop)

    [message] = await history(shop)
    assert (message.state, message.attempts) == (MessageState.SENT, 2)


async def test_older_news_never_follows_newer(shop: Database, office: PostOffice) -> None:
    office.says = [Verdict.LATER, Verdict.ACCEPTED]
    async with shop.transaction(STORE) as tx:
        await a_message(tx)
        await a_message(tx, APOLOGY)
    await sender.sweep(shop)
    await wake(shop)
    again = await sender.sweep(shop)

    assert again == 0
    first, second = await history(shop)
    assert (first.state, first.reason) == (
        MessageState.SUPPRESSED,
        "Newer news was sent first.",
    )
    assert second.state is MessageState.SENT


async def test_two_orders_do_not_wait_for_each_other(shop: Database, office: PostOffice) -> None:
    other = OrderId(UUID(int=8))
    office.says = [Verdict.LATER, Verdict.ACCEPTED]
    async with shop.transaction(STORE) as tx:
        await a_person(tx, other, "bob@shopper.example")
        await a_message(tx)
        await a_message(tx, order_id=other)
    await sender.sweep(shop)

    assert [m.state for m in await history(shop)] == [MessageState.QUEUED]
    assert [m.state for m in await history(shop, other)] == [MessageState.SENT]


async def test_a_broken_promise_is_worded_as_one(
    shop: Database, office: PostOffice, clock: ManualClock
) -> None:
    async with shop.transaction(STORE) as tx:
        await a_message(tx, replace(APOLOGY, promised_at=pm(7)))
    clock.advance_to(datetime.fromisoformat("2026-03-07T00:10:00Z"))
    await sender.sweep(shop)

    [letter] = office.letters
    assert letter.words.subject == "Your order is late: now by 7 PM today"


async def test_without_means_nothing_is_claimed(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_means", sender.Means())
    async with shop.transaction(STORE) as tx:
        await a_message(tx)
    with pytest.raises(sender.NotConfigured):
        await sender.sweep(shop)

    [message] = await history(shop)
    assert message.state is MessageState.QUEUED
