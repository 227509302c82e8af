"""Accounts and schemes of aid as dated rows, their pages, and a scheme applied to a scenario; headings named by the authority."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from governance.management.commands.load_reference import TABLE
from governance.models import Account, Funder, FundingLine, FundingPreset, Heading
from governance.services.reference import funding_line_from_preset, save_account, save_preset
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories import subsidies as grants


@pytest.fixture
def scenario(authority: Any) -> Any:
    return make.ScenarioFactory(plan__authority=authority)


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def loaded() -> str:
    out = io.StringIO()
    call_command("load_reference", stdout=out)
    return out.getvalue()


def test_reference_is_loaded_once_and_what_was_changed_stays(db: Any) -> None:
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    assert loaded().startswith(str(len(rows["accounts"]) + len(rows["presets"])))
    FundingPreset.objects.filter(code="detr").update(rate=400_000)
    assert loaded().startswith("0 ")
    assert FundingPreset.objects.get(code="detr").rate == 400_000


def test_only_what_a_source_says_is_verified(db: Any) -> None:
    """domain-rules 5.2, 5.4, 5.5: nothing from general knowledge is shown as settled."""
    loaded()
    assert set(Account.objects.filter(verified=True).values_list("code", flat=True)) == {
        "2031", "2033", "2051", "2181", "21831", "21841", "611", "6156",
    }  # fmt: skip
    sourced = set(FundingPreset.objects.filter(verified=True).values_list("code", flat=True))
    assert sourced == {"detr", "tne-86-moins-200k", "tne-86-plus-200k", "tne-86-ressources"}
    assert not Account.objects.filter(verified=True, source="").exists()
    assert not FundingPreset.objects.filter(verified=True, source="").exists()
    for row in [*Account.objects.all(), *FundingPreset.objects.all()]:
        row.full_clean()


@pytest.mark.parametrize("kind, service", [(FundingPreset, save_preset), (Account, save_account)])
def test_what_is_verified_cites_its_source(db: Any, kind: Any, service: Any) -> None:
    row = kind(code="x", label="X", verified=True, source=" ")
    with pytest.raises(DomainError, match="cite sa source") as caught:
        service(instance=row, by=None)
    assert caught.value.field == "source"


def test_snee_gives_tiers_under_a_cap_per_class(scenario: Any, compute: Any) -> None:
    """70 % up to 200 000 €, 50 % beyond, of at most 3 500 € per class (domain-rules 5.5)."""
    loaded()
    scenario.school_year = 2018
    scenario.save()
    make.equipped_school(scenario, classes=80, pupils=20)
    make.ScenarioPhaseFactory(scenario=scenario)
    make.LumpSumFactory(scenario=scenario, amount_ht=100_000_000)
    line = funding_line_from_preset(
        scenario=scenario, preset=FundingPreset.objects.get(code="snee-equipement"), by=None
    )
    assert line.source.startswith("SNEE, équipement et réseaux : à vérifier")
    grant = compute(scenario).grant_rows.get(code=line.code)
    assert (grant.base, grant.amount) == (28_000_000, 14_000_000 + 4_000_000)


def test_a_scheme_fills_a_line_and_makes_its_funder_once(scenario: Any) -> None:
    preset = grants.FundingPresetFactory(code="detr", label="DETR", verified=True, source="CGCT")
    first = funding_line_from_preset(scenario=scenario, preset=preset, by=None)
    again = funding_line_from_preset(scenario=scenario, preset=preset, by=None, values={"amount": 5_000})
    assert (first.code, first.rate, first.source, first.position) == ("detr", 300_000, "DETR : CGCT", 1)
    assert (again.code, again.rate, again.amount, again.position) == ("detr-2", None, 5_000, 2)
    assert first.funder == again.funder
    assert Funder.objects.get(authority=scenario.plan.authority).name == "DETR"


def test_a_scheme_without_rate_asks_for_one_and_a_closed_scenario_refuses(scenario: Any) -> None:
    preset = grants.FundingPresetFactory(rate=None)
    with pytest.raises(DomainError, match="donner un taux") as caught:
        funding_line_from_preset(scenario=scenario, preset=preset, by=None)
    assert caught.value.field == "rate"
    scenario.state = "archived"
    scenario.save()
    with pytest.raises(DomainError, match="ne changent plus"):
        funding_line_from_preset(scenario=scenario, preset=preset, by=None, values={"rate": 1})
    assert not FundingLine.objects.exists()
    assert not Funder.objects.exists()


def test_a_scheme_is_added_from_the_page_with_other_figures(client_as: Any, scenario: Any) -> None:
    preset = grants.FundingPresetFactory(label="DSIL", rate=None)
    client = client_as("education")
    page = text_of(client.get(url("scenario_presets", scenario.pk)))
    assert "à vérifier" in page
    address = f"{url('fundingline_from_preset')}?scenario={scenario.pk}&preset={preset.pk}"
    assert address.replace("&", "&amp;") in page
    form = client.get(address).context["form"]
    values = {name: value for name in form.fields if (value := form[name].value())}
    assert client.post(address, values).status_code == 422
    assert client.post(address, {**values, "rate": "30"}).headers["Location"] == url("scenario_data", scenario.pk)
    line = FundingLine.objects.get(scenario=scenario)
    assert (line.rate, line.funder.name, line.source) == (300_000, "DSIL", "DSIL : à vérifier")
    assert "à vérifier" in text_of(client.get(url("scenario_data", scenario.pk)))
    for wrong in ("0", "x", "9" * 30, ""):
        assert client.get(f"{url('fundingline_from_preset')}?scenario={scenario.pk}&preset={wrong}").status_code == 404


def test_pages_say_what_is_to_be_checked(client_as: Any, scenario: Any) -> None:
    loaded()
    client = client_as("elected")
    accounts, presets = text_of(client.get("/comptes/")), text_of(client.get("/dispositifs/"))
    assert "à vérifier" in accounts
    assert "lystore" in accounts
    assert "R2334-27" in presets
    assert "à vérifier" in text_of(client.get("/dispositifs/?verified=false&format=csv")).replace(";", " ")
    snee = FundingPreset.objects.get(code="snee-equipement")
    detail = text_of(client.get(url("fundingpreset_detail", snee.pk)))
    for shown in ("à vérifier", "70 % jusqu&#x27;à 200 000,00 €, puis 50 %", "Au plus 3 500 € par classe"):
        assert shown in detail, shown
    account = Account.objects.get(code="21312")
    assert "à vérifier" in text_of(client.get(url("account_detail", account.pk)))


NATIONAL = [("account", "account_list"), ("fundingpreset", "fundingpreset_list")]


@pytest.mark.parametrize("kind, listed", NATIONAL)
def test_national_rows_are_read_with_the_money_and_kept_by_administrators(
    client_as: Any, scenario: Any, kind: str, listed: str
) -> None:
    row = grants.money_rows(scenario.plan)[kind]
    reading = [url(listed), url(f"{kind}_detail", row.pk)]
    writing = [url(f"{kind}_create"), url(f"{kind}_edit", row.pk)]
    for address in [*reading, *writing, url(f"{kind}_history", row.pk)]:
        assert Client().get(address).headers["Location"].startswith("/compte/login/")
        assert client_as("partner").get(address).status_code == 403
        assert client_as("administrator").get(address).status_code == 200
    for address in reading:
        assert client_as("elected").get(address).status_code == 200
        assert client_as("academy").get(address).status_code == 403
    for address in writing:
        assert client_as("finance").get(address).status_code == 403
        assert client_as("finance").post(address).status_code == 403
    form = client_as("administrator").get(writing[1]).context["form"]
    values = {name: value for name in form.fields if (value := form[name].value())}
    version = {"row_version": client_as("administrator").get(writing[1]).context["row_version"]}
    answer = client_as("administrator").post(writing[1], {**values, **version, "label": "Autre intitulé"})
    assert answer.headers["Location"] == reading[1]
    row.refresh_from_db()
    assert row.label == "Autre intitulé"


def test_a_heading_is_named_as_the_authority_calls_it(client_as: Any, scenario: Any, compute: Any) -> None:
    make.metz(scenario)
    compute(scenario)
    client = client_as("finance")
    page = text_of(client.get(f"/scenarios/{scenario.pk}/"))
    assert "Materiel" in page
    answer = client.post(
        url("heading_create"),
        {"authority": scenario.plan.authority_id, "code": "materiel", "label": "Équipement des classes", "section": "investissement"},
    )  # fmt: skip
    heading = Heading.objects.get()
    assert answer.headers["Location"] == url("heading_detail", heading.pk)
    for address in (f"/scenarios/{scenario.pk}/", f"/scenarios/{scenario.pk}/donnees/"):
        assert "Équipement des classes" in text_of(client.get(address)), address
