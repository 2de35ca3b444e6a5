"""Failures we can name, each rendered as RFC 9457 problem+json by ``kernel.http``.

A concrete error lives beside the rule that raises it; this file holds only the families:

    Problem
    ├── Malformed        400  the body cannot be read at all
    ├── Unauthenticated  401  we do not know who is asking
    ├── Refused          403  we do, and this caller may not
    ├── NotFound         404  no such thing, or not yours to see
    ├── Conflict         409  the thing is not in the state you think; read it again
    ├── TooLarge         413  more than we take in one request
    ├── Invalid          422  the request is malformed; sending it again will not help
    ├── TooMany          429  slower, please: Retry-After
    └── Unavailable      503  a dependency is down; try again later: Retry-After

Anything that is not a ``Problem`` is a bug: it becomes a 500 that says nothing but an id.
"""

import re
from typing import Any, ClassVar

from bopis.kernel.speech import t


class Problem(Exception):
    """A failure that the caller can understand and act on."""

    status: ClassVar[int]
    title: ClassVar[str]
    retry_after: ClassVar[int | None] = None
    """Seconds to wait before asking again, where asking again may help."""

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts

    @classmethod
    def type_uri(cls) -> str:
        slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        return f"urn:bopis:problem:{slug}"

    def body(self) -> dict[str, Any]:
        """Return the problem+json members; ``facts`` are its extension members."""
        return {
            "type": self.type_uri(),
            "title": t(self.title),
            "status": self.status,
            "detail": self.detail,
            **self.facts,
        }


class Malformed(Problem):
    status = 400


class Unauthenticated(Problem):
    status = 401


class Refused(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class TooLarge(Problem):
    status = 413


class Invalid(Problem):
    status = 422


class TooMany(Problem):
    status = 429
    retry_after = 60


class Unavailable(Problem):
    status = 503
    retry_after = 2
