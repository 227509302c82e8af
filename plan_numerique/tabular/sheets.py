"""Reads one sheet of a workbook in a process of its own, with bounded memory: a workbook of 5 KB may name a cell so far away that the
reader asks for 500 GB and takes its process down (measured). Run as a script by `reading`; imports nothing of the project.

Arguments: most rows, most columns, name of the sheet ("" for the first shown that holds something). The workbook comes on stdin; out
goes a pickle of what was found, {"sheets": names, "sheet": name, "hidden": names, "first": number of the first row, "left": of the
first column, "merged": ranges, "blank": formulas without a result, "faults": cells like #N/A} or {"refused": why}, then pickles of
CHUNK rows (lists of cells) up to an empty one."""

import io
import pickle
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MAX_MEMORY = 1_500_000_000
MAX_OUTPUT = 1_000_000_000
MAX_MERGED = 5_000
CHUNK = 500
SHOWN = 5
UNREADABLE = (
    KeyError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)
BLOCK = 1 << 16
Rows = Iterable[list[Any]]


def read_sheet(content: bytes, wanted: str, max_rows: int, max_columns: int) -> tuple[dict[str, Any], Rows]:
    try:
        found, sheet = _choose(CalamineWorkbook.from_filelike(io.BytesIO(content)), wanted)
    except PasswordError:
        return {"refused": "password"}, ()
    except (CalamineError, ValueError):
        return {"refused": "password" if is_encrypted(content) else "broken"}, ()
    if sheet is None:
        return found, ()
    (top, left), (bottom, right) = sheet.start, sheet.end
    if bottom - top >= max_rows or right - left >= max_columns:
        return {"refused": "rows" if bottom - top >= max_rows else "columns"}, ()
    marks = read_marks(content, sheet.name)
    ranges = sheet.merged_cell_ranges or marks["merged"]
    if len(ranges) > MAX_MERGED:
        return {"refused": "merged"}, ()
    place = {"sheet": sheet.name, "first": top + 1, "left": left}
    return {**found, **marks, **place, "merged": ranges}, islice(sheet.iter_rows(), top, None)


def is_encrypted(content: bytes) -> bool:
    """An ODS with a password, which the reader does not know for an ODS."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("META-INF/manifest.xml") as stream:
            return b"encryption-data" in stream.read(BLOCK)
    except UNREADABLE:
        return False


def _choose(book: CalamineWorkbook, wanted: str) -> tuple[dict[str, Any], Any]:
    sheets = [item for item in book.sheets_metadata if item.typ == SheetTypeEnum.WorkSheet]
    shown = [item.name for item in sheets if item.visible == SheetVisibleEnum.Visible]
    hidden = [item.name for item in sheets if item.visible != SheetVisibleEnum.Visible]
    if wanted and wanted not in (*shown, *hidden):
        return {"refused": "sheet", "sheets": shown}, None
    held = (book.get_sheet_by_name(name) for name in ([wanted] if wanted else shown))
    sheet = next((sheet for sheet in held if sheet.start and sheet.end), None)
    if sheet is None:
        full = [name for name in hidden if not wanted and book.get_sheet_by_name(name).start]
        return ({"refused": "hidden", "hidden": full} if full else {"refused": "empty"}), None
    return {"sheets": shown, "hidden": hidden}, sheet


def read_marks(content: bytes, name: str) -> dict[str, Any]:
    """What the reader of cells does not tell. A part that does not read as XML tells nothing: the reader has its own word on it."""
    marks: dict[str, Any] = {"merged": [], "blank": [], "faults": []}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        try:
            if "content.xml" in names:
                _parse(archive, "content.xml", OdsMarks(marks, name), (b"-spanned=", b"formula=", b'"error"'))
            elif part := _part_of(archive, name):
                _parse(archive, part, XlsxMarks(marks), (b"<f", b":f>", b":f ", b't="e"'))
        except (expat.ExpatError, *UNREADABLE):
            pass
    return marks


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            yield block


def _parse(archive: zipfile.ZipFile, part: str, marks: Any, signs: tuple[bytes, ...]) -> None:
    """Only where one of the signs is there: the most of files has none, and parsing costs more than reading."""
    tail, seen = b"", False
    for block in _blocks(archive, part):
        text = tail + block
        if any(sign in text for sign in signs):
            seen = True
            break
        tail = block[-16:]
    if not seen:
        return
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = marks.start, marks.end
    parser.CharacterDataHandler = marks.text
    for block in _blocks(archive, part):
        parser.Parse(block)


def _elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, values: found.append(values) if name.endswith(wanted) else None
    parser.Parse(archive.read(part), True)
    return found


def _part_of(archive: zipfile.ZipFile, name: str) -> str:
    keys = [
        value
        for item in _elements(archive, "xl/workbook.xml", "sheet")
        if item.get("name") == name
        for field, value in item.items()
        if field.endswith(":id")
    ]
    links = {
        link.get("Id"): link["Target"] for link in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    target = links[keys[0]] if keys else ""
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class XlsxMarks:
    def __init__(self, marks: dict[str, Any]) -> None:
        self.marks, self.cell, self.formula, self.value, self.inside = marks, "", False, False, ""

    def start(self, name: str, values: dict[str, str]) -> None:
        self.inside = name.rpartition(":")[2]
        if self.inside == "c":
            self.cell, self.formula, self.value = values.get("r", "?"), False, False
            if values.get("t") == "e":
                self.marks["faults"].append(self.cell)
        elif self.inside == "f":
            self.formula = True
        elif self.inside == "is":
            self.value = True

    def text(self, data: str) -> None:
        if self.inside == "v" and data:
            self.value = True

    def end(self, name: str) -> None:
        self.inside = ""
        if name.rpartition(":")[2] == "c" and self.formula and not self.value:
            self.marks["blank"].append(self.cell)


class OdsMarks:
    """Rows and cells counted, repeated ones as often as they are: {formula, value} of the table that is read."""

    def __init__(self, marks: dict[str, Any], name: str) -> None:
        self.marks, self.wanted, self.within = marks, name, False
        self.row = self.column = self.rows = 0
        self.blank, self.depth = False, 0

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "table:table":
            self.within, self.row, self.rows = values.get("table:name") == self.wanted, 0, 0
        elif not self.within:
            return
        elif name == "table:table-row":
            self.row, self.column = self.row + self.rows, 0
            self.rows = int(values.get("table:number-rows-repeated", 1))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(values)

    def _cell(self, values: dict[str, str]) -> None:
        wide, high = (int(values.get(f"table:number-{side}-spanned", 1)) for side in ("columns", "rows"))
        if wide > 1 or high > 1:
            self.marks["merged"].append(((self.row, self.column), (self.row + high - 1, self.column + wide - 1)))
        ref = f"{letters(self.column)}{self.row + 1}"
        if values.get("calcext:value-type") == "error":
            self.marks["faults"].append(ref)
        elif "table:formula" in values and "office:value-type" not in values:
            self.marks["blank"].append(ref)
        self.column += int(values.get("table:number-columns-repeated", 1))

    def text(self, data: str) -> None:
        pass

    def end(self, name: str) -> None:
        if name == "table:table":
            self.within = False


def letters(column: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    while column >= 0:
        name, column = chr(65 + column % 26) + name, column // 26 - 1
    return name


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
    max_rows, max_columns, wanted = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    found, rows = read_sheet(sys.stdin.buffer.read(), wanted, max_rows, max_columns)
    for kind in ("blank", "faults"):
        found[kind] = (len(found.get(kind, ())), found.get(kind, [])[:SHOWN])
    out = sys.stdout.buffer
    pickle.dump(found, out, protocol=pickle.HIGHEST_PROTOCOL)
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        pickle.dump(chunk, out, protocol=pickle.HIGHEST_PROTOCOL)
    pickle.dump([], out, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
