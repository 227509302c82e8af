from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_numerique.imports.cells import (
    read_choice,
    read_code,
    read_count,
    read_decimal,
    read_email,
    read_siret,
    read_text_of,
    read_yes_no,
    told_choices,
)
from schools.enums import SchoolKind

KINDS = {SchoolKind.MATERNELLE: ("mat", "école maternelle"), SchoolKind.ELEMENTAIRE: ()}
commune = read_code(5, "un code commune", r"(?:\d{2}|2[AB])\d{3}")
kind = read_choice(KINDS, "un type d'école")


@pytest.mark.parametrize(
    "read, cell, value",
    [
        (read_count(), "1 200", 1200),
        (read_count(), 24.0, 24),
        (read_count(), "12,0", 12),
        (read_count(-5, 5), "\u22123", -3),
        (read_decimal(2), "1,5", Decimal("1.50")),
        (read_decimal(2), 1.005, Decimal("1.01")),
        (read_decimal(6, rounded=True), "48.11305123", Decimal("48.113051")),
        (kind, "École  MATERNELLE", "maternelle"),
        (kind, "elementaire", "elementaire"),
        (kind, "Élémentaire", "elementaire"),
        (commune, '="01004"', "01004"),
        (commune, "2a004", "2A004"),
        (commune, "86 194", "86194"),
        (read_siret, "356 000 000 00048", "35600000000048"),
        (read_siret, 35600000000048.0, "35600000000048"),
        (read_yes_no, "Oui", True),
        (read_yes_no, "x", True),
        (read_yes_no, 0, False),
        (read_yes_no, True, True),
        (read_email, " Prenom.Nom@Ville.FR ", "prenom.nom@ville.fr"),
        (read_text_of(10), " deux\n mots ", "deux mots"),
    ],
)
def test_cells_are_read(read: Callable[[Any], Any], cell: Any, value: Any) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    "read, cell, words",
    [
        (read_count(0, 60), "61", "« 61 » n'est pas un nombre entier de 0 à 60."),
        (read_count(0, 60), "douze", "« douze »"),
        (read_count(0, 60), "=A1+1", "est une formule : mettre son résultat à la place"),
        (read_count(0, 60), True, "« True »"),
        (read_count(0, 60), float("inf"), "« inf »"),
        (read_count(0, 60), "9" * 400, "« 9999"),
        (read_decimal(2, 0, 10), "1,555", "2 décimales au plus"),
        (read_decimal(2, 0, 10), "11", "de 0 à 10"),
        (read_decimal(2), "1e5", "« 1e5 »"),
        (read_decimal(2), float("nan"), "« nan »"),
        (kind, "collégiale", "« collégiale » n'est pas un type d'école."),
        (commune, "1004", "a 4 chiffres au lieu de 5 : le tableur a sans doute retiré le zéro du début"),
        (commune, 1004.0, "« 1004 » a 4 chiffres"),
        (commune, "abcde", "n'est pas un code commune"),
        (read_siret, "2,17003E+13", "le tableur a arrondi ce numéro, ses derniers chiffres sont perdus"),
        (read_siret, 21700300000000.0, "ses derniers chiffres sont perdus"),
        (read_siret, "5680123400012", "a 13 chiffres au lieu de 14"),
        (read_siret, "21860194000010", "sa clé de contrôle est fausse"),
        (read_siret, "2,17003E+13", "mettre la colonne au format Texte"),
        (read_yes_no, "peut-être", "oui ou non"),
        (read_email, "pas une adresse", "une adresse e-mail"),
        (read_text_of(3), "quatre", "3 caractères au plus"),
        (read_text_of(3), "a\x00", "caractère nul"),
    ],
)
def test_what_is_refused_is_told_with_its_value(read: Callable[[Any], Any], cell: Any, words: str) -> None:
    assert words in _refusal(read, cell)


def _refusal(read: Callable[[Any], Any], cell: Any) -> str:
    with pytest.raises(ValueError) as caught:
        read(cell)
    return str(caught.value)


READERS = [read_count(), read_decimal(2, 0, 10), kind, commune, read_siret, read_yes_no, read_email, read_text_of(20)]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("cell", [None, "", "  ", "\u00a0"])
def test_an_empty_cell_says_nothing(read: Callable[[Any], Any], cell: Any) -> None:
    assert read(cell) in (None, "")


@given(
    st.sampled_from(READERS),
    st.none() | st.text(max_size=30) | st.floats() | st.integers() | st.dates() | st.booleans(),
)
def test_any_cell_is_read_or_refused_with_a_sentence(read: Callable[[Any], Any], cell: Any) -> None:
    with suppress(ValueError):
        read(cell)


@given(st.integers(0, 99_999))
def test_a_code_is_never_guessed(number: int) -> None:
    text = f"{number:05d}"
    assert commune(text) == text
    if number < 10_000:
        _refusal(commune, str(number))


def test_choices_are_told_by_their_labels() -> None:
    assert told_choices(KINDS) == "Maternelle ; Élémentaire"
