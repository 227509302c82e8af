"""The annex « Plan de financement » and the poster of a plan."""

from django.utils import timezone
from django.utils.text import slugify

from governance.enums import DocumentKind, RunState
from governance.models import BudgetRun, FundingPosting, Subsidy
from governance.queries.subsidies import funding_jobs_key
from governance.reports.funding_plan import funding_plan, posting_poster, render_funding_plan, render_poster
from governance.services.documents import keep_plan_document
from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError

STEPS = 3
SIZES = ("a4", "a3")
LONGEST_ACT = 40


@job_task(kind="governance.funding_plan")
def funding_plan_task(job: JobHandle, *, run_id: int, act: str) -> None:
    run = BudgetRun.objects.select_related("scenario__plan__authority", "scenario__rule_set").get(pk=run_id)
    job.progress(0, STEPS, "Lecture du calcul")
    report = funding_plan(run, timezone.localdate(), act)
    job.progress(1, STEPS, "Mise en page")
    content = render_funding_plan(report)
    job.check_cancelled()
    plan = run.scenario.plan
    with job.storing():
        kept = keep_plan_document(
            plan=plan,
            kind=DocumentKind.FUNDING_PLAN,
            title=f"Plan de financement : {run.scenario}",
            filename=f"plan-de-financement-{slugify(str(run.scenario))[:80]}-{report['date']:%Y-%m-%d}.pdf",
            content=content,
            run=run,
            job=job.job,
            by=job.by,
        )
        job.progress(STEPS, STEPS, "Terminé")
        job.result("Le plan de financement est établi.", document=kept.document)


def start_funding_plan(*, run: BudgetRun, act: str = "", by: User | None) -> Job:
    """`act`: number of the délibération it is annexed to, if known."""
    if run.state != RunState.DONE:
        raise DomainError("Le plan de financement présente un calcul terminé.")
    act = act.strip()
    if len(act) > LONGEST_ACT or not act.isprintable():
        raise DomainError(f"Un numéro de délibération a {LONGEST_ACT} caractères au plus.", field="act")
    plan = run.scenario.plan
    return submit(
        task=funding_plan_task,
        label=f"Plan de financement : {run.scenario}",
        authority=plan.authority,
        by=by,
        arguments={"run_id": run.pk, "act": act},
        dedupe_key=f"{funding_jobs_key(plan.pk)}{run.pk}-{act}",
    )


@job_task(kind="governance.posting")
def posting_task(job: JobHandle, *, posting_id: int, size: str) -> None:
    posting = FundingPosting.objects.select_related("plan__authority", "run__scenario__plan__authority").get(
        pk=posting_id
    )
    job.progress(0, STEPS, "Lecture du calcul")
    subsidies = Subsidy.objects.filter(plan=posting.plan_id).select_related("funding_line").order_by("pk")
    report = posting_poster(posting, subsidies, timezone.localdate(), size)
    job.progress(1, STEPS, "Mise en page")
    content = render_poster(report)
    job.check_cancelled()
    with job.storing():
        kept = keep_plan_document(
            plan=posting.plan,
            kind=DocumentKind.POSTING,
            title=f"Affiche du plan de financement ({size.upper()}) : {posting.plan}",
            filename=f"affiche-{size}-{slugify(str(posting.plan))[:80]}-{report['date']:%Y-%m-%d}.pdf",
            content=content,
            run=posting.run,
            job=job.job,
            by=job.by,
        )
        job.progress(STEPS, STEPS, "Terminé")
        job.result("L'affiche est prête.", document=kept.document)


def start_posting(*, posting: FundingPosting, size: str = "a4", by: User | None) -> Job:
    if size not in SIZES:
        raise DomainError("Une affiche est au format A4 ou A3.", field="size")
    return submit(
        task=posting_task,
        label=f"Affiche du plan de financement : {posting.plan}",
        authority=posting.plan.authority,
        by=by,
        arguments={"posting_id": posting.pk, "size": size},
        dedupe_key=f"{funding_jobs_key(posting.plan_id)}poster-{posting.pk}-{size}",
    )
