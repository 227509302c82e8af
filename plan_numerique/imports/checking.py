"""One walk through a file: cells read, rows settled by the importer, each outcome made sure of. Nothing is written here."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Field, Model

from plan_numerique.imports.importer import Change, Column, Importer, Outcome, Problem, ReadRow, Run
from plan_numerique.shared.wording import counted
from plan_numerique.tabular.reading import OpenTable, is_empty

KEPT_PROBLEMS = 500
VALUE_LENGTH = 80
MESSAGE_LENGTH = 500
REASONS = 5
REFUSED = "_import_refused"
"""On an instance that will not be written, the line that was refused: what refers to it is refused too."""

Progress = Callable[[int, int, str], None]
Cells = tuple[Any, ...]


def no_progress(done: int, total: int, text: str = "") -> None:
    pass


@dataclass(slots=True)
class Line:
    """A line of the file and what it comes to. `changes`: those to write, none where there is a problem."""

    number: int
    cells: Cells
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: str = ""


@dataclass
class Tally:
    """Counts by line; the first problems as the page shows them."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left_out: int = 0
    bad: int = 0
    problem_count: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, line: Line, subject: type[Model], told: Callable[[Line, Problem], dict[str, Any]]) -> None:
        self.rows += 1
        if line.problems:
            self.bad += 1
            self.problem_count += len(line.problems)
            room = KEPT_PROBLEMS - len(self.problems)
            self.problems += [told(line, problem) for problem in line.problems[: max(room, 0)]]
        elif line.left_out:
            self.left_out += 1
            if line.left_out in self.reasons or len(self.reasons) < 100 * REASONS:
                self.reasons[line.left_out] += 1
        elif any(
            change.former is None and not change.gone and type(change.instance) is subject for change in line.changes
        ):
            self.created += 1
        elif line.changes:
            self.updated += 1
        else:
            self.unchanged += 1

    def reason_remarks(self) -> list[str]:
        usual = self.reasons.most_common(REASONS)
        found = [f"{counted(count, 'ligne')} hors périmètre : {reason.rstrip('.')}." for reason, count in usual]
        rest = self.left_out - sum(count for _, count in usual)
        return [*found, f"{counted(rest, 'ligne')} hors périmètre pour d'autres raisons."] if rest else found


class Walk:
    """`lines()` gives every line once, chunk by chunk; `tally` grows with it."""

    def __init__(self, importer: Importer, run: Run, table: OpenTable, columns: Mapping[str, str]) -> None:
        self.importer, self.run, self.table = importer, run, table
        self.columns = {column.name: column for column in importer.columns}
        self.headers = {name: columns[name] for name in self.columns if columns.get(name) in table.header}
        self.places = {name: table.header.index(header) for name, header in self.headers.items()}
        self.tally = Tally()
        self._subject_fields = {each.name for each in importer.subject._meta.get_fields()}
        self._seen: dict[bytes, int] = {}

    def lines(self, progress: Progress = no_progress) -> Iterator[list[Line]]:
        rows = self.table.rows()
        while chunk := list(islice(rows, self.importer.rows_at_once)):
            yield self._settled(chunk)
            progress(self.tally.rows, max(self.table.count, self.tally.rows), f"Ligne {chunk[-1][0]}")

    def _settled(self, chunk: Sequence[tuple[int, Cells]]) -> list[Line]:
        lines, rows, places = [], [], []
        for number, cells in chunk:
            line, values = self._read(number, cells)
            if not line.problems:
                rows.append(ReadRow(number, values))
                places.append(line)
            lines.append(line)
        outcomes = self.run.settle(rows) if rows else []
        for line, outcome in zip(places, outcomes, strict=True):
            self._take(line, outcome)
        for line in lines:
            self.tally.add(line, self.importer.subject, self.told)
        return lines

    def _read(self, number: int, cells: Cells) -> tuple[Line, dict[str, Any]]:
        line, values = Line(number, cells), {}
        for name, place in self.places.items():
            column, cell = self.columns[name], cells[place]
            try:
                value = column.read(cell)
            except ValueError as error:
                line.problems.append(Problem(name, str(error), column.accepted, cell))
                continue
            except (ArithmeticError, TypeError):
                line.problems.append(Problem(name, "cette valeur ne se lit pas.", column.accepted, cell))
                continue
            if value is not None and value != "":
                values[name] = value
            elif column.required:
                line.problems.append(Problem(name, "cette valeur est obligatoire.", column.accepted, cell))
        self._refuse_twice(line, values)
        return line, values

    def _refuse_twice(self, line: Line, values: Mapping[str, Any]) -> None:
        """The first line of a key keeps it, even in error: nothing tells which of the two is right."""
        keys = self.importer.key
        if not any(name in values for name in keys):
            return
        said = "\x1f".join(f"{type(values.get(name)).__name__}:{values.get(name)}" for name in keys)
        digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        first = self._seen.setdefault(digest, line.number)
        if first != line.number:
            shown = " ; ".join(str(values[name]) for name in keys if name in values)
            line.problems.append(Problem(next(n for n in keys if n in values), f"la ligne {first} porte déjà {shown}."))

    def _take(self, line: Line, outcome: Outcome) -> None:
        if outcome.line != line.number:
            raise ValueError(f"{self.importer.kind}: outcome of line {outcome.line} for line {line.number}")
        line.problems += outcome.problems
        line.left_out = outcome.left_out
        kept = [change for change in outcome.changes if change.gone or changed_fields(change)]
        for change in kept:
            if not change.gone:
                line.problems += [self._placed(problem, change.instance) for problem in _faults(change.instance)]
        if not line.problems:
            line.changes = kept
            return
        for change in outcome.changes:
            if change.former is None:
                setattr(change.instance, REFUSED, line.number)

    def _placed(self, problem: Problem, instance: Model) -> Problem:
        """A field that no column of the file tells is named in the sentence; the « name » of another model is not that of the subject."""
        own = type(instance) is self.importer.subject or problem.column not in self._subject_fields
        if not problem.column or (own and problem.column in self.columns):
            return problem
        labels = {each.name: str(each.verbose_name) for each in instance._meta.concrete_fields}
        return Problem("", f"{labels.get(problem.column, problem.column)} : {problem.message}")

    def told(self, line: Line, problem: Problem) -> dict[str, Any]:
        column: Column | None = self.columns.get(problem.column)
        cell = line.cells[self.places[problem.column]] if problem.column in self.places else None
        value = cell if problem.value is None else problem.value
        return {
            "line": line.number,
            "column": self.headers.get(problem.column) or (column.label if column else ""),
            "value": "" if is_empty(value) else _safe(str(value))[:VALUE_LENGTH],
            "message": _safe(problem.message)[:MESSAGE_LENGTH],
            "accepted": problem.accepted or (column.accepted if column else ""),
        }


def _safe(text: str) -> str:
    """What any database and any page holds."""
    return text.replace("\x00", "\u2400").encode("utf-8", "replace").decode()


def changed_fields(change: Change) -> list[str]:
    """Names of the fields that differ from the former row; all of them for a new one."""
    fields = [each for each in change.instance._meta.concrete_fields if not each.primary_key]
    if change.former is None:
        return [each.name for each in fields]
    return [each.name for each in fields if _differs(change.instance, change.former, each)]


def _differs(new: Model, old: Model, each: Field) -> bool:
    if getattr(new, each.attname) != getattr(old, each.attname):
        return True
    return each.is_relation and _refers_to_new(new, each)


def _refers_to_new(instance: Model, each: Field) -> bool:
    """The field was given a row without a key, which it may have got since."""
    related: Model | None = each.get_cached_value(instance, default=None)  # type: ignore[attr-defined]
    return related is not None and (related.pk is None or related.pk != getattr(instance, each.attname))


def _faults(instance: Model) -> Iterator[Problem]:
    """Fields one by one, and what the model says of them together; no query for relations, which are the importer's."""
    relations: list[Any] = [each for each in instance._meta.concrete_fields if each.is_relation]
    broken = False
    for each in relations:
        related = each.get_cached_value(instance, default=None)
        if related is not None and (line := getattr(related, REFUSED, 0)):
            broken = True
            yield Problem("", f"la ligne {line}, dont celle-ci dépend, est en erreur.")
        elif related is None and getattr(instance, each.attname) is None and not each.null:
            broken = True
            yield Problem(each.name, "cette valeur est obligatoire.")
    if broken:
        return
    try:
        instance.clean_fields(exclude=[each.name for each in relations])
        instance.clean()
    except ValidationError as error:
        yield from _problems(error)


def _problems(error: ValidationError) -> Iterator[Problem]:
    by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for name, messages in by_field.items():
        yield from (Problem("" if name == NON_FIELD_ERRORS else name, message) for message in messages)
