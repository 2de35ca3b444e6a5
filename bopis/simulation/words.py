"""The words that invented goods and people are made of. No brand, person or street here is real.

A department lists nouns with the sizes they are sold in, and qualifiers that go with each of
them; ``chain`` multiplies these out. Pure.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Department:
    """One part of the store: what it is called, what is on its shelves, and what it costs there.

    Units:
        cents: price range of one piece, in hundredths of the chain's currency.
    """

    name: str
    nouns: tuple[tuple[str, tuple[str, ...]], ...]
    qualifiers: tuple[str, ...]
    cents: tuple[int, int]


def _nouns(*entries: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read ``"oat drink: 1 l, 500 ml"``."""
    pairs = (entry.split(": ") for entry in entries)
    return tuple((noun, tuple(sizes.split(", "))) for noun, sizes in pairs)


DEPARTMENTS: Final = (
    Department(
        "Produce",
        _nouns(
            "apples: 1 kg bag, 4 pack",
            "pears: 1 kg bag, 4 pack",
            "carrots: 500 g, 1 kg",
            "cherry tomatoes: 250 g, 500 g",
            "baby spinach: 125 g, 250 g",
            "potatoes: 1.5 kg, 2.5 kg",
            "onions: 500 g, 1 kg",
            "lemons: 4 pack, 1 piece",
            "mushrooms: 250 g, 400 g",
            "salad bowl: 180 g, 320 g",
        ),
        ("", "organic", "everyday", "local", "selection"),
        (99, 599),
    ),
    Department(
        "Bakery",
        _nouns(
            "rye bread: 500 g, 750 g",
            "sourdough loaf: 400 g, 800 g",
            "burger buns: 4 pack, 6 pack",
            "bagels: 5 pack, 2 pack",
            "butter croissants: 4 pack, 8 pack",
            "flatbread: 6 pack, 8 pack",
            "lemon cake: 350 g, 600 g",
            "oat cookies: 200 g, 400 g",
        ),
        ("", "organic", "everyday", "artisan", "selection"),
        (149, 699),
    ),
    Department(
        "Dairy",
        _nouns(
            "whole milk: 1 l, 2 l",
            "oat drink: 1 l, 500 ml",
            "almond drink: 1 l, 250 ml",
            "barley drink: 1 l, 500 ml",
            "Greek yogurt: 150 g, 500 g, 1 kg",
            "cheddar: 200 g, 400 g",
            "butter: 250 g, 500 g",
            "eggs: 6 pack, 12 pack",
            "cream cheese: 150 g, 300 g",
            "kefir: 500 ml, 1 l",
        ),
        ("", "farm", "organic", "everyday", "value", "selection"),
        (129, 799),
    ),
    Department(
        "Pantry",
        _nouns(
            "spaghetti: 500 g, 1 kg",
            "penne: 500 g, 1 kg",
            "basmati rice: 500 g, 1 kg, 2 kg",
            "red lentils: 400 g, 500 g",
            "chickpeas: 400 g tin, 4 x 400 g",
            "chopped tomatoes: 400 g tin, 4 x 400 g",
            "olive oil: 500 ml, 1 l",
            "peanut butter: 340 g, 1 kg",
            "strawberry jam: 340 g, 454 g",
            "tomato soup: 400 g, 600 ml",
            "muesli: 500 g, 750 g",
            "wheat flour: 1 kg, 1.5 kg",
        ),
        ("", "organic", "everyday", "value", "classic", "selection"),
        (89, 1299),
    ),
    Department(
        "Drinks",
        _nouns(
            "sparkling water: 1 l, 6 x 500 ml",
            "apple juice: 1 l, 4 x 200 ml",
            "orange juice: 1 l, 330 ml",
            "ginger beer: 330 ml, 4 x 330 ml",
            "cola: 1.5 l, 6 x 330 ml",
            "iced tea: 500 ml, 1.5 l",
            "ground coffee: 250 g, 500 g",
            "coffee beans: 500 g, 1 kg",
            "black tea: 20 bags, 80 bags",
            "mint tea: 20 bags, 40 bags",
        ),
        ("", "value", "organic", "everyday", "classic", "selection"),
        (99, 1699),
    ),
    Department(
        "Frozen",
        _nouns(
            "garden peas: 450 g, 1 kg",
            "margherita pizza: 320 g, 2 pack",
            "fish fillets: 400 g, 800 g",
            "vanilla ice cream: 500 ml, 1 l",
            "mixed berries: 300 g, 750 g",
            "oven chips: 750 g, 1.5 kg",
            "vegetable dumplings: 300 g, 600 g",
        ),
        ("", "everyday", "value", "organic", "selection"),
        (199, 999),
    ),
    Department(
        "Household",
        _nouns(
            "dish soap: 500 ml, 1 l",
            "laundry liquid: 20 washes, 40 washes",
            "kitchen roll: 2 pack, 4 pack",
            "toilet paper: 4 pack, 9 pack, 16 pack",
            "bin bags: 20 pieces, 50 pieces",
            "sponges: 3 pack, 6 pack",
            "glass cleaner: 500 ml, 750 ml",
            "dishwasher tablets: 30 pieces, 60 pieces",
            "tea lights: 50 pieces, 100 pieces",
        ),
        ("", "everyday", "value", "pro", "eco", "selection"),
        (129, 1899),
    ),
    Department(
        "Health",
        _nouns(
            "toothpaste: 75 ml, 2 x 75 ml",
            "shampoo: 250 ml, 400 ml",
            "shower gel: 250 ml, 500 ml",
            "hand cream: 75 ml, 100 ml",
            "sun lotion: 150 ml, 200 ml",
            "plasters: 20 pieces, 40 pieces",
            "cotton pads: 80 pieces, 120 pieces",
            "deodorant: 50 ml, 150 ml",
            "lip balm: 5 g, 2 x 5 g",
        ),
        ("", "sensitive", "everyday", "aloe", "for children", "value"),
        (149, 1599),
    ),
    Department(
        "Baby",
        _nouns(
            "diapers size 3: 30 pieces, 52 pieces",
            "diapers size 4: 28 pieces, 48 pieces",
            "baby wipes: 60 pieces, 4 x 60 pieces",
            "carrot purée: 125 g, 190 g",
            "oat porridge: 200 g, 400 g",
            "bath foam: 300 ml, 500 ml",
        ),
        ("", "gentle", "value", "everyday", "selection"),
        (119, 2499),
    ),
    Department(
        "Pet",
        _nouns(
            "dry cat food: 800 g, 2 kg",
            "wet cat food: 6 x 85 g, 12 x 85 g",
            "dry dog food: 1.5 kg, 4 kg",
            "dog treats: 180 g, 400 g",
            "cat litter: 5 l, 10 l",
            "bird seed: 1 kg, 2.5 kg",
        ),
        ("", "everyday", "value", "natural", "classic", "selection"),
        (199, 2999),
    ),
    Department(
        "Kitchen",
        _nouns(
            "storage box: 0.5 l, 1 l, 2.4 l",
            "chef's knife: 15 cm, 20 cm",
            "frying pan: 24 cm, 28 cm",
            "mug: 300 ml, 400 ml",
            "water bottle: 500 ml, 750 ml",
            "baking tray: small, large",
            "tea towels: 2 pack, 3 pack",
            "measuring cup: 500 ml, 1 l",
        ),
        ("", "blue", "green", "stone", "steel", "white"),
        (299, 4999),
    ),
    Department(
        "Home",
        _nouns(
            "picture frame: A4, A3",
            "candle: 120 g, 220 g",
            "cushion: 40 x 40 cm, 50 x 50 cm",
            "LED bulb E27: 6 W, 9 W, 2 x 9 W",
            "extension cord: 2 m, 5 m",
            "storage basket: small, medium, large",
            "bath towel: 70 x 140 cm, 100 x 150 cm",
            "AA batteries: 4 pack, 12 pack, 24 pack",
        ),
        ("", "classic", "everyday", "value", "pro", "selection"),
        (249, 3999),
    ),
    Department(
        "Stationery",
        _nouns(
            "notebook: A5, A4",
            "ballpoint pens: 4 pack, 10 pack",
            "gift wrap: 2 m, 5 m",
            "greeting card: 1 piece, 5 pack",
            "adhesive tape: 10 m, 33 m",
            "coloured pencils: 12 pack, 24 pack",
            "envelopes: 25 pieces, 100 pieces",
        ),
        ("", "recycled", "everyday", "value", "festive", "classic"),
        (99, 1499),
    ),
    Department(
        "Toys",
        _nouns(
            "wooden puzzle: 24 pieces, 60 pieces",
            "card game: travel size, family size",
            "modelling clay: 4 colours, 10 colours",
            "plush bear: 20 cm, 35 cm",
            "building blocks: 40 pieces, 120 pieces",
            "skipping rope: 2 m, 3 m",
        ),
        ("", "forest", "ocean", "city", "farm", "space"),
        (349, 3499),
    ),
)

BRANDS: Final = (
    "Fernhill", "Oakmere", "Morrow", "Tansley", "Pell & Daughters", "Brightwater", "Quill",
    "Hollis", "Marlow Farm", "Nordlys", "Saltbox", "Wren",
)  # fmt: skip

FIRST_NAMES: Final = (
    "Ada", "Amara", "Bao", "Carmen", "Chidi", "Dana", "Elif", "Emil", "Farah", "Goran", "Hana",
    "Ines", "Ivo", "Jonas", "Kaya", "Lena", "Luca", "Mika", "Nadia", "Noor", "Olu", "Petra",
    "Priya", "Rafa", "Rosa", "Samir", "Sofia", "Tomas", "Uma", "Vera", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip
