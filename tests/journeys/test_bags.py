"""Bags over HTTP: told, labelled, looked for, handed over to whom it may be, and taken apart."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from bopis.kernel import keys
from bopis.kernel.keys import KeyKind
from inventory.models import StagingPlace
from tests.journeys.day import JAM, OAT, PLACE, RYE, S1, Day, wanted

COLD = "P-COLD"


@pytest.fixture
async def ops(day: Day) -> dict[str, str]:
    async with day.db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.OPS, "desk")
    async with day.db.transaction(S1) as tx:
        await tx.add(StagingPlace(store_id=S1, code=COLD, label="Fridge"))
    return {"Authorization": f"Bearer {secret}"}


async def bag_so(day: Day, ops: dict[str, str], **how: Any) -> dict[str, Any]:
    path = f"/v1/ops/stores/{S1}/bagging"
    answer = await day.client.put(path, json={"labels": True, **how}, headers=ops)
    assert answer.status_code == 200, answer.text
    assert (await day.client.get(path, headers=ops)).json() == answer.json()
    return answer.json()  # type: ignore[no-any-return]


async def staged(day: Day, *skus: Any, bags: int = 1, **more: Any) -> tuple[str, str, list[str]]:
    """Pick and stage an order; return its id, its pickup code and the labels of its bags."""
    placed = await day.placed(**more)
    path, fence = await day.handheld.pick(placed["number"], *skus)
    told = await day.handheld.say(f"{path}/bags", fence=fence, count=bags)
    labels = [bag["code"] for bag in told["data"]["bags"]]
    await day.handheld.stage(path, fence)
    await day.settle()
    [row] = await day.rows("SELECT pickup_code FROM orders WHERE number = $1", placed["number"])
    return placed["order_id"], row["pickup_code"], labels


async def hand_over(day: Day, code: str, *labels: str, **more: Any) -> str:
    said = await day.handheld.say(f"counter/{code}/hand-over", bags=labels, **more)
    return str(said["receipt"]["outcome"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "169.254.169.254",
        "8.8.8.8",
        "::1",
        "0.0.0.0",  # noqa: S104 -- refused
        "printer.local",
        "::ffff:8.8.8.8",
    ],
)
async def test_a_printer_is_in_the_stores_own_network(
    day: Day, ops: dict[str, str], host: str
) -> None:
    path = f"/v1/ops/stores/{S1}/bagging"

    answer = await day.client.put(path, json={"printer_host": host}, headers=ops)
    port = await day.client.put(
        path, json={"printer_host": "10.1.2.3", "printer_port": 22}, headers=ops
    )

    assert (answer.status_code, port.status_code) == (422, 422)
    assert await day.rows("SELECT * FROM bagging") == []
    nobody = await day.client.put(path, json={}, headers=day.shop)
    assert nobody.status_code in {401, 403}


async def test_what_is_handed_over_is_looked_at_first(day: Day, ops: dict[str, str]) -> None:
    await bag_so(day, ops, printer_host="10.1.2.3", look_over="50.00")
    order_id, code, [first, second] = await staged(
        day, OAT, OAT, RYE, bags=2, total={"amount": "50.01", "currency": "USD"}
    )

    shown = (await day.handheld.get(f"counter/{code}"))["data"]
    assert shown["look"] == "it is worth more than 50"
    assert [bag["place"] for bag in shown["bags"]] == ["Shelf A 12", "Shelf A 12"]
    assert await hand_over(day, code, first, second) == "look_first"
    assert await hand_over(day, code, first, looked=True) == "bags_left"
    assert await day.rows("SELECT state FROM orders") == [{"state": "ready_for_pickup"}]
    assert await hand_over(day, code, first, second, looked=True, other=True) == "applied"
    assert await hand_over(day, code, first, second, looked=True) == "unknown_code"

    assert (await day.look(order_id))["state"] == "picked_up"
    [task] = await day.rows("SELECT collector, id_looked FROM pick_tasks")
    assert (task["collector"], task["id_looked"]) == ("other", True)


async def test_what_nobody_collects_is_put_back_in_part(day: Day, ops: dict[str, str]) -> None:
    await bag_so(day, ops)
    order_id, code, [label] = await staged(day, OAT, OAT, RYE)
    await day.cancel(order_id)
    lone = await day.handheld.get(f"counter/{label}")
    duties = {duty["sku"]: duty for duty in (await day.handheld.get("tasks"))["data"]["put_backs"]}

    async def back(sku: str, **said: Any) -> dict[str, Any]:
        return await day.handheld.say(f"put-backs/{duties[sku]['duty_id']}/done", **said)

    assert "Nobody will collect it. Press Put back." in lone["message"]["text"]
    assert {duty["from_place"] for duty in duties.values()} == {"Shelf A 12"}
    assert duties["oat"]["bags"] == [label]
    assert await day.stock(OAT) == (200, 0, 2)
    one = await back("oat", code="4006381333931", quantity=1)
    assert one["message"]["text"] == "Back on its shelf: 1 of Oat number 0."
    assert [duty["quantity"] for duty in one["data"]["put_backs"]] == [1, 1]
    none = await back("oat", quantity=0, rest="broken")
    assert none["message"]["text"] == "Noted: none of it goes back on its shelf."
    gone = await back("rye", quantity=0, rest="lost")

    assert gone["data"]["put_backs"] == []
    assert await day.stock(OAT) == (200, 0, 1)  # the broken one is there, and is not for sale
    assert await day.stock(RYE) == (199, 0, 0)
    assert await day.rows("SELECT state FROM bags") == [{"state": "emptied"}]
    asked = await day.rows("SELECT sku FROM count_requests WHERE done_at IS NULL")
    assert asked == [{"sku": "rye"}]
    assert (await back("oat", quantity=1))["receipt"]["outcome"] == "not_now"
    assert await day.stock(OAT) == (200, 0, 1)
    assert code


async def test_somebody_else_collects_with_a_code_that_can_be_taken_back(day: Day) -> None:
    placed = await day.placed(lines=wanted(jam=1))
    page = f"{urlsplit(placed['status_url']).path}/collector"

    async def read() -> str:
        return (await day.client.get(page, headers={"Accept": "text/html"})).text

    async def named(**sent: str) -> str:
        answer = await day.client.post(page, data=sent, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303
        [row] = await day.rows("SELECT other_code, pickup_code FROM orders")
        assert row["other_code"] != row["pickup_code"]
        return str(row["other_code"])

    assert "Who else may collect" in await read()
    elsewhere = await day.client.post(
        page, data={"first_name": "Eve"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.status_code == 403
    first = await named(first_name="<b>Sam</b>")
    shown = await read()
    assert "&lt;b&gt;Sam&lt;/b&gt;" in shown
    assert f"{first[:4]}-{first[4:]}" in shown
    second = await named(first_name="Sam")
    await named(withdraw="true")
    third = await named(first_name="Kim")
    await day.handheld.stage(*await day.handheld.pick(placed["number"], JAM))

    for gone in (first, second):
        assert (await day.handheld.get(f"counter/{gone}"))["data"] == {}
    at_counter = (await day.handheld.get(f"counter/{third}"))["data"]
    assert (at_counter["first_name"], at_counter["other"]) == ("Ada", "Kim")
    assert await hand_over(day, third) == "applied"
    assert await hand_over(day, third) == "unknown_code"
    assert await day.rows("SELECT collector FROM pick_tasks") == [{"collector": "other"}]
    assert "Take the code back" not in await read()


async def test_a_store_that_labels_nothing_goes_on_as_before(day: Day, ops: dict[str, str]) -> None:
    await bag_so(day, ops, labels=False)
    placed = await day.placed(lines=wanted(jam=1))
    path, fence = await day.handheld.pick(placed["number"], JAM)
    told = await day.handheld.get(path)
    await day.handheld.stage(path, fence)
    [row] = await day.rows("SELECT pickup_code FROM orders")

    assert told["data"]["labels"] is False
    assert (await day.handheld.get(f"counter/{row['pickup_code']}"))["data"]["bags"] == []
    assert await hand_over(day, row["pickup_code"]) == "applied"
    assert PLACE
