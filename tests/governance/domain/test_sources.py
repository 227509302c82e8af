"""The figures of the source documents, and rules whose outcome can be read off."""

import json
from typing import Any

import pytest

from governance.domain.plan import BudgetInput, FundingRule, LumpSum
from governance.domain.simulate import compute, read_document, read_input, to_document
from plan_numerique.shared.money import parse_rate


def run(document: dict[str, Any]) -> Any:
    budget, problems = read_input(document)
    assert budget is not None, [str(problem) for problem in problems]
    return to_document(compute(budget))


def item(**keys: Any) -> dict[str, Any]:
    priced = {"unit_price_ht": "100", "vat_rate": "0", "heading": "h", "section": "investissement"}
    return {"id": "vp"} | priced | keys


def school(name: str, classes: int = 1, **keys: Any) -> dict[str, Any]:
    return {"id": name, "kind": "primaire", "classes": [{"id": f"{rank}"} for rank in range(classes)]} | keys


def plan(*schools: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {
        "exercises": [2020, 2021, 2022],
        "items": [item()],
        "schools": list(schools),
        "rules": [{"id": "r", "item": "vp", "per": "class"}],
        "phases": [{"exercise": 2020, "all": True}],
    } | keys


def metz(state: str) -> dict[str, Any]:
    lump = {"heading": "h", "section": "investissement", "vat_rate": "20", "exercise": 2016}
    amounts = ["12487", "163479", "1191667"]
    rates = {"feder": "20", "etat": state, "region": "17.5"}
    return {
        "exercises": [2016],
        "lump_sums": [{"id": amount, "amount_ht": amount} | lump for amount in amounts],
        "funding": [{"id": name, "funder": name, "rate": rate} for name, rate in rates.items()],
        "announced": [{"key": "totals.ttc", "amount": "1641160"}, {"key": "grants.feder", "amount": "273526.64"}],
    }


@pytest.mark.parametrize(
    ("state", "grants", "own_share"),
    [
        ("17.5", {"feder": "273526.60", "etat": "239335.78", "region": "239335.78"}, "615434.84"),
        ("25", {"feder": "273526.60", "etat": "341908.25", "region": "239335.78"}, "512862.37"),
    ],
)
def test_metz(state, grants, own_share):
    output = run(metz(state))
    assert output["totals"] == {"ht": "1367633.00", "vat": "273526.60", "ttc": "1641159.60"}
    assert {grant["id"]: grant["amount"] for grant in output["funding"]["grants"]} == grants
    assert output["funding"]["own_share_ht"] == own_share
    assert [(each["code"], each["path"], each["difference"]) for each in output["findings"]] == [
        ("ANNOUNCED_ROUNDED", "announced[0]", "0.40"),
        ("ANNOUNCED_DIFFERS", "announced[1]", "0.04"),
    ]


def test_metz_from_dataclasses():
    lump = LumpSum("a", "h", "investissement", 136763300, parse_rate("20"), 2016)
    budget = BudgetInput((2016,), lump_sums=(lump,), funding=(FundingRule("f", "FEDER", rate=parse_rate("20")),))
    assert compute(budget).funding.grants[0].amount == 27352660


def test_poitiers_pilot():
    pilot = school("p") | {"classes": [{"id": "1", "pupils": 750}]}
    cost = {"unit_price_ht": "2.00", "vat_rate": "20", "heading": "ent", "section": "fonctionnement"}
    output = run({"exercises": [2018], "schools": [pilot], "recurring": [{"id": "ent", "per": "pupil", **cost}]})
    assert output["totals"] == {"ht": "1500.00", "vat": "300.00", "ttc": "1800.00"}
    assert output["by_school"][0]["exercise_entered"] is None
    assert output["ratios"] == {"ttc_per_class": None, "ttc_per_school": None, "ttc_per_pupil": None}


def test_saint_etienne_fourth_volunteer():
    classes = [{"id": f"{rank}", "levels": ["CP"], "volunteer": rank < 4} for rank in range(8)]
    rules = [
        {"id": "classes", "item": "vp", "per": "class"},
        {"id": "mutualisé", "item": "chariot", "per": "volunteer_class", "group_size": 3, "max_members": 3},
    ]
    output = run(plan(school("s") | {"classes": classes}, items=[item(), item(id="chariot")], rules=rules))
    assert output["quantities"] == [
        {"item": "chariot", "exercise": 2020, "quantity": 1},
        {"item": "vp", "exercise": 2020, "quantity": 8},
    ]
    (finding,) = output["findings"]
    assert (finding["code"], finding["path"]) == ("MEMBERS_OVER_LIMIT", "rules[1]")
    assert (finding["expected"], finding["stated"], finding["difference"]) == ("3", "4", "1")
    assert "« mutualisé »" in finding["message"]
    assert "« 3 »" in finding["message"]


def entered(output: Any) -> dict[str, int | None]:
    return {row["school"]: row["exercise_entered"] for row in output["by_school"] if row["school"]}


def refused(output: Any) -> list[tuple[str, ...]]:
    return [(each["code"], each["path"], each["expected"], each["stated"]) for each in output["findings"]]


def test_no_school_overtakes_another_in_an_exercise():
    output = run(plan(school("a", 2), school("b", 2), school("c", 1), yearly_cap_ttc="300"))
    assert entered(output) == {"a": 2020, "b": 2021, "c": 2021}
    assert refused(output) == [("CAP_FIRST_UNFIT", "schools[1]", "300.00", "400.00")]


def test_gaps_are_filled_on_demand():
    output = run(plan(school("a", 2), school("b", 2), school("c", 1), yearly_cap_ttc="300", fill_gaps=True))
    assert entered(output) == {"a": 2020, "b": 2021, "c": 2020}


def test_priority_comes_before_id():
    output = run(plan(school("a", 2), school("b", 2, priority_rank=9), yearly_cap_ttc="200"))
    assert entered(output) == {"a": 2021, "b": 2020}


def test_school_that_never_fits_stops_nobody():
    output = run(plan(school("a", 9), school("b"), yearly_cap_ttc={"2020": "300", "2021": "400", "2022": None}))
    assert entered(output) == {"a": 2022, "b": 2022}
    output = run(plan(school("a", 9), school("b"), yearly_cap_ttc={"2020": "300", "2021": "400", "2022": "0"}))
    assert entered(output) == {"a": None, "b": 2020}
    assert refused(output) == [("NEVER_FITS", "schools[0]", "300.00", "900.00")]


def test_school_that_never_fits_is_told_where_every_exercise_is_closed():
    schools = school("a", 2), school("b", 2), school("c", 9)
    output = run(plan(*schools, exercises=[2020], yearly_cap_ttc="300"))
    assert refused(output) == [
        ("NEVER_FITS", "schools[2]", "300.00", "900.00"),
        ("CAP_FIRST_UNFIT", "schools[1]", "300.00", "400.00"),
    ]


def test_renewals_use_the_cap_of_later_exercises():
    renewed = plan(school("a", 2), school("b", 2), items=[item(life_years=2)], renewals=True)
    output = run(renewed | {"yearly_cap_ttc": {"2022": "300"}})
    assert entered(output) == {"a": 2020, "b": 2021}
    assert refused(output) == [("CAP_FIRST_UNFIT", "schools[1]", "300.00", "400.00")]


def test_higher_priority_is_served_first_even_where_it_enters_later():
    phases = [{"exercise": 2021, "schools": ["a"]}, {"exercise": 2020, "schools": ["b"]}]
    document = plan(school("a", 2), school("b", 2), phases=phases, renewals=True, items=[item(life_years=1)])
    assert entered(run(document | {"yearly_cap_ttc": {"2021": "300"}})) == {"a": 2021, "b": 2022}


def test_common_costs_use_the_cap_first_even_beyond():
    lump = {"id": "l", "amount_ht": "500", "vat_rate": "0", "heading": "h", "section": "investissement"}
    document = plan(school("a"), school("b", 0), yearly_cap_ttc="450", lump_sums=[lump | {"exercise": 2020}])
    assert entered(run(document)) == {"a": 2021, "b": None}


@pytest.mark.parametrize(
    ("rule", "base", "amount"),
    [
        ({"rate": "50", "base_cap": {"per": "class", "amount": "50"}}, "150.00", "75.00"),
        ({"rate": "50", "base_cap": {"per": "school", "amount": "100"}}, "200.00", "100.00"),
        ({"rate": "50", "base_cap": {"per": "pupil", "amount": "100"}}, "0.00", "0.00"),
        ({"rate": "50", "cap": "40"}, "300.00", "40.00"),
        ({"rate": "50", "headings": ["x"]}, "0.00", "0.00"),
        ({"amount": "33"}, "300.00", "33.00"),
        ({"amount": "33", "minimum": "33.01"}, "300.00", "0.00"),
        ({"tiers": [{"up_to": "100", "rate": "70"}, {"up_to": None, "rate": "50"}]}, "300.00", "170.00"),
    ],
)
def test_grants(rule, base, amount):
    document = plan(school("a", 2), school("b"), funding=[{"id": "f", "funder": ""} | rule])
    (grant,) = run(document)["funding"]["grants"]
    assert (grant["base"], grant["amount"]) == (base, amount)


def test_own_share():
    document = plan(school("a", 3))
    for amount, codes in [("240", []), ("240.01", ["OWN_SHARE_BELOW_MINIMUM"]), ("300.01", ["FUNDING_OVER_BASE"])]:
        output = run(document | {"funding": [{"id": "f", "funder": "x", "amount": amount}]})
        assert [finding["code"] for finding in output["findings"]] == codes


def test_credits_go_past_the_last_exercise():
    output = run(plan(school("a"), exercises=[2020], payment_schedule=["33.3333", "33.3333", "33.3334"]))
    assert [(row["exercise"], row["ttc"]) for row in output["payment_credits"]] == [
        (2020, "33.33"),
        (2021, "33.33"),
        (2022, "33.34"),
    ]


def test_exact_far_beyond_64_bits():
    huge = 10**290
    rules = [
        {"id": "a", "item": "vp", "per": "class", "quantity": huge},
        {"id": "b", "item": "vp", "per": "plan", "quantity": huge},
        {"id": "c", "item": "vp", "per": "floor", "quantity": 3, "max_per_school": 2**64},
    ]
    output = run(plan(school("a", floors=huge), school("b"), rules=rules, items=[item(vat_rate="20")]))
    assert output["quantities"][0]["quantity"] == 3 * huge + 2**64 + 3
    assert output["by_school"][2]["ttc"] == f"{120 * huge}.00"
    assert refused(run(plan(school("a"), rules=rules, yearly_cap_ttc="1")))[0][0] == "NEVER_FITS"


def test_every_school_has_a_row_then_no_school():
    rules = [{"id": "r", "item": "vp", "per": "plan"}]
    output = run(plan(school("é"), school("z"), school("Z"), rules=rules))
    assert [row["school"] for row in output["by_school"]] == ["Z", "z", "é", None]


def test_output_keys_are_in_the_order_stated():
    keys = "totals by_exercise by_heading by_section by_account by_payer by_school quantities payment_credits funding"
    assert list(run(plan())) == [*keys.split(), "fctva", "net_cost", "ratios", "findings"]


def test_document_of_bytes():
    budget, problems = read_document(b"\xef\xbb\xbf" + json.dumps(metz("25")).encode())
    assert budget is not None
    assert problems == []
