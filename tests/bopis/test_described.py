"""What we publish about ourselves is what we do: every address, every problem, every reference."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
from fastapi import FastAPI

from bopis.kernel.errors import Problem
from bopis.kernel.http import PROBLEM


def _kinds(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    for kind in root.__subclasses__():
        if kind.__module__.partition(".")[0] != "tests":
            yield kind
        yield from _kinds(kind)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_a_type_means_one_thing(app: FastAPI) -> None:
    named = Counter(kind.type_uri() for kind in set(_kinds()))

    assert [uri for uri, count in named.items() if count > 1] == []


async def test_every_reference_leads_somewhere(client: httpx.AsyncClient) -> None:
    published = (await client.get("/openapi.json")).json()

    known = {f"#/components/schemas/{name}" for name in published["components"]["schemas"]}
    assert set(_references(published)) <= known


async def test_a_wrong_request_is_answered_as_published(client: httpx.AsyncClient) -> None:
    published = (await client.get("/openapi.json")).json()

    for operations in published["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert set(answer["content"]) == {PROBLEM}
                if status == "422":
                    assert "request-invalid" in answer["description"]


async def test_a_body_that_is_no_json_is_answered_as_published(client: httpx.AsyncClient) -> None:
    published = (await client.get("/openapi.json")).json()
    asked = [
        (method, path, operation)
        for path, operations in published["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]

    for method, path, operation in asked:
        answer = await client.request(
            method, path, content=b"{", headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, (method, path, answer.text)
        assert "json-unreadable" in operation["responses"]["400"]["description"]
    assert len(asked) > 40
