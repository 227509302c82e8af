"""Documents of the register from another program: read, and asked for."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from deliberations import permissions, queries, tasks
from deliberations.enums import CouncilDocumentKind as Kind
from deliberations.filtersets import CouncilDocumentFilter
from deliberations.models import Act, CouncilDocument, Sitting
from plan_numerique.jobs.api import JobSerializer
from plan_numerique.jobs.models import Job
from plan_numerique.web.api import EntitySerializer, EntityViewSet

MADE = (Kind.EXTRACT, Kind.CERTIFICATE, Kind.LIST, Kind.MINUTES, Kind.REGISTER)


class CouncilDocumentSerializer(EntitySerializer):
    """The file itself is at `/documents/<document>/`."""

    title = serializers.CharField(source="document.title", read_only=True)
    filename = serializers.CharField(source="document.filename", read_only=True)
    size = serializers.IntegerField(source="document.size", read_only=True)
    sha256 = serializers.CharField(source="document.sha256", read_only=True)
    posted_at = serializers.DateTimeField(
        source="publication.posted_at", read_only=True, allow_null=True, default=None, help_text="Mise en ligne."
    )

    class Meta:
        model = CouncilDocument
        fields = (
            "id", "sitting", "act", "kind", "number", "document", "title", "filename", "size", "sha256", "job", "created_at",
            "posted_at",
        )  # fmt: skip
        read_only_fields = fields


class DocumentAskedSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in MADE])
    act = serializers.PrimaryKeyRelatedField(
        queryset=Act.objects.none(), required=False, help_text="D'un extrait ou d'un certificat."
    )
    sitting = serializers.PrimaryKeyRelatedField(
        queryset=Sitting.objects.none(), required=False, help_text="D'une liste, d'un procès-verbal ou d'un registre."
    )
    first = serializers.DateField(required=False, help_text="Premier jour d'un registre.")
    last = serializers.DateField(required=False, help_text="Dernier jour d'un registre.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["act"].queryset = queries.visible_acts(request.user)
            fields["sitting"].queryset = queries.visible_sittings(request.user)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = {Kind.EXTRACT: ("act",), Kind.CERTIFICATE: ("act",), Kind.REGISTER: ("sitting", "first", "last")}
        missing = [name for name in needed.get(attrs["kind"], ("sitting",)) if name not in attrs]
        if missing:
            raise serializers.ValidationError(dict.fromkeys(missing, "Ce champ est obligatoire pour ce document."))
        if attrs["kind"] == Kind.REGISTER and attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": "La période finit avant de commencer."})
        return attrs


class CouncilDocumentViewSet(EntityViewSet):
    """What was produced is read, never written; a correction is another version."""

    permission, write_permission = permissions.VIEW, permissions.EDIT
    http_method_names: ClassVar[list[str]] = ["get", "post", "head", "options"]
    authority_path = "sitting__assembly__authority"
    rows = staticmethod(queries.visible_council_documents)
    serializer_class, filterset_class = CouncilDocumentSerializer, CouncilDocumentFilter

    @extend_schema(exclude=True)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise PermissionDenied

    @extend_schema(request=DocumentAskedSerializer, responses={202: JobSerializer}, filters=False)
    @action(detail=False, methods=["post"], url_path="etablir", filterset_class=None, pagination_class=None)
    def make(self, request: Request) -> Response:
        """Établit un document du registre ; la réponse est la tâche à suivre."""
        asked = DocumentAskedSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        job = _started(asked.validated_data, request.user)
        return Response(JobSerializer(job, context=self.get_serializer_context()).data, status=202)


def _started(asked: dict[str, Any], by: Any) -> Job:
    kind = asked["kind"]
    row = asked["act"] if kind in (Kind.EXTRACT, Kind.CERTIFICATE) else asked["sitting"]
    sitting: Sitting = row.sitting if isinstance(row, Act) else row
    if not permissions.EDIT.granted(by, sitting.assembly.authority):
        raise PermissionDenied
    if isinstance(row, Act):
        return tasks.start_act_document(act=row, kind=kind, by=by)
    if kind == Kind.REGISTER:
        return tasks.start_register(assembly=sitting.assembly, first=asked["first"], last=asked["last"], by=by)[0]
    return tasks.start_sitting_document(sitting=row, kind=kind, by=by)
