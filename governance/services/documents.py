"""Documents drawn from a plan and kept: the comparison, the annexes of a deliberation."""

from django.utils import timezone

from governance import permissions
from governance.enums import DocumentKind
from governance.models import Authorisation, BudgetRun, Plan, PlanDocument
from plan_numerique.accounts.models import User
from plan_numerique.audit.services import action
from plan_numerique.documents import services as documents
from plan_numerique.jobs.models import Job


def keep_plan_document(
    *,
    plan: Plan,
    kind: DocumentKind,
    title: str,
    filename: str,
    content: bytes,
    job: Job | None,
    by: User | None,
    run: BudgetRun | None = None,
    authorisation: Authorisation | None = None,
    media_type: str = "application/pdf",
) -> PlanDocument:
    """In the caller's transaction (`job.storing()`)."""
    label = f"{kind.label} : document établi"
    with action("governance.plan_document_made", label, by=by, authority=plan.authority, target=plan):
        stored = documents.store(
            roles=permissions.VIEW_MONEY.roles,
            authority=plan.authority,
            title=title[:200],
            kind=kind.value,
            filename=filename,
            media_type=media_type,
            content=content,
            by=by,
        )
        return PlanDocument.objects.create(
            plan=plan,
            kind=kind,
            document=stored,
            run=run,
            authorisation=authorisation,
            job=job,
            created_at=timezone.now(),
        )
