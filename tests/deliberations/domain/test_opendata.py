"""SCDL « Délibérations » 2.1.5: rows, and every check of the schema."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.actes import MATTERS
from deliberations.domain.opendata import (
    COLUMNS,
    VOTES,
    Counted,
    Opened,
    check_row,
    matter_name,
    row_of,
    to_csv,
    votes_of,
)

SCHEMA = json.loads((Path(__file__).parents[1] / "data/scdl-deliberations-2.1.5.schema.json").read_text())
GOOD: dict[str, Any] = {
    "authority": "Commune synthétique", "siret": "12345678200010", "number": "2024-12", "decided_on": date(2024, 6, 10),
    "matter": "8.1.2", "title": "Plan numérique", "prefecture": "PREF086", "received_on": date(2024, 6, 12),
    "votes": (53, 51, 40, 0, 11), "url": "https://actes.example/actes/x/1/",
}  # fmt: skip


def row(**changes: str) -> dict[str, str]:
    return row_of(Opened(**GOOD)) | changes


def test_columns_are_those_of_the_schema_in_its_order() -> None:
    assert [field["name"] for field in SCHEMA["fields"]] == list(COLUMNS)


def test_a_row_says_the_act() -> None:
    assert list(row().values()) == [
        "Commune synthétique", "12345678200010", "2024-12", "2024-06-10", "8.1", "domaines de compétences par thèmes/enseignement",
        "Plan numérique", "", "", "PREF086", "2024-06-12", "53", "51", "40", "0", "11", "https://actes.example/actes/x/1/",
    ]  # fmt: skip
    assert check_row(row()) == []


@pytest.mark.parametrize(
    ("counted", "votes"),
    [
        (Counted(53, 40, 0, 11, 51), (53, 51, 40, 0, 11)),
        (Counted(39, 28, 0, 10, 38), (39, 38, 28, 0, 10)),
        (Counted(131, None, None, None, 91, unanimous=True), (131, 91, 91, 0, 0)),
        (Counted(55, None, None, None, None), None),
        (Counted(55, None, None, None, 55), None),
        (Counted(None, 40, 0, 11, 51), None),
        (Counted(53, 40, None, 11, 51), None),
        (Counted(53, 40, 0, None, 51, unanimous=True), None),
    ],
    ids=["poitiers", "chatellerault", "saint-etienne", "metz", "majority", "no-office", "no-against", "half"],
)
def test_votes_are_all_known_or_all_empty(counted: Counted, votes: Any) -> None:
    assert votes_of(counted) == votes
    opened = row_of(Opened(**{**GOOD, "votes": votes_of(counted)}))
    assert [opened[name] for name in VOTES] == [str(n) for n in votes or ()] or [""] * 5
    assert (votes is None) == (not any(opened[name] for name in VOTES))
    assert check_row(opened) == []


counts = st.none() | st.integers(0, 200)


@given(counts, counts, counts, counts, counts, st.booleans())
def test_votes_never_invent_a_figure(
    office: Any, favour: Any, against: Any, abstain: Any, voices: Any, unanimous: bool
) -> None:
    votes = votes_of(Counted(office, favour, against, abstain, voices, unanimous))
    if votes is None:
        return
    assert votes[0] == office
    assert votes[1] == sum(votes[2:])
    assert votes[2:] == (favour, against, abstain) or (unanimous and votes[2:] == (voices, 0, 0))


@pytest.mark.parametrize("code", MATTERS)
def test_every_matter_of_the_nomenclature_passes(code: str) -> None:
    name = matter_name(code)
    assert check_row(row(DELIB_MATIERE_CODE=code, DELIB_MATIERE_NOM=name)) == []
    assert name == name.lower()


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"COLL_SIRET": ""}, "COLL_SIRET", "obligatoire"),
        ({"COLL_SIRET": "12345678200011"}, "COLL_SIRET", "clé de contrôle"),
        ({"COLL_SIRET": "123 456 782 00010"}, "COLL_SIRET", "quatorze chiffres"),
        ({"COLL_NOM": " "}, "COLL_NOM", "obligatoire"),
        ({"DELIB_ID": ""}, "DELIB_ID", "obligatoire"),
        ({"DELIB_DATE": "10/06/2024"}, "DELIB_DATE", "AAAA-MM-JJ"),
        ({"DELIB_DATE": "2024-02-30"}, "DELIB_DATE", "AAAA-MM-JJ"),
        ({"DELIB_MATIERE_CODE": "8.10"}, "DELIB_MATIERE_CODE", "niveau 2"),
        ({"DELIB_MATIERE_CODE": "8.1.2"}, "DELIB_MATIERE_CODE", "niveau 2"),
        ({"DELIB_MATIERE_NOM": "enseignement"}, "DELIB_MATIERE_NOM", "thème/matière"),
        ({"DELIB_MATIERE_NOM": "domaines de compétences par thèmes / enseignement"}, "DELIB_MATIERE_NOM", "espace"),
        ({"DELIB_MATIERE_NOM": "écoles/enseignement"}, "DELIB_MATIERE_NOM", "n'est pas un thème"),
        ({"DELIB_MATIERE_NOM": "libertés publiques et pourvoirs de police/police municipale"}, "DELIB_MATIERE_NOM", "n'est pas un thème"),
        ({"DELIB_MATIERE_NOM": "domaines de compétences par thèmes/voirie"}, "DELIB_MATIERE_NOM", "Le nom de la matière 8.1"),
        ({"DELIB_MATIERE_NOM": "Domaines de compétences par thèmes/enseignement"}, "DELIB_MATIERE_NOM", "minuscules"),
        ({"DELIB_OBJET": ""}, "DELIB_OBJET", "obligatoire"),
        ({"DELIB_OBJET": "=1+1"}, "DELIB_OBJET", "formule"),
        ({"DELIB_OBJET": "a\x00"}, "DELIB_OBJET", "caractère nul"),
        ({"BUDGET_ANNEE": "2018"}, "BUDGET_ANNEE", "tous deux"),
        ({"BUDGET_NOM": "Budget principal"}, "BUDGET_ANNEE", "tous deux"),
        ({"BUDGET_ANNEE": "18", "BUDGET_NOM": "x"}, "BUDGET_ANNEE", "intervalle"),
        ({"BUDGET_ANNEE": "2019/2018", "BUDGET_NOM": "x"}, "BUDGET_ANNEE", "suit la première"),
        ({"BUDGET_ANNEE": "2018/2018", "BUDGET_NOM": "x"}, "BUDGET_ANNEE", "suit la première"),
        ({"PREF_ID": "PREF86"}, "PREF_ID", "PREF086"),
        ({"PREF_ID": "SPREF086"}, "PREF_ID", "PREF086"),
        ({"PREF_DATE": "2024-06-09"}, "PREF_DATE", "précède"),
        ({"PREF_DATE": "hier"}, "PREF_DATE", "AAAA-MM-JJ"),
        ({"VOTE_POUR": ""}, "VOTE_POUR", "tous remplis"),
        ({"VOTE_POUR": "-1"}, "VOTE_POUR", "entier"),
        ({"VOTE_POUR": "9" * 400}, "VOTE_POUR", "entier"),
        ({"VOTE_EFFECTIF": "50"}, "VOTE_REEL", "51 votants pour 50"),
        ({"VOTE_POUR": "60"}, "VOTE_POUR", "60 voix pour 51"),
        ({"VOTE_CONTRE": "1"}, "VOTE_REEL", "52 voix"),
        ({"DELIB_URL": "javascript:alert(1)"}, "DELIB_URL", "adresse"),
        ({"DELIB_URL": "http://[x"}, "DELIB_URL", "adresse"),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_column(changes: dict[str, str], column: str, words: str) -> None:
    found = check_row(row(**changes))
    assert any(fault.column == column and words in fault.message for fault in found), found
    assert all(fault.label for fault in found)


@pytest.mark.parametrize(
    "changes",
    [{"BUDGET_ANNEE": "2018/2019", "BUDGET_NOM": "Budget annexe"}, {"BUDGET_ANNEE": "2018", "BUDGET_NOM": "x"}, {"PREF_ID": "SPREF0861"},
     {"PREF_ID": "SGAR086"}, {"PREF_ID": "PREF02A"}, {"PREF_DATE": ""}, {"PREF_DATE": "2024-06-10"}, dict.fromkeys(VOTES, "")],
)  # fmt: skip
def test_allowed_values_pass(changes: dict[str, str]) -> None:
    assert check_row(row(**changes)) == []


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=40), max_size=17))
def test_any_row_is_checked_without_failing(given_row: dict[str, str]) -> None:
    assert all(fault.column in COLUMNS for fault in check_row(given_row))


line = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, line)), max_size=4))
def test_the_file_reads_back(rows: list[dict[str, str]]) -> None:
    text = to_csv(rows).decode("utf-8")
    header, *read = list(csv.reader(io.StringIO(text, newline="")))
    assert header == list(COLUMNS)
    assert read == [[item[name] for name in COLUMNS] for item in rows]
