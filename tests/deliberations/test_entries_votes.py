"""Votes entered in session, proclaimed and reopened; what forbids it, with its article."""

import random
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliberations import queries, services
from deliberations.models import Act, Ballot, Sitting, SittingEntry, Vote
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.deliberations.test_entries import refused
from tests.factories import deliberations as make


@pytest.fixture
def room(authority: Any) -> Room:
    """Five present, one represented by the first, one absent; the first item is examined."""
    room = Room(authority, "pppppra").open()
    room.enter("proxy", giver=room.members[5], holder=room.members[0])
    room.examine()
    return room


def counts(room: Room) -> dict[str, int]:
    told: dict[str, int] = {choice: count for choice, count in room.state["ballot"]["counts"].items() if count}
    return told


def names(ballot: Ballot) -> dict[str, str]:
    return {
        vote.mandate.display_name.removeprefix("Mme "): vote.choice + ("+" if vote.with_proxy else "")
        for vote in ballot.votes.select_related("mandate")
    }


def test_all_for_but(room: Room) -> None:
    members = room.members
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=members[1], choice="against")
    room.enter("vote", member=members[0], choice="abstain", proxy=True)
    told = room.state["ballot"]
    assert (counts(room), told["missing"], told["label"]) == (
        {"for": 3, "against": 1, "abstain": 2}, 0, "adoptée à la majorité",
    )  # fmt: skip
    room.enter("result")
    ballot = room.ballot(room.acts[0])
    assert (ballot.for_count, ballot.against_count, ballot.abstain_count, ballot.not_voting_count) == (3, 1, 2, 0)
    assert (ballot.voices, ballot.stated_result, ballot.stated_result_text) == (6, "adopted", "adoptée à la majorité")
    assert (names(ballot), ballot.names_cover_proxies) == ({"M1": "against", "M0": "abstain+"}, True)
    assert sorted(ballot.named_choices) == ["abstain", "against", "not_voting"]
    assert Act.objects.get(pk=ballot.act_id).state == "adopted"
    assert queries.check_act(ballot.act).findings == ()


def test_the_one_represented_may_vote_otherwise_than_the_holder(room: Room) -> None:
    members = room.members
    room.enter("votes", members=members[:5], choice="for")
    assert room.state["ballot"]["missing"] == 1
    error = refused(room, "5 votes pour 6 voix : n'ont pas voté Mme M5 (CGCT, article L2121-20)", "result")
    assert error.field == "act"
    room.enter("vote", member=members[5], choice="against")
    room.enter("result")
    assert room.ballot(room.acts[0]).against_count == 1
    assert queries.check_act(room.ballot(room.acts[0]).act).findings == ()


def test_a_name_without_its_proxy_leaves_the_other_voice_with_the_others(room: Room) -> None:
    """« +1 pouvoir » is written only where it is true of all who carry one."""
    members = room.members
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=members[0], choice="against")
    room.enter("result")
    ballot = room.ballot(room.acts[0])
    assert (ballot.against_count, ballot.for_count, names(ballot), ballot.names_cover_proxies) == (
        1, 5, {"M0": "against"}, False,
    )  # fmt: skip
    assert queries.check_act(ballot.act).findings == ()


def test_proxies_told_and_not_told_are_each_on_their_line(authority: Any) -> None:
    room = Room(authority, "pppprr")
    members = room.members
    Sitting.objects.filter(pk=room.sitting.pk).update(chair=members[2])
    room.open()
    for giver, holder in ((4, 0), (5, 1)):
        room.enter("proxy", giver=members[giver], holder=members[holder])
    room.examine()
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=members[0], choice="against", proxy=True)
    room.enter("vote", member=members[1], choice="against")
    room.enter("result")
    ballot = room.ballot(room.acts[0])
    assert names(ballot) == {"M0": "against", "M1": "against", "M4": "against"}
    assert (ballot.for_count, ballot.against_count, ballot.names_cover_proxies) == (3, 3, False)


def test_an_act_without_a_number_takes_the_next_one_when_its_result_is_told(authority: Any) -> None:
    room = Room(authority, "ppp", items=2, held_on=date(2026, 3, 12)).open()
    room.acts[0].number = ""
    room.acts[0].save()
    room.acts[1].number = "2026-006"
    room.acts[1].save()
    assert room.vote(0).number == "2026-007"
    room.enter("result_reopened", act=room.acts[0], reason="Erreur de saisie")
    assert room.vote(0).number == "2026-007"


def test_votes_by_group_and_by_all(room: Room) -> None:
    room.enter("votes", group="G0", choice="for")  # M0, M2, M4
    room.enter("votes", group="G1", choice="abstain")  # M1, M3, M5 represented
    assert counts(room) == {"for": 3, "abstain": 3}
    room.enter("votes", all=True, choice="against")
    assert counts(room) == {"against": 6}
    room.enter("votes", members=room.members[:2], choice="")
    assert room.state["ballot"]["missing"] == 2
    room.enter("votes", all=True, choice="")
    assert (Vote.objects.count(), Vote.history.filter(history_type="-").count()) == (0, 6)
    refused(room, "Aucune voix du groupe « G9 »", "votes", group="G9", choice="for")
    refused(room, "d'une seule façon", "votes", choice="for")
    refused(room, "d'une seule façon", "votes", all=True, group="G0", choice="for")
    refused(room, "vrai est attendu", "votes", all=False, choice="for")
    refused(room, "une liste", "votes", members=[], choice="for")


def test_whoever_has_no_voice_does_not_vote(room: Room) -> None:
    absent, carrier = room.members[6], room.members[0]
    error = refused(room, "n'est ni présent ni représenté", "vote", member=absent, choice="for")
    assert "L2121-20" in error.message
    refused(room, "ne représente personne", "vote", member=room.members[1], choice="for", proxy=True)
    room.enter("withdrawal", member=carrier)
    for member in (carrier, room.members[5]):
        assert "L2131-11" in refused(room, "ne prend pas part au vote", "vote", member=member, choice="for").message
    room.enter("votes", all=True, choice="for")
    room.enter("result")
    ballot = room.ballot(room.acts[0])
    assert (ballot.for_count, ballot.not_voting_count) == (4, 2)
    assert names(ballot) == {**dict.fromkeys(("M1", "M2", "M3", "M4"), "for"), "M0": "not_voting", "M5": "not_voting"}
    assert queries.check_act(ballot.act).findings == ()


def test_a_vote_without_quorum_is_refused_but_the_item_may_be_opened(authority: Any) -> None:
    room = Room(authority, "ppaaa").open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    room.enter("proxy", giver=room.members[4], holder=room.members[1])
    act = room.examine()
    for kind, payload in (
        ("ballot", {"mode": "by_name"}),
        ("vote", {"member": room.members[0], "choice": "for"}),
        ("votes", {"all": True, "choice": "for"}),
        ("tally", {"for": 4}),
    ):
        error = refused(room, "2 membres présents, 3 nécessaires ; les pouvoirs ne comptent pas", kind, **payload)
        assert "(CGCT, article L2121-17)" in error.message
    Act.objects.filter(pk=act.pk).update(kind="information")
    room.enter("result")  # a communication decides nothing
    assert Act.objects.get(pk=act.pk).state == "noted"


def test_a_quorum_lost_before_the_result_forbids_it(authority: Any) -> None:
    room = Room(authority, "pppaa").open()
    room.examine()
    room.enter("ballot", mode="by_name", others="for")
    room.enter("departure", member=room.members[0])
    assert [each["article"] for each in room.state["ballot"]["findings"]] == ["L2121-17"]
    refused(room, "Le quorum n'est pas atteint", "result")


def test_a_second_sitting_decides_without_quorum_on_the_same_items_only(authority: Any) -> None:
    room = Room(authority, "ppaaa", second_convocation=True)
    first = make.SittingFactory(assembly=room.assembly, held_on=date(2020, 1, 1))
    make.ConvocationFactory(sitting=first, agenda=[{"number": "1", "title": "A", "act": room.acts[0].pk}])
    Sitting.objects.filter(pk=room.sitting.pk).update(first_sitting=first)
    room.open()
    assert room.vote(0).state == "adopted"
    added = room.enter("item_added", title="Nouvelle affaire").entry.payload["act"]
    room.enter("item_opened", act=added)
    refused(room, "Le quorum n'est pas atteint", "ballot", mode="by_name", others="for")


def test_fifty_two_votes_for_fifty_one_voices_are_refused(authority: Any) -> None:
    room = Room(authority, "p" * 46 + "r" * 5 + "aa", items=1).open()
    for rank in range(5):
        room.enter("proxy", giver=room.members[46 + rank], holder=room.members[rank])
    room.examine()
    room.enter("ballot", mode="totals")
    room.enter("tally", **{"for": 41, "against": 0, "abstain": 11})
    assert room.state["strip"]["voices"] == 51
    assert room.state["strip"]["quorum_needed"] == 27
    error = refused(room, "52 votes pour 51 voix (CGCT, article L2121-20)", "result")
    assert error.field == "act"
    room.enter("tally", **{"for": 40, "against": 0, "abstain": 11})
    assert room.state["ballot"]["label"] == "adoptée à l'unanimité des suffrages exprimés"
    room.enter("result")
    assert room.ballot(room.acts[0]).stated_result_text == "adoptée à l'unanimité des suffrages exprimés"


def test_a_tie_follows_the_chair(authority: Any) -> None:
    room = Room(authority, "pppp", items=4)
    room.sitting.chair = room.members[0]
    room.sitting.save()
    room.open()
    for rank, (choice, state) in enumerate((("for", "adopted"), ("against", "rejected"))):
        act = room.examine(rank)
        other = "against" if choice == "for" else "for"
        room.enter("votes", members=room.members[:2], choice=choice)
        room.enter("votes", members=room.members[2:], choice=other)
        room.enter("result")
        act.refresh_from_db()
        assert (act.state, act.ballot.chair_vote) == (state, choice)
    assert (
        Ballot.objects.get(act=room.acts[0]).stated_result_text
        == "adoptée à la majorité, voix prépondérante du président"
    )
    room.examine(2)
    room.enter("tally", **{"for": 2, "against": 2})
    error = refused(room, "dire comment il a voté (CGCT, article L2121-20)", "result")
    assert error.field == "act"
    refused(room, "Aucune voix n'est comptée dans le sens du vote du président", "result", chair_vote="abstain")
    room.enter("result", chair_vote="for")
    assert Act.objects.get(pk=room.acts[2].pk).state == "adopted"


def test_a_tie_by_secret_ballot_is_a_rejection(authority: Any) -> None:
    make.LegalSettingFactory(code="secret_ballot_share", value=3)
    make.LegalSettingFactory(code="public_ballot_share", value=4)
    room = Room(authority, "pppp")
    room.sitting.chair = room.members[0]
    room.sitting.save()
    room.open()
    act = room.examine()
    assert (room.state["strip"]["secret_needed"], room.state["strip"]["public_needed"]) == (2, 1)
    refused(room, "il en faut 2 (CGCT, article L2121-21)", "ballot", mode="totals", method="secret", requested_by=1)
    refused(room, "seuls ses totaux se saisissent", "ballot", mode="by_name", method="secret", requested_by=2)
    room.enter("ballot", mode="totals", method="secret", requested_by=2)
    assert "L2121-21" in refused(room, "ne nomme personne", "vote", member=room.members[0], choice="for").message
    refused(room, "ne nomme personne", "votes", all=True, choice="for")
    room.enter("tally", **{"for": 2, "against": 2, "blank": 0})
    refused(room, "ne dit pas comment le président a voté", "result", chair_vote="for")
    room.enter("result")
    act.refresh_from_db()
    assert (act.state, room.ballot(act).stated_result_text, Vote.objects.count()) == ("rejected", "rejetée", 0)


def test_names_are_not_kept_by_a_ballot_turned_secret(room: Room) -> None:
    room.enter("votes", all=True, choice="for")
    room.enter("ballot", mode="totals", method="secret")
    assert Vote.objects.count() == 0
    room.enter("tally", **{"for": 4, "against": 0, "abstain": 1, "blank": 1})
    room.enter("result")
    ballot = room.ballot(room.acts[0])
    assert (ballot.secret, ballot.blank_count, ballot.named_choices, ballot.chair_vote) == (True, 1, [], "")
    assert queries.check_act(ballot.act).findings == ()


def test_a_public_ballot_keeps_every_voice_by_name(room: Room) -> None:
    make.LegalSettingFactory(code="public_ballot_share", value=4)
    refused(room, "Dire combien de membres demandent", "ballot", mode="by_name", method="public")
    refused(room, "il en faut 2", "ballot", mode="by_name", method="public", requested_by=1)
    refused(room, "il est nominatif", "ballot", mode="totals", method="public", requested_by=2)
    room.enter("ballot", mode="by_name", method="public", requested_by=2, others="for")
    room.enter("vote", member=room.members[0], choice="against", proxy=True)
    room.enter("result")
    ballot = room.ballot(room.acts[0])
    expected = {**dict.fromkeys(("M1", "M2", "M3", "M4"), "for"), "M0": "against", "M5": "against"}
    assert (names(ballot), ballot.requested_by, len(ballot.named_choices)) == (expected, 2, 4)
    assert queries.check_act(ballot.act).findings == ()


def test_totals_count_those_who_withdrew(room: Room) -> None:
    room.enter("withdrawal", member=room.members[0])
    room.enter("tally", **{"for": 4})
    assert counts(room) == {"for": 4, "not_voting": 2}
    room.enter("tally", **{"for": 6, "not_voting": 0})
    assert "L2131-11" in refused(room, "2 voix retirées du vote, 0 comptée", "result").message
    room.enter("tally", **{"for": 4})
    room.enter("result")
    assert room.ballot(room.acts[0]).not_voting_count == 2


@pytest.mark.parametrize(
    ("stated", "sentence"), [("rejected", "les suffrages donnent « adopté »"), ("unanimous", "« à la majorité »")]
)
def test_a_result_that_contradicts_its_figures_is_refused(room: Room, stated: str, sentence: str) -> None:
    room.enter("tally", **{"for": 5, "against": 1})
    assert "L2121-20" in refused(room, sentence, "result", stated_result=stated).message


def test_nothing_cast_decides_nothing(room: Room) -> None:
    room.enter("ballot", mode="by_name", others="abstain")
    refused(room, "Aucun suffrage n'est exprimé", "result")


def test_a_result_alone_and_a_taking_of_note(room: Room) -> None:
    refused(room, "Aucun vote n'est saisi", "result")
    room.enter("ballot", mode="result_only")
    refused(room, "Dire le résultat", "result")
    room.enter("result", stated_result="majority")
    ballot = room.ballot(room.acts[0])
    assert (ballot.for_count, ballot.voices, ballot.stated_result_text) == (None, None, "adoptée à la majorité")
    act = room.examine(1)
    room.enter("ballot", mode="noted")
    room.enter("result")
    act.refresh_from_db()
    assert (act.state, room.ballot(act).stated_result_text) == ("noted", "pris acte")
    Act.objects.filter(pk=room.acts[2].pk).update(kind="prendre_acte")
    room.examine(2)
    room.enter("result")
    assert Act.objects.get(pk=room.acts[2].pk).state == "noted"


def test_modes_are_not_mixed(room: Room) -> None:
    room.enter("votes", all=True, choice="for")
    refused(room, "ne se saisit pas en totaux", "tally", **{"for": 6})
    refused(room, "ne se dit que d'un vote nominatif", "ballot", mode="totals", others="for")
    room.enter("ballot", mode="totals")
    refused(room, "n'est pas nominatif", "vote", member=room.members[0], choice="for")
    refused(room, "0 à 1000", "tally", **{"for": -1})
    refused(room, "0 à 1000", "tally", **{"for": 10**20})
    refused(room, "0 à 1000", "tally", **{"for": 1.5})
    refused(room, "vrai ou faux", "vote", member=room.members[0], choice="for", proxy="yes")
    room.enter("tally", **{"for": 6})
    room.enter("ballot", mode="by_name", others="for")
    assert room.ballot(room.acts[0]).for_count is None


def test_a_result_is_refused_where_the_counts_are_no_longer_those_shown(room: Room) -> None:
    room.enter("ballot", mode="by_name", others="for")
    shown = {"for": 6, "against": 0, "abstain": 0}
    room.enter("vote", member=room.members[1], choice="against")
    told = refused(room, "Le décompte a changé", "result", expected=shown)
    assert "pour 5, contre 1, abstentions 0, et non pour 6, contre 0, abstentions 0" in told.message
    assert told.field == "expected"
    refused(room, "{for, against, abstain}", "result", expected={"for": 6})
    refused(room, "{for, against, abstain}", "result", expected="6")
    refused(room, "Le décompte a changé", "result", expected={**shown, "for": "x" * 5000})
    room.enter("result", expected={"for": 5, "against": 1, "abstain": 0})
    assert room.ballot(room.acts[0]).against_count == 1


def test_counts_shown_are_compared_in_a_vote_by_totals_and_in_no_other(room: Room) -> None:
    room.enter("ballot", mode="totals")
    room.enter("tally", **{"for": 4, "against": 2})
    refused(room, "pour 4, contre 2", "result", expected={"for": 6, "against": 0, "abstain": 0})
    room.enter("ballot", mode="result_only")
    room.enter("result", stated_result="adopted", expected={"for": 6, "against": 0, "abstain": 0})
    assert room.ballot(room.acts[0]).stated_result == "adopted"


def test_a_result_reopened_is_under_way_again(room: Room) -> None:
    room.enter("withdrawal", member=room.members[4])
    room.enter("ballot", mode="by_name", others="for")
    room.enter("result")
    act = room.acts[0]
    refused(room, "est proclamé : rouvrir d'abord", "vote", member=room.members[0], choice="against")
    refused(room, "un texte est attendu", "result_reopened", act=act)
    room.examine(1)
    room.enter("result_reopened", act=act, reason="Erreur de saisie.")
    told = room.state
    assert (told["current"], told["ballot"]["proclaimed"], told["items"][0]["state"]) == (act.pk, False, "draft")
    room.enter("withdrawal_undone", member=room.members[4])
    room.enter("vote", member=room.members[0], choice="against")
    room.enter("result")
    ballot = room.ballot(act)
    assert (ballot.for_count, ballot.against_count, names(ballot)) == (5, 1, {"M0": "against"})
    Act.objects.filter(pk=act.pk).update(received_on=date(2024, 6, 12))
    refused(room, "déjà transmis ou publié", "result_reopened", act=act, reason="Trop tard.")
    refused(room, "n'est pas proclamé", "result_reopened", act=room.acts[1], reason="Rien.")


@pytest.mark.parametrize(
    ("kind", "who", "sentence"),
    [
        ("departure", 1, "Mme M1 y a voté sans être présent ni représenté"),
        ("departure", 2, "6 votes y sont comptés pour 5 voix"),
        ("arrival", 6, "6 votes y sont comptés pour 7 voix"),
        ("withdrawal", 1, "Mme M1 y a voté"),
    ],
)
def test_a_correction_that_a_proclaimed_vote_contradicts_is_refused(
    room: Room, kind: str, who: int, sentence: str
) -> None:
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=room.members[1], choice="against")
    room.enter("result")
    room.vote(1)
    error = refused(room, sentence, kind, member=room.members[who], act=room.acts[0])
    assert "« n° 1 — " in error.message
    assert "Rouvrir d'abord ce scrutin" in error.message


def test_a_correction_that_no_vote_contradicts_is_taken(authority: Any) -> None:
    room = Room(authority, "pppp").open()
    room.examine()
    room.enter("ballot", mode="result_only")
    room.enter("result", stated_result="adopted")
    room.enter("departure", member=room.members[0], act=room.acts[0])
    refused(room, "le quorum n'y serait plus atteint", "departure", member=room.members[1], act=room.acts[0])
    room.enter("move_undone", change=room.state["moves"][0]["id"])
    assert room.state["strip"]["present"] == 4


def test_a_proxy_revoked_after_the_vote_it_cast_holds_from_the_next_item(room: Room) -> None:
    room.enter("ballot", mode="by_name", others="for")
    room.enter("result")
    refused(room, "6 votes y sont comptés", "proxy_revoked", giver=room.members[5], act=room.acts[0])
    room.enter("proxy_revoked", giver=room.members[5])
    room.examine(1)
    assert room.state["strip"]["voices"] == 5


def test_whoever_voted_and_left_before_the_result_is_told(room: Room) -> None:
    room.enter("votes", all=True, choice="for")
    room.enter("departure", member=room.members[1])
    assert [each["code"] for each in room.state["ballot"]["findings"]] == ["VOTER_UNKNOWN"]
    refused(room, "Mme M1 a voté et n'est plus ni présent ni représenté", "result")
    room.enter("vote", member=room.members[1], choice="")
    room.enter("result")
    assert room.ballot(room.acts[0]).for_count == 5


def test_entries_replayed_with_the_same_keys_change_nothing(authority: Any) -> None:
    """Sittings entered at random, wisely or not: refusals leave no trace, and the whole sent again is taken as it was."""
    kinds = (
        "arrival",
        "departure",
        "withdrawal",
        "proxy",
        "proxy_revoked",
        "item_opened",
        "vote",
        "votes",
        "result",
        "tally",
    )
    for seed in range(8):
        draw = random.Random(seed)
        room = Room(authority, "pppppaa", items=4).open()
        sent = []
        for _ in range(40):
            kind, member, other = draw.choice(kinds), draw.choice(room.members).pk, draw.choice(room.members).pk
            payload: dict[str, Any] = {
                "proxy": {"giver": member, "holder": other}, "proxy_revoked": {"giver": member},
                "item_opened": {"act": draw.choice(room.acts).pk}, "votes": {"all": True, "choice": draw.choice(["for", "against"])},
                "vote": {"member": member, "choice": draw.choice(["for", "against", "abstain", ""])}, "result": {},
                "tally": {"for": draw.randint(0, 9)},
            }.get(kind, {"member": member})  # fmt: skip
            entry = {"sitting": room.sitting, "key": uuid4(), "kind": kind, "payload": payload, "by": None}
            try:
                services.enter(**entry)
            except DomainError:
                continue
            sent.append(entry)
            told = room.state
            assert (
                told["strip"]["voices"]
                == sum(member["voter"] for member in told["members"])
                <= told["strip"]["in_office"]
            )
            assert told["strip"]["quorum_present"] <= sum(member["state"] == "present" for member in told["members"])
        state, rows = room.state, SittingEntry.objects.count()
        assert len(sent) > 5
        draw.shuffle(sent)
        assert all(services.enter(**entry).repeated for entry in sent)
        assert (room.state, SittingEntry.objects.count()) == (state, rows)
        for act in room.acts:
            act.refresh_from_db()
            if act.state != "draft":
                assert queries.check_act(Act.objects.get(pk=act.pk)).findings == ()


KINDS = [
    ("vote", lambda room: {"member": room.members[0], "choice": "for"}),
    ("votes", lambda room: {"all": True, "choice": "against"}),
    ("departure", lambda room: {"member": room.members[2]}),
    ("withdrawal", lambda room: {"member": room.members[2]}),
    ("proxy", lambda room: {"giver": room.members[-1], "holder": room.members[0]}),
    ("item_opened", lambda room: {"act": room.acts[-1]}),
    ("item_withdrawn", lambda room: {"act": room.acts[1]}),
    ("ballot", lambda room: {"mode": "by_name", "others": "for"}),
    ("result", lambda room: {}),
    ("note", lambda room: {"text": "x"}),
]


@pytest.mark.parametrize(("kind", "payload"), KINDS, ids=[kind for kind, _ in KINDS])
def test_queries_do_not_grow(authority: Any, kind: str, payload: Any) -> None:
    """The same for 6 members, 3 items and 2 votes before, as for 40 members, 30 items and 60 votes."""
    taken = []
    for members, items, before in ((6, 3, 2), (40, 30, 60)):
        room = Room(authority, "p" * (members - 1) + "a", items=items).open()
        room.examine()
        room.enter("ballot", mode="by_name", others="for")
        for rank in range(before):
            room.enter("vote", member=room.members[rank % 5], choice="for")
        with CaptureQueriesContext(connection) as asked:
            room.enter(kind, **payload(room))
        with CaptureQueriesContext(connection) as read:
            state = room.state
        assert state["current"]
        taken.append((len(asked), len(read)))
    assert taken[0] == taken[1]
    assert taken[0][1] <= 16
