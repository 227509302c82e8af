"""What the pages of the calls for projects read: what is asked of a school, the pile of opinions, counts, the course of an application."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.wording import counted
from schools import permissions
from schools.domain import answers as core
from schools.domain.levels import LEVELS
from schools.enums import ApplicationState, CampaignState, SchoolStatus, Stage
from schools.models import Application, Attachment, Campaign, Mark, Opinion, School, SchoolAssignment, SchoolClass
from schools.queries.answers import CLOSED, OPEN, campaign_phase, questions_of, values_of
from schools.queries.projects import (
    of_own_school,
    visible_applications,
    visible_attachments,
    visible_campaigns,
    visible_opinions,
)
from schools.queries.territory import within

UNSENT = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
VERDICTS = {stage.value: f"{stage.value}_verdict" for stage in Stage}
"""Annotation of a list that holds the verdict of each stage, of the opinions that this user sees."""


def campaigns_listed(user: Any) -> QuerySet[Campaign]:
    """With `application_count` (sent), as this user sees them."""
    sent = visible_applications(user).exclude(state__in=UNSENT).filter(campaign=OuterRef("pk"))
    counted_rows = sent.order_by().values("campaign").annotate(n=Count("pk")).values("n")
    return visible_campaigns(user).annotate(
        application_count=Coalesce(Subquery(counted_rows, output_field=IntegerField()), 0)
    )


def applications_listed(user: Any) -> QuerySet[Application]:
    """With the verdict of each stage, among the opinions that this user sees: what is hidden cannot be filtered by."""
    given = visible_opinions(user).filter(application=OuterRef("pk")).order_by().values("verdict")
    found = {name: Subquery(given.filter(stage=stage)[:1]) for stage, name in VERDICTS.items()}
    return visible_applications(user).select_related("school__district").annotate(**found)


def attachments_listed(user: Any) -> QuerySet[Attachment]:
    """With their document, without its bytes."""
    rows = visible_attachments(user).select_related(
        "application__school__authority", "application__campaign", "document"
    )
    return rows.defer("document__content")


def may_submit(user: Any, school: School) -> bool:
    """In the name of the school: who directs it, or the service that leads the plan."""
    if permissions.APPLY.authorities(user).filter(pk=school.authority_id).exists():
        return True
    directs = SchoolAssignment.objects.filter(user=user, school=school, is_director=True)
    return permissions.APPLY.granted(user, school.authority) and directs.exists()


def may_withdraw(user: Any, application: Application) -> bool:
    """In the name of the school until the closing; then who leads the campaign, until the list is frozen."""
    phase = campaign_phase(application.campaign, timezone.localdate())
    if phase == CLOSED:
        return permissions.LEAD_CAMPAIGNS.granted(user, application.school.authority)
    return phase == OPEN and may_submit(user, application.school)


def applying_schools(user: Any) -> QuerySet[School]:
    """Open schools in whose name this user may type an application."""
    rows = School.objects.select_related("authority").filter(within(user, permissions.APPLY), status=SchoolStatus.OPEN)
    return rows.order_by("name", "pk")


def own_schools(user: Any) -> QuerySet[School]:
    """Those given one by one, to which the page « Notre candidature » belongs."""
    mine = SchoolAssignment.objects.filter(user=user).values("school")
    return applying_schools(user).filter(pk__in=mine, authority__in=permissions.APPLY.narrow_authorities(user))


@dataclass(frozen=True, slots=True)
class Call:
    """A campaign for one school; `application` None until it begins."""

    campaign: Campaign
    school: School
    phase: str
    days_left: int
    application: Application | None


def calls_of(schools: Iterable[School], today: date) -> list[Call]:
    """The open and coming campaigns of these schools, and those they answered, the latest closing first. Two queries."""
    schools = list(schools)
    published = Campaign.objects.exclude(state=CampaignState.DRAFT).filter(
        authority__in={school.authority_id for school in schools}
    )
    campaigns = published.select_related("authority", "questionnaire").order_by("-closes_on", "pk")
    rows = Application.objects.filter(school__in=schools).select_related("campaign", "school")
    begun = {(row.campaign_id, row.school_id): row for row in rows}
    calls = []
    for campaign in campaigns:
        phase = campaign_phase(campaign, today)
        for school in (each for each in schools if each.authority_id == campaign.authority_id):
            application = begun.get((campaign.pk, school.pk))
            if application is not None or phase in {"coming", "open"}:
                left = (campaign.closes_on - today).days
                calls.append(Call(campaign, school, phase, left, application))
    return calls


def silent_schools(campaign: Campaign) -> QuerySet[School]:
    """Open schools of the authority that have sent nothing, a draft included."""
    sent = Application.objects.filter(campaign=campaign).exclude(state__in=UNSENT).values("school")
    rows = School.objects.filter(authority=campaign.authority_id, status=SchoolStatus.OPEN).exclude(pk__in=sent)
    return rows.select_related("authority", "commune", "district")


def state_counts(user: Any, campaign: Campaign) -> dict[str, int]:
    """Applications by state, as this user sees them. One query."""
    rows = visible_applications(user).filter(campaign=campaign).order_by().values("state").annotate(n=Count("pk"))
    found = {row["state"]: row["n"] for row in rows}
    return {state: found[state] for state in ApplicationState.values if state in found}


OWN = "f-"
"""Prefix of the controls of the application's own fields, beside the questions of the questionnaire."""
PROJECT, PEOPLE = "Le projet", "Les classes et les enseignants"


def own_questions(application: Application) -> tuple[core.Question, ...]:
    """The fields of every application, as questions: the same reading, showing and saving as the questionnaire's."""
    offered = classes_offered(application)
    classes = core.Question(
        code="classes",
        text="Classes concernées",
        kind="choices",
        options=tuple(core.Option(str(each.pk), class_label(each)) for each in offered),
        required=True,
        section=PEOPLE,
    )
    return (
        core.Question("project", "Titre du projet", required=True, section=PROJECT, longest=160),
        core.Question(
            "summary",
            "Projet pédagogique",
            "long",
            required=True,
            section=PROJECT,
            help="Ce que l'équipe veut faire avec ses élèves, dans quelles matières, et comment elle s'y prépare.",
        ),
        *([classes] if offered else []),
        core.Question(
            "volunteers",
            "Enseignants volontaires",
            "integer",
            required=True,
            unit="enseignants",
            lowest=0,
            highest=500,
            section=PEOPLE,
        ),
    )


def classes_offered(application: Application) -> list[SchoolClass]:
    """Those of the latest year known, and those ticked before a new one came. Three queries."""
    rows = SchoolClass.objects.filter(school=application.school_id)
    latest = rows.order_by("-school_year").values_list("school_year", flat=True).first()
    ticked = application.classes.values("pk") if application.pk else []
    found = rows.filter(Q(school_year=latest) | Q(pk__in=ticked)).prefetch_related("headcounts")
    return sorted(found, key=lambda each: (-each.school_year, each.name, each.pk))


def class_label(row: SchoolClass) -> str:
    """« Classe 3 (CE1 CE2, 24 élèves) »; the headcounts are prefetched."""
    counts = list(row.headcounts.all())
    levels = " ".join(sorted((each.level for each in counts if each.level), key=LEVELS.index))
    pupils = sum(each.pupils for each in counts)
    told = ", ".join(filter(None, (levels, counted(pupils, "élève") if pupils else "")))
    return f"{row.name} ({told})" if told else row.name


def own_values(application: Application) -> dict[str, Any]:
    ticked = sorted(application.classes.values_list("pk", flat=True)) if application.pk else []
    return {
        "project": application.project,
        "summary": application.summary,
        "volunteers": core.EMPTY if application.volunteers is None else application.volunteers,
        "classes": [str(key) for key in ticked],
    }


@dataclass(frozen=True, slots=True)
class Content:
    """All that an application asks and answers."""

    own: tuple[core.Question, ...]
    own_values: dict[str, Any]
    asked: tuple[core.Question, ...]
    values: dict[str, Any]

    @property
    def missing(self) -> tuple[tuple[str, core.Question], ...]:
        """(prefix, question) of the required ones without an answer."""
        own = [(OWN, each) for each in core.missing(self.own, self.own_values)]
        return (*own, *(("q-", each) for each in core.missing(self.asked, self.values)))

    @property
    def progress(self) -> tuple[int, int]:
        own, asked = core.progress(self.own, self.own_values), core.progress(self.asked, self.values)
        return own[0] + asked[0], own[1] + asked[1]


def content_of(application: Application) -> Content:
    questionnaire = application.campaign.questionnaire
    return Content(
        own_questions(application),
        own_values(application),
        questions_of(questionnaire),
        values_of(application, questionnaire),
    )


def is_of_school(user: Any, school: School) -> bool:
    return SchoolAssignment.objects.filter(of_own_school(user), school=school, user=user).exists()


def opinion_version(application: Application, stage: str) -> str:
    """Of what a stage thinks of an application, with its marks; empty before it says anything."""
    opinions = Opinion.history.filter(application_id=application.pk, stage=stage)
    marks = Mark.history.filter(application_id=application.pk, criterion_id__in=_criteria(application, stage))
    found = [rows.aggregate(last=Max("history_id"))["last"] for rows in (opinions, marks)]
    return ".".join(str(each or 0) for each in found) if any(found) else ""


def _criteria(application: Application, stage: str) -> list[int]:
    return list(application.campaign.criteria.filter(kind=stage).values_list("pk", flat=True))


def stages_of(user: Any, application: Application) -> list[Stage]:
    """Those whose opinion this user gives: an IEN for the schools of the district, TICE and DSDEN for the département, the lead of the
    campaign for the committee; none for one's own school."""
    school, give, stages = application.school, permissions.GIVE_OPINION, []
    if is_of_school(user, school):
        return []
    if school.district_id and give.districts(user).filter(pk=school.district_id).exists():
        stages.append(Stage.IEN)
    if give.authorities(user).filter(pk=school.authority_id).exists():
        stages.append(Stage.TICE)
    if permissions.LEAD_CAMPAIGNS.granted(user, school.authority):
        stages.append(Stage.COMMITTEE)
    return stages


DUE = {stage: f"due_{stage.value}" for stage in Stage}


def opinions_due(user: Any) -> QuerySet[Application]:
    """Sent applications that wait for an opinion of this user: none yet, or one given before the application was sent again. With
    `due_on`, and `due_ien`, `due_tice`, `due_committee`; the committee's only where a criterion asks its mark."""
    give = permissions.GIVE_OPINION
    asked = Campaign.objects.filter(criteria__kind=Stage.COMMITTEE).values("pk")
    mine = {
        Stage.IEN: Q(school__district__in=give.districts(user)),
        Stage.TICE: Q(school__authority__in=give.authorities(user)),
        Stage.COMMITTEE: Q(school__authority__in=permissions.LEAD_CAMPAIGNS.authorities(user), campaign__in=asked),
    }
    due = {stage: scope & ~Q(pk__in=_given(stage)) for stage, scope in mine.items()}
    flags = {DUE[stage]: ExpressionWrapper(condition, BooleanField()) for stage, condition in due.items()}
    day = Coalesce(F("campaign__opinions_due_on"), F("campaign__closes_on"))
    rows = visible_applications(user).filter(state=ApplicationState.SUBMITTED, campaign__state=CampaignState.PUBLISHED)
    rows = rows.select_related("school__district").annotate(due_on=day, **flags)
    rows = rows.exclude(of_own_school(user))
    return rows.filter(due[Stage.IEN] | due[Stage.TICE] | due[Stage.COMMITTEE])


def _given(stage: Stage) -> QuerySet[Opinion, Any]:
    return given_since_sent(Opinion.objects.all(), stage)


def given_since_sent(opinions: QuerySet[Opinion], stage: str) -> QuerySet[Opinion, Any]:
    """Applications that have the opinion of a stage, among these, given since they were last sent."""
    return opinions.order_by().filter(stage=stage, given_at__gte=F("application__submitted_at")).values("application")


@dataclass(frozen=True, slots=True)
class Event:
    """Of the course of an application, as the school follows it."""

    date: datetime
    title: str
    text: str = ""
    tone: str = ""
    who: str = ""
    url: str = ""


OUTCOMES = {
    ApplicationState.RETAINED: "success",
    ApplicationState.WAITING: "warning",
    ApplicationState.REFUSED: "danger",
}


def course_of(application: Application, user: Any) -> list[Event]:
    """Latest first. That an opinion was given is told to all, which one to those who see it."""
    events = []
    seen = {each.pk for each in visible_opinions(user).filter(application=application)}
    for each in application.opinions.order_by("given_at", "pk"):
        verdict = f" : {each.get_verdict_display().lower()}" if each.pk in seen else ""
        events.append(Event(each.given_at, f"Avis rendu, {Stage(each.stage).label}{verdict}"))
    if application.submitted_at and application.state != ApplicationState.DRAFT:
        events.append(Event(application.submitted_at, "Candidature déposée", tone="success"))
    if application.state == ApplicationState.WITHDRAWN:
        events += _withdrawal(application)
    frozen_at = application.campaign.frozen_at
    if frozen_at:
        events.append(Event(frozen_at, "Liste arrêtée"))
        state = ApplicationState(application.state)
        if state in OUTCOMES:
            events.append(Event(frozen_at, f"Réponse : {state.label.lower()}", tone=OUTCOMES[state]))
    return sorted(events, key=lambda each: each.date, reverse=True)


def _withdrawal(application: Application) -> list[Event]:
    """Its day and its reason, as the history keeps them."""
    records = application.history.filter(state=ApplicationState.WITHDRAWN).select_related("audit_event")
    last = records.order_by("history_id").last()
    if last is None:
        return []
    reason = last.audit_event.reason if last.audit_event else ""
    return [Event(last.history_date, "Candidature retirée", reason, "warning")]


def sheet_key(application: Application) -> str:
    return f"candidature-{application.pk}"


def sheet_of(application: Application) -> StoredDocument | None:
    """The summary of what was last sent, once it is made; none while it is changed."""
    if application.submitted_at is None or application.state == ApplicationState.DRAFT:
        return None
    made = StoredDocument.objects.defer("content").filter(
        authority=application.school.authority_id,
        kind=sheet_key(application),
        created_at__gte=application.submitted_at,
    )
    return made.order_by("-created_at", "-pk").first()
