"""Which stores somebody may see. What they may not see is, to them, not there. Pure."""

from uuid import UUID

from bopis.kernel.errors import NotFound
from bopis.kernel.ids import StoreId, inward


class NotYours(NotFound):
    title = "There is no such thing here"


def within(only_store: StoreId | None, id_: str) -> tuple[StoreId, UUID]:
    """Return the store and the id of an outward form, if that store may be seen.

    Raises:
        IdUnknown: The text is not one of ours.
        NotYours: It is another store's; said as if there were none.
    """
    store_id, found = inward(id_)
    allow(only_store, store_id)
    return store_id, found


def allow(only_store: StoreId | None, store_id: StoreId) -> None:
    """Refuse another store than the one that may be seen.

    Raises:
        NotYours: It is not that one.
    """
    if only_store is not None and only_store != store_id:
        raise NotYours("There is no such thing here. Look at the list again.")
