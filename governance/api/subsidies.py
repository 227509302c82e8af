from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from governance import permissions, queries
from governance.filtersets.subsidies import (
    AccountFilter,
    FundingPostingFilter,
    FundingPresetFilter,
    HeadingFilter,
    SubsidyDeadlineFilter,
    SubsidyFilter,
    SubsidyStepFilter,
)
from governance.models import Account, FundingPosting, FundingPreset, Heading, Subsidy, SubsidyDeadline, SubsidyStep
from governance.queries.subsidies import listed_subsidies
from governance.services import subsidies as services
from governance.services.reference import save_heading
from governance.services.rows import delete_owned
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.api import ETAG, IF_MATCH, EntitySerializer, EntityViewSet
from plan_numerique.web.versions import version_of


class SubsidySerializer(EntitySerializer):
    """`state`, `granted` and `received` come from the steps."""

    scoped = {
        "plan": queries.money_plans,
        "funder": queries.visible_funders,
        "funding_line": queries.visible_funding_lines,
    }
    next_due = serializers.DateField(read_only=True, allow_null=True, required=False)

    class Meta:
        model = Subsidy
        fields = "__all__"
        read_only_fields = ("state", "granted", "received")


@extend_schema_field({"type": "string", "format": "binary", "description": "Justificatif (multipart)."})
class ProofField(serializers.FileField):
    pass


class SubsidyStepSerializer(EntitySerializer):
    scoped = {"subsidy": queries.money_subsidies}
    proof = ProofField(write_only=True, required=False)
    correction = serializers.BooleanField(write_only=True, required=False, default=False)

    class Meta:
        model = SubsidyStep
        fields = ("id", "subsidy", "state", "on", "amount", "reference", "note", "document", "proof", "correction")
        read_only_fields = ("document",)

    def create(self, validated_data: dict[str, Any]) -> SubsidyStep:
        file = validated_data.pop("proof", None)
        if file is not None and file.size > services.LARGEST_PROOF:
            raise DomainError("Un justificatif pèse au plus 10 Mo.", field="proof")
        proof = (file.name, file.read()) if file is not None else None
        return services.record_step(proof=proof, by=self.context["request"].user, **validated_data)


class SubsidyDeadlineSerializer(EntitySerializer):
    scoped = {"subsidy": queries.money_subsidies}

    class Meta:
        model = SubsidyDeadline
        fields = "__all__"


class FundingPostingSerializer(EntitySerializer):
    scoped = {"plan": queries.money_plans, "run": queries.visible_budget_runs}

    class Meta:
        model = FundingPosting
        fields = "__all__"
        read_only_fields = ("due_on",)


class AccountSerializer(EntitySerializer):
    class Meta:
        model = Account
        fields = "__all__"


class FundingPresetSerializer(EntitySerializer):
    class Meta:
        model = FundingPreset
        fields = "__all__"


class HeadingSerializer(EntitySerializer):
    scoped = {"authority": queries.money_authorities}

    class Meta:
        model = Heading
        fields = "__all__"


class MoneyViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_MONEY, permissions.EDIT_MONEY


class SubsidyViewSet(MoneyViewSet):
    authority_path = "plan__authority"
    rows = staticmethod(listed_subsidies)
    serializer_class, filterset_class = SubsidySerializer, SubsidyFilter
    save_service, delete_service = staticmethod(services.save_subsidy), staticmethod(services.delete_subsidy)


class SubsidyStepViewSet(mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet):
    """Append-only: an étape is recorded or read, never changed."""

    serializer_class, filterset_class = SubsidyStepSerializer, SubsidyStepFilter

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return SubsidyStep.objects.none()
        return queries.visible_subsidy_steps(self.request.user).order_by("pk")

    def check_permissions(self, request: Any) -> None:
        super().check_permissions(request)
        needed = permissions.EDIT_MONEY if request.method == "POST" else permissions.VIEW_MONEY
        if not needed.anywhere(request.user):
            raise PermissionDenied

    @extend_schema(description="Enregistre une étape ; le justificatif se joint en multipart.")
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().create(request, *args, **kwargs)


class SubsidyDeadlineViewSet(MoneyViewSet):
    authority_path = "subsidy__plan__authority"
    rows = staticmethod(queries.visible_subsidy_deadlines)
    serializer_class, filterset_class = SubsidyDeadlineSerializer, SubsidyDeadlineFilter
    save_service, delete_service = staticmethod(services.save_deadline), staticmethod(services.delete_deadline)

    @extend_schema(request=None, responses=SubsidyDeadlineSerializer, parameters=[IF_MATCH, ETAG])
    @action(detail=True, methods=["post"], url_path="faite")
    def finish(self, request: Request, pk: Any = None) -> Response:
        """L'échéance est tenue aujourd'hui ; déjà tenue, elle garde sa date."""
        deadline = self.get_object()
        self._require(deadline)
        with transaction.atomic():
            self._require_match(deadline)
            services.finish_deadline(deadline=deadline, by=request.user)
            self.version = version_of(deadline)
        return Response(self.get_serializer(deadline).data)


class FundingPostingViewSet(MoneyViewSet):
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_postings)
    serializer_class, filterset_class = FundingPostingSerializer, FundingPostingFilter
    save_service, delete_service = staticmethod(services.save_posting), staticmethod(services.delete_posting)


class HeadingViewSet(MoneyViewSet):
    rows = staticmethod(queries.visible_headings)
    serializer_class, filterset_class = HeadingSerializer, HeadingFilter
    save_service, delete_service = staticmethod(save_heading), staticmethod(delete_owned)


class NationalViewSet(EntityViewSet):
    """Read only, the same for every authority: kept on the pages by the administrators."""

    permission, authority_path = permissions.VIEW_MONEY, ""
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]


class AccountViewSet(NationalViewSet):
    rows = staticmethod(queries.visible_accounts)
    serializer_class, filterset_class = AccountSerializer, AccountFilter


class FundingPresetViewSet(NationalViewSet):
    rows = staticmethod(queries.visible_funding_presets)
    serializer_class, filterset_class = FundingPresetSerializer, FundingPresetFilter
