"""What a monitor counts: requests by route, and questions that the database answers when asked.

Labels are closed lists (routes, jobs, states), never ids: a label for each order would be a leak
and a memory hole at once.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from asyncpg import Record
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bopis.kernel.database import Database
from bopis.kernel.errors import Unavailable

REQUESTS: Final = Histogram(
    "bopis_http_seconds",
    "How long answers took, by route template.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=None,
)
POOL: Final = Gauge(
    "bopis_pool_connections",
    "Database connections of the serving processes.",
    ("state",),
    multiprocess_mode="livesum",
    registry=None,
)
STREAMS: Final = Gauge(
    "bopis_streams_open",
    "Live pages that listen just now.",
    multiprocess_mode="livesum",
    registry=None,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A gauge whose value is asked of the database: one number, or one for each label."""

    name: str
    words: str
    sql: str
    """Yields ``value``, and ``label`` if the question has one. Runs in a fan-out transaction."""
    label: str = ""
    clock: Literal["", "store"] = ""
    """``store``: the statement's ``$1`` is the store clock's now."""


GROUND: Final = (
    Question(
        "bopis_relay_backlog",
        "Facts that wait for a later subscriber.",
        "SELECT count(*) AS value FROM deliveries WHERE dead_at IS NULL  /* fanout: metrics */",
    ),
    Question(
        "bopis_relay_oldest_seconds",
        "How long the longest overdue fact has waited.",
        """
        SELECT coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0), 0)::float8
                   AS value
          FROM deliveries WHERE dead_at IS NULL  /* fanout: metrics */
        """,
    ),
    Question(
        "bopis_relay_dead",
        "Facts that no attempt could deliver: a person has to look.",
        "SELECT count(*) AS value FROM deliveries WHERE dead_at IS NOT NULL  /* fanout: metrics */",
    ),
    Question(
        "bopis_job_last_success_timestamp_seconds",
        "When each job last ended well.",
        """
        SELECT name AS label, extract(epoch FROM succeeded_at)::float8 AS value
          FROM leases WHERE succeeded_at IS NOT NULL
        """,
        label="job",
    ),
    Question(
        "bopis_job_failures",
        "How often each job has failed since it last ended well.",
        "SELECT name AS label, failures AS value FROM leases",
        label="job",
    ),
)


class _Answers(Collector):
    def __init__(self) -> None:
        self._families: list[GaugeMetricFamily] = []

    def add(self, family: GaugeMetricFamily) -> None:
        self._families.append(family)

    def collect(self) -> Iterable[Metric]:
        return self._families


async def exposition(db: Database, questions: Iterable[Question]) -> bytes:
    """Return everything in Prometheus' text format, over all serving processes.

    The database's answers are left out while it does not answer; ``bopis_database_up`` says so, and
    the rest is still there.
    """
    note_pool(db)
    registry = CollectorRegistry()
    answers = _Answers()
    registry.register(answers)
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for own in (REQUESTS, POOL, STREAMS):
            registry.register(own)
    up = GaugeMetricFamily("bopis_database_up", "Whether the database answered this time.")
    try:
        async with db.transaction() as tx:
            for question in questions:
                now = (tx.now,) if question.clock == "store" else ()
                answers.add(_family(question, await tx.rows(question.sql, *now)))
        up.add_metric((), 1)
    except Unavailable:
        up.add_metric((), 0)
    answers.add(up)
    return generate_latest(registry)


def _family(question: Question, rows: Iterable[Record]) -> GaugeMetricFamily:
    labels = (question.label,) if question.label else ()
    family = GaugeMetricFamily(question.name, question.words, labels=labels)
    for row in rows:
        family.add_metric((row["label"],) if labels else (), float(row["value"]))
    return family


def note_pool(db: Database) -> None:
    idle = db.pool.get_idle_size()
    POOL.labels("idle").set(idle)
    POOL.labels("busy").set(db.pool.get_size() - idle)
