"""The REST base: same rows, filters, permissions and services as the pages."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import DateTimeField, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from plan_numerique.shared import money
from plan_numerique.web import versions
from plan_numerique.web.fields import CentsField
from plan_numerique.web.views.base import Grant, follow


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$", "example": "1234.50"})
class MoneyField(serializers.Field):
    """Cents as a decimal string, `"1234.50"`."""

    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "Un montant s'écrit comme une chaîne décimale, « 1234.50 » : deux décimales au plus."
    }

    def __init__(self, **kwargs: Any) -> None:
        for ignored in ("min_value", "max_value"):
            kwargs.pop(ignored, None)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return money.parse_cents(data)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: int) -> str:
        return money.format_cents(value)


class MomentField(serializers.DateTimeField):
    """Refuses a naive moment at either end of the calendar, where the framework fails."""

    def enforce_timezone(self, value: Any) -> Any:
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow")


class EntitySerializer(serializers.ModelSerializer):
    """Shapes only. `scoped` says which rows a related field may name; a writable one without it is an error."""

    scoped: ClassVar[dict[str, Callable[[Any], QuerySet[Any]]]] = {}
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        CentsField: MoneyField,
        DateTimeField: MomentField,
    }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        for name, field in fields.items():
            related = getattr(field, "child_relation", field)
            if isinstance(related, serializers.RelatedField) and not field.read_only:
                if name not in self.scoped:
                    raise ImproperlyConfigured(f"{type(self).__name__}.scoped does not say which « {name} » to accept")
                related.queryset = self.scoped[name](request.user) if request else related.queryset
        return fields


class StaleVersionError(APIException):
    """`If-Match` names another version than the stored one."""

    status_code = 412
    default_code = "stale"


ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="Version de la ligne, à rendre dans If-Match.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="ETag lu avant de modifier : 412 si quelqu'un d'autre a changé la ligne depuis. Sans lui, rien n'est vérifié.",
)


@extend_schema_view(
    create=extend_schema(parameters=[ETAG]),
    retrieve=extend_schema(parameters=[ETAG]),
    update=extend_schema(parameters=[IF_MATCH, ETAG]),
    partial_update=extend_schema(parameters=[IF_MATCH, ETAG]),
    destroy=extend_schema(parameters=[IF_MATCH]),
)
class EntityViewSet(
    mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet
):
    """`queryset` is a callable of the user; `save_service(*, instance, by, reason, m2m)` and `delete_service` write, None forbids.

    A row read or written comes with its version as `ETag`; a write that gives it back as `If-Match` is refused (412) when it is no
    longer the stored one."""

    permission: ClassVar[Grant]
    write_permission: ClassVar[Grant | None] = None
    rows: ClassVar[Callable[[Any], QuerySet[Any]]]
    authority_path: ClassVar[str] = "authority"
    save_service: ClassVar[Callable[..., Any] | None] = None
    delete_service: ClassVar[Callable[..., Any] | None] = None
    version: str = ""

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.serializer_class.Meta.model.objects.none()
        return type(self).rows(self.request.user).order_by("pk")

    def check_permissions(self, request: Any) -> None:
        super().check_permissions(request)
        needed = self.permission if request.method in SAFE_METHODS else self.write_permission
        if needed is None or not needed.anywhere(request.user):
            raise PermissionDenied

    def _require(self, instance: Any) -> None:
        permission = self.write_permission
        if permission is None or not permission.granted(self.request.user, follow(instance, self.authority_path)):
            raise PermissionDenied

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.version = versions.version_at(self.serializer_class.Meta.model, kwargs["pk"])
        return super().retrieve(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        if self.version and final.status_code < 300:
            final["ETag"] = f'"{self.version}"'
        return final

    def _require_match(self, instance: Any) -> None:
        """Inside the transaction of the write: the row is held until its end."""
        named = [
            tag.strip().removeprefix("W/").strip('"') for tag in self.request.headers.get("If-Match", "*").split(",")
        ]
        if "*" in named or instance._state.adding:
            return
        try:
            versions.lock_version(
                instance, next((tag for tag in named if tag == versions.version_of(instance)), named[0] or "0")
            )
        except versions.StaleRowError as error:
            raise StaleVersionError(f"{error.conflict.sentence} Rien n'est enregistré : relire la ligne.") from None

    def _write(self, serializer: Any, instance: Any) -> None:
        service = type(self).save_service
        if service is None:
            raise PermissionDenied
        many = {field.name for field in instance._meta.many_to_many}
        data = serializer.validated_data
        if not instance._state.adding:
            self._require(instance)
        for name, value in data.items():
            if name not in many:
                setattr(instance, name, value)
        self._require(instance)
        with transaction.atomic():
            self._require_match(instance)
            serializer.instance = service(
                instance=instance,
                by=self.request.user,
                reason="",
                m2m={name: data[name] for name in many if name in data},
            )
            self.version = versions.version_of(serializer.instance)

    def perform_create(self, serializer: Any) -> None:
        self._write(serializer, serializer.Meta.model())

    def perform_update(self, serializer: Any) -> None:
        self._write(serializer, serializer.instance)

    def perform_destroy(self, instance: Any) -> None:
        service = type(self).delete_service
        if service is None:
            raise PermissionDenied
        self._require(instance)
        with transaction.atomic():
            self._require_match(instance)
            service(instance=instance, by=self.request.user, reason="")
