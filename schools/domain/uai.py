"""UAI: seven digits, the first three the department, and a check letter (domain-rules 2.1)."""

import re

_PATTERN = re.compile(r"(0[0-9]{2}|620|720|97[1-8])[0-9]{4}[A-HJ-NPR-Z]")
_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ"


def check_letter(digits: str) -> str:
    return _ALPHABET[int(digits) % len(_ALPHABET)]


def is_uai(text: str) -> bool:
    """Whether the text, upper case and without spaces, is a UAI with its right letter."""
    return _PATTERN.fullmatch(text) is not None and check_letter(text[:7]) == text[7]
