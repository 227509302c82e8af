"""Text of the messages of @CTES, written in ISO-8859-1 (domain-rules 3.4): what that alphabet lacks is written otherwise."""

import unicodedata
from dataclasses import dataclass

REPLACED = {
    "’": "'", "‘": "'", "ʼ": "'", "′": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "″": '"', "–": "-", "—": "-", "‐": "-",
    "‑": "-", "‒": "-", "−": "-", "•": "-", "…": "...", "œ": "oe", "Œ": "OE", "€": "EUR", "™": "(TM)", "⁄": "/",
    "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u200b": "", "\ufeff": "", "\u00ad": "",
}  # fmt: skip
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Written:
    """`changed`: each character that could not stand, with what stands in its place, in the order they come."""

    text: str
    changed: tuple[tuple[str, str], ...] = ()


def to_latin(text: str) -> Written:
    """Same text in ISO-8859-1, without the control characters that XML refuses."""
    pieces: list[str] = []
    changed: dict[str, str] = {}
    for char in text:
        shown = _stands_for(char)
        pieces.append(shown)
        if shown != char:
            changed.setdefault(char, shown)
    return Written("".join(pieces), tuple(changed.items()))


def one_line(text: str, limit: int) -> Written:
    """`to_latin` with single spaces, cut at `limit`."""
    written = to_latin(" ".join(text.split()))
    return Written(" ".join(written.text.split())[:limit].rstrip(), written.changed)


def _stands_for(char: str) -> str:
    if char in REPLACED:
        return REPLACED[char]
    if char in "\t\n\r" or " " <= char <= "~" or "\u00a0" <= char <= "\u00ff":
        return char
    if ord(char) < 0xA0:
        return " "
    plain = unicodedata.normalize("NFKD", char)
    kept = "".join(part for part in plain if " " <= part <= "~" or "\u00a0" <= part <= "\u00ff")
    return kept or ("" if unicodedata.combining(char) else UNKNOWN)
