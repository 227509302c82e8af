"""The people of an authority by file: accounts without a password, their roles here, the schools of those who are of a school."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models.functions import Lower

from plan_numerique.accounts.enums import TOWN_ROLES, Role
from plan_numerique.accounts.models import Authority, Membership, User
from plan_numerique.accounts.permissions import MANAGE_MEMBERS
from plan_numerique.imports.cells import read_choice, read_email, read_text, read_text_of, read_yes_no, told_choices
from plan_numerique.imports.importer import Change, Column, Importer, Outcome, Problem, ReadRow
from plan_numerique.shared.wording import counted
from schools.imports.changes import update
from schools.imports.readers import read_uai
from schools.models import School, SchoolAssignment
from schools.queries import schools_by_uai

ROLE_WORDS = {
    Role.ADMINISTRATOR: ("administrateur", "administratrice", "administration", "admin"),
    Role.EDUCATION: ("education", "service education", "pilotage"),
    Role.TECHNICIAN: ("informatique", "technicien", "technicienne", "dsi"),
    Role.FINANCE: ("finance", "service finances", "comptabilite"),
    Role.ASSEMBLY: ("assemblees", "affaires juridiques", "service des assemblees"),
    Role.SCHOOL: ("ecole", "directeur", "directrice", "direction", "enseignant", "enseignante"),
    Role.ELECTED: ("elue", "elu e", "conseiller", "conseillere", "adjoint", "adjointe", "maire"),
    Role.PARTNER: ("partenaire", "prestataire", "maintenance"),
}
LISTED = [role for role in Role if role in TOWN_ROLES]
SEPARATORS = re.compile(r"[\s,;/|]+")
SHOWN = 5


def read_uais(value: Any) -> tuple[str, ...] | None:
    """Several, separated by spaces or commas."""
    found = [read_uai(part) for part in SEPARATORS.split(read_text(value, 500)) if part]
    return tuple(dict.fromkeys(found)) or None


class _Members:
    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.users: dict[str, User] = {}
        self.names: dict[str, str] = {}
        self.roles: set[tuple[str, str]] = set()
        self.elsewhere: set[str] = set()
        self.kept: set[str] = set()
        self.assignments: dict[tuple[str, str], SchoolAssignment] = {}
        self.schools: dict[str, School] = {}

    def settle(self, rows: Sequence[ReadRow]) -> list[Outcome]:
        self._load({row.values["email"] for row in rows} - self.users.keys())
        wanted = {uai for row in rows for uai in row.values.get("schools", ())}
        self.schools |= schools_by_uai(self.authority, wanted - self.schools.keys())
        return [self._outcome(row) for row in rows]

    def remarks(self) -> list[str]:
        if not self.kept:
            return []
        return [
            f"{counted(len(self.kept), 'compte')} : le nom reste celui que la personne a déjà, car elle sert aussi ailleurs."
        ]

    def _load(self, emails: set[str]) -> None:
        """The accounts of the file, what they are here, and whether they are something elsewhere."""
        users = User.objects.annotate(lower=Lower("email")).filter(lower__in=emails)
        found = {user.lower: user for user in users}  # type: ignore[attr-defined]
        self.users |= found
        keys = {user.pk: email for email, user in found.items()}
        self.elsewhere |= {email for email, user in found.items() if user.is_staff or user.is_superuser}
        for role in Membership.objects.filter(user__in=keys):
            if role.authority_id == self.authority.pk:
                self.roles.add((keys[role.user_id], role.role))
            else:
                self.elsewhere.add(keys[role.user_id])
        rows = SchoolAssignment.objects.select_related("school", "user").filter(user__in=keys)
        for row in rows:
            if row.school.authority_id == self.authority.pk:
                self.assignments[keys[row.user_id], row.school.uai] = row
            else:
                self.elsewhere.add(keys[row.user_id])

    def _outcome(self, row: ReadRow) -> Outcome:
        problems = self._faults(row)
        if problems:
            return Outcome(row.line, problems=problems)
        email, role = row.values["email"], row.values["role"]
        user, changes = self._person(email, row.values.get("full_name", ""))
        if (email, role) not in self.roles:
            changes.append(Change(Membership(user=user, role=role, authority=self.authority)))
        for uai in row.values.get("schools", ()):
            changes += self._assignment(user, email, uai, row.values.get("is_director"))
        return Outcome(row.line, changes)

    def _faults(self, row: ReadRow) -> list[Problem]:
        email, role, told = row.values["email"], row.values["role"], row.values.get("schools", ())
        unknown = [uai for uai in told if uai not in self.schools]
        if unknown:
            message = f"« {' ; '.join(unknown[:SHOWN])} » : aucune école de la collectivité n'a cet UAI."
            return [Problem("schools", message, "l'UAI d'écoles de la collectivité")]
        if told and role != Role.SCHOOL:
            return [Problem("schools", f"des écoles ne se donnent qu'au rôle « {Role.SCHOOL.label} ».")]
        if role == Role.SCHOOL and not told and not any(known == email for known, _ in self.assignments):
            return [
                Problem("schools", "ce rôle se donne avec une école au moins.", "l'UAI d'écoles de la collectivité")
            ]
        name = row.values.get("full_name", "")
        said = self.names.setdefault(email, name) or name
        self.names[email] = said
        if name and name != said:
            return [Problem("full_name", f"une autre ligne nomme cette personne « {said} ».")]
        return []

    def _person(self, email: str, name: str) -> tuple[User, list[Change]]:
        held = self.users.get(email)
        if held is None:
            user = User(email=email, full_name=name)
            user.set_unusable_password()
            self.users[email] = user
            return user, [Change(user)]
        if not held.pk:
            held.full_name = held.full_name or name
            return held, [Change(held)]
        if not name or held.full_name == name:
            return held, []
        if email in self.elsewhere:
            self.kept.add(email)
            return held, []
        changes = update(held, {"full_name": name})
        self.users[email] = changes[0].instance  # type: ignore[assignment]
        return self.users[email], changes

    def _assignment(self, user: User, email: str, uai: str, is_director: bool | None) -> list[Change]:
        held = self.assignments.get((email, uai))
        if held is None:
            return [Change(SchoolAssignment(school=self.schools[uai], user=user, is_director=bool(is_director)))]
        return [] if is_director is None else update(held, {"is_director": is_director})


class MemberImporter(Importer):
    kind, label = "administration.members", "Utilisateurs et rôles"
    intro = (
        "Une ligne par personne et par rôle. Un compte inconnu est créé sans mot de passe : la personne en choisit un par « Mot de passe"
        " oublié ». Aucun rôle n'est jamais retiré, et rien ne change dans une autre collectivité."
    )
    source = "Liste tenue par la collectivité (modèle à remplir)."
    permission, subject = MANAGE_MEMBERS, Membership
    models = (User, Membership, SchoolAssignment)
    columns = (
        Column(
            "email", "Adresse électronique", read_email, ("e mail", "email", "mail", "courriel", "adresse e mail", "adresse mail", "identifiant"),
            required=True, accepted="une adresse électronique", example="prenom.nom@ville.example",
        ),
        Column("full_name", "Nom", read_text_of(160), ("nom complet", "personne", "nom et prenom", "prenom et nom", "nom prenom", "utilisateur"), example="Camille Exemple"),
        Column("role", "Rôle", read_choice({role: ROLE_WORDS[role] for role in LISTED}, "un rôle de la collectivité"), ("profil", "fonction", "service"),
               required=True, accepted=told_choices(LISTED), example="École (direction, enseignants)"),
        Column(
            "schools", "Écoles (UAI)", read_uais, ("ecole", "ecoles", "uai", "rne", "code uai", "etablissement"),
            accepted="les UAI d'écoles de la collectivité, séparés par des espaces ou des virgules", example="0860467R",
            help="Pour le rôle d'école seulement.",
        ),
        Column("is_director", "Direction", read_yes_no, ("directeur", "directrice", "est directeur"), accepted="oui ou non", example="Oui"),
    )  # fmt: skip
    key = ("email", "role")
    list_url = "administration:member_list"

    def start(self, *, authority: Authority, options: Mapping[str, str], by: User | None) -> _Members:
        return _Members(authority)

    def refuse_undo(self, changes: Sequence[Change]) -> str:
        """An account that somebody has signed in with stays."""
        keys = [change.instance.pk for change in changes if change.former is None and isinstance(change.instance, User)]
        used = User.objects.filter(pk__in=keys, last_login__isnull=False).order_by("email")
        names = list(used.values_list("email", flat=True)[: SHOWN + 1])
        if not names:
            return ""
        more = " et d'autres" if len(names) > SHOWN else ""
        return f"Des comptes créés par cet import ont servi depuis : {' ; '.join(names[:SHOWN])}{more}"


IMPORTERS: tuple[type[Importer], ...] = (MemberImporter,)
