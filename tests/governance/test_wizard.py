"""The wizard: each step saved at once, its effect equal to the run, left and resumed."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance import queries, services
from governance.enums import ScenarioState, Strategy
from governance.models import BudgetRun, Funder, FundingPreset, Scenario, ScenarioSchool
from governance.views.wizard import STEPS
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories.accounts import AuthorityFactory
from tests.factories.ent import OfferFactory
from tests.factories.schools import CommuneFactory, SchoolClassFactory, SchoolFactory, SocialIndexFactory
from tests.governance.test_board import priced, school

SLUGS = [step.slug for step in STEPS]


def url(scenario: Scenario, slug: str, more: str = "") -> str:
    return f"/scenarios/{scenario.pk}/assistant/{slug}/{more}"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def posted(form: Any) -> dict[str, Any]:
    """What a browser sends of a form left as it is."""
    if hasattr(form, "rows"):
        sent = {"seen": form.seen}
        for each in (form.rows.management_form, *form.rows.forms):
            sent |= _fields(each)
        return sent
    shown = getattr(form, "school_id", None)
    return {**_fields(form), **({"shown_school": shown} if shown else {})}


def _fields(form: Any) -> dict[str, Any]:
    sent = {}
    for field in form:
        value = field.field.prepare_value(field.value()) if hasattr(field.field, "prepare_value") else field.value()
        if value is not None and value is not False and value != []:
            sent[field.html_name] = "on" if value is True else value
    return sent


def step_form(client: Client, scenario: Scenario, slug: str) -> dict[str, Any]:
    return posted(client.get(url(scenario, slug)).context["form"])


@pytest.fixture
def scenario(authority: Any) -> Scenario:
    made = priced(authority, yearly_cap_ttc=500_000)
    for rank in (1, 2, 3):
        school(made, rank, rank)
    return made


def test_start_makes_a_draft_and_leads_to_the_first_step(client_as: Any, authority: Any) -> None:
    plan = make.PlanFactory(authority=authority)
    client = client_as("education")
    assert "Saisir sans l'assistant" in text_of(client.get("/scenarios/assistant/")).replace("&#x27;", "'")
    sent = {"plan": plan.pk, "name": "Priorités", "nature": "project", "first_exercise": 2024, "last_exercise": 2026}
    answer = client.post("/scenarios/assistant/", sent)
    made = Scenario.objects.get(name="Priorités")
    assert answer.headers["Location"] == url(made, "territoire")
    assert made.state == ScenarioState.DRAFT
    assert client.post("/scenarios/assistant/", {**sent, "last_exercise": 1999}).status_code == 422


def test_wizard_from_nothing_to_the_run(client_as: Any, authority: Any, compute: Any) -> None:
    """Every step as someone goes through, the effect after each, and the run at the end to the cent."""
    known = priced(authority)
    ours = [school(known, rank, classes).school for rank, classes in ((1, 1), (2, 2), (3, 3))]
    offer = OfferFactory(provider__authority=authority)
    made = make.ScenarioFactory(plan=known.plan, first_exercise=2016, last_exercise=2018)
    client = client_as("education")

    def go(slug: str, **values: Any) -> None:
        answer = client.post(url(made, slug), {**step_form(client, made, slug), **values})
        assert answer.status_code == 302, text_of(answer)
        made.refresh_from_db()

    go("territoire", which="all", school_year=2018)
    assert made.perimeter.count() == 3
    go("dotation", rule_set=known.rule_set_id)
    go(
        "strategie",
        strategy="by_school",
        order="hand",
        hand_order=f"{ours[2].name}\n{ours[0].uai.lower()}",
        placing="cap",
    )
    assert [place.school for place in made.perimeter.order_by("priority_rank")] == [ours[2], ours[0], ours[1]]
    go("plafond", mode="one", yearly_cap_ttc="2 400,00")
    go("prix", price_revision_rate="2", payment_schedule="60 ; 40", renewals="on")
    go("services", **{"rows-0-offer": offer.pk})
    go("financeurs", **{"rows-0-new_funder": "Région", "rows-0-rate": "17,5"})
    assert Funder.objects.get(name="Région").authority == authority
    summary = text_of(client.get(url(made, "recapitulatif")))
    assert "Calculer" in summary
    assert "Il manque une étape" not in summary
    effect = queries.effect_of(queries.scenario_data(made))
    run: BudgetRun = compute(made)
    figures = (effect.ttc, effect.grants, effect.net_cost, effect.schools, effect.classes, effect.pupils)
    assert figures == (run.ttc, run.grants, run.net_cost, run.schools_entered, run.classes_entered, run.pupils_entered)
    assert figures[0] > 0
    assert [(year.exercise, year.ttc) for year in effect.years] == [
        (r.exercise, r.ttc) for r in run.by_exercise.order_by("exercise")
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_step_sent_as_it_is_changes_nothing(client_as: Any, scenario: Scenario, slug: str) -> None:
    make.RecurringCostFactory(scenario=scenario, exercises=[2017]).schools.add(scenario.perimeter.all()[0].school)
    make.FundingLineFactory(
        scenario=scenario, rate=None, tiers=[{"up_to": "1000.00", "rate": "50"}, {"up_to": None, "rate": "20"}]
    )
    make.ScenarioCapFactory(scenario=scenario, exercise=2016, amount=450_000)
    scenario.payment_schedule = ["60", "40"]
    scenario.save()
    before = queries.canonical(queries.scenario_document(scenario))
    client = client_as("education")
    answer = client.post(url(scenario, slug), step_form(client, scenario, slug))
    assert answer.status_code == 302, text_of(answer)
    after = queries.canonical(queries.scenario_document(Scenario.objects.get(pk=scenario.pk)))
    if slug == "plafond":  # the cap of every year is written out: the same caps
        assert queries.effect_of(queries.scenario_data(scenario)) == queries.effect_of(
            queries.scenario_data(Scenario.objects.get(pk=scenario.pk))
        )
    else:
        assert after == before


@pytest.mark.parametrize("kind", ["levels", "classes", "later"])
def test_phases_written_one_by_one_survive_the_strategy_step(client_as: Any, scenario: Scenario, kind: str) -> None:
    phase = scenario.phases.get()
    if kind == "levels":
        scenario.phases.update(covers_all=False, levels=["CP"])
    elif kind == "classes":
        scenario.phases.update(covers_all=False)
        phase.classes.set(scenario.perimeter.all()[0].school.classes.all())
    else:
        scenario.phases.update(exercise=2017)
    before = queries.scenario_document(scenario)["phases"]
    client = client_as("education")
    assert client.post(url(scenario, "strategie"), step_form(client, scenario, "strategie")).status_code == 302
    assert queries.scenario_document(scenario)["phases"] == before


def test_territory_by_criteria(client_as: Any, authority: Any) -> None:
    made = make.ScenarioFactory(plan__authority=authority, school_year=2018)
    here, there = CommuneFactory(authority=authority), CommuneFactory(authority=authority)
    wanted = SchoolFactory(commune=here, kind="maternelle")
    SchoolFactory(commune=here, kind="elementaire")
    SchoolFactory(commune=there, kind="maternelle")
    SchoolFactory(commune=here, kind="maternelle", status="closed")
    client = client_as("education")
    sent = {"which": "criteria", "communes": [here.pk], "kinds": ["maternelle"], "school_year": ""}
    assert client.post(url(made, "territoire"), sent).status_code == 302
    assert [place.school for place in made.perimeter.all()] == [wanted]
    answer = client.post(url(made, "territoire"), {**sent, "kinds": ["specialisee"]})
    assert answer.status_code == 422
    assert "en cocher au moins une" in text_of(answer)
    assert made.perimeter.count() == 1


def test_territory_takes_schools_and_classes_out_of_the_phases(client_as: Any, scenario: Scenario) -> None:
    kept, gone, _ = scenario.perimeter.order_by("priority_rank")
    phase = scenario.phases.get()
    scenario.phases.update(covers_all=False)
    phase.schools.set([kept.school, gone.school])
    client = client_as("education")
    sent = {**step_form(client, scenario, "territoire"), "which": "chosen", "schools": [kept.school_id]}
    assert client.post(url(scenario, "territoire"), sent).status_code == 302
    assert list(phase.schools.all()) == [kept.school]
    assert scenario.perimeter.get().priority_rank == 1


def test_territory_keeps_a_service_from_being_paid_for_all(client_as: Any, scenario: Scenario) -> None:
    kept, gone, _ = scenario.perimeter.order_by("priority_rank")
    make.RecurringCostFactory(scenario=scenario, label="ENT").schools.add(gone.school)
    client = client_as("education")
    sent = {**step_form(client, scenario, "territoire"), "which": "chosen", "schools": [kept.school_id]}
    answer = client.post(url(scenario, "territoire"), sent)
    assert answer.status_code == 422
    assert "étape « Services »" in text_of(answer)
    assert scenario.perimeter.count() == 3


@pytest.mark.parametrize("order, first", [("ips", 2), ("qpv", 1), ("pupils", 2)])
def test_orders_are_computed(client_as: Any, scenario: Scenario, order: str, first: int) -> None:
    rows = [place.school for place in scenario.perimeter.order_by("priority_rank")]
    rows[1].priority_district = True
    rows[1].save()
    SocialIndexFactory(school=rows[2], value="80.0")
    SocialIndexFactory(school=rows[0], value="120.0")
    client = client_as("education")
    sent = {**step_form(client, scenario, "strategie"), "order": order}
    assert client.post(url(scenario, "strategie"), sent).status_code == 302
    assert scenario.perimeter.get(priority_rank=1).school == rows[first]


def test_strategies(client_as: Any, scenario: Scenario) -> None:
    client = client_as("education")
    rows = [place.school for place in scenario.perimeter.order_by("priority_rank")]

    def phases(**values: Any) -> list[dict[str, Any]]:
        sent = {**step_form(client, scenario, "strategie"), **values}
        answer = client.post(url(scenario, "strategie"), sent)
        assert answer.status_code == 302, text_of(answer)
        scenario.refresh_from_db()
        found: list[dict[str, Any]] = queries.scenario_document(scenario)["phases"]
        return sorted(found, key=lambda phase: phase["exercise"])

    by_number = phases(strategy="by_school", placing="per_year", per_year=1)
    assert [(p["exercise"], p["schools"]) for p in by_number] == [
        (2016 + rank, [each.uai]) for rank, each in enumerate(rows)
    ]
    levels = phases(strategy="by_level", level_CP=2016, level_CM2=2018)
    assert [(p["exercise"], p["levels"]) for p in levels] == [(2016, ["CP"]), (2018, ["CM2"])]
    pilots = phases(strategy="pilot", pilots=[rows[1].uai], pilot_exercise=2016, general_exercise=2018)
    assert [(p["exercise"], p["schools"], p["all"]) for p in pilots] == [(2016, [rows[1].uai], False), (2018, [], True)]
    one = phases(strategy="by_class", shown_school=rows[2].pk, class_0=2017, then="stay")
    assert one[0]["exercise"] == 2017
    assert len(one[0]["classes"]) == 1
    two = phases(strategy="by_class", shown_school=rows[1].pk, class_0=2018)
    assert [len(phase["classes"]) for phase in two] == [1, 1]
    assert scenario.strategy == Strategy.BY_CLASS


@pytest.mark.parametrize("lost", ["year", "school"])
def test_a_class_no_longer_in_the_territory_is_told(client_as: Any, scenario: Scenario, lost: str) -> None:
    kept, gone, _ = scenario.perimeter.order_by("priority_rank")
    named = gone.school.classes.order_by("name")[0]
    Scenario.objects.filter(pk=scenario.pk).update(strategy=Strategy.BY_CLASS)
    phase = scenario.phases.get()
    scenario.phases.update(covers_all=False)
    phase.classes.set([named])
    if lost == "year":
        Scenario.objects.filter(pk=scenario.pk).update(school_year=2017)
        SchoolClassFactory(school=kept.school, school_year=2017)
    else:
        gone.delete()
    before = queries.scenario_document(Scenario.objects.get(pk=scenario.pk))
    client = client_as("education")

    def sent() -> dict[str, Any]:
        shown = client.get(url(scenario, "strategie", f"?ecole={kept.school_id}")).context["form"]
        return {**posted(shown), "class_0": 2016}

    answer = client.post(url(scenario, "strategie"), sent())
    assert answer.status_code == 422
    assert f"La classe « {named.name} » ({gone.school.uai}) n'est plus dans le territoire" in text_of(answer).replace(
        "&#x27;", "'"
    )
    assert queries.scenario_document(Scenario.objects.get(pk=scenario.pk)) == before
    assert client.post(url(scenario, "strategie", "apercu/"), sent()).status_code in {200, 422}
    assert client.post(url(scenario, "territoire"), step_form(client, scenario, "territoire")).status_code == 302
    assert client.post(url(scenario, "strategie"), sent()).status_code == 302
    found = queries.scenario_document(Scenario.objects.get(pk=scenario.pk))["phases"]
    assert [(each["exercise"], [row["school"] for row in each["classes"]]) for each in found] == [
        (2016, [kept.school.uai])
    ]


def test_run_of_named_classes_is_the_effect(client_as: Any, scenario: Scenario, compute: Any) -> None:
    phase = scenario.phases.get()
    scenario.phases.update(covers_all=False)
    last = scenario.perimeter.order_by("-priority_rank")[0].school
    phase.classes.set(last.classes.order_by("pk")[:2])
    scenario.yearly_cap_ttc = None
    scenario.save()
    run = compute(scenario)
    assert (run.classes_entered, run.ttc) == (2, 2 * 78_000)
    assert queries.effect_of(queries.scenario_data(scenario)).ttc == run.ttc
    assert run.schools.get(school=last).classes == 2


@pytest.mark.parametrize(
    "slug, values, told",
    [
        ("strategie", {"order": "hand", "hand_order": "École inconnue"}, "ligne 1 : « École inconnue »"),
        ("strategie", {"order": "hand", "hand_order": ""}, "Donner au moins une école"),
        ("strategie", {"placing": "per_year", "per_year": ""}, "nombre d'écoles par exercice"),
        ("strategie", {"placing": "per_year", "per_year": "9" * 300}, "per_year"),
        ("strategie", {"strategy": "by_level"}, "au moins un niveau"),
        ("strategie", {"strategy": "pilot"}, "au moins une école pilote"),
        ("plafond", {"mode": "one", "yearly_cap_ttc": ""}, "Donner le plafond"),
        ("plafond", {"mode": "one", "yearly_cap_ttc": "beaucoup"}, "n'est pas un nombre"),
        ("plafond", {"first_exercise": "2020", "last_exercise": "2016"}, "du premier au dernier"),
        ("plafond", {"first_exercise": "2017"}, "Une phase est en 2016"),
        ("prix", {"payment_schedule": "60 ; 30"}, "somme fait 100"),
        ("prix", {"price_revision_rate": "200"}, "sort des bornes"),
        ("services", {"rows-0-label": "Maintenance"}, "obligatoire sans offre"),
        ("services", {"rows-0-label": "M", "rows-0-unit_price_ht": "1", "rows-0-exercises": "2040"}, "de 2016 à 2018"),
        ("financeurs", {"rows-0-new_funder": "Région"}, "un seul des trois"),
        ("financeurs", {"rows-0-rate": "20"}, "Choisir un financeur"),
        ("financeurs", {"rows-0-new_funder": "R", "rows-0-tiers": "100 : 50"}, "Tranches aux bornes croissantes"),
    ],
)  # fmt: skip
def test_refusals_are_told_and_keep_what_was_typed(
    client_as: Any, scenario: Scenario, slug: str, values: dict[str, str], told: str
) -> None:
    client = client_as("education")
    before = queries.scenario_document(scenario)
    answer = client.post(url(scenario, slug), {**step_form(client, scenario, slug), **values})
    assert answer.status_code == 422
    page = text_of(answer).replace("&#x27;", "'")
    assert told in page
    for value in values.values():
        assert value in page
    assert queries.scenario_document(scenario) == before


def test_step_changed_by_someone_else_is_told(client_as: Any, user_as: Any, scenario: Scenario) -> None:
    client = client_as("education")
    sent = {**step_form(client, scenario, "prix"), "price_revision_rate": "3"}
    other = user_as("finance")
    data = queries.scenario_data(Scenario.objects.get(pk=scenario.pk))
    data.scenario.renewals = True
    services.save_step(after=data, part=STEPS[4].form.part, seen="", by=other)
    answer = client.post(url(scenario, "prix"), sent)
    assert answer.status_code == 422
    page = text_of(answer).replace("&#x27;", "'")
    assert f"Entre-temps, {other} a modifié « {scenario}, étape Prix »" in page
    assert 'value="3"' in page
    again = posted(answer.context["form"])
    assert client.post(url(scenario, "prix"), again).status_code == 302
    assert Scenario.objects.get(pk=scenario.pk).price_revision_rate == 30_000


def test_preview_shows_what_is_typed_and_writes_nothing(client_as: Any, scenario: Scenario) -> None:
    client = client_as("education")
    sent = {**step_form(client, scenario, "plafond"), "mode": "none"}
    with CaptureQueriesContext(connection) as captured:
        page = text_of(client.post(url(scenario, "plafond", "apercu/"), sent))
    assert "4\u202f680,00" in page
    assert not [query for query in captured if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    wrong = text_of(client.post(url(scenario, "plafond", "apercu/"), {**sent, "first_exercise": "x"}))
    assert "Saisie incomplète" in wrong
    assert client.get(url(scenario, "plafond", "apercu/")).status_code == 405


def test_effect_says_why_nothing_is_computed(client_as: Any, scenario: Scenario) -> None:
    row = scenario.perimeter.all()[0].school
    row.kind = ""
    row.save()
    page = text_of(client_as("education").get(url(scenario, "prix")))
    assert "Pas encore calculable" in page
    assert row.uai in page
    assert "schools[" not in page


def test_wizard_is_resumed_at_the_first_step_to_do(client_as: Any, authority: Any) -> None:
    made = make.ScenarioFactory(plan__authority=authority)
    client = client_as("education")
    page = text_of(client.get(f"/scenarios/{made.pk}/")).replace("&#x27;", "'")
    assert "Reprendre l'assistant" in page
    resume = f"/scenarios/{made.pk}/assistant/"
    assert client.get(resume).headers["Location"] == url(made, "territoire")
    make.equipped_school(made)
    assert client.get(resume).headers["Location"] == url(made, "dotation")
    left = client.post(url(made, "prix"), {**step_form(client, made, "prix"), "then": "leave"})
    assert left.headers["Location"] == f"/scenarios/{made.pk}/donnees/"


def test_a_preset_fills_what_is_left_blank(client_as: Any, scenario: Scenario) -> None:
    preset = FundingPreset.objects.create(code="essai", label="Aide d'essai", kind="state", rate=300_000, cap=100_000)
    client = client_as("education")
    sent = {**step_form(client, scenario, "financeurs"), "rows-0-preset": preset.pk, "rows-0-cap": "500"}
    assert client.post(url(scenario, "financeurs"), sent).status_code == 302
    line = scenario.funding_lines.get()
    assert (line.rate, line.cap, line.funder.name, line.funder.kind) == (300_000, 50_000, "Aide d'essai", "state")
    assert "à vérifier" in line.source


def test_rows_are_edited_and_removed(client_as: Any, scenario: Scenario) -> None:
    keep = make.FundingLineFactory(scenario=scenario, position=1, headings=["materiel"])
    make.FundingLineFactory(scenario=scenario, position=2)
    client = client_as("education")
    sent = {**step_form(client, scenario, "financeurs"), "rows-0-rate": "35", "rows-1-DELETE": "on"}
    assert client.post(url(scenario, "financeurs"), sent).status_code == 302
    line = scenario.funding_lines.get()
    assert (line.pk, line.rate, line.headings) == (keep.pk, 350_000, ["materiel"])


def test_closed_scenario_is_not_changed(client_as: Any, scenario: Scenario) -> None:
    client = client_as("education")
    sent = step_form(client, scenario, "prix")
    Scenario.objects.filter(pk=scenario.pk).update(state=ScenarioState.ARCHIVED)
    assert client.get(url(scenario, "prix")).status_code == 409
    assert client.post(url(scenario, "prix"), sent).status_code in {302, 409}
    data = queries.scenario_data(scenario)
    with pytest.raises(DomainError):
        services.save_step(after=data, part=STEPS[4].form.part, seen="", by=None)


@pytest.mark.parametrize("slug", ["", *(f"{slug}/" for slug in SLUGS), "recapitulatif/"])
def test_access_to_the_steps(client_as: Any, scenario: Scenario, other_authority: Any, slug: str) -> None:
    address = f"/scenarios/{scenario.pk}/assistant/{slug}"
    assert Client().get(address).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").get(address).status_code == 403
    assert client_as("education", other_authority).get(address).status_code == 404
    assert client_as("education").get(address).status_code in {200, 302}
    if slug in {f"{each}/" for each in SLUGS}:
        assert client_as("elected").post(f"{address}apercu/").status_code == 403
        assert client_as("education", other_authority).post(f"{address}apercu/").status_code == 404
        assert client_as("elected").post(address).status_code == 403


def test_unknown_step_is_not_there(client_as: Any, scenario: Scenario) -> None:
    assert client_as("education").get(url(scenario, "ailleurs")).status_code == 404


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("value", ["\x00", "9" * 400, "é" * 3000, "-1"])
def test_no_input_breaks_a_step(client_as: Any, scenario: Scenario, slug: str, value: str) -> None:
    client = client_as("education")
    sent = {name: value for name in step_form(client, scenario, slug) if "FORMS" not in name}
    for address in (url(scenario, slug), url(scenario, slug, "apercu/")):
        assert client.post(address, sent).status_code in {200, 302, 422}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_step_costs_the_same_at_any_size(client_as: Any, scenario: Scenario, slug: str) -> None:
    client = client_as("education")
    make.FundingLineFactory(scenario=scenario)
    make.RecurringCostFactory(scenario=scenario)

    def cost() -> int:
        client.get(url(scenario, slug))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(scenario, slug)).status_code == 200
        return len(captured)

    before = cost()
    school(scenario, 8)
    school(scenario, 9)
    assert cost() == before


def test_each_step_is_one_event(client_as: Any, scenario: Scenario) -> None:
    client = client_as("education")
    sent = {**step_form(client, scenario, "strategie"), "order": "pupils", "placing": "per_year", "per_year": 1}
    before = AuditEvent.objects.count()
    assert client.post(url(scenario, "strategie"), sent).status_code == 302
    assert AuditEvent.objects.count() == before + 1
    event = AuditEvent.objects.order_by("-pk")[0]
    assert ScenarioSchool.history.filter(scenario=scenario, audit_event=event).exists()


def test_no_rule_set_is_a_choice_and_a_town_without_any_is_told(client_as: Any, scenario: Scenario) -> None:
    client = client_as("education")
    page = text_of(client.get(url(scenario, "dotation")))
    assert "Aucune : le scénario ne compte que des montants globaux et des services" in page
    assert "pas encore de règles" not in page
    scenario.plan.authority.rule_sets.all().update(authority=AuthorityFactory())
    assert "pas encore de règles" in text_of(client.get(url(scenario, "dotation")))
