from typing import ClassVar

from rest_framework import serializers

from governance import permissions, queries
from governance.filtersets import PlanDocumentFilter
from governance.models import PlanDocument
from plan_numerique.web.api import EntitySerializer, EntityViewSet


class PlanDocumentSerializer(EntitySerializer):
    """The file itself is at `/documents/<document>/`."""

    title = serializers.CharField(source="document.title", read_only=True)
    filename = serializers.CharField(source="document.filename", read_only=True)
    media_type = serializers.CharField(source="document.media_type", read_only=True)
    size = serializers.IntegerField(source="document.size", read_only=True)
    sha256 = serializers.CharField(source="document.sha256", read_only=True)

    class Meta:
        model = PlanDocument
        fields = (
            "id", "plan", "kind", "document", "title", "filename", "media_type", "size", "sha256", "run", "authorisation",
            "job", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class PlanDocumentViewSet(EntityViewSet):
    """What was produced is read, never written."""

    permission = permissions.VIEW_MONEY
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    authority_path = "plan__authority"
    rows = staticmethod(queries.visible_plan_documents)
    serializer_class, filterset_class = PlanDocumentSerializer, PlanDocumentFilter
