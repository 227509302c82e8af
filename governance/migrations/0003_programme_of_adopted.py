"""Scenarios adopted before programmes had versions become version 1 of theirs, with a phase for each exercise of their run."""

from datetime import date
from typing import Any

from django.db import migrations


def open_programmes(apps: Any, schema_editor: Any) -> None:
    scenario_model = apps.get_model("governance", "Scenario")
    version_model = apps.get_model("governance", "ProgrammeVersion")
    phase_model = apps.get_model("governance", "ProgrammePhase")
    for scenario in scenario_model.objects.filter(state="adopted", programme_version=None):
        run = scenario.runs.filter(state="done").order_by("-number").first()
        if run is None:
            continue
        day = run.finished_at.date() if run.finished_at else date.today()
        version_model.objects.create(plan_id=scenario.plan_id, number=1, scenario=scenario, run=run, adopted_on=day)
        for row in run.by_exercise.order_by("exercise"):
            phase_model.objects.create(plan_id=scenario.plan_id, exercise=row.exercise)


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_plan_and_money")]
    operations = [migrations.RunPython(open_programmes, migrations.RunPython.noop)]
