"""Against a real server on this loop: taken, refused, not now, and nobody knows."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr, ValidationError

from notifications import smtp
from notifications.settings import NotificationSettings
from notifications.smtp import Letter, Verdict
from notifications.wording import render
from tests.notifications.letters import APOLOGY, CHICAGO, pm

WORDS = render(APOLOGY, CHICAGO, now=pm(4, 35))


def a_letter(number: int = 1, to: str = "ada@shopper.example") -> Letter:
    return Letter(id=UUID(int=number), to=to, from_name="Lakeview", words=WORDS, dated=pm(4, 35))


@dataclass
class Office:
    """A post office that is told by the address how to behave."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    server: SMTP | None = None

    def open_line(self) -> SMTP:
        self.connections += 1
        self.server = SMTP(self, hostname="post.example", enable_SMTPUTF8=False)
        return self.server

    def settings(self, **changes: Any) -> NotificationSettings:
        values: dict[str, Any] = {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "none",
            "smtp_timeout": timedelta(seconds=5),
            "sender": "orders@pickup.example",
        }
        return NotificationSettings(**(values | changes))

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 No such person here"
        if address.startswith("full"):
            return "452 4.2.2 The box is full"
        if address.startswith("hang-up-before"):
            assert server.transport is not None
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        [address] = envelope.rcpt_tos
        if address.startswith("spam"):
            return "554 5.7.1 We do not like it"
        if address.startswith("busy"):
            return "451 4.3.0 Come back later"
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=default)
        self.taken.append((address, letter))
        if address.startswith("hang-up-after"):
            assert server.transport is not None
            server.transport.close()
        return "250 OK, taken"


@asynccontextmanager
async def an_office() -> AsyncIterator[Office]:
    office = Office()
    server = await asyncio.get_running_loop().create_server(office.open_line, "127.0.0.1", 0)
    async with server:
        office.port = server.sockets[0].getsockname()[1]
        yield office


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with an_office() as it:
        yield it


async def test_a_letter_arrives_as_it_was_written(office: Office) -> None:
    [outcome] = await smtp.send(office.settings(reply_to="help@pickup.example"), [a_letter()])

    assert outcome == smtp.Outcome(Verdict.ACCEPTED, "250 OK, taken")
    [(address, mail)] = office.taken
    text, html = mail.iter_parts()
    assert address == "ada@shopper.example"
    assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000001@pickup.example>"
    assert mail["Date"] == "Fri, 06 Mar 2026 22:35:00 +0000"
    assert mail["From"] == "Lakeview <orders@pickup.example>"
    assert mail["Reply-To"] == "help@pickup.example"
    assert mail["Subject"] == WORDS.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert text.get_content().replace("\r\n", "\n") == WORDS.text
    assert html.get_content().replace("\r\n", "\n") == WORDS.html


async def test_a_batch_shares_one_connection_and_each_letter_has_its_own_fate(
    office: Office,
) -> None:
    people = ["ada", "nobody", "full", "spam", "busy", "näobody", "no address", "bob"]
    letters = [a_letter(n, f"{who}@shopper.example") for n, who in enumerate(people)]
    outcomes = await smtp.send(office.settings(), letters)

    assert [outcome.verdict for outcome in outcomes] == [
        Verdict.ACCEPTED,
        Verdict.REFUSED,
        Verdict.LATER,
        Verdict.REFUSED,
        Verdict.LATER,
        Verdict.REFUSED,
        Verdict.REFUSED,
        Verdict.ACCEPTED,
    ]
    assert outcomes[1].detail == "550 5.1.1 No such person here"
    assert [address for address, _ in office.taken] == [
        "ada@shopper.example",
        "bob@shopper.example",
    ]
    assert office.connections == 1


async def test_a_line_that_breaks_after_the_letter_leaves_its_fate_unknown(office: Office) -> None:
    letters = [a_letter(1, "hang-up-after@shopper.example"), a_letter(2)]
    outcomes = await smtp.send(office.settings(), letters)

    assert [outcome.verdict for outcome in outcomes] == [Verdict.UNKNOWN, Verdict.LATER]
    assert len(office.taken) == 1  # it was taken, and we cannot know


async def test_a_line_that_breaks_before_the_letter_leaves_no_doubt(office: Office) -> None:
    [outcome] = await smtp.send(office.settings(), [a_letter(to="hang-up-before@shopper.example")])

    assert outcome.verdict is Verdict.LATER
    assert not office.taken


async def test_a_server_that_is_down_refuses_nobody() -> None:
    async with an_office() as office:
        settings = office.settings()
    outcomes = await smtp.send(settings, [a_letter(1), a_letter(2)])

    assert [outcome.verdict for outcome in outcomes] == [Verdict.DOWN, Verdict.DOWN]


async def test_a_server_without_tls_gets_no_letter(office: Office) -> None:
    [outcome] = await smtp.send(office.settings(smtp_security="starttls"), [a_letter()])

    assert outcome.verdict is Verdict.DOWN
    assert not office.taken


async def test_a_name_cannot_add_a_header(office: Office) -> None:
    letter = Letter(
        id=UUID(int=1),
        to="ada@shopper.example",
        from_name="Lakeview\r\nBcc: eve@shopper.example",
        words=WORDS,
        dated=pm(4),
    )
    [outcome] = await smtp.send(office.settings(), [letter])

    assert outcome.verdict is Verdict.REFUSED
    assert not office.taken


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_username": "post", "smtp_password": SecretStr("secret")},
        {"smtp_username": "post", "smtp_security": "tls"},
        {"smtp_timeout": timedelta(hours=1)},
        {"sender": "nobody"},
    ],
)
def test_a_bad_setting_stops_the_process(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Office(port=25).settings(**changes)
