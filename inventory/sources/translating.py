"""From what a source wrote to what we read: numbers, times, stores and units. Pure.

Nothing is guessed. A number that could mean two things, and an hour that a clock showed twice or
never, are rejected with the reason.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from inventory.feeds.rejects import Bad, Reason
from inventory.sources.mapping import EPOCHS, FileMapping

T = TypeVar("T")
Texts = tuple[str, str, str, str, str]

_REMEMBERED: Final = 100_000
_SPACES: Final = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_PLAIN: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


class Translator:
    """Turns the cells of one record into the texts that our own files would hold.

    Shapes:
        cells: in the order of ``mapping.NAMES``; of a file that types its values also numbers and
            instants; None where nothing is written.
        returns: store_id, sku, gtin, quantity, as_of.
    """

    def __init__(self, mapping: FileMapping) -> None:
        self._mapping = mapping
        self._zone = None if mapping.time_zone is None else ZoneInfo(mapping.time_zone)
        self._number = _pattern(mapping)
        self._separators = str.maketrans(
            "", "", _SPACES if mapping.thousands == " " else mapping.thousands
        )
        self._times: dict[str, str] = {}
        self._counts: dict[tuple[str, int], str] = {}

    def texts(self, cells: Sequence[Any]) -> Texts:
        """Return the record as ours are written.

        Raises:
            Bad: A cell does not say what its column should.
        """
        store, sku, gtin, quantity, as_of, units = cells
        item, code = _code("sku", sku), _code("gtin", gtin)
        return (
            self._store(store),
            item,
            code,
            self._count(quantity, units, item, code),
            self._instant(as_of),
        )

    def _store(self, cell: Any) -> str:
        mapping = self._mapping
        if mapping.store is not None:
            return mapping.store
        code = _code("store_id", cell).strip()
        if not mapping.stores or not code:
            return code
        if code not in mapping.stores:
            raise Bad("store_id", Reason.UNTRANSLATED)
        return mapping.stores[code]

    def _count(self, cell: Any, units: Any, sku: str, gtin: str) -> str:
        multiple = self._mapping.multiple_of(sku.strip(), gtin.strip())
        if multiple is None:
            multiple = self._mapping.units.each if units is None else self._many(units)
        if multiple == 1 and isinstance(cell, str) and _PLAIN.fullmatch(cell):
            return cell  # says the same whatever a comma means
        if not isinstance(cell, str):
            return self._whole(cell, multiple)
        found = self._counts.get((cell, multiple))
        if found is None:
            found = _remembered(self._counts, (cell, multiple), self._whole(cell, multiple))
        return found

    def _whole(self, cell: Any, multiple: int) -> str:
        if type(cell) is int:
            return str(cell * multiple)
        number = self._decimal("quantity", cell) * multiple
        if number != number.to_integral_value():
            raise Bad("quantity", Reason.NOT_WHOLE)
        return str(int(number))

    def _many(self, cell: Any) -> int:
        number = self._decimal("units", cell)
        if number != number.to_integral_value():
            raise Bad("units", Reason.NOT_WHOLE)
        if number < 1:
            raise Bad("units", Reason.OUT_OF_RANGE)
        return int(number)

    def _decimal(self, field: str, cell: Any) -> Decimal:
        if isinstance(cell, bool):
            raise Bad(field, Reason.WRONG_TYPE)
        if isinstance(cell, int | float | Decimal):
            number = Decimal(str(cell))
            if not number.is_finite() or abs(number) > 10**18:
                raise Bad(field, Reason.OUT_OF_RANGE)
            return number
        text = _text(field, cell).strip()
        if not text:
            raise Bad(field, Reason.MISSING)
        if not self._number.fullmatch(text):
            raise Bad(field, Reason.NOT_A_NUMBER)
        return Decimal(text.translate(self._separators).replace(self._mapping.decimal, "."))

    def _instant(self, cell: Any) -> str:
        if cell is None or cell == "":
            if self._mapping.require_as_of:
                raise Bad("as_of", Reason.MISSING)
            return ""
        if isinstance(cell, datetime):
            return self._zoned(cell).isoformat()
        if isinstance(cell, date):
            return self._zoned(datetime.combine(cell, time())).isoformat()
        text = str(cell) if isinstance(cell, int | float) else _text("as_of", cell).strip()
        found = self._times.get(text)
        if found is None:
            found = _remembered(self._times, text, self.moment(text).isoformat())
        return found

    def moment(self, text: str) -> datetime:
        """Return the instant that a text names, in the formats and the zone of the source.

        Raises:
            Bad: It names none, none in that zone, or two.
        """
        for form in self._mapping.time_formats:
            if form in EPOCHS:
                if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
                    return _since_1970(int(text) / EPOCHS[form])
                continue
            try:
                return self._zoned(datetime.strptime(text, form))  # noqa: DTZ007 -- zoned here
            except ValueError:
                continue
        try:
            return self._zoned(datetime.fromisoformat(text))
        except ValueError:
            raise Bad("as_of", Reason.NOT_A_TIME) from None

    def _zoned(self, moment: datetime) -> datetime:
        if moment.tzinfo is not None:
            return moment
        if self._zone is None:
            raise Bad("as_of", Reason.NO_ZONE)
        return in_zone(moment, self._zone)


def _remembered(memory: dict[T, str], said: T, means: str) -> str:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[said] = means
    return means


def in_zone(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which the clocks of a zone showed a time.

    Raises:
        Bad: They never did, or twice: in the night in which they are changed.
    """
    early = local.replace(tzinfo=zone, fold=0)
    if early.utcoffset() != local.replace(tzinfo=zone, fold=1).utcoffset():
        shown = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        never = shown != local
        raise Bad("as_of", Reason.SKIPPED_TIME if never else Reason.AMBIGUOUS_TIME)
    return early.astimezone(UTC)


def _since_1970(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Bad("as_of", Reason.OUT_OF_RANGE) from None


def _code(field: str, cell: Any) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    return _text(field, cell)


def _text(field: str, cell: Any) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        raise Bad(field, Reason.WRONG_TYPE)
    return cell


def _pattern(mapping: FileMapping) -> re.Pattern[str]:
    """Return what a number looks like: thousands in threes or not at all, one decimal mark."""
    whole = "[0-9]{1,18}"
    if mapping.thousands:
        between = f"[{_SPACES}]" if mapping.thousands == " " else re.escape(mapping.thousands)
        whole = f"(?:[0-9]{{1,3}}(?:{between}[0-9]{{3}}){{1,5}}|{whole})"
    return re.compile(rf"[+-]?{whole}(?:{re.escape(mapping.decimal)}[0-9]{{0,18}})?", re.ASCII)
