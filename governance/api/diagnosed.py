"""The signed diagnostics of a campaign taken into a scenario from another program: the same service as the page."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import services
from governance.api.expenses import SignedMoneyField
from plan_numerique.web.api import MoneyField
from schools.models import DiagnosticCampaign
from schools.queries import visible_diagnostic_campaigns


class TakeDiagnosticsSerializer(serializers.Serializer):
    campaign = serializers.PrimaryKeyRelatedField(queryset=DiagnosticCampaign.objects.none())
    exercise = serializers.IntegerField(
        required=False,
        min_value=1000,
        max_value=9999,
        help_text="Où entrent les écoles qu'aucune phase n'atteint ; le premier exercice par défaut.",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request:
            fields["campaign"].queryset = visible_diagnostic_campaigns(request.user)
        return fields


class BudgetGapSerializer(serializers.Serializer):
    """Budget less packs to buy: signed cents."""

    school = serializers.CharField(source="figures.school")
    item = serializers.CharField(source="figures.item")
    to_buy = serializers.IntegerField(source="figures.wanted")
    budgeted = serializers.IntegerField(source="figures.budgeted")
    ht = SignedMoneyField(source="figures.ht")
    ttc = SignedMoneyField(source="figures.ttc")
    why = serializers.CharField()


class TakenDiagnosticsSerializer(serializers.Serializer):
    schools = serializers.SerializerMethodField()
    proposed_ttc = MoneyField()
    budget_ttc = MoneyField()
    difference_ttc = SignedMoneyField()
    gaps = BudgetGapSerializer(many=True)

    def get_schools(self, feed: Any) -> list[str]:
        return [each.diagnostic.school.uai for each in feed.taken]


class DiagnosticsAction:
    """For the view set of scenarios, which says who may (`command_permissions`)."""

    @extend_schema(request=TakeDiagnosticsSerializer, responses=TakenDiagnosticsSerializer)
    @action(detail=True, methods=["post"], url_path="diagnostics")
    def take_diagnostics(self, request: Request, pk: Any = None) -> Response:
        """Reprend les diagnostics validés d'une campagne : périmètre, rangs, volontaires, montants globaux et remarques."""
        scenario = self._commanded()  # type: ignore[attr-defined]
        asked = TakeDiagnosticsSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        feed = services.take_diagnostics(scenario=scenario, by=request.user, **asked.validated_data)
        return Response(TakenDiagnosticsSerializer(feed).data)
