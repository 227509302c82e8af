"""Identifiers, matter and dates of the act."""

from collections.abc import Iterator

from deliberations.domain.act import Act, Authority
from deliberations.domain.actes import NATURES, ActesIdentifier, is_siren, matter_label, parse_identifier
from deliberations.domain.result import Finding, of_texts


def check_filing(act: Act) -> Iterator[Finding]:
    yield from _check_identifier(act)
    matter = act.identifiers.matter_code
    if matter is not None and matter_label(matter) is None:
        message = f"La matière « {matter} » n'est pas un code de la nomenclature nationale."
        yield of_texts("MATTER_CODE", message, None, matter)
    yield from _check_dates(act)


def _check_identifier(act: Act) -> Iterator[Finding]:
    written = act.identifiers.actes
    if written is None:
        return
    identifier = parse_identifier(written)
    if identifier is None:
        message = f"« {written} » n'a pas la forme d'un identifiant ACTES."
        yield of_texts("ACTES_FORMAT", message, None, written)
        return
    yield from _check_origin(identifier, act.authority)
    day = f"{act.session.date.isoformat().replace('-', '')}"
    if identifier.day != day:
        message = f"L'identifiant ACTES porte la date {identifier.day}, la séance est du {act.session.date:%d/%m/%Y}."
        yield of_texts("ACTES_DATE", message, day, identifier.day)
    if identifier.nature not in NATURES:
        message = f"L'identifiant ACTES porte la nature {identifier.nature}, qui n'existe pas."
        yield of_texts("ACTES_NATURE", message, None, identifier.nature)


def _check_origin(identifier: ActesIdentifier, authority: Authority) -> Iterator[Finding]:
    if not is_siren(identifier.siren):
        message = f"L'identifiant ACTES porte le SIREN {identifier.siren}, dont la clé est fausse."
        yield of_texts("ACTES_SIREN", message, authority.siren, identifier.siren)
    elif authority.siren is not None and identifier.siren != authority.siren:
        message = f"L'identifiant ACTES porte le SIREN {identifier.siren}, la collectivité a le {authority.siren}."
        yield of_texts("ACTES_SIREN", message, authority.siren, identifier.siren)
    if authority.department is not None and identifier.department != authority.department:
        message = (
            f"L'identifiant ACTES porte le département {identifier.department}, "
            f"la collectivité est dans le {authority.department}."
        )
        yield of_texts("ACTES_DEPARTMENT", message, authority.department, identifier.department)


def _check_dates(act: Act) -> Iterator[Finding]:
    held_on, dates = act.session.date, act.dates
    for label, day in (
        ("Réception", dates.received_on),
        ("Affichage", dates.posted_on),
        ("Publication", dates.published_on),
    ):
        if day is not None and day < held_on:
            message = f"{label} le {day:%d/%m/%Y}, avant la séance du {held_on:%d/%m/%Y} (CGCT, article L2131-1)."
            yield of_texts("DATE_ORDER", message, held_on.isoformat(), day.isoformat(), "L2131-1")
