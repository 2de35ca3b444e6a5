"""The words that a record holds instead of sentences: states, kinds, reasons; each said.

A list of what is recorded about a person is no use to them in the program's own words. This too is
held against the schema: a word that a column may hold and that is not said here is a red test, and
so is a new column of text that is neither here nor in ``AS_IT_IS``.
"""

from collections.abc import Mapping
from typing import Any, Final

from associates.bagging.bag import Collector
from associates.crew.about_me import NAMED, PEOPLE
from associates.crew.own_records import SOMEBODY_ELSE
from associates.handheld.place_wording import ASKED_FOR, REASONS
from associates.offline.case_models import CaseKind
from associates.picking.scans import ScanKind, ScanOutcome, TaskState
from bopis.kernel.speech import phrase, t
from inventory.models import CountPriority

_KINDS: Final[Mapping[str, str]] = {
    ScanKind.ITEM: phrase("You scanned an item"),
    ScanKind.SHORT: phrase("You said that some is missing"),
    ScanKind.SKIP: phrase("You left it for later"),
    ScanKind.LOOK: phrase("You said where you look"),
    ScanKind.MISS: phrase("You said that it is not at this place"),
    ScanKind.ZERO_CHECK: phrase("You said whether the shelf is empty"),
    ScanKind.UNDO: phrase("You took something back"),
    ScanKind.STAGE: phrase("You scanned a pickup place"),
    ScanKind.HAND_OVER: phrase("You handed an order over"),
    ScanKind.RETRACT: phrase("You said that an order is not ready after all"),
    ScanKind.PUT_BACK: phrase("You put something back"),
    ScanKind.COUNT: phrase("You counted"),
    ScanKind.TAKE: phrase("You took a walk on without a network"),
    ScanKind.BAGS: phrase("You said how many bags there are"),
    ScanKind.TOTE: phrase("You scanned a tote"),
}
_OUTCOMES: Final[Mapping[str, str]] = {
    ScanOutcome.APPLIED: phrase("It counts"),
    ScanOutcome.WRONG_ITEM: phrase("It was another item"),
    ScanOutcome.UNKNOWN_CODE: phrase("We do not know this code"),
    ScanOutcome.TOO_MANY: phrase("That would have been too many"),
    ScanOutcome.PAST_DATE: phrase("Its date was past"),
    ScanOutcome.NOT_A_CODE: phrase("It was no code of ours"),
    ScanOutcome.NOT_NOW: phrase("Nothing waited for it just then"),
    ScanOutcome.COUNT_AGAIN: phrase("You were asked to count once more"),
    ScanOutcome.SECOND_PERSON: phrase("Kept, and counted by somebody else, too"),
    ScanOutcome.SAME_PERSON: phrase("You had looked already: it was somebody else's turn"),
    ScanOutcome.STALE: phrase("It was counted too long before it came in"),
    ScanOutcome.SUPERSEDED: phrase("A colleague had the walk by then"),
    ScanOutcome.WRONG_BAG: phrase("It was another order's bag"),
    ScanOutcome.BAGS_FIRST: phrase("Nobody had said how many bags there are"),
    ScanOutcome.BAGS_LEFT: phrase("Not every bag had been scanned"),
    ScanOutcome.LOOK_FIRST: phrase("An ID had to be looked at before"),
    ScanOutcome.SHELF_FIRST: phrase("The shelf's label had to be scanned before"),
    ScanOutcome.TOTE_FIRST: phrase("The tote's label had to be scanned before"),
    ScanOutcome.WRONG_TOTE: phrase("It was another order's tote"),
    ScanOutcome.UNDONE: phrase("It counted, and was taken back later"),
}
_ACTS: Final[Mapping[str, str]] = {
    **_KINDS,
    "tasks/{task_id}/take": phrase("You took a walk on without a network"),
    "waves/take": phrase("You took several walks on without a network"),
    "tasks/{task_id}/scans": phrase("You scanned or tapped something on a walk"),
    "tasks/{task_id}/bags": phrase("You said how many bags there are"),
    "put-backs/{duty_id}/done": phrase("You put something back"),
    "counts/{count_id}/done": phrase("You counted"),
    "counter/{code}/hand-over": phrase("You handed an order over"),
    "counter/{code}/retract": phrase("You said that an order is not ready after all"),
    "": phrase("Something that we could not read"),
}
"""Of what became of an act the kind is noted; of one that was not done, its address."""

VALUES: Final[Mapping[tuple[str, str], Mapping[Any, str]]] = {
    ("scans", "kind"): _KINDS,
    ("scans", "outcome"): _OUTCOMES,
    ("pick_tasks", "state"): {
        TaskState.OPEN: phrase("Nobody had it in hand"),
        TaskState.CLAIMED: phrase("Being picked"),
        TaskState.PICKED: phrase("Picked, and still to be put down"),
        TaskState.STAGED: phrase("At its pickup place"),
        TaskState.DONE: phrase("Handed over to its customer"),
        TaskState.CANCELLED: phrase("Cancelled before it was over"),
    },
    ("pick_tasks", "collector"): {
        Collector.SHOPPER: phrase("The customer"),
        Collector.OTHER: phrase("Somebody else, who had the code"),
    },
    ("count_requests", "reason"): {**REASONS, "asked": ASKED_FOR},
    ("count_requests", "priority"): {
        CountPriority.FAILED_PICK: phrase("First of all: a pick has failed"),
        CountPriority.DOUBT: phrase("Soon: something does not fit together"),
        CountPriority.LOW_RECORD: phrase("Later: it runs low"),
        CountPriority.AT_RANDOM: phrase("Last: it was drawn by lot"),
    },
    ("handheld_cases", "kind"): {
        CaseKind.CONFLICT: phrase("It came out otherwise than the handheld had shown"),
        CaseKind.REFUSED: phrase("It could not be done"),
        CaseKind.WITHHELD: phrase("It was kept and not done: the handheld was shut out"),
    },
    ("handheld_cases", "act"): _ACTS,
    ("handheld_cases", "told"): _OUTCOMES,
    ("disputes", "about"): {name: part.title for name, part in NAMED.items()},
}
AS_IT_IS: Final = frozenset(
    {
        *(("associates", name) for name in ("number", "name")),
        *(("scans", name) for name in ("code", "sku", "place")),
        *(("pick_tasks", name) for name in ("number", "staging_code")),
        *(("handheld_cases", name) for name in ("why", "body")),
        *(("disputes", name) for name in ("words", "answer", "answered_by")),
        ("sign_in_failures", "number"),
        ("count_requests", "sku"),
    }
)
"""Text that somebody typed or a scanner read, or a sentence already."""


def said(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a person's row with its words in the language they read; a word unknown stays."""
    return {name: _said(table, name, value) for name, value in row.items()}


def _said(table: str, name: str, value: Any) -> Any:
    if name in PEOPLE and value is not None:
        return t("Somebody else") if value == SOMEBODY_ELSE else t("You")
    words = VALUES.get((table, name), {})
    return t(words[value]) if words and value in words else value
