"""Make the corpus of codes that server and handheld are both held to, and try it all.

    python -m tests.inventory.codes.make          write corpus.json anew, the same for one seed
    python -m tests.inventory.codes.make --read   draw, spoil and read every picture, and count

What is expected comes from what a code was made of, never from our own reading of it. Codes are
from the range that GS1 keeps for demonstrations (952), from inside a store (02, 20 to 29), or from
the examples that are named.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from tests.inventory.codes import pictures

FILE: Final = Path(__file__).with_name("corpus.json")
SEED: Final = 952
KINDS: Final = (
    *("EAN13", "EAN8", "UPCA", "UPCE", "ITF14", "weighed"),
    *("GS1-128", "DataMatrix", "QR", "link", "content", "shelf"),
)
EACH: Final = 26
"""Pictures of each kind."""
GS: Final = "\x1d"
Case = dict[str, Any]


def check_digit(body: str) -> str:
    """Return the check digit; written out once more, so that ours is not its own witness."""
    total = sum(int(digit) * (3, 1)[n % 2] for n, digit in enumerate(reversed(body)))
    return str(-total % 10)


def whole(body: str) -> str:
    return body + check_digit(body)


class Maker:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def digits(self, n: int) -> str:
        return "".join(self.rng.choices("0123456789", k=n))

    def word(self, longest: int) -> str:
        return "".join(self.rng.choices("ABCXYZ0123456789-/.", k=self.rng.randint(1, longest)))

    def gtin13(self) -> str:
        return whole("952" + self.digits(9))

    def case14(self) -> str:
        return whole(self.rng.choice("12345678") + "952" + self.digits(9))

    def day(self) -> tuple[str, str]:
        """Return a day as GS1 writes it, and as people do; a year of two digits, seen from 2026."""
        month, day = self.rng.randint(1, 12), self.rng.randint(1, 28)
        year = self.rng.randint(1977, 2076)
        return f"{year % 100:02}{month:02}{day:02}", f"{year}-{month:02}-{day:02}"

    def gs1(self) -> tuple[str, Case]:
        """Return an element string in brackets, and what it says."""
        gtin = self.rng.choice([self.gtin13().zfill(14), self.case14()])
        parts, said = [f"(01){gtin}"], item(gtin)
        if self.rng.random() < 0.6:
            written, said["last_day"] = self.day()
            parts.append(f"({self.rng.choice(['15', '17'])}){written}")
        for ai, chance in (("10", 0.6), ("21", 0.5)):
            if self.rng.random() < chance:
                word = self.word(12)
                parts.append(f"({ai}){word}")
                said["said"][ai] = word
        self.rng.shuffle(parts)
        return "".join(parts), said

    def content(self) -> tuple[str, Case]:
        gtin, count = self.gtin13().zfill(14), self.rng.randint(2, 999)
        return f"(02){gtin}(37){count}", item(gtin, quantity=count)

    def link(self) -> tuple[str, Case]:
        gtin, said = self.gtin13().zfill(14), {}
        host = self.rng.choice(
            ["https://id.gs1.org", "https://shop.example/en/p", "HTTP://X.EXAMPLE"]
        )
        url = f"{host}/01/{gtin}"
        for ai in ("10", "21"):
            if self.rng.random() < 0.5:
                said[ai] = self.word(8)
                url += f"/{ai}/{said[ai].replace('/', '%2F')}"
        found = item(gtin) | {"said": said}
        if self.rng.random() < 0.5:
            written, found["last_day"] = self.day()
            url += f"?17={written}&utm=x"
        return url, found


def item(gtin14: str, quantity: int = 1) -> Case:
    return {"kind": "item", "gtin14": gtin14, "quantity": quantity, "last_day": None, "said": {}}


def drawn(make: Maker) -> Iterator[Case]:
    """Give the pictures: what to draw, and what is to be read in them."""
    for kind in KINDS * EACH:
        text, said, bars = one(make, kind)
        yield {"draw": bars, "text": text, "turn": make.rng.randrange(4), **said}


def one(make: Maker, kind: str) -> tuple[str, Case, str]:
    if kind in NUMBERS:
        text = NUMBERS[kind](make)
        gtin = unpacked(text) if kind == "UPCE" else text.zfill(14)
        return text, item(gtin), "EAN13" if kind == "weighed" else kind
    match kind:
        case "link":
            return *make.link(), make.rng.choice(["QRCode", "DataMatrix"])
        case "content":
            return *make.content(), "Code128 gs1"
        case "shelf":
            text = f"A-{make.digits(2)}-{make.digits(1)}-{make.digits(1)}"
            return text, {"kind": "text"}, make.rng.choice(["Code128", "Code39", "QRCode"])
        case _:
            bars = {"GS1-128": "Code128", "DataMatrix": "DataMatrix", "QR": "QRCode"}[kind]
            return *make.gs1(), f"{bars} gs1"


def short(make: Maker) -> str:
    """Return the six digits of a UPC-E."""
    middle = "".join(make.rng.choices("3456789", k=3))  # zeros there have another form
    return make.digits(2) + middle + make.digits(1)


NUMBERS: Final[dict[str, Callable[[Maker], str]]] = {
    "EAN13": Maker.gtin13,
    "EAN8": lambda make: whole("952" + make.digits(4)),
    "UPCA": lambda make: whole("0" + make.digits(10)),
    "UPCE": short,
    "ITF14": Maker.case14,
    "weighed": lambda make: whole(make.rng.choice(["02", "20", "23", "29"]) + make.digits(10)),
}


def unpacked(digits: str) -> str:
    """Return the GTIN of the six digits of a UPC-E, as its table has it."""
    a, b, c, d, e, last = list(digits)
    body = {
        "0": f"{a}{b}00000{c}{d}{e}",
        "1": f"{a}{b}10000{c}{d}{e}",
        "2": f"{a}{b}20000{c}{d}{e}",
        "3": f"{a}{b}{c}00000{d}{e}",
        "4": f"{a}{b}{c}{d}00000{e}",
    }.get(last, f"{a}{b}{c}{d}{e}0000{last}")
    return whole("0" + body).zfill(14)


def examples() -> Iterator[Case]:
    """Give the specifications' own examples and rules, each with where it is to be found."""
    spec = "GS1 General Specifications"
    yield from (
        {"from": f"{spec} 7.9, check digit", "text": "6291041500213", **item("06291041500213")},
        {"from": f"{spec} 7.9", "text": "6291041500214", "kind": "text"},
        {"from": f"{spec} 5.2.2.4.2, UPC-E", "text": "01234505", **item("00012000003455")},
        {"from": f"{spec} 5.2.2.4.2", "text": "]E00012000003455", **item("00012000003455")},
        {
            "from": f"{spec} 7.8.5, no separator needed",
            "text": f"]C101{'0' * 14}",
            **item("0" * 14),
        },
        {
            "from": f"{spec} 7.8.5, a separator after a fixed length does no harm",
            "text": f"]d20109521234543213{GS}17261231{GS}10A{GS}",
            **item("09521234543213"),
            "last_day": "2026-12-31",
            "said": {"10": "A"},
        },
        {
            "from": f"{spec} 7.12, 49 years ahead",
            "text": "]C1010952123454321317750101",
            **item("09521234543213"),
            "last_day": "2075-01-01",
        },
        {
            "from": f"{spec} 7.12, 50 years ago and not 50 ahead: the century of 76 is ours",
            "text": "]C1010952123454321317760101",
            **item("09521234543213"),
            "last_day": "2076-01-01",
        },
        {
            "from": f"{spec} 7.12, 51 years ahead is 49 ago",
            "text": "]C1010952123454321317770101",
            **item("09521234543213"),
            "last_day": "1977-01-01",
        },
        {
            "from": f"{spec} 3.4.7, day 00 is the last of the month, in a leap year too",
            "text": "]C1010952123454321317280200",
            **item("09521234543213"),
            "last_day": "2028-02-29",
        },
        {
            "from": f"{spec} 3.2, content and count of a logistic unit",
            "text": f"]C100106141411234567897{GS}020952123454321337000012",
            **item("09521234543213", quantity=12),
        },
        {
            "from": f"{spec} 3.2, count of an item of varying measure",
            "text": "]C101" + whole("9952123454321") + "306",
            **item(whole("9952123454321"), quantity=6),
        },
        {
            "from": f"{spec} 3.2, a count is not for an item of fixed measure",
            "text": "]C101" + whole("1952123454321") + "306",
            **item(whole("1952123454321")),
        },
        {
            "from": f"{spec} 2.1.13, weight beside the number",
            "text": "]e001" + whole("9952123454321") + "3103000500",
            **item(whole("9952123454321")),
        },
    )
    dl = "GS1 Digital Link: URI syntax"
    yield from (
        {
            "from": f"{dl}, 4.3; as in the wiki of bwipp",
            "text": "https://id.gs1.org/01/09521234543213/10/ABC123/21/12345",
            **item("09521234543213"),
            "said": {"10": "ABC123", "21": "12345"},
        },
        {
            "from": f"{dl}; as in the wiki of bwipp",
            "text": "https://id.gs1.org/01/09521234543213/10/ABC123?17=261231",
            **item("09521234543213"),
            "last_day": "2026-12-31",
            "said": {"10": "ABC123"},
        },
        {
            "from": f"{dl}; as in the wiki of bwipp",
            "text": "https://example.com/products/01/09521234543213",
            **item("09521234543213"),
        },
    )
    for what, path in (
        (f"{dl}, an SSCC", "00/106141411234567897"),
        (f"{dl}, qualifiers out of order", "01/09521234543213/21/1/10/2"),
        ("GS1 Digital Link: compression", "DBHKVAdpQgp6nKmo2nRBO8n3Q"),
        ("GS1 Digital Link: compression, in part", "01/09521234543213/AQnYUc1gmiERBhQ"),
    ):
        yield {"from": what, "text": f"https://id.gs1.org/{path}", "kind": "text"}


def hostile() -> Iterator[Case]:
    """Give what no code of ours holds, and what only looks like one."""
    for why, texts in REFUSED.items():
        yield from ({"text": text, "kind": "noise", "why": why} for text in texts)
    yield from ({"text": text, "kind": "text"} for text in NO_ITEM)


REFUSED: Final = {
    "control_character": (
        *("\x0f9521234543213", "952\x1b1234543213", "A12\rB13", "9521234\x00543213"),
        *("\x16M\rDEFALT.", "12\u202e34", "A\u200bB", "\ufeff9521234543213", "A\u00a0B", "\x7f"),
        *("\U0001f4a5", "\ud800", "\ue000", "]C1\x02010952", "\x1d01\x0f"),
    ),
    "too_long": ("x" * 4000, "7" * 91, "https://x.example/" + "a" * 500, "]Q1" + "x" * 600),
    "empty": ("", " \r\n\t", "\x1d", "]d2\x1d\x1d"),
}
NO_ITEM: Final = (
    *("'; DROP TABLE scans; --", "<script>alert(1)</script>", "{{7*7}}", "../../etc/passwd"),
    *("=1+1", "javascript:alert(1)", "file:///etc/passwd", "http://127.0.0.1/01/1", "https://["),
    *("http://", "https://x.example/login?01=09521234543213", "(01)09521234543213", "]", "]d2"),
    *("]zz", "\u0669" * 13, "9521234543214", "0109521234543214", "]C1011", "]C1999"),
    *("]C1010952123454321310", "]d201095212345432130109521234543220", "99999", "^XA^FS"),
    "$P,CAEA01",
)


def corpus() -> dict[str, list[Case]]:
    make = Maker(SEED)
    return {"pictures": list(drawn(make)), "examples": list(examples()), "hostile": list(hostile())}


def main(argv: list[str]) -> int:
    if "--read" not in argv:
        rows = {
            name: "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]"
            for name, cases in corpus().items()
        }
        body = ",\n".join(f'"{name}": {cases}' for name, cases in rows.items())
        FILE.write_text(f"{{\n{body}\n}}\n", encoding="utf-8")
        return 0
    seen = Counter[str]()
    for n, case in enumerate(json.loads(FILE.read_text(encoding="utf-8"))["pictures"]):
        seen[f"{case['draw']} {'read' if pictures.read(case, n) else 'NOT READ'}"] += 1
    for line, count in sorted(seen.items()):
        sys.stdout.write(f"{count:4} {line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
