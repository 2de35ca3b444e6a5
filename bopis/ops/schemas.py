"""What store operations may send."""

from typing import Annotated, Literal

from pydantic import Field

from associates.handheld.bodies import Word
from bopis.kernel.bodies import Body
from bopis.kernel.ids import StoreId
from notifications.facts import Choice

Note = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class NoteIn(Body):
    note: Note


class ChosenIn(Body):
    """What a customer told a person: which question, what they chose, and how it was heard."""

    case: int = Field(ge=1, le=10_000)
    choice: Choice
    to_store: StoreId | None = Field(default=None, max_length=64)
    """For ``other_store``: which of those that the question names."""
    heard: Literal["phone", "counter"]
    note: Note


class HireIn(Body):
    number: str = Field(pattern=r"^[A-Za-z0-9-]{1,20}$")
    """What is typed together with the PIN; theirs until 90 days after they have left."""
    name: Annotated[Word, Field(max_length=60)]
    """As colleagues read it on a handheld."""
    pin: str | None = Field(default=None, max_length=100)


class CountIn(Body):
    counted: int = Field(ge=0, le=1_000_000)
    """Units in the building, with those picked, staged or damaged."""
    note: Note | None = None


class DeadLetterIn(Body):
    event: str = Field(max_length=100)
    subscriber: str = Field(max_length=300)


class DiscardIn(DeadLetterIn):
    note: Note
