"""The rules of questionnaires, campaigns, applications, opinions and marks, by their services."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from schools import queries, services
from schools.enums import ApplicationState, CampaignState, QuestionnaireState, Stage, Step, Verdict
from schools.models import Application, ApplicationAnswer, Campaign, Mark, Opinion, Question, Questionnaire, SchoolStep
from schools.services import IncompleteError
from tests.factories.accounts import DistrictFactory, MembershipFactory, UserFactory
from tests.factories.projects import (
    ApplicationFactory,
    CampaignFactory,
    CriterionFactory,
    QuestionFactory,
    QuestionnaireFactory,
)
from tests.factories.schools import SchoolAssignmentFactory, SchoolClassFactory, SchoolFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\nsynthetic"


@pytest.fixture
def campaign(authority: Any) -> Campaign:
    today = timezone.localdate()
    row = CampaignFactory(authority=authority, opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    QuestionFactory(questionnaire=row.questionnaire, code="motif", kind="long", text="Pourquoi ?", required=True)
    QuestionFactory(
        questionnaire=row.questionnaire, code="eleves", kind="integer", text="Combien ?", lowest=0, highest=99
    )
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
def draft(campaign: Campaign, school: Any, director: User) -> Application:
    return services.start_application(campaign=campaign, school=school, by=director)


def fill(row: Application, by: User | None) -> None:
    fields = {"project": "Lire", "summary": "Lire et écrire.", "volunteers": "3"}
    services.save_fields(application=row, typed={name: (value, None) for name, value in fields.items()}, by=by)
    services.save_answers(owner=row, typed={"motif": ("Parce que.", None)}, by=by)


@pytest.fixture
def sent(draft: Application, director: User) -> Application:
    fill(draft, director)
    return services.submit_application(application=draft, by=director)


def close(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(closes_on=timezone.localdate() - timedelta(days=1))


def freeze(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.FROZEN, frozen_at=timezone.now())


def test_questions_never_change_once_in_use(authority: Any, user_as: Callable[..., User]) -> None:
    by = user_as("education")
    row = services.save_questionnaire(
        instance=Questionnaire(authority=authority, kind="application", code="candidature", title="Candidature"), by=by
    )
    with pytest.raises(DomainError, match="sans question"):
        services.put_in_use(questionnaire=row, by=by)
    one = services.save_question(instance=Question(questionnaire=row, code="un", text="Un ?", position=1), by=by)
    two = services.save_question(instance=Question(questionnaire=row, code="deux", text="Deux ?", position=2), by=by)
    services.move_question(question=two, up=True, by=by)
    services.move_question(question=two, up=True, by=by)
    assert [each.code for each in queries.questions_of(row)] == ["deux", "un"]
    row = services.put_in_use(questionnaire=row, by=by)
    one.refresh_from_db()
    one.text = "Autre ?"
    for attempt in (
        lambda: services.save_question(instance=one, by=by),
        lambda: services.delete_question(instance=one, by=by),
        lambda: services.move_question(question=one, up=True, by=by),
        lambda: services.save_question(instance=Question(questionnaire=row, code="x", text="X"), by=by),
        lambda: services.delete_questionnaire(instance=row, by=by),
        lambda: services.save_questionnaire(instance=row, by=by),
    ):
        with pytest.raises(DomainError, match="nouvelle version"):
            attempt()
    later = services.new_version(questionnaire=row, by=by)
    assert later.version == 2
    assert queries.questions_of(later) == queries.questions_of(row)
    with pytest.raises(DomainError, match="déjà en préparation"):
        services.new_version(questionnaire=row, by=by)
    services.save_question(instance=Question(questionnaire=later, code="trois", text="Trois ?", position=3), by=by)
    services.put_in_use(questionnaire=later, by=by)
    row.refresh_from_db()
    assert row.state == QuestionnaireState.RETIRED
    assert [each.kind for each in queries.compared_versions(row, later)] == ["same", "same", "added"]


def test_a_code_names_one_questionnaire(authority: Any) -> None:
    QuestionnaireFactory(authority=authority, code="candidature")
    with pytest.raises(DomainError, match="Le code « candidature » est celui"):
        services.save_questionnaire(
            instance=Questionnaire(authority=authority, kind="application", code="candidature", title="X"), by=None
        )


def test_publishing_asks_a_questionnaire_in_use_criteria_and_dates(campaign: Campaign) -> None:
    row = services.unpublish_campaign(campaign=campaign, by=None)
    with pytest.raises(DomainError, match="critères"):
        services.publish_campaign(campaign=row, by=None)
    CriterionFactory(campaign=row)
    for state, told in (("retired", "a été remplacé"), ("draft", "n'est pas en service")):
        Questionnaire.objects.filter(pk=row.questionnaire_id).update(state=state)
        with pytest.raises(DomainError, match=told):
            services.publish_campaign(campaign=Campaign.objects.get(pk=row.pk), by=None)
    Questionnaire.objects.filter(pk=row.questionnaire_id).update(state="in_use")
    close(row)
    with pytest.raises(DomainError, match="est passée"):
        services.publish_campaign(campaign=row, by=None)
    Campaign.objects.filter(pk=row.pk).update(closes_on=timezone.localdate())
    assert services.publish_campaign(campaign=row, by=None).state == CampaignState.PUBLISHED
    with pytest.raises(DomainError, match="déjà publiée"):
        services.publish_campaign(campaign=row, by=None)


def test_phases_follow_the_dates(campaign: Campaign) -> None:
    opens, closes, day = campaign.opens_on, campaign.closes_on, timedelta(days=1)
    seen = [queries.campaign_phase(campaign, each) for each in (opens - day, opens, closes, closes + day)]
    assert seen == ["coming", "open", "open", "closed"]
    campaign.state = CampaignState.DRAFT
    assert queries.campaign_phase(campaign, opens) == "prepared"
    campaign.state = CampaignState.FROZEN
    assert queries.campaign_phase(campaign, opens) == "frozen"


def test_what_schools_answer_stays(campaign: Campaign, draft: Application) -> None:
    campaign.school_year += 1
    with pytest.raises(DomainError, match="la rentrée visée ne change plus"):
        services.save_campaign(instance=campaign, by=None)
    campaign.refresh_from_db()
    campaign.questionnaire = QuestionnaireFactory(authority=campaign.authority)
    with pytest.raises(DomainError, match="le questionnaire ne change plus"):
        services.save_campaign(instance=campaign, by=None)
    campaign.refresh_from_db()
    campaign.closes_on += timedelta(days=2)
    assert services.save_campaign(instance=campaign, by=None).closes_on == campaign.closes_on
    campaign.opinions_due_on = campaign.opens_on
    with pytest.raises(DomainError, match="avant la clôture"):
        services.save_campaign(instance=campaign, by=None)
    with pytest.raises(DomainError, match="commencé à répondre"):
        services.unpublish_campaign(campaign=campaign, by=None)
    with pytest.raises(DomainError, match="utilisé"):
        services.delete_campaign(instance=campaign, by=None)


def test_a_criterion_with_marks_keeps_them_within_its_bounds(sent: Application) -> None:
    criterion = CriterionFactory(campaign=sent.campaign, kind="tice")
    services.save_mark(instance=Mark(application=sent, criterion=criterion, value=Decimal("8")), by=None)
    criterion.full_value = Decimal(5)
    with pytest.raises(DomainError, match="La note 8, déjà donnée"):
        services.save_criterion(instance=criterion, by=None)
    criterion.refresh_from_db()
    criterion.kind = "ien"
    with pytest.raises(DomainError, match="qui le note ne change plus"):
        services.save_criterion(instance=criterion, by=None)
    with pytest.raises(DomainError, match="1 note donnée"):
        services.delete_criterion(instance=criterion, by=None)


def test_the_last_typed_stays_whatever_comes_first(draft: Application, director: User) -> None:
    now = timezone.now()

    def type_at(text: str, minutes: int) -> str:
        at = now - timedelta(minutes=minutes)
        saved = services.save_answers(owner=draft, typed={"motif": (text, at)}, by=director)
        return saved["motif"].outcome

    assert type_at("deuxième", 5) == "kept"
    assert type_at("première, arrivée tard", 10) == "superseded"
    assert queries.values_of(draft) == {"motif": "deuxième"}
    assert type_at("", 3) == "kept"
    assert type_at("arrivée après le retrait", 4) == "superseded"
    assert queries.values_of(draft) == {}
    assert type_at("du futur", -60) == "kept"
    assert ApplicationAnswer.objects.get().typed_at <= timezone.now()


def test_one_wrong_answer_refuses_itself_only(draft: Application, director: User) -> None:
    before = AuditEvent.objects.count()
    typed = {"motif": ("Oui.", None), "eleves": ("cent", None), "inconnue": ("x", None)}
    saved = services.save_answers(owner=draft, typed=typed, by=director)
    assert {code: each.outcome for code, each in saved.items()} == {
        "motif": "kept",
        "eleves": "refused",
        "inconnue": "refused",
    }
    assert saved["eleves"].message == (
        "« Combien ? » : « cent » n'est pas accepté ; écrire un nombre entier de 0 à 99."
    )
    assert AuditEvent.objects.count() == before + 1
    services.save_answers(owner=draft, typed={"motif": ("Oui.", None)}, by=director)
    assert AuditEvent.objects.count() == before + 1


def test_what_another_person_changed_later_stays(
    draft: Application, director: User, user_as: Callable[..., User]
) -> None:
    before = timezone.now()
    lead = user_as("education")
    services.save_fields(application=draft, typed={"project": ("Le titre de la mairie", None)}, by=lead)
    late = services.save_fields(application=draft, typed={"project": ("Tapé avant", before)}, by=director)
    assert late["project"].outcome == "superseded"
    assert "« Le titre de la mairie »" in late["project"].message
    now = services.save_fields(application=draft, typed={"project": ("Tapé après", None)}, by=director)
    assert now["project"].outcome == "kept"
    assert Application.objects.get(pk=draft.pk).project == "Tapé après"


def test_fields_are_read_as_questions(draft: Application, director: User) -> None:
    one = SchoolClassFactory(school=draft.school, school_year=2025)
    former = SchoolClassFactory(school=draft.school, school_year=2024)
    typed: dict[str, Any] = {
        "classes": ([str(one.pk)], None),
        "volunteers": ("beaucoup", None),
        "project": ("x" * 161, None),
        "state": ("submitted", None),
    }
    saved = services.save_fields(application=draft, typed=typed, by=director)
    assert [saved[name].outcome for name in typed] == ["kept", "refused", "refused", "refused"]
    assert list(draft.classes.all()) == [one]
    refused = services.save_fields(application=draft, typed={"classes": ([str(former.pk)], None)}, by=director)
    assert refused["classes"].outcome == "refused"


def test_submitting_tells_what_is_missing(draft: Application, director: User) -> None:
    with pytest.raises(IncompleteError) as refused:
        services.submit_application(application=draft, by=director)
    assert [f"{prefix}{each.code}" for prefix, each in refused.value.missing] == [
        "f-project",
        "f-summary",
        "f-volunteers",
        "q-motif",
    ]
    assert "il manque 4 réponses" in refused.value.message


def test_sent_it_changes_no_more_and_the_school_is_a_candidate(sent: Application, director: User) -> None:
    step = SchoolStep.objects.get(school=sent.school)
    assert (step.step, step.url) == (Step.CANDIDATE, f"/candidatures/{sent.pk}/")
    for attempt in (
        lambda: services.save_fields(application=sent, typed={"project": ("x", None)}, by=director),
        lambda: services.save_answers(owner=sent, typed={"motif": ("x", None)}, by=director),
        lambda: services.attach_file(application=sent, filename="a.pdf", content=PDF, by=director),
        lambda: services.submit_application(application=sent, by=director),
        lambda: services.delete_application(instance=sent, by=director),
    ):
        with pytest.raises(DomainError, match="déposée"):
            attempt()


def test_withdrawn_with_a_reason_then_sent_again(sent: Application, director: User) -> None:
    with pytest.raises(DomainError, match="motivé"):
        services.withdraw_application(application=sent, reason=" ", by=director)
    row = services.withdraw_application(application=sent, reason="Nouvelle équipe", by=director)
    assert row.state == ApplicationState.WITHDRAWN
    assert not SchoolStep.objects.filter(school=sent.school).exists()
    row = services.reopen_application(application=row, by=director)
    services.save_answers(owner=row, typed={"motif": ("Autre raison.", None)}, by=director)
    row = services.submit_application(application=row, by=director)
    assert SchoolStep.objects.filter(school=sent.school, step=Step.CANDIDATE).exists()
    close(row.campaign)
    with pytest.raises(DomainError, match="close depuis"):
        services.withdraw_application(application=row, reason="Trop tard", by=director)


def test_another_application_keeps_the_school_a_candidate(sent: Application, director: User) -> None:
    other = CampaignFactory(
        authority=sent.campaign.authority, opens_on=sent.campaign.opens_on, closes_on=sent.campaign.closes_on
    )
    second = ApplicationFactory(campaign=other, school=sent.school)
    services.withdraw_application(application=sent, reason="Doublon", by=director)
    assert SchoolStep.objects.get(school=sent.school).url == f"/candidatures/{second.pk}/"


def test_closed_or_frozen_nothing_is_typed(draft: Application, director: User) -> None:
    close(draft.campaign)
    with pytest.raises(DomainError, match=r"n'est pas ouverte \(close\)"):
        services.save_answers(owner=Application.objects.get(pk=draft.pk), typed={"motif": ("x", None)}, by=director)
    with pytest.raises(DomainError, match="n'est pas ouverte"):
        services.submit_application(application=draft, by=director)


def test_only_the_direction_or_the_service_sends(
    draft: Application, director: User, user_as: Callable[..., User]
) -> None:
    fill(draft, director)
    teacher = MembershipFactory(role="school", authority=draft.school.authority).user
    SchoolAssignmentFactory(school=draft.school, user=teacher)
    with pytest.raises(DomainError, match="direction de l'école"):
        services.submit_application(application=draft, by=teacher)
    assert services.submit_application(application=draft, by=user_as("education")).state == ApplicationState.SUBMITTED


def test_begun_twice_it_is_the_same_and_of_an_open_school(draft: Application, director: User) -> None:
    again = services.start_application(campaign=draft.campaign, school=draft.school, by=director)
    assert again.pk == draft.pk
    closed = SchoolFactory(commune=draft.school.commune, status="closed")
    with pytest.raises(DomainError, match="fermée"):
        services.start_application(campaign=draft.campaign, school=closed, by=director)
    stranger = SchoolFactory()
    with pytest.raises(DomainError, match="autre collectivité"):
        services.start_application(campaign=draft.campaign, school=stranger, by=director)


def test_files_are_kept_for_the_row_only(draft: Application, director: User) -> None:
    row = services.attach_file(application=draft, filename="projet.exe", content=PDF, by=director, caption="Projet")
    assert (row.document.filename, row.document.media_type, row.document.roles) == (
        "projet.pdf",
        "application/pdf",
        ["row-only"],
    )
    assert services.attach_file(application=draft, filename="bis.pdf", content=PDF, by=director).pk == row.pk
    with pytest.raises(DomainError, match="n'est pas d'un type accepté"):
        services.attach_file(application=draft, filename="projet.pdf", content=b"<html>", by=director)
    for number in range(9):
        services.attach_file(application=draft, filename="a.pdf", content=PDF + bytes([number]), by=director)
    with pytest.raises(DomainError, match="10 fichiers au plus"):
        services.attach_file(application=draft, filename="a.pdf", content=PDF + b"x", by=director)
    services.delete_attachment(instance=row, by=director)
    assert StoredDocument.objects.count() == 9
    services.delete_application(instance=draft, by=director)
    assert StoredDocument.objects.count() == 0


def test_each_stage_gives_its_own_opinion(sent: Application, user_as: Callable[..., User]) -> None:
    people = {
        Stage.IEN: user_as("academy", sent.school.district),
        Stage.TICE: user_as("academy", "086"),
        Stage.COMMITTEE: user_as("education"),
    }
    strangers = [user_as("academy", DistrictFactory(department="086")), user_as("academy", "057"), UserFactory()]
    for stage, person in people.items():
        assert queries.stages_of(person, sent) == [stage]
        for other in set(Stage) - {stage}:
            with pytest.raises(DomainError, match="donnés par"):
                services.give_opinion(application=sent, stage=other, verdict=Verdict.FAVOURABLE, by=person)
        services.give_opinion(application=sent, stage=stage, verdict=Verdict.FAVOURABLE, by=person)
    for person in strangers:
        assert queries.stages_of(person, sent) == []
    assert Opinion.objects.count() == 3


def test_a_reserve_is_explained_and_marks_keep_to_their_bounds(sent: Application, user_as: Callable[..., User]) -> None:
    tice = user_as("academy", "086")
    criterion = CriterionFactory(campaign=sent.campaign, kind="tice", label="Équipe", full_value=10)
    other = CriterionFactory(campaign=sent.campaign, kind="ien")
    with pytest.raises(DomainError, match="motivé") as refused:
        services.give_opinion(application=sent, stage="tice", verdict="reserved", by=tice)
    assert refused.value.field == "text"
    give = {"application": sent, "stage": "tice", "verdict": "favourable", "by": tice}
    with pytest.raises(DomainError, match=r"« Équipe » : « 12 » sort des bornes ; la note va de 0 à 10") as refused:
        services.give_opinion(**give, marks={criterion.pk: ("12", "")})
    assert refused.value.field == f"mark-{criterion.pk}"
    assert not Opinion.objects.exists()
    with pytest.raises(DomainError, match="n'est pas de cette étape"):
        services.give_opinion(**give, marks={other.pk: ("5", "")})
    services.give_opinion(**give, marks={criterion.pk: ("7,5", "Équipe stable")})
    mark = Mark.objects.get()
    assert (mark.value, mark.reason, mark.by) == (Decimal("7.5"), "Équipe stable", tice)
    services.give_opinion(**give, marks={criterion.pk: ("", "")})
    assert not Mark.objects.exists()


def test_nothing_changes_after_the_freeze(sent: Application, user_as: Callable[..., User]) -> None:
    tice = user_as("academy", "086")
    criterion = CriterionFactory(campaign=sent.campaign, kind="tice")
    opinion = services.give_opinion(
        application=sent, stage="tice", verdict="favourable", by=tice, marks={criterion.pk: ("5", "")}
    )
    freeze(sent.campaign)
    mark = Mark.objects.get()
    for attempt in (
        lambda: services.give_opinion(application=sent, stage="tice", verdict="favourable", by=tice),
        lambda: services.save_opinion(instance=opinion, by=tice),
        lambda: services.delete_opinion(instance=opinion, by=tice),
        lambda: services.save_mark(instance=mark, by=tice),
        lambda: services.delete_mark(instance=mark, by=tice),
        lambda: services.save_criterion(instance=criterion, by=tice),
        lambda: services.delete_criterion(instance=criterion, by=tice),
        lambda: services.save_campaign(instance=sent.campaign, by=tice),
    ):
        with pytest.raises(DomainError, match="est arrêtée"):
            attempt()


def test_the_pile_holds_what_is_due_to_each(sent: Application, user_as: Callable[..., User], director: User) -> None:
    ien, tice = user_as("academy", sent.school.district), user_as("academy", "086")
    lead = user_as("education")
    for person in (ien, tice):
        assert list(queries.opinions_due(person)) == [sent]
    assert list(queries.opinions_due(lead)) == []
    CriterionFactory(campaign=sent.campaign, kind="committee")
    assert list(queries.opinions_due(lead)) == [sent]
    services.give_opinion(application=sent, stage="ien", verdict="favourable", by=ien)
    assert list(queries.opinions_due(ien)) == []
    services.withdraw_application(application=sent, reason="À revoir", by=director)
    row = services.reopen_application(application=sent, by=director)
    services.submit_application(application=row, by=director)
    assert list(queries.opinions_due(ien)) == [sent]


def test_a_questionnaire_in_use_refuses_bad_options(authority: Any) -> None:
    row = QuestionnaireFactory(authority=authority, state="draft")
    with pytest.raises(ValidationError, match="choix"):
        services.save_question(instance=Question(questionnaire=row, code="a", text="A", kind="choice"), by=None)
