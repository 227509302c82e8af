"""Diagnostics over HTTP: campaigns, triggers, answers, both halves and both signatures, works, photos."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from plan_numerique.web.api import EntitySerializer, EntityViewSet, MomentField, MoneyField
from plan_numerique.web.views.base import follow
from schools import filtersets, permissions, queries, services
from schools.domain.answers import shown
from schools.domain.works import cost
from schools.models import Diagnostic, DiagnosticCampaign, Photo, Work
from schools.queries import HALVES, SIDES, STAGES, TECHNICAL, TOWN
from schools.services.photos import TOO_LARGE

FILLS = {TECHNICAL: permissions.FILL_TECHNICAL, queries.PEDAGOGICAL: permissions.FILL_PEDAGOGICAL}
SIGNS = {TOWN: permissions.SIGN_FOR_TOWN, queries.ACADEMY: permissions.SIGN_FOR_ACADEMY}


class DiagnosticCampaignSerializer(EntitySerializer):
    scoped = {
        "authority": queries.led_authorities,
        "technical": queries.usable_questionnaires,
        "pedagogical": queries.usable_questionnaires,
    }

    class Meta:
        model = DiagnosticCampaign
        fields = "__all__"


class DiagnosticSerializer(EntitySerializer):
    scoped = {
        "campaign": queries.visible_diagnostic_campaigns,
        "school": queries.visible_schools,
    }
    stage = serializers.SerializerMethodField()

    class Meta:
        model = Diagnostic
        fields = (
            "id", "campaign", "school", "state", "stage", "family", "trigger", "reason", "triggered_on", "visit_on",
            "volunteers", "technical_done_at", "pedagogical_done_at", "town_signed_at", "academy_signed_at",
        )  # fmt: skip
        # The volunteers have their own door, where the rules of the packs say how many (equipment).
        read_only_fields = (
            "state", "volunteers", "technical_done_at", "pedagogical_done_at", "town_signed_at", "academy_signed_at",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(STAGES)})
    def get_stage(self, row: Diagnostic) -> str:
        return queries.stage_of(row)


class WorkSerializer(EntitySerializer):
    scoped = {"diagnostic": queries.technical_diagnostics, "site": queries.visible_sites}
    amount_vat = serializers.SerializerMethodField()
    amount_ttc = serializers.SerializerMethodField()

    class Meta:
        model = Work
        fields = (
            "id", "diagnostic", "site", "nature", "label", "payer", "payer_name", "amount_ht", "vat_rate", "amount_vat",
            "amount_ttc", "estimate", "due_on", "state", "done_on", "note",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "nullable": True})
    def get_amount_vat(self, row: Work) -> str | None:
        found = cost(row.amount_ht, row.vat_rate)
        return MoneyField().to_representation(found.vat) if found else None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_amount_ttc(self, row: Work) -> str | None:
        found = cost(row.amount_ht, row.vat_rate)
        return MoneyField().to_representation(found.ttc) if found else None


class PhotoSerializer(EntitySerializer):
    """`photo` is sent once, JPEG or PNG of 15 Mo at most; only the caption changes afterwards."""

    scoped = {"diagnostic": queries.visible_diagnostics}
    photo = serializers.FileField(write_only=True, required=False)
    image = serializers.SerializerMethodField()
    size = serializers.IntegerField(source="document.size", read_only=True)

    class Meta:
        model = Photo
        fields = ("id", "diagnostic", "caption", "taken_at", "photo", "image", "size")
        extra_kwargs: ClassVar[dict[str, Any]] = {"taken_at": {"required": False}}

    @extend_schema_field(OpenApiTypes.URI)
    def get_image(self, row: Photo) -> str:
        return str(reverse("schools:photo_image", args=[row.pk], request=self.context.get("request")))


class HalfSerializer(serializers.Serializer):
    half = serializers.ChoiceField(choices=list(HALVES.items()))


class ReopenSerializer(HalfSerializer):
    reason = serializers.CharField(max_length=500)


class SideSerializer(serializers.Serializer):
    side = serializers.ChoiceField(choices=list(SIDES.items()))


class DiagnosticReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class TypedAnswerSerializer(serializers.Serializer):
    """`value`: text, whole number, true or false, code of an option, list of codes, or a day; empty takes the answer back."""

    code = serializers.SlugField(max_length=60)
    value = serializers.JSONField(allow_null=True)
    typed_at = MomentField(required=False, help_text="Horloge de l'appareil ; à défaut, maintenant.")


class TypedSerializer(HalfSerializer):
    answers = TypedAnswerSerializer(many=True, max_length=200)


class DiagnosticAnswerSerializer(serializers.Serializer):
    half = serializers.CharField()
    section = serializers.CharField()
    code = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.CharField()
    required = serializers.BooleanField()
    value = serializers.JSONField(allow_null=True)
    shown = serializers.CharField(allow_blank=True)


class SavedAnswerSerializer(serializers.Serializer):
    code = serializers.CharField()
    outcome = serializers.CharField(help_text="kept, superseded (une réponse plus récente est gardée) ou refused.")
    message = serializers.CharField(allow_blank=True)
    shown = serializers.CharField(allow_blank=True)


def _read(shape: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class DiagnosticCampaignViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_DIAGNOSTICS, permissions.LEAD_DIAGNOSTICS
    rows = staticmethod(queries.visible_diagnostic_campaigns)
    serializer_class, filterset_class = DiagnosticCampaignSerializer, filtersets.DiagnosticCampaignFilter
    save_service = staticmethod(services.save_diagnostic_campaign)
    delete_service = staticmethod(services.delete_diagnostic_campaign)


class OnSchoolViewSet(EntityViewSet):
    """A right is asked for the school of the row, not for its town."""

    permission: ClassVar[Any] = permissions.VIEW_DIAGNOSTICS
    school_path: ClassVar[str] = "school"

    def needed(self, instance: Any) -> Any:
        return type(self).write_permission

    def _require(self, instance: Any) -> None:
        self.ask(instance, self.needed(instance))

    def ask(self, instance: Any, *any_of: Any) -> None:
        school = follow(instance, self.school_path)
        if not any(queries.granted_on(self.request.user, permission, school) for permission in any_of):
            raise PermissionDenied


class DiagnosticViewSet(OnSchoolViewSet):
    """`POST` déclenche. Un diagnostic s'abandonne, il ne se supprime pas."""

    cancel_service: ClassVar[Any]
    write_permission = permissions.VIEW_DIAGNOSTICS
    http_method_names: ClassVar[list[str]] = ["get", "post", "put", "patch", "head", "options"]
    authority_path = "campaign__authority"
    rows = staticmethod(queries.diagnostic_detail)
    serializer_class, filterset_class = DiagnosticSerializer, filtersets.DiagnosticFilter
    save_service = staticmethod(services.save_diagnostic)

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("volunteers")

    def needed(self, instance: Diagnostic) -> Any:
        return permissions.TRIGGERED_BY.get(instance.family, permissions.LEAD_DIAGNOSTICS)  # type: ignore[call-overload]

    def _answer(self, row: Diagnostic) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(responses=DiagnosticAnswerSerializer(many=True))
    @action(detail=True, url_path="reponses", pagination_class=None, filterset_class=None)
    def answers(self, request: Request, pk: Any = None) -> Response:
        """Les questions des deux parties et leurs réponses."""
        rows = [
            {
                "half": half.code,
                "section": question.section,
                "code": question.code,
                "text": question.text,
                "kind": question.kind,
                "required": question.required,
                "value": half.values.get(question.code),
                "shown": shown(question, half.values.get(question.code)),
            }
            for half in queries.halves_of(self.get_object())
            for question in half.questions
        ]
        return Response(DiagnosticAnswerSerializer(rows, many=True).data)

    @extend_schema(request=TypedSerializer, responses=SavedAnswerSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="saisir")
    def type_in(self, request: Request, pk: Any = None) -> Response:
        """Enregistre des réponses d'une partie ; de deux, la dernière saisie est gardée."""
        row, data = self.get_object(), _read(TypedSerializer, request)
        self.ask(row, FILLS[data["half"]])
        typed = {each["code"]: (each["value"], each.get("typed_at")) for each in data["answers"]}
        questionnaire = getattr(row.campaign, data["half"])
        saved = services.save_answers(owner=row, typed=typed, by=request.user, questionnaire=questionnaire)
        return Response(SavedAnswerSerializer(list(saved.values()), many=True).data)

    @extend_schema(request=HalfSerializer, responses=DiagnosticSerializer)
    @action(detail=True, methods=["post"], url_path="terminer")
    def finish(self, request: Request, pk: Any = None) -> Response:
        """Termine une partie."""
        row, data = self.get_object(), _read(HalfSerializer, request)
        self.ask(row, FILLS[data["half"]])
        return self._answer(services.finish_half(diagnostic=row, half=data["half"], by=request.user))

    @extend_schema(request=ReopenSerializer, responses=DiagnosticSerializer)
    @action(detail=True, methods=["post"], url_path="rouvrir")
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """Rouvre une partie terminée ; une validation déjà donnée est retirée."""
        row, data = self.get_object(), _read(ReopenSerializer, request)
        self.ask(row, FILLS[data["half"]])
        return self._answer(
            services.reopen_half(diagnostic=row, half=data["half"], reason=data["reason"], by=request.user)
        )

    @extend_schema(request=SideSerializer, responses=DiagnosticSerializer)
    @action(detail=True, methods=["post"], url_path="valider")
    def sign(self, request: Request, pk: Any = None) -> Response:
        """Valide pour un côté ; validé des deux, le diagnostic ne change plus."""
        row, data = self.get_object(), _read(SideSerializer, request)
        self.ask(row, SIGNS[data["side"]])
        return self._answer(services.sign_diagnostic(diagnostic=row, side=data["side"], by=request.user))

    @extend_schema(request=DiagnosticReasonSerializer, responses=DiagnosticSerializer)
    @action(detail=True, methods=["post"], url_path="abandonner")
    def cancel(self, request: Request, pk: Any = None) -> Response:
        """Abandonne le diagnostic."""
        row, data = self.get_object(), _read(DiagnosticReasonSerializer, request)
        self.ask(row, self.needed(row))
        return self._answer(type(self).cancel_service(diagnostic=row, reason=data["reason"], by=request.user))

    @extend_schema(request=DiagnosticReasonSerializer, responses=DiagnosticSerializer)
    @action(detail=True, methods=["post"], url_path="reprendre")
    def resume(self, request: Request, pk: Any = None) -> Response:
        """Reprend un diagnostic abandonné, là où il a été laissé."""
        row, data = self.get_object(), _read(DiagnosticReasonSerializer, request)
        self.ask(row, self.needed(row))
        return self._answer(services.resume_diagnostic(diagnostic=row, reason=data["reason"], by=request.user))


class WorkViewSet(OnSchoolViewSet):
    write_permission, school_path = permissions.FILL_TECHNICAL, "diagnostic__school"
    authority_path = "diagnostic__campaign__authority"
    rows = staticmethod(queries.visible_works)
    serializer_class, filterset_class = WorkSerializer, filtersets.WorkFilter
    save_service, delete_service = staticmethod(services.save_work), staticmethod(services.delete_work)


def save_photo(*, instance: Photo, by: Any, reason: str, m2m: Any) -> Photo:
    file = getattr(instance, "photo", None)
    if not instance._state.adding:
        return services.set_caption(photo=instance, caption=instance.caption, by=by)
    if file is None:
        raise ValidationError({"photo": ["Joindre la photo."]})
    if file.size > services.LARGEST_PHOTO:
        raise ValidationError({"photo": [TOO_LARGE]})
    return services.add_photo(
        diagnostic=instance.diagnostic,
        content=file.read(),
        caption=instance.caption,
        taken_at=instance.taken_at or timezone.now(),
        by=by,
    )


class PhotoViewSet(OnSchoolViewSet):
    write_permission, school_path = permissions.VIEW_DIAGNOSTICS, "diagnostic__school"
    http_method_names: ClassVar[list[str]] = ["get", "post", "patch", "delete", "head", "options"]
    authority_path = "diagnostic__campaign__authority"
    rows = staticmethod(queries.visible_photos)
    serializer_class, filterset_class = PhotoSerializer, filtersets.PhotoFilter
    save_service, delete_service = staticmethod(save_photo), staticmethod(services.delete_photo)
    parser_classes = (MultiPartParser, FormParser)

    def _require(self, instance: Photo) -> None:
        self.ask(instance, *FILLS.values())

    def get_parsers(self) -> list[Any]:
        """A caption changes by JSON too."""
        if self.request is not None and self.request.method == "PATCH":
            return [parser() for parser in EntityViewSet.parser_classes]
        return super().get_parsers()
