"""What the calls for projects refuse or survive: odd input, two people at once, one who would judge the own school, late documents."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.enums import ApplicationState, CampaignState
from schools.models import Application, Campaign, Opinion, Question, Questionnaire
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
JSON = {"content_type": "application/json"}
SECRET = "Réserve tenue secrète"


@pytest.fixture
def campaign(authority: Any) -> Campaign:
    today = timezone.localdate()
    row = CampaignFactory(authority=authority, opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    QuestionFactory(questionnaire=row.questionnaire, code="motif", kind="long", text="Pourquoi ?", required=True)
    return row


@pytest.fixture
def school(authority: Any) -> Any:
    return SchoolFactory(commune__authority=authority, district=DistrictFactory(department="086"))


@pytest.fixture
def director(school: Any) -> User:
    user = MembershipFactory(role="school", authority=school.authority).user
    SchoolAssignmentFactory(school=school, user=user, is_director=True)
    return user


def client_of(user: User) -> Client:
    found = Client()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.fixture
def draft(campaign: Campaign, school: Any) -> Application:
    return services.start_application(campaign=campaign, school=school, by=None)


def sent(draft: Application) -> Application:
    fields = {"project": ("Lire", None), "summary": ("Lire et écrire.", None), "volunteers": ("3", None)}
    services.save_fields(application=draft, typed=fields, by=None)
    services.save_answers(owner=draft, typed={"motif": ("Parce que.", None)}, by=None)
    return services.submit_application(application=draft, by=None)


def type_over(client: Client, row: Application, name: str, value: Any, *over: Any) -> dict[str, Any]:
    """As a page that showed `over` sends `value`."""
    now = timezone.now().isoformat()
    body = {"clock": now, "typed": {name: {"value": value, "typed_at": now, "over": list(over)}}}
    response = client.post(f"/candidatures/{row.pk}/enregistrer/", json.dumps(body), **JSON)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()["results"][name]
    return found


@pytest.mark.parametrize(("name", "first"), [("f-summary", ""), ("q-motif", "")])
def test_two_pages_on_one_draft_never_overwrite_each_other_untold(
    draft: Application, director: User, name: str, first: str
) -> None:
    """Both tabs showed an empty field; the second to be saved is told what stands, and writes nothing."""
    client = client_of(director)
    assert type_over(client, draft, name, "D'un onglet", first)["outcome"] == "kept"
    told = type_over(client, draft, name, "De l'autre", first)
    assert told["outcome"] == "superseded"
    assert "« D'un onglet »" in told["message"]
    assert told["value"] == "D'un onglet"
    content = queries.content_of(Application.objects.get(pk=draft.pk))
    assert "D'un onglet" in {content.own_values["summary"], content.values.get("motif")}
    assert type_over(client, draft, name, "De l'autre", "D'un onglet")["outcome"] == "kept"


@pytest.mark.parametrize("name", ["f-summary", "q-motif"])
def test_an_answer_that_was_saved_but_not_told_is_no_conflict(draft: Application, director: User, name: str) -> None:
    """The network dropped before the answer: the page sends what it had tried beside what it showed."""
    client = client_of(director)
    assert type_over(client, draft, name, "abc", "")["outcome"] == "kept"
    assert type_over(client, draft, name, "abcd", "", "abc")["outcome"] == "kept"
    assert type_over(client, draft, name, "abcd", "")["outcome"] == "kept"


@pytest.mark.parametrize("over", ["x", 3, [{"a": 1}], [["\x00"]], {"a": 1}, None])
def test_odd_former_values_are_no_error(draft: Application, director: User, over: Any) -> None:
    now = timezone.now().isoformat()
    body = {"clock": now, "typed": {"q-motif": {"value": "Oui.", "typed_at": now, "over": over}}}
    url = f"/candidatures/{draft.pk}/enregistrer/"
    response = client_of(director).post(url, json.dumps(body), **JSON)
    assert response.status_code in {200, 422}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00"])
def test_a_moment_out_of_time_is_now(draft: Application, director: User, moment: str) -> None:
    client = client_of(director)
    form = client.post(f"/candidatures/{draft.pk}/saisie/", {"shown_at": moment, "q-motif": "Un", "f-project": "Lire"})
    assert form.status_code == 302
    for clock in (moment, "", None):
        body = {"clock": clock, "typed": {"q-motif": {"value": f"Deux {clock}", "typed_at": moment}}}
        typed = client.post(f"/candidatures/{draft.pk}/enregistrer/", json.dumps(body), **JSON)
        assert typed.status_code == 200
    body = {"answers": [{"code": "motif", "value": "Trois", "typed_at": moment}]}
    assert client.post(f"/api/v1/candidatures/{draft.pk}/saisir/", body, **JSON).status_code in {200, 400}


@pytest.mark.parametrize(
    "options",
    [
        [{"code": "a", "label": "x\x00"}],
        [{"code": "a", "label": "x"}, {"code": "a", "label": "y"}],
        [{"code": "é è", "label": "x"}],
        [{"code": "a", "label": "x" * 161}],
        [{"code": str(number), "label": "x"} for number in range(61)],
        [["code", "label"]],
        {"code": "a", "label": "x"},
        "a | x",
        7,
    ],
    ids=str,
)
def test_options_are_checked_whatever_the_door(client_as: Any, authority: Any, options: Any) -> None:
    row = QuestionnaireFactory(authority=authority, state="draft")
    asked = {"questionnaire": row.pk, "code": "reseau", "text": "Réseau ?", "kind": "choice", "options": options}
    response = client_as("education").post("/api/v1/questions/", json.dumps(asked), **JSON)
    assert response.status_code == 400, response.content
    assert "options" in response.json()
    assert not Question.objects.exists()


def test_one_of_the_school_gives_no_opinion_on_it(director: User, draft: Application, school: Any) -> None:
    """A director who also inspects the district, or leads the plan: judge and party."""
    MembershipFactory(user=director, role="academy", authority=None, district=school.district)
    MembershipFactory(user=director, role="academy", authority=None, department="086")
    MembershipFactory(user=director, role="education", authority=school.authority)
    row = sent(draft)
    CriterionFactory(campaign=row.campaign, kind="committee")
    services.give_opinion(application=row, stage="ien", verdict="reserved", text=SECRET, confidential=True, by=None)
    director = User.objects.get(pk=director.pk)
    assert queries.stages_of(director, row) == []
    assert not queries.opinions_due(director).exists()
    client = client_of(director)
    assert client.get(f"/candidatures/{row.pk}/avis/").status_code == 403
    given = {"application": row.pk, "stage": "tice", "verdict": "favourable"}
    assert client.post("/api/v1/avis/", given, **JSON).status_code in {400, 403}
    with pytest.raises(DomainError):
        services.give_opinion(application=row, stage="tice", verdict="favourable", by=director)
    assert SECRET not in client.get(f"/candidatures/{row.pk}/").content.decode()
    assert client.get("/api/v1/avis/").json()["count"] == 0
    assert "Réservé" not in client.get("/candidatures/?format=csv").content.decode("utf-8-sig")
    other = ApplicationFactory(
        campaign=row.campaign, school=SchoolFactory(commune=school.commune, district=school.district)
    )
    assert len(queries.stages_of(director, other)) == 3


def test_two_people_of_one_stage_do_not_overwrite_each_other(client_as: Any, draft: Application) -> None:
    row = sent(draft)
    criterion = CriterionFactory(campaign=row.campaign, kind="tice")
    first, second, url = client_as("academy"), client_as("academy"), f"/candidatures/{row.pk}/avis/"
    seen = second.get(url).context["form"]["seen"].value()
    good = {"verdict": "favourable", "text": "Projet solide.", f"mark-{criterion.pk}": "8", "seen": seen}
    assert first.post(url, good).status_code == 302
    refused = second.post(url, {"verdict": "unfavourable", "text": "Non.", f"mark-{criterion.pk}": "1", "seen": seen})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Projet solide." in page
    assert "entre-temps" in page
    assert (Opinion.objects.get().verdict, str(row.marks.get().value)) == ("favourable", "8.00")
    again = refused.context["form"]["seen"].value()
    assert second.post(url, {"verdict": "reserved", "text": "Non.", "seen": again}).status_code == 302
    assert Opinion.objects.get().verdict == "reserved"


def test_after_the_closing_the_lead_withdraws_for_the_school(
    draft: Application, director: User, client_as: Any
) -> None:
    row = sent(draft)
    Campaign.objects.filter(pk=row.campaign_id).update(closes_on=timezone.localdate() - timedelta(days=1))
    url = f"/candidatures/{row.pk}/retirer/"
    refused = client_of(director).post(url, {"reason": "Fermeture"})
    assert refused.status_code == 422
    assert "au service éducation" in refused.content.decode()
    lead = client_as("education")
    assert url in lead.get(f"/candidatures/{row.pk}/").content.decode()
    assert url not in client_of(director).get(f"/candidatures/{row.pk}/").content.decode()
    assert lead.post(url, {"reason": "Demande de l'école"}).status_code == 302
    row.refresh_from_db()
    assert row.state == ApplicationState.WITHDRAWN


def test_a_sheet_made_of_what_changed_since_is_not_kept(draft: Application) -> None:
    row = sent(draft)
    services.withdraw_application(application=row, reason="À revoir", by=None)
    services.reopen_application(application=row, by=None)
    with pytest.raises(DomainError, match="a changé"):
        services.keep_sheet(application=row, content=b"%PDF-1.7\nancien", filename="a.pdf", by=None)
    services.submit_application(application=row, by=None)
    with pytest.raises(DomainError, match="a changé"):
        services.keep_sheet(application=row, content=b"%PDF-1.7\nancien", filename="a.pdf", by=None)
    assert not StoredDocument.objects.exists()


def test_a_campaign_taken_back_meanwhile_takes_no_draft(campaign: Campaign, school: Any) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.DRAFT)
    events = AuditEvent.objects.count()
    with pytest.raises(DomainError, match="n'est pas ouverte"):
        services.start_application(campaign=campaign, school=school, by=None)
    assert (Application.objects.count(), AuditEvent.objects.count()) == (0, events)


def test_an_opening_does_not_move_after_answers(campaign: Campaign, draft: Application) -> None:
    campaign.opens_on = timezone.localdate() + timedelta(days=1)
    with pytest.raises(DomainError, match="ouverture") as refused:
        services.save_campaign(instance=campaign, by=None)
    assert refused.value.field == "opens_on"


def test_a_questionnaire_replaced_tells_which_one_to_choose(authority: Any) -> None:
    former = QuestionnaireFactory(authority=authority, code="appel", state="retired")
    QuestionnaireFactory(authority=authority, code="appel", version=2, state="in_use")
    row = CampaignFactory(authority=authority, questionnaire=former, state=CampaignState.DRAFT)
    CriterionFactory(campaign=row)
    with pytest.raises(DomainError, match="version 2"):
        services.publish_campaign(campaign=row, by=None)


def test_a_missing_opinion_is_that_of_an_application_sent(client_as: Any, draft: Application, school: Any) -> None:
    client, url = client_as("education"), "/candidatures/?missing=ien&format=csv"
    assert school.name not in client.get(url).content.decode("utf-8-sig")
    row = sent(draft)
    assert school.name in client.get(url).content.decode("utf-8-sig")
    OpinionFactory(application=row, stage="ien")
    assert school.name not in client.get(url).content.decode("utf-8-sig")
    Application.objects.filter(pk=row.pk).update(submitted_at=timezone.now())
    assert school.name in client.get(url).content.decode("utf-8-sig")


@pytest.mark.parametrize("name", ["avis", "notes", "pieces-jointes", "candidatures", "questions", "criteres"])
def test_api_lists_ask_as_many_queries_for_three_rows_as_for_one(client_as: Any, authority: Any, name: str) -> None:
    client = client_as("education")

    def row() -> None:
        by = MembershipFactory(role="academy", authority=None, department="086").user
        campaign = CampaignFactory(authority=authority, closes_on=timezone.localdate() + timedelta(days=9))
        QuestionFactory(questionnaire=campaign.questionnaire)
        made = ApplicationFactory(campaign=campaign)
        OpinionFactory(application=made, by=by)
        MarkFactory(application=made, criterion=CriterionFactory(campaign=campaign), by=by)
        begun = ApplicationFactory(campaign=campaign, state="draft", submitted_at=None)
        services.attach_file(application=begun, filename="a.pdf", content=b"%PDF-1.7\n", by=None)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"/api/v1/{name}/").json()["count"]
        return len(found)

    row()
    asked()
    one = asked()
    row(), row()
    assert asked() == one


def test_own_calls_read_no_stored_file(director: User, draft: Application) -> None:
    client = client_of(director)
    with CaptureQueriesContext(connection) as found:
        assert client.get("/notre-candidature/").status_code == 200
    assert not any('"content"' in each["sql"] for each in found)


DOORS = (
    "/ecoles/{school}/",
    "/ecoles/{school}/candidatures/",
    "/ecoles/{school}/historique/",
    "/ecoles/{school}/documents/",
    "/campagnes/{campaign}/",
    "/campagnes/{campaign}/classement/",
    "/campagnes/{campaign}/historique/",
    "/candidatures/?ordering=tice_verdict&format=csv",
    "/candidatures/?sort=tice_verdict&format=xlsx",
    "/avis-a-donner/?format=csv",
    "/documents/",
    "/taches/",
    "/recherche/?q=secr%C3%A8te",
    "/journal/?q=secr%C3%A8te",
)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("second_role", ["", "finance", "elected", "assembly"])
def test_a_confidential_opinion_is_behind_the_doors_around_too(
    campaign: Campaign, draft: Application, director: User, second_role: str, frozen: bool
) -> None:
    if second_role:
        MembershipFactory(user=director, role=second_role, authority=campaign.authority)
    row = sent(draft)
    services.give_opinion(application=row, stage="tice", verdict="reserved", text=SECRET, confidential=True, by=None)
    if frozen:
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.FROZEN, frozen_at=timezone.now())
    client = client_of(director)
    for door in DOORS:
        url = door.format(school=row.school_id, campaign=campaign.pk)
        response = client.get(url)
        assert response.status_code < 500, url
        assert SECRET not in response.content.decode("utf-8", "replace").replace("&#x27;", "'"), url


def test_two_new_versions_asked_at_once_make_one(authority: Any, user_as: Callable[..., User]) -> None:
    row = QuestionnaireFactory(authority=authority, code="appel")
    QuestionFactory(questionnaire=row)
    services.new_version(questionnaire=row, by=user_as("education"))
    with pytest.raises(DomainError, match="déjà en préparation"):
        services.new_version(questionnaire=row, by=user_as("education"))
    assert Questionnaire.objects.count() == 2
