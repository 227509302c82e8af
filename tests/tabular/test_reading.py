import csv
import io
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular import reading
from plan_numerique.tabular.reading import Table, read_table
from plan_numerique.tabular.sheets import read_sheet
from plan_numerique.tabular.writing import write_csv, write_xlsx

LINES = "Nom;Montant;Date\nÉcole Brassens;1 234,50 €;03/09/2018\nÉcole Montmidi;12,00;\n"
ROWS = [(2, ("École Brassens", "1 234,50 €", "03/09/2018")), (3, ("École Montmidi", "12,00", None))]


def workbook(cells: dict[tuple[int, int], Any], names: tuple[str, ...] = ("Feuille",)) -> bytes:
    """A workbook whose last sheet holds `cells`, the others empty."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name in names:
        sheet = book.add_worksheet(name)
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    book.close()
    return out.getvalue()


def ods(table: str) -> bytes:
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"{head}{table}</office:spreadsheet></office:body></office:document-content>")
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:x"/>')
    return out.getvalue()


def refused(content: bytes, name: str = "mandats.csv", **kwargs: Any) -> str:
    with pytest.raises(DomainError) as caught:
        read_table(content, name, **kwargs)
    assert caught.value.field == "file"
    return caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_whatever_its_writing(encoding: str, separator: str, end: str) -> None:
    content = LINES.replace(";", separator).replace("\n", end).encode(encoding)
    assert read_table(content, "a.csv") == Table(("Nom", "Montant", "Date"), ROWS)


def test_a_csv_in_windows_1252_is_read_and_told() -> None:
    table = read_table(LINES.encode("cp1252"), "a.csv")
    assert table.rows == ROWS
    assert "Windows-1252" in table.warnings[0]


def test_a_comma_cuts_a_csv_but_not_an_amount() -> None:
    assert read_table(b'Nom,Montant\n"A, B","1,5"\nC,2', "a.csv").rows == [(2, ("A, B", "1,5")), (3, ("C", "2"))]
    assert read_table(b"Montant\n1,5\n2,50\n", "a.csv").rows == [(2, ("1,5",)), (3, ("2,50",))]
    assert read_table(b"Nom;Montant, TTC\nA;1,5\nB;2,5", "a.csv").header == ("Nom", "Montant, TTC")


def test_the_line_that_spreadsheets_write_to_name_the_separator_is_obeyed() -> None:
    table = read_table(b"sep=,\nNom,Total\nA;B,2\n", "a.csv")
    assert (table.header, table.rows) == (("Nom", "Total"), [(3, ("A;B", "2"))])


def test_a_line_keeps_the_number_that_the_spreadsheet_shows() -> None:
    table = read_table(b'Etat des mandats\n\nNom;Total\n\n"deux\nlignes";1\n;\nB;2\n', "a.csv")
    assert table.header == ("Nom", "Total")
    assert [number for number, _ in table.rows] == [5, 7]
    assert "ligne 3" in table.warnings[0]


def test_columns_without_a_name_or_twice_named_are_told_apart() -> None:
    table = read_table(b"Nom;;Nom\nA;B;C;D\n", "a.csv")
    assert table.header == ("Nom", "Colonne 2", "Nom (3)", "Colonne 4")
    assert table.rows == [(2, ("A", "B", "C", "D"))]
    assert len(table.warnings) == 4
    assert "La ligne 2 a plus de cellules que l'en-tête" in table.warnings[0]


def test_a_workbook_gives_its_first_sheet_that_holds_something() -> None:
    content = workbook({(2, 1): "Nom", (2, 2): "Total", (3, 1): "A", (3, 2): 1.5}, ("Vide", "Mandats"))
    table = read_table(content, "a.xlsx")
    assert (table.sheet, table.sheets) == ("Mandats", ("Vide", "Mandats"))
    assert (table.header, table.rows) == (("Nom", "Total"), [(4, ("A", 1.5))])
    assert "Mandats" in table.warnings[0]
    assert read_table(content, "a.xlsx", sheet="Mandats").warnings == []
    assert "n'a pas de feuille « Bilan »" in refused(content, sheet="Bilan")
    assert "vide" in refused(content, sheet="Vide")


def test_an_ods_workbook_is_read() -> None:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{t}</text:p></table:table-cell>' for t in "ab"
    )
    number = '<table:table-cell office:value-type="float" office:value="2.5"><text:p>2,5</text:p></table:table-cell>'
    table = f'<table:table table:name="F"><table:table-row>{cells}</table:table-row><table:table-row>{number * 2}</table:table-row></table:table>'
    found = read_table(ods(table), "a.ods")
    assert (found.header, found.rows, found.sheets) == (("a", "b"), [(2, (2.5, 2.5))], ("F",))


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf", b";;\n;;\n", workbook({})])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refused(content) == "« mandats.csv » est vide."


@pytest.mark.parametrize(
    "content, words",
    [
        (b"PK\x03\x04 no archive", "abîmé"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "mot de passe"),
        (b"a;b\n\x00\x01", "n'est pas un tableau"),
        (b"\x89PNG\r\n\x1a\n\x81\x8d", "n'est pas un tableau"),
        (b"\xff\xfea", "UTF-16"),
        (b'a;b\n"' + b"x" * 200_000, "guillemet"),
        (";".join("c" * 201).encode(), "201 colonnes"),
        (workbook({(0, 0): "a", (0, 200): "b"}), "200 colonnes"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_a_quote_left_open_is_refused_whatever_limit_the_process_has() -> None:
    usual = csv.field_size_limit(10_000_000)
    try:
        assert "guillemet" in refused(b'a;b\n"' + b"x" * 200_000)
    finally:
        csv.field_size_limit(usual)


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("notes.txt", "rien")
    assert "n'est pas un classeur" in refused(out.getvalue())


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    monkeypatch.setattr(reading, "MAX_LINES", 5)
    rows = [["1"]] * 3
    assert "plus de 2 lignes" in refused(write_csv(["a"], rows))
    assert "plus de 2 lignes" in refused(write_xlsx("a", ["a"], rows))
    assert "plus de 2 lignes" in refused(b"a\n\n\n\n\n\n\n\n")
    assert len(read_table(write_xlsx("a", ["a"], rows[:2]), "a.xlsx").rows) == 2
    monkeypatch.setattr(reading, "MAX_BYTES", 3)
    assert "Mo au plus" in refused(b"a;b;c")


def test_a_bomb_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED", 1000)
    assert "trop étendu" in refused(workbook({(0, 0): "a"}))


def test_a_cell_far_away_does_not_take_the_process_down() -> None:
    """5 KB for which the reader would ask 500 GB: told, and only its own process dies."""
    assert "trop étendu" in refused(workbook({(0, 0): "a", (1_048_575, 16_383): "b"}))


def test_the_sheet_reader_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook({(0, 0): "a", (4, 3): "b"})
    assert list(read_sheet(content, "", 10, 10)[1])[4][3] == "b"
    assert read_sheet(content, "", 4, 10)[0] == {"refused": "rows"}
    assert read_sheet(content, "", 10, 3)[0] == {"refused": "columns"}
    assert read_sheet(content, "x", 10, 10)[0] == {"refused": "sheet", "sheets": ["Feuille"]}
    assert read_sheet(workbook({}), "", 10, 10)[0] == {"refused": "empty"}
    assert read_sheet(b"PK", "", 10, 10)[0] == {"refused": "broken"}


words = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="'\ufeff"), min_size=1, max_size=12)
records = st.lists(
    st.tuples(
        words,
        st.none() | st.integers(-(10**12), 10**12),
        st.none() | st.dates(date(1955, 1, 1), date(2100, 1, 1)),
        st.integers(1900, 2200),
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(records)
def test_our_own_exports_are_read_back(rows: list[Any]) -> None:
    header = ["Nom", "Montant", "Jour", "Année"]
    cells = [[name, None if cents is None else cents / 100, day, year] for name, cents, day, year in rows]
    for content in (write_csv(header, cells), write_xlsx("Export", header, cells)):
        table = read_table(content, "export")
        assert table.header == tuple(header)
        found = [
            (reading.read_text(a), reading.read_cents(b), reading.read_date(c), reading.read_year(d))
            for _, (a, b, c, d) in table.rows
        ]
        assert found == rows
        assert [number for number, _ in table.rows] == list(range(2, len(rows) + 2))


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"a;b\n", b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused(content: bytes, start: bytes) -> None:
    with suppress(DomainError):
        table = read_table(start + content, "x")
        assert all(len(cells) == len(table.header) for _, cells in table.rows)


def test_our_own_files_are_read_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nom;uai\nBrassens;0861030D\n", encoding="utf-8")
    assert reading.read_records(path) == [{"nom": "Brassens", "uai": "0861030D"}]


def test_a_moment_keeps_its_day() -> None:
    content = write_xlsx("x", ["a", "b"], [[datetime(2018, 9, 3, 8, 30, tzinfo=UTC), True]])
    ((_, (moment, yes)),) = read_table(content, "x.xlsx").rows
    assert reading.read_date(moment) == date(2018, 9, 3)
    assert (reading.read_text(moment), reading.read_text(yes)) == ("03/09/2018 10:30", "Oui")
