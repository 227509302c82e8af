from typing import Any

import pytest
from django import forms

from schools.models import School
from tests.factories.schools import SchoolFactory


@pytest.mark.django_db
def test_keys_too_large_for_the_database_match_nothing() -> None:
    school = SchoolFactory()
    huge = [10**30, -(10**30), school.pk]
    assert list(School.objects.filter(pk__in=huge)) == [school]
    assert not School.objects.filter(pk__in=[10**30]).exists()
    assert School.objects.filter(pk__in=School.objects.values("pk")).count() == 1


@pytest.mark.django_db
def test_a_forged_choice_among_many_is_refused_and_does_not_fail() -> None:
    field: Any = forms.ModelMultipleChoiceField(School.objects.all())
    with pytest.raises(forms.ValidationError):
        field.clean([str(10**30)])
