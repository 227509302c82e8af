"""The schools of a result, by name, with what some phase reaches in each and why one does not enter."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from governance.domain.plan import BudgetInput
from governance.domain.result import BudgetResult, SchoolRow
from governance.models import BudgetRun, BudgetSchool, ScenarioSchool
from governance.queries.document import STATED_CLASS

NO_SCHOOL = "Dépenses sans école (montants globaux, coûts du plan)"
NO_CLASS = "Aucune classe connue l'année choisie."
NO_PHASE = "Aucune phase ne l'atteint."
OVER_CAP = "Ne tient pas sous le plafond avant la fin du plan."


def budget_schools(run: BudgetRun, budget: BudgetInput, result: BudgetResult) -> Iterator[BudgetSchool]:
    places = {place.school.uai: place for place in run.scenario.perimeter.select_related("school__commune")}
    stated = {row.code: row for row in run.scenario.stated_perimeters.all()}
    reached = _reached(run, budget)
    for row in result.by_school:
        amounts = {"run": run, "ht": row.ht, "vat": row.vat, "ttc": row.ttc}
        if row.school is None:
            yield BudgetSchool(label=NO_SCHOOL, **amounts)
            continue
        classes, pupils, has_class = reached[row.school]
        entered = row.exercise_entered is not None
        yield BudgetSchool(
            code=row.school,
            exercise_entered=row.exercise_entered,
            reason="" if entered else _reason(row, budget, classes, has_class),
            classes=classes if entered else 0,
            pupils=pupils if entered else 0,
            **_named(row.school, places, stated),
            **amounts,
        )


def stated_entered(run: BudgetRun, result: BudgetResult) -> Counter[int]:
    """How many announced totals enter each exercise: the core counts one class for each, which is nobody's."""
    codes = set(run.scenario.stated_perimeters.values_list("code", flat=True))
    return Counter(
        row.exercise_entered for row in result.by_school if row.school in codes and row.exercise_entered is not None
    )


def _named(code: str, places: dict[str, ScenarioSchool], stated: dict[str, Any]) -> dict[str, Any]:
    if code in places:
        school = places[code].school
        return {"school": school, "label": school.name, "place": school.commune.name}
    label = stated[code].label if code in stated else code
    return {"label": label, "stated": True, "place": ""}


def _reason(row: SchoolRow, budget: BudgetInput, classes: int, has_class: bool) -> str:
    if not has_class:
        return NO_CLASS
    return OVER_CAP if classes and budget.yearly_cap_ttc is not None else NO_PHASE


def _reached(run: BudgetRun, budget: BudgetInput) -> dict[str, tuple[int, int, bool]]:
    """Classes and pupils that some phase reaches (interchange 1, rule 1), and whether the school has a class at all."""
    named = {school for phase in budget.phases for school in phase.schools}
    levels = {level for phase in budget.phases for level in phase.levels}
    by_name = {name for phase in budget.phases for name in phase.classes}
    everyone = any(phase.all for phase in budget.phases)
    found = {}
    for school in _documents(run):
        wanted = everyone or school["id"] in named
        classes = [
            each
            for each in school["classes"]
            if wanted or (school["id"], each["id"]) in by_name or levels & set(each.get("levels", ()))
        ]
        pupils = sum(each["pupils"] for each in classes)
        counted = [each for each in classes if each["id"] != STATED_CLASS]
        found[school["id"]] = (len(counted), pupils, bool(school["classes"]))
    return found


def _documents(run: BudgetRun) -> list[dict[str, Any]]:
    schools: list[dict[str, Any]] = json.loads(run.input)["schools"]
    return schools
