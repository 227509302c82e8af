"""Services of the drafting: text, figures, versions, visas, annexes, models, adoption."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from deliberations import queries, services
from deliberations.domain.figures import keys_in
from deliberations.enums import VisaStage
from deliberations.models import Act, ActClause, ActFigure, ActTemplate, Annex, VisaStep
from deliberations.queries.circuit import waiting_visas
from deliberations.queries.versions import digest_of, snapshot
from governance.models import ProgrammeVersion, Scenario
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from tests.factories import deliberations as make
from tests.factories import drafting as draft
from tests.factories.governance import PlanFactory, ScenarioFactory


@pytest.fixture
def act(authority: Any) -> Act:
    row: Act = make.ActFactory(
        sitting__assembly__authority=authority, sitting__held_on=date(2026, 12, 14), title="Plan numérique"
    )
    for position, (kind, text) in enumerate(
        [("visa", "le code,"), ("article", "le plan ;"), ("article", "la suite.")], 1
    ):
        make.ActClauseFactory(act=row, position=position, kind=kind, text=text)
    return row


def texts_of(act: Act) -> list[str]:
    return list(act.clauses.order_by("position").values_list("text", flat=True))


def shown(act: Act) -> list[str]:
    return [clause.shown for clause in queries.shown_clauses(act)]


def test_rich_text_is_cleaned_when_saved(act: Act, user_as: Any) -> None:
    clause = ActClause(act=act, position=9, kind="article", rich=True, text="<b>un</b><script>x</script>")
    services.save_clause(instance=clause, by=user_as("assembly"))
    assert (clause.position, clause.text) == (4, "<strong>un</strong>")
    assert AuditEvent.objects.filter(verb="deliberations.clause_saved", by__isnull=False).exists()


def test_rich_text_stored_otherwise_is_cleaned_when_shown(act: Act) -> None:
    make.ActClauseFactory(act=act, position=4, rich=True, text="<p onclick=x>un<script>y</script></p>")
    make.ActClauseFactory(act=act, position=5, text="a < b\nc & d")
    assert shown(act)[3:] == ["un", "a &lt; b<br>c &amp; d"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "   "}, "Écrire le texte"),
        ({"text": "<p> <br></p>", "rich": True}, "Écrire le texte"),
        ({"text": "x" * 50_001}, "50\u202f000 caractères"),
        ({"text": "x" * 10_000_000, "rich": True}, "50\u202f000 caractères"),
        ({"text": "soit [[montant-tcc]]"}, "[[montant-tcc]]"),
        ({"text": "soit [[ montant-ttc ]]"}, "Chiffre inconnu"),
    ],
)
def test_a_bad_text_is_refused_by_name(act: Act, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(DomainError) as refused:
        services.save_clause(instance=ActClause(act=act, position=1, kind="article", **fields), by=None)
    assert said in refused.value.message
    assert refused.value.field == "text"
    assert act.clauses.count() == 3


def test_a_new_passage_pushes_the_others(act: Act) -> None:
    services.save_clause(instance=ActClause(act=act, position=2, kind="visa", text="la loi,"), by=None)
    assert texts_of(act) == ["le code,", "la loi,", "le plan ;", "la suite."]
    assert list(act.clauses.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4]


def test_an_act_has_so_many_passages(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deliberations.services.clauses.MOST_CLAUSES", 3)
    with pytest.raises(DomainError, match="au plus 3 passages"):
        services.save_clause(instance=ActClause(act=act, position=2, kind="visa", text="la loi,"), by=None)


def test_passages_are_moved(act: Act) -> None:
    first, _, last = act.clauses.order_by("position")
    assert services.move_clause(clause=last, up=True, by=None)
    assert texts_of(act) == ["le code,", "la suite.", "le plan ;"]
    assert not services.move_clause(clause=first, up=True, by=None)
    assert services.move_clause(clause=first, up=False, by=None)
    assert texts_of(act) == ["la suite.", "le code,", "le plan ;"]


def test_the_text_of_a_voted_act_does_not_change(act: Act) -> None:
    Act.objects.filter(pk=act.pk).update(state="adopted")
    clause = act.clauses.order_by("position").first()
    assert clause is not None
    annex = draft.AnnexFactory(act=act)
    for attempt in (
        lambda: services.save_clause(instance=clause, by=None),
        lambda: services.delete_clause(instance=clause, by=None),
        lambda: services.move_clause(clause=clause, up=False, by=None),
        lambda: services.delete_annex(instance=annex, by=None),
        lambda: services.restore_version(version=draft.ActVersionFactory(act=act), by=None),
    ):
        with pytest.raises(DomainError, match="ne change plus"):
            attempt()
    act.sitting.past = True
    act.sitting.save()
    clause.refresh_from_db()
    services.save_clause(instance=clause, by=None)


@pytest.fixture
def planned(act: Act, authority: Any) -> Act:
    act.scenario = ScenarioFactory(plan=PlanFactory(authority=authority))
    act.save()
    make.ActClauseFactory(act=act, position=4, kind="article", text="le coût de [[montant-ttc]] pour [[ecoles]] écoles")
    make.ActClauseFactory(act=act, position=5, kind="paragraph", text="[[tableau-financement]]")
    return act


def test_figures_are_live_then_frozen(planned: Act, user_as: Any) -> None:
    assert "pas encore calculé" in shown(planned)[3]
    run = draft.computed_run(planned.scenario)
    assert shown(planned)[3] == "le coût de 1\u202f200,00\u202f€ pour 3 écoles"
    assert "État &amp; Région" in shown(planned)[4]
    rows = services.freeze_figures(act=planned, by=user_as("assembly"))
    assert [(row.key, row.run) for row in rows] == [
        ("montant-ttc", run), ("ecoles", run), ("tableau-financement", run),
    ]  # fmt: skip
    assert queries.moved_figures(planned) == []
    draft.computed_run(planned.scenario, ttc=240_000, number=99)
    assert shown(planned)[3] == "le coût de 1\u202f200,00\u202f€ pour 3 écoles"
    moved = queries.moved_figures(planned)
    assert next((row.label, row.frozen, row.live) for row in moved) == (
        "Montant toutes taxes comprises", "1\u202f200,00\u202f€", "2\u202f400,00\u202f€",
    )  # fmt: skip
    assert len(moved) == 2


def test_figures_of_a_plan_are_those_of_its_programme(planned: Act) -> None:
    plan, scenario = planned.scenario.plan, planned.scenario
    Act.objects.filter(pk=planned.pk).update(scenario=None, plan=plan)
    act = Act.objects.get(pk=planned.pk)
    assert queries.run_of(act) is None
    run = draft.computed_run(scenario)
    ProgrammeVersion.objects.create(plan=plan, number=1, scenario=scenario, run=run, adopted_on=date(2026, 1, 1))
    assert queries.run_of(act) == run


def test_an_unknown_figure_is_frozen_as_unknown(planned: Act) -> None:
    services.freeze_figures(act=planned, by=None)
    draft.computed_run(planned.scenario)
    assert shown(planned)[3] == "le coût de (non calculé) pour (non calculé) écoles"


def test_a_vote_freezes_figures_and_keeps_the_version(planned: Act) -> None:
    draft.computed_run(planned.scenario)
    sitting = planned.sitting
    for _ in range(3):
        make.PresenceFactory(sitting=sitting)
    sitting.members_complete, sitting.state = True, "closed"
    sitting.save()
    fields = {"mode": "totals", "for_count": 3, "against_count": 0, "abstain_count": 0}
    services.record_vote(act=planned, fields=fields, by=None)
    assert planned.state == "adopted"
    assert ActFigure.objects.filter(act=planned, frozen_at__isnull=False).count() == 3
    assert planned.versions.get().reason == "Texte examiné : adoptée"


def test_a_draft_set_aside_by_hand_freezes_too(planned: Act) -> None:
    draft.computed_run(planned.scenario)
    planned.state = "adjourned"
    services.save_act(instance=planned, by=None)
    assert planned.figures.count() == 3
    services.save_act(instance=planned, by=None)
    assert planned.versions.count() == 1


def test_figures_cost_no_query_where_none_is_named(act: Act, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        queries.text_of(act)


def test_versions_are_kept_once_and_restored(act: Act, user_as: Any) -> None:
    clerk = user_as("assembly")
    first = services.keep_version(act=act, reason="Première", by=clerk)
    assert services.keep_version(act=act, by=clerk) == first
    article = act.clauses.get(position=2)
    article.text = "un autre plan ;"
    services.save_clause(instance=article, by=clerk)
    services.delete_clause(instance=act.clauses.get(position=3), by=clerk)
    act.title = "Autre titre"
    services.save_act(instance=act, by=clerk)
    services.restore_version(version=first, by=clerk)
    act.refresh_from_db()
    assert (act.title, texts_of(act)) == ("Plan numérique", ["le code,", "le plan ;", "la suite."])
    assert list(act.versions.order_by("number").values_list("reason", flat=True)) == [
        "Première", "Avant le retour à la version 1", "Retour à la version 1",
    ]  # fmt: skip
    with pytest.raises(DomainError, match="déjà celui"):
        services.restore_version(version=first, by=clerk)


def seen(act: Act) -> str:
    return digest_of(snapshot(act))


def states(act: Act) -> list[str]:
    return list(act.visas.order_by("position").values_list("state", flat=True))


def sign(act: Act, stage: str, by: Any, *, given: bool = True, remark: str = "") -> VisaStep:
    return services.sign_visa(step=act.visas.get(stage=stage), given=given, seen=seen(act), remark=remark, by=by)


def test_the_circuit_goes_from_one_to_the_next(act: Act, user_as: Any) -> None:
    clerk, service, money = user_as("assembly"), user_as("education"), user_as("finance")
    services.open_circuit(act=act, by=clerk)
    assert states(act) == ["waiting"] * 5
    with pytest.raises(DomainError, match="« Service » vient avant"):
        sign(act, VisaStage.LEGAL, clerk)
    assert [step.stage for step in waiting_visas(service)] == ["service"]
    assert not waiting_visas(money).exists()
    sign(act, VisaStage.SERVICE, service)
    sign(act, VisaStage.LEGAL, clerk)
    with pytest.raises(DomainError, match="dit pourquoi"):
        sign(act, VisaStage.FINANCE, money, given=False, remark=" ")
    step = sign(act, VisaStage.FINANCE, money, given=False, remark="Crédits à vérifier.")
    assert (step.state, step.remark, step.version.number) == ("returned", "Crédits à vérifier.", 1)
    assert not waiting_visas(money).exists()
    assert queries.unfinished_circuits([act]) == {act.pk: "Renvoyée, 2 visas sur 5"}
    article = act.clauses.get(position=2)
    article.text = "le plan corrigé ;"
    services.save_clause(instance=article, by=clerk)
    assert states(act) == ["given", "given", "waiting", "waiting", "waiting"]
    assert act.visas.get(stage="finance").version.number == 1
    circuit = queries.circuit_of(act, money)
    assert [step.outdated for step in circuit.steps] == [True, True, False, False, False]
    assert circuit.current is not None
    assert circuit.current.may_sign
    sign(act, VisaStage.FINANCE, money)
    sign(act, VisaStage.MANAGEMENT, user_as("administrator"))
    sign(act, VisaStage.MAYOR, user_as("elected"))
    assert queries.circuit_of(act, clerk).complete
    assert queries.unfinished_circuits([act]) == {}
    with pytest.raises(DomainError, match="Tous les visas"):
        sign(act, VisaStage.MAYOR, clerk)


@pytest.mark.parametrize("change", ["clause", "move", "delete", "title", "restore"])
def test_a_change_by_an_outsider_asks_every_visa_again(act: Act, user_as: Any, change: str) -> None:
    old = services.keep_version(act=act, by=None)
    clause = act.clauses.get(position=2)
    clause.text = "le plan précisé ;"
    services.save_clause(instance=clause, by=None)
    services.open_circuit(act=act, stages=["service", "finance"], by=None)
    sign(act, VisaStage.SERVICE, user_as("education"))
    sign(act, VisaStage.FINANCE, user_as("finance"))
    clause.refresh_from_db()
    if change == "clause":
        clause.text = "le plan corrigé ;"
        services.save_clause(instance=clause, by=None)
    elif change == "move":
        services.move_clause(clause=clause, up=True, by=None)
    elif change == "delete":
        services.delete_clause(instance=clause, by=None)
    elif change == "title":
        act.title = "Autre"
        services.save_act(instance=act, by=None)
    else:
        services.restore_version(version=old, by=None)
    assert states(act) == ["waiting", "waiting"]
    assert all(step.version is not None for step in act.visas.all())


def test_a_text_changed_meanwhile_is_not_signed_unread(act: Act, user_as: Any) -> None:
    services.open_circuit(act=act, by=None)
    read = seen(act)
    services.delete_clause(instance=act.clauses.get(position=3), by=None)
    with pytest.raises(DomainError, match="a changé depuis sa lecture"):
        services.sign_visa(step=act.visas.get(stage="service"), given=True, seen=read, by=user_as("education"))


def test_the_circuit_is_chosen_and_changed(act: Act, user_as: Any) -> None:
    with pytest.raises(DomainError, match="au moins un visa"):
        services.open_circuit(act=act, stages=[], by=None)
    with pytest.raises(DomainError, match="au moins un visa"):
        services.open_circuit(act=act, stages=["x"], by=None)
    services.open_circuit(act=act, stages=["legal", "mayor"], by=None)
    sign(act, VisaStage.LEGAL, user_as("assembly"))
    with pytest.raises(DomainError, match="« Affaires juridiques » est donné"):
        services.open_circuit(act=act, stages=["mayor"], by=None)
    services.open_circuit(act=act, stages=["legal", "finance"], by=None)
    assert [(step.stage, step.state) for step in act.visas.order_by("position")] == [
        ("legal", "given"), ("finance", "waiting"),
    ]  # fmt: skip
    empty = make.ActFactory(sitting=act.sitting)
    with pytest.raises(DomainError, match="Rien n'est encore écrit"):
        services.open_circuit(act=empty, by=None)
    Act.objects.filter(pk=act.pk).update(state="adopted")
    with pytest.raises(DomainError, match="n'est plus un projet"):
        services.open_circuit(act=act, by=None)
    with pytest.raises(DomainError, match="n'est plus un projet"):
        sign(act, VisaStage.FINANCE, user_as("finance"))


def test_a_long_remark_is_refused(act: Act) -> None:
    services.open_circuit(act=act, by=None)
    with pytest.raises(DomainError, match="au plus 4000 caractères"):
        sign(act, VisaStage.SERVICE, None, remark="x" * 4001)


def test_annexes_are_stored_and_discarded(act: Act, user_as: Any) -> None:
    clerk = user_as("assembly")
    held = {"title": "Convention", "filename": "convention.pdf", "content": draft.PDF}
    annex = services.add_annex(act=act, by=clerk, **held)
    other = services.add_annex(act=act, by=clerk, **{**held, "filename": f"{'n' * 300}.pdf"})
    assert (annex.position, other.position, len(other.document.filename)) == (1, 2, 150)
    assert set(annex.document.roles) == {"administrator", "education", "technician", "finance", "assembly"}
    annex.title = "Convention cadre"
    services.save_annex(instance=annex, by=clerk)
    services.delete_annex(instance=annex, by=clerk)
    assert (Annex.objects.count(), StoredDocument.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("filename", "content", "said"),
    [
        ("a.pdf", b"", "vide"),
        ("a.exe", b"MZ", "n'est pas accepté"),
        ("a.pdf", b"<html>", "n'est pas accepté"),
        ("a\x00/b.pdf", draft.PDF, "barre oblique"),
    ],
)
def test_a_bad_annex_is_refused(act: Act, filename: str, content: bytes, said: str) -> None:
    with pytest.raises(DomainError, match=said):
        services.add_annex(act=act, title="A", filename=filename, content=content, by=None)
    assert not StoredDocument.objects.exists()


def test_a_heavy_annex_and_one_too_many_are_refused(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deliberations.services.annexes.LARGEST", 10)
    with pytest.raises(DomainError, match="au plus 20 Mo"):
        services.add_annex(act=act, title="A", filename="a.pdf", content=draft.PDF, by=None)
    monkeypatch.setattr("deliberations.services.annexes.MOST_ANNEXES", 0)
    with pytest.raises(DomainError, match="au plus 0 annexes"):
        services.add_annex(act=act, title="A", filename="a.pdf", content=draft.PDF, by=None)
    monkeypatch.undo()
    with pytest.raises(ValidationError):
        services.add_annex(act=act, title=" ", filename="a.pdf", content=draft.PDF, by=None)
    assert not StoredDocument.objects.exists()


def test_models_of_the_product_are_loaded_once(db: Any) -> None:
    for expected in ("6 modèles ajoutés.", "0 modèles ajoutés."):
        out = io.StringIO()
        call_command("load_act_templates", stdout=out)
        assert out.getvalue().strip() == expected
    rows = ActTemplate.objects.all()
    assert {row.matter_code for row in rows} == {"7.1", "7.5", "8.1"}
    for row in rows:
        kinds = [clause["kind"] for clause in row.clauses]
        assert {"paragraph", "visa", "considerant", "preamble", "article"} == set(kinds)
        assert all(clause["verb"] for clause in row.clauses if clause["kind"] == "article")
    assert any(keys_in(clause["text"]) for row in rows for clause in row.clauses)


def test_an_act_is_drafted_from_a_model(authority: Any, user_as: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority)
    scenario = ScenarioFactory(plan=PlanFactory(authority=authority))
    template = draft.ActTemplateFactory(authority=authority)
    act = services.draft_act(sitting=sitting, template=template, scenario=scenario, by=user_as("assembly"))
    assert (act.title, act.matter_label, act.plan) == ("Intitulé synthétique", "Enseignement", scenario.plan)
    assert texts_of(act) == [clause["text"] for clause in template.clauses]
    assert act.versions.get().reason == f"Modèle « {template.name} »"
    copy = services.template_of_act(act=act, name="", by=None)
    assert (copy.authority, copy.clauses, copy.name) == (authority, template.clauses, "Intitulé synthétique")
    assert services.template_of_act(act=act, name="", by=None).name == "Intitulé synthétique (2)"


def test_a_draft_is_refused_whole(authority: Any, other_authority: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority)
    with pytest.raises(DomainError, match="autre collectivité"):
        services.draft_act(sitting=sitting, template=draft.ActTemplateFactory(authority=other_authority), by=None)
    with pytest.raises(DomainError, match="Écrire l'intitulé"):
        services.draft_act(sitting=sitting, title="  ", by=None)
    with pytest.raises(ValidationError, match="autre collectivité"):
        services.draft_act(sitting=sitting, title="A", plan=PlanFactory(authority=other_authority), by=None)
    with pytest.raises(DomainError, match="Rien n'est encore écrit"):
        services.template_of_act(act=make.ActFactory(sitting=sitting), name="A", by=None)
    assert Act.objects.count() == 1


CLAUSE = {"kind": "article", "text": "le plan"}


@pytest.mark.parametrize(
    "clauses",
    [
        "x", None, {}, [CLAUSE] * 301, ["x"], [{}], [{**CLAUSE, "kind": "x"}], [{**CLAUSE, "kind": ["x"]}], [{**CLAUSE, "text": 5}],
        [{**CLAUSE, "text": ""}], [{**CLAUSE, "text": "a\x00b"}], [{**CLAUSE, "verb": "x" * 61}], [{**CLAUSE, "verb": None}],
        [{**CLAUSE, "level": 9}], [{**CLAUSE, "level": True}], [{**CLAUSE, "level": "1"}], [{**CLAUSE, "rich": "oui"}],
        [{**CLAUSE, "text": "[[x]]"}], [{**CLAUSE, "text": "x" * 50_001}],
    ],
)  # fmt: skip
def test_bad_passages_of_a_model_are_refused(authority: Any, clauses: Any) -> None:
    row = draft.ActTemplateFactory.build(authority=authority, clauses=clauses)
    with pytest.raises(DomainError) as refused:
        services.save_template(instance=row, by=None)
    assert refused.value.field == "clauses"
    assert not ActTemplate.objects.exists()


def test_models_of_the_product_are_copied_not_changed(authority: Any, other_authority: Any) -> None:
    common = draft.ActTemplateFactory(authority=None)
    for attempt in (
        lambda: services.save_template(instance=common, by=None),
        lambda: services.delete_template(instance=common, by=None),
    ):
        with pytest.raises(DomainError, match="vient avec l'application"):
            attempt()
    common.authority = authority
    with pytest.raises(DomainError, match="vient avec l'application"):
        services.save_template(instance=common, by=None)
    common.refresh_from_db()
    copy = services.copy_template(template=common, authority=authority, by=None)
    assert copy.name == common.name
    copy.authority = other_authority
    with pytest.raises(DomainError, match="autre collectivité"):
        services.save_template(instance=copy, by=None)
    copy.refresh_from_db()
    services.delete_template(instance=copy, by=None)
    assert ActTemplate.objects.get() == common


def test_an_adopted_act_adopts_its_scenario(planned: Act, user_as: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DomainError, match="« Projet »"):
        services.adopt_scenario_of(act=planned, by=None)
    Act.objects.filter(pk=planned.pk).update(state="adopted", number="2026-014")
    planned.refresh_from_db()
    with pytest.raises(DomainError, match="n'est pas calculé"):
        services.adopt_scenario_of(act=planned, by=None)
    asked: dict[str, Any] = {}

    def adopt(*, scenario: Scenario, by: Any, reason: str) -> Scenario:
        asked.update(scenario=scenario, reason=reason)
        return scenario

    monkeypatch.setattr("deliberations.services.adoption.governance.adopt_scenario", adopt)
    services.adopt_scenario_of(act=planned, by=user_as("administrator"))
    assert asked["reason"] == "Délibération n° 2026-014 du 14/12/2026 : Plan numérique"
    planned.scenario = None
    with pytest.raises(DomainError, match="n'approuve pas de scénario"):
        services.adopt_scenario_of(act=planned, by=None)
