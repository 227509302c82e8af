"""Dates beyond the calendar, things asked twice, things asked of nobody in particular: told in the form, never a failure."""

import html
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from deliberations import services
from deliberations.domain.deadlines import due_after
from deliberations.models import Act, ActTemplate, Sitting
from plan_numerique.shared.errors import DomainError
from tests.deliberations.convened import council, invitation, send
from tests.factories import deliberations as make
from tests.factories import drafting as draft
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.jobs import JobFactory


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def left(authority: Any, user_as: Any, django_capture_on_commit_callbacks: Any) -> Sitting:
    """Convened, then closed without its quorum."""
    sitting = council(authority, held_at="18:30")
    with django_capture_on_commit_callbacks(execute=True):
        send(sitting, user_as("assembly"))
    Sitting.objects.filter(pk=sitting.pk).update(state="closed")
    return sitting


def convene_again(client: Client, sitting: Sitting, days: int, hour: str) -> Any:
    said = {"held_on": (sitting.held_on + timedelta(days=days)).isoformat(), "held_at": hour, "place": "Ici"}
    return client.post(f"/seances/{sitting.pk}/seconde-convocation/", said)


def test_a_second_sitting_where_there_is_one_already(left: Sitting, client_as: Any) -> None:
    make.SittingFactory(assembly=left.assembly, held_on=left.held_on + timedelta(days=9), held_at="18:30")
    answer = convene_again(client_as("assembly"), left, 9, "18:30")
    assert (answer.status_code, "déjà une séance" in shown(answer)) == (422, True)
    assert not Sitting.objects.filter(second_convocation=True).exists()


@pytest.mark.parametrize("days", [0, 1, 3])
def test_a_second_sitting_before_its_delay(left: Sitting, client_as: Any, days: int) -> None:
    answer = convene_again(client_as("assembly"), left, days, "20:30")
    assert (answer.status_code, "L2121-17" in shown(answer)) == (422, True)
    assert not Sitting.objects.filter(second_convocation=True).exists()


@pytest.mark.parametrize("day", ["0001-01-01", "1799-12-31", "2201-01-01", "9999-12-31"])
def test_a_sitting_is_of_our_times(authority: Any, client_as: Any, day: str) -> None:
    assembly = make.AssemblyFactory(authority=authority)
    with pytest.raises(ValidationError, match="entre 1800 et 2200"):
        services.save_sitting(instance=Sitting(assembly=assembly, held_on=date.fromisoformat(day)), by=None)
    client = client_as("assembly")
    refused = client.post("/seances/nouveau/", {"assembly": assembly.pk, "held_on": day})
    assert (refused.status_code, "entre 1800 et 2200" in shown(refused)) == (422, True)
    body = {"assembly": assembly.pk, "held_on": day}
    assert client.post("/api/v1/seances/", body, content_type="application/json").status_code == 400


def test_a_deadline_past_the_calendar_is_none() -> None:
    assert due_after(date(9999, 12, 31), 7) is None
    assert due_after(date(9999, 12, 24), 7) == date.max
    assert due_after(date(2026, 3, 10), 7) == date(2026, 3, 17)


def test_an_answer_is_not_received_tomorrow(left: Sitting, client_as: Any) -> None:
    Sitting.objects.filter(pk=left.pk).update(state="convened")
    url = f"/convocations-des-membres/{invitation(left, 2).pk}/reponse/"
    client, today = client_as("assembly"), timezone.localdate()
    refused = client.post(url, {"answer": "present", "received_on": (today + timedelta(days=1)).isoformat()})
    assert (refused.status_code, "aujourd'hui au plus tard" in shown(refused)) == (422, True)
    assert client.post(url, {"answer": "present", "received_on": today.isoformat()}).status_code == 302


def test_a_model_is_copied_to_the_town_that_is_chosen(authority: Any, other_authority: Any) -> None:
    user = UserFactory()
    for town in (authority, other_authority):
        MembershipFactory(user=user, role="assembly", authority=town)
    common = draft.ActTemplateFactory(authority=None)
    client, url = client_of(user), f"/modeles-d-actes/{common.pk}/copier/"
    assert "Choisir d'abord" in shown(client.post(url, follow=True))
    assert not ActTemplate.objects.exclude(authority=None).exists()
    client.post(url, {"authority": other_authority.pk})
    assert ActTemplate.objects.exclude(authority=None).get().authority == other_authority


def test_a_draft_sent_twice_is_one(authority: Any, client_as: Any) -> None:
    sitting, client = make.SittingFactory(assembly__authority=authority), client_as("assembly")
    answers = [client.post("/deliberations/rediger/", {"sitting": sitting.pk, "title": "Deux fois"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "déjà un projet de cet intitulé" in shown(answers[1])
    Act.objects.update(state="withdrawn")
    services.draft_act(sitting=sitting, title="Deux fois", by=None)
    with pytest.raises(DomainError, match="déjà un projet"):
        services.draft_act(sitting=sitting, title="Deux fois", by=None)


def test_documents_being_made_are_told_to_who_makes_them(authority: Any, client_as: Any) -> None:
    act = make.ActFactory(sitting__assembly__authority=authority, sitting__state="closed", state="adopted")
    JobFactory(
        kind="deliberations.document",
        dedupe_key=f"conseil-{act.sitting_id}-extrait",
        authority=authority,
        arguments={"act_id": act.pk},
    )
    for role, told in (("elected", 0), ("assembly", 1)):
        client = client_as(role)
        assert len(client.get(f"/deliberations/{act.pk}/").context["jobs"]) == told
        assert len(client.get(f"/seances/{act.sitting_id}/documents/").context["jobs"]) == told
