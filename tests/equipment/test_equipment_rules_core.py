"""The pure parts beside the allocation: life cycle, sentences, need against what is in place."""

import pytest

from equipment.domain import lifecycle
from equipment.domain.need import Need, cost_of, needs_of, packs_of, rules_of, total_by_item
from equipment.domain.rules import Filters, Rule
from equipment.domain.sentences import rule_sentence
from schools.domain.table import School, SchoolClass, table_of_schools


def test_every_state_is_reachable_and_follows_known_states() -> None:
    reached = {state for before in lifecycle.STATES for state in lifecycle.states_after(before)}
    assert reached == set(lifecycle.STATES)
    assert set(lifecycle.ENTRY_STATES + lifecycle.IN_PLACE + lifecycle.MOVABLE) <= set(lifecycle.STATES)


@pytest.mark.parametrize(
    "before, after, allowed",
    [
        ("stock", "in_service", True),
        ("in_service", "broken", True),
        ("broken", "requalified", False),
        ("repair", "requalified", True),
        ("loaned", "disposed", False),
        ("lost", "in_service", True),
        ("disposed", "stock", False),
        ("disposed", "disposed", False),
        ("lost", "lost", False),
        ("in_service", "in_service", True),
    ],
)
def test_transitions(before: str, after: str, allowed: bool) -> None:
    assert lifecycle.may_follow(before, after) is allowed


SCHOOLS = Filters(
    school_kinds=("elementaire", "primaire"), class_kinds=("ordinaire",), levels=("CP", "CE1", "CE2", "CM1", "CM2")
)


@pytest.mark.parametrize(
    "rule, sentence",
    [
        (
            Rule("r", "class", pack="p", filters=SCHOOLS),
            "Un pack « Classe » par classe ordinaire du CP au CM2, dans les écoles élémentaires et primaires.",
        ),
        (
            Rule("r", "volunteer_class", pack="p", group_size=3, max_members=3, filters=Filters(school_kinds=("elementaire",))),
            "Un pack « Classe » pour 3 classes volontaires, dans les écoles élémentaires, arrondi à l'unité supérieure dans chaque "
            "école, pour 3 classes volontaires au plus par école.",
        ),
        (Rule("r", "school", item="i", quantity=2), "2 articles « Classe » par école."),
        (
            Rule("r", "school", item="i", filters=Filters(("maternelle", "primaire"), ("public",), ("GS",))),
            "Un article « Classe » par école maternelle ou primaire publique ayant au moins une classe de GS.",
        ),
        (Rule("r", "school", pack="p", filters=Filters(("specialisee",))), "Un pack « Classe » par établissement spécialisé."),
        (Rule("r", "floor", pack="p", max_per_school=2), "Un pack « Classe » par étage, dans les écoles, 2 au plus par école."),
        (
            Rule("r", "floor", pack="p", filters=Filters(("elementaire", "specialisee"), (), (), ("ulis",))),
            "Un pack « Classe » par étage, dans les écoles élémentaires et les établissements spécialisés ayant au moins une classe ULIS.",
        ),
        (
            Rule("r", "pupil", item="i", group_size=6, filters=Filters(sectors=("public", "prive"), levels=("MS", "PS", "GS"))),
            "Un article « Classe » pour 6 élèves des classes de la PS à la GS, dans les écoles publiques et privées, arrondi à l'unité "
            "supérieure dans chaque école.",
        ),
        (Rule("r", "pupil", item="i"), "Un article « Classe » par élève."),
        (Rule("r", "class", item="i", filters=Filters(levels=("CP", "CM2"))), "Un article « Classe » par classe de CP ou CM2."),
        (Rule("r", "class", item="i", group_size=2, filters=Filters(class_kinds=("ordinaire", "autre"))), "Un article « Classe » pour 2 classes ordinaires ou d'autres dispositifs, arrondi à l'unité supérieure dans chaque école."),
        (Rule("r", "plan", pack="p", quantity=2, max_per_school=1), "2 packs « Classe » pour l'ensemble du plan."),
        (Rule("r", "volunteer_class", pack="p", max_members=1), "Un pack « Classe » par classe volontaire, pour 1 classe volontaire au plus par école."),
        (Rule("r", "class", pack="p", quantity=0), "Aucun pack « Classe » par classe."),
    ],
)  # fmt: skip
def test_sentence(rule: Rule, sentence: str) -> None:
    assert rule_sentence(rule, "Classe") == sentence


@pytest.mark.parametrize(
    "label, shown",
    [
        ("Pack classe", "Un pack « classe »"),
        ("Pack « classe »", "Un pack « classe »"),
        ("Package", "Un pack « Package »"),
    ],
)
def test_a_label_that_begins_with_its_noun_does_not_say_it_twice(label: str, shown: str) -> None:
    assert rule_sentence(Rule("r", "class", pack="p"), label) == f"{shown} par classe."


DOCUMENT = {
    "packs": [
        {"id": "classe", "label": "Pack classe", "lines": [{"item": "vp", "quantity": 1}, {"item": "chariot", "quantity": 1}]},
        {"id": "mutualise", "label": "Pack mutualisé", "lines": [{"item": "tablette", "quantity": 6}]},
    ],
    "rules": [
        {
            "id": "r1", "pack": "classe", "per": "class", "quantity": 1, "group_size": 1, "max_per_school": None, "max_members": None,
            "filters": {"school_kinds": ["elementaire"], "sectors": [], "levels": [], "class_kinds": []},
        },
        {
            "id": "r2", "pack": "mutualise", "per": "volunteer_class", "quantity": 1, "group_size": 3, "max_per_school": None,
            "max_members": 3, "filters": {"school_kinds": [], "sectors": [], "levels": [], "class_kinds": []},
        },
        {
            "id": "r3", "item": "malle", "per": "plan", "quantity": 2, "group_size": 1, "max_per_school": None,
            "max_members": None, "filters": {"school_kinds": [], "sectors": [], "levels": [], "class_kinds": []},
        },
    ],
}  # fmt: skip
ITEMS = ["vp", "chariot", "tablette", "malle"]


def test_need_of_an_elementaire_of_eight_classes_with_four_volunteers() -> None:
    classes = tuple(SchoolClass(f"C{n}", ("CP",), pupils=24, volunteer=n < 4) for n in range(8))
    table = table_of_schools(
        [
            School("maternelle", "maternelle", classes=(SchoolClass("P", ("PS",)),)),
            School("ecole", "elementaire", classes=classes),
        ]
    )
    in_place = {("ecole", "vp"): 3, ("ecole", "chariot"): 9, ("maternelle", "vp"): 1, ("", "malle"): 1}
    needs = needs_of(table, rules_of(DOCUMENT), packs_of(DOCUMENT), ITEMS, in_place)
    assert needs.by_school["ecole"] == (Need("vp", 8, 3), Need("chariot", 8, 9), Need("tablette", 6, 0))
    assert [need.lacks for need in needs.by_school["ecole"]] == [5, 0, 6]
    assert needs.by_school["maternelle"] == (Need("vp", 0, 1),)
    assert needs.of_plan == (Need("malle", 2, 1),)
    assert [(over.volunteers, over.left_out) for over in needs.members_over] == [(4, ("C3",))]


def test_need_without_any_class_or_school() -> None:
    rules, packs = rules_of(DOCUMENT), packs_of(DOCUMENT)
    assert needs_of(table_of_schools([]), rules, packs, ITEMS, {}).by_school == {}
    empty = table_of_schools([School("vide", "elementaire")])
    assert needs_of(empty, rules, packs, ITEMS, {}).by_school == {"vide": ()}


def test_a_surplus_in_one_school_does_not_make_up_for_another() -> None:
    assert total_by_item([Need("vp", 2, 5), Need("vp", 4, 1), Need("chariot", 1, 1)]) == {
        "vp": (6, 6, 3),
        "chariot": (1, 1, 0),
    }


def test_cost_leaves_out_what_has_no_price() -> None:
    assert cost_of([Need("vp", 3, 1), Need("malle", 4, 1), Need("chariot", 1, 1)], {"vp": 65_000, "malle": None}) == (
        130_000,
        3,
    )
