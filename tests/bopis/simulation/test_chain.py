"""The demo chain is the same chain every time, and every code on its shelves is valid."""

from datetime import date

import pytest
from biip.gtin import Gtin

from bopis.simulation import chain

MONDAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def made() -> chain.Chain:
    return chain.generate(7, first_day=MONDAY, stores=3, items=600)


def test_the_same_seed_makes_the_same_chain(made: chain.Chain) -> None:
    assert chain.generate(7, first_day=MONDAY, stores=3, items=600) == made
    assert chain.generate(8, first_day=MONDAY, stores=3, items=600) != made


def test_every_code_is_valid_and_in_the_range_for_demonstrations(made: chain.Chain) -> None:
    codes = [item.gtin for item in made.items.values()]

    assert len(set(codes)) == len(codes) == 600
    assert {len(code) for code in codes} == {13, 14}
    for code in codes:
        assert Gtin.parse(code).value == code
        assert code[-13:].startswith("952")


def test_what_a_store_carries_has_a_place_and_what_has_a_place_is_carried(
    made: chain.Chain,
) -> None:
    first_places = [(shelf.store, shelf.sku) for shelf in made.shelves if shelf.rank == 1]
    second_places = {(shelf.store, shelf.sku) for shelf in made.shelves if shelf.rank == 2}

    assert sorted(first_places) == sorted(made.opening)
    assert second_places < set(made.opening)
    assert second_places


def test_nobody_shares_a_badge_and_every_store_has_people(made: chain.Chain) -> None:
    badges = [person.badge for person in made.people]

    assert len(set(badges)) == len(badges)
    assert {person.store for person in made.people} == {site.store for site in made.sites}


def test_goods_have_different_names(made: chain.Chain) -> None:
    names = {(item.good.name, item.good.size) for item in made.items.values()}

    assert len(names) == 600


def test_known_demand_deepens_the_stock() -> None:
    goods = chain.compose(7, 20)
    sku = goods[3].sku

    laid_out = chain.lay_out(7, chain.SITES[:2], goods, depth={("R101", sku): 500})

    assert laid_out.opening["R101", sku] == 500
    assert laid_out.opening["R102", sku] < 100
    assert len(laid_out.opening) == 40
