"""What is recorded about whoever carries a handheld, in sentences: one for each column. Pure.

It is held against the schema: a table that can tell who somebody is, or a column of one, without a
sentence here is a red test. Nothing here measures anybody: these are the rows themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bopis.kernel.speech import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One list of what is recorded.

    Shapes:
        columns: each column of the table, and what it holds.
        who: the columns from which it can be told that a row is about you.
        hidden: columns that are kept, and shown to nobody, because they open something.
    """

    table: str
    title: str
    why: str
    fades: str
    who: frozenset[str]
    columns: Mapping[str, str]
    hidden: frozenset[str] = field(default=frozenset())


_STORE: Final = phrase("Your store.")
_TASK: Final = phrase("Which walk it belonged to.")
_DEVICE: Final = phrase("Which handheld it was.")
_FORGOTTEN: Final = phrase("After 90 days it is not known any more that it was you.")

PARTS: Final[tuple[Part, ...]] = (
    Part(
        table="associates",
        title=phrase("Who you are"),
        why=phrase("So that you can sign in, and that a colleague sees who has a walk in hand."),
        fades=phrase("Your badge and PIN go when you leave, your name and number 90 days later."),
        who=frozenset({"id", "number", "badge_digest", "pin_hash"}),
        hidden=frozenset({"badge_digest", "pin_hash"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number that stands for you in the other lists."),
            "number": phrase("What you type to sign in."),
            "name": phrase("Your name, as your store wrote it down."),
            "badge_digest": phrase("A fingerprint of your badge's code. The code is not kept."),
            "pin_hash": phrase("A scrambled form of your PIN. Nobody can turn it back."),
            "is_active": phrase("Whether you can sign in."),
            "left_at": phrase("When you left."),
        },
    ),
    Part(
        table="associate_sessions",
        title=phrase("When you were signed in"),
        why=phrase("So that what a handheld says is believed only while somebody holds it."),
        fades=phrase("Deleted after 90 days."),
        who=frozenset({"associate_id", "device_id"}),
        hidden=frozenset({"token_digest"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for this time."),
            "device_id": _DEVICE,
            "associate_id": phrase("That it was you."),
            "token_digest": phrase("A fingerprint of the key that the handheld had."),
            "started_at": phrase("When you signed in."),
            "ends_at": phrase("When you signed out, or when it ended by itself."),
        },
    ),
    Part(
        table="sign_in_failures",
        title=phrase("Wrong tries to sign in"),
        why=phrase("So that nobody can guess your PIN."),
        fades=phrase("Deleted when you sign in, or a day after the last wait is over."),
        who=frozenset({"number", "device_id"}),
        columns={
            "store_id": _STORE,
            "device_id": _DEVICE,
            "number": phrase("The number that was typed."),
            "failures": phrase("How many tries were wrong."),
            "locked_until": phrase("Until when the next try has to wait."),
        },
    ),
    Part(
        table="scans",
        title=phrase("What you scanned and tapped"),
        why=phrase("So that an order, or a number of the stock, can be explained to whoever asks."),
        fades=_FORGOTTEN,
        who=frozenset({"associate_id", "device_id", "device_seq"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for this scan, made by the handheld."),
            "device_id": _DEVICE,
            "device_seq": phrase("Which one it was on that handheld."),
            "associate_id": phrase("That it was you."),
            "task_id": _TASK,
            "fence": phrase("Under which claim of the walk it was made."),
            "kind": phrase("What you did: an item, a place, a short, a count."),
            "code": phrase("What the scanner read."),
            "sku": phrase("Which item that is."),
            "line": phrase("Which line of the order."),
            "quantity": phrase("How many."),
            "place": phrase("Where you looked."),
            "outcome": phrase("What it came to."),
            "undoes": phrase("Which scan it took back."),
            "scanned_at": phrase("When, by the handheld's clock."),
            "received_at": phrase("When we heard of it."),
        },
    ),
    Part(
        table="pick_tasks",
        title=phrase("Walks you had in hand"),
        why=phrase("So that two people do not pick one order without knowing of each other."),
        fades=_FORGOTTEN,
        who=frozenset({"assigned_to", "device_id"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for the walk."),
            "order_id": phrase("The order."),
            "number": phrase("The order's number."),
            "due_at": phrase("By when it was due."),
            "state": phrase("How far it was."),
            "assigned_to": phrase("That you had it last."),
            "device_id": _DEVICE,
            "lease_until": phrase("Until when it was yours."),
            "fence": phrase("How often it was claimed."),
            "claimed_at": phrase("Since when it was in your hands."),
            "wave_id": phrase("Which other orders were in the same walk."),
            "tote": phrase("Which tote was this order's."),
            "is_at_risk": phrase("Whether the order was feared to be late."),
            "slow_minutes": phrase(
                "What nine of ten such walks need: of the order, and nobody's own."
            ),
            "staging_code": phrase("Where it was put down."),
            "opened_at": phrase("When the order came."),
            "started_at": phrase("When somebody first took it."),
            "staged_at": phrase("When it was at its place."),
            "ended_at": phrase("When it was over."),
            "here_since": phrase("When its customer said that they were here."),
            "collector": phrase("Whether the customer collected it, or somebody else."),
            "id_looked": phrase("Whether an ID was looked at. What is on it is not kept."),
        },
    ),
    Part(
        table="take_overs",
        title=phrase("Walks you asked a colleague for"),
        why=phrase("So that they can give it to you, or keep it."),
        fades=phrase("Deleted after 90 days."),
        who=frozenset({"asked_by", "asked_from"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for the question."),
            "task_id": _TASK,
            "fence": phrase("Which claim of it you asked for."),
            "asked_by": phrase("That you asked."),
            "asked_from": _DEVICE,
            "asked_at": phrase("When."),
            "answered_at": phrase("When it was answered."),
            "granted": phrase("Whether you got it."),
        },
    ),
    Part(
        table="count_requests",
        title=phrase("Counts you took on"),
        why=phrase("So that a second one who would count the same is told."),
        fades=_FORGOTTEN,
        who=frozenset({"claimed_by", "first_by"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for the count."),
            "sku": phrase("The item."),
            "reason": phrase("Why it is counted."),
            "priority": phrase("How urgent it is."),
            "cause": phrase("The scan that it came of."),
            "opened_at": phrase("When it was asked for."),
            "due_at": phrase("By when."),
            "claimed_by": phrase("That you have it."),
            "claimed_until": phrase("Until when."),
            "first_count": phrase("What was counted first, if it was counted twice."),
            "first_by": phrase("That you looked first, where somebody else has to look, too."),
            "done_at": phrase("When it was done."),
            "counted": phrase("What was counted."),
            "chance": phrase("How likely the item was to be drawn, if it was drawn by lot."),
        },
    ),
    Part(
        table="handheld_cases",
        title=phrase("What your handheld sent that came out otherwise"),
        why=phrase("So that nothing you did without a network is lost in silence."),
        fades=phrase("Deleted after 90 days."),
        who=frozenset({"associate_id", "device_id", "device_seq"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for the entry."),
            "kind": phrase("What became of it."),
            "device_id": _DEVICE,
            "device_seq": phrase("Which entry it was on that handheld."),
            "associate_id": phrase("That you were signed in."),
            "act": phrase("What kind of act it was."),
            "told": phrase("What the handheld had shown you."),
            "why": phrase("Why it came out otherwise."),
            "body": phrase("What the entry said, where it could not be carried out."),
            "scanned_at": phrase("When, by the handheld's clock."),
            "opened_at": phrase("When we heard of it."),
            "closed_at": phrase("When somebody had looked at it."),
        },
    ),
    Part(
        table="disputes",
        title=phrase("Where you said that it is not so"),
        why=phrase("So that your word stands beside the record, and store operations answer it."),
        fades=phrase("Deleted 90 days after the answer."),
        who=frozenset({"associate_id"}),
        columns={
            "store_id": _STORE,
            "id": phrase("A number for your note."),
            "associate_id": phrase("That it is yours."),
            "about": phrase("Which of these lists it is about."),
            "words": phrase("What you said."),
            "made_at": phrase("When."),
            "answer": phrase("What store operations said to it."),
            "answered_by": phrase("Who of store operations."),
            "answered_at": phrase("When."),
        },
    ),
)

HEADINGS: Final[Mapping[str, str]] = {
    "about": phrase("List"),
    "act": phrase("What you did"),
    "answer": phrase("Answer"),
    "answered_at": phrase("Answered"),
    "answered_by": phrase("Answered by"),
    "asked_at": phrase("Asked"),
    "asked_by": phrase("Who asked"),
    "asked_from": phrase("Asked from handheld"),
    "assigned_to": phrase("Who had it last"),
    "associate_id": phrase("Who"),
    "badge_digest": phrase("Badge, as a fingerprint"),
    "body": phrase("Entry, in full"),
    "cause": phrase("Came of scan"),
    "chance": phrase("Chance of being drawn"),
    "claimed_at": phrase("In your hands since"),
    "claimed_by": phrase("Taken on by"),
    "claimed_until": phrase("Yours until"),
    "closed_at": phrase("Looked at"),
    "code": phrase("Code"),
    "collector": phrase("Collected by"),
    "counted": phrase("Counted"),
    "device_id": phrase("Handheld"),
    "device_seq": phrase("Number on that handheld"),
    "done_at": phrase("Finished"),
    "due_at": phrase("Due"),
    "ended_at": phrase("Over"),
    "ends_at": phrase("Signed out"),
    "failures": phrase("Wrong tries"),
    "fence": phrase("Claim"),
    "first_by": phrase("Who looked first"),
    "first_count": phrase("First count"),
    "granted": phrase("Given to you"),
    "here_since": phrase("Customer here since"),
    "id": phrase("Number of this entry"),
    "id_looked": phrase("ID looked at"),
    "is_active": phrase("Can sign in"),
    "is_at_risk": phrase("May be late"),
    "kind": phrase("Kind"),
    "lease_until": phrase("Yours until"),
    "left_at": phrase("Left"),
    "line": phrase("Line of the order"),
    "locked_until": phrase("Next try from"),
    "made_at": phrase("Noted"),
    "name": phrase("Name"),
    "number": phrase("Number"),
    "opened_at": phrase("Opened"),
    "order_id": phrase("Order"),
    "outcome": phrase("What it came to"),
    "pin_hash": phrase("PIN, scrambled"),
    "place": phrase("Place"),
    "priority": phrase("How urgent"),
    "quantity": phrase("How many"),
    "reason": phrase("Why"),
    "received_at": phrase("We heard of it"),
    "scanned_at": phrase("Time on the handheld"),
    "sku": phrase("Item"),
    "slow_minutes": phrase("Minutes that such walks need"),
    "staged_at": phrase("At its place"),
    "staging_code": phrase("Where it was put"),
    "started_at": phrase("Begun"),
    "state": phrase("How far"),
    "store_id": phrase("Store"),
    "task_id": phrase("Walk"),
    "token_digest": phrase("Key, as a fingerprint"),
    "told": phrase("What the handheld showed"),
    "tote": phrase("Tote"),
    "undoes": phrase("Scan taken back"),
    "wave_id": phrase("Walked together"),
    "why": phrase("Why it came out otherwise"),
    "words": phrase("What you said"),
}
"""Each column in a word or two: what holds the same in two lists has one name."""

BY_DEVICE: Final = phrase(
    "The history of orders and of stock says which handheld did something, without a name. Together"
    " with the list of who was signed in, it tells that it was you; that list goes after 90 days."
)
NOT_KEPT: Final = phrase(
    "How fast you are is not measured, nobody is ranked, and nobody is told when you do nothing."
)

NAMED: Final = {part.table: part for part in PARTS}

PEOPLE: Final = frozenset({"assigned_to", "asked_by", "associate_id", "claimed_by", "first_by"})
"""Columns that hold a person. One row may be about two: a count that two have looked at."""
