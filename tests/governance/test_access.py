"""Every address of the app: the anonymous, a role without the right, another authority, the right role."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.api import routes
from tests.factories.governance import ScenarioFactory
from tests.factories.programme import programme_of
from tests.factories.subsidies import money_rows

CRUD = ("plan", "scenario", "funder", "partner", "convention", "committee", "meeting", "action")
PARTS = (
    "phase", "plancommitment", "scenarioschool", "statedperimeter", "scenariophase", "scenariocap", "lumpsum",
    "recurringcost", "fundingline", "announcedamount", "conventioncommitment", "seat", "agendaitem", "decision",
)  # fmt: skip
LISTS = [*(f"{name}_list" for name in CRUD), "scenarioschool_list", "run_list"]
CREATES = [f"{name}_create" for name in (*CRUD, *PARTS)]
DETAILS = [*((f"{name}_detail", name) for name in CRUD), *((f"scenario_{tab}", "scenario") for tab in ("data", "runs"))]
EDITS = [(f"{name}_{verb}", name) for name in (*CRUD, *PARTS) for verb in ("edit", "delete")]
HISTORIES = [(f"{name}_history", name) for name in (*CRUD, *PARTS)]
COMMANDS = [
    *((f"scenario_{verb}", "scenario") for verb in ("compute", "report", "archive", "duplicate", "fill")),
    *((f"meeting_{verb}", "meeting") for verb in ("open", "close")),
    ("action_done", "action"),
]
NATIONAL = {"comptes", "dispositifs"}  # the same rows for every authority
RANKED = {"ecarts-au-classement", "places-arretees"}  # tests/governance/test_ranking_pages.py
RUN_PAGES = ("run_detail", "run_lines", "run_schools")


def url(name: str, *args: Any) -> str:
    return reverse(f"governance:{name}", args=args)


@pytest.mark.parametrize("name", [*LISTS, *CREATES])
def test_pages_without_row(client_as: Any, rows: Any, name: str) -> None:
    refused = "elected" if name.endswith("_create") else "partner"
    assert Client().get(url(name)).headers["Location"].startswith("/compte/login/")
    assert client_as(refused).get(url(name)).status_code == 403
    assert client_as("education").get(url(name)).status_code == 200


@pytest.mark.parametrize("name, kind", [*DETAILS, *EDITS, *HISTORIES])
def test_pages_of_a_row(client_as: Any, rows: Any, other_authority: Any, name: str, kind: str) -> None:
    address = url(name, getattr(rows, kind).pk)
    refused = "elected" if (name, kind) in EDITS else "partner"
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as(refused).get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    assert client_as("education").get(address).status_code == 200


@pytest.mark.parametrize("name, kind", COMMANDS)
def test_commands(client_as: Any, rows: Any, other_authority: Any, name: str, kind: str) -> None:
    address = url(name, getattr(rows, kind).pk)
    assert Client().post(address).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").post(address).status_code == 403
    assert client_as("education", other_authority).post(address).status_code == 404
    client = client_as("education")
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302


@pytest.mark.parametrize("name, kind", EDITS)
def test_writing_needs_the_right_and_the_authority(
    client_as: Any, rows: Any, other_authority: Any, name: str, kind: str
) -> None:
    row = getattr(rows, kind)
    address = url(name, row.pk)
    assert client_as("elected").post(address).status_code == 403
    assert client_as("education", other_authority).post(address).status_code == 404
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", RUN_PAGES)
def test_pages_of_a_run(client_as: Any, rows: Any, other_authority: Any, compute: Any, name: str) -> None:
    address = url(name, compute(rows.scenario).pk)
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("partner").get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    assert client_as("elected").get(address).status_code == 200


@pytest.mark.parametrize("prefix", [prefix for prefix, _ in routes if prefix not in RANKED])
def test_api_lists_only_own_rows(
    client_as: Any, rows: Any, other_rows: Any, other_authority: Any, compute: Any, prefix: str
) -> None:
    run = compute(rows.scenario)
    programme_of(rows.scenario)
    money_rows(rows.plan, run)
    address = f"/api/v1/{prefix}/"
    assert Client().get(address).status_code == 403
    assert client_as("partner").get(address).status_code == 403
    mine = client_as("education").get(address).json()
    assert mine["count"] >= 1
    one = f"{address}{mine['results'][0]['id']}/"
    assert client_as("elected").get(one).status_code == 200
    assert client_as("education", other_authority).get(one).status_code == (200 if prefix in NATIONAL else 404)
    assert client_as("elected").delete(one).status_code in {403, 405}
    assert client_as("education", other_authority).delete(one).status_code in {404, 405, 403}


@pytest.mark.parametrize("verb", ["compute", "report", "adopt"])
def test_api_commands(client_as: Any, rows: Any, other_authority: Any, verb: str) -> None:
    address = f"/api/v1/scenarios/{rows.scenario.pk}/{verb}/"
    assert Client().post(address).status_code == 403
    assert client_as("elected").post(address).status_code == 403
    assert client_as("education", other_authority).post(address).status_code == 404
    assert client_as("education").post(address).status_code in {202, 400}


def test_api_comparison(client_as: Any, rows: Any, other_authority: Any, compute: Any) -> None:
    other = ScenarioFactory(plan=rows.plan, rule_set=rows.scenario.rule_set, school_year=2018)
    for scenario in (rows.scenario, other):
        compute(scenario)
    address = f"/api/v1/scenarios/comparison/?scenarios={rows.scenario.pk},{other.pk}"
    assert Client().get(address).status_code == 403
    assert client_as("partner").get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    for role in ("elected", "education", "finance"):
        assert client_as(role).get(address).status_code == 200
    assert client_as("education").post(address).status_code == 405
