"""What somebody else did meanwhile to a deadline, a posting, a row of a plan: told, and nothing of it lost or made again."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from governance import services
from governance.models import Expense, FundingPosting, Phase, SubsidyDeadline
from governance.services import subsidies
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError
from plan_numerique.web import versions
from tests.factories import governance as make
from tests.factories import subsidies as grants
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.expenses import ExpenseFactory
from tests.governance.test_pages import text_of

JSON = {"content_type": "application/json"}


@pytest.fixture
def plan(authority: Any) -> Any:
    return make.PlanFactory(authority=authority)


@pytest.fixture
def colleague(authority: Any) -> User:
    return MembershipFactory(
        role="finance", authority=authority, user=UserFactory(full_name="Mme Durand", email="durand@example.org")
    ).user


@pytest.fixture
def deadline(plan: Any) -> SubsidyDeadline:
    return grants.SubsidyDeadlineFactory(subsidy__plan=plan, label="Dossier complet")


@pytest.fixture
def posting(plan: Any, compute: Any) -> FundingPosting:
    run = compute(make.metz(make.ScenarioFactory(plan=plan)))
    return subsidies.save_posting(instance=FundingPosting(plan=plan, started_on=date(2018, 1, 10)), run=run, by=None)


def change(row: Any, by: User | None, **values: Any) -> None:
    row = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    audit.save(instance=row, by=by, authority=None)


# The API: version given, version asked back

ROWS = [
    ("echeances-de-subvention", "deadline", "note", "Appeler la DDT"),
    ("affichages", "posting", "place", "Hôtel de ville"),
]


@pytest.mark.parametrize("path, kind, name, value", ROWS)
def test_the_api_refuses_a_write_on_another_version(
    client_as: Any, colleague: User, request: Any, path: str, kind: str, name: str, value: str
) -> None:
    row = request.getfixturevalue(kind)
    client, address = client_as("finance"), f"/api/v1/{path}/{row.pk}/"
    tag = client.get(address).headers["ETag"]
    assert tag == f'"{versions.version_of(row)}"'
    change(row, colleague, **{name: "Autre"})
    match = {"headers": {"if-match": tag}}
    whole = client.get(address).json() | {name: value}
    for answer in (
        client.patch(address, {name: value}, **match, **JSON),
        client.put(address, whole, **match, **JSON),
        client.delete(address, **match),
    ):
        assert answer.status_code == 412
        assert "Entre-temps, Mme Durand a modifié" in answer.json()["detail"]
        assert "Rien n'est enregistré" in answer.json()["detail"]
    row.refresh_from_db()
    assert getattr(row, name) == "Autre"
    done = client.patch(address, {name: value}, headers={"if-match": client.get(address).headers["ETag"]}, **JSON)
    row.refresh_from_db()
    assert (done.status_code, getattr(row, name)) == (200, value)
    assert done.headers["ETag"] == f'"{versions.version_of(row)}"'
    assert client.delete(address, headers={"if-match": done.headers["ETag"]}).status_code == 204


def test_the_api_finishes_a_deadline_on_the_version_that_was_read(
    client_as: Any, deadline: SubsidyDeadline, colleague: User
) -> None:
    client, address = client_as("finance"), f"/api/v1/echeances-de-subvention/{deadline.pk}/"
    tag = client.get(address).headers["ETag"]
    later = deadline.due_on + timedelta(30)
    change(deadline, colleague, due_on=later)
    refused = client.post(f"{address}faite/", headers={"if-match": tag})
    assert refused.status_code == 412
    assert f"{later:%d/%m/%Y}" in refused.json()["detail"]
    deadline.refresh_from_db()
    assert deadline.done_on is None
    done = client.post(f"{address}faite/", headers={"if-match": client.get(address).headers["ETag"]})
    assert (done.status_code, done.json()["done_on"]) == (200, f"{timezone.localdate():%Y-%m-%d}")
    assert done.json()["due_on"] == f"{later:%Y-%m-%d}"
    deadline.refresh_from_db()
    assert done.headers["ETag"] == f'"{versions.version_of(deadline)}"'
    assert client.post(f"{address}faite/").status_code == 200
    assert deadline.history.count() == 3


def test_finishing_a_deadline_by_the_api_asks_for_the_right(
    client_as: Any, deadline: SubsidyDeadline, other_authority: Any
) -> None:
    address = f"/api/v1/echeances-de-subvention/{deadline.pk}/faite/"
    assert client_as("finance", other_authority).post(address).status_code == 404
    assert [client_as(role).post(address).status_code for role in ("elected", "education", "partner")] == [403] * 3
    assert client_as("finance").get(address).status_code == 405
    deadline.refresh_from_db()
    assert deadline.done_on is None


# The pages


def test_the_button_of_a_deadline_is_of_the_version_shown(
    client_as: Any, deadline: SubsidyDeadline, colleague: User
) -> None:
    client = client_as("finance")
    page = client.get(reverse("governance:subsidy_detail", args=[deadline.subsidy_id]))
    (shown,) = page.context["deadlines"]
    assert shown["version"] == versions.version_of(deadline)
    assert f'name="row_version" value="{shown["version"]}"' in page.content.decode()
    change(deadline, colleague, due_on=deadline.due_on + timedelta(30))
    address, sent = reverse("governance:subsidydeadline_done", args=[deadline.pk]), {"row_version": shown["version"]}
    answer = client.post(address, sent)
    (said,) = (str(message) for message in get_messages(answer.wsgi_request))
    assert "Entre-temps, Mme Durand a modifié « Dossier complet »" in said
    deadline.refresh_from_db()
    assert deadline.done_on is None
    assert client.post(address, {"row_version": versions.version_of(deadline)}).status_code == 302
    deadline.refresh_from_db()
    assert deadline.done_on == timezone.localdate()


def test_finishing_writes_the_day_only(deadline: SubsidyDeadline, colleague: User) -> None:
    stale = SubsidyDeadline.objects.get(pk=deadline.pk)
    change(deadline, colleague, label="Dossier renvoyé", due_on=date(2019, 5, 2))
    subsidies.finish_deadline(deadline=stale, by=None)
    deadline.refresh_from_db()
    assert (deadline.label, deadline.due_on, deadline.done_on) == (
        "Dossier renvoyé",
        date(2019, 5, 2),
        timezone.localdate(),
    )
    assert stale.label == "Dossier renvoyé"


def test_the_page_of_a_posting_tells_the_second(client_as: Any, posting: FundingPosting, colleague: User) -> None:
    client, address = client_as("finance"), reverse("governance:fundingposting_edit", args=[posting.pk])
    shown = client.get(address).context["row_version"]
    change(posting, colleague, place="Mairie annexe")
    sent = {
        "row_version": shown, "plan": posting.plan_id, "started_on": "2018-01-10", "place": "Hôtel de ville",
        "scenario": posting.run.scenario_id,
    }  # fmt: skip
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "Entre-temps, Mme Durand a modifié" in unescape(text_of(answer))
    posting.refresh_from_db()
    assert posting.place == "Mairie annexe"


# Deleted meanwhile


def deleted_by(row: Any, by: User | None) -> None:
    audit.delete(instance=type(row).objects.get(pk=row.pk), by=by, authority=by and by.memberships.get().authority)


@pytest.mark.parametrize(
    "row, save",
    [
        ("phase", services.save_plan_part),
        ("deadline", subsidies.save_deadline),
        ("subsidy", subsidies.save_subsidy),
        ("posting", subsidies.save_posting),
        ("expense", services.save_expense),
        ("authorisation", services.save_authorisation),
        ("plan", services.save_owned),
    ],
)
def test_a_row_deleted_meanwhile_says_so_and_by_whom(
    plan: Any, colleague: User, request: Any, row: str, save: Any
) -> None:
    makers = {
        "phase": lambda: make.PhaseFactory(plan=plan),
        "subsidy": lambda: grants.SubsidyFactory(plan=plan),
        "expense": lambda: ExpenseFactory(plan=plan),
        "authorisation": lambda: make.AuthorisationFactory(plan=plan),
    }
    stale = makers[row]() if row in makers else request.getfixturevalue(row)
    name, model = str(stale), type(stale)
    deleted_by(stale, colleague)
    for field in ("label", "name", "place"):
        if hasattr(stale, field):
            setattr(stale, field, "Saisie de la seconde personne")
    with pytest.raises(DomainError) as refused:
        save(instance=stale, by=None)
    assert refused.value.message.startswith(f"« {name} » a été supprimé entre-temps par Mme Durand à ")
    assert refused.value.message.endswith(" : rien n'est enregistré.")
    assert not model.objects.filter(pk=stale.pk).exists()


def test_who_deleted_a_row_is_told_only_where_its_history_knows(plan: Any) -> None:
    phase = make.PhaseFactory(plan=plan)
    Phase.objects.filter(pk=phase.pk).delete()
    with pytest.raises(DomainError) as refused:
        services.save_plan_part(instance=phase, by=None)
    assert refused.value.message == f"« {phase} » a été supprimé entre-temps : rien n'est enregistré."


def test_a_row_moved_to_another_parent_is_told_as_before(plan: Any, authority: Any) -> None:
    phase = make.PhaseFactory(plan=plan)
    phase.plan = make.PlanFactory(authority=authority)
    with pytest.raises(DomainError, match="ne change pas de plan : la supprimer et la créer de nouveau"):
        services.save_plan_part(instance=phase, by=None)


def test_a_row_deleted_between_the_check_and_the_write_is_not_made_again(plan: Any, colleague: User) -> None:
    """Whatever was checked before: the write itself finds no row."""
    phase = make.PhaseFactory(plan=plan)
    deleted_by(phase, colleague)
    with transaction.atomic(), pytest.raises(versions.DeletedRowError, match="par Mme Durand"):
        audit.save(instance=phase, by=None, authority=plan.authority)
    assert not Phase.objects.exists()
    assert phase.history.first().history_type == "-"


def test_a_deadline_deleted_meanwhile_is_not_finished(deadline: SubsidyDeadline, colleague: User) -> None:
    deleted_by(deadline, colleague)
    with pytest.raises(versions.DeletedRowError, match="« Dossier complet » a été supprimé entre-temps par Mme Durand"):
        subsidies.finish_deadline(deadline=deadline, by=None)
    assert not SubsidyDeadline.objects.exists()


def test_the_form_of_a_row_deleted_meanwhile_says_so(
    client_as: Any, plan: Any, colleague: User, other_authority: Any
) -> None:
    expense = ExpenseFactory(plan=plan, label="Tablettes", piece="M1")
    client, address = client_as("finance"), reverse("governance:expense_edit", args=[expense.pk])
    version = client.get(address).context["row_version"]
    deleted_by(expense, colleague)
    sent = {"row_version": version, "plan": plan.pk, "piece": "M1", "label": "Autre"}
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert "« M1 Tablettes » a été supprimé entre-temps par Mme Durand" in unescape(text_of(answer))
    assert client.get(address).status_code == 404
    assert client_as("finance", other_authority).post(address, sent).status_code == 404
    assert client.post(reverse("governance:expense_edit", args=[expense.pk + 1000]), sent).status_code == 404
    assert not Expense.objects.exists()
