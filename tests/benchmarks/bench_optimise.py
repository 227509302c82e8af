"""Time and gap of the choice of exercises under tight caps.

python -m tests.benchmarks.bench_optimise [--schools 300] [--years 5] [--part 60] [--renewals] [--groups 20] [--equity] [--seed 1]
"""

import argparse
import os
import time
from random import Random
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "plan_numerique.settings.test"
django.setup()

from governance.domain.optimise import (  # noqa: E402
    EQUITY,
    PUPILS,
    Problem,
    SchoolFacts,
    greedy,
    problem_of,
    spent_by_exercise,
    weights_for,
)
from governance.domain.simulate import read_input  # noqa: E402
from governance.services.solver import solve  # noqa: E402


def town(rng: Random, schools: int, years: int, renewals: bool) -> dict[str, Any]:
    priced = {"vat_rate": "20", "heading": "materiel", "section": "investissement"}
    items = [
        {"id": f"i{rank}", "unit_price_ht": f"{137 + 211 * rank}.{rank}7", "life_years": 2 + rank, **priced}
        for rank in range(5)
    ]
    per = ("class", "pupil", "school", "class", "floor")
    return {
        "exercises": list(range(2026, 2026 + years)),
        "renewals": renewals,
        "price_revision_rate": "2",
        "items": items,
        "schools": [_school(rng, rank) for rank in range(schools)],
        "rules": [
            {"id": f"r{rank}", "item": f"i{rank}", "per": each, "group_size": 1 + 3 * (each == "pupil")}
            for rank, each in enumerate(per)
        ],
        "phases": [{"exercise": 2026, "all": True}],
    }


def _school(rng: Random, rank: int) -> dict[str, Any]:
    classes = [{"id": f"C{each}", "pupils": rng.randint(14, 29)} for each in range(rng.randint(3, 16))]
    school = {"id": f"{rank:07d}A", "kind": "primaire", "floors": rng.randint(1, 3), "classes": classes}
    return school | {"priority_rank": rng.randint(1, 3000)}


def problem(rng: Random, options: argparse.Namespace) -> Problem:
    """Caps that let in so many percent of what all the schools need."""
    document = town(rng, options.schools, options.years, options.renewals)
    free, _ = read_input(document)
    assert free is not None
    ids = free.schools.id
    facts = [
        SchoolFacts(
            uai=school,
            pupils=int(pupils),
            qpv=rng.random() < 0.2,
            rep=rng.choice(["", "", "", "rep", "rep+"]),
            ips=rng.randint(600, 1500),
            never_equipped=rng.random() < 0.3,
        )
        for school, pupils in zip(ids, free.schools.pupils.tolist(), strict=True)
    ]
    groups = {
        school: f"g{rng.randrange(options.groups)}" for school in rng.sample(ids, min(2 * options.groups, len(ids)))
    }
    weights = weights_for(EQUITY if options.equity else PUPILS, facts)
    whole = sum(spent_by_exercise(problem_of(free, {}, weights), dict.fromkeys(ids, 2026)).values())
    cap = whole * options.part // 100 // options.years
    budget, _ = read_input(document | {"yearly_cap_ttc": f"{cap // 100}.{cap % 100:02d}"})
    assert budget is not None
    return problem_of(budget, groups, weights)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=300)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--part", type=int, default=60, help="what the caps allow, in percent of the whole need")
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--renewals", action="store_true")
    parser.add_argument("--equity", action="store_true")
    options = parser.parse_args()
    started = time.perf_counter()
    put = problem(Random(options.seed), options)
    ranked = greedy(put)
    ready = time.perf_counter()
    found = solve(put, seconds=options.seconds, hint=ranked)
    ended = time.perf_counter()
    print(f"{len(put.units)} units, {options.years} exercises, caps at {options.part} % of the need")
    print(f"ranked order: {ranked.reached} reached, {ranked.served} served")
    print(f"solver:       {found.reached} reached, {found.served} served, bound {found.bound}, gap {found.gap / 100} %")
    print(
        f"optimal {found.optimal}, stopped {found.stopped}, ready {ready - started:.2f} s, solved {ended - ready:.2f} s"
    )


if __name__ == "__main__":
    main()
