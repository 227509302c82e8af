"""Bad documents and the exact paths of their problems."""

import copy
import json
from typing import Any

import pytest

from governance.domain.simulate import read_document, read_input

PRICED = {"vat_rate": "20", "heading": "materiel", "section": "investissement"}


def sound() -> dict[str, Any]:
    return copy.deepcopy(
        {
            "exercises": [2016, 2017],
            "items": [{"id": "vp", "unit_price_ht": "650.00", **PRICED}],
            "packs": [{"id": "classe", "lines": [{"item": "vp", "quantity": 1}]}],
            "schools": [
                {"id": "a", "kind": "primaire", "classes": [{"id": "A", "levels": ["CP"]}, {"id": "B"}]},
                {"id": "b", "kind": "primaire"},
            ],
            "rules": [
                {"id": "r", "pack": "classe", "per": "class", "filters": {"levels": ["CP"]}},
                {"id": "s", "item": "vp", "per": "plan"},
            ],
            "lump_sums": [{"id": "l", "amount_ht": "1", "exercise": 2016, **PRICED}],
            "recurring": [
                {"id": "c", "per": "pupil", "unit_price_ht": "2", "exercises": [2017], "schools": ["a"], **PRICED}
            ],
            "phases": [{"exercise": 2016, "schools": ["a", "b"]}],
            "yearly_cap_ttc": {"2016": "1000"},
            "funding": [{"id": "f", "funder": "FEDER", "rate": "20"}],
            "fctva": {"rate": "16.404"},
            "announced": [{"key": "totals.ttc", "amount": "1"}],
        }
    )


ABSENT = object()


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    document = sound()
    for path, value in changes.items():
        *holders, last = [int(key) if key.isdigit() and len(key) < 4 else key for key in path.split("/")]
        holder: Any = document
        for key in holders:
            holder = holder[key]
        if value is ABSENT:
            del holder[last]
        elif last == "+":
            holder.append(value)
        else:
            holder[last] = value
    return document


TIER = {"rate": "50"}
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({"exercises": ABSENT}, ["exercises"]),
    ({"exercises": None}, ["exercises"]),
    ({"exercises": []}, ["exercises"]),
    ({"exercises": [2016, 2018]}, ["exercises"]),
    ({"exercises": [2017, 2016]}, ["exercises"]),
    ({"exercises": [2016, 999]}, ["exercises[1]"]),
    ({"exercises": [2016, 10000]}, ["exercises[1]"]),
    ({"exercises": [2016, None]}, ["exercises[1]"]),
    ({"exercises": [2016.0, True, "2016"]}, ["exercises[0]", "exercises[1]", "exercises[2]"]),
    ({"exercises": 2016}, ["exercises"]),
    ({"titre": "x"}, ["titre"]),
    ({"title": 5}, ["title"]),
    ({"renewals": 1}, ["renewals"]),
    ({"fill_gaps": "true"}, ["fill_gaps"]),
    ({"price_revision_rate": "-1"}, ["price_revision_rate"]),
    ({"price_revision_rate": "100.0001"}, ["price_revision_rate"]),
    ({"price_revision_rate": 2}, ["price_revision_rate"]),
    ({"payment_schedule": []}, ["payment_schedule"]),
    ({"payment_schedule": ["60", "39.9999"]}, ["payment_schedule"]),
    ({"payment_schedule": ["60", 40]}, ["payment_schedule[1]"]),
    ({"payment_schedule": ["100\n"]}, ["payment_schedule[0]"]),
    ({"items": {}}, ["items"]),
    ({"items/+": None}, ["items[1]"]),
    ({"items/0/id": ""}, ["items[0].id"]),
    ({"items/0/id": " \u00a0"}, ["items[0].id"]),
    ({"items/0/id": 5}, ["items[0].id"]),
    ({"items/+": {"id": "vp", "unit_price_ht": "1", **PRICED}}, ["items[1].id"]),
    ({"items/0/unit_price_ht": 650}, ["items[0].unit_price_ht"]),
    ({"items/0/unit_price_ht": "650,00"}, ["items[0].unit_price_ht"]),
    ({"items/0/unit_price_ht": "١"}, ["items[0].unit_price_ht"]),
    ({"items/0/unit_price_ht": "1000000000000"}, ["items[0].unit_price_ht"]),
    ({"items/0/vat_rate": "101"}, ["items[0].vat_rate"]),
    ({"items/0/heading": " "}, ["items[0].heading"]),
    ({"items/0/section": "autre"}, ["items[0].section"]),
    ({"items/0/section": None}, ["items[0].section"]),
    ({"items/0/life_years": 0}, ["items[0].life_years"]),
    ({"items/0/fctva": 0}, ["items[0].fctva"]),
    ({"items/0/label": "\ud800"}, ["items[0].label"]),
    ({"packs/0/lines": ABSENT}, ["packs[0].lines"]),
    ({"packs/0/lines/0/item": "x"}, ["packs[0].lines[0].item"]),
    ({"packs/0/lines/0/quantity": -1}, ["packs[0].lines[0].quantity"]),
    ({"packs/0/lines/0/quantity": 10**301}, ["packs[0].lines[0].quantity"]),
    ({"packs/0/lines/0/unit": 1}, ["packs[0].lines[0].unit"]),
    ({"schools": None, "phases": [], "recurring/0/schools": []}, []),
    ({"schools": "a"}, ["schools"]),
    ({"schools/1": []}, ["schools[1]"]),
    ({"schools/1/id": "a", "phases/0/schools": ["a"]}, ["schools[1].id"]),
    ({"schools/1/kind": "college"}, ["schools[1].kind"]),
    ({"schools/1/kind": ABSENT}, ["schools[1].kind"]),
    ({"schools/1/kind": []}, ["schools[1].kind"]),
    ({"schools/1/sector": "privé"}, ["schools[1].sector"]),
    ({"schools/1/floors": -1}, ["schools[1].floors"]),
    ({"schools/1/floors": True}, ["schools[1].floors"]),
    ({"schools/1/priority_rank": 0}, ["schools[1].priority_rank"]),
    ({"schools/1/classes": {}}, ["schools[1].classes"]),
    ({"schools/0/classes/1/id": "A"}, ["schools[0].classes[1].id"]),
    ({"schools/0/classes/1/id": None}, ["schools[0].classes[1].id"]),
    ({"schools/0/classes/1/pupils": "24"}, ["schools[0].classes[1].pupils"]),
    ({"schools/0/classes/1/pupils": 24.0}, ["schools[0].classes[1].pupils"]),
    ({"schools/0/classes/1/levels": ["CP", "CP9"]}, ["schools[0].classes[1].levels[1]"]),
    (
        {"schools/0/classes/1/levels": [None, ["CP"]]},
        ["schools[0].classes[1].levels[0]", "schools[0].classes[1].levels[1]"],
    ),
    ({"schools/0/classes/1/levels": "CP"}, ["schools[0].classes[1].levels"]),
    ({"schools/0/classes/1/kind": "clis"}, ["schools[0].classes[1].kind"]),
    ({"schools/0/classes/1/volunteer": None, "schools/0/classes/1/levels": None}, []),
    ({"schools/0/classes/1/age": 3}, ["schools[0].classes[1].age"]),
    ({"schools/0/classes/1": 3}, ["schools[0].classes[1]"]),
    ({"rules/0/pack": ABSENT}, ["rules[0]"]),
    ({"rules/0/item": "vp"}, ["rules[0]"]),
    ({"rules/0/item": None}, []),
    ({"rules/0/pack": "x"}, ["rules[0].pack"]),
    ({"rules/0/pack": 5}, ["rules[0].pack"]),
    ({"rules/1/item": "x"}, ["rules[1].item"]),
    ({"rules/1/id": "r"}, ["rules[1].id"]),
    ({"rules/0/per": "classe"}, ["rules[0].per"]),
    ({"rules/0/per": ABSENT}, ["rules[0].per"]),
    ({"rules/0/group_size": 0}, ["rules[0].group_size"]),
    ({"rules/0/max_members": -1, "rules/0/max_per_school": 1.5}, ["rules[0].max_per_school", "rules[0].max_members"]),
    ({"rules/0/filters/levels": ["CP9"]}, ["rules[0].filters.levels[0]"]),
    ({"rules/0/filters/level": []}, ["rules[0].filters.level"]),
    ({"rules/0/filters": []}, ["rules[0].filters"]),
    ({"lump_sums/0/exercise": 2018}, ["lump_sums[0].exercise"]),
    ({"lump_sums/0/exercise": "2016"}, ["lump_sums[0].exercise"]),
    ({"lump_sums/0/amount_ht": ABSENT}, ["lump_sums[0].amount_ht"]),
    ({"recurring/0/exercises": [2017, 2018]}, ["recurring[0].exercises[1]"]),
    ({"recurring/0/schools": ["a", "z", None]}, ["recurring[0].schools[2]", "recurring[0].schools[1]"]),
    ({"recurring/0/per": "floor"}, ["recurring[0].per"]),
    ({"phases/0/exercise": 2018}, ["phases[0].exercise"]),
    ({"phases/0/schools": ["z"]}, ["phases[0].schools[0]"]),
    ({"phases/0/levels": ["x"]}, ["phases[0].levels[0]"]),
    ({"phases/0/all": 1}, ["phases[0].all"]),
    ({"yearly_cap_ttc": 1000}, ["yearly_cap_ttc"]),
    ({"yearly_cap_ttc": "x"}, ["yearly_cap_ttc"]),
    ({"yearly_cap_ttc/2016": 5}, ["yearly_cap_ttc.2016"]),
    ({"yearly_cap_ttc/2018": "5"}, ["yearly_cap_ttc.2018"]),
    ({"yearly_cap_ttc/02016": "5"}, ["yearly_cap_ttc.02016"]),
    ({"yearly_cap_ttc/2017": None}, []),
    ({"funding/0/rate": ABSENT}, ["funding[0]"]),
    ({"funding/0/amount": "5"}, ["funding[0]"]),
    ({"funding/0/rate": None, "funding/0/tiers": []}, ["funding[0].tiers"]),
    ({"funding/0/rate": None, "funding/0/tiers": [TIER, TIER]}, ["funding[0].tiers"]),
    ({"funding/0/rate": None, "funding/0/tiers": [TIER | {"up_to": "5"}]}, ["funding[0].tiers"]),
    (
        {"funding/0/rate": None, "funding/0/tiers": [TIER | {"up_to": "5"}, TIER | {"up_to": "4"}, TIER]},
        ["funding[0].tiers"],
    ),
    ({"funding/0/rate": None, "funding/0/tiers": [TIER | {"up_to": 5}, TIER]}, ["funding[0].tiers[0].up_to"]),
    ({"funding/0/rate": None, "funding/0/tiers": [{}]}, ["funding[0].tiers[0].rate"]),
    ({"funding/0/funder": ABSENT}, ["funding[0].funder"]),
    ({"funding/0/funder": ""}, []),
    ({"funding/0/base": "HT"}, ["funding[0].base"]),
    ({"funding/0/headings": [""]}, ["funding[0].headings[0]"]),
    ({"funding/0/sections": ["x"]}, ["funding[0].sections[0]"]),
    ({"funding/0/base_cap": {}}, ["funding[0].base_cap.per", "funding[0].base_cap.amount"]),
    ({"funding/0/base_cap": {"per": "floor", "amount": "5"}}, ["funding[0].base_cap.per"]),
    ({"funding/0/minimum": "-5"}, ["funding[0].minimum"]),
    ({"funding/+": {"id": "f", "funder": "x", "amount": "5"}}, ["funding[1].id"]),
    ({"fctva": {}}, ["fctva.rate"]),
    ({"fctva/lag_years": -1}, ["fctva.lag_years"]),
    ({"announced": [5]}, ["announced[0]"]),
    ({"announced/0/key": ABSENT}, ["announced[0].key"]),
    ({"announced/0/amount": "-5"}, ["announced[0].amount"]),
    ({"exercises": [2016, 2018], "phases/0/exercise": 2040, "announced/0/key": "by_exercise.2040.ht"}, ["exercises"]),
    ({"items/0/id": 5, "rules/1/item": "zzz"}, ["items[0].id"]),
    ({"items": 5}, ["items"]),
    ({"schools/1/id": None}, ["schools[1].id"]),
    ({"schools/1": None}, ["schools[1]"]),
    ({"funding/+": 5, "announced/0/key": "grants.x"}, ["funding[1]"]),
]
KEYS = (
    "totals totals.x totals.ht.ht by_exercise.2018.ht by_exercise.02016.ht by_exercise.ht by_section.x.ht by_heading.ht"
)
KEYS += " by_heading..ht grants. grants.x grants funding.own_share net_cost.ht by_account.x.ht \u0662 by_exercise.２０１６.ht"
CASES += [({"announced/0/key": key}, ["announced[0].key"]) for key in KEYS.split()]
GOOD_KEYS = (
    "totals.vat by_exercise.2017.ht by_section.fonctionnement.ttc by_heading.a.b.ht grants.f funding.total net_cost"
)
CASES += [({"announced/0/key": key}, []) for key in GOOD_KEYS.split()]


@pytest.mark.parametrize(("changes", "paths"), CASES, ids=[f"{number}" for number in range(len(CASES))])
def test_paths_of_problems(changes, paths):
    budget, problems = read_input(changed(changes))
    assert [problem.path for problem in problems] == paths
    assert (budget is None) == bool(paths)
    assert all(problem.message for problem in problems)


@pytest.mark.parametrize("data", [None, [], "x", 5, True])
def test_document_that_is_no_object(data):
    assert [problem.path for problem in read_input(data)[1]] == ["$"]


def test_one_bad_class_among_thousands():
    document = sound()
    document["schools"] = [
        {"id": f"s{rank}", "kind": "primaire", "classes": [{"id": "1", "levels": ["CP"]}]} for rank in range(4500)
    ] + document["schools"]
    document["schools"][2500]["classes"][0]["levels"].append("CP9")
    assert [str(problem) for problem in read_input(document)[1]] == [
        "schools[2500].classes[0].levels[1]: niveau inconnu « CP9 »"
    ]


class Classes(list):
    """A list all the same, which only the reading one by one accepts."""


def test_schools_read_one_by_one_are_the_same():
    document = sound()
    by_columns, _ = read_input(document)
    document["schools"][0]["classes"] = Classes(document["schools"][0]["classes"])
    one_by_one, _ = read_input(document)
    assert by_columns is not None
    assert one_by_one is not None
    assert by_columns.schools.class_id == one_by_one.schools.class_id == ("A", "B")
    assert by_columns.schools.class_levels.tolist() == one_by_one.schools.class_levels.tolist()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{} {}",
        b'{"exercises": [NaN]}',
        b"[-Infinity]",
        '{"title": "é"}'.encode("latin-1"),
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b'{"exercises": [' + b"1" * 5000 + b"]}",
        b"null",
        b'{"title": "\x00"}',
    ],
    ids=range(11),
)
def test_bytes_that_are_no_document(raw):
    budget, problems = read_document(raw)
    assert budget is None
    assert [problem.path for problem in problems] == ["$"]


def test_repeated_key_is_a_problem_at_that_key():
    raw = json.dumps(sound()).replace('{"id": "b"', '{"id": "c", "id": "b"').replace('{"rate"', '{"rate": "1", "rate"')
    budget, problems = read_document(raw.encode())
    assert budget is None
    assert sorted(problem.path for problem in problems) == ["fctva.rate", "schools[1].id"]


def test_problems_are_on_one_line_and_can_be_written():
    _, problems = read_document(
        b'{"exercises": [2016], "a\\nb\\ud800": 1, "title": "x\\udc00", "rules": [{"per": "\\n"}]}'
    )
    for problem in problems:
        str(problem).encode()
        assert len(str(problem).splitlines()) == 1
    assert [problem.path for problem in problems][:2] == ["a\\nb\\ud800", "title"]


def test_long_value_is_quoted_in_short():
    (problem,) = read_input(changed({"rules/0/pack": "x" * 5000}))[1]
    assert len(problem.message) < 120
