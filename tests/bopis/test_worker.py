"""The worker outlasts a database that is away, also when it starts."""

import asyncio
import signal

import pytest
from pydantic import SecretStr

from bopis import worker
from bopis.settings import Settings
from tests.loglines import captured

NOBODY = SecretStr("postgresql://nobody@127.0.0.1:1/none")


async def test_a_worker_that_starts_first_waits_and_still_ends_when_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFICATIONS_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("NOTIFICATIONS_SENDER", "pickup@example.org")
    monkeypatch.setattr("bopis.app.configure_sending", lambda **_: None)  # for all that follow
    with captured() as log:
        at_work = asyncio.create_task(
            worker.work(settings.model_copy(update={"database_url": NOBODY}))
        )
        async with asyncio.timeout(10):
            while "worker_waits" not in log.getvalue():
                assert not at_work.done()
                await asyncio.sleep(0.01)
            signal.raise_signal(signal.SIGTERM)
            await at_work

    assert "worker_started" not in log.getvalue()
