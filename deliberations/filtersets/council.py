from datetime import date
from functools import reduce
from operator import and_

import django_filters
from django.db.models import Q, QuerySet

from deliberations import queries
from deliberations.domain.actes import MATTERS, THEMES
from deliberations.enums import ActState
from deliberations.models import (
    Act,
    ActClause,
    ActIdentifier,
    Assembly,
    AttendanceChange,
    Ballot,
    LegalSetting,
    Mandate,
    PassageRange,
    Presence,
    Proxy,
    Reporter,
    Secretary,
    Sitting,
    StatedAmount,
    StatedBudget,
    StatedBudgetLine,
    StatedGrant,
    StatedProduct,
    Vote,
)
from governance.queries import visible_plans, visible_scenarios
from plan_numerique.imports.filters import ImportedFilter
from plan_numerique.web.filters import EntityFilter, YearFilter

MATTER_CHOICES = [
    (theme, [(code, f"{code} {label}") for code, label in MATTERS.items() if code.split(".")[0] == number])
    for number, theme in THEMES.items()
]


class LegalSettingFilter(EntityFilter):
    search_fields = ("article", "source")
    without = ("value", "unit", "valid_from", "valid_to", "source")

    article = django_filters.CharFilter(label="Article", lookup_expr="icontains")

    class Meta:
        model = LegalSetting
        fields = ("code", "article", "verified")


class AssemblyFilter(EntityFilter):
    search_fields = ("name",)
    without = ("authority", "name", "number_format", "note")

    class Meta:
        model = Assembly
        fields = ("kind", "regime", "publication")


class MandateFilter(EntityFilter):
    search_fields = ("display_name", "function", "group")
    scoped = {"assembly": queries.visible_assemblies}
    without = (
        "display_name", "civility", "initials", "first_name", "last_name", "rank", "alternate_for", "replaces", "starts_on",
        "ends_on",
    )  # fmt: skip

    function = django_filters.CharFilter(label="Fonction", lookup_expr="icontains")
    group = django_filters.CharFilter(label="Groupe politique", lookup_expr="icontains")
    commune = django_filters.CharFilter(label="Commune", lookup_expr="icontains")
    imported = ImportedFilter()
    in_office = django_filters.DateFilter(label="En exercice le", method="in_office_on")

    class Meta:
        model = Mandate
        fields = ("assembly", "in_office", "function", "group", "side", "commune", "end_reason")

    def in_office_on(self, queryset: QuerySet[Mandate], name: str, day: date) -> QuerySet[Mandate]:
        return queryset.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day))


class SittingFilter(EntityFilter):
    search_fields = ("assembly__name", "place", "source")
    scoped = {"assembly": queries.visible_assemblies}
    without = (
        "held_at", "convened_on", "place", "chair", "chair_quality", "in_office", "present", "absent", "excused",
        "represented", "stated_quorum", "counts_note", "members_complete", "members_note", "passage_note", "source",
        "first_sitting", "urgency_reason", "opened_at", "closed_at", "sequence", "minutes", "minutes_approved_in",
    )  # fmt: skip

    held_on = YearFilter(label="Année", field_name="held_on")

    class Meta:
        model = Sitting
        fields = ("assembly", "held_on", "state", "urgent", "second_convocation", "closed_doors", "past")


class ActFilter(EntityFilter):
    """`year` is that of the sitting; the search reads the text of the act too."""

    search_fields = ("number", "title", "stated_object", "matter_label", "service")
    scoped = {"assembly": queries.visible_assemblies, "plan": visible_plans, "scenario": visible_scenarios}
    without = (
        "number", "passage", "title", "title_note", "stated_object", "matter_label", "commissions", "service", "signatory",
        "signatory_name", "signatory_quality", "transmitted_on", "received_on", "posted_on", "published_on",
        "transmission_channel", "dates_note", "identifiers_note", "source", "summary_note", "examined_at", "chair",
    )  # fmt: skip

    assembly = django_filters.ModelChoiceFilter(
        label="Assemblée", field_name="sitting__assembly", queryset=Assembly.objects.none()
    )
    state = django_filters.MultipleChoiceFilter(label="État", choices=ActState.choices)
    year = YearFilter(label="Année", field_name="sitting__held_on")
    matter_code = django_filters.ChoiceFilter(label="Matière", choices=MATTER_CHOICES, method="in_matter")

    class Meta:
        model = Act
        fields = (
            "assembly", "state", "year", "matter_code", "kind", "nature", "added_in_sitting", "plan", "scenario",
        )  # fmt: skip

    def in_matter(self, queryset: QuerySet[Act], name: str, value: str) -> QuerySet[Act]:
        return queryset.filter(Q(matter_code=value) | Q(matter_code__startswith=f"{value}."))

    def search(self, queryset: QuerySet[Act], name: str, value: str) -> QuerySet[Act]:
        words = value.split()[:8]
        if not words:
            return queryset
        clauses = reduce(and_, (Q(text__icontains=word) for word in words))
        found = super().search(queryset, name, value).values("pk")
        return queryset.filter(Q(pk__in=found) | Q(pk__in=ActClause.objects.filter(clauses).values("act")))


class PresenceFilter(EntityFilter):
    scoped = {"sitting": queries.visible_sittings, "mandate": queries.visible_mandates}
    without = ("stated_as", "position")

    class Meta:
        model = Presence
        fields = ("sitting", "mandate", "state")


class ProxyFilter(EntityFilter):
    scoped = {
        "sitting": queries.visible_sittings,
        "giver": queries.visible_mandates,
        "holder": queries.visible_mandates,
    }
    without = ("reason", "received_on", "from_act", "until_act")

    class Meta:
        model = Proxy
        fields = ("sitting", "giver", "holder", "state")


class SecretaryFilter(EntityFilter):
    scoped = {"sitting": queries.visible_sittings, "mandate": queries.visible_mandates}
    without = ("position", "published_name")

    class Meta:
        model = Secretary
        fields = ("sitting", "mandate")


class AttendanceChangeFilter(EntityFilter):
    scoped = {"sitting": queries.visible_sittings, "act": queries.visible_acts, "mandate": queries.visible_mandates}
    without = ("at", "quote", "source")

    class Meta:
        model = AttendanceChange
        fields = ("sitting", "act", "mandate", "event")


class PassageRangeFilter(EntityFilter):
    scoped = {"sitting": queries.visible_sittings}
    without = ("position", "first", "last")

    class Meta:
        model = PassageRange
        fields = ("sitting", "kind")


class ReporterFilter(EntityFilter):
    scoped = {"act": queries.visible_acts, "mandate": queries.visible_mandates}
    without = ("position", "published_name")

    class Meta:
        model = Reporter
        fields = ("act", "mandate")


class ActClauseFilter(EntityFilter):
    search_fields = ("text", "verb")
    scoped = {"act": queries.visible_acts}
    without = ("position", "level", "verb", "text", "rich")

    class Meta:
        model = ActClause
        fields = ("act", "kind")


class ActIdentifierFilter(EntityFilter):
    search_fields = ("value",)
    scoped = {"act": queries.visible_acts}
    without = ("quote",)

    value = django_filters.CharFilter(label="Identifiant")

    class Meta:
        model = ActIdentifier
        fields = ("act", "kind", "value")


class BallotFilter(EntityFilter):
    scoped = {"act": queries.visible_acts}
    without = (
        "for_count", "against_count", "abstain_count", "not_voting_count", "voices", "chair_vote", "stated_result_text",
        "named_choices", "names_cover_proxies", "others_voted", "others_voted_note", "note", "requested_by", "blank_count",
        "proclaimed_at",
    )  # fmt: skip

    class Meta:
        model = Ballot
        fields = ("act", "mode", "secret", "public", "stated_result")


class VoteFilter(EntityFilter):
    scoped = {"ballot": queries.visible_ballots, "mandate": queries.visible_mandates}
    without = ("with_proxy", "position")

    class Meta:
        model = Vote
        fields = ("ballot", "mandate", "choice")


class StatedAmountFilter(EntityFilter):
    search_fields = ("label", "quote")
    scoped = {"act": queries.visible_acts}
    without = ("position", "label", "stated", "computed", "key", "note", "quote", "source")

    class Meta:
        model = StatedAmount
        fields = ("act", "tax_basis")


class StatedBudgetFilter(EntityFilter):
    scoped = {"act": queries.visible_acts}
    without = ("total_ht", "total_ttc", "vat_rate", "vat_note")

    class Meta:
        model = StatedBudget
        fields = ("act",)


class StatedBudgetLineFilter(EntityFilter):
    scoped = {"budget": queries.visible_stated_budgets}
    without = ("position", "label", "ht", "vat_rate", "ttc")

    class Meta:
        model = StatedBudgetLine
        fields = ("budget",)


class StatedGrantFilter(EntityFilter):
    search_fields = ("funder",)
    scoped = {"act": queries.visible_acts}
    without = ("position", "funder", "rate", "base", "amount")

    class Meta:
        model = StatedGrant
        fields = ("act",)


class StatedProductFilter(EntityFilter):
    search_fields = ("label",)
    scoped = {"act": queries.visible_acts}
    without = (
        "position", "label", "unit", "quantity", "vat_rate", "total_ht", "total_ttc", "quote", "source",
    )  # fmt: skip

    class Meta:
        model = StatedProduct
        fields = ("act", "approximate")
