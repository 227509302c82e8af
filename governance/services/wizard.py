"""The rows of a scenario as a step of the wizard or a move on the board leaves them: what differs is written, in one action."""

from collections.abc import Iterable
from copy import copy

from simple_history.utils import bulk_update_with_history

from governance.models import (
    Funder,
    RecurringCost,
    Scenario,
    ScenarioCap,
    ScenarioPhase,
    ScenarioSchool,
)
from governance.queries import PhaseData, RecurringData, ScenarioData, scenario_data
from governance.queries.document import phase_data, phases_of
from governance.services.scenarios import require_open
from governance.services.steps import Part, stamp
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from schools.models import SchoolClass


class StaleStepError(DomainError):
    """Somebody changed the part since the form was shown: nothing is written (services.beside tells what)."""

    def __init__(self) -> None:
        super().__init__("Entre-temps, quelqu'un a modifié ces données : rien n'est enregistré.")


def save_step(*, after: ScenarioData, part: Part, seen: str, by: User | None) -> Scenario:
    """`seen`: the stamp of the part when the form was shown; StaleStepError where somebody changed it since."""
    scenario = after.scenario
    with action(
        "governance.step_saved",
        "Assistant : étape enregistrée",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
    ):
        before = held(scenario)
        if seen and stamp(before, part) != seen:
            raise StaleStepError
        write(before, after, part, by=by)
    return scenario


def held(scenario: Scenario) -> ScenarioData:
    """The data of this moment, held until the end of the transaction; open scenarios only."""
    require_open(scenario)
    list(Scenario.objects.select_for_update().filter(pk=scenario.pk).values_list("pk", flat=True))
    return scenario_data(Scenario.objects.select_related("plan__authority", "rule_set").get(pk=scenario.pk))


def write(before: ScenarioData, after: ScenarioData, part: Part, *, by: User | None) -> None:
    """In the caller's action; only what the part names."""
    scenario = before.scenario
    former = [getattr(scenario, name) for name in part.fields]
    for name in part.fields:
        setattr(scenario, name, getattr(after.scenario, name))
    if former != [getattr(scenario, name) for name in part.fields]:
        scenario.full_clean()
        scenario.save()
    if "places" in part.rows:
        _write_places(before, after, by)
    if "caps" in part.rows:
        _write_caps(scenario, after)
    if "phases" in part.rows and before.phases != after.phases:
        _write_phases(before, after)
    if "recurring" in part.rows:
        _write_recurring(before, after)
    if "funding" in part.rows:
        _write_funding(before, after)


def _write_places(before: ScenarioData, after: ScenarioData, by: User | None) -> None:
    authority = before.scenario.plan.authority
    known = {place.school_id: place for place in before.places}
    wanted = {place.school_id: place for place in after.places}
    for school_id in known.keys() - wanted.keys():
        known[school_id].delete()
    added = [
        ScenarioSchool(scenario=before.scenario, school=place.school, priority_rank=place.priority_rank)
        for school_id, place in wanted.items()
        if school_id not in known
    ]
    audit.create_many(instances=added, by=by, authority=authority, label="Écoles ajoutées au périmètre")
    moved = []
    for school_id in known.keys() & wanted.keys():
        if known[school_id].priority_rank != wanted[school_id].priority_rank:
            known[school_id].priority_rank = wanted[school_id].priority_rank
            moved.append(known[school_id])
    if moved:
        bulk_update_with_history(moved, ScenarioSchool, ["priority_rank"], batch_size=200, default_user=by)


def _write_caps(scenario: Scenario, after: ScenarioData) -> None:
    stored = {cap.exercise: cap for cap in scenario.caps.all()}
    for exercise, cap in stored.items():
        if exercise not in after.caps:
            cap.delete()
    for exercise, amount in after.caps.items():
        row = stored.get(exercise) or ScenarioCap(scenario=scenario, exercise=exercise)
        if row.pk is None or row.amount != amount:
            row.amount = amount
            row.full_clean()
            row.save()


def _write_phases(before: ScenarioData, after: ScenarioData) -> None:
    """Rows are kept for the phase of the same exercise, so that a move changes two of them."""
    scenario = before.scenario
    stored: list[ScenarioPhase] = list(phases_of(scenario))
    last = max((row.position for row in stored), default=0)
    schools = {place.school.uai: place.school_id for place in scenario.perimeter.select_related("school")}
    classes = _class_keys(after, schools)
    if lost := sorted({each for phase in after.phases for each in phase.classes} - classes.keys()):
        uai, name = lost[0]
        raise DomainError(
            f"La classe « {name} » ({uai}) n'est plus dans le territoire : enregistrer de nouveau l'étape « Territoire », "
            "qui l'ôte des phases."
        )
    free = list(stored)
    for phase in after.phases:
        row = next((each for each in free if each.exercise == phase.exercise), None)
        if row is None:
            last += 1
            row = ScenarioPhase(scenario=scenario, position=last)
        else:
            free.remove(row)
        if row.pk is None or phase_data(row) != phase:
            _write_phase(row, phase, schools, classes)
    for row in free:
        row.delete()


def _write_phase(
    row: ScenarioPhase, phase: PhaseData, schools: dict[str, int], classes: dict[tuple[str, str], int]
) -> None:
    values = (phase.exercise, phase.covers_all, list(phase.levels), phase.school_year)
    if row.pk is None or values != (row.exercise, row.covers_all, row.levels, row.school_year):
        row.exercise, row.covers_all, row.levels, row.school_year = values
        row.full_clean()
        row.save()
    row.schools.set([schools[uai] for uai in phase.schools])
    row.classes.set([classes[each] for each in phase.classes])


def _class_keys(after: ScenarioData, schools: dict[str, int]) -> dict[tuple[str, str], int]:
    named = {each for phase in after.phases for each in phase.classes}
    year = after.scenario.school_year
    if not named or year is None:
        return {}
    rows = SchoolClass.objects.filter(school__in=[schools[uai] for uai, _ in named if uai in schools], school_year=year)
    return {(uai, name): pk for uai, name, pk in rows.values_list("school__uai", "name", "pk")}


def _write_recurring(before: ScenarioData, after: ScenarioData) -> None:
    known = {row.cost.pk: row for row in before.recurring}
    kept = {row.cost.pk for row in after.recurring}
    for pk, row in known.items():
        if pk not in kept:
            row.cost.delete()
    schools = {place.school.uai: place.school_id for place in before.scenario.perimeter.select_related("school")}
    for row in after.recurring:
        former = known.get(row.cost.pk)
        if former is None or _differs(former.cost, row.cost):
            cost: RecurringCost = copy(row.cost)
            cost.scenario = before.scenario
            cost.full_clean()
            cost.save()
        else:
            cost = row.cost
        _set_schools(cost, former, row, schools)


def _set_schools(
    cost: RecurringCost, former: RecurringData | None, row: RecurringData, schools: dict[str, int]
) -> None:
    if row.schools != (former.schools if former else ()):
        cost.schools.set([schools[uai] for uai in row.schools])


def _differs(former: object, row: object) -> bool:
    fields = [field.attname for field in former._meta.concrete_fields]  # type: ignore[attr-defined]
    return [getattr(former, name) for name in fields] != [getattr(row, name) for name in fields]


def _write_funding(before: ScenarioData, after: ScenarioData) -> None:
    known = {line.pk: line for line in before.funding}
    kept = {line.pk for line in after.funding}
    for pk, line in known.items():
        if pk not in kept:
            line.delete()
    for line in after.funding:
        former = known.get(line.pk)
        if line.funder.pk is None:
            line.funder = _funder(before.scenario, line.funder)
        if former is None or _differs(former, line):
            line.scenario = before.scenario
            line.full_clean()
            line.save()


def _funder(scenario: Scenario, typed: Funder) -> Funder:
    """The authority's funder of that name, made where there is none."""
    found = Funder.objects.filter(authority=scenario.plan.authority, name=typed.name).first()
    if found is not None:
        return found
    typed.authority = scenario.plan.authority
    typed.full_clean()
    typed.save()
    return typed


def removed_names(before: ScenarioData, after: ScenarioData) -> Iterable[str]:
    """Classes that phases no longer name, told after a change of territory."""
    left = {each for phase in after.phases for each in phase.classes}
    return [f"{name} ({uai})" for phase in before.phases for uai, name in phase.classes if (uai, name) not in left]
