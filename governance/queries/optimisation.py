"""What the optimiser reads of a scenario, and what is read of its proposals."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet

from equipment.domain.lifecycle import IN_PLACE
from equipment.models import Device
from governance.domain.proposal import Question, Year, read_case
from governance.domain.weights import DEFAULT_POINTS, EQUITY_CRITERIA, EquityPoints, SchoolFacts
from governance.enums import Objective, PlaceMove
from governance.models import EquippedSchool, Optimisation, OptimisationPlace, Scenario
from governance.queries.board import groups_of
from governance.queries.document import ScenarioData, canonical, digest_of, document_of, scenario_data
from governance.queries.programme import visible_optimisation_places, visible_optimisations
from plan_numerique.jobs.enums import ACTIVE
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from schools.models import SocialIndex

OPTIMISATION_KIND = "governance.optimisation"
TENTHS = 10
RANKED = F("ranked_exercise")
MOVES = {
    PlaceMove.JOINS: Q(exercise__isnull=False, ranked_exercise__isnull=True),
    PlaceMove.LEAVES: Q(exercise__isnull=True, ranked_exercise__isnull=False),
    PlaceMove.EARLIER: Q(exercise__lt=RANKED),
    PlaceMove.LATER: Q(exercise__gt=RANKED),
    PlaceMove.SAME: Q(exercise=RANKED) | Q(exercise__isnull=True, ranked_exercise__isnull=True),
}
MOVED = reduce(or_, (found for move, found in MOVES.items() if move != PlaceMove.SAME))
"""Written out: the negation of SAME leaves out the rows where one side is null."""


@dataclass(frozen=True)
class CriterionRow:
    """A criterion of equity with its points and how many schools of the perimeter meet it."""

    sentence: str
    points: int
    schools: int


@dataclass(frozen=True)
class Proposal:
    """`moved` and `left_out` are all the rows; `reasons` by UAI; `criteria` with the points of the search and its schools."""

    years: list[Year]
    moved: QuerySet[OptimisationPlace]
    left_out: QuerySet[OptimisationPlace]
    reasons: Mapping[str, str]
    fill_gaps: bool
    criteria: list[CriterionRow]


def optimisation_key(pk: Any) -> str:
    """One search of a scenario at a time."""
    return f"optimisation-{pk}"


def optimisation_document(data: ScenarioData) -> dict[str, Any]:
    """As `domain.proposal` reads it. Three queries besides those of the budget."""
    return {"budget": document_of(data), "groups": groups_of(data), "facts": school_facts(data)}


def school_facts(data: ScenarioData) -> dict[str, dict[str, Any]]:
    """By UAI. IPS: the latest. Never equipped: no device in place, and not among the schools a programme has equipped."""
    ids = [place.school_id for place in data.places]
    indexes = SocialIndex.objects.filter(school__in=ids).order_by("school_year").values_list("school_id", "value")
    ips = {school: int(value * TENTHS) for school, value in indexes}
    equipped = {
        *Device.objects.filter(school__in=ids, state__in=IN_PLACE).order_by().values_list("school_id", flat=True).distinct(),
        *EquippedSchool.objects.filter(school__in=ids).order_by().values_list("school_id", flat=True).distinct(),
    }  # fmt: skip
    return {
        place.school.uai: {
            "qpv": place.school.priority_district,
            "rep": place.school.education_priority,
            "ips": ips.get(place.school_id),
            "never_equipped": place.school_id not in equipped,
        }
        for place in data.places
    }


def facts_of(found: Mapping[str, Mapping[str, Any]]) -> list[SchoolFacts]:
    """Of `school_facts`, to count who meets a criterion."""
    return [SchoolFacts(uai=uai, pupils=0, **row) for uai, row in found.items()]


def criteria(schools: Iterable[SchoolFacts], points: EquityPoints = DEFAULT_POINTS) -> list[CriterionRow]:
    rows = list(schools)
    return [
        CriterionRow(each.sentence(points), each.points_of(points), sum(each.met(facts) for facts in rows))
        for each in EQUITY_CRITERIA
    ]


def last_points(scenario: Scenario) -> EquityPoints:
    """Those of the last search of the plan, whatever it sought, else those of the product."""
    asked = Optimisation.objects.filter(scenario__plan=scenario.plan_id).order_by("-started_at", "-pk")
    last = asked.only(*(each.field for each in EQUITY_CRITERIA)).first()
    return DEFAULT_POINTS if last is None else last.points


def optimisations_of(user: Any, scenario: Scenario | None = None) -> QuerySet[Optimisation]:
    rows = visible_optimisations(user).select_related("job").defer("input", "job__traceback")
    return rows if scenario is None else rows.filter(scenario=scenario)


def active_optimisation(scenario: Scenario) -> Job | None:
    """The search of this scenario that waits or runs."""
    return (
        Job.objects.select_related("document")
        .defer("document__content", "traceback")
        .filter(kind=OPTIMISATION_KIND, dedupe_key=optimisation_key(scenario.pk), status__in=ACTIVE)
        .first()
    )


def question_of(optimisation: Optimisation) -> Question:
    """As it was asked."""
    return read_case(json.loads(optimisation.input), Objective(optimisation.objective).value, optimisation.points)


def proposal(user: Any, optimisation: Optimisation) -> Proposal:
    """The costs of each exercise worked out again from what was asked. Three queries, and those of the rows shown."""
    question = question_of(optimisation)
    places = visible_optimisation_places(user).filter(optimisation=optimisation)
    placings = list(places.order_by().values_list("school__uai", "exercise", "ranked_exercise"))
    return Proposal(
        question.years({row[0]: row[1] for row in placings}, {row[0]: row[2] for row in placings}),
        places.filter(MOVED).order_by("priority_rank", "school__uai"),
        places.filter(exercise__isnull=True).order_by("-weight", "school__uai"),
        question.left_out_because(),
        question.budget.fill_gaps,
        criteria(question.facts, optimisation.points),
    )


def changed_since(optimisation: Optimisation) -> str:
    """Why the proposal may no longer suit the data, empty where they are those it was asked with."""
    try:
        document = optimisation_document(scenario_data(optimisation.scenario))
    except DomainError as error:
        return error.message
    if digest_of(canonical(document)) == optimisation.input_digest:
        return ""
    return "Les données du scénario ou de ses écoles ont changé depuis cette recherche."
