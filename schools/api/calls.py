"""Questionnaires, campaigns, applications, opinions and marks over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from plan_numerique.web.api import EntitySerializer, EntityViewSet
from schools import filtersets, permissions, queries, services, tasks
from schools.api.diagnostics import OnSchoolViewSet
from schools.domain.answers import shown
from schools.domain.attachments import LARGEST_FILE, shown_name
from schools.models import (
    Application,
    Attachment,
    Campaign,
    Criterion,
    Mark,
    Opinion,
    Question,
    Questionnaire,
)


class QuestionnaireSerializer(EntitySerializer):
    scoped = {"authority": queries.composing_authorities}

    class Meta:
        model = Questionnaire
        fields = ("id", "authority", "kind", "code", "title", "version", "state", "intro", "source")
        read_only_fields = ("version", "state")


class QuestionSerializer(EntitySerializer):
    scoped = {"questionnaire": queries.draft_questionnaires}

    class Meta:
        model = Question
        fields = "__all__"


class CampaignSerializer(EntitySerializer):
    scoped = {"authority": queries.leading_authorities, "questionnaire": queries.campaign_questionnaires}

    class Meta:
        model = Campaign
        exclude = ("frozen_by",)
        read_only_fields = ("state", "frozen_at")


class CriterionSerializer(EntitySerializer):
    scoped = {"campaign": queries.led_campaigns}

    class Meta:
        model = Criterion
        fields = "__all__"


class ApplicationSerializer(EntitySerializer):
    scoped = {
        "campaign": queries.visible_campaigns,
        "school": queries.applying_schools,
        "classes": queries.visible_classes,
    }

    class Meta:
        model = Application
        fields = ("id", "campaign", "school", "state", "project", "summary", "classes", "volunteers", "submitted_at")
        read_only_fields = ("state", "submitted_at")
        extra_kwargs: ClassVar[dict[str, Any]] = {"classes": {"required": False}}


class AttachmentSerializer(EntitySerializer):
    """`file` is sent once, in `multipart/form-data`; `url` serves it as a download."""

    scoped = {"application": queries.visible_applications}
    file = serializers.FileField(write_only=True, allow_empty_file=True, max_length=255)
    filename = serializers.CharField(source="document.filename", read_only=True)
    media_type = serializers.CharField(source="document.media_type", read_only=True)
    size = serializers.IntegerField(source="document.size", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("id", "application", "caption", "filename", "media_type", "size", "url", "file")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, row: Attachment) -> str:
        return str(reverse("schools:attachment_file", args=[row.pk], request=self.context.get("request")))


class OpinionSerializer(EntitySerializer):
    scoped = {"application": queries.visible_applications}
    by: Any = serializers.StringRelatedField(read_only=True)

    class Meta:
        model = Opinion
        fields = ("id", "application", "stage", "verdict", "text", "confidential", "by", "given_at")
        read_only_fields = ("given_at",)


class MarkSerializer(EntitySerializer):
    scoped = {"application": queries.visible_applications, "criterion": queries.visible_criteria}
    by: Any = serializers.StringRelatedField(read_only=True)

    class Meta:
        model = Mark
        fields = ("id", "application", "criterion", "value", "reason", "by")


class ApplicationAnswerSerializer(serializers.Serializer):
    section = serializers.CharField()
    code = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.CharField()
    required = serializers.BooleanField()
    value = serializers.JSONField(allow_null=True)
    shown = serializers.CharField()


class TypedMomentField(serializers.DateTimeField):
    """A year that no clock has is refused, with or without a time zone."""

    def enforce_timezone(self, value: Any) -> Any:
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow")


class ApplicationTypedAnswerSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=60)
    value = serializers.JSONField(allow_null=True)
    typed_at = TypedMomentField(required=False)


class ApplicationTypedSerializer(serializers.Serializer):
    answers = ApplicationTypedAnswerSerializer(many=True)


class ApplicationSavedSerializer(serializers.Serializer):
    code = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[services.KEPT, services.SUPERSEDED, services.REFUSED])
    message = serializers.CharField()
    shown = serializers.CharField()


class ApplicationWithdrawalSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class QuestionnaireViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_QUESTIONNAIRES, permissions.EDIT_QUESTIONNAIRES
    rows = staticmethod(queries.visible_questionnaires)
    serializer_class, filterset_class = QuestionnaireSerializer, filtersets.QuestionnaireFilter
    save_service = staticmethod(services.save_questionnaire)
    delete_service = staticmethod(services.delete_questionnaire)

    def _command(self, service: Any) -> Response:
        row = self.get_object()
        self._require(row)
        return Response(self.get_serializer(service(questionnaire=row, by=self.request.user)).data)

    @extend_schema(request=None, responses=QuestionnaireSerializer)
    @action(detail=True, methods=["post"], url_path="mettre-en-service")
    def use(self, request: Request, pk: Any = None) -> Response:
        """Met la version en service ; ses questions ne changent plus."""
        return self._command(services.put_in_use)

    @extend_schema(request=None, responses=QuestionnaireSerializer)
    @action(detail=True, methods=["post"], url_path="nouvelle-version")
    def version_next(self, request: Request, pk: Any = None) -> Response:
        """Prépare une nouvelle version, avec les mêmes questions."""
        return self._command(services.new_version)


class QuestionViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_QUESTIONNAIRES, permissions.EDIT_QUESTIONNAIRES
    authority_path = "questionnaire__authority"
    rows = staticmethod(queries.visible_questions)
    serializer_class, filterset_class = QuestionSerializer, filtersets.QuestionFilter
    save_service, delete_service = staticmethod(services.save_question), staticmethod(services.delete_question)


class CampaignViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_CAMPAIGNS, permissions.LEAD_CAMPAIGNS
    rows = staticmethod(queries.visible_campaigns)
    serializer_class, filterset_class = CampaignSerializer, filtersets.CampaignFilter
    save_service, delete_service = staticmethod(services.save_campaign), staticmethod(services.delete_campaign)

    def _command(self, service: Any) -> Response:
        row = self.get_object()
        self._require(row)
        return Response(self.get_serializer(service(campaign=row, by=self.request.user)).data)

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"], url_path="publier")
    def publish(self, request: Request, pk: Any = None) -> Response:
        """Publie la campagne."""
        return self._command(services.publish_campaign)

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"], url_path="depublier")
    def unpublish(self, request: Request, pk: Any = None) -> Response:
        """Retire la publication, tant qu'aucune école n'a commencé."""
        return self._command(services.unpublish_campaign)


class CriterionViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW_CAMPAIGNS, permissions.LEAD_CAMPAIGNS
    authority_path = "campaign__authority"
    rows = staticmethod(queries.visible_criteria)
    serializer_class, filterset_class = CriterionSerializer, filtersets.CriterionFilter
    save_service, delete_service = staticmethod(services.save_criterion), staticmethod(services.delete_criterion)


class ApplicationViewSet(OnSchoolViewSet):
    """Un brouillon se crée, se modifie et se supprime ; déposée, une candidature se retire."""

    permission, write_permission = permissions.VIEW_APPLICATIONS, permissions.APPLY
    authority_path = "school__authority"
    rows = staticmethod(queries.applications_listed)
    serializer_class, filterset_class = ApplicationSerializer, filtersets.ApplicationFilter
    save_service = staticmethod(services.save_application)
    delete_service = staticmethod(services.delete_application)

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("classes")

    def _typed_row(self) -> Application:
        row: Application = self.get_object()
        self._require(row)
        return row

    def _answer(self, row: Application) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(responses=ApplicationAnswerSerializer(many=True))
    @action(detail=True, url_path="reponses", pagination_class=None, filterset_class=None)
    def answers(self, request: Request, pk: Any = None) -> Response:
        """Les questions du questionnaire et leurs réponses."""
        content = queries.content_of(self.get_object())
        rows = [
            {
                "section": each.section,
                "code": each.code,
                "text": each.text,
                "kind": each.kind,
                "required": each.required,
                "value": content.values.get(each.code),
                "shown": shown(each, content.values.get(each.code)),
            }
            for each in content.asked
        ]
        return Response(ApplicationAnswerSerializer(rows, many=True).data)

    @extend_schema(request=ApplicationTypedSerializer, responses=ApplicationSavedSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="saisir")
    def type_in(self, request: Request, pk: Any = None) -> Response:
        """Enregistre des réponses au questionnaire ; de deux, la dernière saisie est gardée."""
        row = self._typed_row()
        given = ApplicationTypedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        typed = {each["code"]: (each["value"], each.get("typed_at")) for each in given.validated_data["answers"]}
        saved = services.save_answers(owner=row, typed=typed, by=request.user)
        return Response(ApplicationSavedSerializer(list(saved.values()), many=True).data)

    @extend_schema(request=None, responses=ApplicationSerializer)
    @action(detail=True, methods=["post"], url_path="deposer")
    def submit(self, request: Request, pk: Any = None) -> Response:
        """Dépose la candidature."""
        row = services.submit_application(application=self._typed_row(), by=request.user)
        tasks.start_application_sheet(application=row, by=request.user)
        return self._answer(row)

    @extend_schema(request=ApplicationWithdrawalSerializer, responses=ApplicationSerializer)
    @action(detail=True, methods=["post"], url_path="retirer")
    def withdraw(self, request: Request, pk: Any = None) -> Response:
        """Retire la candidature, avant la clôture, avec le motif."""
        row, given = self._typed_row(), ApplicationWithdrawalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]
        return self._answer(services.withdraw_application(application=row, reason=reason, by=request.user))

    @extend_schema(request=None, responses=ApplicationSerializer)
    @action(detail=True, methods=["post"], url_path="reprendre")
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """Fait d'une candidature retirée un brouillon."""
        return self._answer(services.reopen_application(application=self._typed_row(), by=request.user))


def attach(*, instance: Attachment, by: Any, reason: str, m2m: Any) -> Attachment:
    sent = getattr(instance, "file", None)
    if sent is None:
        raise ValidationError({"file": ["Joindre le fichier."]})
    if sent.size > LARGEST_FILE:
        raise ValidationError(
            {"file": [f"« {shown_name(sent.name)} » pèse plus de 10 Mo : 10 Mo au plus par fichier."]}
        )
    return services.attach_file(
        application=instance.application, filename=sent.name, content=sent.read(), caption=instance.caption, by=by
    )


class AttachmentViewSet(OnSchoolViewSet):
    permission, write_permission = permissions.VIEW_APPLICATIONS, permissions.APPLY
    authority_path, school_path = "application__school__authority", "application__school"
    http_method_names: ClassVar[list[str]] = ["get", "post", "delete", "head", "options"]
    rows = staticmethod(queries.attachments_listed)
    serializer_class, filterset_class = AttachmentSerializer, filtersets.AttachmentFilter
    save_service, delete_service = staticmethod(attach), staticmethod(services.delete_attachment)
    parser_classes = (MultiPartParser, FormParser)


class StageViewSet(OnSchoolViewSet):
    """The service says whose stage it is."""

    permission, write_permission = permissions.VIEW_APPLICATIONS, permissions.OPINE
    authority_path, school_path = "application__school__authority", "application__school"


class OpinionViewSet(StageViewSet):
    rows = staticmethod(queries.visible_opinions)
    serializer_class, filterset_class = OpinionSerializer, filtersets.OpinionFilter
    save_service, delete_service = staticmethod(services.save_opinion), staticmethod(services.delete_opinion)


class MarkViewSet(StageViewSet):
    rows = staticmethod(queries.visible_marks)
    serializer_class, filterset_class = MarkSerializer, filtersets.MarkFilter
    save_service, delete_service = staticmethod(services.save_mark), staticmethod(services.delete_mark)
