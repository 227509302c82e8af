"""The three calendars of a run: school year served, exercise charged, year of payment (domain-rules 5.1)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from governance.domain.calendars import ReconciledRow, Reconciliation, Spending, reconcile
from governance.enums import LineKind, Section
from governance.models import BudgetLine, BudgetRun
from plan_numerique.shared.money import RATE_UNIT, parse_rate


@dataclass(frozen=True)
class Calendars:
    """`rows` by school year, exercise and year of payment, summed over the sections asked for; the three sums are each the total.
    `stated`: some phase or amount of the scenario says which school year it serves."""

    rows: tuple[ReconciledRow, ...]
    by_school_year: dict[int, int]
    by_exercise: dict[int, int]
    by_payment_year: dict[int, int]
    total: int
    stated: bool
    outside: int


def calendars_of(run: BudgetRun, sections: Iterable[str] = tuple(Section)) -> Calendars:
    """The investment is paid as the schedule says, the operation in its exercise: their sums are the payment credits of the run."""
    schedule = [parse_rate(rate) for rate in json.loads(run.input).get("payment_schedule") or ["100"]]
    served = _SchoolYears(run)
    parts = [
        reconcile(served.spending(section), schedule if section == Section.INVESTMENT else (RATE_UNIT,))
        for section in sections
    ]
    return Calendars(
        rows=tuple(_merged(parts)),
        by_school_year=_summed(part.by_school_year for part in parts),
        by_exercise=_summed(part.by_exercise for part in parts),
        by_payment_year=_summed(part.by_payment_year for part in parts),
        total=sum(part.total for part in parts),
        stated=served.stated,
        outside=sum(line.amount for part in parts for line in part.outside),
    )


class _SchoolYears:
    """Which school year each line of a run serves. A phase that the cap delays serves as many school years later; what names none
    serves the one that begins in its exercise."""

    def __init__(self, run: BudgetRun) -> None:
        self.run = run
        phases = run.scenario.phases.order_by("position", "pk").values_list("exercise", "school_year")
        self.phases = list(phases)
        self.lump_sums = dict(run.scenario.lump_sums.values_list("code", "school_year"))
        self.stated = any(year for _, year in self.phases) or any(self.lump_sums.values())

    def spending(self, section: str) -> Iterator[Spending]:
        lines = BudgetLine.objects.filter(run=self.run, section=section).order_by()
        for exercise, code, cents in _sums(lines.filter(kind=LineKind.LUMP_SUM), "exercise", "code"):
            yield Spending(self.lump_sums.get(code) or exercise, exercise, cents)
        for exercise, phase, renewal, cents in _sums(
            lines.exclude(kind=LineKind.LUMP_SUM), "exercise", "phase", "renewal"
        ):
            yield Spending(self._of_phase(None if renewal else phase, exercise), exercise, cents)

    def _of_phase(self, phase: int | None, exercise: int) -> int:
        planned, school_year = self.phases[phase] if phase is not None and phase < len(self.phases) else (0, None)
        return school_year + exercise - planned if school_year else exercise


def _sums(lines: "QuerySet[BudgetLine]", *fields: str) -> Iterable[tuple]:  # type: ignore[type-arg]
    return lines.values_list(*fields).annotate(Sum("ttc")).order_by(*fields)


def _merged(parts: Iterable[Reconciliation]) -> Iterator[ReconciledRow]:
    found: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for part in parts:
        for row in part.rows:
            found[(row.school_year or row.exercise, row.exercise, row.payment_year)] += row.amount
    yield from (ReconciledRow(*key, found[key]) for key in sorted(found))


def _summed(sums: Iterable[Mapping[Any, int]]) -> dict[int, int]:
    found: defaultdict[int, int] = defaultdict(int)
    for part in sums:
        for key, cents in part.items():
            found[key] += cents
    return dict(sorted(found.items()))
