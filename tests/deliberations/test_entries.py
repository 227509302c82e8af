"""Entries of a sitting: the call, moves, proxies, items; what is refused, with its article."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from deliberations import services
from deliberations.models import (
    Act,
    AttendanceChange,
    Ballot,
    Convocation,
    Invitation,
    Presence,
    Proxy,
    Sitting,
    SittingEntry,
)
from deliberations.queries.conduct import floor_of
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.factories import deliberations as make


def refused(room: Room, sentence: str, kind: str, /, **payload: Any) -> DomainError:
    """Nothing is written by what is refused."""
    before = (room.state, SittingEntry.objects.count(), AuditEvent.objects.count())
    with pytest.raises(DomainError) as refusal:
        room.enter(kind, **payload)
    assert sentence in refusal.value.message
    assert (room.state, SittingEntry.objects.count(), AuditEvent.objects.count()) == before
    return refusal.value


def strip(room: Room) -> tuple[int, int, int, int, bool]:
    told = room.state["strip"]
    return (
        told["present"], told["represented"], told["voices"], told["quorum_needed"], told["quorum_reached"],
    )  # fmt: skip


def test_a_sitting_from_the_call_to_the_closing(authority: Any) -> None:
    room = Room(authority, "pppppa").open()
    assert strip(room) == (5, 0, 5, 4, True)
    room.enter("proxy", giver=room.members[5], holder=room.members[0])
    assert strip(room) == (5, 1, 6, 4, True)
    first = room.vote(0)
    room.enter("departure", member=room.members[4], at="18:42")
    assert strip(room) == (5, 1, 6, 4, True)  # the item shown is proclaimed: the departure holds from the next
    second = room.vote(1, others="against")
    assert strip(room) == (4, 1, 5, 4, True)
    room.enter("note", text="  Le débat fut bref. ")
    room.enter("closed")
    room.sitting.refresh_from_db()
    assert (first.state, second.state, room.sitting.state) == ("adopted", "rejected", "closed")
    state = room.state
    assert state["sequence"] == room.sitting.sequence == SittingEntry.objects.count()
    assert [item["label"] for item in state["items"]] == ["adoptée à l'unanimité", "rejetée", ""]
    assert [(note["text"], note["act"]) for note in state["notes"]] == [("Le débat fut bref.", None)]
    assert [(move["at"], move["act"]) for move in state["moves"]] == [("18:42", second.pk)]


@pytest.mark.parametrize(
    ("giver", "holder", "sentence"),
    [
        (4, 0, "Mme M0 porte déjà le pouvoir de Mme M3 : 1 pouvoir au plus par membre (CGCT, article L2121-20)"),
        (4, 5, "Mme M5 ne siège pas : seul un membre présent porte un pouvoir (CGCT, article L2121-20)"),
        (
            1,
            2,
            "Mme M1 siège : seul un membre empêché d'assister à la séance donne pouvoir (CGCT, article L2121-20)",
        ),
        (4, 4, "Mme M4 ne se donne pas pouvoir à lui-même (CGCT, article L2121-20)"),
        (3, 1, "Mme M3 a déjà donné pouvoir à Mme M0 : révoquer d'abord ce pouvoir (CGCT, article L2121-20)"),
    ],
)
def test_proxies_are_refused_with_their_article(authority: Any, giver: int, holder: int, sentence: str) -> None:
    room = Room(authority, "pppaaa").open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    error = refused(room, sentence, "proxy", giver=room.members[giver], holder=room.members[holder])
    assert error.field == "holder"


def test_the_limit_of_proxies_is_that_of_the_law_of_the_day(authority: Any) -> None:
    make.LegalSettingFactory(code="proxies_per_holder", value=2)
    room = Room(authority, "pppaaa").open()
    for rank in (3, 4):
        room.enter("proxy", giver=room.members[rank], holder=room.members[0])
    refused(room, "2 pouvoirs au plus par membre", "proxy", giver=room.members[5], holder=room.members[0])


def test_a_proxy_revoked_or_refused_gives_no_voice(authority: Any) -> None:
    room = Room(authority, "pppaa").open()
    giver, holder = room.members[3], room.members[0]
    room.enter("proxy", giver=giver, holder=holder)
    room.vote(0)
    room.enter("proxy_revoked", giver=giver, reason="Révoqué par écrit.")
    room.enter("proxy_refused", giver=room.members[4], holder=holder, reason="Pouvoir non signé.")
    room.examine(1)
    assert strip(room)[:3] == (3, 0, 3)
    assert room.ballot(room.acts[0]).for_count == 4
    kept = [(row["state"], row["reason"], row["counts"]) for row in room.state["proxies"]]
    assert kept == [("revoked", "Révoqué par écrit.", False), ("refused", "Pouvoir non signé.", False)]
    refused(room, "n'a pas donné pouvoir", "proxy_revoked", giver=giver)
    room.enter("proxy", giver=giver, holder=room.members[1])
    assert strip(room)[:3] == (3, 1, 4)


def test_a_giver_who_comes_ends_the_proxy_and_an_arrival_undone_gives_it_back(authority: Any) -> None:
    room = Room(authority, "pppaa").open()
    giver = room.members[3]
    room.enter("proxy", giver=giver, holder=room.members[0])
    room.examine(0)
    room.enter("arrival", member=giver)
    assert strip(room)[:3] == (4, 0, 4)
    change = AttendanceChange.objects.get()
    room.enter("move_undone", change=change.pk)
    assert strip(room)[:3] == (3, 1, 4)
    room.enter("arrival", member=giver)
    room.enter("departure", member=giver)
    assert strip(room)[:3] == (3, 0, 3)
    assert Proxy.objects.get().state == "revoked"


def test_the_call_again_ends_the_proxy_of_whoever_is_there(authority: Any) -> None:
    room = Room(authority, "pppaa").open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    room.enter("presence", states={str(room.members[3].pk): "present", str(room.members[4].pk): "excused"})
    assert strip(room)[:3] == (4, 0, 4)
    assert [member["state"] for member in room.state["members"]] == ["present"] * 4 + ["excused"]
    assert list(Presence.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4, 5]
    room.examine()
    refused(room, "L'appel est fait une fois", "presence", states={str(room.members[0].pk): "absent"})


def test_moves_and_withdrawals_follow_who_is_there(authority: Any) -> None:
    room = Room(authority, "pppp").open()
    act = room.examine()
    present, name = room.members[0], room.members[3]
    refused(room, "est déjà en séance", "arrival", member=present)
    room.enter("departure", member=name)
    refused(room, "n'est pas en séance", "departure", member=name)
    room.enter("arrival", member=name)  # it is a return, whichever is entered
    assert [move["event"] for move in room.state["moves"]] == ["departure", "return"]
    room.enter("withdrawal", member=present)
    told = room.state
    assert (told["strip"]["quorum_present"], told["strip"]["voices"], told["strip"]["silent"]) == (3, 4, 1)
    assert [member["withdrawn"] for member in told["members"]] == [True, False, False, False]
    assert "L2131-11" in refused(room, "est déjà noté", "withdrawal", member=present).message
    room.enter("withdrawal_undone", member=present)
    refused(room, "Aucun retrait de Mme M0", "withdrawal_undone", member=present)
    assert room.state["strip"]["quorum_present"] == 4
    assert AttendanceChange.objects.get(event="return").act == act
    assert AttendanceChange.objects.filter(at=None).count() == 2


def test_hours_are_kept(authority: Any) -> None:
    room = Room(authority, "ppa").open()
    room.enter("arrival", member=room.members[2], at="19:05")
    assert AttendanceChange.objects.get().at == time(19, 5)
    refused(room, "Heure « 25:00 » illisible", "departure", member=room.members[0], at="25:00")


def test_a_move_after_the_last_item_is_for_a_note(authority: Any) -> None:
    room = Room(authority, "ppp", items=1).open()
    room.vote(0)
    refused(room, "Le dire par une note au procès-verbal", "departure", member=room.members[0])
    room.enter("item_added", title="Motion", kind="motion")
    room.enter("departure", member=room.members[0])
    assert Act.objects.get(title="Motion").added_in_sitting


def test_a_move_is_not_told_before_its_time(authority: Any) -> None:
    room = Room(authority, "ppp").open()
    room.examine()
    refused(room, "n'est pas la prochaine", "departure", member=room.members[0], act=room.acts[2])
    room.enter("departure", member=room.members[0], act=room.acts[1])
    assert room.state["strip"]["present"] == 3


def test_a_late_arrival_entered_for_an_earlier_item_does_not_undo_a_later_departure(authority: Any) -> None:
    room = Room(authority, "pppa").open()
    for rank in (0, 1):
        room.examine(rank)
    room.enter("departure", member=room.members[0])
    room.enter("arrival", member=room.members[3], act=room.acts[0])
    assert room.state["strip"]["present"] == 3
    room.enter("departure", member=room.members[3], act=room.acts[1])
    assert room.state["strip"]["present"] == 2


def test_the_order_of_passage(authority: Any) -> None:
    room = Room(authority, "ppp", items=4).open()

    def order() -> list[str]:
        return [item["number"] for item in room.state["items"]]

    room.vote(2)
    assert order() == ["3", "1", "2", "4"]
    room.enter("item_moved", act=room.acts[3], before=room.acts[0])
    assert order() == ["3", "4", "1", "2"]
    room.enter("item_withdrawn", act=room.acts[0], reason="À revoir.")
    room.enter("item_adjourned", act=room.acts[1])
    assert [item["label"] for item in room.state["items"]] == ["adoptée à l'unanimité", "", "retirée", "ajournée"]
    room.vote(3)
    room.enter("item_restored", act=room.acts[1])
    room.examine(1)
    assert order() == ["3", "4", "2", "1"]
    refused(room, "la rétablir d'abord", "item_opened", act=room.acts[0])
    refused(room, "n'est plus à venir", "item_moved", act=room.acts[2])
    refused(room, "n'est ni retirée ni ajournée", "item_restored", act=room.acts[1])
    refused(room, "est proclamé", "item_withdrawn", act=room.acts[2])
    assert sorted(Act.objects.values_list("passage", flat=True)) == [1, 2, 3, 4]


def test_items_pass_in_the_order_of_their_numbers_where_none_is_said(authority: Any) -> None:
    room = Room(authority, "ppp", items=11).open()
    assert [item["number"] for item in room.state["items"]] == [str(rank) for rank in range(1, 12)]


def test_a_departure_announced_for_the_next_item_holds_whichever_that_is(authority: Any) -> None:
    room = Room(authority, "ppp", items=3).open()
    room.vote(0)
    room.enter("departure", member=room.members[2])
    room.enter("proxy", giver=room.members[2], holder=room.members[0])
    room.vote(2)
    assert room.ballot(room.acts[2]).for_count == 3
    assert room.state["strip"]["present"] == 2
    assert Proxy.objects.get().from_act == room.acts[2]


def test_withdrawals_announced_follow_their_item(authority: Any) -> None:
    room = Room(authority, "pppp", items=3).open()
    room.enter("withdrawal", member=room.members[0], act=room.acts[2])
    room.vote(0)
    act = room.vote(2)
    assert (room.ballot(act).for_count, room.ballot(act).not_voting_count) == (3, 1)


def test_an_item_set_aside_loses_the_vote_under_way(authority: Any) -> None:
    room = Room(authority, "ppp").open()
    act = room.examine()
    room.enter("votes", all=True, choice="for")
    room.enter("item_adjourned", act=act)
    assert not Ballot.objects.exists()
    assert room.state["current"] is None
    refused(room, "Aucune affaire n'est à l'examen", "votes", all=True, choice="for")


def test_a_sitting_is_not_closed_on_a_vote_under_way(authority: Any) -> None:
    room = Room(authority, "ppp", items=2).open()
    room.examine()
    refused(room, "son résultat n'est pas proclamé", "closed")
    room.enter("item_withdrawn", act=room.acts[0])
    Act.objects.filter(pk=room.acts[1].pk).update(kind="information")
    room.examine(1)
    room.enter("closed")
    room.acts[1].refresh_from_db()
    assert room.acts[1].state == "noted"
    for kind in ("item_opened", "presence", "opened"):
        refused(room, "La séance est levée", kind)
    room.enter("note", text="Ajout du secrétaire.")
    room.enter("opened", reason="Levée par erreur.")
    assert room.state["state"] == "open"


def test_nothing_is_entered_before_the_opening_nor_for_a_past_sitting(authority: Any) -> None:
    room = Room(authority, "ppp")
    refused(room, "n'est pas ouverte", "item_opened", act=room.acts[0])
    room.enter("opened")
    refused(room, "déjà ouverte", "opened")
    past = Room(authority, "ppp", past=True)
    refused(past, "ne se conduit pas", "opened")
    empty = Room(authority, "")
    refused(empty, "aucun membre en exercice", "opened")


def test_the_answers_to_the_convocation_are_the_first_call(authority: Any) -> None:
    room = Room(authority, "pppppp")
    now = datetime(2024, 1, 1, tzinfo=UTC)
    convocation = Convocation.objects.create(sitting=room.sitting, sent_at=now)
    said = [("present", None), ("present", None), ("proxy", 0), ("proxy", 0), ("absent", None), ("", None)]
    for rank, (answer, holder) in enumerate(said):
        Invitation.objects.create(
            convocation=convocation, mandate=room.members[rank], token_digest=str(rank), expires_at=now, answer=answer,
            holder=None if holder is None else room.members[holder], answered_at=now if answer else None,
        )  # fmt: skip
    make.ProxyFactory(sitting=room.sitting, giver=room.members[2], holder=room.members[0])
    room.enter("opened")
    states = [member["state"] for member in room.state["members"]]
    assert states == ["present", "present", "represented", "excused", "excused", "absent"]
    assert [(row.giver, row.holder) for row in Proxy.objects.all()] == [(room.members[2], room.members[0])]


def test_an_alternate_sits_in_the_seat_of_the_titular(authority: Any) -> None:
    room = Room(authority, "ppa")
    alternate = make.MandateFactory(assembly=room.assembly, alternate_for=room.members[2], display_name="M. S")
    room.open()
    room.enter("presence", states={str(alternate.pk): "present"})
    assert strip(room) == (3, 0, 3, 2, True)
    room.enter("arrival", member=room.members[2])
    assert strip(room) == (3, 0, 3, 2, True)
    assert [member["state"] for member in room.state["members"]] == ["present", "present", "present", "absent"]


def test_the_same_key_is_taken_once(authority: Any) -> None:
    room = Room(authority, "ppp").open()
    key = uuid4()
    first = room.enter("departure", key=key, member=room.members[0])
    state = room.state
    again = room.enter("departure", key=key, member=room.members[0])
    assert (again.repeated, again.entry, room.state) == (True, first.entry, state)
    other = Room(authority, "ppp").open()
    assert not other.enter("departure", key=key, member=other.members[0]).repeated


def test_each_entry_is_one_event_and_says_its_author(authority: Any, user_as: Any) -> None:
    room = Room(authority, "ppp").open()
    before, clerk = AuditEvent.objects.count(), user_as("assembly")
    entry = room.enter("departure", member=room.members[0], by=clerk).entry
    event = AuditEvent.objects.latest("pk")
    assert AuditEvent.objects.count() == before + 1
    assert (event.verb, event.by, event.authority, event.label) == (
        "deliberations.entered", clerk, authority, "Séance : départ",
    )  # fmt: skip
    assert (entry.by, entry.sequence) == (clerk, 3)
    assert room.state["clerks"] == [str(clerk)]
    assert AttendanceChange.history.get().audit_event == event


def test_an_entry_sent_late_keeps_its_hour_and_none_is_of_the_future(authority: Any) -> None:
    room = Room(authority, "ppp").open()
    now = datetime.now(UTC)
    SittingEntry.objects.update(at=now - timedelta(hours=2))
    typed = now - timedelta(hours=1)
    assert room.enter("item_opened", act=room.acts[0], typed_at=typed).entry.at == typed
    room.acts[0].refresh_from_db()
    assert room.acts[0].examined_at == typed
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert room.enter("note", text="Plus tard", typed_at=tomorrow).entry.at < tomorrow
    assert room.enter("note", text="Avant", typed_at=typed).entry.at > typed
    for long_ago in (datetime(1950, 1, 1, tzinfo=UTC), now - timedelta(hours=3)):
        assert room.enter("note", text="Jadis", typed_at=long_ago).entry.at >= now


BAD = [
    ("arrival", {"member": "x"}, "« x »"),
    ("arrival", {"member": True}, "« True »"),
    ("arrival", {"member": 10**30}, "numéro d'enregistrement"),
    ("arrival", {"member": 2**62}, "n'est pas en exercice"),
    ("arrival", {"member": None}, "numéro d'enregistrement"),
    ("arrival", {"member": {"a": 1}}, "numéro d'enregistrement"),
    ("arrival", {"membre": 1}, "Clé inconnue « membre »"),
    ("presence", {"states": []}, "un objet"),
    ("presence", {"states": {"1": "here"}}, ""),
    ("presence", {"states": {"x": "present"}}, "« x »"),
    ("item_opened", {}, "Dire quelle affaire"),
    ("item_opened", {"act": 2**62}, "n'est pas à l'ordre du jour"),
    ("item_added", {"title": ""}, "un texte est attendu"),
    ("item_added", {"title": "x" * 301}, "300 caractères au plus"),
    ("item_added", {"title": "T", "kind": "loi"}, "« loi » n'est pas accepté"),
    ("note", {"text": "x" * 20_001}, "20000 caractères au plus"),
    ("note", {"text": "a\x00b"}, "caractère nul"),
    ("note", {"text": "x" * 10_000_000}, "Saisie trop longue"),
    ("note", {"text": 3}, "un texte est attendu"),
    ("note", {"text": "\ud800"}, "n'est pas du JSON lisible"),
    ("move_undone", {"change": 2**61}, "n'est pas de la séance"),
    ("proxy_refused", {}, "numéro d'enregistrement"),
    ("votes", {"all": True, "choice": "yes"}, ""),
    ("dance", {}, "Nature de saisie « dance » inconnue"),
]


@pytest.mark.parametrize(("kind", "payload", "sentence"), BAD)
def test_bad_entries_are_told_and_write_nothing(authority: Any, kind: str, payload: Any, sentence: str) -> None:
    room = Room(authority, "ppp").open()
    refused(room, sentence, kind, **payload)


def test_a_member_or_an_item_of_another_town_is_unknown_here(authority: Any, other_authority: Any) -> None:
    room, other = Room(authority, "ppp").open(), Room(other_authority, "ppp").open()
    refused(room, "n'est pas en exercice", "departure", member=other.members[0])
    refused(room, "n'est pas à l'ordre du jour", "item_opened", act=other.acts[0])
    other.examine()
    other.enter("departure", member=other.members[0])
    refused(room, "n'est pas de la séance", "move_undone", change=AttendanceChange.objects.get().pk)


def test_a_stale_sitting_object_changes_nothing(authority: Any) -> None:
    room = Room(authority, "ppp").open()
    stale = Sitting.objects.get(pk=room.sitting.pk)
    room.examine()
    services.enter(sitting=stale, key=uuid4(), kind="note", payload={"text": "x"}, by=None)
    assert stale.sequence == room.state["sequence"] == 4


def test_a_member_whose_mandate_ended_is_told_without_failing(authority: Any) -> None:
    room = Room(authority, "pppaa").open()
    giver, gone = room.members[3], room.members[0]
    room.enter("proxy", giver=giver, holder=gone)
    gone.ends_on = room.sitting.held_on - timedelta(days=1)
    gone.save()
    assert strip(room) == (2, 0, 2, 3, False)
    refused(
        room,
        "a déjà donné pouvoir à un membre qui n'est plus en exercice",
        "proxy",
        giver=giver,
        holder=room.members[1],
    )
    room.enter("proxy_revoked", giver=giver)
    room.enter("proxy", giver=giver, holder=room.members[1])
    assert strip(room)[1] == 1


def test_presences_written_before_the_opening_are_kept(authority: Any) -> None:
    room = Room(authority, "pp")
    make.PresenceFactory(sitting=room.sitting, mandate=room.members[0], state="excused")
    now = datetime(2024, 1, 1, tzinfo=UTC)
    convocation = Convocation.objects.create(sitting=room.sitting, sent_at=now)
    for member in room.members:
        Invitation.objects.create(
            convocation=convocation, mandate=member, token_digest=str(member), expires_at=now, answer="present",
            answered_at=now,
        )  # fmt: skip
    room.enter("opened")
    assert [member["state"] for member in room.state["members"]] == ["excused", "present"]


def test_who_left_during_a_voted_item_is_not_there_when_another_is_taken_up_again(authority: Any) -> None:
    room = Room(authority, "ppp").open()
    room.vote(1)
    room.examine(2)
    room.examine(1)
    room.enter("departure", member=room.members[0])
    room.examine(2)
    floor = floor_of(room.sitting)
    present = [room.members[0].pk in floor.attendance(floor.by_key[room.acts[rank].pk]).present for rank in (1, 2)]
    assert present == [True, False]
