"""Our own model file of schools: one line a school, and its classes where only their number and the pupils of all are known."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from plan_numerique.accounts.models import Authority, District, User
from plan_numerique.imports.cells import read_count, read_date, read_text_of, read_yes_no, told_choices
from plan_numerique.imports.importer import Change, Column, Option, Outcome, Problem, ReadRow
from plan_numerique.shared.periods import school_year_label, school_year_of
from plan_numerique.shared.wording import counted
from schools import permissions, queries
from schools.domain.rolls import MOST_IN_CLASS, even_classes
from schools.enums import SchoolKind, SchoolStatus, Sector
from schools.imports.changes import (
    KeepsFrozenYears,
    asked_year,
    estimate_changes,
    frozen_problem,
    told,
    uais_of,
    update,
    year_choices,
)
from schools.imports.places import Communes, Districts
from schools.imports.readers import (
    names,
    read_insee,
    read_kind,
    read_latitude,
    read_longitude,
    read_postcode,
    read_priority,
    read_sector,
    read_status,
    read_uai,
    stored_priority,
)
from schools.models import Commune, FormerUai, Headcount, School, SchoolClass
from schools.queries import HeldClass

INSEE_LENGTH = 5
PLAIN_COLUMNS = (
    "name",
    "kind",
    "sector",
    "status",
    "address",
    "postcode",
    "latitude",
    "longitude",
    "priority_district",
)


class _Schools:
    def __init__(self, authority: Authority, year: int) -> None:
        self.authority, self.year = authority, year
        self.communes, self.districts = Communes(authority), Districts([authority.department])
        self.frozen = queries.frozen_years(authority)
        self.renamed: set[str] = set()
        self.estimated = 0
        self.schools: dict[str, School] = {}
        self.former: dict[tuple[int, str], FormerUai] = {}
        self.classes: dict[tuple[int, int], list[HeldClass]] = {}

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        formers = {row.values["former_uai"] for row in rows if "former_uai" in row.values}
        self.schools = queries.schools_by_uai(self.authority, uais_of(rows) | formers)
        self.former = queries.former_uais_held(self.schools.values()) if formers else {}
        self.classes = queries.classes_held(self.schools.values(), [self.year])
        here = uais_of(rows)
        return [self._outcome(row, here) for row in rows]

    def remarks(self) -> list[str]:
        found = self.districts.remarks()
        if self.estimated:
            label = school_year_label(self.year)
            found.append(
                f"{counted(self.estimated, 'école')} : les classes de {label} sont une répartition calculée, à relever classe par classe."
            )
        return found

    def _outcome(self, row: ReadRow, here: set[str]) -> Outcome:
        uai, former = row.values["uai"], row.values.get("former_uai", "")
        school = self.schools.get(uai)
        moved = self.schools.get(former) if former not in here | self.renamed else None
        commune, problems = self._commune(row, school or moved)
        problems += _school_faults(row)
        problems += self._class_faults(row, school or moved)
        if problems or commune is None:
            return Outcome(row.line, problems=problems)
        if school is None and moved is not None:
            self.renamed.add(former)
        return Outcome(row.line, self._changes(row, school or moved, commune))

    def _commune(self, row: ReadRow, school: School | None) -> tuple[Commune | None, list[Problem]]:
        text = row.values.get("commune", "")
        if not text:
            commune = school.commune if school else self.communes.only
            lacking = Problem(
                "commune", "cette valeur est obligatoire : la collectivité a plusieurs communes.", self.communes.told()
            )
            return commune, [] if commune else [lacking]
        found = self.communes.find(text)
        if len(found) == 1:
            return found[0], []
        if found:
            codes = " ; ".join(row.insee for row in found)
            return None, [
                Problem("commune", f"« {text} » est le nom de plusieurs communes : donner le code INSEE.", codes)
            ]
        if len(text) == INSEE_LENGTH - 1 and text.isdecimal():
            try:
                read_insee(text)
            except ValueError as error:
                return None, [Problem("commune", str(error), self.communes.told())]
        known = self.communes.told() or "aucune commune n'est encore connue : importer d'abord les communes"
        return None, [Problem("commune", f"« {text} » n'est pas une commune de la collectivité.", known)]

    def _class_faults(self, row: ReadRow, school: School | None) -> list[Problem]:
        classes, pupils = row.values.get("classes"), row.values.get("pupils")
        if classes is None:
            return [Problem("classes", f"{pupils} élèves sans nombre de classes : donner les deux.")] if pupils else []
        if pupils and (not classes or pupils > MOST_IN_CLASS * classes):
            return [
                Problem(
                    "pupils", f"{pupils} élèves pour {counted(classes, 'classe')} : {MOST_IN_CLASS} par classe au plus."
                )
            ]
        held = self._held(school)
        if _totals(held) == (classes, pupils or 0):
            return []
        if any(not each.row.estimated for each in held):
            count = counted(sum(not each.row.estimated for each in held), "classe")
            message = f"les classes de {school_year_label(self.year)} sont déjà saisies une par une ({count}) : les modifier par le fichier des classes."
            return [Problem("classes", message)]
        return [frozen_problem(self.year, "classes")] if self.year in self.frozen else []

    def _held(self, school: School | None) -> list[HeldClass]:
        return self.classes.get((school.pk, self.year), []) if school else []

    def _changes(self, row: ReadRow, school: School | None, commune: Commune) -> list[Change]:
        asked = {**told(row, *PLAIN_COLUMNS), "uai": row.values["uai"]}
        changes: list[Change] = []
        if "commune" in row.values or school is None:
            changes += self.communes.creation(commune)
            asked["commune"] = commune
        if "priority" in row.values:
            asked["education_priority"] = stored_priority(row.values["priority"])
        if "district" in row.values:
            asked["district"] = self.districts.named(self.authority.department, row.values["district"])
            changes += self.districts.creation(asked["district"])
        if school is None:
            school = School(authority=self.authority, source="Fichier de la collectivité", **asked)
            changes.append(Change(school))
        else:
            own = update(school, asked)
            school = own[0].instance if own else school  # type: ignore[assignment]
            changes += own
        return [*changes, *self._former_changes(row, school), *self._class_changes(row, school)]

    def _former_changes(self, row: ReadRow, school: School) -> list[Change]:
        former, until = row.values.get("former_uai"), row.values.get("former_until")
        if not former:
            return []
        stored = self.former.get((school.pk, former))
        if stored is not None:
            return update(stored, {"until": until} if until else {})
        until = until or date(self.year, 8, 31)
        return [Change(FormerUai(school=school, uai=former, until=until, cause="Fichier de la collectivité"))]

    def _class_changes(self, row: ReadRow, school: School) -> list[Change]:
        """An estimate by level that has the same figures says more: it stays."""
        classes, pupils = row.values.get("classes"), row.values.get("pupils") or 0
        held = self._held(school) if school.pk else []
        if classes is None or _totals(held) == (classes, pupils):
            return []
        self.estimated += 1
        return estimate_changes(school, self.year, held, even_classes(classes, pupils))


def _totals(held: Sequence[HeldClass]) -> tuple[int, int]:
    return len(held), sum(each.pupils for each in held)


def _school_faults(row: ReadRow) -> list[Problem]:
    values = row.values
    found = []
    if ("latitude" in values) != ("longitude" in values):
        lacking = "longitude" if "latitude" in values else "latitude"
        found.append(Problem(lacking, "latitude et longitude se donnent ensemble."))
    if values.get("former_uai") == values["uai"]:
        found.append(Problem("former_uai", f"« {values['uai']} » est l'UAI actuel de l'école, pas un ancien."))
    return found


def _current(user: Any = None, authority: Any = None) -> str:
    return str(school_year_of(timezone.localdate()))


class SchoolImporter(KeepsFrozenYears):
    kind, label = "schools.schools", "Écoles"
    intro = (
        "Une ligne par école. L'UAI dit de quelle école il s'agit : connue, elle est mise à jour ; inconnue, elle est ajoutée. Une cellule"
        " vide laisse ce qui est connu. Le nombre de classes et l'effectif total, s'ils sont donnés, font une répartition calculée"
        " pour l'année scolaire choisie."
    )
    source = "Fichier de la collectivité (modèle à remplir)."
    permission, subject = permissions.EDIT, School
    models = (Commune, District, School, FormerUai, SchoolClass, Headcount)
    columns = (
        Column(
            "uai", "UAI", read_uai, names("RNE", "Code UAI", "Code RNE", "N° UAI", "Numéro UAI", "Identifiant", "Numéro de l'école", "numero_ecole"),
            required=True, accepted="sept chiffres puis la lettre de contrôle", example="0860467R",
        ),
        Column(
            "name", "Nom", read_text_of(160), names("École", "Nom de l'école", "Nom école", "Établissement", "Nom de l'établissement", "Dénomination"),
            required=True, example="École primaire Jean Mermoz",
        ),
        Column(
            "kind", "Niveau", read_kind, names("Type", "Type d'école", "Niveau de l'école", "Type d'établissement", "Nature"),
            accepted=told_choices(SchoolKind), example="Primaire",
        ),
        Column(
            "commune", "Commune", read_text_of(120), names("Code commune", "INSEE", "Code INSEE", "Nom de la commune", "Ville", "Localité"),
            accepted="le nom ou le code INSEE d'une commune de la collectivité", example="Poitiers",
        ),
        Column("sector", "Secteur", read_sector, names("Statut", "Public ou privé", "Public/privé"), accepted=told_choices(Sector), example="Public"),
        Column("status", "État", read_status, names("Ouverte ou fermée", "Situation"), accepted=told_choices(SchoolStatus), example="Ouverte"),
        Column("address", "Adresse", read_text_of(200), names("Rue", "Adresse postale", "Voie"), example="2 rue de l'École"),
        Column("postcode", "Code postal", read_postcode, names("CP", "Postal"), accepted="cinq chiffres", example="86000"),
        Column("latitude", "Latitude", read_latitude, names("Lat"), accepted="de −90 à 90, avec la longitude", example="46,580224"),
        Column("longitude", "Longitude", read_longitude, names("Lon", "Lng", "Long"), accepted="de −180 à 180, avec la latitude", example="0,340375"),
        Column(
            "priority_district", "QPV", read_yes_no, names("Quartier prioritaire", "Quartier prioritaire (QPV)", "Politique de la ville"),
            accepted="oui ou non", example="Non",
        ),
        Column(
            "priority", "Éducation prioritaire", read_priority, names("REP", "Réseau d'éducation prioritaire", "EP"),
            accepted="REP ; REP+ ; Hors éducation prioritaire", example="REP",
        ),
        Column("district", "Circonscription", read_text_of(160), names("IEN", "Circonscription IEN"), example="Poitiers Est"),
        Column("former_uai", "Ancien UAI", read_uai, names("UAI précédent", "Ancien RNE"), accepted="un UAI", example=""),
        Column("former_until", "Ancien UAI jusqu'au", read_date, accepted="une date : 31/08/2025", help="À défaut, le 31 août qui précède l'année choisie."),
        Column("classes", "Nombre de classes", read_count(0, 100), names("Classes", "Nb classes", "Nb de classes", "Nombre total de classes"), accepted="de 0 à 100", example="8"),
        Column(
            "pupils", "Effectif total", read_count(0, 5_000), names("Effectif", "Effectifs", "Élèves", "Nombre d'élèves", "Nb élèves", "Nombre total d'élèves"),
            accepted="un nombre d'élèves de 0 à 5 000, avec le nombre de classes", example="189",
        ),
    )  # fmt: skip
    key = ("uai",)
    options = (
        Option(
            "school_year", "Année scolaire des classes", lambda user, authority: year_choices(int(_current()), authority), _current,
            help="Celle du nombre de classes et de l'effectif total, si le fichier les donne.",
        ),
    )  # fmt: skip
    list_url = "schools:school_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Schools:
        return _Schools(authority, asked_year(options, int(_current())))
