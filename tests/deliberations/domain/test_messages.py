"""What comes back from the State is read without trusting it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberations.domain.messages import (
    LARGEST_MESSAGE,
    MOST_LINES,
    Acknowledgement,
    Anomaly,
    MessageError,
    matter_path,
    read_answer,
    read_classification,
    shorten,
)

NS = 'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"'
ACKNOWLEDGED = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<actes:ARActe {NS} actes:DateReception="2024-06-13" actes:IDActe="086-123456782-20240610-2024_0012-DE"><actes:ActeRecu/></actes:ARActe>"""
CLASSIFICATION = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<actes:RetourClassification {NS}><actes:DateClassification>2019-03-01</actes:DateClassification>
<actes:NaturesActes><actes:NatureActe actes:CodeNatureActe="1" actes:Libelle="Délibérations" actes:TypeAbrege="DE">
<actes:TypePJNatureActe actes:CodeTypePJ="99_DE" actes:Libelle="Délibération"/>
<actes:TypePJNatureActe actes:CodeTypePJ="99_DE" actes:Libelle="Délibération"/>
<actes:TypePJNatureActe actes:CodeTypePJ="99_SE" actes:Libelle="Fichier de signature"/></actes:NatureActe></actes:NaturesActes>
<actes:Matieres><actes:Matiere1 actes:CodeMatiere="7" actes:Libelle="Finances locales">
<actes:Matiere2 actes:CodeMatiere="1" actes:Libelle="Décisions budgétaires"><actes:Matiere3 actes:CodeMatiere="1" actes:Libelle="{"x" * 300}"/></actes:Matiere2>
<actes:Matiere2 actes:CodeMatiere="10" actes:Libelle="Divers"/><actes:Matiere2 actes:CodeMatiere="9" actes:Libelle="Prise de participation"/></actes:Matiere1>
<actes:Matiere1 actes:CodeMatiere="8" actes:Libelle="Domaines"/></actes:Matieres></actes:RetourClassification>"""


def latin(text: str) -> bytes:
    return text.encode("iso-8859-1")


def test_acknowledgement_is_read() -> None:
    assert read_answer(latin(ACKNOWLEDGED)) == Acknowledgement("086-123456782-20240610-2024_0012-DE", date(2024, 6, 13))


@pytest.mark.parametrize("kind", ["AnomalieActe", "AnomalieEnveloppe"])
def test_anomaly_is_read(kind: str) -> None:
    text = f"<actes:{kind} {NS}><actes:Nature>002</actes:Nature><actes:Detail>Pièce illisible</actes:Detail></actes:{kind}>"
    assert read_answer(text.encode()) == Anomaly("Nature 002 : Pièce illisible")


def test_classification_is_read_with_its_local_levels() -> None:
    read = read_classification(latin(CLASSIFICATION))
    assert read.dated_on == date(2019, 3, 1)
    assert list(read.matters) == ["7", "7.1", "7.1.1", "7.10", "7.9", "8"]
    assert sorted(read.matters, key=matter_path) == ["7", "7.1", "7.1.1", "7.9", "7.10", "8"]
    assert read.shortened == 1
    assert len(read.matters["7.1.1"]) == 200
    assert [(piece.nature, piece.code) for piece in read.pieces] == [("DE", "99_DE"), ("DE", "99_SE")]


def test_a_remark_or_an_unknown_element_among_the_matters_is_stepped_over() -> None:
    strange = CLASSIFICATION.replace(
        "<actes:Matieres>", '<actes:Matieres><!-- 2019 --><actes:Note actes:CodeMatiere="9"/>'
    )
    assert read_classification(latin(strange)) == read_classification(latin(CLASSIFICATION))


def test_a_classification_holds_so_many_matters_and_no_more() -> None:
    def classification(count: int) -> bytes:
        rows = [f'<Matiere2 CodeMatiere="{rank}"/>' for rank in range(1, 1000)]
        parts = [rows[: min(999, count - start - 1)] for start in range(0, count, 1000)]
        tree = "".join(
            f'<Matiere1 CodeMatiere="{rank}">{"".join(part)}</Matiere1>' for rank, part in enumerate(parts, 1)
        )
        return f"<RetourClassification><DateClassification>2019-03-01</DateClassification><Matieres>{tree}</Matieres></RetourClassification>".encode()

    assert len(read_classification(classification(MOST_LINES)).matters) == MOST_LINES
    with pytest.raises(MessageError, match="plus de 5000 matières"):
        read_classification(classification(MOST_LINES + 1))


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "lisible"),
        (b"PK\x03\x04", "lisible"),
        (b"<a>\x00</a>", "lisible"),
        (b"<a" * 3000 + b">", "lisible"),
        (b"<a>" * 5000 + b"</a>" * 5000, "lisible"),
        (f"{BOMB}<a>&b;</a>".encode(), "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ARActe IDActe="&x;"/>', "lisible"),
        (b"<html/>", "ARActe"),
        (f"<actes:ARActe {NS} actes:DateReception='2024-06-13'/>".encode(), "pas d'identifiant"),
        (f"<actes:ARActe {NS} actes:IDActe='x' actes:DateReception='demain'/>".encode(), "« demain »"),
        (b" " * (LARGEST_MESSAGE + 1), "2 Mo"),
    ],
)
def test_hostile_answers_are_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        read_answer(content)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("RetourClassification", "ARActe", "RetourClassification"),
        ('CodeMatiere="10"', 'CodeMatiere="1"', "7.1 est deux fois"),
        ('CodeMatiere="10"', 'CodeMatiere="dix"', "« dix »"),
        ('TypeAbrege="DE"', 'TypeAbrege="XX"', "nature d'acte « XX »"),
        ("2019-03-01", "hier", "« hier »"),
        ("Matiere", "Autre", "aucune matière"),
        ("DateClassification", "DateInconnue", "ne porte pas sa date"),
    ],
)
def test_wrong_classifications_are_refused_in_words(old: str, new: str, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        read_classification(latin(CLASSIFICATION.replace(old, new)))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in (read_answer, read_classification):
        with pytest.raises(MessageError):
            read(content)


@given(st.text(max_size=500))
def test_labels_fit(label: str) -> None:
    assert len(shorten(label)) <= 200


@given(st.lists(st.lists(st.integers(1, 999), min_size=1, max_size=5), min_size=2, max_size=6))
def test_matters_sort_by_number(codes: list[list[int]]) -> None:
    written = [".".join(map(str, code)) for code in codes]
    assert sorted(written, key=matter_path) == [".".join(map(str, code)) for code in sorted(codes)]
