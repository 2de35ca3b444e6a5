"""What is recorded about whoever carries a handheld, in sentences: one for each column. Pure.

It is held against the schema: a table that can tell who somebody is, or a column of one, without a
sentence here is a red test. Nothing here measures anybody: these are the rows themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


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


_STORE: Final = "Your store."
_TASK: Final = "Which walk it belonged to."
_DEVICE: Final = "Which handheld it was."
_FORGOTTEN: Final = "After 90 days it is not known any more that it was you."

PARTS: Final[tuple[Part, ...]] = (
    Part(
        table="associates",
        title="Who you are",
        why="So that you can sign in, and that a colleague sees who has a walk in hand.",
        fades="Your badge and PIN go when you leave, your name and number 90 days later.",
        who=frozenset({"id", "number", "badge_digest", "pin_hash"}),
        hidden=frozenset({"badge_digest", "pin_hash"}),
        columns={
            "store_id": _STORE,
            "id": "A number that stands for you in the other lists.",
            "number": "What you type to sign in.",
            "name": "Your name, as your store wrote it down.",
            "badge_digest": "A fingerprint of your badge's code. The code is not kept.",
            "pin_hash": "A scrambled form of your PIN. Nobody can turn it back.",
            "is_active": "Whether you can sign in.",
            "left_at": "When you left.",
        },
    ),
    Part(
        table="associate_sessions",
        title="When you were signed in",
        why="So that what a handheld says is believed only while somebody holds it.",
        fades="Deleted after 90 days.",
        who=frozenset({"associate_id", "device_id"}),
        hidden=frozenset({"token_digest"}),
        columns={
            "store_id": _STORE,
            "id": "A number for this time.",
            "device_id": _DEVICE,
            "associate_id": "That it was you.",
            "token_digest": "A fingerprint of the key that the handheld had.",
            "started_at": "When you signed in.",
            "ends_at": "When you signed out, or when it ended by itself.",
        },
    ),
    Part(
        table="sign_in_failures",
        title="Wrong tries to sign in",
        why="So that nobody can guess your PIN.",
        fades="Deleted when you sign in, or a day after the last wait is over.",
        who=frozenset({"number", "device_id"}),
        columns={
            "store_id": _STORE,
            "device_id": _DEVICE,
            "number": "The number that was typed.",
            "failures": "How many tries were wrong.",
            "locked_until": "Until when the next try has to wait.",
        },
    ),
    Part(
        table="scans",
        title="What you scanned and tapped",
        why="So that an order, or a number of the stock, can be explained to whoever asks.",
        fades=_FORGOTTEN,
        who=frozenset({"associate_id", "device_id", "device_seq"}),
        columns={
            "store_id": _STORE,
            "id": "A number for this scan, made by the handheld.",
            "device_id": _DEVICE,
            "device_seq": "Which one it was on that handheld.",
            "associate_id": "That it was you.",
            "task_id": _TASK,
            "fence": "Under which claim of the walk it was made.",
            "kind": "What you did: an item, a place, a short, a count.",
            "code": "What the scanner read.",
            "sku": "Which item that is.",
            "line": "Which line of the order.",
            "quantity": "How many.",
            "place": "Where you looked.",
            "outcome": "What it came to.",
            "undoes": "Which scan it took back.",
            "scanned_at": "When, by the handheld's clock.",
            "received_at": "When we heard of it.",
        },
    ),
    Part(
        table="pick_tasks",
        title="Walks you had in hand",
        why="So that two people do not pick one order without knowing of each other.",
        fades=_FORGOTTEN,
        who=frozenset({"assigned_to", "device_id"}),
        columns={
            "store_id": _STORE,
            "id": "A number for the walk.",
            "order_id": "The order.",
            "number": "The order's number.",
            "due_at": "By when it was due.",
            "state": "How far it was.",
            "assigned_to": "That you had it last.",
            "device_id": _DEVICE,
            "lease_until": "Until when it was yours.",
            "fence": "How often it was claimed.",
            "claimed_at": "Since when it was in your hands.",
            "wave_id": "Which other orders were in the same walk.",
            "tote": "Which tote was this order's.",
            "is_at_risk": "Whether the order was feared to be late.",
            "slow_minutes": "What nine of ten such walks need: of the order, and nobody's own.",
            "staging_code": "Where it was put down.",
            "opened_at": "When the order came.",
            "started_at": "When somebody first took it.",
            "staged_at": "When it was at its place.",
            "ended_at": "When it was over.",
            "here_since": "When its customer said that they were here.",
            "collector": "Whether the customer collected it, or somebody else.",
            "id_looked": "Whether an ID was looked at. What is on it is not kept.",
        },
    ),
    Part(
        table="take_overs",
        title="Walks you asked a colleague for",
        why="So that they can give it to you, or keep it.",
        fades="Deleted after 90 days.",
        who=frozenset({"asked_by", "asked_from"}),
        columns={
            "store_id": _STORE,
            "id": "A number for the question.",
            "task_id": _TASK,
            "fence": "Which claim of it you asked for.",
            "asked_by": "That you asked.",
            "asked_from": _DEVICE,
            "asked_at": "When.",
            "answered_at": "When it was answered.",
            "granted": "Whether you got it.",
        },
    ),
    Part(
        table="count_requests",
        title="Counts you took on",
        why="So that a second one who would count the same is told.",
        fades=_FORGOTTEN,
        who=frozenset({"claimed_by"}),
        columns={
            "store_id": _STORE,
            "id": "A number for the count.",
            "sku": "The item.",
            "reason": "Why it is counted.",
            "priority": "How urgent it is.",
            "cause": "The scan that it came of.",
            "opened_at": "When it was asked for.",
            "due_at": "By when.",
            "claimed_by": "That you have it.",
            "claimed_until": "Until when.",
            "first_count": "What was counted first, if it was counted twice.",
            "done_at": "When it was done.",
            "counted": "What was counted.",
        },
    ),
    Part(
        table="handheld_cases",
        title="What your handheld sent that came out otherwise",
        why="So that nothing you did without a network is lost in silence.",
        fades="Deleted after 90 days.",
        who=frozenset({"associate_id", "device_id", "device_seq"}),
        columns={
            "store_id": _STORE,
            "id": "A number for the entry.",
            "kind": "What became of it.",
            "device_id": _DEVICE,
            "device_seq": "Which entry it was on that handheld.",
            "associate_id": "That you were signed in.",
            "act": "What kind of act it was.",
            "told": "What the handheld had shown you.",
            "why": "Why it came out otherwise.",
            "body": "What the entry said, where it could not be carried out.",
            "scanned_at": "When, by the handheld's clock.",
            "opened_at": "When we heard of it.",
            "closed_at": "When somebody had looked at it.",
        },
    ),
    Part(
        table="disputes",
        title="Where you said that it is not so",
        why="So that your word stands beside the record, and store operations answer it.",
        fades="Deleted 90 days after the answer.",
        who=frozenset({"associate_id"}),
        columns={
            "store_id": _STORE,
            "id": "A number for your note.",
            "associate_id": "That it is yours.",
            "about": "Which of these lists it is about.",
            "words": "What you said.",
            "made_at": "When.",
            "answer": "What store operations said to it.",
            "answered_by": "Who of store operations.",
            "answered_at": "When.",
        },
    ),
)

BY_DEVICE: Final = (
    "The history of orders and of stock says which handheld did something, without a name. Together"
    " with the list of who was signed in, it tells that it was you; that list goes after 90 days."
)
NOT_KEPT: Final = (
    "How fast you are is not measured, nobody is ranked, and nobody is told when you do nothing."
)

NAMED: Final = {part.table: part for part in PARTS}
