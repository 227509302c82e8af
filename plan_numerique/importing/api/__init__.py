"""Files to import, sent and followed as on the pages."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from plan_numerique.accounts.models import Authority, User
from plan_numerique.importing import queries, tasks
from plan_numerique.importing.filtersets import ImportSessionFilter
from plan_numerique.importing.importers import IMPORT, importer_of
from plan_numerique.imports import mapping, services
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import MAX_BYTES
from plan_numerique.web.api import EntityViewSet


class ImportProblemSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()
    accepted = serializers.CharField()


class ImportSessionSerializer(serializers.ModelSerializer[ImportSession]):
    filename = serializers.CharField(source="document.filename", read_only=True)
    errors_document = serializers.IntegerField(
        source="errors_id", read_only=True, allow_null=True, help_text="Les lignes à corriger : /documents/{id}/."
    )
    document = serializers.IntegerField(source="document_id", read_only=True)

    class Meta:
        model = ImportSession
        fields = (
            "id", "kind", "authority", "filename", "document", "sheet", "columns", "options", "state", "job", "errors_document",
            "by", "at", "rows", "created", "updated", "unchanged", "left_out", "bad", "problem_count",
        )  # fmt: skip
        read_only_fields = fields


class ImportSessionDetailSerializer(ImportSessionSerializer):
    problems = ImportProblemSerializer(many=True, read_only=True)
    remarks = serializers.ListField(child=serializers.CharField(), read_only=True)
    header = serializers.SerializerMethodField(help_text="Colonnes du fichier, tant qu'il n'est pas importé.")

    class Meta(ImportSessionSerializer.Meta):
        fields = (*ImportSessionSerializer.Meta.fields, "problems", "remarks", "header")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_header(self, session: ImportSession) -> list[str]:
        if session.state not in services.OPEN:
            return []
        with services.opened(session) as table:
            return list(mapping.own_columns(table.header))


class ImportFileSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=60, help_text="Nature du fichier : schools.schools…")
    authority = serializers.PrimaryKeyRelatedField(queryset=Authority.objects.all())
    file = serializers.FileField(max_length=150)
    sheet = serializers.CharField(max_length=120, required=False, default="")
    options = serializers.JSONField(required=False, default=dict, help_text="Objet JSON : nom du choix → valeur.")

    def validate_file(self, file: Any) -> Any:
        if file.size > MAX_BYTES:
            raise ValidationError(f"Ce fichier pèse {file.size // 1_000_000} Mo : {MAX_BYTES // 1_000_000} Mo au plus.")
        return file

    def validate_options(self, options: Any) -> dict[str, str]:
        if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
            raise ValidationError('Les choix sont un objet JSON de textes : {"school_year": "2024"}.')
        return options


class ImportColumnsSerializer(serializers.Serializer[Any]):
    columns = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=250))
    options = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=250), required=False)
    sheet = serializers.CharField(max_length=120, required=False)


class ImportApplySerializer(serializers.Serializer[Any]):
    only_good = serializers.BooleanField(
        default=False, help_text="Importer les bonnes lignes et laisser les autres ; sinon tout, ou rien."
    )


class ImportUndoSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ImportSessionViewSet(EntityViewSet):
    """A file sent, its columns told, checked, applied, undone: each step answers with the session; `job` is the task that does it."""

    permission = IMPORT
    write_permission = IMPORT
    rows = staticmethod(queries.visible_sessions)  # type: ignore[assignment]
    serializer_class = ImportSessionDetailSerializer
    filterset_class = ImportSessionFilter
    http_method_names = ["get", "post", "head", "options"]

    def get_serializer_class(self) -> type[ImportSessionSerializer]:
        return ImportSessionSerializer if self.action == "list" else ImportSessionDetailSerializer

    def get_parsers(self) -> list[Any]:
        return list(super().get_parsers()) if self.detail else [MultiPartParser()]

    @extend_schema(
        request={"multipart/form-data": ImportFileSerializer}, responses={201: ImportSessionDetailSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = ImportFileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        importer = importer_of(told["kind"])
        if importer is None or not importer.permission.anywhere(request.user):
            raise ValidationError({"kind": f"« {told['kind']} » n'est pas un fichier que vous pouvez importer."})
        if not importer.permission.authorities(request.user).filter(pk=told["authority"].pk).exists():
            raise ValidationError({"authority": "Cette collectivité n'est pas des vôtres pour ce fichier."})
        try:
            session = services.open_session(
                authority=told["authority"],
                importer=importer,
                filename=told["file"].name,
                content=told["file"].read(),
                options=told["options"],
                sheet=told["sheet"],
                by=cast(User, request.user),
            )
        except DomainError as error:
            field = "file" if error.field == "file" else "options"
            raise ValidationError({field: error.message}) from None
        return Response(self.get_serializer(session).data, status=status.HTTP_201_CREATED)

    def _answer(self, session: ImportSession) -> Response:
        again = self.get_queryset().get(pk=session.pk)
        return Response(self.get_serializer(again).data)

    def _told(self, kind: type[serializers.Serializer[Any]]) -> tuple[ImportSession, dict[str, Any]]:
        session = self.get_object()
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return session, given.validated_data

    @extend_schema(request=ImportColumnsSerializer, responses=ImportSessionDetailSerializer)
    @action(detail=True, methods=["post"])
    def columns(self, request: Request, pk: Any = None) -> Response:
        session, told = self._told(ImportColumnsSerializer)
        importer = tasks.importer_for(session)
        services.map_columns(session=session, importer=importer, by=cast(User, request.user), **told)
        return self._answer(session)

    @extend_schema(request=None, responses=ImportSessionDetailSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: Any = None) -> Response:
        session = self.get_object()
        tasks.start_check(session=session, by=cast(User, request.user))
        return self._answer(session)

    @extend_schema(request=ImportApplySerializer, responses=ImportSessionDetailSerializer)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: Any = None) -> Response:
        session, told = self._told(ImportApplySerializer)
        tasks.start_apply(session=session, only_good=told["only_good"], by=cast(User, request.user))
        return self._answer(session)

    @extend_schema(request=ImportUndoSerializer, responses=ImportSessionDetailSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: Any = None) -> Response:
        session, told = self._told(ImportUndoSerializer)
        tasks.start_undo(session=session, reason=told["reason"], by=cast(User, request.user))
        return self._answer(session)


routes = [("imports", ImportSessionViewSet)]
