"""The one door into this room: what it does on a clock. It hears no facts and serves no pages."""

from datetime import timedelta
from typing import Final

from bopis.kernel.module import Job, Module
from bopis.promises import calibrations, survivals

module: Final = Module(
    name="promises",
    jobs=(
        Job("promises.learn", every=timedelta(seconds=30), run=calibrations.learn),
        Job("promises.survival", every=timedelta(hours=1), run=survivals.refit),
    ),
)
