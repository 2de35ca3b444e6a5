"""What we say to people, in their language: English goes in, theirs comes out.

English is the source: a sentence that nobody has translated is said in English. Who is spoken to is
ambient, as a request's id is in the logs, so that the deepest rule may say ``t("Found.")``. At an
edge ``speaking`` says whose language it is; where nobody has, it is English. A time, a day, a list
are part of a sentence, and so are said here too.

The catalogs are text beside this file, read once. ``bopis.kernel.sentences`` keeps them up to date.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.languages import get_official_languages
from babel.lists import format_list
from babel.messages.pofile import read_po

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "es": "Español", "fr": "Français"}
"""Each by the name that whoever speaks it looks for."""
SOURCE: Final = "en"
CATALOGS: Final = Path(__file__).parent / "catalogs"
_LOCALES: Final = {"en": "en_US"}
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_LONGEST: Final = 200
"""Characters of what a browser says of its languages; the rest is not read."""


def filled(text: str, values: Mapping[str, object]) -> str:
    """Return a sentence with its placeholders filled in; what has no value stays as it is."""
    return _PLACEHOLDER.sub(lambda at: str(values.get(at[1], at[0])), text)


@dataclass(frozen=True, slots=True)
class Translated:
    """One sentence: its English (of exactly one), its forms, and the files that say it.

    Of one thing, and of any other number: that is all the forms that es and fr have, but for whole
    millions of something, of which we never speak.
    """

    source: str
    forms: tuple[str, ...]
    where: tuple[str, ...]


@cache
def _read(language: str) -> tuple[Translated, ...]:
    with (CATALOGS / f"{language}.po").open("rb") as file:
        messages = list(read_po(file, locale=language))
    found = []
    for message in messages:
        string, source = message.string, message.id
        forms = (string,) if isinstance(string, str) else tuple(string or ())
        if source and not message.fuzzy and forms and all(forms):
            one = source if isinstance(source, str) else source[0]
            where = tuple(name for name, _ in message.locations)
            found.append(Translated(one, forms, where))
    return tuple(found)


@cache
def catalog(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return what has been translated: the forms of each sentence by its English."""
    return {} if language == SOURCE else {one.source: one.forms for one in _read(language)}


def said_in(language: str, suffix: str) -> dict[str, str | tuple[str, ...]]:
    """Return what the files of one kind say, for them to take along."""
    return {
        one.source: one.forms if len(one.forms) > 1 else one.forms[0]
        for one in _read(language)
        if any(name.endswith(suffix) for name in one.where)
    }


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, and how it is spoken."""

    language: str = SOURCE

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    def t(self, text: str, /, **values: object) -> str:
        """Return a sentence; without values its placeholders stay, to be filled in later."""
        own = catalog(self.language).get(text, (text,))[0]
        return filled(own, values) if values else own

    def n(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Return a sentence about so many things; ``{count}`` in it stands for how many."""
        forms = catalog(self.language).get(one)
        if forms is None:
            forms, is_one = (one, many), count == 1
        else:
            is_one = self.locale.plural_form(count) == "one"
        return filled(forms[0 if is_one else -1], {"count": count, **values})

    def every(self, words: Sequence[str]) -> str:
        """Return a list as one says it: ``1, 2 and 3``."""
        if self.language == SOURCE:  # without the comma before the last: shorter, and as we write
            return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
        return format_list(words, locale=self.locale)

    def time(self, moment: datetime | time) -> str:
        return _time(self.language, moment.hour, moment.minute)

    def weekday_and_time(self, moment: datetime) -> str:
        if self.language == SOURCE:
            return format_datetime(moment, "EEE h:mm a", locale=self.locale)
        return format_skeleton("EHm", moment, locale=self.locale)

    def weekday(self, day: date) -> str:
        return format_date(day, "EEEE", locale=self.locale)

    def day(self, day: date) -> str:
        return format_skeleton("yMMMd", day, locale=self.locale)

    def day_of_month(self, day: date) -> str:
        return format_skeleton("MMMMd", day, locale=self.locale)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


@cache
def _time(language: str, hour: int, minute: int) -> str:
    return format_time(time(hour, minute), "short", locale=_locale(language))


_SPEECHES: Final = {language: Speech(language) for language in LANGUAGES}
_current: ContextVar[Speech] = ContextVar("speech", default=_SPEECHES[SOURCE])


def ready() -> None:
    """Read now all that is known of our languages: else the first who is spoken to waits for it."""
    for speech in _SPEECHES.values():
        catalog(speech.language)
        speech.time(time(12))


def current() -> Speech:
    """Return the language of whoever is spoken to."""
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[Speech]:
    """Say everything in one language; in English, if it is none of ours."""
    speech = _SPEECHES.get(language, _SPEECHES[SOURCE])
    token = _current.set(speech)
    try:
        yield speech
    finally:
        _current.reset(token)


def t(text: str, /, **values: object) -> str:
    """Return a sentence in the language of whoever is spoken to."""
    return current().t(text, **values)


def n(one: str, many: str, count: int, /, **values: object) -> str:
    """Return a sentence about so many things, in the language of whoever is spoken to."""
    return current().n(one, many, count, **values)


Key = TypeVar("Key")


def phrase(text: str) -> str:
    """Mark a sentence that is written down here and said elsewhere, by ``t``."""
    return text


def said(table: Mapping[Key, str]) -> dict[Key, str]:
    """Return a table of marked sentences, each said."""
    return {key: t(text) for key, text in table.items()}


@lru_cache(maxsize=1024)
def understood(accepted: str) -> str:
    """Return which of our languages somebody wants most, by ``Accept-Language``; English if none.

    >>> understood("fr-CA, es;q=0.8")
    'fr'
    >>> understood("de, *;q=0.1")
    'en'
    """
    best, weight = SOURCE, 0.0
    for part in accepted[:_LONGEST].split(","):
        tag, _, rest = part.partition(";")
        language = tag.strip().partition("-")[0].lower()
        wanted = _weight(rest)
        if language in LANGUAGES and wanted > weight:
            best, weight = language, wanted
    return best


def _weight(said: str) -> float:
    if not said.strip():
        return 1.0
    found = re.fullmatch(r"\s*q=([01](?:\.\d{1,3})?)\s*", said)
    return min(float(found[1]), 1.0) if found else 0.0


@cache
def of_country(territory: str) -> str:
    """Return which of our languages comes first of those a country speaks by law; else English.

    >>> of_country("BE"), of_country("DE")
    ('fr', 'en')
    """
    official = get_official_languages(territory, de_facto=True) if territory else ()
    return next((one for one in official if one in LANGUAGES), SOURCE)


_NAMED: Final = re.compile(rb"(?:^|&)lang=([A-Za-z]{2,3})(?:-[A-Za-z]*)?(?:&|$)")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Spoken:
    """A layer that answers in the language that was asked for, below some addresses.

    An address may name it (``?lang=fr``): of what is printed for others than who prints it.
    """

    def __init__(self, app: App, *, below: tuple[str, ...]) -> None:
        self._app = app
        self._below = below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._below):
            await self._app(scope, receive, send)
            return
        header = next(
            (value for name, value in scope["headers"] if name == b"accept-language"), b""
        )

        named_here = _NAMED.search(scope.get("query_string", b""))
        wanted = (named_here[1] if named_here else header).decode("latin-1")

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = (b"content-language", current().language.encode())
                message["headers"] = [*message.get("headers", ()), own]
            await send(message)

        with speaking(understood(wanted)):
            await self._app(scope, receive, named)
