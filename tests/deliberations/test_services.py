"""Refusals of the council's rules for new sittings and acts, findings for past ones; constraints with their sentence."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from deliberations import queries, services
from deliberations.models import Act, Assembly, Ballot, Mandate, Presence, Sitting, Vote
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.factories import deliberations as make
from tests.factories.governance import PlanFactory, ScenarioFactory

NEW = {"held_on": date(2024, 6, 10), "members_complete": True, "state": "closed"}
PAST = {**NEW, "past": True, "in_office": 3, "present": 2, "represented": 1, "absent": 0}


@pytest.fixture
def assembly(authority: Any) -> Assembly:
    return make.AssemblyFactory(authority=authority)


@pytest.fixture
def members(assembly: Assembly) -> list[Mandate]:
    return [make.MandateFactory(assembly=assembly, display_name=f"Mme M{n}", rank=n + 1) for n in range(5)]


def sitting_of(assembly: Assembly, members: list[Mandate], states: str, proxies: Any = (), **fields: Any) -> Sitting:
    """`states` gives one letter a member: p, r, a or e."""
    names = {"p": "present", "r": "represented", "a": "absent", "e": "excused"}
    presences = [(member, names[state]) for member, state in zip(members, states, strict=True)]
    return services.record_sitting(
        assembly=assembly,
        fields={**NEW, **fields},
        presences=presences,
        proxies=[(members[giver], members[holder]) for giver, holder in proxies],
        by=None,
    )


@pytest.mark.parametrize(
    ("states", "proxies", "sentence"),
    [
        ("pprra", [(2, 0), (3, 0)], "« Mme M0 » porte 2 pouvoirs"),
        ("pppra", [(3, 4)], "« Mme M4 » porte un pouvoir sans être présent"),
        ("ppppa", [(3, 0)], "« Mme M3 » donne pouvoir alors qu'il est présent"),
    ],
)
def test_proxies_are_refused_with_their_article(
    assembly: Assembly, members: list[Mandate], states: str, proxies: Any, sentence: str
) -> None:
    with pytest.raises(DomainError, match="L2121-20") as refusal:
        sitting_of(assembly, members, states, proxies)
    assert sentence in refusal.value.message
    assert not Sitting.objects.exists()
    past = sitting_of(assembly, members, states, proxies, past=True)
    told = queries.check_sitting(past).findings
    assert [(finding.severity, finding.article) for finding in told] == [("warning", "L2121-20")]


def test_legal_settings_of_the_day_rule(assembly: Assembly, members: list[Mandate]) -> None:
    make.LegalSettingFactory(value=1, valid_to=date(2024, 5, 31))
    make.LegalSettingFactory(value=2, valid_from=date(2024, 6, 1))
    make.LegalSettingFactory(code="proxy_sittings", value=3)
    sitting_of(assembly, members, "pprra", [(2, 0), (3, 0)])
    with pytest.raises(DomainError):
        sitting_of(assembly, members, "pprra", [(2, 0), (3, 0)], held_on=date(2024, 5, 30))


def vote(sitting: Sitting, votes: Any = (), **fields: Any) -> Ballot:
    return services.record_vote(
        act=make.ActFactory(sitting=sitting), fields={"mode": "totals", **fields}, votes=votes, by=None
    )


def test_more_votes_than_voices_are_refused(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "ppppr", [(4, 0)])
    with pytest.raises(DomainError, match=r"6 votes pour 5 voix .*L2121-20"):
        vote(sitting, for_count=6, against_count=0, abstain_count=0)
    assert not Ballot.objects.exists()
    ballot = vote(sitting, for_count=5, against_count=0, abstain_count=0)
    assert Act.objects.get(ballot=ballot).state == "adopted"


def test_vote_without_quorum_is_refused_and_represented_members_do_not_count(
    assembly: Assembly, members: list[Mandate]
) -> None:
    sitting = sitting_of(assembly, members, "pprra", [(2, 0), (3, 1)])
    with pytest.raises(DomainError, match=r"quorum n'est pas atteint : 2 .* 3 .*L2121-17"):
        vote(sitting, for_count=4, against_count=0, abstain_count=0)
    second = sitting_of(
        assembly,
        members,
        "pprra",
        [(2, 0), (3, 1)],
        held_on=date(2024, 6, 14),
        second_convocation=True,
        first_sitting=sitting,
    )
    assert vote(second, for_count=4, against_count=0, abstain_count=0).pk


def test_secret_ballot_names_nobody(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "ppppp")
    with pytest.raises(DomainError, match="L2121-21"):
        vote(sitting, [(members[0], "for", False)], secret=True)
    assert not Vote.objects.exists()


def test_a_member_named_twice_is_refused(assembly: Assembly, members: list[Mandate]) -> None:
    with pytest.raises(DomainError, match="deux fois"):
        vote(sitting_of(assembly, members, "ppppp"), [(members[0], "for", False)] * 2, mode="by_name")


def test_vote_by_name_is_counted_from_its_names(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "ppppr", [(4, 0)])
    named = [(members[1], "against", False), (members[0], "abstain", True)]
    ballot = vote(sitting, named, mode="by_name", others_voted="for", names_cover_proxies=True)
    assert (ballot.for_count, ballot.against_count, ballot.abstain_count, ballot.not_voting_count) == (2, 1, 2, 0)
    assert ballot.named_choices == ["against", "abstain", "not_voting"]


def test_vote_again_replaces_names(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "ppppp")
    named = [(members[0], "against", False), (members[1], "against", False)]
    ballot = vote(sitting, named, mode="by_name", others_voted="for")
    services.record_vote(
        act=ballot.act, fields={"for_count": 4, "against_count": 1}, votes=[(members[1], "against", False)], by=None
    )
    assert list(ballot.votes.values_list("mandate_id", "position")) == [(members[1].pk, 1)]


def test_tie_follows_the_chair_except_by_secret_ballot(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "ppppa", chair=members[0])
    tie = {"for_count": 2, "against_count": 2, "abstain_count": 0}
    assert vote(sitting, **tie, chair_vote="for").act.state == "adopted"
    assert vote(sitting, **tie, secret=True).act.state == "rejected"
    assert vote(sitting, **tie).act.state == "draft"


def test_majority_without_figures_is_accepted_for_a_past_act(assembly: Assembly) -> None:
    past = make.SittingFactory(assembly=assembly, past=True, in_office=55, present=32)
    ballot = vote(past, mode="result_only", stated_result="majority")
    assert (ballot.for_count, ballot.act.state) == (None, "adopted")
    assert queries.check_act(ballot.act).findings == ()


def test_identifier_whose_date_differs_is_refused_or_only_warns(assembly: Assembly) -> None:
    value = "042-244200770-20240101-D2016-DE"
    act = make.ActFactory(sitting=make.SittingFactory(assembly=assembly, held_on=date(2024, 6, 10)))
    with pytest.raises(DomainError, match="20240101"):
        services.save_identifier(instance=make.ActIdentifierFactory.build(act=act, kind="actes", value=value), by=None)
    past = make.ActFactory(
        sitting__assembly__authority=assembly.authority, sitting__held_on=date(2024, 6, 10), sitting__past=True
    )
    services.save_identifier(instance=make.ActIdentifierFactory.build(act=past, kind="actes", value=value), by=None)
    codes = [(finding.code, finding.severity) for finding in queries.check_act(Act.objects.get(pk=past.pk)).findings]
    assert ("ACTES_DATE", "warning") in codes


def test_dates_before_the_sitting_are_refused(assembly: Assembly) -> None:
    act = make.ActFactory(sitting__assembly=assembly, sitting__held_on=date(2024, 6, 10))
    act.received_on = date(2024, 6, 1)
    with pytest.raises(DomainError, match="L2131-1"):
        services.save_act(instance=act, by=None)
    assert Act.objects.get(pk=act.pk).received_on is None


def test_one_action_holds_the_whole_sitting(assembly: Assembly, members: list[Mandate]) -> None:
    before = AuditEvent.objects.count()
    sitting = sitting_of(assembly, members, "ppprr", [(3, 0), (4, 1)])
    assert AuditEvent.objects.count() == before + 1
    event = AuditEvent.objects.latest("pk")
    assert Presence.history.model.objects.filter(audit_event=event).count() == 5
    assert event.target_label == str(sitting)


def test_attendance_is_replaced(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "ppprr", [(3, 0), (4, 1)])
    states = dict(zip(members, ["present", "absent", "", "represented", "represented"], strict=True))
    proxies = {members[3]: members[0]}
    with pytest.raises(DomainError):
        services.save_attendance(
            sitting=sitting,
            states=states,
            proxies={members[3]: members[1], members[4]: members[0]},
            complete=False,
            by=None,
        )
    assert sitting.presences.count() == 5
    services.save_attendance(sitting=sitting, states=states, proxies=proxies, complete=False, by=None)
    assert dict(sitting.presences.values_list("mandate_id", "state")) == {
        member.pk: state for member, state in states.items() if state
    }
    assert list(sitting.proxies.values_list("giver_id", "holder_id")) == [(members[3].pk, members[0].pk)]
    assert not Sitting.objects.get(pk=sitting.pk).members_complete


def test_members_are_recorded_once(assembly: Assembly) -> None:
    rows = [{"display_name": "Mme A"}, {"display_name": "M. B", "rank": 2}]
    first = services.record_members(assembly=assembly, members=rows, by=None)
    assert services.record_members(assembly=assembly, members=rows, by=None) == first
    assert assembly.mandates.count() == 2


def test_act_is_recorded_whole(assembly: Assembly, members: list[Mandate]) -> None:
    past = sitting_of(assembly, members, "ppppr", [(4, 0)], past=True)
    act = services.record_act(
        sitting=past,
        fields={"title": "Plan", "number": "1", "matter_code": "8.1"},
        clauses=[{"kind": "visa", "text": "le code"}, {"kind": "article", "verb": "approuve", "text": "le plan"}],
        identifiers=[{"kind": "internal", "value": "1"}],
        reporters=[("Mme M0", members[0])],
        amounts=[{"label": "Coût", "stated": 100}],
        budget={"total_ht": 100, "total_ttc": 121, "vat_rate": 200_000},
        budget_lines=[{"label": "Ligne", "ht": 100}],
        grants=[{"funder": "État", "rate": 200_000, "base": 100, "amount": 20}],
        products=[
            {
                "label": "ENT",
                "unit": 200,
                "quantity": 750,
                "vat_rate": 200_000,
                "total_ttc": 200_000,
                "approximate": True,
            }
        ],
        ballot={"mode": "totals", "for_count": 5, "against_count": 0, "abstain_count": 0},
        by=None,
    )
    assert act.state == "adopted"
    assert [clause.position for clause in act.clauses.order_by("pk")] == [1, 2]
    assert {finding.code for finding in queries.check_act(act).findings} == {"VAT_AMOUNT", "PRODUCT_TOTAL"}


def test_act_of_a_plan_of_another_authority_is_refused(assembly: Assembly, other_authority: Any) -> None:
    act = make.ActFactory.build(
        sitting=make.SittingFactory(assembly=assembly), plan=PlanFactory(authority=other_authority)
    )
    with pytest.raises(ValidationError, match="autre collectivité"):
        services.save_act(instance=act, by=None)
    mine = PlanFactory(authority=assembly.authority)
    act.plan, act.scenario = mine, ScenarioFactory(plan__authority=assembly.authority)
    with pytest.raises(ValidationError, match="pas un scénario du plan"):
        services.save_act(instance=act, by=None)
    act.scenario = ScenarioFactory(plan__authority=other_authority)
    with pytest.raises(ValidationError, match="autre collectivité"):
        services.save_act(instance=act, by=None)


def test_rows_never_pass_to_another_authority(assembly: Assembly, other_authority: Any) -> None:
    elsewhere = make.AssemblyFactory(authority=other_authority)
    assembly.authority = other_authority
    with pytest.raises(DomainError, match="autre collectivité"):
        services.save_assembly(instance=assembly, by=None)
    clause = make.ActClauseFactory()
    clause.act = make.ActFactory(sitting__assembly=elsewhere)
    with pytest.raises(DomainError, match="autre collectivité"):
        services.save_of_act(instance=clause, by=None)
    sitting = make.SittingFactory()
    sitting.assembly = elsewhere
    with pytest.raises(DomainError, match="ne change pas d'assemblée"):
        services.save_sitting(instance=sitting, by=None)


def test_act_voted_by_name_keeps_its_sitting(assembly: Assembly) -> None:
    act = make.VoteFactory(ballot__act__sitting__assembly=assembly).ballot.act
    act.sitting = make.SittingFactory(assembly=assembly)
    with pytest.raises(DomainError, match="ne change pas de séance"):
        services.save_act(instance=act, by=None)


def test_only_a_draft_is_deleted(assembly: Assembly) -> None:
    act = make.ActFactory(sitting__assembly=assembly, state="adopted")
    with pytest.raises(DomainError, match="sans limite de durée"):
        services.delete_act(instance=act, by=None)
    with pytest.raises(DomainError, match="se conserve"):
        services.delete_ballot(instance=make.BallotFactory(act=act), by=None)
    draft = make.ActFactory(sitting__assembly=assembly)
    services.delete_ballot(instance=make.BallotFactory(act=draft), by=None)
    services.delete_act(instance=draft, by=None)
    assert list(Act.objects.all()) == [act]


def other_member(field: str) -> Any:
    return lambda row: setattr(row, field, make.MandateFactory())


CONSTRAINTS = [
    ("LegalSetting", {"valid_from": date(2024, 1, 1)}, {"valid_from": date(2024, 1, 1)}, "déjà une valeur"),
    ("LegalSetting", {}, {}, "déjà une première valeur"),
    ("LegalSetting", None, {"valid_from": date(2024, 1, 2), "valid_to": date(2024, 1, 1)}, "ne cesse pas avant"),
    ("Assembly", {"name": "X"}, {"name": "X"}, "déjà une assemblée de ce nom"),
    ("Mandate", {"display_name": "X"}, {"display_name": "X"}, "mandat sans date"),
    (
        "Mandate",
        {"display_name": "X", "starts_on": date(2020, 7, 1)},
        {"display_name": "X", "starts_on": date(2020, 7, 1)},
        "à cette date",
    ),
    ("Mandate", None, {"starts_on": date(2020, 7, 1), "ends_on": date(2020, 6, 1)}, "ne finit pas avant"),
    ("Sitting", {"held_on": date(2024, 1, 1)}, {"held_on": date(2024, 1, 1)}, "séance sans heure"),
    (
        "Sitting",
        {"held_on": date(2024, 1, 1), "held_at": "18:00"},
        {"held_on": date(2024, 1, 1), "held_at": "18:00"},
        "à cette heure",
    ),
    ("Secretary", {}, {}, "a déjà ce rang"),
    ("PassageRange", {}, {}, "a déjà ce rang"),
    ("PassageRange", None, {"first": 2, "last": 1}, "ne précède pas"),
    ("AttendanceChange", None, {"event": "withdrawal"}, "L2131-11"),
    ("Act", {"number": "72"}, {"number": "72"}, "porte déjà ce numéro"),
    ("Act", {"passage": 1}, {"passage": 1}, "passe déjà à ce rang"),
    ("Reporter", {}, {}, "a déjà ce rang"),
    ("ActClause", {"position": 1}, {"position": 1}, "a déjà ce rang"),
    ("ActIdentifier", {"value": "1"}, {"value": "1"}, "porte déjà cet identifiant"),
    ("ActIdentifier", {"kind": "actes"}, {"kind": "actes"}, "qu'un identifiant ACTES"),
    ("Ballot", None, {"mode": "by_name", "secret": True}, "L2121-21"),
    ("Ballot", None, {"mode": "result_only", "for_count": 1}, "n'a pas de décompte"),
    ("Ballot", None, {"named_choices": ["oui"]}, "Liste attendue"),
    ("StatedAmount", {}, {}, "a déjà ce rang"),
    ("StatedBudgetLine", {}, {}, "a déjà ce rang"),
    ("StatedGrant", {}, {}, "a déjà ce rang"),
    ("StatedProduct", {}, {}, "a déjà ce rang"),
]
PARENTS = {
    "Assembly": "authority", "Mandate": "assembly", "Sitting": "assembly", "Secretary": "sitting", "PassageRange": "sitting",
    "Act": "sitting", "Reporter": "act", "ActClause": "act", "ActIdentifier": "act", "StatedAmount": "act",
    "StatedBudgetLine": "budget", "StatedGrant": "act", "StatedProduct": "act",
}  # fmt: skip


def built(factory: Any, **fields: Any) -> Any:
    """Made and then taken back, so that the parents are there."""
    row = factory(**fields)
    row.delete()
    row.pk, row._state.adding = None, True
    return row


@pytest.mark.parametrize(("model", "first", "second", "sentence"), CONSTRAINTS)
def test_constraints(db: Any, model: str, first: Any, second: dict[str, Any], sentence: str) -> None:
    factory = getattr(make, f"{model}Factory")
    if first is None:
        row = built(factory)
        for name, value in second.items():
            setattr(row, name, value)
    else:
        row = built(factory)
        shared = {PARENTS[model]: getattr(row, PARENTS[model])} if model in PARENTS else {}
        factory(**shared, **first)
        for name, value in {**first, **second}.items():
            setattr(row, name, value)
    with pytest.raises(ValidationError, match=sentence):
        row.full_clean()


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("Presence", "mandate"), ("Proxy", "giver"), ("Proxy", "holder"), ("Secretary", "mandate"), ("AttendanceChange", "mandate"),
        ("Sitting", "chair"), ("Act", "signatory"), ("Reporter", "mandate"), ("Vote", "mandate"),
    ],
)  # fmt: skip
def test_members_are_of_the_assembly_that_sits(db: Any, model: str, field: str) -> None:
    row = built(getattr(make, f"{model}Factory"))
    row.full_clean()
    setattr(row, field, make.MandateFactory())
    with pytest.raises(ValidationError, match="pas de l'assemblée"):
        row.full_clean()


def test_unique_rows_of_a_sitting_and_a_ballot(db: Any) -> None:
    presence = make.PresenceFactory()
    with pytest.raises(ValidationError, match="déjà à l'émargement"):
        Presence(sitting=presence.sitting, mandate=presence.mandate, state="absent").full_clean()
    proxy = make.ProxyFactory()
    again = make.ProxyFactory.build(
        sitting=proxy.sitting, giver=proxy.giver, holder=make.MandateFactory(assembly=proxy.sitting.assembly)
    )
    with pytest.raises(ValidationError, match="déjà donné pouvoir"):
        again.full_clean()
    again.giver = again.holder
    with pytest.raises(ValidationError, match="lui-même"):
        again.full_clean()
    vote = make.VoteFactory()
    with pytest.raises(ValidationError, match="a déjà voté"):
        Vote(ballot=vote.ballot, mandate=vote.mandate, choice="for").full_clean()
    secret = make.BallotFactory(secret=True)
    with pytest.raises(ValidationError, match="L2121-21"):
        Vote(
            ballot=secret, mandate=make.MandateFactory(assembly=secret.act.sitting.assembly), choice="for"
        ).full_clean()
    change = make.AttendanceChangeFactory()
    change.act = make.ActFactory()
    with pytest.raises(ValidationError, match="pas de la séance"):
        change.full_clean()


def test_withdrawn_members_leave_the_quorum_of_their_act_only(assembly: Assembly, members: list[Mandate]) -> None:
    sitting = sitting_of(assembly, members, "pppaa")
    act, other = make.ActFactory(sitting=sitting), make.ActFactory(sitting=sitting)
    make.AttendanceChangeFactory(sitting=sitting, act=act, mandate=members[0], event="withdrawal")
    assert queries.check_act(act).quorum.reached is False
    assert queries.check_act(other).quorum.reached is True
