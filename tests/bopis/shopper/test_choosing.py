"""What a shopper may choose with a link, one tap each, and what they read when it is too late."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bopis.kernel.ids import Sku
from bopis.kernel.keys import KeyKind
from tests.conftest import Key
from tests.journeys.day import MINUTE, OAT, S1, S2, Day, a_handheld, stores, wanted

HTML = {"accept": "text/html"}
SAME = {**HTML, "sec-fetch-site": "same-origin"}


@pytest.fixture
async def asked(db: Any, client: Any, clock: Any, key: Key) -> tuple[Day, str]:
    """An order whose rye is not there, and the path of its page."""
    from bopis import app as roof  # noqa: PLC0415

    await stores(db, S1, S2)
    day = Day(db, clock, client, await key(KeyKind.CHANNEL, "shop"), None)  # type: ignore[arg-type]
    roof.configure_sending(post=day.post)
    day.handheld = await a_handheld(db, client, clock)
    placed = await day.placed(lines=wanted(oat=1, rye=1))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(4 * MINUTE)
    url = placed["status_url"]
    return day, url[url.index("/o/") :]


async def choose(client: httpx.AsyncClient, here: str, choice: str, **more: Any) -> httpx.Response:
    body = {"number": 1, "choice": choice}
    return await client.post(f"{here}/choose", data=body, headers={**SAME, **more})


async def outcome(day: Day) -> tuple[str, str | None]:
    [row] = await day.rows("SELECT state, answer FROM choice_cases")
    return row["state"], row["answer"]


async def test_one_tap_chooses_and_the_page_says_what_came_of_it(
    asked: tuple[Day, str], client: httpx.AsyncClient
) -> None:
    day, here = asked
    page = (await client.get(here, headers=HTML)).text

    assert "We do not have Rye number 1." in page
    assert re.findall(r'name="choice" value="(\w+)"', page) == [
        "wait",
        "partial_now",
        "other_store",
        "cancel_order",
    ]
    answer = await choose(client, here, "partial_now")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}#choice")
    page = (await client.get(here, headers=HTML)).text
    assert "You chose the rest without Rye number 1." in page
    assert 'name="choice"' not in page
    assert (await choose(client, here, "partial_now")).status_code == 303

    other = await choose(client, here, "cancel_order")

    assert other.status_code == 409
    assert "This is settled already" in other.text
    assert await outcome(day) == ("answered", "partial_now")


async def test_too_late_is_said_and_what_was_said_before_has_happened(
    asked: tuple[Day, str], client: httpx.AsyncClient
) -> None:
    day, here = asked
    day.clock.advance(timedelta(hours=2))  # and no sweep has come by

    late = await choose(client, here, "cancel_order")

    assert late.status_code == 409
    assert "Your answer came too late" in late.text
    assert "So we took it off, as we had said." in late.text
    assert await outcome(day) == ("defaulted", None)
    assert (await day.stock(Sku("oat")))[1] == 1


async def test_looking_and_other_sites_choose_nothing(
    asked: tuple[Day, str], client: httpx.AsyncClient
) -> None:
    day, here = asked

    foreign = await choose(client, here, "cancel_order", **{"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert (await client.get(f"{here}/choose", headers=HTML)).status_code == 405
    assert (await choose(client, here, "everything")).status_code == 422
    assert (await choose(client, "/o/S1.forged", "cancel_order")).status_code == 404

    assert await outcome(day) == ("offered", None)
