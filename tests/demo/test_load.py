"""The sources go through the services and come out with the same figures."""

from typing import Any

import pytest

from deliberations.models import Act, Presence
from equipment.models import ParkCount, Price
from governance.domain.simulate import compute, read_input, to_document
from governance.models import Scenario
from governance.queries import scenario_document
from plan_numerique.accounts.enums import Role
from plan_numerique.accounts.models import Authority, User
from plan_numerique.demo.loader import files
from plan_numerique.demo.loader.load import load
from schools.models import Headcount, School, SchoolClass, StatedCount


@pytest.fixture
def demo(db: Any, settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path
    for name in files.SLUGS:
        assert load(name) is not None


def budget_of(document: dict[str, Any]) -> dict[str, Any]:
    budget, problems = read_input(document)
    assert budget is not None, problems
    return to_document(compute(budget))


def test_the_demo_says_what_its_sources_say(demo: None) -> None:
    """One load for both checks: it takes seconds."""
    check_rows()
    check_budgets()


def check_rows() -> None:
    assert [load(name) for name in files.SLUGS] == [None] * len(files.SLUGS)
    assert Authority.objects.count() == 5

    rennes = School.objects.filter(authority__slug="rennes", sector="public")
    classes = SchoolClass.objects.filter(school__in=rennes)
    pupils = Headcount.objects.filter(school_class__in=classes).values_list("pupils", flat=True)
    assert (rennes.count(), classes.count(), sum(pupils)) == (77, 683, 14_063)
    register = {row["uai"]: int(row["cm2"]) for row in files.records("rennes_schools.csv")}
    cm2 = Headcount.objects.filter(school_class__school__authority__slug="rennes", level="CM2")
    assert sum(cm2.values_list("pupils", flat=True)) == sum(register.values())

    stated = dict(StatedCount.objects.filter(authority__slug="poitiers").values_list("label", "value"))
    assert (stated["Écoles maternelles et élémentaires"], stated["Classes équipées"]) == (45, 161)
    assert sum(ParkCount.objects.values_list("quantity", flat=True)) == 7_400
    assert not Price.objects.exclude(item_type__authority__slug__in=["rennes", "poitiers"]).exists()
    assert set(Price.objects.filter(item_type__authority__slug="rennes").values_list("hypothesis", flat=True)) == {True}

    present = Presence.objects.filter(state="present").values_list("sitting__assembly__authority__slug", flat=True)
    assert [list(present).count(slug) for slug in ("poitiers", "chatellerault", "saint-etienne-metropole")] == [
        46,
        27,
        81,
    ]
    assert Act.objects.filter(sitting__past=True, plan__isnull=False).count() == 4

    assert User.objects.count() == len(Role)
    assert not User.objects.filter(is_superuser=True).exists()
    assert User.objects.get(email="school@demo.example").school_assignments.get().school.uai == "0861030C"


def check_budgets() -> None:
    """Held in the database, a scenario gives the figures of the interchange document it comes from, to the cent."""
    sources = {
        item["name"]: files.read(item["document"])
        for name in files.SLUGS
        for plan in files.read(f"{name}.json")["governance"]["plans"]
        for item in plan["scenarios"]
    }
    scenarios = {scenario.name: scenario for scenario in Scenario.objects.select_related("plan__authority", "rule_set")}
    assert scenarios.keys() == sources.keys()
    for name, source in sources.items():
        held, stated = budget_of(scenario_document(scenarios[name])), budget_of(source)
        for key in ("totals", "by_exercise", "by_section", "quantities", "payment_credits", "fctva", "net_cost"):
            assert held[key] == stated[key], (name, key)
        amounts = [(grant["id"], grant["amount"]) for grant in held["funding"]["grants"]]
        assert amounts == [(grant["id"], grant["amount"]) for grant in stated["funding"]["grants"]], name
        assert held["funding"]["own_share_ht"] == stated["funding"]["own_share_ht"], name
