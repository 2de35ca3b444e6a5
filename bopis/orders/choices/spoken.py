"""A question to a customer, for somebody who reads it out and hears the answer. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from associates.bagging.bag_schemas import AskOut, OptionOut
from bopis.kernel.speech import current, phrase, t
from bopis.orders.choices.choice import LATE, CaseState, Cause, has_no_time
from notifications.facts import Choice

Case = Mapping[str, Any]

_MISSING: Final = {
    Choice.PARTIAL_NOW: phrase("Take the rest without it"),
    Choice.CANCEL_ORDER: phrase("Cancel the whole order"),
}
_DOUBTED: Final = {
    Choice.WAIT: phrase("Look for it, and ask again if it is not there"),
    Choice.PARTIAL_NOW: phrase("If it is not there, take the rest without asking again"),
}
_LATE: Final = {
    Choice.WAIT: phrase("Wait for all of it"),
    Choice.PARTIAL_NOW: phrase("Collect what is there now, and the rest later"),
}


def is_open(case: Case | None) -> bool:
    """Return whether a customer may answer; not, while their answer is carried out."""
    if case is None or case["state"] != CaseState.OFFERED:
        return False
    return case["answer"] is None or case["answer"] == Choice.WAIT


def asked(case: Case, zone: ZoneInfo, promised_at: datetime) -> AskOut:
    """Return what to ask, what may be chosen, and what happens if nothing is."""
    options = list(_options(case, zone))
    otherwise = next((one.text for one in options if one.choice == case["default_choice"]), "")
    if has_no_time(case["cause"], case["answer_by"], promised_at):
        otherwise = t("Without an answer: {choice}.", choice=otherwise)
    elif case["call_by"] is None and case["answer_by"] is not None:
        time = current().time(case["answer_by"].astimezone(zone))
        otherwise = t("Without an answer by {time}: {choice}.", time=time, choice=otherwise)
    else:
        otherwise = t("Until they answer, nothing happens.")
    return AskOut(case=case["number"], text=_about(case), options=options, otherwise=otherwise)


def _about(case: Case) -> str:
    if case["cause"] in LATE:
        return t("The order is late. Does the customer wait?")
    names = current().every([f"{line['quantity']} {line['name']}" for line in case["lines"]])
    if case["cause"] == Cause.DOUBTED:
        return t("It may not be there: {items}. What shall we do?", items=names)
    return t("It is not there: {items}. What shall we do?", items=names)


def _options(case: Case, zone: ZoneInfo) -> Sequence[OptionOut]:
    found: list[OptionOut] = []
    for choice in map(Choice, case["options"]):
        if choice is Choice.OTHER_STORE:
            found += [
                OptionOut(choice=choice, to_store=x["store_id"], text=_move(x["name"]))
                for x in case["elsewhere"]
                if x.get("store_id")
            ]
        else:
            found.append(OptionOut(choice=choice, text=_option(choice, case, zone)))
    return found


def _move(name: str) -> str:
    return t("Collect it at {store}", store=name)


def _option(choice: Choice, case: Case, zone: ZoneInfo) -> str:
    if case["cause"] in LATE and choice in _LATE:
        return t(_LATE[choice])
    if case["cause"] == Cause.DOUBTED and choice in _DOUBTED:
        return t(_DOUBTED[choice])
    if choice is Choice.WAIT:
        time = current().time(case["wait_until"].astimezone(zone))
        return t("Wait while the store counts again, until {time}", time=time)
    if choice is Choice.SUBSTITUTE:
        instead = [x["instead"]["name"] for x in case["lines"] if x.get("instead")]
        return t("Take {instead} instead", instead=current().every(instead))
    return t(_MISSING[choice])
