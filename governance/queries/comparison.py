"""Scenarios side by side: what their finished runs hold, for `domain.comparison`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.domain.comparison import ComparedScenario, ComparedSchool, ComparedYear, Comparison, compare
from governance.domain.ledger import Amount
from governance.enums import ScenarioState
from governance.models import BudgetExercise, BudgetGrant, BudgetRun, BudgetSchool, Scenario
from governance.queries.document import canonical, digest_of, scenario_document
from governance.queries.results import latest_runs
from governance.queries.visible import visible_scenarios
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError

FEWEST, MOST = 2, 4
COMPARISON_KIND = "governance.comparison"
NOT_ONE_AUTHORITY = "Les scénarios comparés sont ceux d'une même collectivité."


@dataclass(frozen=True)
class ComparedRun:
    """`document` is what the run was computed with, exactly (interchange 1). `schools`: the lines of no school have code ""."""

    run: BudgetRun
    document: dict[str, Any]
    exercises: tuple[BudgetExercise, ...]
    schools: tuple[BudgetSchool, ...]
    grants: tuple[BudgetGrant, ...]

    @property
    def scenario(self) -> Scenario:
        return self.run.scenario


@dataclass(frozen=True)
class ScenariosCompared:
    """`runs` and the columns of `comparison` in the same order, the reference first."""

    runs: tuple[ComparedRun, ...]
    comparison: Comparison

    @property
    def reference(self) -> ComparedRun:
        return self.runs[0]


def scenarios_asked(user: Any, ids: Iterable[int]) -> list[Scenario] | None:
    """In the order asked, each once; None where one is unknown or unseen."""
    once = list(dict.fromkeys(ids))
    found = visible_scenarios(user).in_bulk(once)
    return [found[pk] for pk in once] if len(found) == len(once) else None


def of_one_authority(scenarios: Iterable[Scenario]) -> bool:
    return len({row.plan.authority_id for row in scenarios}) < 2


def runs_compared(run_ids: Sequence[int]) -> ScenariosCompared:
    """Four queries, whatever the size; finished runs, in the order asked. ComparisonError where one does not add up."""
    found = BudgetRun.objects.select_related("scenario__plan__authority", "scenario__rule_set").defer(
        "scenario__rule_set__snapshot"
    )
    by_id = found.in_bulk(run_ids)
    exercises, schools, grants = _exercises(run_ids), _schools(run_ids), _grants(run_ids)
    runs = tuple(
        ComparedRun(
            run=by_id[pk],
            document=json.loads(by_id[pk].input),
            exercises=tuple(exercises.get(pk, ())),
            schools=tuple(schools.get(pk, ())),
            grants=tuple(grants.get(pk, ())),
        )
        for pk in run_ids
    )
    return ScenariosCompared(runs, compare([_compared(each) for each in runs]))


def _exercises(run_ids: Sequence[int]) -> dict[int, list[BudgetExercise]]:
    return _by_run(BudgetExercise.objects.filter(run__in=run_ids).order_by("exercise"))


def _schools(run_ids: Sequence[int]) -> dict[int, list[BudgetSchool]]:
    rows = BudgetSchool.objects.filter(run__in=run_ids).select_related("school").order_by("label", "code")
    return _by_run(rows)


def _grants(run_ids: Sequence[int]) -> dict[int, list[BudgetGrant]]:
    return _by_run(BudgetGrant.objects.filter(run__in=run_ids).order_by("position"))


def _by_run(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.run_id, []).append(row)
    return found


def _compared(each: ComparedRun) -> ComparedScenario:
    run = each.run
    pupils = {
        school["id"]: sum(klass["pupils"] for klass in school.get("classes", ())) for school in each.document["schools"]
    }
    return ComparedScenario(
        key=str(run.pk),
        label=run.scenario.name,
        years=tuple(
            ComparedYear(row.exercise, row.schools, row.classes, row.pupils, Amount(row.ht, row.vat))
            for row in each.exercises
        ),
        schools=tuple(
            ComparedSchool(
                school=row.code or None,
                exercise_entered=row.exercise_entered,
                pupils=pupils.get(row.code, 0),
                entered=row.pupils,
                qpv=bool(row.school and row.school.priority_district),
                amount=Amount(row.ht, row.vat),
            )
            for row in each.schools
        ),
        grants=run.grants,
        own_share_ht=run.own_share_ht,
        fctva=run.fctva,
    )


def changed_since_run(scenarios: Sequence[Scenario]) -> set[int]:
    """Those still open whose data are no longer those of the latest run; each document costs its own queries, at any size."""
    open_ones = [row for row in scenarios if row.state in (ScenarioState.DRAFT, ScenarioState.COMPUTED)]
    runs = {run.scenario_id: run.input_digest for run in latest_runs(open_ones)}
    return {row.pk for row in open_ones if row.pk in runs and _digest(row) != runs[row.pk]}


def _digest(scenario: Scenario) -> str:
    """Of the data as they are, empty where they can no longer be computed."""
    try:
        return digest_of(canonical(scenario_document(scenario)))
    except DomainError:
        return ""


def comparison_key(run_ids: Sequence[int]) -> str:
    """One document of the same runs, in the same order, at a time."""
    return "runs-" + "-".join(map(str, run_ids))


def comparison_jobs(run_ids: Sequence[int]) -> list[Job]:
    """Documents of this comparison that wait or are under way."""
    return list(
        Job.objects.select_related("document")
        .defer("document__content", "traceback")
        .filter(kind=COMPARISON_KIND, dedupe_key=comparison_key(run_ids), status__in=ACTIVE)
        .order_by("pk")
    )
