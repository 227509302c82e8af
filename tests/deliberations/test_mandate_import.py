"""The members of a council by file. Every name here is made up."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deliberations.imports import MandateImporter
from deliberations.models import Mandate, MemberContact
from plan_numerique.imports import services
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from tests.factories.accounts import MembershipFactory
from tests.factories.deliberations import AssemblyFactory, MandateFactory
from tests.factories.imports import counts, sender, told

HEADER = (
    "Nom publié;Civilité;Prénom;Nom;Rang;Fonction;Groupe;Majorité ou opposition;Commune;Début du mandat;Fin du mandat"
)


@pytest.fixture
def assembly(authority: Any) -> Any:
    return AssemblyFactory(authority=authority)


@pytest.fixture
def run(assembly: Any, user_as: Any) -> Any:
    return sender(MandateImporter(), assembly.authority, user_as("assembly"))


def undo(session: ImportSession) -> None:
    services.undo_session(session=session, importer=MandateImporter(), by=session.by)


def test_a_council_is_read_whole_and_again_changes_nothing(run: Any, assembly: Any) -> None:
    lines = [
        HEADER,
        "Mme Camille EXEMPLE;Madame;Camille;EXEMPLE;1;Maire;Groupe A;Majorité;;03/07/2020;",
        "M. Alix MODÈLE;M.;Alix;MODÈLE;2;1er adjoint;Groupe B;opp;Commune exemple;03/07/2020;01/02/2024",
    ]
    assert (counts(run(lines)), Mandate.objects.count()) == ((2, 0, 0, 0), 0)
    done = run(lines, apply=True)
    first, second = Mandate.objects.order_by("rank")
    assert (first.assembly, first.display_name, first.civility, first.function, first.side) == (
        assembly, "Mme Camille EXEMPLE", "Mme", "Maire", "majority",
    )  # fmt: skip
    assert (second.last_name, second.commune, second.ends_on) == ("MODÈLE", "Commune exemple", date(2024, 2, 1))
    assert counts(run(lines, apply=True)) == (0, 0, 2, 0)
    changed = run([HEADER, "Alix Modele;;;;3;;;;;;"], apply=True)
    assert counts(changed) == (0, 1, 0, 0)
    second.refresh_from_db()
    assert (second.display_name, second.rank, second.function) == ("Alix Modele", 3, "1er adjoint")
    undo(changed)
    undo(done)
    assert not Mandate.objects.exists()


def test_private_data_are_never_read_and_it_is_said(run: Any) -> None:
    header = "Nom publié;E-mail;Téléphone portable;Date de naissance;Fonction"
    done = run([header, "Mme Camille EXEMPLE;c@ville.example;06 00 00 00 00;01/01/1970;Maire"], apply=True)
    assert counts(done) == (1, 0, 0, 0)
    (remark,) = done.remarks
    assert remark.startswith("Les colonnes « E-mail », « Téléphone portable », « Date de naissance » ne sont pas lues")
    assert not MemberContact.objects.exists()
    stored = " ".join(str(value) for value in Mandate.objects.values_list().get())
    assert not any(text in stored for text in ("ville.example", "06 00", "1970"))
    assert run(["Nom publié;Fonction", "Mme Camille EXEMPLE;Maire"]).remarks == []


@pytest.mark.parametrize("text", ["c@ville.example", "06 00 00 00 00", "+33600000000"])
def test_a_contact_in_another_column_is_refused(run: Any, text: str) -> None:
    session = run(["Nom publié;Fonction", f"Mme Camille EXEMPLE;{text}"], apply=True)
    assert told(session) == [(2, "Fonction")]
    assert "privées" in session.problems[0]["message"]


def test_homonyms_are_refused(run: Any, assembly: Any) -> None:
    for year in (2014, 2020):
        MandateFactory(assembly=assembly, display_name="M. Alix MODÈLE", starts_on=date(year, 7, 3))
    session = run(
        [HEADER, "Mme Camille EXEMPLE;;;;;;;;;;", "camille exemple;;;;;;;;;;", "Alix Modèle;;;;9;;;;;;"], apply=True
    )
    assert told(session) == [(3, "Nom publié"), (4, "Nom publié")]
    assert "la ligne 2 nomme déjà cette personne" in session.problems[0]["message"]
    assert session.problems[1]["accepted"] == "un mandat commencé le : 03/07/2014 ; 03/07/2020"
    told_apart = run([HEADER, "M. Alix MODÈLE;;;;9;;;;;03/07/2020;"], apply=True)
    assert counts(told_apart) == (0, 1, 0, 0)
    assert Mandate.objects.get(starts_on=date(2020, 7, 3)).rank == 9


def test_a_mandate_after_the_end_of_the_former_is_a_new_one(run: Any, assembly: Any) -> None:
    MandateFactory(
        assembly=assembly, display_name="M. Alix MODÈLE", starts_on=date(2014, 4, 1), ends_on=date(2020, 7, 2)
    )
    assert counts(run([HEADER, "M. Alix MODÈLE;;;;1;;;;;03/07/2020;"], apply=True)) == (1, 0, 0, 0)
    assert Mandate.objects.count() == 2


@pytest.mark.parametrize(
    "cells, column, words",
    [
        (";M.;;;;;;;;;", "Nom publié", "actes"),
        ("A B;Docteur;;;;;;;;;", "Civilité", "M. ; Mme"),
        ("A B;;;;0;;;;;;", "Rang", "de 1 à 1 000"),
        ("A B;;;;;;;neutre;;;", "Majorité ou opposition", "Majorité ; Opposition"),
        ("A B;;;;;;;;;31/02/2020;", "Début du mandat", "une date"),
        ("A B;;;;;;;;;03/07/2020;02/07/2020", "Fin du mandat", "pas avant le début"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_accepted(run: Any, cells: str, column: str, words: str) -> None:
    session = run([HEADER, cells + "\r\nM. Autre EXEMPLE;;;;;;;;;;"])
    assert told(session) == [(2, column)]
    assert words in session.problems[0]["accepted"]


def test_the_assembly_of_another_authority_is_no_choice(run: Any, other_authority: Any) -> None:
    theirs = AssemblyFactory(authority=other_authority)
    with pytest.raises(DomainError, match="n'est pas un choix possible"):
        run([HEADER, "A B;;;;;;;;;;"], assembly=str(theirs.pk))
    session = run([HEADER, "A B;;;;;;;;;;"])
    with pytest.raises(DomainError, match="n'est pas l'une de celles"):
        MandateImporter().start(authority=session.authority, options={"assembly": str(theirs.pk)}, by=None)


def test_an_undo_says_what_rests_on_a_new_member(run: Any) -> None:
    done = run([HEADER, "Mme Camille EXEMPLE;;;;;;;;;;"], apply=True)
    MemberContact.objects.create(mandate=Mandate.objects.get(), email="c@ville.example")
    with pytest.raises(DomainError, match="reposent sur ce qui a été créé"):
        undo(done)


def test_any_number_of_members_costs_as_many_queries(run: Any) -> None:
    def costs(size: int) -> list[int]:
        lines = [HEADER, *(f"Membre EXEMPLE-{size}-{n};;;;{n + 1};;;;;03/07/2020;" for n in range(size))]
        session, found = run(lines), []
        for step in (services.check_session, services.apply_session, services.undo_session):
            with CaptureQueriesContext(connection) as context:
                step(session=session, importer=MandateImporter(), by=session.by)
            found.append(len(context))
        assert session.created == size
        return found

    few = costs(3)
    assert few == costs(30)
    assert all(many - less <= 15 for less, many in zip(few, costs(300), strict=True))  # parameters of one statement


def test_only_those_who_keep_the_council_import_it(
    client_as: Any, user_as: Any, run: Any, assembly: Any, other_authority: Any
) -> None:
    create, mandates = (
        f"{reverse('importing:import_create')}?kind=deliberations.mandates",
        reverse("deliberations:mandate_list"),
    )
    session = run([HEADER, "Mme Camille EXEMPLE;;;;;;;;;;"], apply=True)
    MandateFactory(assembly=assembly, display_name="M. Autre MEMBRE")
    detail = reverse("importing:import_detail", args=[session.pk])
    assert create in client_as("assembly").get(mandates).content.decode()
    assert create not in client_as("elected").get(mandates).content.decode()
    shown = client_as("assembly").get(f"{mandates}?imported={session.pk}").content.decode()
    assert ("Camille EXEMPLE" in shown, "M. Autre MEMBRE" in shown) == (True, False)
    assert Client().get(create).status_code == 302
    assert [client_as(role).get(create).status_code for role in ("education", "elected")] == [404, 404]
    assert client_as("assembly").get(detail).status_code == 200
    assert client_as("assembly", other_authority).get(detail).status_code == 404
    two = user_as("elected")
    MembershipFactory(role="assembly", authority=other_authority, user=two)
    client = Client()
    client.force_login(two, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(detail).status_code == 404
