"""Rows that one import created or changed, for any list: `imported = ImportedFilter()` in the filterset of a model that keeps versions."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

PARAMETER = "imported"


class ImportedFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label": "Import n°", "min_value": 1, "max_value": 10**15, **kwargs})

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        model = qs.model
        versions: Any = getattr(model, model._meta.simple_history_manager_attribute)
        touched = versions.filter(audit_event__import_session=value)
        return qs.filter(pk__in=touched.values(model._meta.pk.attname))
