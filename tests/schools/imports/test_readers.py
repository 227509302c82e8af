from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.domain.uai import check_letter
from schools.enums import ClassKind, Level, SchoolKind, Sector
from schools.imports import IMPORTERS, readers
from schools.imports.places import city_code, district_name, place_name

DEPARTMENTS = st.sampled_from(["001", "035", "086", "620", "720", "974"])
UAIS = st.builds(
    lambda start, rest: f"{start}{rest:04d}{check_letter(f'{start}{rest:04d}')}", DEPARTMENTS, st.integers(0, 9999)
)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.dates(),
    st.datetimes(),
)


@given(UAIS, st.sampled_from(["", " ", "\u00a0"]))
def test_a_uai_is_read_whatever_its_case_and_spaces(uai: str, space: str) -> None:
    assert readers.read_uai(f"{space}{uai[:3]}{space}{uai[3:].lower()} ") == uai


@given(UAIS, st.sampled_from("ABCDEFGHJKLMNPRSTUVWXYZ"))
def test_a_wrong_letter_says_which_is_right(uai: str, letter: str) -> None:
    if letter != uai[7]:
        with pytest.raises(ValueError, match=f"attend la lettre {uai[7]}"):
            readers.read_uai(uai[:7] + letter)


@given(UAIS.filter(lambda uai: uai.startswith("0")))
def test_a_lost_zero_is_told_and_not_guessed(uai: str) -> None:
    with pytest.raises(ValueError, match="zéro de tête a été perdu par le tableur"):
        readers.read_uai(uai[1:])


@pytest.mark.parametrize(
    "value", ["0861030I", "086103", "ABCDEFGH", "0861030C0861030C", "2.1E+07", "=A1", "９861030C", 861030]
)
def test_what_is_no_uai_is_refused_with_its_value(value: Any) -> None:
    with pytest.raises(ValueError, match=str(value)[:6].replace("+", r"\+").replace(".", ".")):
        readers.read_uai(value)


def test_a_uai_of_no_school_department_is_read_in_a_national_file_only() -> None:
    uai = "9830001" + check_letter("9830001")
    assert readers.read_published_uai(uai) == uai
    with pytest.raises(ValueError, match="département"):
        readers.read_uai(uai)


def refusal(read: Any, value: Any) -> str:
    try:
        read(value)
    except ValueError as error:
        return str(error)
    return "« » ."


@given(st.sampled_from([column for importer in IMPORTERS for column in importer.columns]), ANYTHING)
def test_any_cell_is_read_or_refused_in_a_sentence(column: Any, value: Any) -> None:
    said = refusal(column.read, value)
    assert said.startswith("«")
    assert said.endswith(".")


@pytest.mark.parametrize("column", [column for importer in IMPORTERS for column in importer.columns if column.example])
def test_every_example_is_read(column: Any) -> None:
    assert column.read(column.example) not in (None, "")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Grande section", "GS"), ("gs", "GS"), ("CM 1", "CM1"), ("C.E.2", "CE2"), ("cours élémentaire 1", "CE1"),
        ("Cours moyen 2e année", "CM2"), ("Cours préparatoire", "CP"), ("Petite Section", "PS"), ("T.P.S.", None), ("6e", None),
    ],
)  # fmt: skip
def test_levels_as_schools_write_them(text: str, level: str | None) -> None:
    if level:
        assert readers.read_level(text) == Level(level)
    else:
        with pytest.raises(ValueError, match=text):
            readers.read_level(text)


def test_kinds_sectors_and_dispositifs() -> None:
    assert readers.read_kind("élémentaire") == SchoolKind.ELEMENTAIRE
    assert readers.read_kind("E.P.PU") == SchoolKind.PRIMAIRE
    assert readers.read_kind("Etablissement specialise") == SchoolKind.SPECIALISEE
    assert readers.read_sector("PRIVE") == readers.read_sector("privé sous contrat") == Sector.PRIVATE
    assert readers.read_class_kind("Clis") == ClassKind.ULIS
    with pytest.raises(ValueError, match="hors contrat"):
        readers.read_sector("Privé hors contrat")


@pytest.mark.parametrize(
    ("text", "told", "stored"),
    [("REP", "REP", "REP"), ("rep +", "REP+", "REP+"), ("REP+", "REP+", "REP+"), ("HORS REP", readers.NO_PRIORITY, "")],
)
def test_priority(text: str, told: str, stored: str) -> None:
    assert readers.read_priority(text) == told
    assert readers.stored_priority(told) == stored


@pytest.mark.parametrize(
    "value",
    [2022, "2022", "2022-2023", "2022-09-01", date(2022, 9, 1), datetime(2022, 9, 1, 2), "2022-01-01T00:00:00+00:00"],
)
def test_rentree(value: Any) -> None:
    assert readers.read_rentree(value) == 2022


@pytest.mark.parametrize(
    ("read", "value", "cure"),
    [
        (readers.read_insee, "1004", "zéro"),
        (readers.read_postcode, 1000, "zéro"),
        (readers.read_insee, "8,62E+04", "arrondi"),
    ],
)
def test_damaged_codes_are_refused_with_the_cure(read: Any, value: Any, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        read(value)


def test_departments_and_indexes() -> None:
    assert [readers.read_department(each) for each in ("035", "35", "2a", "974", 1, "")] == [
        "035",
        "035",
        "02A",
        "974",
        "001",
        "",
    ]
    assert readers.read_index("98,4") == Decimal("98.4")
    assert readers.read_index("ns") == readers.NOT_SIGNIFICANT
    with pytest.raises(ValueError, match="300"):
        readers.read_index("300")


def test_places_by_their_usual_names() -> None:
    assert place_name("St-Étienne") == place_name("SAINT ETIENNE")
    assert district_name("Circonscription d'inspection du 1er degré de Bruz") == district_name("IEN Bruz") == "bruz"
    assert [city_code(code) for code in ("75112", "69383", "13201", "75056", "86194")] == [
        "75056",
        "69123",
        "13055",
        "75056",
        "86194",
    ]


def test_a_long_list_says_how_many_more() -> None:
    assert readers.listed("abc") == "a, b, c"
    assert readers.listed("abc", most=2) == "a, b et 1 autre"
