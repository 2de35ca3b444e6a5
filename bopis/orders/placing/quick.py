"""The short way of an ordinary order."""

from typing import Final

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from bopis.kernel.keys import ApiKey, KeyKind
from bopis.orders import router
from bopis.orders.schemas import Key, OrderIn

_KEY: Final = TypeAdapter(Key)
_BEARER: Final = "Bearer "


async def order(request: Request) -> Response | None:
    """Answer ``place``.

    Raises:
        KeyUnknown: Nobody has this key.
    """
    headers = request.headers
    bearer = headers.get("authorization", "")
    if not bearer.startswith(_BEARER):
        return None
    try:
        wanted = OrderIn.model_validate_json(await request.body())
        said = headers.get("idempotency-key")
        said = None if said is None else _KEY.validate_python(said)
    except ValidationError:
        return None
    key: ApiKey = await request.app.state.keyring.find(bearer.removeprefix(_BEARER))
    if key.kind is not KeyKind.CHANNEL:
        return None
    return await router.place(request, wanted, key, request.app.state.db, said)
