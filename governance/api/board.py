"""Schools of a scenario placed from another program: the same services as the board."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import queries, services
from governance.models import Scenario
from plan_numerique.web.api import MoneyField
from schools.models import School
from schools.queries import visible_schools


class PlaceSerializer(serializers.Serializer):
    school = serializers.PrimaryKeyRelatedField(queryset=School.objects.none(), help_text="Une école du périmètre.")
    exercise = serializers.IntegerField(
        allow_null=True, min_value=1000, max_value=9999, help_text="null : hors du plan."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        fields["school"].queryset = visible_schools(request.user) if request else School.objects.none()
        return fields


class PlacedSchoolSerializer(serializers.Serializer):
    school = serializers.IntegerField(source="pk")
    uai = serializers.CharField()
    exercise = serializers.IntegerField(allow_null=True)
    ttc = MoneyField()


class ColumnSerializer(serializers.Serializer):
    exercise = serializers.IntegerField(allow_null=True)
    schools = serializers.IntegerField()
    classes = serializers.IntegerField()
    pupils = serializers.IntegerField()
    ttc = MoneyField()
    cap = MoneyField(allow_null=True)
    over = MoneyField()
    cards = PlacedSchoolSerializer(many=True)


class BoardSerializer(serializers.Serializer):
    columns = ColumnSerializer(many=True)
    first_unfit = serializers.CharField(allow_blank=True)


class BoardActions:
    """For the view set of scenarios, which says who may (`command_permissions`)."""

    def _board(self, scenario: Scenario) -> Response:
        return Response(BoardSerializer(queries.board_of(queries.scenario_data(scenario))).data)

    @extend_schema(request=PlaceSerializer, responses=BoardSerializer)
    @action(detail=True, methods=["post"], url_path="placer")
    def place(self, request: Request, pk: Any = None) -> Response:
        """Place une école dans un exercice, avec celles de son groupe ; la réponse est le tableau."""
        scenario = self._commanded()  # type: ignore[attr-defined]
        asked = PlaceSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        services.move_school(scenario=scenario, by=request.user, **asked.validated_data)
        return self._board(scenario)

    @extend_schema(request=None, responses=BoardSerializer)
    @action(detail=True, methods=["post"], url_path="remplir")
    def fill(self, request: Request, pk: Any = None) -> Response:
        """Place toutes les écoles sous le plafond, dans l'ordre des rangs ; la réponse est le tableau."""
        scenario = self._commanded()  # type: ignore[attr-defined]
        services.fill_board(scenario=scenario, by=request.user)
        return self._board(scenario)
