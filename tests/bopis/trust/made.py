"""Outcomes that are made up: a chain by seed, and single orders with one thing wrong."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from bopis.kernel.ids import OrderId, StoreId
from bopis.trust.outcome import Outcome

MONDAY: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)


def outcome(n: int = 1, **other: Any) -> Outcome:
    """Return an order that went well: promised in 60 open minutes, ready after 40."""
    accepted_at = other.pop("accepted_at", MONDAY)
    took = other.pop("took", 40.0)
    promised = other.pop("promised", 60.0)
    promised_at = accepted_at + promised * MINUTE
    ready_at = None if took is None else accepted_at + took * MINUTE
    values: dict[str, Any] = {
        "store_id": StoreId("S1"),
        "order_id": OrderId(UUID(int=n)),
        "number": f"7QK-{n:03}",
        "day": date(2026, 3, 2),
        "channel": "web",
        "state": "picked_up",
        "accepted_at": accepted_at,
        "promised_at": promised_at,
        "last_promised_at": promised_at,
        "ready_at": ready_at,
        "closed_at": accepted_at + timedelta(hours=5),
        "close_reason": "collected",
        "confidence": 0.9,
        "base_minutes": 30.0,
        "versions": 1,
        "told_at": None,
        "knowable_at": None,
        "ready_said": 1,
        "false_ready": 0,
        "lines": 2,
        "lines_found": 2,
        "lines_lost": 0,
        "lines_ordered": 2,
        "short_reasons": (),
        "silent_minutes": 0.0,
        "promised_minutes": promised,
        "took_minutes": took,
        "late_so_far": 0,
        "local_hour": 9,
    }
    return Outcome(**(values | other))


def chain(
    seed: int, *, stores: int = 8, days: int = 28, bad: str | None = None, late: float = 0.03
) -> list[Outcome]:
    """Return a month of a chain in which ``late`` of 100 orders are late, and of ``bad`` 45."""
    rng = Random(seed)
    made: list[Outcome] = []
    for store in (StoreId(f"S{n}") for n in range(1, stores + 1)):
        for day in range(days):
            for _ in range(rng.randint(6, 10)):
                at = MONDAY + timedelta(days=day, minutes=rng.randint(0, 540))
                is_late = rng.random() < (0.45 if store == bad else late)
                took = rng.uniform(70, 160) if is_late else rng.uniform(20, 58)
                made.append(
                    outcome(
                        len(made) + 1,
                        store_id=store,
                        day=at.date(),
                        accepted_at=at,
                        took=took,
                        local_hour=9 + (at.hour - 15),
                    )
                )
    return made
