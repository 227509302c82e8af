"""The programme over HTTP: what was adopted, how it is conducted, what has to be bought again."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from equipment.queries import visible_devices
from governance import filtersets, permissions, queries, services
from governance.domain.renewals import ORIGIN_IN_PLACE, ORIGIN_PLANNED
from governance.enums import Verdict
from governance.models import EquippedSchool, Plan, ProgrammePhase, ProgrammeVersion
from governance.queries import Choice
from plan_numerique.web.api import EntitySerializer, EntityViewSet, MoneyField
from schools.queries import visible_schools

LONGEST_HORIZON = 30
DEFAULT_HORIZON = 10


class ProgrammeVersionSerializer(EntitySerializer):
    class Meta:
        model = ProgrammeVersion
        fields = ("id", "plan", "number", "scenario", "run", "adopted_on", "adopted_by", "reason", "decision")
        read_only_fields = fields


class ProgrammePhaseSerializer(EntitySerializer):
    class Meta:
        model = ProgrammePhase
        fields = "__all__"
        read_only_fields = (
            "plan", "exercise", "state", "started_on", "done_on", "verdict", "verdict_on", "verdict_reason",
        )  # fmt: skip


class EquippedSchoolSerializer(EntitySerializer):
    """`classes` and `pupils` left out of a new row are those that the programme forecasts."""

    scoped = {"phase": queries.steered_phases, "school": visible_schools}

    class Meta:
        model = EquippedSchool
        fields = "__all__"
        read_only_fields = ("plan",)


class DaySerializer(serializers.Serializer):
    on = serializers.DateField()


class VerdictSerializer(serializers.Serializer):
    verdict = serializers.ChoiceField(choices=Verdict.choices[1:])
    on = serializers.DateField()
    reason = serializers.CharField(max_length=2000)


class RecordSerializer(serializers.Serializer):
    schools = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**62), min_length=1)
    equipped_on = serializers.DateField()


class ProgrammeVersionViewSet(EntityViewSet):
    """Read only: a version comes from an adoption."""

    permission = permissions.VIEW
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_programme_versions)
    serializer_class, filterset_class = ProgrammeVersionSerializer, filtersets.VersionRowFilter


class ProgrammePhaseViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.STEER
    http_method_names: ClassVar[list[str]] = ["get", "put", "patch", "post", "head", "options"]
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_programme_phases)
    serializer_class, filterset_class = ProgrammePhaseSerializer, filtersets.ProgrammePhaseFilter
    save_service = staticmethod(services.save_phase)

    @extend_schema(exclude=True)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise PermissionDenied

    def _steered(self) -> ProgrammePhase:
        phase: ProgrammePhase = self.get_object()
        self._require(phase)
        return phase

    def _answer(self, phase: ProgrammePhase) -> Response:
        return Response(self.get_serializer(phase).data)

    @extend_schema(request=DaySerializer, responses=ProgrammePhaseSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: Any = None) -> Response:
        """Commence la phase."""
        phase = self._steered()
        return self._answer(services.start_phase(phase=phase, by=request.user, **_read(DaySerializer, request)))

    @extend_schema(request=DaySerializer, responses=ProgrammePhaseSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: Any = None) -> Response:
        """Achève la phase : ce qu'elle a fait ne change plus."""
        phase = self._steered()
        return self._answer(services.finish_phase(phase=phase, by=request.user, **_read(DaySerializer, request)))

    @extend_schema(request=VerdictSerializer, responses=ProgrammePhaseSerializer)
    @action(detail=True, methods=["post"])
    def verdict(self, request: Request, pk: Any = None) -> Response:
        """Décide la suite d'une cohorte pilote."""
        phase = self._steered()
        return self._answer(services.decide_pilot(phase=phase, by=request.user, **_read(VerdictSerializer, request)))

    @extend_schema(request=RecordSerializer, responses=EquippedSchoolSerializer(many=True))
    @action(detail=True, methods=["post"])
    def equip(self, request: Request, pk: Any = None) -> Response:
        """Note plusieurs écoles équipées le même jour, avec les classes et les élèves prévus."""
        phase = self._steered()
        data = _read(RecordSerializer, request)
        schools = list(visible_schools(request.user).filter(pk__in=data["schools"]).order_by("pk"))
        if len(schools) < len(set(data["schools"])):
            raise ValidationError({"schools": ["Une de ces écoles n'existe pas."]})
        rows = services.record_equipped(phase=phase, schools=schools, equipped_on=data["equipped_on"], by=request.user)
        return Response(EquippedSchoolSerializer(rows, many=True, context=self.get_serializer_context()).data, 201)


def _read(shape: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class EquippedSchoolViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.STEER
    authority_path = "phase__plan__authority"
    rows = staticmethod(queries.visible_equipped_schools)
    serializer_class, filterset_class = EquippedSchoolSerializer, filtersets.EquippedRowFilter
    save_service, delete_service = (
        staticmethod(services.save_equipped_school),
        staticmethod(services.delete_equipped_school),
    )


class RenewalAsked(serializers.Serializer):
    plan = serializers.IntegerField(min_value=1, max_value=2**62)
    until = serializers.IntegerField(
        min_value=1900, max_value=2200, required=False, help_text="Dernière année, dix ans par défaut."
    )
    school = serializers.CharField(max_length=100, required=False, default="")
    item = serializers.CharField(max_length=120, required=False, default="")
    origin = serializers.ChoiceField(choices=[ORIGIN_IN_PLACE, ORIGIN_PLANNED], required=False, default="")


class RenewalLineSerializer(serializers.Serializer):
    year = serializers.IntegerField()
    overdue = serializers.BooleanField()
    school = serializers.CharField(allow_null=True, help_text="UAI")
    item = serializers.CharField()
    label = serializers.CharField()
    origin = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_ht = MoneyField()
    ht = MoneyField(source="amount.ht")
    vat = MoneyField(source="amount.vat")
    ttc = MoneyField(source="amount.ttc")


class ApartSerializer(serializers.Serializer):
    item = serializers.CharField(source="row.item")
    label = serializers.CharField(source="row.label")
    school = serializers.CharField(source="row.school", allow_null=True, help_text="UAI")
    quantity = serializers.IntegerField(source="row.quantity")
    reason = serializers.CharField()


class RenewalSerializer(serializers.Serializer):
    plan = serializers.IntegerField(source="plan.pk")
    years = serializers.ListField(child=serializers.IntegerField(), source="forecast.years")
    total_ht = MoneyField(source="forecast.total.ht")
    total_ttc = MoneyField(source="forecast.total.ttc")
    overdue_ttc = MoneyField(source="forecast.overdue.ttc")
    lines = RenewalLineSerializer(many=True, source="forecast.lines")
    undated = ApartSerializer(many=True, source="forecast.apart")


class RenewalView(APIView):
    """Ce qui est à renouveler, par année, école et article : le parc en place et les achats du programme."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="renewals",
        parameters=[RenewalAsked],
        responses=RenewalSerializer,
    )
    def get(self, request: Request) -> Response:
        if not permissions.VIEW.anywhere(request.user):
            raise PermissionDenied
        asked = RenewalAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        data, today = asked.validated_data, timezone.localdate()
        plan: Plan | None = queries.visible_plans(request.user).filter(pk=data["plan"]).first()
        if plan is None:
            raise Http404
        last = min(data.get("until", today.year + DEFAULT_HORIZON), today.year + LONGEST_HORIZON)
        report = queries.renewal_report(
            plan,
            visible_devices(request.user),
            Choice(data["school"], data["item"], data["origin"]),
            today=today,
            years=range(today.year, max(last, today.year) + 1),
        )
        return Response(RenewalSerializer(report).data)
