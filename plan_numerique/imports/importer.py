"""What an app says of one kind of file: its columns, how each cell is read, and what each row would change. The engine does the
rest (docs/adr/0013): mapping, checking, errors file, writing, counting, undoing.

    class SchoolImporter(Importer):
        kind, label = "schools.schools", "Écoles"
        permission, subject = permissions.EDIT, School
        models = (School, SchoolClass, Headcount)      # written, parents before children
        columns = (Column("uai", "UAI", read_uai, required=True, example="0861030C"), …)
        key = ("uai",)
        def start(self, *, authority, options) -> Run: return _Schools(authority, options)
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from django.db.models import Model

from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.models import Authority, User


def plain(text: str) -> str:
    """Without case, accents nor signs: « N° de pièce » and « n_de_piece » are « n de piece »; « REP + » is « rep plus », not « rep »."""
    letters = unicodedata.normalize("NFKD", text.replace("°", " ").replace("º", " ").replace("+", " plus ")).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


@dataclass(frozen=True)
class Column:
    """A field of a row. `headers`: names that usual files give it (compared as `plain` writes them; the label is always one).
    `read` gives a typed value, None or "" for nothing, and raises ValueError with a French sentence that quotes the value."""

    name: str
    label: str
    read: Callable[[Any], Any]
    headers: tuple[str, ...] = ()
    required: bool = False
    accepted: str = ""
    example: str = ""
    help: str = ""


@dataclass(frozen=True)
class Option:
    """What is told once for the whole file. `choices(user, authority)`: (value, label) pairs, values as text."""

    name: str
    label: str
    choices: Callable[[User, Authority], Sequence[tuple[str, str]]]
    initial: Callable[[User, Authority], str] = lambda user, authority: ""
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """`values`: what the row says, by column name; nothing for an empty cell."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """`column` is the name of a Column, or "" for the row as a whole; `accepted` says what would have been read."""

    column: str
    message: str
    accepted: str = ""
    value: Any = None


@dataclass(slots=True)
class Change:
    """A row of ours to write: created where `former` is None, else changed from it; `gone`: deleted. A change of nothing is dropped.
    Of each group of lines, by model then by wave, changed rows are written first, then new ones; deletions come last of all, and are
    refused where they would take along a row of a model that is not in `Importer.models`."""

    instance: Model
    former: Model | None = None
    gone: bool = False


@dataclass(slots=True)
class Outcome:
    """What one line of the file comes to. A line with a problem changes nothing; `left_out` says why a line that is right does not
    concern us (a school of another commune)."""

    line: int
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: str = ""


class Run(Protocol):
    """One reading of one file. What it holds is bounded by what is stored, not by the file."""

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        """One outcome for each row, in order. Nothing is written here. `Change.instance` may refer to an instance created by an
        earlier outcome: it has its key by then when the file is being applied, none while it is only checked. The engine refuses
        lines too (a field that does not validate): an outcome that rests on a new row of a refused line is refused with it, so only
        keep for the next lines a copy of a stored row that was changed when nothing else can refuse it."""
        ...

    def remarks(self) -> list[str]:
        """Sentences on the file as a whole, told with the counts."""
        ...


class Importer:
    """`kind` is kept with each session and never changes. `key`: the columns that make a row the same from one file to the next;
    the engine refuses a second row of the same key. `signature`: headers (as `plain` writes them) that tell this very file."""

    kind: ClassVar[str] = ""
    label: ClassVar[str] = ""
    intro: ClassVar[str] = ""
    source: ClassVar[str] = ""
    permission: ClassVar[Permission]
    columns: ClassVar[tuple[Column, ...]] = ()
    key: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[Option, ...]] = ()
    subject: ClassVar[type[Model]]
    models: ClassVar[tuple[type[Model], ...]] = ()
    beside: ClassVar[tuple[type[Model], ...]] = ()
    """Rows without versions that `written` keeps for each row, and takes back with a row it created: `refuse_undo` looks after them."""
    signature: ClassVar[tuple[str, ...]] = ()
    list_url: ClassVar[str] = ""
    rows_at_once: ClassVar[int] = 1_000

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> Run:
        """DomainError where an option does not hold."""
        raise NotImplementedError

    def unread(self, names: Sequence[str]) -> list[str]:
        """Remarks on the columns of the file that nothing reads, by their names."""
        return []

    def wave(self, instance: Model) -> int:
        """Rows of one model that refer to each other are written by ascending wave."""
        return 0

    def written(self, changes: Sequence[Change], *, by: User | None) -> None:
        """After each write, and after an undo with the changes turned round: what else follows (a balance kept on another row)."""

    def refuse_undo(self, changes: Sequence[Change]) -> str:
        """Why these changes cannot be taken back, beyond what the engine checks (rows changed since, rows that rest on them)."""
        return ""
