"""The programme of a plan: adoption, amendments, phases, schools equipped; its pages and its API."""

from contextlib import suppress
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import queries, services
from governance.domain.programme import Changes, Frozen, Place, Year, changes, rewritten
from governance.enums import DecisionEffect, MeetingState, PhaseState, ScenarioState, Verdict
from governance.models import EquippedSchool, Plan, ProgrammePhase, ProgrammeVersion, Scenario
from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.factories import governance as make
from tests.factories.accounts import AuthorityFactory
from tests.factories.programme import EquippedSchoolFactory, ExpenseFactory, ProgrammePhaseFactory, finished_run
from tests.factories.schools import SchoolFactory

START, END = date(2018, 1, 8), date(2018, 7, 1)
YEARS = {2016: (100_000, 20_000), 2017: (200_000, 40_000), 2018: (50_000, 10_000)}


@pytest.fixture
def by(user_as: Any) -> User:
    user: User = user_as("education")
    return user


@pytest.fixture
def world(authority: Any, by: User) -> SimpleNamespace:
    """A plan whose programme is adopted: a school a year, in 2016, 2017 and 2018."""
    return adopted_plan(authority, by)


def adopted_plan(authority: Any, by: User | None) -> SimpleNamespace:
    plan = make.PlanFactory(authority=authority)
    schools = [SchoolFactory(commune__authority=authority, name=f"École {letter}") for letter in "ABC"]
    scenario = draft(plan, YEARS, dict(zip(schools, YEARS, strict=True)))
    services.adopt_scenario(scenario=scenario, by=by)
    phases = {phase.exercise: phase for phase in ProgrammePhase.objects.filter(plan=plan)}
    return SimpleNamespace(plan=plan, scenario=scenario, schools=schools, phases=phases)


def draft(plan: Plan, years: dict[int, tuple[int, int]], schools: dict[Any, int | None]) -> Scenario:
    scenario: Scenario = make.ScenarioFactory(plan=plan, state=ScenarioState.COMPUTED)
    finished_run(scenario, years, schools)
    return scenario


def amend(world: SimpleNamespace, by: User, *, years: Any = None, places: Any = None) -> Scenario:
    """Adopts another scenario of the plan, with some exercises and some places changed."""
    schools = dict(zip(world.schools, YEARS, strict=True)) | (places or {})
    scenario = draft(world.plan, YEARS | (years or {}), schools)
    return services.adopt_scenario(scenario=scenario, by=by, reason="Motif synthétique")


def start(phase: ProgrammePhase, by: User) -> ProgrammePhase:
    return services.start_phase(phase=phase, on=START, by=by)


def finish(phase: ProgrammePhase, by: User) -> ProgrammePhase:
    return services.finish_phase(phase=start(phase, by), on=END, by=by)


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("&#x27;", "'").replace("\u202f", " ")


# The core


def place(year: int | None, size: int = 2) -> Place:
    return Place("École", year, size, size * 24)


def test_changes_tell_what_moved_came_left_and_grew() -> None:
    before = Frozen(
        {2016: Year(100, 20, 1)},
        {"A": place(2016), "B": place(2017), "C": place(2016), "D": place(None), "G": place(2016)},
    )
    after = Frozen(
        {2016: Year(100, 20, 1), 2017: Year(5)},
        {"A": place(2017), "B": place(2017, 3), "D": place(2018), "E": place(None), "G": place(2016)},
    )
    found = changes(before, after)
    told = {kind: [row.code for row in getattr(found, kind)] for kind in ("moved", "added", "withdrawn", "resized")}
    assert told == {"moved": ["A"], "added": ["D"], "withdrawn": ["C"], "resized": ["B"]}
    assert [row.year for row in found.years] == [2017]
    assert len(found.schools) == 4
    assert not changes(before, before)
    assert not Changes()


def test_what_is_done_is_rewritten_by_schools_and_amounts_only() -> None:
    before = Frozen({2016: Year(100, 20, 1, 2, 48)}, {"A": place(2016)})
    resized = Frozen({2016: Year(100, 20, 1, 3, 72)}, {"A": place(2016, 3)})
    assert rewritten(changes(before, resized), {2016}) == ((), ())
    dearer = Frozen({2016: Year(101, 20, 1, 2, 48)}, {"A": place(2017)})
    schools, amounts = rewritten(changes(before, dearer), {2016})
    assert ([row.code for row in schools], [row.year for row in amounts]) == (["A"], [2016])
    assert rewritten(changes(before, dearer), {2018}) == ((), ())


figures = st.builds(Year, st.integers(0, 10**6), st.integers(0, 10**5))
frozen = st.builds(
    Frozen,
    st.dictionaries(st.integers(2016, 2021), figures, max_size=6),
    st.dictionaries(
        st.sampled_from("ABCDEF"), st.builds(place, st.none() | st.integers(2016, 2021), st.integers(1, 4)), max_size=6
    ),
)


@given(frozen, frozen, st.sets(st.integers(2016, 2021)))
def test_nothing_is_rewritten_exactly_when_what_is_done_stays(before: Frozen, after: Frozen, done: set[int]) -> None:
    def kept(side: Frozen) -> Any:
        amounts = {year: (side.years[year].ht, side.years[year].vat) for year in done if year in side.years}
        amounts = {year: cents for year, cents in amounts.items() if cents != (0, 0)}
        return amounts, {code: row.year for code, row in side.schools.items() if row.year in done}

    assert (rewritten(changes(before, after), done) == ((), ())) == (kept(before) == kept(after))


# Adoption


def test_first_adoption_makes_the_programme_and_its_phases(world: SimpleNamespace, by: User) -> None:
    version = queries.current_version(world.plan)
    assert version is not None
    assert (version.number, str(version), version.reason, version.adopted_by) == (1, "Programme initial", "", by)
    assert version.adopted_on == timezone.localdate()
    assert version.run == world.scenario.runs.get()
    assert sorted(world.phases) == [2016, 2017, 2018]
    assert AuditEvent.objects.filter(verb="governance.scenario_adopted", by=by).count() == 1


def test_a_scenario_adopted_meanwhile_is_not_archived(authority: Any, by: User) -> None:
    scenario = draft(make.PlanFactory(authority=authority), YEARS, {})
    read_before = Scenario.objects.get(pk=scenario.pk)
    services.adopt_scenario(scenario=scenario, by=by)
    assert read_before.state == ScenarioState.COMPUTED
    with pytest.raises(DomainError, match="est le programme du plan"):
        services.archive_scenario(scenario=read_before, by=by)
    scenario.refresh_from_db()
    assert scenario.state == ScenarioState.ADOPTED
    assert not AuditEvent.objects.filter(verb="governance.scenario_archived").exists()


def test_an_amendment_says_its_reason(world: SimpleNamespace, by: User) -> None:
    scenario = draft(world.plan, YEARS, {})
    for reason in ("", "  \n"):
        with pytest.raises(DomainError, match="Un avenant au programme dit son motif") as caught:
            services.adopt_scenario(scenario=scenario, by=by, reason=reason)
        assert caught.value.field == "reason"
    scenario.refresh_from_db()
    world.scenario.refresh_from_db()
    assert (scenario.state, world.scenario.state) == (ScenarioState.COMPUTED, ScenarioState.ADOPTED)
    bare = ProgrammeVersion(
        plan=world.plan, number=2, scenario=scenario, run=scenario.runs.get(), adopted_on=timezone.localdate()
    )
    with pytest.raises(ValidationError, match="dit son motif"):
        bare.full_clean()


def test_an_amendment_leaves_the_others_readable(world: SimpleNamespace, by: User, client_as: Any) -> None:
    aside = draft(world.plan, YEARS, {})
    adopted = amend(world, by, places={world.schools[2]: 2017}, years={2017: (260_000, 52_000)})
    world.scenario.refresh_from_db()
    aside.refresh_from_db()
    assert [row.state for row in (world.scenario, adopted, aside)] == ["archived", "adopted", "computed"]
    client = client_as("elected")
    for scenario in (world.scenario, adopted, aside):
        assert client.get(f"/scenarios/{scenario.pk}/").status_code == 200
    page = text_of(client.get(f"/plans/{world.plan.pk}/programme/"))
    for said in ("Avenant n° 1", "Programme initial", "Motif synthétique", "1 école change d'exercice : École C."):
        assert said in page
    assert "2017 : 2 400,00 € → 3 120,00 € TTC" in page
    with pytest.raises(ValidationError, match="a déjà une version de ce numéro"):
        ProgrammeVersion(
            plan=world.plan, number=2, scenario=aside, run=aside.runs.get(), adopted_on=END, reason="Motif"
        ).full_clean()


def test_phases_follow_the_exercises_of_an_amendment(world: SimpleNamespace, by: User) -> None:
    start(world.phases[2016], by)
    scenario = draft(world.plan, {2017: (1, 0), 2019: (1, 0)}, {})
    services.adopt_scenario(scenario=scenario, by=by, reason="Motif synthétique")
    assert sorted(ProgrammePhase.objects.values_list("exercise", flat=True)) == [2016, 2017, 2019]


@pytest.mark.parametrize(
    "years, places, said",
    [
        ({2016: (100_001, 20_000)}, {}, "exercice 2016 : 1"),
        ({}, {0: 2017}, "« École A » : entrée en 2016 dans le programme, entrée en 2017"),
        ({}, {0: None}, "« École A » : entrée en 2016 dans le programme, sans entrée dans ce scénario"),
        ({}, {1: 2016}, "« École B » : entrée en 2017 dans le programme, entrée en 2016"),
    ],
)
def test_an_amendment_does_not_touch_what_is_done(
    world: SimpleNamespace, by: User, years: Any, places: Any, said: str
) -> None:
    finish(world.phases[2016], by)
    with pytest.raises(DomainError, match="Ce qui est achevé ne se réécrit pas") as caught:
        amend(world, by, years=years, places={world.schools[rank]: year for rank, year in places.items()})
    assert said in caught.value.message
    assert ProgrammeVersion.objects.count() == 1
    amend(world, by, places={world.schools[2]: 2017}, years={2018: (1, 0)})
    assert ProgrammeVersion.objects.count() == 2


def test_a_committee_adopts_and_its_decision_is_kept(world: SimpleNamespace, by: User, client_as: Any) -> None:
    scenario = draft(world.plan, YEARS, {})
    item = make.AgendaItemFactory(meeting__committee__authority=world.plan.authority)
    decision = make.DecisionFactory(item=item, effect=DecisionEffect.ADOPTS_SCENARIO, scenario=scenario)
    item.meeting.state = MeetingState.OPENED
    item.meeting.save()
    services.close_meeting(meeting=item.meeting, by=by)
    version = queries.current_version(world.plan)
    assert version is not None
    assert (version.number, version.decision) == (2, decision)
    assert f"/reunions/{item.meeting.pk}/" in text_of(client_as("education").get(f"/plans/{world.plan.pk}/programme/"))


def test_a_draft_amendment_is_prepared_from_the_programme(world: SimpleNamespace, by: User, client_as: Any) -> None:
    with pytest.raises(DomainError, match="n'a pas de programme"):
        services.prepare_amendment(plan=make.PlanFactory(), by=by)
    world.scenario.refresh_from_db()
    name = world.scenario.name
    address = reverse("governance:plan_amend", args=[world.plan.pk])
    response = client_as("education").post(address)
    copy = Scenario.objects.get(name=f"Avenant n° 1 : {name}")
    assert response.headers["Location"] == f"/scenarios/{copy.pk}/donnees/"
    assert (copy.state, world.scenario.state) == (ScenarioState.DRAFT, ScenarioState.ADOPTED)
    assert services.prepare_amendment(plan=world.plan, by=by).name == f"Avenant n° 1 : {name} (variante 1)"
    finished_run(copy, YEARS, dict(zip(world.schools, YEARS, strict=True)))
    services.adopt_scenario(scenario=copy, by=by, reason="Motif synthétique")
    assert services.prepare_amendment(plan=world.plan, by=by).name == f"Avenant n° 2 : {name}"


places = st.lists(st.none() | st.integers(2016, 2019), min_size=3, max_size=3)
amounts = st.lists(st.integers(0, 3), min_size=3, max_size=3)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(places, amounts, st.booleans()), min_size=1, max_size=4))
def test_amendments_never_rewrite_history(db: Any, by: User, steps: list[Any]) -> None:
    """Whatever is adopted next, earlier versions keep their figures and a phase done keeps its schools, its amounts and its row."""
    plan = adopted_plan(AuthorityFactory(), by)
    for entered, cents, finishes in steps:
        before = history_of(plan.plan)
        years = {year: (count * 1_000, 0) for year, count in zip((2016, 2017, 2018), cents, strict=True)}
        scenario = draft(plan.plan, {**YEARS, **years}, dict(zip(plan.schools, entered, strict=True)))
        with suppress(DomainError):
            services.adopt_scenario(scenario=scenario, by=by, reason="Motif synthétique")
        assert before.items() <= history_of(plan.plan).items()
        phase = ProgrammePhase.objects.filter(plan=plan.plan, state=PhaseState.PLANNED).order_by("exercise").first()
        if finishes and phase is not None:
            finish(phase, by)


def history_of(plan: Plan) -> dict[Any, Any]:
    """Frozen figures of every version, and of the phases done what the programme in force says of them."""
    versions = ProgrammeVersion.objects.filter(plan=plan).select_related("run").order_by("number")
    figures = queries.frozen_runs(version.run for version in versions)
    told: dict[Any, Any] = {("version", row.number): repr(figures[row.run_id]) for row in versions}
    last = figures[versions[len(versions) - 1].run_id]
    for phase in ProgrammePhase.objects.filter(plan=plan, state=PhaseState.DONE):
        year = last.years[phase.exercise]
        entered = sorted(code for code, row in last.schools.items() if row.year == phase.exercise)
        told["phase", phase.pk] = (phase.started_on, phase.done_on, year.ht, year.vat, tuple(entered))
    return told


# Phases


def test_a_phase_begins_then_ends(world: SimpleNamespace, by: User) -> None:
    phase = world.phases[2016]
    with pytest.raises(DomainError, match="Seule une phase en cours s'achève"):
        services.finish_phase(phase=phase, on=END, by=by)
    start(phase, by)
    assert (phase.state, phase.started_on) == (PhaseState.RUNNING, START)
    with pytest.raises(DomainError, match="est déjà en cours"):
        start(phase, by)
    with pytest.raises(DomainError, match="elle s'achève après"):
        services.finish_phase(phase=phase, on=START - timedelta(days=1), by=by)
    EquippedSchoolFactory(phase=phase, equipped_on=END)
    with pytest.raises(DomainError, match="après cette date"):
        services.finish_phase(phase=phase, on=END - timedelta(days=1), by=by)
    services.finish_phase(phase=phase, on=END, by=by)
    assert (phase.state, phase.done_on) == (PhaseState.DONE, END)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(DomainError, match="à venir"):
        services.start_phase(phase=world.phases[2017], on=tomorrow, by=by)


def test_phases_after_a_pilot_wait_for_its_verdict(world: SimpleNamespace, by: User) -> None:
    pilot, later = world.phases[2016], world.phases[2017]
    pilot.pilot = True
    services.save_phase(instance=pilot, by=by)
    with pytest.raises(DomainError, match=r"attendent la décision « Généraliser » : la suite de « Phase 2016 »"):
        start(later, by)
    with pytest.raises(DomainError, match="une fois la cohorte commencée"):
        services.decide_pilot(phase=pilot, verdict="go", on=END, reason="Bilan", by=by)
    start(pilot, by)
    services.decide_pilot(phase=pilot, verdict="no_go", on=END, reason="Bilan", by=by)
    with pytest.raises(DomainError, match="a conclu « Ne pas généraliser » le 01/07/2018"):
        start(later, by)
    assert "Ne pas généraliser" in services.start_refusal(later)
    amend(world, by, years={2018: (1, 0)})
    assert services.start_refusal(later) == ""
    services.decide_pilot(phase=pilot, verdict="no_go", on=END, reason="Second bilan", by=by)
    assert services.start_refusal(later)
    services.decide_pilot(phase=pilot, verdict="go", on=END, reason="Troisième bilan", by=by)
    assert start(later, by).state == PhaseState.RUNNING


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"verdict": ""}, "Généraliser"),
        ({"verdict": "maybe"}, "Généraliser"),
        ({"reason": " "}, "sa date et son motif"),
        ({"on": date(2017, 1, 1)}, "a commencé le"),
        ({"on": date(2199, 1, 1)}, "à venir"),
    ],
)
def test_a_verdict_has_its_date_and_reason(world: SimpleNamespace, by: User, changes: Any, sentence: str) -> None:
    pilot = world.phases[2016]
    pilot.pilot = True
    start(services.save_phase(instance=pilot, by=by), by)
    given_values = {"verdict": Verdict.GO, "on": END, "reason": "Bilan", **changes}
    with pytest.raises(DomainError, match=sentence):
        services.decide_pilot(phase=pilot, by=by, **given_values)
    with pytest.raises(DomainError, match="n'est pas une cohorte pilote"):
        services.decide_pilot(phase=world.phases[2017], verdict="go", on=END, reason="Bilan", by=by)
    pilot.refresh_from_db()
    pilot.verdict = Verdict.GO
    with pytest.raises(ValidationError, match="a sa date et son motif"):
        pilot.full_clean()


def test_a_pilot_is_named_before_the_next_phase_begins(world: SimpleNamespace, by: User) -> None:
    first, second, third = (world.phases[year] for year in (2016, 2017, 2018))
    start(second, by)
    first.pilot = True
    with pytest.raises(DomainError, match="avant que les phases suivantes commencent"):
        services.save_phase(instance=first, by=by)
    second.pilot = True
    services.save_phase(instance=second, by=by)
    second.pilot = False
    with pytest.raises(DomainError, match="Une cohorte pilote commencée le reste"):
        services.save_phase(instance=second, by=by)
    services.decide_pilot(phase=second, verdict="go", on=END, reason="Bilan", by=by)
    finish(third, by)
    third.pilot = True
    with pytest.raises(DomainError, match="est achevée"):
        services.save_phase(instance=third, by=by)


def test_a_phase_comes_from_an_adoption_and_keeps_its_dates(world: SimpleNamespace, by: User) -> None:
    with pytest.raises(DomainError, match="naissent de l'adoption"):
        services.save_phase(instance=ProgrammePhase(plan=world.plan, exercise=2030), by=by)
    phase = world.phases[2016]
    phase.state, phase.started_on, phase.exercise, phase.label = PhaseState.RUNNING, START, 2040, "Première vague"
    services.save_phase(instance=phase, by=by)
    phase.refresh_from_db()
    assert (phase.state, phase.started_on, phase.exercise, str(phase)) == ("planned", None, 2016, "Première vague")
    phase.plan = make.PlanFactory()
    with pytest.raises(DomainError, match="ne change pas de"):
        services.save_phase(instance=phase, by=by)
    with pytest.raises(ValidationError, match="a une date de début"):
        ProgrammePhase(plan=world.plan, exercise=2031, state=PhaseState.RUNNING).full_clean()
    with pytest.raises(ValidationError, match="a déjà une phase pour cet exercice"):
        ProgrammePhase(plan=world.plan, exercise=2016).full_clean()


def test_schools_are_noted_equipped_with_what_is_forecast(world: SimpleNamespace, by: User) -> None:
    phase, school = world.phases[2016], world.schools[0]
    with pytest.raises(DomainError, match="n'est pas commencée"):
        services.record_equipped(phase=phase, schools=[school], equipped_on=END, by=by)
    start(phase, by)
    with pytest.raises(DomainError, match="au moins une école"):
        services.record_equipped(phase=phase, schools=[], equipped_on=END, by=by)
    with pytest.raises(DomainError, match="n'y est pas équipée avant"):
        services.record_equipped(phase=phase, schools=[school], equipped_on=date(2017, 1, 1), by=by)
    with pytest.raises(DomainError, match="d'une autre collectivité"):
        services.record_equipped(phase=phase, schools=[SchoolFactory()], equipped_on=END, by=by)
    assert list(queries.schools_to_equip(phase)) == [school]
    (row,) = services.record_equipped(phase=phase, schools=[school], equipped_on=END, by=by)
    assert (row.classes, row.pupils, row.plan) == (2, 48, world.plan)
    assert list(queries.schools_to_equip(phase)) == []
    with pytest.raises(DomainError, match="est déjà équipée"):
        services.record_equipped(phase=phase, schools=[school], equipped_on=END, by=by)
    other = start(world.phases[2017], by)
    one = EquippedSchool(phase=other, school=world.schools[1], equipped_on=END, classes=None, pupils=7)
    services.save_equipped_school(instance=one, by=by)
    assert (one.classes, one.pupils) == (2, 7)
    twice = EquippedSchool(phase=other, school=school, equipped_on=END, classes=1, pupils=1)
    with pytest.raises(ValidationError, match="déjà équipée au titre du plan"):
        services.save_equipped_school(instance=twice, by=by)
    stranger = EquippedSchool(phase=other, school=SchoolFactory(), equipped_on=END, classes=1, pupils=1)
    with pytest.raises(ValidationError, match="d'une autre collectivité"):
        services.save_equipped_school(instance=stranger, by=by)


def test_the_event_of_a_school_equipped_names_its_row(world: SimpleNamespace, by: User) -> None:
    row = EquippedSchool(phase=start(world.phases[2016], by), school=world.schools[0], equipped_on=END)
    services.save_equipped_school(instance=row, by=by)
    event = AuditEvent.objects.get(verb="governance.school_equipped")
    told = (event.target_type, event.target_id, event.target_label)
    assert told == ("governance.equippedschool", str(row.pk), "École A")
    assert row.history.get().audit_event == event


def test_what_a_done_phase_equipped_stays(world: SimpleNamespace, by: User) -> None:
    phase = start(world.phases[2016], by)
    first, second = (EquippedSchoolFactory(phase=phase, school=school, plan=world.plan) for school in world.schools[:2])
    services.delete_equipped_school(instance=second, by=by)
    services.finish_phase(phase=phase, on=END, by=by)
    first.pupils = 3
    for refused in (
        lambda: services.save_equipped_school(instance=first, by=by),
        lambda: services.delete_equipped_school(instance=first, by=by),
        lambda: services.record_equipped(phase=phase, schools=world.schools[1:], equipped_on=END, by=by),
    ):
        with pytest.raises(DomainError, match="Ce qui est achevé ne se réécrit pas"):
            refused()
    first.phase = world.phases[2017]
    with pytest.raises(DomainError, match="ne change pas de"):
        services.save_equipped_school(instance=first, by=by)


# Pages


def test_programme_page_says_how_to_adopt(client_as: Any, rows: Any) -> None:
    page = text_of(client_as("elected").get(f"/plans/{rows.plan.pk}/programme/"))
    assert "n'a pas encore de programme" in page
    assert "Préparer un avenant" not in page


def test_programme_shows_actuals_beside_forecasts(world: SimpleNamespace, by: User, client_as: Any) -> None:
    start(world.phases[2016], by)
    services.record_equipped(phase=world.phases[2016], schools=[world.schools[0]], equipped_on=END, by=by)
    ExpenseFactory(plan=world.plan, exercise=2016, stage="commitment", ht=50_000, vat=10_000)
    ExpenseFactory(plan=world.plan, exercise=2016)
    ExpenseFactory(plan=world.plan, exercise=2016, ht=-1_000, vat=-200)
    ExpenseFactory(plan=world.plan, exercise=2019)
    address = f"/plans/{world.plan.pk}/programme/"
    page = text_of(client_as("finance").get(address))
    for shown in ("1 200,00 €", "600,00 €", "108,00 €", "Hors programme", "−1 092,00 €".replace("−", "-")):
        assert shown in page, shown
    run, phase = world.scenario.runs.get().pk, world.phases[2016].pk
    for link in (
        f"/calculs/{run}/ecoles/?exercise_entered=2016",
        f"/calculs/{run}/lignes/?exercise=2016",
        f"/ecoles-equipees/?phase={phase}",
        f"/depenses/?plan={world.plan.pk}&amp;exercise=2016&amp;stage=payment",
    ):
        assert f'href="{link}"' in page, link
    academy = text_of(client_as("academy").get(address))
    assert "1 200,00 €" in academy
    assert "108,00 €" not in academy
    assert "Payé" not in academy
    other = queries.programme_years(by, world.plan, world.scenario.runs.get(), with_money=True)
    assert [(row.exercise, row.spent.paid if row.spent else None) for row in other] == [
        (2016, 10_800), (2017, 0), (2018, 0), (2019, 12_000),
    ]  # fmt: skip


def test_adoption_page_tells_the_effect_then_adopts(world: SimpleNamespace, by: User, client_as: Any) -> None:
    places = dict(zip(world.schools, (2016, 2016, None), strict=True))
    scenario = draft(world.plan, {2016: (100_000, 20_000), 2017: (1, 0), 2020: (5, 0)}, places)
    client, address = client_as("education"), reverse("governance:scenario_adopt", args=[scenario.pk])
    page = text_of(client.get(address))
    for said in (
        "Arrêter l'avenant n° 1", "est archivé : il reste lisible", "Phases créées : 2020", "Phases retirées, où rien n'a commencé : 2018",
        "Motif de l'avenant", "École B", "École C", "2 400,00 €",
    ):  # fmt: skip
        assert said in page, said
    refused = client.post(address, {"reason": ""})
    assert (refused.status_code, "dit son motif" in text_of(refused)) == (422, True)
    for bad in ("x\x00y", "x" * 3_000):
        assert client.post(address, {"reason": bad}).status_code == 422
    assert client.post(address, {"reason": "Une classe de plus"}).headers["Location"] == (
        f"/plans/{world.plan.pk}/programme/"
    )
    assert ProgrammeVersion.objects.get(number=2).reason == "Une classe de plus"


def test_adoption_page_says_why_not(rows: Any, world: SimpleNamespace, by: User, client_as: Any) -> None:
    client = client_as("education")
    page = text_of(client.get(reverse("governance:scenario_adopt", args=[rows.scenario.pk])))
    assert "n'est pas calculé" in page
    assert client.post(reverse("governance:scenario_adopt", args=[rows.scenario.pk])).status_code == 422
    finish(world.phases[2016], by)
    scenario = draft(world.plan, {}, {})
    page = text_of(client.get(reverse("governance:scenario_adopt", args=[scenario.pk])))
    assert "Ce qui est achevé ne se réécrit pas" in page
    assert 'name="reason"' not in page


def test_version_pages_tell_what_changed(world: SimpleNamespace, by: User, client_as: Any) -> None:
    amend(world, by, places={world.schools[1]: None})
    client = client_as("elected")
    first, second = ProgrammeVersion.objects.order_by("number")
    page = text_of(client.get(f"/programmes/{second.pk}/"))
    for said in ("En vigueur", "École B", "Retirée", "n'entre pas", "Motif synthétique"):
        assert said in page
    page = text_of(client.get(f"/programmes/{first.pk}/"))
    assert "Remplacée" in page
    assert "programme initial" in page
    listed = text_of(client.get("/programmes/?in_force=true"))
    assert "Avenant n° 1" in listed
    assert "Programme initial" not in listed
    assert "Programme initial" in text_of(client.get("/programmes/?in_force=false"))


def test_a_phase_is_conducted_from_its_pages(world: SimpleNamespace, client_as: Any) -> None:
    client, phase = client_as("education"), world.phases[2016]
    home = f"/phases-du-programme/{phase.pk}/"
    assert "École A" in text_of(client.get(home))
    assert client.post(f"{home}modifier/", {"label": "Pilote", "pilot": "on", "note": "Vu."}).status_code == 302
    blocked = text_of(client.get(f"/phases-du-programme/{world.phases[2017].pk}/"))
    assert "Cette phase attend" in blocked
    for bad in ("", "demain", "2199-01-01", "99999-01-01"):
        assert client.post(f"{home}commencer/", {"on": bad}).status_code == 422
    assert client.post(f"{home}commencer/", {"on": "2018-01-08"}).headers["Location"] == home
    assert "École A" in text_of(client.get(f"{home}ecoles/"))
    for bad in ([], ["x"], [str(10**30)], [str(world.schools[1].pk)]):
        assert client.post(f"{home}ecoles/", {"schools": bad, "equipped_on": "2018-03-01"}).status_code == 422
    ticked = {"schools": [world.schools[0].pk], "equipped_on": "2018-03-01"}
    assert client.post(f"{home}ecoles/", ticked).status_code == 302
    assert "Aucune école prévue ne reste" in text_of(client.get(f"{home}ecoles/"))
    alone = {
        "phase": phase.pk,
        "school": world.schools[1].pk,
        "equipped_on": "2018-03-02",
        "classes": "",
        "pupils": "9",
    }
    assert client.post(f"/ecoles-equipees/nouveau/?phase={phase.pk}", alone).headers["Location"] == home
    rows = list(EquippedSchool.objects.order_by("equipped_on").values_list("classes", "pupils"))
    assert rows == [(2, 48), (0, 9)]
    last = EquippedSchool.objects.order_by("-pk")[0]
    assert client.post(f"/ecoles-equipees/{last.pk}/supprimer/").headers["Location"] == home
    assert client.post(f"{home}suite/", {"verdict": "go", "on": "2018-05-02", "reason": ""}).status_code == 422
    decided = {"verdict": "go", "on": "2018-05-02", "reason": "Les maîtres s'en servent."}
    assert client.post(f"{home}suite/", decided).headers["Location"] == home
    assert client.get(f"{home}achever/").status_code == 200
    assert client.post(f"{home}achever/", {"on": "2018-07-01"}).headers["Location"] == home
    page = text_of(client.get(home))
    for said in ("Achevée", "Les maîtres s'en servent.", "un avenant ne les touche pas"):
        assert said in page
    for row in EquippedSchool.objects.all():
        client.post(f"/ecoles-equipees/{row.pk}/supprimer/")
    assert EquippedSchool.objects.count() == 1


def test_purchases_of_a_phase_open_their_lines(world: SimpleNamespace, client_as: Any) -> None:
    run = world.scenario.runs.get()
    for exercise, quantity in ((2016, 3), (2016, 4), (2017, 9)):
        run.lines.create(
            exercise=exercise, kind="item", code="tablette", label="Tablette", heading="materiel", section="investissement",
            quantity=quantity, unit_price_ht=100, ht=quantity * 100, vat=0, ttc=quantity * 100,
        )  # fmt: skip
    page = text_of(client_as("elected").get(f"/phases-du-programme/{world.phases[2016].pk}/"))
    assert "7,00 €" in page
    assert f"/calculs/{run.pk}/lignes/?exercise=2016&amp;kind=item&amp;code=tablette" in page
    lines = client_as("elected").get(f"/calculs/{run.pk}/lignes/?exercise=2016&kind=item&code=tablette&format=csv")
    assert len(lines.content.decode().splitlines()) == 3


LISTS = ("/programmes/", "/phases-du-programme/", "/ecoles-equipees/")


def queries_of(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", LISTS)
def test_lists_cost_the_same_with_one_and_three_rows(
    world: SimpleNamespace, by: User, authority: Any, client_as: Any, url: str
) -> None:
    EquippedSchoolFactory(phase=start(world.phases[2016], by))
    client = client_as("education")
    before = queries_of(client, url)
    for _ in range(2):
        more = adopted_plan(authority, by)
        EquippedSchoolFactory(phase=start(more.phases[2016], by))
    assert queries_of(client, url) == before
    for kind in ("csv", "xlsx"):
        assert client.get(f"{url}?format={kind}").status_code == 200


def test_programme_page_costs_the_same_at_any_size(
    world: SimpleNamespace, by: User, authority: Any, client_as: Any
) -> None:
    client, url = client_as("education"), f"/plans/{world.plan.pk}/programme/"
    phase = f"/phases-du-programme/{start(world.phases[2016], by).pk}/"
    EquippedSchoolFactory(phase=world.phases[2016])
    amend(world, by)
    before = queries_of(client, url), queries_of(client, phase)
    for _ in range(2):
        amend(world, by)
        EquippedSchoolFactory(phase=world.phases[2016])
        ExpenseFactory(plan=world.plan)
    assert (queries_of(client, url), queries_of(client, phase)) == before


# Who may


READ = ("plans/{plan}/programme/", "programmes/{version}/", "phases-du-programme/{phase}/", *LISTS)
ACTS = (
    "scenarios/{scenario}/arreter/", "phases-du-programme/{phase}/modifier/", "phases-du-programme/{phase}/commencer/",
    "phases-du-programme/{phase}/achever/", "phases-du-programme/{phase}/suite/", "phases-du-programme/{phase}/ecoles/",
    "ecoles-equipees/{equipped}/modifier/", "ecoles-equipees/{equipped}/supprimer/",
)  # fmt: skip
HISTORIES = (
    "programmes/{version}/historique/", "phases-du-programme/{phase}/historique/", "ecoles-equipees/{equipped}/historique/",
)  # fmt: skip


@pytest.fixture
def address(world: SimpleNamespace, by: User) -> Any:
    start(world.phases[2016], by)
    keys = {
        "plan": world.plan.pk,
        "version": ProgrammeVersion.objects.get().pk,
        "phase": world.phases[2016].pk,
        "scenario": draft(world.plan, YEARS, {}).pk,
        "equipped": EquippedSchoolFactory(phase=world.phases[2016]).pk,
    }
    return lambda path: f"/{path.lstrip('/').format(**keys)}"


@pytest.mark.parametrize("path", READ)
def test_who_reads_the_programme(address: Any, client_as: Any, other_authority: Any, path: str) -> None:
    url = address(path)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    for role in ("partner", "school"):
        assert client_as(role).get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == (200 if path in LISTS else 404)
    for role in ("elected", "academy", "finance", "technician", "education"):
        assert client_as(role).get(url).status_code == 200


@pytest.mark.parametrize("path", ACTS)
def test_who_conducts_the_programme(address: Any, client_as: Any, other_authority: Any, path: str) -> None:
    url = address(path)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    for role in ("elected", "academy", "finance", "technician"):
        client = client_as(role)
        assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
    stranger = client_as("education", other_authority)
    assert (stranger.get(url).status_code, stranger.post(url).status_code) == (404, 404)
    assert client_as("education").get(url).status_code == 200


@pytest.mark.parametrize("path", HISTORIES)
def test_who_reads_the_histories(address: Any, client_as: Any, other_authority: Any, path: str) -> None:
    url = address(path)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").get(url).status_code == 403
    assert client_as("education", other_authority).get(url).status_code == 404
    assert client_as("education").get(url).status_code == 200


def test_who_prepares_an_amendment(world: SimpleNamespace, client_as: Any, other_authority: Any) -> None:
    url = reverse("governance:plan_amend", args=[world.plan.pk])
    assert Client().post(url).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").post(url).status_code == 403
    assert client_as("education", other_authority).post(url).status_code == 404
    assert client_as("education").get(url).status_code == 405
    assert client_as("finance").post(url).status_code == 302


# API


def test_api_conducts_the_programme(world: SimpleNamespace, client_as: Any, other_authority: Any) -> None:
    client, phase = client_as("education"), world.phases[2016]
    one = f"/api/v1/phases-du-programme/{phase.pk}/"

    def post(path: str, **data: Any) -> Any:
        return client.post(path, data, content_type="application/json")

    assert post("/api/v1/phases-du-programme/", plan=world.plan.pk, exercise=2030).status_code == 403
    assert client.patch(one, {"pilot": True}, content_type="application/json").json()["pilot"] is True
    assert client.delete(one).status_code == 405
    for verb in ("start", "finish", "verdict", "equip"):
        assert client_as("elected").post(f"{one}{verb}/").status_code == 403
        assert client_as("education", other_authority).post(f"{one}{verb}/").status_code == 404
        assert post(f"{one}{verb}/").status_code == 400
    assert post(f"{one}finish/", on="2018-07-01").status_code == 400
    assert post(f"{one}start/", on="2018-01-08").json()["state"] == "running"
    assert post(f"{one}equip/", schools=[world.schools[0].pk, 10**15], equipped_on="2018-03-01").status_code == 400
    made = post(f"{one}equip/", schools=[world.schools[0].pk], equipped_on="2018-03-01")
    assert (made.status_code, made.json()[0]["pupils"]) == (201, 48)
    row = {"phase": phase.pk, "school": world.schools[1].pk, "equipped_on": "2018-03-01", "classes": 1, "pupils": 20}
    made = post("/api/v1/ecoles-equipees/", **row)
    assert made.status_code == 201
    assert client.delete(f"/api/v1/ecoles-equipees/{made.json()['id']}/").status_code == 204
    assert post(f"{one}verdict/", verdict="go", on="2018-05-02", reason="Bilan").json()["verdict"] == "go"
    assert post(f"{one}finish/", on="2018-07-01").json()["state"] == "done"
    assert post("/api/v1/ecoles-equipees/", **row).status_code == 400
    assert post("/api/v1/programmes/", plan=world.plan.pk).status_code in {403, 405}


def test_api_adopts_an_amendment_with_its_reason(world: SimpleNamespace, client_as: Any) -> None:
    url = f"/api/v1/scenarios/{draft(world.plan, YEARS, {}).pk}/adopt/"
    client = client_as("education")
    assert client.post(url).json() == {"reason": ["Un avenant au programme dit son motif."]}
    for bad in ({"reason": 3 * [1]}, [1], {"reason": "x\x00"}):
        assert client.post(url, bad, content_type="application/json").status_code == 400
    answer = client.post(url, {"reason": "Une classe de plus"}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "adopted")
    found = client.get(f"/api/v1/programmes/?plan={world.plan.pk}&in_force=true").json()["results"]
    assert [row["reason"] for row in found] == ["Une classe de plus"]


def test_a_phase_factory_row_is_listed_by_its_filters(client_as: Any, authority: Any) -> None:
    phase = ProgrammePhaseFactory(plan__authority=authority, exercise=2016, label="Vague synthétique")
    client = client_as("elected")
    for query, seen in (
        ("exercise=2016", True),
        ("exercise=2017", False),
        ("state=planned", True),
        ("pilot=true", False),
    ):
        page = text_of(client.get(f"/phases-du-programme/?{query}"))
        assert (f"/phases-du-programme/{phase.pk}/" in page) is seen, query
    for bad in ("exercise=x", f"exercise={10**40}", "plan=x", "state=x", "started_on_after=x", "q=%00"):
        assert client.get(f"/phases-du-programme/?{bad}").status_code == 200
        assert client.get(f"/ecoles-equipees/?{bad}").status_code == 200
