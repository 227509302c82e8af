"""« Compte rendu de diagnostic »: made by a job, read by whoever sees the diagnostic, whole and tagged."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client

from plan_numerique.documents.models import StoredDocument
from plan_numerique.documents.services import read
from schools import queries, services
from tests.factories.projects import DiagnosticFactory, QuestionFactory, WorkFactory
from tests.factories.schools import SchoolAssignmentFactory, SchoolClassFactory
from tests.schools.test_diagnostic_access import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def diagnostic(authority: Any) -> Any:
    row = DiagnosticFactory(campaign__authority=authority)
    QuestionFactory(questionnaire=row.campaign.technical, code="reseau", text="État du réseau", section="Réseaux")
    QuestionFactory(questionnaire=row.campaign.pedagogical, code="usage", text="Usages collectifs")
    typed = {"reseau": ("Câblage <à reprendre>", None)}
    services.save_answers(owner=row, typed=typed, by=None, questionnaire=row.campaign.technical)
    WorkFactory(diagnostic=row, label="Reprise du câblage", payer="commune", amount_ht=100_050)
    WorkFactory(diagnostic=row, label="Porte du local", payer="commune", amount_ht=None)
    services.add_photo(diagnostic=row, content=picture(), caption="Baie informatique", by=None)
    volunteer = SchoolClassFactory(school=row.school, school_year=2026, name="CM1 A")
    services.set_volunteers(diagnostic=row, classes=[volunteer], by=None)
    return row


def text_of(content: bytes, folder: Path) -> str:
    path = folder / "compte-rendu.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", done.stdout)


def test_the_report_says_everything_and_is_frozen_once_signed(
    client_as: Any, user_as: Any, diagnostic: Any, tmp_path: Path
) -> None:
    client, url = client_as("technician"), f"/diagnostics/{diagnostic.pk}/compte-rendu/"
    assert client.get(url).status_code == 404
    assert client.post(url).headers["Location"] == f"/diagnostics/{diagnostic.pk}/"
    answer = client.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    text = text_of(answer.content, tmp_path)
    for told in (
        "ce document est provisoire", "État du réseau", "Câblage <à reprendre>", "Sans réponse", "Reprise du câblage",
        "1 200,60", "non chiffré", "Baie informatique", "CM1 A", "Non validé",
    ):  # fmt: skip
        assert told in text.replace("\u202f", " "), told
    with pikepdf.open(tmp_path / "compte-rendu.pdf") as pdf:
        assert pdf.Root.MarkInfo.Marked
    for half in queries.HALVES:
        services.finish_half(diagnostic=diagnostic, half=half, by=None)
    services.sign_diagnostic(diagnostic=diagnostic, side=queries.TOWN, by=user_as("education"))
    services.sign_diagnostic(diagnostic=diagnostic, side=queries.ACADEMY, by=user_as("academy"))
    client.post(url)
    (document,) = StoredDocument.objects.filter(kind=queries.report_key(diagnostic))
    assert document.published_at is not None
    text = text_of(read(document), tmp_path)
    assert "provisoire" not in text
    assert "Service éducation, pilotage du plan" in text
    page = client.get(f"/diagnostics/{diagnostic.pk}/").content.decode()
    assert "Compte rendu du" in page


def test_the_report_opens_to_whoever_sees_the_diagnostic(
    client_as: Any, user_as: Any, diagnostic: Any, other_authority: Any
) -> None:
    url = f"/diagnostics/{diagnostic.pk}/compte-rendu/"
    client_as("education").post(url)
    user = user_as("school")
    SchoolAssignmentFactory(user=user, school=diagnostic.school)
    school = Client()
    school.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert school.get(url).status_code == 200
    assert Client().get(url).status_code == 302
    assert client_as("partner").get(url).status_code == 403
    assert client_as("elected").post(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education", other_authority).post(url).status_code == 404
