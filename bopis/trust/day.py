"""One day of pickups in figures: what was asked, what we said, and what was so. Pure.

Every figure is counted from facts and rows that the day left behind, never from a running
counter, so the same day gives the same report, byte for byte.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from bopis.orders.counter.arrival import Waits, spoken, summed

Counts = Mapping[str, int]
_NONE_LATE: Final = "no order was late"


@dataclass(frozen=True, slots=True)
class Report:
    """A day of one store, or of all.

    Units:
        apology_lead_minutes: minutes between the apology leaving us and the first promise
            breaking, one figure an order, ascending; negative is too late.
        warned_ahead: late orders whose shopper heard of it five minutes or more before.
        knowable: late orders of which one of our own looks said so while there was time to warn.
        false_alarms: orders whose shopper was told of a delay, and that were ready by the first
            promise after all.
        second_notices: orders about which a delay was told more than once.
        in_place_of_others: accepted, and the rest or the whole of another order.
        moved: orders of which all lives on as another, in another store; of moved_in_part something
            does, there or here.
        silent_minutes: minutes, summed over orders, that an open order was past the time at which
            we owed it news.
        wait_minutes: from "I am here" to the hand-over, one figure for each customer who said so,
            ascending.
    """

    day: str
    stores: int
    accepted: int = 0
    refused: Counts = field(default_factory=dict)
    in_place_of_others: int = 0
    collected: int = 0
    cancelled: int = 0
    moved: int = 0
    moved_in_part: int = 0
    expired: int = 0
    units_ordered: int = 0
    units_found: int = 0
    units_short: Counts = field(default_factory=dict)
    promises_due: int = 0
    on_time_first: int = 0
    on_time_last: int = 0
    late: int = 0
    apologized: int = 0
    apologized_in_time: int = 0
    apology_lead_minutes: tuple[int, ...] = ()
    warned_ahead: int = 0
    knowable: int = 0
    false_alarms: int = 0
    second_notices: int = 0
    ready_said: int = 0
    false_ready: int = 0
    silent_minutes: int = 0
    wait_minutes: tuple[int, ...] = ()
    messages: Mapping[str, Counts] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def late_unwarned(self) -> int:
        """Late orders whose shopper had not heard of it when the promise passed."""
        return self.late - self.apologized_in_time

    @property
    def waited(self) -> Waits | None:
        """How long customers waited who had said that they were here; None: none had."""
        return summed(self.wait_minutes)

    def to_json(self) -> str:
        return json.dumps(
            {
                **asdict(self),
                "late_unwarned": self.late_unwarned,
                "waited": None if self.waited is None else asdict(self.waited),
            },
            sort_keys=True,
            indent=2,
            ensure_ascii=False,
        )

    def to_text(self) -> str:
        """Return the report as a manager would read it out."""
        body = "\n".join(
            f"\n{heading}\n" + "\n".join(f"  {term:<34}{words}" for term, words in pairs)
            for heading, pairs in self.sections()
        )
        return f"{self.day}\n{body}\n"

    def sections(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return headings, each with its terms and words; a figure always comes with its sample."""
        leads = self.apology_lead_minutes
        lead = (
            f"{leads[len(leads) // 2]} min (median), {leads[0]} min (least)"
            if leads
            else _NONE_LATE
        )
        orders = [
            ("Accepted", f"{self.accepted:,}"),
            ("… in the place of another order", f"{self.in_place_of_others:,}"),
            ("Refused", _listed(self.refused)),
            ("Collected", f"{self.collected:,}"),
            ("Waited once they were here", _wait(self.waited)),
            ("Cancelled", f"{self.cancelled:,}"),
            ("Moved to another store", f"{self.moved:,}"),
            ("Of which a part became another", f"{self.moved_in_part:,}"),
            ("Never collected", f"{self.expired:,}"),
        ]
        units = [
            ("Asked for", f"{self.units_ordered:,}"),
            ("Found", _of(self.units_found, self.units_found + sum(self.units_short.values()))),
            ("Short", _listed(self.units_short)),
        ]
        promises = [
            ("Ready by the first promise", _of(self.on_time_first, self.promises_due)),
            ("Ready by the last promise", _of(self.on_time_last, self.promises_due)),
            ("Late orders", f"{self.late:,}"),
            ("Seen coming", _of(self.knowable, self.late, _NONE_LATE)),
            ("Warned 5 minutes before, or more", _of(self.warned_ahead, self.late, _NONE_LATE)),
            (
                "Told before the promise broke",
                _of(self.apologized_in_time, self.late, _NONE_LATE),
            ),
            ("Late and not warned", f"{self.late_unwarned:,}"),
            ("Apologies", f"{self.apologized:,}"),
            ("How early", lead),
            ("False alarms", _of(self.false_alarms, self.promises_due)),
            ("Told of a delay twice", _of(self.second_notices, self.promises_due)),
            ("Wrong ready", _of(self.false_ready, self.ready_said)),
            ("Silent minutes", f"{self.silent_minutes:,}"),
        ]
        messages = [
            (kind.replace("_", " ").capitalize(), _listed(states))
            for kind, states in sorted(self.messages.items())
        ]
        sections = [("Orders", orders), ("Units", units), ("Promises", promises)]
        sections.append(("Messages", messages or [("None", "nothing was said on this day")]))
        if self.notes:
            sections.append(("Notes", [("", note) for note in self.notes]))
        return sections


def _wait(waited: Waits | None) -> str:
    if waited is None:
        return "nobody said that they were here"
    median, p90 = spoken(waited.median), spoken(waited.p90)
    return f"{median} (median), {p90} (nine of ten), of {waited.n:,} who said so"


def _listed(counts: Counts) -> str:
    total = sum(counts.values())
    if not total:
        return "0"
    parts = ", ".join(f"{word.replace('_', ' ')} {n:,}" for word, n in sorted(counts.items()) if n)
    return f"{total:,} ({parts})"


def _of(part: int, whole: int, none: str = "none yet") -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else none
