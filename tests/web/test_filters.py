"""Whatever an address asks a list, the list answers or says what is wrong: every filterset, by what its fields never expect."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory
from django.urls import get_resolver

from plan_numerique.accounts.access import Scope
from plan_numerique.web.filters import EntityFilter, PeriodFilter, YearFilter
from tests.factories.accounts import UserFactory

ODD = ("99999", "0", "-1", "9" * 30, "1e400", "NaN", "0001-01-01", "9999-12-31", "1582-10-10", "a\x00b", "²")
ENDS = ("", "_after", "_before", "_min", "_max")


def filtersets(base: type[EntityFilter] = EntityFilter) -> list[type[EntityFilter]]:
    found = []
    for item in base.__subclasses__():
        found += [item, *filtersets(item)]
    return found


get_resolver().url_patterns  # noqa: B018  loads every filterset


@pytest.fixture
def request_of_root(db: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = UserFactory(is_superuser=True)
    request.scope = Scope(request.user)  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("filterset", filtersets(), ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_no_filter_fails(filterset: type[EntityFilter], request_of_root: Any) -> None:
    rows = filterset._meta.model._base_manager.all()
    for name in filterset.base_filters:
        for end in ENDS:
            for value in ODD:
                held = filterset({f"{name}{end}": value}, queryset=rows, request=request_of_root)
                if end and not any(
                    f"{name}{end}" in str(held.form[field]) for field in held.form.fields if field == name
                ):
                    break
                if held.is_valid():
                    held.qs.exists()
    assert connection.is_usable()


@pytest.mark.parametrize("value", ["1799", "2201", "0", "-1", "99999", "2024.5"])
def test_a_year_is_one_of_ours(value: str) -> None:
    assert YearFilter(field_name="held_on").field.clean("2024") == 2024
    with pytest.raises(ValidationError):
        YearFilter(field_name="held_on").field.clean(value)


def test_a_period_is_of_our_times() -> None:
    field = PeriodFilter(field_name="at").field
    assert field.clean(["2024-01-01", ""]).stop is None
    for day in ("0001-01-01", "1799-12-31", "2201-01-01", "9999-12-31"):
        with pytest.raises(ValidationError, match="entre 1800 et 2200"):
            field.clean(["", day])
