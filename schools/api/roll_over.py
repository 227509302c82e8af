"""Rentrées and frozen years over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from plan_numerique.web.api import EntitySerializer, EntityViewSet
from schools import filtersets, permissions, queries, services
from schools.enums import Level
from schools.models import FrozenYear, RollOver, RollOverLine


class RollOverSerializer(EntitySerializer):
    scoped = {"authority": queries.rolling_authorities}

    class Meta:
        model = RollOver
        fields = ("id", "authority", "from_year", "to_year", "state", "applied_at", "note")
        read_only_fields = ("from_year", "state", "applied_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None:
            attrs["from_year"] = attrs["to_year"] - 1
        return super().validate(attrs)


class RollOverLineSerializer(EntitySerializer):
    scoped = {
        "roll_over": queries.visible_roll_overs,
        "school": queries.editable_schools,
        "school_class": queries.editable_classes,
        "into": queries.editable_schools,
    }
    levels = serializers.ListField(child=serializers.ChoiceField(Level.choices), required=False)

    class Meta:
        model = RollOverLine
        fields = "__all__"


class FrozenYearSerializer(EntitySerializer):
    scoped = {"authority": queries.rolling_authorities}

    class Meta:
        model = FrozenYear
        fields = ("id", "authority", "school_year", "frozen_at", "by")
        read_only_fields = ("frozen_at", "by")


class ApplySerializer(serializers.Serializer):
    freeze = serializers.BooleanField(default=False, help_text="Figer aussi l'année reprise.")
    keep_known = serializers.BooleanField(
        default=False, help_text="Laisser telles quelles les écoles qui ont déjà des classes de la rentrée."
    )


class RollOverViewSet(EntityViewSet):
    permission = write_permission = permissions.ROLL_OVER
    rows = staticmethod(queries.visible_roll_overs)
    serializer_class, filterset_class = RollOverSerializer, filtersets.RollOverFilter
    save_service, delete_service = staticmethod(services.save_roll_over), staticmethod(services.delete_roll_over)

    @extend_schema(request=ApplySerializer, responses=RollOverSerializer)
    @action(detail=True, methods=["post"], url_path="faire")
    def apply(self, request: Request, pk: Any = None) -> Response:
        asked = ApplySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = services.apply_roll_over(roll_over=self.get_object(), by=request.user, **asked.validated_data)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=RollOverSerializer)
    @action(detail=True, methods=["post"], url_path="annuler")
    def undo(self, request: Request, pk: Any = None) -> Response:
        return Response(self.get_serializer(services.undo_roll_over(roll_over=self.get_object(), by=request.user)).data)


class RollOverLineViewSet(EntityViewSet):
    permission = write_permission = permissions.ROLL_OVER
    authority_path = "roll_over__authority"
    rows = staticmethod(queries.visible_roll_over_lines)
    serializer_class, filterset_class = RollOverLineSerializer, filtersets.RollOverLineFilter
    save_service, delete_service = staticmethod(services.save_line), staticmethod(services.delete_line)


def _freeze(*, instance: FrozenYear, by: Any, reason: str = "", m2m: Any = None) -> FrozenYear:
    return services.freeze_year(authority=instance.authority, school_year=instance.school_year, by=by, reason=reason)


class FrozenYearViewSet(EntityViewSet):
    """A year is frozen, and opened again with its reason; it is not edited."""

    permission, write_permission = permissions.VIEW, permissions.ROLL_OVER
    http_method_names: ClassVar[list[str]] = ["get", "post", "delete", "head", "options"]
    rows = staticmethod(queries.visible_frozen_years)
    serializer_class, filterset_class = FrozenYearSerializer, filtersets.FrozenYearFilter
    save_service, delete_service = staticmethod(_freeze), staticmethod(services.unfreeze_year)
