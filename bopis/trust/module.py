"""The one door into this room: what it does on a clock."""

from datetime import timedelta
from typing import Final

from bopis.kernel.module import Job, Module
from bopis.trust import records

module: Final = Module(
    name="trust",
    jobs=(Job("trust.record", every=timedelta(hours=1), run=records.take_down),),
)
