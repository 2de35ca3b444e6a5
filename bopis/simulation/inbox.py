"""Where the e-mail of invented shoppers lands: an SMTP server in this process, and what they read.

A simulated shopper knows what their letters say and nothing else. So nobody stands at the counter
before they were told to come, and a letter that fails to arrive has its consequence.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session
from babel.dates import format_date, format_time

from bopis.simulation.loop import Bell

KEPT: Final = 2000
_CODE: Final = re.compile(r"^Code: (\S+)$", re.MULTILINE)
_LINK: Final = re.compile(r"^(https?://\S+/o/\S+)$", re.MULTILINE)
_TOKEN: Final = re.compile(r"(https?://\S+/o/([^/\s?#]+))")
_CHOICE: Final = re.compile(r"https?://\S+/o/[^/\s]+/choose/\d+/\w+(?:\?store=\S+)?")


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail, as it is shown."""

    number: int
    to: str
    sender: str
    dated: datetime
    subject: str
    text: str
    html: str

    @property
    def code(self) -> str | None:
        """Return the pickup code, if this letter gives one."""
        found = _CODE.search(self.text)
        return found[1] if found else None

    @property
    def page(self) -> str | None:
        """Return the address of the page of the order that this letter is about."""
        found = _TOKEN.search(self.text)
        return found[1] if found else None

    @property
    def choices(self) -> list[str]:
        """Return the links behind the options of this letter, in its order."""
        return _CHOICE.findall(self.text)

    @property
    def day(self) -> str:
        return format_date(self.dated, "EEEE, MMMM d", locale="en_US")

    @property
    def at(self) -> str:
        return format_time(self.dated, "short", locale="en_US")

    @property
    def gist(self) -> str:
        """Return what follows the news and the greeting: the first line that says more."""
        _, *more = self.text.split("\n\n")
        said = [part for part in more if not part.startswith("Hello ")]
        return " ".join(said[0].split()) if said else ""

    @property
    def link(self) -> str | None:
        """Return the address of the order's own page."""
        found = _LINK.search(self.text)
        return found[1] if found else None


class Inbox:
    """Takes letters, keeps the newest, and rings the bell of whoever waits for one.

    Args:
        folder: Where letters are kept between two runs; None: they are not.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.letters: list[Letter] = []
        self.received = 0
        self._newest: dict[str, Letter] = {}
        self._of: dict[str, dict[str, Letter]] = defaultdict(dict)
        self._bells: dict[str, Bell] = defaultdict(Bell)
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted(folder.glob("*.eml"))[-KEPT:]:
                self._read(file.read_bytes(), int(file.stem))

    def bell(self, address: str) -> Bell:
        return self._bells[address]

    def newest(self, address: str) -> Letter | None:
        """Return the last letter to an address: what its owner now believes."""
        return self._newest.get(address)

    def of(self, address: str) -> dict[str, Letter]:
        """Return the last letter about each order of an address, by the address of its page."""
        return self._of[address]

    async def handle_DATA(  # noqa: N802  the name that the SMTP server calls
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        letter = self._read(content, self.received + 1)
        if self._folder is not None:
            (self._folder / f"{letter.number:08}.eml").write_bytes(content)
        self._bells[letter.to].ring()
        return "250 Read with interest"

    def _read(self, content: bytes, number: int) -> Letter:
        mail = message_from_bytes(content, policy=policy.default)
        letter = Letter(
            number=number,
            to=str(mail["To"]),
            sender=str(mail["From"]),
            dated=mail["Date"].datetime,
            subject=str(mail["Subject"]),
            text=_part(mail, "plain"),
            html=_part(mail, "html"),
        )
        self.received = max(self.received, number)
        self.letters.append(letter)
        del self.letters[:-KEPT]
        self._newest[letter.to] = letter
        if letter.page is not None:
            self._of[letter.to][letter.page] = letter
        return letter


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@asynccontextmanager
async def serving(inbox: Inbox, port: int = 0) -> AsyncIterator[int]:
    """Serve SMTP on the loopback interface, in this event loop; yield the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(inbox, hostname="inbox.example", ident="inbox"), "127.0.0.1", port
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
