"""Names, identifier and XML of a transmission: the shape the ministry's schema asks, told here since it is not shipped."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from deliberations.domain.actes import parse_identifier
from deliberations.domain.latin import one_line, to_latin
from deliberations.domain.transmission import (
    ACTES,
    INSEE,
    Filed,
    FileNames,
    Origin,
    clean_number,
    envelope_xml,
    faults_of,
    identifier_of,
    is_return_email,
    main_type,
    message_xml,
    names_of,
    object_of,
)

ORIGIN = Origin("123456782", "086", "1", "31", "SYN", ("actes@example.org", "greffe@example.org"))
FILED = Filed(date(2024, 6, 10), "2024-0012", "DE", "8.1", "Plan numérique", date(2019, 3, 1), ("99_DE",))
PREPARED = date(2024, 6, 12)
texts = st.text(max_size=600)


def filed(**changes: Any) -> Filed:
    return Filed(**{name: getattr(FILED, name) for name in Filed.__slots__} | changes)


def origin(**changes: Any) -> Origin:
    return Origin(**{name: getattr(ORIGIN, name) for name in Origin.__slots__} | changes)


def names(one: Filed = FILED) -> FileNames:
    return names_of(ORIGIN, one, PREPARED, 3)


def local(element: Any) -> str:
    return etree.QName(element).localname


def test_names_carry_the_day_of_preparation_and_the_identifier_that_of_the_decision() -> None:
    made = names(filed(types=("99_DE", "42_DE")))
    assert made == FileNames(
        archive="SYN-EACT--123456782--20240612-3.tar.gz",
        envelope="EACT--123456782--20240612-3.xml",
        message="086-123456782-20240612-2024_0012-DE-1-1_0.xml",
        documents=(
            "99_DE-086-123456782-20240612-2024_0012-DE-1-1_1.pdf",
            "42_DE-086-123456782-20240612-2024_0012-DE-1-1_2.pdf",
        ),
    )
    assert identifier_of(ORIGIN, FILED) == "086-123456782-20240610-2024_0012-DE"


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [("2018-0322", "2018_0322"), ("15-11-26-18", "15_11_26_18"), ("CC/2016.00254", "CC_2016_00254"), ("n° 12 bis é", "N_12_BIS_E"), ("lmc194691", "LMC194691"), ("—", "")],
)  # fmt: skip
def test_numbers_are_cleaned(written: str, cleaned: str) -> None:
    assert clean_number(written) == cleaned


@given(st.text(max_size=40))
def test_a_clean_number_has_only_the_letters_that_operators_take(number: str) -> None:
    cleaned = clean_number(number)
    assert re.fullmatch("[A-Z0-9_]*", cleaned)
    assert clean_number(cleaned) == cleaned
    if 0 < len(cleaned) <= 15:
        identifier = identifier_of(ORIGIN, filed(number=number))
        read = parse_identifier(identifier)
        assert read is not None
        assert (read.number, read.day, len(identifier) <= 41) == (cleaned, "20240610", True)


@given(texts)
def test_transliterated_text_is_latin_and_stays(text: str) -> None:
    written = to_latin(text)
    written.text.encode("iso-8859-1")
    assert to_latin(written.text).text == written.text
    assert [char for char, _ in written.changed] == list(dict.fromkeys(c for c in text if to_latin(c).text != c))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("l’œuvre “À” – 3 €…", 'l\'oeuvre "À" - 3 EUR...'), ("ŒUVRE — ™", "OEUVRE - (TM)"), ("Łódź 中", "?ódz ?"), ("a\u202fb\x00c", "a b c")],
)  # fmt: skip
def test_what_latin_lacks_is_written_otherwise(text: str, shown: str) -> None:
    assert to_latin(text).text == shown


@given(texts)
def test_any_title_parses_back_to_the_transliterated_title(title: str) -> None:
    content = message_xml(filed(title=title), names())
    root = etree.fromstring(content)
    assert (root.findtext(f"{{{ACTES}}}Objet") or "") == object_of(title).text
    assert len(object_of(title).text) <= 499
    assert "\n" not in object_of(title).text
    assert content.decode("iso-8859-1").startswith("<?xml version='1.0' encoding='ISO-8859-1'?>")


@given(texts, st.integers(0, 60))
def test_one_line_never_exceeds_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit).text
    assert len(line) <= limit
    assert line == line.strip()


def test_message_has_its_parts_in_the_order_of_the_schema() -> None:
    one = filed(matter="8.1.2.3.4", types=("99_DE", "42_DE", "99_DE"), nature="CC")
    root = etree.fromstring(message_xml(one, names(one)))
    assert root.tag == f"{{{ACTES}}}Acte"
    assert {etree.QName(key).localname: value for key, value in root.attrib.items()} == {
        "Date": "2024-06-10", "NumeroInterne": "2024_0012", "CodeNatureActe": "4",
    }  # fmt: skip
    assert all(etree.QName(key).namespace == ACTES for key in root.attrib)
    assert [local(child) for child in root] == [
        "CodeMatiere1", "CodeMatiere2", "CodeMatiere3", "CodeMatiere4", "CodeMatiere5", "Objet", "ClassificationDateVersion",
        "Document", "Annexes", "DocumentPapier",
    ]  # fmt: skip
    assert [child.get(f"{{{ACTES}}}CodeMatiere") for child in root[:5]] == ["8", "1", "2", "3", "4"]
    annexes = root[8]
    assert (annexes.get(f"{{{ACTES}}}Nombre"), [local(row) for row in annexes]) == ("2", ["Annexe", "Annexe"])
    assert [row.text for row in root.iter(f"{{{ACTES}}}NomFichier")] == list(names(one).documents)
    assert (root.findtext(f"{{{ACTES}}}DocumentPapier"), root.findtext(f"{{{ACTES}}}ClassificationDateVersion")) == ("N", "2019-03-01")  # fmt: skip


def test_message_of_two_levels_says_no_third_and_no_annex() -> None:
    root = etree.fromstring(message_xml(FILED, names()))
    assert [local(child) for child in root][:3] == ["CodeMatiere1", "CodeMatiere2", "Objet"]
    assert root.find(f"{{{ACTES}}}Annexes").get(f"{{{ACTES}}}Nombre") == "0"


def test_envelope_has_its_parts_in_the_order_of_the_schema() -> None:
    told = origin(contact_name="Mme Référente’s", contact_phone="00", contact_email="referente@example.org")
    root = etree.fromstring(envelope_xml(told, names()))
    assert [local(child) for child in root] == ["Emetteur", "AdressesRetour", "FormulairesEnvoyes"]
    identity, contact = root[0]
    assert (local(identity), local(contact)) == ("IDCL", "Referent")
    assert dict(identity.attrib) == {
        f"{{{INSEE}}}SIREN": "123456782", f"{{{ACTES}}}Departement": "086", f"{{{ACTES}}}Arrondissement": "1",
        f"{{{ACTES}}}Nature": "31",
    }  # fmt: skip
    assert [local(row) for row in contact] == ["Nom", "Telephone", "Email"]
    assert contact[0].text == "Mme Référente's"
    assert [row.text for row in root[1]] == ["actes@example.org", "greffe@example.org"]
    assert [row.text for row in root.iter(f"{{{ACTES}}}NomFichier")] == [names().message]


def test_envelope_tells_of_a_contact_only_what_is_known() -> None:
    root = etree.fromstring(envelope_xml(origin(contact_email="referente@example.org"), names()))
    assert [(local(row), row.text) for row in root[0][1]] == [("Email", "referente@example.org")]


def test_envelope_without_contact_has_none() -> None:
    root = etree.fromstring(envelope_xml(ORIGIN, names()))
    assert [local(row) for row in root[0]] == ["IDCL"]


@pytest.mark.parametrize(
    ("one", "sender", "words"),
    [
        ({"number": "—"}, {}, "pas de numéro"),
        ({"number": "1234567890123456"}, {}, "16 caractères, 15 au plus"),
        ({"nature": "ZZ"}, {}, "la nature « ZZ »"),
        ({"matter": ""}, {}, "pas de matière"),
        ({"matter": "8"}, {}, "la matière « 8 »"),
        ({"matter": "8.1.1.1.1.1"}, {}, "deux à cinq niveaux"),
        ({"title": " \x00 "}, {}, "pas d'intitulé"),
        ({}, {"siren": "123456783"}, "clé fausse"),
        ({}, {"siren": ""}, "clé fausse"),
        ({}, {"department": "86"}, "identifiant ACTES"),
    ],
)
def test_faults_are_told(one: dict[str, Any], sender: dict[str, Any], words: str) -> None:
    assert any(words in sentence for sentence in faults_of(origin(**sender), filed(**one)))
    assert faults_of(ORIGIN, FILED) == []


@pytest.mark.parametrize(
    ("address", "good"),
    [("a@b.fr", True), ("jean-marie.x_1@ville-de.poitiers.fr", True), ("a+b@c.fr", False), ("é@b.fr", False), ("a@b", False), ("a@b.f1", False)],
)  # fmt: skip
def test_return_addresses_are_those_of_the_schema(address: str, good: bool) -> None:
    assert is_return_email(address) is good


@pytest.mark.parametrize(
    ("codes", "code"),
    [(["42_DE", "99_DE", "99_SE"], "99_DE"), (["99_SE", "99_DC"], "99_DC"), (["70_DE"], "70_DE"), (["99_SE"], ""), ([], "")],
)  # fmt: skip
def test_the_act_takes_the_general_type(codes: list[str], code: str) -> None:
    assert main_type(codes) == code
