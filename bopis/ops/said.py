"""Who said it, and what a change of stock was, in words for a person at a desk. Pure."""

from collections.abc import Mapping
from typing import Final

_SHORT: Final[Mapping[str, str]] = {
    "not_found": "an associate who could not find it",
    "short_quantity": "an associate who found too few",
    "damaged": "an associate who found it damaged",
    "wrong_item_at_location": "an associate who found another item in its place",
    "recalled_or_not_sellable": "an associate: it may not be sold",
}
_MOVES: Final[Mapping[str, str]] = {
    "commit": "a new order",
    "release": "an order that gave up what it held",
    "stage": "an order at the counter",
    "hand_over": "a hand-over",
    "put_back": "units that went back to their shelf",
    "damage": "damage",
    "compensate": "a correction",
    "found": "an associate who found it after all",
    "short": "an associate who could not find it",
}


def actor(name: str) -> str:
    """Return the role in which somebody acted; a person at a desk is known by the key's name."""
    kind, _, rest = name.partition(":")
    match kind:
        case "ops":
            return f"{rest}, at store operations"
        case "device":
            return "an associate"
        case "shopper":
            return "the shopper"
        case "key":
            return rest
        case "repair":
            return "a repair"
    return "this system"


def source(name: str) -> str:
    """Return who or what is behind a number: a feed, unless it is a word of ours."""
    if name.startswith(("ops:", "device:")):
        return f"a count by {actor(name)}"
    return _SHORT.get(name) or _MOVES.get(name) or name


WHAT: Final[Mapping[str, str]] = {
    "feed_set": "Told by a feed",
    "feed_delta": "Sold or delivered",
    "count": "Counted",
    "adjust": "Adjusted",
    "commit": "Promised to an order",
    "release": "Promised no longer",
    "stage": "Waits at the counter",
    "hand_over": "Handed over",
    "short": "Not found",
    "put_back": "Back on its shelf",
    "damage": "Not to be sold",
    "compensate": "Put right",
    "believe": "Our belief has changed",
}
"""The kinds of the ledger."""

SINCE: Final[Mapping[str, str]] = {
    "feed_delta": "sold or delivered since, as the store has booked it",
    "adjust": "adjusted since",
    "hand_over": "handed over to shoppers since",
    "short": "looked for since, and not found",
    "put_back": "put back since",
    "damage": "damaged since",
    "compensate": "put right since",
}
"""What has moved units in the building since somebody last said how many there are."""
