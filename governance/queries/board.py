"""The schools of a scenario on a board: a column for those that do not enter, then one by exercise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.domain import board as rules
from governance.domain.budget import compute
from governance.domain.plan import BudgetInput
from governance.domain.result import BudgetResult
from governance.models import ScenarioSchool
from governance.queries.document import ScenarioData
from governance.queries.effect import budget_of
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros


@dataclass(frozen=True)
class Card:
    """`ttc`: what the school costs in the exercise it is placed in, or in the first one where it is not placed."""

    pk: int
    uai: str
    name: str
    commune: str
    rank: int | None
    group: str
    classes: int
    pupils: int
    ttc: int
    exercise: int | None


@dataclass(frozen=True)
class BoardColumn:
    """Of the exercise, or of the schools not placed (None). `left` is below 0 where the cap is passed."""

    exercise: int | None
    cards: tuple[Card, ...]
    ttc: int
    common: int
    cap: int | None

    @property
    def left(self) -> int | None:
        return None if self.cap is None else self.cap - self.ttc

    @property
    def over(self) -> int:
        return max(0, -(self.left or 0))

    @property
    def schools(self) -> int:
        return len(self.cards)

    @property
    def classes(self) -> int:
        return sum(card.classes for card in self.cards)

    @property
    def pupils(self) -> int:
        return sum(card.pupils for card in self.cards)


@dataclass(frozen=True)
class Board:
    """`frozen`: why schools cannot be moved, empty where they can. `first_unfit`: who first does not fit, in the order of the ranks."""

    columns: tuple[BoardColumn, ...]
    capped: bool
    frozen: str = ""
    first_unfit: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(column.cards for column in self.columns)

    def card(self, school_id: int) -> Card | None:
        return next((card for column in self.columns for card in column.cards if card.pk == school_id), None)


PARTIAL = (
    "Ce scénario équipe par niveaux ou par classes : les classes d'une école n'entrent pas ensemble. "
    "Pour placer des écoles entières, choisir « École par école » à l'étape « Stratégie » de l'assistant."
)


STATED = (
    "Des écoles de ce scénario ne sont connues qu'en total : elles ne peuvent pas être placées une à une. "
    "Les retirer, ou décrire leurs classes, pour placer les autres à la main."
)


def frozen_by(data: ScenarioData) -> str:
    """Why schools cannot be placed one by one, empty where they can."""
    if any(phase.levels or phase.classes for phase in data.phases):
        return PARTIAL
    return STATED if data.stated else ""


def groups_of(data: ScenarioData) -> dict[str, str]:
    return {place.school.uai: place.group for place in data.places if place.group}


def together(data: ScenarioData, place: ScenarioSchool) -> tuple[ScenarioSchool, ...]:
    """The school with those of its group."""
    return tuple(each for each in data.places if each.pk == place.pk or (place.group and each.group == place.group))


def board_of(data: ScenarioData) -> Board:
    """Three queries besides those of the rule set; columns add up to the figures of a run. DomainError where the data do not compute."""
    budget = budget_of(data)
    result = compute(budget)
    problem = rules.open_problem(budget, {})
    cards = _cards(data, budget, result, rules.costs(problem))
    capped = any(cap is not None for cap in problem.caps)
    columns = [BoardColumn(None, _in(cards, None), 0, 0, None)]
    columns += [
        BoardColumn(row.exercise, _in(cards, row.exercise), row.amount.ttc, load, cap)
        for row, load, cap in zip(result.by_exercise, problem.load, problem.caps, strict=True)
    ]
    return Board(
        tuple(columns), capped, frozen=frozen_by(data), first_unfit=_first_unfit(data, budget) if capped else ""
    )


def _in(cards: Sequence[Card], exercise: int | None) -> tuple[Card, ...]:
    found = [card for card in cards if card.exercise == exercise]
    return tuple(sorted(found, key=lambda card: (card.rank is None, card.rank or 0, card.uai)))


def _cards(
    data: ScenarioData, budget: BudgetInput, result: BudgetResult, by_year: Mapping[str, Sequence[int]]
) -> list[Card]:
    exercise_of = {row.school: row.exercise_entered for row in result.by_school if row.school is not None}
    in_parts = any(phase.levels or phase.classes for phase in data.phases)
    parts = rules.entry_costs(budget, result, exercise_of) if in_parts else {}
    table = budget.schools
    cards = []
    for place in data.places:
        uai = place.school.uai
        row, exercise = table.index[uai], exercise_of[uai]
        rank = 0 if exercise is None else budget.exercise_rank[exercise]
        whole = by_year[uai][rank] if uai in by_year else 0
        cards.append(
            Card(
                pk=place.school_id,
                uai=uai,
                name=place.school.name,
                commune=place.school.commune.name,
                rank=place.priority_rank,
                group=place.group,
                classes=int(table.class_count[row]),
                pupils=int(table.pupils[row]),
                ttc=whole if exercise is None else parts.get(uai, whole),
                exercise=exercise,
            )
        )
    return cards


def _first_unfit(data: ScenarioData, budget: BudgetInput) -> str:
    filling = rules.fill(rules.open_problem(budget, groups_of(data)))
    if filling.first_unfit is None:
        return ""
    return f"Dans l'ordre des rangs, la première à ne pas tenir est {unfit_sentence(data, filling.first_unfit)}"


def unfit_sentence(data: ScenarioData, overrun: rules.Overrun) -> str:
    """« École A : avec elle, l'exercice 2023 atteindrait 150 000,00 € TTC pour un plafond de 140 000,00 €. »"""
    names = {place.school.uai: place.school.name for place in data.places}
    told = " et ".join(f"« {names.get(uai, uai)} »" for uai in overrun.schools)
    with_them = "avec elle" if len(overrun.schools) == 1 else "avec elles"
    return (
        f"{told} : {with_them}, l'exercice {overrun.over} atteindrait {display_euros(overrun.total)} TTC pour un plafond "
        f"de {display_euros(overrun.cap)}, soit {display_euros(overrun.total - overrun.cap)} de trop."
    )


def require_movable(data: ScenarioData) -> None:
    reason = frozen_by(data)
    if reason:
        raise DomainError(reason)
