"""Nobody's name, address or token reaches a log, a metric or a fact, whatever goes wrong."""

from collections.abc import Sequence

import pytest
from fastapi import FastAPI

from bopis import app as roof
from bopis.kernel.database import Database, Tx
from bopis.kernel.events import Routes, later
from bopis.orders.events import OrderAccepted
from bopis.settings import Settings
from notifications import recipients
from notifications.smtp import Letter, Outcome, Verdict
from tests.journeys.day import MINUTE, OAT, RYE, Day
from tests.loglines import captured

CANARY = "zyxcanary"
CUSTOMER = {
    "first_name": f"{CANARY}first",
    "last_name": f"{CANARY}last",
    "email": f"{CANARY}@shopper.example",
    "phone": f"+1 555 {CANARY}",
}


async def leaky(tx: Tx, event: OrderAccepted) -> None:
    """Fail as a handler of ours might: with a person in its words."""
    person = await recipients.get(tx, event.store_id, event.order_id)
    raise ValueError(f"cannot write to {person}")


async def leaky_endpoint(token: str) -> None:
    raise RuntimeError(f"no order has the link {token}")


@pytest.fixture
def app(settings: Settings, db: Database) -> FastAPI:
    made = roof.create_app(settings, db)  # not the one that tests share: it gets another route
    made.add_api_route("/bug/{token}", leaky_endpoint)
    return made


async def test_no_person_and_no_token_leaves_the_rows_that_are_theirs(
    day: Day, app: FastAPI
) -> None:
    subscriptions = [one for module in roof.MODULES for one in module.subscriptions]
    day.db.routes = Routes.of([*subscriptions, later(OrderAccepted, leaky)])
    with captured() as log:
        placed = await day.placed(customer=CUSTOMER)
        token = placed["status_url"].rpartition("/")[2]
        await day.order("W-1", customer=CUSTOMER | {"first_name": f"{CANARY}other"})
        await day.order("W-2", customer=CUSTOMER | {"email": f"{CANARY} at nowhere"})
        await day.order("W-3", customer=CUSTOMER, gift_note=f"for {CANARY}")
        await day.client.post(
            "/v1/orders", content=f'{{"{CANARY}', headers={**day.shop, "X-Name": CANARY}
        )
        await day.client.get(f"/o/{token}", params={"to": CANARY})
        await day.client.get(f"/o/{token[:-4]}{CANARY}")
        await day.client.get(f"/bug/{token}", headers={"Authorization": f"Bearer {CANARY}"})
        await day.client.get(f"/v1/orders/{placed['order_id']}", headers=day.shop)
        await _refused_mail(day)
        path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
        taken_along = str(await day.handheld.get("package"))
        await day.handheld.stage(path, fence)
        await day.wait(2 * MINUTE)
        code = (await day.look(placed["order_id"]))["pickup_code"]
        taken_along += str(await day.handheld.get("package"))
        await day.handheld.get(f"counter/{code}")
        await day.handheld.say(f"counter/{code}/hand-over")
        await day.settle()
        metrics = (await day.client.get("/metrics")).text

    written = log.getvalue()
    secret = day.shop["Authorization"].split()[1]
    assert placed["number"] in taken_along
    for text in (written, metrics, taken_along):
        assert CANARY not in text
        assert token not in text
        assert secret not in text
        assert code not in text
    lines = log.read_all()
    assert {"request", "request_failed", "delivery_failed", "message_not_taken"} <= {
        line["event"] for line in lines
    }
    assert not [line for line in lines if "dropped" in line]
    about = {(line["event"], line.get("order_id")) for line in lines}
    assert {("delivery_failed", placed["order_id"]), ("request", placed["order_id"])} <= about
    kept = await day.rows(
        "SELECT payload::text AS said FROM events UNION ALL SELECT facts::text FROM messages"
    )
    assert kept
    assert not [row for row in kept if CANARY in row["said"]]


async def _refused_mail(day: Day) -> None:
    """Let the mail server say the address back, and then not answer at all."""

    async def says_it_back(letters: Sequence[Letter]) -> list[Outcome]:
        return [Outcome(Verdict.LATER, f"451 {letter.to} is over quota") for letter in letters]

    async def is_away(letters: Sequence[Letter]) -> list[Outcome]:
        raise ConnectionError(letters[0].to)

    roof.configure_sending(post=says_it_back)
    await day.placed("W-9", customer=CUSTOMER)
    roof.configure_sending(post=is_away)
    with pytest.raises(ConnectionError):
        await day.placed("W-10", customer=CUSTOMER)
    roof.configure_sending(post=day.post)
