"""The « compte rendu » of a diagnostic, kept among the documents."""

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from schools import permissions, queries
from schools.enums import DiagnosticState
from schools.models import Diagnostic


def keep_report(
    *, diagnostic: Diagnostic, title: str, filename: str, content: bytes, by: User | None
) -> StoredDocument:
    """That of a signed diagnostic is frozen; an earlier provisional one gives way to it."""
    authority = diagnostic.campaign.authority
    with audit.action(
        "schools.diagnostic_report", "Compte rendu établi", by=by, authority=authority, target=diagnostic
    ):
        known = StoredDocument.objects.filter(authority=authority, kind=queries.report_key(diagnostic))
        for provisional in known.filter(published_at=None).defer("content"):
            documents.discard(document=provisional, by=by)
        document = documents.store(
            authority=authority,
            title=title[:200],
            kind=queries.report_key(diagnostic),
            filename=filename,
            media_type="application/pdf",
            content=content,
            roles=permissions.VIEW_DIAGNOSTICS.roles,
            by=by,
        )
        if diagnostic.state == DiagnosticState.SIGNED:
            document = documents.publish(document=document, by=by)
        return document
