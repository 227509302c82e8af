"""A scenario of 304 sites, as many as Saint-Étienne Métropole: from the document of the database to the stored result,
step by step.

python -m tests.benchmarks.bench_run"""

import json
import os
import time
from collections.abc import Callable
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "plan_numerique.settings.test"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from governance import services  # noqa: E402
from governance.domain.simulate import compute, read_input  # noqa: E402
from governance.models import Scenario  # noqa: E402
from schools.enums import Level  # noqa: E402
from tests.factories.equipment import (  # noqa: E402
    AllocationRuleFactory,
    ItemTypeFactory,
    PackFactory,
    PackLineFactory,
    PriceFactory,
    RuleSetFactory,
)
from tests.factories.governance import PlanFactory, ScenarioFactory, ScenarioPhaseFactory, equipped_school  # noqa: E402

SITES, CLASSES, ITEMS = 304, 9, 6


class NoMigrations:
    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


def metropole() -> Scenario:
    """Synthetic: the size of the real one, invented classes and prices, a yearly cap and renewals."""
    plan = PlanFactory()
    rule_set = RuleSetFactory(authority=plan.authority)
    pack = PackFactory(authority=plan.authority)
    for rank in range(ITEMS):
        item = ItemTypeFactory(authority=plan.authority, life_years=3 + rank % 3)
        PriceFactory(item_type=item, unit_price_ht=10_050 + 3_333 * rank)
        PackLineFactory(pack=pack, item_type=item, quantity=1 + rank % 2)
    AllocationRuleFactory(rule_set=rule_set, pack=pack, per="class")
    scenario = ScenarioFactory(
        plan=plan, rule_set=rule_set, first_exercise=2016, last_exercise=2021, school_year=2018, renewals=True
    )
    levels = [level for level in Level.values if level]
    for rank in range(SITES):
        equipped_school(scenario, classes=CLASSES, level=levels[rank % len(levels)])
    ScenarioPhaseFactory(scenario=scenario, exercise=2016, covers_all=True)
    Scenario.objects.filter(pk=scenario.pk).update(yearly_cap_ttc=200_000_000)
    return Scenario.objects.select_related("plan__authority", "rule_set").get(pk=scenario.pk)


def timed(what: str, step: Callable[[], Any]) -> Any:
    started = time.process_time()
    found = step()
    print(f"{what:34} {time.process_time() - started:6.3f} s CPU")
    return found


def main() -> None:
    settings.MIGRATION_MODULES = NoMigrations()
    connection.creation.create_test_db(verbosity=0)
    scenario = metropole()
    started = time.process_time()
    run = timed("ouverture (document, empreinte)", lambda: services.open_run(scenario=scenario, by=None))
    budget, problems = timed("lecture", lambda: read_input(json.loads(run.input)))
    assert budget is not None, problems
    result = timed("calcul", lambda: compute(budget))
    timed("enregistrement", lambda: services.store_run(run=run, budget=budget, result=result, by=None))
    whole = time.process_time() - started
    lines = run.lines.count()
    print(f"{SITES} écoles, {SITES * CLASSES} classes, {lines} lignes : {whole:.2f} s en tout (attendu : moins de 2 s)")
    connection.creation.destroy_test_db(":memory:", verbosity=0)


if __name__ == "__main__":
    main()
