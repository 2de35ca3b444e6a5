"""The one door into this package: it hears nothing, serves nothing, and sends on a clock."""

from datetime import timedelta

from bopis.kernel.module import Job, Module
from notifications import sender

module = Module(
    name="notifications",
    jobs=(Job("notifications.send", every=timedelta(seconds=2), run=sender.sweep),),
)
