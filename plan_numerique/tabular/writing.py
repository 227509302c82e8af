"""Exports that French spreadsheets open right: XLSX typed, CSV with `;` and a byte order mark."""

import csv
import gc
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.timezone import get_default_timezone

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SIGNED = re.compile(r"[-+] ?\d[\d .,\u00a0\u202f]*[%€]?", re.ASCII)
FORMATS = {
    "head": {"bold": True},
    "day": {"num_format": "dd/mm/yyyy"},
    "moment": {"num_format": "dd/mm/yyyy hh:mm"},
    "amount": {"num_format": "#,##0.00"},
}
NAME_LENGTH = 31  # of a sheet, as spreadsheets allow
MOMENT_LENGTH = len("31/12/2024 14:05")
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 -- of the numbers that spreadsheets keep for dates
CELL_LENGTH = 32_767


@dataclass(frozen=True)
class Sheet:
    """A cell is None, text, bool, number, date or datetime; a Decimal is an amount, shown with two decimals. A spreadsheet knows no
    time zone: a moment is written as the clock showed it here."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


@contextmanager
def _no_collection() -> Iterator[None]:
    """A sheet makes a small object for each cell and no cycle: looking for cycles among them takes a third of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def safe_text(value: str) -> str:
    """A text that a spreadsheet would run as a formula is kept as text by a leading apostrophe; a signed number runs nothing."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) and not SIGNED.fullmatch(value) else value


def here(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(get_default_timezone())


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        return value
    return safe_text(str(value))


def csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return safe_text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float | Decimal):
        text = f"{value:.2f}" if isinstance(value, Decimal) else f"{value:.4f}".rstrip("0").rstrip(".")
        return text.replace(".", ",")
    if isinstance(value, date):
        return _dated(value)
    return value if isinstance(value, int) else safe_text(str(value))


def _dated(day: date) -> str:
    if not isinstance(day, datetime):
        return f"{day:%d/%m/%Y}"
    moment = here(day)
    return f"{moment.day:02}/{moment.month:02}/{moment.year:04} {moment.hour:02}:{moment.minute:02}"


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    return write_csv_as(header, ([csv_cell(value) for value in row] for row in rows))


def write_csv_as(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    separator: str = ";",
    encoding: str = "utf-8-sig",
    newline: str = "\r\n",
) -> bytes:
    """Cells are written as they are: it is the caller who makes them safe. What the encoding does not hold becomes « ? »."""
    out = io.BytesIO()
    text = io.TextIOWrapper(out, encoding=encoding, errors="replace", newline="", write_through=True)
    writer = csv.writer(text, delimiter=separator, lineterminator=newline)
    writer.writerow(header)
    writer.writerows(rows)
    text.flush()
    return out.getvalue()


def write_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    return write_workbook([Sheet(title, header, rows)])


def write_workbook(sheets: Iterable[Sheet], *, streamed: bool = False) -> bytes:
    """Each with a frozen header and filters, dates and numbers typed; nothing is ever written as a formula. `streamed`: one row in
    memory, the others on disk."""
    out = io.BytesIO()
    held = {"constant_memory": True} if streamed else {"in_memory": True}
    book = xlsxwriter.Workbook(out, {**held, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {name: book.add_format(options) for name, options in FORMATS.items()}
    names: set[str] = set()
    with _no_collection():
        for sheet in sheets:
            name = sheet_name(sheet.title, names)
            names.add(name.casefold())
            _write_sheet(book.add_worksheet(name), sheet, formats)
        book.close()
    return out.getvalue()


def sheet_name(title: str, taken: set[str]) -> str:
    """Without what spreadsheets refuse, unlike the others; one would open « Synthèse » and « synthèse » as one."""
    plain = "".join(c for c in title if c not in "[]:*?/\\'" and c.isprintable()).strip() or "Export"
    name, rank = plain[:NAME_LENGTH], 1
    while name.casefold() in taken:
        rank += 1
        name = f"{plain[: NAME_LENGTH - len(str(rank)) - 3]} ({rank})"
    return name


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    widths = [len(name) for name in sheet.header]
    page.write_row(0, 0, sheet.header, formats["head"])
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            if cell is None:
                continue
            if isinstance(cell, str):
                text = safe_text(cell)[:CELL_LENGTH]
                page.write_string(count, column, text)
                width = len(text)
            else:
                _write_cell(page, count, column, _plain(cell), formats)
                width = MOMENT_LENGTH if isinstance(cell, datetime) else len(str(cell or ""))
            widths[column] = max(widths[column], width)
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width + 2, 60))
    page.freeze_panes(1, 0)
    if sheet.header:
        page.autofilter(0, 0, count, len(sheet.header) - 1)


def _write_cell(page: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, datetime):
        gone = here(value).replace(tzinfo=None) - DAY_ZERO
        page.write_number(row, column, gone / timedelta(days=1), formats["moment"])
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, time()), formats["day"])
    elif isinstance(value, str):
        page.write_string(row, column, value[:CELL_LENGTH])
    elif isinstance(value, Decimal):
        page.write_number(row, column, value, formats["amount"])
    elif value is not None:
        page.write(row, column, value)
