"""Days and hours as French acts write them: « 13/11/2017 », « 13 NOV 2017 », « 20160712 », « l'an deux mille vingt, le douze mars »."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_UNITS = {
    "un": 1, "une": 1, "premier": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
_MONTHS = (
    ("janvier", "janv", "jan"), ("fevrier", "fevr", "fev"), ("mars",), ("avril", "avr"), ("mai",), ("juin",),
    ("juillet", "juil"), ("aout",), ("septembre", "sept", "sep"), ("octobre", "oct"), ("novembre", "nov"), ("decembre", "dec"),
)  # fmt: skip
_MONTH_OF = {name: rank for rank, names in enumerate(_MONTHS, 1) for name in names}
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_WORD = "|".join(sorted(_UNITS, key=len, reverse=True))
_WORDS = rf"(?:{_WORD})(?:[ -](?:et[ -])?(?:{_WORD})){{0,4}}"
WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),?\s{1,3}(?:le\s)?)?"
DAY = (
    rf"(?:(?P<d>[0-9]{{1,2}})(?:\s?er)?[ .]{{0,2}}(?P<month>{_MONTH})\b[ .]{{0,2}}(?P<year>[0-9]{{4}})(?![0-9])"
    r"|(?P<dd>[0-9]{1,2})[/.-](?P<mm>[0-9]{1,2})[/.-](?P<yy>[0-9]{4}|[0-9]{2})(?![0-9])"
    r"|(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9])"
    r"|(?P<packed>(?:19|20)[0-9]{6})(?![0-9]))"
)
IN_WORDS = re.compile(
    rf"l'an\s(?P<year>deux[ -]mille(?:[ -](?:et[ -])?{_WORDS})?|(?:19|20)[0-9]{{2}})\s{{0,2}},?\s{{0,2}}(?:et\s)?(?:le|les?)\s"
    rf"{WEEKDAY}(?P<day>{_WORDS}|[0-9]{{1,2}}(?:er)?)\s(?:du\smois\sde\s)?(?:jours?\s)?(?P<month>{_MONTH})\b"
)
_HOUR = re.compile(
    rf"\s{{0,3}},?\s{{0,2}}(?:a|vers)\s{{1,3}}(?:(?P<h>[0-9]{{1,2}})\s?(?:heures?|h)\s?(?P<m>[0-9]{{2}})?(?![0-9])"
    rf"|(?P<clock>[0-9]{{1,2}}:[0-9]{{2}})(?![0-9])|(?P<words>{_WORDS})\s(?:heures?)\b(?:\s(?P<more>{_WORDS}))?)"
)


@dataclass(frozen=True, slots=True)
class Day:
    value: str
    start: int
    end: int
    sure: bool = True


def number_in_words(words: str) -> int | None:
    """Up to 99, as in « dix-sept », « vingt et un », « quatre-vingt-dix »."""
    total = 0
    for word in re.split(r"[ -]", words):
        if word == "et":
            continue
        if word not in _UNITS:
            return None
        total = total * 20 if word.startswith("vingt") and total == 4 else total + _UNITS[word]
    return total


def _real(year: int, month: int, day: int) -> str | None:
    if not 1900 <= year <= 2100:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def day_of(found: re.Match[str]) -> Day | None:
    """The day of a match of DAY; None for one that does not exist."""
    groups = found.groupdict()
    start = min(found.start(name) for name in ("d", "dd", "iso", "packed") if groups[name] is not None)
    if groups["d"]:
        value = _real(int(groups["year"]), _MONTH_OF[groups["month"]], int(groups["d"]))
    elif groups["dd"]:
        year = int(groups["yy"])
        value = _real(year if year > 99 else 2000 + year, int(groups["mm"]), int(groups["dd"]))
    elif groups["iso"]:
        value = _real(*map(int, groups["iso"].split("-")))
    else:
        packed = groups["packed"]
        value = _real(int(packed[:4]), int(packed[4:6]), int(packed[6:]))
    return Day(value, start, found.end(), sure=len(groups["yy"] or "year") > 2) if value else None


def days_in_words(folded: str) -> Iterator[Day]:
    for found in IN_WORDS.finditer(folded):
        year, day = _year(found["year"]), _day(found["day"])
        value = _real(year, _MONTH_OF[found["month"]], day) if year and day else None
        if value:
            yield Day(value, found.start(), found.end())


def _year(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    rest = re.sub(r"^deux[ -]mille[ -]?", "", text)
    more = number_in_words(rest) if rest else 0
    return None if more is None else 2000 + more


def _day(text: str) -> int | None:
    return int(text.removesuffix("er")) if text[0].isdecimal() else number_in_words(text)


def hour_at(folded: str, position: int) -> tuple[str, int, int] | None:
    """The hour written right there (« à 18h00 », « à dix-neuf heures trente »): value, start, end."""
    found = _HOUR.match(folded, position)
    if found is None:
        return None
    if found["clock"]:
        hour, minute = map(int, found["clock"].split(":"))
    elif found["h"]:
        hour, minute = int(found["h"]), int(found["m"] or 0)
    else:
        hour = number_in_words(found["words"]) or 0
        minute = number_in_words(found["more"]) or 0 if found["more"] else 0
    if hour > 23 or minute > 59:
        return None
    start = next(found.start(name) for name in ("clock", "h", "words") if found[name])
    return f"{hour:02d}:{minute:02d}", start, found.end()
