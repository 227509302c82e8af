"""Phases that name classes: inside the product only."""

import copy
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given

from governance.domain.simulate import compute, read_input, to_document
from tests.governance.domain.documents import random_document
from tests.governance.domain.test_bad_documents import sound
from tests.governance.domain.test_reference import on_many, seeds


def with_classes(*names: Any) -> dict[str, Any]:
    return sound() | {"phases": [{"exercise": 2016, "classes": list(names)}], "yearly_cap_ttc": None}


def paths(document: Any, *, inside: bool = True) -> list[str]:
    return sorted(problem.path for problem in read_input(document, inside=inside)[1])


def test_classes_of_a_phase_are_unknown_in_a_document_from_outside():
    assert paths(with_classes({"school": "a", "class": "A"}), inside=False) == ["phases[0].classes"]


def test_named_classes_enter():
    budget, problems = read_input(with_classes({"school": "a", "class": "A"}), inside=True)
    assert problems == []
    assert budget is not None
    assert budget.phases[0].classes == (("a", "A"),)
    rows = to_document(compute(budget))["by_exercise"]
    assert [(row["schools_entered"], row["classes_entered"]) for row in rows] == [(1, 1), (0, 0)]


BAD: list[tuple[Any, list[str]]] = [
    ({"school": "z", "class": "A"}, ["phases[0].classes[0].school"]),
    ({"school": "a", "class": "Z"}, ["phases[0].classes[0].class"]),
    ({"school": "b", "class": "A"}, ["phases[0].classes[0].class"]),
    ({"school": "a"}, ["phases[0].classes[0].class"]),
    ({"class": "A"}, ["phases[0].classes[0].school"]),
    ({"school": 1, "class": "A"}, ["phases[0].classes[0].school"]),
    ({"school": "a", "class": ""}, ["phases[0].classes[0].class"]),
    ({"school": "a", "class": "A", "level": "CP"}, ["phases[0].classes[0].level"]),
    ("A", ["phases[0].classes[0]"]),
    (None, ["phases[0].classes[0]"]),
]


@pytest.mark.parametrize("name, expected", BAD)
def test_paths_of_bad_classes(name, expected):
    assert paths(with_classes(name)) == expected


@pytest.mark.parametrize("classes", [5, "A", {}])
def test_classes_that_are_no_list(classes):
    assert paths(sound() | {"phases": [{"exercise": 2016, "classes": classes}]}) == ["phases[0].classes"]


def test_classes_are_not_looked_for_among_unsound_schools():
    document = with_classes({"school": "b", "class": "Z"}, {"school": "z", "class": "A"})
    document["schools"][0]["kind"] = "?"
    assert paths(document) == ["phases[0].classes[1].school", "schools[0].kind"]
    document["schools"][0]["id"] = 5
    assert paths(document) == ["schools[0].id", "schools[0].kind"]
    document["schools"] = 5
    assert paths(document) == ["schools"]


def test_message_quotes_the_class():
    _, problems = read_input(with_classes({"school": "a", "class": "Z"}), inside=True)
    assert [problem.message for problem in problems] == ["classe inconnue « Z »"]


@on_many
@given(seeds)
def test_naming_every_class_of_a_school_is_naming_the_school(seed):
    document = random_document(Random(seed))
    named = copy.deepcopy(document)
    classes = {school["id"]: [each["id"] for each in school.get("classes") or []] for school in document["schools"]}
    for phase in named["phases"]:
        schools = phase.pop("schools", None) or []
        phase["classes"] = [{"school": school, "class": each} for school in schools for each in classes[school]]
    assert outcome(document) == outcome(named)


def outcome(document: dict[str, Any]) -> Any:
    budget, problems = read_input(json.loads(json.dumps(document)), inside=True)
    assert budget is not None, problems
    return to_document(compute(budget))


def test_class_enters_with_the_first_phase_that_reaches_it():
    document = with_classes({"school": "a", "class": "B"})
    document["phases"] = [
        {"exercise": 2017, "classes": [{"school": "a", "class": "B"}]},
        {"exercise": 2016, "classes": [{"school": "a", "class": "A"}]},
        {"exercise": 2016, "levels": ["CP"]},
        {"exercise": 2017, "all": True},
    ]
    rows = outcome(document)["by_exercise"]
    assert [row["classes_entered"] for row in rows] == [1, 1]
