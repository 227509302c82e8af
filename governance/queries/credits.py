"""Authorisations as they are known on a day, from dated rows; and how their amounts may be split over exercises."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from governance import permissions
from governance.domain.authorisations import (
    AuthorisationState,
    Commitment,
    Payment,
    Version,
    propose_split,
    state_at,
)
from governance.domain.booked import COMMITMENTS, Standing, standing
from governance.domain.calendars import Spending, split_school_years
from governance.enums import ExpenseStage, RunState, ScenarioState, Section
from governance.models import (
    Authorisation,
    AuthorisationVersion,
    AuthorisationYear,
    BudgetLine,
    BudgetRun,
    Expense,
    Plan,
    Scenario,
)
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from plan_numerique.shared.money import split_cents

BOOKED = (ExpenseStage.COMMITMENT, ExpenseStage.PAYMENT)
EVERYTHING = date.max


def visible_authorisations(user: Any) -> QuerySet[Authorisation]:
    """With `paid`, the sum of what is paid on it."""
    paid = AuthorisationYear.objects.filter(authorisation=OuterRef("pk")).order_by()
    return (
        Authorisation.objects.select_related("plan__authority")
        .annotate(paid=Coalesce(Subquery(paid.values("authorisation").annotate(sum=Sum("paid")).values("sum")), 0))
        .filter(plan__authority__in=permissions.VIEW_MONEY.authorities(user))
    )


@dataclass(frozen=True)
class ExerciseRow:
    """`committed` by the exercise of the commitments; `ended` on the day looked at."""

    exercise: int
    credit: int
    committed: int
    paid: int
    ended: bool

    @property
    def left(self) -> int:
        return self.credit - self.paid


@dataclass(frozen=True)
class VersionRow:
    """`credits`: (exercise, before, after), for each exercise of this version or of the one before."""

    version: AuthorisationVersion
    before: int
    credits: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class AuthorisationStatement:
    """What was known at the end of a day: only what was voted or dated by then."""

    authorisation: Authorisation
    state: AuthorisationState
    exercises: tuple[ExerciseRow, ...]
    versions: tuple[VersionRow, ...]
    commitments: tuple[Expense, ...]
    payments: tuple[Expense, ...]

    @property
    def closed(self) -> bool:
        return bool(self.versions) and self.versions[-1].version.kind == "closing"


def statement_of(authorisation: Authorisation, day: date | None, today: date) -> AuthorisationStatement:
    return statements([authorisation], day, today)[0]


def statements(rows: list[Authorisation], day: date | None, today: date) -> list[AuthorisationStatement]:
    """Three queries whatever the number; without a day, everything that is recorded."""
    versions = list(
        AuthorisationVersion.objects.filter(authorisation__in=rows)
        .prefetch_related("credits")
        .order_by("authorisation_id", "number")
    )
    expenses = list(
        Expense.objects.filter(authorisation__in=rows, stage__in=BOOKED)
        .select_related("school")
        .order_by("dated_on", "pk")
    )
    return [
        _statement(
            row,
            [version for version in versions if version.authorisation_id == row.pk],
            [expense for expense in expenses if expense.authorisation_id == row.pk],
            day or EVERYTHING,
            today,
        )
        for row in rows
    ]


def _statement(
    row: Authorisation, versions: list[AuthorisationVersion], expenses: list[Expense], day: date, today: date
) -> AuthorisationStatement:
    known = [version for version in versions if version.voted_on <= day]
    dated = [expense for expense in expenses if expense.dated_on <= day]
    commitments = tuple(expense for expense in dated if expense.stage == ExpenseStage.COMMITMENT)
    payments = tuple(expense for expense in dated if expense.stage == ExpenseStage.PAYMENT)
    state = state_at(
        day,
        [Version(version.voted_on, version.number, version.amount, _credits(version)) for version in known],
        [Commitment(expense.dated_on, expense.ttc) for expense in commitments],
        [Payment(expense.dated_on, expense.exercise, expense.ttc) for expense in payments],
    )
    return AuthorisationStatement(
        authorisation=row,
        state=state,
        exercises=_exercises(state, commitments, min(day, today)),
        versions=tuple(_compared(known)),
        commitments=commitments,
        payments=payments,
    )


def standing_of(row: Authorisation) -> Standing:
    """Three queries whatever the number of expenses."""
    versions = row.versions.prefetch_related("credits").order_by("number")
    booked = (
        Expense.objects.filter(authorisation=row, stage__in=BOOKED)
        .order_by()
        .values_list("stage", "exercise", "dated_on")
        .annotate(Sum("ttc"))
    )
    moves: Counter[tuple[int, date]] = Counter()
    for stage, exercise, day, cents in booked:
        moves[COMMITMENTS if stage == ExpenseStage.COMMITMENT else exercise, day] += cents
    return standing(
        [Version(each.voted_on, each.number, each.amount, _credits(each)) for each in versions],
        {key: cents for key, cents in moves.items() if cents},
    )


def _credits(version: AuthorisationVersion) -> dict[int, int]:
    return {credit.exercise: credit.amount for credit in version.credits.all()}


def _exercises(state: AuthorisationState, commitments: tuple[Expense, ...], day: date) -> tuple[ExerciseRow, ...]:
    committed: dict[int, int] = {}
    for expense in commitments:
        committed[expense.exercise] = committed.get(expense.exercise, 0) + expense.ttc
    years = sorted({*committed, *(credit.exercise for credit in state.credits)})
    return tuple(
        ExerciseRow(year, credit.credit, committed.get(year, 0), credit.paid, year < day.year)
        for year in years
        if (credit := state.credit_of(year))
    )


def _compared(versions: list[AuthorisationVersion]) -> list[VersionRow]:
    found, before, amount = [], dict[int, int](), 0
    for version in versions:
        after = _credits(version)
        years = sorted({*before, *after})
        found.append(VersionRow(version, amount, tuple((y, before.get(y, 0), after.get(y, 0)) for y in years)))
        before, amount = after, version.amount
    return found


def programme_run(plan: Plan, scenario_pk: int | None = None) -> BudgetRun | None:
    """The latest finished run of the scenario named, of the programme, or else of the scenario computed last."""
    runs = BudgetRun.objects.select_related("scenario__plan__authority").filter(
        scenario__plan=plan, state=RunState.DONE
    )
    if scenario_pk is not None:
        return runs.filter(scenario=scenario_pk).order_by("-number").first()
    adopted = runs.filter(scenario__state=ScenarioState.ADOPTED).order_by("-number").first()
    return adopted or runs.exclude(scenario__state=ScenarioState.ARCHIVED).order_by("-pk").first()


def computed_scenarios(plan: Plan) -> QuerySet[Scenario]:
    return plan.scenarios.filter(runs__state=RunState.DONE).distinct().order_by("name", "pk")


def by_school_year(amount: int, first: int, last: int) -> tuple[Spending, ...]:
    """An amount over the school years that lie within exercises (2016 to 2019: three), each the same, then by months."""
    if first >= last:
        return (Spending(None, first, amount),)
    years = range(first, last)
    return split_school_years(dict(zip(years, split_cents(amount, [1] * len(years)), strict=True)))


def split_by_school_year(amount: int, exercises: range) -> dict[int, int]:
    found = dict.fromkeys(exercises, 0)
    for part in by_school_year(amount, exercises[0], exercises[-1]):
        found[part.exercise] += part.amount
    return found


def split_evenly(amount: int, exercises: range) -> dict[int, int]:
    return propose_split(amount, [1] * len(exercises), exercises)


def split_as_programme(amount: int, exercises: range, authorisation: Authorisation) -> dict[int, int] | None:
    """In proportion to the credits of the adopted programme; None without one, or where nothing of it falls in these exercises."""
    run = programme_run(authorisation.plan)
    if run is None or run.scenario.state != ScenarioState.ADOPTED:
        return None
    planned = programme_credits(run, authorisation.section)
    weights = [planned.get(year, 0) for year in exercises]
    return propose_split(amount, weights, exercises) if sum(weights) else None


def programme_credits(run: BudgetRun, section: str) -> dict[int, int]:
    """TTC by year: payment credits of the investment, what is spent of the operation."""
    if section == Section.INVESTMENT:
        return dict(run.credits.values_list("exercise", "ttc"))
    lines = BudgetLine.objects.filter(run=run, section=section).order_by("exercise")
    return dict(lines.values_list("exercise").annotate(Sum("ttc")))


def credits_key(plan_pk: int) -> str:
    """How the keys of the AP/CP tables of a plan begin: one of each day at a time."""
    return f"plan-credits-{plan_pk}-"


def credits_jobs(plan: Plan) -> list[Job]:
    """Tables of the plan that wait or are being made."""
    return list(
        Job.objects.select_related("document")
        .defer("document__content", "traceback")
        .filter(kind="governance.credits_table", dedupe_key__startswith=credits_key(plan.pk), status__in=ACTIVE)
        .order_by("pk")
    )
