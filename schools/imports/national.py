"""What other national files say of schools that are known: coordinates, social index, éducation prioritaire (domain-rules 2.4 to 2.6).
They list whole départements: a school that is not ours is left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_text_of
from plan_numerique.imports.importer import Change, Column, Importer, Outcome, Problem, ReadRow, plain
from schools import permissions, queries
from schools.imports.changes import told, uais_of, update
from schools.imports.readers import (
    NOT_SIGNIFICANT,
    names,
    read_index,
    read_latitude,
    read_long,
    read_longitude,
    read_postcode,
    read_priority,
    read_published_uai,
    read_rentree,
    stored_priority,
)
from schools.models import School, SocialIndex

ELSEWHERE = "école qui n'est pas dans la collectivité"
NO_INDEX = "IPS non significatif (NS) ou absent"
TWICE = "ligne répétée à l'identique"
INDEX_SOURCE = "DEPP, data.education.gouv.fr"
IN_DISTRICT = ("dans qp", "dans qpv", "oui", "o", "1")


class _OfSchools:
    """Rows of schools that are stored; `_told` says what a row asks of its school."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        schools = queries.schools_by_uai(self.authority, uais_of(rows))
        return [self._outcome(row, schools.get(row.values["uai"])) for row in rows]

    def remarks(self) -> list[str]:
        return []

    def _outcome(self, row: ReadRow, school: School | None) -> Outcome:
        if school is None:
            return Outcome(row.line, left_out=ELSEWHERE)
        return Outcome(row.line, update(school, self._told(row, school)))

    def _told(self, row: ReadRow, school: School) -> dict[str, Any]:
        raise NotImplementedError


class _Geolocation(_OfSchools):
    def _told(self, row: ReadRow, school: School) -> dict[str, Any]:
        """The address only where none is known: the directory writes it better."""
        found = {name: value for name, value in told(row, "address", "postcode").items() if not getattr(school, name)}
        if "latitude" in row.values and "longitude" in row.values:
            found |= told(row, "latitude", "longitude")
        return found


class _EducationPriority(_OfSchools):
    def __init__(self, authority: Authority) -> None:
        super().__init__(authority)
        self.asked: dict[int, tuple[int, dict[str, Any]]] = {}

    def _outcome(self, row: ReadRow, school: School | None) -> Outcome:
        """The published file repeats some lines."""
        if school is None:
            return Outcome(row.line, left_out=ELSEWHERE)
        asked = self._told(row, school)
        line, before = self.asked.setdefault(school.pk, (row.line, asked))
        if line == row.line:
            return Outcome(row.line, update(school, asked))
        if before == asked:
            return Outcome(row.line, left_out=TWICE)
        return Outcome(row.line, problems=[Problem("uai", f"la ligne {line} dit autre chose de {row.values['uai']}.")])

    def _told(self, row: ReadRow, school: School) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "priority" in row.values:
            found["education_priority"] = stored_priority(row.values["priority"])
        if plain(row.values.get("quarter", "")) in IN_DISTRICT:
            found["priority_district"] = True
        return found


class _SocialIndexes:
    def __init__(self, authority: Authority) -> None:
        self.authority = authority

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        schools = queries.schools_by_uai(self.authority, uais_of(rows))
        years = {row.values["school_year"] for row in rows}
        held = queries.social_indexes_held(schools.values(), years)
        return [self._outcome(row, schools.get(row.values["uai"]), held) for row in rows]

    def remarks(self) -> list[str]:
        return []

    def _outcome(self, row: ReadRow, school: School | None, held: Mapping[tuple[int, int], SocialIndex]) -> Outcome:
        if school is None:
            return Outcome(row.line, left_out=ELSEWHERE)
        value = row.values.get("value", NOT_SIGNIFICANT)
        if value == NOT_SIGNIFICANT:
            return Outcome(row.line, left_out=NO_INDEX)
        year = row.values["school_year"]
        stored = held.get((school.pk, year))
        if stored is not None:
            return Outcome(row.line, update(stored, {"value": value}))
        index = SocialIndex(school=school, school_year=year, value=value, source=INDEX_SOURCE)
        return Outcome(row.line, [Change(index)])


UAI = Column(
    "uai", "UAI", read_published_uai, names("numero_uai", "Code établissement", "Code UAI", "numero_ecole", "Identifiant_de_l_etablissement"),
    required=True, accepted="sept chiffres puis la lettre de contrôle", example="0860467R",
)  # fmt: skip


class GeolocationImporter(Importer):
    kind, label = "schools.geolocation", "Coordonnées des écoles"
    intro = (
        "Le fichier national des adresses et de la géolocalisation, tel qu'il est publié. Les coordonnées des écoles connues sont mises à"
        " jour, leur adresse n'est reprise que si elle manque ; les autres établissements sont laissés de côté."
    )
    source = "fr-en-adresse-et-geolocalisation-etablissements-premier-et-second-degre (data.education.gouv.fr), Licence Ouverte 2.0."
    permission, subject = permissions.EDIT, School
    models = (School,)
    key = ("uai",)
    signature = names("Appellation officielle", "Dénomination principale", "Latitude", "Longitude")
    columns = (
        UAI,
        Column("latitude", "Latitude", read_latitude, names("lat"), required=False, accepted="de −90 à 90", example="46.580224"),
        Column("longitude", "Longitude", read_longitude, names("lon", "lng"), accepted="de −180 à 180", example="0.340375"),
        Column("address", "Adresse", read_long(200), names("adresse_uai"), example="2 RUE DE L ECOLE"),
        Column("postcode", "Code postal", read_postcode, names("code_postal_uai"), accepted="cinq chiffres", example="86000"),
    )  # fmt: skip
    list_url = "schools:school_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Geolocation:
        return _Geolocation(authority)


class SocialIndexImporter(Importer):
    kind, label = "schools.social_index", "Indices de position sociale (IPS)"
    intro = (
        "Le fichier national des IPS des écoles, de chaque rentrée. Un indice non significatif (NS) ou absent est laissé de côté, comme"
        " les écoles qui ne sont pas dans la collectivité. Les écoles sans CM2 n'ont pas d'IPS."
    )
    source = "fr-en-ips-ecoles-ap2022, DEPP (data.education.gouv.fr), Licence Ouverte 2.0."
    permission, subject = permissions.EDIT, SocialIndex
    models = (SocialIndex,)
    key = ("uai", "school_year")
    signature = names("rentree_scolaire", "uai", "ips")
    columns = (
        UAI,
        Column(
            "school_year", "Rentrée scolaire", read_rentree, names("rentree_scolaire", "rentree", "Année scolaire"),
            required=True, accepted="2022 ou 2022-2023", example="2022-2023",
        ),
        Column("value", "IPS", read_index, names("indice", "Indice de position sociale"), accepted="de 40 à 200, ou NS", example="98,4"),
    )  # fmt: skip
    list_url = "schools:school_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _SocialIndexes:
        return _SocialIndexes(authority)


class EducationPriorityImporter(Importer):
    kind, label = "schools.education_priority", "Éducation prioritaire et quartiers prioritaires"
    intro = (
        "La liste nationale des établissements de l'éducation prioritaire. REP, REP+ et « dans un quartier prioritaire » sont repris pour"
        " les écoles connues ; une école absente de la liste, ou sans quartier indiqué, garde ce qui est connu d'elle."
    )
    source = "fr-en-etablissements-ep (data.education.gouv.fr), Licence Ouverte 2.0."
    permission, subject = permissions.EDIT, School
    models = (School,)
    signature = names("uai_tete_de_reseau", "qp_a_proximite_o_n")
    columns = (
        UAI,
        Column(
            "priority", "Éducation prioritaire", read_priority, names(*(f"ep_{year}_{year + 1}" for year in range(2040, 2014, -1)), "ep", "REP"),
            accepted="REP ; REP+ ; HORS REP", example="REP+",
        ),
        Column(
            "quarter", "Quartier prioritaire", read_text_of(200), names("qp_a_proximite_o_n", "QP à proximité (O/N)", "QP à proximité O/N", "QPV"),
            accepted="« Dans QP », ou rien", example="Dans QP",
        ),
    )  # fmt: skip
    list_url = "schools:school_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _EducationPriority:
        return _EducationPriority(authority)
