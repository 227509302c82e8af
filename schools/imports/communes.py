from collections.abc import Mapping, Sequence

from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_count, read_text_of
from plan_numerique.imports.importer import Change, Column, Importer, Outcome, Problem, ReadRow
from schools import permissions
from schools.imports.changes import told, update
from schools.imports.readers import names, read_insee
from schools.models import Commune


class _Communes:
    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.known: dict[str, Commune] = {
            row.insee: row for row in Commune.objects.select_related("authority").filter(authority=authority)
        }

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        return [self._outcome(row) for row in rows]

    def remarks(self) -> list[str]:
        return []

    def _outcome(self, row: ReadRow) -> Outcome:
        insee, authority = row.values["insee"], self.authority
        values = told(row, "name", "population")
        if insee in self.known:
            return Outcome(row.line, update(self.known[insee], values))
        if authority.kind == AuthorityKind.COMMUNE and authority.insee and insee != authority.insee:
            message = f"« {insee} » n'est pas {authority.name}, seule commune de la collectivité ({authority.insee})."
            return Outcome(row.line, problems=[Problem("insee", message, accepted=authority.insee)])
        return Outcome(row.line, [Change(Commune(authority=authority, insee=insee, **values))])


class CommuneImporter(Importer):
    kind, label = "schools.communes", "Communes"
    intro = (
        "Les communes de la collectivité, une par ligne. Une commune déjà connue par son code INSEE est mise à jour ;"
        " une cellule vide laisse ce qui est connu."
    )
    source = "Fichier de la collectivité, ou extrait du code officiel géographique (INSEE)."
    permission, subject = permissions.EDIT, Commune
    models = (Commune,)
    columns = (
        Column(
            "insee", "Code INSEE", read_insee,
            names("Code commune", "INSEE", "Code_INSEE", "Code officiel géographique", "COM", "CODGEO", "depcom", "insee_com"),
            required=True, accepted="cinq signes : 86194, 2A004", example="86194",
        ),
        Column(
            "name", "Nom", read_text_of(120), names("Commune", "Nom commune", "Nom de la commune", "Libellé", "LIBGEO", "NCCENR", "nom_com"),
            required=True, example="Poitiers",
        ),
        Column(
            "population", "Population", read_count(0, 5_000_000),
            names("Population municipale", "PMUN", "Population totale", "PTOT", "Nombre d'habitants", "Habitants"),
            accepted="un nombre d'habitants", example="89472",
        ),
    )  # fmt: skip
    key = ("insee",)
    list_url = "schools:commune_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Communes:
        return _Communes(authority)
