"""The pages last shown: an order of which nothing is new is not written out once more.

A page is worked out from what is on record and from the time. What is on record is read for every
request, and compared; so no page is ever older than the last commit, and nothing has to be told
when something changes. The time counts in whole minutes, as the words do.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

ROOM: Final = 1_000
"""Pages that one process remembers; with what they were made from, about 10 kB each."""


@dataclass
class Shown:
    _pages: OrderedDict[str, tuple[Hashable, str]] = field(default_factory=OrderedDict)

    def same(self, token: str, made_from: Hashable) -> str | None:
        """Return the page that this link showed last, if it was made from just the same."""
        found = self._pages.get(token)
        if found is None or found[0] != made_from:
            return None
        self._pages.move_to_end(token)
        return found[1]

    def keep(self, token: str, made_from: Hashable, page: str) -> str:
        self._pages[token] = made_from, page
        self._pages.move_to_end(token)
        if len(self._pages) > ROOM:
            self._pages.popitem(last=False)
        return page
