"""Where the schools of a list stand in the plan, and where they are on the map."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from schools.domain.places import middles
from schools.enums import SchoolKind, SchoolStatus, Step
from schools.models import School, SchoolStep

NOT_YET = "none"
NOT_YET_LABEL = "Pas encore dans le plan"
STEPS = ((NOT_YET, NOT_YET_LABEL), *Step.choices)
RANKS = {step: rank for rank, (step, _) in enumerate(STEPS)}
DECIMALS = 5  # of a degree, a metre or so


def _reached() -> QuerySet[Any]:
    """The steps of a school in a query of schools, the furthest first, with its `rank`."""
    rank = Case(*(When(step=step.value, then=RANKS[step]) for step in Step))
    return SchoolStep.objects.filter(school=OuterRef("pk")).annotate(rank=rank).order_by("-rank")


def with_step(rows: QuerySet[School]) -> QuerySet[Any]:
    """With `step`, the furthest the school has reached, None before the first."""
    return rows.annotate(step=Subquery(_reached().values("step")[:1]))


def step_rank() -> Coalesce:
    """Order of a school by its furthest step, 0 before the first."""
    return Coalesce(Subquery(_reached().values("rank")[:1]), 0)


def at_steps(rows: QuerySet[School], wanted: Iterable[str]) -> QuerySet[School]:
    """Those whose furthest step is one of `wanted` (NOT_YET: those that reached none)."""
    condition = Q(pk__in=[])
    for step in wanted:
        reached = Q() if step == NOT_YET else Q(_of_school([step]))
        condition |= reached & ~Q(_of_school([code for code, rank in RANKS.items() if rank > RANKS[step]]))
    return rows.filter(condition)


def _of_school(steps: list[str]) -> Exists:
    return Exists(SchoolStep.objects.filter(school=OuterRef("pk"), step__in=steps))


@dataclass(frozen=True, slots=True)
class StepGroup:
    """The schools of one step: `count` of them, of which `schools` are read."""

    step: str
    label: str
    count: int
    schools: tuple[School, ...]

    @property
    def left_out(self) -> int:
        return self.count - len(self.schools)


def step_counts(rows: QuerySet[School]) -> dict[str, int]:
    """How many schools at each step, the steps without any left out. One query."""
    found = with_step(rows).order_by().values_list("step").annotate(count=Count("pk"))
    return {step or NOT_YET: count for step, count in found}


def schools_by_step(rows: QuerySet[School], most: int) -> tuple[StepGroup, ...]:
    """Every step in order, with its first schools by name. Two queries."""
    keys: dict[str, list[int]] = {step: [] for step, _ in STEPS}
    for key, step in with_step(rows).order_by("name", "pk").values_list("pk", "step"):
        keys[step or NOT_YET].append(key)
    shown = rows.in_bulk([key for of_step in keys.values() for key in of_step[:most]])
    return tuple(
        StepGroup(step, label, len(keys[step]), tuple(shown[key] for key in keys[step][:most])) for step, label in STEPS
    )


def map_points(rows: QuerySet[School]) -> dict[str, Any]:
    """What the map draws, in lists for the sake of their weight. One query.

    `schools`: [id, name, latitude, longitude, rank of the step, index of the commune, index of the kind, -1 where unknown,
    1 where it is closed];
    `communes`: [name, latitude, longitude, schools shown], the middle of these schools."""
    found = with_step(rows.exclude(latitude=None)).order_by("name", "pk")
    read = list(
        found.values_list(
            "pk", "name", "latitude", "longitude", "step", "commune_id", "commune__name", "kind", "status"
        )
    )
    names = {key: name for *_, key, name, _, _ in read}
    places = middles((row[5], float(row[2]), float(row[3])) for row in read)
    indexes = {key: index for index, key in enumerate(places)}
    kinds = {kind: index for index, kind in enumerate(SchoolKind.values)}
    return {
        "communes": [
            [names[key], round(north, DECIMALS), round(east, DECIMALS), count]
            for key, (north, east, count) in places.items()
        ],
        "kinds": SchoolKind.labels,
        "steps": [list(step) for step in STEPS],
        "schools": [
            [
                pk,
                name,
                round(float(latitude), DECIMALS),
                round(float(longitude), DECIMALS),
                RANKS[step or NOT_YET],
                indexes[commune],
                kinds.get(kind, -1),
                int(status == SchoolStatus.CLOSED),
            ]
            for pk, name, latitude, longitude, step, commune, _, kind, status in read
        ],
    }
