"""A short way in for ordinary orders, past what a framework works out anew for each request.

FastAPI solves an endpoint's parameters on every call, which costs as much as all that is done with
the order. A request that is plainly in order is read here, by the same model and the same keys; of
whatever is not, FastAPI says what is wrong, as everywhere.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from bopis.kernel.errors import Problem
from bopis.kernel.keys import ApiKey, KeyKind
from bopis.orders.schemas import Key, OrderIn

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_KEY: Final = TypeAdapter(Key)
_BEARER: Final = "Bearer "
_JSON: Final = "application/json"


class QuickRoute(APIRoute):
    """The route of an endpoint (request, order, key, db, idempotency key)."""

    def get_route_handler(self) -> Handler:
        usual = super().get_route_handler()
        endpoint = self.endpoint

        async def handler(request: Request) -> Response:
            read = await _read(request)
            if read is None:
                return await usual(request)
            order, key, said = read
            return await endpoint(request, order, key, request.app.state.db, said)  # type: ignore[no-any-return]

        return handler


async def _read(request: Request) -> tuple[OrderIn, ApiKey, str | None] | None:
    """Return the order, whose it is and its key for repetitions; None: something is unusual.

    Raises:
        KeyUnknown: Nobody has this key.
    """
    headers = request.headers
    if headers.get("content-type") != _JSON:
        return None
    bearer = headers.get("authorization", "")
    if not bearer.startswith(_BEARER):
        return None
    try:
        body = await request.body()
    except Problem:
        raise
    except Exception as error:  # as FastAPI has it: whoever sent it has gone
        raise HTTPException(400) from error
    try:
        order = OrderIn.model_validate_json(body)
        said = headers.get("idempotency-key")
        said = None if said is None else _KEY.validate_python(said)
    except ValidationError:
        return None
    key: ApiKey = await request.app.state.keyring.find(bearer.removeprefix(_BEARER))
    return (order, key, said) if key.kind is KeyKind.CHANNEL else None
