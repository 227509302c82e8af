import re
from datetime import date

import django_filters
from django.db.models import F, Q, QuerySet
from django.db.models.functions import ExtractYear
from django.utils import timezone

from equipment.enums import Category, DeviceState
from equipment.models import (
    AllocationRule,
    Device,
    ItemType,
    Movement,
    Pack,
    PackLine,
    ParkCount,
    Price,
    Proposal,
    ProposedPack,
    Reservation,
    RuleSet,
)
from equipment.queries import (
    visible_devices,
    visible_item_types,
    visible_packs,
    visible_proposals,
    visible_rule_sets,
)
from plan_numerique.imports.filters import ImportedFilter
from plan_numerique.web.filters import EitherSelect, EntityFilter, PeriodFilter
from schools.enums import DiagnosticState
from schools.models import DiagnosticCampaign
from schools.queries import visible_diagnostic_campaigns, visible_schools

AGES = (
    ("under_3", "Moins de 3 ans"),
    ("3_to_5", "De 3 à 5 ans"),
    ("6_and_over", "6 ans et plus"),
    ("unknown", "Date d'achat inconnue"),
)


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


class ItemTypeFilter(EntityFilter):
    search_fields = ("label", "code", "heading")
    without = ("authority", "code", "label", "heading", "account", "vat_rate", "life_years", "source")
    imported = ImportedFilter()
    hypothesis = django_filters.BooleanFilter(
        field_name="price_hypothesis", label="Prix en hypothèse", method="by_hypothesis"
    )

    class Meta:
        model = ItemType
        fields = ("category", "section", "fctva")

    def by_hypothesis(self, queryset: QuerySet[ItemType], name: str, value: bool) -> QuerySet[ItemType]:
        """Only where the list carries the price in force; the API's rows do too."""
        return queryset.filter(price_hypothesis=value)


class PriceFilter(EntityFilter):
    scoped = {"item_type": visible_item_types}
    without = ("unit_price_ht", "source")
    valid_from = PeriodFilter(label="À compter du")

    class Meta:
        model = Price
        fields = ("item_type", "valid_from", "hypothesis")


class PackFilter(EntityFilter):
    search_fields = ("label", "code", "description")
    without = ("authority", "code", "label", "description", "source")

    class Meta:
        model = Pack
        fields = ()


class PackLineFilter(EntityFilter):
    scoped = {"pack": visible_packs, "item_type": visible_item_types}
    without = ("quantity",)

    class Meta:
        model = PackLine
        fields = ("pack", "item_type")


class RuleSetFilter(EntityFilter):
    search_fields = ("name", "note")
    without = ("authority", "name", "version", "note", "source", "price_date", "locked_by", "snapshot")
    locked = django_filters.BooleanFilter(field_name="locked_at", lookup_expr="isnull", exclude=True, label="Figé")

    class Meta:
        model = RuleSet
        fields = ("school_year",)


class AllocationRuleFilter(EntityFilter):
    scoped = {"rule_set": visible_rule_sets, "pack": visible_packs, "item_type": visible_item_types}
    without = (
        "position", "code", "quantity", "group_size", "max_per_school", "max_members",
        "school_kinds", "sectors", "levels", "class_kinds", "quote", "choice_group",
    )  # fmt: skip

    class Meta:
        model = AllocationRule
        fields = ("rule_set", "pack", "item_type", "per")


class DeviceFilter(EntityFilter):
    search_fields = ("inventory_number", "serial", "item_type__label", "school__name", "school__uai", "place")
    scoped = {"item_type": visible_item_types}
    without = ("authority", "inventory_number", "serial", "room", "place", "purchase_ht", "supplier", "note")
    state = django_filters.MultipleChoiceFilter(label="État", choices=DeviceState.choices)
    category = django_filters.ChoiceFilter(
        field_name="item_type__category", label="Catégorie", choices=Category.choices
    )
    school = django_filters.CharFilter(label="École (nom ou UAI)", method="by_school")
    age = django_filters.ChoiceFilter(label="Âge", choices=AGES, method="by_age")
    acquired_on = PeriodFilter(label="Acquis entre")
    due = django_filters.CharFilter(
        field_name="acquired_on", label="Fin de vie (années)", method="by_due", help_text="Par exemple 2027, 2028."
    )
    no_school = django_filters.BooleanFilter(field_name="school", lookup_expr="isnull", label="Hors des écoles")
    under_warranty = django_filters.BooleanFilter(
        field_name="warranty_until", label="Sous garantie", method="by_warranty"
    )
    imported = ImportedFilter()

    class Meta:
        model = Device
        fields = ("state", "category", "school", "age", "item_type")

    def by_school(self, queryset: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        """Text rather than a list: an intercommunality has three hundred schools, and the page stays light."""
        for word in value.split()[:8]:
            queryset = queryset.filter(Q(school__uai__iexact=word) | Q(school__name__icontains=word))
        return queryset

    def by_due(self, queryset: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        """The year of purchase plus the life of the item."""
        years = {int(year) for year in re.findall(r"(?<![0-9])[12][0-9]{3}(?![0-9])", value)}
        return queryset.alias(due_year=ExtractYear("acquired_on") + F("item_type__life_years")).filter(
            due_year__in=years
        )

    def by_age(self, queryset: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        today = timezone.localdate()
        three, six = years_before(today, 3), years_before(today, 6)
        return queryset.filter(
            **{
                "under_3": {"acquired_on__gt": three},
                "3_to_5": {"acquired_on__lte": three, "acquired_on__gt": six},
                "6_and_over": {"acquired_on__lte": six},
                "unknown": {"acquired_on": None},
            }[value]
        )

    def by_warranty(self, queryset: QuerySet[Device], name: str, value: bool) -> QuerySet[Device]:
        covered = {"warranty_until__gte": timezone.localdate()}
        return queryset.filter(**covered) if value else queryset.exclude(**covered)


class MovementFilter(EntityFilter):
    search_fields = ("device__inventory_number", "reason")
    scoped = {"device": visible_devices, "from_school": visible_schools, "to_school": visible_schools}
    without = ("by", "from_place", "to_place", "reason")
    at = PeriodFilter(label="Date")

    class Meta:
        model = Movement
        fields = ("device", "at", "from_state", "to_state", "from_school", "to_school")


class ParkCountFilter(EntityFilter):
    search_fields = ("label", "source", "note")
    scoped = {"item_type": visible_item_types}
    without = ("authority", "label", "quantity", "as_of", "note", "source", "quote")

    class Meta:
        model = ParkCount
        fields = ("category", "item_type", "approximate")


class ProposalFilter(EntityFilter):
    search_fields = ("diagnostic__school__name", "diagnostic__school__uai", "diagnostic__campaign__title")
    scoped = {"rule_set": visible_rule_sets, "campaign": visible_diagnostic_campaigns}
    without = ("diagnostic",)
    computed_at = PeriodFilter(label="Calculée")
    campaign = django_filters.ModelChoiceFilter(
        field_name="diagnostic__campaign", label="Campagne", queryset=DiagnosticCampaign.objects.none()
    )
    state = django_filters.ChoiceFilter(
        field_name="diagnostic__state", label="Diagnostic", choices=DiagnosticState.choices
    )
    adjusted = django_filters.BooleanFilter(label="Avec des ajustements", method="by_adjusted")

    class Meta:
        model = Proposal
        fields = ("rule_set", "school_year", "computed_at")

    def by_adjusted(self, queryset: QuerySet[Proposal], name: str, value: bool) -> QuerySet[Proposal]:
        changed = ProposedPack.objects.exclude(kept=F("by_rule")).values("proposal")
        return queryset.filter(pk__in=changed) if value else queryset.exclude(pk__in=changed)


class ProposedPackFilter(EntityFilter):
    scoped = {"proposal": visible_proposals, "pack": visible_packs}
    without = ("by_rule", "kept", "reason")

    class Meta:
        model = ProposedPack
        fields = ("proposal", "pack", "rule_code")


class ReservationFilter(EntityFilter):
    search_fields = (
        "device__inventory_number",
        "device__serial",
        "proposal__diagnostic__school__name",
        "release_reason",
    )
    scoped = {"proposal": visible_proposals, "device": visible_devices, "item_type": visible_item_types}
    without = ("by", "released_at", "release_reason")
    reserved_at = PeriodFilter(label="Réservé")
    in_force = django_filters.BooleanFilter(
        field_name="released_at", lookup_expr="isnull", label="En cours", widget=EitherSelect
    )

    class Meta:
        model = Reservation
        fields = ("proposal", "device", "item_type", "reserved_at")


class ReservationListFilter(ReservationFilter):
    """The page's: no choice among all the devices of the park."""

    without = (*ReservationFilter.without, "proposal", "device")

    class Meta:
        model = Reservation
        fields = ("item_type", "reserved_at")


class StockFilter(DeviceFilter):
    reserved = django_filters.BooleanFilter(
        field_name="reserved_diagnostic", lookup_expr="isnull", exclude=True, label="Réservé", widget=EitherSelect
    )
