"""What store operations may send."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from associates.schemas import Word

Note = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoteIn(_Sent):
    note: Note


class HireIn(_Sent):
    number: str = Field(pattern=r"^[A-Za-z0-9-]{1,20}$")
    """What is typed together with the PIN; kept for good, whoever leaves."""
    name: Annotated[Word, Field(max_length=60)]
    """As colleagues read it on a handheld."""
    pin: str | None = Field(default=None, max_length=100)


class CountIn(_Sent):
    counted: int = Field(ge=0, le=1_000_000)
    """Units in the building, with those picked, staged or damaged."""
    note: Note | None = None


class DeadLetterIn(_Sent):
    event: str = Field(max_length=100)
    subscriber: str = Field(max_length=300)


class DiscardIn(DeadLetterIn):
    note: Note
