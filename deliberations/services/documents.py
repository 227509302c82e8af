"""Documents of the register: stored, frozen, numbered."""

from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from deliberations import permissions
from deliberations.enums import CouncilDocumentKind
from deliberations.models import Act, CouncilDocument, Sitting
from deliberations.services.rows import OF_SITTING
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.jobs.models import Job
from plan_numerique.web.views.base import follow

PDF = "application/pdf"
STALE = (
    "L'extrait a été établi avant la dernière modification de ce qu'il imprime (texte, vote, présents, présidence) : en établir "
    "un nouveau."
)


def keep_council_document(
    *,
    sitting: Sitting,
    kind: CouncilDocumentKind,
    title: str,
    filename: str,
    content: bytes,
    act: Act | None = None,
    job: Job | None = None,
    substance: str = "",
    read_at: datetime | None = None,
    by: User | None,
) -> CouncilDocument:
    """A PDF stored and frozen at once, as the next version of its kind for the sitting, or for the act. `substance`: of what it
    prints, as it was read at `read_at`."""
    authority = follow(sitting, OF_SITTING)
    label = f"Document établi : {kind.label}"
    with audit.action("deliberations.document_made", label, by=by, authority=authority, target=act or sitting):
        sitting = Sitting.objects.select_for_update().get(pk=sitting.pk)
        stored = documents.store(
            roles=(permissions.VIEW if act else permissions.VIEW_CONVENED).roles,
            authority=authority,
            title=title[:200],
            kind=f"conseil-{kind}",
            filename=filename,
            media_type=PDF,
            content=content,
            by=by,
        )
        documents.publish(document=stored, by=by)
        number, at = _next_number(sitting, act, kind), read_at or timezone.now()
        row = CouncilDocument(
            sitting=sitting, act=act, kind=kind, number=number, document=stored, job=job, created_at=at
        )
        row.substance = substance
        row.full_clean()
        row.save()
    return row


def _next_number(sitting: Sitting, act: Act | None, kind: CouncilDocumentKind) -> int:
    held = CouncilDocument.objects.filter(sitting=sitting, act=act, kind=kind)
    return (held.aggregate(last=Max("number"))["last"] or 0) + 1
