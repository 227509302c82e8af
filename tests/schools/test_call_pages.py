"""The pages of the calls for projects, and their doors over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from schools import queries, services
from schools.enums import ApplicationState, CampaignState
from schools.models import Application, Attachment, Campaign, Criterion, Mark, Opinion, Question, Questionnaire
from schools.reports.application import application_report, render_application_report
from tests.documents.pdf_checks import problems
from tests.factories.accounts import DistrictFactory, MembershipFactory
from tests.factories.projects import (
    ApplicationFactory,
    CampaignFactory,
    CriterionFactory,
    QuestionFactory,
    QuestionnaireFactory,
)
from tests.factories.schools import SchoolAssignmentFactory, SchoolClassFactory, SchoolFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PDF = b"%PDF-1.7\nsynthetic"


@pytest.fixture
def campaign(authority: Any) -> Campaign:
    today = timezone.localdate()
    row = CampaignFactory(authority=authority, opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    asked = row.questionnaire
    QuestionFactory(questionnaire=asked, position=1, code="motif", kind="long", text="Pourquoi ?", required=True)
    QuestionFactory(questionnaire=asked, position=2, code="eleves", kind="integer", text="Combien ?", highest=99)
    options = [{"code": "wifi", "label": "Wi-Fi"}, {"code": "fibre", "label": "Fibre"}]
    QuestionFactory(questionnaire=asked, position=3, code="reseau", kind="choices", text="Réseau ?", options=options)
    QuestionFactory(questionnaire=asked, position=4, code="equipe", kind="yes_no", text="Volontaires ?")
    QuestionFactory(questionnaire=asked, position=5, code="jour", kind="date", text="Depuis quand ?")
    return row


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune__authority=authority, district=DistrictFactory(department="086"))


@pytest.fixture
def director(school: Any) -> User:
    user = MembershipFactory(role="school", authority=school.authority).user
    SchoolAssignmentFactory(school=school, user=user, is_director=True)
    return user


@pytest.fixture
def client(director: User) -> Client:
    found = Client()
    found.force_login(director, backend=BACKEND)
    return found


@pytest.fixture
def draft(campaign: Campaign, school: Any) -> Application:
    return services.start_application(campaign=campaign, school=school, by=None)


def typed(client: Client, row: Application, **values: Any) -> Any:
    now = timezone.now().isoformat()
    body = {"clock": now, "typed": {name: {"value": value, "typed_at": now} for name, value in values.items()}}
    return client.post(f"/candidatures/{row.pk}/enregistrer/", json.dumps(body), content_type="application/json")


def fill(client: Client, row: Application) -> None:
    typed(
        client,
        row,
        **{"f-project": "Lire", "f-summary": "Lire et écrire.", "f-volunteers": "3", "q-motif": "Parce que."},
    )


def test_composing_a_questionnaire(client_as: Any, authority: Any) -> None:
    client = client_as("education")
    sent = {"authority": authority.pk, "kind": "application", "title": "Candidature 2027"}
    assert client.post("/questionnaires/nouveau/", sent).status_code == 302
    row = Questionnaire.objects.get()
    assert (row.code, row.version, row.state) == ("candidature-2027", 1, "draft")
    question = {"questionnaire": row.pk, "text": "Quel réseau ?", "kind": "choice", "position": 1}
    refused = client.post("/questions/nouveau/", question)
    assert refused.status_code == 422
    assert "Des choix se donnent pour une question à choix" in refused.content.decode().replace("&#x27;", "'")
    for options, message in (
        ("é | Wi-Fi", "lettres sans accent"),
        ("wifi | Un\nwifi | Deux", "« wifi » est donné à deux choix"),
        ("wifi |", "a de 1 à 160 caractères"),
    ):
        refused = client.post("/questions/nouveau/", {**question, "options": options})
        assert refused.status_code == 422
        assert message in refused.content.decode().replace("&#x27;", "'")
    assert client.post("/questions/nouveau/", {**question, "options": "wifi | Wi-Fi\nFibre optique"}).status_code == 302
    made = Question.objects.get()
    assert made.code == "quel-reseau"
    assert made.options == [{"code": "wifi", "label": "Wi-Fi"}, {"code": "fibre-optique", "label": "Fibre optique"}]
    shown = client.get(f"/questions/{made.pk}/modifier/").content.decode()
    assert "wifi | Wi-Fi\nfibre-optique | Fibre optique" in shown
    assert client.post("/questions/nouveau/", {**question, "kind": "text", "unit": "m"}).status_code == 422
    assert (
        client.post("/questions/nouveau/", {**question, "kind": "integer", "lowest": 9, "highest": 1}).status_code
        == 422
    )
    second = {**question, "text": "Quel réseau ?", "kind": "text", "position": 2}
    assert client.post("/questions/nouveau/", second).status_code == 302
    assert set(row.questions.values_list("code", flat=True)) == {"quel-reseau", "quel-reseau-2"}
    last = row.questions.get(code="quel-reseau-2")
    client.post(f"/questions/{last.pk}/deplacer/", {"direction": "up"})
    assert [each.code for each in queries.questions_of(row)] == ["quel-reseau-2", "quel-reseau"]
    client.post(f"/questionnaires/{row.pk}/mettre-en-service/")
    row.refresh_from_db()
    assert row.state == "in_use"
    assert client.post(f"/questions/{last.pk}/supprimer/").status_code in {302, 409}
    assert Question.objects.count() == 2
    client.post(f"/questionnaires/{row.pk}/version/")
    later = Questionnaire.objects.get(version=2)
    assert "mêmes questions" in client.get(f"/questionnaires/{later.pk}/comparer/").content.decode()
    services.delete_question(instance=later.questions.get(code="quel-reseau"), by=None)
    page = client.get(f"/questionnaires/{later.pk}/comparer/?avec={row.pk}").content.decode()
    assert "Supprimée" in page
    assert "Quel réseau ?" in client.get(f"/questionnaires/{later.pk}/apercu/").content.decode()


def test_preparing_and_publishing_a_campaign(client_as: Any, authority: Any) -> None:
    client, today = client_as("education"), timezone.localdate()
    questionnaire = QuestionnaireFactory(authority=authority)
    sent = {
        "authority": authority.pk,
        "title": "Appel 2027",
        "school_year": 2027,
        "questionnaire": questionnaire.pk,
        "opens_on": today,
        "closes_on": today - timedelta(days=1),
        "tie_rule": "pupils",
    }
    refused = client.post("/campagnes/nouveau/", sent)
    assert refused.status_code == 422
    assert "La clôture ne précède pas" in refused.content.decode()
    assert client.post("/campagnes/nouveau/", {**sent, "closes_on": today + timedelta(days=9)}).status_code == 302
    row = Campaign.objects.get()
    assert (
        client.post(f"/campagnes/{row.pk}/publier/", follow=True).content.decode().count("se publie avec ses critères")
    )
    criterion = {"campaign": row.pk, "kind": "tice", "label": "Équipe", "weight": 20, "floor_value": 0, "position": 1}
    refused = client.post("/criteres/nouveau/", {**criterion, "full_value": 0})
    assert refused.status_code == 422
    assert "diffèrent" in refused.content.decode()
    assert client.post("/criteres/nouveau/", {**criterion, "full_value": 10}).status_code == 302
    client.post(f"/campagnes/{row.pk}/publier/")
    row.refresh_from_db()
    assert row.state == CampaignState.PUBLISHED
    page = client.get(f"/campagnes/{row.pk}/").content.decode()
    assert "De 0 (aucun point) à 10 (20 points)." in page
    SchoolFactory(commune__authority=authority, name="École silencieuse")
    silent = client.get(f"/campagnes/{row.pk}/sans-candidature/?format=csv").content.decode("utf-8-sig")
    assert "École silencieuse" in silent
    client.post(f"/campagnes/{row.pk}/depublier/")
    row.refresh_from_db()
    assert row.state == CampaignState.DRAFT


def test_the_school_finds_its_call_and_begins(client: Client, campaign: Campaign, school: Any) -> None:
    assert "Candidater : " in client.get("/").content.decode()
    assert "notre candidature" in client.get("/").content.decode()
    page = client.get("/notre-candidature/").content.decode()
    assert str(campaign) in page
    response = client.post("/candidatures/nouveau/", {"campaign": campaign.pk, "school": school.pk})
    row = Application.objects.get()
    assert response.headers["Location"] == f"/candidatures/{row.pk}/saisie/"
    assert "Terminer la candidature" in client.get("/").content.decode()
    assert "Continuer la candidature" in client.get("/notre-candidature/").content.decode()
    assert client.get("/candidatures/nouveau/").status_code == 200
    refused = client.post("/candidatures/nouveau/", {"campaign": "x", "school": ""})
    assert refused.status_code == 422


def test_typing_is_saved_field_by_field(client: Client, draft: Application) -> None:
    one = SchoolClassFactory(school=draft.school)
    page = client.get(f"/candidatures/{draft.pk}/saisie/").content.decode()
    assert f'value="{one.pk}"' in page
    response = typed(
        client,
        draft,
        **{
            "f-project": "Lire",
            "f-classes": [str(one.pk)],
            "q-eleves": "cent",
            "q-reseau": ["wifi"],
            "q-jour": "2026-09-03",
            "q-equipe": "oui",
            "state": "submitted",
            "q-inconnue": "x",
        },
    )
    assert response.status_code == 200
    body = response.json()
    outcomes = {name: each["outcome"] for name, each in body["results"].items()}
    assert [name for name, outcome in outcomes.items() if outcome == "refused"] == ["q-eleves", "state", "q-inconnue"]
    assert "« cent » n'est pas accepté" in body["results"]["q-eleves"]["message"]
    assert body["done"] == 5
    draft.refresh_from_db()
    assert (draft.project, draft.state, list(draft.classes.all())) == ("Lire", "draft", [one])
    assert queries.values_of(draft) == {"reseau": ["wifi"], "jour": "2026-09-03", "equipe": True}
    page = client.get(f"/candidatures/{draft.pk}/saisie/").content.decode()
    assert page.count(" checked") == 3


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"typed": 3}', '{"typed": {"q-motif": 3}}', '{"typed": {"q-motif": {"value": 1}}}', "\x00"]
)
def test_what_is_not_readable_is_refused_with_a_sentence(client: Client, draft: Application, body: str) -> None:
    url = f"/candidatures/{draft.pk}/enregistrer/"
    response = client.post(url, body, content_type="application/json")
    assert response.status_code == 422
    assert "n'est pas lisible" in response.json()["message"]


def test_a_wrong_clock_is_put_right(client: Client, draft: Application, director: User) -> None:
    """A device a day late: what is typed a minute ago there was typed a minute ago."""
    now = timezone.now()
    services.save_answers(owner=draft, typed={"motif": ("Il y a une heure", now - timedelta(hours=1))}, by=None)
    clock, at = now - timedelta(days=1), now - timedelta(days=1, minutes=1)
    body = {"clock": clock.isoformat(), "typed": {"q-motif": {"value": "Récent", "typed_at": at.isoformat()}}}
    response = client.post(f"/candidatures/{draft.pk}/enregistrer/", json.dumps(body), content_type="application/json")
    assert response.json()["results"]["q-motif"]["outcome"] == "kept"
    far = {"clock": "0001-01-01T00:00:00Z", "typed": {"q-motif": {"value": "Loin", "typed_at": "9999-12-31T23:59:59Z"}}}
    response = client.post(f"/candidatures/{draft.pk}/enregistrer/", json.dumps(far), content_type="application/json")
    assert response.status_code == 200


def test_without_script_the_button_saves(client: Client, draft: Application) -> None:
    url = f"/candidatures/{draft.pk}/saisie/"
    sent = {
        "f-project": "Lire",
        "f-volunteers": "beaucoup",
        "q-motif": "Oui.",
        "q-reseau-shown": "1",
        "q-eleves": "100",
    }
    refused = client.post(url, sent)
    assert refused.status_code == 422
    page = refused.content.decode().replace("&#x27;", "'")
    assert "« Enseignants volontaires » : « beaucoup » n'est pas accepté" in page
    assert "« Combien ? » : « 100 » n'est pas accepté ; écrire un nombre entier, au plus 99." in page
    assert 'value="beaucoup"' in page
    draft.refresh_from_db()
    assert draft.project == "Lire"
    assert client.post(url, {**sent, "f-volunteers": "4", "q-eleves": "9"}).status_code == 302
    shown_at = timezone.now() - timedelta(minutes=5)
    late = client.post(url, {"q-motif": "Vu avant", "shown_at": shown_at.isoformat()})
    assert late.status_code == 422
    assert "une réponse donnée plus tard est gardée" in late.content.decode()
    assert queries.values_of(draft)["motif"] == "Oui."


def test_files_are_joined_served_as_downloads_and_removed(client: Client, draft: Application) -> None:
    url = f"/candidatures/{draft.pk}/fichiers/"
    bad = SimpleUploadedFile("projet.pdf", b"<html><script>alert(1)</script>", content_type="application/pdf")
    page = client.post(url, {"file": bad}, follow=True).content.decode()
    assert "son contenu fait foi" in page
    assert client.post(url, {}, follow=True).status_code == 200
    page = client.post(url, {"file": SimpleUploadedFile("a\x00.pdf", b"")}, follow=True).content.decode()
    assert "est vide" in page
    assert not Attachment.objects.exists()
    client.post(
        url, {"file": SimpleUploadedFile("mon projet.html", PDF, content_type="text/html"), "caption": "Projet"}
    )
    row = Attachment.objects.get()
    served = client.get(f"/pieces-jointes/{row.pk}/")
    assert served.content == PDF
    assert served.headers["Content-Type"] == "application/pdf"
    assert served.headers["Content-Disposition"] == 'attachment; filename="mon projet.pdf"'
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    client.post(f"/pieces-jointes/{row.pk}/supprimer/")
    assert not Attachment.objects.exists()
    for number in range(11):
        client.post(url, {"file": SimpleUploadedFile("a.pdf", PDF + bytes([number]))})
    assert Attachment.objects.count() == 10


def test_submitting_withdrawing_and_taking_up_again(client: Client, draft: Application) -> None:
    page = client.get(f"/candidatures/{draft.pk}/deposer/").content.decode()
    assert f"/candidatures/{draft.pk}/saisie/?a-completer#f-project" in page
    assert "Déposer la candidature</button>" not in page
    refused = client.post(f"/candidatures/{draft.pk}/deposer/")
    assert refused.status_code == 422
    assert "il manque 4 réponses" in refused.content.decode()
    page = client.get(f"/candidatures/{draft.pk}/saisie/?a-completer").content.decode()
    assert 'href="#q-motif"' in page
    fill(client, draft)
    assert "Déposer la candidature</button>" in client.get(f"/candidatures/{draft.pk}/deposer/").content.decode()
    assert client.post(f"/candidatures/{draft.pk}/deposer/").status_code == 302
    assert Job.objects.get().kind == "schools.application_sheet"
    refused = typed(client, draft, **{"q-motif": "Trop tard"})
    assert refused.status_code == 409
    assert "déposée" in refused.json()["message"]
    assert client.get(f"/candidatures/{draft.pk}/saisie/").status_code == 302
    assert client.get(f"/candidatures/{draft.pk}/deposer/").status_code == 200
    page = client.get(f"/candidatures/{draft.pk}/").content.decode()
    assert "Candidature déposée" in page
    assert "Parce que." in page
    assert client.post(f"/candidatures/{draft.pk}/retirer/", {"reason": ""}).status_code == 422
    assert client.post(f"/candidatures/{draft.pk}/retirer/", {"reason": "Nouvelle équipe"}).status_code == 302
    assert "Nouvelle équipe" in client.get(f"/candidatures/{draft.pk}/").content.decode()
    assert client.post(f"/candidatures/{draft.pk}/reprendre/").headers["Location"].endswith("/saisie/")
    client.post(f"/candidatures/{draft.pk}/deposer/")
    draft.refresh_from_db()
    assert draft.state == ApplicationState.SUBMITTED


def test_the_sheet_is_a_sound_file_for_the_school(client: Client, draft: Application, client_as: Any) -> None:
    fill(client, draft)
    assert client.get(f"/candidatures/{draft.pk}/recapitulatif/").status_code == 404
    row = services.submit_application(application=draft, by=None)
    content = render_application_report(application_report(row, timezone.localdate()))
    assert problems(content) == []
    document = services.keep_sheet(application=row, content=content, filename="candidature.pdf", by=None)
    served = client.get(f"/candidatures/{row.pk}/recapitulatif/")
    assert served.content == content
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert "Récapitulatif (PDF)" in client.get(f"/candidatures/{row.pk}/").content.decode()
    assert client_as("education").get(f"/documents/{document.pk}/").status_code == 404
    assert client_as("academy").get(f"/candidatures/{row.pk}/recapitulatif/").status_code == 200


def test_giving_an_opinion_with_its_marks_and_the_next_one(client_as: Any, draft: Application) -> None:
    Application.objects.filter(pk=draft.pk).update(state="submitted", submitted_at=timezone.now())
    other = ApplicationFactory(campaign=draft.campaign, submitted_at=timezone.now())
    criterion = CriterionFactory(campaign=draft.campaign, kind="tice", label="Équipe", help="Sa préparation.")
    client, url = client_as("academy"), f"/candidatures/{draft.pk}/avis/"
    assert "2 avis à donner" in client.get("/").content.decode()
    page = client.get(url).content.decode()
    assert "Sa préparation. De 0 à 10, pour 20 points au plus." in page
    for sent, message in (
        ({}, "Avis"),
        ({"verdict": "reserved"}, "Un avis réservé est motivé"),
        ({"verdict": "favourable", f"mark-{criterion.pk}": "11"}, "« 11 » sort des bornes ; la note va de 0 à 10"),
        ({"verdict": "favourable", f"mark-{criterion.pk}": "bien"}, "n'est pas une note"),
    ):
        refused = client.post(url, sent)
        assert refused.status_code == 422
        assert message in refused.content.decode().replace("&#x27;", "'")
    good = {"verdict": "favourable", f"mark-{criterion.pk}": "7,5", f"reason-{criterion.pk}": "Stable", "next": "1"}
    assert client.post(url, good).headers["Location"] == f"/candidatures/{other.pk}/avis/"
    assert (Opinion.objects.get().stage, str(Mark.objects.get().value)) == ("tice", "7.50")
    assert "Favorable" in client.get("/candidatures/").content.decode()
    listed = client.get("/candidatures/?missing=tice&format=csv").content.decode("utf-8-sig")
    assert other.school.name in listed
    assert draft.school.name not in listed
    page = client.get(f"/candidatures/{draft.pk}/").content.decode()
    assert "7,5" in page
    Campaign.objects.filter(pk=draft.campaign_id).update(state="frozen", frozen_at=timezone.now())
    assert "La liste est arrêtée" in client.get(url).content.decode()
    assert client.post(url, good).status_code == 422


def test_one_who_gives_two_stages_chooses(authority: Any, campaign: Campaign, school: Any) -> None:
    user = MembershipFactory(role="academy", authority=None, department="086").user
    MembershipFactory(user=user, role="academy", authority=None, district=school.district)
    row = ApplicationFactory(campaign=campaign, school=school, submitted_at=timezone.now())
    client = Client()
    client.force_login(user, backend=BACKEND)
    assert "?etape=tice" in client.get(f"/candidatures/{row.pk}/avis/").content.decode()
    client.post(f"/candidatures/{row.pk}/avis/?etape=tice", {"verdict": "favourable"})
    client.post(f"/candidatures/{row.pk}/avis/", {"verdict": "favourable"})
    assert sorted(row.opinions.values_list("stage", flat=True)) == ["ien", "tice"]
    assert client.get("/avis-a-donner/").status_code == 200


def test_the_api_plays_the_same_journey(client: Client, campaign: Campaign, school: Any, client_as: Any) -> None:
    kind = {"content_type": "application/json"}
    made = client.post(
        "/api/v1/candidatures/", {"campaign": campaign.pk, "school": school.pk, "project": "Lire"}, **kind
    )
    assert made.status_code == 201, made.content
    url = f"/api/v1/candidatures/{made.json()['id']}/"
    assert client.patch(url, {"volunteers": 501}, **kind).status_code == 400
    assert client.patch(url, {"volunteers": 5, "summary": "Tout."}, **kind).status_code == 200
    saved = client.post(f"{url}saisir/", {"answers": [{"code": "motif", "value": "Oui."}]}, **kind).json()
    assert [(each["code"], each["outcome"]) for each in saved] == [("motif", "kept")]
    assert client.get(f"{url}reponses/").json()[0]["shown"] == "Oui."
    file = SimpleUploadedFile("projet.pdf", b"<svg/>")
    refused = client.post("/api/v1/pieces-jointes/", {"application": made.json()["id"], "file": file})
    assert refused.status_code == 400
    file = SimpleUploadedFile("projet.pdf", PDF)
    joined = client.post("/api/v1/pieces-jointes/", {"application": made.json()["id"], "file": file})
    assert joined.status_code == 201, joined.content
    assert client.get(joined.json()["url"]).content == PDF
    sent = client.post(f"{url}deposer/")
    assert (sent.status_code, sent.json()["state"]) == (200, "submitted")
    assert client.delete(f"/api/v1/pieces-jointes/{joined.json()['id']}/").status_code == 400
    assert client.patch(url, {"project": "x"}, **kind).status_code == 400
    assert client.post(f"{url}retirer/", {"reason": "Doublon"}, **kind).json()["state"] == "withdrawn"
    assert client.post(f"{url}reprendre/").json()["state"] == "draft"
    criterion = CriterionFactory(campaign=campaign, kind="tice")
    client.post(f"{url}deposer/")
    tice = client_as("academy")
    opinion = {"application": made.json()["id"], "stage": "tice", "verdict": "reserved"}
    assert tice.post("/api/v1/avis/", opinion, **kind).status_code == 400
    given = tice.post("/api/v1/avis/", {**opinion, "text": "À suivre."}, **kind)
    assert given.status_code == 201
    assert tice.post("/api/v1/avis/", {**opinion, "text": "Encore."}, **kind).status_code == 400
    mark = {"application": made.json()["id"], "criterion": criterion.pk, "value": "12"}
    assert tice.post("/api/v1/notes/", mark, **kind).status_code == 400
    made_mark = tice.post("/api/v1/notes/", {**mark, "value": "8"}, **kind)
    assert made_mark.status_code == 201
    assert tice.delete(f"/api/v1/notes/{made_mark.json()['id']}/").status_code == 204
    assert tice.delete(f"/api/v1/avis/{given.json()['id']}/").status_code == 204


def test_the_api_composes_and_publishes(client_as: Any, authority: Any) -> None:
    client, kind = client_as("education"), {"content_type": "application/json"}
    sent = {"authority": authority.pk, "kind": "application", "code": "appel", "title": "Appel"}
    row = client.post("/api/v1/questionnaires/", sent, **kind).json()
    asked = {"questionnaire": row["id"], "code": "motif", "text": "Pourquoi ?", "kind": "long"}
    assert client.post("/api/v1/questions/", asked, **kind).status_code == 201
    assert client.post(f"/api/v1/questionnaires/{row['id']}/mettre-en-service/").json()["state"] == "in_use"
    assert client.post("/api/v1/questions/", {**asked, "code": "x"}, **kind).status_code == 400
    assert client.post(f"/api/v1/questionnaires/{row['id']}/nouvelle-version/").json()["version"] == 2
    today = timezone.localdate()
    campaign = {
        "authority": authority.pk, "title": "Appel", "school_year": 2027, "questionnaire": row["id"],
        "opens_on": str(today), "closes_on": str(today),
    }  # fmt: skip
    made = client.post("/api/v1/campagnes/", campaign, **kind).json()
    assert client.post(f"/api/v1/campagnes/{made['id']}/publier/").status_code == 400
    criterion = {"campaign": made["id"], "kind": "tice", "label": "Équipe", "weight": 20, "full_value": "10"}
    assert client.post("/api/v1/criteres/", criterion, **kind).status_code == 201
    assert client.post(f"/api/v1/campagnes/{made['id']}/publier/").json()["state"] == "published"
    assert client.post(f"/api/v1/campagnes/{made['id']}/depublier/").json()["state"] == "draft"
    assert Criterion.objects.count() == 1
