"""What prepares an act, over HTTP."""

from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from deliberations import permissions, queries, services
from deliberations.filtersets.drafting import (
    ActFigureFilter,
    ActTemplateFilter,
    ActVersionFilter,
    AnnexFilter,
    CommissionOpinionFilter,
    VisaStepFilter,
)
from deliberations.models import ActFigure, ActTemplate, ActVersion, Annex, CommissionOpinion, VisaStep
from deliberations.services.annexes import LARGEST, TOO_LARGE
from plan_numerique.accounts.models import Authority
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.api import EntitySerializer, EntityViewSet

OF_ACT = "act__sitting__assembly__authority"
CLAUSES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["kind", "text"],
        "properties": {
            "kind": {"type": "string"},
            "level": {"type": "integer"},
            "verb": {"type": "string"},
            "text": {"type": "string"},
            "rich": {"type": "boolean"},
        },
    },
}


@extend_schema_field(CLAUSES)
class ClausesField(serializers.JSONField):
    pass


class ActTemplateSerializer(EntitySerializer):
    scoped = {"authority": queries.editable_authorities}
    authority = serializers.PrimaryKeyRelatedField(
        queryset=Authority.objects.none(), label="Collectivité", help_text="Nulle pour un modèle de l'application."
    )
    clauses = ClausesField(required=False)

    class Meta:
        model = ActTemplate
        fields = ("id", "authority", "name", "kind", "nature", "matter_code", "title", "clauses")


class ActFigureSerializer(EntitySerializer):
    class Meta:
        model = ActFigure
        fields = ("id", "act", "key", "run", "text", "frozen_at")
        read_only_fields = fields


class ActVersionSerializer(EntitySerializer):
    clauses = ClausesField(read_only=True)

    class Meta:
        model = ActVersion
        fields = ("id", "act", "number", "title", "clauses", "reason", "created_at")
        read_only_fields = fields


class VisaStepSerializer(EntitySerializer):
    class Meta:
        model = VisaStep
        fields = ("id", "act", "position", "stage", "state", "version", "remark", "given_at")
        read_only_fields = fields


class CommissionOpinionSerializer(EntitySerializer):
    scoped = {"act": queries.editable_acts}

    class Meta:
        model = CommissionOpinion
        fields = ("id", "act", "commission", "held_on", "opinion", "remark")


@extend_schema_field({"type": "string", "format": "binary", "description": "Le fichier (multipart), à la création."})
class AnnexFileField(serializers.FileField):
    pass


class AnnexSerializer(EntitySerializer):
    """`file` is given once, in multipart: another file is another annex."""

    scoped = {"act": queries.editable_acts}
    file = AnnexFileField(write_only=True, required=False)
    filename = serializers.CharField(source="document.filename", read_only=True)
    sha256 = serializers.CharField(source="document.sha256", read_only=True)
    size = serializers.IntegerField(source="document.size", read_only=True)

    class Meta:
        model = Annex
        fields = ("id", "act", "position", "title", "public", "file", "filename", "sha256", "size")
        validators: ClassVar[list[Any]] = []
        extra_kwargs: ClassVar = {"position": {"required": False}}

    def create(self, validated_data: dict[str, Any]) -> Annex:
        file = validated_data.get("file")
        if file is None:
            raise DomainError("Joindre le fichier de l'annexe (multipart).", field="file")
        if file.size > LARGEST:
            raise DomainError(TOO_LARGE, field="file")
        return services.add_annex(
            act=validated_data["act"],
            title=validated_data["title"],
            filename=file.name,
            content=file.read(),
            public=validated_data.get("public", True),
            by=self.context["request"].user,
        )


class ActTemplateViewSet(EntityViewSet):
    """Les modèles sans collectivité viennent avec l'application : en lecture seule."""

    permission, write_permission = permissions.VIEW_DRAFTS, permissions.EDIT
    rows = staticmethod(queries.visible_act_templates)
    serializer_class, filterset_class = ActTemplateSerializer, ActTemplateFilter
    save_service, delete_service = staticmethod(services.save_template), staticmethod(services.delete_template)

    def _require(self, instance: ActTemplate) -> None:
        if instance.authority is None:
            raise PermissionDenied
        super()._require(instance)


class ReadViewSet(EntityViewSet):
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    authority_path = OF_ACT


class ActFigureViewSet(ReadViewSet):
    """Chiffres du plan figés à l'examen des actes."""

    permission = permissions.VIEW
    rows = staticmethod(queries.visible_figures)
    serializer_class, filterset_class = ActFigureSerializer, ActFigureFilter


class ActVersionViewSet(ReadViewSet):
    permission = permissions.VIEW_DRAFTS
    rows = staticmethod(queries.visible_versions)
    serializer_class, filterset_class = ActVersionSerializer, ActVersionFilter


class VisaStepViewSet(ReadViewSet):
    """Les visas se donnent sur la page de l'acte, devant son texte."""

    permission = permissions.SIGN_OFF
    rows = staticmethod(queries.visible_visas)
    serializer_class, filterset_class = VisaStepSerializer, VisaStepFilter


class CommissionOpinionViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, OF_ACT
    rows = staticmethod(queries.visible_opinions)
    serializer_class, filterset_class = CommissionOpinionSerializer, CommissionOpinionFilter
    save_service, delete_service = staticmethod(services.save_of_act), staticmethod(services.delete_of_act)


class AnnexViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, OF_ACT
    rows = staticmethod(queries.visible_annexes)
    serializer_class, filterset_class = AnnexSerializer, AnnexFilter
    save_service, delete_service = staticmethod(services.save_annex), staticmethod(services.delete_annex)

    @extend_schema(description="Ajoute une annexe ; le fichier se joint en multipart.")
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        self._require(Annex(act=serializer.validated_data["act"]))
        with transaction.atomic():
            serializer.save()

    def perform_update(self, serializer: Any) -> None:
        if serializer.validated_data.pop("file", None) is not None:
            raise DomainError("Un fichier ne se remplace pas : l'ajouter comme une autre annexe.", field="file")
        super().perform_update(serializer)
