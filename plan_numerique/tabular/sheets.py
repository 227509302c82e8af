"""Reads one sheet of a workbook in a process of its own, with bounded memory: a workbook of 5 KB may name a cell so far away that the
reader asks for 500 GB and takes its process down (measured). Run as a script by `reading`; imports nothing of the project.

Arguments: most rows, most columns, name of the sheet ("" for the first that holds something). The workbook comes on stdin; out goes
a pickle: {"sheets": names, "sheet": name, "first": number of the first row held, "rows": lists of cells} or {"refused": why}."""

import io
import pickle
import resource
import sys
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

MAX_MEMORY = 1_500_000_000


def read_sheet(content: bytes, wanted: str, max_rows: int, max_columns: int) -> dict[str, Any]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [item.name for item in book.sheets_metadata if item.typ == SheetTypeEnum.WorkSheet]
        if wanted and wanted not in names:
            return {"refused": "sheet", "sheets": names}
        held = (book.get_sheet_by_name(name) for name in ([wanted] if wanted else names))
        sheet = next((sheet for sheet in held if sheet.start is not None), None)
    except PasswordError:
        return {"refused": "password"}
    except (CalamineError, ValueError):
        return {"refused": "broken"}
    if sheet is None or sheet.start is None or sheet.end is None:
        return {"refused": "empty"}
    (top, left), (bottom, right) = sheet.start, sheet.end
    if bottom - top >= max_rows or right - left >= max_columns:
        return {"refused": "rows" if bottom - top >= max_rows else "columns"}
    return {"sheets": names, "sheet": sheet.name, "first": top + 1, "rows": sheet.to_python()}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    max_rows, max_columns, wanted = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    found = read_sheet(sys.stdin.buffer.read(), wanted, max_rows, max_columns)
    pickle.dump(found, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
