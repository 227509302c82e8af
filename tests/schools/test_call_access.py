"""Every address of the calls for projects: signed out, wrong role, other authority, another school, another district; and each door to
a confidential opinion."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.jobs.models import Job
from schools import services
from schools.enums import CampaignState
from schools.models import Application, Campaign
from tests.factories.accounts import DistrictFactory, MembershipFactory
from tests.factories.projects import (
    ApplicationFactory,
    CampaignFactory,
    CriterionFactory,
    MarkFactory,
    OpinionFactory,
    QuestionFactory,
    QuestionnaireFactory,
)
from tests.factories.schools import SchoolAssignmentFactory, SchoolFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
SECRET = "Mot que l'école ne lit pas"
PDF = b"%PDF-1.7\nsynthetic"


def open_campaign(authority: Any, **more: Any) -> Campaign:
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=5), "closes_on": today + timedelta(days=5)}
    return CampaignFactory(authority=authority, **{**dates, **more})


def application(authority: Any, **more: Any) -> Application:
    return ApplicationFactory(campaign=open_campaign(authority), **more)


def attachment(authority: Any) -> Any:
    row = application(authority, state="draft", submitted_at=None)
    return services.attach_file(application=row, filename="projet.pdf", content=PDF, by=None)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


MAKERS: dict[str, Callable[[Any], Any]] = {
    "questionnaires": lambda authority: QuestionnaireFactory(authority=authority, state="draft"),
    "questions": lambda authority: QuestionFactory(questionnaire__authority=authority, questionnaire__state="draft"),
    "campagnes": open_campaign,
    "criteres": lambda authority: CriterionFactory(campaign=open_campaign(authority)),
    "candidatures": application,
    "pieces-jointes": attachment,
    "avis": lambda authority: OpinionFactory(application=application(authority), stage="committee"),
    "notes": lambda authority: MarkFactory(application=application(authority)),
}
PAGES = [
    ("questionnaires", "/questionnaires/{pk}/"),
    ("questionnaires", "/questionnaires/{pk}/historique/"),
    ("questionnaires", "/questionnaires/{pk}/apercu/"),
    ("questionnaires", "/questionnaires/{pk}/modifier/"),
    ("questionnaires", "/questionnaires/{pk}/supprimer/"),
    ("questions", "/questions/{pk}/modifier/"),
    ("questions", "/questions/{pk}/supprimer/"),
    ("campagnes", "/campagnes/{pk}/"),
    ("campagnes", "/campagnes/{pk}/historique/"),
    ("campagnes", "/campagnes/{pk}/modifier/"),
    ("campagnes", "/campagnes/{pk}/supprimer/"),
    ("campagnes", "/campagnes/{pk}/sans-candidature/"),
    ("criteres", "/criteres/{pk}/modifier/"),
    ("criteres", "/criteres/{pk}/supprimer/"),
    ("candidatures", "/candidatures/{pk}/"),
    ("candidatures", "/candidatures/{pk}/historique/"),
    ("candidatures", "/candidatures/{pk}/supprimer/"),
    ("candidatures", "/candidatures/{pk}/retirer/"),
    ("candidatures", "/candidatures/{pk}/deposer/"),
    ("candidatures", "/candidatures/{pk}/avis/"),
    ("pieces-jointes", "/pieces-jointes/{pk}/"),
]
API = [(name, f"/api/v1/{name}/{{pk}}/") for name in MAKERS]
COMMANDS = [
    ("questionnaires", "/questionnaires/{pk}/mettre-en-service/"),
    ("questionnaires", "/questionnaires/{pk}/version/"),
    ("questions", "/questions/{pk}/deplacer/"),
    ("campagnes", "/campagnes/{pk}/publier/"),
    ("campagnes", "/campagnes/{pk}/depublier/"),
    ("candidatures", "/candidatures/{pk}/enregistrer/"),
    ("candidatures", "/candidatures/{pk}/fichiers/"),
    ("candidatures", "/candidatures/{pk}/reprendre/"),
    ("candidatures", "/candidatures/{pk}/deposer/"),
    ("candidatures", "/candidatures/{pk}/retirer/"),
    ("candidatures", "/candidatures/{pk}/avis/"),
    ("candidatures", "/candidatures/{pk}/saisie/"),
    ("pieces-jointes", "/pieces-jointes/{pk}/supprimer/"),
    ("candidatures", "/api/v1/candidatures/{pk}/saisir/"),
    ("candidatures", "/api/v1/candidatures/{pk}/deposer/"),
    ("candidatures", "/api/v1/candidatures/{pk}/retirer/"),
    ("candidatures", "/api/v1/candidatures/{pk}/reprendre/"),
    ("campagnes", "/api/v1/campagnes/{pk}/publier/"),
    ("questionnaires", "/api/v1/questionnaires/{pk}/mettre-en-service/"),
]
LISTS = ("questionnaires", "campagnes", "candidatures", "avis-a-donner")


@pytest.mark.parametrize(("name", "path"), PAGES + API, ids=lambda value: value)
def test_a_row_opens_to_its_own_people_only(
    client_as: Any, authority: Any, other_authority: Any, name: str, path: str
) -> None:
    url = path.format(pk=MAKERS[name](authority).pk)
    signed_out = Client().get(url)
    assert signed_out.status_code == 403 or signed_out.headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize(("name", "path"), COMMANDS, ids=lambda value: value)
def test_a_command_is_for_its_own_people_only(
    client_as: Any, authority: Any, other_authority: Any, name: str, path: str
) -> None:
    url = path.format(pk=MAKERS[name](authority).pk)
    signed_out = Client().post(url)
    assert signed_out.status_code == 403 or signed_out.headers["Location"].startswith("/compte/login/")
    assert client_as("finance").post(url, {}).status_code in {403, 404}
    assert client_as("education", other_authority).post(url, {}).status_code == 404
    assert client_as("education").post(url, {}).status_code < 500


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("suffix", ["", "?format=csv", "?format=xlsx"])
def test_lists_and_exports(client_as: Any, authority: Any, other_authority: Any, name: str, suffix: str) -> None:
    url = f"/{name}/{suffix}"
    maker = MAKERS.get(name, MAKERS["candidatures"])
    maker(authority), maker(other_authority)
    assert Client().get(url).status_code == 302
    assert client_as("partner").get(url).status_code == 403
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize("name", MAKERS)
def test_api_lists_hold_own_rows_only(client_as: Any, authority: Any, other_authority: Any, name: str) -> None:
    mine = MAKERS[name](authority)
    MAKERS[name](other_authority)
    rows = client_as("education").get(f"/api/v1/{name}/").json()
    assert [row["id"] for row in rows["results"]] == [mine.pk]
    assert client_as("partner").get(f"/api/v1/{name}/").status_code == 403
    assert Client().get(f"/api/v1/{name}/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_many_queries_for_three_rows_as_for_one(client_as: Any, authority: Any, name: str) -> None:
    maker = MAKERS.get(name, MAKERS["candidatures"])
    client = client_as("academy") if name == "avis-a-donner" else client_as("education")

    def row() -> None:
        made = maker(authority)
        if isinstance(made, Application):
            OpinionFactory(application=made, stage="ien")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/{name}/").status_code == 200
        return len(queries)

    row()
    asked()
    one = asked()
    row(), row()
    assert asked() == one


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune__authority=authority, district=DistrictFactory(department="086"))


@pytest.fixture
def director(school: Any) -> User:
    user = MembershipFactory(role="school", authority=school.authority).user
    SchoolAssignmentFactory(school=school, user=user, is_director=True)
    return user


def draft_of(school: Any) -> Application:
    campaign = open_campaign(school.authority)
    return ApplicationFactory(campaign=campaign, school=school, state="draft", submitted_at=None)


def test_a_draft_is_seen_by_those_who_may_apply_only(client_as: Any, school: Any, director: User) -> None:
    row = draft_of(school)
    file = services.attach_file(application=row, filename="projet.pdf", content=PDF, by=director)
    doors = [
        f"/candidatures/{row.pk}/",
        f"/candidatures/{row.pk}/saisie/",
        f"/pieces-jointes/{file.pk}/",
        f"/api/v1/candidatures/{row.pk}/",
        f"/api/v1/candidatures/{row.pk}/reponses/",
        f"/api/v1/pieces-jointes/{file.pk}/",
    ]
    for role, at in (("academy", "086"), ("academy", school.district), ("technician", None), ("administrator", None)):
        client = client_as(role, at)
        assert {client.get(door).status_code for door in doors} <= {403, 404}, role
        assert school.name not in client.get("/candidatures/?format=csv").content.decode("utf-8-sig")
    for client in (client_of(director), client_as("education")):
        assert {client.get(door).status_code for door in doors} == {200}
    assert client_of(director).get(f"/documents/{file.document_id}/").status_code == 404
    assert client_as("education").get(f"/documents/{file.document_id}/").status_code == 404


def test_the_director_of_another_school_sees_nothing(authority: Any, school: Any) -> None:
    other = SchoolFactory(commune__authority=authority)
    stranger = MembershipFactory(role="school", authority=authority).user
    SchoolAssignmentFactory(school=other, user=stranger, is_director=True)
    client, row = client_of(stranger), ApplicationFactory(campaign=open_campaign(authority), school=school)
    for path in ("", "saisie/", "deposer/", "retirer/", "recapitulatif/", "courrier/"):
        assert client.get(f"/candidatures/{row.pk}/{path}").status_code == 404
    assert client.get("/candidatures/?format=csv").content.decode("utf-8-sig").count("\n") == 1
    assert client.post("/candidatures/nouveau/", {"campaign": row.campaign_id, "school": school.pk}).status_code == 422


def test_two_roles_in_two_towns_do_not_add_up(authority: Any, other_authority: Any, school: Any) -> None:
    """Teacher here, technician there: what is typed there is not theirs, what others sent here neither."""
    user = MembershipFactory(role="technician", authority=other_authority).user
    MembershipFactory(user=user, role="school", authority=authority)
    SchoolAssignmentFactory(school=school, user=user)
    client = client_of(user)
    mine = draft_of(school)
    here = ApplicationFactory(campaign=mine.campaign, school=SchoolFactory(commune=school.commune))
    there_draft, there_sent = (
        application(other_authority, state="draft", submitted_at=None),
        application(other_authority),
    )
    statuses = {
        row.pk: client.get(f"/candidatures/{row.pk}/").status_code for row in (mine, here, there_draft, there_sent)
    }
    assert statuses == {mine.pk: 200, here.pk: 404, there_draft.pk: 404, there_sent.pk: 200}
    for path in ("deposer/", "retirer/", "saisie/", "enregistrer/", "reprendre/"):
        assert client.post(f"/candidatures/{there_sent.pk}/{path}", {}).status_code == 403
    url = f"/api/v1/candidatures/{there_sent.pk}/"
    assert client.patch(url, {"project": "x"}, content_type="application/json").status_code == 403


def test_an_inspector_gives_opinions_in_the_district_only(client_as: Any, authority: Any, school: Any) -> None:
    campaign = open_campaign(authority)
    mine = ApplicationFactory(campaign=campaign, school=school)
    other = ApplicationFactory(campaign=campaign, school__district=DistrictFactory(department="086"))
    client = client_as("academy", school.district)
    assert client.get(f"/candidatures/{other.pk}/").status_code == 404
    assert client.get(f"/candidatures/{other.pk}/avis/").status_code == 404
    listed = client.get("/avis-a-donner/?format=csv").content.decode("utf-8-sig")
    assert school.name in listed
    assert other.school.name not in listed
    page = client.post(f"/candidatures/{mine.pk}/avis/", {"verdict": "favourable", "text": "Oui."})
    assert page.status_code == 302
    assert [(each.stage, each.verdict) for each in mine.opinions.all()] == [("ien", "favourable")]
    for stage, status in (("tice", 400), ("ien", 400)):
        sent = {"application": mine.pk, "stage": stage, "verdict": "favourable"}
        assert client.post("/api/v1/avis/", sent, content_type="application/json").status_code == status
    sent = {"application": other.pk, "stage": "ien", "verdict": "favourable"}
    assert client.post("/api/v1/avis/", sent, content_type="application/json").status_code == 400
    assert client_as("technician").get(f"/candidatures/{mine.pk}/avis/").status_code == 403


def doors_of(row: Application, opinion: Any) -> list[str]:
    return [
        f"/candidatures/{row.pk}/",
        f"/candidatures/{row.pk}/historique/",
        f"/candidatures/{row.pk}/deposer/",
        f"/candidatures/{row.pk}/avis/",
        "/candidatures/",
        "/candidatures/?format=csv",
        "/candidatures/?verdict=reserved&format=csv",
        f"/api/v1/candidatures/{row.pk}/",
        "/api/v1/candidatures/?verdict=reserved",
        f"/api/v1/candidatures/{row.pk}/reponses/",
        f"/api/v1/avis/{opinion.pk}/",
        "/api/v1/avis/",
        "/api/v1/avis/?verdict=reserved",
        "/api/v1/notes/",
        "/notre-candidature/",
        "/journal/",
        "/",
    ]


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("second_role", ["", "finance", "elected"])
def test_a_confidential_opinion_is_behind_every_door(
    school: Any, director: User, frozen: bool, second_role: str
) -> None:
    if second_role:
        MembershipFactory(user=director, role=second_role, authority=school.authority)
    row = ApplicationFactory(campaign=open_campaign(school.authority), school=school)
    opinion = services.give_opinion(
        application=row, stage="tice", verdict="reserved", text=SECRET, confidential=True, by=None
    )
    MarkFactory(application=row, reason=SECRET)
    if frozen:
        frozen_at = {"state": CampaignState.FROZEN, "frozen_at": timezone.now()}
        Campaign.objects.filter(pk=row.campaign_id).update(**frozen_at)
    client = client_of(director)
    for door in doors_of(row, opinion):
        text = client.get(door).content.decode("utf-8-sig")
        assert SECRET not in text.replace("&#x27;", "'"), door
        assert "Réservé" not in text or "filtres" in text, door
    for door in ("/candidatures/?verdict=reserved&format=csv", "/candidatures/?missing=tice&format=csv"):
        found = school.name in client.get(door).content.decode("utf-8-sig")
        assert found == ("missing" in door), door
    assert client.get("/api/v1/avis/").json()["count"] == 0
    assert client.get("/api/v1/notes/").json()["count"] == 0
    assert client.get("/api/v1/candidatures/?verdict=reserved").json()["count"] == 0


def test_an_open_opinion_is_read_by_the_school_once_the_list_is_frozen(school: Any, director: User) -> None:
    row = ApplicationFactory(campaign=open_campaign(school.authority), school=school)
    services.give_opinion(application=row, stage="tice", verdict="favourable", text="Projet solide.", by=None)
    client = client_of(director)
    page = client.get(f"/candidatures/{row.pk}/").content.decode()
    assert "Avis rendu, Équipe TICE" in page
    assert "Projet solide." not in page
    Campaign.objects.filter(pk=row.campaign_id).update(state=CampaignState.FROZEN, frozen_at=timezone.now())
    assert "Projet solide." in client.get(f"/candidatures/{row.pk}/").content.decode()


def test_history_of_an_application_is_for_those_who_apply(client_as: Any, school: Any) -> None:
    """It holds what was typed before it was sent."""
    row = ApplicationFactory(campaign=open_campaign(school.authority), school=school)
    for role, status in (("academy", 403), ("technician", 403), ("administrator", 403), ("education", 200)):
        assert client_as(role).get(f"/candidatures/{row.pk}/historique/").status_code == status


def test_a_campaign_in_preparation_is_for_its_lead(client_as: Any, authority: Any, school: Any, director: User) -> None:
    row = open_campaign(authority, state=CampaignState.DRAFT)
    for client in (client_as("academy"), client_as("elected"), client_of(director)):
        assert client.get(f"/campagnes/{row.pk}/").status_code == 404
        assert client.get(f"/api/v1/campagnes/{row.pk}/").status_code == 404
    assert client_as("education").get(f"/campagnes/{row.pk}/").status_code == 200
    assert client_as("elected").get("/campagnes/").status_code == 200
    assert not Job.objects.exists()
