"""Two people on one step of the wizard: the second is told field by field, and nothing is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from governance import queries, services
from governance.forms.wizard import PricesForm
from governance.models import FundingLine, RecurringCost, Scenario
from governance.queries import ScenarioData
from governance.services.beside import data_at, step_version
from governance.services.steps import stamp
from governance.views.wizard import STEPS
from plan_numerique.accounts.models import User
from tests.factories import governance as make
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.governance.test_board import priced, school
from tests.governance.test_wizard import SLUGS, posted, url

PARTS = {step.slug: step.form.part for step in STEPS}
OTHERS: dict[str, dict[str, Any]] = {
    "territoire": {"which": "chosen"},
    "dotation": {"rule_set": ""},
    "strategie": {"order": "pupils", "placing": "per_year", "per_year": 2},
    "plafond": {"mode": "each", "cap_2017": "4 000,00"},
    "prix": {"renewals": "on", "payment_schedule": "60 ; 40"},
    "services": {"rows-0-unit_price_ht": "12,00", "rows-1-DELETE": "on", "rows-2-label": "Visites", "rows-2-unit_price_ht": "3"},
    "financeurs": {"rows-0-rate": "", "rows-0-tiers": "1000 : 50 ; au-delà : 20", "rows-1-DELETE": "on", "rows-2-new_funder": "Région", "rows-2-rate": "5"},
}  # fmt: skip


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    made = priced(authority, yearly_cap_ttc=500_000)
    for rank in (1, 2, 3):
        school(made, rank, rank)
    make.RecurringCostFactory(scenario=made, code="a", label="ENT", unit_price_ht=1_000, per="pupil", payer="Commune")
    make.RecurringCostFactory(scenario=made, code="b", label="Maintenance", unit_price_ht=2_000, per="class")
    make.FundingLineFactory(scenario=made, position=1, rate=200_000)
    make.FundingLineFactory(scenario=made, position=2, rate=100_000)
    return made


@pytest.fixture
def mine(client_as: Any) -> Client:
    client: Client = client_as("education")
    return client


@pytest.fixture
def colleague(authority: Any) -> User:
    return MembershipFactory(
        role="education", authority=authority, user=UserFactory(full_name="Mme Durand", email="durand@example.org")
    ).user


@pytest.fixture
def theirs(colleague: User) -> Client:
    client = Client()
    client.force_login(colleague, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(client: Client, scenario: Scenario, slug: str) -> dict[str, Any]:
    """What a browser would send of the step as it is shown."""
    response = client.get(url(scenario, slug))
    assert response.status_code == 200
    version = response.context["row_version"]
    assert f'name="row_version" value="{version}"' in response.content.decode()
    return {**posted(response.context["form"]), "row_version": version}


def again(response: Any, **values: Any) -> dict[str, Any]:
    """What a browser would send of the page that tells the conflict."""
    return {**posted(response.context["form"]), "row_version": response.context["row_version"], **values}


def save(client: Client, scenario: Scenario, slug: str, sent: dict[str, Any]) -> None:
    answer = client.post(url(scenario, slug), sent)
    assert answer.status_code == 302, answer.content.decode()


def others_of(client: Client, scenario: Scenario, slug: str) -> dict[str, Any]:
    values = dict(OTHERS[slug])
    if slug == "territoire":
        values["schools"] = [place.school_id for place in scenario.perimeter.order_by("priority_rank")[:2]]
    return {**page_of(client, scenario, slug), **values}


def table_of(response: Any) -> dict[str, tuple[str, ...]]:
    """Field: before, stored meanwhile, typed."""
    page = response.content.decode().replace("&#x27;", "'").replace("\u202f", " ").replace("&nbsp;", " ")
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(<td data-label="Avant">.*?)</tr>', page)
    return {name: tuple(re.findall(r"<td[^>]*>(.*?)</td>", cells)) for name, cells in rows}


def data_of(scenario: Scenario) -> ScenarioData:
    return queries.scenario_data(Scenario.objects.select_related("plan", "rule_set").get(pk=scenario.pk))


def document_of(scenario: Scenario) -> str:
    return queries.canonical(queries.document_of(data_of(scenario)))


TAKEN = "non modifiée : la valeur enregistrée est reprise"


def test_the_second_author_sees_the_table_of_the_edit_pages(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    with travel("2026-11-20 14:05:00+01:00"):
        save(theirs, scenario, "prix", {**others_of(theirs, scenario, "prix"), "price_revision_rate": "2"})
    answer = mine.post(url(scenario, "prix"), sent)
    assert answer.status_code == 422
    page = answer.content.decode().replace("&#x27;", "'")
    assert f"Entre-temps, Mme Durand a modifié « {scenario}, étape Prix »" in page
    assert "14 h 05" in page
    assert table_of(answer) == {
        "Révision annuelle des prix": ("0 %", "2 %", "3 %"),
        "Compter les renouvellements": ("Non", "Oui", TAKEN),
        "Échéancier de paiement": ("—", "60 % ; 40 %", TAKEN),
    }
    assert "Enregistrer ma version" in page
    assert f'<a href="{url(scenario, "prix")}">reprendre ce qui est enregistré</a>' in page
    assert answer.context["form"]["price_revision_rate"].value() == "3"


def test_my_version_replaces_only_what_i_typed(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    save(theirs, scenario, "prix", {**others_of(theirs, scenario, "prix"), "price_revision_rate": "2"})
    told = mine.post(url(scenario, "prix"), sent)
    save(mine, scenario, "prix", again(told))
    scenario.refresh_from_db()
    assert (scenario.price_revision_rate, scenario.renewals, scenario.payment_schedule) == (30_000, True, ["60", "40"])


def test_taking_theirs_shows_what_is_stored(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    save(theirs, scenario, "prix", {**page_of(theirs, scenario, "prix"), "price_revision_rate": "2"})
    told = mine.post(url(scenario, "prix"), sent)
    shown = mine.get(re.search(r'<a href="([^"]+)">reprendre ce qui', told.content.decode())[1])  # type: ignore[index]
    assert shown.context["form"]["price_revision_rate"].value() == "2"
    assert "Entre-temps" not in shown.content.decode()
    save(mine, scenario, "prix", posted(shown.context["form"]) | {"row_version": shown.context["row_version"]})
    scenario.refresh_from_db()
    assert scenario.price_revision_rate == 20_000


@pytest.mark.parametrize("slug", SLUGS)
def test_what_i_left_as_it_was_takes_what_the_other_wrote(
    mine: Client, theirs: Client, scenario: Scenario, slug: str
) -> None:
    untouched = page_of(mine, scenario, slug)
    before = document_of(scenario)
    save(theirs, scenario, slug, others_of(theirs, scenario, slug))
    after = document_of(scenario)
    assert after != before
    told = mine.post(url(scenario, slug), untouched)
    assert told.status_code == 422
    table = table_of(told)
    assert table
    assert {typed for _, _, typed in table.values()} <= {TAKEN, "sans objet"}
    assert document_of(scenario) == after
    save(mine, scenario, slug, again(told))
    assert document_of(scenario) == after


@pytest.mark.parametrize("slug", SLUGS)
def test_the_data_of_a_version_are_found_again(theirs: Client, scenario: Scenario, slug: str) -> None:
    phase = scenario.phases.get()
    phase.schools.set([scenario.perimeter.all()[0].school])
    phase.classes.set(scenario.perimeter.all()[1].school.classes.all()[:1])
    scenario.recurring_costs.get(code="a").schools.set([scenario.perimeter.get(priority_rank=1).school])
    make.ScenarioCapFactory(scenario=scenario, exercise=2018, amount=100)
    part, version, before = PARTS[slug], step_version(scenario.pk, PARTS[slug]), data_of(scenario)
    save(theirs, scenario, slug, {**others_of(theirs, scenario, slug), "strategy": "by_school"})
    now = data_of(scenario)
    then = data_at(now, part, version)
    assert then is not None
    assert stamp(then, part) == stamp(before, part) != stamp(now, part)
    assert data_at(now, part, step_version(scenario.pk, part)) is not None
    assert stamp(data_at(now, part, step_version(scenario.pk, part)), part) == stamp(now, part)  # type: ignore[arg-type]


def test_rows_of_both_are_kept(mine: Client, theirs: Client, scenario: Scenario) -> None:
    """They change a price, delete a row, add one; I name a payer, edit the row they delete, add one."""
    sent = page_of(mine, scenario, "services")
    sent |= {
        "rows-0-payer": "Métropole",
        "rows-1-unit_price_ht": "33,00",
        "rows-2-label": "Formation",
        "rows-2-unit_price_ht": "7,50",
    }
    save(theirs, scenario, "services", others_of(theirs, scenario, "services"))
    told = mine.post(url(scenario, "services"), sent)
    assert told.status_code == 422
    assert table_of(told) == {
        "« ENT », prix unitaire HT par an": ("10,00 €", "12,00 €", TAKEN),
        "« Maintenance »": ("20,00 € HT par classe", "supprimé", "33,00 € HT par classe"),
        "« Visites »": ("—", "ajouté : 3,00 € HT par élève", "sans objet"),
    }
    save(mine, scenario, "services", again(told))
    kept = scenario.recurring_costs.order_by("label").values_list("label", "unit_price_ht", "payer")
    assert list(kept) == [
        ("ENT", 1_200, "Métropole"),
        ("Formation", 750, ""),
        ("Maintenance", 3_300, ""),
        ("Visites", 300, ""),
    ]
    assert RecurringCost.history.filter(scenario_id=scenario.pk, label="ENT").count() == 3


def test_a_row_that_both_deleted_is_gone(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "financeurs"), "rows-1-DELETE": "on", "rows-0-rate": "35"}
    save(theirs, scenario, "financeurs", others_of(theirs, scenario, "financeurs"))
    told = mine.post(url(scenario, "financeurs"), sent)
    table = table_of(told)
    first, second = (str(line.funder) for line in FundingLine.history.filter(history_type="+").order_by("position")[:2])
    assert table[f"« {first} », taux"] == ("20 %", "—", "35 %")
    assert table[f"« {first} », taux par tranche"] == ("—", "50 % jusqu'à 1 000,00 €, puis 20 %", "—")
    assert table[f"« {second} »"] == ("10 %", "supprimé", "supprimé (identique)")
    assert "un seul des trois" in told.content.decode()  # my rate and their tiers: the choice is mine
    save(mine, scenario, "financeurs", again(told, **{"rows-0-tiers": ""}))
    assert sorted(scenario.funding_lines.values_list("rate", flat=True)) == [50_000, 350_000]


def test_schools_ranks_and_entries_are_told_one_by_one(mine: Client, theirs: Client, scenario: Scenario) -> None:
    first, second, third = (place.school for place in scenario.perimeter.order_by("priority_rank"))
    sent = page_of(mine, scenario, "strategie")
    sent |= {"strategy": "pilot", "pilots": [first.uai], "pilot_exercise": 2016, "general_exercise": 2018}
    save(theirs, scenario, "strategie", others_of(theirs, scenario, "strategie"))
    told = mine.post(url(scenario, "strategie"), sent)
    table = table_of(told)
    assert table[first.name] == ("rang 1", "rang 3", TAKEN)
    assert table[f"Entrée de {first.name}"] == ("pas d'entrée", "2017", "2016")
    assert table[f"Entrée de {third.name}"] == ("pas d'entrée", "2016", "pas d'entrée")
    assert table["Entrée de toutes les écoles qui restent"] == ("2016", "pas d'entrée", "2018")
    save(mine, scenario, "strategie", again(told))
    assert [place.school for place in scenario.perimeter.order_by("priority_rank")] == [third, second, first]
    assert scenario.phases.get(exercise=2018).covers_all


def test_the_territory_tells_the_schools_taken_out(mine: Client, theirs: Client, scenario: Scenario) -> None:
    gone = scenario.perimeter.order_by("-priority_rank")[0].school
    sent = {**page_of(mine, scenario, "territoire"), "school_year": ""}
    save(theirs, scenario, "territoire", others_of(theirs, scenario, "territoire"))
    told = mine.post(url(scenario, "territoire"), sent)
    assert table_of(told) == {gone.name: ("rang 3", "hors du périmètre", TAKEN)}
    save(mine, scenario, "territoire", again(told))
    scenario.refresh_from_db()
    assert (scenario.school_year, scenario.perimeter.count()) == (None, 2)


def test_a_cap_typed_for_an_exercise_that_is_gone_is_told(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "plafond"), "mode": "each", "cap_2018": "1 234,00"}
    save(theirs, scenario, "plafond", {**page_of(theirs, scenario, "plafond"), "last_exercise": 2017})
    told = mine.post(url(scenario, "plafond"), sent)
    assert table_of(told)["Plafond TTC 2018"] == ("—", "n'est plus demandé", "1 234,00")
    assert table_of(told)["Dernier exercice"] == ("2018", "2017", TAKEN)
    save(mine, scenario, "plafond", again(told))
    scenario.refresh_from_db()
    assert scenario.last_exercise == 2017


def test_another_step_changed_is_no_conflict(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    for slug in ("plafond", "services"):
        save(theirs, scenario, slug, others_of(theirs, scenario, slug))
    save(mine, scenario, "prix", sent)


def test_only_those_who_changed_this_step_are_named(
    mine: Client, theirs: Client, user_as: Any, scenario: Scenario
) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    elsewhere = data_of(scenario)
    elsewhere.scenario.fill_gaps = True
    services.save_step(after=elsewhere, part=PARTS["plafond"], seen="", by=UserFactory(full_name="M. Petit"))
    save(theirs, scenario, "prix", others_of(theirs, scenario, "prix"))
    page = mine.post(url(scenario, "prix"), sent).content.decode()
    assert "Entre-temps, Mme Durand a modifié" in page
    assert "M. Petit" not in page


def test_a_third_author_is_seen_by_the_second_send(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    save(theirs, scenario, "prix", others_of(theirs, scenario, "prix"))
    told = mine.post(url(scenario, "prix"), sent)
    third = data_of(scenario)
    third.scenario.fctva_lag_years = 1
    services.save_step(after=third, part=PARTS["prix"], seen="", by=None)
    once_more = mine.post(url(scenario, "prix"), again(told))
    assert once_more.status_code == 422
    assert "Entre-temps, l&#x27;application a modifié" in once_more.content.decode()
    assert table_of(once_more) == {"Délai du FCTVA (années)": ("2", "1", TAKEN)}


def test_a_save_during_the_request_is_told(
    mine: Client, theirs: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "3"}
    between = others_of(theirs, scenario, "prix")
    applied, calls = PricesForm.applied, iter([True])

    def slow(form: Any) -> Any:
        if next(calls, False):
            save(theirs, scenario, "prix", between)
        return applied(form)

    monkeypatch.setattr(PricesForm, "applied", slow)
    told = mine.post(url(scenario, "prix"), sent)
    assert told.status_code == 422
    assert table_of(told)["Compter les renouvellements"] == ("Non", "Oui", TAKEN)


def test_a_mistake_is_told_first_and_the_version_kept(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "prix"), "price_revision_rate": "beaucoup"}
    save(theirs, scenario, "prix", others_of(theirs, scenario, "prix"))
    wrong = mine.post(url(scenario, "prix"), sent)
    assert wrong.status_code == 422
    assert "Entre-temps" not in wrong.content.decode()
    told = mine.post(url(scenario, "prix"), again(wrong, price_revision_rate="3"))
    assert table_of(told)["Compter les renouvellements"] == ("Non", "Oui", TAKEN)


UNKNOWN = ["x", "9" * 40, "0.0.0", "99999.1", "\u0663"]


@pytest.mark.parametrize("slug, version", [*((slug, "") for slug in SLUGS), *(("services", each) for each in UNKNOWN)])
def test_any_version_is_answered(mine: Client, theirs: Client, scenario: Scenario, slug: str, version: str) -> None:
    """Nothing is known of what was shown: what is stored otherwise than typed is told, what was typed is kept."""
    sent = {**page_of(mine, scenario, slug), "row_version": version}
    save(theirs, scenario, slug, others_of(theirs, scenario, slug))
    told = mine.post(url(scenario, slug), sent)
    assert told.status_code == 422
    assert "Entre-temps, Mme Durand a modifié" in told.content.decode()
    assert TAKEN not in told.content.decode()
    assert mine.post(url(scenario, slug), again(told)).status_code in {302, 422}


def test_many_changes_are_folded_and_the_disputed_ones_come_first(mine: Client, theirs: Client, authority: Any) -> None:
    made = priced(authority)
    for rank in range(1, 46):
        school(made, rank, 1)
    last = made.perimeter.order_by("-priority_rank")[0].school
    sent = page_of(mine, made, "strategie")
    sent |= {"strategy": "pilot", "pilots": [last.uai], "pilot_exercise": 2017, "general_exercise": 2018}
    save(theirs, made, "strategie", {**page_of(theirs, made, "strategie"), "placing": "per_year", "per_year": 15})
    told = mine.post(url(made, "strategie"), sent)
    table = table_of(told)
    assert {"Entrée de toutes les écoles qui restent", f"Entrée de {last.name}"} == set(list(table)[:2])
    shown, folded = told.content.decode().split("<details><summary>36 autres modifications</summary>")
    assert shown.split("<tbody>")[-1].count("<tr>") == 10
    assert folded.split("</details>")[0].count('<tr><th scope="row">') == 36


def test_the_effect_of_a_stale_page_is_that_of_what_is_typed(mine: Client, theirs: Client, scenario: Scenario) -> None:
    sent = {**page_of(mine, scenario, "services"), "rows-0-payer": "Métropole"}
    save(theirs, scenario, "services", others_of(theirs, scenario, "services"))
    page = mine.post(url(scenario, "services", "apercu/"), sent).content.decode()
    assert "Saisie incomplète" not in page
