"""The nomenclature agreed with the prefecture, the matter of an act, and what an envelope says of the authority."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from deliberations.domain.actes import MATTERS, THEMES
from deliberations.domain.messages import (
    MOST_LINES,
    MessageError,
    Nomenclature,
    Piece,
    matter_path,
    read_classification,
    shorten,
)
from deliberations.domain.opendata import is_prefecture, is_siret
from deliberations.domain.transmission import is_return_email
from deliberations.models import Act, AttachmentType, Classification, Matter, TransmissionProfile
from deliberations.queries.filing import unknown_matter
from deliberations.services.rows import OF_ACT, OF_ASSEMBLY, save_row
from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import read_table
from plan_numerique.web.views.base import follow

CODE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,4}")
HEADERS = {
    "code": ("code", "code matiere", "codematiere"),
    "label": ("libelle", "libellé", "matiere", "matière", "label"),
}


def load_classification(
    *, authority: Authority | None, nomenclature: Nomenclature, source: str = "", by: User | None
) -> Classification:
    dated_on = nomenclature.dated_on
    if dated_on is None:
        raise DomainError("Dire la date de la classification : le fichier ne la porte pas.", field="dated_on")
    if dated_on > timezone.localdate():
        raise DomainError(f"La classification est datée du {dated_on:%d/%m/%Y}, à venir.", field="dated_on")
    row = Classification(authority=authority, dated_on=dated_on, source=source)
    with audit.action(
        "deliberations.classification_loaded", "Classification chargée", by=by, authority=authority, target=row
    ):
        audit.save(instance=row, by=by, authority=authority)
        matters = [
            Matter(classification=row, code=code, path=matter_path(code), label=label)
            for code, label in nomenclature.matters.items()
        ]
        pieces = [
            AttachmentType(classification=row, nature=piece.nature, code=piece.code, label=piece.label)
            for piece in nomenclature.pieces
        ]
        for line in (*matters, *pieces):
            line.clean_fields(exclude=["classification"])
        Matter.objects.bulk_create(matters, batch_size=500)
        AttachmentType.objects.bulk_create(pieces, batch_size=500)
    return row


def read_nomenclature(content: bytes, filename: str, dated_on: date | None) -> Nomenclature:
    """RetourClassification XML, or a table (CSV, XLSX, ODS) of codes and labels, whose date is then told."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Nomenclature(dated_on, _table(content, filename))
    try:
        return read_classification(content)
    except MessageError as error:
        raise DomainError(str(error), field="file") from None


def _table(content: bytes, filename: str) -> dict[str, str]:
    table = read_table(content, filename)
    names = [str(name).strip().casefold() for name in table.header]
    places = {}
    for key, known in HEADERS.items():
        place = next((rank for rank, name in enumerate(names) if name in known), None)
        if place is None:
            raise DomainError(
                f"Le tableau doit avoir une colonne « code » et une colonne « libelle » ; il a : {', '.join(names)[:200]}.",
                field="file",
            )
        places[key] = place
    if len(table.rows) > MOST_LINES:
        raise DomainError(f"La classification a plus de {MOST_LINES} matières.", field="file")
    found: dict[str, str] = {}
    for line, cells in table.rows:
        code, label = (str(cells[places[key]] or "").strip() for key in ("code", "label"))
        if CODE.fullmatch(code):
            code = ".".join(str(int(part)) for part in code.split("."))
        if not CODE.fullmatch(code) or not label:
            raise DomainError(
                f"Ligne {line} : « {code[:30]} » n'est pas un code suivi d'un libellé (8.1 ; Enseignement).",
                field="file",
            )
        if code in found:
            raise DomainError(f"Ligne {line} : le code {code} est déjà donné.", field="file")
        found[code] = shorten(label)
    if not found:
        raise DomainError("Le tableau n'a aucune matière sous ses en-têtes.", field="file")
    return found


def load_national(*, rows: Mapping[str, Any], by: User | None) -> bool:
    """Levels one and two, the same everywhere; whether it was missing. What stands is left as it is."""
    dated_on = date.fromisoformat(rows["dated_on"])
    if Classification.objects.filter(authority=None, dated_on=dated_on).exists():
        return False
    pieces: Sequence[Piece] = [Piece(**row) for row in rows["attachments"]]
    nomenclature = Nomenclature(dated_on, {**THEMES, **MATTERS}, tuple(pieces))
    load_classification(authority=None, nomenclature=nomenclature, source=rows["source"], by=by)
    return True


def check_matter(act: Act) -> None:
    """The matter of a new act is one of the classification agreed with the prefecture, where there is one."""
    if act.sitting.past or not act.matter_code:
        return
    held = unknown_matter(follow(act, OF_ACT), act.matter_code)
    if held is not None:
        raise DomainError(
            f"La matière « {act.matter_code} » n'est pas dans la {str(held).lower()} de la collectivité.",
            field="matter_code",
        )


def save_profile(
    *, instance: TransmissionProfile, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> TransmissionProfile:
    authority = instance.authority
    if instance.siret and not is_siret(instance.siret):
        raise DomainError(f"« {instance.siret} » n'est pas un SIRET : la clé de contrôle est fausse.", field="siret")
    if instance.siret and authority.siren and not instance.siret.startswith(authority.siren):
        raise DomainError(
            f"Le SIRET commence par le SIREN de la collectivité, {authority.siren} : « {instance.siret} » en a un autre.",
            field="siret",
        )
    if instance.prefecture and not is_prefecture(instance.prefecture):
        raise DomainError("L'identifiant s'écrit PREF086, SPREF0861 ou SGAR086.", field="prefecture")
    for address in instance.return_emails.split():
        if not is_return_email(address):
            raise DomainError(
                f"« {address[:80]} » n'est pas une adresse que les messages ACTES acceptent : lettres sans accent, "
                "chiffres, points et tirets.",
                field="return_emails",
            )
    saved: TransmissionProfile = save_row(OF_ASSEMBLY, instance=instance, by=by, reason=reason)
    return saved
