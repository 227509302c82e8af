"""A rentrée school by school: each class of the year that ends beside what it becomes."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from schools import queries
from schools.domain.levels import LEVELS
from schools.domain.roll_over import HeldClass, NextClass
from schools.enums import ClassKind, RollOverMove, RollOverState
from schools.models import RollOver, RollOverLine, School

Move = RollOverMove
KINDS = dict(ClassKind.choices)
_WAITS = ("Effectifs à venir", "Effectifs reconduits, à confirmer")


@dataclass(frozen=True)
class ClassRow:
    """`before`, `after`: None where the class opens, or closes. `acts`: (label, URL) of what may be decided of it."""

    before: HeldClass | None
    after: HeldClass | NextClass | None
    label: str
    tone: str
    url: str = ""
    acts: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        row = self.before or self.after
        return row.name if row else ""

    @property
    def levels(self) -> str:
        """Of the class to come, else of the one that closes."""
        row = self.after or self.before
        if row is None:
            return ""
        found = sorted((level for level, _ in row.counts if level), key=LEVELS.index)
        return " ".join(found) or ("" if row.kind == ClassKind.ORDINAIRE else KINDS.get(row.kind, ""))


@dataclass(frozen=True)
class SchoolRow:
    school: School
    fate: str
    settled: bool
    rows: list[ClassRow]
    lines: list[RollOverLine]
    acts: list[tuple[str, str]] = field(default_factory=list)
    moves: frozenset[str] = frozenset()

    @property
    def classes_before(self) -> int:
        return sum(each.before is not None for each in self.rows)

    @property
    def classes_after(self) -> int:
        return sum(each.after is not None for each in self.rows)

    @property
    def pupils_before(self) -> int:
        return sum(each.before.pupils for each in self.rows if each.before)

    @property
    def pupils_after(self) -> int:
        return sum(each.after.pupils for each in self.rows if each.after)


def school_rows(drawn: queries.Drawn, roll_over: RollOver, unconfirmed: Collection[int]) -> list[SchoolRow]:
    """By commune and name. `unconfirmed`: classes of a rentrée that is done, whose headcounts are still those of the year before."""
    before: defaultdict[int, list[HeldClass]] = defaultdict(list)
    lines: defaultdict[int, list[RollOverLine]] = defaultdict(list)
    for held in drawn.classes.values():
        before[held.school].append(held)
    for line in drawn.lines.values():
        lines[line.school_id].append(line)
    done = roll_over.state == RollOverState.APPLIED
    coming = _Coming(drawn, roll_over)
    rows = [
        SchoolRow(
            drawn.schools[key],
            _fate(drawn, key),
            key in drawn.known and not done,
            _known(drawn, key, before[key], unconfirmed, done)
            if done or key in drawn.known
            else list(coming.rows(key, before[key])),
            lines[key],
            [] if done or key in drawn.known or key in drawn.rentree.closed_schools else _school_acts(roll_over, key),
            frozenset(line.move for line in lines[key]),
        )
        for key in {*before, *lines, *drawn.known, *coming.by_school}
    ]
    return sorted(rows, key=lambda each: (each.school.commune.name, each.school.name, each.school.pk))


def _act(roll_over: RollOver, school: int, move: RollOverMove, **values: Any) -> str:
    given = "".join(f"&{name}={value}" for name, value in values.items())
    url = reverse("schools:rolloverline_create")
    return f"{url}?roll_over={roll_over.pk}&school={school}&move={move}{given}"


def _school_acts(roll_over: RollOver, school: int) -> list[tuple[str, str]]:
    moves = (
        ("Ouvrir une classe", Move.OPEN_CLASS),
        ("Fusionner avec une autre école", Move.MERGE),
        ("Changer d'UAI", Move.NEW_UAI),
        ("Fermer l'école", Move.CLOSE_SCHOOL),
    )
    return [(label, _act(roll_over, school, move)) for label, move in moves]


def _fate(drawn: queries.Drawn, key: int) -> str:
    rentree = drawn.rentree
    if key in rentree.hosts:
        return f"Rejoint « {drawn.schools[rentree.hosts[key]].name} »"
    if key in rentree.closed_schools:
        return "Ferme"
    return f"Nouvel UAI : {rentree.uais[key]}" if key in rentree.uais else ""


@dataclass
class _Coming:
    """The classes of a rentrée that is prepared, beside those they carry on."""

    drawn: queries.Drawn
    roll_over: RollOver

    def __post_init__(self) -> None:
        self.by_school: defaultdict[int, list[NextClass]] = defaultdict(list)
        for each in self.drawn.rentree.classes:
            self.by_school[each.school].append(each)
        self.carried = {each.came_from: each for each in self.drawn.rentree.classes if each.came_from}
        self.moved = {line.school_class_id: line for line in self.drawn.lines.values() if line.school_class_id}

    def rows(self, school: int, before: Sequence[HeldClass]) -> Iterator[ClassRow]:
        for held in sorted(before, key=lambda each: queries.natural(each.name)):
            yield self._of(school, held)
        for each in sorted(self.by_school[school], key=lambda each: queries.natural(each.name)):
            if each.came_from is None:
                yield ClassRow(None, each, "Ouverture", "success")
                continue
            origin = self.drawn.classes[each.came_from].school
            if origin != school:
                yield ClassRow(None, each, f"Vient de « {self.drawn.schools[origin].name} »", "neutral")

    def _of(self, school: int, held: HeldClass) -> ClassRow:
        after = self.carried.get(held.id)
        if after is None:
            return ClassRow(held, None, "Fermeture", "danger")
        if after.school != school:
            return ClassRow(held, None, f"Va à « {self.drawn.schools[after.school].name} »", "neutral")
        if held.id in self.moved:
            return ClassRow(held, after, "Changement", "info")
        acts = [
            ("Fermer", _act(self.roll_over, school, Move.CLOSE_CLASS, school_class=held.id)),
            ("Changer", _act(self.roll_over, school, Move.CHANGE_CLASS, school_class=held.id)),
        ]
        return ClassRow(held, after, "Reprise", "neutral", acts=acts)


def _known(
    drawn: queries.Drawn, school: int, before: Sequence[HeldClass], unconfirmed: Collection[int], done: bool
) -> list[ClassRow]:
    """Classes that are there, beside those that they carry on: of the same name the year before, or of the one a movement gave."""
    host = drawn.schools.get(drawn.rentree.hosts.get(school, 0))
    moved = {line.school_class_id: line for line in drawn.lines.values() if done and line.school_class_id}
    left = {each.name: each for each in drawn.known.get(school, ())}
    rows = []
    for held in before:
        line = moved.get(held.id)
        closed = line is not None and line.move == Move.CLOSE_CLASS
        after = None if closed else left.pop((line and line.name) or held.name, None)
        if after is None:
            rows.append(
                ClassRow(held, None, f"Passée à « {host.name} »" if host and not closed else "Fermée", "neutral")
            )
        else:
            rows.append(_there(held, after, unconfirmed, done))
    rows += [_there(None, after, unconfirmed, done) for after in left.values()]
    return sorted(rows, key=lambda each: (queries.natural(each.name), each.name))


def _there(before: HeldClass | None, after: HeldClass, unconfirmed: Collection[int], done: bool) -> ClassRow:
    waits = after.id in unconfirmed
    label = _WAITS[bool(after.pupils)] if waits else "Effectifs de la rentrée" if done else "Déjà saisie"
    url = reverse("schools:schoolclass_detail", args=[after.id])
    return ClassRow(before, after, label, "warning" if waits else "success", url)
