"""What workbooks hold beside cells: hidden sheets, merged cells, formulas, traps. And what is read of a large one at a time."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular import reading
from plan_numerique.tabular.formats import MEDIA_TYPES, Format, write
from plan_numerique.tabular.merged import below, filler, told
from plan_numerique.tabular.ods import write_ods
from plan_numerique.tabular.reading import open_table, read_table, read_text
from plan_numerique.tabular.sheets import letters, read_marks, read_sheet
from plan_numerique.tabular.writing import Sheet, safe_text
from tests.tabular.test_reading import ods


def book(fill: Callable[[Any], Any]) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(made)
    made.close()
    return out.getvalue()


def rows_of(sheet: Any, *rows: list[Any]) -> None:
    for rank, row in enumerate(rows):
        sheet.write_row(rank, 0, row)


def refused(content: bytes, **more: Any) -> str:
    with pytest.raises(DomainError) as caught, open_table(content, "a.xlsx", **more):
        pass
    assert caught.value.field == "file"
    return caught.value.message


def edited(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            target.writestr(item.filename, change(data.decode()).encode() if item.filename == part else data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_hidden_sheets_are_passed_over_and_named() -> None:
    def fill(made: Any) -> None:
        hidden, shown = made.add_worksheet("Calculs"), made.add_worksheet("Écoles")
        rows_of(hidden, ["a", "b"], [1, 2])
        rows_of(shown, ["UAI", "Nom"], ["x", "y"])
        shown.activate()
        hidden.hide()

    table = read_table(book(fill), "a.xlsx")
    assert (table.sheet, table.sheets, table.header) == ("Écoles", ("Écoles",), ("UAI", "Nom"))
    assert table.warnings == ["Des feuilles masquées ne sont pas lues : « Calculs »."]
    assert read_table(book(fill), "a.xlsx", sheet="Calculs").header == ("a", "b")


def test_a_workbook_with_nothing_but_a_hidden_sheet_is_told() -> None:
    def fill(made: Any) -> None:
        hidden, empty = made.add_worksheet("Calculs"), made.add_worksheet("Vide")
        rows_of(hidden, ["a", "b"])
        empty.activate()
        hidden.hide()

    assert "n'a de contenu que dans une feuille masquée (« Calculs »)" in refused(book(fill))


def merged_book(made: Any) -> None:
    sheet = made.add_worksheet()
    sheet.merge_range("A1:D1", "Classes de la rentrée")
    rows_of(sheet)
    sheet.write_row("A2", ["UAI", "École", "Niveau", "Effectif"])
    sheet.merge_range("A3:A5", "0861030C")
    sheet.merge_range("B3:B5", "Du Lac")
    for rank, level in enumerate(["CP", "CE1", "CE2"]):
        sheet.write_row(2 + rank, 2, [level, 20 + rank])
    sheet.merge_range("C6:D6", "CM1")
    sheet.write_row("A6", ["x", "y"])


def test_merged_cells_hold_the_value_that_is_shown() -> None:
    table = read_table(book(merged_book), "a.xlsx")
    assert table.header == ("UAI", "École", "Niveau", "Effectif")
    assert [cells for _, cells in table.rows] == [
        ("0861030C", "Du Lac", "CP", 20.0),
        ("0861030C", "Du Lac", "CE1", 21.0),
        ("0861030C", "Du Lac", "CE2", 22.0),
        ("x", "y", "CM1", "CM1"),
    ]
    assert any("Cellules fusionnées (A3:A5, B3:B5, C6:D6)" in text for text in table.warnings)


def test_merged_cells_of_an_ods_too() -> None:
    def cell(text: str, more: str = "") -> str:
        return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'

    span = ' table:number-columns-spanned="1" table:number-rows-spanned="2"'
    head = f"<table:table-row>{cell('UAI')}{cell('Niveau')}</table:table-row>"
    first = f"<table:table-row>{cell('x', span)}{cell('CP')}</table:table-row>"
    second = f"<table:table-row><table:covered-table-cell/>{cell('CE1')}</table:table-row>"
    table = read_table(ods(f'<table:table table:name="F">{head}{first}{second}</table:table>'), "a.ods")
    assert [cells for _, cells in table.rows] == [("x", "CP"), ("x", "CE1")]
    assert "A2:A3" in table.warnings[0]


def test_a_title_over_the_header_is_no_header_though_merged_and_ranges_far_away_are_cut() -> None:
    ranges = [((0, 0), (0, 9)), ((4, 1), (1_000_000, 16_000)), ((2, 0), (2, 0))]
    kept = below(ranges, 2)
    assert kept == [((4, 1), (1_000_000, 16_000))]
    fill = filler(kept, 2, 0)
    assert fill(5, ("a", "b", None)) == ("a", "b", "b")
    assert fill(900, ("a", None, "z")) == ("a", "b", "b")
    assert told(kept * 5).startswith("Cellules fusionnées (B5:")
    assert "et 2 de plus" in told(kept * 5)


@pytest.mark.parametrize("place, name", [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_spreadsheets_do(place: int, name: str) -> None:
    assert letters(place) == name


def test_formulas_give_their_stored_result_and_those_without_are_told() -> None:
    def fill(made: Any) -> None:
        sheet = made.add_worksheet()
        rows_of(sheet, ["Nom", "Total", "Autre"])
        sheet.write("A2", "x")
        sheet.write_formula("B2", "=1+1", value=2)
        sheet.write_formula("C2", "=1+2", value="")
        sheet.write("A3", "y")
        sheet.write_formula("B3", "=1/0", value="#DIV/0!")
        sheet.write_formula("C3", '="a"&"b"', value="ab")

    table = read_table(book(fill), "a.xlsx")
    assert [cells for _, cells in table.rows] == [("x", 2.0, None), ("y", None, "ab")]
    told_texts = " ".join(table.warnings)
    assert "n'ont pas de résultat enregistré" in told_texts
    assert "(C2)" in told_texts
    assert "en erreur (#N/A, #REF!…)" in told_texts
    assert "(B3)" in told_texts


def test_formulas_of_an_ods_without_a_result_are_told() -> None:
    head = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{t}</text:p></table:table-cell>' for t in ("a", "b")
    )
    row = '<table:table-cell office:value-type="float" office:value="2"/><table:table-cell table:formula="of:=1+1"/>'
    content = ods(
        f'<table:table table:name="F"><table:table-row>{head}</table:table-row><table:table-row>{row}</table:table-row></table:table>'
    )
    assert read_marks(content, "F")["blank"] == ["B2"]
    assert "(B2)" in read_table(content, "a.ods").warnings[0]


def test_dates_are_read_as_dates_though_kept_as_numbers() -> None:
    def fill(made: Any) -> None:
        sheet = made.add_worksheet()
        rows_of(sheet, ["Jour", "Nombre"])
        sheet.write_datetime("A2", datetime(2018, 9, 3), made.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_number("B2", 43_346)

    (_, (day, number)) = read_table(book(fill), "a.xlsx").rows[0]
    assert reading.read_date(day) == reading.read_date(number) == date(2018, 9, 3)


ENTITY = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize("trap, name", [(ENTITY, "secret"), (LAUGHS, "c")])
@pytest.mark.parametrize("kind, part", [("xlsx", "xl/sharedStrings.xml"), ("ods", "content.xml")])
def test_entities_are_never_opened(trap: str, name: str, kind: str, part: str) -> None:
    def poison(text: str) -> str:
        head, sign, rest = text.partition("?>")
        return f"{head}{sign}{trap}{rest}".replace("École", f"&{name};").replace(
            "<table:table ", '<table:table x:formula="" ', 1
        )

    content = edited(write(Format(kind), [Sheet("F", ["Nom", "b"], [["École", "x"]])]), part, poison)
    with suppress(DomainError):
        table = read_table(content, "a")
        assert all("root:" not in str(cell) and len(str(cell)) < 200 for _, cells in table.rows for cell in cells)


def test_a_real_bomb_is_refused_in_little_memory() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("content.xml", "w", force_zip64=True) as stream,
    ):
        for _ in range(400):
            stream.write(b"0" * 1_000_000)
    assert len(out.getvalue()) < 1_000_000
    assert "trop étendu" in refused(out.getvalue())


def test_a_bomb_that_lies_about_its_size_takes_only_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_SECONDS", 0.01)
    assert "trop étendu" in refused(book(merged_book))


def test_too_many_merged_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_numerique.tabular.sheets.MAX_MERGED", 2)
    assert read_sheet(book(merged_book), "", 100, 100)[0] == {"refused": "merged"}
    assert "défusionner" in reading._why("merged", "a.xlsx", "", {})


def test_a_file_of_200_mb_is_refused() -> None:
    class Large(bytes):
        def __len__(self) -> int:
            return 200_000_000

    assert "pèse 200 Mo : 20 Mo au plus" in refused(Large(b"a;b\n"))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_rows_are_read_one_by_one_and_again(kind: str) -> None:
    content = write(Format(kind), [Sheet("F", ["a", "b"], ([str(n), "x"] for n in range(1_234)))])
    with open_table(content, "f") as table:
        assert (table.count, table.form.kind) == (1_234, kind)
        first = table.rows()
        assert next(first) == (2, ("0", "x"))
        assert len(list(table.rows())) == 1_234
        assert next(first) == (3, ("1", "x"))


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_tells_how_it_was_written(separator: str, encoding: str) -> None:
    text = f"Nom{separator}Été\nécole{separator}2\n"
    with open_table(text.encode(encoding), "f.csv") as table:
        form = table.form
        assert form == Format("csv", separator, encoding, "\n")
        again = write(form, [Sheet("F", table.header, [cells for _, cells in table.rows()])])
    assert again == text.encode(encoding)


cells = st.none() | st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="'\ufeff"), min_size=1, max_size=9) | st.integers(
    -(10**9), 10**9
) | st.dates(date(1955, 1, 1), date(2100, 1, 1)) | st.booleans()  # fmt: skip


@settings(max_examples=15)
@given(st.lists(st.tuples(st.just("x"), cells, cells), min_size=1, max_size=6))
def test_our_workbooks_are_read_back(rows: list[Any]) -> None:
    for kind in ("xlsx", "ods"):
        table = read_table(write(Format(kind), [Sheet("F", ["k", "a", "b"], rows)]), "f")
        assert [[read_text(cell) for cell in found] for _, found in table.rows] == [
            [read_text(safe_text(cell) if isinstance(cell, str) else cell) for cell in row] for row in rows
        ]


def test_an_ods_is_what_the_format_says() -> None:
    moment = datetime(2018, 9, 3, 8, 30)
    rows = [["=1+1", "deux\nlignes <&>", "\x01nul", time(8, 30)], [1.5, True, moment, None]]
    content = write_ods([Sheet("Aide", ["a", "b", "c", "d"], rows), Sheet("aide", ["é"], [])])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype").decode() == MEDIA_TYPES["ods"]
        assert b"table:formula" not in archive.read("content.xml")
    table = read_table(content, "a.ods")
    assert table.sheets == ("Aide", "aide (2)")
    assert table.rows[0][1] == ("'=1+1", "deux\nlignes <&>", " nul", "08:30:00")
    assert table.rows[1][1][:3] == (1.5, True, moment)


@pytest.mark.parametrize(
    "text, safe",
    [
        ("-12,5", "-12,5"),
        ("+33 5 49", "+33 5 49"),
        ("-1+1", "'-1+1"),
        ("=1", "'=1"),
        ("@a", "'@a"),
        ("-", "'-"),
        ("-2 %", "-2 %"),
    ],
)
def test_a_signed_number_runs_nothing(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def test_an_ods_with_a_password_is_told() -> None:
    content = edited(
        write_ods([Sheet("F", ["a", "b"], [[1, 2]])]),
        "META-INF/manifest.xml",
        lambda text: text.replace('manifest:full-path="content.xml" manifest:media-type="text/xml"/>', 'manifest:full-path="content.xml"'
            ' manifest:media-type="text/xml"><manifest:encryption-data/></manifest:file-entry>'),
    )  # fmt: skip
    assert "protégé par un mot de passe" in refused(content)
