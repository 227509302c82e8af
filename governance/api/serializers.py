from rest_framework import serializers

from governance import queries
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
from plan_numerique.web.api import EntitySerializer
from schools.queries import visible_classes, visible_schools

OWNED = {"authority": queries.editable_authorities}
OF_PLAN = {"plan": queries.editable_plans}
OF_SCENARIO = {"scenario": queries.editable_scenarios}


class PlanSerializer(EntitySerializer):
    scoped = OWNED

    class Meta:
        model = Plan
        fields = "__all__"


class PhaseSerializer(EntitySerializer):
    scoped = OF_PLAN

    class Meta:
        model = Phase
        fields = "__all__"


class PlanCommitmentSerializer(EntitySerializer):
    scoped = OF_PLAN

    class Meta:
        model = PlanCommitment
        fields = "__all__"


class ScenarioSerializer(EntitySerializer):
    scoped = {**OF_PLAN, "rule_set": queries.visible_rule_sets}

    class Meta:
        model = Scenario
        fields = "__all__"
        read_only_fields = ("state",)


class AdoptionSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ScenarioCapSerializer(EntitySerializer):
    scoped = OF_SCENARIO

    class Meta:
        model = ScenarioCap
        fields = "__all__"


class ScenarioSchoolSerializer(EntitySerializer):
    scoped = {**OF_SCENARIO, "school": visible_schools}

    class Meta:
        model = ScenarioSchool
        fields = "__all__"


class StatedPerimeterSerializer(EntitySerializer):
    scoped = OF_SCENARIO

    class Meta:
        model = StatedPerimeter
        fields = "__all__"


class ScenarioPhaseSerializer(EntitySerializer):
    scoped = {**OF_SCENARIO, "schools": visible_schools, "classes": visible_classes}

    class Meta:
        model = ScenarioPhase
        fields = "__all__"


class LumpSumSerializer(EntitySerializer):
    scoped = OF_SCENARIO

    class Meta:
        model = LumpSum
        fields = "__all__"


class RecurringCostSerializer(EntitySerializer):
    scoped = {**OF_SCENARIO, "schools": visible_schools, "offer": queries.visible_offers}

    class Meta:
        model = RecurringCost
        fields = "__all__"


class FunderSerializer(EntitySerializer):
    scoped = OWNED

    class Meta:
        model = Funder
        fields = "__all__"


class FundingLineSerializer(EntitySerializer):
    scoped = {**OF_SCENARIO, "funder": queries.visible_funders}

    class Meta:
        model = FundingLine
        fields = "__all__"


class AnnouncedAmountSerializer(EntitySerializer):
    scoped = OF_SCENARIO

    class Meta:
        model = AnnouncedAmount
        fields = "__all__"


class BudgetRunSerializer(EntitySerializer):
    class Meta:
        model = BudgetRun
        exclude = ("input",)
        read_only_fields = tuple(field.name for field in BudgetRun._meta.fields if field.name != "input")


class BudgetLineSerializer(EntitySerializer):
    class Meta:
        model = BudgetLine
        fields = "__all__"
        read_only_fields = tuple(field.name for field in BudgetLine._meta.fields)


class BudgetSchoolSerializer(EntitySerializer):
    class Meta:
        model = BudgetSchool
        fields = "__all__"
        read_only_fields = tuple(field.name for field in BudgetSchool._meta.fields)


class PartnerSerializer(EntitySerializer):
    scoped = OWNED

    class Meta:
        model = Partner
        fields = "__all__"


class ConventionSerializer(EntitySerializer):
    scoped = {**OWNED, "partners": queries.visible_partners, "schools": visible_schools}

    class Meta:
        model = Convention
        fields = "__all__"


class ConventionCommitmentSerializer(EntitySerializer):
    scoped = {"convention": queries.editable_conventions}

    class Meta:
        model = ConventionCommitment
        fields = "__all__"


class CommitteeSerializer(EntitySerializer):
    scoped = OWNED

    class Meta:
        model = Committee
        fields = "__all__"


class SeatSerializer(EntitySerializer):
    scoped = {"committee": queries.editable_committees}

    class Meta:
        model = Seat
        fields = "__all__"


class MeetingSerializer(EntitySerializer):
    scoped = {"committee": queries.editable_committees}

    class Meta:
        model = Meeting
        fields = "__all__"
        read_only_fields = ("state",)


class AgendaItemSerializer(EntitySerializer):
    scoped = {"meeting": queries.editable_meetings}

    class Meta:
        model = AgendaItem
        fields = "__all__"


class DecisionSerializer(EntitySerializer):
    scoped = {
        "item": queries.editable_items,
        "scenario": queries.adoptable_scenarios,
        "campaign": queries.editable_campaigns,
    }

    class Meta:
        model = Decision
        fields = "__all__"


class ActionSerializer(EntitySerializer):
    scoped = {"item": queries.editable_items}

    class Meta:
        model = Action
        fields = "__all__"
