"""Keeps which stores were drawn to be offered first, so that it can be learned from."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.orders.placing.ranking import Trial

_NOTE: Final = """
    INSERT INTO offer_trials (store_id, id, best, tied, propensity, at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (store_id, id) DO NOTHING
"""


async def note(tx: Tx, trial: Trial) -> None:
    """Write a draw down, in a transaction of the store that was drawn; asked again, once."""
    assert tx.store_id == trial.first
    await tx.run(
        _NOTE, trial.first, trial.id, trial.best, list(trial.tied), trial.propensity, tx.now
    )
