"""Schools placed on the board: one move, or all of them by rank under the cap. A place is a phase that names the school."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from governance.domain import board as rules
from governance.domain.placing import placements
from governance.domain.plan import BudgetInput, Phase
from governance.models import Scenario, ScenarioSchool
from governance.models.scenario import ONLY_PERIMETER, outside
from governance.queries import ScenarioData, budget_of
from governance.queries.board import groups_of, require_movable, together, unfit_sentence
from governance.services.steps import PHASES, placed
from governance.services.wizard import held, write
from plan_numerique.accounts.models import User
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.periods import school_year_label
from schools.models import School

NO_CAP = (
    "Ce scénario n'a pas de plafond : il n'y a rien à remplir. En donner un à l'étape « Plafond » de l'assistant, "
    "ou placer les écoles une à une."
)


@dataclass(frozen=True)
class Filled:
    """`sentence`: who first does not fit; empty where all do."""

    placed: int
    left: int
    sentence: str


def move_school(
    *,
    scenario: Scenario,
    school: School,
    exercise: int | None,
    by: User | None,
    seen: int | None = None,
    check_seen: bool = False,
) -> Sequence[ScenarioSchool]:
    """Into an exercise, or out of the plan with None; those of its group go with it. Returns those that moved.

    `check_seen`: refused where the school is no longer in the exercise `seen`."""
    with action("governance.school_placed", "École placée", by=by, authority=scenario.plan.authority, target=scenario):
        before = held(scenario)
        require_movable(before)
        place = next((each for each in before.places if each.school_id == school.pk), None)
        if place is None:
            raise DomainError(f"{ONLY_PERIMETER} « {school} » n'y est pas.", field="school")
        if exercise is not None and exercise not in before.scenario.exercises:
            raise DomainError(outside(before.scenario), field="exercise")
        budget = budget_of(before)
        now = placements(budget)
        if check_seen and now[place.school.uai] != seen:
            raise DomainError(_moved_since(place, now[place.school.uai]), field="school")
        moving = together(before, place)
        target = {**now, **{each.school.uai: exercise for each in moving}}
        if exercise is not None:
            _require_classes(before, budget, moving)
            _require_room(before, budget, target, moving)
        if target != now:
            write(before, placed(before, target), PHASES, by=by)
    return moving


def _moved_since(place: ScenarioSchool, exercise: int | None) -> str:
    where = "n'est plus placée" if exercise is None else f"est maintenant en {exercise}"
    return f"Entre-temps, quelqu'un a déplacé « {place.school} », qui {where} : recharger le tableau."


def _require_classes(data: ScenarioData, budget: BudgetInput, moving: Sequence[ScenarioSchool]) -> None:
    year = data.scenario.school_year
    known = "" if year is None else f" en {school_year_label(year)}"
    for place in moving:
        if not budget.schools.class_count[budget.schools.index[place.school.uai]]:
            raise DomainError(
                f"« {place.school} » n'a pas de classe connue{known} : il n'y a rien à y équiper.", field="school"
            )


def _require_room(
    data: ScenarioData, budget: BudgetInput, target: Mapping[str, int | None], moving: Sequence[ScenarioSchool]
) -> None:
    over = rules.overrun_by(rules.open_problem(budget, {}), target, [each.school.uai for each in moving])
    if over is not None:
        raise DomainError(f"Ne tient pas sous le plafond. {unfit_sentence(data, over)}", field="exercise")


def fill_board(*, scenario: Scenario, by: User | None) -> Filled:
    """Every school by rank, in the first exercise where it fits (interchange 1, rule 6)."""
    with action(
        "governance.board_filled",
        "Écoles placées sous le plafond",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
    ):
        before = held(scenario)
        require_movable(before)
        budget = budget_of(before)
        if budget.yearly_cap_ttc is None:
            raise DomainError(NO_CAP)
        filling = rules.fill(rules.open_problem(budget, groups_of(before)))
        after = _told_by_the_run(before, budget, filling)
        write(before, after, PHASES, by=by)
    entered = sum(exercise is not None for exercise in filling.exercise_of.values())
    unfit = filling.first_unfit or next(iter(filling.never_fits), None)
    sentence = "" if unfit is None else f"La première à ne pas tenir est {unfit_sentence(before, unfit)}"
    return Filled(entered, len(before.places) - entered, sentence)


def _told_by_the_run(before: ScenarioData, budget: BudgetInput, filling: rules.Filling) -> ScenarioData:
    """A school that did not fit is named where it was refused: the run places it the same, and says so in its findings.

    Where that would place anything else (groups), every school is named where it enters and nowhere else."""
    refused = [
        each for each in (filling.first_unfit, *filling.never_fits) if each is not None and len(each.schools) == 1
    ]
    asked = {**filling.exercise_of, **{each.schools[0]: each.exercise for each in refused}}
    after = placed(before, asked)
    phases = tuple(Phase(phase.exercise, schools=phase.schools) for phase in after.phases)
    if placements(replace(budget, phases=phases)) == filling.exercise_of:
        return after
    return placed(before, filling.exercise_of)
