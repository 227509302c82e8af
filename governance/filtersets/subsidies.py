import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.domain.subsidies import SOON
from governance.enums import FunderKind, Section, SubsidyState
from governance.models import (
    Account,
    FundingPosting,
    FundingPreset,
    Heading,
    Subsidy,
    SubsidyDeadline,
    SubsidyStep,
)
from governance.queries import visible_funders, visible_plans, visible_subsidies
from plan_numerique.web.filters import EntityFilter, PeriodFilter

LATE, SOON_DUE, NONE = "late", "soon", "none"


class SubsidyFilter(EntityFilter):
    search_fields = ("label", "reference", "funder__name")
    scoped = {"plan": visible_plans, "funder": visible_funders}
    without = (
        "funding_line", "label", "reference", "base", "eligible_base", "rate", "requested", "granted", "received", "works_start",
        "note", "source", "quote",
    )  # fmt: skip
    state = django_filters.MultipleChoiceFilter(label="État", choices=SubsidyState.choices)
    deadline = django_filters.ChoiceFilter(
        label="Échéance",
        method="by_deadline",
        choices=[(LATE, "En retard"), (SOON_DUE, "Dans les 30 jours"), (NONE, "Sans échéance à venir")],
    )

    class Meta:
        model = Subsidy
        fields = ("plan", "funder", "state")

    def by_deadline(self, queryset: QuerySet[Subsidy], name: str, value: str) -> QuerySet[Subsidy]:
        today = timezone.localdate()
        waiting = Q(deadlines__done_on=None)
        if value == NONE:
            return queryset.exclude(pk__in=Subsidy.objects.filter(waiting, deadlines__isnull=False).values("pk"))
        due = {"due_on__lt": today} if value == LATE else {"due_on__range": (today, today + SOON)}
        found = Subsidy.objects.filter(waiting, **{f"deadlines__{key}": bound for key, bound in due.items()})
        return queryset.filter(pk__in=found.values("pk"))


class SubsidyStepFilter(EntityFilter):
    scoped = {"subsidy": visible_subsidies}
    without = ("amount", "reference", "document", "note")
    on = PeriodFilter(label="Date")

    class Meta:
        model = SubsidyStep
        fields = ("subsidy", "state")


class SubsidyDeadlineFilter(EntityFilter):
    search_fields = ("label", "subsidy__label")
    scoped = {"subsidy": visible_subsidies}
    without = ("label", "note")
    done = django_filters.BooleanFilter(label="Faite", method="only_done")
    due_on = PeriodFilter(label="Échéance")
    done_on = PeriodFilter(label="Faite le")

    class Meta:
        model = SubsidyDeadline
        fields = ("subsidy",)

    def only_done(self, queryset: QuerySet[SubsidyDeadline], name: str, value: bool) -> QuerySet[SubsidyDeadline]:
        return queryset.filter(done_on__isnull=not value)


class FundingPostingFilter(EntityFilter):
    scoped = {"plan": visible_plans}
    without = ("run", "started_on", "posted_on", "online_on", "place", "url")
    due_on = PeriodFilter(label="À afficher avant le")

    class Meta:
        model = FundingPosting
        fields = ("plan",)


class AccountFilter(EntityFilter):
    search_fields = ("code", "label", "source")
    without = ("label", "valid_from", "valid_to", "source")
    section = django_filters.MultipleChoiceFilter(label="Section", choices=Section.choices)
    code = django_filters.CharFilter(label="Compte", lookup_expr="startswith")

    class Meta:
        model = Account
        fields = ("code", "section", "revenue", "fctva", "verified")


class FundingPresetFilter(EntityFilter):
    search_fields = ("label", "note", "source")
    without = (
        "code", "label", "base", "sections", "rate", "tiers", "base_cap_per", "base_cap_amount", "minimum", "cap", "valid_from",
        "valid_to", "note", "source",
    )  # fmt: skip
    kind = django_filters.MultipleChoiceFilter(label="Financeur", choices=FunderKind.choices)

    class Meta:
        model = FundingPreset
        fields = ("kind", "verified")


class HeadingFilter(EntityFilter):
    search_fields = ("code", "label")
    without = ("authority", "code", "label", "source")

    class Meta:
        model = Heading
        fields = ("section", "account")
