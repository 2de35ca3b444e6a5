"""How each store keeps its word: pages and figures that anybody may read, and nobody can edit."""

import hashlib
import json
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bopis.kernel.http import Db, problems
from bopis.kernel.ids import StoreId
from bopis.kernel.pages import shown
from bopis.shopper.pages import pages
from bopis.trust import published, record_words
from inventory.stores import StoreUnknown

router = APIRouter(prefix="/stores", tags=["record"])

CACHED: Final = "public, max-age=300"
"""Figures change once an hour."""


@router.get("/record", include_in_schema=False)
async def chain_page(request: Request, db: Db) -> Response:
    async with db.transaction() as tx:
        record, listed = await published.of_chain(tx)
    html = pages.write(
        "record.html",
        record=record,
        listed=listed,
        store_id=None,
        method=(*record_words.METHOD, record_words.INDEX_METHOD),
    )
    return _cached(request, shown(html))


@router.get("/record.json")
async def chain_figures(request: Request, db: Db) -> Response:
    """How all stores have kept their first promises, last 28 days, and each of them."""
    async with db.transaction() as tx:
        record, listed = await published.of_chain(tx)
    values = record_words.as_values(record)
    values["stores"] = [
        {
            "store_id": one.store_id,
            **{k: v for k, v in record_words.as_values(one.record).items() if k != "method"},
        }
        for one in listed
    ]
    return _cached(request, _json(values))


@router.get("/{store_id}/record", include_in_schema=False)
async def store_page(store_id: StoreId, request: Request, db: Db) -> Response:
    async with db.transaction() as tx:
        record = await published.of_store(tx, store_id)
    html = pages.write(
        "record.html",
        record=record,
        listed=(),
        store_id=store_id,
        method=(*record_words.METHOD, record_words.INDEX_METHOD),
    )
    return _cached(request, shown(html))


@router.get("/{store_id}/record.json", responses=problems(StoreUnknown))
async def store_figures(store_id: StoreId, request: Request, db: Db) -> Response:
    """How one store has kept its first promises, last 28 days: counts with their intervals.

    With fewer than 20 promises due no figure is given. The method is in the answer.
    """
    async with db.transaction() as tx:
        record = await published.of_store(tx, store_id)
    return _cached(request, _json({"store_id": store_id, **record_words.as_values(record)}))


def _json(values: dict[str, Any]) -> Response:
    return Response(json.dumps(values, ensure_ascii=False), media_type="application/json")


def _cached(request: Request, answer: Response) -> Response:
    """Let anybody keep an answer for some minutes, and ask whether it is still the same."""
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:24]}"'
    headers = {"Cache-Control": CACHED, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
