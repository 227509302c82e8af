"""Pages and API of the app: forms, lists, exports, what the scenario page says."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import FundingLine, LumpSum, Plan, RecurringCost, Scenario, ScenarioPhase
from tests.factories import governance as make
from tests.governance.conftest import world

LISTS = [
    "/plans/", "/scenarios/", "/financeurs/", "/partenaires/", "/conventions/", "/comites/", "/reunions/", "/actions/",
    "/perimetres/", "/calculs/",
]  # fmt: skip


def text_of(response: Any) -> str:
    return str(response.content.decode())


def queries_of(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", LISTS)
def test_lists_cost_the_same_with_one_and_three_rows(
    client_as: Any, rows: Any, authority: Any, compute: Any, url: str
) -> None:
    compute(rows.scenario)
    client = client_as("education")
    before = queries_of(client, url)
    for _ in range(2):
        more = world(authority)
        more.convention.partners.add(more.partner)
        compute(more.scenario)
    assert queries_of(client, url) == before


@pytest.mark.parametrize("page", ["lignes", "ecoles"])
def test_rows_of_a_run_cost_the_same_at_any_size(client_as: Any, rows: Any, compute: Any, page: str) -> None:
    client = client_as("education")
    before = queries_of(client, f"/calculs/{compute(rows.scenario).pk}/{page}/")
    for _ in range(2):
        make.equipped_school(rows.scenario)
        make.LumpSumFactory(scenario=rows.scenario)
    assert queries_of(client, f"/calculs/{compute(rows.scenario).pk}/{page}/") == before


def test_scenario_page_costs_the_same_at_any_size(client_as: Any, rows: Any, compute: Any) -> None:
    client, url = client_as("education"), f"/scenarios/{rows.scenario.pk}/"
    compute(rows.scenario)
    before = queries_of(client, url)
    for _ in range(2):
        make.equipped_school(rows.scenario)
        make.LumpSumFactory(scenario=rows.scenario)
        make.FundingLineFactory(scenario=rows.scenario)
    compute(rows.scenario)
    assert queries_of(client, url) == before


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lists_are_exported(client_as: Any, rows: Any, compute: Any, url: str, kind: str) -> None:
    compute(rows.scenario)
    response = client_as("education").get(f"{url}?format={kind}")
    assert response.status_code == 200
    if kind == "csv":
        found = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
        assert len(found) == 2
    else:
        assert response.content[:2] == b"PK"


def test_lines_are_filtered_and_exported(client_as: Any, rows: Any, compute: Any) -> None:
    run = compute(rows.scenario)
    client = client_as("finance")
    url = reverse("governance:run_lines", args=[run.pk])
    page = text_of(client.get(f"{url}?heading=materiel"))
    assert "Montant synthétique" in page
    assert "ENT synthétique" not in page
    export = client.get(f"{url}?heading=materiel&format=csv").content.decode("utf-8-sig")
    assert len(export.splitlines()) == 2
    schools = client.get(f"/calculs/{run.pk}/ecoles/?entered=true&format=csv").content.decode("utf-8-sig")
    assert rows.scenarioschool.school.uai in schools


def test_scenario_page_before_any_run(client_as: Any, rows: Any) -> None:
    page = text_of(client_as("education").get(f"/scenarios/{rows.scenario.pk}/"))
    assert "Pas encore de chiffres" in page
    assert "Calculer" in page
    assert "Calculer" not in text_of(client_as("elected").get(f"/scenarios/{rows.scenario.pk}/"))


def test_compute_from_the_page_then_see_the_figures(
    client_as: Any, authority: Any, django_capture_on_commit_callbacks: Any
) -> None:
    scenario = make.metz(make.ScenarioFactory(plan__authority=authority))
    client = client_as("finance")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/scenarios/{scenario.pk}/calculer/").headers["Location"] == f"/scenarios/{scenario.pk}/"
    page = text_of(client.get(f"/scenarios/{scenario.pk}/"))
    for shown in (
        "1\u202f641\u202f159,60",
        "1\u202f367\u202f633,00",
        "615\u202f434,84",
        "239\u202f335,78",
        "solde",
        "+0,04",
    ):
        assert shown in page, shown
    assert "Les données ont changé" not in page
    LumpSum.objects.filter(scenario=scenario, code="etude").update(amount_ht=1)
    assert "Les données ont changé depuis ce calcul" in text_of(client.get(f"/scenarios/{scenario.pk}/"))
    plan = text_of(client.get(f"/plans/{scenario.plan_id}/"))
    assert "1\u202f641\u202f159,60" in plan


def test_progress_is_followed_on_the_page(client_as: Any, rows: Any) -> None:
    client = client_as("education")
    client.post(f"/scenarios/{rows.scenario.pk}/calculer/")
    page = text_of(client.get(f"/scenarios/{rows.scenario.pk}/"))
    job = rows.scenario.runs.get().job
    assert f'hx-get="/taches/{job.pk}/avancement/"' in page


def test_failed_run_says_why(client_as: Any, rows: Any, compute: Any) -> None:
    LumpSum.objects.filter(pk=rows.lumpsum.pk).update(exercise=2040)
    compute(rows.scenario)
    page = text_of(client_as("education").get(f"/scenarios/{rows.scenario.pk}/"))
    assert "Le dernier calcul n&#x27;a pas abouti" in page or "Le dernier calcul n'a pas abouti" in page
    assert "lump_sums[0].exercise" in page


def test_notices_are_on_every_page_of_the_scenario(client_as: Any, rows: Any, compute: Any, authority: Any) -> None:
    authority.notice = "Collectivité simulée."
    authority.save()
    rows.scenario.simulation_notice = "Prix par hypothèse."
    rows.scenario.save()
    run = compute(rows.scenario)
    client = client_as("education")
    for url in (
        f"/scenarios/{rows.scenario.pk}/",
        f"/scenarios/{rows.scenario.pk}/donnees/",
        f"/scenarios/{rows.scenario.pk}/calculs/",
        f"/calculs/{run.pk}/",
        f"/calculs/{run.pk}/lignes/",
        f"/calculs/{run.pk}/ecoles/",
    ):
        page = text_of(client.get(url))
        assert page.count("Prix par hypothèse.") == 1, url
        assert page.count("Collectivité simulée.") == 1, url


def test_announced_perimeter_is_shown_as_such(client_as: Any, rows: Any, compute: Any) -> None:
    compute(rows.scenario)
    page = text_of(client_as("education").get(f"/scenarios/{rows.scenario.pk}/donnees/"))
    assert "total annoncé" in page
    assert "Quatre écoles synthétiques" in page


def test_report_from_the_page(client_as: Any, rows: Any, compute: Any, django_capture_on_commit_callbacks: Any) -> None:
    client = client_as("assembly")
    refused = client.post(f"/scenarios/{rows.scenario.pk}/rapport/", follow=True)
    assert "n&#x27;est pas calculé" in text_of(refused)
    compute(rows.scenario)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/scenarios/{rows.scenario.pk}/rapport/")
    page = text_of(client.get(f"/scenarios/{rows.scenario.pk}/calculs/"))
    document = rows.scenario.runs.get().reports.get().document
    assert f"/documents/{document.pk}/" in page
    assert client.get(f"/documents/{document.pk}/").content[:5] == b"%PDF-"


def test_plan_is_created_edited_and_deleted(client_as: Any, authority: Any) -> None:
    client = client_as("education")
    data = {"authority": authority.pk, "name": "Plan", "state": "running", "starts": 2016, "ends": 2019}
    assert client.post("/plans/nouveau/", data).status_code == 302
    plan = Plan.objects.get()
    assert client.post(f"/plans/{plan.pk}/modifier/", {**data, "ends": 2015}).status_code == 422
    assert client.post(f"/plans/{plan.pk}/modifier/", {**data, "ends": 2020, "reason": "Report"}).status_code == 302
    assert "Report" in text_of(client.get(f"/plans/{plan.pk}/historique/"))
    assert client.post(f"/plans/{plan.pk}/supprimer/").status_code == 302
    assert not Plan.objects.exists()


def test_scenario_form_reads_the_schedule(client_as: Any, rows: Any) -> None:
    client = client_as("finance")
    data = {
        "plan": rows.plan.pk, "name": "Par école", "nature": "project", "first_exercise": 2018, "last_exercise": 2020,
        "price_revision_rate": "1,5", "payment_schedule": "60 ; 40", "fctva_lag_years": 2, "yearly_cap_ttc": "140 000,00",
    }  # fmt: skip
    assert client.post("/scenarios/nouveau/", data).status_code == 302
    scenario = Scenario.objects.get(name="Par école")
    assert (scenario.payment_schedule, scenario.price_revision_rate) == (["60", "40"], 15_000)
    assert scenario.yearly_cap_ttc == 14_000_000
    wrong = client.post(f"/scenarios/{scenario.pk}/modifier/", {**data, "payment_schedule": "60 ; 30"})
    assert wrong.status_code == 422
    assert "dont la somme fait 100" in text_of(wrong)
    assert 'value="60 ; 40"' in text_of(client.get(f"/scenarios/{scenario.pk}/modifier/"))


def test_parts_come_back_to_their_scenario(client_as: Any, rows: Any) -> None:
    client, pk = client_as("finance"), rows.scenario.pk
    home = f"/scenarios/{pk}/donnees/"
    lump = {
        "scenario": pk,
        "code": "etude",
        "label": "Étude",
        "heading": "etude",
        "section": "investissement",
        "amount_ht": "12 487,00",
        "vat_rate": "20",
        "exercise": 2016,
    }
    assert client.post(f"/montants-globaux/nouveau/?scenario={pk}", lump).headers["Location"] == home
    assert LumpSum.objects.get(code="etude").amount_ht == 1_248_700
    phase = {
        "scenario": pk,
        "position": 9,
        "exercise": 2017,
        "levels": ["CM1", "CM2"],
        "schools": [rows.scenarioschool.school_id],
    }
    assert client.post(f"/phases-de-scenario/nouveau/?scenario={pk}", phase).headers["Location"] == home
    made = ScenarioPhase.objects.get(position=9)
    assert (made.levels, made.schools.count()) == (["CM1", "CM2"], 1)
    cost = {
        "scenario": pk,
        "code": "ent",
        "label": "ENT",
        "per": "pupil",
        "unit_price_ht": "2",
        "vat_rate": "20",
        "heading": "ent",
        "section": "fonctionnement",
        "exercises": "2018 ; 2019",
    }
    assert client.post(f"/couts-recurrents/nouveau/?scenario={pk}", cost).headers["Location"] == home
    assert RecurringCost.objects.get(code="ent").exercises == [2018, 2019]
    line = {
        "scenario": pk,
        "position": 9,
        "code": "detr",
        "funder": rows.funder.pk,
        "state": "expected",
        "base": "ht",
        "headings": "materiel ; cablage",
        "tiers": "200 000 : 70 ; au-delà : 50,5",
    }
    assert client.post(f"/financements/nouveau/?scenario={pk}", line).headers["Location"] == home
    saved = FundingLine.objects.get(code="detr")
    assert (saved.headings, saved.tiers) == (
        ["materiel", "cablage"],
        [{"up_to": "200000.00", "rate": "70"}, {"up_to": None, "rate": "50.5"}],
    )
    assert "200000,00 : 70 ; au-delà : 50,5" in text_of(client.get(f"/financements/{saved.pk}/modifier/"))
    assert client.post(f"/montants-globaux/{rows.lumpsum.pk}/supprimer/").headers["Location"] == home


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"tiers": "70"}, "écrire une borne"),
        ({"tiers": "x : 70"}, "n&#x27;est pas un montant"),
        ({"tiers": "au-delà : x"}, "n&#x27;est pas un taux"),
        ({"rate": "20", "amount": "10"}, "un seul des trois"),
        ({"rate": "vingt"}, "n&#x27;est pas un nombre"),
        ({"rate": "20", "position": ""}, "obligatoire"),
    ],
)
def test_bad_funding_is_refused_with_its_reason(
    client_as: Any, rows: Any, change: dict[str, str], sentence: str
) -> None:
    pk = rows.scenario.pk
    data = {"scenario": pk, "position": 9, "code": "detr", "funder": rows.funder.pk, "state": "expected", "base": "ht"}
    response = client_as("finance").post(f"/financements/nouveau/?scenario={pk}", {**data, **change})
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not FundingLine.objects.filter(code="detr").exists()


def test_forms_offer_no_row_of_another_authority(client_as: Any, rows: Any, other_rows: Any) -> None:
    client, pk = client_as("finance"), rows.scenario.pk
    page = text_of(client.get(f"/financements/nouveau/?scenario={pk}"))
    assert rows.funder.name in page
    assert other_rows.funder.name not in page
    data = {
        "scenario": other_rows.scenario.pk,
        "code": "x",
        "label": "X",
        "heading": "x",
        "section": "investissement",
        "amount_ht": "1",
        "vat_rate": "20",
        "exercise": 2016,
    }
    assert client.post("/montants-globaux/nouveau/", data).status_code == 422
    assert not LumpSum.objects.filter(code="x").exists()


def test_who_does_what_is_a_matrix(client_as: Any, rows: Any) -> None:
    url = f"/conventions/{rows.convention.pk}/"
    assert "Qui fait quoi" not in text_of(client_as("elected").get(url))
    make.ConventionCommitmentFactory(
        convention=rows.convention, party="Éducation nationale", domain="training", text="Forme."
    )
    page = text_of(client_as("elected").get(url))
    assert "Qui fait quoi" in page
    assert "Formation et accompagnement" in page


def test_meeting_page_locks_when_closed(client_as: Any, rows: Any) -> None:
    client, url = client_as("education"), f"/reunions/{rows.meeting.pk}/"
    assert "Ajouter un point" in text_of(client.get(url))
    client.post(f"{url}ouvrir/")
    assert "Clore la réunion" in text_of(client.get(url))
    client.post(f"{url}clore/")
    page = text_of(client.get(url))
    assert "La réunion est close" in page
    assert "Ajouter un point" not in page
    client.post(f"/actions/{rows.action.pk}/faite/")
    assert "Faite" in text_of(client.get(f"/actions/{rows.action.pk}/"))


def test_api_writes_in_scope_and_refuses_the_rest(client_as: Any, rows: Any, other_rows: Any) -> None:
    client, pk = client_as("finance"), rows.scenario.pk
    body = {
        "scenario": pk,
        "code": "api",
        "label": "API",
        "heading": "materiel",
        "amount_ht": "1234.50",
        "exercise": 2016,
    }
    made = client.post("/api/v1/montants-globaux/", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    assert LumpSum.objects.get(code="api").amount_ht == 123_450
    url = f"/api/v1/montants-globaux/{made.json()['id']}/"
    assert client.patch(url, {"exercise": 2050}, content_type="application/json").status_code == 400
    assert client.patch(url, {"amount_ht": 12}, content_type="application/json").status_code == 400
    assert client.patch(url, {"amount_ht": "12.00"}, content_type="application/json").json()["amount_ht"] == "12.00"
    other = {**body, "scenario": other_rows.scenario.pk, "code": "b"}
    refused = client.post("/api/v1/montants-globaux/", other, content_type="application/json")
    assert (refused.status_code, list(refused.json())) == (400, ["scenario"])
    assert (
        client_as("elected")
        .post("/api/v1/montants-globaux/", {**body, "code": "c"}, content_type="application/json")
        .status_code
        == 403
    )
    assert client.delete(url).status_code == 204
    assert client.post("/api/v1/calculs/", {}, content_type="application/json").status_code in {403, 405}


def test_api_computes_and_gives_the_document(
    client_as: Any, rows: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client, pk = client_as("finance"), rows.scenario.pk
    with django_capture_on_commit_callbacks(execute=True):
        job = client.post(f"/api/v1/scenarios/{pk}/compute/")
    assert job.status_code == 202
    assert client.get(f"/api/v1/jobs/{job.json()['id']}/").json()["status"] == "succeeded"
    document = client.get(f"/api/v1/scenarios/{pk}/document/").json()
    again = client.post("/api/v1/budget/simulate/", document, content_type="application/json").json()
    run = client.get(f"/api/v1/calculs/?scenario={pk}").json()["results"][0]
    assert again["totals"]["ttc"] == run["ttc"]
    lines = client.get(f"/api/v1/lignes-de-budget/?run={run['id']}").json()
    assert lines["count"] == rows.scenario.runs.get().lines.count()
