"""E-mail addresses and French telephone numbers in a text about to be published (domain-rules 7.4)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")
_PHONE = re.compile(
    r"(?<![\d.,])(?:\+33[ \u00a0\u202f]?(?:\(0\))?|0033[ \u00a0\u202f]?|0)[1-9](?:[ .\-\u00a0\u202f]?\d{2}){4}(?![\d])"
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
    for prefix in ("0033", "33"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 9:
            return f"0{digits.removeprefix(prefix)}"
    return digits


def told(found: Sequence[Found]) -> str:
    """The first ones, each with its place."""
    return " ; ".join(f"« {item.text} » ({item.place})" for item in found[:5])


def _found(text: str) -> Iterator[str]:
    for pattern in (_EMAIL, _PHONE):
        yield from (match.group() for match in pattern.finditer(text))
