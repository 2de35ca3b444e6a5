"""The one door into a room: what it hears, what it serves, what it does on a clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter

from bopis.kernel.database import Database
from bopis.kernel.events import Subscription
from bopis.kernel.express import Shortcut


@dataclass(frozen=True, slots=True)
class Job:
    """Something done on a clock.

    ``every`` counts on the store's clock where ``clock`` says so (a virtual day keeps its rhythm),
    else on the machine's. A job whose ``alone`` is true runs in one process at a time, by a lease;
    one that claims its own rows may run in all.
    """

    name: str
    every: timedelta
    run: Callable[[Database], Awaitable[object]]
    clock: Literal["store", "machine"] = "store"
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    routers: tuple[APIRouter, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    jobs: tuple[Job, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    hot: tuple[str, ...] = ()
    """Statements of what is asked by the hundred: a connection knows them before it serves."""
