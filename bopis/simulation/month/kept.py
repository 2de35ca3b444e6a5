"""What is on record of an order, as our tables would hold it; and the rows that it leaves."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID

from associates.models import ShortReason
from associates.picking.scans import ScanKind, ScanOutcome, TaskState
from associates.walking.walk import HANDFUL
from bopis.kernel.ids import Ids, StoreId
from bopis.orders import states
from bopis.orders.choices.choice import CaseState, Cause, Outcome
from bopis.orders.events import OrderFact
from bopis.orders.states import Arrival, Attention, Bucket, OrderState
from bopis.promises.promise import PromiseStatus
from bopis.promises.survival import Cell
from bopis.promises.tracking import Hour
from bopis.simulation.month.learning import Experience
from bopis.simulation.month.remedies import POLICY, Met
from notifications.facts import Choice
from notifications.models import ClaimKind, MessageKind, MessageState

LEAVES_AFTER: Final = timedelta(seconds=5)
"""What relay and sender take until words have left."""

FEED: Final = "till"
"""The one source of stock that all stores share."""

CALL_WITHIN: Final = timedelta(minutes=POLICY.call_within_minutes)
SETTLED_AFTER: Final = timedelta(hours=2)
"""What the web shop takes until a credit is paid out."""

_LEDGER: Final = tuple(Bucket)


@dataclass(slots=True)
class Line:
    line: int
    sku: str
    ordered: int
    units: dict[Bucket, int]
    found: int = 0
    given_up: int = 0
    reason: ShortReason | None = None
    asked: int = 0
    """By the walk under way; what a first walk gave up is not asked for again."""

    @classmethod
    def of(cls, line: int, sku: str, ordered: int) -> "Line":
        units = dict.fromkeys(_LEDGER, 0) | {Bucket.RESERVED: ordered}
        return cls(line, sku, ordered, units, asked=ordered)

    def move(self, source: Bucket, target: Bucket, quantity: int | None = None) -> int:
        moved = self.units[source] if quantity is None else quantity
        assert (source, target) in states.MOVES
        assert 0 <= moved <= self.units[source]
        self.units[source] -= moved
        self.units[target] += moved
        return moved


@dataclass(slots=True)
class Version:
    """One version of a promise."""

    number: int
    earliest: datetime | None
    latest: datetime
    confidence: float
    sample_size: int
    basis: str
    base_minutes: float
    reason: str | None
    made_at: datetime
    kept: int | None = None
    hour: Hour = Hour.ALL
    promised_minutes: float | None = None
    told_at: datetime | None = None
    """When the words that name it left us."""


@dataclass(slots=True)
class Case:
    number: int
    cause: Cause
    lines: list[dict[str, Any]]
    ask_after: datetime
    opened_at: datetime
    state: CaseState = CaseState.OPENED
    options: tuple[Choice, ...] = ()
    default: Choice | None = None
    answer_by: datetime | None = None
    wait_until: datetime | None = None
    answer: Choice | None = None
    outcome: Outcome | None = None
    offered_at: datetime | None = None
    closed_at: datetime | None = None


class Standing(NamedTuple):
    """Where an order stood at a look, and what that look made of its odds to be late."""

    stage: str
    odds: float


@dataclass(slots=True)
class Order:
    """What our tables know of one order. The truth about its shopper is kept elsewhere."""

    id: UUID
    task_id: UUID
    reference: str
    number: str
    code: str
    accepted_at: datetime
    lines: list[Line]
    promises: list[Version]
    promised_at: datetime
    next_due: datetime | None
    state: OrderState = OrderState.ACCEPTED
    version: int = 1
    status: PromiseStatus = PromiseStatus.ON_TRACK
    attention: Attention = Attention.NONE
    estimate_at: datetime | None = None
    p_late: float | None = None
    picking_since: datetime | None = None
    ready_at: datetime | None = None
    first_ready_at: datetime | None = None
    hold_until: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    staging: str | None = None
    task: TaskState = TaskState.OPEN
    started_at: datetime | None = None
    staged_at: datetime | None = None
    task_ended_at: datetime | None = None
    walker: UUID | None = None
    cases: list[Case] = field(default_factory=list)
    proof: dict[str, UUID] = field(default_factory=dict)
    """The last fact of each name."""
    scans: dict[int, UUID] = field(default_factory=dict)
    missed: bool = False
    """Its first promise has passed, and that was learned."""
    moved_by_doubt: bool = False
    false_readies: int = 0
    cell: Cell | None = None
    """Where it stood at the last look."""
    stood: Standing | None = None
    """The same when a warning of its first promise could last leave."""
    incidents: list[Met] = field(default_factory=list)
    total: Decimal = Decimal(0)
    signals: dict[tuple[int, str | None], bool] = field(default_factory=dict)
    """For each promise and each piece of evidence: whether a look was sure enough to speak."""
    told: list[tuple[str, datetime]] = field(default_factory=list)
    """Kinds of words that left, and when."""
    due: list[tuple[datetime, datetime]] = field(default_factory=list)
    """At each fact after which we owed a word: when, and by when."""
    here_since: datetime | None = None
    """When its shopper said that they were here; they may never."""
    answered: list[datetime] = field(default_factory=list)
    """When its shopper answered a question, and read on the page what follows."""

    @property
    def case(self) -> Case | None:
        return self.cases[-1] if self.cases and self.cases[-1].closed_at is None else None

    @property
    def first(self) -> Version:
        """What is never changed, and judged by."""
        return self.promises[0]

    def sum(self, *buckets: Bucket) -> int:
        return sum(line.units[bucket] for line in self.lines for bucket in buckets)

    def roll_up(self, *, refused: bool = False) -> None:
        started = self.picking_since is not None
        found = states.roll_up(
            [line.units for line in self.lines], started=started, refused=refused
        )
        self.state = states.check(self.state, found)

    @property
    def to_find(self) -> int:
        return sum(min(line.units[Bucket.RESERVED], HANDFUL) for line in self.lines)

    @property
    def effort(self) -> int:
        return sum(min(line.ordered, HANDFUL) for line in self.lines)


class Book:
    """Rows for our tables, in the sequence in which they would have been written."""

    def __init__(self, store: StoreId, seed: int) -> None:
        self.store = store
        self.ids = Ids(Random(f"{seed}:{store}:ids"))
        self.rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._sequence = 0

    def fact(self, order: Order, event: OrderFact, now: datetime, actor: str = "system") -> UUID:
        """Write a fact down; return its id, which proves what is said of it."""
        made = self.ids(now)
        payload = event.model_dump_json(exclude={"store_id"})
        self.rows["events"].append((self.store, made, event.name, order.id, actor, payload, now))
        order.proof[event.name] = made
        return made

    def arrived(self, order: Order, event: OrderFact, now: datetime) -> None:
        """Write a shopper's word down under an id of its own luck: all others stay as they were."""
        made = Ids(Random(f"{order.id.hex} here"))(now)
        payload = event.model_dump_json(exclude={"store_id"})
        row = (self.store, made, event.name, order.id, "shopper", payload, now)
        self.rows["events"].append(row)
        order.here_since = now

    def say(
        self,
        order: Order,
        kind: MessageKind,
        claims: Iterable[tuple[ClaimKind, str, Sequence[UUID]]],
        now: datetime,
    ) -> datetime:
        """Queue a message and let it leave; return when it left."""
        made, left = self.ids(now), now + LEAVES_AFTER
        self.rows["messages"].append(
            (self.store, made, order.id, kind, f"{kind}/{order.id.hex}/{len(order.told)}",
             order.version, len(order.promises), "{}", MessageState.SENT, now, now, 1, left, left)
        )  # fmt: skip
        for claim, value, proof in claims:
            self.rows["message_claims"].append((self.store, made, claim, value, list(proof)))
        order.told.append((kind, left))
        return left

    def scan(
        self,
        order: Order,
        kind: ScanKind,
        now: datetime,
        *,
        device: UUID,
        line: Line | None = None,
        quantity: int = 0,
    ) -> UUID:
        made = self.ids(now)
        self._sequence += 1
        self.rows["scans"].append(
            (self.store, made, device, self._sequence, order.walker, order.task_id, 1, kind, "",
             line and line.sku, line and line.line, quantity, ScanOutcome.APPLIED, now, now)
        )  # fmt: skip
        return made

    def order(self, order: Order) -> None:
        """Write an order as it stands, with all that belongs to it."""
        s, o = self.store, order
        self.rows["orders"].append(
            (s, o.id, "web", o.reference, o.reference, o.number, o.code, o.state, o.version,
             len(o.promises), o.promised_at, o.status, o.attention, o.estimate_at, o.p_late,
             o.next_due, o.accepted_at, o.picking_since, o.ready_at, o.first_ready_at,
             o.hold_until, o.closed_at, o.close_reason, o.staging, o.total, POLICY.currency)
        )  # fmt: skip
        self.rows["pick_tasks"].append(
            (s, o.task_id, o.id, o.number, o.promised_at, o.task, o.walker, 1, o.staging,
             o.accepted_at, o.started_at, o.staged_at, o.task_ended_at)
        )  # fmt: skip
        for line in o.lines:
            self.rows["order_lines"].append(
                (s, o.id, line.line, line.sku, f"Item {line.sku}", line.ordered,
                 *(line.units[bucket] for bucket in Bucket))
            )  # fmt: skip
            self.rows["pick_lines"].append(
                (s, o.task_id, line.line, line.sku, f"Item {line.sku}", line.ordered, line.found,
                 line.given_up, line.reason)
            )  # fmt: skip
        for p in o.promises:
            self.rows["promises"].append(
                (s, o.id, p.number, p.earliest, p.latest, p.confidence, p.sample_size, p.basis,
                 p.base_minutes, p.reason, p.made_at, p.kept, p.hour, p.promised_minutes)
            )  # fmt: skip
        if o.here_since is not None:
            served = o.closed_at if o.state is OrderState.PICKED_UP else None
            state = Arrival.SERVED if served else Arrival.LEFT
            self.rows["arrivals"].append(
                (s, o.id, state, o.here_since, True, 1, o.here_since, served)
            )
        for one in o.incidents:
            self.rows["incidents"].append(
                (s, o.id, one.number, one.what, one.order_version, one.tier, one.said,
                 one.late // timedelta(minutes=1), one.warned, one.at,
                 one.at + CALL_WITHIN if one.needs_call else None,
                 one.at + CALL_WITHIN if one.needs_call else None)
            )  # fmt: skip
            if one.credit is not None:
                self.rows["credits"].append(
                    (s, o.id, one.number, one.tier, one.credit.amount, one.credit.currency,
                     one.at, one.at + SETTLED_AFTER)
                )  # fmt: skip
        for c in o.cases:
            self.rows["choice_cases"].append(
                (s, o.id, c.number, c.state, c.cause, json.dumps(c.lines), c.ask_after,
                 json.dumps(c.options), c.default, c.answer_by, c.wait_until, "[]", c.answer,
                 c.answer and "page", c.outcome, c.opened_at, c.offered_at, c.closed_at)
            )  # fmt: skip

    def fed(self, now: datetime) -> None:
        """Write down that the store's stock feed has spoken."""
        batch = f"{self.store}-{now:%Y%m%dT%H%M}"
        self.rows["feed_batches"].append((FEED, batch, "snapshot", now, batch, "applied", now))
        self.rows["feed_runs"].append((self.store, FEED, batch, "snapshot", now, now, batch))

    def learned(self, known: Experience) -> None:
        """Write down what a store has learned."""
        for one in known.prepared.values():
            self.rows["preparations"].append(
                (self.store, one.order_id, one.base_minutes, one.open_minutes, one.pick_minutes,
                 one.units, one.known_at, one.missed, one.hour, one.promised_minutes, True)
            )  # fmt: skip
        for hour, level in sorted(known.levels.items()):
            self.rows["calibrations"].append(
                (self.store, hour, level.theta, level.orders, level.missed)
            )
        for x in known.noted.values():
            self.rows["remaining_times"].append(
                (self.store, x.order_id, x.cell.stage, x.cell.elapsed, x.cell.load, x.base,
                 x.since_accepted, x.at)
            )  # fmt: skip


COLUMNS: Final = {
    "orders": (
        "store_id id channel reference fingerprint number pickup_code state version"
        " promise_version promised_at promise_status attention estimate_at p_late"
        " next_update_due_at accepted_at picking_since ready_at first_ready_at hold_until"
        " closed_at close_reason staging_code total currency"
    ),
    "order_lines": "store_id order_id line sku name ordered " + " ".join(Bucket),
    "promises": (
        "store_id order_id version earliest latest confidence sample_size basis base_minutes"
        " reason made_at kept hour promised_minutes"
    ),
    "events": "store_id id name subject actor payload occurred_at",
    "messages": (
        "store_id id order_id kind dedupe_key order_version promise_version facts state"
        " created_at send_after attempts attempted_at settled_at"
    ),
    "message_claims": "store_id message_id kind value evidence",
    "devices": "store_id id name token_digest enrolled_at",
    "pick_tasks": (
        "store_id id order_id number due_at state assigned_to fence staging_code opened_at"
        " started_at staged_at ended_at"
    ),
    "pick_lines": "store_id task_id line sku name asked found short short_reason",
    "scans": (
        "store_id id device_id device_seq associate_id task_id fence kind code sku line quantity"
        " outcome scanned_at received_at"
    ),
    "incidents": (
        "store_id order_id number what order_version tier said late_minutes warned opened_at"
        " call_by called_at"
    ),
    "credits": "store_id order_id incident tier amount currency granted_at settled_at",
    "choice_cases": (
        "store_id order_id number state cause lines ask_after options default_choice answer_by"
        " wait_until elsewhere answer via outcome opened_at offered_at closed_at"
    ),
    "preparations": (
        "store_id order_id base_minutes open_minutes pick_minutes units known_at missed hour"
        " promised_minutes is_learned"
    ),
    "arrivals": "store_id order_id state arrived_at was_ready changes said_at served_at",
    "calibrations": "store_id hour theta orders missed",
    "remaining_times": ("store_id order_id stage elapsed load base_minutes since_accepted at"),
    "pauses": "store_id id begins_at ends_at reason takes_orders closes made_at",
    "delay_signals": (
        "store_id id order_id promise_version at p_late threshold lead_minutes hard_evidence"
    ),
    "feed_batches": "source batch_id kind as_of digest state received_at",
    "feed_runs": "store_id source batch_id kind as_of applied_at digest",
    "refusals": "store_id id channel reference reason lines at",
}
"""Which columns the rows of a table fill, in order; in a sequence that foreign keys allow."""
