"""The documents of the register, each made by a job and kept frozen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from deliberations import reports
from deliberations.enums import CouncilDocumentKind as Kind
from deliberations.models import Act, Assembly, CouncilDocument, Sitting
from deliberations.queries.deadlines import jobs_key
from deliberations.queries.filing import last_extract
from deliberations.queries.register import SittingReader, deliberated, register_sittings
from deliberations.queries.substance import is_stale, substance_of
from deliberations.reports.acts import certified, require_deliberated
from deliberations.reports.sittings import require_acts, require_over
from deliberations.services.documents import STALE, keep_council_document
from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from plan_numerique.jobs.runner import JobHandle, job_task
from plan_numerique.jobs.services import submit
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted

STEPS = 3
OF_ACT: dict[str, tuple[str, Callable[[Act, date], dict[str, Any]], str]] = {
    Kind.EXTRACT: ("extract", reports.extract, "extrait"),
    Kind.CERTIFICATE: ("certificate", reports.certificate, "certificat"),
}
OF_SITTING: dict[str, tuple[str, Callable[[Sitting, date], dict[str, Any]], str]] = {
    Kind.LIST: ("list", reports.examined, "liste-des-deliberations"),
    Kind.MINUTES: ("minutes", reports.minutes, "proces-verbal"),
}
OVER = {Kind.LIST: "la liste des délibérations examinées", Kind.MINUTES: "le procès-verbal"}


@dataclass(frozen=True)
class Read:
    """What a document was made from: read before its report is built, so that a change meanwhile leaves it out of date."""

    sitting: Sitting
    act: Act | None
    kind: Kind
    substance: str
    at: datetime


def _read(kind: str, sitting: Sitting, act: Act | None = None, reader: SittingReader | None = None) -> Read:
    at = timezone.now()
    return Read(sitting, act, Kind(kind), substance_of(kind, sitting, act, reader), at)


@job_task(kind="deliberations.document")
def council_document_task(job: JobHandle, *, sitting_id: int, kind: str, act_id: int | None = None) -> None:
    sitting = _sitting(sitting_id)
    act = _act(act_id) if act_id is not None else None
    job.progress(0, STEPS, "Lecture de la séance")
    read = _read(kind, sitting, act)
    template, report, name = _drawn(kind, sitting, act)
    job.progress(1, STEPS, "Mise en page")
    content = reports.render_paper(template, report)
    job.check_cancelled()
    with job.storing():
        kept = _keep(job, read, report, name, content)
        job.progress(STEPS, STEPS, "Terminé")
        job.result(f"{read.kind.label} : version {kept.number}.", document=kept.document)


def _sitting(key: int) -> Sitting:
    return Sitting.objects.select_related("assembly__authority", "chair", "minutes_approved_in").get(pk=key)


def _act(key: int) -> Act:
    related = ("sitting__assembly__authority", "sitting__chair", "ballot", "chair", "signatory")
    return Act.objects.select_related(*related).get(pk=key)


def _drawn(kind: str, sitting: Sitting, act: Act | None) -> tuple[str, dict[str, Any], str]:
    """The template, its context and the beginning of the file's name."""
    day = timezone.localdate()
    if act is not None:
        template, build, name = OF_ACT[kind]
        return template, build(act, day), name
    template, build_of_sitting, name = OF_SITTING[kind]
    return template, build_of_sitting(sitting, day), name


def _keep(job: JobHandle, read: Read, report: dict[str, Any], name: str, content: bytes) -> CouncilDocument:
    sitting, act = read.sitting, read.act
    of = slugify(act.number or act.title) if act is not None else slugify(sitting.assembly.name)
    return keep_council_document(
        sitting=sitting,
        act=act,
        kind=read.kind,
        title=report["full_title"],
        filename=f"{name}-{sitting.held_on:%Y-%m-%d}-{of[:60] or 'conseil'}.pdf",
        content=content,
        job=job.job,
        substance=read.substance,
        read_at=read.at,
        by=job.by,
    )


def start_act_document(*, act: Act, kind: str, by: User | None) -> Job:
    """An extract or a certificate; refused at once where the act has not what it certifies."""
    if kind not in OF_ACT:
        raise DomainError("Un acte a un extrait et un certificat de caractère exécutoire.", field="kind")
    if kind == Kind.CERTIFICATE:
        certified(act, timezone.localdate())
        extract = last_extract(act)
        if extract is not None and is_stale(extract):
            raise DomainError(STALE)
    require_deliberated(act)
    return _submit(act.sitting, f"{Kind(kind).label} : {act}", f"{kind}-{act.pk}", by, kind=kind, act_id=act.pk)


def start_sitting_document(*, sitting: Sitting, kind: str, by: User | None) -> Job:
    """The list or the minutes."""
    if kind not in OF_SITTING:
        raise DomainError("Une séance a une liste des délibérations examinées et un procès-verbal.", field="kind")
    require_over(sitting, OVER[kind])
    return _submit(sitting, f"{Kind(kind).label} : {sitting}", kind, by, kind=kind)


def _submit(sitting: Sitting, label: str, key: str, by: User | None, **arguments: Any) -> Job:
    return submit(
        task=council_document_task,
        label=label,
        authority=sitting.assembly.authority,
        by=by,
        arguments={"sitting_id": sitting.pk, **arguments},
        dedupe_key=f"{jobs_key(sitting.pk)}{key}",
    )


def acts_without_extract(sitting: Sitting) -> QuerySet[Act]:
    made = CouncilDocument.objects.filter(sitting=sitting, kind=Kind.EXTRACT, act__isnull=False).values("act")
    return deliberated(sitting.acts.all()).exclude(pk__in=made)


@job_task(kind="deliberations.extracts")
def extracts_task(job: JobHandle, *, sitting_id: int) -> None:
    """Every extract that is not made yet; all are kept together, or none."""
    reader = SittingReader(_sitting(sitting_id))
    wanted = set(acts_without_extract(reader.sitting).values_list("pk", flat=True))
    acts = [act for act in reader.whole_acts if act.pk in wanted]
    reads = {act.pk: _read(Kind.EXTRACT, reader.sitting, act, reader) for act in acts}
    drawn = []
    for done, act in enumerate(acts):
        job.progress(done, len(acts) + 1, f"Extrait {done + 1} sur {len(acts)}")
        report = reports.extract(act, timezone.localdate(), reader)
        drawn.append((reads[act.pk], report, reports.render_paper("extract", report)))
    job.check_cancelled()
    with job.storing():
        for read, report, content in drawn:
            _keep(job, read, report, "extrait", content)
        job.progress(len(acts) + 1, len(acts) + 1, "Terminé")
        job.result(f"{counted(len(acts), 'extrait établi')}.", url=_documents_url(reader.sitting))


def _documents_url(sitting: Sitting) -> str:
    return reverse("deliberations:sitting_documents", args=[sitting.pk])


def start_extracts(*, sitting: Sitting, by: User | None) -> Job:
    if not deliberated(sitting.acts.all()).exists():
        raise DomainError("Aucun acte de la séance n'est encore délibéré : il n'y a pas d'extrait à établir.")
    if not acts_without_extract(sitting).exists():
        raise DomainError("Chaque acte délibéré de la séance a déjà son extrait.")
    return submit(
        task=extracts_task,
        label=f"Extraits du registre : {sitting}",
        authority=sitting.assembly.authority,
        by=by,
        arguments={"sitting_id": sitting.pk},
        dedupe_key=f"{jobs_key(sitting.pk)}extracts",
    )


@job_task(kind="deliberations.register")
def register_task(job: JobHandle, *, assembly_id: int, first: str, last: str) -> None:
    """Kept with the last sitting of the period."""
    assembly = Assembly.objects.select_related("authority").get(pk=assembly_id)
    job.progress(0, STEPS, "Lecture des séances")
    days = date.fromisoformat(first), date.fromisoformat(last)
    report = reports.register(assembly, *days, timezone.localdate())
    read = _read(Kind.REGISTER, register_sittings(assembly, *days)[-1])
    job.progress(1, STEPS, "Mise en page")
    content = reports.render_paper("register", report)
    job.check_cancelled()
    with job.storing():
        kept = _keep(job, read, report, f"registre-{first}", content)
        job.progress(STEPS, STEPS, "Terminé")
        job.result("Le registre est établi.", document=kept.document)


def start_register(*, assembly: Assembly, first: date, last: date, by: User | None) -> tuple[Job, Sitting]:
    """With the sitting where it will be kept."""
    sittings = register_sittings(assembly, first, last)
    require_acts(sittings, first, last)
    job = submit(
        task=register_task,
        label=f"Registre des délibérations : {assembly}",
        authority=assembly.authority,
        by=by,
        arguments={"assembly_id": assembly.pk, "first": first.isoformat(), "last": last.isoformat()},
        dedupe_key=f"{jobs_key(sittings[-1].pk)}register-{first}-{last}",
    )
    return job, sittings[-1]
