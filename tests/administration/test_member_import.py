"""People by file: never a role taken away, never another authority's. Every name here is made up."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from plan_numerique.accounts.models import Membership, User
from plan_numerique.administration.imports import MemberImporter
from plan_numerique.imports import services
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from schools.models import SchoolAssignment
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.imports import counts, sender, told
from tests.factories.schools import SchoolFactory

HEADER = "E-mail;Nom;Rôle;Écoles;Direction"


@pytest.fixture
def run(authority: Any, user_as: Any) -> Any:
    return sender(MemberImporter(), authority, user_as("administrator"))


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune__authority=authority)


def undo(session: ImportSession) -> None:
    services.undo_session(session=session, importer=MemberImporter(), by=session.by)


def roles(email: str) -> set[tuple[str, int | None]]:
    return set(Membership.objects.filter(user__email=email).values_list("role", "authority"))


def test_accounts_roles_and_schools_then_nothing_the_second_time(run: Any, authority: Any, school: Any) -> None:
    other = SchoolFactory(commune__authority=authority)
    lines = [
        HEADER,
        f"Une.Directrice@Ecole.example;Une Directrice;École;{school.uai}, {other.uai.lower()};oui",
        "un.agent@ville.example;Un Agent;Service éducation;;",
        "un.agent@ville.example;;Finances;;",
    ]
    before = User.objects.count()
    checked = run(lines)
    assert (counts(checked), User.objects.count()) == ((3, 0, 0, 0), before)
    assert counts(run(lines, apply=True)) == (3, 0, 0, 0)
    director = User.objects.get(email="une.directrice@ecole.example")
    assert (director.full_name, director.has_usable_password(), director.is_staff, director.is_superuser) == (
        "Une Directrice", False, False, False,
    )  # fmt: skip
    assert roles("un.agent@ville.example") == {("education", authority.pk), ("finance", authority.pk)}
    held = SchoolAssignment.objects.filter(user=director)
    assert set(held.values_list("school", "is_director")) == {(school.pk, True), (other.pk, True)}
    assert counts(run(lines, apply=True)) == (0, 0, 3, 0)


def test_an_undo_takes_back_what_it_gave(run: Any, authority: Any, school: Any) -> None:
    known = MembershipFactory(role="elected", authority=authority, user__full_name="Avant", user__password="!").user
    done = run(
        [HEADER, f"{known.email};Après;Directeur;{school.uai};oui", "neuf@ville.example;Neuf;Finances;;"], apply=True
    )
    assert (counts(done), done.problems) == ((2, 0, 0, 0), [])
    known.refresh_from_db()
    assert (known.full_name, roles(known.email)) == ("Après", {("elected", authority.pk), ("school", authority.pk)})
    undo(done)
    known.refresh_from_db()
    assert (known.full_name, roles(known.email)) == ("Avant", {("elected", authority.pk)})
    assert not SchoolAssignment.objects.exists()
    assert not User.objects.filter(email="neuf@ville.example").exists()


def test_an_account_that_signed_in_since_stays(run: Any, other_authority: Any) -> None:
    done = run([HEADER, "neuf@ville.example;Neuf;Finances;;", "autre@ville.example;;Finances;;"], apply=True)
    User.objects.filter(email="neuf@ville.example").update(last_login=timezone.now())
    with pytest.raises(DomainError, match=r"ont servi depuis : neuf@ville\.example"):
        undo(done)
    User.objects.update(last_login=None)
    MembershipFactory(role="finance", authority=other_authority, user=User.objects.get(email="autre@ville.example"))
    with pytest.raises(DomainError, match="reposent sur ce qui a été créé"):
        undo(done)
    assert User.objects.filter(email="neuf@ville.example").exists()


def test_what_a_person_is_elsewhere_never_changes(run: Any, authority: Any, other_authority: Any) -> None:
    both = MembershipFactory(role="finance", authority=other_authority, user__full_name="Son nom").user
    root = UserFactory(is_staff=True, is_superuser=True, full_name="Racine")
    done = run(
        [HEADER, f"{both.email.upper()};Un autre nom;Service éducation;;", f"{root.email};Autre;Élu;;"], apply=True
    )
    assert counts(done) == (2, 0, 0, 0)
    assert done.remarks == ["2 comptes : le nom reste celui que la personne a déjà, car elle sert aussi ailleurs."]
    both.refresh_from_db()
    root.refresh_from_db()
    assert (both.full_name, root.full_name, root.is_superuser) == ("Son nom", "Racine", True)
    assert roles(both.email) == {("finance", other_authority.pk), ("education", authority.pk)}
    undo(done)
    assert roles(both.email) == {("finance", other_authority.pk)}


def test_no_role_is_taken_away(run: Any, authority: Any, school: Any) -> None:
    known = MembershipFactory(role="administrator", authority=authority).user
    run([HEADER, f"{known.email};;Finances;;"], apply=True)
    assert roles(known.email) == {("administrator", authority.pk), ("finance", authority.pk)}


@pytest.mark.parametrize(
    "line, column, words",
    [
        ("pas une adresse;A;Finances;;", "E-mail", "adresse électronique"),
        (";A;Finances;;", "E-mail", "adresse électronique"),
        ("a@ville.example;A;Roi;;", "Rôle", "Finances ; Assemblées et affaires juridiques"),
        ("a@ville.example;A;Éducation nationale (DSDEN, TICE, IEN, DAN);;", "Rôle", "Élu"),
        ("a@ville.example;A;;;", "Rôle", "Élu"),
        ("a@ville.example;A;École;;", "Écoles", "UAI"),
        ("a@ville.example;A;École;0860001X;", "Écoles", "UAI"),
        ("a@ville.example;A;École;{theirs};", "Écoles", "UAI"),
        ("a@ville.example;A;École;{ours};peut-être", "Direction", "oui ou non"),
        ("a@ville.example;A;Finances;{ours};", "Écoles", "UAI"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_accepted(
    run: Any, school: Any, other_authority: Any, line: str, column: str, words: str
) -> None:
    theirs = SchoolFactory(commune__authority=other_authority)
    session = run([HEADER, line.format(ours=school.uai, theirs=theirs.uai)], apply=True)
    assert told(session) == [(2, column)]
    assert words in session.problems[0]["accepted"]
    assert not User.objects.filter(email="a@ville.example").exists()


def test_two_lines_that_disagree_are_told(run: Any) -> None:
    session = run(
        [HEADER, "a@ville.example;A;Élu;;", "a@ville.example;B;Finances;;", "A@ville.example;A;Élu;;"], apply=True
    )
    assert told(session) == [(3, "Nom"), (4, "E-mail")]
    assert roles("a@ville.example") != set()


def test_any_number_of_people_costs_as_many_queries(run: Any, school: Any) -> None:
    def costs(size: int) -> list[int]:
        lines = [HEADER, *(f"p{size}-{n}@ville.example;P {n};École;{school.uai};" for n in range(size))]
        session, found = run(lines), []
        for step in (services.check_session, services.apply_session, services.undo_session):
            with CaptureQueriesContext(connection) as context:
                step(session=session, importer=MemberImporter(), by=session.by)
            found.append(len(context))
        assert session.created == size
        return found

    few = costs(3)
    assert few == costs(30)
    assert all(many - less <= 15 for less, many in zip(few, costs(300), strict=True))  # parameters of one statement


def test_only_those_who_manage_members_import_them(
    client_as: Any, user_as: Any, run: Any, other_authority: Any
) -> None:
    create = f"{reverse('importing:import_create')}?kind=administration.members"
    session = run([HEADER, "a@ville.example;A;Élu;;"], apply=True)
    detail, members = reverse("importing:import_detail", args=[session.pk]), reverse("administration:member_list")
    assert create in client_as("administrator").get(members).content.decode()
    shown = client_as("administrator").get(f"{members}?imported={session.pk}").content.decode()
    assert "a@ville.example" in shown
    assert session.by.email not in shown
    assert Client().get(create).status_code == 302
    assert [client_as(role).get(create).status_code for role in ("education", "finance", "elected")] == [404] * 3
    assert client_as("administrator").get(create).status_code == 200
    assert client_as("administrator").get(detail).status_code == 200
    assert client_as("administrator", other_authority).get(detail).status_code == 404
    assert client_as("education").get(detail).status_code == 404
    two = user_as("education")
    MembershipFactory(role="administrator", authority=other_authority, user=two)
    client = Client()
    client.force_login(two, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(detail).status_code == 404
