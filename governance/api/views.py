from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from governance import filtersets, permissions, queries, services, tasks
from governance.api import serializers
from governance.api.board import BoardActions
from governance.api.comparison import ComparisonAction
from governance.api.diagnosed import DiagnosticsAction
from governance.models import Scenario
from plan_numerique.accounts.access import Permission
from plan_numerique.jobs.api import JobSerializer
from plan_numerique.web.api import EntityViewSet


class GovernanceViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT


class OwnedViewSet(GovernanceViewSet):
    save_service, delete_service = staticmethod(services.save_owned), staticmethod(services.delete_owned)


class PlanViewSet(OwnedViewSet):
    rows = staticmethod(queries.visible_plans)
    serializer_class, filterset_class = serializers.PlanSerializer, filtersets.PlanFilter


class FunderViewSet(OwnedViewSet):
    rows = staticmethod(queries.visible_funders)
    serializer_class, filterset_class = serializers.FunderSerializer, filtersets.FunderFilter


class PartnerViewSet(OwnedViewSet):
    rows = staticmethod(queries.visible_partners)
    serializer_class, filterset_class = serializers.PartnerSerializer, filtersets.PartnerFilter


class CommitteeViewSet(OwnedViewSet):
    rows = staticmethod(queries.visible_committees)
    serializer_class, filterset_class = serializers.CommitteeSerializer, filtersets.CommitteeFilter


class PlanPartViewSet(GovernanceViewSet):
    authority_path = "plan__authority"
    save_service, delete_service = staticmethod(services.save_plan_part), staticmethod(services.delete_plan_part)


class PhaseViewSet(PlanPartViewSet):
    rows = staticmethod(queries.visible_phases)
    serializer_class, filterset_class = serializers.PhaseSerializer, filtersets.PhaseFilter


class PlanCommitmentViewSet(PlanPartViewSet):
    rows = staticmethod(queries.visible_plan_commitments)
    serializer_class, filterset_class = serializers.PlanCommitmentSerializer, filtersets.PlanCommitmentFilter


class ScenarioViewSet(BoardActions, DiagnosticsAction, ComparisonAction, GovernanceViewSet):
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_scenarios)
    serializer_class, filterset_class = serializers.ScenarioSerializer, filtersets.ScenarioFilter
    save_service, delete_service = staticmethod(services.save_scenario), staticmethod(services.delete_scenario)
    command_permissions: ClassVar[dict[str, Permission]] = {
        "compute": permissions.COMPUTE,
        "report": permissions.REPORT,
        "adopt": permissions.ADOPT,
        "place": permissions.EDIT,
        "fill": permissions.EDIT,
        "take_diagnostics": permissions.STEER,
    }

    def check_permissions(self, request: Request) -> None:
        """A command asks for its own right, on the scenario itself."""
        if self.action in self.command_permissions:
            if not self.command_permissions[self.action].anywhere(request.user):
                raise PermissionDenied
            return
        super().check_permissions(request)

    def _commanded(self) -> Scenario:
        scenario: Scenario = self.get_object()
        if not self.command_permissions[self.action].granted(self.request.user, scenario.plan.authority):
            raise PermissionDenied
        return scenario

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, pk: Any = None) -> Response:
        """Lance le calcul du budget ; la réponse est la tâche à suivre."""
        scenario = self._commanded()
        services.require_open(scenario)
        job = tasks.start_budget_run(scenario=scenario, by=request.user)
        return Response(JobSerializer(job, context=self.get_serializer_context()).data, status=202)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: Any = None) -> Response:
        """Établit le rapport pour le conseil ; la réponse est la tâche à suivre."""
        job = tasks.start_council_report(scenario=self._commanded(), by=request.user)
        return Response(JobSerializer(job, context=self.get_serializer_context()).data, status=202)

    @extend_schema(request=serializers.AdoptionSerializer, responses=serializers.ScenarioSerializer)
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: Any = None) -> Response:
        """Arrête le programme : ce scénario est adopté. Un avenant dit son motif."""
        scenario = self._commanded()
        given = serializers.AdoptionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        adopted = services.adopt_scenario(scenario=scenario, by=request.user, **given.validated_data)
        return Response(self.get_serializer(adopted).data)

    @extend_schema(responses={200: {"type": "object"}})
    @action(detail=True, methods=["get"])
    def document(self, request: Request, pk: Any = None) -> Response:
        """Les données du scénario, telles que le calculateur les lit."""
        return Response(queries.scenario_document(self.get_object()))


class ScenarioPartViewSet(GovernanceViewSet):
    authority_path = "scenario__plan__authority"
    save_service = staticmethod(services.save_scenario_part)
    delete_service = staticmethod(services.delete_scenario_part)


class ScenarioCapViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_scenario_caps)
    serializer_class, filterset_class = serializers.ScenarioCapSerializer, filtersets.ScenarioCapFilter


class ScenarioSchoolViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_scenario_schools)
    serializer_class, filterset_class = serializers.ScenarioSchoolSerializer, filtersets.ScenarioSchoolFilter


class StatedPerimeterViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_stated_perimeters)
    serializer_class, filterset_class = serializers.StatedPerimeterSerializer, filtersets.StatedPerimeterFilter


class ScenarioPhaseViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_scenario_phases)
    serializer_class, filterset_class = serializers.ScenarioPhaseSerializer, filtersets.ScenarioPhaseFilter


class LumpSumViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_lump_sums)
    serializer_class, filterset_class = serializers.LumpSumSerializer, filtersets.LumpSumFilter


class RecurringCostViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_recurring_costs)
    serializer_class, filterset_class = serializers.RecurringCostSerializer, filtersets.RecurringCostFilter


class FundingLineViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_funding_lines)
    serializer_class, filterset_class = serializers.FundingLineSerializer, filtersets.FundingLineFilter


class AnnouncedAmountViewSet(ScenarioPartViewSet):
    rows = staticmethod(queries.visible_announced_amounts)
    serializer_class, filterset_class = serializers.AnnouncedAmountSerializer, filtersets.AnnouncedAmountFilter


class ResultViewSet(EntityViewSet):
    """Results are read, never written."""

    permission = permissions.VIEW
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]


class BudgetRunViewSet(ResultViewSet):
    authority_path = "scenario__plan__authority"
    rows = staticmethod(queries.visible_budget_runs)
    serializer_class, filterset_class = serializers.BudgetRunSerializer, filtersets.BudgetRunFilter


class BudgetLineViewSet(ResultViewSet):
    authority_path = "run__scenario__plan__authority"
    rows = staticmethod(queries.visible_budget_lines)
    serializer_class, filterset_class = serializers.BudgetLineSerializer, filtersets.RunLineFilter


class BudgetSchoolViewSet(ResultViewSet):
    authority_path = "run__scenario__plan__authority"
    rows = staticmethod(queries.visible_budget_schools)
    serializer_class, filterset_class = serializers.BudgetSchoolSerializer, filtersets.RunSchoolFilter


class ConventionViewSet(GovernanceViewSet):
    rows = staticmethod(queries.visible_conventions)
    serializer_class, filterset_class = serializers.ConventionSerializer, filtersets.ConventionFilter
    save_service, delete_service = staticmethod(services.save_convention), staticmethod(services.delete_owned)


class ConventionCommitmentViewSet(GovernanceViewSet):
    authority_path = "convention__authority"
    rows = staticmethod(queries.visible_convention_commitments)
    serializer_class = serializers.ConventionCommitmentSerializer
    filterset_class = filtersets.ConventionCommitmentFilter
    save_service = staticmethod(services.save_convention_part)
    delete_service = staticmethod(services.delete_convention_part)


class SeatViewSet(GovernanceViewSet):
    authority_path = "committee__authority"
    rows = staticmethod(queries.visible_seats)
    serializer_class, filterset_class = serializers.SeatSerializer, filtersets.SeatFilter
    save_service = staticmethod(services.save_committee_part)
    delete_service = staticmethod(services.delete_committee_part)


class MeetingViewSet(GovernanceViewSet):
    authority_path = "committee__authority"
    rows = staticmethod(queries.visible_meetings)
    serializer_class, filterset_class = serializers.MeetingSerializer, filtersets.MeetingFilter
    save_service, delete_service = staticmethod(services.save_meeting), staticmethod(services.delete_meeting)


class AgendaItemViewSet(GovernanceViewSet):
    authority_path = "meeting__committee__authority"
    rows = staticmethod(queries.visible_agenda_items)
    serializer_class, filterset_class = serializers.AgendaItemSerializer, filtersets.AgendaItemFilter
    save_service, delete_service = staticmethod(services.save_agenda_item), staticmethod(services.delete_agenda_item)


class DecisionViewSet(GovernanceViewSet):
    authority_path = "item__meeting__committee__authority"
    rows = staticmethod(queries.visible_decisions)
    serializer_class, filterset_class = serializers.DecisionSerializer, filtersets.DecisionFilter
    save_service, delete_service = staticmethod(services.save_decision), staticmethod(services.delete_decision)


class ActionViewSet(GovernanceViewSet):
    authority_path = "item__meeting__committee__authority"
    rows = staticmethod(queries.visible_actions)
    serializer_class, filterset_class = serializers.ActionSerializer, filtersets.ItemActionFilter
    save_service, delete_service = staticmethod(services.save_action), staticmethod(services.delete_action)
