"""Classifications, profiles, transmissions, publications. Nothing is sent: a transmission is a package and what came back."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from deliberations import permissions, queries
from deliberations.domain.messages import LARGEST_MESSAGE
from deliberations.filtersets import filing as filtersets
from deliberations.models import (
    Act,
    AttachmentType,
    Classification,
    CouncilDocument,
    Matter,
    Publication,
    Transmission,
    TransmissionProfile,
)
from deliberations.services import classifications, publications, transmissions
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.api import EntitySerializer, EntityViewSet
from plan_numerique.web.views.base import follow

READ: list[str] = ["get", "head", "options"]
OF_ACT = "act__sitting__assembly__authority"
OF_DOCUMENT = "document__sitting__assembly__authority"


class TransmissionProfileSerializer(EntitySerializer):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = TransmissionProfile
        fields = "__all__"


class TransmissionProfileViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_DRAFTS, permissions.EDIT
    http_method_names: ClassVar[list[str]] = [*READ, "post", "put", "patch"]
    rows = staticmethod(queries.visible_profiles)
    serializer_class, filterset_class = TransmissionProfileSerializer, filtersets.TransmissionProfileFilter
    save_service = staticmethod(classifications.save_profile)


class ClassificationSerializer(EntitySerializer):
    matter_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Classification
        fields = ("id", "authority", "dated_on", "source", "matter_count")
        read_only_fields = fields


class MatterSerializer(EntitySerializer):
    class Meta:
        model = Matter
        fields = ("id", "classification", "code", "label")
        read_only_fields = fields


class AttachmentTypeSerializer(EntitySerializer):
    class Meta:
        model = AttachmentType
        fields = ("id", "classification", "nature", "code", "label")
        read_only_fields = fields


class ReadViewSet(EntityViewSet):
    """Loaded from a file on the pages; read here."""

    permission, authority_path = permissions.VIEW, ""
    http_method_names: ClassVar[list[str]] = READ


class ClassificationViewSet(ReadViewSet):
    rows = staticmethod(queries.visible_classifications)
    serializer_class, filterset_class = ClassificationSerializer, filtersets.ClassificationFilter


class MatterViewSet(ReadViewSet):
    rows = staticmethod(queries.visible_matters)
    serializer_class, filterset_class = MatterSerializer, filtersets.MatterFilter


class AttachmentTypeViewSet(ReadViewSet):
    rows = staticmethod(queries.visible_attachment_types)
    serializer_class, filterset_class = AttachmentTypeSerializer, filtersets.AttachmentTypeFilter


class TransmissionSerializer(EntitySerializer):
    """`types`: code of the act's document, then of each annex; the files are at `/documents/<package>/`."""

    scoped = {"act": queries.editable_acts}
    types = serializers.ListField(
        child=serializers.CharField(max_length=5), write_only=True, required=False, max_length=100
    )

    class Meta:
        model = Transmission
        fields = (
            "id", "act", "number", "state", "identifier", "prepared_at", "package", "sent_on", "received_on", "acknowledgement",
            "anomaly", "types",
        )  # fmt: skip
        read_only_fields = tuple(name for name in fields if name not in ("act", "types"))
        validators: ClassVar[list[Any]] = []  # the rank is the service's to give

    def create(self, validated_data: dict[str, Any]) -> Transmission:
        act: Act = validated_data["act"]
        _require(self.context["request"], follow(act, "sitting__assembly__authority"))
        types = validated_data.get("types", [])
        return transmissions.prepare_transmission(act=act, types=types, by=self.context["request"].user)


class SendingSerializer(serializers.Serializer):
    sent_on = serializers.DateField()


@extend_schema_field(
    {"type": "string", "format": "binary", "description": "Message ARActe ou AnomalieActe (multipart)."}
)
class MessageField(serializers.FileField):
    pass


class AnswerSerializer(serializers.Serializer):
    """The message received (multipart), or the identifier and the day."""

    file = MessageField(required=False)
    identifier = serializers.CharField(max_length=60, required=False, default="")
    received_on = serializers.DateField(required=False, allow_null=True, default=None)
    renumbered = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        file = attrs.get("file")
        if file is None and (not attrs["identifier"] or attrs["received_on"] is None):
            raise serializers.ValidationError("Donner le message reçu, ou l'identifiant et la date de réception.")
        if file is not None and file.size > LARGEST_MESSAGE:
            raise DomainError("Un message pèse 2 Mo au plus.", field="file")
        return attrs


class AnomalySerializer(serializers.Serializer):
    anomaly = serializers.CharField(max_length=2_000)


class PublicationSerializer(EntitySerializer):
    scoped = {"document": queries.visible_council_documents}
    contacts_checked = serializers.BooleanField(write_only=True, required=False, default=False)
    sha256 = serializers.CharField(source="document.document.sha256", read_only=True)

    class Meta:
        model = Publication
        fields = (
            "id", "document", "posted_at", "author_name", "author_quality", "withdrawn_at", "withdrawn_reason", "sha256",
            "contacts_checked",
        )  # fmt: skip
        read_only_fields = ("posted_at", "withdrawn_at", "withdrawn_reason")
        # The service tells a document already online from one that is not there.
        extra_kwargs: ClassVar[dict[str, Any]] = {"document": {"validators": []}}

    def create(self, validated_data: dict[str, Any]) -> Publication:
        document: CouncilDocument = validated_data["document"]
        _require(self.context["request"], follow(document, "sitting__assembly__authority"))
        return publications.publish_document(by=self.context["request"].user, **validated_data)


class WithdrawalSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


def _require(request: Request, authority: Any) -> None:
    if not permissions.EDIT.granted(request.user, authority):
        raise PermissionDenied


class FollowedViewSet(mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet):
    """Made once, then followed by its own actions; never changed otherwise."""

    permission = permissions.VIEW_DRAFTS
    rows: ClassVar[Any]
    authority_path: ClassVar[str]

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.serializer_class.Meta.model.objects.none()
        return type(self).rows(self.request.user).order_by("pk")

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        needed = self.permission if request.method in SAFE_METHODS else permissions.EDIT
        if not needed.anywhere(request.user):
            raise PermissionDenied

    def followed(self, serializer: type[serializers.Serializer]) -> tuple[Any, dict[str, Any]]:
        """The row that the user may follow, and what is said of it."""
        row = self.get_object()
        _require(self.request, follow(row, self.authority_path))
        given = serializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        return row, given.validated_data

    def told(self, row: Any) -> Response:
        return Response(self.get_serializer(row).data)


class TransmissionViewSet(FollowedViewSet):
    rows, authority_path = staticmethod(queries.visible_transmissions), OF_ACT
    serializer_class, filterset_class = TransmissionSerializer, filtersets.TransmissionFilter

    @extend_schema(
        summary="Consigner la remise à l'opérateur", request=SendingSerializer, responses=TransmissionSerializer
    )
    @action(detail=True, methods=["post"], url_path="remise")
    def sending(self, request: Request, pk: str) -> Response:
        row, data = self.followed(SendingSerializer)
        return self.told(transmissions.record_sending(transmission=row, by=request.user, **data))

    @extend_schema(
        summary="Consigner l'accusé de réception", request=AnswerSerializer, responses=TransmissionSerializer
    )
    @action(detail=True, methods=["post"], url_path="accuse")
    def answer(self, request: Request, pk: str) -> Response:
        row, data = self.followed(AnswerSerializer)
        file = data.pop("file", None)
        by, renumbered = request.user, data["renumbered"]
        if file is not None:
            content = file.read()
            return self.told(transmissions.record_answer(transmission=row, file=content, renumbered=renumbered, by=by))
        return self.told(transmissions.record_acknowledgement(transmission=row, by=by, **data))

    @extend_schema(summary="Consigner une anomalie", request=AnomalySerializer, responses=TransmissionSerializer)
    @action(detail=True, methods=["post"], url_path="anomalie")
    def anomaly(self, request: Request, pk: str) -> Response:
        row, data = self.followed(AnomalySerializer)
        return self.told(transmissions.record_anomaly(transmission=row, by=request.user, **data))


class PublicationViewSet(FollowedViewSet):
    permission = permissions.VIEW
    rows, authority_path = staticmethod(queries.visible_publications), OF_DOCUMENT
    serializer_class, filterset_class = PublicationSerializer, filtersets.PublicationFilter

    @extend_schema(summary="Retirer de la publication", request=WithdrawalSerializer, responses=PublicationSerializer)
    @action(detail=True, methods=["post"], url_path="retrait")
    def withdrawal(self, request: Request, pk: str) -> Response:
        row, data = self.followed(WithdrawalSerializer)
        return self.told(publications.withdraw_publication(publication=row, by=request.user, **data))
