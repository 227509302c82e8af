"""Classes and pupils of schools by rentrée: `fr-en-ecoles-effectifs-nb_classes` (domain-rules 2.3), or a file of ours that says the same."""

from collections.abc import Mapping, Sequence

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_count, read_text_of, read_yes_no
from plan_numerique.imports.importer import Change, Column, Outcome, Problem, ReadRow
from plan_numerique.shared.wording import counted
from schools import permissions, queries
from schools.domain.rolls import ELEMENTARY, Roll, estimated_classes, roll_faults
from schools.enums import EducationPriority
from schools.imports.changes import KeepsFrozenYears, estimate_changes, frozen_problem, uais_of, unknown_school, update
from schools.imports.readers import listed, names, read_published_uai, read_rentree
from schools.models import Headcount, School, SchoolClass
from schools.queries import HeldClass

ELSEWHERE = "école qui n'est pas dans la collectivité"
MOST = 5_000


class _Rolls:
    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.frozen = queries.frozen_years(authority)
        self.latest: dict[int, int] = {}
        self.counted_one_by_one = 0
        self.apart: list[str] = []
        self.schools: dict[str, School] = {}
        self.former: dict[str, School] = {}
        self.classes: dict[tuple[int, int], list[HeldClass]] = {}

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        uais = uais_of(rows)
        self.schools = queries.schools_by_uai(self.authority, uais)
        unknown = {row.values["uai"] for row in rows if not row.values.get("academy")} - self.schools.keys()
        self.former = queries.former_uais(self.authority, unknown) if unknown else {}
        self.classes = queries.classes_held(self.schools.values(), {row.values["school_year"] for row in rows})
        self._see_years(rows)
        return [self._outcome(row) for row in rows]

    def remarks(self) -> list[str]:
        found = []
        if self.counted_one_by_one:
            classes = "ses classes sont saisies" if self.counted_one_by_one == 1 else "leurs classes sont saisies"
            found.append(
                f"{counted(self.counted_one_by_one, 'ligne')} d'une école et d'une rentrée dont {classes} une par une : rien n'y change."
            )
        if self.apart:
            found.append(f"Totaux différents de ceux des classes saisies : {listed(self.apart)}.")
        return found

    def _see_years(self, rows: Sequence[ReadRow]) -> None:
        """The last year told or stored of each school, whose lines alone say what it is in today (éducation prioritaire)."""
        for pk, year in queries.latest_years(self.schools.values()).items():
            self.latest[pk] = max(year, self.latest.get(pk, year))
        for row in rows:
            school = self.schools.get(row.values["uai"])
            if school is not None:
                self.latest[school.pk] = max(row.values["school_year"], self.latest.get(school.pk, 0))

    def _outcome(self, row: ReadRow) -> Outcome:
        school = self.schools.get(row.values["uai"])
        if school is None and row.values.get("academy"):
            return Outcome(row.line, left_out=ELSEWHERE)
        if school is None:
            return Outcome(row.line, problems=[unknown_school(row.values["uai"], self.former)])
        roll = _roll(row)
        told = {"total": row.values.get("pupils"), "elementary": row.values.get("elementary")}
        if faults := roll_faults(roll, **told):
            return Outcome(row.line, problems=[Problem(name, message) for name, message in faults])
        year = row.values["school_year"]
        changes = self._class_changes(row, school, roll)
        if changes and year in self.frozen:
            return Outcome(row.line, problems=[frozen_problem(year)])
        return Outcome(row.line, [*self._priority_change(row, school), *changes])

    def _class_changes(self, row: ReadRow, school: School, roll: Roll) -> list[Change]:
        year = row.values["school_year"]
        held = self.classes.get((school.pk, year), [])
        if all(each.row.estimated for each in held):
            return estimate_changes(school, year, held, estimated_classes(roll))
        self.counted_one_by_one += 1
        pupils = sum(each.pupils for each in held)
        if (len(held), pupils) != (roll.classes, roll.pupils):
            self.apart.append(
                f"{school.name} ({school.uai}), rentrée {year} : {counted(len(held), 'classe')} et {counted(pupils, 'élève')} saisis,"
                f" {roll.classes} et {roll.pupils} dans le fichier"
            )
        return []

    def _priority_change(self, row: ReadRow, school: School) -> list[Change]:
        rep, plus = row.values.get("rep"), row.values.get("rep_plus")
        if row.values["school_year"] < self.latest[school.pk] or (rep is None and plus is None):
            return []
        told = EducationPriority.REP_PLUS if plus else EducationPriority.REP if rep else EducationPriority.NONE
        return update(school, {"education_priority": told.value})


def _roll(row: ReadRow) -> Roll:
    values = row.values
    return Roll(
        classes=values["classes"],
        pre_elementary=values.get("pre_elementary", 0),
        elementary=tuple(values.get(level.lower(), 0) for level in ELEMENTARY),
        ulis=values.get("ulis", 0),
        ueea=values.get("ueea", 0),
    )


def _count(name: str, label: str, *headers: str, example: str = "", required: bool = False) -> Column:
    accepted = f"un nombre d'élèves de 0 à {MOST}"
    return Column(
        name, label, read_count(0, MOST), names(*headers), required=required, accepted=accepted, example=example
    )


class RollsImporter(KeepsFrozenYears):
    kind, label = "schools.rolls", "Effectifs et nombre de classes par rentrée"
    intro = (
        "Une ligne par école et par rentrée : nombre de classes, élèves par niveau. Le fichier national est repris tel qu'il est publié ;"
        " ses écoles d'ailleurs sont laissées de côté. Les élèves sont répartis par calcul entre les classes, qui portent la mention"
        " « répartition calculée » ; des classes saisies une par une ne sont jamais touchées."
    )
    source = "fr-en-ecoles-effectifs-nb_classes, DEPP (data.education.gouv.fr), Licence Ouverte 2.0 ; ou fichier de la collectivité."
    permission, subject = permissions.EDIT, SchoolClass
    models = (School, SchoolClass, Headcount)
    signature = names("Denomination_principale", "patronyme", "rep", "rep_plus", "region_academique", "secteur")
    key = ("uai", "school_year")
    columns = (
        Column(
            "uai", "UAI", read_published_uai, names("numero_ecole", "Numéro de l'école", "RNE", "Code UAI", "N° UAI"),
            required=True, accepted="sept chiffres puis la lettre de contrôle", example="0860467R",
        ),
        Column(
            "school_year", "Rentrée", read_rentree, names("rentree_scolaire", "Rentrée scolaire", "Année scolaire", "Année"),
            required=True, accepted="2025 ou 2025-2026", example="2025",
        ),
        Column(
            "classes", "Nombre de classes", read_count(0, 100), names("nombre_total_classes", "Nombre total de classes", "Classes", "Nb classes"),
            required=True, accepted="de 0 à 100", example="8",
        ),
        _count("pupils", "Nombre total d'élèves", "nombre_total_eleves", "Effectif total", "Effectif", "Élèves", "Total", example="189"),
        _count(
            "pre_elementary", "Élèves en pré-élémentaire", "nombre_eleves_preelementaire_hors_ulis",
            "Nombre d'élèves en pré-élémentaire hors ULIS", "Pré-élémentaire", "Maternelle", "eleves_pre_elementaire", example="65",
        ),
        _count(
            "elementary", "Élèves en élémentaire", "nombre_eleves_elementaire_hors_ulis", "Nombre d'élèves en élémentaire hors ULIS",
            "Élémentaire", "eleves_elementaire", example="124",
        ),
        *(
            _count(
                level.lower(), level, f"nombre_eleves_{level}_hors_ulis", f"Nombre d'élèves en {level} hors ULIS", f"Élèves en {level}",
                example=example,
            )
            for level, example in zip(ELEMENTARY, ("25", "24", "26", "25", "24"), strict=True)
        ),
        _count("ulis", "ULIS", "nombre_eleves_ulis", "Nombre d'élèves en ULIS", "Élèves en ULIS", "eleves_ulis", example="0"),
        _count("ueea", "UEEA", "nombre_eleves_ueea", "Nombre d'élèves en UEEA", "Élèves en UEEA", example="0"),
        Column("rep", "REP", read_yes_no, names("Réseau d'éducation prioritaire"), accepted="0 ou 1", example="1"),
        Column("rep_plus", "REP+", read_yes_no, names("rep_plus"), accepted="0 ou 1", example="0"),
        Column(
            "academy", "Académie", read_text_of(80), names("academie"),
            help="Dans le fichier national seulement : ses écoles d'ailleurs sont laissées de côté. Vide, une école inconnue est signalée.",
        ),
    )  # fmt: skip
    list_url = "schools:schoolclass_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Rolls:
        return _Rolls(authority)
