"""What a person did, each kind of act done in one place.

An act comes by itself, while the network holds, or in the log of a handheld that was away from it.
Both ways lead to the same verb; whoever adds an act registers it, and has both.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from pydantic import TypeAdapter

from associates.handheld import devices
from associates.handheld.bodies import EntryIn
from associates.handheld.devices import Credentials, Holder
from associates.handheld.schemas import Answer
from associates.offline import cases
from bopis.kernel.database import Database, Tx

Verb = Callable[..., Awaitable[Answer]]
"""``(tx, holder, body, **parts of the path) -> Answer``, with a receipt."""

V = TypeVar("V", bound=Verb)


@dataclass(frozen=True, slots=True)
class Act:
    path: str
    """Below /v1/handheld, as it is registered: ``tasks/{task_id}/scans``."""
    body: type[EntryIn]
    verb: Verb
    address: re.Pattern[str]
    kinds: Mapping[str, TypeAdapter[Any]]

    def parts(self, path: str) -> dict[str, Any] | None:
        """Return what a path fills the places of this act with; None: it is another act's."""
        found = self.address.fullmatch(path)
        if found is None:
            return None
        said = {name: unquote(text) for name, text in found.groupdict().items()}
        return {name: self.kinds[name].validate_python(text) for name, text in said.items()}


_acts: Final[dict[str, Act]] = {}


def act(path: str, body: type[EntryIn]) -> Callable[[V], V]:
    """Let a verb be reached from a handheld's log under this path."""

    def registered(verb: V) -> V:
        assert path not in _acts, f"{path} is registered twice"
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
        address = re.compile(pattern)
        types = signature(verb).parameters
        kinds = {name: TypeAdapter(types[name].annotation) for name in address.groupindex}
        _acts[path] = Act(path, body, verb, address, kinds)
        return verb

    return registered


def find(path: str) -> tuple[Act, dict[str, Any]] | None:
    """Return the act that a path of a log stands for, and the parts of the path.

    Raises:
        ValidationError: A part is not what it should be: no id, say.
    """
    for one in _acts.values():
        if (parts := one.parts(path)) is not None:
            return one, parts
    return None


async def perform(tx: Tx, holder: Holder, verb: Verb, body: EntryIn, **parts: object) -> Answer:
    """Do one act, and note a case if the person had been told that it would come out otherwise."""
    answer = await verb(tx, holder, body, **parts)
    await cases.note_conflict(tx, holder, body, answer)
    return answer


async def alone(
    db: Database, shown: Credentials, verb: Verb, body: EntryIn, **parts: object
) -> Answer:
    """Do one act that came by itself.

    Raises:
        DeviceUnknown: The handheld is none of ours, or was revoked.
        SignedOut: Nobody is signed in on it.
    """
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        return await perform(tx, holder, verb, body, **parts)
