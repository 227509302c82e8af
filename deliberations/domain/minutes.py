"""The substance of the debates: one text, in parts. A line « === acte 12 === » opens what was said of the act of that key; what comes
before the first is said of the sitting."""

import re
from collections.abc import Mapping

_OPENING = re.compile(r"^=== acte ([0-9]{1,18}) ===[ \t]*$", re.MULTILINE)


def split_minutes(text: str) -> tuple[str, dict[int, str]]:
    """What is said of the sitting, then of each act; an act named twice has both texts."""
    first, *rest = _OPENING.split(text.replace("\r\n", "\n").replace("\r", "\n"))
    parts: dict[int, str] = {}
    for key, said in zip(map(int, rest[::2]), rest[1::2], strict=True):
        parts[key] = "\n\n".join(filter(None, (parts.get(key, ""), said.strip())))
    return first.strip(), {key: said for key, said in parts.items() if said}


def join_minutes(general: str, parts: Mapping[int, str]) -> str:
    """The reverse of `split_minutes`, for texts that open no part themselves (`opens_part`)."""
    pieces = [general.strip(), *(f"=== acte {key} ===\n{said.strip()}" for key, said in parts.items() if said.strip())]
    return "\n\n".join(filter(None, pieces))


def opens_part(text: str) -> bool:
    return _OPENING.search(text.replace("\r\n", "\n").replace("\r", "\n")) is not None
