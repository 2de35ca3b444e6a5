"""Golden copies: files that hold the exact words we send, reviewed as prose.

``pytest --golden`` rewrites them. ``tests/conftest.py`` takes the option and the fixture from here.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Golden:
    folder: Path
    rewrite: bool

    def check(self, name: str, text: str) -> None:
        file = self.folder / name
        if self.rewrite:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == text


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden copies")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return the golden copies that lie beside the test, in ``golden/``."""
    return Golden(request.path.parent / "golden", request.config.getoption("--golden"))
