"""A closed-loop HTTP client that costs little: raw sockets, requests encoded beforehand.

It runs as a process of its own, speaks to loopback only, and stops by itself.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

WARM_UP: Final = 1.0
"""Seconds before counting begins."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a round of load saw. Latencies in milliseconds, of a closed loop."""

    per_second: float
    p50: float
    p99: float
    statuses: dict[str, int]

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))


async def _one(  # noqa: PLR0917 -- one connection of many, called in one place
    port: int, requests: list[bytes], offset: int, step: int, until: float, start: float
) -> tuple[list[float], Counter[str]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took: list[float] = []
    statuses: Counter[str] = Counter()
    at = offset
    try:
        while (began := time.perf_counter()) < until and at < len(requests):
            writer.write(requests[at])
            at += step
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            if began >= start:
                took.append(time.perf_counter() - began)
                statuses[head[9:12].decode()] += 1
    finally:
        writer.close()
    return took, statuses


async def _run(
    port: int, requests: list[bytes], connections: int, seconds: float, warm_up: float
) -> Result:
    start = time.perf_counter() + warm_up
    until = start + seconds
    parts = await asyncio.gather(
        *(_one(port, requests, n, connections, until, start) for n in range(connections))
    )
    ended = min(time.perf_counter(), until)
    took = sorted(one for part, _ in parts for one in part)
    statuses = sum((counted for _, counted in parts), Counter[str]())
    if not took:
        return Result(0, 0, 0, {})
    return Result(
        per_second=len(took) / (ended - start),
        p50=took[len(took) // 2] * 1000,
        p99=took[int(len(took) * 0.99)] * 1000,
        statuses=dict(statuses),
    )


async def measure(
    port: int,
    requests: list[bytes],
    *,
    connections: int = 64,
    seconds: float = 4.0,
    warm_up: float = WARM_UP,
) -> Result:
    """Send requests from a process of their own; each is sent at most once.

    It ends after ``warm_up`` and ``seconds``, or when all are sent; without a warm-up all count.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.load",
        str(port),
        str(connections),
        str(seconds),
        str(warm_up),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    frames = b"".join(len(one).to_bytes(4, "big") + one for one in requests)
    output, _ = await process.communicate(frames)
    return Result.read(output.decode())


def _unframed(frames: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(frames):
        length = int.from_bytes(frames[at : at + 4], "big")
        found.append(frames[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/json", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, accept: str = "text/html") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n".encode()


if __name__ == "__main__":
    port, connections, seconds, warm_up = sys.argv[1:5]
    asked = _unframed(sys.stdin.buffer.read())
    result = asyncio.run(_run(int(port), asked, int(connections), float(seconds), float(warm_up)))
    print(json.dumps(asdict(result)))
