from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plan_numerique.accounts.models import Authority
from plan_numerique.importing import tasks
from plan_numerique.importing.importers import all_importers
from plan_numerique.imports.models import ImportSession
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import read_table
from schools.models import School
from tests.factories.accounts import MembershipFactory
from tests.factories.jobs import JobFactory
from tests.imports.sample import SampleImporter
from tests.imports.test_sessions import HEADER, THREE_BAD, check, file, line

pytestmark = pytest.mark.django_db

KIND = SampleImporter.kind
ROWS = ["import_detail", "import_columns", "import_undo"]
POSTS = ["import_apply", "import_discard", "import_kind"]
PAGES = ["import_list", "import_create", "import_model", *ROWS, *POSTS]


@pytest.fixture
def sent(authority: Authority, user_as: Any) -> Callable[..., ImportSession]:
    def make(content: bytes = b"", name: str = "ecoles.csv", **more: Any) -> ImportSession:
        from plan_numerique.imports import services

        given = {
            "authority": authority,
            "importer": SampleImporter(),
            "options": {},
            "by": user_as("education"),
            **more,
        }
        return services.open_session(filename=name, content=content or file(line(1)), **given)

    return make


def url(name: str, session: ImportSession) -> str:
    if name == "import_model":
        return reverse("importing:import_model", args=[KIND, "csv"])
    full = f"importing:{name}"
    return reverse(full) if name in ("import_list", "import_create") else reverse(full, args=[session.pk])


def call(client: Client, name: str, session: ImportSession) -> int:
    where = url(name, session)
    return (client.post(where, {"kind": KIND}) if name in POSTS else client.get(where)).status_code


def follow(client: Client, capture: Any, where: str, told: dict[str, Any]) -> Any:
    with capture(execute=True):
        return client.post(where, told)


@pytest.mark.parametrize("name", PAGES)
def test_access(name: str, sent: Any, other_authority: Authority, client_as: Any) -> None:
    session = sent()
    own = 302 if name in POSTS else 200
    everywhere = name in ("import_list", "import_create", "import_model")
    assert call(Client(), name, session) == 302
    assert call(client_as("elected"), name, session) == 403
    assert call(client_as("school"), name, session) == 403
    assert call(client_as("education", at=other_authority), name, session) == (200 if everywhere else 404)
    two = MembershipFactory(role="elected", authority=session.authority).user
    MembershipFactory(role="education", authority=other_authority, user=two)
    client = Client()
    client.force_login(two, backend="django.contrib.auth.backends.ModelBackend")
    assert call(client, name, session) == (200 if everywhere else 404)
    assert call(client_as("education"), name, session) == own


def test_a_stranger_sees_no_file_of_others(sent: Any, other_authority: Authority, client_as: Any) -> None:
    sent(name="secret.csv")
    where = reverse("importing:import_list")
    assert "secret.csv" in client_as("education").get(where).content.decode()
    assert "secret.csv" not in client_as("education", at=other_authority).get(where).content.decode()


@pytest.mark.parametrize("name", ["importing:import_list", "api-imports-list"])
def test_the_list_asks_as_much_for_three_as_for_one(name: str, sent: Any, client_as: Any) -> None:
    client = client_as("education")
    found = []
    for rows in (1, 2):
        for _ in range(rows):
            sent()
        client.get(reverse(name))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name)).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]


def test_a_file_from_choice_to_undo(
    client_as: Any, authority: Authority, django_capture_on_commit_callbacks: Any
) -> None:
    client, capture = client_as("education"), django_capture_on_commit_callbacks
    page = client.get(reverse("importing:import_create")).content.decode()
    assert "Écoles d&#x27;essai" in page or "Écoles d'essai" in page
    where = f"{reverse('importing:import_create')}?kind={KIND}"
    assert "Modèle à remplir" in client.get(where).content.decode()
    upload = SimpleUploadedFile("ecoles.csv", file(*THREE_BAD))
    response = client.post(where, {"authority": authority.pk, "file": upload})
    session = ImportSession.objects.get()
    columns = reverse("importing:import_columns", args=[session.pk])
    assert response["Location"] == columns
    page = client.get(columns).content.decode()
    assert "Colonnes du fichier qui ne sont pas reprises : Remarque." in page
    told = {f"col-{name}": column for name, column in session.columns.items()}
    response = follow(client, capture, columns, {**told, "opt-source": "main"})
    detail = reverse("importing:import_detail", args=[session.pk])
    assert response["Location"] == detail
    page = client.get(detail).content.decode()
    assert "Importer les 42 bonnes lignes" in page
    assert "la ligne 5 porte déjà" in page
    assert "Télécharger les 3 lignes à corriger" in page
    assert not School.objects.exists()
    follow(client, capture, reverse("importing:import_apply", args=[session.pk]), {})
    assert School.objects.count() == 42
    page = client.get(detail).content.decode()
    assert "Annuler l'import" in page or "Annuler l&#x27;import" in page
    follow(client, capture, reverse("importing:import_undo", args=[session.pk]), {"reason": "Mauvais fichier"})
    assert not School.objects.exists()
    session.refresh_from_db()
    assert session.state == "undone"
    assert session.event is not None
    assert "Import annulé" in client.get(detail).content.decode()


def test_a_refused_undo_says_why(
    sent: Any, client_as: Any, django_capture_on_commit_callbacks: Any, user_as: Any
) -> None:
    session, client = check(sent()), client_as("education")
    follow(client, django_capture_on_commit_callbacks, reverse("importing:import_apply", args=[session.pk]), {})
    School.objects.update(name="Changée")
    follow(client, django_capture_on_commit_callbacks, reverse("importing:import_undo", args=[session.pk]), {})
    page = client.get(reverse("importing:import_detail", args=[session.pk])).content.decode()
    assert "Changée" in page
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "vide"),
        (b"\xd0\xcf\x11\xe0rien", "ancien classeur"),
        (b"PK\x03\x04rien", "abîmé"),
        (b"a;b\n\x00", "n&#x27;est pas un tableau"),
    ],
)
def test_a_file_that_does_not_read_is_told(client_as: Any, authority: Authority, content: bytes, words: str) -> None:
    where = f"{reverse('importing:import_create')}?kind={KIND}"
    upload = SimpleUploadedFile("a.csv", content)
    response = client_as("education").post(where, {"authority": authority.pk, "file": upload})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ImportSession.objects.exists()


def test_a_file_too_large_is_refused_by_its_size(
    client_as: Any, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plan_numerique.importing import forms

    monkeypatch.setattr(forms, "MAX_BYTES", 1_000_000)
    where = f"{reverse('importing:import_create')}?kind={KIND}"
    upload = SimpleUploadedFile("a.csv", b"a;b\n" * 500_000)
    response = client_as("education").post(where, {"authority": authority.pk, "file": upload})
    assert response.status_code == 422
    assert "pèse 2 Mo" in response.content.decode()


def test_another_towns_authority_is_no_choice(client_as: Any, other_authority: Authority, authority: Authority) -> None:
    where = f"{reverse('importing:import_create')}?kind={KIND}"
    upload = SimpleUploadedFile("a.csv", file(line(1)))
    response = client_as("education").post(where, {"authority": other_authority.pk, "file": upload})
    assert response.status_code == 422
    assert not ImportSession.objects.exists()


@pytest.mark.parametrize("kind", ["inconnu", "../..", "%00"])
def test_an_unknown_kind_is_not_found(client_as: Any, kind: str) -> None:
    client = client_as("education")
    assert client.get(reverse("importing:import_create"), {"kind": kind}).status_code == 404
    assert client.get("/imports/modeles/x/csv/").status_code == 404
    assert client.get(f"/imports/modeles/{KIND}/exe/").status_code == 404


@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_the_model_of_every_importer_reads_as_its_own(form: str, client_as: Any) -> None:
    from plan_numerique.importing.samples import model_file
    from plan_numerique.imports import mapping

    for importer in all_importers():
        table = read_table(model_file(importer, form), f"m.{form}")
        assert table.header == tuple(column.label for column in importer.columns)
        assert mapping.missing(importer, mapping.propose(importer, table.header)) == []
        if form != "csv":
            assert table.sheets[1] == "Aide"
    response = client_as("education").get(reverse("importing:import_model", args=[KIND, form]))
    assert response["Content-Disposition"].endswith(f'.{form}"')


def test_columns_told_badly_are_refused_by_name(sent: Any, client_as: Any) -> None:
    session = sent()
    where = reverse("importing:import_columns", args=[session.pk])
    response = client_as("education").post(where, {"col-uai": "UAI", "col-name": "UAI", "opt-source": "x"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Indiquer la colonne de « Code commune »" in page
    assert "déjà indiquée pour « UAI »" in page


def test_another_kind_is_recognised_and_taken_in_one_click(sent: Any, client_as: Any) -> None:
    other = next(each for each in all_importers() if each.kind != KIND)
    session = sent(importer=other)
    client = client_as("education")
    assert (
        "Ce fichier ressemble à" in client.get(reverse("importing:import_columns", args=[session.pk])).content.decode()
    )
    response = client.post(reverse("importing:import_kind", args=[session.pk]), {"kind": KIND})
    again = ImportSession.objects.get()
    assert (again.kind, again.pk != session.pk) == (KIND, True)
    assert response["Location"] == reverse("importing:import_columns", args=[again.pk])
    assert again.columns["uai"] == "UAI"


def test_a_sheet_is_chosen(sent: Any, client_as: Any, django_capture_on_commit_callbacks: Any) -> None:
    from plan_numerique.tabular.writing import Sheet, write_workbook

    content = write_workbook([Sheet("Notes", ["a", "b"], [["c", "d"]]), Sheet("Écoles", HEADER, [line(1), line(2)])])
    session, client = sent(content, "a.xlsx"), client_as("education")
    where = reverse("importing:import_columns", args=[session.pk])
    assert "Feuille du classeur" in client.get(where).content.decode()
    page = client.get(where, {"feuille": "Écoles"}).content.decode()
    assert "2 lignes." in page
    told = {
        "col-uai": "UAI",
        "col-name": "Nom",
        "col-insee": "Code commune",
        "col-city": "Commune",
        "opt-source": "main",
    }
    follow(client, django_capture_on_commit_callbacks, where, {**told, "sheet": "Écoles"})
    session.refresh_from_db()
    assert (session.sheet, session.created) == ("Écoles", 2)
    assert client.get(where, {"feuille": "Absente"}).status_code == 302


def test_nothing_is_started_while_a_job_is_under_way(sent: Any, client_as: Any, user_as: Any) -> None:
    session = check(sent())
    job = JobFactory(authority=session.authority, running=True)
    ImportSession.objects.filter(pk=session.pk).update(job=job)
    user = user_as("education")
    session.refresh_from_db()
    for start in (
        lambda: tasks.start_check(session=session, by=user, columns=session.columns),
        lambda: tasks.start_apply(session=session, only_good=True, by=user),
        lambda: tasks.start_undo(session=session, reason="", by=user),
    ):
        with pytest.raises(DomainError, match="en cours"):
            start()
    page = client_as("education").get(reverse("importing:import_detail", args=[session.pk])).content.decode()
    assert "job-ended from:body" in page
    assert "Importer la ligne" not in page


def test_a_job_that_refuses_is_told_on_the_page(
    sent: Any, client_as: Any, django_capture_on_commit_callbacks: Any
) -> None:
    session = check(sent())
    client = client_as("education")
    ImportSession.objects.filter(pk=session.pk).update(columns={"uai": "Absente"})
    follow(client, django_capture_on_commit_callbacks, reverse("importing:import_apply", args=[session.pk]), {})
    session.refresh_from_db()
    assert session.job is not None
    assert session.job.status == JobStatus.FAILED
    assert (
        "Aucune colonne du fichier"
        in client.get(reverse("importing:import_detail", args=[session.pk])).content.decode()
    )


def test_a_file_not_imported_is_withdrawn(sent: Any, client_as: Any) -> None:
    from plan_numerique.documents.models import StoredDocument

    session = check(sent(file(line(1, kind="x"))))
    client_as("education").post(reverse("importing:import_discard", args=[session.pk]))
    assert not ImportSession.objects.exists()
    assert not StoredDocument.objects.exists()


def test_the_rows_of_an_import_are_listed(sent: Any, client_as: Any) -> None:
    from plan_numerique.imports.filters import ImportedFilter
    from tests.factories.schools import SchoolFactory
    from tests.imports.test_sessions import apply

    SchoolFactory()
    session = apply(check(sent(file(line(1), line(2)))))
    found = ImportedFilter(field_name="x").filter(School.objects.all(), session.pk)
    assert found.count() == 2
    assert ImportedFilter().filter(School.objects.all(), None).count() == 3
