"""The national directory, `fr-en-annuaire-education` (domain-rules 2.2): the columns of 2023 and of 2026."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from plan_numerique.accounts.models import Authority, District, User
from plan_numerique.imports.cells import read_date, read_text_of, read_yes_no
from plan_numerique.imports.importer import Change, Column, Importer, Outcome, Problem, ReadRow, plain
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.wording import counted
from schools import permissions, queries
from schools.domain.uai import is_uai
from schools.enums import SchoolKind, SchoolStatus, Sector
from schools.imports.changes import differing, told, uais_of, update
from schools.imports.places import Communes, Districts
from schools.imports.readers import (
    listed,
    names,
    read_department,
    read_insee,
    read_latitude,
    read_long,
    read_longitude,
    read_postcode,
    read_priority,
    read_published_uai,
    stored_priority,
)
from schools.models import Commune, School

NATURES = ("101", "151")
KIND_OF_FLAGS = {
    (True, False): SchoolKind.MATERNELLE,
    (True, True): SchoolKind.PRIMAIRE,
    (False, True): SchoolKind.ELEMENTAIRE,
}
SOURCE = "Annuaire de l'éducation (data.education.gouv.fr)"
OTHER_NATURE = "établissement qui n'est pas une école"
ELSEWHERE = "école d'une autre commune"
NO_CONTRACT = "école privée hors contrat"
CLOSED = "école fermée, inconnue de la collectivité"
TO_OPEN = "école qui n'est pas encore ouverte"


class _Directory:
    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.communes, self.districts = Communes(authority), Districts()
        if not self.communes.by_insee:
            raise DomainError(
                "La collectivité n'a encore aucune commune : importer d'abord ses communes, ou renseigner son code INSEE."
            )
        self.lines: dict[str, int] = {}
        self.closing: list[str] = []
        self.no_contract: list[str] = []

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        schools = queries.schools_by_uai(self.authority, uais_of(rows))
        ours = [row.values.get("department") or self.authority.department for row in rows if not self._elsewhere(row)]
        self.districts.load(ours)
        return [self._outcome(row, schools.get(row.values["uai"])) for row in rows]

    def remarks(self) -> list[str]:
        found = self.districts.remarks()
        if self.closing:
            found.append(
                f"{counted(len(self.closing), 'école')} « à fermer » dans l'annuaire : {listed(self.closing)}. L'état reste celui connu."
            )
        if self.no_contract:
            found.append(f"Hors contrat, laissées de côté : {listed(self.no_contract)}.")
        if not self.lines:
            found.append(f"Aucune école du fichier n'est dans la collectivité ({self.communes.told()}).")
        return found

    def _elsewhere(self, row: ReadRow) -> str:
        if not _is_school(row):
            return OTHER_NATURE
        return "" if self.communes.of_code(row.values.get("insee", "")) else ELSEWHERE

    def _outcome(self, row: ReadRow, school: School | None) -> Outcome:
        values = row.values
        state = plain(values.get("status", ""))
        reason = self._elsewhere(row)
        if not reason and plain(values.get("contract", "")) == "hors contrat":
            reason = NO_CONTRACT
            self.no_contract.append(_named(row))
        if not reason and school is None:
            reason = CLOSED if state.startswith("ferme") else TO_OPEN if state == "a ouvrir" else ""
        if reason:
            return Outcome(row.line, left_out=reason)
        if problem := self._refusal(row, school):
            return Outcome(row.line, problems=[problem])
        self.lines[values["uai"]] = row.line
        if state == "a fermer":
            self.closing.append(_named(row))
        return Outcome(row.line, self._changes(row, school, state))

    def _refusal(self, row: ReadRow, school: School | None) -> Problem | None:
        uai = row.values["uai"]
        if uai in self.lines:
            return Problem("uai", f"la ligne {self.lines[uai]} porte déjà {uai}.")
        if school is None and not is_uai(uai):
            return Problem("uai", f"« {uai} » n'est pas l'UAI d'une école : son département est inconnu.")
        return None

    def _changes(self, row: ReadRow, school: School | None, state: str) -> list[Change]:
        commune = self.communes.of_code(row.values["insee"])
        asked = {**_told_school(row, state), "commune": commune}
        before = self.communes.creation(commune) if commune else []
        if name := row.values.get("district"):
            department = row.values.get("department") or self.authority.department
            asked["district"] = self.districts.named(department, name, row.values.get("district_code", ""))
            before += self.districts.creation(asked["district"])
        if school is None:
            return [*before, Change(School(authority=self.authority, source=_source(row), **asked))]
        if differing(school, asked):
            asked["source"] = _source(row)
        return [*before, *update(school, asked)]


def _is_school(row: ReadRow) -> bool:
    nature = row.values.get("nature", "")
    return nature in NATURES if nature else plain(row.values.get("type", "")) == "ecole"


def _named(row: ReadRow) -> str:
    return f"{row.values.get('name', '')} ({row.values['uai']})".strip()


def _source(row: ReadRow) -> str:
    day: date | None = row.values.get("updated_on")
    return f"{SOURCE}, mise à jour du {day:%d/%m/%Y}" if day else SOURCE


def _told_school(row: ReadRow, state: str) -> dict[str, Any]:
    values = row.values
    found = told(row, "uai", "name", "address", "postcode")
    if "latitude" in values and "longitude" in values:
        found |= told(row, "latitude", "longitude")
    if kind := KIND_OF_FLAGS.get((bool(values.get("nursery")), bool(values.get("elementary")))):
        found["kind"] = kind.value
    if sector := plain(values.get("sector", "")):
        found["sector"] = (Sector.PUBLIC if sector.startswith("public") else Sector.PRIVATE).value
    if state.startswith(("ouvert", "ferme")):
        found["status"] = (SchoolStatus.OPEN if state.startswith("ouvert") else SchoolStatus.CLOSED).value
    if "priority" in values:
        found["education_priority"] = stored_priority(values["priority"])
    return found


class DirectoryImporter(Importer):
    kind, label = "schools.directory", "Écoles, depuis l'annuaire de l'éducation"
    intro = (
        "Le fichier national tel qu'il est publié, d'un département ou de la France entière. Seules les écoles des communes de la"
        " collectivité sont reprises, publiques ou privées sous contrat ; les autres lignes sont laissées de côté. Nom, adresse,"
        " coordonnées et circonscription de l'annuaire remplacent ceux connus ; une cellule vide n'efface rien."
    )
    source = (
        "fr-en-annuaire-education, ministère de l'Éducation nationale (data.education.gouv.fr), Licence Ouverte 2.0."
    )
    permission, subject = permissions.EDIT, School
    models = (Commune, District, School)
    signature = names("Identifiant_de_l_etablissement", "Nom_etablissement", "code_nature")
    columns = (
        Column("uai", "Identifiant de l'établissement", read_published_uai, names("Identifiant_de_l_etablissement", "UAI"), required=True, example="0860467R"),
        Column("name", "Nom de l'établissement", read_long(160), names("Nom_etablissement"), example="École primaire Jean Mermoz"),
        Column("nature", "Code nature", read_text_of(10), names("code_nature"), accepted="101 ou 151 pour une école", example="151"),
        Column("type", "Type d'établissement", read_text_of(60), names("Type_etablissement"), example="Ecole"),
        Column("nursery", "École maternelle", read_yes_no, names("Ecole_maternelle"), accepted="0 ou 1", example="1"),
        Column("elementary", "École élémentaire", read_yes_no, names("Ecole_elementaire"), accepted="0 ou 1", example="1"),
        Column("sector", "Statut public ou privé", read_text_of(40), names("Statut_public_prive"), accepted="Public ; Privé", example="Public"),
        Column("contract", "Type de contrat privé", read_text_of(80), names("Type_contrat_prive"), example="SANS OBJET"),
        Column("status", "État", read_text_of(40), names("etat"), accepted="OUVERT ; A FERMER ; FERME", example="OUVERT"),
        Column("insee", "Code commune", read_insee, names("Code_commune"), accepted="cinq signes", example="86194"),
        Column("address", "Adresse", read_long(200), names("Adresse_1"), example="2 rue de l'École"),
        Column("postcode", "Code postal", read_postcode, names("Code_postal"), accepted="cinq chiffres", example="86000"),
        Column("department", "Code département", read_department, names("Code_departement"), accepted="035, 02A, 974", example="086"),
        Column("latitude", "Latitude", read_latitude, names("latitude"), accepted="de −90 à 90", example="46.580224"),
        Column("longitude", "Longitude", read_longitude, names("longitude"), accepted="de −180 à 180", example="0.340375"),
        Column("priority", "Appartenance à l'éducation prioritaire", read_priority, names("Appartenance_Education_Prioritaire"), accepted="REP ; REP+", example="REP"),
        Column("district", "Circonscription", read_long(160), names("nom_circonscription"), example="Circonscription de Poitiers Est"),
        Column("district_code", "Code de la circonscription", read_long(20), names("code_circonscription"), example="0861200T"),
        Column("updated_on", "Date de mise à jour", read_date, names("date_maj_ligne"), example="2026-07-01"),
    )  # fmt: skip
    list_url = "schools:school_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Directory:
        return _Directory(authority)
