"""Scenarios side by side: figures that are sums of the lines, page, exports, document."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from governance import queries, reports, tasks
from governance.domain.comparison import ComparisonError
from governance.enums import DocumentKind, ScenarioState
from governance.models import BudgetExercise, BudgetLine, BudgetSchool, PlanDocument, Scenario
from plan_numerique.accounts.models import User
from plan_numerique.documents.services import read
from plan_numerique.jobs.enums import JobStatus
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.documents.pdf_checks import problems
from tests.factories import governance as make
from tests.factories.accounts import MembershipFactory
from tests.factories.equipment import AllocationRuleFactory, ItemTypeFactory, RuleSetFactory
from tests.factories.governance_comparison import two_paces

THIN = "\u202f"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def address(*scenarios: Any, **more: Any) -> str:
    chosen = "&".join(f"s={row.pk if isinstance(row, Scenario) else row}" for row in scenarios)
    return "/scenarios/comparer/?" + "&".join([chosen, *(f"{key}={value}" for key, value in more.items())])


@pytest.fixture
def paces(authority: Any, compute: Any) -> tuple[Scenario, Scenario]:
    slow, fast = two_paces(authority)
    compute(slow)
    compute(fast)
    return slow, fast


@pytest.fixture
def metz(authority: Any, compute: Any) -> tuple[Scenario, Scenario]:
    """State at 17.5 % and at 25 %."""
    plan = make.PlanFactory(authority=authority, name="École numérique")
    found = []
    for name, rate in (("État 17,5 %", 175_000), ("État 25 %", 250_000)):
        scenario = make.ScenarioFactory(plan=plan, name=name)
        funders = [
            make.FunderFactory(authority=authority, name=f"{label} {name}") for label in ("FEDER", "État", "Région")
        ]
        make.metz(scenario, rate)
        for line, funder in zip(scenario.funding_lines.order_by("position"), funders, strict=True):
            type(line).objects.filter(pk=line.pk).update(funder=funder)
        compute(scenario)
        found.append(scenario)
    return found[0], found[1]


def compared(*scenarios: Scenario) -> queries.ScenariosCompared:
    runs = [queries.latest_run(row) for row in scenarios]
    return queries.runs_compared([run.pk for run in runs if run])


def sums(rows: Any) -> tuple[int, int, int]:
    found = rows.aggregate(ht=Sum("ht"), vat=Sum("vat"), ttc=Sum("ttc"))
    return found["ht"], found["vat"], found["ttc"]


def test_every_total_is_the_sum_of_the_lines_and_of_the_schools(paces: Any) -> None:
    found = compared(*paces)
    for each, column in zip(found.runs, found.comparison.columns, strict=True):
        totals = (column.figures.ht, column.figures.vat, column.figures.ttc)
        assert (
            totals == sums(BudgetLine.objects.filter(run=each.run)) == sums(BudgetSchool.objects.filter(run=each.run))
        )
        for year in column.years:
            lines = list(BudgetLine.objects.filter(run=each.run, exercise=year.exercise))
            assert year.amount.ht == sum(line.ht for line in lines)
            assert year.amount.ttc == sum(line.ttc for line in lines)
        for row in each.schools:
            lines = list(BudgetLine.objects.filter(run=each.run, school_code=row.code))
            assert (row.ht, row.vat, row.ttc) == tuple(
                sum(getattr(line, key) for line in lines) for key in ("ht", "vat", "ttc")
            )
        assert column.years[-1].cumulative.ttc == column.figures.ttc
        assert column.figures.pupils == sum(row.pupils for row in each.schools) == each.run.pupils_entered
        assert column.figures.net_cost == each.run.net_cost


def test_figures_and_their_difference_to_the_first(paces: Any) -> None:
    slow, fast = paces
    found = {figure.key: figure for group in reports.groups(compared(slow, fast)) for figure in group.figures}
    assert found["schools"].values == (3, 3)
    assert found["grants"].values[1] > found["grants"].values[0]
    assert found["own_share_ht"].differences == (
        None,
        found["own_share_ht"].values[1] - found["own_share_ht"].values[0],
    )
    assert found["qpv_share"].values == (1_000_000, 1_000_000)
    assert 0 < found["gini"].values[0] < 1_000_000
    turned = {figure.key: figure for group in reports.groups(compared(fast, slow)) for figure in group.figures}
    assert turned["grants"].differences[1] == -found["grants"].differences[1]


def test_data_that_differ_are_told_and_the_others_too(paces: Any) -> None:
    found = {setting.label: setting for setting in reports.settings(compared(*paces))}
    assert found["Plafond annuel TTC"].texts == (f"1{THIN}700,00{THIN}€", "aucun")
    assert not found["Exercices"].differs
    assert found["Périmètre"].texts == ("3 écoles", "3 écoles")
    assert found["Phases"].texts[0] == "2016 : tout le périmètre"


def test_reading_says_the_pace_against_the_reference(paces: Any) -> None:
    first, second = reports.sentences(compared(*paces))
    assert "Face à la référence" not in first
    assert re.search(r"Fin 2016, il équipe 126 élèves, contre 40\.", second)


@pytest.mark.parametrize("schools", [1, 4])
def test_comparison_costs_four_queries_at_any_size(authority: Any, compute: Any, schools: int) -> None:
    ids = [compute(row).pk for row in two_paces(authority, schools=schools)]
    with CaptureQueriesContext(connection) as captured:
        queries.runs_compared(ids)
    assert len(captured) == 4


def test_page_costs_the_same_at_any_size(client_as: Any, authority: Any, compute: Any) -> None:
    client = client_as("education")
    costs = []
    for schools in (1, 4):
        pair = two_paces(authority, schools=schools)
        for row in pair:
            compute(row)
        client.get(address(*pair))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(*pair)).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_metz_side_by_side(client_as: Any, metz: Any) -> None:
    page = text_of(client_as("finance").get(address(*metz)))
    for shown in (
        "615\u202f434,84",
        "512\u202f862,37",
        "-102\u202f572,47",
        "-7,5 points",
        "Le même coût".lower(),
        "FEDER",
    ):
        assert shown in page, shown
    assert page.count("<figure") == page.count("Voir les chiffres") >= 2
    run = queries.latest_run(metz[0])
    assert run
    assert f"/calculs/{run.pk}/lignes/?exercise=2016" in page
    assert f"/calculs/{run.pk}/#financement" in page
    assert "Rien en 2017, 2018, 2019, 2020." in page


def test_every_link_of_the_page_opens(client_as: Any, paces: Any) -> None:
    client = client_as("finance")
    page = text_of(client.get(address(*paces)))
    links = {
        link.replace("&amp;", "&").split("#")[0]
        for link in re.findall(r'href="(/(?:calculs|scenarios|plans)/[^"]*)"', page)
    }
    assert len(links) > 20
    assert [link for link in links if client.get(link).status_code != 200] == []


def test_figures_open_what_they_count(client_as: Any, paces: Any) -> None:
    run = queries.latest_run(paces[0])
    assert run
    client = client_as("finance")
    export = client.get(f"/calculs/{run.pk}/ecoles/?entered=true&qpv=true&format=csv").content.decode("utf-8-sig")
    assert len(export.splitlines()) == 2


def test_first_is_the_reference_and_moves_by_links(client_as: Any, paces: Any) -> None:
    slow, fast = paces
    page = text_of(client_as("elected").get(address(slow, fast)))
    assert address(fast, slow).replace("&", "&amp;") in page
    assert "Document PDF" not in page
    turned = text_of(client_as("finance").get(address(fast, slow)))
    assert turned.index("A. Tout de suite") < turned.index("B. Sous plafond")
    assert "Document PDF" in turned


def test_fewer_or_more_than_wanted_choose_again(
    client_as: Any, paces: Any, authority: Any, other_authority: Any
) -> None:
    client = client_as("education")
    slow, fast = paces
    assert "Cocher de deux à quatre" in text_of(client.get("/scenarios/comparer/"))
    one = text_of(client.get(address(slow)))
    assert "Cocher un deuxième scénario" in one
    assert f'value="{slow.pk}" aria-label="Comparer Sous plafond" checked' in one
    assert "Cocher un deuxième scénario" in text_of(client.get(address(slow, slow)))
    others = [make.ScenarioFactory(plan=slow.plan) for _ in range(3)]
    assert "De 2 à 4 scénarios" in text_of(client.get(address(slow, fast, *others)))
    make.ScenarioFactory(plan=slow.plan, name="Vieux", state=ScenarioState.ARCHIVED)
    assert "Vieux" not in text_of(client.get("/scenarios/comparer/"))


def test_scenarios_of_two_authorities_are_not_compared(user_as: Any, paces: Any, other_authority: Any) -> None:
    user: User = user_as("finance")
    MembershipFactory(user=user, role="finance", authority=other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    foreign = make.ScenarioFactory(plan__authority=other_authority)
    assert "même collectivité" in text_of(client.get(address(paces[0], foreign)))
    with pytest.raises(DomainError, match="même collectivité"):
        tasks.start_comparison(scenarios=[paces[0], foreign], by=user)


@pytest.mark.parametrize("bad", ["0", "9" * 18, "9" * 40, "-1", "abc", "%00", "1.5", "²", ""])
def test_unknown_scenario_is_not_there(client_as: Any, paces: Any, bad: str) -> None:
    client = client_as("education")
    assert client.get(f"/scenarios/comparer/?s={paces[0].pk}&s={bad}").status_code == 404
    assert client_as("finance").post("/scenarios/comparer/document/", {"s": [paces[0].pk, bad]}).status_code == 404


def test_access(client_as: Any, paces: Any, other_authority: Any) -> None:
    url = address(*paces)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    for role in ("education", "finance", "elected", "assembly", "academy", "administrator"):
        assert client_as(role).get(url).status_code == 200, role
    post = {"s": [row.pk for row in paces]}
    document = "/scenarios/comparer/document/"
    assert Client().post(document, post).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").post(document, post).status_code == 403
    assert client_as("finance", other_authority).post(document, post).status_code == 404
    assert client_as("finance").get(document).status_code == 405
    assert client_as("assembly").post(document, post).headers["Location"] == url.removesuffix("&")


def test_scenario_not_computed_says_so(client_as: Any, paces: Any) -> None:
    fresh = make.ScenarioFactory(plan=paces[0].plan, name="Brouillon synthétique")
    page = text_of(client_as("finance").get(address(*paces, fresh)))
    assert "« Brouillon synthétique »</b> n&#x27;est pas calculé" in page
    assert f"/scenarios/{fresh.pk}/calculer/" in page
    assert "Les chiffres" in page
    alone = text_of(client_as("elected").get(address(paces[0], fresh)))
    assert "Les chiffres" not in alone
    assert "/calculer/" not in alone
    with pytest.raises(DomainError, match="n'est pas calculé"):
        tasks.start_comparison(scenarios=[paces[0], fresh], by=None)


def test_scenario_changed_since_its_run_says_so(client_as: Any, paces: Any) -> None:
    client = client_as("finance")
    assert "a changé depuis" not in text_of(client.get(address(*paces)))
    paces[1].funding_lines.update(rate=1)
    page = text_of(client.get(address(*paces)))
    assert page.count("a changé depuis son dernier calcul") == 1
    assert "Les chiffres" in page
    unpriced = AllocationRuleFactory(
        rule_set=RuleSetFactory(authority=paces[0].plan.authority),
        pack=None,
        item_type=ItemTypeFactory(authority=paces[0].plan.authority),
    )
    Scenario.objects.filter(pk=paces[0].pk).update(rule_set=unpriced.rule_set)
    assert text_of(client.get(address(*paces))).count("a changé depuis son dernier calcul") == 2


def test_equity_is_explained_where_there_are_schools(paces: Any, metz: Any) -> None:
    assert len(reports.explained(compared(*paces))) == 2
    assert reports.explained(compared(*metz)) == []
    BudgetSchool.objects.update(school=None)
    assert "Aucune école" in reports.explained(compared(*paces))[1]


def test_figures_that_do_not_add_up_are_not_shown(client_as: Any, paces: Any) -> None:
    run = queries.latest_run(paces[0])
    BudgetExercise.objects.filter(run=run, exercise=2016).update(ht=1)
    with pytest.raises(ComparisonError):
        compared(*paces)
    page = text_of(client_as("finance").get(address(*paces)))
    assert "relancer son calcul" in page
    assert "Les chiffres" not in page


def test_bulk_action_of_the_list_leads_to_the_page(client_as: Any, paces: Any) -> None:
    client = client_as("elected")
    answer = client.post("/scenarios/", {"action": "compare", "ids": [row.pk for row in paces]})
    assert answer.headers["Location"] == address(*paces).removesuffix("&")
    assert "Comparer" in text_of(client.get("/scenarios/"))
    assert client.post("/scenarios/", {"action": "autre", "ids": []}).status_code == 403


def test_plan_page_offers_its_scenarios(client_as: Any, metz: Any) -> None:
    page = text_of(client_as("finance").get(f"/plans/{metz[0].plan_id}/"))
    assert 'action="/scenarios/comparer/"' in page
    assert page.count('name="s"') == 2
    for shown in (
        "1\u202f641\u202f159,60",
        "615\u202f434,84",
        "512\u202f862,37",
        f"/plans/{metz[0].plan_id}/documents/",
    ):
        assert shown in page, shown


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_workbook_holds_every_table(client_as: Any, paces: Any) -> None:
    sheets = sheets_of(client_as("finance").get(address(*paces, format="xlsx")).content)
    assert list(sheets) == ["Synthèse", "Par exercice", "Financement", "Écoles", "Données"]
    head, *rows = sheets["Synthèse"]
    assert head[:3] == ["Rubrique", "Chiffre", "Unité"]
    assert head[3].startswith("A. Sous plafond (calcul n° 1)")
    runs = [queries.latest_run(row) for row in paces]
    ttc = next(row for row in rows if row[1] == "Total TTC")
    assert [round(value * 100) for value in ttc[3:5]] == [run.ttc for run in runs if run]
    head, *schools = sheets["Écoles"]
    assert len(schools) == 3
    for start, run in ((4, runs[0]), (11, runs[1])):
        assert run
        assert head[start + 6].endswith(": TTC")
        assert round(sum(row[start + 6] for row in schools) * 100) == run.ttc
    _, *years = sheets["Par exercice"]
    assert round(sum(row[7] for row in years if row[1].startswith("A")) * 100) == runs[0].ttc  # type: ignore[union-attr]
    assert any(row[0] == "Plafond annuel TTC" and row[1] == "diffère" for row in sheets["Données"])
    assert any(row[1] == "Part propre (solde)" for row in sheets["Financement"])


def test_synthesis_is_a_csv_too(client_as: Any, metz: Any) -> None:
    answer = client_as("finance").get(address(*metz, format="csv"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="comparaison-de-scenarios.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    own = next(row for row in rows if row[1] == "Part propre HT (solde)")
    assert own[3:] == ["615434,84", "512862,37", "-102572,47"]


def test_document_is_made_by_a_job_and_kept(
    client_as: Any, paces: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("finance")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/scenarios/comparer/document/", {"s": [row.pk for row in paces]})
    job = Job.objects.get(kind=queries.COMPARISON_KIND)
    assert job.status == JobStatus.SUCCEEDED, job.traceback
    kept = PlanDocument.objects.get()
    assert (kept.kind, kept.plan, kept.run, kept.job) == (
        DocumentKind.COMPARISON,
        paces[0].plan,
        queries.latest_run(paces[0]),
        job,
    )
    assert problems(read(document=kept.document)) == []
    assert f"/documents/{kept.document_id}/" in text_of(client.get(address(*paces)))
    assert f"/documents/{kept.document_id}/" not in text_of(client.get(address(*reversed(paces))))
    assert client.get(f"/documents/{kept.document_id}/").content[:5] == b"%PDF-"


def test_job_under_way_is_followed_on_the_page(client_as: Any, paces: Any) -> None:
    client = client_as("finance")
    for _ in range(2):
        client.post("/scenarios/comparer/document/", {"s": [row.pk for row in paces]})
    job = Job.objects.get(kind=queries.COMPARISON_KIND)
    assert f'hx-get="/taches/{job.pk}/avancement/"' in text_of(client.get(address(*paces)))


def test_same_runs_give_the_same_bytes(metz: Any) -> None:
    day = date(2026, 11, 22)
    first, second = (reports.render_comparison(reports.comparison_report(compared(*metz), day)) for _ in range(2))
    assert first == second
    assert problems(first) == []


@pytest.mark.parametrize("count", [3, 4])
def test_document_of_more_scenarios_is_sound(authority: Any, compute: Any, count: int) -> None:
    slow, fast = two_paces(authority, schools=5)
    more = [make.ScenarioFactory(plan=slow.plan, name=f"Autre {rank}") for rank in range(count - 2)]
    for row in more:
        make.metz(row)
    for row in (slow, fast, *more):
        compute(row)
    report = reports.comparison_report(compared(slow, fast, *more), date(2026, 11, 22))
    assert problems(reports.render_comparison(report)) == []


def test_document_of_thirty_exercises_is_sound(authority: Any, compute: Any) -> None:
    pair = two_paces(authority, schools=4)
    for row in pair:
        Scenario.objects.filter(pk=row.pk).update(last_exercise=2045)
        row.recurring_costs.update(exercises=list(range(2016, 2046)))
        row.refresh_from_db()
        compute(row)
    report = reports.comparison_report(compared(*pair), date(2026, 11, 22))
    assert len(report["exercises"]) == 30
    assert problems(reports.render_comparison(report)) == []


def test_simulation_is_said_on_page_and_paper(client_as: Any, paces: Any) -> None:
    Scenario.objects.filter(pk=paces[1].pk).update(simulation_notice="Prix par hypothèse.")
    assert "Prix par hypothèse." in text_of(client_as("finance").get(address(*paces)))
    report = reports.comparison_report(compared(*paces), date(2026, 11, 22))
    assert report["banner"] == "Prix par hypothèse."
