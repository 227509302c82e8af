"""E-mail addresses and French telephone numbers in a text about to be published (domain-rules 7.4)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")
_BLANK = r"[ \t\u00a0\u202f]{0,2}"
_GAP, _SLASH = rf"{_BLANK}[.\-\u2010-\u2013 \u00a0\u202f]{_BLANK}", rf"{_BLANK}/{_BLANK}"
_TRUNK = r"(?:\(0\)|0)?"
_OVERSEAS = ("262", "508", "590", "594", "596")
_NUMBER = "|".join(
    (
        rf"(?:\+|00)33(?:{_GAP})?{_TRUNK}(?:{_GAP})?[1-9](?:(?:{_GAP})?\d{{2}}){{4}}",
        rf"(?:\+|00)(?:{'|'.join(_OVERSEAS)})(?:{_GAP})?{_TRUNK}(?:{_GAP})?[1-9]\d{{2}}(?:(?:{_GAP})?\d{{2}}){{3}}",
        rf"0[1-9](?:{_GAP}\d{{2}}){{4}}",  # in pairs, all apart: a date and an hour, or an amount, are not written so
        rf"0[1-9](?:{_SLASH}\d{{2}}){{4}}",
        rf"0[1-9]\d{{2}}(?:{_GAP}\d{{2}}){{3}}",
        rf"0[1-9](?:{_GAP})?\d{{8}}",
        rf"0[1-9](?:{_GAP}\d{{4}}){{2}}",
    )
)
_AFTER = r"(?!\d|[.\-]\d)"
_ONE = re.compile(rf"(?:{_NUMBER}){_AFTER}")
# What follows digits is the rest of an amount or of an identifier; a number after another one is read with it.
_PHONE = re.compile(
    rf"(?<![\d_])(?<!\d[.,/\-])(?:{_NUMBER}){_AFTER}(?:[ \u00a0\u202f]*[,;/\-][ \u00a0\u202f]*(?:{_NUMBER}){_AFTER})*"
)


@dataclass(frozen=True, slots=True)
class Found:
    """`place` says where in the act, as its page shows it."""

    place: str
    text: str


def contacts_in(texts: Iterable[tuple[str, str]]) -> list[Found]:
    """`texts`: (place, text). In the order met, each once in a place."""
    return list(dict.fromkeys(Found(place, found) for place, text in texts for found in _found(text)))


def contact_key(text: str) -> str:
    """What two writings of one address or number share."""
    if "@" in text:
        return text.casefold()
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    abroad = digits.removeprefix("00")
    for code in ("33", *_OVERSEAS):
        rest = abroad.removeprefix(code).removeprefix("0")
        if abroad.startswith(code) and len(rest) == 9:
            return f"0{rest}"
    return digits


def told(found: Sequence[Found]) -> str:
    """The first ones, each with its place."""
    return " ; ".join(f"« {item.text} » ({item.place})" for item in found[:5])


def _found(text: str) -> Iterator[str]:
    yield from (match.group() for match in _EMAIL.finditer(text))
    for run in _PHONE.finditer(text):
        yield from _ONE.findall(run.group())
