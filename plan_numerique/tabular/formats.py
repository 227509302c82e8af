"""A file given back as it came: the user's format, separator and encoding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from plan_numerique.tabular.ods import write_ods
from plan_numerique.tabular.writing import Sheet, csv_cell, write_csv_as, write_workbook

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True)
class Format:
    """`kind`: csv, xlsx or ods; the rest holds for a CSV only."""

    kind: str = "csv"
    separator: str = ";"
    encoding: str = "utf-8-sig"
    newline: str = "\r\n"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]


def write(form: Format, sheets: Sequence[Sheet]) -> bytes:
    """A CSV holds the first sheet only."""
    if form.kind == "xlsx":
        return write_workbook(sheets, streamed=True)
    if form.kind == "ods":
        return write_ods(sheets)
    first = sheets[0]
    rows: Iterable[Sequence[Any]] = _cells(first.rows)
    return write_csv_as(first.header, rows, separator=form.separator, encoding=form.encoding, newline=form.newline)


def _cells(rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [csv_cell(value) for value in row]
