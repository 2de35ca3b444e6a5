"""What a demo keeps between two starts, beside its database: its seed, its clock, its world."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bopis.simulation.doors import Placed

FILE: Final = "demo.json"
WORLD: Final = "world.json"
PAUSE: Final = timedelta(minutes=1)
"""What the store's clock is put forward by at a restart, so that it never goes back."""


@dataclass(slots=True)
class Kept:
    """A demo's memory. Its secrets open nothing but this demo."""

    seed: int
    first_day: date
    store_time: datetime
    link_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    keys: dict[str, str] = field(default_factory=dict)
    loaded: bool = False

    @classmethod
    def read(cls, folder: Path) -> "Kept | None":
        try:
            values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        values["first_day"] = date.fromisoformat(values["first_day"])
        values["store_time"] = datetime.fromisoformat(values["store_time"])
        return cls(**values)

    def write(self, folder: Path) -> None:
        _write(folder / FILE, asdict(self))


def write_world(folder: Path, world: dict[str, Any], open_orders: list[Placed]) -> None:
    orders = [{**asdict(one), "lines": dict(one.lines)} for one in open_orders]
    _write(folder / WORLD, {"world": world, "open_orders": orders})


def read_world(folder: Path) -> tuple[dict[str, Any], list[Placed]] | None:
    """Return the world and its open orders as they were kept, or None: there are none yet."""
    try:
        kept = json.loads((folder / WORLD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return kept["world"], [Placed(**one) for one in kept["open_orders"]]


def _write(file: Path, values: dict[str, Any]) -> None:
    """Write whole or not at all, for our own eyes."""
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(values, default=str), encoding="utf-8")
    fresh.replace(file)
