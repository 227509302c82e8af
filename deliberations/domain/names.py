"""Names of persons compared as the council's clerks do: no case, no accent, no civility, no extra space (interchange 2)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_CIVILITY = re.compile(r"(?:m|mr|mme|mlle|monsieur|madame|mademoiselle)\.? (?=.)")
_HEADS = {
    "conseil_municipal": re.compile(r"(?:monsieur |madame |m\. |mme )?(?:le |la )?maire(?!\s*-?\s*adjoint)\b(.*)"),
    "conseil_communautaire": re.compile(r"(?:monsieur |madame |m\. |mme )?(?:le |la )?presidente?\b(.*)"),
}
_LESSER = re.compile(
    r"\b(?:adjointe?|deleguee?|honoraire|commission|groupe|comite|syndicat|office|departemental|regional)\b"
)


class MemberName(str):
    """The name of a member whose record is at hand: shown as it is written, compared by the record, so that homonyms are two."""

    __slots__ = ("member",)
    member: int

    def __new__(cls, name: str, member: int) -> "MemberName":
        made = super().__new__(cls, name)
        made.member = member
        return made


def name_key(name: str) -> str:
    """What two writings of one name share. An initial `M.` is taken for a civility, on both sides alike."""
    if isinstance(name, MemberName):
        return f"#{name.member}"
    text = _bare(name)
    civility = _CIVILITY.match(text)
    return text[civility.end() :] if civility else text


def _bare(text: str) -> str:
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())


def distinct(names: Iterable[str]) -> dict[str, str]:
    """Each key with the name as it first comes."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return found


def keys_of(names: Iterable[str] | None) -> Iterator[str]:
    """Nobody where the list is unknown."""
    return map(name_key, names or ())


def presides(function: str, kind: str) -> bool:
    """Whether the office, as published, is that of the head of the assembly: « Maire », « Présidente de la communauté ». A deputy, the
    head of a commission, a mayor who sits in a community are not."""
    head = _HEADS[kind].fullmatch(_bare(function))
    return head is not None and not _LESSER.search(head[1].partition(",")[0])
