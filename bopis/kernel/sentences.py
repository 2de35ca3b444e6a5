"""Every sentence of ours that goes through a catalog, and the catalogs kept in step with them.

``python -m bopis.kernel.sentences`` writes what is said in the source, and nothing else, into
``catalogs/*.po``: what is new has an empty translation, what nobody says any more goes.
"""

import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.jslexer import tokenize
from babel.messages.pofile import read_po

from bopis.kernel.speech import CATALOGS, LANGUAGES, SOURCE

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("associates", "bopis", "inventory", "notifications")
_DOORS: Final = {".py": ("bopis.kernel.speech", "python"), ".js": ("words.js", "javascript")}
"""By the kind of file: what it has to mention if it speaks, and how it is read."""
_KEYWORDS: Final[dict[str, Any]] = {"t": None, "n": (1, 2), "phrase": None}
_HEARD: Final = frozenset({"t", "n", "Error", "warn"})
_SENTENCE: Final = re.compile(r"[A-Z][^\s$]*,? [a-z]+|(?!Bearer)[A-Z]\w+ \$\{")
"""What begins as a sentence does."""
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")
_PLURALS: Final = {"es": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
"""Without CLDR's third, for whole millions of something: nobody here has so many."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What somebody says, in English: of exactly one, and of several, if it counts."""

    one: str
    many: str | None
    where: tuple[str, ...]

    @property
    def id(self) -> str | tuple[str, str]:
        return self.one if self.many is None else (self.one, self.many)


def speaking(root: Path = ROOT) -> Iterator[Path]:
    """Yield the files that say something."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.*")):
            door = _DOORS.get(path.suffix)
            if door and door[0] in path.read_text(encoding="utf-8"):
                yield path


def sentences(paths: Iterable[Path], root: Path = ROOT) -> list[Sentence]:
    """Return all that these files say, each sentence once, with the files that say it."""
    found: dict[tuple[str, str | None], dict[str, None]] = {}
    for path in paths:
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".js":
            text = "\n;".join([text, *_within(text)])
        for _, message, _, _ in extract(_DOORS[path.suffix][1], BytesIO(text.encode()), _KEYWORDS):
            one, many = message if isinstance(message, tuple) else (message, None)
            found.setdefault((one, many), {})[name] = None
    return [Sentence(one, many, tuple(where)) for (one, many), where in found.items()]


def _within(text: str) -> Iterator[str]:
    """Yield the expressions inside of template strings, which the extractor passes over."""
    for token in tokenize(text, jsx=False):
        if token.type != "template_string":
            continue
        begin = depth = 0
        for at, letter in enumerate(token.value):
            if letter == "{":
                begin = at + 1 if depth == 0 else begin
                depth += 1
            elif letter == "}" and depth > 0:
                depth -= 1
                if depth == 0:
                    yield token.value[begin:at]


def outside(text: str, known: Collection[str] = ()) -> list[str]:
    """Return what a module of JavaScript says past the door: sentences, and words that are known.

    What only a programmer reads, an ``Error`` or a warning of the console, is not said to anybody.
    """
    found, calls, before = [], [""], ""
    for token in tokenize(text, jsx=False):
        if token.value == "(":
            calls.append(before.rpartition(".")[2])
        elif token.value == ")" and len(calls) > 1:
            calls.pop()
        elif token.type in {"string", "template_string"} and calls[-1] not in _HEARD:
            words = token.value[1:-1]
            if words in known or _SENTENCE.match(words):
                found.append(words)
        before = token.value
    return found


def read(language: str, folder: Path = CATALOGS) -> Catalog:
    """Return one language's catalog as it lies there; an empty one, if there is none."""
    path = folder / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def faults(said: Iterable[Sentence], language: str, kept: Catalog) -> list[str]:
    """Return what is wrong with a catalog, a line each: what is missing, other, or too much."""
    said = list(said)
    wrong = []
    for sentence in said:
        message = kept.get(sentence.id if sentence.many is None else sentence.one)
        forms = _forms(message.string) if message and message.id == sentence.id else ()
        if not forms or not all(forms):
            wrong.append(f"{language}: nobody has translated: {sentence.one} ({sentence.where[0]})")
            continue
        assert message is not None
        if message.fuzzy:
            wrong.append(f"{language}: somebody is to look at it once more: {sentence.one}")
        wrong += [
            f"{language}: other placeholders than in English: {form}"
            for form in forms
            if not _agree(sentence, form)
        ]
    known = {sentence.one for sentence in said}
    return wrong + [
        f"{language}: nobody says it any more: {_one(message.id)}"
        for message in kept
        if message.id and _one(message.id) not in known
    ]


def _one(message_id: Any) -> str:
    return str(message_id if isinstance(message_id, str) else message_id[0])


def _forms(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ())


def _agree(sentence: Sentence, form: str) -> bool:
    """Say whether a form has the placeholders of the English; ``{count}`` may be a word in it."""
    wanted = set(_PLACEHOLDER.findall(f"{sentence.one} {sentence.many or ''}"))
    own = set(_PLACEHOLDER.findall(form))
    return own == wanted or (sentence.many is not None and own | {"count"} == wanted | {"count"})


def update(said: Iterable[Sentence], language: str, kept: Catalog) -> Catalog:
    """Return a catalog of what is said, with what has been translated."""
    made = Catalog(
        locale=language,
        project="bopis",
        version="",
        fuzzy=False,
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        charset="utf-8",
    )
    for sentence in sorted(said, key=lambda one: (one.where[0], one.one)):
        before = kept.get(sentence.one)
        same = before is not None and before.id == sentence.id
        made.add(
            sentence.id,
            _set(language, before.string) if before is not None and same else None,
            locations=[(name, 0) for name in sentence.where],
        )
    return made


_MARKS: Final = {
    "fr": ((r"[ \xa0\u202f](?=[;?!])", "\u202f"), (r"(?<=«)[ \u202f]|[ \u202f](?=[:»])", "\xa0"))
}
"""The spaces of French that do not break; who translates need not type them."""


def _set(language: str, string: Any) -> Any:
    forms = list(_forms(string))
    for pattern, space in _MARKS.get(language, ()):
        forms = [re.sub(pattern, space, form) for form in forms]
    return forms[0] if isinstance(string, str) else tuple(forms)


def write(language: str, catalog: Catalog, folder: Path = CATALOGS) -> None:
    """Write a catalog so that two people's changes seldom meet: no dates, no line numbers."""
    with (folder / f"{language}.po").open("wb") as file:
        file.write(header(language).encode())
        for message in catalog:
            if message.id:
                file.write(entry(message).encode())


def header(language: str) -> str:
    return (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {language}\\n"\n'
        f'"Plural-Forms: {_PLURALS[language]}\\n"\n'
    )


def entry(message: Any) -> str:
    """Return one sentence as a catalog has it: who says it, the English, the translation."""
    where = " ".join(name for name, _ in message.locations)
    forms = _forms(message.string) or ("",)
    if isinstance(message.id, str):
        said = [f"msgid {_quoted(message.id)}", f"msgstr {_quoted(forms[0])}"]
    else:
        forms = forms if len(forms) == len(message.id) else ("", "")
        said = [f"msgid {_quoted(message.id[0])}", f"msgid_plural {_quoted(message.id[1])}"]
        said += [f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(forms)]
    return "\n".join(["", f"#: {where}", *said, ""])


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inner}"'


def main() -> None:
    """Bring every catalog in step with the source, and name what is to be translated."""
    said = sentences(speaking())
    for language in LANGUAGES:
        if language == SOURCE:
            continue
        kept = update(said, language, read(language))
        write(language, kept)
        wrong = faults(said, language, kept)
        sys.stdout.write("".join(f"{line}\n" for line in wrong))
        sys.stdout.write(f"{language}: {len(said)} sentences, {len(wrong)} to look at\n")


if __name__ == "__main__":
    main()
