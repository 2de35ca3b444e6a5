"""What a person should do about each kind of trouble: a sentence, and the next step. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from associates.crew.about_me import NAMED
from bopis.kernel.ids import outward
from bopis.ops import words
from bopis.ops.present import batch_href, order_href, orders_of
from bopis.ops.views import Action, Ask, Need

Row = Mapping[str, Any]


def _need_worker(row: Row) -> Need:
    return Need(
        "No worker is running: nothing is sent and nothing is watched",
        words.age(row["age"]),
        "Start it with “bopis work”.",
        tone="stop",
    )


def _need_job(row: Row) -> Need:
    return Need(
        f"The job {row['what']} fails: {row['error']}",
        words.age(row["age"]),
        "Its log says more. It is tried again at its own pace.",
        tone="stop",
    )


def _need_sender(row: Row) -> Need:
    wait = f"{words.counted(row['n'], 'message')} {'waits' if row['n'] == 1 else 'wait'}"
    return Need(
        f"Nothing can be sent: {wait}",
        words.age(row["age"]),
        "See that the mail server runs. What is no longer true by then is said anew, not sent.",
        tone="stop",
    )


def _need_call(row: Row) -> Need:
    why = {
        "not_ready": "We said it was ready, and it was not",
        "cancelled": "We promised it and cancelled it",
    }.get(row["what"], "We broke our word more than once")
    by = words.clock(row["call_by"], row["time_zone"], row["call_by"])
    return Need(
        f"Call the customer of {row['number']} at {row['store']}",
        words.age(row["age"]),
        f"{why}. {'Should have been done' if row['overdue'] else 'Call'} by {by}. Say sorry, say"
        " what is so now, then write down that you called.",
        order_href(row),
        "Open the order",
        tone="stop" if row["overdue"] else "amber",
    )


def _need_unasked(row: Row) -> Need:
    by = words.clock(row["call_by"], row["time_zone"], row["call_by"])
    return Need(
        f"Ask the customer of {row['number']} at {row['store']}: our question did not reach them",
        words.age(row["age"]),
        f"{'Should have been done' if row['overdue'] else 'Call'} by {by}, and write down what they"
        " chose. Until then nothing is taken off their order.",
        order_href(row),
        "Open the order",
        tone="stop" if row["overdue"] else "amber",
    )


def _need_budget(row: Row) -> Need:
    return Need(
        f"{row['store']} has cost {row['amount']:.2f} {row['currency']} in credits today",
        words.age(row["age"]),
        f"{words.counted(row['n'], 'credit')}. Find out what goes wrong there; credits go on.",
        orders_of(row["store"], "late"),
        "See late orders",
    )


def _need_dead(row: Row) -> Need:
    step = row["what"].replace("_", " ")
    return Need(
        f"{words.counted(row['n'], 'step')} could not be carried out: {step}",
        words.age(row["age"]),
        "Read the error, then try again or give up on it.",
        "/ops/dead-letters",
        "See why",
        tone="stop",
    )


def _need_silent(row: Row) -> Need:
    n = row["n"]
    return Need(
        f"{words.counted(n, 'customer')} of {row['store']} {'was' if n == 1 else 'were'} owed news",
        words.age(row["age"]),
        "The watchdog should have written. See that the worker runs.",
        orders_of(row["store"]),
        "See orders",
        tone="stop",
    )


def _need_staff(row: Row) -> Need:
    return Need(
        f"Order {row['number']} needs a person at {row['store']}",
        words.age(row["age"]),
        "By the store's numbers something in it is missing. Have somebody look.",
        order_href(row),
        "Open the order",
        tone="stop",
    )


def _need_late(row: Row) -> Need:
    are = "is" if row["n"] == 1 else "are"
    return Need(
        f"{words.counted(row['n'], 'order')} of {row['store']} {are} past the promise",
        words.age(row["age"]),
        "Ask the store who can pick now.",
        orders_of(row["store"], "risk"),
        "See orders",
        tone="stop",
    )


def _need_unheard(row: Row) -> Need:
    what = row["what"].replace("_", " ").capitalize()
    return Need(
        f"“{what}” did not reach the customer of {row['number']}",
        words.age(row["age"]),
        "Reach them another way; the page has the same news.",
        order_href(row),
        "Open the order",
    )


def _need_conflict(row: Row) -> Need:
    return Need(
        f"{row['store']}: {row['promised']} {row['item']} promised, and {row['there']} there",
        words.age(row["age"]),
        f"{words.counted(row['orders'], 'order')} would lose. Have somebody count.",
        "/ops/conflicts",
        "Settle it",
    )


def _need_quarantined(row: Row) -> Need:
    return Need(
        f"A batch of {row['source']} was set aside: {row['what'] or 'too many bad rows'}",
        words.age(row["age"]),
        "Look at it, then release it or discard it.",
        batch_href(row),
        "Look at it",
    )


def _need_gap(row: Row) -> Need:
    one = row["sequence"] == row["until"]
    which = f"Batch {row['sequence']}" if one else f"Batches {row['sequence']} to {row['until']}"
    return Need(
        f"{which} of {row['source']} {'has' if one else 'have'} not come",
        words.age(row["age"]),
        "Have it sent again, or give up on it. Until then we sell no more than we did.",
        "/ops/feeds",
        "See feeds",
    )


def _need_stale(row: Row) -> Need:
    return Need(
        f"We know nothing new of the stock of {row['store']}",
        words.age(row["age"]),
        f"Ask whoever runs {row['source']} why it is silent.",
        "/ops/feeds",
        "See feeds",
    )


def _need_count(row: Row) -> Need:
    what = row["what"] if len(row["what"]) < 60 else words.counted(row["n"], "item")  # noqa: PLR2004
    return Need(
        f"Count at {row['store']}: {what}",
        words.age(row["age"]),
        "It is on the store's handhelds. A count that reaches you is entered here.",
        "/ops/counts",
        "Enter a count",
    )


def _need_doubt(row: Row) -> Need:
    found, until = row["first_count"], row["held_until"]
    title = f"{row['store']}: one person found {found or 'none'} of {row['item']}, far too few"
    if row["held_back"]:
        by = words.clock(until, row["time_zone"], row["now"])
        are = "is" if row["held_back"] == 1 else "are"
        title += f"; {words.counted(row['held_back'], 'unit')} {are} not sold"
        step = f"Have somebody else count it by {by}: after that the record is believed again."
    elif until is not None:
        at = words.clock(until, row["time_zone"], row["now"])
        title += "; it is sold again"
        step = f"Nobody else had counted it by {at}. Have somebody do it now, or count it yourself."
    else:
        title += "; it is sold all the same"
        step = "So many items wait for a second count there that no more are held back. Ask why."
    return Need(title, words.age(row["age"]), step, "/ops/counts", "Enter a count", tone="amber")


def _need_dispute(row: Row) -> Need:
    part = NAMED.get(row["about"])
    return Need(
        f"{row['who'] or 'An associate'} of {row['store']} says of what is recorded about them:"
        " this is not so",
        words.age(row["age"]),
        f"About “{part.title if part else row['about']}”: “{row['words']}” Ask them, and answer."
        " The record stays as it is; both notes stand beside it.",
        action=Action(
            "Answer",
            "/ops/disputes/answer",
            {"dispute": outward(row["store_id"], row["id"])},
            (Ask("note", "What do you say to it? They read it, with your name."),),
        ),
    )


def _need_put_back(row: Row) -> Need:
    return Need(
        f"{words.counted(row['n'], 'unit')} wait to be put back at {row['store']}",
        words.age(row["age"]),
        "Until then nobody can buy them. It is on the store's handhelds.",
        orders_of(row["store"], "closed"),
        "See orders",
        tone="",
    )


def _need_handheld(row: Row) -> Need:
    scans, what = words.counted(row["n"], "scan"), row["what"]
    tries = words.counted(row["n"], "wrong try", "wrong tries")
    title, then = {
        "conflict": (
            f"{scans} of {what} at {row['store']} came out otherwise than it had shown",
            "Somebody may hold things that no order knows of. Ask who carried it.",
        ),
        "refused": (
            f"{scans} of {what} at {row['store']} could not be taken in",
            "What was done there counts for nothing yet. See what it was.",
        ),
        "withheld": (
            f"{what} of {row['store']} is shut out, and sent {scans}",
            "They are kept and were not done. Find out who has it.",
        ),
        "locked": (
            f"{what} at {row['store']} is locked after {tries} to sign in",
            "Ask in the store who it was. Then unlock it, or shut it out.",
        ),
    }[row["reason"]]
    return Need(
        title,
        words.age(row["age"]),
        then,
        "/ops/devices",
        "See what",
        tone="amber" if row["reason"] in {"conflict", "refused"} else "stop",
    )


_NEEDS: Final[Mapping[str, Callable[[Row], Need]]] = {
    "worker": _need_worker,
    "sender": _need_sender,
    "call": _need_call,
    "unasked": _need_unasked,
    "budget": _need_budget,
    "job": _need_job,
    "dead": _need_dead,
    "silent": _need_silent,
    "staff": _need_staff,
    "late": _need_late,
    "unheard": _need_unheard,
    "conflict": _need_conflict,
    "quarantined": _need_quarantined,
    "gap": _need_gap,
    "stale": _need_stale,
    "count": _need_count,
    "doubt": _need_doubt,
    "put_back": _need_put_back,
    "handheld": _need_handheld,
    "dispute": _need_dispute,
}


def needs(rows: list[dict[str, Any]]) -> list[Need]:
    return [_NEEDS[row["kind"]](row) for row in rows]
