"""The inbox: an SMTP server that keeps letters, wakes those who wait, and shows a page."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx

from bopis.simulation import inbox_page
from bopis.simulation.inbox import Inbox, serving
from bopis.simulation.loop import Life, Loop

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
READY = """Your order is ready.

Where: Pickup counter
Code: 7QK-4M2

See your order:
https://pickup.example/o/R101.k2Vd9xQ
"""


async def _send(port: int, to: str, text: str, subject: str = "News") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "shop@pickup.example", to, subject
    mail["Date"] = "Mon, 23 Nov 2026 12:00:00 +0000"
    mail.set_content(text)
    mail.add_alternative("<html><head></head><body><b>News</b></body></html>", subtype="html")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=port, start_tls=False)


async def test_a_letter_is_read_and_wakes_its_reader() -> None:
    inbox = Inbox()
    woken: list[str] = []

    async def wait(at: datetime) -> datetime:
        return at

    async def reader() -> Life:
        yield inbox.bell("ada@shoppers.example")
        letter = inbox.newest("ada@shoppers.example")
        assert letter is not None
        woken.append(f"{letter.code} {letter.link}")

    loop = Loop(NOON, wait)
    loop.start(reader())
    await loop.run()
    async with serving(inbox) as port:
        await _send(port, "bob@shoppers.example", "Hello")
        await _send(port, "ada@shoppers.example", READY)
    await loop.run()

    assert woken == ["7QK-4M2 https://pickup.example/o/R101.k2Vd9xQ"]
    assert [letter.number for letter in inbox.letters] == [1, 2]


async def test_letters_outlive_a_restart(tmp_path: Path) -> None:
    async with serving(Inbox(tmp_path)) as port:
        await _send(port, "ada@shoppers.example", READY)

    again = Inbox(tmp_path)

    newest = again.newest("ada@shoppers.example")
    assert newest is not None
    assert newest.code == "7QK-4M2"
    assert again.received == 1


async def test_the_page_shows_a_letter_and_seals_its_html() -> None:
    inbox = Inbox()
    async with serving(inbox) as port:
        await _send(port, "ada@shoppers.example", READY, subject="It is <ready>")
    transport = httpx.ASGITransport(app=inbox_page.create(inbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox") as client:
        listed = await client.get("/inbox")
        found = await client.get("/inbox", params={"q": "7qk"})
        nothing = await client.get("/inbox", params={"q": "zebra"})
        letter = await client.get("/inbox/1")
        sealed = await client.get("/inbox/1/page")
        gone = await client.get("/inbox/7")

    assert "It is &lt;ready&gt;" in listed.text
    assert "ada@shoppers.example" in found.text
    assert "No letter has" in nothing.text
    assert "7QK-4M2" in letter.text
    assert "sandbox" in sealed.headers["Content-Security-Policy"]
    assert "<b>News</b>" in sealed.text
    assert gone.status_code == 307
