"""Pages and API of expenses: who opens what, forms, exports, and a walk of every figure of the execution page."""

import csv
import io
import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.models import Authorisation, Expense, FctvaRegime
from plan_numerique.imports.models import ColumnMapping, ImportSession
from plan_numerique.shared.money import display_euros
from tests.factories import expenses as spend
from tests.factories import governance as make
from tests.factories.accounts import MembershipFactory
from tests.governance.test_pages import queries_of, text_of

LISTS = ("expense_list", "fctvaregime_list")
CREATES = ("expense_create", "fctvaregime_create")
DETAILS = (
    ("expense_detail", "expense"), ("fctvaregime_detail", "fctvaregime"),
    ("plan_execution", "plan"), ("expense_history", "expense"), ("fctvaregime_history", "fctvaregime"),
)  # fmt: skip
EDITS = (
    ("expense_edit", "expense"), ("expense_delete", "expense"), ("fctvaregime_edit", "fctvaregime"),
    ("fctvaregime_delete", "fctvaregime"),
)  # fmt: skip


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def cents(text: str) -> int:
    return round(float(text.replace(",", ".") or 0) * 100)


@pytest.mark.parametrize("name", [*LISTS, *CREATES])
def test_pages_without_row(client_as: Any, rows: Any, name: str) -> None:
    assert Client().get(url(name)).headers["Location"].startswith("/compte/login/")
    refused = ("academy", "partner", *(("education", "elected") if name in CREATES else ()))
    assert [client_as(role).get(url(name)).status_code for role in refused] == [403] * len(refused)
    assert client_as("finance").get(url(name)).status_code == 200


@pytest.mark.parametrize("name, kind", [*DETAILS, *EDITS])
def test_pages_of_a_row(client_as: Any, rows: Any, other_authority: Any, name: str, kind: str) -> None:
    address = url(name, getattr(rows, kind).pk)
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    refused = ("partner", "education", "elected") if (name, kind) in EDITS else ("partner",)
    assert [client_as(role).get(address).status_code for role in refused] == [403] * len(refused)
    assert client_as("finance", other_authority).get(address).status_code == 404
    assert client_as("finance").get(address).status_code == 200


IMPORT_ROWS = ("import_detail", "import_columns", "import_undo")
IMPORT_POSTS = ("import_apply", "import_discard")


def import_url(name: str, *args: Any) -> str:
    return reverse(f"importing:{name}", args=args)


@pytest.mark.parametrize("name", [*IMPORT_ROWS, *IMPORT_POSTS])
def test_an_import_is_of_those_who_keep_the_money(
    client_as: Any, user_as: Any, rows: Any, other_authority: Any, name: str
) -> None:
    session = spend.runner(rows.plan, user_as("finance"))(["Pièce;Étape;Date;TTC", "M1;P;03/05/2018;1"], check=False)
    address, post = import_url(name, session.pk), name in IMPORT_POSTS

    def status(client: Any) -> int:
        return int((client.post(address) if post else client.get(address)).status_code)

    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert [status(client_as(role)) for role in ("elected", "partner", "academy")] == [403] * 3
    assert status(client_as("education")) == 404
    assert status(client_as("finance", other_authority)) == 404
    two = user_as("elected")
    MembershipFactory(role="finance", authority=other_authority, user=two)
    client = Client()
    client.force_login(two, backend="django.contrib.auth.backends.ModelBackend")
    assert status(client) == 404
    if post:
        assert client_as("finance").get(address).status_code == 405
    assert status(client_as("finance")) == (302 if post else 200)
    assert not Expense.objects.filter(piece="M1").exists()


@pytest.mark.parametrize("role, shown", [("finance", True), ("elected", False)])
def test_the_list_leads_to_the_import_for_who_may(client_as: Any, rows: Any, role: str, shown: bool) -> None:
    page = unescape(text_of(client_as(role).get(url("expense_list"))))
    for address in (
        f"{import_url('import_create')}?kind=governance.expenses",
        f"{import_url('import_list')}?kind=governance.expenses",
    ):
        assert (address in page) is shown


@pytest.mark.parametrize("name", LISTS)
def test_lists_cost_the_same_with_one_and_three_rows(client_as: Any, rows: Any, name: str) -> None:
    client = client_as("finance")
    before = queries_of(client, url(name))
    for _ in range(2):
        spend.ExpenseFactory(plan=rows.plan, authorisation=rows.authorisation, school=rows.scenarioschool.school)
        spend.FctvaRegimeFactory(authority=rows.plan.authority)
    assert queries_of(client, url(name)) == before


def test_pages_cost_the_same_at_any_size(client_as: Any, rows: Any, compute: Any) -> None:
    client = client_as("finance")
    addresses = [url("plan_execution", rows.plan.pk), url("expense_detail", rows.expense.pk)]
    compute(rows.scenario)
    before = [queries_of(client, address) for address in addresses]
    for year in (2017, 2019):
        spend.ExpenseFactory(plan=rows.plan, exercise=year, heading=f"poste {year}", fctva=True)
        spend.ExpenseFactory(plan=rows.plan, origin=rows.expense, exercise=year)
        make.LumpSumFactory(scenario=rows.scenario, exercise=year)
    compute(rows.scenario)
    assert [queries_of(client, address) for address in addresses] == before


@pytest.mark.parametrize(
    "query, found",
    [
        ("exercise=2018", 2), ("stage=payment", 1), ("stage=payment&stage=invoice", 2), ("heading=materiel", 1), ("no_heading=true", 1),
        ("account=218", 1), ("supplier=durand", 1), ("ttc_min=2%20000", 1), ("ttc_max=1200,00", 1), ("dated_on_after=2018-06-01", 1),
        ("section=fonctionnement", 1), ("q=chariots", 1), ("exercise=99999999999999999999999", 0), ("ttc_min=x", 0), ("stage=x", 0),
        ("plan=99999999999999999999", 0), ("fctva=true", 1),
    ],
)  # fmt: skip
def test_expenses_are_filtered(client_as: Any, authority: Any, query: str, found: int) -> None:
    plan = make.PlanFactory(authority=authority)
    spend.ExpenseFactory(plan=plan, account="21831", fctva=True)
    spend.ExpenseFactory(
        plan=plan, stage="invoice", heading="", supplier="Durand", ht=200_000, vat=0, dated_on=date(2018, 7, 1),
        section="fonctionnement", label="Chariots", account="6156",
    )  # fmt: skip
    response = client_as("finance").get(f"/depenses/?{query}")
    assert response.status_code == 200
    assert len(re.findall(r'<th scope="row"><a href="/depenses/\d+/">', text_of(response))) == found


def test_an_amount_in_a_chip_is_in_euros(client_as: Any, rows: Any) -> None:
    assert f"<b>{display_euros(150_050)}</b>" in text_of(client_as("finance").get("/depenses/?ttc_min=1500,5"))


def payload(plan: Any, **values: Any) -> dict[str, Any]:
    return {
        "plan": plan.pk, "stage": "commitment", "piece": "E1", "exercise": 2018, "dated_on": "2018-05-03", "label": "Tablettes",
        "section": "investissement", "ht": "1 000,00", "vat": "200", **values,
    }  # fmt: skip


def test_from_the_commitment_to_the_payment(client_as: Any, rows: Any) -> None:
    client = client_as("finance")
    made = client.post("/depenses/nouveau/", payload(rows.plan, heading="cablage", act="2018-12"))
    order = Expense.objects.get(stage="commitment")
    assert made.headers["Location"] == f"/depenses/{order.pk}/"
    assert f"/depenses/nouveau/?origin={order.pk}" in text_of(client.get(f"/depenses/{order.pk}/"))
    page = text_of(client.get(f"/depenses/nouveau/?origin={order.pk}"))
    for value in ('value="1000,00"', 'value="cablage"', 'value="2018-12"', '<option value="invoice" selected>'):
        assert value in page, value
    client.post(
        "/depenses/nouveau/", payload(rows.plan, stage="invoice", piece="F1", ht="700", vat="140", origin=order.pk)
    )
    assert 'value="300,00"' in text_of(client.get(f"/depenses/nouveau/?origin={order.pk}"))
    client.post(
        "/depenses/nouveau/", payload(rows.plan, stage="invoice", piece="F2", ht="301", vat="60", origin=order.pk)
    )
    page = text_of(client.get(f"/depenses/{order.pk}/"))
    assert "Les factures de la pièce" in page
    assert "F2" in page
    assert client.get("/depenses/nouveau/?origin=999999").status_code == 404


def test_the_usual_account_of_a_heading_is_taken(client_as: Any, rows: Any) -> None:
    spend.HeadingFactory(authority=rows.plan.authority, code="cablage", account="21312")
    client = client_as("finance")
    assert '"cablage": {"account": "21312"' in text_of(client.get("/depenses/nouveau/"))
    client.post("/depenses/nouveau/", payload(rows.plan, heading="cablage"))
    assert Expense.objects.get(piece="E1").account == "21312"
    client.post("/depenses/nouveau/", payload(rows.plan, piece="E2", heading="cablage", section="fonctionnement"))
    assert Expense.objects.get(piece="E2").account == ""


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"ht": "mille"}, "pas un nombre"), ({"exercise": "10" * 30}, "2200"), ({"device": "inconnu"}, "Aucun appareil"),
        ({"piece": "\x00"}, "nul"), ({"dated_on": "hier"}, "date valide"), ({"plan": "x"}, "choix valide"), ({"origin": "9" * 30}, "Origine"),
        ({"ht": "999999999999", "vat": "999999999999"}, "inférieure ou égale"),
    ],
)  # fmt: skip
def test_bad_input_is_told(client_as: Any, rows: Any, values: dict[str, Any], sentence: str) -> None:
    response = client_as("finance").post("/depenses/nouveau/", {**payload(rows.plan), **values})
    assert response.status_code == 422
    assert sentence in unescape(text_of(response)) or sentence == "Origine"


def test_beyond_the_authorisation_is_told_on_its_field(client_as: Any, rows: Any) -> None:
    authorisation = spend.voted(rows.plan, {2018: 100_000})
    response = client_as("finance").post("/depenses/nouveau/", payload(rows.plan, authorisation=authorisation.pk))
    assert response.status_code == 422
    assert "L'engagement dépasse l'autorisation" in unescape(text_of(response))
    assert not Expense.objects.filter(piece="E1").exists()


def test_an_expense_is_deleted_with_a_reason(client_as: Any, rows: Any) -> None:
    authorisation = spend.voted(rows.plan, {2018: 200_000})
    client = client_as("finance")
    client.post("/depenses/nouveau/", payload(rows.plan, authorisation=authorisation.pk))
    expense = Expense.objects.get(piece="E1")
    assert Authorisation.objects.get(pk=authorisation.pk).committed == 120_000
    assert client.post(f"/depenses/{expense.pk}/supprimer/", {"reason": "Doublon"}).status_code == 302
    assert Authorisation.objects.get(pk=authorisation.pk).committed == 0


def a_year(plan: Any, exercise: int, heading: str, section: str = "investissement") -> None:
    for stage, ht in (("commitment", 310_033), ("invoice", 200_011), ("payment", 150_007), ("payment", -1_003)):
        spend.ExpenseFactory(
            plan=plan, exercise=exercise, heading=heading, section=section, stage=stage, ht=ht, vat=ht // 5, fctva=True
        )


def sum_behind(client: Client, address: str) -> int:
    """The sum of the rows of a list, as its export gives them."""
    stages = parse_qs(urlsplit(address).query).get("stage", [])
    joint = "&" if "?" in address else "?"
    text = client.get(f"{address}{joint}format=csv&columns=stage,ttc").content.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    amounts = [(row.get("Étape"), cents(row["TTC"])) for row in found]
    if len(stages) < 2:
        return sum(amount for _, amount in amounts)
    return sum(amount if stage == "Engagement" else -amount for stage, amount in amounts)


def test_every_figure_of_the_execution_page_is_the_sum_of_the_rows_it_opens(
    client_as: Any, rows: Any, other_rows: Any, compute: Any
) -> None:
    for exercise, heading in ((2017, "materiel"), (2018, "câblage & réseau"), (2018, "")):
        a_year(rows.plan, exercise, heading)
    a_year(rows.plan, 2018, "ent", "fonctionnement")
    a_year(make.PlanFactory(authority=rows.plan.authority), 2018, "materiel")
    make.LumpSumFactory(scenario=rows.scenario, exercise=2018, heading="câblage & réseau", amount_ht=777_777)
    spend.FctvaRegimeFactory(authority=rows.plan.authority, from_exercise=2010)
    compute(rows.scenario)
    client = client_as("elected")
    page = text_of(client.get(f"/plans/{rows.plan.pk}/execution/"))
    links = re.findall(r'<a href="(/(?:depenses|calculs)/[^"]*)">([^<]*€)</a>', page)
    assert len(links) > 60
    for address, shown in links:
        assert display_euros(sum_behind(client, unescape(address))) == shown, address
    tiles = re.findall(r'<a href="(/(?:depenses|calculs)/[^"]*)">[^<]*</a></span><span class="figure">([^<]*)<', page)
    assert len(tiles) == 5
    for address, shown in tiles:
        assert display_euros(sum_behind(client, unescape(address))) == shown.strip(), address


def test_execution_adds_up_and_is_exported(client_as: Any, rows: Any, compute: Any) -> None:
    a_year(rows.plan, 2018, "materiel")
    compute(rows.scenario)
    client = client_as("finance")
    text = client.get(f"/plans/{rows.plan.pk}/execution/?format=csv").content.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    total = {
        name: sum(cents(row[name]) for row in found)
        for name in ("Prévu", "Engagé", "Payé", "Reste à payer", "Reste à engager")
    }
    page = text_of(client.get(f"/plans/{rows.plan.pk}/execution/"))
    for amount in total.values():
        assert display_euros(amount) in page
    assert total["Reste à payer"] == total["Engagé"] - total["Payé"]
    assert client.get(f"/plans/{rows.plan.pk}/execution/?format=xlsx").content[:2] == b"PK"
    assert client.get(f"/plans/{rows.plan.pk}/execution/?run=9{'9' * 40}").status_code == 200


def test_an_empty_plan_says_what_to_do(client_as: Any, authority: Any) -> None:
    plan = make.PlanFactory(authority=authority)
    page = text_of(client_as("finance").get(f"/plans/{plan.pk}/execution/"))
    assert "Importer le fichier d'exécution" in unescape(page)
    assert f"{import_url('import_create')}?kind=governance.expenses&plan={plan.pk}" in unescape(page)
    assert "Importer un fichier" not in text_of(client_as("elected").get(f"/plans/{plan.pk}/execution/"))


def test_regimes_are_kept_and_refused_out_of_bounds(client_as: Any, authority: Any) -> None:
    client = client_as("finance")
    data = {"authority": authority.pk, "from_exercise": 2018, "lag_years": 1, "rate": "16,404"}
    for wrong in ({"rate": "100,1"}, {"lag_years": 3}, {"rate": ""}, {"from_exercise": "x"}):
        assert client.post("/regimes-fctva/nouveau/", {**data, **wrong}).status_code == 422
    assert client.post("/regimes-fctva/nouveau/", data).status_code == 302
    regime = FctvaRegime.objects.get()
    assert "16\u202f404,00" in text_of(client.get(f"/regimes-fctva/{regime.pk}/"))
    assert client.post("/regimes-fctva/nouveau/", data).status_code == 422


def test_a_file_from_its_sending_to_its_undoing(
    client_as: Any, rows: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_as("finance")
    lines = "Pièce;Type;Date;Montant\nM1;mandat;03/05/2018;12,00\nM2;troc;03/05/2018;1\n"
    file = SimpleUploadedFile("mandats.csv", lines.encode())
    create = f"{import_url('import_create')}?kind=governance.expenses&plan={rows.plan.pk}"
    make.PlanFactory(authority=rows.plan.authority)
    sent = client.post(create, {"authority": rows.plan.authority_id, "file": file})
    session = ImportSession.objects.latest("pk")
    assert (sent.headers["Location"], session.options) == (
        import_url("import_columns", session.pk),
        {"plan": str(rows.plan.pk)},
    )
    address = import_url("import_detail", session.pk)
    assert "Indiquer ce que contient chaque colonne" in text_of(client.get(address))
    columns = sent.headers["Location"]
    assert "Premières lignes du fichier" in text_of(client.get(columns))
    told = {"opt-plan": rows.plan.pk, "col-piece": "Pièce", "col-dated_on": "Date", "col-ttc": "Montant"}
    assert client.post(columns, {"opt-plan": rows.plan.pk, "col-piece": "Pièce"}).status_code == 422
    assert "déjà indiquée" in text_of(client.post(columns, {**told, "col-ht": "Montant"}))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(columns, {**told, "col-stage": "Type"}).headers["Location"] == address
    page = text_of(client.get(address))
    assert "Importer la bonne ligne" in page
    assert "troc" in page
    session.refresh_from_db()
    assert client.get(f"/documents/{session.errors_id}/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post(import_url("import_apply", session.pk))
    expense = Expense.objects.get(piece="M1")
    listed = text_of(client.get(f"{url('expense_list')}?imported={session.pk}"))
    assert re.findall(r'<th scope="row"><a href="/depenses/(\d+)/">', listed) == [str(expense.pk)]
    assert address in text_of(client.get(url("expense_detail", expense.pk)))
    assert address not in text_of(client_as("elected").get(url("expense_detail", expense.pk)))
    assert "Annuler l" in text_of(client.get(address))
    assert ColumnMapping.objects.get().columns["ttc"] == "Montant"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(import_url("import_undo", session.pk), {"reason": "Mauvais fichier"})
    assert not Expense.objects.filter(piece="M1").exists()
    assert "Annulé" in text_of(client.get(address))


def test_api_writes_signed_amounts_in_scope(client_as: Any, rows: Any, other_rows: Any) -> None:
    client = client_as("finance")
    body = {
        "plan": rows.plan.pk, "stage": "payment", "piece": "API", "exercise": 2018, "dated_on": "2018-05-03", "label": "Avoir",
        "ht": "-100.00", "vat": "-20.00",
    }  # fmt: skip
    made = client.post("/api/v1/depenses/", body, content_type="application/json")
    assert (made.status_code, made.json()["ttc"]) == (201, "-120.00")
    one = f"/api/v1/depenses/{made.json()['id']}/"
    assert client.patch(one, {"ht": "-50.00"}, content_type="application/json").json()["ttc"] == "-70.00"
    for wrong in (
        {"ht": "--1"},
        {"ht": 12},
        {"plan": other_rows.plan.pk},
        {"exercise": 10**30},
        {"origin": other_rows.expense.pk},
    ):
        assert client.patch(one, wrong, content_type="application/json").status_code == 400
    assert client_as("education").patch(one, {}, content_type="application/json").status_code == 403
    assert client_as("finance", other_rows.plan.authority).get(one).status_code == 404
    assert client.get("/api/v1/depenses/?stage=payment&ttc_max=0").json()["count"] == 1
    assert client.delete(one).status_code == 204
    assert client.get("/api/v1/imports-de-depenses/").status_code == 404


def test_api_keeps_regimes(client_as: Any, authority: Any) -> None:
    client = client_as("finance")
    body = {"authority": authority.pk, "from_exercise": 2018, "lag_years": 0, "rate": 164_040}
    assert client.post("/api/v1/regimes-fctva/", body, content_type="application/json").status_code == 201
    for wrong in ({"lag_years": 3}, {"rate": 1_000_001}):
        body |= {"from_exercise": 2020, **wrong}
        assert client.post("/api/v1/regimes-fctva/", body, content_type="application/json").status_code == 400


def test_amounts_are_said_to_be_proposed_only_where_they_are(client_as: Any, authority: Any) -> None:
    plan, client = make.PlanFactory(authority=authority), client_as("finance")
    order = spend.ExpenseFactory(plan=plan, stage="commitment")
    paid = spend.ExpenseFactory(plan=plan, stage="payment", origin=order, ht=50_000, vat=0)
    told = "Les montants proposés sont ce qu'il en reste"
    assert told in text_of(client.get(url("expense_create"), {"origin": order.pk}))
    assert told not in text_of(client.get(url("expense_create"), {"origin": paid.pk}))
    assert told not in text_of(client.get(url("expense_edit", paid.pk)))
