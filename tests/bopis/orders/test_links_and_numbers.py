"""What we hand out: nobody can make one, misread one, or learn one from another."""

from string import ascii_letters, digits
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import numbers
from bopis.orders.telling import links
from tests.letters import ANY

KEYS = [b"new", b"old"]
S1 = StoreId("S1")
ORDER = OrderId(UUID(int=7))


@given(
    st.text(ascii_letters + digits + "_-", min_size=1, max_size=32).map(StoreId),
    st.uuids().map(OrderId),
    st.integers(1, 255),
)
def test_a_link_opens_what_it_was_made_for(store: StoreId, order: OrderId, version: int) -> None:
    assert links.read(KEYS, links.token(KEYS, store, order, version)) == (store, order, version)


def test_keys_rotate_and_strangers_have_none() -> None:
    old = links.token(KEYS[1:], S1, ORDER, 1)

    assert links.read(KEYS, old) == (S1, ORDER, 1)
    assert links.read([b"other"], old) is None


def test_any_letter_changed_opens_nothing() -> None:
    token = links.token(KEYS, S1, ORDER, 1)

    for place in range(len(token)):
        for letter in "AQgw_-.7":
            forged = token[:place] + letter + token[place + 1 :]
            assert forged == token or links.read(KEYS, forged) is None


@given(st.text(ANY, max_size=60))
def test_nonsense_opens_nothing(text: str) -> None:
    assert links.read(KEYS, text) is None
    assert links.read(KEYS, f"S1.{text}") is None


@given(st.uuids())
def test_a_code_survives_being_read_out_and_typed(chance: UUID) -> None:
    code = numbers.code(chance)

    assert numbers.typed(numbers.shown(code)) == code
    assert numbers.typed(f" {code.lower()} ") == code
    assert numbers.typed(code.replace("0", "o").replace("1", "L")) == code
    assert set(code) <= set(numbers.ALPHABET)


@given(st.uuids())
def test_a_number_is_three_and_three(chance: UUID) -> None:
    assert len(numbers.number(chance)) == 7
    assert numbers.number(chance)[3] == "-"


@pytest.mark.parametrize("text", ["", "ABC", "ABCDEFGHI", "ABCD-EFG", "ABCDEFG\x00", "UUUUUUUU"])
def test_what_is_no_code(text: str) -> None:
    assert numbers.typed(text) is None
