import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from governance.enums import ScenarioState
from governance.models import BudgetRun, Decision, Plan, Scenario, ScenarioSchool
from governance.queries import canonical, current_version, digest_of, latest_run, scenario_document
from governance.services.checks import require_same_parent
from governance.services.programme import add_version, hold_plan
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from schools.enums import SchoolStatus
from schools.models import School

AMENDMENT = re.compile(r"^Avenant n° \d+ : ")
OPEN_STATES = (ScenarioState.DRAFT, ScenarioState.COMPUTED)
PARTS = (
    "caps",
    "perimeter",
    "stated_perimeters",
    "phases",
    "lump_sums",
    "recurring_costs",
    "funding_lines",
    "announced_amounts",
)


def require_open(scenario: Scenario) -> None:
    """Read again: the state of the row in hand may be stale."""
    stored = Scenario.objects.filter(pk=scenario.pk).values_list("state", flat=True).first()
    scenario.state = stored or scenario.state
    if scenario.state not in OPEN_STATES:
        raise DomainError(
            f"« {scenario} » est {scenario.get_state_display().lower()} : ses données ne changent plus. "
            "Le dupliquer pour travailler sur une variante."
        )


def save_scenario(
    *, instance: Scenario, by: User | None, reason: str = "", m2m: Mapping[str, Any] | None = None
) -> Scenario:
    require_same_parent(instance, "plan")
    require_open(instance)
    return audit.save(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def delete_scenario(*, instance: Scenario, by: User | None, reason: str = "") -> None:
    require_open(instance)
    audit.delete(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def adoptable_run(scenario: Scenario) -> BudgetRun:
    """The run whose figures an adoption takes: the latest, of the present data."""
    require_open(scenario)
    run = latest_run(scenario)
    if run is None:
        raise DomainError(f"« {scenario} » n'est pas calculé : un programme s'arrête sur des montants connus.")
    if run.input_digest != digest_of(canonical(scenario_document(scenario))):
        raise DomainError(
            f"Les données de « {scenario} » ont changé depuis son calcul : le calculer de nouveau avant de l'adopter."
        )
    return run


def adopt_scenario(
    *, scenario: Scenario, by: User | None, reason: str = "", decision: Decision | None = None
) -> Scenario:
    """The programme of the plan, or an amendment to it, which says its reason; the scenario adopted before, if any, is archived and
    stays readable."""
    with action(
        "governance.scenario_adopted",
        "Programme arrêté",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
        reason=reason,
    ):
        hold_plan(scenario.plan)
        run = adoptable_run(scenario)
        for former in scenario.plan.scenarios.filter(state=ScenarioState.ADOPTED).select_for_update():
            _move(former, ScenarioState.ARCHIVED)
        add_version(scenario=scenario, run=run, by=by, reason=reason, decision=decision)
        _move(scenario, ScenarioState.ADOPTED)
    return scenario


def archive_scenario(*, scenario: Scenario, by: User | None, reason: str = "") -> Scenario:
    with action(
        "governance.scenario_archived",
        "Scénario archivé",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
        reason=reason,
    ):
        hold_plan(scenario.plan)
        scenario.refresh_from_db(fields=["state"])
        if scenario.state == ScenarioState.ARCHIVED:
            raise DomainError(f"« {scenario} » est déjà archivé.")
        if scenario.state == ScenarioState.ADOPTED:
            raise DomainError(
                f"« {scenario} » est le programme du plan : un avenant le remplace, il ne s'archive pas seul."
            )
        _move(scenario, ScenarioState.ARCHIVED)
    return scenario


def _move(scenario: Scenario, state: str) -> None:
    scenario.state = state
    scenario.save(update_fields=["state"])


def prepare_amendment(*, plan: Plan, by: User | None) -> Scenario:
    """A draft named for it, with the data of the programme in force; it becomes an amendment once computed and adopted."""
    version = current_version(plan)
    if version is None:
        raise DomainError("Le plan n'a pas de programme : adopter d'abord un scénario.")
    name = f"Avenant n° {version.number} : {AMENDMENT.sub('', version.scenario.name)}"[:140]
    return duplicate_scenario(scenario=version.scenario, by=by, name=name)


def duplicate_scenario(*, scenario: Scenario, by: User | None, name: str = "") -> Scenario:
    """A draft with the same data, without runs: to try another hypothesis. A name already taken is numbered."""
    names = set(scenario.plan.scenarios.values_list("name", flat=True))
    stem = name or scenario.name[:140]
    if not name or name in names:
        name = next(f"{stem} (variante {n})" for n in range(1, len(names) + 2) if f"{stem} (variante {n})" not in names)
    with action(
        "governance.scenario_duplicated", "Scénario dupliqué", by=by, authority=scenario.plan.authority, target=scenario
    ):
        copy = Scenario.objects.get(pk=scenario.pk)
        copy.pk, copy.name, copy.state = None, name, ScenarioState.DRAFT
        copy._state.adding = True
        copy.full_clean()
        copy.save()
        for part in PARTS:
            _copy_rows(scenario, copy, part)
    return copy


def _copy_rows(scenario: Scenario, copy: Scenario, part: str) -> None:
    for row in getattr(scenario, part).order_by("pk"):
        many = {field.name: list(getattr(row, field.name).all()) for field in row._meta.many_to_many}
        row.pk, row.scenario = None, copy
        row._state.adding = True
        row.save()
        for name, rows in many.items():
            getattr(row, name).set(rows)


@transaction.atomic
def fill_perimeter(*, scenario: Scenario, by: User | None) -> int:
    """Adds every open school of the authority that is not in the perimeter yet; returns how many."""
    require_open(scenario)
    authority = scenario.plan.authority
    known = scenario.perimeter.values("school")
    schools = School.objects.filter(authority=authority, status=SchoolStatus.OPEN).exclude(pk__in=known).order_by("uai")
    with action("governance.perimeter_filled", "Périmètre complété", by=by, authority=authority, target=scenario):
        added = [ScenarioSchool(scenario=scenario, school=school) for school in schools]
        for row in added:
            row.save()
    return len(added)
