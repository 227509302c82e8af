"""Names of persons compared as the council's clerks do: no case, no accent, no civility, no extra space (interchange 2)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_CIVILITY = re.compile(r"(?:m|mr|mme|mlle|monsieur|madame|mademoiselle)\.? (?=.)")


def name_key(name: str) -> str:
    """What two writings of one name share. An initial `M.` is taken for a civility, on both sides alike."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    text = " ".join(bare.casefold().split())
    civility = _CIVILITY.match(text)
    return text[civility.end() :] if civility else text


def distinct(names: Iterable[str]) -> dict[str, str]:
    """Each key with the name as it first comes."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return found


def keys_of(names: Iterable[str] | None) -> Iterator[str]:
    """Nobody where the list is unknown."""
    return map(name_key, names or ())
