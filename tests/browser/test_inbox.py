"""The demo's inbox in a real browser: phone and desk, day and night, by keyboard."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from bopis.simulation import inbox_page
from bopis.simulation.inbox import Inbox
from notifications.wording import render
from tests.browser.axe import look_over
from tests.browser.person import AXE, CHROMIUM, DESK, PHONE, SHOTS, serving
from tests.notifications.letters import CASES, CHICAGO, NOON

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the inbox goes unseen"),
]
ADA: Final = "ada.with-a-rather-long-name@shoppers.example"


def put(inbox: Inbox, number: int, to: str, case: str) -> None:
    facts, now = CASES[case]
    written = render(facts, CHICAGO, now=now)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Lakeview <pickup@shop.example>",
        to,
        written.subject,
    )
    mail["Date"] = format_datetime(NOON - timedelta(days=1) + timedelta(hours=2 * number))
    mail.set_content(written.text)
    mail.add_alternative(written.html, subtype="html")
    inbox._read(bytes(mail), number)  # noqa: SLF001 -- as if it had come by SMTP


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def address(inbox: Inbox) -> AsyncIterator[str]:
    async with serving(inbox_page.create(inbox)) as made:
        yield made


@pytest.fixture
def letters(inbox: Inbox) -> Inbox:
    for number, case in enumerate(CASES, 1):
        put(inbox, number, ADA if number % 3 else "bob@shoppers.example", case)
    return inbox


async def looked_at(page: Page, name: str) -> None:
    """Axe finds nothing; nothing is wider than the screen, or smaller than a thumb needs."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        found = await look_over(page, AXE | {"rules": {}})
        assert not found.response["violations"], found.generate_report()
        if SHOTS:
            width = page.viewport_size["width"] if page.viewport_size else 0
            await page.screenshot(path=f"{SHOTS}/inbox-{name}-{scheme}-{width}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("size", [PHONE, *[DESK][: bool(SHOTS)]], ids=str)
async def test_letters_are_found_and_read(
    browser: Browser, address: str, letters: Inbox, size: dict[Literal["width", "height"], int]
) -> None:
    page = await browser.new_page(viewport=size)  # type: ignore[arg-type]
    await page.goto(f"{address}/inbox")
    first = page.locator(".letters a").first
    await looked_at(page, "list")
    newest = letters.letters[-1]
    await expect(first.locator(".subject")).to_have_text(newest.subject)

    await page.locator("#q").fill(" APOLOG ")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("No letter has “APOLOG” in it.")
    await looked_at(page, "nothing-found")
    await page.get_by_role("link", name="Show all letters").click()

    late = page.locator(".letters a", has_text="will be late").first
    await late.focus()
    await page.keyboard.press("Enter")
    frame = page.frame_locator("iframe")
    await expect(frame.locator("h1")).to_contain_text("will be late")
    inner = page.locator("iframe")
    assert await inner.evaluate("f => f.contentDocument.documentElement.scrollHeight") <= (
        await inner.evaluate("f => f.clientHeight")
    )
    assert await inner.evaluate("f => f.clientHeight - f.contentDocument.body.offsetHeight") <= 2
    await looked_at(page, "letter")
    await page.get_by_text("The same as plain text").click()
    await expect(page.locator("pre")).to_contain_text("your order:\nhttps://")
    here = int(page.url.rpartition("/")[2])
    await page.get_by_role("link", name="Older").click()
    await expect(page).to_have_url(f"{address}/inbox/{here - 1}")


async def test_an_empty_inbox_says_when_a_letter_has_come(
    browser: Browser, address: str, inbox: Inbox
) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.clock.install()
    await page.goto(f"{address}/inbox")
    await expect(page.locator("main")).to_contain_text("No letter yet.")
    await looked_at(page, "empty")

    put(inbox, 1, ADA, "order_received")
    await page.clock.run_for(6000)
    await page.get_by_role("link", name="Show 1 new letter").click()

    await expect(page.locator(".letters a")).to_have_count(1)
