"""A chain as the files that a retailer would send, for the bulk doors. Pure."""

from collections.abc import Iterator

from bopis.simulation.chain import Chain


def files(chain: Chain) -> Iterator[tuple[str, str, str]]:
    """Yield (path, text, content type), in the order in which they have to be sent."""
    raise NotImplementedError
    yield
