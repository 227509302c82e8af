"""Reading of a JSON value: each reader gives the sound value, or UNSOUND after saying what is wrong and where.

`clean` answers at once for a whole column of values; a reader that says no is then asked one value at a time.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import Any, Final

from plan_numerique.shared.errors import Problem
from plan_numerique.shared.money import MONEY_PATTERN, RATE_PATTERN, parse_cents, parse_rate

_LARGEST_INTEGER = 10**300
_LONGEST_QUOTE = 80


class Unsound(Enum):
    UNSOUND = "unsound"


UNSOUND: Final = Unsound.UNSOUND


@dataclass(slots=True)
class Report:
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: str, message: str) -> Unsound:
        self.problems.append(Problem(printable(path) or "$", message))
        return UNSOUND


def printable(text: str) -> str:
    """The text on one line that any output can carry: control characters and lone surrogates are escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\u202f" else char.encode("unicode_escape").decode() for char in text
    )


def quoted(text: object) -> str:
    shown = printable(str(text))
    return f"« {shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + '…'} »"


def key_path(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


class Reader(ABC):
    @abstractmethod
    def read(self, value: Any, path: str, report: Report) -> Any: ...

    def clean(self, values: Sequence[Any]) -> bool:
        """By default nothing is said of a column, which is then read one value at a time."""
        return not values


def _is_unicode(text: str) -> bool:
    """False for a lone surrogate, which JSON can escape and UTF-8 cannot write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Text(Reader):
    blank: bool = True

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return report.add(path, "texte attendu")
        if not _is_unicode(value):
            return report.add(path, f"caractère incomplet dans {quoted(value)}")
        if not self.blank and not value.strip():
            return report.add(path, "texte vide")
        return value

    def clean(self, values: Sequence[Any]) -> bool:
        if set(map(type, values)) - {str} or not _is_unicode("".join(values)):
            return False
        return self.blank or all(map(str.strip, values))


@dataclass(frozen=True, slots=True)
class Flag(Reader):
    def read(self, value: Any, path: str, report: Report) -> Any:
        return value if isinstance(value, bool) else report.add(path, "true ou false attendu")

    def clean(self, values: Sequence[Any]) -> bool:
        return not set(map(type, values)) - {bool}


@dataclass(frozen=True, slots=True)
class Integer(Reader):
    least: int = 0
    most: int = _LARGEST_INTEGER

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return report.add(path, "nombre entier attendu")
        if value < self.least:
            return report.add(path, f"nombre inférieur à {self.least}")
        if value > self.most:
            return report.add(path, f"nombre supérieur à {self.most}" if self.most < 10**9 else "nombre trop grand")
        return value

    def clean(self, values: Sequence[Any]) -> bool:
        if not values:
            return True
        return set(map(type, values)) == {int} and min(values) >= self.least and max(values) <= self.most


@dataclass(frozen=True, slots=True)
class Choice(Reader):
    """`unknown` introduces a value that is not among the known ones: `niveau inconnu`."""

    known: Sequence[str]
    unknown: str

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return report.add(path, "texte attendu")
        return value if value in self.known else report.add(path, f"{self.unknown} {quoted(value)}")

    def clean(self, values: Sequence[Any]) -> bool:
        return not set(map(type, values)) - {str} and set(values) <= set(self.known)


@dataclass(frozen=True, slots=True)
class Money(Reader):
    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return report.add(path, 'montant en texte décimal attendu, par exemple "1234.50"')
        if not MONEY_PATTERN.fullmatch(value):
            return report.add(path, f"montant illisible {quoted(value)}, attendu par exemple « 1234.50 »")
        return parse_cents(value)


@dataclass(frozen=True, slots=True)
class Rate(Reader):
    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, str):
            return report.add(path, 'taux en texte décimal attendu, par exemple "5.5"')
        if not RATE_PATTERN.fullmatch(value):
            return report.add(path, f"taux illisible {quoted(value)}, attendu par exemple « 5.5 »")
        try:
            return parse_rate(value)
        except ValueError:
            return report.add(path, f"taux supérieur à 100 : {quoted(value)}")


Check = Callable[[Any, str, Report], None]


@dataclass(frozen=True, slots=True)
class ListOf(Reader):
    """`check` looks at the list as a whole, once each of its values is sound."""

    reader: Reader
    check: Check | None = None

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, list):
            return report.add(path, "liste attendue")
        values = value
        if not self.reader.clean(value):
            values = [self.reader.read(each, f"{path}[{position}]", report) for position, each in enumerate(value)]
        if self.check is not None and UNSOUND not in values:
            self.check(values, path, report)
        return values

    def clean(self, values: Sequence[Any]) -> bool:
        """Of lists that only a `reader` judges."""
        return not set(map(type, values)) - {list} and self.reader.clean(list(chain.from_iterable(values)))


@dataclass(frozen=True, slots=True)
class Key:
    reader: Reader
    required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Record(Reader):
    """An object of known keys, read into a dict of all of them. `check` looks at it as a whole, unsound values included."""

    keys: Mapping[str, Key]
    check: Check | None = None

    def read(self, value: Any, path: str, report: Report) -> Any:
        if not isinstance(value, dict):
            return report.add(path, "objet attendu")
        for name in value:
            if name not in self.keys:
                report.add(key_path(path, name), "clé inconnue")
        row = {name: self._read_key(name, key, value, path, report) for name, key in self.keys.items()}
        if self.check is not None:
            self.check(row, path, report)
        return row

    def _read_key(self, name: str, key: Key, value: Mapping[str, Any], path: str, report: Report) -> Any:
        given = value.get(name)
        if given is not None:
            return key.reader.read(given, key_path(path, name), report)
        if key.required:
            return report.add(key_path(path, name), "clé obligatoire")
        return key.default

    def columns(self, rows: Sequence[Any]) -> dict[str, list[Any]] | None:
        """The values of sound objects by key, None where one is not sound; `check` is left to the caller."""
        if set(map(type, rows)) - {dict} or not set().union(*rows) <= self.keys.keys():
            return None
        columns = {}
        for name, key in self.keys.items():
            column = _column(key, [row.get(name) for row in rows])
            if column is None:
                return None
            columns[name] = column
        return columns


def _column(key: Key, values: list[Any]) -> list[Any] | None:
    given = values
    if None in values:
        given = [value for value in values if value is not None]
        values = [key.default if value is None else value for value in values]
        if key.required:
            return None
    return values if key.reader.clean(given) else None


def check_unique_ids(rows: Sequence[Any], path: str, report: Report) -> None:
    """Each repeated id, at the later one."""
    check_unique([UNSOUND if row is UNSOUND else row["id"] for row in rows], path, report)


def check_unique(ids: Sequence[Any], path: str, report: Report) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[Any] = {UNSOUND}
    for position, each in enumerate(ids):
        if each in seen and each is not UNSOUND:
            report.add(f"{path}[{position}].id", f"identifiant déjà employé {quoted(each)}")
        seen.add(each)


@dataclass(frozen=True, slots=True)
class Rows(Reader):
    """A list of objects with unique ids."""

    record: Record

    def read(self, value: Any, path: str, report: Report) -> Any:
        rows = ListOf(self.record).read(value, path, report)
        if rows is not UNSOUND:
            check_unique_ids(rows, path, report)
        return rows

    def clean(self, values: Sequence[Any]) -> bool:
        """That they are lists; their objects are looked at by columns."""
        return not set(map(type, values)) - {list}
