"""The figures of a finished run, as pages and reports read them; every total is a sum of its lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from governance.domain.plan import INVESTMENT
from governance.enums import RunState
from governance.models import (
    BudgetAnnounced,
    BudgetCredit,
    BudgetExercise,
    BudgetFinding,
    BudgetGrant,
    BudgetRefund,
    BudgetRun,
    CouncilReport,
    Heading,
    Scenario,
)
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job


@dataclass(frozen=True)
class HeadingRow:
    """`by_exercise` follows the exercises of the run; `name` and `section` as in the lines, `label` as the authority calls it."""

    name: str
    label: str
    section: str
    ht: int
    vat: int
    ttc: int
    by_exercise: tuple[int, ...]


@dataclass(frozen=True)
class SumRow:
    name: str
    ht: int
    vat: int
    ttc: int


@dataclass(frozen=True)
class RunResult:
    run: BudgetRun
    exercises: list[BudgetExercise]
    headings: list[HeadingRow]
    sections: list[SumRow]
    accounts: list[SumRow]
    payers: list[SumRow]
    credits: list[BudgetCredit]
    grants: list[BudgetGrant]
    refunds: list[BudgetRefund]
    findings: list[BudgetFinding]
    announced: list[BudgetAnnounced]

    @property
    def has_investment(self) -> bool:
        return any(row.name == INVESTMENT for row in self.sections)


def latest_run(scenario: Scenario) -> BudgetRun | None:
    """The figures of the scenario: its latest finished run."""
    return scenario.runs.filter(state=RunState.DONE).order_by("-number").first()


def last_failure(scenario: Scenario) -> BudgetRun | None:
    """The latest run, where it failed."""
    last = scenario.runs.select_related("job").defer("input", "job__traceback").order_by("-number").first()
    ended_badly = last is not None and (
        last.state == RunState.FAILED
        or (last.state == RunState.RUNNING and last.job is not None and not last.job.is_active)
    )
    return last if ended_badly else None


def active_jobs(scenario: Scenario) -> list[Job]:
    """Computations and reports of the scenario that wait or run."""
    runs = [str(pk) for pk in scenario.runs.values_list("pk", flat=True)]
    keys = [scenario_key(scenario.pk), *(run_key(pk) for pk in runs)]
    return list(
        Job.objects.select_related("document")
        .defer("document__content", "traceback")
        .filter(kind__startswith="governance.", dedupe_key__in=keys, status__in=ACTIVE)
        .order_by("pk")
    )


def scenario_key(pk: Any) -> str:
    """One computation of a scenario at a time."""
    return f"scenario-{pk}"


def run_key(pk: Any) -> str:
    """One report of a run at a time."""
    return f"run-{pk}"


def latest_report(scenario: Scenario) -> CouncilReport | None:
    return (
        CouncilReport.objects.select_related("document", "run")
        .defer("document__content", "run__input")
        .filter(run__scenario=scenario)
        .order_by("-pk")
        .first()
    )


def latest_runs(scenarios: Iterable[Scenario]) -> QuerySet[BudgetRun]:
    """The latest finished run of each, in one query; those of a scenario come in ascending order of number."""
    return BudgetRun.objects.filter(scenario__in=list(scenarios), state=RunState.DONE).defer("input").order_by("number")


def run_result(run: BudgetRun) -> RunResult:
    """Eleven queries, whatever the size."""
    exercises = list(run.by_exercise.order_by("exercise"))
    years = [row.exercise for row in exercises]
    return RunResult(
        run=run,
        exercises=exercises,
        headings=_headings(run, years, heading_labels(run.scenario.plan.authority_id)),
        sections=_sums(run, "section"),
        accounts=_sums(run, "account"),
        payers=_sums(run, "payer"),
        credits=list(run.credits.order_by("exercise")),
        grants=list(run.grant_rows.order_by("position").prefetch_related("years")),
        refunds=list(run.refunds.order_by("exercise")),
        findings=list(run.findings.order_by("position")),
        announced=list(run.announced.order_by("position")),
    )


def heading_labels(authority_id: int) -> dict[str, str]:
    """The authority's own name of each heading, by the code that cost lines carry."""
    return dict(Heading.objects.filter(authority=authority_id).values_list("code", "label"))


def heading_label(code: str, labels: Mapping[str, str]) -> str:
    """A bare code reads better with a capital."""
    return labels.get(code) or code[:1].upper() + code[1:]


def _headings(run: BudgetRun, years: list[int], labels: Mapping[str, str]) -> list[HeadingRow]:
    rows = (
        run.lines.order_by()
        .values("heading", "section", "exercise")
        .annotate(sum_ht=Sum("ht"), sum_vat=Sum("vat"), sum_ttc=Sum("ttc"))
    )
    found: dict[tuple[str, str], dict[int, tuple[int, int, int]]] = {}
    for row in rows:
        amounts = (row["sum_ht"], row["sum_vat"], row["sum_ttc"])
        found.setdefault((row["heading"], row["section"]), {})[row["exercise"]] = amounts
    return [
        _heading(name, heading_label(name, labels), section, by_year, years)
        for (name, section), by_year in sorted(found.items())
    ]


def _heading(
    name: str, label: str, section: str, by_year: dict[int, tuple[int, int, int]], years: list[int]
) -> HeadingRow:
    ht, vat, ttc = (sum(amounts[rank] for amounts in by_year.values()) for rank in range(3))
    return HeadingRow(name, label, section, ht, vat, ttc, tuple(by_year.get(year, (0, 0, 0))[2] for year in years))


def _sums(run: BudgetRun, field: str) -> list[SumRow]:
    rows = run.lines.order_by(field).values(field).annotate(sum_ht=Sum("ht"), sum_vat=Sum("vat"), sum_ttc=Sum("ttc"))
    return [SumRow(row[field], row["sum_ht"], row["sum_vat"], row["sum_ttc"]) for row in rows]
