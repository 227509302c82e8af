"""Random problems of the choice of exercises, small enough for every answer to be tried, and what each school costs alone."""

from itertools import product
from random import Random
from typing import Any

from governance.domain.optimise import Problem, problem_of
from governance.domain.plan import BudgetInput
from governance.domain.simulate import compute, read_input
from governance.domain.weights import EquityPoints, SchoolFacts
from plan_numerique.shared.money import format_cents

YEARS = [2026, 2027, 2028]
Placement = dict[str, int | None]


def random_town(rng: Random, schools: int = 5) -> dict[str, Any]:
    """Caps by exercise, now and then none or under the common lines; a school or two that no phase reaches."""
    priced = {"vat_rate": "20", "heading": "h", "section": "investissement"}
    names = [f"s{rank}" for rank in rng.sample(range(10), schools)]
    caps = {str(year): format_cents(rng.randint(0, 200_000)) for year in YEARS if rng.random() < 0.85}
    return {
        "exercises": YEARS,
        "renewals": rng.random() < 0.6,
        "fill_gaps": rng.random() < 0.5,
        "price_revision_rate": rng.choice(["0", "3.5"]),
        "items": [
            {"id": "vp", "unit_price_ht": "150.37", "life_years": 1, **priced},
            {"id": "pc", "unit_price_ht": "80.05", "life_years": rng.choice([None, 2]), **priced},
        ],
        "rules": [{"id": "r", "item": "vp", "per": "school"}, {"id": "t", "item": "pc", "per": "class"}],
        "lump_sums": [{"id": "l", "amount_ht": format_cents(rng.randint(0, 50_000)), "exercise": 2026, **priced}],
        "schools": [
            {
                "id": name,
                "kind": "primaire",
                "priority_rank": rng.choice([None, 1, 2, 3]),
                "classes": [{"id": f"{each}", "pupils": rng.randint(5, 30)} for each in range(rng.randint(1, 5))],
            }
            for name in names
        ],
        "phases": [{"exercise": rng.choice(YEARS), "schools": [name]} for name in names if rng.random() < 0.9],
        "yearly_cap_ttc": caps or None,
    }


def random_groups(rng: Random, document: dict[str, Any]) -> dict[str, str]:
    names = [school["id"] for school in document["schools"]]
    return {name: rng.choice(["", "g", "h"]) for name in names if rng.random() < 0.5}


def random_weights(rng: Random, document: dict[str, Any]) -> dict[str, int]:
    return {school["id"]: rng.randint(0, 40) for school in document["schools"]}


def random_facts(rng: Random, document: dict[str, Any]) -> list[SchoolFacts]:
    return [
        SchoolFacts(
            uai=school["id"],
            pupils=sum(each["pupils"] for each in school["classes"]),
            qpv=rng.random() < 0.4,
            rep=rng.choice(["", "rep", "REP+"]),
            ips=rng.choice([None, 850, 899, 900, 1200]),
            never_equipped=rng.random() < 0.5,
        )
        for school in document["schools"]
    ]


def equity_weights(facts: list[SchoolFacts], points: EquityPoints) -> dict[str, int]:
    """Said again, criterion by criterion."""
    found = {}
    for school in facts:
        each = points.base
        if school.qpv:
            each += points.qpv
        if school.rep == "rep":
            each += points.rep
        elif school.rep == "REP+":
            each += points.rep_plus
        if school.ips in (850, 899):
            each += points.low_ips
        if school.never_equipped:
            each += points.never_equipped
        found[school.uai] = each * school.pupils
    return found


def budget_of(document: dict[str, Any]) -> BudgetInput:
    budget, problems = read_input(document)
    assert budget is not None, problems
    return budget


def random_problem(seed: int, schools: int = 5) -> tuple[dict[str, Any], dict[str, str], dict[str, int], Problem]:
    rng = Random(seed)
    document = random_town(rng, schools)
    groups, weights = random_groups(rng, document), random_weights(rng, document)
    return document, groups, weights, problem_of(budget_of(document), groups, weights)


def spent(document: dict[str, Any], placement: Placement) -> dict[int, int]:
    """TTC by exercise of a plan without cap whose phases are this placement."""
    phases = [{"exercise": year, "schools": [name]} for name, year in placement.items() if year is not None]
    result = compute(budget_of(document | {"phases": phases, "yearly_cap_ttc": None}))
    return {row.exercise: row.amount.ttc for row in result.by_exercise}


def is_allowed(document: dict[str, Any], groups: dict[str, str], placement: Placement, total: dict[int, int]) -> bool:
    earliest = {name: phase["exercise"] for phase in document["phases"] for name in phase["schools"]}
    for name, year in placement.items():
        if year is not None and year < earliest.get(name, 9999):
            return False
    for group in {group for group in groups.values() if group}:
        if len({placement[name] for name, own in groups.items() if own == group}) > 1:
            return False
    common = spent(document, {})
    caps = {int(year): int(cap.replace(".", "")) for year, cap in (document["yearly_cap_ttc"] or {}).items()}
    return all(total[year] <= max(cap, common[year]) for year, cap in caps.items())


def score(weights: dict[str, int], placement: Placement) -> tuple[int, int]:
    entered = {name: year for name, year in placement.items() if year is not None}
    return sum(weights[name] for name in entered), sum(
        weights[name] * (YEARS[-1] + 1 - year) for name, year in entered.items()
    )


def best_score(document: dict[str, Any], groups: dict[str, str], weights: dict[str, int]) -> tuple[int, int]:
    """Of every answer there is, each priced from the cost of its schools alone."""
    names = [school["id"] for school in document["schools"]]
    common = spent(document, {})
    alone = {
        (name, year): {at: cents - common[at] for at, cents in spent(document, {name: year}).items()}
        for name, year in product(names, YEARS)
    }
    best = (0, 0)
    for years in product([None, *YEARS], repeat=len(names)):
        placement = dict(zip(names, years, strict=True))
        if score(weights, placement) <= best:
            continue
        added = [alone[name, year] for name, year in placement.items() if year is not None]
        total = {year: common[year] + sum(each[year] for each in added) for year in YEARS}
        if is_allowed(document, groups, placement, total):
            best = score(weights, placement)
    return best
