"""What a person at store operations decided, in the past tense."""

from typing import ClassVar
from uuid import UUID

from bopis.kernel.events import Event


class OpsNoted(Event):
    """Somebody intervened, and said why. Who, is the fact's actor."""

    name: ClassVar[str] = "ops.noted"

    about: UUID
    """An order, a conflict, a device: whose timeline this belongs to."""
    act: str
    note: str

    @property
    def subject(self) -> UUID:
        return self.about
