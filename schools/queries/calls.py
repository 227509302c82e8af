"""What the forms of questionnaires, campaigns and opinions may name, and versions of a questionnaire side by side."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from plan_numerique.accounts.models import Authority
from schools import permissions
from schools.domain import answers as core
from schools.enums import CampaignState, QuestionnaireKind, QuestionnaireState
from schools.models import Campaign, Questionnaire
from schools.queries.answers import questions_of
from schools.queries.applications import applying_schools
from schools.queries.projects import visible_campaigns, visible_questionnaires


def composing_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT_QUESTIONNAIRES.authorities(user).order_by("name", "pk")


def leading_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.LEAD_CAMPAIGNS.authorities(user).order_by("name", "pk")


def draft_questionnaires(user: Any) -> QuerySet[Questionnaire]:
    rows = Questionnaire.objects.filter(authority__in=composing_authorities(user).order_by())
    return rows.filter(state=QuestionnaireState.DRAFT).order_by("title", "-version")


def campaign_questionnaires(user: Any) -> QuerySet[Questionnaire]:
    """Those of applications: in use, or being composed for a campaign in preparation."""
    rows = Questionnaire.objects.filter(authority__in=leading_authorities(user).order_by())
    held = Q(campaigns__isnull=False) | ~Q(state=QuestionnaireState.RETIRED)
    keys = rows.filter(held, kind=QuestionnaireKind.APPLICATION).order_by().values("pk")
    return Questionnaire.objects.filter(pk__in=keys).order_by("title", "-version")


def led_campaigns(user: Any) -> QuerySet[Campaign]:
    rows = Campaign.objects.filter(authority__in=leading_authorities(user).order_by())
    return rows.exclude(state=CampaignState.FROZEN).order_by("-closes_on", "pk")


def open_campaigns(user: Any) -> QuerySet[Campaign]:
    """Open today, where this user may type an application."""
    today, schools = timezone.localdate(), applying_schools(user).order_by().values("authority")
    rows = visible_campaigns(user).filter(state=CampaignState.PUBLISHED, authority__in=schools)
    return rows.filter(opens_on__lte=today, closes_on__gte=today).order_by("closes_on", "pk")


def questionnaires_listed(user: Any) -> QuerySet[Questionnaire]:
    return visible_questionnaires(user).annotate(question_count=Count("questions", distinct=True))


def versions_of_questionnaire(questionnaire: Questionnaire) -> list[Questionnaire]:
    """Of the same code, latest first."""
    rows = Questionnaire.objects.filter(authority=questionnaire.authority_id, code=questionnaire.code)
    return list(rows.annotate(question_count=Count("questions")).order_by("-version"))


def compared_versions(before: Questionnaire, after: Questionnaire) -> tuple[core.Compared, ...]:
    return core.compare(questions_of(before), questions_of(after))
