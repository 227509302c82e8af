"""Pages, API and documents of authorisations: who, what is told to the second of two officers, totals that open their rows."""

import io
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from governance import queries, tasks
from governance.enums import DocumentKind, Section
from governance.models import Authorisation, AuthorisationVersion, PlanDocument
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from tests.factories import governance as make
from tests.factories.credits import ACT, SPLIT, commit, opened, pay

READ = ("authorisation_list", "authorisationversion_list")
OF_ROW = ("authorisation_detail", "authorisation_history")
WRITE = ("authorisation_vote", "authorisation_carry", "authorisation_close", "authorisation_edit", "authorisation_delete")  # fmt: skip
OF_PLAN = ("plan_credits", "plan_calendars", "plan_credits_table")
SOUGHT = {
    "based_on": "0",
    "last": "2019",
    "voted_on": "2016-06-30",
    "act": ACT,
    "reason": "",
    "source": "",
    "step": "save",
}


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("&#x27;", "'").replace("\u202f", " "))


@pytest.fixture
def announced(authority: Any) -> Authorisation:
    row: Authorisation = make.AuthorisationFactory(plan__authority=authority, label="AP synthétique")
    return row


@pytest.fixture
def ap(announced: Authorisation) -> Authorisation:
    return opened(announced).authorisation


def cents(value: int) -> str:
    return f"{value / 100:.2f}".replace(".", ",")


def form(credits: Any = None, **changes: Any) -> dict[str, str]:
    split = SPLIT if credits is None else credits
    grid = {f"cp_{year}": cents(amount) for year, amount in split.items()}
    return {**SOUGHT, "amount": cents(sum(split.values())), **grid, **changes}


@pytest.mark.parametrize("name", READ)
def test_lists_are_for_whoever_sees_the_money(client_as: Any, ap: Authorisation, name: str) -> None:
    assert Client().get(url(name)).headers["Location"].startswith("/compte/login/")
    for role in ("academy", "school", "partner"):
        assert client_as(role).get(url(name)).status_code == 403
    for role in ("finance", "education", "elected"):
        response = client_as(role).get(url(name))
        assert response.status_code == 200
        assert ACT in text_of(response) or "AP synthétique" in text_of(response)


@pytest.mark.parametrize("name", [*OF_ROW, *WRITE])
def test_pages_of_a_row(client_as: Any, ap: Authorisation, other_authority: Any, name: str) -> None:
    address = url(name, ap.pk)
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    for role in ("academy", "school", "partner"):
        assert client_as(role).get(address).status_code == 403
    assert client_as("finance", other_authority).get(address).status_code == 404
    assert client_as("finance").get(address).status_code == 200
    if name in WRITE:
        for role in ("education", "elected"):
            assert client_as(role).get(address).status_code == 403
            assert client_as(role).post(address, form()).status_code == 403
        assert client_as("finance", other_authority).post(address, form()).status_code == 404
    assert ap.versions.count() == 1


@pytest.mark.parametrize("name", OF_PLAN)
def test_money_pages_of_a_plan(client_as: Any, ap: Authorisation, other_authority: Any, name: str) -> None:
    address = url(name, ap.plan_id)
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    for role in ("academy", "school", "partner"):
        assert client_as(role).get(address).status_code == 403
    assert client_as("finance", other_authority).get(address).status_code == 404
    assert client_as("elected").get(address).status_code == 200
    assert client_as("elected").post(url("plan_credits_table", ap.plan_id)).status_code == 403


def test_the_plan_shows_its_authorisations_to_whoever_sees_the_money(client_as: Any, ap: Authorisation) -> None:
    address = url("plan_detail", ap.plan_id)
    assert "AP synthétique" in text_of(client_as("elected").get(address))
    assert "AP synthétique" not in text_of(client_as("academy").get(address))


def sheet_of(response: Any, name: str = "") -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return book.get_sheet_by_name(name or book.sheet_names[0]).to_python()


def listed_ttc(export: Any) -> int:
    """Cents of the TTC column of an exported list."""
    head, *lines = sheet_of(export)
    return sum(round(line[head.index("TTC")] * 100) for line in lines)


def queries_of(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", [*READ, "authorisation_detail", *OF_PLAN])
def test_pages_cost_the_same_at_any_size(client_as: Any, ap: Authorisation, name: str) -> None:
    client = client_as("finance")
    args = () if name in READ else (ap.pk,) if name == "authorisation_detail" else (ap.plan_id,)
    commit(ap, 5_000)
    pay(ap, 1_000)
    before = queries_of(client, url(name, *args))
    for _ in range(2):
        opened(make.AuthorisationFactory(plan=ap.plan))
        commit(ap, 5_000)
        pay(ap, 1_000)
    assert queries_of(client, url(name, *args)) == before


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lists_are_exported(client_as: Any, ap: Authorisation, name: str, kind: str) -> None:
    response = client_as("finance").get(f"{url(name)}?format={kind}")
    assert response.status_code == 200
    if kind == "csv":
        assert len(response.content.decode("utf-8-sig").splitlines()) == 2


@pytest.mark.parametrize("voted, count", [("true", 1), ("false", 1), ("", 2)])
def test_authorisations_are_filtered_by_vote(client_as: Any, ap: Authorisation, voted: str, count: int) -> None:
    make.AuthorisationFactory(plan=ap.plan)
    page = text_of(client_as("finance").get(f"{url('authorisation_list')}?voted={voted}"))
    assert f"<b>{count}</b> résultat" in page


def test_opening_from_the_page(client_as: Any, announced: Authorisation) -> None:
    client, address = client_as("finance"), url("authorisation_vote", announced.pk)
    assert "Ouvrir « AP synthétique »" in text_of(client.get(address))
    response = client.post(address, form())
    assert response.headers["Location"] == url("authorisation_detail", announced.pk)
    version = announced.versions.get()
    assert (version.amount, dict(version.credits.values_list("exercise", "amount"))) == (sum(SPLIT.values()), SPLIT)
    page = text_of(client.get(url("authorisation_detail", announced.pk)))
    for said in ("Ouverte, version 1", ACT, display_euros(SPLIT[2017]).replace("\u202f", " "), "Réviser", "Clore"):
        assert said in page


def test_a_refusal_quotes_its_article_and_keeps_what_was_typed(client_as: Any, announced: Authorisation) -> None:
    response = client_as("finance").post(
        url("authorisation_vote", announced.pk), form(cp_2019="600 000,01", act="Acte gardé")
    )
    assert response.status_code == 422
    page = text_of(response)
    for said in ("écart de 0,01 €", "R2311-9", "600 000,01", "Acte gardé", "Reste à répartir"):
        assert said in page, said
    assert not announced.versions.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"based_on": "9" * 40},
        {"based_on": "x"},
        {"last": "9" * 40},
        {"amount": "9" * 30},
        {"amount": "-1"},
        {"amount": "\x00"},
        {"act": "a\x00b"},
        {"voted_on": "2016-13-45"},
        {"cp_2016": "douze"},
        {"cp_2016": "9" * 30},
        {"reason": "\x00"},
        {"act": "x" * 200},
    ],
)
def test_no_input_breaks_the_vote(client_as: Any, announced: Authorisation, changes: Any) -> None:
    for name in ("authorisation_vote", "authorisation_carry", "authorisation_close"):
        for step in ("save", "add", "school"):
            response = client_as("finance").post(url(name, announced.pk), form(**{**changes, "step": step}))
            assert response.status_code in {200, 422}
    assert not announced.versions.exists()


def test_exercises_are_added_and_removed_without_losing_anything(client_as: Any, announced: Authorisation) -> None:
    client, address = client_as("finance"), url("authorisation_vote", announced.pk)
    more = text_of(client.post(address, form(step="add", act="Acte gardé")))
    assert 'name="cp_2020"' in more
    assert "Acte gardé" in more
    assert 'value="300000,00"' in more
    fewer = text_of(client.post(address, form(step="remove", last="2020")))
    assert 'name="cp_2020"' not in fewer
    assert not announced.versions.exists()


@pytest.mark.parametrize(
    "step, split",
    [("even", dict.fromkeys(SPLIT, 72500000)), ("school", queries.split_by_school_year(290_000_000, range(2016, 2020)))],
)  # fmt: skip
def test_a_split_is_proposed(client_as: Any, announced: Authorisation, step: str, split: Any) -> None:
    page = text_of(
        client_as("finance").post(url("authorisation_vote", announced.pk), form({}, amount="2900000", step=step))
    )
    for year, amount in split.items():
        assert re.search(rf'name="cp_{year}" value="{cents(amount)}"', page)
    assert "une proposition" in page


def test_a_split_as_the_programme_needs_one(client_as: Any, rows: Any, compute: Any, announced: Authorisation) -> None:
    address = url("authorisation_vote", announced.pk)
    client = client_as("finance")
    assert "pas de programme adopté" in text_of(client.post(address, form({}, amount="2900000", step="programme")))
    assert "Donner d'abord le montant" in text_of(client.post(address, form({}, amount="", step="even")))
    row = make.AuthorisationFactory(plan=rows.plan)
    run = compute(rows.scenario)
    type(rows.scenario).objects.filter(pk=rows.scenario.pk).update(state="adopted")
    page = text_of(client.post(url("authorisation_vote", row.pk), form({}, amount="1000", step="programme")))
    planned = dict(run.credits.values_list("exercise", "ttc"))
    assert planned[2016]
    assert f'name="cp_2016" value="{cents(100_000 * planned[2016] // sum(planned.get(y, 0) for y in SPLIT))}"' in page


def test_the_second_officer_is_told_and_loses_nothing(client_as: Any, ap: Authorisation) -> None:
    """Two sessions open the form on version 1; the second vote is refused, then goes on version 2."""
    first, second, address = client_as("finance"), client_as("administrator"), url("authorisation_vote", ap.pk)
    for client in (first, second):
        assert 'name="based_on" value="1"' in text_of(client.get(address))
    raised = SPLIT | {2019: SPLIT[2019] + 1_000_000}
    ours = {"based_on": "1", "voted_on": "2017-06-29", "reason": "Seize écoles de plus", "act": "Délibération A"}
    assert first.post(address, form(raised, **ours)).status_code == 302
    theirs = ours | {"act": "Délibération B", "reason": "Câblage"}
    told = second.post(address, form(SPLIT | {2016: 31_000_000}, **theirs))
    assert told.status_code == 422
    page = text_of(told)
    for said in (
        "Entre-temps",
        "version 2",
        "Délibération A",
        "2 910 000,00",
        "Délibération B",
        "Câblage",
        "310000,00",
    ):
        assert said in page, said
    assert 'name="based_on" value="2"' in page
    assert ap.versions.count() == 2
    again = theirs | {"based_on": "2"}
    assert second.post(address, form(SPLIT | {2016: 31_000_000}, **again)).status_code == 302
    assert [version.act for version in ap.versions.order_by("number")] == [ACT, "Délibération A", "Délibération B"]


def test_the_plain_form_tells_the_second_officer_too(client_as: Any, announced: Authorisation) -> None:
    client, address = client_as("finance"), url("authorisation_edit", announced.pk)
    shown = re.search(r'name="row_version" value="([^"]+)"', client.get(address).content.decode())
    assert shown
    opened(announced)
    data = {
        "plan": announced.plan_id, "code": announced.code, "label": "Autre", "section": announced.section, "amount": "1,00",
        "first_exercise": 2016, "last_exercise": 2019, "row_version": shown[1],
    }  # fmt: skip
    assert client.post(address, data).status_code == 422
    announced.refresh_from_db()
    assert (announced.label, announced.voted) == ("AP synthétique", sum(SPLIT.values()))


def test_carry_over_and_closing_from_the_pages(client_as: Any, ap: Authorisation) -> None:
    client = client_as("finance")
    commit(ap, 20_000_000)
    pay(ap, 20_000_000)
    sent = {**SOUGHT, "based_on": "1", "voted_on": "2017-03-02", "reason": "Livraisons décalées"}
    address = url("authorisation_carry", ap.pk)
    assert "2016 : 100 000,00 € non consommés" in text_of(client.get(address))
    refused = client.post(address, {**sent, "from_exercise": "2016", "report_2017": "100 000,01"})
    assert refused.status_code == 422
    assert "L2311-3" in text_of(refused)
    assert client.post(address, {**sent, "from_exercise": "2016", "report_2017": "100 000,00"}).status_code == 302
    close = url("authorisation_close", ap.pk)
    assert "passe de 2 900 000,00 € à 200 000,00 €" in text_of(client.get(close))
    assert client.post(close, {**sent, "based_on": "2", "voted_on": "2019-12-20"}).status_code == 302
    page = text_of(client.get(url("authorisation_detail", ap.pk)))
    assert "Clôture" in page
    assert "Réviser" not in page


def test_state_of_a_past_day(client_as: Any, ap: Authorisation) -> None:
    client = client_as("finance")
    raised = form(SPLIT | {2019: SPLIT[2019] + 100}, based_on="1", voted_on="2017-06-29", reason="Motif")
    assert client.post(url("authorisation_vote", ap.pk), raised).status_code == 302
    commit(ap, 12_345_00, date(2018, 1, 1))
    address = url("authorisation_detail", ap.pk)
    before = text_of(client.get(f"{address}?au=2016-12-31"))
    for said in ("État au 31 décembre 2016", "Version 1", "Ouverte, version 1", "Aucun engagement"):
        assert said in before, said
    for said in ("Version 2", "2 900 001,00", "12 345,00", "Réviser"):
        assert said not in before, said
    assert "12 345,00" in text_of(client.get(f"{address}?au=2018-01-01"))
    assert "Annoncée, non votée" in text_of(client.get(f"{address}?au=2016-06-29"))
    for wrong in ("hier", "2016-02-31", "9" * 50, "\x00"):
        assert "pas reconnue" in text_of(client.get(address, {"au": wrong}))
        assert client.get(url("plan_credits", ap.plan_id), {"au": wrong}).status_code == 200


def test_totals_are_the_sums_of_the_rows_they_open(client_as: Any, ap: Authorisation) -> None:
    for amount, day in ((10_000_01, date(2016, 9, 1)), (33_333_33, date(2017, 2, 2)), (-1_000, date(2017, 3, 1))):
        commit(ap, amount, day)
    for amount, day in ((5_000_00, date(2016, 12, 1)), (7_777_77, date(2017, 5, 1))):
        pay(ap, amount, day)
    response = client_as("finance").get(url("authorisation_detail", ap.pk))
    found, totals = response.context["statement"], response.context["totals"]
    assert totals["credit"] == found.state.amount == sum(row.credit for row in found.exercises)
    assert totals["committed"] == found.state.committed == sum(row.ttc for row in found.commitments)
    assert totals["paid"] == found.state.paid == sum(row.ttc for row in found.payments)
    assert totals["left"] == totals["unspent"] + totals["available"] == totals["credit"] - totals["paid"]
    for entry in response.context["exercises"]:
        for sums, lines in ((entry["row"].committed, "committed_url"), (entry["row"].paid, "paid_url")):
            assert bool(sums) == bool(entry[lines])
            assert not sums or listed_ttc(client_as("finance").get(f"{entry[lines]}&format=xlsx")) == sums
    for section in (response.context["commitments"], response.context["payments"]):
        total = display_euros(listed_ttc(client_as("finance").get(f"{section.more_url}&format=xlsx")))
        assert total in section.note
    shown = re.sub(r"<[^>]+>", " ", text_of(response))
    assert display_euros(found.state.committed).replace("\u202f", " ") in shown
    plan = client_as("finance").get(url("plan_credits", ap.plan_id)).context
    for name in ("voted", "committed", "paid", "left"):
        assert plan["totals"][name] == sum(row[name] or 0 for row in plan["rows"])


def post(client: Client, address: str, data: Any) -> Any:
    return client.post(address, json.dumps(data), content_type="application/json")


def test_votes_through_the_api(client_as: Any, announced: Authorisation, other_authority: Any) -> None:
    address = f"/api/v1/autorisations/{announced.pk}/voter/"
    credits = [{"exercise": year, "amount": f"{amount / 100:.2f}"} for year, amount in SPLIT.items()]
    body = {"based_on": 0, "voted_on": "2016-06-30", "act": ACT, "amount": "2900000.00", "credits": credits}
    assert post(Client(), address, body).status_code == 403
    for role in ("elected", "education", "academy"):
        assert post(client_as(role), address, body).status_code == 403
    assert post(client_as("finance", other_authority), address, body).status_code == 404
    client = client_as("finance")
    wrong = post(client, address, {**body, "amount": "2900000.01"})
    assert (wrong.status_code, "R2311-9" in wrong.json()["credits"][0]) == (400, True)
    made = post(client, address, body)
    assert (made.status_code, made.json()["number"], made.json()["credits"][0]["amount"]) == (201, 1, "300000.00")
    stale = post(client_as("administrator"), address, body)
    assert (stale.status_code, "Entre-temps" in str(stale.json())) == (412, True)
    assert announced.versions.count() == 1
    for junk in (
        {},
        [],
        {**body, "credits": "x"},
        {**body, "credits": [credits[0], credits[0]]},
        {**body, "based_on": 10**30},
    ):
        assert post(client, address, junk).status_code == 400
    listed = client.get("/api/v1/votes-d-autorisation/").json()
    assert (listed["count"], listed["results"][0]["act"]) == (1, ACT)


def test_state_carry_over_and_closing_through_the_api(client_as: Any, ap: Authorisation) -> None:
    client, base = client_as("finance"), f"/api/v1/autorisations/{ap.pk}/"
    commit(ap, 20_000_000)
    pay(ap, 20_000_000)
    body = {"based_on": 1, "voted_on": "2017-03-02", "act": ACT, "reason": "Décalage"}
    moved = {**body, "from_exercise": 2016, "amounts": [{"exercise": 2017, "amount": "100000.00"}]}
    assert post(client, f"{base}reporter/", {**moved, "from_exercise": 2030}).status_code == 400
    assert post(client, f"{base}reporter/", moved).status_code == 201
    then = client.get(f"{base}etat/", {"au": "2016-12-31"}).json()
    assert (then["version"], then["paid"], then["exercises"][0]["left"]) == (1, "200000.00", "100000.00")
    assert client.get(f"{base}etat/").json()["version"] == 2
    assert client.get(f"{base}etat/", {"au": "hier"}).status_code == 400
    assert post(client, f"{base}clore/", {**body, "based_on": 2, "voted_on": "2019-12-20"}).status_code == 201
    assert client.patch(base, json.dumps({"voted": "1.00"}), content_type="application/json").status_code == 200
    ap.refresh_from_db()
    assert ap.voted == 20_000_000
    version = AuthorisationVersion.objects.first()
    for method in (client.patch, client.delete):
        assert method(f"/api/v1/votes-d-autorisation/{version.pk}/").status_code in {403, 405}


def test_saint_etienne_three_school_years_fall_on_four_exercises(client_as: Any, announced: Authorisation) -> None:
    """AC5. The source gives 2,9 M€ for 2016 to 2019 and no schedule."""
    response = client_as("finance").get(url("plan_calendars", announced.plan_id))
    (proposal,) = response.context["proposals"]
    assert [row["label"] for row in proposal["rows"]] == ["2016-2017", "2017-2018", "2018-2019"]
    assert proposal["years"] == ["2016", "2017", "2018", "2019"]
    assert sum(proposal["by_exercise"]) == sum(row["total"] for row in proposal["rows"]) == announced.amount
    assert all(proposal["by_exercise"])
    assert "pas de la source" in text_of(response)


def test_three_calendars_agree_to_the_cent(client_as: Any, rows: Any, compute: Any) -> None:
    scenario = rows.scenario
    scenario.payment_schedule = ["60", "30", "10"]
    scenario.save()
    make.LumpSumFactory(scenario=scenario, exercise=2018, school_year=2017, amount_ht=333_333)
    rows.scenariophase.school_year = 2016
    rows.scenariophase.save()
    run = compute(scenario)
    client, address = client_as("finance"), url("plan_calendars", rows.plan.pk)
    found = queries.calendars_of(run)
    assert found.total == run.ttc
    for sums in (found.by_school_year, found.by_exercise, found.by_payment_year):
        assert sum(sums.values()) == found.total
    assert found.by_exercise == {row.exercise: row.ttc for row in run.by_exercise.all() if row.ttc}
    assert (2017, 2018) in {(row.school_year, row.exercise) for row in found.rows}
    invested = queries.calendars_of(run, [Section.INVESTMENT])
    assert invested.by_payment_year == {row.exercise: row.ttc for row in run.credits.all() if row.ttc}
    for section in ("", *Section.values, "\x00", "x"):
        context = client.get(address, {"section": section, "scenario": scenario.pk}).context
        table = context["table"]
        assert sum(table["totals"]) == sum(row["total"] for row in table["rows"])
        assert {part["total"] for part in context["sums"]} <= {sum(table["totals"])}
    for year, amount, lines in client.get(address).context["sums"][1]["rows"]:
        export = client.get(f"{lines}&format=xlsx")
        assert listed_ttc(export) == amount, year


@pytest.mark.parametrize("asked", ["9" * 30, "x", "-1", "0", "\x00"])
def test_calendars_of_no_scenario(client_as: Any, announced: Authorisation, asked: str) -> None:
    response = client_as("finance").get(url("plan_calendars", announced.plan_id), {"scenario": asked})
    assert response.status_code == 200
    assert "Aucun scénario calculé" in text_of(response)


def test_table_is_kept_as_a_tagged_pdf(
    client_as: Any, ap: Authorisation, django_capture_on_commit_callbacks: Any
) -> None:
    commit(ap, 1_000_00)
    client = client_as("finance")
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"{url('plan_credits_table', ap.plan_id)}?au=2016-12-31")
    assert response.headers["Location"] == url("plan_credits", ap.plan_id)
    kept = PlanDocument.objects.get()
    assert (kept.kind, kept.document.media_type) == (DocumentKind.CREDITS_TABLE, "application/pdf")
    assert "31/12/2016" in kept.document.title
    assert bytes(kept.document.content).startswith(b"%PDF")
    assert kept.document.title in text_of(client.get(url("plan_credits", ap.plan_id)))
    wrong = client.post(f"{url('plan_credits_table', ap.plan_id)}?au=hier", follow=True)
    assert "pas reconnue" in text_of(wrong)
    assert PlanDocument.objects.count() == 1


def test_table_of_another_day_is_another_job(ap: Authorisation) -> None:
    days = (date(2016, 12, 31), date(2017, 12, 31))
    first, second = (tasks.start_credits_table(plan=ap.plan, day=day, by=None) for day in days)
    assert [job.arguments["day"] for job in (first, second)] == ["2016-12-31", "2017-12-31"]
    assert first.is_active
    assert first != second
    assert tasks.start_credits_table(plan=ap.plan, day=days[1], by=None) == second
    assert queries.credits_jobs(ap.plan) == [first, second]


def test_table_is_refused_without_authorisation_or_for_a_day_to_come(rows: Any, ap: Authorisation) -> None:
    empty = make.PlanFactory(authority=rows.plan.authority)
    with pytest.raises(DomainError, match="aucune autorisation"):
        tasks.start_credits_table(plan=empty, day=date(2020, 1, 1), by=None)
    with pytest.raises(DomainError, match="jour à venir"):
        tasks.start_credits_table(plan=ap.plan, day=date(2190, 1, 1), by=None)


def test_workbook_has_the_amounts_of_the_page(client_as: Any, ap: Authorisation) -> None:
    commit(ap, 1_000_01)
    pay(ap, 500_01)
    response = client_as("elected").get(url("plan_credits_table", ap.plan_id))
    assert response.headers["Content-Disposition"].endswith('.xlsx"')
    _, *years = sheet_of(response, "CP par exercice")
    assert sum(round(row[3] * 100) for row in years) == ap.voted
    assert sum(round(row[5] * 100) for row in years) == 500_01
    _, total = sheet_of(response, "Autorisations")
    assert [round(value * 100) for value in total[2:6]] == [ap.amount, ap.voted, 1_000_01, 500_01]
    assert len(sheet_of(response, "Votes")) == 5


def test_workbook_counts_nothing_dated_after_the_day_in_its_name(client_as: Any, ap: Authorisation) -> None:
    commit(ap, 1_000_00)
    commit(ap, 234_00, timezone.localdate() + timedelta(days=30), exercise=2017)
    response = client_as("elected").get(url("plan_credits_table", ap.plan_id))
    assert f"{timezone.localdate():%Y-%m-%d}.xlsx" in response.headers["Content-Disposition"]
    _, total = sheet_of(response, "Autorisations")
    assert round(total[4] * 100) == 1_000_00
