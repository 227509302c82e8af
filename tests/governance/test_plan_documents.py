"""Documents drawn from the plans: list, page of a plan, API, admin."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance import tasks
from governance.enums import DocumentKind
from governance.queries.subsidies import funding_jobs
from tests.factories.governance import PlanFactory, ScenarioFactory
from tests.factories.governance_comparison import PlanDocumentFactory
from tests.factories.programme import finished_run


@pytest.fixture
def kept(authority: Any) -> Any:
    return PlanDocumentFactory(plan__authority=authority)


@pytest.mark.parametrize("page", ["/documents-du-plan/", "/plans/{plan}/documents/"])
def test_access(client_as: Any, kept: Any, other_authority: Any, page: str) -> None:
    url = page.format(plan=kept.plan_id)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(url).status_code == 403
    assert client_as("academy").get(url).status_code == 403
    stranger = client_as("finance", other_authority).get(url)
    assert stranger.status_code == (404 if "plans" in url else 200)
    assert "Comparaison synthétique" not in stranger.content.decode()
    for role in ("finance", "elected", "education"):
        shown = client_as(role).get(url).content.decode()
        assert "Comparaison synthétique" in shown
        assert f"/documents/{kept.document_id}/" in shown


def test_page_of_a_plan_has_its_own_only(client_as: Any, kept: Any, authority: Any) -> None:
    other = PlanFactory(authority=authority)
    assert "Comparaison synthétique" not in client_as("finance").get(f"/plans/{other.pk}/documents/").content.decode()
    assert client_as("finance").get("/plans/999999/documents/").status_code == 404


@pytest.mark.parametrize("page", ["/documents-du-plan/", "/plans/{plan}/documents/"])
def test_list_costs_the_same_with_one_and_three_rows(client_as: Any, kept: Any, page: str) -> None:
    client, url = client_as("finance"), page.format(plan=kept.plan_id)

    def cost() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    before = cost()
    for _ in range(2):
        PlanDocumentFactory(plan=kept.plan)
    assert cost() == before


def test_list_is_filtered_and_exported(client_as: Any, kept: Any) -> None:
    client = client_as("finance")
    PlanDocumentFactory(plan=kept.plan, kind=DocumentKind.FUNDING_PLAN)
    export = client.get("/documents-du-plan/?kind=comparison&format=csv").content.decode("utf-8-sig")
    assert len(export.splitlines()) == 2
    assert "Comparaison de scénarios" in export
    assert "<a" not in export
    assert client.get("/documents-du-plan/?format=xlsx").content[:2] == b"PK"
    for bad in ("kind=autre", "plan=99999999999999999999", "created_at_after=hier", "q=%00"):
        assert client.get(f"/documents-du-plan/?{bad}").status_code in {200, 400}


def test_api_reads_and_never_writes(client_as: Any, kept: Any, other_authority: Any) -> None:
    url = "/api/v1/documents-du-plan/"
    assert Client().get(url).status_code == 403
    assert client_as("partner").get(url).status_code == 403
    client = client_as("finance")
    row = client.get(f"{url}?plan={kept.plan_id}&kind=comparison").json()["results"][0]
    assert (row["title"], row["sha256"], row["document"]) == (
        "Comparaison synthétique",
        kept.document.sha256,
        kept.document_id,
    )
    assert client_as("finance", other_authority).get(f"{url}{kept.pk}/").status_code == 404
    assert client.post(url, {}, content_type="application/json").status_code in {403, 405}
    assert client.delete(f"{url}{kept.pk}/").status_code in {403, 405}


def test_admin_shows_and_changes_nothing(admin_client: Any, kept: Any) -> None:
    url = "/technique/governance/plandocument/"
    assert admin_client.get(url).status_code == 200
    assert admin_client.post(f"{url}{kept.pk}/delete/", {"post": "yes"}).status_code in {302, 403}
    kept.refresh_from_db()


def test_funding_plan_of_another_act_is_another_job(authority: Any) -> None:
    run = finished_run(ScenarioFactory(plan__authority=authority))
    acts = ("", "2018-12", "2018-13")
    jobs = [tasks.start_funding_plan(run=run, act=act, by=None) for act in acts]
    assert [(job.arguments["act"], job.is_active) for job in jobs] == [(act, True) for act in acts]
    assert len(set(jobs)) == 3
    assert [tasks.start_funding_plan(run=run, act=f" {act} ", by=None) for act in acts] == jobs
    assert list(funding_jobs(run.scenario.plan)) == jobs
