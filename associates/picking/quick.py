"""The short way of a scan that is in order: hundreds of handhelds send little else."""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from associates.handheld import devices
from associates.handheld.bodies import ScanIn
from associates.handheld.router import scanned
from associates.picking import acts


async def scan(request: Request) -> Response | None:
    """Answer ``record_scan``.

    Raises:
        DeviceUnknown: The handheld is none of ours, or was revoked.
    """
    try:
        said = ScanIn.model_validate_json(await request.body())
    except ValidationError:
        return None
    headers = request.headers
    shown = await devices.shown(
        headers.get("authorization", ""), headers.get("x-associate-session", "")
    )
    task_id = request.path_params["task_id"]
    answer = await acts.alone(request.app.state.db, shown, scanned, said, task_id=task_id)
    return Response(answer.model_dump_json(), media_type="application/json")
