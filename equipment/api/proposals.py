from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import permissions, queries, services
from equipment.api import serializers as shapes
from equipment.filtersets import ProposalFilter, ProposedPackFilter, ReservationFilter
from plan_numerique.web.api import EntityViewSet
from schools import permissions as school_permissions
from schools.api.diagnostics import FILLS, DiagnosticSerializer
from schools.api.diagnostics import DiagnosticViewSet as OfSchools


class DiagnosticViewSet(OfSchools):
    """`POST` déclenche. Un diagnostic s'abandonne, il ne se supprime pas ; ce que le stock réservait à l'école est alors rendu."""

    cancel_service = staticmethod(services.cancel_diagnostic)

    @extend_schema(request=shapes.VolunteersSerializer, responses=DiagnosticSerializer)
    @action(detail=True, methods=["post"], url_path="volontaires")
    def volunteers(self, request: Request, pk: Any = None) -> Response:
        """Choisit les classes volontaires, toutes à la fois ; refusé au-delà de ce que les règles de dotation permettent."""
        row = self.get_object()
        self.ask(row, *FILLS.values())
        data = shapes.VolunteersSerializer(data=request.data, context={"diagnostic": row})
        data.is_valid(raise_exception=True)
        classes = data.validated_data["volunteers"]
        return self._answer(services.set_volunteers(diagnostic=row, classes=classes, by=request.user))


class ProposalViewSet(EntityViewSet):
    permission, write_permission = school_permissions.VIEW_DIAGNOSTICS, permissions.PROPOSE
    authority_path = "diagnostic__school__authority"
    rows = staticmethod(queries.visible_proposals)
    serializer_class, filterset_class = shapes.ProposalSerializer, ProposalFilter

    @extend_schema(request=shapes.ComputeSerializer, responses=shapes.ProposalSerializer)
    @action(detail=False, methods=["post"], url_path="calculer")
    def compute(self, request: Request) -> Response:
        """Propose the packs of a diagnostic, or compute them again; adjustments that the rules no longer back are asked about first."""
        data = shapes.ComputeSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        if not permissions.PROPOSE.granted(request.user, data.validated_data["diagnostic"].school.authority):
            raise PermissionDenied
        proposal = services.compute_proposal(by=request.user, **data.validated_data)
        return Response(self.get_serializer(proposal).data)

    @extend_schema(responses=shapes.SheetSerializer)
    @action(detail=True, url_path="besoin")
    def sheet(self, request: Request, pk: Any = None) -> Response:
        """Article by article: must have, has, lacks, reserved, left to buy and its cost."""
        return Response(shapes.SheetSerializer(queries.sheet_of(self.get_object())).data)

    @extend_schema(request=None, responses=shapes.ReservationSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="reserver")
    def reserve(self, request: Request, pk: Any = None) -> Response:
        """Set aside what the stock holds of what the school lacks."""
        proposal = self.get_object()
        self._require(proposal)
        found = services.reserve_stock(proposal=proposal, by=request.user)
        return Response(shapes.ReservationSerializer(found, many=True, context=self.get_serializer_context()).data)


class ProposedPackViewSet(EntityViewSet):
    permission, write_permission = school_permissions.VIEW_DIAGNOSTICS, permissions.PROPOSE
    authority_path = "proposal__diagnostic__school__authority"
    rows = staticmethod(queries.visible_proposed_packs)
    serializer_class, filterset_class = shapes.ProposedPackSerializer, ProposedPackFilter
    save_service, delete_service = staticmethod(services.save_proposed_pack), staticmethod(services.remove_pack)

    @extend_schema(request=None, responses=shapes.ProposedPackSerializer)
    @action(detail=True, methods=["post"], url_path="choisir")
    def choose(self, request: Request, pk: Any = None) -> Response:
        """The school takes this pack among those that the rules leave to its choice."""
        row = self.get_object()
        self._require(row)
        return Response(self.get_serializer(services.choose(proposed_pack=row, by=request.user)).data)


class ReservationViewSet(EntityViewSet):
    permission, write_permission = school_permissions.VIEW_DIAGNOSTICS, permissions.PROPOSE
    authority_path = "proposal__diagnostic__school__authority"
    rows = staticmethod(queries.visible_reservations)
    serializer_class, filterset_class = shapes.ReservationSerializer, ReservationFilter
    save_service = staticmethod(services.save_reservation)

    @extend_schema(request=shapes.ReleaseSerializer, responses=shapes.ReservationSerializer)
    @action(detail=True, methods=["post"], url_path="liberer")
    def release(self, request: Request, pk: Any = None) -> Response:
        row = self.get_object()
        self._require(row)
        data = shapes.ReleaseSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        released = services.release(reservation=row, by=request.user, **data.validated_data)
        return Response(self.get_serializer(released).data)
