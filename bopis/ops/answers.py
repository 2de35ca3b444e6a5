"""How rows leave as JSON: ids with their store, and ages in seconds. Pure."""

from typing import Any

from bopis.kernel.ids import outward
from bopis.ops.views import Rows

Answer = dict[str, Any]


def shown(rows: Rows) -> Rows:
    """Return rows with the outward form of their ids, and ages in seconds."""
    for row in rows:
        for name in ("id", "event_id"):
            if name in row and "store_id" in row:
                row[name] = outward(row["store_id"], row[name])
        if "age" in row:
            row["age_seconds"] = round(row.pop("age").total_seconds())
    return rows
