"""Time and memory of the budget of a whole country, against the time to load its document.

python -m tests.benchmarks.bench_budget [--schools 48000] [--classes 300000] [--cap] [--renewals] [--recurring] [--lean]
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from governance.domain.simulate import compute, read_input, to_document

LEVELS = ["PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
YEARS = [2026, 2027, 2028, 2029, 2030]
PER = ["class", "volunteer_class", "pupil", "school", "floor", "class", "pupil", "class", "school", "volunteer_class"]


def country(options: argparse.Namespace) -> dict[str, Any]:
    rng = Random(2026)
    counts = [options.classes // options.schools] * options.schools
    for rank in range(options.classes % options.schools):
        counts[rank] += 1
    items = [_item(f"article{rank}", rank) for rank in range(10)]
    document: dict[str, Any] = {
        "exercises": YEARS,
        "renewals": options.renewals,
        "price_revision_rate": "1.5",
        "items": items,
        "packs": [{"id": "pack", "lines": [{"item": item["id"], "quantity": 1} for item in items[:4]]}],
        "schools": [_school(rng, rank, count, options.lean) for rank, count in enumerate(counts)],
        "rules": [_rule(rank, per, items) for rank, per in enumerate(PER)],
        "phases": [{"exercise": year, "levels": [level]} for year, level in zip(YEARS, LEVELS[3:], strict=True)]
        + [{"exercise": YEARS[-1], "all": True}],
        "payment_schedule": ["60", "40"],
        "funding": [{"id": "feder", "funder": "FEDER", "rate": "20"}],
        "fctva": {"rate": "16.404"},
    }
    if options.recurring:
        priced = {"unit_price_ht": "2.00", "vat_rate": "20", "heading": "ent", "section": "fonctionnement"}
        document["recurring"] = [{"id": "ent", "per": "pupil", **priced}]
    if options.cap:
        document["yearly_cap_ttc"] = str(options.cap * options.schools)
        document["fill_gaps"] = options.fill_gaps
    return document


def _item(name: str, rank: int) -> dict[str, Any]:
    return {
        "id": name,
        "unit_price_ht": f"{100 + 37 * rank}.9{rank}",
        "vat_rate": "20",
        "heading": f"poste{rank % 3}",
        "section": "investissement",
        "account": "21831",
        "fctva": True,
        "life_years": 2 + rank % 4,
    }


def _school(rng: Random, rank: int, count: int, lean: bool) -> dict[str, Any]:
    school: dict[str, Any] = {"id": f"{rank:07d}A", "kind": rng.choice(["elementaire", "primaire"])}
    if not lean:
        school |= {"sector": "public", "floors": rng.randint(1, 3), "priority_rank": rank + 1}
    return school | {"classes": [_class(rng, position, lean) for position in range(count)]}


def _class(rng: Random, position: int, lean: bool) -> dict[str, Any]:
    each: dict[str, Any] = {"id": f"C{position}", "levels": rng.sample(LEVELS, rng.randint(1, 2))}
    if not lean:
        each |= {"kind": "ordinaire", "volunteer": rng.random() < 0.4}
    return each | {"pupils": rng.randint(12, 30)}


def _rule(rank: int, per: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    what = {"pack": "pack"} if rank % 3 == 0 else {"item": items[rank]["id"]}
    limits = {"max_members": 3} if per == "volunteer_class" else {"max_per_school": 12}
    return {"id": f"regle{rank}", "per": per, "group_size": 1 + rank % 3, **what, **limits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=48_000)
    parser.add_argument("--classes", type=int, default=300_000)
    parser.add_argument("--cap", type=int, default=0, help="cap of an exercise, in euros per school of the document")
    for flag in ("--fill-gaps", "--renewals", "--recurring", "--lean"):
        parser.add_argument(flag, action="store_true")
    with tempfile.NamedTemporaryFile("w+", suffix=".json") as file:
        json.dump(country(parser.parse_args()), file)
        file.flush()
        _measure(Path(file.name))


def _measure(path: Path) -> None:
    started = time.process_time()
    with path.open(encoding="utf-8") as file:
        data = json.load(file)
    loaded = time.process_time()
    budget, problems = read_input(data)
    read = time.process_time()
    assert budget is not None, problems[:10]
    result = compute(budget)
    computed = time.process_time()
    document = to_document(result)
    written = time.process_time()
    load, rest = loaded - started, written - loaded
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"document {path.stat().st_size / 1e6:.0f} Mo, json.load {load:.2f} s, {len(document['findings'])} findings")
    print(f"read {read - loaded:.2f} s, compute {computed - read:.2f} s, output {written - computed:.2f} s")
    print(f"ratio {rest / load:.2f}, peak {memory:.2f} GiB")


if __name__ == "__main__":
    main()
