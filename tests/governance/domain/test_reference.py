"""The core against the reference written from the text, on random documents.

BUDGET_EXAMPLES=5000 in the environment looks at as many documents for each test.
"""

import copy
import json
import os
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.simulate import compute, read_document, to_document
from plan_numerique.shared.money import format_cents
from tests.governance.domain.documents import random_document
from tests.governance.domain.reference import simulate

seeds = st.integers(0, 2**64)
on_many = settings(max_examples=int(os.environ.get("BUDGET_EXAMPLES", "60")), deadline=None)


def outcome(document: dict[str, Any]) -> dict[str, Any]:
    budget, problems = read_document(json.dumps(document).encode())
    assert budget is not None, problems
    output: dict[str, Any] = json.loads(json.dumps(to_document(compute(budget))))
    assert all(finding["message"].endswith(".") for finding in output["findings"])
    columns = ("code", "severity", "path", "expected", "stated", "difference")
    output["findings"] = sorted(tuple(finding[name] for name in columns) for finding in output["findings"])
    return output


@on_many
@given(seeds)
def test_core_and_reference_agree(seed):
    document = random_document(Random(seed))
    assert outcome(document) == simulate(copy.deepcopy(document))


@on_many
@given(seeds)
def test_core_and_reference_agree_where_schools_compete_for_the_cap(seed):
    rng = Random(seed)
    document = random_document(rng) | {"lump_sums": [], "recurring": [], "yearly_cap_ttc": None}
    document["phases"].append({"exercise": rng.choice(document["exercises"][:2]), "all": True})
    spent = [cents(row["ttc"]) for row in outcome(document)["by_school"]] or [0]
    caps = [format_cents(rng.randint(max(spent), max(spent) + sum(spent) // 2)) for _ in document["exercises"]]
    by_exercise = {str(year): cap for year, cap in zip(document["exercises"], caps, strict=True)}
    document["yearly_cap_ttc"] = rng.choice([caps[0], by_exercise])
    assert outcome(document) == simulate(copy.deepcopy(document))


def cents(written: str) -> int:
    return int(written.replace(".", ""))


@on_many
@given(seeds)
def test_announced_amounts_are_found_again(seed):
    document = random_document(Random(seed)) | {"announced": []}
    before = outcome(document)
    amounts = {"totals.ttc": before["totals"]["ttc"], "funding.total": before["funding"]["total"]}
    amounts |= {f"by_heading.{row['heading']}.ht": None for row in before["by_heading"]}
    for row in before["by_exercise"]:
        amounts[f"by_exercise.{row['exercise']}.vat"] = row["vat"]
    for grant in before["funding"]["grants"]:
        amounts[f"grants.{grant['id']}"] = grant["amount"]
    exact = [{"key": key, "amount": amount} for key, amount in amounts.items() if amount is not None]
    assert outcome(document | {"announced": exact}) == before
    rounded = [{"key": each["key"], "amount": str((cents(each["amount"]) + 50) // 100)} for each in exact]
    output = outcome(document | {"announced": rounded})
    assert output == simulate(document | {"announced": rounded})
    assert not [finding for finding in output["findings"] if finding[0] == "ANNOUNCED_DIFFERS"]


@on_many
@given(seeds)
def test_order_in_the_file_changes_nothing(seed):
    rng = Random(seed)
    document = random_document(rng)
    before = outcome(document)
    for key in ("items", "schools", "rules", "packs", "lump_sums", "recurring"):
        rng.shuffle(document[key])
    for school in document["schools"]:
        rng.shuffle(school.get("classes") or [])
    after = outcome(document)
    findings = [
        sorted((code, *rest) for code, severity, path, *rest in each.pop("findings")) for each in (before, after)
    ]
    assert findings[0] == findings[1]
    assert before == after


@on_many
@given(seeds)
def test_schools_stay_within_the_cap(seed):
    document = random_document(Random(seed))
    cap = document["yearly_cap_ttc"] = "1500"
    entered = outcome(document)
    alone = outcome(document | {"schools": [], "phases": [], "recurring": [], "announced": []})
    if not document.get("recurring"):
        for row, common in zip(entered["by_exercise"], alone["by_exercise"], strict=True):
            assert float(row["ttc"]) <= max(float(cap), float(common["ttc"]))


@on_many
@given(seeds)
def test_totals_are_sums_of_lines(seed):
    budget, _ = read_document(json.dumps(random_document(Random(seed))).encode())
    assert budget is not None
    result = compute(budget)
    lines = list(result.lines())
    assert sum(line.ttc for line in lines) == result.totals.ttc
    assert len({(line.exercise, line.phase, line.school, line.kind, line.id) for line in lines}) == len(lines)
    assert all(line.quantity and line.ht == line.quantity * line.unit_price for line in lines)
    for grant in result.funding.grants:
        assert sum(grant.by_exercise.values()) == grant.amount
    for row in result.by_school:
        assert row.ttc == sum(line.ttc for line in lines if line.school == row.school)
    invested = sum(line.ttc for line in lines if line.section == "investissement")
    assert sum(result.payment_credits.values()) == invested
