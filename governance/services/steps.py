"""What each step of the wizard makes of a scenario: from the data before to the data after, nothing written.

The effect shown while typing and the rows stored both come from the data after.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from equipment.models import RuleSet
from governance.enums import Strategy
from governance.models import FundingLine, Scenario, ScenarioSchool
from governance.models.scenario import outside
from governance.queries import PhaseData, RecurringData, ScenarioData, canonical
from plan_numerique.shared.errors import DomainError
from schools.models import School


@dataclass(frozen=True)
class Part:
    """What a step may change: fields of the scenario, and rows of it (names of `ScenarioData`)."""

    fields: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


TERRITORY = Part(("school_year",), ("places", "phases", "recurring"))
ALLOCATION = Part(("rule_set",))
STRATEGY = Part(("strategy",), ("places", "phases"))
LIMITS = Part(("first_exercise", "last_exercise", "yearly_cap_ttc", "fill_gaps"), ("caps",))
PRICES = Part(("price_revision_rate", "renewals", "payment_schedule", "fctva_rate", "fctva_lag_years"))
SERVICES = Part((), ("recurring",))
FUNDERS = Part((), ("funding",))
PHASES = Part((), ("phases",))


def stamp(data: ScenarioData, part: Part) -> str:
    """The same as long as nobody changes this part."""
    scenario = data.scenario
    held = _values(scenario)
    told: list[Any] = [held.get(name, held.get(f"{name}_id")) for name in part.fields]
    shown: dict[str, Callable[[], Any]] = {
        "places": lambda: [(place.school_id, place.priority_rank, place.group) for place in data.places],
        "phases": lambda: [str(phase) for phase in data.phases],
        "caps": lambda: sorted(data.caps.items()),
        "recurring": lambda: [(_values(row.cost), row.schools) for row in data.recurring],
        "funding": lambda: [_values(line) for line in data.funding],
    }
    told += [shown[name]() for name in part.rows]
    return hashlib.sha256(canonical(told).encode()).hexdigest()[:16]


def _values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def changed(scenario: Scenario, **values: Any) -> Scenario:
    after = copy(scenario)
    for name, value in values.items():
        setattr(after, name, value)
    return after


def territory(
    data: ScenarioData, *, schools: Iterable[School], school_year: int | None, known: set[Any]
) -> ScenarioData:
    """`known`: (UAI, name) of the classes of that year. What names a school or a class that is gone no longer names it."""
    former = {place.school_id: place for place in data.places}
    places = [former.get(school.pk) or ScenarioSchool(scenario=data.scenario, school=school) for school in schools]
    uais = {place.school.uai for place in places}
    phases = (
        replace(
            phase,
            schools=tuple(uai for uai in phase.schools if uai in uais),
            classes=tuple(each for each in phase.classes if each[0] in uais and each in known),
        )
        for phase in data.phases
    )
    return replace(
        data,
        scenario=changed(data.scenario, school_year=school_year),
        places=tuple(sorted(places, key=lambda place: place.school.uai)),
        phases=tuple(phase for phase in phases if phase.reaches),
        recurring=tuple(_within(row, uais) for row in data.recurring),
    )


def _within(row: RecurringData, uais: set[str]) -> RecurringData:
    left = tuple(uai for uai in row.schools if uai in uais)
    if row.schools and not left:
        raise DomainError(
            f"« {row.cost} » n'est payé que pour des écoles qui ne seraient plus dans le périmètre : "
            "le supprimer d'abord, à l'étape « Services ».",
            field="schools",
        )
    return replace(row, schools=left)


def allocation(data: ScenarioData, *, rule_set: RuleSet | None) -> ScenarioData:
    return replace(data, scenario=changed(data.scenario, rule_set=rule_set))


def ranked(data: ScenarioData, order: Sequence[str]) -> tuple[ScenarioSchool, ...]:
    """Places with the rank of their UAI in this order, from 1; those not in it keep no rank."""
    rank_of = {uai: rank for rank, uai in enumerate(order, start=1)}
    places = []
    for place in data.places:
        rank = rank_of.get(place.school.uai)
        after = place if rank == place.priority_rank else copy(place)
        after.priority_rank = rank
        places.append(after)
    return tuple(places)


def by_school(data: ScenarioData, *, order: Sequence[str] | None, per_year: int | None, keep: bool) -> ScenarioData:
    """`order` None: the ranks stay. `keep`: the schools stay where they are placed; `per_year`: so many schools each exercise,
    by rank, the rest in the last one; neither: all from the first exercise on, the cap deciding."""
    places = data.places if order is None else ranked(data, order)
    years = list(data.scenario.exercises)
    phases: tuple[PhaseData, ...] = (PhaseData(years[0], covers_all=True),)
    if keep:
        phases = data.phases
    elif per_year:
        sorted_places = sorted(places, key=lambda p: (p.priority_rank is None, p.priority_rank or 0, p.school.uai))
        uais = [place.school.uai for place in sorted_places]
        cuts = [uais[i * per_year : (i + 1) * per_year] for i in range(len(years) - 1)]
        cuts.append(uais[(len(years) - 1) * per_year :])
        phases = tuple(
            PhaseData(year, schools=tuple(sorted(cut))) for year, cut in zip(years, cuts, strict=True) if cut
        )
    return replace(data, scenario=changed(data.scenario, strategy=Strategy.BY_SCHOOL), places=places, phases=phases)


def by_level(data: ScenarioData, *, exercise_of: Mapping[str, int]) -> ScenarioData:
    """`exercise_of`: by level; a level left out is never equipped."""
    phases = tuple(
        PhaseData(year, levels=tuple(level for level, entry in exercise_of.items() if entry == year))
        for year in data.scenario.exercises
        if year in exercise_of.values()
    )
    return replace(data, scenario=changed(data.scenario, strategy=Strategy.BY_LEVEL), phases=phases)


def by_class(data: ScenarioData, *, exercise_of: Mapping[tuple[str, str], int | None]) -> ScenarioData:
    """`exercise_of`: by (UAI, class), None to take one out; the classes left out of it stay where they are."""
    now = {each: phase.exercise for phase in data.phases for each in phase.classes}
    then = {each: year for each, year in {**now, **exercise_of}.items() if year is not None}
    phases = tuple(
        PhaseData(year, classes=tuple(sorted(each for each, entry in then.items() if entry == year)))
        for year in sorted(set(then.values()))
    )
    return replace(data, scenario=changed(data.scenario, strategy=Strategy.BY_CLASS), phases=phases)


def pilot(data: ScenarioData, *, pilots: Iterable[str], pilot_exercise: int, general_exercise: int) -> ScenarioData:
    phases = (PhaseData(pilot_exercise, schools=tuple(sorted(pilots))), PhaseData(general_exercise, covers_all=True))
    return replace(data, scenario=changed(data.scenario, strategy=Strategy.PILOT), phases=phases)


def limits(
    data: ScenarioData,
    *,
    first_exercise: int,
    last_exercise: int,
    yearly_cap_ttc: int | None,
    caps: Mapping[int, int],
    fill_gaps: bool,
) -> ScenarioData:
    years = {"first_exercise": first_exercise, "last_exercise": last_exercise}
    after = changed(data.scenario, **years, yearly_cap_ttc=yearly_cap_ttc, fill_gaps=fill_gaps)
    _require_inside(data, after)
    return replace(data, scenario=after, caps={year: cap for year, cap in caps.items() if year in after.exercises})


def _require_inside(data: ScenarioData, after: Scenario) -> None:
    used = [("Une phase est", phase.exercise) for phase in data.phases]
    used += [(f"« {lump} » est", lump.exercise) for lump in data.lump_sums]
    used += [(f"« {row.cost} » est payé", year) for row in data.recurring for year in row.cost.exercises]
    for what, year in used:
        if year not in after.exercises:
            raise DomainError(
                f"{what} en {year}. {outside(after)} Déplacer d'abord ce qui est en {year}.", field="last_exercise"
            )


def prices(data: ScenarioData, **values: Any) -> ScenarioData:
    return replace(data, scenario=changed(data.scenario, **values))


def recurring(data: ScenarioData, *, rows: Iterable[RecurringData]) -> ScenarioData:
    return replace(data, recurring=tuple(sorted(rows, key=lambda row: row.cost.code)))


def funders(data: ScenarioData, *, lines: Iterable[FundingLine]) -> ScenarioData:
    return replace(data, funding=tuple(lines))


def placed(data: ScenarioData, exercise_of: Mapping[str, int | None]) -> ScenarioData:
    """A phase for each exercise, that names its schools."""
    served = {phase.exercise: phase.school_year for phase in data.phases}
    phases = tuple(
        PhaseData(year, schools=schools, school_year=served.get(year))
        for year in data.scenario.exercises
        if (schools := tuple(sorted(uai for uai, entry in exercise_of.items() if entry == year)))
    )
    return replace(data, phases=phases)
