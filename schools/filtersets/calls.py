from typing import Any

import django_filters
from django.db.models import Q

from plan_numerique.accounts.queries import visible_districts
from plan_numerique.web.filters import EntityFilter
from schools.enums import ApplicationState, CampaignState, QuestionnaireState, Stage, Verdict
from schools.filtersets.territory import offer_school_years
from schools.models import (
    Application,
    Attachment,
    Campaign,
    Criterion,
    Mark,
    Opinion,
    Question,
    Questionnaire,
    School,
)
from schools.queries import (
    UNSENT,
    VERDICTS,
    given_since_sent,
    visible_applications,
    visible_campaigns,
    visible_communes,
    visible_criteria,
    visible_opinions,
    visible_questionnaires,
    visible_schools,
)


class QuestionnaireFilter(EntityFilter):
    search_fields = ("title", "code")
    without = ("authority", "title", "version", "intro", "source")

    state = django_filters.MultipleChoiceFilter(label="État", choices=QuestionnaireState.choices)

    class Meta:
        model = Questionnaire
        fields = ("kind", "state", "code")


class QuestionFilter(EntityFilter):
    search_fields = ("text", "section", "code")
    scoped = {"questionnaire": visible_questionnaires}
    without = ("position", "section", "text", "help", "options", "unit", "lowest", "highest")

    class Meta:
        model = Question
        fields = ("questionnaire", "kind", "required", "code")


class CampaignFilter(EntityFilter):
    search_fields = ("title", "presentation")
    scoped = {"questionnaire": visible_questionnaires}
    without = (
        "authority",
        "title",
        "presentation",
        "opens_on",
        "closes_on",
        "opinions_due_on",
        "places",
        "tie_rule",
        "frozen_at",
        "frozen_by",
        "source",
    )

    school_year = django_filters.ChoiceFilter(label="Rentrée visée")
    state = django_filters.MultipleChoiceFilter(label="État", choices=CampaignState.choices)

    class Meta:
        model = Campaign
        fields = ("state", "school_year", "questionnaire")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_school_years(self)


class CriterionFilter(EntityFilter):
    search_fields = ("label",)
    scoped = {"campaign": visible_campaigns}
    without = ("position", "label", "help", "weight", "floor_value", "full_value", "default_value")

    class Meta:
        model = Criterion
        fields = ("campaign", "kind")


class ApplicationFilter(EntityFilter):
    """Opinions are filtered among those that the user sees (annotations of `applications_listed`)."""

    search_fields = ("school__name", "school__uai", "school__commune__name", "project")
    scoped = {
        "campaign": visible_campaigns,
        "school": visible_schools,
        "commune": visible_communes,
        "district": visible_districts,
    }
    without = ("project", "summary", "classes", "volunteers", "submitted_at", "submitted_by", "letter")

    state = django_filters.MultipleChoiceFilter(label="État", choices=ApplicationState.choices)
    missing = django_filters.ChoiceFilter(label="Avis manquant", choices=Stage.choices, method="without_opinion")
    verdict = django_filters.ChoiceFilter(label="Avis donné", choices=Verdict.choices, method="with_verdict")
    commune = django_filters.ModelChoiceFilter(label="Commune", field_name="school__commune")
    district = django_filters.ModelChoiceFilter(label="Circonscription", field_name="school__district")

    class Meta:
        model = Application
        fields = ("campaign", "state", "missing", "verdict", "commune", "district", "school")

    def without_opinion(self, queryset: Any, name: str, value: str) -> Any:
        given = given_since_sent(visible_opinions(self.request.user), value)
        return queryset.exclude(state__in=UNSENT).exclude(pk__in=given)

    def with_verdict(self, queryset: Any, name: str, value: str) -> Any:
        given = Q()
        for column in VERDICTS.values():
            given |= Q(**{column: value})
        return queryset.filter(given)


class DueFilter(EntityFilter):
    """Of the pile of opinions to give."""

    search_fields = ("school__name", "school__uai", "school__commune__name", "project")
    scoped = {"campaign": visible_campaigns, "commune": visible_communes}
    without = (
        "school",
        "state",
        "project",
        "summary",
        "classes",
        "volunteers",
        "submitted_at",
        "submitted_by",
        "letter",
    )

    commune = django_filters.ModelChoiceFilter(label="Commune", field_name="school__commune")

    class Meta:
        model = Application
        fields = ("campaign", "commune")


class SilentFilter(EntityFilter):
    """Of the schools that have sent nothing."""

    search_fields = ("name", "uai", "commune__name")
    scoped = {"commune": visible_communes, "district": visible_districts}
    without = (
        "authority",
        "uai",
        "name",
        "kind",
        "sector",
        "status",
        "address",
        "postcode",
        "latitude",
        "longitude",
        "priority_district",
        "education_priority",
        "source",
    )

    class Meta:
        model = School
        fields = ("commune", "district")


class AttachmentFilter(EntityFilter):
    scoped = {"application": visible_applications}
    without = ("document", "caption")

    class Meta:
        model = Attachment
        fields = ("application",)


class OpinionFilter(EntityFilter):
    scoped = {"application": visible_applications}
    without = ("text", "by", "given_at")

    class Meta:
        model = Opinion
        fields = ("application", "stage", "verdict", "confidential")


class MarkFilter(EntityFilter):
    scoped = {"application": visible_applications, "criterion": visible_criteria}
    without = ("value", "reason", "by")

    class Meta:
        model = Mark
        fields = ("application", "criterion")
