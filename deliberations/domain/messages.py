"""What comes back from the State, read without trusting it: acknowledgement, anomaly, classification (domain-rules 3.3 to 3.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from deliberations.domain.transmission import NATURE_CODES

LARGEST_MESSAGE = 2_000_000
LONGEST_LABEL, MOST_LINES = 200, 5_000
_NUMBER = re.compile(r"[0-9]{1,3}")
_PIECE = re.compile(r"[0-9A-Z_]{1,5}")


class MessageError(ValueError):
    """A file that is not the message asked for; the text is a French sentence."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    identifier: str
    received_on: date


@dataclass(frozen=True, slots=True)
class Anomaly:
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    nature: str
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """`matters` by code, in the order of the tree; `shortened`: labels too long for us."""

    dated_on: date | None
    matters: dict[str, str]
    pieces: tuple[Piece, ...] = ()
    shortened: int = 0


def matter_path(code: str) -> str:
    """Sorts 7.10 after 7.9."""
    return ".".join(f"{int(part):04d}" for part in code.split("."))


def read_answer(content: bytes) -> Acknowledgement | Anomaly:
    root = _parsed(content)
    kind = _local(root)
    if kind in ("AnomalieActe", "AnomalieEnveloppe"):
        return Anomaly(_anomaly(root))
    if kind != "ARActe":
        raise MessageError(f"Un accusé de réception est un message ARActe, celui-ci est « {kind[:60]} ».")
    identifier = _attribute(root, "IDActe")
    if not identifier:
        raise MessageError("L'accusé de réception ne porte pas d'identifiant d'acte.")
    return Acknowledgement(identifier[:80], _day(_attribute(root, "DateReception"), "La date de réception"))


def read_classification(content: bytes) -> Nomenclature:
    root = _parsed(content)
    if _local(root) != "RetourClassification":
        raise MessageError(f"Une classification est un message RetourClassification, non « {_local(root)[:60]} ».")
    dated = next((child for child in root if _local(child) == "DateClassification"), None)
    if dated is None:
        raise MessageError("La classification ne porte pas sa date.")
    matters: dict[str, str] = {}
    shortened = 0
    for code, label in _matters(root):
        if code in matters:
            raise MessageError(f"La matière {code} est deux fois dans la classification.")
        shortened += len(label) > LONGEST_LABEL
        matters[code] = shorten(label) or code
        if len(matters) > MOST_LINES:
            raise MessageError(f"La classification a plus de {MOST_LINES} matières.")
    if not matters:
        raise MessageError("La classification ne contient aucune matière.")
    return Nomenclature(_day(dated.text, "La date de la classification"), matters, tuple(_pieces(root)), shortened)


def shorten(label: str) -> str:
    text = " ".join(label.split())
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def _parsed(content: bytes) -> etree._Element:
    """No entity, no external file, no network, nothing that grows."""
    if len(content) > LARGEST_MESSAGE:
        raise MessageError(f"Le fichier pèse plus de {LARGEST_MESSAGE // 1_000_000} Mo.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise MessageError("Ce fichier n'est pas un message XML lisible.") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise MessageError("Un message de l'État ne déclare pas de DOCTYPE : ce fichier est refusé.")
    return root


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _attribute(element: etree._Element, name: str) -> str:
    """Qualified or not: both are met."""
    for key, value in element.attrib.items():
        if etree.QName(key).localname == name:
            return str(value).strip()
    return ""


def _day(text: str | None, what: str) -> date:
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        raise MessageError(f"{what} « {(text or '')[:20]} » n'est pas une date.") from None


def _anomaly(root: etree._Element) -> str:
    told = {_local(child): (child.text or "").strip() for child in root}
    parts = [f"Nature {told.get('Nature') or 'non précisée'}", told.get("Detail", "")]
    return " : ".join(part for part in parts if part)[:2_000]


def _matters(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Each with the codes of those above it."""
    pending = [(child, "") for child in root if _local(child) == "Matieres"]
    while pending:
        element, above = pending.pop()
        for child in reversed(element):
            if not _local(child).startswith("Matiere"):
                continue
            number = _attribute(child, "CodeMatiere")
            if not _NUMBER.fullmatch(number):
                raise MessageError(f"Le code de matière « {number[:20]} » n'est pas un nombre.")
            pending.append((child, f"{above}{int(number)}."))
        if above:
            yield above[:-1], _attribute(element, "Libelle")


def _pieces(root: etree._Element) -> Iterator[Piece]:
    seen: set[tuple[str, str]] = set()
    for element in root.iter():
        if _local(element) != "NatureActe":
            continue
        nature = _attribute(element, "TypeAbrege")
        if nature not in NATURE_CODES:
            raise MessageError(f"La nature d'acte « {nature[:20]} » n'existe pas.")
        for child in element:
            code = _attribute(child, "CodeTypePJ") if isinstance(child.tag, str) else ""
            if not _PIECE.fullmatch(code) or (nature, code) in seen:
                continue
            seen.add((nature, code))
            yield Piece(nature, code, shorten(_attribute(child, "Libelle")) or code)
