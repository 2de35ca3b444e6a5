"""The mail server is away for a while: nothing is lost, nothing false leaves, and staff see it."""

from contextlib import suppress
from datetime import timedelta

import pytest

from bopis import app as roof
from bopis.kernel import jobs, relay
from bopis.kernel.ids import OrderId, inward
from bopis.ops.today import advice, troubles
from bopis.orders import orders, our_word
from bopis.orders.watching import watchdog
from notifications import sender
from notifications.facts import DelayReason
from notifications.settings import NotificationSettings
from tests.journeys.day import MINUTE, S1, Day
from tests.notifications.test_smtp import Office, an_office

STATES = "SELECT kind, state, reason, attempts FROM messages ORDER BY created_at, id"


async def away() -> NotificationSettings:
    """Return the address of a server that was there a moment ago."""
    async with an_office() as office:
        return office.settings()


def by_mail(settings: NotificationSettings) -> None:
    roof.configure_sending(mail=settings)


async def ring(shop: Day) -> None:
    """Send as the metronome would, some seconds later by the machine's clock."""
    async with shop.db.transaction(S1) as tx:
        await tx.run("UPDATE messages SET claimed_until = NULL WHERE store_id = $1", S1)
    [job] = [job for job in roof.jobs() if job.name == "notifications.send"]
    await jobs.run_once(shop.db, job, "one")
    await relay.drain(shop.db)


async def pass_by(shop: Day, by: timedelta) -> None:
    end = shop.clock() + by
    while shop.clock() < end:
        shop.clock.advance(15 * MINUTE)
        await watchdog.sweep(shop.db)
        await relay.drain(shop.db)
        await ring(shop)


def subjects(office: Office) -> list[str]:
    return [" ".join(letter["Subject"].split()) for _, letter in office.taken]


@pytest.fixture
async def down(shop: Day, monkeypatch: pytest.MonkeyPatch) -> Day:
    monkeypatch.setattr(sender, "_means", sender.Means())
    by_mail(await away())
    return shop


async def accepted(shop: Day, reference: str) -> OrderId:
    placed = (await shop.order(reference)).json()
    await relay.drain(shop.db)
    return OrderId(inward(placed["order_id"])[1])


async def test_after_six_hours_away_only_what_is_true_then_leaves(down: Day) -> None:
    await accepted(down, "W-1")
    await ring(down)
    with suppress(sender.SenderDown):
        await sender.sweep(down.db)
    [first] = await down.rows(STATES)
    assert (first["state"], first["attempts"]) == ("queued", 0)  # no try of its own was spent

    await pass_by(down, timedelta(hours=6))
    await accepted(down, "W-2")
    async with down.db.transaction() as tx:
        [need] = [n for n in advice.needs(await troubles.listed(tx, None)) if "sent" in n.sentence]
    assert need.sentence.startswith("Nothing can be sent: ")
    assert need.tone == "stop"

    async with an_office() as office:
        by_mail(office.settings())
        await ring(down)
        await ring(down)

    said = sorted(subjects(office))
    assert len(said) == 2
    assert said[0].startswith("Not ready yet: your order will be ready by ")
    assert said[1] == "We do not know yet when your order will be ready"
    held_back = [row["kind"] for row in await down.rows(STATES) if row["state"] == "suppressed"]
    assert "order_received" in held_back
    async with down.db.transaction() as tx:
        assert not [
            n for n in advice.needs(await troubles.listed(tx, None)) if "sent" in n.sentence
        ]


async def test_an_apology_that_could_not_leave_is_said_with_the_news_of_now(down: Day) -> None:
    """The next news that it named have passed; the new time has not: it still has to be told."""
    async with an_office() as office:
        by_mail(office.settings())
        order_id = await accepted(down, "W-1")
        await ring(down)
    by_mail(await away())
    async with down.db.transaction(S1) as tx:
        order = await orders.get(tx, S1, order_id)
        await our_word.update_estimate(
            tx,
            S1,
            order_id,
            order.promised_at + timedelta(hours=6),
            reason=DelayReason.AWAITING_DELIVERY,
            p_late=1.0,
        )
    await relay.drain(down.db)
    await ring(down)
    down.clock.advance(timedelta(hours=4, minutes=10))
    async with down.db.transaction(S1) as tx:
        await our_word.say_news(tx, S1, order_id)
    await relay.drain(down.db)

    async with an_office() as later:
        by_mail(later.settings())
        await ring(down)
        await ring(down)

    kinds = [(row["kind"], row["state"]) for row in await down.rows(STATES)]
    assert kinds.count(("delay_apology", "suppressed")) == 1
    assert kinds.count(("delay_apology", "sent")) == 1
    [said] = subjects(later)  # and not that an hour which they never heard of still holds
    assert said.startswith("Your order is late: now by")
    incidents = await down.rows("SELECT said FROM incidents")
    assert len(incidents) == 1  # said anew, it is still one
