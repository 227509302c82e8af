"""Cells of the files about schools, in the words that files use (domain-rules 2.1 to 2.7)."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from plan_numerique.imports.cells import (
    DAMAGED,
    read_choice,
    read_code,
    read_decimal,
    read_text,
    read_text_of,
    read_year,
    refuse,
)
from plan_numerique.imports.importer import plain
from schools.domain.uai import check_letter, is_uai
from schools.enums import ClassKind, Level, SchoolKind, SchoolStatus, Sector

ALIKE = re.compile(r"\d{7}[A-HJ-NPR-Z]", re.ASCII)
SHORTENED = re.compile(r"\d{6}[A-Z]", re.ASCII)
DAY = re.compile(r"(\d{4})-\d{2}-\d{2}(?:[ T].*)?", re.ASCII)
A_UAI = "un UAI : sept chiffres puis la lettre de contrôle, par exemple 0861030C."
NOT_SIGNIFICANT = "NS"
NO_PRIORITY = "hors"
"""« Hors éducation prioritaire » as a cell: what is stored is an empty text, which a cell may not tell from nothing."""

KIND_WORDS = {
    SchoolKind.MATERNELLE: ("ecole maternelle", "mat", "e m pu", "empu"),
    SchoolKind.ELEMENTAIRE: ("ecole elementaire", "elem", "e e pu", "eepu"),
    SchoolKind.PRIMAIRE: ("ecole primaire", "groupe scolaire", "maternelle et elementaire", "e p pu", "eppu"),
    SchoolKind.SPECIALISEE: ("specialise", "specialisee", "ecole specialisee", "ime", "itep"),
}
SECTOR_WORDS = {
    Sector.PUBLIC: ("publique", "pu"),
    Sector.PRIVATE: ("prive", "privee", "privee sous contrat", "sous contrat", "pr"),
}
STATUS_WORDS = {
    SchoolStatus.OPEN: ("ouvert", "ouverte", "en activite", "a fermer"),
    SchoolStatus.CLOSED: ("ferme", "fermee", "fermeture"),
}
PRIORITY_WORDS = {
    "REP": ("rep", "reseau d education prioritaire"),
    "REP+": ("rep+", "rep renforce"),
    NO_PRIORITY: ("hors education prioritaire", "hors rep", "hors ep", "non", "aucune", "sans objet"),
}
LEVEL_WORDS = {
    Level.TPS: ("toute petite section", "tres petite section", "tout petits", "toute petite"),
    Level.PS: ("petite section", "petits", "petite", "maternelle petite section"),
    Level.MS: ("moyenne section", "moyens", "moyenne", "maternelle moyenne section"),
    Level.GS: ("grande section", "grands", "grande", "maternelle grande section"),
    Level.CP: ("cours preparatoire", "c p"),
    **{
        level: (
            f"{level.value[:2]} {level.value[2]}", f"c {level.value[1]} {level.value[2]}", f"{name} {level.value[2]}",
            f"{name} {rank} annee", f"{name} {rank[0]} annee",
        )
        for level, name, rank in (
            (Level.CE1, "cours elementaire", "1re"), (Level.CE2, "cours elementaire", "2e"),
            (Level.CM1, "cours moyen", "1re"), (Level.CM2, "cours moyen", "2e"),
        )
    },
}  # fmt: skip
CLASS_KIND_WORDS = {
    ClassKind.ORDINAIRE: ("classe ordinaire", "normale"),
    ClassKind.ULIS: ("ulis ecole", "dispositif ulis", "clis"),
    ClassKind.UPE2A: ("upe 2 a", "clin", "allophones"),
    ClassKind.AUTRE: ("autre", "ueea", "uema", "dispositif"),
}

read_kind = read_choice(KIND_WORDS, "un niveau d'école")
read_sector = read_choice(SECTOR_WORDS, "un secteur de la collectivité, public ou privé sous contrat")
read_status = read_choice(STATUS_WORDS, "un état d'école")
read_level = read_choice(LEVEL_WORDS, "un niveau")
read_class_kind = read_choice(CLASS_KIND_WORDS, "un dispositif")
read_priority = read_choice(PRIORITY_WORDS, "une situation d'éducation prioritaire")
read_insee = read_code(5, "un code INSEE de commune", r"(?:\d{2}|2[AB])\d{3}")
read_postcode = read_code(5, "un code postal")
read_latitude = read_decimal(6, -90, 90, rounded=True)
read_longitude = read_decimal(6, -180, 180, rounded=True)
_read_index = read_decimal(1, 40, 200, rounded=True)


def names(*headers: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(header) for header in headers))


def _compact(value: Any) -> str:
    return "".join(read_text(value, 200).split()).upper()


def read_uai(value: Any) -> str:
    """A UAI of ours: known department, right letter."""
    text = read_published_uai(value)
    if text and not is_uai(text):
        refuse(value, f"{A_UAI[:-1]} ; les trois premiers chiffres sont ceux du département (086).")
    return text


def read_published_uai(value: Any) -> str:
    """One of a national file, which also lists places whose département has no school of ours."""
    text = _compact(value)
    if not text:
        return ""
    if SHORTENED.fullmatch(text) and is_uai(f"0{text}"):
        raise ValueError(
            f"« {text} » : le zéro de tête a été perdu par le tableur, l'UAI est sans doute 0{text} ; {DAMAGED}"
        )
    if re.fullmatch(r"\d{7}[A-Z]", text, re.ASCII) and check_letter(text[:7]) != text[7]:
        expected = check_letter(text[:7])
        raise ValueError(
            f"« {text} » n'est pas un UAI : sa lettre de contrôle est fausse, {text[:7]} attend la lettre {expected}."
        )
    if not ALIKE.fullmatch(text):
        refuse(value, A_UAI)
    return text


def read_department(value: Any) -> str:
    """On three characters: 035, 02A, 974."""
    text = _compact(value)
    if text and not re.fullmatch(r"\d{1,3}|0?2[AB]", text, re.ASCII):
        refuse(value, "un code de département : 035, 02A, 974.")
    return text.zfill(3) if text else ""


def stored_priority(told: str) -> str:
    return "" if told == NO_PRIORITY else told


def read_rentree(value: Any) -> int | None:
    """First year of 2022, « 2022-2023 », or of a date of that year, as the API gives it."""
    if isinstance(value, datetime | date):
        return read_year(value.year)
    found = DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    return read_year(found[1] if found else value)


def read_index(value: Any) -> Decimal | str | None:
    """An IPS of one decimal, or `NOT_SIGNIFICANT`."""
    if isinstance(value, str) and value.strip().upper() == NOT_SIGNIFICANT:
        return NOT_SIGNIFICANT
    index: Decimal | None = _read_index(value)
    return index


def read_long(length: int) -> Any:
    """A text of a national file, cut where ours holds less."""
    read = read_text_of(1_000)
    return lambda value: read(value)[:length].rstrip()


def listed(words: Iterable[str], most: int = 10) -> str:
    """« a, b, c et 4 autres »"""
    found = list(words)
    rest = len(found) - most
    return ", ".join(found[:most]) + (f" et {rest} {'autre' if rest == 1 else 'autres'}" if rest > 0 else "")
