"""This package is tested alone."""

import pytest

from bopis.kernel.events import Routes


@pytest.fixture
def routes() -> Routes:
    """Nobody above hears: this package is tested alone."""
    return Routes()
