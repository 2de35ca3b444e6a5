"""A person who cannot be shown a page reads what to do next, in words, and never a field's name."""

from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Form

from bopis.kernel import pages
from bopis.kernel.errors import Conflict, Invalid, Unavailable
from bopis.kernel.http import Envelope, answer_problems


class Taken(Conflict):
    title = "Somebody was faster"


class NotANumber(Invalid):
    title = "That is no number"


PROBLEMS = {
    "taken": Taken("This shelf was counted a minute ago."),
    "number": NotANumber("Count in whole units."),
    "down": Unavailable("pool exhausted."),
}


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    app.add_middleware(Envelope)
    app.include_router(pages.router)
    answer_problems(app, pages.problem_page)

    @app.post("/form")
    async def form(all_there: Annotated[bool, Form()]) -> bool:
        return all_there

    @app.get("/problem/{name}")
    async def problem(name: str) -> None:
        raise PROBLEMS[name]

    return app


@pytest.mark.parametrize(
    ("asked", "status", "said", "unsaid"),
    [
        ("GET /form", 405, "press its button", "POST"),
        ("GET /nowhere", 404, "ask at the pickup counter", "detail"),
        ("POST /form", 422, "Nothing was done", "all_there"),
        ("GET /problem/taken", 409, "This shelf was counted a minute ago.", "{"),
        ("GET /problem/number", 422, "Count in whole units.", "{"),
        ("GET /problem/down", 503, "Your order is safe", "pool"),
    ],
)
async def test_a_person_reads_words(
    client: httpx.AsyncClient, asked: str, status: int, said: str, unsaid: str
) -> None:
    answer = await client.request(*asked.split(), headers={"Accept": "text/html"})

    main = answer.text.partition("<main")[2]
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert said in main
    assert unsaid not in main


async def test_a_static_file_is_kept_for_ever_under_a_name_that_changes_with_it(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(pages.asset("look.css"))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/000000000000/look.css",
        "/assets/x/%00",
        "/assets/x/..%2f..%2fpages.py",
        "/assets/x/base.html",
        "/assets/x/" + "a" * 4000,
    ],
)
async def test_what_is_no_static_file_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:bopis:problem:page-unknown"


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        (
            "/** What it is. */\nfunction f() {\n  return 1; // at once\n}\n",
            "function f() {\nreturn 1;\n}\n",
        ),
        (
            "const a = /** @type {Map<string, {n: number}>} */ (new Map());\n",
            "const a = (new Map());\n",
        ),
        ("  // alone\n\n  go('https://x.example'); // 'so'\n", "\ngo('https://x.example');\n"),
        ("const a = 'b // c' // 'so'\n\n\nd\n", "const a = 'b // c' // 'so'\nd\n"),
        ("const t = `a\n   b // c`;\n", "const t = `a\n   b // c`;\n"),
    ],
)
def test_a_device_is_sent_the_code_and_not_what_is_said_about_it(source: str, sent: str) -> None:
    assert pages.lean(source) == sent
