"""Reading tables: files that people send (J1), of any spreadsheet, with limits; and our own files."""

import csv
import io
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.cells import is_empty, read_cents, read_date, read_text, read_year

__all__ = ["Table", "is_empty", "read_cents", "read_date", "read_records", "read_table", "read_text", "read_year"]

MAX_BYTES = 20_000_000
MAX_COLUMNS = 200
MAX_ROWS = 200_000
MAX_LINES = 2 * MAX_ROWS  # empty ones counted
MAX_UNPACKED = 300_000_000
MAX_SECONDS = 60
MAX_CELL = 100_000  # characters; a spreadsheet's cell holds 32 767
SEPARATORS = (";", ",", "\t", "|")
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """`header`: names of columns, none empty, none twice. `rows`: (line as a spreadsheet numbers it, cells), each as long as the
    header, empty lines left out; a cell is None, text, number, bool, date or datetime (from a CSV: None or text)."""

    header: tuple[str, ...]
    rows: list[tuple[int, Row]]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)


def read_records(path: Path) -> list[dict[str, str]]:
    """Rows of our own UTF-8 `;` files, by column name."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def read_table(content: bytes, filename: str, *, sheet: str = "") -> Table:
    """The table of a CSV, XLSX or ODS file, told by its bytes rather than by its name. `sheet`: the one to read, else the first that
    holds something. The header is the first line with two cells or more (a title above it is told in `warnings`), or the first of
    all. DomainError on `file` says what is wrong: empty, too large, neither of these formats, protected, broken."""
    name = Path(filename).name[:80] or "fichier"
    if not content.strip():
        raise _refusal(f"« {name} » est vide.")
    if len(content) > MAX_BYTES:
        raise _refusal(f"« {name} » pèse {len(content) // 1_000_000} Mo : {MAX_BYTES // 1_000_000} Mo au plus.")
    warnings: list[str] = []
    if content.startswith(b"PK"):
        found = _read_workbook(content, name, sheet)
        lines = list(enumerate((tuple(row) for row in found["rows"]), start=found["first"]))
        used, names = found["sheet"], tuple(found["sheets"])
        if len(names) > 1 and not sheet:
            warnings.append(f"Le classeur a {len(names)} feuilles : seule « {used} » est lue.")
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refusal(
            f"« {name} » est un ancien classeur (.xls) ou un classeur protégé par un mot de passe :"
            " l'enregistrer sans mot de passe au format XLSX, ODS ou CSV."
        )
    else:
        lines, used, names = _read_csv(content, name, warnings), "", ()
    header, rows = _headed(lines, name, warnings)
    return Table(header, rows, used, names, warnings)


def _refusal(message: str) -> DomainError:
    return DomainError(message, field="file")


def _headed(
    lines: list[tuple[int, Row]], name: str, warnings: list[str]
) -> tuple[tuple[str, ...], list[tuple[int, Row]]]:
    held = [(number, width, cells) for number, cells in lines if (width := _width(cells))]
    if not held:
        raise _refusal(f"« {name} » est vide.")
    if len(held) > MAX_ROWS + 1:
        raise _refusal(f"« {name} » a plus de {MAX_ROWS} lignes : le partager en plusieurs fichiers.")
    widest = max(width for _, width, _ in held)
    if widest > MAX_COLUMNS:
        raise _refusal(f"« {name} » a {widest} colonnes : {MAX_COLUMNS} au plus.")
    rank = next((rank for rank, (_, _, cells) in enumerate(held) if sum(not is_empty(c) for c in cells) > 1), 0)
    if rank:
        warnings.append(f"L'en-tête est pris à la ligne {held[rank][0]} : ce qui est au-dessus n'est pas lu.")
    header = _names(_row(held[rank][2], widest), warnings)
    return header, [(number, _row(cells, widest)) for number, _, cells in held[rank + 1 :]]


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


def _read_workbook(content: bytes, name: str, sheet: str) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
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
        done = subprocess.run(command, input=content, capture_output=True, timeout=MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise too_large from None
    if done.returncode:
        raise too_large
    found: dict[str, Any] = pickle.loads(done.stdout)
    if reason := found.get("refused"):
        raise _refusal(_why(reason, name, sheet, found))
    return found


def _why(reason: str, name: str, sheet: str, found: dict[str, Any]) -> str:
    sentences: dict[str, Callable[[], str]] = {
        "sheet": lambda: f"« {name} » n'a pas de feuille « {sheet[:40]} » : {', '.join(found['sheets'])[:200]}.",
        "password": lambda: f"« {name} » est protégé par un mot de passe : l'enregistrer sans.",
        "empty": lambda: f"« {name} » est vide.",
        "rows": lambda: f"« {name} » a plus de {MAX_ROWS} lignes : le partager en plusieurs fichiers.",
        "columns": lambda: f"« {name} » a plus de {MAX_COLUMNS} colonnes : ne garder que celles à lire.",
        "broken": lambda: (
            f"« {name} » n'est pas un classeur XLSX ou ODS lisible : l'enregistrer de nouveau depuis un tableur."
        ),
    }
    return sentences[reason]()


def _read_csv(content: bytes, name: str, warnings: list[str]) -> list[tuple[int, Row]]:
    text = _decoded(content, name, warnings)
    if "\x00" in text:
        raise _refusal(f"« {name} » n'est pas un tableau : les formats lus sont CSV, XLSX et ODS.")
    first, _, rest = text.partition("\n")
    told = first.strip().lower()
    skipped = int(told.startswith("sep=") and len(told) == 5)
    separator = told[-1] if skipped else _separator(text)
    body = rest if skipped else text
    try:
        lines = [(number, tuple(row)) for number, row in enumerate(_records(body, separator), start=1 + skipped)]
    except csv.Error:
        raise _refusal(f"« {name} » ne se lit pas comme un CSV : un guillemet n'est sans doute pas fermé.") from None
    if len(lines) > MAX_LINES:
        raise _refusal(f"« {name} » a plus de {MAX_ROWS} lignes : le partager en plusieurs fichiers.")
    return lines


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """`csv.Error` on a cell above MAX_CELL: the module's own limit is the process's, any library may have moved it."""
    for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), MAX_LINES + 1):
        if row and len(max(row, key=len)) > MAX_CELL:
            raise csv.Error
        yield row


def _decoded(content: bytes, name: str, warnings: list[str]) -> str:
    encoding = next((encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise _refusal(f"« {name} » n'est pas un texte {encoding.upper()} : l'enregistrer en CSV UTF-8.") from None
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise _refusal(f"« {name} » n'est pas un tableau : les formats lus sont CSV, XLSX et ODS.") from None
    warnings.append("Le fichier n'est pas en UTF-8 : lu en Windows-1252, vérifier les accents.")
    return text


def _separator(text: str) -> str:
    """The one that cuts the first lines in the most cells, the same number in each line best of all. A decimal comma cuts none: the
    first line that a separator cuts must hold words."""
    found = []
    for rank, separator in enumerate(SEPARATORS):
        try:
            rows = [row for row in islice(_records(text[:100_000], separator), 20) if row]
        except csv.Error:
            continue
        sizes = [len(row) for row in rows]
        cut = next((row for row in rows if len(row) > 1), [])
        if any(not cell.strip(" -+")[:1].isdigit() for cell in cut if cell.strip()):
            usual = max({size for size in sizes if size > 1}, key=lambda size: (sizes.count(size), size))
            found.append((sizes.count(usual), usual, -rank))
    return SEPARATORS[-max(found)[-1]] if found else SEPARATORS[0]
