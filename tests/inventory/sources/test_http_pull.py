"""A file behind an address is fetched once, whole, over a way that is what it says."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database
from inventory.feeds import intake
from inventory.sources import http_pull, turns
from inventory.sources.connecting import FetchFailed, Secrets
from inventory.sources.declaration import Declaration
from inventory.sources.declarations import SourceUnknown
from tests.conftest import NOON
from tests.inventory.shelves import OATS, numbers
from tests.inventory.sources.places import (
    FILE,
    Answer,
    Web,
    arrived,
    declare,
    fetched,
    web,
)

pytestmark = pytest.mark.usefixtures("store_of_oats")

HTTP_NOON = "Fri, 06 Mar 2026 17:00:00 GMT"


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


def pull(site: Web, **more: Any) -> dict[str, Any]:
    return {"http": {"url": f"{site.url}/stock.csv"} | more, "as_of": "modified"}


async def test_an_address_is_read_when_it_has_changed_and_only_then(
    db: Database, site: Web
) -> None:
    headers = {"ETag": '"1"', "Last-Modified": HTTP_NOON, "Content-Encoding": "gzip"}
    site.answers["/stock.csv"] = Answer(gzip.compress(FILE.encode()), headers=headers)
    await declare(db, pull(site))
    first, again = [await fetched(db) for _ in range(2)]
    second = Answer(FILE.replace("7", "8").encode(), headers={"Last-Modified": HTTP_NOON})
    second.headers["Last-Modified"] = "Fri, 06 Mar 2026 17:30:00 GMT"
    site.answers["/stock.csv"] = second
    third, fourth = [await fetched(db) for _ in range(2)]

    assert [(one.problem, len(one.taken), one.known) for one in (first, again, third, fourth)] == [
        (None, 1, 0),
        (None, 0, 1),
        (None, 1, 0),
        (None, 0, 1),
    ]
    assert site.asked[1][1]["if-none-match"] == '"1"'
    assert site.asked[3][1]["if-modified-since"] == second.headers["Last-Modified"]
    assert first.taken[0][1].as_of == datetime(2026, 3, 6, 17, tzinfo=UTC)
    assert await numbers(db, OATS) == (8, 0, 0)


INSTEAD = [
    (Answer(status=404), "404: nothing lies at this address"),
    (Answer(status=500), "answers 500"),
    (Answer(status=599), "answers 599"),
    (Answer(status=401), "does not know our secret"),
    (Answer(status=206), "answers 206"),
    (Answer(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}), "web page"),
    (Answer(b"store_id,sku", length=900), "broke off"),
    (Answer(headers={"Content-Encoding": "gzip"}), "cannot be read"),
    (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "file:, where we do not go"),
    (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), "redirects_to"),
    (Answer(status=302, headers={"Location": "/stock.csv"}), "more than 5 times"),
]


async def test_what_an_address_answers_instead_of_a_file_is_told_and_tried_again(
    db: Database, site: Web
) -> None:
    await declare(db, pull(site))
    for number, (answer, says) in enumerate(INSTEAD, 1):
        site.answers["/stock.csv"] = answer
        before = machine_clock()
        failed = await fetched(db)
        async with db.transaction() as tx:
            turn = await turns.find(tx, "erp")

        assert says in str(failed.problem)
        assert turn is not None
        assert (turn.failures, turn.problem, turn.holder) == (number, failed.problem, None)
        waits = min(2 ** (number - 1), 60)
        assert round((turn.due_at - before) / timedelta(minutes=1)) == waits
    assert await arrived(db) == []

    site.answers["/stock.csv"] = Answer(headers={"Last-Modified": HTTP_NOON})
    assert len((await fetched(db)).taken) == 1
    async with db.transaction() as tx:
        turn = await turns.find(tx, "erp")
    assert turn is not None
    assert (turn.failures, turn.problem) == (0, None)


async def test_a_secret_goes_to_whom_it_is_for_and_into_no_words(
    db: Database, site: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web() as other:
        moved = {"Location": f"{other.url}/stock.csv"}
        site.answers["/stock.csv"] = Answer(status=307, headers=moved)
        other.answers["/stock.csv"] = Answer(headers={"Last-Modified": HTTP_NOON})
        await declare(db, pull(site, bearer_env="ERP_TOKEN"))
        unset = await fetched(db)
        monkeypatch.setenv("ERP_TOKEN", "hush-hush")
        taken = await fetched(db)

        assert "ERP_TOKEN" in str(unset.problem)
        assert len(taken.taken) == 1
        assert [said.get("authorization") for _, said in site.asked] == ["Bearer hush-hush"]
        assert [said.get("authorization") for _, said in other.asked] == [None]
    secrets = Secrets()
    secrets.of("ERP_TOKEN")
    assert secrets.hidden("no hush-hush here") == "no … here"


async def test_a_file_without_end_is_refused_and_not_asked_for_again(
    db: Database, site: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LIMIT", 1000)
    body = FILE.encode() + b"S1,oats,1\n" * 1000
    site.answers["/stock.csv"] = Answer(body, headers={"ETag": '"big"'})
    await declare(db, pull(site))
    first, again = [await fetched(db) for _ in range(2)]

    assert "At most 1000 bytes" in first.refused[0][1]
    assert (again.refused, again.known) == ([], 1)
    assert await arrived(db) == []


async def test_an_answer_that_does_not_say_as_of_when_it_is_is_refused(
    db: Database, site: Web
) -> None:
    site.answers["/stock.csv"] = Answer()
    await declare(db, pull(site))
    unsaid = await fetched(db)
    await declare(db, pull(site) | {"as_of": "fetched"})
    now = await fetched(db)

    assert "does not say as of when" in unsaid.refused[0][1]
    assert [batch.as_of for _, batch in now.taken] == [NOON]


async def test_nobody_answers(db: Database, site: Web) -> None:
    await declare(db, {"http": {"url": "http://127.0.0.1:9/x.csv"}, "as_of": "fetched"})
    assert "cannot be reached" in str((await fetched(db)).problem)
    with pytest.raises(SourceUnknown):
        await fetched(db, "till")


async def test_https_is_never_left_for_http() -> None:
    way = Declaration.model_validate(
        {"fetch": {"http": {"url": "https://erp.example/a.csv"}, "as_of": "fetched"}}
    ).fetch
    assert way is not None
    assert way.http is not None
    async with http_pull.HttpPull.connected(way.http, Secrets()) as connector:
        with pytest.raises(FetchFailed, match="http:, where we do not go"):
            connector._sent_on("https://erp.example/a.csv", "http://erp.example/a.csv")  # noqa: SLF001
