"""Classes counted one by one: a line for each level of each class (domain-rules 2.7)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_count, read_text_of, read_yes_no, told_choices
from plan_numerique.imports.importer import Change, Column, Option, Outcome, Problem, ReadRow
from plan_numerique.shared.periods import school_year_of
from plan_numerique.shared.wording import counted
from schools import permissions, queries
from schools.enums import WITHOUT_LEVEL, ClassKind, Level
from schools.imports.changes import (
    KeepsFrozenYears,
    asked_year,
    frozen_problem,
    removal,
    told_count,
    uais_of,
    unknown_school,
    update,
    year_choices,
)
from schools.imports.readers import listed, names, read_class_kind, read_level, read_rentree, read_uai
from schools.models import Headcount, School, SchoolClass
from schools.queries import HeldClass

SAID_ONCE = {"kind": "dispositif", "volunteer": "volontaire"}


@dataclass(slots=True)
class _Told:
    """A class as the lines of the file tell it so far. `levels`: the line of each."""

    held: HeldClass | None = None
    values: dict[str, Any] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _SchoolYear:
    """`classes`: by name without case."""

    classes: dict[str, _Told] = field(default_factory=dict)
    cleared: bool = False


@dataclass(slots=True)
class _Place:
    """Where a line that holds goes."""

    row: ReadRow
    school: School
    year: int
    of: _SchoolYear
    told: _Told


class _Classes:
    def __init__(self, authority: Authority, year: int) -> None:
        self.authority, self.year = authority, year
        self.frozen = queries.frozen_years(authority)
        self.years: dict[tuple[int, int], _SchoolYear] = {}
        self.replaced: set[int] = set()
        self.doubled: dict[int, str] = {}
        self.schools: dict[str, School] = {}
        self.former: dict[str, School] = {}

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        uais = uais_of(rows)
        self.schools = queries.schools_by_uai(self.authority, uais)
        unknown = uais - self.schools.keys()
        self.former = queries.former_uais(self.authority, unknown) if unknown else {}
        self._load({self._year(row) for row in rows})
        outcomes, places = [], []
        for row in rows:
            place, problems = self._place(row)
            outcome = Outcome(row.line, problems=problems)
            outcomes.append(outcome)
            if place:
                places.append((place, outcome))
        self._write(places)
        return outcomes

    def remarks(self) -> list[str]:
        found = []
        if self.replaced:
            found.append(
                f"{counted(len(self.replaced), 'école')} : les classes du fichier remplacent la répartition calculée."
            )
        if self.doubled:
            found.append(
                f"{counted(len(self.doubled), 'classe')} où un effectif sans niveau s'ajoute à ceux des niveaux : {listed(self.doubled.values())}."
            )
        return found

    def _year(self, row: ReadRow) -> int:
        year: int = row.values.get("school_year", self.year)
        return year

    def _load(self, years: set[int]) -> None:
        """What is stored, once for each school and year; from then on what the file made of it."""
        missing = [
            school for school in self.schools.values() if any((school.pk, year) not in self.years for year in years)
        ]
        held = queries.classes_held(missing, years) if missing else {}
        for school in missing:
            for year in years:
                if (school.pk, year) not in self.years:
                    classes = held.get((school.pk, year), [])
                    self.years[school.pk, year] = _SchoolYear(
                        {each.row.name.casefold(): _Told(each) for each in classes}
                    )

    def _place(self, row: ReadRow) -> tuple[_Place | None, list[Problem]]:
        uai, year = row.values["uai"], self._year(row)
        school = self.schools.get(uai)
        if school is None:
            return None, [unknown_school(uai, self.former)]
        of = self.years[school.pk, year]
        name, level = row.values["name"], row.values.get("level", WITHOUT_LEVEL)
        told = of.classes.get(name.casefold()) or _Told()
        if year in self.frozen:
            return None, [] if _same(told, row, level) else [frozen_problem(year)]
        problems = list(_contradictions(told, row, level))
        if problems:
            return None, problems
        of.classes[name.casefold()] = told
        told.levels[level] = row.line
        told.values |= {column: row.values[column] for column in SAID_ONCE if column in row.values}
        return _Place(row, school, year, of, told), []

    def _write(self, places: Sequence[tuple[_Place, Outcome]]) -> None:
        done: set[int] = set()
        for place, outcome in places:
            if id(place.told) not in done:
                done.add(id(place.told))
                outcome.changes += self._class_changes(place)
            outcome.changes += self._count_changes(place)

    def _class_changes(self, place: _Place) -> list[Change]:
        """The class itself, once for each chunk, and what was estimated, which a class that is told takes the place of."""
        told, name = place.told, place.row.values["name"]
        changes = self._clearing(place)
        if told.held is None:
            row = SchoolClass(school=place.school, school_year=place.year, name=name, **told.values)
            told.held = HeldClass(row)
            return [*changes, Change(row)]
        if told.held.row.estimated:
            stale = [count for level, count in told.held.counts.items() if level not in told.levels]
            changes += [Change(count, count, gone=True) for count in stale]
            told.held.counts = {level: count for level, count in told.held.counts.items() if level in told.levels}
        own = update(told.held.row, {**told.values, "estimated": False})
        if own:
            told.held.row = own[0].instance  # type: ignore[assignment]
        return [*changes, *own]

    def _clearing(self, place: _Place) -> list[Change]:
        if place.of.cleared:
            return []
        place.of.cleared = True
        stale = {
            name: told.held
            for name, told in place.of.classes.items()
            if told.held and told.held.row.estimated and not told.levels
        }
        if any(told.held and told.held.row.estimated for told in place.of.classes.values()):
            self.replaced.add(place.school.pk)
        for name in stale:
            del place.of.classes[name]
        return [change for held in stale.values() for change in removal(held)]

    def _count_changes(self, place: _Place) -> list[Change]:
        held, row = place.told.held, place.row
        if held is None:
            return []
        level = row.values.get("level", WITHOUT_LEVEL)
        changes = told_count(held, level, row.values["pupils"])
        if changes:
            held.counts[level] = changes[0].instance  # type: ignore[assignment]
        if WITHOUT_LEVEL in held.counts and len(held.counts) > 1:
            self.doubled[id(place.told)] = f"{held.row.name} ({place.school.name})"
        return changes


def _same(told: _Told, row: ReadRow, level: str) -> bool:
    """Whether the line says what is stored."""
    held = told.held
    if held is None or held.row.estimated or level not in held.counts:
        return False
    asked = [row.values.get(column, getattr(held.row, column)) == getattr(held.row, column) for column in SAID_ONCE]
    return all(asked) and held.counts[level].pupils == row.values["pupils"]


def _contradictions(told: _Told, row: ReadRow, level: str) -> Iterator[Problem]:
    if level in told.levels:
        what = f"le niveau {level}" if level else "l'effectif sans niveau"
        yield Problem("level", f"la ligne {told.levels[level]} compte déjà {what} de cette classe.")
    for column, label in SAID_ONCE.items():
        known = told.values.get(column)
        if column in row.values and known is not None and row.values[column] != known:
            first = next(iter(told.levels.values()), None)
            said = _shown(column, known)
            yield Problem(
                column,
                f"{label} : la classe « {row.values['name']} » est déjà dite « {said} » (ligne {first}) : une classe n'en a qu'un.",
            )


def _shown(column: str, value: Any) -> str:
    return str(ClassKind(value).label) if column == "kind" else "oui" if value else "non"


def _current(user: Any = None, authority: Any = None) -> str:
    return str(school_year_of(timezone.localdate()))


class ClassImporter(KeepsFrozenYears):
    kind, label = "schools.classes", "Classes et effectifs par niveau"
    intro = (
        "Une ligne par classe et par niveau : un double niveau a deux lignes. Les classes du fichier remplacent la répartition calculée de"
        " leur école ; une classe ou un niveau absent du fichier ne change pas. Aucun nom d'élève : des nombres seulement."
    )
    source = "Fichier de la collectivité ou des directions d'école (modèle à remplir)."
    permission, subject = permissions.EDIT, Headcount
    models = (SchoolClass, Headcount)
    key = ("uai", "school_year", "name", "level")
    columns = (
        Column(
            "uai", "UAI", read_uai, names("RNE", "Code UAI", "Code RNE", "N° UAI", "Numéro UAI", "UAI de l'école", "École (UAI)"),
            required=True, accepted="sept chiffres puis la lettre de contrôle", example="0860467R",
        ),
        Column(
            "school_year", "Année scolaire", read_rentree, names("Rentrée", "Rentrée scolaire", "Année"),
            accepted="2025 ou 2025-2026", example="", help="Vide : l'année choisie pour tout le fichier.",
        ),
        Column("name", "Classe", read_text_of(60), names("Nom de la classe", "Nom", "Libellé de la classe", "Division"), required=True, example="CE1-CE2 A"),
        Column("kind", "Dispositif", read_class_kind, names("Type de classe", "Type"), accepted=told_choices(ClassKind), example="Ordinaire"),
        Column(
            "level", "Niveau", read_level, names("Niveau de classe", "Cours", "Section"),
            accepted=told_choices(Level), example="CE1", help="Vide pour un dispositif sans niveau (ULIS).",
        ),
        Column(
            "pupils", "Effectif", read_count(0, 200), names("Élèves", "Nombre d'élèves", "Nb élèves", "Effectifs", "Nb d'élèves"),
            required=True, accepted="de 0 à 200", example="12",
        ),
        Column("volunteer", "Volontaire", read_yes_no, names("Classe volontaire", "Enseignant volontaire"), accepted="oui ou non", example="Oui"),
    )  # fmt: skip
    options = (
        Option(
            "school_year", "Année scolaire", lambda user, authority: year_choices(int(_current()), authority), _current,
            help="Celle des lignes dont la colonne « Année scolaire » est vide ou absente.",
        ),
    )  # fmt: skip
    list_url = "schools:schoolclass_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Classes:
        return _Classes(authority, asked_year(options, int(_current())))
