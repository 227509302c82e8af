import django_filters
from django.db.models import QuerySet

from governance.enums import (
    CommitteeKind,
    ConventionState,
    FunderKind,
    LineKind,
    MeetingState,
    PartnerKind,
    PlanState,
    RunState,
    ScenarioNature,
    ScenarioState,
    Section,
)
from governance.models import (
    Action,
    AgendaItem,
    AnnouncedAmount,
    BudgetLine,
    BudgetRun,
    BudgetSchool,
    Committee,
    Convention,
    ConventionCommitment,
    Decision,
    Funder,
    FundingLine,
    LumpSum,
    Meeting,
    Partner,
    Phase,
    Plan,
    PlanCommitment,
    RecurringCost,
    Scenario,
    ScenarioCap,
    ScenarioPhase,
    ScenarioSchool,
    Seat,
    StatedPerimeter,
)
from governance.queries import (
    visible_agenda_items,
    visible_budget_runs,
    visible_committees,
    visible_conventions,
    visible_funders,
    visible_meetings,
    visible_offers,
    visible_partners,
    visible_plans,
    visible_rule_sets,
    visible_scenarios,
)
from plan_numerique.web.filters import EntityFilter, PeriodFilter
from schools.queries import visible_campaigns, visible_schools


def _several(label: str, choices: list[tuple[str, str]]) -> django_filters.MultipleChoiceFilter:
    return django_filters.MultipleChoiceFilter(label=label, choices=choices)


class PlanFilter(EntityFilter):
    search_fields = ("name", "period", "summary", "objectives")
    without = ("authority", "name", "starts", "ends", "period", "summary", "objectives", "source")
    state = _several("État", PlanState.choices)

    class Meta:
        model = Plan
        fields = ("state",)


class PhaseFilter(EntityFilter):
    scoped = {"plan": visible_plans}
    without = ("position", "label", "starts", "ends", "description", "source", "quote")

    class Meta:
        model = Phase
        fields = ("plan", "state")


class PlanCommitmentFilter(EntityFilter):
    search_fields = ("text",)
    scoped = {"plan": visible_plans}
    without = ("position", "text", "source", "quote")

    class Meta:
        model = PlanCommitment
        fields = ("plan", "topic")


class ScenarioFilter(EntityFilter):
    search_fields = ("name", "plan__name", "hypothesis")
    scoped = {"plan": visible_plans, "rule_set": visible_rule_sets}
    without = (
        "name", "hypothesis", "last_exercise", "price_revision_rate", "fill_gaps", "yearly_cap_ttc", "payment_schedule",
        "fctva_rate", "fctva_lag_years", "simulation_notice", "source", "quote",
    )  # fmt: skip
    state = _several("État", ScenarioState.choices)
    nature = _several("Nature", ScenarioNature.choices)

    class Meta:
        model = Scenario
        fields = ("plan", "state", "nature", "strategy", "first_exercise", "school_year", "rule_set", "renewals")


class ScenarioCapFilter(EntityFilter):
    scoped = {"scenario": visible_scenarios}
    without = ("amount",)

    class Meta:
        model = ScenarioCap
        fields = ("scenario", "exercise")


class ScenarioSchoolFilter(EntityFilter):
    search_fields = ("school__name", "school__uai")
    scoped = {"scenario": visible_scenarios, "school": visible_schools}

    class Meta:
        model = ScenarioSchool
        fields = ("scenario", "school", "priority_rank", "group")


class StatedPerimeterFilter(EntityFilter):
    scoped = {"scenario": visible_scenarios}
    without = ("code", "label", "schools_count", "pupils", "note", "source", "quote")

    class Meta:
        model = StatedPerimeter
        fields = ("scenario", "kind")


class ScenarioPhaseFilter(EntityFilter):
    scoped = {"scenario": visible_scenarios, "schools": visible_schools}
    without = ("position", "levels", "classes")

    class Meta:
        model = ScenarioPhase
        fields = ("scenario", "exercise", "covers_all", "schools", "school_year")


class LumpSumFilter(EntityFilter):
    search_fields = ("label", "heading", "account")
    scoped = {"scenario": visible_scenarios}
    without = ("code", "label", "amount_ht", "vat_rate", "note", "source", "quote")

    class Meta:
        model = LumpSum
        fields = ("scenario", "heading", "section", "account", "exercise", "school_year", "fctva")


class RecurringCostFilter(EntityFilter):
    search_fields = ("label", "heading", "payer")
    scoped = {"scenario": visible_scenarios, "schools": visible_schools, "offer": visible_offers}
    without = ("code", "label", "unit_price_ht", "vat_rate", "exercises", "source", "quote")

    class Meta:
        model = RecurringCost
        fields = ("scenario", "per", "heading", "section", "account", "payer", "schools", "offer")


class FunderFilter(EntityFilter):
    search_fields = ("name", "frame", "note")
    without = ("authority", "name", "frame", "note", "source")
    kind = _several("Nature", FunderKind.choices)

    class Meta:
        model = Funder
        fields = ("kind",)


class FundingLineFilter(EntityFilter):
    scoped = {"scenario": visible_scenarios, "funder": visible_funders}
    without = (
        "position", "code", "headings", "sections", "rate", "amount", "tiers", "base_cap_per", "base_cap_amount", "minimum",
        "cap", "source", "quote",
    )  # fmt: skip

    class Meta:
        model = FundingLine
        fields = ("scenario", "funder", "state", "base")


class AnnouncedAmountFilter(EntityFilter):
    scoped = {"scenario": visible_scenarios}
    without = ("position", "key", "label", "amount", "source", "quote")

    class Meta:
        model = AnnouncedAmount
        fields = ("scenario", "approximate")


class BudgetRunFilter(EntityFilter):
    scoped = {"scenario": visible_scenarios}
    without = (
        "number", "job", "asked_by", "input", "input_digest", "result_digest", "started_at", "finished_at", "message", "ht",
        "vat", "ttc", "grants", "own_share_base", "own_share_ht", "own_share_rate", "fctva", "net_cost", "schools_entered",
        "classes_entered", "pupils_entered", "findings_count",
    )  # fmt: skip
    state = _several("État", RunState.choices)

    class Meta:
        model = BudgetRun
        fields = ("scenario", "state")


class BudgetLineFilter(EntityFilter):
    search_fields = ("label", "code", "heading", "school__name", "school_code", "payer")
    scoped = {"school": visible_schools, "run": visible_budget_runs}
    without = ("run", "phase", "school_code", "label", "quantity", "unit_price_ht", "ht", "vat", "ttc")
    heading = django_filters.CharFilter(label="Poste")
    code = django_filters.CharFilter(label="Code de l'article ou du coût")
    kind = _several("Nature", LineKind.choices)
    section = _several("Section", Section.choices)

    class Meta:
        model = BudgetLine
        fields = ("exercise", "heading", "section", "account", "payer", "kind", "renewal", "school")


class RunLineFilter(BudgetLineFilter):
    without = tuple(name for name in BudgetLineFilter.without if name != "run")

    class Meta(BudgetLineFilter.Meta):
        fields = ("run", *BudgetLineFilter.Meta.fields)


class BudgetSchoolFilter(EntityFilter):
    search_fields = ("label", "code", "place")
    scoped = {"run": visible_budget_runs}
    without = ("run", "school", "code", "label", "place", "stated", "reason", "classes", "pupils", "ht", "vat", "ttc")
    entered = django_filters.BooleanFilter(label="Entre dans le plan", method="only_entered")
    qpv = django_filters.BooleanFilter(label="Quartier prioritaire (QPV)", field_name="school__priority_district")

    class Meta:
        model = BudgetSchool
        fields = ("exercise_entered",)

    def only_entered(self, queryset: QuerySet[BudgetSchool], name: str, value: bool) -> QuerySet[BudgetSchool]:
        return queryset.filter(exercise_entered__isnull=not value)


class RunSchoolFilter(BudgetSchoolFilter):
    without = tuple(name for name in BudgetSchoolFilter.without if name != "run")

    class Meta(BudgetSchoolFilter.Meta):
        fields = ("run", *BudgetSchoolFilter.Meta.fields)


class PartnerFilter(EntityFilter):
    search_fields = ("name", "role")
    without = ("authority", "name", "role", "source")
    kind = _several("Nature", PartnerKind.choices)

    class Meta:
        model = Partner
        fields = ("kind",)


class ConventionFilter(EntityFilter):
    search_fields = ("title", "purpose", "other_parties", "partners__name")
    scoped = {"partners": visible_partners, "schools": visible_schools}
    without = (
        "authority", "title", "other_parties", "purpose", "starts_on", "ends_on", "approved_on", "signed_on", "note", "source",
        "quote",
    )  # fmt: skip
    state = _several("État", ConventionState.choices)

    class Meta:
        model = Convention
        fields = ("state", "partners", "school_year", "schools")

    def search(self, queryset: QuerySet[Convention], name: str, value: str) -> QuerySet[Convention]:
        return super().search(queryset, name, value).distinct()


class ConventionCommitmentFilter(EntityFilter):
    search_fields = ("party", "text")
    scoped = {"convention": visible_conventions}
    without = ("position", "party", "text", "source", "quote")

    class Meta:
        model = ConventionCommitment
        fields = ("convention", "domain")


class CommitteeFilter(EntityFilter):
    search_fields = ("name", "role", "frequency")
    without = (
        "authority", "name", "role", "frequency", "meetings_per_year_min", "meetings_per_year_max", "source", "quote",
    )  # fmt: skip
    kind = _several("Nature", CommitteeKind.choices)

    class Meta:
        model = Committee
        fields = ("kind",)


class SeatFilter(EntityFilter):
    search_fields = ("college", "holder_title", "person_name")
    scoped = {"committee": visible_committees}
    without = ("position", "college", "holder_title", "person_name", "starts_on", "ends_on")

    class Meta:
        model = Seat
        fields = ("committee",)


class MeetingFilter(EntityFilter):
    search_fields = ("committee__name", "place", "notes")
    scoped = {"committee": visible_committees}
    without = ("place", "notes")
    state = _several("État", MeetingState.choices)
    held_on = PeriodFilter(label="Date")

    class Meta:
        model = Meeting
        fields = ("committee", "state")


class AgendaItemFilter(EntityFilter):
    search_fields = ("title", "discussion")
    scoped = {"meeting": visible_meetings}
    without = ("position", "title", "discussion")

    class Meta:
        model = AgendaItem
        fields = ("meeting",)


class DecisionFilter(EntityFilter):
    search_fields = ("text",)
    scoped = {"item": visible_agenda_items, "scenario": visible_scenarios, "campaign": visible_campaigns}
    without = ("text",)

    class Meta:
        model = Decision
        fields = ("item", "effect", "scenario", "campaign")


class ActionFilter(EntityFilter):
    search_fields = ("label", "owner", "item__title")
    scoped = {"item": visible_agenda_items}
    without = ("item", "label", "owner")
    done = django_filters.BooleanFilter(label="Faite", method="only_done")
    due_on = PeriodFilter(label="Échéance")
    done_on = PeriodFilter(label="Faite le")

    class Meta:
        model = Action
        fields: tuple[str, ...] = ()

    def only_done(self, queryset: QuerySet[Action], name: str, value: bool) -> QuerySet[Action]:
        return queryset.filter(done_on__isnull=not value)


class ItemActionFilter(ActionFilter):
    without = tuple(name for name in ActionFilter.without if name != "item")

    class Meta(ActionFilter.Meta):
        fields = ("item",)
