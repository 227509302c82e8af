from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import permissions, queries, services
from equipment.api import serializers as shapes
from equipment.filtersets import (
    AllocationRuleFilter,
    DeviceFilter,
    ItemTypeFilter,
    MovementFilter,
    PackFilter,
    PackLineFilter,
    ParkCountFilter,
    PriceFilter,
    RuleSetFilter,
)
from plan_numerique.web.api import EntityViewSet


class ItemTypeViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT_CATALOGUE
    rows = staticmethod(queries.priced_item_types)
    serializer_class, filterset_class = shapes.ItemTypeSerializer, ItemTypeFilter
    save_service, delete_service = staticmethod(services.save_item_type), staticmethod(services.delete_item_type)


class PriceViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT_CATALOGUE
    authority_path = "item_type__authority"
    rows = staticmethod(queries.visible_prices)
    serializer_class, filterset_class = shapes.PriceSerializer, PriceFilter
    save_service, delete_service = staticmethod(services.save_price), staticmethod(services.delete_price)


class PackViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT_CATALOGUE
    rows = staticmethod(queries.visible_packs)
    serializer_class, filterset_class = shapes.PackSerializer, PackFilter
    save_service, delete_service = staticmethod(services.save_pack), staticmethod(services.delete_pack)


class PackLineViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT_CATALOGUE
    authority_path = "pack__authority"
    rows = staticmethod(queries.visible_pack_lines)
    serializer_class, filterset_class = shapes.PackLineSerializer, PackLineFilter
    save_service, delete_service = staticmethod(services.save_pack_line), staticmethod(services.delete_pack_line)


class RuleSetViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT_CATALOGUE
    rows = staticmethod(queries.visible_rule_sets)
    serializer_class, filterset_class = shapes.RuleSetSerializer, RuleSetFilter
    save_service, delete_service = staticmethod(services.save_rule_set), staticmethod(services.delete_rule_set)

    @extend_schema(responses=shapes.RuleSetDocumentSerializer)
    @action(detail=True)
    def document(self, request: Request, pk: Any = None) -> Response:
        """Articles, packs and rules as the budget calculator reads them."""
        return Response(shapes.RuleSetDocumentSerializer(self.get_object()).data)


class AllocationRuleViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT_CATALOGUE
    authority_path = "rule_set__authority"
    rows = staticmethod(queries.visible_rules)
    serializer_class, filterset_class = shapes.AllocationRuleSerializer, AllocationRuleFilter
    save_service, delete_service = staticmethod(services.save_rule), staticmethod(services.delete_rule)


class DeviceViewSet(EntityViewSet):
    """A device is never deleted: it is disposed of, by a movement."""

    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_devices)
    serializer_class, filterset_class = shapes.DeviceSerializer, DeviceFilter
    save_service = staticmethod(services.save_device)

    @extend_schema(request=shapes.MoveSerializer, responses=shapes.DeviceSerializer)
    @action(detail=True, methods=["post"], url_path="deplacer")
    def move(self, request: Request, pk: Any = None) -> Response:
        device = self.get_object()
        self._require(device)
        data = shapes.MoveSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        moved = services.move_device(device=device, by=request.user, **data.validated_data)
        return Response(self.get_serializer(moved).data)


class MovementViewSet(EntityViewSet):
    permission = permissions.VIEW
    authority_path = "device__authority"
    rows = staticmethod(queries.visible_movements)
    serializer_class, filterset_class = shapes.MovementSerializer, MovementFilter


class ParkCountViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_park_counts)
    serializer_class, filterset_class = shapes.ParkCountSerializer, ParkCountFilter
    save_service, delete_service = staticmethod(services.save_park_count), staticmethod(services.delete_park_count)
