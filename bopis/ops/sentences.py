"""What each fact of an order means, in a sentence for the person who asks what happened. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

Payload = Mapping[str, Any]
When = Callable[[datetime], str]


def _time(value: str, when: When) -> str:
    return when(datetime.fromisoformat(value))


def _units(payload: Payload, names: Mapping[str, str]) -> str:
    sku = payload.get("sku", "")
    return f"{payload.get('quantity', 0)} of {names.get(sku, sku)}"


_CHOICES: Final[Mapping[str, str]] = {
    "wait": "we look for it",
    "partial_now": "the order goes on without it",
    "cancel_order": "the order is cancelled",
    "other_store": "another store takes it",
    "substitute": "something else is given for it",
}
_HEARD: Final[Mapping[str, str]] = {
    "phone": "told us on the phone",
    "counter": "told us at the counter",
}
_OUTCOMES: Final[Mapping[str, str]] = {
    "without": "it is taken off, and the order goes on",
    "cancelled": "the order has ended",
    "found": "it was found",
    "looking": "somebody goes and looks",
    "kept": "they wait for all of it",
    "split": "what is there can be collected; the rest is an order of its own",
    "moved": "another store has taken it on",
    "substituted": "something else is given for it",
}

_SENTENCES: Final[Mapping[str, Callable[[Payload, Mapping[str, str], When], str]]] = {
    "order.accepted": lambda p, n, w: f"Accepted, promised by {_time(p['promised_at'], w)}",
    "order.picking": lambda p, n, w: "Picking began",
    "order.line_short": lambda p, n, w: f"Short: {_units(p, n)} ({_words(p['reason'])})",
    "order.delayed": lambda p, n, w: (
        f"Promise moved from {_time(p['previously'], w)}"
        f" {'to ' + _time(p['promised_at'], w) if p['promised_at'] else 'until nobody knows when'}"
        f" ({_words(p['reason'])})"
    ),
    "order.news_due": lambda p, n, w: (
        f"{'The doubt is settled' if p.get('cleared') else 'News was due'};"
        f" the next by {_time(p['next_update_due_at'], w)}"
    ),
    "order.choice_offered": lambda p, n, w: (
        f"The shopper is asked; without an answer by {_time(p['answer_by'], w)}:"
        f" {_CHOICES.get(p['default'], p['default'])}"
    ),
    "order.choice_answered": lambda p, n, w: (
        f"The shopper {_HEARD.get(p['via'], 'chose')}: {_CHOICES.get(p['answer'], p['answer'])}"
    ),
    "order.choice_closed": lambda p, n, w: (
        f"{'The question is settled' if p['was_offered'] else 'Nobody had to be asked'}:"
        f" {_OUTCOMES.get(p['outcome'], p['outcome'])}"
    ),
    "order.kept": lambda p, n, w: "Every store has taken its part: it stands",
    "order.rerouted": lambda p, n, w: (
        f"{'All of it' if p['whole'] else 'Part of it'} lives on as an order of store"
        f" {p['to_store']}"
    ),
    "order.confirmed": lambda p, n, w: "What was only likely has been found",
    "order.ready": lambda p, n, w: f"Ready, held until {_time(p['hold_until'], w)}",
    "order.retracted": lambda p, n, w: (
        f"Ready was wrong; promised anew by {_time(p['promised_at'], w)}"
    ),
    "order.hold_ending": lambda p, n, w: f"Held until {_time(p['hold_until'], w)}: reminder due",
    "order.collected": lambda p, n, w: "Collected",
    "order.expired": lambda p, n, w: "Never collected",
    "order.cancelled": lambda p, n, w: f"Cancelled ({_words(p['reason'])})",
    "customer.set_off": lambda p, n, w: (
        "The customer is on their way"
        + (f", there by about {_time(p['expected_at'], w)}" if p["expected_at"] else "")
    ),
    "customer.arrived": lambda p, n, w: (
        "The customer is here" + ("" if p["was_ready"] else ", and it is not ready")
    ),
    "customer.took_back": lambda p, n, w: "The customer is not here yet",
    "customer.left": lambda p, n, w: (
        "Nothing was handed over: the customer is not waiting any more"
    ),
    "pick.started": lambda p, n, w: "An associate took the task",
    "pick.line_found": lambda p, n, w: f"Found {_units(p, n)}",
    "pick.line_short": lambda p, n, w: f"Not had: {_units(p, n)} ({_words(p['reason'])})",
    "pick.line_undone": lambda p, n, w: f"Taken back: {_units(p, n)}",
    "pick.staged": lambda p, n, w: f"Staged at {p['place']}",
    "pick.handed_over": lambda p, n, w: "Handed over at the counter",
    "pick.retracted": lambda p, n, w: "Taken down from the counter: it was not complete",
    "pick.put_back": lambda p, n, w: f"Put back: {_units(p, n)}",
    "handheld.locked": lambda p, n, w: f"Locked after {p['wrong_tries']} wrong tries to sign in",
    "stock.doubted": lambda p, n, w: (
        f"One person did not find {p['units']} of {n.get(p['sku'], p['sku'])}: "
        + (f"not sold until {_time(p['until'], w)}" if p["until"] else "sold all the same")
    ),
    "stock.doubt_ended": lambda p, n, w: (
        f"{n.get(p['sku'], p['sku'])} is in doubt no more: "
        + ("it was counted" if p["was_counted"] else "nobody else has counted, it is sold again")
    ),
    "credit.granted": lambda p, n, w: f"Credited: {p['amount']} {p['currency']}",
    "credit.settled": lambda p, n, w: f"The shop paid out {p['amount']} {p['currency']}",
    "message.settled": lambda p, n, w: f"Message “{_words(p['kind'])}”: {_words(p['state'])}",
    "ops.noted": lambda p, n, w: (
        f"A person decided: {p['act']}." + (f" “{p['note']}”" if p["note"] else "")
    ),
}


def sentence(name: str, payload: Payload, names: Mapping[str, str], when: When) -> str:
    """Return the fact in words; one that we have no words for keeps its name."""
    say = _SENTENCES.get(name)
    return say(payload, names, when) if say else name


def _words(code: str) -> str:
    return code.replace("_", " ")
