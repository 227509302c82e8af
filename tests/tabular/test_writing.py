import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from plan_numerique.tabular.writing import Sheet, write_csv, write_workbook, write_xlsx

HEADER = ["Nom", "Montant", "Date", "Oui"]
ROWS = [
    ["=1+1", 1234.5, date(2018, 9, 3), True],
    ["@cmd", None, None, False],
    ["École", 3, datetime(2018, 9, 3, 8, 30, tzinfo=UTC), True],
]


def test_csv_opens_right_in_a_french_spreadsheet() -> None:
    content = write_csv(HEADER, ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Nom;Montant;Date;Oui"
    assert lines[1] == "'=1+1;1234,5;03/09/2018;Oui"
    assert lines[2] == "'@cmd;;;Non"
    assert lines[3] == "École;3;03/09/2018 10:30;Oui"


def test_xlsx_is_typed_and_holds_no_formula() -> None:
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(write_xlsx("Écoles [2018]: liste/test, trop longue pour un onglet", HEADER, ROWS))
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == HEADER
    assert rows[1] == ["'=1+1", 1234.5, date(2018, 9, 3), True]
    assert rows[2][0] == "'@cmd"
    assert rows[3][2] == datetime(2018, 9, 3, 10, 30)
    assert len(book.sheet_names[0]) <= 31


MOMENTS = [
    (datetime(2024, 12, 31, 13, 5, tzinfo=UTC), "31/12/2024 14:05"),
    (datetime(2024, 7, 14, 22, 59, 30, tzinfo=UTC), "15/07/2024 00:59"),
    (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "27/10/2024 02:30"),
    (datetime(2024, 10, 27, 1, 30, tzinfo=UTC), "27/10/2024 02:30"),
    (datetime(2026, 1, 5, 8, 0), "05/01/2026 08:00"),
]


@pytest.mark.parametrize("moment, written", MOMENTS)
def test_a_moment_is_written_as_the_clock_showed_it(moment: datetime, written: str) -> None:
    assert write_csv(["A"], [[moment]]).decode("utf-8-sig").splitlines() == ["A", written]
    content = write_xlsx("x", ["A"], [[moment]])
    read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1][0]
    assert isinstance(read, datetime)
    shown = read + timedelta(milliseconds=1)  # spreadsheets keep it as a fraction of a day
    assert f"{shown:%d/%m/%Y %H:%M}" == written
    assert shown.second == moment.second
    styles = zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml").decode()
    assert 'formatCode="dd/mm/yyyy hh:mm"' in styles


def test_an_empty_export_has_its_header() -> None:
    assert CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx("", HEADER, []))).get_sheet_by_index(0).to_python() == [
        HEADER
    ]


def test_a_workbook_has_its_sheets_with_names_that_differ() -> None:
    amounts = [["Reste", Decimal(-1234) / 100], ["=x", None]]
    sheets = [Sheet("Synthèse", ["Nom", "Montant"], amounts), Sheet("SYNTHÈSE", HEADER, ROWS), Sheet("[]", [], [])]
    book = CalamineWorkbook.from_filelike(io.BytesIO(write_workbook(sheets)))
    assert book.sheet_names == ["Synthèse", "SYNTHÈSE (2)", "Export"]
    assert book.get_sheet_by_index(0).to_python() == [["Nom", "Montant"], ["Reste", -12.34], ["'=x", ""]]
    long = [Sheet("x" * 40, HEADER, []) for _ in range(12)]
    names = CalamineWorkbook.from_filelike(io.BytesIO(write_workbook(long))).sheet_names
    assert len(set(names)) == 12
    assert max(map(len, names)) == 31


def test_an_amount_has_two_decimals_in_a_csv() -> None:
    assert write_csv(["A"], [[Decimal(-10) / 100], [Decimal(1500)]]).decode("utf-8-sig").split() == [
        "A",
        "-0,10",
        "1500,00",
    ]
