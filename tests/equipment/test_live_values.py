"""The live values of a call for projects, read from the park, the rolls and the sites."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from equipment.queries import live_values
from schools.models import School
from tests.factories.equipment import DeviceFactory
from tests.factories.schools import (
    HeadcountFactory,
    SchoolClassFactory,
    SchoolFactory,
    SiteFactory,
    SocialIndexFactory,
)

TODAY = date(2026, 11, 23)


def device(school: School, acquired_on: date | None = None, state: str = "in_service") -> Any:
    return DeviceFactory(authority=school.authority, school=school, state=state, acquired_on=acquired_on)


def values(school: School) -> dict[str, Decimal | None]:
    return live_values([school.pk], TODAY)[school.pk].values


def test_values_of_a_school_known_well(db: Any) -> None:
    school = SchoolFactory(priority_district=True, education_priority="REP+")
    for day in (date(2022, 11, 23), date(2020, 11, 23), None):
        device(school, day)
    device(school, date(2000, 1, 1), "disposed")
    for year, pupils in ((2024, 999), (2025, 150)):
        HeadcountFactory(school_class=SchoolClassFactory(school=school, school_year=year), pupils=pupils)
    for year, value in ((2022, "90.1"), (2023, "88.4")):
        SocialIndexFactory(school=school, school_year=year, value=Decimal(value))
    for speed in (20, 300, None):
        SiteFactory(school=school, bandwidth=speed)
    found = live_values([school.pk], TODAY)[school.pk]
    assert found.values == {
        "park_age": Decimal("5.00"),
        "equipped": Decimal("2.00"),
        "priority_district": 1,
        "education_priority": 2,
        "social_index": Decimal("88.4"),
        "bandwidth": 300,
    }
    assert (found.devices, found.dated, found.pupils, found.year, found.index_year) == (3, 2, 150, 2025, 2023)


def test_what_is_unknown_is_not_zero(db: Any) -> None:
    school = SchoolFactory()
    assert values(school) == {
        "park_age": None,
        "equipped": 0,
        "priority_district": 0,
        "education_priority": 0,
        "social_index": None,
        "bandwidth": None,
    }
    device(school)
    assert (values(school)["park_age"], values(school)["equipped"]) == (None, None)


def test_site_without_any_connection_has_no_speed(db: Any) -> None:
    school = SiteFactory(connection="none").school
    assert values(school)["bandwidth"] == 0


@pytest.mark.parametrize("count", [1, 3])
def test_live_values_take_two_queries(db: Any, django_assert_num_queries: Any, count: int) -> None:
    schools = [SchoolFactory() for _ in range(count)]
    for school in schools:
        device(school, TODAY)
    with django_assert_num_queries(2):
        assert len(live_values([school.pk for school in schools], TODAY)) == count
