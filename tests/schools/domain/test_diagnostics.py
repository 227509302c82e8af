from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schools.domain import diagnostics as rules
from schools.domain.answers import Option, Question
from schools.domain.diagnostics import Candidate, Marks, Reason, changes, lacking, stage_of, suggest, tally

CABLED = Question("cabled", "Classes câblées ?", "yes_no")
PLUGS = Question("plugs", "Prises", "integer")
USES = Question("uses", "Usages", "choices", (Option("c", "Collectifs"), Option("i", "Individuels")))
TEXT = Question("note", "Note")
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "cabled": st.booleans(),
        "plugs": st.integers(-5, 5),
        "uses": st.lists(st.sampled_from(["c", "i"]), max_size=2, unique=True),
        "note": st.sampled_from(["", "a", "b"]),
    },
)
ASKED = (CABLED, PLUGS, USES, TEXT)


def test_a_stage_for_every_mark() -> None:
    seen = {stage_of(Marks(*marks)) for marks in product([False, True], repeat=5)}
    assert seen == {
        rules.IN_PROGRESS, rules.TECHNICAL_DONE, rules.PEDAGOGICAL_DONE, rules.TO_SIGN, rules.TOWN_SIGNED,
        rules.ACADEMY_SIGNED, rules.SIGNED, rules.CANCELLED,
    }  # fmt: skip


def test_what_is_lacking_is_told_until_both_have_signed() -> None:
    told = lacking(Marks(pedagogical_done=True), ["Réseau ?", "Prises ?"])
    assert told == (
        "Partie technique à remplir : 2 réponses obligatoires à donner.",
        "Validation de la collectivité.",
        "Validation de l'Éducation nationale.",
    )
    assert lacking(Marks(), [], ["Usages ?"])[:2] == (
        "Partie technique à terminer.",
        "Partie pédagogique à remplir : 1 réponse obligatoire à donner.",
    )
    assert lacking(Marks(True, True, town_signed=True)) == ("Validation de l'Éducation nationale.",)
    assert lacking(Marks(True, True, True, True)) == ()
    assert lacking(Marks(cancelled=True)) == ()


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_nothing_is_lacking_only_once_signed(a: bool, b: bool, c: bool, d: bool) -> None:
    marks = Marks(a, b, c, d)
    assert (lacking(marks) == ()) == (stage_of(marks) == rules.SIGNED)


def test_reasons_of_schools_without_a_diagnostic() -> None:
    ageing = Reason(1, "ageing_park", "Âge moyen : 9 ans.")
    found = suggest(
        [Candidate(1, True), Candidate(2, retained=("Appel",)), Candidate(3, True), Candidate(4)], [3], [ageing]
    )
    assert [(each.school, each.trigger) for each in found] == [
        (1, "ageing_park"),
        (1, "priority_district"),
        (2, "call"),
    ]


@given(VALUES)
def test_nothing_changes_from_a_sheet_to_itself(values: dict[str, Any]) -> None:
    assert changes(ASKED, values, ASKED, values) == ()


@given(VALUES, VALUES)
def test_a_change_read_backwards_is_the_same_change(first: dict[str, Any], last: dict[str, Any]) -> None:
    there, back = changes(ASKED, first, ASKED, last), changes(ASKED, last, ASKED, first)
    assert [(each.code, each.before, each.after) for each in there] == [
        (each.code, each.after, each.before) for each in back
    ]


def test_no_is_an_answer_and_zero_is_not_no() -> None:
    assert [(each.before, each.after) for each in changes((CABLED,), {}, (CABLED,), {"cabled": False})] == [("", "Non")]
    assert changes((CABLED,), {"cabled": False}, (PLUGS,), {"plugs": 0}) == (
        rules.Change("plugs", "", "Prises", "", "0", new=True),
        rules.Change("cabled", "", "Classes câblées ?", "Non", "", gone=True),
    )


def test_a_question_reworded_is_the_same_question() -> None:
    reworded = Question(
        "uses", "Quels usages ?", "choices", (Option("c", "En classe entière"), Option("i", "Individuels"))
    )
    assert changes((USES,), {"uses": ["c"]}, (reworded,), {"uses": ["c"]}) == ()
    (found,) = changes((USES,), {"uses": ["c"]}, (reworded,), {"uses": ["c", "i"]})
    assert (found.before, found.after) == ("Collectifs", "En classe entière, Individuels")


@given(st.lists(st.tuples(VALUES, VALUES), max_size=6))
def test_a_tally_counts_every_school(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for question in ASKED:
        before, after = (
            ([side.get(question.code) for side in sides] for sides in zip(*pairs, strict=True)) if pairs else ([], [])
        )
        found = tally(question, before, after)
        if question.kind != "choices":
            assert sum(share.before for share in found.shares) == len(before)
            assert sum(share.after for share in found.shares) == len(after)
        assert tally(question, before, before).changed is False


def test_a_tally_counts_options_and_adds_numbers() -> None:
    found = tally(USES, [["c"], None], [["c", "i"], ["i"]])
    assert [(share.label, share.before, share.after) for share in found.shares] == [
        ("Collectifs", 1, 1),
        ("Individuels", 0, 2),
        ("Sans réponse", 1, 0),
    ]
    assert tally(PLUGS, [2, None], [3, 4]).sums == (2, 7)
    assert tally(TEXT, ["a"], ["b"]).changed is False
