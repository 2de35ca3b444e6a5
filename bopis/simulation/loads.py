"""A chain as the files that a retailer would send, for the bulk doors. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Final

from bopis.simulation import floor
from bopis.simulation.chain import Chain, Hours, Site

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def files(chain: Chain, *, hold_days: int = 3, safety: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (path, CSV), in the order in which they have to be sent."""
    yield "/v1/stores", stores(chain, hold_days=hold_days, safety=safety)
    yield "/v1/items", items(chain)
    yield "/v1/locations", locations(chain)
    yield "/v1/floors", floors(chain)


def stores(chain: Chain, *, hold_days: int, safety: int = 0) -> str:
    columns = (
        "store_id", "name", "time_zone", "street", "city", "postal_code", "country", "latitude",
        "longitude", "pickup_instructions", "hold_days", "safety", "hours", "exceptions", "staging",
    )  # fmt: skip
    return table(
        columns,
        (
            (
                site.store,
                site.name,
                site.zone,
                site.street,
                site.city,
                site.postal_code,
                site.country,
                site.latitude,
                site.longitude,
                site.counter,
                hold_days,
                safety,
                _weekly(site),
                _dated(site),
                "; ".join(
                    f"{place.code}={place.label}"
                    for place in chain.staging
                    if place.store == site.store
                ),
            )
            for site in chain.sites
        ),
    )


def items(chain: Chain) -> str:
    return table(
        ("sku", "name", "size", "department", "gtins"),
        (
            (item.good.sku, item.good.name, item.good.size, item.good.department, item.gtin)
            for item in chain.items.values()
        ),
    )


def floors(chain: Chain) -> str:
    return table(
        ("store_id", "kind", "name", "x", "y", "x2", "y2", "first_bay", "last_bay", "one_way"),
        (row for site in chain.sites for row in floor.rows(chain, site.store)),
    )


def locations(chain: Chain) -> str:
    return table(
        ("store_id", "sku", "zone", "aisle", "bay", "shelf", "kind"),
        (
            (
                shelf.store,
                shelf.sku,
                shelf.area,
                shelf.aisle,
                shelf.bay,
                shelf.shelf,
                "shelf" if shelf.rank == 1 else "display",
            )
            for shelf in chain.shelves
        ),
    )


def _weekly(site: Site) -> str:
    """Return the hours as a sign on the door says them: ``Mon-Sat 08:00-21:00; Sun closed``."""
    parts = []
    for hours, run in groupby(enumerate(site.week), key=lambda pair: pair[1]):
        days = [day for day, _ in run]
        name = _DAYS[days[0]] if len(days) == 1 else f"{_DAYS[days[0]]}-{_DAYS[days[-1]]}"
        parts.append(f"{name} {_span(hours)}")
    return "; ".join(parts)


def _dated(site: Site) -> str:
    dated: Iterable[tuple[date, Hours]] = sorted(site.exceptions.items())
    return "; ".join(f"{day} {_span(hours)}" for day, hours in dated)


def _span(hours: Hours) -> str:
    if hours.opens is None or hours.closes is None:
        return "closed"
    return f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return CSV, quoted where it must be."""
    lines = [",".join(columns)]
    lines += [",".join(_cell(value) for value in row) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text
