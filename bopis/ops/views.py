"""What the pages of store operations show, as values that templates read. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Tone = Literal["", "go", "amber", "stop"]

Rows = list[dict[str, Any]]

MANY: Final = 200
"""Rows of a list, before it is cut and says so."""

PATIENCE: Final = 1.5
"""A feed is late when it has been silent for this many times its rhythm."""

SHOWS: Final[Mapping[str, str]] = {
    "open": "Open",
    "risk": "At risk",
    "late": "Late",
    "waiting": "Ready and waiting",
    "staff": "Needs a person",
    "today": "Accepted today",
    "closed": "Closed today",
    "all": "All",
}
"""Which orders a list can show."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001
"""A spreadsheet would run a cell that begins so; the full-width forms too."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One field that an action needs from the person who does it."""

    name: str
    label: str
    options: Sequence[tuple[str, str]] = ()  # (value, words); none: free text
    number: bool = False
    when: str = ""  # a day and time of the store's clock, to begin with; "-": an empty one
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person may do here: a form that posts, never a link that changes things."""

    label: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    asks: Sequence[Ask] = ()
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    note: str = ""
    sort: float | str | None = None  # what the column sorts by, where that is not the text
    href: str | None = None
    icon: str | None = None  # with an icon it is a state, and shown as a tag
    tone: Tone = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A list that sorts, filters and copies. An empty one says why it is empty."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    why_empty: str
    more: str = ""  # said under a list that was cut

    def as_csv(self) -> str:
        """Return the rows as RFC 4180 text in which no spreadsheet finds a formula."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([column.title for column in self.columns if column.title])
        keep = [index for index, column in enumerate(self.columns) if column.title]
        for row in self.rows:
            writer.writerow([inert(row[index].text) for index in keep])
        return out.getvalue()


def inert(text: str) -> str:
    """Return a cell that a spreadsheet shows and does not run."""
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: what, since when, what next."""

    sentence: str
    age: str
    next_step: str
    href: str = ""
    link: str = ""
    action: Action | None = None
    tone: Tone = "amber"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of today, with what it was counted on and where the orders behind it are."""

    title: str
    value: str
    sample: str
    href: str = ""
    trend: Sequence[float] = ()
    trend_words: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an ops key, and the stores that it may see."""

    name: str
    scope: str  # "All stores", or the store's name
    token: str  # goes into every form and comes back


@dataclass(frozen=True, slots=True)
class Today:
    title: str
    as_of: str
    needs: Sequence[Need]
    figures: Sequence[Figure]
    stores: Table
    at_risk: Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a form that was just sent."""

    sentence: str
    tone: Tone = "go"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page that is a headline, a line of explanation and one or more tables."""

    title: str
    lead: str
    tables: Sequence[Table]
    forms: Sequence[Action] = ()
    search: str | None = None  # what was typed into the server's own filter; None: it has none
    search_words: str = "Order number, reference or store"
    choices: Sequence[tuple[str, str, bool]] = ()  # (address, words, is this one)
    secret: str = ""  # shown this once
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    at: str
    iso: str
    name: str
    sentence: str
    details: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class OrderPage:
    title: str
    lead: str
    state: Cell
    pairs: Sequence[tuple[str, str]]
    lines: Table
    promises: Table
    messages: Table
    facts: Sequence[Fact]
    actions: Sequence[Action] = ()
    moves: Table | None = None  # of an order that stands for another, or that others stand for


def spark(values: Sequence[float], width: int = 96, height: int = 24) -> str:
    """Return the points of a small line chart, oldest first, for an SVG of that size."""
    if len(values) < 2:  # noqa: PLR2004  # one point is not a trend
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = width / (len(values) - 1)
    return " ".join(
        f"{index * step:.1f},{height - 2 - (value - low) / span * (height - 4):.1f}"
        for index, value in enumerate(values)
    )
