"""What a diagnostic refuses: odd input, one person for both sides, a signature on what has changed; a report that is no longer true."""

from typing import Any

import pytest
from django.test import Client

from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.models import Diagnostic, Work
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.projects import DiagnosticFactory, QuestionFactory, WorkFactory
from tests.factories.schools import SchoolClassFactory, SchoolFactory, SiteFactory

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def diagnostic(authority: Any) -> Diagnostic:
    row = DiagnosticFactory(campaign__authority=authority, school__commune__authority=authority)
    QuestionFactory(questionnaire=row.campaign.technical, code="reseau", text="Réseau")
    return row


def finished(row: Diagnostic) -> Diagnostic:
    for half in queries.HALVES:
        row = services.finish_half(diagnostic=row, half=half, by=None)
    return row


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00"])
@pytest.mark.parametrize("clock", ["", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_clock_out_of_all_time_is_now(client_as: Any, diagnostic: Diagnostic, moment: str, clock: str) -> None:
    client = client_as("technician")
    body = {"clock": clock, "typed": {"q-reseau": {"value": "Fibre", "typed_at": moment}}}
    saved = client.post(f"/diagnostics/{diagnostic.pk}/reponses/technique/", body, content_type="application/json")
    assert saved.json()["results"]["q-reseau"]["outcome"] == "kept"
    answers = [{"code": "reseau", "value": "ADSL", "typed_at": moment}]
    url = f"/api/v1/diagnostics/{diagnostic.pk}/saisir/"
    by_api = client.post(url, {"half": "technical", "answers": answers}, content_type="application/json")
    assert by_api.status_code in {200, 400}
    form = {"q-reseau": "Radio", "shown_at": moment}
    assert client.post(f"/diagnostics/{diagnostic.pk}/saisie/technique/", form).status_code in {302, 422}


@pytest.mark.parametrize("odd", ["²", "9" * 40, "x", "\x00", "-1"])
def test_works_of_an_odd_diagnostic_are_refused(client_as: Any, diagnostic: Diagnostic, odd: str) -> None:
    client = client_as("technician")
    assert client.get("/travaux/nouveau/", {"diagnostic": odd}).status_code in {200, 404}
    assert client.post("/travaux/nouveau/", {"diagnostic": odd, "label": "x"}).status_code in {404, 422}


def test_works_left_undone_are_not_noted_done_in_a_batch(diagnostic: Diagnostic) -> None:
    rows = [WorkFactory(diagnostic=diagnostic, state=state) for state in ("to_do", "dropped")]
    assert services.finish_works(objects=rows, by=None) == "1 chantier noté fait."
    assert set(Work.objects.values_list("state", flat=True)) == {"done", "dropped"}


# Signatures


def test_one_person_does_not_sign_for_both_sides(authority: Any, diagnostic: Diagnostic) -> None:
    user = UserFactory()
    for role in ("education", "academy"):
        scope = (
            {"authority": None, "department": authority.department} if role == "academy" else {"authority": authority}
        )
        MembershipFactory(user=user, role=role, **scope)
    client = Client()
    client.force_login(user, backend=BACKEND)
    row = services.sign_diagnostic(diagnostic=finished(diagnostic), side=queries.TOWN, by=user)
    with pytest.raises(DomainError, match="a déjà validé pour l'autre côté"):
        services.sign_diagnostic(diagnostic=row, side=queries.ACADEMY, by=user)
    page = client.get(f"/diagnostics/{row.pk}/").content.decode()
    assert "/valider/education-nationale/" not in page
    refused = client.post(f"/api/v1/diagnostics/{row.pk}/valider/", {"side": "academy"})
    assert refused.status_code == 400
    row.refresh_from_db()
    assert row.academy_signed_at is None


def test_what_is_signed_is_what_was_read(client_as: Any, diagnostic: Diagnostic) -> None:
    work = WorkFactory(diagnostic=finished(diagnostic), amount_ht=100_000)
    client = client_as("education")
    url = f"/diagnostics/{diagnostic.pk}/valider/collectivite/"
    read = queries.content_digest(diagnostic)
    assert f'name="lu" value="{read}"' in client.get(f"/diagnostics/{diagnostic.pk}/").content.decode()
    work.amount_ht = 900_000
    services.save_work(instance=work, by=None)
    told = client.post(url, {"lu": read}, follow=True).content.decode()
    assert "a changé depuis" in told
    diagnostic.refresh_from_db()
    assert diagnostic.town_signed_at is None
    now = queries.content_digest(diagnostic)
    assert now != read
    assert "La collectivité a validé" in client.post(url, {"lu": now}, follow=True).content.decode()
    assert (
        AuditEvent.objects.get(verb="schools.diagnostic_town_signed").reason
        == f"Empreinte de ce qui est validé : {now}"
    )


def test_the_digest_is_of_what_is_signed_alone(diagnostic: Diagnostic) -> None:
    work = WorkFactory(diagnostic=diagnostic)
    before = queries.content_digest(diagnostic)
    services.finish_works(objects=[work], by=None)
    assert queries.content_digest(diagnostic) == before
    typed = {"reseau": ("Fibre", None)}
    services.save_answers(owner=diagnostic, typed=typed, by=None, questionnaire=diagnostic.campaign.technical)
    assert queries.content_digest(diagnostic) != before


def test_nothing_that_a_signed_diagnostic_names_goes_away(client_as: Any, diagnostic: Diagnostic) -> None:
    volunteer = SchoolClassFactory(school=diagnostic.school, school_year=diagnostic.campaign.school_year)
    site = SiteFactory(school=diagnostic.school)
    services.set_volunteers(diagnostic=diagnostic, classes=[volunteer], by=None)
    WorkFactory(diagnostic=diagnostic, site=site)
    services.sign_diagnostic(diagnostic=finished(diagnostic), side=queries.TOWN, by=None)
    read, client = queries.content_digest(diagnostic), client_as("education")
    for url in (f"/api/v1/classes/{volunteer.pk}/", f"/api/v1/sites/{site.pk}/"):
        answer = client.delete(url)
        assert (answer.status_code, "validé, en parle" in str(answer.json())) == (400, True)
    assert queries.content_digest(diagnostic) == read


# An abandoned diagnostic is taken up again


def test_an_abandoned_diagnostic_is_taken_up_again(client_as: Any, diagnostic: Diagnostic, authority: Any) -> None:
    services.cancel_diagnostic(diagnostic=diagnostic, reason="Erreur d'école", by=None)
    url = f"/diagnostics/{diagnostic.pk}/reprendre/"
    for role, status in (("partner", 403), ("technician", 403), ("education", 200)):
        assert client_as(role).get(url).status_code == status
    client = client_as("education")
    assert f'href="{url}"' in client.get(f"/diagnostics/{diagnostic.pk}/").content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "Abandonné par erreur"}).status_code == 302
    diagnostic.refresh_from_db()
    assert diagnostic.state == "open"
    assert client.post(url, {"reason": "Encore"}).status_code == 422
    services.cancel_diagnostic(diagnostic=diagnostic, reason="École fermée", by=None)
    again = client.post(f"/api/v1/diagnostics/{diagnostic.pk}/reprendre/", {"reason": "Rouverte"})
    assert (again.status_code, again.json()["stage"]) == (200, "in_progress")
    by_other = client_as("technician").post(f"/api/v1/diagnostics/{diagnostic.pk}/reprendre/", {"reason": "x"})
    assert by_other.status_code == 403


def test_an_abandoned_diagnostic_is_not_to_trigger(client_as: Any, user_as: Any, diagnostic: Diagnostic) -> None:
    SchoolFactory(commune=diagnostic.school.commune)
    services.cancel_diagnostic(diagnostic=diagnostic, reason="École fermée", by=None)
    whole, (commune,) = queries.campaign_progress(diagnostic.campaign, user_as("education"))
    assert (whole.schools, whole.to_trigger, commune.to_trigger) == (2, 1, 1)


# The report


def test_a_report_older_than_what_it_says_is_told(client_as: Any, diagnostic: Diagnostic) -> None:
    services.keep_report(diagnostic=diagnostic, title="CR", filename="cr.pdf", content=b"%PDF", by=None)
    client, told = client_as("education"), "Le diagnostic a changé depuis"
    page = f"/diagnostics/{diagnostic.pk}/"
    assert told not in client.get(page).content.decode()
    WorkFactory(diagnostic=diagnostic)
    assert told in client.get(page).content.decode()
