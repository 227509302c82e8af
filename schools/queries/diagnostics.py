"""What the pages of the diagnostics read: progress of a campaign, both halves of a diagnostic, reasons to trigger, comparisons."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.models import Authority
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from schools import permissions
from schools.domain import answers as core
from schools.domain import diagnostics as rules
from schools.domain import works as costs
from schools.enums import ApplicationState, DiagnosticState, SchoolStatus, WorkState
from schools.models import (
    Application,
    Diagnostic,
    DiagnosticAnswer,
    DiagnosticCampaign,
    Photo,
    Questionnaire,
    School,
    SchoolClass,
    Work,
)
from schools.queries.answers import questions_of, values_of
from schools.queries.projects import visible_diagnostic_campaigns, visible_diagnostics
from schools.queries.territory import within

TECHNICAL, PEDAGOGICAL = "technical", "pedagogical"
TOWN, ACADEMY = "town", "academy"
HALVES = {TECHNICAL: "Partie technique", PEDAGOGICAL: "Partie pédagogique"}
SIDES = {TOWN: "La collectivité", ACADEMY: "L'Éducation nationale"}
STAGES = {
    rules.IN_PROGRESS: ("En cours", "info"),
    rules.TECHNICAL_DONE: ("Partie technique terminée", "info"),
    rules.PEDAGOGICAL_DONE: ("Partie pédagogique terminée", "info"),
    rules.TO_SIGN: ("À valider", "warning"),
    rules.TOWN_SIGNED: ("Validé par la collectivité", "warning"),
    rules.ACADEMY_SIGNED: ("Validé par l'Éducation nationale", "warning"),
    rules.SIGNED: ("Validé des deux côtés", "success"),
    rules.CANCELLED: ("Abandonné", "neutral"),
}
"""Of a diagnostic: code to (label, tone)."""
REPORT_KIND = "schools.diagnostic_report"


def granted_on(user: Any, permission: Permission, school: School) -> bool:
    """Whether the permission is held for this very school: a role held in another district, or another town, gives nothing here."""
    return School.objects.filter(within(user, permission), pk=school.pk).exists()


def schools_with(user: Any, permission: Permission) -> QuerySet[School]:
    """Open schools for which the user holds the permission, by name."""
    rows = School.objects.select_related("authority", "commune").filter(within(user, permission))
    return rows.filter(status=SchoolStatus.OPEN).order_by("name", "pk")


def usable_questionnaires(user: Any) -> QuerySet[Questionnaire]:
    led = permissions.LEAD_DIAGNOSTICS.authorities(user)
    return Questionnaire.objects.filter(authority__in=led).order_by("title", "-version")


def led_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.LEAD_DIAGNOSTICS.authorities(user)


def marks_of(row: Diagnostic) -> rules.Marks:
    return rules.Marks(
        technical_done=row.technical_done_at is not None,
        pedagogical_done=row.pedagogical_done_at is not None,
        town_signed=row.town_signed_at is not None,
        academy_signed=row.academy_signed_at is not None,
        cancelled=row.state == DiagnosticState.CANCELLED,
    )


def stage_of(row: Diagnostic) -> str:
    return rules.stage_of(marks_of(row))


def in_stage(stage: str) -> Q:
    """The rows that `stage_of` gives this stage."""
    marks = ("technical_done_at", "pedagogical_done_at", "town_signed_at", "academy_signed_at")
    wanted = {
        rules.IN_PROGRESS: (False, False, False, False),
        rules.TECHNICAL_DONE: (True, False, False, False),
        rules.PEDAGOGICAL_DONE: (False, True, False, False),
        rules.TO_SIGN: (True, True, False, False),
        rules.TOWN_SIGNED: (True, True, True, False),
        rules.ACADEMY_SIGNED: (True, True, False, True),
        rules.SIGNED: (True, True, True, True),
    }
    if stage == rules.CANCELLED:
        return Q(state=DiagnosticState.CANCELLED)
    held = zip(marks, wanted[stage], strict=True)
    return ~Q(state=DiagnosticState.CANCELLED) & Q(**{f"{name}__isnull": not given for name, given in held})


def content_lock(row: Diagnostic) -> str:
    """Why volunteers, photos and works no longer change, or an empty text; for the answers of a half that is finished, see lock_of."""
    if row.state == DiagnosticState.SIGNED:
        return "Le diagnostic est validé des deux côtés : il ne change plus. Une correction se fait par une autre campagne."
    if row.state == DiagnosticState.CANCELLED:
        return "Le diagnostic est abandonné : il ne change plus."
    for side, label in SIDES.items():
        at = getattr(row, f"{side}_signed_at")
        if at is not None:
            return f"{label} a validé le diagnostic : rouvrir une partie, avec un motif, pour le changer."
    return ""


@dataclass(frozen=True, slots=True)
class Half:
    code: str
    label: str
    questions: tuple[core.Question, ...]
    values: dict[str, Any]
    done_at: Any
    by: Any

    @property
    def progress(self) -> tuple[int, int]:
        return core.progress(self.questions, self.values)

    @property
    def missing(self) -> tuple[core.Question, ...]:
        return core.missing(self.questions, self.values)


def half_of(row: Diagnostic, code: str) -> Half:
    """Two queries."""
    questionnaire = getattr(row.campaign, code)
    return Half(
        code,
        HALVES[code],
        questions_of(questionnaire),
        values_of(row, questionnaire),
        getattr(row, f"{code}_done_at"),
        getattr(row, f"{code}_by"),
    )


def halves_of(row: Diagnostic) -> tuple[Half, Half]:
    return half_of(row, TECHNICAL), half_of(row, PEDAGOGICAL)


def lacking(row: Diagnostic, halves: Sequence[Half]) -> tuple[str, ...]:
    technical, pedagogical = ([each.text for each in half.missing] for half in halves)
    return rules.lacking(marks_of(row), technical, pedagogical)


def diagnostic_detail(user: Any) -> QuerySet[Diagnostic]:
    people = ("technical_by", "pedagogical_by", "town_signed_by", "academy_signed_by")
    return visible_diagnostics(user).select_related("campaign__technical", "campaign__pedagogical", *people)


def listed_diagnostics(user: Any) -> QuerySet[Diagnostic]:
    """With `work_count` and `photo_count`."""
    works = _counted(Work.objects.filter(diagnostic=OuterRef("pk")).exclude(state=WorkState.DROPPED), "diagnostic")
    photos = _counted(Photo.objects.filter(diagnostic=OuterRef("pk")), "diagnostic")
    return visible_diagnostics(user).annotate(work_count=works, photo_count=photos)


def listed_diagnostic_campaigns(user: Any) -> QuerySet[DiagnosticCampaign]:
    """With `diagnostic_count` and `signed_count`, of the diagnostics this user sees."""
    seen = Diagnostic.objects.filter(within(user, permissions.VIEW_DIAGNOSTICS, "school__"), campaign=OuterRef("pk"))
    return visible_diagnostic_campaigns(user).annotate(
        diagnostic_count=_counted(seen.exclude(state=DiagnosticState.CANCELLED), "campaign"),
        signed_count=_counted(seen.filter(state=DiagnosticState.SIGNED), "campaign"),
    )


def _counted(rows: QuerySet[Any], parent: str) -> Any:
    found = rows.order_by().values(parent).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


@dataclass(frozen=True, slots=True)
class CommuneProgress:
    """`stages`: diagnostics by stage (rules), those abandoned left out; `to_trigger`: open schools without one."""

    commune: int | None
    name: str
    schools: int
    to_trigger: int
    stages: dict[str, int]

    def counted(self, *stages: str) -> int:
        return sum(self.stages.get(stage, 0) for stage in stages)

    @property
    def total(self) -> int:
        return sum(self.stages.values())

    @property
    def in_progress(self) -> int:
        return self.counted(rules.IN_PROGRESS)

    @property
    def technical_done(self) -> int:
        """Half way, whichever half the other is."""
        return self.counted(rules.TECHNICAL_DONE)

    @property
    def pedagogical_done(self) -> int:
        return self.counted(rules.PEDAGOGICAL_DONE)

    @property
    def to_sign(self) -> int:
        return self.counted(rules.TO_SIGN, rules.TOWN_SIGNED, rules.ACADEMY_SIGNED)

    @property
    def signed(self) -> int:
        return self.counted(rules.SIGNED)


def campaign_progress(campaign: DiagnosticCampaign, user: Any) -> tuple[CommuneProgress, list[CommuneProgress]]:
    """The whole, and by commune, among the schools this user sees. Two queries."""
    seen = within(user, permissions.VIEW_DIAGNOSTICS)
    schools = School.objects.filter(seen, authority=campaign.authority).select_related("commune")
    rows = visible_diagnostics(user).filter(campaign=campaign)
    stages = {row.school_id: stage_of(row) for row in rows}
    names: dict[int | None, str] = {}
    open_schools: Counter[int | None] = Counter()
    waiting: Counter[int | None] = Counter()
    found: dict[int | None, Counter[str]] = {}
    for school in schools:
        key = school.commune_id
        if school.status != SchoolStatus.OPEN and stages.get(school.pk, rules.CANCELLED) == rules.CANCELLED:
            continue
        names[key] = school.commune.name
        open_schools[key] += 1
        if school.pk not in stages:
            waiting[key] += 1
        elif stages[school.pk] != rules.CANCELLED:
            found.setdefault(key, Counter())[stages[school.pk]] += 1
    communes = [
        CommuneProgress(key, names[key], open_schools[key], waiting[key], dict(found.get(key, {})))
        for key in sorted(names, key=lambda each: (names[each].casefold(), each or 0))
    ]
    whole = Counter[str]()
    for each in communes:
        whole.update(each.stages)
    return CommuneProgress(None, "Ensemble", open_schools.total(), waiting.total(), dict(whole)), communes


def suggestions(
    campaign: DiagnosticCampaign, user: Any, more: Iterable[rules.Reason] = ()
) -> list[tuple[School, list[rules.Reason]]]:
    """Open schools without a diagnostic in the campaign that the authority has a reason to trigger, most reasons first. Three queries."""
    rows = schools_with(user, permissions.LEAD_DIAGNOSTICS).filter(authority=campaign.authority)
    schools = {school.pk: school for school in rows}
    known = set(campaign.diagnostics.values_list("school", flat=True))
    retained: dict[int, list[str]] = {}
    applied = Application.objects.filter(school__in=rows.order_by().values("pk"), state=ApplicationState.RETAINED)
    for school, title in applied.order_by("campaign__title").values_list("school", "campaign__title"):
        retained.setdefault(school, []).append(title)
    candidates = [rules.Candidate(pk, s.priority_district, tuple(retained.get(pk, ()))) for pk, s in schools.items()]
    grouped: dict[int, list[rules.Reason]] = {}
    for reason in rules.suggest(candidates, known, (each for each in more if each.school in schools)):
        grouped.setdefault(reason.school, []).append(reason)
    ordered = sorted(grouped.items(), key=lambda item: -len(item[1]))
    return [(schools[pk], reasons) for pk, reasons in ordered]


def works_of(row: Diagnostic) -> list[Work]:
    return list(row.works.select_related("site").order_by("payer", "payer_name", "due_on", "pk"))


def as_work(row: Work) -> costs.Work:
    return costs.Work(
        row.payer,
        row.amount_ht,
        row.vat_rate,
        row.payer_name,
        dropped=row.state == WorkState.DROPPED,
        done=row.state == WorkState.DONE,
    )


def photos_of(row: Diagnostic) -> list[Photo]:
    return list(row.photos.select_related("document", "question").defer("document__content").order_by("taken_at", "pk"))


def classes_offered(row: Diagnostic) -> QuerySet[SchoolClass]:
    """Classes of the school in the campaign's year, whence the volunteers come."""
    rows = SchoolClass.objects.filter(school=row.school, school_year=row.campaign.school_year)
    return rows.prefetch_related("headcounts").order_by("name", "pk")


def report_of(row: Diagnostic) -> StoredDocument | None:
    """The latest « compte rendu » made of the diagnostic."""
    made = StoredDocument.objects.defer("content").filter(authority=row.campaign.authority, kind=report_key(row))
    return made.order_by("-created_at", "-pk").first()


def report_key(row: Diagnostic) -> str:
    return f"compte-rendu-de-diagnostic-{row.pk}"


def report_jobs(row: Diagnostic) -> QuerySet[Job]:
    """Under way."""
    return Job.objects.filter(kind=REPORT_KIND, dedupe_key=report_key(row), status__in=ACTIVE)


def technical_diagnostics(user: Any) -> QuerySet[Diagnostic]:
    """Those whose works the user may enter."""
    return visible_diagnostics(user).filter(within(user, permissions.FILL_TECHNICAL, "school__")).order_by("-pk")


def author_of_answer(row: Diagnostic, questionnaire: Questionnaire, code: str) -> str:
    """Who gave the answer as it stands: an empty text where nobody is known."""
    answer = row.answers.filter(question__questionnaire=questionnaire, question__code=code).first()
    last = answer.history.select_related("history_user").order_by("-history_id").first() if answer else None
    return str(last.history_user) if last and last.history_user else ""


def comparable_diagnostics(row: Diagnostic, user: Any) -> QuerySet[Diagnostic]:
    """The others of the same school, latest campaign first."""
    others = visible_diagnostics(user).filter(school=row.school).exclude(pk=row.pk)
    return others.exclude(state=DiagnosticState.CANCELLED).order_by("-campaign__school_year", "-triggered_on", "-pk")


def compared(before: Diagnostic, after: Diagnostic) -> list[tuple[str, tuple[rules.Change, ...]]]:
    """By half, what changed from one diagnostic of a school to another."""
    pairs = zip(halves_of(before), halves_of(after), strict=True)
    return [
        (last.label, rules.changes(first.questions, first.values, last.questions, last.values)) for first, last in pairs
    ]


@dataclass(frozen=True, slots=True)
class CampaignsCompared:
    """`schools`: those that have a diagnostic in both; `tallies` by half, `changes` by school, only what changed."""

    schools: int
    tallies: list[tuple[str, list[rules.Tally]]]
    changes: list[tuple[School, tuple[rules.Change, ...]]]


def compare_campaigns(before: DiagnosticCampaign, after: DiagnosticCampaign, user: Any) -> CampaignsCompared:
    """The same schools in both campaigns, among those this user sees. Eight queries."""
    found = [_by_school(campaign, user) for campaign in (before, after)]
    schools = [row.school for pk, row in found[1].items() if pk in found[0]]
    schools.sort(key=lambda school: (school.name.casefold(), school.pk))
    tallies: list[tuple[str, list[rules.Tally]]] = []
    changed: dict[int, tuple[rules.Change, ...]] = {}
    for half, label in HALVES.items():
        sheets = [getattr(campaign, half) for campaign in (before, after)]
        asked = [questions_of(sheet) for sheet in sheets]
        values = [
            {pk: _values(row, sheet) for pk, row in rows.items()} for rows, sheet in zip(found, sheets, strict=True)
        ]
        old = {question.code for question in asked[0]}
        counts = [
            rules.tally(question, *([side[school.pk].get(question.code) for school in schools] for side in values))
            for question in asked[1]
            if question.code in old
        ]
        tallies.append((label, [each for each in counts if each.changed]))
        for school in schools:
            told = rules.changes(asked[0], values[0][school.pk], asked[1], values[1][school.pk])
            changed[school.pk] = (*changed.get(school.pk, ()), *told)
    return CampaignsCompared(len(schools), tallies, [(each, changed[each.pk]) for each in schools if changed[each.pk]])


def _by_school(campaign: DiagnosticCampaign, user: Any) -> dict[int, Diagnostic]:
    answers = DiagnosticAnswer.objects.select_related("question").order_by("pk")
    rows = visible_diagnostics(user).filter(campaign=campaign).exclude(state=DiagnosticState.CANCELLED)
    return {row.school_id: row for row in rows.prefetch_related(Prefetch("answers", queryset=answers))}


def _values(row: Diagnostic, questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        answer.question.code: answer.value
        for answer in row.answers.all()
        if answer.question.questionnaire_id == questionnaire.pk and core.is_given(answer.value)
    }
