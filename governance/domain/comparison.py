"""Scenarios side by side: only sums, differences and ratios of figures already computed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from governance.domain.arrivals import arrivals_of_whole_schools
from governance.domain.equity import gini
from governance.domain.ledger import NOTHING, Amount
from governance.domain.plan import BudgetInput
from governance.domain.result import BudgetResult, Ratios
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import round_ratio

SHARE_UNIT = 10_000


class ComparisonError(DomainError, ValueError):
    """Figures that cannot stand side by side."""


@dataclass(frozen=True, slots=True)
class ComparedYear:
    """One exercise of a scenario: what enters, and the amount of its lines."""

    exercise: int
    schools: int
    classes: int
    pupils: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class ComparedSchool:
    """`school` None: the lines of no school. `pupils` are all those of the school, `entered` those of its classes that enter."""

    school: str | None
    exercise_entered: int | None
    pupils: int
    entered: int
    qpv: bool
    amount: Amount


@dataclass(frozen=True, slots=True)
class ComparedScenario:
    """`schools` are all those of the perimeter, equipped or not; `grants` and `fctva` whenever received."""

    key: str
    label: str
    years: tuple[ComparedYear, ...]
    schools: tuple[ComparedSchool, ...]
    grants: int
    own_share_ht: int
    fctva: int


@dataclass(frozen=True, slots=True)
class YearColumn:
    """An exercise of one scenario, zeros where it is not one of its own; `cumulative` from its first exercise on."""

    exercise: int
    schools: int
    classes: int
    pupils: int
    amount: Amount
    cumulative: Amount
    cumulative_schools: int
    cumulative_classes: int
    cumulative_pupils: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals of a scenario, or their differences to the reference (None where either has none).

    Cents and counts; `qpv_share` and `gini` in ten-thousandths; `perimeter_schools` and `perimeter_pupils` equipped or not.
    """

    schools: int
    classes: int
    pupils: int
    ht: int
    vat: int
    ttc: int
    grants: int
    own_share_ht: int
    fctva: int
    net_cost: int
    ttc_per_class: int | None
    ttc_per_school: int | None
    ttc_per_pupil: int | None
    qpv_pupils: int
    qpv_share: int | None
    gini: int | None
    perimeter_schools: int
    perimeter_pupils: int


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario; `difference` to the first, None for the first itself."""

    key: str
    label: str
    years: tuple[YearColumn, ...]
    figures: Figures
    difference: Figures | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The union of the exercises, each column having them all; the first column is the reference."""

    exercises: tuple[int, ...]
    columns: tuple[Column, ...]


def compare(inputs: Sequence[ComparedScenario]) -> Comparison:
    """ComparisonError where the schools of a scenario do not add up to its exercises."""
    for scenario in inputs:
        _check(scenario)
    exercises = tuple(sorted({year.exercise for scenario in inputs for year in scenario.years}))
    figures = [_figures(scenario) for scenario in inputs]
    columns = tuple(
        Column(
            key=scenario.key,
            label=scenario.label,
            years=_years(scenario, exercises),
            figures=own,
            difference=_difference(own, figures[0]) if position else None,
        )
        for position, (scenario, own) in enumerate(zip(inputs, figures, strict=True))
    )
    return Comparison(exercises, columns)


def _check(scenario: ComparedScenario) -> None:
    of_schools = _sum(school.amount for school in scenario.schools)
    entered = sum(school.entered for school in scenario.schools)
    if of_schools != _sum(year.amount for year in scenario.years) or entered != sum(
        year.pupils for year in scenario.years
    ):
        raise ComparisonError(
            f"Les lignes par école de « {scenario.label} » ne font pas le total de ses exercices : relancer son calcul."
        )


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, NOTHING)


def _years(scenario: ComparedScenario, exercises: Sequence[int]) -> tuple[YearColumn, ...]:
    own = {year.exercise: year for year in scenario.years}
    amount, schools, classes, pupils = NOTHING, 0, 0, 0
    columns = []
    for exercise in exercises:
        year = own.get(exercise, ComparedYear(exercise, 0, 0, 0, NOTHING))
        amount += year.amount
        schools, classes, pupils = schools + year.schools, classes + year.classes, pupils + year.pupils
        columns.append(
            YearColumn(exercise, year.schools, year.classes, year.pupils, year.amount, amount, schools, classes, pupils)
        )
    return tuple(columns)


def _figures(scenario: ComparedScenario) -> Figures:
    years, schools = scenario.years, [school for school in scenario.schools if school.school is not None]
    entered = (
        sum(year.classes for year in years),
        sum(year.schools for year in years),
        sum(year.pupils for year in years),
    )
    amount = _sum(year.amount for year in years)
    qpv = [school for school in schools if school.qpv]
    qpv_entered, qpv_pupils = sum(school.entered for school in qpv), sum(school.pupils for school in qpv)
    ratios = Ratios(*(round_ratio(amount.ttc, count) if count else None for count in entered))
    return Figures(
        schools=entered[1],
        classes=entered[0],
        pupils=entered[2],
        ht=amount.ht,
        vat=amount.vat,
        ttc=amount.ttc,
        grants=scenario.grants,
        own_share_ht=scenario.own_share_ht,
        fctva=scenario.fctva,
        net_cost=amount.ttc - scenario.grants - scenario.fctva,
        ttc_per_class=ratios.ttc_per_class,
        ttc_per_school=ratios.ttc_per_school,
        ttc_per_pupil=ratios.ttc_per_pupil,
        qpv_pupils=qpv_entered,
        qpv_share=round_ratio(qpv_entered * SHARE_UNIT, qpv_pupils) if qpv_pupils else None,
        gini=gini([(school.amount.ttc, school.pupils) for school in schools]),
        perimeter_schools=len(schools),
        perimeter_pupils=sum(school.pupils for school in schools),
    )


def _difference(own: Figures, reference: Figures) -> Figures:
    differences: dict[str, Any] = {
        field.name: _minus(getattr(own, field.name), getattr(reference, field.name)) for field in fields(Figures)
    }
    return Figures(**differences)


def _minus(own: int | None, reference: int | None) -> int | None:
    return None if own is None or reference is None else own - reference


def entered_pupils(budget: BudgetInput, entered: Iterable[str]) -> dict[str, int]:
    """Pupils of the classes that enter, by school of those that do: interchange 1, rules 1 and 6."""
    entries = arrivals_of_whole_schools(budget).entries
    wanted = frozenset(entered)
    return {
        budget.schools.id[school]: int(pupils)
        for school, pupils in zip(entries.school.tolist(), entries.pupils.tolist(), strict=True)
        if budget.schools.id[school] in wanted
    }


def compared_scenario(
    key: str, label: str, budget: BudgetInput, result: BudgetResult, qpv: Mapping[str, bool]
) -> ComparedScenario:
    """A computed budget, with the schools of its perimeter that are in a priority district."""
    entered = entered_pupils(budget, [row.school for row in result.by_school if row.school and row.exercise_entered])
    pupils = dict(zip(budget.schools.id, budget.schools.pupils.tolist(), strict=True))
    return ComparedScenario(
        key=key,
        label=label,
        years=tuple(
            ComparedYear(row.exercise, row.schools_entered, row.classes_entered, row.pupils_entered, row.amount)
            for row in result.by_exercise
        ),
        schools=tuple(
            ComparedSchool(
                school=row.school,
                exercise_entered=row.exercise_entered,
                pupils=pupils.get(row.school or "", 0),
                entered=entered.get(row.school or "", 0),
                qpv=qpv.get(row.school or "", False),
                amount=Amount(row.ht, row.vat),
            )
            for row in result.by_school
        ),
        grants=result.funding.total,
        own_share_ht=result.funding.own_share_ht,
        fctva=sum(result.fctva.values()),
    )
