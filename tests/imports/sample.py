"""A small importer of the tests: schools by UAI, and their communes on the way."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_choice, read_code, read_count, read_decimal, read_text_of, told_choices
from plan_numerique.imports.importer import Change, Column, Importer, Option, Outcome, Problem, ReadRow
from plan_numerique.shared.errors import DomainError
from schools import permissions
from schools.enums import SchoolKind
from schools.models import Commune, School

KINDS = dict.fromkeys(SchoolKind, ())


class SampleImporter(Importer):
    kind, label = "tests.schools", "Écoles d'essai"
    intro, source = "Une ligne par école.", "Tests"
    permission, subject = permissions.EDIT, School
    models = (Commune, School)
    columns = (
        Column(
            "uai", "UAI", read_code(8, "un UAI", r"\d{7}[A-Z]"), ("identifiant",), required=True, example="0861030C"
        ),
        Column("name", "Nom", read_text_of(160), ("nom de l'école", "école"), required=True, example="École du Lac"),
        Column("insee", "Code commune", read_code(5, "un code commune"), ("insee",), required=True, example="86194"),
        Column("city", "Commune", read_text_of(120), example="Poitiers"),
        Column(
            "kind", "Type", read_choice(KINDS, "un type d'école"), accepted=told_choices(KINDS), example="Maternelle"
        ),
        Column("population", "Habitants", read_count(0, 10_000_000), accepted="un nombre", example="1200"),
        Column("latitude", "Latitude", read_decimal(6, -90, 90, rounded=True)),
    )
    key = ("uai",)
    signature = ("UAI", "Nom", "Code commune", "Habitants")
    options = (
        Option(
            "source", "Source", lambda user, town: [("main", "Mairie"), ("state", "État")], lambda user, town: "main"
        ),
    )
    list_url = "schools:school_list"
    rows_at_once = 10

    def __init__(self) -> None:
        self.followed: list[Change] = []
        self.refusal = ""

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> "SampleRun":
        if options.get("source") == "state" and authority.department == "057":
            raise DomainError("L'État ne donne rien ici.", field="source")
        return SampleRun(authority, options.get("source", ""))

    def written(self, changes: Sequence[Change], *, by: User | None) -> None:
        self.followed += changes

    def refuse_undo(self, changes: Sequence[Change]) -> str:
        return self.refusal


class SampleRun:
    def __init__(self, authority: Authority, source: str) -> None:
        self.authority, self.source = authority, source
        self.communes = {row.insee: row for row in Commune.objects.filter(authority=authority)}
        self.schools = {row.uai: row for row in School.objects.filter(authority=authority).select_related("commune")}

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        return [self._one(row.line, row.values) for row in rows]

    def _one(self, line: int, values: Mapping[str, Any]) -> Outcome:
        out = Outcome(line)
        if values["insee"].startswith("99"):
            out.left_out = "commune hors du périmètre"
            return out
        if values["name"] == "Interdite":
            out.problems.append(Problem("name", "ce nom est interdit."))
            return out
        if values["name"] == "À supprimer":
            row = self.schools.pop(values["uai"], None)
            return Outcome(line, [Change(row, gone=True)] if row else [])
        commune = self._commune(values, out)
        school = self.schools.get(values["uai"])
        former = copy(school) if school else None
        school = school or School(authority=self.authority, uai=values["uai"], source=self.source)
        school.name, school.commune = values["name"], commune
        school.kind = values.get("kind", school.kind)
        school.latitude = values.get("latitude", school.latitude)
        school.longitude = school.latitude if values["name"] != "Sans longitude" else None
        self.schools[values["uai"]] = school
        out.changes.append(Change(school, former))
        return out

    def _commune(self, values: Mapping[str, Any], out: Outcome) -> Commune:
        commune = self.communes.get(values["insee"])
        former = copy(commune) if commune else None
        if commune is None:
            commune = Commune(authority=self.authority, insee=values["insee"], name=values.get("city", ""))
        self.communes[values["insee"]] = commune
        commune.population = values.get("population", commune.population)
        if former is None or former.population != commune.population:
            out.changes.append(Change(commune, former))
        return commune

    def remarks(self) -> list[str]:
        return ["Fichier d'essai."]
