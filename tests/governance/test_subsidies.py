"""The life of a grant through its service, its pages and the API."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.models import FundingLine, Subsidy, SubsidyStep
from governance.services import subsidies as services
from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories import subsidies as grants

PDF = grants.PDF


@pytest.fixture
def by(user_as: Any) -> User:
    user: User = user_as("finance")
    return user


@pytest.fixture
def plan(authority: Any) -> Any:
    return make.PlanFactory(authority=authority)


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def refused(sentence: str, field: str, **step: Any) -> None:
    with pytest.raises(DomainError, match=sentence) as caught:
        services.record_step(by=None, **step)
    assert caught.value.field == field


def test_creating_begins_the_life_and_records_one_event(plan: Any, by: User) -> None:
    funder = make.FunderFactory(authority=plan.authority)
    subsidy = services.save_subsidy(instance=Subsidy(plan=plan, funder=funder, label="Écrans"), by=by)
    assert [step.state for step in subsidy.steps.all()] == ["envisaged"]
    assert AuditEvent.objects.filter(target_id=str(subsidy.pk), by=by).count() <= 1
    assert AuditEvent.objects.filter(by=by).count() == 1


def test_steps_carry_the_amounts_to_the_grant(plan: Any, by: User) -> None:
    subsidy = grants.granted(plan, amount=100_000)
    before = AuditEvent.objects.count()
    services.record_step(
        subsidy=subsidy, state="advance", on=date(2018, 2, 1), amount=30_000, reference="Titre 12", by=by,
        proof=("arrêté.pdf", PDF),
    )  # fmt: skip
    assert AuditEvent.objects.count() == before + 1
    subsidy.refresh_from_db()
    assert (subsidy.state, subsidy.granted, subsidy.received) == ("advance", 100_000, 30_000)
    step = subsidy.steps.order_by("-pk")[0]
    assert step.document is not None
    assert (step.document.media_type, bytes(step.document.content)) == ("application/pdf", PDF)
    refused(
        "ne dépassent pas",
        "amount",
        subsidy=subsidy,
        state="settled",
        on=date(2018, 3, 1),
        amount=70_001,
        reference="T2",
    )
    services.record_step(
        subsidy=subsidy, state="settled", on=date(2018, 3, 1), amount=70_000, reference="Titre 13", by=by
    )
    assert (subsidy.state, subsidy.received) == ("settled", 100_000)
    refused("est soldée", "state", subsidy=subsidy, state="advance", on=date(2018, 4, 1), amount=1, reference="T4")


def test_a_correction_is_one_more_step(plan: Any, by: User) -> None:
    subsidy = grants.granted(plan)
    services.record_step(subsidy=subsidy, state="advance", on=date(2018, 2, 1), amount=30_000, reference="T1", by=by)
    count = subsidy.steps.count()
    services.record_step(
        subsidy=subsidy, state="advance", on=date(2018, 2, 1), amount=3_000, reference="T1", correction=True, by=by
    )
    assert (subsidy.received, subsidy.steps.count()) == (3_000, count + 1)


def test_unknown_state_and_foreign_rows_are_refused(plan: Any, by: User, other_authority: Any) -> None:
    subsidy = grants.granted(plan)
    refused("Étape inconnue", "state", subsidy=subsidy, state="x" * 10, on=date(2018, 2, 1))
    stranger = make.FunderFactory(authority=other_authority)
    with pytest.raises(ValidationError, match="d'une autre collectivité"):
        services.save_subsidy(instance=Subsidy(plan=plan, funder=stranger, label="X"), by=by)
    line = make.FundingLineFactory(scenario__plan__authority=plan.authority)
    with pytest.raises(ValidationError, match="d'un autre plan"):
        services.save_subsidy(instance=Subsidy(plan=plan, funder=line.funder, funding_line=line, label="X"), by=by)
    subsidy.plan = make.PlanFactory(authority=plan.authority)
    with pytest.raises(DomainError, match="ne change pas de plan"):
        services.save_subsidy(instance=subsidy, by=by)


def test_the_database_bounds_what_is_received(plan: Any) -> None:
    subsidy = grants.granted(plan)
    subsidy.received = 100_001
    with pytest.raises(ValidationError, match="ne dépassent pas le montant notifié"):
        subsidy.full_clean()
    subsidy.received, subsidy.granted = 0, None
    with pytest.raises(ValidationError, match="a son montant"):
        subsidy.full_clean()
    twin = Subsidy(plan=plan, funder=subsidy.funder, label=subsidy.label)
    with pytest.raises(ValidationError, match="déjà cette demande"):
        twin.full_clean()


def test_a_filed_request_is_not_deleted(plan: Any, by: User) -> None:
    with pytest.raises(DomainError, match="ne se supprime plus"):
        services.delete_subsidy(instance=grants.granted(plan), by=by)
    idea = grants.SubsidyFactory(plan=plan)
    services.delete_subsidy(instance=idea, by=by)
    assert not Subsidy.objects.filter(pk=idea.pk).exists()


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("a.exe", PDF, "est un fichier"),
        ("a.pdf", b"MZ" + PDF, "est un fichier"),
        ("a.html", b"<script>", "est un fichier"),
        ("a.svg", b"<svg/>", "est un fichier"),
        ("a.docm", b"PK\x03\x04", "est un fichier"),
        ("pdf", PDF, "est un fichier"),
        ("a.pdf", b"", "vide"),
        ("a.pdf", PDF + b"x" * services.LARGEST_PROOF, "10 Mo"),
    ],
)
def test_a_proof_is_of_a_known_type_and_size(plan: Any, name: str, content: bytes, said: str) -> None:
    subsidy = grants.granted(plan)
    step = {"subsidy": subsidy, "state": "advance", "on": date(2018, 2, 1), "amount": 1, "reference": "T"}
    refused(said, "proof", proof=(name, content), **step)
    assert subsidy.steps.count() == 4
    assert not StoredDocument.objects.exists()


def test_a_proof_keeps_only_the_end_of_its_name(plan: Any, by: User) -> None:
    subsidy = grants.granted(plan)
    kept = services.store_proof(subsidy=subsidy, proof=("..\\..\\etc/pass\x00wd\n.PDF", PDF), by=by)
    assert kept.filename == "passwd.pdf"


def test_deadlines(plan: Any, by: User) -> None:
    row = grants.SubsidyDeadlineFactory(subsidy__plan=plan)
    row.done_on = timezone.localdate() + timedelta(1)
    with pytest.raises(DomainError, match="date passée"):
        services.save_deadline(instance=row, by=by)
    row.done_on = None
    services.finish_deadline(deadline=row, by=by)
    assert row.done_on == timezone.localdate()
    services.delete_deadline(instance=row, by=by)


# Pages


def test_list_filters_and_exports(client_as: Any, plan: Any) -> None:
    today = timezone.localdate()
    late = grants.SubsidyDeadlineFactory(subsidy__plan=plan, due_on=today - timedelta(1)).subsidy
    soon = grants.SubsidyDeadlineFactory(subsidy__plan=plan, due_on=today + timedelta(3)).subsidy
    quiet = grants.SubsidyFactory(plan=plan)
    client = client_as("finance")
    for value, found in (("late", late), ("soon", soon), ("none", quiet)):
        page = text_of(client.get(f"/subventions/?deadline={value}"))
        assert [row for row in (late, soon, quiet) if row.label in page] == [found]
    assert late.label in text_of(client.get(f"/subventions/?plan={plan.pk}&state=envisaged"))
    assert late.label not in text_of(client.get("/subventions/?state=settled"))
    assert len(client.get("/subventions/?format=csv").content.decode().splitlines()) == 4
    assert client.get("/subventions/?format=xlsx").content[:2] == b"PK"


@pytest.mark.parametrize("path", ["/subventions/", "/subventions/{subsidy}/", "/plans/{plan}/financement/", "/postes/", "/comptes/",
                                  "/dispositifs/"])  # fmt: skip
def test_pages_cost_the_same_with_one_and_three_rows(client_as: Any, plan: Any, compute: Any, path: str) -> None:
    scenario = make.metz(make.ScenarioFactory(plan=plan))
    compute(scenario)
    first = grants.money_rows(plan)["subsidy"]
    address = path.format(subsidy=first.pk, plan=plan.pk)
    client = client_as("finance")

    def cost() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    before = cost()
    for _ in range(2):
        grants.money_rows(plan)
        grants.SubsidyStepFactory(subsidy=first)
        grants.SubsidyDeadlineFactory(subsidy=first)
        more = make.metz(make.ScenarioFactory(plan=plan))
        compute(more)
    assert cost() == before


def test_from_the_page_a_grant_goes_to_its_balance(client_as: Any, plan: Any, compute: Any) -> None:
    scenario = make.metz(make.ScenarioFactory(plan=plan))
    compute(scenario)
    line = FundingLine.objects.get(scenario=scenario, code="feder")
    client = client_as("finance")
    form = client.get(url("subsidy_create") + f"?funding_line={line.pk}").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    assert (values["eligible_base"], values["requested"]) == ("1367633,00", "273526,60")
    assert values["rate"] == "20"
    response = client.post(url("subsidy_create"), values)
    subsidy = Subsidy.objects.get()
    assert response.headers["Location"] == url("subsidy_detail", subsidy.pk)
    subsidy.steps.update(on=date(2018, 1, 1))
    steps = (
        {"state": "filed", "on": "2018-01-02", "amount": "273 526,60"},
        {"state": "complete", "on": "2018-01-03"},
        {"state": "notified", "on": "2018-01-04", "amount": "273526,64"},
        {"state": "advance", "on": "2018-01-05", "amount": "82057,99", "reference": "Titre 12"},
        {"state": "settled", "on": "2018-01-06", "amount": "191468,65", "reference": "Titre 40"},
    )
    for step in steps:
        file = SimpleUploadedFile("arrêté.pdf", PDF, "text/html")
        answer = client.post(url("subsidystep_create"), {"subsidy": subsidy.pk, "proof": file, **step})
        assert answer.headers["Location"] == url("subsidy_detail", subsidy.pk), step
    page = text_of(client.get(url("subsidy_detail", subsidy.pk)))
    for shown in ("Soldée", "273 526,64 €", "+0,04 €", "arrêté.pdf", "Le montant notifié n&#x27;est pas le taux"):
        assert shown in page, shown
    assert "Enregistrer une étape" not in text_of(client_as("elected").get(url("subsidy_detail", subsidy.pk)))


def test_a_refused_step_says_why_beside_its_field(client_as: Any, plan: Any) -> None:
    subsidy = grants.granted(plan)
    client = client_as("finance")
    data = {"subsidy": subsidy.pk, "state": "advance", "on": "2018-02-01", "amount": "1000,01", "reference": "T1"}
    answer = client.post(url("subsidystep_create"), data)
    assert answer.status_code == 422
    assert "ne dépassent pas" in answer.context["form"].errors["amount"][0]
    for wrong in (
        {"on": "2018-13-45"},
        {"amount": "1" * 40},
        {"state": "zzz"},
        {"reference": "a\x00b"},
        {"subsidy": "9" * 40},
    ):
        assert client.post(url("subsidystep_create"), {**data, "amount": "1", **wrong}).status_code == 422, wrong
    for file in (SimpleUploadedFile("a.pdf", b""), SimpleUploadedFile("a.html", b"<p>")):
        answer = client.post(url("subsidystep_create"), {**data, "amount": "1", "proof": file})
        assert answer.status_code == 422
        assert "proof" in answer.context["form"].errors


def test_a_proof_is_downloaded_never_shown(client_as: Any, plan: Any, other_authority: Any) -> None:
    subsidy = grants.granted(plan)
    step = services.record_step(
        subsidy=subsidy, state="advance", on=date(2018, 2, 1), amount=1, reference="T", by=None, proof=("a.pdf", PDF)
    )
    address = url("subsidystep_proof", step.pk)
    answer = client_as("elected").get(address)
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client_as("finance", other_authority).get(address).status_code == 404
    assert client_as("partner").get(address).status_code == 403
    assert client_as("finance").get(url("subsidystep_proof", subsidy.steps.order_by("pk")[0].pk)).status_code == 404


def test_detr_rules_are_quoted_with_their_article(client_as: Any, plan: Any) -> None:
    subsidy = grants.granted(
        plan, label="DETR 2018", rate=200_000, eligible_base=500_000, works_start=date(2018, 1, 11)
    )
    client = client_as("finance")
    page = text_of(client.get(url("subsidy_detail", subsidy.pk)))
    for shown in ("R2334-24", "R2334-30", "300,00 €", "800,00 €"):
        assert shown in page, shown
    Subsidy.objects.filter(pk=subsidy.pk).update(label="Autre aide")
    page = text_of(client.get(url("subsidy_detail", subsidy.pk)))
    assert "R2334" not in page
    assert "Commencement avant le dossier complet" in page


def test_deadline_is_done_from_the_page_and_late_ones_are_told_at_home(client_as: Any, plan: Any) -> None:
    row = grants.SubsidyDeadlineFactory(subsidy__plan=plan, due_on=timezone.localdate() - timedelta(2))
    client = client_as("finance")
    for address in (url("subsidy_detail", row.subsidy_id), url("plan_funding", plan.pk), "/"):
        assert "en retard" in text_of(client.get(address)), address
    assert row.label not in text_of(client_as("technician").get("/"))
    assert client_as("technician").post(url("subsidydeadline_done", row.pk)).status_code == 403
    assert client.post(url("subsidydeadline_done", row.pk)).status_code == 302
    row.refresh_from_db()
    assert row.done_on == timezone.localdate()
    assert row.label not in text_of(client.get("/"))


# Who may


PAGES = [
    ("subsidy_list", ""), ("subsidy_detail", "subsidy"), ("subsidy_history", "subsidy"), ("plan_funding", "plan"),
    ("heading_list", ""), ("heading_detail", "heading"), ("heading_history", "heading"),
]  # fmt: skip
WRITES = [
    ("subsidy_create", ""), ("subsidy_edit", "subsidy"), ("subsidy_delete", "subsidy"), ("subsidystep_create", ""),
    ("subsidydeadline_create", ""), ("subsidydeadline_edit", "subsidydeadline"), ("subsidydeadline_delete", "subsidydeadline"),
    ("fundingposting_create", ""), ("fundingposting_edit", "fundingposting"), ("fundingposting_delete", "fundingposting"),
    ("heading_create", ""), ("heading_edit", "heading"), ("heading_delete", "heading"),
]  # fmt: skip


@pytest.mark.parametrize("name, kind", [*PAGES, *WRITES])
def test_access(client_as: Any, plan: Any, other_authority: Any, name: str, kind: str) -> None:
    rows = {"plan": plan, **grants.money_rows(plan)}
    address = url(name, *([rows[kind].pk] if kind else []))
    writing = (name, kind) in WRITES
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("education" if writing else "academy").get(address).status_code == 403
    if kind:
        assert client_as("finance", other_authority).get(address).status_code == 404
    assert client_as("finance").get(address).status_code == 200
    if writing and kind:
        assert client_as("elected").post(address).status_code == 403
        assert client_as("finance", other_authority).post(address).status_code == 404


def test_api_records_steps_and_never_changes_one(client_as: Any, plan: Any, other_authority: Any) -> None:
    subsidy = grants.granted(plan)
    address, client = "/api/v1/etapes-de-subvention/", client_as("finance")
    step = {"subsidy": subsidy.pk, "state": "advance", "on": "2018-02-01", "amount": "300.00", "reference": "T1"}
    assert client.post(address, step, "application/json").status_code == 201
    assert client.post(address, {**step, "amount": "999.00", "reference": "T2"}, "application/json").status_code == 400
    file = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n..", "image/png")
    answer = client.post(address, {**step, "amount": "1.00", "reference": "T3", "proof": file})
    assert answer.status_code == 201
    one = f"{address}{answer.json()['id']}/"
    assert [client.put(one).status_code, client.patch(one).status_code, client.delete(one).status_code] == [405] * 3
    assert client_as("education").post(address, step, "application/json").status_code == 403
    assert client_as("finance", other_authority).post(address, step, "application/json").status_code == 400
    assert client_as("finance", other_authority).get(one).status_code == 404
    subsidy.refresh_from_db()
    assert subsidy.received == 30_100
    assert SubsidyStep.objects.filter(subsidy=subsidy).count() == 6


def test_api_keeps_what_comes_from_the_steps(client_as: Any, plan: Any) -> None:
    funder = make.FunderFactory(authority=plan.authority)
    data = {
        "plan": plan.pk,
        "funder": funder.pk,
        "label": "API",
        "state": "settled",
        "granted": "5.00",
        "received": "5.00",
    }
    answer = client_as("finance").post("/api/v1/subventions/", data, "application/json")
    assert answer.status_code == 201, answer.content
    subsidy = Subsidy.objects.get()
    assert (subsidy.state, subsidy.granted, subsidy.received) == ("envisaged", None, 0)
    assert subsidy.steps.count() == 1
