"""The catalogs are what is said in the source: nothing is missing, nothing is left over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from bopis.kernel import sentences, speech
from bopis.kernel.sentences import Sentence
from bopis.kernel.speech import CATALOGS, LANGUAGES, SOURCE

OTHERS = [language for language in LANGUAGES if language != SOURCE]


@pytest.fixture(scope="module")
def said() -> list[Sentence]:
    return sentences.sentences(sentences.speaking())


def test_every_sentence_is_in_every_catalog(said: list[Sentence]) -> None:
    assert len(said) > 300
    faults = [
        fault
        for language in OTHERS
        for fault in sentences.faults(said, language, sentences.read(language))
    ]
    assert faults == [], "write them with: make words"


def test_nothing_is_said_past_the_door(said: list[Sentence]) -> None:
    known = {one.one for one in said if one.one[0].isupper() and len(one.one) > 3}
    static = [
        *(sentences.ROOT / "associates/static/handheld").rglob("*.js"),
        *(sentences.ROOT / "bopis/orders/static/counter").rglob("*.js"),
    ]
    assert len(static) > 30
    past = [
        f"{path.name}: {words}"
        for path in static
        if path.name not in {"types.js", "language.js"}
        for words in sentences.outside(path.read_text(encoding="utf-8"), known)
    ]
    assert past == []


def test_what_is_said_past_the_door_is_found() -> None:
    text = """
    h('p', { class: 'go wide' }, 'Put it down.', t('Skip'));
    button('Skip', 'skip', () => {});
    h('b', {}, `Due ${task.due}`, `${t('Due {due}')} · ${n('1 bag', '{count} bags', 2)}`);
    throw new Error('No such thing.');
    console.warn('It was so.', error);
    """
    assert sentences.outside(text, {"Skip"}) == ["Put it down.", "Skip", "Due ${task.due}"]


def test_french_and_spanish_are_set_as_they_are_written() -> None:
    """A no-break space before the high marks in French, and a mark at both ends in Spanish."""
    wrong = [
        form
        for form in _forms("fr")
        if re.search("[^\u202f][;?!]|[^\u00a0]:|«[^\u00a0]|[^\u00a0]»|['\"]", form)
    ]
    wrong += [
        form
        for form in _forms("es")
        if form.count("?") != form.count("¿") or re.search("['\"!]", form)
    ]
    assert wrong == []


WITHOUT = {
    "A handheld needs an address that begins with https. Ask store operations for it.",
    "At risk: walk it first",
    "If this came from two codes at once, have the scanner send them one by one.",
    "Setting up needs a connection. Go to where there is one, and try again.",
    "There were fewer than an order needs",
    "This is no pickup place of ours. Scan the label of the place.",
}
"""Sentences that need not name what the English names, or mean something else by the word."""


def test_one_thing_has_one_word() -> None:
    """As ``docs/translating.md`` has it: plurals and capitals aside."""
    table = (sentences.ROOT / "docs/translating.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.split("|")[1:4]]
        for line in table.splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| English"))
    ]
    others = [
        f"{english}: {form}"
        for english, *theirs in rows
        for language, words in zip(OTHERS, theirs, strict=True)
        for source, forms in speech.catalog(language).items()
        if source not in WITHOUT and f" {_singular(english)} " in f" {_singular(source)} "
        for form in forms
        if not any(_singular(word) in _singular(form) for word in words.split(" / "))
    ]
    assert len(rows) > 15
    assert others == []


def _singular(text: str) -> str:
    words = re.sub(r"\{\w+\}", "", text).lower()
    return re.sub(r"s\b|[^\w ]", "", words)


def _forms(language: str) -> Iterator[str]:
    for one in speech.catalog(language).values():
        yield from one


def test_a_catalog_lies_as_it_would_be_written() -> None:
    for language in OTHERS:
        kept = sentences.read(language)
        written = sentences.header(language) + "".join(
            sentences.entry(message) for message in kept if message.id
        )
        assert (CATALOGS / f"{language}.po").read_text(encoding="utf-8") == written


def test_the_checker_finds_what_was_put_there_for_it(tmp_path: Path) -> None:
    room = tmp_path / "associates"
    room.mkdir()
    (room / "a.js").write_text(
        "import { n, t } from 'handheld/words.js';\n"
        "t('It is {name}.', { name }); n('1 bag', '{count} bags', 2); t('New here.');\n"
    )
    (room / "b.py").write_text(
        "from bopis.kernel.speech import phrase\n"
        'LOST = phrase(\n    "Lost: "\n    "{name}."\n)\n'
        'NOT_SAID = "Nobody hears this."\n'
    )
    said = sentences.sentences(sentences.speaking(tmp_path), tmp_path)
    assert [one.id for one in said] == [
        "It is {name}.",
        ("1 bag", "{count} bags"),
        "New here.",
        "Lost: {name}.",
    ]
    kept = Catalog(locale="fr")
    kept.add("It is {name}.", "Voici {nom}.")
    kept.add(("1 bag", "{count} bags"), ("1 sac", ""))
    kept.add("Lost: {name}.", "Perdu : {name}.", flags=["fuzzy"])
    kept.add("Gone.", "Parti.")
    assert sentences.faults(said, "fr", kept) == [
        "fr: other placeholders than in English: Voici {nom}.",
        "fr: nobody has translated: 1 bag (associates/a.js)",
        "fr: nobody has translated: New here. (associates/a.js)",
        "fr: somebody is to look at it once more: Lost: {name}.",
        "fr: nobody says it any more: Gone.",
    ]


def test_bringing_a_catalog_in_step_keeps_what_was_translated(tmp_path: Path) -> None:
    kept = Catalog(locale="fr")
    kept.add("Found.", "« Trouvé » : quoi ?")
    kept.add("Gone.", "Parti.")
    kept.add("1 bag", "1 sac")
    said = [
        Sentence("Found.", None, ("b.py",)),
        Sentence("1 bag", "{count} bags", ("a.py",)),
        Sentence('A "quote" \\ n', None, ("c.py",)),
    ]
    sentences.write("fr", sentences.update(said, "fr", kept), tmp_path)
    again = sentences.read("fr", tmp_path)
    assert {str(one.id): one.string for one in again if one.id} == {
        "('1 bag', '{count} bags')": ("", ""),
        "Found.": "«\xa0Trouvé\xa0»\xa0: quoi\u202f?",
        'A "quote" \\ n': "",
    }


@pytest.mark.parametrize(
    ("form", "agrees"), [("une chose", True), ("{count} choses", True), ("{n}", False)]
)
def test_one_thing_may_be_a_word(form: str, *, agrees: bool) -> None:
    said = Sentence("1 thing", "{count} things", ("a.py",))
    kept = Catalog(locale="fr")
    kept.add(said.id, (form, "{count} choses"))
    assert (sentences.faults([said], "fr", kept) == []) is agrees
