import io
from datetime import UTC, date, datetime

from python_calamine import CalamineWorkbook

from plan_numerique.tabular.writing import write_csv, write_xlsx

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
    assert lines[3] == "École;3;03/09/2018 08:30;Oui"


def test_xlsx_is_typed_and_holds_no_formula() -> None:
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(write_xlsx("Écoles [2018]: liste/test, trop longue pour un onglet", HEADER, ROWS))
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == HEADER
    assert rows[1] == ["'=1+1", 1234.5, date(2018, 9, 3), True]
    assert rows[2][0] == "'@cmd"
    assert len(book.sheet_names[0]) <= 31


def test_an_empty_export_has_its_header() -> None:
    assert CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx("", HEADER, []))).get_sheet_by_index(0).to_python() == [
        HEADER
    ]
