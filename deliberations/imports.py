"""The members of a council, as their names are published. Never how they are reached: private contact data are entered apart."""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any

from deliberations import permissions, services
from deliberations.domain.names import name_key
from deliberations.enums import Side
from deliberations.models import Assembly, Mandate
from deliberations.queries import editable_assemblies
from plan_numerique.accounts.models import Authority, User
from plan_numerique.imports.cells import read_choice, read_count, read_date, read_text_of, told_choices
from plan_numerique.imports.importer import Change, Column, Importer, Option, Outcome, Problem, ReadRow, plain
from plan_numerique.shared.errors import DomainError

PLAIN_COLUMNS = (
    "civility",
    "first_name",
    "last_name",
    "rank",
    "function",
    "group",
    "side",
    "commune",
    "starts_on",
    "ends_on",
)
SIDE_WORDS = {
    Side.MAJORITY: ("majorite municipale", "maj", "majoritaire"),
    Side.OPPOSITION: ("minorite", "opp", "opposition municipale"),
}
CIVILITIES = {"M.": ("m", "mr", "monsieur"), "Mme": ("mme", "madame", "mlle")}
PRIVATE = re.compile(
    r"\b(?:e ?mails?|mails?|courriels?|messagerie|adresses?(?: electronique| postale)?|tel|tels|telephones?|portable|mobile|gsm"
    r"|(?:date|lieu) (?:de )?naissance|nee? le|naissance|domicile)\b"
)
"""Headers of what is never read here, as `plain` writes them."""
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PHONE = re.compile(r"(?:\+|00)?\d(?:[\s.\-]?\d){8,13}", re.ASCII)


def read_public(length: int) -> Callable[[Any], str]:
    """A text of the published table: a contact that slipped in is refused."""
    read = read_text_of(length)

    def public(value: Any) -> str:
        text: str = read(value)
        if EMAIL.search(text) or PHONE.search(text):
            raise ValueError(
                "une adresse électronique ou un téléphone ne s'importe pas : ces coordonnées, privées, se saisissent à part."
            )
        return text

    return public


class _Mandates:
    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.lines: dict[str, int] = {}
        self.stored: dict[str, list[Mandate]] = {}
        held = Mandate.objects.filter(assembly=assembly).select_related("assembly", "alternate_for", "replaces")
        for mandate in held.order_by("starts_on", "pk"):
            self.stored.setdefault(name_key(mandate.display_name), []).append(mandate)

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        return [self._outcome(row) for row in rows]

    def remarks(self) -> list[str]:
        return []

    def _outcome(self, row: ReadRow) -> Outcome:
        name = row.values["display_name"]
        first = self.lines.setdefault(name_key(name), row.line)
        if first != row.line:
            message = (
                f"la ligne {first} nomme déjà cette personne : deux homonymes ne s'importent pas, les saisir à la main."
            )
            return Outcome(row.line, problems=[Problem("display_name", message)])
        found = _held(self.stored.get(name_key(name), []), row.values.get("starts_on"))
        if isinstance(found, Problem):
            return Outcome(row.line, problems=[found])
        mandate = copy(found) if found else Mandate(assembly=self.assembly)
        mandate.display_name = name
        for column in PLAIN_COLUMNS:
            if column in row.values:
                setattr(mandate, column, row.values[column])
        if mandate.starts_on and mandate.ends_on and mandate.ends_on < mandate.starts_on:
            return Outcome(row.line, problems=[Problem("ends_on", "un mandat ne finit pas avant de commencer.")])
        return Outcome(row.line, [Change(mandate, found)])


def _held(stored: Sequence[Mandate], starts_on: date | None) -> Mandate | Problem | None:
    """The mandate that the line tells: that of its first day, else the only one that day does not come after; none for a new one."""
    same = [mandate for mandate in stored if starts_on and mandate.starts_on == starts_on]
    going = same or [each for each in stored if not (starts_on and each.ends_on and each.ends_on < starts_on)]
    if len(going) > 1:
        days = " ; ".join(f"{each.starts_on:%d/%m/%Y}" if each.starts_on else "sans date" for each in going)
        message = (
            "plusieurs mandats de l'assemblée portent ce nom : donner le début du mandat, ou le modifier à la main."
        )
        return Problem("display_name", message, f"un mandat commencé le : {days}")
    return going[0] if going else None


def _assemblies(user: User, authority: Authority) -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in editable_assemblies(user).filter(authority=authority)]


def _first_assembly(user: User, authority: Authority) -> str:
    return next((pk for pk, _ in _assemblies(user, authority)), "")


class MandateImporter(Importer):
    kind, label = "deliberations.mandates", "Élus du conseil"
    intro = (
        "Une ligne par élu, reconnu par son nom tel qu'il figure dans les actes (sans tenir compte de la civilité, des accents ni des"
        " majuscules). Les adresses électroniques, les téléphones et les dates de naissance ne sont jamais lus."
    )
    source = "Tableau du conseil, répertoire national des élus (modèle à remplir)."
    permission, subject = permissions.EDIT, Mandate
    models = (Mandate,)
    columns = (
        Column(
            "display_name", "Nom publié", read_public(120), ("elu", "membre", "conseiller", "nom complet", "nom et prenom", "prenom et nom", "nom prenom"),
            required=True, accepted="le nom tel qu'il figure dans les actes", example="Mme Camille EXEMPLE",
        ),
        Column("civility", "Civilité", read_choice(CIVILITIES, "une civilité"), ("titre", "sexe civilite"), accepted="M. ; Mme", example="Mme"),
        Column("first_name", "Prénom", read_public(80), ("prenom de l elu",), example="Camille"),
        Column("last_name", "Nom de famille", read_public(80), ("nom", "nom de l elu", "patronyme"), example="EXEMPLE"),
        Column("rank", "Ordre du tableau", read_count(1, 1_000), ("rang", "ordre", "n d ordre", "numero d ordre"), accepted="de 1 à 1 000", example="2"),
        Column(
            "function", "Fonction", read_public(120), ("libelle de la fonction", "qualite", "mandat", "delegation"), example="1re adjointe",
            accepted="la fonction publiée",
        ),
        Column("group", "Groupe politique", read_public(120), ("groupe", "liste", "groupe d elus"), example="Groupe exemple"),
        Column("side", "Majorité ou opposition", read_choice(SIDE_WORDS, "la majorité ni l'opposition"), ("majorite opposition", "majorite"), accepted=told_choices(Side), example="Majorité"),
        Column("commune", "Commune représentée", read_public(120), ("commune", "libelle de la commune", "ville"), help="Dans un conseil communautaire."),
        Column(
            "starts_on", "Début du mandat", read_date, ("debut", "date de debut du mandat", "elu le", "date de debut de la fonction"),
            accepted="une date : 03/07/2020", example="03/07/2020",
        ),
        Column("ends_on", "Fin du mandat", read_date, ("fin", "date de fin du mandat", "date de fin"), accepted="une date, pas avant le début"),
    )  # fmt: skip
    key = ("display_name",)
    options = (Option("assembly", "Assemblée", _assemblies, _first_assembly),)
    list_url = "deliberations:mandate_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Mandates:
        asked = str(options.get("assembly") or "")
        known = Assembly.objects.select_related("authority").filter(authority=authority)
        assembly = known.filter(pk=asked).first() if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
        if assembly is None:
            raise DomainError("Cette assemblée n'est pas l'une de celles de la collectivité.", field="assembly")
        return _Mandates(assembly)

    def unread(self, names: Sequence[str]) -> list[str]:
        private = [f"« {name} »" for name in names if PRIVATE.search(plain(name))]
        if not private:
            return []
        one = len(private) == 1
        return [
            f"{'La colonne' if one else 'Les colonnes'} {', '.join(private)} {'n’est pas lue' if one else 'ne sont pas lues'} : les coordonnées et la"
            " naissance des élus, privées, ne s'importent pas ; elles se saisissent à part, sur la page de chaque membre."
        ]

    def written(self, changes: Sequence[Change], *, by: User | None) -> None:
        services.require_votes_kept_by(changes)


IMPORTERS: tuple[type[Importer], ...] = (MandateImporter,)
