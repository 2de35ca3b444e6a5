"""Letters over SMTP: who took which, who will not, and where nobody can know.

No transaction is open here. SMTP has a window that no client can close (RFC 1047): when the line
breaks after the last dot, the letter may or may not have been taken. That is an outcome of its
own, because whoever sends again then risks a second copy, and whoever does not risks none.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import aiosmtplib

from notifications.settings import NotificationSettings
from notifications.wording import Rendered

GONE: Final = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError)
"""The line broke, or the other side fell silent."""


class Verdict(StrEnum):
    ACCEPTED = "accepted"  # the server has taken it upon itself; whether it is read, nobody says
    REFUSED = "refused"  # for good: sending it again would be refused again
    DOWN = "down"  # nobody there to take it: no fault of the letter's, and no try of its own
    LATER = "later"  # not taken, and the same letter may be taken later
    UNKNOWN = "unknown"  # all of it was said, and no answer came


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address. Every try has the same ``id``, and so the same Message-ID."""

    id: UUID
    to: str
    from_name: str
    words: Rendered
    dated: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    detail: str
    """The server's own words, for the person who is asked why; may name the address."""


NEXT_ROUND: Final = Outcome(Verdict.LATER, "The server was slow; this waits for the next round.")


async def send(settings: NotificationSettings, letters: Sequence[Letter]) -> list[Outcome]:
    """Send a batch over one connection; return what became of each letter, in the same sequence.

    When the line breaks, the letter on it is ``UNKNOWN`` or ``LATER``, depending on how far it
    got, and the rest of the batch is ``LATER``: a server in trouble is not dialled again at once.

    Raises:
        Nothing but ``CancelledError``: a server that is down is an outcome of every letter.
    """
    password = settings.smtp_password
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password is not None else None,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        timeout=settings.smtp_timeout.total_seconds(),
        local_hostname=_domain(settings),  # or the machine would say its own name, after a look-up
    )
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError) as error:
        return [Outcome(Verdict.DOWN, _said(error))] * len(letters)
    clock = asyncio.get_running_loop().time
    until = clock() + settings.batch_within.total_seconds()
    try:
        return [
            await _send_one(client, settings, letter) if clock() < until else NEXT_ROUND
            for letter in letters
        ]
    finally:
        await _hang_up(client)


async def _send_one(
    client: aiosmtplib.SMTP, settings: NotificationSettings, letter: Letter
) -> Outcome:
    if not client.is_connected:
        return Outcome(Verdict.LATER, "The connection was lost before this letter.")
    try:
        wire = envelope(letter, settings).as_bytes(policy=WIRE)
    except ValueError as error:
        return Outcome(Verdict.REFUSED, f"This is no address that mail can go to: {error}")

    outcome = await _converse(client, settings.sender, letter.to, wire)
    if outcome.verdict is not Verdict.ACCEPTED and client.is_connected:
        await _start_over(client)
    return outcome


async def _converse(client: aiosmtplib.SMTP, sender: str, to: str, wire: bytes) -> Outcome:
    try:
        await client.mail(sender)
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()  # about us, not about this letter: no other would fare better now
        return Outcome(Verdict.LATER, _said(error))
    try:
        await client.rcpt(to)
    except (aiosmtplib.SMTPException, OSError) as error:
        return _answer(error, lost=Verdict.LATER)
    try:
        answer = await client.data(wire)  # from here on, silence is no longer a no
    except (aiosmtplib.SMTPException, OSError) as error:
        return _answer(error, lost=Verdict.UNKNOWN)
    return Outcome(Verdict.ACCEPTED, f"{answer.code} {answer.message}")


def _answer(error: Exception, *, lost: Verdict) -> Outcome:
    if isinstance(error, GONE):
        return Outcome(lost, _said(error))
    code = getattr(error, "code", None)
    refused = isinstance(code, int) and 500 <= code < 600  # noqa: PLR2004 - RFC 5321, 4.2.1
    return Outcome(Verdict.REFUSED if refused else Verdict.LATER, _said(error))


def _said(error: Exception) -> str:
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    return f"{code} {message}" if code else f"{type(error).__name__}: {message or error}"


async def _start_over(client: aiosmtplib.SMTP) -> None:
    """Clear what the last letter left in the server, so that the next begins from nothing."""
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        client.close()


async def _hang_up(client: aiosmtplib.SMTP) -> None:
    try:
        if client.is_connected:
            await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        pass  # every letter has its outcome already
    finally:
        client.close()


def _domain(settings: NotificationSettings) -> str:
    return settings.sender.rpartition("@")[2]


def envelope(letter: Letter, settings: NotificationSettings) -> EmailMessage:
    """Return the letter as RFC 5322 wants it.

    Raises:
        ValueError: The address is none.
    """
    if not letter.to.isascii():
        raise ValueError("it needs SMTPUTF8")
    mail = EmailMessage(policy=WIRE)
    mail["Message-ID"] = f"<{letter.id}@{_domain(settings)}>"
    mail["Date"] = format_datetime(letter.dated)
    mail["From"] = Address(letter.from_name, addr_spec=settings.sender)
    mail["To"] = Address(addr_spec=letter.to)
    if settings.reply_to is not None:
        mail["Reply-To"] = Address(addr_spec=settings.reply_to)
    mail["Subject"] = letter.words.subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    mail.set_content(letter.words.text, cte="quoted-printable")
    mail.add_alternative(letter.words.html, subtype="html", cte="quoted-printable")
    return mail
