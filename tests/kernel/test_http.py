"""Whatever goes wrong, a caller gets a problem with a stable type, and nothing has happened."""

import asyncio
import json as json_of
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bopis.kernel import pages
from bopis.kernel.database import Database
from bopis.kernel.errors import Problem
from bopis.kernel.http import (
    BODY_LIMIT,
    HEADER_LIMIT,
    ChannelKey,
    Envelope,
    FeedKey,
    KeyMissing,
    KeyOfAnotherKind,
    answer_problems,
    problems,
    render,
)
from bopis.kernel.keys import KeyKind, Keyring
from tests.conftest import Key

SECRET = "a secret that must not be told"


def long_enough(name: str) -> str:
    if len(name) < 3:
        raise ValueError(f"{name} is too short")
    return name


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=8, pattern="^[A-Za-z]*$"), AfterValidator(long_enough)]
    count: Annotated[int, Field(ge=0, le=999)] = 0
    things: Annotated[list[int] | None, Field(min_length=1, max_length=2)] = None


@pytest.fixture
def app(db: Database) -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    app.state.db = db
    app.state.keyring = Keyring(db)
    app.add_middleware(Envelope, streamed="^/streamed", page=pages.problem_page)
    answer_problems(app, lambda request, problem: render(problem))

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError(SECRET)

    @app.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @app.post("/streamed")
    async def streamed(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/typed", responses=problems(KeyMissing))
    async def typed(count: int, key: ChannelKey) -> int:
        return count

    @app.post("/json")
    async def json(body: Body) -> str:
        return body.name

    @app.get("/feeds-only")
    async def feeds_only(key: FeedKey) -> str:
        return key.name

    return app


async def problem_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["detail"].endswith(".")
    return answer.status_code, body["type"].removeprefix("urn:bopis:problem:")


async def test_a_bug_says_an_id_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/bug")

    assert await problem_of(answer) == (500, "bug")
    assert SECRET not in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_a_person_is_told_of_a_bug_on_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/bug", headers={"accept": "text/html"})

    assert answer.status_code == 500
    assert "<h1>This went wrong on our side</h1>" in answer.text
    assert SECRET not in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_a_body_over_the_limit_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    too_much = b"x" * (BODY_LIMIT + 1)

    assert await problem_of(await client.post("/body", content=too_much)) == (413, "body-too-large")
    assert (await client.post("/body", content=too_much[1:])).json() == BODY_LIMIT
    assert (await client.post("/streamed", content=too_much)).json() == BODY_LIMIT + 1


async def test_nothing_at_an_address(client: httpx.AsyncClient) -> None:
    assert await problem_of(await client.get("/nowhere")) == (404, "page-unknown")


async def test_a_method_that_is_not_taken(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/body")

    assert await problem_of(answer) == (405, "method-not-taken")
    assert answer.headers["allow"] == "POST"
    assert "POST" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": "Jos\xe9"}', b"[" * 5000, b'{"count": ' + b"9" * 5000 + b"}"]
)
async def test_what_cannot_be_read_as_json(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/json", content=body, headers={"Content-Type": "application/json"})

    assert await problem_of(answer) == (400, "json-unreadable")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_json_under_another_name(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await client.post("/json", content=b'{"name": "Ada"}', headers=headers)

    assert await problem_of(answer) == (400, "json-unreadable")
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "body.name: is missing. Nothing was done."),
        ({"name": "Ada", "at": "2030-01-01"}, "body.at: is no field of this. Nothing was done."),
        ({"name": "Bo"}, "body.name: Bo is too short. Nothing was done."),
        ({"name": "Ada\0"}, "body.name: has to match ^[A-Za-z]*$. Nothing was done."),
        ({"name": "Adalberta"}, "body.name: takes at most 8 characters. Nothing was done."),
        ({"name": 7}, "body.name: has to be text. Nothing was done."),
        ({"name": "Ada", "count": 10**9}, "body.count: has to be at most 999. Nothing was done."),
        ({"name": "Ada", "count": -1}, "body.count: has to be at least 0. Nothing was done."),
        ({"name": "Ada", "count": 1.5}, "body.count: has to be a whole number. Nothing was done."),
        ({"name": "Ada", "things": []}, "body.things: needs at least 1. Nothing was done."),
        (
            {"name": "Ada", "things": [1, 2, 3]},
            "body.things: takes at most 2, not 3. Nothing was done.",
        ),
        ([], "body: has to be a JSON object. Nothing was done."),
        ("Ada", "body: has to be a JSON object. Nothing was done."),
    ],
)
async def test_a_mistake_is_said_in_words(
    client: httpx.AsyncClient, body: object, reason: str
) -> None:
    answer = await client.post("/json", json=body)

    assert await problem_of(answer) == (422, "request-invalid")
    assert answer.json()["detail"] == reason


@pytest.mark.parametrize(
    ("path", "method", "where"),
    [
        ("/feeds-only/?a=1", "GET", "/feeds-only?a=1"),
        ("//evil.example/", "GET", "/evil.example"),
        ("/body/", "POST", None),
    ],
)
async def test_a_slash_too_many_leads_back_to_us_and_repeats_nothing(
    client: httpx.AsyncClient, path: str, method: str, where: str | None
) -> None:
    answer = await client.request(method, f"http://bopis.test{path}", headers={"Host": "evil"})

    assert answer.headers.get("location") == where
    assert answer.status_code == (404 if where is None else 308)


async def test_headers_over_the_limit_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/feeds-only", headers={"X-Much": "a" * HEADER_LIMIT})

    assert await problem_of(answer) == (431, "headers-too-large")


async def test_a_body_that_does_not_arrive_is_not_waited_for(app: FastAPI) -> None:
    waiting = Envelope(app, patience=0.01)
    answered: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/body",
        "raw_path": b"/body",
        "query_string": b"",
        "headers": [(b"content-length", b"10")],
    }
    await waiting(scope, receive, send)

    assert answered[0]["status"] == 408
    assert json_of.loads(answered[1]["body"])["type"] == "urn:bopis:problem:body-too-slow"


async def test_every_answer_is_dressed(client: httpx.AsyncClient) -> None:
    for path in ("/bug", "/nowhere", "/feeds-only"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]


async def test_keys_open_their_own_doors_only(client: httpx.AsyncClient, key: Key) -> None:
    feed = await key(KeyKind.FEED, "erp")
    bad = {"Authorization": "Bearer nonsense"}

    assert (await client.get("/feeds-only", headers=feed)).json() == "erp"
    refused = await client.post("/typed?count=1", headers=feed)
    assert await problem_of(refused) == (KeyOfAnotherKind.status, "key-of-another-kind")
    assert await problem_of(await client.get("/feeds-only", headers=bad)) == (401, "key-unknown")
    assert await problem_of(await client.get("/feeds-only")) == (401, "key-missing")


async def test_a_wrong_field_is_named(client: httpx.AsyncClient, key: Key) -> None:
    answer = await client.post("/typed?count=many", headers=await key(KeyKind.CHANNEL))

    assert await problem_of(answer) == (422, "request-invalid")
    assert answer.json()["errors"][0]["field"] == "query.count"


def test_a_problem_can_say_when_to_come_back() -> None:
    class Full(Problem):
        status = 503
        title = "Full"
        retry_after = 7

    assert render(Full("There is no room.")).headers["retry-after"] == "7"
    assert "retry-after" not in render(KeyMissing("No key.")).headers
