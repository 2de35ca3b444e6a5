"""What reaches a log is what may: no values of rows or requests, whoever wrote the line."""

import ast
import logging
from collections.abc import Iterator

import pytest
import structlog

from bopis.kernel import logs
from tests.loglines import Lines, captured
from tests.schema.statements import ROOT, sources

CANARY = "ada@canary.example"


@pytest.fixture
def lines() -> Iterator[Lines]:
    with captured() as written:
        yield written
        assert CANARY not in written.getvalue()


def test_our_lines_carry_context_and_only_listed_fields(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1", order_id="S1.00"):
        structlog.get_logger("bopis.test").info("order_seen", status=200, email=CANARY)

    (line,) = lines.read_all()
    assert line.pop("at")
    assert line == {
        "event": "order_seen",
        "level": "info",
        "logger": "bopis.test",
        "request_id": "r1",
        "order_id": "S1.00",
        "status": 200,
        "dropped": ["email"],
    }


def test_an_output_that_nobody_reads_any_more_stops_nothing(lines: Lines) -> None:
    logs.configure(to=(gone := Lines()))
    gone.close()

    structlog.get_logger().error("nobody hears this")
    logs.configure(to=lines)


def test_half_a_character_is_written_as_its_number(lines: Lines) -> None:
    structlog.get_logger().info("odd", reason="\ud800")

    assert [line["reason"] for line in lines.read_all()] == ["\ud800"]


def test_an_exception_shows_its_type_and_place_but_not_its_words(lines: Lines) -> None:
    try:
        int(CANARY)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("somebody.else").exception("also failed: %s", CANARY)

    ours, theirs = lines.read_all()
    assert ours["error"] == theirs["error"] == "builtins.ValueError"
    assert str(ours["frames"]).count("test_logs.py") == 1
    assert theirs["event"] == "also failed: %s"


def test_messages_of_servers_and_schedulers_are_whole(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r2"):
        logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("apscheduler.scheduler").info("Added job")
    logging.getLogger("apscheduler.executors").error("Job %s raised", "watch")
    logging.getLogger("uvicorn.access").info("GET /o/%s", CANARY)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {CANARY}")  # noqa: G004

    assert [(line["event"], line.get("request_id")) for line in lines.read_all()] == [
        ("Started server process [7]", "r2"),
        ("Job watch raised", None),
        ("Task exception was never retrieved", None),
    ]


def test_whoever_logs_a_field_may() -> None:
    """A dropped field is a line that says less than its author thought."""
    wrong = []
    for _, path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "_log"
            ):
                said = {word.arg for word in node.keywords if word.arg}
                if refused := said - (logs.ALLOWED - logs.OURS) - {"exc_info"}:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {sorted(refused)}")

    assert not wrong, "\n".join(wrong)
