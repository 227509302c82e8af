"""Scenarios side by side over HTTP: the figures of the page, in whole cents, to who sees them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance import queries, reports
from governance.models import BudgetExercise, BudgetLine, Scenario
from governance.reports.compared_figures import RATE
from plan_numerique.accounts.models import User
from plan_numerique.shared.money import display_euros
from plan_numerique.web.templatetags.web import integer, rate
from tests.factories import governance as make
from tests.factories.accounts import MembershipFactory
from tests.factories.governance_comparison import two_paces

ADDRESS = "/api/v1/scenarios/comparison/"
DASH = "—"


@pytest.fixture
def paces(authority: Any, compute: Any) -> tuple[Scenario, Scenario]:
    slow, fast = two_paces(authority)
    compute(slow)
    compute(fast)
    return slow, fast


def asked(*scenarios: Any) -> str:
    return f"{ADDRESS}?scenarios={','.join(str(getattr(row, 'pk', row)) for row in scenarios)}"


def page(*scenarios: Scenario) -> str:
    return "/scenarios/comparer/?" + "&".join(f"s={row.pk}" for row in scenarios)


def refusal(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    (message,) = answer.json()["scenarios"]
    return str(message)


@pytest.mark.parametrize("role", ["finance", "academy"])
def test_every_figure_is_that_of_the_page(client_as: Any, paces: Any, role: str) -> None:
    client = client_as(role)
    found = client.get(asked(*paces)).json()
    shown = client.get(page(*paces)).context
    assert [group["label"] for group in found["groups"]] == [group["label"] for group in shown["groups"]]
    for mine, theirs in zip(found["groups"], shown["groups"], strict=True):
        for figure, row in zip(mine["figures"], theirs["rows"], strict=True):
            assert figure["label"] == row["label"]
            assert [reports.shown(figure["kind"], value) for value in figure["values"]] == [
                cell["text"] for cell in row["cells"]
            ]
            assert [reports.shown_difference(figure["kind"], gap) for gap in figure["differences"]] == [
                cell["gap"] for cell in row["cells"]
            ]
    assert [str(each["exercise"]) for each in found["exercises"]] == [each["exercise"] for each in shown["exercises"]]
    for mine, theirs in zip(found["exercises"], shown["exercises"], strict=True):
        for year, row in zip(mine["years"], theirs["rows"], strict=True):
            counts = [integer(year[key]) if year[key] else DASH for key in ("schools", "classes", "pupils")]
            amounts = [display_euros(year[key]) if year[key] else DASH for key in ("ht", "ttc")]
            assert counts == [cell["text"] for cell in row["counts"]]
            assert amounts == [cell["text"] for cell in row["amounts"]]
            assert display_euros(year["cumulative_ttc"]) == row["cumulative"]
    assert [str(year) for year in found["empty_exercises"]] == shown["empty_years"]
    assert [each["funder"] for each in found["funders"]] == [row["funder"] for row in shown["funding"]["rows"]]
    for mine, theirs in zip(found["funders"], shown["funding"]["rows"], strict=True):
        for grant, cell in zip(mine["grants"], theirs["cells"], strict=True):
            assert (display_euros(grant["amount"]) if grant else DASH) == cell["text"]
            if grant:
                assert cell["note"] == f"{grant['rule']} ; base {grant['base_label']} : {display_euros(grant['base'])}"
    for share, own in zip(found["shares"], shown["funding"]["own"], strict=True):
        assert display_euros(share["own_share_ht"]) == own["text"]
        assert own["note"] == f"{rate(share['own_share_rate'])} de {display_euros(share['own_share_base'])} HT"
    assert [row["sentence"] for row in found["scenarios"]] == [head["sentence"] for head in shown["heads"]]
    apart = [row["label"] for row in found["settings"] if row["differs"]]
    assert apart == [setting.label for setting in shown["apart"]]
    assert found["explained"] == shown["explained"]


def test_amounts_are_whole_cents_that_the_lines_add_up_to(client_as: Any, paces: Any) -> None:
    found = client_as("elected").get(asked(*paces)).json()
    figures = {figure["key"]: figure for group in found["groups"] for figure in group["figures"]}
    for rank, row in enumerate(found["scenarios"]):
        lines = list(BudgetLine.objects.filter(run=row["run"]))
        assert figures["ttc"]["values"][rank] == sum(line.ttc for line in lines)
        assert sum(each["years"][rank]["ttc"] for each in found["exercises"]) == sum(line.ttc for line in lines)
        assert figures["grants"]["values"][rank] == found["shares"][rank]["grants"]
        assert found["exercises"][-1]["years"][rank]["cumulative_ttc"] == figures["ttc"]["values"][rank]
    kinds = {figure["kind"] for figure in figures.values()}
    assert kinds == {"count", "euros", RATE}
    assert all(type(value) is int for value in figures["ttc"]["values"])


def test_first_is_the_reference(client_as: Any, paces: Any) -> None:
    slow, fast = paces
    client = client_as("education")

    def ttc(*scenarios: Scenario) -> dict[str, Any]:
        found = client.get(asked(*scenarios)).json()
        assert [row["scenario"] for row in found["scenarios"]] == [row.pk for row in scenarios]
        return next(
            figure for group in found["groups"] for figure in group["figures"] if figure["key"] == "own_share_ht"
        )

    first, turned = ttc(slow, fast), ttc(fast, slow)
    assert first["values"] == turned["values"][::-1]
    assert first["differences"][0] is None
    assert first["differences"][1] == -turned["differences"][1] != 0


def test_scenario_without_figures_is_named_and_one_that_changed_is_told(client_as: Any, paces: Any) -> None:
    slow, fast = paces
    fresh = make.ScenarioFactory(plan=slow.plan, name="Brouillon synthétique")
    client = client_as("finance")
    found = client.get(asked(fresh, slow, fast)).json()
    assert found["not_computed"] == [fresh.pk]
    assert [(row["scenario"], row["changed"]) for row in found["scenarios"]] == [(slow.pk, False), (fast.pk, False)]
    fast.funding_lines.update(rate=1)
    found = client.get(asked(slow, fast)).json()
    assert [row["changed"] for row in found["scenarios"]] == [False, True]
    told = refusal(client.get(asked(slow, fresh)))
    assert told.startswith("« Brouillon synthétique » : pas de calcul terminé")


def test_run_that_does_not_add_up_is_refused(client_as: Any, paces: Any) -> None:
    BudgetExercise.objects.filter(run=queries.latest_run(paces[0]), exercise=2016).update(ht=1)
    answer = client_as("finance").get(asked(*paces))
    assert answer.status_code == 400
    assert "relancer son calcul" in answer.json()["non_field_errors"][0]


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "Il manque les scénarios"),
        (" ", "Il manque les scénarios"),
        ("{0}", "1 scénario :"),
        ("{0},{0}", "1 scénario :"),
        ("{0},1000001,1000002,1000003,1000004", "5 scénarios :"),
        ("{0},abc", "« abc » n'est pas le numéro d'un scénario"),
        ("{0},", "«  » n'est pas le numéro d'un scénario"),
        ("{0};{1}", "n'est pas le numéro d'un scénario"),
        ("{0},-1", "« -1 »"),
        ("{0},1.5", "« 1.5 »"),
        ("{0},²", "« ² »"),
        ("{0},%00", "n'est pas le numéro d'un scénario"),
        ("{0}," + "9" * 19, "« 9999999999999999999 »"),
        ("{0}," + "9" * 5000, f"« {'9' * 40} »"),
    ],
)
def test_bad_question_is_told_by_its_field(client_as: Any, paces: Any, text: str, told: str) -> None:
    message = refusal(client_as("finance").get(f"{ADDRESS}?scenarios={text.format(paces[0].pk, paces[1].pk)}"))
    assert told in message
    assert "de 2 à 4 scénarios de la même collectivité, « 12,15 », le premier étant la référence." in message


def test_question_left_out_is_told(client_as: Any, paces: Any) -> None:
    assert "Il manque les scénarios" in refusal(client_as("finance").get(ADDRESS))


@pytest.mark.parametrize("unknown", ["0", "1000001", "9" * 18])
def test_unseen_scenario_is_not_there(client_as: Any, paces: Any, other_authority: Any, unknown: str) -> None:
    client = client_as("finance")
    foreign = make.ScenarioFactory(plan__authority=other_authority)
    assert client.get(asked(paces[0], unknown)).status_code == 404
    assert client.get(asked(paces[0], foreign)).status_code == 404


def test_scenarios_of_two_authorities_are_not_compared(user_as: Any, paces: Any, other_authority: Any) -> None:
    user: User = user_as("finance")
    MembershipFactory(user=user, role="finance", authority=other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    foreign = make.ScenarioFactory(plan__authority=other_authority)
    assert "même collectivité" in refusal(client.get(asked(paces[0], foreign)))


def test_access_is_that_of_the_page(client_as: Any, paces: Any, other_authority: Any) -> None:
    address = asked(*paces)
    assert Client().get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    for role in ("administrator", "education", "finance", "elected", "assembly", "academy", "partner", "school"):
        client = client_as(role)
        assert client.get(address).status_code == client.get(page(*paces)).status_code, role
    assert client_as("partner").get(address).status_code == 403
    assert client_as("administrator").post(address).status_code == 405


def test_cost_is_the_same_at_any_size(client_as: Any, authority: Any, compute: Any) -> None:
    client = client_as("education")
    costs = []
    for schools in (1, 4):
        pair = two_paces(authority, schools=schools)
        for row in pair:
            compute(row)
        client.get(asked(*pair))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(asked(*pair)).status_code == 200
        costs.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(*pair)).status_code == 200
        assert costs[-1] < len(captured)
    assert costs[0] == costs[1]


def test_simulation_is_said(client_as: Any, paces: Any) -> None:
    client = client_as("finance")
    assert client.get(asked(*paces)).json()["simulation"] == ""
    Scenario.objects.filter(pk=paces[1].pk).update(simulation_notice="Prix par hypothèse.")
    assert client.get(asked(*paces)).json()["simulation"] == "Prix par hypothèse."
