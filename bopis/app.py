"""Where everything meets: routers, subscriptions, jobs. Nothing is decided here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Depends, FastAPI
from starlette.datastructures import State

import associates.module
import bopis.ops.module
import bopis.orders.module
import bopis.promises.module
import bopis.shopper.module
import bopis.trust.module
import inventory.module
import notifications.module
from associates.crew import badges
from bopis import health
from bopis.kernel import pages, stopping
from bopis.kernel.database import INSERT_FACTS, Database
from bopis.kernel.described import describe_problems
from bopis.kernel.events import Routes
from bopis.kernel.express import Express
from bopis.kernel.http import Envelope, answer_problems
from bopis.kernel.keys import Keyring
from bopis.kernel.module import Job, Module
from bopis.kernel.observed import Observed, name_subject
from bopis.kernel.speech import Spoken
from bopis.orders.amends import grants
from bopis.orders.telling import links, truth
from bopis.settings import Settings
from notifications import sender
from notifications.settings import NotificationSettings

MODULES: Final[tuple[Module, ...]] = (
    bopis.shopper.module.module,  # asked most often, so found first
    bopis.orders.module.module,
    bopis.promises.module.module,
    associates.module.module,
    inventory.module.module,
    notifications.module.module,
    bopis.ops.module.module,
    bopis.trust.module.module,
)

STREAMED: Final = r"^/v1/(feeds/[^/]+/batches/|stores$|items$|locations$)"
"""Bodies that are read as they come, and limited by whoever reads them."""
SPOKEN: Final = ("/v1/handheld/", "/scanner-codes", "/tote-labels")
"""Where whoever reads the answer is spoken to in their own language."""


def routes() -> Routes:
    """Return who hears which fact."""
    return Routes.of(one for module in MODULES for one in module.subscriptions)


def hot() -> tuple[str, ...]:
    """Return the statements that a serving connection knows from its beginning."""
    return (INSERT_FACTS, *(sql for module in MODULES for sql in module.hot))


def jobs() -> tuple[Job, ...]:
    return tuple(job for module in MODULES for job in module.jobs)


def configure(settings: Settings) -> None:
    """Hand each room what this installation chose. Once, at start-up, in every process."""
    keys = [key.get_secret_value() for key in settings.link_keys]
    links.configure(keys, settings.base_url)
    badges.configure(keys)
    grants.configure(settings.credit_policy)


def configure_sending(
    *, mail: NotificationSettings | None = None, post: sender.Post | None = None
) -> None:
    """Say how messages leave: by the SMTP server of ``mail``, or through ``post``."""
    sender.configure(settings=mail, post=post, still_true=truth.still_true, link_for=truth.link_for)


def create_app(settings: Settings, db: Database | None = None) -> FastAPI:
    """Return the web application.

    Args:
        settings: What this installation chose.
        db: A database to use, and leave open, instead of one of the application's own: for tests
            and for the replay, which share theirs.
    """
    configure(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Database.connect(
            settings.database_url.get_secret_value(),
            clock=settings.store_clock,
            routes=routes(),
            pool_size=settings.pool_size,
            ready=settings.pool_size,
            hot=hot(),
        ) as own:
            attach(app, settings, own)
            with stopping.heard(app.state.stopping):
                yield

    app = FastAPI(
        title="bopis",
        summary="Buy online, pick up in store",
        dependencies=[Depends(name_subject)],
        lifespan=None if db else lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # ours stays on this host: see kernel.http
        separate_input_output_schemas=False,
    )
    if db is not None:
        attach(app, settings, db)
    shortcuts = [one for module in MODULES for one in module.shortcuts]
    app.add_middleware(Express, shortcuts=shortcuts)
    app.add_middleware(Spoken, below=SPOKEN)
    app.add_middleware(Observed)
    app.add_middleware(Envelope, streamed=STREAMED, page=pages.problem_page)
    answer_problems(app, pages.problem_page)
    for module in MODULES:
        for router in module.routers:
            app.include_router(router)
    app.include_router(health.router)
    app.include_router(pages.router)
    describe_problems(app)
    return app


def attach(app: FastAPI, settings: Settings, db: Database) -> None:
    """Have the application work with this database, and forget what it remembered of another."""
    app.state = State()
    app.state.settings = settings
    app.state.db = db
    app.state.keyring = Keyring(db)
    app.state.stopping = asyncio.Event()
