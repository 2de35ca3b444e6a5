"""Speaks to a store's label printer: raw bytes to a port, and nothing read back.

No transaction is open meanwhile, and nobody waits for long: an order is staged whether or not
its label came out.
"""

import asyncio
from typing import Final

from bopis.kernel.speech import t

CONNECTS_WITHIN: Final = 2.0
TAKES_WITHIN: Final = 3.0


class PrinterSilent(Exception):
    """The printer could not be reached, or did not take what was sent."""


async def send(
    host: str,
    port: int,
    job: bytes,
    *,
    connects_within: float = CONNECTS_WITHIN,
    takes_within: float = TAKES_WITHIN,
) -> None:
    """Send one job, whole; the printer has taken it when this returns.

    Units:
        connects_within, takes_within: seconds.

    Raises:
        PrinterSilent: Nobody listens there, or nobody takes it in time.
    """
    try:
        async with asyncio.timeout(connects_within):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as error:  # a time-out is one, too
        raise PrinterSilent(t("The label printer does not answer.")) from error
    try:
        async with asyncio.timeout(takes_within):
            writer.write(job)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
    except OSError as error:
        writer.transport.abort()
        raise PrinterSilent(t("The label printer takes nothing: is it out of labels?")) from error
