from datetime import date
from functools import reduce
from operator import or_
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django_filters.conf import settings
from django_filters.fields import DateRangeField

from plan_numerique.web.forms import VisibleRows

EVERY = "Tous"
EITHER = "Indifférent"
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2200, 12, 31)
OTHER_DAY = f"Entrer une date entre {FIRST_DAY.year} et {LAST_DAY.year}."
RANGE_ENDS = ("min", "max", "after", "before")  # how a range field names its two inputs


class EitherSelect(forms.NullBooleanSelect):
    """Yes, no, or no condition at all, which is the choice at first."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.choices = [("", EITHER), ("true", "Oui"), ("false", "Non")]

    def format_value(self, value: Any) -> str:
        shown = super().format_value(value)
        return "" if shown == "unknown" else shown


class YearFilter(django_filters.NumberFilter):
    """Rows of a year, within what the database can compute with."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        bounds = {"min_value": FIRST_DAY.year, "max_value": LAST_DAY.year}
        super().__init__(*args, **{"lookup_expr": "year", **bounds, **kwargs})


class PeriodField(DateRangeField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields:
            field.validators += [MinValueValidator(FIRST_DAY, OTHER_DAY), MaxValueValidator(LAST_DAY, OTHER_DAY)]


class PeriodFilter(django_filters.DateFromToRangeFilter):
    """From a day to another, within what a moment can be computed with."""

    field_class = PeriodField


class EntityFilter(django_filters.FilterSet):
    """Filters of a list, the same for page, export and API.

    `search_fields`: lookups joined by OR for each word of `q`. `scoped`: which rows a choice may show, per field; without it, none.
    `without`: model fields that deliberately have no filter (a test reads it)."""

    search_fields: ClassVar[tuple[str, ...]] = ()
    scoped: ClassVar[dict[str, VisibleRows]] = {}
    without: ClassVar[tuple[str, ...]] = ()

    q = django_filters.CharFilter(label="Recherche", method="search")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, item in self.filters.items():
            item.__dict__.pop("_field", None)  # made for the class by whoever read it there, such as the API's schema
            if isinstance(item, django_filters.ModelChoiceFilter | django_filters.ModelMultipleChoiceFilter):
                if name not in self.scoped:
                    raise ImproperlyConfigured(f"{type(self).__name__}.scoped does not say which « {name} » to offer")
                item.queryset = item.extra["queryset"] = self.scoped[name](self.request.user)
            _name_no_choice(item)
        if not self.search_fields:
            self.filters.pop("q")

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split()[:8]:
            queryset = queryset.filter(
                reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.search_fields))
            )
        return queryset

    def chips(self) -> list[dict[str, str]]:
        """The filters in force, each with the query string that removes it."""
        if not self.is_bound or not self.form.is_valid():
            return []
        result = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, "", []) or (isinstance(value, QuerySet) and not value):
                continue
            params = self.data.copy()
            for key in [
                key for key in params if key in (name, "page") or key in {f"{name}_{end}" for end in RANGE_ENDS}
            ]:
                del params[key]
            field = self.form.fields[name]
            result.append(
                {"label": str(field.label), "value": _shown(field, value), "remove_url": f"?{params.urlencode()}"}
            )
        return result


def _name_no_choice(item: django_filters.Filter) -> None:
    if isinstance(item, django_filters.BooleanFilter):
        item.extra.setdefault("widget", EitherSelect)
    elif isinstance(item, django_filters.ChoiceFilter | django_filters.ModelChoiceFilter):
        given = item.extra.get("empty_label", settings.EMPTY_CHOICE_LABEL)
        item.extra["empty_label"] = EVERY if given == settings.EMPTY_CHOICE_LABEL else given


def _shown(field: forms.Field, value: Any) -> str:
    choices = dict(_flat(getattr(field, "choices", ()))) if not isinstance(field, forms.ModelChoiceField) else {}
    if isinstance(value, slice):
        low, high = value.start, value.stop
        return f"{low if low is not None else '…'} – {high if high is not None else '…'}"
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(str(choices.get(item, item)) for item in value)
    return str(choices.get(value, value))


def _flat(choices: Any) -> list[tuple[Any, str]]:
    pairs: list[tuple[Any, str]] = []
    for value, label in choices:
        pairs.extend(label if isinstance(label, list | tuple) else [(value, label)])
    return [(value, str(label)) for value, label in pairs]
