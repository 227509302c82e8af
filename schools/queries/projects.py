"""Which rows of questionnaires, campaigns, applications and diagnostics a user may see."""

from typing import Any

from django.db.models import Q, QuerySet

from schools import permissions
from schools.enums import ApplicationState, CampaignState
from schools.models import (
    Application,
    Attachment,
    Campaign,
    Criterion,
    Departure,
    Diagnostic,
    DiagnosticCampaign,
    FrozenYear,
    Mark,
    Opinion,
    Photo,
    Question,
    Questionnaire,
    RollOver,
    RollOverLine,
    School,
    SchoolAssignment,
    SchoolStep,
    Work,
)
from schools.queries.territory import visible_schools, within


def visible_frozen_years(user: Any) -> QuerySet[FrozenYear]:
    return FrozenYear.objects.select_related("authority").filter(authority__in=permissions.VIEW.authorities(user))


def visible_roll_overs(user: Any) -> QuerySet[RollOver]:
    return RollOver.objects.select_related("authority").filter(authority__in=permissions.ROLL_OVER.authorities(user))


def visible_roll_over_lines(user: Any) -> QuerySet[RollOverLine]:
    seen = permissions.ROLL_OVER.authorities(user)
    return RollOverLine.objects.select_related("roll_over__authority", "school").filter(roll_over__authority__in=seen)


def visible_steps(user: Any) -> QuerySet[SchoolStep]:
    return SchoolStep.objects.select_related("school__authority").filter(within(user, permissions.VIEW, "school__"))


def visible_questionnaires(user: Any) -> QuerySet[Questionnaire]:
    """Those of the whole authorities, and for an IEN those of the authorities that have a school of the district."""
    view = permissions.VIEW_QUESTIONNAIRES
    seen = Q(authority__in=view.authorities(user)) | Q(authority__schools__district__in=view.districts(user))
    keys = Questionnaire.objects.filter(seen).order_by().values("pk")
    return Questionnaire.objects.select_related("authority").filter(pk__in=keys)


def visible_questions(user: Any) -> QuerySet[Question]:
    return Question.objects.select_related("questionnaire__authority").filter(
        questionnaire__in=visible_questionnaires(user).order_by().values("pk")
    )


def visible_campaigns(user: Any) -> QuerySet[Campaign]:
    """A campaign being prepared is seen by those who lead it; once published, by whoever sees a school of the authority."""
    leads = permissions.LEAD_CAMPAIGNS.authorities(user)
    view = permissions.VIEW_CAMPAIGNS
    with_schools = visible_schools(user).order_by().values("authority")
    seen = Q(authority__in=view.authorities(user)) | Q(
        authority__in=with_schools, pk__in=Campaign.objects.exclude(state=CampaignState.DRAFT).values("pk")
    )
    published = seen & ~Q(state=CampaignState.DRAFT)
    return Campaign.objects.select_related("authority", "questionnaire").filter(Q(authority__in=leads) | published)


def visible_criteria(user: Any) -> QuerySet[Criterion]:
    return Criterion.objects.select_related("campaign__authority").filter(
        campaign__in=visible_campaigns(user).order_by().values("pk")
    )


def visible_applications(user: Any) -> QuerySet[Application]:
    """A draft is the school's own, and seen by those who may apply in its name."""
    rows = Application.objects.select_related("campaign__authority", "school__authority", "school__commune")
    typed = within(user, permissions.APPLY, "school__")
    sent = within(user, permissions.VIEW_APPLICATIONS, "school__") & ~Q(state=ApplicationState.DRAFT)
    return rows.filter(typed | sent)


def _of_applications(user: Any, path: str = "application") -> Q:
    return Q(**{f"{path}__in": visible_applications(user).order_by().values("pk")})


def visible_attachments(user: Any) -> QuerySet[Attachment]:
    return Attachment.objects.select_related("application__school__authority").filter(_of_applications(user))


def of_own_school(user: Any, school: str = "school") -> Q:
    """Whoever works in a school is of it, whatever other role they hold: they neither judge its application nor read what is kept from it."""
    mine = SchoolAssignment.objects.filter(user=user).values("school") if user.is_authenticated else []
    narrow = permissions.VIEW_APPLICATIONS.narrow_authorities(user)
    return Q(**{f"{school}__in": mine, f"{school}__authority__in": narrow})


def _follows(user: Any) -> Q:
    """What is thought of an application, to those who follow it from the town or the Éducation nationale."""
    view = permissions.VIEW_APPLICATIONS
    wide = Q(application__school__authority__in=view.authorities(user)) | Q(
        application__school__district__in=view.districts(user)
    )
    return wide & ~of_own_school(user, "application__school")


def visible_opinions(user: Any) -> QuerySet[Opinion]:
    """The school reads what is not confidential, once the list is frozen."""
    told = Q(confidential=False, application__campaign__state=CampaignState.FROZEN)
    rows = Opinion.objects.select_related("application__school__authority", "by")
    return rows.filter(_of_applications(user)).filter(_follows(user) | told)


def visible_marks(user: Any) -> QuerySet[Mark]:
    rows = Mark.objects.select_related("application__school__authority", "criterion", "by")
    return rows.filter(_of_applications(user)).filter(_follows(user))


def visible_departures(user: Any) -> QuerySet[Departure]:
    leads = permissions.LEAD_CAMPAIGNS.authorities(user)
    return Departure.objects.select_related("application__school__authority").filter(campaign__authority__in=leads)


def sees_ranking(user: Any, campaign: Campaign) -> bool:
    """Whoever follows applications of the authority, then whoever belongs to it once the list is frozen; never a school (governance ranks)."""
    view = permissions.VIEW_CAMPAIGNS if campaign.state == CampaignState.FROZEN else permissions.VIEW_APPLICATIONS
    if campaign.state == CampaignState.DRAFT or not view.granted(user, campaign.authority):
        return False
    whole = view.authorities(user).filter(pk=campaign.authority_id)
    return (
        whole.exists()
        or School.objects.filter(authority=campaign.authority_id, district__in=view.districts(user)).exists()
    )


def visible_diagnostic_campaigns(user: Any) -> QuerySet[DiagnosticCampaign]:
    """Of the authorities where one sees a diagnostic's school, be it one."""
    view = permissions.VIEW_DIAGNOSTICS
    of_schools = School.objects.filter(within(user, view)).order_by().values("authority")
    seen = Q(authority__in=view.authorities(user)) | Q(authority__in=of_schools)
    return DiagnosticCampaign.objects.select_related("authority", "technical", "pedagogical").filter(seen)


def visible_diagnostics(user: Any) -> QuerySet[Diagnostic]:
    rows = Diagnostic.objects.select_related("campaign__authority", "school__authority", "school__commune")
    return rows.filter(within(user, permissions.VIEW_DIAGNOSTICS, "school__"))


def visible_works(user: Any) -> QuerySet[Work]:
    rows = Work.objects.select_related(
        "diagnostic__school__authority", "diagnostic__school__commune", "diagnostic__campaign", "site"
    )
    return rows.filter(within(user, permissions.VIEW_DIAGNOSTICS, "diagnostic__school__"))


def visible_photos(user: Any) -> QuerySet[Photo]:
    rows = Photo.objects.select_related("diagnostic__school__authority", "document").defer("document__content")
    return rows.filter(within(user, permissions.VIEW_DIAGNOSTICS, "diagnostic__school__"))
