"""A page that has not changed is not written anew, and one that has is never shown as it was."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.shopper import shown
from bopis.shopper.shown import Shown
from tests.bopis.shopper.world import STORE, path

HTML = {"accept": "text/html"}


def test_a_page_is_remembered_with_what_it_was_made_from() -> None:
    pages = Shown()

    pages.keep("a link", ("as it was",), "the page")

    assert pages.same("a link", ("as it was",)) == "the page"
    assert pages.same("a link", ("as it is",)) is None
    assert pages.same("another link", ("as it was",)) is None


def test_the_pages_longest_unseen_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "ROOM", 2)
    pages = Shown()

    for link in ("a", "b"):
        pages.keep(link, 1, link)
    pages.same("a", 1)
    pages.keep("c", 1, "c")

    assert [pages.same(link, 1) for link in "abc"] == ["a", None, "c"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders SET number = 'changed' WHERE store_id = $1",
        "UPDATE stores SET name = 'changed' WHERE store_id = $1",
        "UPDATE stores SET pickup_instructions = 'changed' WHERE store_id = $1",
        "UPDATE recipients SET first_name = 'changed' WHERE store_id = $1",
        "UPDATE order_lines SET name = 'changed' WHERE store_id = $1",
        "UPDATE store_hours SET closes = '13:59' WHERE store_id = $1",
        (
            "INSERT INTO store_hours_exceptions SELECT $1, day::date::text, '00:00', '13:59' FROM"
            " generate_series(date '2026-01-01', date '2026-12-31', interval '1 day') AS d (day)"
        ),
        "UPDATE messages SET state = 'failed' WHERE store_id = $1",
        "UPDATE promises SET confidence = 0.5 WHERE store_id = $1",
        "UPDATE events SET payload = payload || '{\"quantity\": 7}' WHERE store_id = $1",
    ],
)
async def test_whatever_changes_is_seen_at_once(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, change: str
) -> None:
    await client.get(path(), headers=HTML)
    memory: Shown = front.state.shopper_shown
    (link,) = memory._pages  # noqa: SLF001 - what it was made from, to see that it is made anew
    before = memory._pages[link][0]  # noqa: SLF001
    async with ordered.transaction(STORE) as tx:
        assert await tx.run(change, STORE) > 0

    await client.get(path(), headers=HTML)

    assert memory._pages[link][0] != before  # noqa: SLF001


async def test_nothing_new_gives_the_very_same_page_until_the_minute_is_over(
    front: FastAPI, client: httpx.AsyncClient, ordered: Database, clock: ManualClock
) -> None:
    first = (await client.get(path(), headers=HTML)).text
    memory: Shown = front.state.shopper_shown
    (link,) = memory._pages  # noqa: SLF001
    made_from, page = memory._pages[link]  # noqa: SLF001
    memory._pages[link] = made_from, page + "<!-- remembered -->"  # noqa: SLF001

    again = (await client.get(path(), headers=HTML)).text
    clock.advance(timedelta(minutes=1))
    later = (await client.get(path(), headers=HTML)).text

    assert again == first + "<!-- remembered -->"
    assert "remembered" not in later
