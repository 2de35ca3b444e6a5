"""Whatever a scan meant is told four ways at once: run by node, as the page itself would."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
NODE: Final = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="no node here: the signals go untried")
def test_no_signal_lacks_a_word_a_picture_a_tone_or_a_buzz() -> None:
    ran = subprocess.run(  # noqa: S603 -- our own tests
        [
            str(NODE),
            "--import",
            "./tests/handheld/resolve.mjs",
            "tests/handheld/signals.test.mjs",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
