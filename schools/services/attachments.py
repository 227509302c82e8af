"""Files joined to an application: kept as they came, recognised by their bytes, opened only by the view of the application."""

import hashlib

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from schools import queries
from schools.domain import attachments as core
from schools.enums import ApplicationState
from schools.models import Application, Attachment
from schools.services.applications import hold_draft

ROW_ONLY = ("row-only",)
"""Roles of a stored document that no role bears: `/documents/` opens it to nobody, the view of its row does."""


def attach_file(
    *, application: Application, filename: str, content: bytes, by: User | None, caption: str = ""
) -> Attachment:
    """The same file sent twice (a network that drops before the answer) is kept once."""
    authority = application.school.authority
    with audit.action("schools.file_attached", "Pièce jointe", by=by, authority=authority, target=application):
        row = hold_draft(application)
        try:
            kind = core.recognised(filename, content)
        except core.FileError as error:
            raise DomainError(error.message, field="file") from None
        digest = hashlib.sha256(content).hexdigest()
        known = row.attachments.filter(document__sha256=digest).first()
        if known is not None:
            return known
        if row.attachments.count() >= core.MOST_FILES:
            raise DomainError(f"{core.MOST_FILES} fichiers au plus : en supprimer un d'abord.", field="file")
        name = core.stored_name(filename, kind)
        document = documents.store(
            authority=authority,
            title=name[:200],
            kind="piece-jointe",
            filename=name,
            media_type=kind.media_type,
            content=content,
            roles=ROW_ONLY,
            by=by,
        )
        attachment = Attachment(application=row, document=document, caption=caption.strip()[:160])
        return audit.save(instance=attachment, by=by, authority=authority)


def delete_attachment(*, instance: Attachment, by: User | None, reason: str = "") -> None:
    application, document = instance.application, instance.document
    authority = application.school.authority
    with audit.action(
        "schools.file_removed", "Pièce jointe supprimée", by=by, authority=authority, target=application, reason=reason
    ):
        hold_draft(application)
        audit.delete(instance=instance, by=by, authority=authority)
        documents.discard(document=document, by=by)


def keep_sheet(*, application: Application, content: bytes, filename: str, by: User | None) -> StoredDocument:
    """The summary of what was sent, unless it was taken up again since; the latest is the one shown (queries.sheet_of)."""
    authority = application.school.authority
    with audit.action("schools.sheet_made", "Récapitulatif", by=by, authority=authority, target=application):
        held = Application.objects.select_for_update().get(pk=application.pk)
        if held.state == ApplicationState.DRAFT or held.submitted_at != application.submitted_at:
            raise DomainError("La candidature a changé pendant la mise en page : établir le récapitulatif à nouveau.")
        return documents.store(
            authority=authority,
            title=f"Candidature : {application.school}"[:200],
            kind=queries.sheet_key(application),
            filename=filename,
            media_type=core.PDF.media_type,
            content=content,
            roles=ROW_ONLY,
            by=by,
        )
