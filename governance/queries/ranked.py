"""Which rankings, lines and frozen places a user sees; what stands around a ranking: its decision, its documents."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, Max, Q, QuerySet, Value, When

from governance import permissions
from governance.enums import DecisionEffect, MeetingState
from governance.models import Decision, Meeting
from plan_numerique.jobs.enums import ACTIVE, JobStatus
from plan_numerique.jobs.models import Job
from schools import permissions as schools_permissions
from schools.enums import ApplicationState, CampaignState
from schools.models import RANKED, Application, Campaign, Departure, RankedPlace, School
from schools.queries import visible_campaigns
from schools.queries.projects import of_own_school

RANKING_KINDS = ("governance.ranking_list", "governance.ranking_letters")


def visible_rankings(user: Any) -> QuerySet[Campaign]:
    """Campaigns whose ranking one sees, whole or of one's district: from the first application for those who see applications, once frozen
    for whoever steers. A school sees none."""
    following = _of_authority(user, schools_permissions.VIEW_APPLICATIONS)
    reading = _of_authority(user, permissions.VIEW_RANKING) & Q(state=CampaignState.FROZEN)
    keys = visible_campaigns(user).order_by().values("pk")
    return Campaign.objects.select_related("authority", "frozen_by").filter(following | reading, pk__in=keys)


def _of_authority(user: Any, permission: Any) -> Q:
    districts = Campaign.objects.filter(authority__schools__district__in=permission.districts(user)).order_by()
    return Q(authority__in=permission.authorities(user)) | Q(pk__in=districts.values("pk"))


def ranked_applications(user: Any) -> QuerySet[Application]:
    """Whose line one sees: whole authorities, or the schools of a district; never given one by one."""
    following = _of_school(user, schools_permissions.VIEW_APPLICATIONS)
    reading = _of_school(user, permissions.VIEW_RANKING) & Q(campaign__state=CampaignState.FROZEN)
    return Application.objects.filter(following | reading, state__in=[ApplicationState.SUBMITTED, *RANKED])


def followed_lines(user: Any, campaign: Campaign) -> dict[int, bool]:
    """The lines one sees, and whether with what is thought of the application or as the list alone: so for who works in the school. One
    query."""
    following = _of_school(user, schools_permissions.VIEW_APPLICATIONS) & ~of_own_school(user)
    followed = Case(When(following, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = ranked_applications(user).filter(campaign=campaign).annotate(followed=followed)
    return {row.pk: bool(row.followed) for row in rows.only("pk")}


def _of_school(user: Any, permission: Any) -> Q:
    return Q(school__authority__in=permission.authorities(user)) | Q(school__district__in=permission.districts(user))


def ranked_places(user: Any) -> QuerySet[RankedPlace]:
    """The frozen lists, as `visible_rankings`."""
    return RankedPlace.objects.select_related("application__campaign__authority", "application__school").filter(
        application__in=ranked_applications(user).order_by().values("pk")
    )


def editable_campaigns(user: Any) -> QuerySet[Campaign]:
    """Those a decision may name."""
    rows = Campaign.objects.filter(authority__in=permissions.EDIT.authorities(user))
    return rows.exclude(state=CampaignState.DRAFT).order_by("-school_year", "title", "pk")


def led_applications(user: Any) -> QuerySet[Application]:
    """Those the lead may place against their score."""
    leads = schools_permissions.LEAD_CAMPAIGNS.authorities(user)
    rows = Application.objects.select_related("campaign__authority", "school__commune")
    return rows.filter(campaign__authority__in=leads, state=ApplicationState.SUBMITTED)


def departure_version(application: int) -> str:
    """Of what was done with it against its score; empty before anything was."""
    last = Departure.history.filter(application_id=application).aggregate(last=Max("history_id"))["last"]
    return str(last or "")


def freezing_decision(campaign: Campaign) -> Decision | None:
    """What froze the list."""
    rows = Decision.objects.filter(
        campaign=campaign, effect=DecisionEffect.FREEZES_RANKING, item__meeting__state=MeetingState.CLOSED
    )
    return rows.select_related("item__meeting__committee").order_by("pk").first()


def schools_then(schools: Collection[int], moment: datetime | None) -> dict[int, School]:
    """As their history gives them at that moment, with the name and the UAI they had. One query."""
    if moment is None:
        return {}
    rows = School.history.filter(id__in=schools, history_date__lte=moment).latest_of_each()
    return {row.id: row for row in rows.select_related("commune")}


def proposed_decision(campaign: Campaign) -> Decision | None:
    """The decision of a meeting to come, or being held, that would freeze the list."""
    rows = Decision.objects.filter(campaign=campaign, effect=DecisionEffect.FREEZES_RANKING)
    rows = rows.exclude(item__meeting__state=MeetingState.CLOSED)
    return rows.select_related("item__meeting__committee").order_by("item__meeting__held_on", "pk").first()


def next_meetings(campaign: Campaign, today: date) -> list[Meeting]:
    """Of the committees of the authority, the nearest first."""
    rows = Meeting.objects.filter(committee__authority=campaign.authority, held_on__gte=today)
    return list(
        rows.exclude(state=MeetingState.CLOSED).select_related("committee").order_by("held_on", "committee__name", "pk")
    )


def ranking_key(campaign_pk: int) -> str:
    """How the keys of the works on a ranking begin."""
    return f"campaign-ranking-{campaign_pk}-"


def ranking_jobs(campaign: Campaign) -> list[Job]:
    """Documents of the ranking that wait or are being made."""
    return list(_jobs(campaign).filter(status__in=ACTIVE).order_by("pk"))


def ranking_documents(campaign: Campaign) -> list[Job]:
    """Works done, with the document each made, the latest first."""
    return list(_jobs(campaign).filter(status=JobStatus.SUCCEEDED, document__isnull=False).order_by("-pk")[:10])


def _jobs(campaign: Campaign) -> QuerySet[Job]:
    rows = Job.objects.select_related("document").defer("document__content", "traceback")
    return rows.filter(kind__in=RANKING_KINDS, dedupe_key__startswith=ranking_key(campaign.pk))
