"""What people say and type: order numbers and pickup codes. Pure.

Crockford's base 32: no I, L, O or U, so that nothing is misread aloud or on a slip.
"""

import re
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 8
_NUMBER_LENGTH: Final = 6
_CODE: Final = re.compile(f"^[{ALPHABET}]{{{CODE_LENGTH}}}$")
_HEARD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def number(chance: UUID) -> str:
    """Return an order number, ``7QK-4M2``: easy to say, unique in its store, no secret."""
    text = _spell(chance.int, _NUMBER_LENGTH)
    return f"{text[:3]}-{text[3:]}"


def code(chance: UUID) -> str:
    """Return a pickup code: 40 bits that nobody guesses while an order waits.

    Shapes:
        chance: an id that is used for nothing else, so that nothing we show gives the code away.
    """
    return _spell(chance.int, CODE_LENGTH)


def shown(code: str) -> str:
    """Return a pickup code as people read it: ``7QK4-M2XP``."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> str | None:
    """Return the pickup code that somebody meant, or None if no code reads like this."""
    meant = text.strip().upper().translate(_HEARD)
    return meant if _CODE.match(meant) else None


def _spell(value: int, length: int) -> str:
    """Spell the low bits: the random ones of a UUIDv7."""
    return "".join(ALPHABET[value >> 5 * i & 31] for i in range(length))
