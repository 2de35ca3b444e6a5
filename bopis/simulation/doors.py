"""The doors of the system as the world uses them: one small client for each kind of caller.

Nothing here knows how the other side works: a web shop, a stock system and a handheld speak plain
HTTP, in a replay through ASGI, in a demo over a socket.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import httpx

Json = dict[str, Any]
CONFLICT: Final = 409


class DoorShut(Exception):
    """An answer that no caller should get: a bug, or a server that is gone."""


async def ask(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> httpx.Response:
    """Send a request; return the answer, which may be a refusal.

    Raises:
        DoorShut: The server failed (5xx), does not know us (401, 403), or does not answer.
    """
    try:
        answer = await client.request(method, path, **options)
    except httpx.TransportError as error:
        raise DoorShut(f"{method} {path}: {type(error).__name__}") from error
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code in {401, 403}:
        raise DoorShut(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
    return answer


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@dataclass(slots=True)
class Placed:
    """An order that was taken, as its shopper knows it."""

    order_id: str
    reference: str
    store: str
    address: str
    status_url: str
    lines: Mapping[str, int]
    came_before: bool = False
    asked: list[int] = field(default_factory=list)
    """The letters that asked what to do, and have been thought about."""


@dataclass(slots=True)
class WebShop:
    """Takes what people click and asks for it, in the shop's own name."""

    client: httpx.AsyncClient
    key: str

    async def quote(self, near: tuple[float, float], lines: Sequence[tuple[str, int]]) -> Json:
        body = {
            "lines": _lines(lines),
            "near": {"latitude": near[0], "longitude": near[1]},
        }
        answer = await ask(self.client, "POST", "/v1/quotes", json=body, headers=_bearer(self.key))
        return _json(answer, "/v1/quotes")

    async def order(
        self,
        store: str,
        reference: str,
        lines: Sequence[tuple[str, int]],
        *,
        first_name: str,
        address: str,
    ) -> Placed | Json:
        """Place an order; return it, or the refusal."""
        body = {
            "store_id": store,
            "reference": reference,
            "customer": {"first_name": first_name, "email": address},
            "lines": _lines(lines),
        }
        headers = _bearer(self.key) | {"Idempotency-Key": f"order-{store}-{reference}"}
        answer = await ask(self.client, "POST", "/v1/orders", json=body, headers=headers)
        if answer.status_code == CONFLICT:
            return dict(answer.json())
        told = _json(answer, "/v1/orders")
        return Placed(told["order_id"], reference, store, address, told["status_url"], dict(lines))

    async def cancel(self, order_id: str) -> bool:
        """Cancel; return whether it still could be."""
        path = f"/v1/orders/{order_id}/cancel"
        answer = await ask(self.client, "POST", path, json={}, headers=_bearer(self.key))
        return answer.is_success


@dataclass(slots=True)
class Browser:
    """A shopper's own: opens the link in a letter, and sends what its page offers to send."""

    client: httpx.AsyncClient

    async def look(self, url: str) -> httpx.Response:
        return await ask(self.client, "GET", url, headers={"Accept": "text/html"})

    async def answer(self, url: str, *, all_there: bool) -> httpx.Response:
        """Answer the one question: was everything there?"""
        headers = {"Accept": "text/html", "Origin": str(self.client.base_url).rstrip("/")}
        form = {"all_there": "true" if all_there else "false"}
        return await ask(self.client, "POST", f"{url}/answer", data=form, headers=headers)

    async def come(self, url: str, word: str, **about: str | int) -> bool:
        """Press "on my way" or "I am here"; return whether the page took it."""
        headers = {"Accept": "text/html", "Origin": str(self.client.base_url).rstrip("/")}
        form = {"word": word, **{name: str(value) for name, value in about.items()}}
        answer = await ask(self.client, "POST", f"{url}/coming", data=form, headers=headers)
        return answer.is_redirect

    async def choose(self, link: str) -> str | None:
        """Open what a letter offers and tap what its page shows; return what that was.

        None: the question was not open any more.
        """
        page = await self.look(link)
        sent = dict(_FIELD.findall(page.text)) if page.is_success else {}
        if "choice" not in sent:
            return None
        headers = {"Accept": "text/html", "Origin": str(self.client.base_url).rstrip("/")}
        url = link.partition("/choose/")[0]
        answer = await ask(self.client, "POST", f"{url}/choose", data=sent, headers=headers)
        return sent["choice"] if answer.is_redirect else None


_FIELD: Final = re.compile(r'name="(number|target|choice)" value="([^"]+)"')


def till(source: str, store: str) -> str:
    """Return the source under which one store's own till sends: each numbers its batches itself."""
    return f"{source}-{store}"


@dataclass(slots=True)
class StockSystem:
    """Sends files, as stores' own systems do: rows of text, with a stamp."""

    client: httpx.AsyncClient
    keys: Mapping[str, str]
    source: str

    async def load(self, path: str, text: str) -> Json:
        headers = _bearer(self.keys["feed"]) | {"Content-Type": "text/csv"}
        answer = await ask(
            self.client, "PUT", path, content=text.encode(), headers=headers, timeout=60
        )
        return _json(answer, path)

    async def feed(
        self,
        store: str,
        batch_id: str,
        text: str,
        *,
        kind: str,
        as_of: datetime,
        sequence: int | None,
    ) -> httpx.Response:
        own = till(self.source, store)
        source, key = (
            (own, self.keys[own]) if own in self.keys else (self.source, self.keys["feed"])
        )
        parameters = {"kind": kind, "as_of": as_of.isoformat()}
        if sequence is not None:
            parameters["sequence"] = str(sequence)
        return await ask(
            self.client,
            "PUT",
            f"/v1/feeds/{source}/batches/{batch_id}",
            params=parameters,
            content=text.encode(),
            headers=_bearer(key) | {"Content-Type": "text/csv"},
            timeout=60,
        )


@dataclass(frozen=True, slots=True)
class Screen:
    """What the handheld shows next. The server decides; the device renders.

    Shapes:
        outcome: what became of the scan that this answers; blank where there was none.
        quantity: how many units that scan was about.
    """

    next_state: str
    data: Json
    message: str
    outcome: str = ""
    quantity: int = 0


@dataclass(slots=True)
class Handheld:
    """A device in somebody's hand.

    It numbers what it says and keeps it until it has heard an answer, as the real one does.
    """

    client: httpx.AsyncClient
    token: str = ""
    session: str = ""
    said: int = 0
    unsent: list[tuple[str, Json]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def enrol(self, code: str, name: str) -> None:
        answer = await self._say("POST", "enrol", {"code": code, "name": name})
        self.token = answer.data["device_token"]

    async def sign_in(self, badge: str) -> None:
        answer = await self._say("POST", "sign-in", {"badge": badge})
        self.session = answer.data["session"]

    async def sign_out(self) -> None:
        await self._say("POST", "sign-out", {})
        self.session = ""

    async def tasks(self) -> Screen:
        await self._send()
        return await self._say("GET", "tasks")

    async def claim(self, task_id: str) -> Screen:
        return await self._say("POST", f"tasks/{task_id}/claim", {})

    async def claim_wave(self, task_ids: Sequence[str]) -> Screen:
        return await self._say("POST", "waves", {"task_ids": list(task_ids)})

    async def scan(
        self,
        task_id: str,
        *,
        scan_id: UUID,
        kind: str,
        fence: int,
        scanned_at: datetime,
        **about: Any,
    ) -> Screen:
        """Say one thing about a task: an item, a place, a shortage, a mistake taken back."""
        body = {"kind": kind, "fence": fence, **self._entry(scan_id, scanned_at), **about}
        self.unsent.append((f"tasks/{task_id}/scans", body))
        return await self._send()

    async def count_bags(
        self, task_id: str, count: int, *, scan_id: UUID, fence: int, scanned_at: datetime
    ) -> Screen:
        body = {"count": count, "fence": fence, **self._entry(scan_id, scanned_at)}
        self.unsent.append((f"tasks/{task_id}/bags", body))
        return await self._send()

    async def put_back(
        self, duty_id: str, *, scan_id: UUID, scanned_at: datetime, code: str
    ) -> Screen:
        body = {"code": code, **self._entry(scan_id, scanned_at)}
        self.unsent.append((f"put-backs/{duty_id}/done", body))
        return await self._send()

    async def claim_count(self, count_id: str) -> Screen:
        return await self._say("POST", f"counts/{count_id}/claim", {})

    async def count(
        self, count_id: str, *, scan_id: UUID, scanned_at: datetime, code: str, counted: int
    ) -> Screen:
        body = {"code": code, "counted": counted, **self._entry(scan_id, scanned_at)}
        self.unsent.append((f"counts/{count_id}/done", body))
        return await self._send()

    async def look_up(self, code: str) -> Screen:
        await self._send()
        return await self._say("GET", f"counter/{code}")

    async def hand_over(
        self, code: str, *, scan_id: UUID, scanned_at: datetime, bags: Sequence[str] = ()
    ) -> Screen:
        """Hand over an order whose bags have been scanned, where they wear labels."""
        body = {"bags": list(bags), "looked": True, **self._entry(scan_id, scanned_at)}
        self.unsent.append((f"counter/{code}/hand-over", body))
        return await self._send()

    async def retract(
        self, code: str, missing: Mapping[str, int], *, scan_id: UUID, scanned_at: datetime
    ) -> Screen:
        body = {"missing": dict(missing), **self._entry(scan_id, scanned_at)}
        self.unsent.append((f"counter/{code}/retract", body))
        return await self._send()

    async def _send(self) -> Screen:
        """Send what nobody has answered, the oldest first; return the last answer."""
        screen = Screen("", {}, "")
        while self.unsent:
            screen = await self._say("POST", *self.unsent[0])  # a shut door leaves it where it is
            del self.unsent[0]
        return screen

    def _entry(self, scan_id: UUID, scanned_at: datetime) -> Json:
        """Return what every entry of the device's log has."""
        self.said += 1
        return {
            "scan_id": str(scan_id),
            "device_seq": self.said,
            "scanned_at": scanned_at.isoformat(),
        }

    async def _say(self, method: str, path: str, body: Json | None = None) -> Screen:
        headers = _bearer(self.token) if self.token else {}
        if self.session:
            headers["X-Associate-Session"] = self.session
        answer = await ask(self.client, method, f"/v1/handheld/{path}", json=body, headers=headers)
        if not answer.is_success:
            self.refused.append(answer.text)
            return Screen("refused", {"status": answer.status_code}, answer.text)
        told = answer.json()
        message = told.get("message") or ""
        words = message.get("text", "") if isinstance(message, dict) else str(message)
        receipt = told.get("receipt") or {}
        return Screen(
            told["next_state"],
            told.get("data") or {},
            words,
            receipt.get("outcome", ""),
            receipt.get("quantity", 0),
        )


def _lines(lines: Sequence[tuple[str, int]]) -> list[Json]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in lines]


def _json(answer: httpx.Response, path: str) -> Json:
    if not answer.is_success:
        raise DoorShut(f"{path}: {answer.status_code} {answer.text[:500]}")
    return dict(answer.json())
