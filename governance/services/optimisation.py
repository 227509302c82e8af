"""A proposal of the optimiser: opened with the exact document it answers, stored beside the ranked order, made a variant on request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Max
from django.utils import timezone

from governance.domain.optimise import Solution
from governance.domain.placing import placements
from governance.domain.proposal import Place, Question, read_case
from governance.domain.weights import DEFAULT_POINTS, EQUITY_CRITERIA, EquityPoints
from governance.enums import Objective, RunState, ScenarioState, Strategy
from governance.models import Optimisation, OptimisationPlace, Scenario
from governance.queries import budget_of, canonical, digest_of, optimisation_document, scenario_data
from governance.queries.board import require_movable
from governance.services.scenarios import duplicate_scenario
from governance.services.steps import Part, changed, placed
from governance.services.wizard import held, write
from plan_numerique.accounts.models import User
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted

LONGEST_SEARCH = 60
PLACES_AT_ONCE = 2_000
SHOWN_SCHOOLS = 5
NO_POINTS = "Avec ces points, aucun élève du périmètre ne compte : en donner à chaque élève, ou à ce qu'une école du périmètre remplit."
NAMES = {Objective.PUPILS: "élèves", Objective.EQUITY: "équité"}
PLACING = Part(("strategy", "hypothesis"), ("phases",))


@dataclass(frozen=True)
class Variant:
    """`moved`: sentence of the schools that a run places otherwise than proposed, empty where all are where they were proposed."""

    scenario: Scenario
    moved: str


def open_optimisation(
    *, scenario: Scenario, objective: str, seconds: int, by: User | None, points: EquityPoints = DEFAULT_POINTS
) -> Optimisation:
    """In the caller's transaction, with the job. Changes nothing of the scenario, whose rules stay as they are."""
    if objective not in Objective.values:
        raise DomainError("Cet objectif n'est pas de ceux que la recherche connaît.", field="objective")
    if not 1 <= seconds <= LONGEST_SEARCH:
        raise DomainError(f"La recherche dure de 1 à {LONGEST_SEARCH} secondes au plus.", field="seconds")
    with action(
        "governance.optimisation_started",
        "Optimisation demandée",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
    ):
        list(Scenario.objects.select_for_update().filter(pk=scenario.pk).values_list("pk", flat=True))
        text = canonical(_document(scenario, objective, points))
        last = scenario.optimisations.aggregate(last=Max("number"))["last"] or 0
        return Optimisation.objects.create(
            scenario=scenario,
            number=last + 1,
            objective=objective,
            seconds=seconds,
            **points.by_field,
            asked_by=by,
            input=text,
            input_digest=digest_of(text),
            started_at=timezone.now(),
        )


def _document(scenario: Scenario, objective: str, points: EquityPoints) -> dict[str, object]:
    """DomainError where there is nothing to look for."""
    data = scenario_data(Scenario.objects.select_related("plan__authority", "rule_set").get(pk=scenario.pk))
    if data.scenario.state == ScenarioState.ARCHIVED:
        raise DomainError(f"« {scenario} » est archivé : le dupliquer pour chercher un autre ordre.")
    if data.scenario.rule_set is None:
        raise DomainError(f"« {scenario} » n'a pas de règles de dotation : le coût de chaque école est inconnu.")
    if not data.places:
        raise DomainError(f"Le périmètre de « {scenario} » n'a pas d'école : il n'y a rien à placer.")
    require_movable(data)
    if data.scenario.yearly_cap_ttc is None and not data.caps:
        raise DomainError(
            f"« {scenario} » n'a pas de plafond : toutes les écoles entrent à leur date, il n'y a rien à chercher."
        )
    document = optimisation_document(data)
    question = read_case(document, objective, points)
    if not question.problem.units:
        raise DomainError("Aucune école du périmètre n'a de classe connue qui puisse être équipée.")
    if not any(facts.pupils for facts in question.facts):
        raise DomainError("Aucun effectif n'est connu dans ces écoles : la recherche compte des élèves.")
    if not any(question.weights.values()):
        raise DomainError(NO_POINTS, field=EQUITY_CRITERIA[0].field)
    return document


def fail_optimisation(*, optimisation: Optimisation, message: str) -> None:
    Optimisation.objects.filter(pk=optimisation.pk).exclude(state=RunState.DONE).update(
        state=RunState.FAILED, message=message, finished_at=timezone.now()
    )


def resume_optimisation(*, optimisation: Optimisation) -> None:
    """A failed search whose job is started again is under way again."""
    Optimisation.objects.filter(pk=optimisation.pk, state=RunState.FAILED).update(
        state=RunState.RUNNING, message="", finished_at=None
    )


def store_optimisation(
    *, optimisation: Optimisation, question: Question, found: Solution, ranked: Solution, by: User | None
) -> Optimisation:
    """Every place, in the caller's transaction (`job.storing()`)."""
    if optimisation.state == RunState.DONE:
        raise DomainError(f"{optimisation} est déjà terminée : une proposition ne change plus.")
    scenario = optimisation.scenario
    with action(
        "governance.optimisation_stored",
        "Optimisation terminée",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
    ):
        _store_places(optimisation, question.places(found, ranked))
        optimisation.reached, optimisation.served = found.score
        optimisation.ranked_reached, optimisation.ranked_served = ranked.score
        optimisation.pupils = question.pupils(found.exercise_of)
        optimisation.ranked_pupils = question.pupils(ranked.exercise_of)
        optimisation.schools = _entered(found)
        optimisation.ranked_schools = _entered(ranked)
        optimisation.bound, optimisation.gap = found.bound, found.gap
        optimisation.optimal, optimisation.stopped = found.optimal, found.stopped
        optimisation.state, optimisation.message = RunState.DONE, ""
        optimisation.finished_at = timezone.now()
        optimisation.save()
    return optimisation


def _entered(solution: Solution) -> int:
    return sum(exercise is not None for exercise in solution.exercise_of.values())


def _store_places(optimisation: Optimisation, places: Sequence[Place]) -> None:
    """A school that has left the perimeter since is still one of the authority."""
    scenario = optimisation.scenario
    schools = dict(
        scenario.plan.authority.schools.filter(uai__in=[place.school for place in places]).values_list("uai", "pk")
    )
    OptimisationPlace.objects.bulk_create(
        (
            OptimisationPlace(
                optimisation=optimisation,
                school_id=schools[place.school],
                exercise=place.exercise,
                ranked_exercise=place.ranked_exercise,
                priority_rank=place.rank,
                pupils=place.pupils,
                weight=place.weight,
                ttc=place.ttc,
            )
            for place in places
            if place.school in schools
        ),
        batch_size=PLACES_AT_ONCE,
    )


def create_variant(*, optimisation: Optimisation, by: User | None) -> Variant:
    """A draft copied from the scenario, whose phases name each school in the exercise proposed. Ranks, caps and the scenario itself
    stay as they are; a run of the copy never passes a cap, whatever changed since the proposal."""
    scenario = optimisation.scenario
    with action(
        "governance.optimisation_variant",
        "Variante optimisée créée",
        by=by,
        authority=scenario.plan.authority,
        target=scenario,
    ):
        stored = Optimisation.objects.select_for_update().defer("input").get(pk=optimisation.pk)
        if stored.state != RunState.DONE:
            raise DomainError(f"{stored} n'a pas de proposition : la variante vient d'une recherche terminée.")
        if stored.variant_id is not None:
            raise DomainError(f"La variante de cette proposition existe déjà : « {stored.variant} ».")
        asked = {uai: year for uai, year in stored.places.values_list("school__uai", "exercise") if year is not None}
        copy = duplicate_scenario(scenario=scenario, by=by, name=_name(stored, scenario))
        before = held(copy)
        require_movable(before)
        known = {place.school.uai: place.school.name for place in before.places}
        placing = {
            uai: asked[uai] for uai in known if asked.get(uai) is not None and asked[uai] in before.scenario.exercises
        }
        after = changed(
            before.scenario,
            strategy=Strategy.BY_SCHOOL,
            hypothesis="\n".join(filter(None, (before.scenario.hypothesis, _origin(stored, scenario)))),
        )
        write(before, replace(placed(before, placing), scenario=after), PLACING, by=by)
        stored.variant = copy
        stored.save(update_fields=["variant"])
        now = placements(budget_of(scenario_data(copy)))
    optimisation.variant = copy
    return Variant(copy, _moved(asked, now, known))


def _name(optimisation: Optimisation, scenario: Scenario) -> str:
    suffix = f" (optimisée : {NAMES[Objective(optimisation.objective)]})"
    return f"{scenario.name[: 140 - len(suffix)]}{suffix}"


def _origin(optimisation: Optimisation, scenario: Scenario) -> str:
    day = timezone.localtime(optimisation.started_at).strftime("%d/%m/%Y")
    return (
        f"Écoles placées selon l'optimisation n° {optimisation.number} de « {scenario} » du {day} "
        f"({optimisation.get_objective_display()}) ; les rangs de priorité sont ceux de ce scénario."
        f"{f' Points : {optimisation.points}.' if optimisation.counts_points else ''}"
    )


def _moved(asked: dict[str, int], now: dict[str, int | None], names: dict[str, str]) -> str:
    """Of the schools that a run places elsewhere than asked."""
    told = [
        f"« {names.get(uai, uai)} » ({year} proposé, {now.get(uai) or 'hors du plan'} au calcul)"
        for uai, year in sorted(asked.items())
        if now.get(uai) != year
    ]
    if not told:
        return ""
    left = len(told) - SHOWN_SCHOOLS
    more = f" et {counted(left, 'autre')}" if left > 0 else ""
    return (
        f"Les données ont changé depuis la recherche, et le calcul ne dépasse jamais le plafond : "
        f"{len(told)} école{'s n’entrent' if len(told) > 1 else ' n’entre'} pas comme proposé : {', '.join(told[:SHOWN_SCHOOLS])}{more}."
    )
