"""The financing of a plan: hypotheses side by side, the annex, the posting."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from governance import tasks
from governance.models import FundingLine, FundingPosting, PlanDocument, Subsidy
from governance.queries.subsidies import hypotheses
from governance.reports.funding_plan import funding_plan, funding_plan_sheets, posting_poster
from governance.services import subsidies as services
from governance.views.funding import _own, side_by_side
from plan_numerique.jobs.models import Job
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories import subsidies as grants

DAY = date(2026, 3, 2)


@pytest.fixture
def plan(authority: Any) -> Any:
    return make.PlanFactory(authority=authority)


@pytest.fixture
def runs(plan: Any, compute: Any) -> list[Any]:
    """Metz with the State at 17,5 %, then at 25 %."""
    return [compute(make.metz(make.ScenarioFactory(plan=plan), rate)) for rate in (175_000, 250_000)]


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def asked(plan: Any, *states: str, **more: Any) -> Subsidy:
    """A grant filed a while ago, then answered."""
    funder = make.FunderFactory(authority=plan.authority)
    subsidy = services.save_subsidy(instance=grants.SubsidyFactory.build(plan=plan, funder=funder, **more), by=None)
    for state in ("filed", *states):
        services.record_step(subsidy=subsidy, state=state, on=DAY, by=None)
    subsidy.refresh_from_db()
    return subsidy


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def test_both_hypotheses_of_metz_stand_side_by_side(client_as: Any, plan: Any, runs: list[Any]) -> None:
    page = text_of(client_as("elected").get(url("plan_funding", plan.pk)))
    for shown in (
        "615 434,84 €", "512 862,37 €", "273 526,60 €", "341 908,25 €", "239 335,78 €", "annoncé 273 526,64 €", "écart +0,04 €",
        "45 %", "37,5 %", "55 %", "62,5 %",
    ):  # fmt: skip
        assert shown in page, shown
    assert f"/scenarios/{runs[1].scenario_id}/#financement" in page
    assert "PDF" not in page


def test_every_column_adds_up_to_its_base(plan: Any, runs: list[Any]) -> None:
    for column in hypotheses([run.scenario for run in runs]):
        assert column.run is not None
        total = sum(grant.amount for grant in column.grants.values())
        assert total == column.run.grants
        assert total + column.run.own_share_ht == column.run.own_share_base


def test_own_share_follows_what_is_really_notified_and_warns_under_a_fifth(plan: Any, runs: list[Any]) -> None:
    line = FundingLine.objects.get(scenario=runs[0].scenario, code="feder")
    subsidy = grants.granted(plan, amount=100_000_000, funding_line=line)
    columns = hypotheses([run.scenario for run in runs])
    rows = {label: cells for label, cells, _ in side_by_side(columns, [subsidy])["rows"]}
    cell = rows["Part propre HT, avec ce qui est notifié"][0]
    assert cell["text"].replace("\u202f", " ") == "-111 038,56 €"
    assert cell["badge"] == "sous les 20 %"
    assert rows["Part propre, en % de la base"][0]["badge"] == "20 % au moins"


def test_own_share_rises_by_what_a_funder_refused(plan: Any, runs: list[Any]) -> None:
    """Asked again elsewhere on the same line, it is expected again."""
    line = FundingLine.objects.get(scenario=runs[0].scenario, code="feder")
    subsidies = [asked(plan, "refused", funding_line=line)]
    columns = hypotheses([run.scenario for run in runs])

    def own_shares() -> list[str] | None:
        rows = {label: cells for label, cells, _ in side_by_side(columns, subsidies)["rows"]}
        cells = rows.get("Part propre HT, avec ce qui est notifié")
        return cells and [cell["text"].replace("\u202f", " ") for cell in cells]

    assert own_shares() == ["888 961,44 €", "786 388,97 €"]
    subsidies.append(asked(plan, funding_line=line))
    assert own_shares() is None
    other = FundingLine.objects.get(scenario=runs[0].scenario, code="etat")
    subsidies.append(grants.granted(plan, amount=23_933_578, funding_line=other))
    assert own_shares() == ["615 434,84 €", "615 434,84 €"]


def test_a_plan_without_run_or_scenario_has_its_page(client_as: Any, plan: Any) -> None:
    client = client_as("finance")
    assert "Aucun scénario" in text_of(client.get(url("plan_funding", plan.pk)))
    make.FundingLineFactory(scenario__plan=plan)
    assert "calculer d&#x27;abord" in text_of(client.get(url("plan_funding", plan.pk))).replace(
        "calculer d'", "calculer d&#x27;"
    )


def test_annex_says_each_amount_once_and_adds_up(runs: list[Any]) -> None:
    report = funding_plan(runs[0], DAY, "15-11-26-18")
    assert report["totals"] == {"ht": 136_763_300, "vat": 27_352_660, "ttc": 164_115_960}
    assert report["own"] == 61_543_484
    assert sum(row["amount"] for row in report["grants"]) + report["own"] == report["base"]
    assert sum(section["ttc"] for section in report["sections"]) == report["totals"]["ttc"]
    for name, total in (("base", "base"), ("grants", "grants_total"), ("own", "own")):
        assert sum(row[name] for row in report["by_exercise"]) == report[total]
    assert [row["difference"] for row in report["announced"]] == [40, 4, 0]
    assert not report["own_low"]
    assert not report["fctva_counted"]


def test_annex_as_a_workbook_holds_the_same_figures(runs: list[Any]) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(funding_plan_sheets(funding_plan(runs[0], DAY))))
    assert book.sheet_names == ["Dépenses", "Financement", "Par exercice", "Coût net", "Annoncé et calculé"]
    assert book.get_sheet_by_name("Dépenses").to_python()[-1] == ["Total", "", 1367633.0, 273526.6, 1641159.6]
    last = book.get_sheet_by_name("Financement").to_python()[-1]
    assert last[:1] + last[4:5] == ["Part propre (solde)", 615434.84]


def made(plan: Any, kind: str) -> PlanDocument:
    return PlanDocument.objects.select_related("document").get(plan=plan, kind=kind)


def test_annex_is_made_by_a_job_and_kept(
    client_as: Any, plan: Any, runs: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("finance")
    address = url("funding_plan", runs[0].pk)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"act": "15-11-26-18"})
    assert answer.headers["Location"] == f"{url('plan_funding', plan.pk)}#documents"
    kept = made(plan, "funding_plan")
    assert bytes(kept.document.content).startswith(b"%PDF-")
    assert kept.run == runs[0]
    assert f'href="{reverse("document", args=[kept.document_id])}"' in text_of(client.get(url("plan_funding", plan.pk)))
    sheets = client.get(url("funding_plan_sheets", runs[0].pk))
    assert sheets.content[:2] == b"PK"
    assert "attachment" in sheets.headers["Content-Disposition"]


@pytest.mark.parametrize("act", ["x" * 41, "15\x00", "15\n16"])
def test_number_of_the_act_is_a_short_text(client_as: Any, runs: list[Any], act: str) -> None:
    with pytest.raises(DomainError, match="40 caractères"):
        tasks.start_funding_plan(run=runs[0], act=act, by=None)
    assert client_as("finance").post(url("funding_plan", runs[0].pk), {"act": act}).status_code == 302
    assert not PlanDocument.objects.exists()


def test_annex_of_a_run_under_way_is_refused(client_as: Any, plan: Any) -> None:
    run = make.BudgetRunFactory(scenario__plan=plan)
    with pytest.raises(DomainError, match="calcul terminé"):
        tasks.start_funding_plan(run=run, by=None)
    assert client_as("finance").get(url("funding_plan_sheets", run.pk)).status_code == 409


# Posting


def test_posting_is_due_fifteen_days_after_the_start(client_as: Any, plan: Any, runs: list[Any]) -> None:
    client = client_as("finance")
    form = {"plan": plan.pk, "scenario": runs[1].scenario_id, "started_on": "2018-01-10"}
    assert client.post(url("fundingposting_create"), form).headers["Location"] == url("plan_funding", plan.pk)
    posting = FundingPosting.objects.get()
    assert (posting.due_on, posting.run) == (date(2018, 1, 25), runs[1])
    assert "en retard" in text_of(client.get(url("plan_funding", plan.pk)))
    page = client.get(url("fundingposting_edit", posting.pk))
    changes = {"plan": plan.pk, "started_on": "2018-01-10", "posted_on": "2018-01-20", "online_on": "2018-01-21",
               "row_version": page.context["row_version"]}  # fmt: skip
    assert client.post(url("fundingposting_edit", posting.pk), changes).status_code == 302
    posting.refresh_from_db()
    assert (posting.posted_on, posting.run) == (date(2018, 1, 20), runs[1])
    assert "en retard" not in text_of(client.get(url("plan_funding", plan.pk)))


def test_posting_refuses_what_cannot_be(plan: Any, runs: list[Any], client_as: Any) -> None:
    tomorrow = timezone.localdate() + timedelta(1)
    with pytest.raises(DomainError, match="n'est pas à venir"):
        services.save_posting(
            instance=FundingPosting(plan=plan, started_on=DAY, posted_on=tomorrow), run=runs[0], by=None
        )
    with pytest.raises(DomainError, match="choisir un scénario calculé"):
        services.save_posting(instance=FundingPosting(plan=plan, started_on=DAY), by=None)
    stranger = make.PlanFactory(authority=plan.authority)
    with pytest.raises(DomainError, match="d'un autre plan"):
        services.save_posting(instance=FundingPosting(plan=stranger, started_on=DAY), run=runs[0], by=None)
    with pytest.raises(DomainError, match="hors du calendrier"):
        services.save_posting(instance=FundingPosting(plan=plan, started_on=date.max), run=runs[0], by=None)
    draft = make.ScenarioFactory(plan=plan)
    answer = client_as("finance").post(
        url("fundingposting_create"), {"plan": plan.pk, "scenario": draft.pk, "started_on": "2018-01-10"}
    )
    assert "pas calculé" in answer.context["form"].errors["scenario"][0]


def test_poster_shows_each_grant_in_full_and_quotes_when_it_is_not_due(plan: Any, runs: list[Any]) -> None:
    line = FundingLine.objects.get(scenario=runs[0].scenario, code="feder")
    subsidy = grants.granted(plan, amount=27_352_664, funding_line=line)
    posting = services.save_posting(instance=FundingPosting(plan=plan, started_on=DAY), run=runs[0], by=None)
    poster = posting_poster(posting, [subsidy], DAY)
    assert [(line["amount"], line["state"]) for line in poster["lines"]] == [
        (27_352_664, "notifiée"), (23_933_578, "attendue"), (23_933_578, "attendue"), (61_543_480, "part propre"),
    ]  # fmt: skip
    assert sum(line["amount"] for line in poster["lines"]) == poster["ht"] == 136_763_300
    assert "D1111-8" in poster["not_due"]


def test_poster_leaves_out_a_grant_that_was_refused(plan: Any, runs: list[Any]) -> None:
    line = FundingLine.objects.get(scenario=runs[0].scenario, code="feder")
    posting = services.save_posting(instance=FundingPosting(plan=plan, started_on=DAY), run=runs[0], by=None)
    refused = asked(plan, "refused", funding_line=line)
    poster = posting_poster(posting, [refused], DAY)
    assert [(line["amount"], line["state"]) for line in poster["lines"]] == [
        (23_933_578, "attendue"), (23_933_578, "attendue"), (88_896_144, "part propre"),
    ]  # fmt: skip
    assert sum(line["amount"] for line in poster["lines"]) == poster["ht"] == 136_763_300
    again = posting_poster(posting, iter([refused, asked(plan, funding_line=line)]), DAY)
    assert [(line["amount"], line["state"]) for line in again["lines"]] == [
        (27_352_660, "attendue"), (23_933_578, "attendue"), (23_933_578, "attendue"), (61_543_484, "part propre"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", ["a4", "a3"])
def test_poster_is_made_by_a_job(
    client_as: Any, plan: Any, runs: list[Any], django_capture_on_commit_callbacks: Any, size: str
) -> None:
    posting = services.save_posting(instance=FundingPosting(plan=plan, started_on=DAY), run=runs[0], by=None)
    client = client_as("finance")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("fundingposting_make", posting.pk), {"size": size})
    assert bytes(made(plan, "posting").document.content).startswith(b"%PDF-")
    jobs = Job.objects.count()
    client.post(url("fundingposting_make", posting.pk), {"size": "a0"})
    assert Job.objects.count() == jobs


@pytest.mark.parametrize("name", ["funding_plan", "fundingposting_make"])
def test_who_may_ask_for_a_document(
    client_as: Any, plan: Any, runs: list[Any], other_authority: Any, name: str
) -> None:
    posting = grants.FundingPostingFactory(plan=plan, run=runs[0])
    address = url(name, runs[0].pk if name == "funding_plan" else posting.pk)
    assert Client().post(address).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").post(address).status_code == 403
    assert client_as("finance", other_authority).post(address).status_code == 404
    assert client_as("finance").get(address).status_code == 405
    assert client_as("assembly").post(address).status_code == 302
    assert client_as("academy").get(url("funding_plan_sheets", runs[0].pk)).status_code == 403
    assert client_as("finance", other_authority).get(url("funding_plan_sheets", runs[0].pk)).status_code == 404


def test_alerts_stand_on_the_page_of_the_plan(client_as: Any, plan: Any, runs: list[Any]) -> None:
    today = timezone.localdate()
    for days in (-3, 5):
        grants.SubsidyDeadlineFactory(subsidy__plan=plan, due_on=today + timedelta(days))
    services.save_posting(instance=FundingPosting(plan=plan, started_on=DAY), run=runs[0], by=None)
    page = text_of(client_as("finance").get(url("plan_detail", plan.pk)))
    for shown in (
        "1 échéance de subvention en retard.",
        "1 échéance de subvention dans les trente jours.",
        "17/03/2026",
    ):
        assert shown in page, shown
    assert "échéance de subvention" not in text_of(client_as("academy").get(url("plan_detail", plan.pk)))


def test_lines_of_a_run_name_their_heading(client_as: Any, plan: Any, runs: list[Any]) -> None:
    grants.HeadingFactory(authority=plan.authority, code="cablage", label="Câblage des écoles")
    page = text_of(client_as("finance").get(url("run_lines", runs[0].pk)))
    assert "Câblage des écoles" in page
    assert "materiel" in page


def test_a_share_of_nothing_is_not_judged() -> None:
    assert "badge" not in {key for key, value in _own(0, 0, rate_only=True).items() if value}
    assert _own(20, 100)["badge"] == "20 % au moins"
    assert _own(19, 100)["badge"] == "sous les 20 %"
