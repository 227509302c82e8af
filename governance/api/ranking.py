"""The ranking over HTTP: as it stands, the places given against it, the frozen lists. A list is frozen by a decision alone."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance import filtersets, permissions, queries, services
from plan_numerique.web.api import EntitySerializer, EntityViewSet
from schools import permissions as schools_permissions
from schools.models import Departure, RankedPlace
from schools.queries import visible_departures


class ExplainedSerializer(serializers.Serializer):
    """`mark` et `points` en dix-millièmes ; `value` nulle quand elle est inconnue."""

    criterion = serializers.IntegerField()
    label = serializers.CharField()
    kind = serializers.CharField()
    weight = serializers.IntegerField()
    floor = serializers.DecimalField(max_digits=9, decimal_places=2)
    full = serializers.DecimalField(max_digits=9, decimal_places=2)
    default = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    value = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    mark = serializers.IntegerField()
    points = serializers.IntegerField()
    origin = serializers.CharField()


class RankedRowSerializer(serializers.Serializer):
    application = serializers.IntegerField(source="pk")
    school = serializers.CharField(
        source="uai", help_text="UAI, celui du jour de la décision une fois la liste arrêtée."
    )
    name = serializers.CharField()
    position = serializers.IntegerField()
    by_score = serializers.IntegerField()
    score = serializers.IntegerField(help_text="Dix-millièmes de point.")
    details = ExplainedSerializer(many=True)
    tie = serializers.CharField()
    departure_reason = serializers.CharField(source="reason")
    outcome = serializers.CharField()


class RankingSerializer(serializers.Serializer):
    campaign = serializers.IntegerField(source="campaign.pk")
    frozen = serializers.BooleanField()
    on = serializers.DateField(help_text="Jour des valeurs.")
    tie_rule = serializers.CharField(source="campaign.tie_rule")
    places = serializers.IntegerField(source="campaign.places", allow_null=True)
    total = serializers.IntegerField(help_text="Candidatures classées, y compris celles qui ne sont pas montrées.")
    decision = serializers.IntegerField(source="decision.pk", allow_null=True, default=None)
    rows = RankedRowSerializer(many=True)


class RankingView(APIView):
    """Le classement d'une campagne : calculé du jour, puis tel qu'arrêté. Un IEN y lit les écoles de sa circonscription."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="ranking", responses=RankingSerializer)
    def get(self, request: Request, pk: int) -> Response:
        if not permissions.VIEW_RANKING.anywhere(request.user):
            raise PermissionDenied
        campaign = queries.visible_rankings(request.user).filter(pk=pk).first()
        if campaign is None:
            raise Http404
        if not permissions.VIEW_RANKING.granted(request.user, campaign.authority):
            raise PermissionDenied
        return Response(RankingSerializer(queries.ranking_of(campaign, user=request.user)).data)


class DepartureSerializer(EntitySerializer):
    """Une place donnée contre le score, ou une école non retenue ; toujours motivée."""

    scoped = {"application": queries.led_applications}

    class Meta:
        model = Departure
        fields = "__all__"
        read_only_fields = ("campaign",)
        validators: ClassVar[list[Any]] = []


class RankedPlaceSerializer(EntitySerializer):
    """`detail` : ce dont le score était fait, sans qui a noté."""

    detail = serializers.SerializerMethodField()

    class Meta:
        model = RankedPlace
        fields = (
            "id", "application", "position", "by_score", "score", "detail", "tie", "departure_reason", "outcome", "answer",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ExplainedSerializer(many=True))
    def get_detail(self, place: RankedPlace) -> Any:
        shown = (queries.without_people(queries.Explained.read(each)) for each in place.detail)
        return ExplainedSerializer(shown, many=True).data


class DepartureViewSet(EntityViewSet):
    permission = write_permission = schools_permissions.LEAD_CAMPAIGNS
    authority_path = "application__campaign__authority"
    rows = staticmethod(visible_departures)
    serializer_class, filterset_class = DepartureSerializer, filtersets.DepartureFilter
    save_service, delete_service = staticmethod(services.save_departure), staticmethod(services.delete_departure)


class RankedPlaceViewSet(EntityViewSet):
    """Lecture seule : une place naît de la décision d'un comité."""

    permission = permissions.VIEW_RANKING
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    authority_path = "application__campaign__authority"
    rows = staticmethod(queries.ranked_places)
    serializer_class, filterset_class = RankedPlaceSerializer, filtersets.RankedPlaceFilter
