"""Rows that only need to be valid, of one authority, and under a parent that may still change."""

from collections.abc import Mapping
from typing import Any

from governance.models import Convention, RecurringCost, Scenario, ScenarioPhase
from governance.models.scenario import ONLY_PERIMETER
from governance.services.checks import require_same_authority, require_same_parent
from governance.services.scenarios import require_open
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError

M2M = Mapping[str, Any] | None


def save_owned(*, instance: Any, by: User | None, reason: str = "", m2m: M2M = None) -> Any:
    """A row that names its authority itself: plan, funder, partner, committee."""
    require_same_parent(instance, "authority")
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason)


def delete_owned(*, instance: Any, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.authority, reason=reason)


def save_plan_part(*, instance: Any, by: User | None, reason: str = "", m2m: M2M = None) -> Any:
    require_same_parent(instance, "plan")
    return audit.save(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def delete_plan_part(*, instance: Any, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.plan.authority, reason=reason)


def save_scenario_part(*, instance: Any, by: User | None, reason: str = "", m2m: M2M = None) -> Any:
    """A row of the data of a scenario; `m2m` may hold its schools, all of the perimeter."""
    require_same_parent(instance, "scenario")
    require_open(instance.scenario)
    if m2m and "schools" in m2m:
        _require_in_perimeter(instance, list(m2m["schools"]))
    if m2m and m2m.get("classes"):
        _require_classes_known(instance, list(m2m["classes"]))
    return audit.save(instance=instance, by=by, authority=instance.scenario.plan.authority, reason=reason, m2m=m2m)


def _require_in_perimeter(instance: ScenarioPhase | RecurringCost, schools: list[Any]) -> None:
    scenario: Scenario = instance.scenario
    require_same_authority(schools, scenario.plan.authority_id, field="schools")
    known = set(scenario.perimeter.values_list("school_id", flat=True))
    outside = [str(school) for school in schools if school.pk not in known]
    if outside:
        raise DomainError(f"{ONLY_PERIMETER} « {outside[0]} » n'y est pas.", field="schools")


def _require_classes_known(phase: ScenarioPhase, classes: list[Any]) -> None:
    scenario = phase.scenario
    known = set(scenario.perimeter.values_list("school_id", flat=True))
    strangers = [each for each in classes if each.school_id not in known or each.school_year != scenario.school_year]
    if strangers:
        raise DomainError(
            f"Les classes d'une phase sont celles des écoles du périmètre, l'année du scénario. « {strangers[0]} » n'en est pas.",
            field="classes",
        )


def delete_scenario_part(*, instance: Any, by: User | None, reason: str = "") -> None:
    require_open(instance.scenario)
    audit.delete(instance=instance, by=by, authority=instance.scenario.plan.authority, reason=reason)


def save_convention(*, instance: Convention, by: User | None, reason: str = "", m2m: M2M = None) -> Convention:
    require_same_parent(instance, "authority")
    for name, rows in (m2m or {}).items():
        require_same_authority(rows, instance.authority_id, field=name)
    return audit.save(instance=instance, by=by, authority=instance.authority, reason=reason, m2m=m2m)


def save_convention_part(*, instance: Any, by: User | None, reason: str = "", m2m: M2M = None) -> Any:
    require_same_parent(instance, "convention")
    return audit.save(instance=instance, by=by, authority=instance.convention.authority, reason=reason)


def delete_convention_part(*, instance: Any, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.convention.authority, reason=reason)


def save_committee_part(*, instance: Any, by: User | None, reason: str = "", m2m: M2M = None) -> Any:
    require_same_parent(instance, "committee")
    return audit.save(instance=instance, by=by, authority=instance.committee.authority, reason=reason)


def delete_committee_part(*, instance: Any, by: User | None, reason: str = "") -> None:
    audit.delete(instance=instance, by=by, authority=instance.committee.authority, reason=reason)
