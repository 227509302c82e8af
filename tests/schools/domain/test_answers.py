"""What is typed under a question: read, refused with a sentence, shown."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.domain import answers
from schools.domain.answers import EMPTY, AnswerError, Option, Question, compare, missing, progress, read_value, shown

OPTIONS = (Option("wifi", "Wi-Fi"), Option("fibre", "Fibre optique"), Option("rien", "Rien"))
KINDS = ("text", "long", "integer", "yes_no", "choice", "choices", "date")


def question(kind: str, **more: Any) -> Question:
    options = OPTIONS if kind in {"choice", "choices"} else ()
    return Question("q", "Combien d'élèves ?", kind, options=options, **more)


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)


@given(st.sampled_from(KINDS), anything)
def test_anything_typed_is_read_or_refused_with_a_sentence(kind: str, raw: Any) -> None:
    asked = question(kind, lowest=0, highest=9) if kind == "integer" else question(kind)
    value, message = EMPTY, ""
    try:
        value = read_value(asked, raw)
    except AnswerError as error:
        message = error.message
    assert not message or (message.startswith("« Combien d'élèves ? »") and message.endswith("."))
    assert "\x00" not in message
    assert read_value(asked, value) == value
    assert isinstance(shown(asked, value), str)


@given(st.sampled_from(KINDS), st.one_of(st.none(), st.just([]), st.text(alphabet=" \t\n\u00a0")))
def test_nothing_typed_is_no_answer(kind: str, raw: Any) -> None:
    assert read_value(question(kind), raw) == EMPTY
    assert shown(question(kind), EMPTY) == ""


@given(st.integers(-10, 10), st.integers(-10, 10), st.integers(-30, 30))
def test_a_number_keeps_to_its_bounds(one: int, other: int, typed: int) -> None:
    asked = question("integer", lowest=min(one, other), highest=max(one, other))
    if asked.lowest <= typed <= asked.highest:  # type: ignore[operator]
        assert read_value(asked, str(typed)) == typed
    else:
        with pytest.raises(AnswerError, match=rf"de {asked.lowest} à {asked.highest}"):
            read_value(asked, str(typed))


@given(st.lists(st.sampled_from([option.code for option in OPTIONS])))
def test_choices_come_in_the_order_of_the_options_each_once(codes: list[str]) -> None:
    value = read_value(question("choices"), codes)
    expected = [option.code for option in OPTIONS if option.code in codes]
    assert value == (expected or EMPTY)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)))
def test_a_day_is_read_both_ways(day: Any) -> None:
    asked = question("date")
    assert read_value(asked, day.isoformat()) == read_value(asked, f"{day:%d/%m/%Y}") == day.isoformat()
    assert shown(asked, day.isoformat()) == f"{day:%d/%m/%Y}"


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("integer", " 1\u202f200 ", 1200),
        ("integer", "−3", -3),
        ("yes_no", "OUI", True),
        ("yes_no", False, False),
        ("text", "  deux   mots ", "deux mots"),
        ("long", "a\r\nb\r\n", "a\nb"),
        ("choices", "wifi", ["wifi"]),
        ("date", "3/9/2026", "2026-09-03"),
    ],
)
def test_typed_by_hand(kind: str, raw: Any, value: Any) -> None:
    assert read_value(question(kind), raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "accepted"),
    [
        ("integer", "12,5", "nombre entier"),
        ("integer", True, "nombre entier"),
        ("yes_no", "peut-être", "oui ou non"),
        ("choice", "cable", "Wi-Fi, Fibre optique, Rien"),
        ("choices", ["wifi", "cable"], "parmi : Wi-Fi"),
        ("date", "31/02/2026", "23/11/2026"),
        ("date", "2026-1-1", "23/11/2026"),
        ("text", "a" * 201, "200 caractères"),
        ("text", "a\x00b", "caractère de contrôle"),
        ("text", {"a": 1}, "texte"),
    ],
)
def test_refusals_say_what_is_accepted(kind: str, raw: Any, accepted: str) -> None:
    with pytest.raises(AnswerError) as refused:
        read_value(question(kind), raw)
    assert accepted in refused.value.message


def test_no_and_zero_are_answers() -> None:
    asked = [
        Question("a", "A", "yes_no", required=True),
        Question("b", "B", "integer", required=True),
        Question("c", "C", required=True),
        Question("d", "D"),
    ]
    assert missing(asked, {"a": False, "b": 0}) == (asked[2],)
    assert progress(asked, {"a": False, "b": 0, "d": ""}) == (2, 4)


def test_bounds_on_one_side_are_told() -> None:
    assert answers.accepted(question("integer", lowest=1)) == "écrire un nombre entier, au moins 1"
    assert answers.accepted(question("integer", highest=9)) == "écrire un nombre entier, au plus 9"
    assert answers.accepted(question("long")) == "écrire un texte de 5000 caractères au plus"
    assert shown(question("integer", unit="élèves"), 1200) == "1\u202f200 élèves"
    assert shown(question("integer", unit="élèves"), 1) == "1 élève"
    assert shown(question("integer", unit="Mbit/s"), 1) == "1 Mbit/s"
    assert shown(question("choices"), ["wifi", "parti"]) == "Wi-Fi, parti"
    assert [shown(question("yes_no"), value) for value in (True, False)] == ["Oui", "Non"]
    assert shown(question("text"), "mot") == "mot"


texts = st.sampled_from(["Un", "Deux"])
versions = st.dictionaries(st.sampled_from("abcd"), texts, max_size=4)


@given(versions, versions)
def test_versions_compare_by_code(before: dict[str, str], after: dict[str, str]) -> None:
    old = [Question(code, text) for code, text in before.items()]
    new = [Question(code, text) for code, text in after.items()]
    rows = compare(old, new)
    assert {row.code for row in rows} == set(before) | set(after)
    kinds = {row.code: row.kind for row in rows}
    for code, kind in kinds.items():
        expected = "added" if code not in before else "removed" if code not in after else None
        expected = expected or ("same" if before[code] == after[code] else "changed")
        assert kind == expected
    assert all(row.changes == (("intitulé",) if row.kind == "changed" else ()) for row in rows)
