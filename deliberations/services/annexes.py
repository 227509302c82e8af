"""Documents annexed to an act."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from deliberations.domain.annexes import ACCEPTED, type_of
from deliberations.models import Act, Annex
from deliberations.permissions import VIEW_DRAFTS
from deliberations.services.rows import OF_CLAUSE, delete_row, save_row
from deliberations.services.texts import hold_text
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError

LARGEST = 20 * 1024 * 1024
TOO_LARGE = f"Une annexe pèse au plus {LARGEST // 1024 // 1024} Mo."
MOST_ANNEXES = 50
LONGEST_NAME = 150


def add_annex(*, act: Act, title: str, filename: str, content: bytes, public: bool = True, by: User | None) -> Annex:
    """After those the act has; the file is kept as it is. Whoever sees the annex opens it from there: the document's own address is
    the staff's, since the elected see an act from its convocation on."""
    authority = act.sitting.assembly.authority
    with audit.action(
        "deliberations.annex_added", "Annexe ajoutée", by=by, authority=authority, target=act, reason=title[:200]
    ):
        hold_text(act)
        last = act.annexes.aggregate(last=Max("position"))["last"] or 0
        if act.annexes.count() >= MOST_ANNEXES:
            raise DomainError(f"Un acte a au plus {MOST_ANNEXES} annexes.", field="file")
        stored = _stored(act, title, filename, content, by)
        annex: Annex = save_row(
            OF_CLAUSE,
            instance=Annex(act=act, position=last + 1, title=title.strip(), document=stored, public=public),
            by=by,
        )
    return annex


def _stored(act: Act, title: str, filename: str, content: bytes, by: User | None) -> StoredDocument:
    if not content:
        raise DomainError("Ce fichier est vide.", field="file")
    if len(content) > LARGEST:
        raise DomainError(TOO_LARGE, field="file")
    media_type = type_of(filename, content)
    if media_type is None:
        raise DomainError(
            f"« {filename[:80]} » n'est pas accepté : {ACCEPTED}, sans macros, et de contenu conforme à son extension.",
            field="file",
        )
    stem, _, end = filename.rpartition(".")
    return documents.store(
        authority=act.sitting.assembly.authority,
        title=title.strip()[:200] or filename[:200],
        kind="annexe",
        filename=f"{stem[: LONGEST_NAME - len(end) - 1]}.{end}",
        media_type=media_type,
        content=content,
        by=by,
        roles=VIEW_DRAFTS.roles,
    )


def save_annex(*, instance: Annex, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None) -> Annex:
    """Its title, rank and publication; another file is another annex."""
    act = instance.act
    with audit.action(
        "deliberations.annex_saved",
        "Annexe modifiée",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
        reason=reason,
    ):
        hold_text(act)
        save_row(OF_CLAUSE, instance=instance, by=by, reason=reason)
    return instance


def delete_annex(*, instance: Annex, by: User | None, reason: str = "") -> None:
    act, document = instance.act, instance.document
    with audit.action(
        "deliberations.annex_deleted",
        "Annexe supprimée",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
        reason=reason,
    ):
        hold_text(act)
        delete_row(OF_CLAUSE, instance=instance, by=by, reason=reason)
        if document.published_at is None:
            documents.discard(document=document, by=by)
