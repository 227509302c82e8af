from datetime import date
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from governance import permissions, queries, services
from governance.filtersets import AuthorisationFilter, AuthorisationVersionFilter
from governance.models import Authorisation, AuthorisationCredit, AuthorisationVersion
from governance.services import StaleVoteError, Vote
from plan_numerique.web.api import EntitySerializer, EntityViewSet, MoneyField, StaleVersionError


class AuthorisationSerializer(EntitySerializer):
    scoped = {"plan": queries.money_plans}

    class Meta:
        model = Authorisation
        fields = "__all__"
        read_only_fields = ("voted", "committed")


class CreditSerializer(serializers.ModelSerializer):
    amount = MoneyField()

    class Meta:
        model = AuthorisationCredit
        fields = ("exercise", "amount")


class AuthorisationVersionSerializer(EntitySerializer):
    credits = CreditSerializer(many=True, read_only=True)

    class Meta:
        model = AuthorisationVersion
        fields = (
            "id", "authorisation", "number", "kind", "voted_on", "act", "amount", "credits_total", "credits", "reason",
            "source",
        )  # fmt: skip
        read_only_fields = fields


class YearAmountSerializer(serializers.Serializer):
    exercise = serializers.IntegerField(min_value=1900, max_value=2200)
    amount = MoneyField()


class VotedDecisionSerializer(serializers.Serializer):
    """`based_on` : numéro de la version sur laquelle la décision est préparée, 0 avant la première."""

    based_on = serializers.IntegerField(min_value=0, max_value=1_000_000)
    voted_on = serializers.DateField()
    act = serializers.CharField(max_length=160)
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    source = serializers.CharField(max_length=250, required=False, default="", allow_blank=True)

    @property
    def decision(self) -> Vote:
        return Vote(**{name: self.validated_data[name] for name in VotedDecisionSerializer().fields})


def _by_year(rows: list[dict[str, int]]) -> dict[int, int]:
    found = {row["exercise"]: row["amount"] for row in rows}
    if len(found) < len(rows):
        raise serializers.ValidationError("Un exercice est donné deux fois.")
    return found


class CreditsVoteSerializer(VotedDecisionSerializer):
    amount = MoneyField()
    credits = YearAmountSerializer(many=True, max_length=40)

    def validate_credits(self, rows: list[dict[str, int]]) -> dict[int, int]:
        return _by_year(rows)


class CarryOverSerializer(VotedDecisionSerializer):
    from_exercise = serializers.IntegerField(min_value=1900, max_value=2200)
    amounts = YearAmountSerializer(many=True, max_length=40)

    def validate_amounts(self, rows: list[dict[str, int]]) -> dict[int, int]:
        return _by_year(rows)


class ExerciseSerializer(serializers.Serializer):
    exercise = serializers.IntegerField()
    credit = MoneyField()
    committed = MoneyField()
    paid = MoneyField()
    left = MoneyField()
    ended = serializers.BooleanField()


class StateSerializer(serializers.Serializer):
    """Ce qui était connu à la fin du jour demandé."""

    day = serializers.DateField(allow_null=True)
    version = serializers.IntegerField(source="statement.state.number", allow_null=True)
    amount = MoneyField(source="statement.state.amount")
    committed = MoneyField(source="statement.state.committed")
    paid = MoneyField(source="statement.state.paid")
    remaining_to_commit = MoneyField(source="statement.state.remaining_to_commit")
    remaining_to_pay = MoneyField(source="statement.state.remaining_to_pay")
    exercises = ExerciseSerializer(source="statement.exercises", many=True)


class AuthorisationViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_MONEY, permissions.EDIT_MONEY
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_authorisations)
    serializer_class, filterset_class = AuthorisationSerializer, AuthorisationFilter
    save_service = staticmethod(services.save_authorisation)
    delete_service = staticmethod(services.delete_plan_part)

    @extend_schema(
        parameters=[OpenApiParameter("au", date, description="Jour de l'état ; sans lui, tout ce qui est enregistré.")],
        responses=StateSerializer,
    )
    @action(detail=True, methods=["get"], url_path="etat")
    def state(self, request: Request, pk: Any = None) -> Response:
        """L'autorisation telle qu'elle était connue un jour donné."""
        asked = request.query_params.get("au") or None
        day = serializers.DateField(allow_null=True).run_validation(asked)
        statement = queries.statement_of(self.get_object(), day, timezone.localdate())
        return Response(StateSerializer({"day": day, "statement": statement}).data)

    @extend_schema(request=CreditsVoteSerializer, responses={201: AuthorisationVersionSerializer})
    @action(detail=True, methods=["post"], url_path="voter")
    def vote(self, request: Request, pk: Any = None) -> Response:
        """Ouvre l'autorisation, ou la révise : montant et crédits de tous les exercices. 412 si une autre version a été votée."""
        data = self._read(CreditsVoteSerializer)
        values = data.validated_data
        return self._voted(services.vote, data, amount=values["amount"], credits=values["credits"])

    @extend_schema(request=CarryOverSerializer, responses={201: AuthorisationVersionSerializer})
    @action(detail=True, methods=["post"], url_path="reporter")
    def carry_over(self, request: Request, pk: Any = None) -> Response:
        """Reporte des crédits non consommés d'un exercice terminé sur des exercices suivants."""
        data = self._read(CarryOverSerializer)
        values = data.validated_data
        return self._voted(services.carry_over, data, from_exercise=values["from_exercise"], amounts=values["amounts"])

    @extend_schema(request=VotedDecisionSerializer, responses={201: AuthorisationVersionSerializer})
    @action(detail=True, methods=["post"], url_path="clore")
    def close(self, request: Request, pk: Any = None) -> Response:
        """Ramène l'autorisation et ses crédits à ce qui est payé : rien ne s'engage plus."""
        return self._voted(services.close_authorisation, self._read(VotedDecisionSerializer))

    def _read(self, serializer_class: Any) -> Any:
        self.row = self.get_object()
        if not permissions.EDIT_MONEY.granted(self.request.user, self.row.plan.authority):
            raise PermissionDenied
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer

    def _voted(self, service: Any, data: Any, **amounts: Any) -> Response:
        try:
            version = service(authorisation=self.row, decision=data.decision, by=self.request.user, **amounts)
        except StaleVoteError as error:
            raise StaleVersionError(error.message) from None
        return Response(AuthorisationVersionSerializer(version, context=self.get_serializer_context()).data, status=201)


class AuthorisationVersionViewSet(EntityViewSet):
    """Votes are read; they are made from the authorisation, and never change."""

    permission = permissions.VIEW_MONEY
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    authority_path = "authorisation__plan__authority"
    rows = staticmethod(queries.visible_authorisation_versions)
    serializer_class, filterset_class = AuthorisationVersionSerializer, AuthorisationVersionFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("credits")
