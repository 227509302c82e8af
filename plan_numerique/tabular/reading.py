"""Reading tables: files that people send (J1), of any spreadsheet, with limits; and our own files. A table is read as it is walked
through: what is in memory is the file as it was sent and one row."""

import codecs
import csv
import io
import pickle
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular import merged
from plan_numerique.tabular.cells import is_empty, read_cents, read_date, read_text, read_year
from plan_numerique.tabular.formats import Format

__all__ = [
    "Format", "OpenTable", "Table", "is_empty", "open_table", "read_cents", "read_date", "read_records", "read_table", "read_text",
    "read_year",
]  # fmt: skip

MAX_BYTES = 20_000_000
MAX_COLUMNS = 200
MAX_ROWS = 200_000
MAX_LINES = 2 * MAX_ROWS  # empty ones counted
MAX_UNPACKED = 300_000_000
MAX_SECONDS = 60
MAX_CELL = 100_000  # characters; a spreadsheet's cell holds 32 767
SAMPLE = 100_000
SLICE = 1 << 16
SEPARATORS = (";", ",", "\t", "|")
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
NO_WINDOWS = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
Row = tuple[Any, ...]
Lines = Callable[[], Iterator[tuple[int, Row]]]
"""Walks through the lines from the first, as often as it is called."""


@dataclass(frozen=True)
class Table:
    """`header`: names of columns, none empty, none twice. `rows`: (line as a spreadsheet numbers it, cells), each as long as the
    header, empty lines left out; a cell is None, text, number, bool, date or datetime (from a CSV: None or text)."""

    header: tuple[str, ...]
    rows: list[tuple[int, Row]]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OpenTable:
    """A `Table` of `count` rows that `rows()` reads one by one, again at each call. `form`: how the file was written."""

    header: tuple[str, ...]
    rows: Lines
    count: int
    form: Format
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Found:
    lines: Lines
    form: Format
    warnings: list[str]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    left: int = 0
    ranges: list[merged.Range] = field(default_factory=list)


def read_records(path: Path) -> list[dict[str, str]]:
    """Rows of our own UTF-8 `;` files, by column name."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def read_table(content: bytes, filename: str, *, sheet: str = "") -> Table:
    """`open_table`, whole."""
    with open_table(content, filename, sheet=sheet) as table:
        return Table(table.header, list(table.rows()), table.sheet, table.sheets, table.warnings)


@contextmanager
def open_table(content: bytes, filename: str, *, sheet: str = "") -> Iterator[OpenTable]:
    """The table of a CSV, XLSX or ODS file, told by its bytes rather than by its name. `sheet`: the one to read, else the first shown
    that holds something. The header is the first line with two cells or more (a title above it is told in `warnings`), or the first
    of all. DomainError on `file` says what is wrong: empty, too large, neither of these formats, protected, broken."""
    name = Path(filename).name[:80] or "fichier"
    if not content.strip():
        raise _refusal(f"« {name} » est vide.")
    if len(content) > MAX_BYTES:
        raise _refusal(f"« {name} » pèse {len(content) // 1_000_000} Mo : {MAX_BYTES // 1_000_000} Mo au plus.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refusal(
            f"« {name} » est un ancien classeur (.xls) ou un classeur protégé par un mot de passe :"
            " l'enregistrer sans mot de passe au format XLSX, ODS ou CSV."
        )
    if content.startswith(b"PK"):
        with tempfile.TemporaryFile() as stream:
            yield _headed(_open_workbook(content, name, sheet, stream), name)
    else:
        yield _headed(_open_csv(content, name), name)


def _refusal(message: str) -> DomainError:
    return DomainError(message, field="file")


@dataclass
class _Shape:
    """What is known of the whole after one walk."""

    held: int = 0
    widest: int = 0
    above: int = 0
    longer: int = 0
    first: tuple[int, Row] | None = None
    head: tuple[int, Row] | None = None

    def see(self, number: int, cells: Row) -> None:
        if not (width := _width(cells)):
            return
        self.held, self.widest = self.held + 1, max(self.widest, width)
        self.first = self.first or (number, cells)
        if self.head:
            self.longer = self.longer or (number if width > len(self.head[1]) else 0)
        elif sum(not is_empty(cell) for cell in cells) > 1:
            self.head, self.above = (number, cells[:width]), self.held - 1


def _headed(found: _Found, name: str) -> OpenTable:
    shape = _Shape()
    for number, cells in found.lines():
        shape.see(number, cells)
        if shape.held > MAX_ROWS + 1:
            raise _refusal(f"« {name} » a plus de {MAX_ROWS} lignes : le partager en plusieurs fichiers.")
    if shape.first is None:
        raise _refusal(f"« {name} » est vide.")
    if shape.widest > MAX_COLUMNS:
        raise _refusal(f"« {name} » a {shape.widest} colonnes : {MAX_COLUMNS} au plus.")
    number, cells = shape.head or shape.first
    warnings = found.warnings
    if shape.above:
        warnings.append(f"L'en-tête est pris à la ligne {number} : ce qui est au-dessus n'est pas lu.")
    if shape.longer and found.form.kind == "csv":
        warnings.append(
            f"La ligne {shape.longer} a plus de cellules que l'en-tête : un texte y contient peut-être le séparateur, sans guillemets."
        )
    ranges = merged.below(found.ranges, number)
    if ranges:
        warnings.append(merged.told(ranges))
    first = merged.filler(ranges, number, found.left)(number, _row(cells, shape.widest))
    rows = _rows(found, ranges, number, shape.widest)
    count = shape.held - 1 - shape.above
    return OpenTable(_names(first, warnings), rows, count, found.form, found.sheet, found.sheets, warnings)


def _rows(found: _Found, ranges: list[merged.Range], head: int, width: int) -> Lines:
    def rows() -> Iterator[tuple[int, Row]]:
        fill = merged.filler(ranges, head, found.left)
        for number, cells in found.lines():
            if number > head and _width(cells):
                yield number, fill(number, _row(cells, width))

    return rows


def _width(cells: Row) -> int:
    """Cells up to the last that holds something."""
    return next((rank for rank in range(len(cells), 0, -1) if not is_empty(cells[rank - 1])), 0)


def _row(cells: Row, width: int) -> Row:
    return tuple(None if is_empty(cell) else cell for cell in cells[:width]) + (None,) * (width - len(cells))


def _names(cells: Row, warnings: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for rank, cell in enumerate(cells, start=1):
        text = " ".join(read_text(cell).split())
        name = text[:200] or f"Colonne {rank}"
        if not text:
            warnings.append(f"La colonne {rank} n'a pas de nom : elle est appelée « {name} ».")
        while name in names:
            name = f"{name} ({rank})"
        if text and name != text[:200]:
            warnings.append(f"Deux colonnes s'appellent « {text[:200]} » : la suivante est appelée « {name} ».")
        names.append(name)
    return tuple(names)


def _open_workbook(content: bytes, name: str, sheet: str, stream: IO[bytes]) -> _Found:
    """Read by a process of its own into `stream`, from where the rows come."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
            kind = "ods" if "content.xml" in archive.namelist() else "xlsx"
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, UnicodeDecodeError):
        raise _refusal(f"« {name} » est abîmé : l'ouvrir dans un tableur et l'enregistrer de nouveau.") from None
    too_large = _refusal(
        f"« {name} » est trop étendu une fois ouvert : ne garder que la feuille à lire, sans lignes vides."
    )
    if unpacked > MAX_UNPACKED:
        raise too_large
    program = Path(__file__).with_name("sheets.py")
    command = [sys.executable, "-I", str(program), str(MAX_ROWS + 1), str(MAX_COLUMNS), sheet.replace("\x00", "")]
    try:
        done = subprocess.run(
            command, input=content, stdout=stream, stderr=subprocess.DEVNULL, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_large from None
    if done.returncode:
        raise too_large
    stream.seek(0)
    found: dict[str, Any] = pickle.load(stream)
    if reason := found.get("refused"):
        raise _refusal(_why(reason, name, sheet, found))
    return _workbook(found, kind, sheet, stream)


def _workbook(found: dict[str, Any], kind: str, sheet: str, stream: IO[bytes]) -> _Found:
    start = stream.tell()

    def lines() -> Iterator[tuple[int, Row]]:
        place, number = start, found["first"]
        while True:
            stream.seek(place)
            chunk = pickle.load(stream)
            place = stream.tell()
            if not chunk:
                return
            yield from enumerate(map(tuple, chunk), start=number)
            number += len(chunk)

    used, names = found["sheet"], tuple(found["sheets"])
    return _Found(lines, Format(kind), _told(found, sheet), used, names, found["left"], found["merged"])


def _told(found: dict[str, Any], sheet: str) -> list[str]:
    warnings, used, names, hidden = [], found["sheet"], found["sheets"], found["hidden"]
    if len(names) > 1 and not sheet:
        warnings.append(f"Le classeur a {len(names)} feuilles : seule « {used} » est lue.")
    if hidden and used not in hidden:
        quoted = ", ".join(f"« {name[:40]} »" for name in hidden[:3])
        warnings.append(f"Des feuilles masquées ne sont pas lues : {quoted}{'…' if len(hidden) > 3 else ''}.")
    for kind, what in (
        (
            "blank",
            "Des formules n'ont pas de résultat enregistré et se lisent comme des cellules vides : ouvrir le fichier dans un tableur et l'enregistrer",
        ),
        ("faults", "Des formules en erreur (#N/A, #REF!…) se lisent comme des cellules vides"),
    ):
        count, cells = found[kind]
        if count:
            more = f" et {count - len(cells)} de plus" if count > len(cells) else ""
            warnings.append(f"{what} ({', '.join(cells)}{more}).")
    return warnings


def _why(reason: str, name: str, sheet: str, found: dict[str, Any]) -> str:
    sentences: dict[str, Callable[[], str]] = {
        "sheet": lambda: f"« {name} » n'a pas de feuille « {sheet[:40]} » : {', '.join(found['sheets'])[:200]}.",
        "hidden": lambda: (
            f"« {name} » n'a de contenu que dans une feuille masquée (« {found['hidden'][0][:40]} ») : l'afficher dans le tableur, puis enregistrer."
        ),
        "password": lambda: f"« {name} » est protégé par un mot de passe : l'enregistrer sans.",
        "empty": lambda: f"« {name} » est vide.",
        "rows": lambda: f"« {name} » a plus de {MAX_ROWS} lignes : le partager en plusieurs fichiers.",
        "columns": lambda: f"« {name} » a plus de {MAX_COLUMNS} colonnes : ne garder que celles à lire.",
        "merged": lambda: f"« {name} » a trop de cellules fusionnées : les défusionner dans le tableur.",
        "broken": lambda: (
            f"« {name} » n'est pas un classeur XLSX ou ODS lisible : l'enregistrer de nouveau depuis un tableur."
        ),
    }
    return sentences[reason]()


def _open_csv(content: bytes, name: str) -> _Found:
    warnings: list[str] = []
    encoding = _encoding(content, name, warnings)

    def text() -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")

    sample = text().read(SAMPLE)
    first = sample.partition("\n")[0]
    told = first.strip().lower()
    skipped = int(told.startswith("sep=") and len(told) == 5)
    separator = told[-1] if skipped else _separator(sample)
    newline = "\r\n" if "\r\n" in sample or not {"\r", "\n"} & set(sample) else "\n" if "\n" in sample else "\r"

    def lines() -> Iterator[tuple[int, Row]]:
        stream = text()
        if skipped:
            stream.readline()
        number = 0
        try:
            for number, row in enumerate(_records(stream, separator), start=1 + skipped):
                yield number, tuple(row)
        except csv.Error:
            raise _refusal(
                f"« {name} » ne se lit pas comme un CSV : un guillemet n'est sans doute pas fermé."
            ) from None
        if number - skipped > MAX_LINES:
            raise _refusal(f"« {name} » a plus de {MAX_ROWS} lignes : le partager en plusieurs fichiers.")

    return _Found(lines, Format("csv", separator, encoding, newline), warnings)


def _records(stream: IO[str], separator: str) -> Iterator[list[str]]:
    """`csv.Error` on a cell above MAX_CELL: the module's own limit is the process's, any library may have moved it."""
    for row in islice(csv.reader(stream, delimiter=separator), MAX_LINES + 1):
        if row and len(max(row, key=len)) > MAX_CELL:
            raise csv.Error
        yield row


def _encoding(content: bytes, name: str, warnings: list[str]) -> str:
    """Byte order mark, UTF-8, else Windows-1252: checked to the end, slice by slice."""
    encoding = next((encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    no_table = _refusal(f"« {name} » n'est pas un tableau : les formats lus sont CSV, XLSX et ODS.")
    if encoding != "utf-16" and b"\x00" in content:
        raise no_table
    try:
        if _holds_nothing(content, encoding):
            raise no_table
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise _refusal(f"« {name} » n'est pas un texte {encoding.upper()} : l'enregistrer en CSV UTF-8.") from None
        if any(sign in content for sign in NO_WINDOWS):
            raise no_table from None
        warnings.append("Le fichier n'est pas en UTF-8 : lu en Windows-1252, vérifier les accents.")
        return "cp1252"
    return encoding


def _holds_nothing(content: bytes, encoding: str) -> bool:
    """Whether a null character is in the text; UnicodeDecodeError where it is no such text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    found = False
    for start in range(0, len(content), SLICE):
        found |= "\x00" in decoder.decode(content[start : start + SLICE])
    return found or "\x00" in decoder.decode(b"", final=True)


def _separator(text: str) -> str:
    """The one that cuts the first lines in the most cells, the same number in each line best of all. A decimal comma cuts none: the
    first line that a separator cuts must hold words."""
    found = []
    for rank, separator in enumerate(SEPARATORS):
        try:
            rows = [row for row in islice(_records(io.StringIO(text, newline=""), separator), 20) if row]
        except csv.Error:
            continue
        sizes = [len(row) for row in rows]
        cut = next((row for row in rows if len(row) > 1), [])
        if any(not cell.strip(" -+")[:1].isdigit() for cell in cut if cell.strip()):
            usual = max({size for size in sizes if size > 1}, key=lambda size: (sizes.count(size), size))
            found.append((sizes.count(usual), usual, -rank))
    return SEPARATORS[-max(found)[-1]] if found else SEPARATORS[0]
