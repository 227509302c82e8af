"""The numbers of acts, written by the format of their assembly: « {annee}-{rang:03} ». A number is read back by the format it was
written with, so that the next one follows whatever was numbered by hand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

YEAR, MONTH, DAY, RANK, ORDER = "annee", "mois", "jour", "rang", "ordre"
FIXED = {YEAR: 4, MONTH: 2, DAY: 2}
COUNTED = (RANK, ORDER)
MARK = re.compile(r"\{([a-z]+)(?::0?([1-9]))?\}")
LONGEST = 40
MOST = 9_999
MARKS = "{annee}, {mois}, {jour}, {rang} et {ordre}"


class FormatError(ValueError):
    """The sentence says what is wrong with the format, and what is accepted."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    width: int


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[str | Field, ...]:
    """Literals and fields, in order; FormatError for what would not give one number an act."""
    parts: list[str | Field] = []
    end = 0
    for mark in MARK.finditer(text):
        name, width = mark.groups()
        if name not in FIXED and name not in COUNTED:
            raise FormatError(f"« {mark[0]} » n'est pas un repère : les repères sont {MARKS}.")
        if name in FIXED and width:
            raise FormatError(f"« {mark[0]} » : seuls {{rang}} et {{ordre}} prennent une largeur, comme {{rang:03}}.")
        parts += [text[end : mark.start()], Field(name, FIXED.get(name, int(width or 1)))]
        end = mark.end()
    parts.append(text[end:])
    kept = tuple(part for part in parts if part)
    _check(text, kept)
    return kept


def _check(text: str, parts: Sequence[str | Field]) -> None:
    literals = "".join(part for part in parts if isinstance(part, str))
    if "{" in literals or "}" in literals:
        raise FormatError(f"« {text[:60]} » : accolade mal fermée ou repère inconnu ; les repères sont {MARKS}.")
    if not literals.isprintable():
        raise FormatError("Le format d'un numéro n'a ni retour à la ligne ni caractère de contrôle.")
    counted = [rank for rank, part in enumerate(parts) if isinstance(part, Field) and part.name in COUNTED]
    if not counted:
        raise FormatError("Le format contient {rang} ou {ordre} : deux délibérations n'ont pas le même numéro.")
    for first, second in pairwise(counted):
        between = "".join(part for part in parts[first + 1 : second] if isinstance(part, str))
        if not re.search(r"\D", between):
            raise FormatError(
                "Entre {rang} et {ordre}, mettre un signe qui ne soit pas un chiffre : « {rang}-{ordre} »."
            )
    if len(_written(parts, date(2000, 12, 31), MOST, MOST)) > LONGEST:
        raise FormatError(f"Un numéro a {LONGEST} caractères au plus : raccourcir le format.")


def _written(parts: Sequence[str | Field], day: date, rank: int, order: int) -> str:
    values = {YEAR: day.year, MONTH: day.month, DAY: day.day, RANK: rank, ORDER: order}
    return "".join(part if isinstance(part, str) else f"{values[part.name]:0{part.width}d}" for part in parts)


def write_number(text: str, day: date, rank: int, order: int) -> str:
    """`rank` in the year and `order` in the sitting, from 1."""
    return _written(parse(text), day, rank, order)


def is_ranked(text: str) -> bool:
    """Whether a number bears the rank of its act in the year, so that no other act of the year has it."""
    return any(isinstance(part, Field) and part.name == RANK for part in parse(text))


def read_rank(text: str, number: str, year: int) -> int | None:
    """The rank in the year that a number written by this format bears; None for any other number."""
    pattern, seen = "", False
    for part in parse(text):
        if isinstance(part, str):
            pattern += re.escape(part)
        elif part.name == YEAR:
            pattern += f"{year:04d}"
        elif part.name == RANK and not seen:
            pattern, seen = f"{pattern}(?P<rang>[0-9]{{{part.width},9}})", True
        elif part.name in COUNTED:
            pattern += f"[0-9]{{{part.width},9}}"
        else:
            pattern += "[0-9]{2}"
    found = re.fullmatch(pattern, number)
    return int(found["rang"]) if found and seen else None


def next_numbers(text: str, day: date, used: Iterable[str], orders: Sequence[int]) -> list[str]:
    """One number for each place of `orders` in the sitting, after the ranks that `used`, the numbers of the year, bear already."""
    last = max((rank for number in used if (rank := read_rank(text, number, day.year)) is not None), default=0)
    return [write_number(text, day, last + place, order) for place, order in enumerate(orders, 1)]
