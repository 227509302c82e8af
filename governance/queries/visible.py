"""Which rows a user may see, and which may be chosen as the parent of a new row."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ent.models import Offer
from ent.queries import visible_offers as ent_visible_offers
from equipment.models import RuleSet
from equipment.queries import visible_rule_sets as equipment_visible_rule_sets
from governance import permissions
from governance.enums import MeetingState, RunState, ScenarioState
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
    CouncilReport,
    Decision,
    Funder,
    FundingLine,
    Heading,
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
from plan_numerique.accounts.models import Authority


def _seen(user: Any) -> QuerySet[Authority]:
    return permissions.VIEW.authorities(user)


def editable_authorities(user: Any) -> QuerySet[Authority]:
    return permissions.EDIT.authorities(user)


def visible_plans(user: Any) -> QuerySet[Plan]:
    return (
        Plan.objects.select_related("authority")
        .annotate(scenario_count=Count("scenarios", distinct=True))
        .filter(authority__in=_seen(user))
    )


def editable_plans(user: Any) -> QuerySet[Plan]:
    return Plan.objects.select_related("authority").filter(authority__in=editable_authorities(user))


def visible_phases(user: Any) -> QuerySet[Phase]:
    return Phase.objects.select_related("plan__authority").filter(plan__authority__in=_seen(user))


def visible_plan_commitments(user: Any) -> QuerySet[PlanCommitment]:
    return PlanCommitment.objects.select_related("plan__authority").filter(plan__authority__in=_seen(user))


def visible_scenarios(user: Any) -> QuerySet[Scenario]:
    """With the figures of the latest finished run: `run_ttc`, `run_ht`, `run_grants`, `run_own_share`, `run_net_cost`, `run_id`."""
    latest = BudgetRun.objects.filter(scenario=OuterRef("pk"), state=RunState.DONE).order_by("-number")
    figures = {
        "run_id": "pk",
        "run_ttc": "ttc",
        "run_ht": "ht",
        "run_grants": "grants",
        "run_own_share": "own_share_ht",
        "run_net_cost": "net_cost",
    }
    return (
        Scenario.objects.select_related("plan__authority", "rule_set")
        .defer("rule_set__snapshot")
        .annotate(**{name: Subquery(latest.values(field)[:1]) for name, field in figures.items()})
        .filter(plan__authority__in=_seen(user))
    )


def editable_scenarios(user: Any) -> QuerySet[Scenario]:
    """Those whose data may still change."""
    return Scenario.objects.select_related("plan__authority").filter(
        plan__authority__in=editable_authorities(user), state__in=[ScenarioState.DRAFT, ScenarioState.COMPUTED]
    )


def adoptable_scenarios(user: Any) -> QuerySet[Scenario]:
    return Scenario.objects.select_related("plan__authority").filter(plan__authority__in=editable_authorities(user))


def visible_scenario_caps(user: Any) -> QuerySet[ScenarioCap]:
    return ScenarioCap.objects.select_related("scenario__plan__authority").filter(
        scenario__plan__authority__in=_seen(user)
    )


def visible_scenario_schools(user: Any) -> QuerySet[ScenarioSchool]:
    return ScenarioSchool.objects.select_related("scenario__plan__authority", "school__commune").filter(
        scenario__plan__authority__in=_seen(user)
    )


def visible_stated_perimeters(user: Any) -> QuerySet[StatedPerimeter]:
    return StatedPerimeter.objects.select_related("scenario__plan__authority").filter(
        scenario__plan__authority__in=_seen(user)
    )


def visible_scenario_phases(user: Any) -> QuerySet[ScenarioPhase]:
    return (
        ScenarioPhase.objects.select_related("scenario__plan__authority")
        .prefetch_related("schools")
        .filter(scenario__plan__authority__in=_seen(user))
    )


def visible_lump_sums(user: Any) -> QuerySet[LumpSum]:
    return LumpSum.objects.select_related("scenario__plan__authority").filter(scenario__plan__authority__in=_seen(user))


def visible_recurring_costs(user: Any) -> QuerySet[RecurringCost]:
    return (
        RecurringCost.objects.select_related("scenario__plan__authority", "offer")
        .prefetch_related("schools")
        .filter(scenario__plan__authority__in=_seen(user))
    )


def visible_funders(user: Any) -> QuerySet[Funder]:
    return (
        Funder.objects.select_related("authority")
        .annotate(line_count=Count("funding_lines", distinct=True))
        .filter(authority__in=_seen(user))
    )


def visible_funding_lines(user: Any) -> QuerySet[FundingLine]:
    return FundingLine.objects.select_related("scenario__plan__authority", "funder").filter(
        scenario__plan__authority__in=_seen(user)
    )


def visible_announced_amounts(user: Any) -> QuerySet[AnnouncedAmount]:
    return AnnouncedAmount.objects.select_related("scenario__plan__authority").filter(
        scenario__plan__authority__in=_seen(user)
    )


def visible_budget_runs(user: Any) -> QuerySet[BudgetRun]:
    return (
        BudgetRun.objects.select_related("scenario__plan__authority", "job", "asked_by")
        .defer("input", "job__traceback")
        .filter(scenario__plan__authority__in=_seen(user))
    )


def visible_budget_lines(user: Any) -> QuerySet[BudgetLine]:
    """With `heading_name`, the heading as the authority calls it, where it does."""
    names = Heading.objects.filter(authority=OuterRef("run__scenario__plan__authority"), code=OuterRef("heading"))
    return (
        BudgetLine.objects.select_related("run__scenario__plan__authority", "school")
        .defer("run__input")
        .annotate(heading_name=Coalesce(Subquery(names.values("label")[:1]), "heading"))
        .filter(run__scenario__plan__authority__in=_seen(user))
    )


def visible_budget_schools(user: Any) -> QuerySet[BudgetSchool]:
    return (
        BudgetSchool.objects.select_related("run__scenario__plan__authority", "school")
        .defer("run__input")
        .filter(run__scenario__plan__authority__in=_seen(user))
    )


def visible_council_reports(user: Any) -> QuerySet[CouncilReport]:
    return (
        CouncilReport.objects.select_related("run__scenario__plan__authority", "document")
        .defer("run__input", "document__content")
        .filter(run__scenario__plan__authority__in=_seen(user))
    )


def visible_rule_sets(user: Any) -> QuerySet[RuleSet]:
    return equipment_visible_rule_sets(user)


def visible_offers(user: Any) -> QuerySet[Offer]:
    return ent_visible_offers(user)


def visible_partners(user: Any) -> QuerySet[Partner]:
    return (
        Partner.objects.select_related("authority")
        .annotate(convention_count=Count("conventions", distinct=True))
        .filter(authority__in=_seen(user))
    )


def visible_conventions(user: Any) -> QuerySet[Convention]:
    return (
        Convention.objects.select_related("authority")
        .prefetch_related("partners", "schools")
        .filter(authority__in=_seen(user))
    )


def editable_conventions(user: Any) -> QuerySet[Convention]:
    return Convention.objects.select_related("authority").filter(authority__in=editable_authorities(user))


def visible_convention_commitments(user: Any) -> QuerySet[ConventionCommitment]:
    return ConventionCommitment.objects.select_related("convention__authority").filter(
        convention__authority__in=_seen(user)
    )


def visible_committees(user: Any) -> QuerySet[Committee]:
    return (
        Committee.objects.select_related("authority")
        .annotate(seat_count=Count("seats", distinct=True), meeting_count=Count("meetings", distinct=True))
        .filter(authority__in=_seen(user))
    )


def editable_committees(user: Any) -> QuerySet[Committee]:
    return Committee.objects.select_related("authority").filter(authority__in=editable_authorities(user))


def visible_seats(user: Any) -> QuerySet[Seat]:
    return Seat.objects.select_related("committee__authority").filter(committee__authority__in=_seen(user))


def visible_meetings(user: Any) -> QuerySet[Meeting]:
    return (
        Meeting.objects.select_related("committee__authority")
        .annotate(item_count=Count("items", distinct=True))
        .filter(committee__authority__in=_seen(user))
    )


def editable_meetings(user: Any) -> QuerySet[Meeting]:
    return Meeting.objects.select_related("committee__authority").filter(
        ~Q(state=MeetingState.CLOSED), committee__authority__in=editable_authorities(user)
    )


def visible_agenda_items(user: Any) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.select_related("meeting__committee__authority").filter(
        meeting__committee__authority__in=_seen(user)
    )


def editable_items(user: Any) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.select_related("meeting__committee__authority").filter(
        ~Q(meeting__state=MeetingState.CLOSED), meeting__committee__authority__in=editable_authorities(user)
    )


def visible_decisions(user: Any) -> QuerySet[Decision]:
    return Decision.objects.select_related("item__meeting__committee__authority", "scenario").filter(
        item__meeting__committee__authority__in=_seen(user)
    )


def visible_actions(user: Any) -> QuerySet[Action]:
    return Action.objects.select_related("item__meeting__committee__authority").filter(
        item__meeting__committee__authority__in=_seen(user)
    )
