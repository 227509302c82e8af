"""The REST base: same rows, filters, permissions and services as the pages."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS

from plan_numerique.shared import money
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


class EntitySerializer(serializers.ModelSerializer):
    """Shapes only. `scoped` says which rows a related field may name; a writable one without it is an error."""

    scoped: ClassVar[dict[str, Callable[[Any], QuerySet[Any]]]] = {}
    serializer_field_mapping = {**serializers.ModelSerializer.serializer_field_mapping, CentsField: MoneyField}

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


class EntityViewSet(
    mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet
):
    """`queryset` is a callable of the user; `save_service(*, instance, by, reason, m2m)` and `delete_service` write, None forbids."""

    permission: ClassVar[Grant]
    write_permission: ClassVar[Grant | None] = None
    rows: ClassVar[Callable[[Any], QuerySet[Any]]]
    authority_path: ClassVar[str] = "authority"
    save_service: ClassVar[Callable[..., Any] | None] = None
    delete_service: ClassVar[Callable[..., Any] | None] = None

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
        serializer.instance = service(
            instance=instance, by=self.request.user, reason="", m2m={name: data[name] for name in many if name in data}
        )

    def perform_create(self, serializer: Any) -> None:
        self._write(serializer, serializer.Meta.model())

    def perform_update(self, serializer: Any) -> None:
        self._write(serializer, serializer.instance)

    def perform_destroy(self, instance: Any) -> None:
        service = type(self).delete_service
        if service is None:
            raise PermissionDenied
        self._require(instance)
        service(instance=instance, by=self.request.user, reason="")
