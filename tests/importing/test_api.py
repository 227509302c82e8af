import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plan_numerique.accounts.models import Authority
from plan_numerique.imports import services
from plan_numerique.imports.models import ImportSession
from schools.models import School
from tests.factories.accounts import MembershipFactory
from tests.imports.sample import SampleImporter
from tests.imports.test_sessions import THREE_BAD, file, line

pytestmark = pytest.mark.django_db

LIST = "api-imports-list"
DETAIL = ["detail", "columns", "check", "apply", "undo"]


def send(client: Client, authority: Authority, content: bytes | None = None, **more: Any) -> Any:
    upload = SimpleUploadedFile("ecoles.csv", file(line(1)) if content is None else content)
    told = {"kind": SampleImporter.kind, "authority": authority.pk, "file": upload, **more}
    return client.post(reverse(LIST), told)


@pytest.fixture
def session(authority: Authority, user_as: Any) -> ImportSession:
    told = {"authority": authority, "importer": SampleImporter(), "options": {}, "by": user_as("education")}
    return services.open_session(filename="ecoles.csv", content=file(line(1)), **told)


def call(client: Client, name: str, session: ImportSession) -> int:
    where = reverse(f"api-imports-{name}", args=[session.pk])
    told = {"columns": session.columns} if name == "columns" else {}
    done = client.get(where) if name == "detail" else client.post(where, told, content_type="application/json")
    return done.status_code


@pytest.mark.parametrize("name", DETAIL)
def test_access(name: str, session: ImportSession, other_authority: Authority, client_as: Any) -> None:
    assert call(Client(), name, session) in (401, 403)
    assert call(client_as("elected"), name, session) == 403
    assert call(client_as("education", at=other_authority), name, session) == 404
    two = MembershipFactory(role="elected", authority=session.authority).user
    MembershipFactory(role="education", authority=other_authority, user=two)
    client = Client()
    client.force_login(two, backend="django.contrib.auth.backends.ModelBackend")
    assert call(client, name, session) == 404
    assert call(client_as("education"), name, session) == (400 if name in ("apply", "undo") else 200)


def test_who_may_send(authority: Authority, other_authority: Authority, client_as: Any) -> None:
    assert send(Client(), authority).status_code in (401, 403)
    assert send(client_as("elected"), authority).status_code == 403
    refused = send(client_as("education"), other_authority)
    assert refused.status_code == 400
    assert "Cette collectivité" in json.dumps(refused.json(), ensure_ascii=False)
    assert client_as("elected").get(reverse(LIST)).status_code == 403


def test_a_file_from_sending_to_undo(
    authority: Authority, client_as: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("education")
    sent = send(client, authority, file(*THREE_BAD), options='{"source": "main"}')
    assert sent.status_code == 201, sent.content
    told = sent.json()
    assert told["columns"]["uai"] == "UAI"
    assert "Remarque" in told["header"]

    def post(name: str, **data: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(
                reverse(f"api-imports-{name}", args=[told["id"]]), data, content_type="application/json"
            )
        assert response.status_code == 200, response.content
        return client.get(reverse("api-imports-detail", args=[told["id"]])).json()

    found = post("columns", columns=told["columns"], options={"source": "state"})
    assert found["options"] == {"source": "state"}
    found = post("check")
    assert (found["state"], found["created"], found["bad"]) == ("checked", 42, 3)
    assert [problem["line"] for problem in found["problems"]] == [44, 45, 46]
    assert client.get(reverse("document", args=[found["errors_document"]])).status_code == 200
    assert post("apply")["state"] == "checked"
    found = post("apply", only_good=True)
    assert (found["state"], School.objects.count()) == ("applied", 42)
    assert post("undo", reason="x")["state"] == "undone"
    assert not School.objects.exists()
    listed = client.get(reverse(LIST)).json()["results"]
    assert [row["id"] for row in listed] == [told["id"]]
    assert "problems" not in listed[0]


@pytest.mark.parametrize(
    "more, words",
    [
        ({"kind": "inconnu"}, "n'est pas un fichier que vous pouvez importer"),
        ({"options": '{"source": "x"}'}, "n'est pas un choix possible"),
        ({"options": "[1]"}, "objet JSON"),
        ({"options": "{"}, "JSON"),
        ({"sheet": "x" * 121}, "120"),
        ({"content": b""}, "vide"),
        ({"content": b"a;b\n\x00"}, "pas un tableau"),
    ],
)
def test_what_cannot_be_sent_is_told(authority: Authority, client_as: Any, more: Any, words: str) -> None:
    response = send(client_as("education"), authority, **more)
    assert response.status_code == 400
    assert words in json.dumps(response.json(), ensure_ascii=False)
    assert not ImportSession.objects.exists()


def test_a_body_that_is_no_form_is_refused(client_as: Any) -> None:
    response = client_as("education").post(reverse(LIST), "{}", content_type="application/json")
    assert response.status_code == 415


@pytest.mark.parametrize("told", [{"columns": {"x": "UAI"}}, {"columns": {}}, {}, {"columns": []}])
def test_columns_that_do_not_hold_are_refused(session: ImportSession, client_as: Any, told: Any) -> None:
    where = reverse("api-imports-columns", args=[session.pk])
    assert client_as("education").post(where, told, content_type="application/json").status_code == 400


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_session_is_not_edited(session: ImportSession, client_as: Any, method: str) -> None:
    where = reverse("api-imports-detail", args=[session.pk])
    assert getattr(client_as("education"), method)(where).status_code == 405
