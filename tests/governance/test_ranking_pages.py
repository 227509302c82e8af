"""Pages, exports, documents, letters and endpoints of a ranking, by whoever opens them."""

import subprocess
from datetime import date
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import tasks
from governance.enums import DecisionEffect
from governance.models import Decision
from plan_numerique.documents.models import StoredDocument
from schools.models import Departure, RankedPlace
from tests.documents.pdf_checks import problems
from tests.factories.accounts import DistrictFactory, MembershipFactory, UserFactory
from tests.factories.governance import AgendaItemFactory, MeetingFactory
from tests.factories.projects import CriterionFactory, MarkFactory, OpinionFactory
from tests.factories.ranking import applied, closed_campaign, deciding, frozen
from tests.factories.schools import SchoolAssignmentFactory

TODAY = date(2026, 11, 23)
PAGES = ("ranking", "ranking_move", "ranking_answer")
COMMANDS = ("ranking_document", "ranking_letters", "ranking_submit")


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False):
        yield


@pytest.fixture
def campaign(authority: Any) -> Any:
    return closed_campaign(authority, places=1)


@pytest.fixture
def application(campaign: Any) -> Any:
    return applied(campaign, mark=8, acquired_on=date(2022, 11, 23), school__name="École du Test")


def url(name: str, campaign: Any, application: Any = None) -> str:
    rowed = name in ("ranking_move", "ranking_answer")
    return reverse(f"governance:{name}", args=[campaign.pk, *([application.pk] if rowed else [])])


def api(name: str) -> str:
    return f"/api/v1/{name}/"


def client_of(*memberships: dict[str, Any]) -> Client:
    user = UserFactory()
    for held in memberships:
        MembershipFactory(user=user, **held)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.user = user  # type: ignore[attr-defined]
    return client


def text_of(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().replace("’", "'").split())


def pages_of(content: bytes) -> int:
    return len(pikepdf.open(BytesIO(content)).pages)


def school_client(application: Any) -> Client:
    client = client_of({"role": "school", "authority": application.school.authority})
    SchoolAssignmentFactory(school=application.school, user=client.user)  # type: ignore[attr-defined]
    return client


def test_who_opens_the_ranking(client_as: Any, other_authority: Any, campaign: Any, application: Any) -> None:
    page = url("ranking", campaign)
    assert Client().get(page).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(page).status_code == 403
    assert school_client(application).get(page).status_code == 403
    assert client_as("education", other_authority).get(page).status_code == 404
    following, reading = ("education", "administrator", "technician", "academy"), ("elected", "finance", "assembly")
    assert {role: client_as(role).get(page).status_code for role in following} == dict.fromkeys(following, 200)
    assert {role: client_as(role).get(page).status_code for role in reading} == dict.fromkeys(reading, 404)
    frozen(campaign)
    assert {role: client_as(role).get(page).status_code for role in (*following, *reading)} == dict.fromkeys(
        (*following, *reading), 200
    )
    assert school_client(application).get(page).status_code == 403


def test_campaign_page_leads_to_its_ranking(client_as: Any, campaign: Any, application: Any) -> None:
    page, link = reverse("schools:campaign_detail", args=[campaign.pk]), url("ranking", campaign)
    school = school_client(application)
    for state, seen, unseen in (
        ("published", ("education", "technician", "academy"), ("elected", "finance")),
        ("frozen", ("education", "technician", "academy", "elected", "finance"), ()),
    ):
        if state == "frozen":
            frozen(campaign)
        for role in (*seen, *unseen):
            assert (link in client_as(role).get(page).content.decode()) == (role in seen), (state, role)
        assert link not in school.get(page).content.decode()


@pytest.mark.parametrize("name", ["ranking_move", "ranking_answer", *COMMANDS])
def test_only_the_lead_acts(client_as: Any, other_authority: Any, campaign: Any, application: Any, name: str) -> None:
    page, method = url(name, campaign, application), "post" if name in COMMANDS else "get"
    assert getattr(Client(), method)(page).headers["Location"].startswith("/compte/login/")
    for role in ("technician", "academy", "elected", "finance"):
        assert getattr(client_as(role), method)(page).status_code == 403, role
    assert getattr(client_as("education", other_authority), method)(page).status_code == 404
    assert getattr(client_as("education"), method)(page).status_code == (302 if name in COMMANDS else 200)


def test_two_roles_in_two_towns(authority: Any, other_authority: Any, campaign: Any, application: Any) -> None:
    """The lead of one town is elected in another: reads its frozen list, and leads nothing there."""
    client = client_of({"role": "elected", "authority": authority}, {"role": "education", "authority": other_authority})
    assert client.get(url("ranking", campaign)).status_code == 404
    frozen(campaign)
    page = client.get(url("ranking", campaign))
    assert page.status_code == 200
    assert b"Motiver" not in page.content
    assert client.get(url("ranking_answer", campaign, application)).status_code == 403
    assert client.post(url("ranking_letters", campaign)).status_code == 403


def test_elected_reads_neither_opinions_nor_who_gave_marks(client_as: Any, campaign: Any, application: Any) -> None:
    OpinionFactory(application=application, text="Avis gardé pour le service.")
    application.marks.update(reason="Motif gardé pour le service.")
    frozen(campaign)
    for client in (client_as("elected"), school_and_elected(application)):
        page = client.get(url("ranking", campaign)).content.decode()
        sheet = client.get(url("ranking", campaign), {"format": "csv"}).content.decode("utf-8-sig")
        answer = client.get(api(f"classements/{campaign.pk}")).content.decode()
        places = client.get(api("places-arretees")).content.decode()
        for text in (page, sheet, answer, places):
            assert "gardé pour le service" not in text
            assert "Inspection" not in text
        assert "Noté sur dossier" in page
        assert RankedPlace.objects.get().detail[0]["origin"].endswith("Motif gardé pour le service.")


def school_and_elected(application: Any) -> Client:
    return client_of(*({"role": role, "authority": application.school.authority} for role in ("school", "elected")))


def test_page_explains_each_score(client_as: Any, campaign: Any, application: Any) -> None:
    page = client_as("education").get(url("ranking", campaign)).content.decode()
    assert "36,00" in page
    assert "sur 60,00" in page
    assert f"school={application.school.uai}" in page
    assert "0 point à 0 ans, 40 à 8 ans" in page
    assert "À égalité : l&#x27;IPS le plus bas" in page


def test_page_is_the_same_number_of_queries(client_as: Any, campaign: Any, application: Any) -> None:
    client, page = client_as("education"), url("ranking", campaign)
    client.get(page)
    found = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as held:
            client.get(page)
        found.append(len(held))
        for _ in range(2):
            OpinionFactory(application=applied(campaign, mark=3))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "asked, shown",
    [
        ({"q": "test"}, {"École du Test"}),
        ({"q": "absente"}, set()),
        ({"outcome": "waiting"}, {"École Bis"}),
        ({"noted": "departs"}, set()),
        ({"noted": "unknown"}, {"École Bis"}),
        ({"outcome": "n'importe quoi"}, {"École du Test", "École Bis"}),
        ({"columns": "school,criterion_0"}, {"École du Test", "École Bis"}),
        ({"sort": "-score"}, {"École du Test", "École Bis"}),
        ({"q": "x" * 500, "page": "999"}, {"École du Test", "École Bis"}),
    ],
)
def test_filters(client_as: Any, campaign: Any, application: Any, asked: Any, shown: Any) -> None:
    applied(campaign, mark=2, school__name="École Bis")
    table = client_as("education").get(url("ranking", campaign), asked).context["table"]
    assert {row.record.application.school.name for row in table.rows} == shown


def test_export_has_every_criterion(client_as: Any, campaign: Any, application: Any) -> None:
    client = client_as("education")
    rows = client.get(url("ranking", campaign), {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert "Projet (valeur);Projet (points sur 20);Équipement ancien (valeur)" in rows[0]
    assert "École du Test" in rows[1]
    assert "4,0;20" in rows[1] or "4;20" in rows[1]
    assert client.get(url("ranking", campaign), {"format": "xlsx"}).content[:2] == b"PK"


def test_ien_reads_only_the_district(client_as: Any, campaign: Any, application: Any) -> None:
    district = DistrictFactory(department="086")
    applied(campaign, mark=2, school__name="École voisine", school__district=district)
    client = client_as("academy", district)
    for address, asked in ((url("ranking", campaign), {}), (url("ranking", campaign), {"format": "csv"}), (api(f"classements/{campaign.pk}"), {})):  # fmt: skip
        text = client.get(address, asked).content.decode()
        assert "École voisine" in text
        assert "École du Test" not in text
    frozen(campaign)
    answer = client.get(api("places-arretees")).json()
    assert [row["position"] for row in answer["results"]] == [2]


def test_lead_gives_a_place_and_takes_it_back(client_as: Any, campaign: Any, application: Any) -> None:
    other = applied(campaign, mark=1)
    client, page = client_as("education"), url("ranking_move", campaign, other)
    assert 'value="1"' in client.get(page, {"vers": "1"}).content.decode()
    refused = client.post(page, {"position": "1", "reason": ""})
    assert refused.status_code == 422
    assert "Un écart au score est motivé" in refused.content.decode()
    assert client.post(page, {"position": "zéro", "reason": "x"}).status_code == 422
    assert client.post(page, {"position": "1", "reason": "Travaux."}).status_code == 302
    shown = client.get(url("ranking", campaign)).content.decode()
    assert "Écart : Travaux." in shown
    assert client.post(page, {"back": "1"}).status_code == 302
    assert not Departure.objects.exists()
    assert client.post(page, {"back": "1"}).status_code == 422


def test_lead_does_not_retain_a_school(client_as: Any, campaign: Any, application: Any) -> None:
    page = url("ranking_move", campaign, application)
    assert "checked" in client_as("education").get(f"{page}?refus").content.decode()
    client_as("education").post(page, {"refused": "on", "reason": "Fermeture prévue."})
    shown = client_as("education").get(url("ranking", campaign)).content.decode()
    assert "Non retenue : Fermeture prévue." in shown


def test_place_after_the_freeze_is_refused(client_as: Any, campaign: Any, application: Any) -> None:
    frozen(campaign)
    answer = client_as("education").post(
        url("ranking_move", campaign, application), {"position": "1", "reason": "Trop tard"}
    )
    assert answer.status_code == 422
    assert "est arrêtée depuis le 23/11/2026" in answer.content.decode()


def test_list_is_submitted_then_frozen_by_the_meeting(client_as: Any, campaign: Any, application: Any) -> None:
    meeting = MeetingFactory(committee__authority=campaign.authority, held_on=TODAY)
    client = client_as("education")
    assert str(meeting) in client.get(url("ranking", campaign)).content.decode()
    client.post(url("ranking_submit", campaign), {"meeting": "999999"})
    assert not Decision.objects.exists()
    client.post(url("ranking_submit", campaign), {"meeting": str(meeting.pk)})
    assert "Soumise au comité" in client.get(url("ranking", campaign)).content.decode()
    for verb in ("open", "close"):
        client.post(reverse(f"governance:meeting_{verb}", args=[meeting.pk]))
    shown = client.get(url("ranking", campaign)).content.decode()
    assert "Liste arrêtée le 23 novembre 2026" in shown
    assert reverse("governance:meeting_detail", args=[meeting.pk]) in shown
    told = client.get(reverse("governance:meeting_detail", args=[meeting.pk])).content.decode()
    assert f'Arrête la liste : <a href="{url("ranking", campaign)}">' in told


def test_decision_form_names_the_campaign(client_as: Any, campaign: Any, other_authority: Any) -> None:
    item = AgendaItemFactory(meeting__committee__authority=campaign.authority)
    foreign = closed_campaign(other_authority)
    client, page = client_as("education"), reverse("governance:decision_create")
    given = {"item": item.pk, "text": "La liste est arrêtée.", "effect": DecisionEffect.FREEZES_RANKING}
    bare = client.post(f"{page}?item={item.pk}", given)
    assert bare.status_code == 422
    assert "nomme la campagne" in bare.content.decode()
    assert client.post(f"{page}?item={item.pk}", {**given, "campaign": foreign.pk}).status_code == 422
    assert client.post(f"{page}?item={item.pk}", {**given, "campaign": campaign.pk}).status_code == 302
    twice = client.post(api("decisions"), {**given, "campaign": campaign.pk}, content_type="application/json")
    assert twice.status_code == 400
    assert "a déjà une décision" in twice.content.decode()


@pytest.fixture
def run(user_as: Any, django_capture_on_commit_callbacks: Any) -> Any:
    """Start a work and do it."""

    def do(start: Any, campaign: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            job = start(campaign=campaign, by=user_as("education"))
        job.refresh_from_db()
        assert job.status == "succeeded", (job.message, job.traceback)
        return job

    return do


def test_letters_wait_for_the_frozen_list(client_as: Any, campaign: Any, application: Any) -> None:
    shown = client_as("education").post(url("ranking_letters", campaign), follow=True)
    assert "un comité doit d&#x27;abord l&#x27;arrêter" in shown.content.decode()
    assert client_as("education").post(url("ranking_answer", campaign, application), {"answer": "x"}).status_code == 422


def test_list_for_the_committee(run: Any, campaign: Any, application: Any) -> None:
    applied(campaign, school__name="École sans note")
    content = bytes(run(tasks.start_ranking_list, campaign).document.content)
    text = text_of(content)
    for words in ("Proposition soumise au comité", "École du Test", "36,00", "0,00*", "Critères"):
        assert words in text, words
    assert problems(content) == []
    frozen(campaign)
    assert "Décision du comité" in text_of(bytes(run(tasks.start_ranking_list, campaign).document.content))


def test_letters(client_as: Any, run: Any, campaign: Any, application: Any) -> None:
    OpinionFactory(application=application, text="Un projet d'équipe solide.")
    OpinionFactory(application=application, stage="tice", text="Gardé entre nous.", confidential=True)
    waiting = applied(campaign, mark=1, school__name="École Bis")
    frozen(campaign)
    client = client_as("education")
    client.post(url("ranking_answer", campaign, waiting), {"answer": "Le projet est à consolider."})
    whole = run(tasks.start_ranking_letters, campaign).document
    assert (whole.kind, pages_of(bytes(whole.content))) == ("courriers-de-reponse", 2)
    own = school_client(application)
    letter = own.get(reverse("schools:application_letter", args=[application.pk]))
    assert (letter.status_code, letter.headers["Content-Type"], pages_of(letter.content)) == (200, "application/pdf", 1)
    assert problems(letter.content) == []
    text = text_of(letter.content)
    for words in (
        "est retenue",
        "École du Test",
        "36,00 points sur 60,00",
        "Projet : 8",
        "projet d'équipe",
        "Le Maire",
    ):
        assert words in text, words
    assert "Gardé entre nous" not in text
    assert own.get(reverse("schools:application_letter", args=[waiting.pk])).status_code == 404
    assert own.get(reverse("document", args=[whole.pk])).status_code == 404
    other = text_of(client.get(reverse("schools:application_letter", args=[waiting.pk])).content)
    assert "liste d'attente" in other
    assert "à consolider" in other
    run(tasks.start_ranking_letters, campaign)
    assert StoredDocument.objects.filter(kind="courrier-de-reponse").count() == 2
    assert "Lire le courrier" in client.get(url("ranking", campaign)).content.decode()


def test_longest_letter_holds_on_its_page(run: Any, authority: Any) -> None:
    authority.notice = ("Simulation sur données ouvertes. " * 13)[:400]
    authority.save()
    campaign = closed_campaign(authority, title="Une campagne au titre vraiment très long " * 3, places=1)
    for rank in range(8):
        CriterionFactory(campaign=campaign, position=rank + 3, label=f"Un critère à l'intitulé plutôt long, n° {rank}")
    application = applied(
        campaign,
        mark=10,
        school__name="École élémentaire publique " * 5,
        school__address="Rue",
        project="Un projet au nom très long, tenu par toute l'équipe " * 3,
    )
    for criterion in campaign.criteria.filter(kind="committee").exclude(label="Projet"):
        MarkFactory(application=application, criterion=criterion, value=10 * (criterion.position % 2))
    for stage in ("ien", "tice", "committee"):
        OpinionFactory(
            application=application, stage=stage, verdict="reserved", text="Un avis longuement motivé. " * 40
        )
    frozen(campaign)
    RankedPlace.objects.update(answer="Une réponse aussi longue qu'on peut l'écrire. " * 13)
    assert pages_of(bytes(run(tasks.start_ranking_letters, campaign).document.content)) == 1


def test_letter_before_it_is_made_is_not_found(client_as: Any, application: Any) -> None:
    address = reverse("schools:application_letter", args=[application.pk])
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("education").get(address).status_code == 404
    assert client_as("elected").get(address).status_code == 403


def test_api_of_the_ranking(client_as: Any, other_authority: Any, campaign: Any, application: Any) -> None:
    address = api(f"classements/{campaign.pk}")
    assert Client().get(address).status_code in (401, 403)
    assert school_client(application).get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    assert client_as("elected").get(address).status_code == 404
    answer = client_as("education").get(address).json()
    assert (answer["frozen"], answer["total"], answer["decision"]) == (False, 1, None)
    assert answer["rows"][0]["score"] == 360_000
    assert [each["points"] for each in answer["rows"][0]["details"]] == [160_000, 200_000]
    frozen(campaign)
    assert client_as("elected").get(address).json()["decision"] == Decision.objects.get().pk


def test_api_of_departures(client_as: Any, other_authority: Any, campaign: Any, application: Any) -> None:
    address, given = api("ecarts-au-classement"), {"application": application.pk, "position": 1, "reason": "Travaux."}
    for role in ("academy", "elected", "technician", "finance"):
        assert client_as(role).get(address).status_code == 403
        assert client_as(role).post(address, given, content_type="application/json").status_code == 403
    client = client_as("education")
    assert (
        client_as("education", other_authority).post(address, given, content_type="application/json").status_code == 400
    )
    bad = client.post(address, {**given, "reason": ""}, content_type="application/json")
    assert bad.status_code == 400
    made = client.post(address, given, content_type="application/json")
    assert made.status_code == 201
    row = f"{address}{made.json()['id']}/"
    assert client.patch(row, {"position": 3}, content_type="application/json").json()["position"] == 3
    assert client_as("education", other_authority).get(row).status_code == 404
    frozen(campaign)
    late = client.patch(row, {"position": 1}, content_type="application/json")
    assert late.status_code == 400
    assert "est arrêtée" in late.content.decode()
    assert client.delete(row).status_code == 400
    assert Departure.objects.get().position == 3


def test_api_of_frozen_places_only_reads(client_as: Any, other_authority: Any, campaign: Any, application: Any) -> None:
    frozen(campaign)
    address = api("places-arretees")
    assert client_as("partner").get(address).status_code == 403
    assert school_client(application).get(address).status_code == 403
    assert client_as("education", other_authority).get(address).json()["count"] == 0
    client = client_as("elected")
    assert client.get(address, {"campaign": campaign.pk, "outcome": "retained"}).json()["count"] == 1
    row = f"{address}{RankedPlace.objects.get().pk}/"
    for method in ("put", "patch", "delete"):
        assert getattr(client_as("education"), method)(row, {}, content_type="application/json").status_code in (
            403,
            405,
        )


def test_deciding_factory_is_open(campaign: Any) -> None:
    assert deciding(campaign).item.meeting.state == "opened"
