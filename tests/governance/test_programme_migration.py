from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from governance.models import ProgrammePhase, ProgrammeVersion, Scenario
from tests.factories import governance as make


@pytest.mark.django_db
def test_a_scenario_adopted_before_versions_becomes_the_first_version(compute: Any) -> None:
    scenario = make.metz(make.ScenarioFactory())
    make.ScenarioFactory(plan=scenario.plan)
    run = compute(scenario)
    Scenario.objects.filter(pk=scenario.pk).update(state="adopted")
    migration = import_module("governance.migrations.0003_programme_of_adopted")
    migration.open_programmes(apps, None)
    migration.open_programmes(apps, None)
    version = ProgrammeVersion.objects.get()
    assert (version.plan, version.number, version.scenario, version.run) == (scenario.plan, 1, scenario, run)
    assert list(ProgrammePhase.objects.values_list("exercise", flat=True)) == list(scenario.exercises)
