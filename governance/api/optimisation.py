"""Proposals of the optimiser over HTTP: asked, read, made a variant."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.fields import empty
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from governance import filtersets, permissions, queries, reports, services, tasks
from governance.api.serializers import ScenarioSerializer
from governance.domain.weights import EQUITY_CRITERIA, FEWEST_POINTS, MOST_POINTS, EquityPoints, points_refusal
from governance.enums import Objective, RunState
from governance.forms.optimisation import USUAL_SEARCH
from governance.models import Optimisation, OptimisationPlace
from governance.services.optimisation import LONGEST_SEARCH
from governance.tables import move_of
from plan_numerique.accounts.access import Permission
from plan_numerique.jobs.api import JobSerializer
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.api import EntitySerializer, EntityViewSet, MoneyField


class OptimisationSerializer(EntitySerializer):
    gain = serializers.SerializerMethodField(help_text="Ce qui est gagné sur l'ordre de priorité, en une phrase.")

    class Meta:
        model = Optimisation
        exclude = ("input",)
        read_only_fields = [field.name for field in Optimisation._meta.concrete_fields]

    def get_gain(self, row: Optimisation) -> str:
        return reports.gain_sentence(row) if row.state == RunState.DONE else ""


class OptimisationPlaceSerializer(EntitySerializer):
    uai = serializers.CharField(source="school.uai", read_only=True)
    move = serializers.SerializerMethodField()

    class Meta:
        model = OptimisationPlace
        fields = "__all__"
        read_only_fields = [field.name for field in OptimisationPlace._meta.concrete_fields]

    def get_move(self, row: OptimisationPlace) -> str:
        return move_of(row).value


class YearSerializer(serializers.Serializer):
    exercise = serializers.IntegerField()
    cap = MoneyField(allow_null=True)
    ranked = MoneyField()
    proposed = MoneyField()


class PointsField(serializers.IntegerField):
    """A fault is told with what was sent and what is accepted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=FEWEST_POINTS, max_value=MOST_POINTS, required=False, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        try:
            return super().run_validation(data)
        except ValidationError:
            raise ValidationError(points_refusal("null" if data is None else data)) from None


class AskedSerializer(serializers.Serializer):
    """Points left out are those of the last search of the plan, or else those of the product."""

    scenario = serializers.IntegerField(min_value=1, max_value=2**62)
    objective = serializers.ChoiceField(choices=Objective.choices)
    seconds = serializers.IntegerField(min_value=1, max_value=LONGEST_SEARCH, default=USUAL_SEARCH)

    def get_fields(self) -> dict[str, Any]:
        told = "Points d'équité par élève, « {label} ». Sans valeur : ceux de la dernière recherche du plan, sinon {default}."
        points = {
            each.field: PointsField(help_text=told.format(label=each.label, default=each.points_of(EquityPoints())))
            for each in EQUITY_CRITERIA
        }
        return {**super().get_fields(), **points}


class VariantSerializer(serializers.Serializer):
    scenario = ScenarioSerializer()
    moved = serializers.CharField(help_text="Écoles que le calcul place ailleurs que proposé ; vide : aucune.")


class OptimisationViewSet(EntityViewSet):
    permission = permissions.VIEW
    http_method_names: ClassVar[list[str]] = ["get", "post", "head", "options"]
    authority_path = "scenario__plan__authority"
    rows = staticmethod(queries.visible_optimisations)
    serializer_class, filterset_class = OptimisationSerializer, filtersets.OptimisationFilter
    command_permissions: ClassVar[dict[str, Permission]] = {
        "create": permissions.COMPUTE,
        "variant": permissions.EDIT,
    }

    def check_permissions(self, request: Request) -> None:
        """Starting and making a variant each ask for their own right."""
        if request.method in SAFE_METHODS:
            super().check_permissions(request)
        elif not self.command_permissions.get(self.action, permissions.COMPUTE).anywhere(request.user):
            raise PermissionDenied

    @extend_schema(request=AskedSerializer, responses={202: JobSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Lance une recherche ; la réponse est la tâche à suivre. Rien du scénario ne change."""
        given = AskedSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        scenario = queries.visible_scenarios(request.user).filter(pk=asked.pop("scenario")).first()
        if scenario is None:
            raise ValidationError({"scenario": ["Ce scénario n'existe pas."]})
        if not permissions.COMPUTE.granted(request.user, scenario.plan.authority):
            raise PermissionDenied
        given_points = {each.field: asked.pop(each.field) for each in EQUITY_CRITERIA if each.field in asked}
        points = EquityPoints.from_fields({**queries.last_points(scenario).by_field, **given_points})
        job = tasks.start_optimisation(scenario=scenario, by=request.user, points=points, **asked)
        return Response(JobSerializer(job, context=self.get_serializer_context()).data, status=202)

    @extend_schema(responses=YearSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def exercises(self, request: Request, pk: Any = None) -> Response:
        """Le coût de chaque exercice dans les deux ordres, à côté de son plafond."""
        optimisation = self.get_object()
        if optimisation.state != RunState.DONE:
            raise DomainError(f"{optimisation} n'a pas de proposition.")
        return Response(YearSerializer(queries.proposal(request.user, optimisation).years, many=True).data)

    @extend_schema(request=None, responses={201: VariantSerializer})
    @action(detail=True, methods=["post"])
    def variant(self, request: Request, pk: Any = None) -> Response:
        """Crée le scénario brouillon qui place les écoles comme proposé ; l'ordre de priorité reste ce qu'il est."""
        optimisation = self.get_object()
        if not permissions.EDIT.granted(request.user, optimisation.scenario.plan.authority):
            raise PermissionDenied
        made = services.create_variant(optimisation=optimisation, by=request.user)
        return Response(VariantSerializer(made, context=self.get_serializer_context()).data, status=201)


class OptimisationPlaceViewSet(EntityViewSet):
    """Read only: where a proposal puts each school, beside the ranked order."""

    permission = permissions.VIEW
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    authority_path = "optimisation__scenario__plan__authority"
    rows = staticmethod(queries.visible_optimisation_places)
    serializer_class = OptimisationPlaceSerializer
    filterset_class = filtersets.OptimisationPlaceRowFilter
