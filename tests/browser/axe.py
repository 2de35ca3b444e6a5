"""What axe finds on a page: brought into each document once, and asked for faults alone."""

from collections.abc import Mapping
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Page

_LOOK: Final = """
    (options) => self.axe?.run(document, { ...options, resultTypes: ['violations'] })
        .then(({ violations }) => violations)
"""


async def look_over(page: Page, options: Mapping[str, Any]) -> AxeResults:
    """Return what axe finds wrong. What it finds right is a megabyte that nobody reads."""
    found = await page.evaluate(_LOOK, dict(options))
    if found is None:
        await page.evaluate(AXE_SCRIPT)
        found = await page.evaluate(_LOOK, dict(options))
    return AxeResults({"violations": found})
