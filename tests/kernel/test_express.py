"""The short way answers what is plainly in order, and hides nothing from the usual way."""

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from bopis.kernel.errors import Conflict
from bopis.kernel.express import Express, Shortcut
from bopis.kernel.http import Envelope, answer_problems, render
from bopis.kernel.metrics import REQUESTS
from bopis.kernel.observed import Observed


class Taken(Conflict):
    title = "Somebody has it"


async def _short(request: Request) -> Response | None:
    match await request.body():
        case b'"plain"':
            return Response(f"short {request.path_params['thing']}")
        case b'"taken"':
            raise Taken("Somebody else has taken it.")
    return None


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(Express, shortcuts=[Shortcut("/things/{thing}", _short)])
    app.add_middleware(Observed)
    app.add_middleware(Envelope)
    answer_problems(app, lambda request, problem: Response("a page", problem.status))

    @app.post("/things/{thing}")
    async def usual(thing: str, request: Request) -> str:
        return f"usual {thing} {(await request.body()).decode()}"

    return app


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        ('"plain"', {}, 200, "short 7"),
        ('"odd"', {}, 200, '"usual 7 \\"odd\\""'),
        ('"plain"', {"content-type": "text/plain"}, 200, '"usual 7 \\"plain\\""'),
        ('"plain"', {"accept": "text/html"}, 200, '"usual 7 \\"plain\\""'),
        ('"taken"', {}, 409, bytes(render(Taken("Somebody else has taken it.")).body).decode()),
        ("x" * (1024 * 1024 + 1), {}, 413, None),
    ],
)
async def test_a_request_goes_the_short_way_or_the_usual_one(
    app: FastAPI, body: str, headers: dict[str, str], status: int, said: str | None
) -> None:
    before = _counted(status)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answer = await client.post(
            "/things/7", content=body, headers={"content-type": "application/json"} | headers
        )

    assert answer.status_code == status
    assert said is None or answer.text == said
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert _counted(status) == before + 1, "it is measured under its route"


def _counted(status: int) -> float:
    metric = REQUESTS.labels("POST", "/things/{thing}", str(status))
    samples = [one for family in metric.collect() for one in family.samples]
    return sum(one.value for one in samples if one.name.endswith("_count"))
