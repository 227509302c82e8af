"""What no other way than the entries of a sitting may change of it, and what its own entries refuse."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from deliberations import services
from deliberations.models import Act, Ballot, Mandate, Presence, Publication, Sitting
from deliberations.queries import check_act
from deliberations.services import mandates
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room
from tests.deliberations.test_entries import refused
from tests.factories import deliberations as make
from tests.factories import filing

DAY = date(2026, 3, 10)
JSON = {"content_type": "application/json"}


def voted(authority: Any, **fields: Any) -> Room:
    room = Room(authority, "ppppp", items=1, held_on=DAY, **fields).open()
    room.vote(0)
    room.enter("closed")
    return room


def again(sitting: Sitting) -> Sitting:
    return Sitting.objects.select_related("assembly__authority", "chair").get(pk=sitting.pk)


# Who presides


def tied(authority: Any, *, chair: int | None) -> Room:
    """Two for, two against; the fourth member is not there and gave a proxy to the first."""
    room = Room(authority, "pppa", items=1, held_on=DAY)
    Sitting.objects.filter(pk=room.sitting.pk).update(chair=None if chair is None else room.members[chair])
    room.open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    room.examine()
    room.enter("ballot", mode="by_name")
    for rank, choice in enumerate(("for", "against", "against", "for")):
        room.enter("vote", member=room.members[rank], choice=choice)
    return room


@pytest.mark.parametrize("chair", [None, 3])
def test_the_casting_vote_is_that_of_whoever_presides(authority: Any, client_as: Any, chair: int | None) -> None:
    room = tied(authority, chair=chair)
    assert room.state["chair"] is None
    error = refused(room, "nommer qui préside, à la page de l'affaire", "result")
    assert "L2121-14" in error.message
    refused(room, "nommer qui préside", "result", chair_vote="for")
    client, act = client_as("assembly"), room.acts[0]
    page = client.get(f"/deliberations/{act.pk}/modifier/").content.decode()
    assert "Présidence pour cette affaire" in page
    body = {"chair": room.members[1].pk, "reason": "Le maire est absent."}
    assert client.patch(f"/api/v1/deliberations/{act.pk}/", body, **JSON).status_code == 200
    assert room.state["chair"] == room.members[1].pk
    room.enter("result")
    assert (Act.objects.get(pk=act.pk).state, room.ballot(act).chair_vote) == ("rejected", "against")
    other = client.patch(f"/api/v1/deliberations/{act.pk}/", {"chair": room.members[0].pk}, **JSON)
    assert (other.status_code, "L2121-20" in other.json()["chair"][0]) == (400, True)


def test_a_chair_who_withdraws_or_leaves_casts_no_vote(authority: Any) -> None:
    room = Room(authority, "ppppp", items=2, held_on=DAY)
    Sitting.objects.filter(pk=room.sitting.pk).update(chair=room.members[0])
    room.open()
    room.examine()
    room.enter("withdrawal", member=room.members[0])
    room.enter("ballot", mode="totals")
    room.enter("tally", **{"for": 2, "against": 2})
    refused(room, "Mme M0, qui préside, ne siège pas pour cette affaire", "result", chair_vote="for")
    sitting = again(room.sitting)
    sitting.chair = room.members[1]
    services.save_sitting(instance=sitting, by=None)
    room.enter("result", chair_vote="for")
    sitting.chair = room.members[0]
    with pytest.raises(DomainError, match="voix prépondérante"):
        services.save_sitting(instance=sitting, by=None)


# Second sitting


def test_an_open_sitting_does_not_become_a_second_one(authority: Any, client_as: Any) -> None:
    room = Room(authority, "paaaa", items=1).open()
    first = make.SittingFactory(assembly=room.assembly, held_on=date(2020, 1, 1))
    room.examine()
    for body in ({"second_convocation": True}, {"second_convocation": True, "first_sitting": first.pk}):
        answer = client_as("assembly").patch(f"/api/v1/seances/{room.sitting.pk}/", body, **JSON)
        assert (answer.status_code, "L2121-17" in answer.content.decode()) == (400, True)
    refused(room, "Le quorum n'est pas atteint", "ballot", mode="by_name", others="for")


def test_a_second_sitting_names_the_earlier_one_of_its_assembly(authority: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority, held_on=DAY)
    later = make.SittingFactory(assembly=sitting.assembly, held_on=DAY + timedelta(days=1))
    earlier = make.SittingFactory(assembly=sitting.assembly, held_on=DAY - timedelta(days=1))
    sitting.second_convocation = True
    for first in (None, sitting, later):
        sitting.first_sitting = first
        with pytest.raises(DomainError, match="L2121-17"), transaction.atomic():
            services.save_sitting(instance=sitting, by=None)
    sitting.first_sitting = earlier
    services.save_sitting(instance=sitting, by=None)


def test_without_the_first_sitting_the_quorum_is_needed(authority: Any) -> None:
    room = Room(authority, "paaaa", items=1, second_convocation=True).open()
    room.examine()
    refused(room, "Le quorum n'est pas atteint", "ballot", mode="by_name", others="for")


# A sitting held here stays so


def test_a_sitting_held_here_does_not_become_a_past_one(authority: Any, client_as: Any) -> None:
    room = voted(authority)
    url = f"/api/v1/seances/{room.sitting.pk}/"
    assert client_as("assembly").patch(url, {"past": True}, **JSON).status_code == 400
    convened = make.ConvocationFactory(sitting__assembly=room.assembly).sitting
    assert client_as("assembly").patch(f"/api/v1/seances/{convened.pk}/", {"past": True}, **JSON).status_code == 400
    draft = make.SittingFactory(assembly=room.assembly)
    assert client_as("assembly").patch(f"/api/v1/seances/{draft.pk}/", {"past": True}, **JSON).status_code == 200


def test_a_page_left_open_does_not_undo_the_session(authority: Any) -> None:
    room = Room(authority, "ppppp", items=1, held_on=DAY)
    stale = again(room.sitting)
    room.open()
    stale.place = "Salle B"
    services.save_sitting(instance=stale, by=None)
    kept = again(room.sitting)
    assert (kept.state, kept.opened_at is not None, kept.place, kept.sequence) == ("open", True, "Salle B", 2)


def test_only_a_sitting_in_preparation_is_deleted(authority: Any) -> None:
    room = Room(authority, "ppppp", items=0).open()
    room.enter("note", text="Débat.")
    with pytest.raises(DomainError, match="se conserve"):
        services.delete_sitting(instance=again(room.sitting), by=None)
    for fields in ({}, {"past": True, "state": "closed"}):
        services.delete_sitting(instance=make.SittingFactory(assembly=room.assembly, **fields), by=None)


# Once the minutes are approved, or an act is known outside


def test_nothing_is_entered_once_the_minutes_are_approved(authority: Any) -> None:
    room = voted(authority)
    later = make.SittingFactory(assembly=room.assembly, held_on=DAY + timedelta(days=60), state="open")
    Sitting.objects.filter(pk=room.sitting.pk).update(minutes_approved_in=later)
    refused(room, "procès-verbal de la séance est arrêté", "note", text="Ajout.")
    refused(room, "procès-verbal de la séance est arrêté", "opened", reason="Oubli.")


def test_a_sitting_whose_acts_are_known_outside_is_not_opened_again(authority: Any) -> None:
    room = voted(authority)
    Act.objects.filter(pk=room.acts[0].pk).update(posted_on=DAY)
    refused(room, "déjà transmis ou publié", "opened", reason="Oubli.")
    room.enter("note", text="Une note reste possible.")
    Act.objects.filter(pk=room.acts[0].pk).update(posted_on=None)
    row = Publication.objects.create(
        document=filing.minutes_of(room.sitting), posted_at=timezone.now(), author_name="Mme M0", author_quality="maire"
    )
    refused(room, "déjà transmis ou publié", "opened", reason="Oubli.")
    Publication.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now(), withdrawn_reason="Erreur")
    room.enter("opened", reason="Oubli.")


# Who sat


def test_a_mandate_does_not_end_before_a_vote_proclaimed(authority: Any, client_as: Any) -> None:
    room = voted(authority)
    member = room.members[0]
    body = {"ends_on": "2026-01-01", "end_reason": "resignation"}
    answer = client_as("assembly").patch(f"/api/v1/mandats/{member.pk}/", body, **JSON)
    assert (answer.status_code, "ne serait plus possible" in answer.content.decode()) == (400, True)
    member.ends_on, member.end_reason = date(2026, 1, 1), "resignation"
    with pytest.raises(DomainError, match="ne serait plus possible"):
        mandates.end_mandate(instance=member, by=None)
    member.ends_on = DAY
    mandates.end_mandate(instance=member, by=None)
    for rank in range(5):  # ten in office, six are needed
        made = Mandate(assembly=room.assembly, display_name=f"Mme N{rank}", rank=50 + rank, starts_on=DAY)
        if rank < 4:
            services.save_mandate(instance=made, by=None)
    with pytest.raises(DomainError, match="quorum"):
        services.save_mandate(instance=made, by=None)


@pytest.mark.parametrize("closed", [False, True])
def test_a_presence_does_not_leave_its_sitting(authority: Any, client_as: Any, closed: bool) -> None:
    room = voted(authority) if closed else Room(authority, "ppppp", items=1, held_on=DAY).open()
    other = make.SittingFactory(assembly=room.assembly)
    row = Presence.objects.filter(sitting=room.sitting)[0]
    change = make.AttendanceChangeFactory(sitting=other, mandate=room.members[0])
    client = client_as("assembly")
    assert client.patch(f"/api/v1/presences/{row.pk}/", {"sitting": other.pk}, **JSON).status_code == 400
    body = {"sitting": room.sitting.pk}
    assert client.patch(f"/api/v1/mouvements-en-seance/{change.pk}/", body, **JSON).status_code == 400
    change.sitting = room.sitting
    with pytest.raises(DomainError, match="ne change pas de séance"):
        services.save_of_sitting(instance=change, by=None)
    assert room.sitting.presences.count() == 5


def test_an_act_does_not_join_an_open_sitting_by_the_api(authority: Any, client_as: Any) -> None:
    room = Room(authority, "ppppp", items=1).open()
    act = make.ActFactory(sitting=make.SittingFactory(assembly=room.assembly), number="77")
    answer = client_as("assembly").patch(f"/api/v1/deliberations/{act.pk}/", {"sitting": room.sitting.pk}, **JSON)
    assert (answer.status_code, room.sitting.acts.count()) == (400, 1)


# Names


def test_homonyms_are_two_members(authority: Any) -> None:
    room = Room(authority, "ppppr", items=1, held_on=DAY)
    for rank, name in ((0, "M. MARTIN"), (4, "Mme MARTIN")):
        Mandate.objects.filter(pk=room.members[rank].pk).update(display_name=name)
    room.open()
    room.enter("proxy", giver=room.members[4], holder=room.members[1])
    act = room.examine()
    room.enter("ballot", mode="by_name", others="for")
    room.enter("vote", member=room.members[0], choice="against")
    room.enter("vote", member=room.members[1], choice="against", proxy=True)
    room.enter("result")
    ballot = room.ballot(act)
    assert (ballot.for_count, ballot.against_count) == (2, 3)
    assert check_act(Act.objects.get(pk=act.pk)).findings == ()


def test_homonyms_are_called_by_name(authority: Any) -> None:
    sitting = make.SittingFactory(assembly__authority=authority, held_on=DAY)
    one, other, third = (
        make.MandateFactory(assembly=sitting.assembly, display_name=name)
        for name in ("M. MARTIN", "Mme MARTIN", "Mme DURAND")
    )
    states = {one: "present", other: "represented", third: "present"}
    services.save_attendance(sitting=sitting, states=states, proxies={other: third}, complete=True, by=None)
    assert sitting.presences.count() == 3


@pytest.mark.parametrize("number", ["2²", "①", "12³-4", "٣"])
def test_any_number_has_its_place(authority: Any, number: str) -> None:
    room = Room(authority, "ppp", items=1)
    Act.objects.filter(pk=room.acts[0].pk).update(number=number, passage=None)
    room.open()
    assert room.state["items"][0]["number"] == number


def test_a_titular_whose_alternate_sits_gives_no_proxy(authority: Any) -> None:
    room = Room(authority, "pppap", items=1, held_on=DAY)
    Mandate.objects.filter(pk=room.members[4].pk).update(alternate_for=room.members[3])
    room.open()
    holder = room.members[0]
    refused(room, "L5211-6", "proxy", giver=room.members[3], holder=holder)
    room.enter("departure", member=room.members[4])
    refused(room, "L5211-6", "proxy", giver=room.members[4], holder=holder)
    room.enter("proxy", giver=room.members[3], holder=holder)


def test_a_number_serves_once_in_the_year(authority: Any) -> None:
    taken = make.ActFactory(sitting=make.SittingFactory(assembly__authority=authority, held_on=DAY), number="2026-007")
    assembly = taken.sitting.assembly
    act = make.ActFactory(sitting=make.SittingFactory(assembly=assembly, held_on=DAY + timedelta(days=9)), number="")
    act.number = "2026-007"
    with pytest.raises(DomainError, match="ne sert qu'une fois"):
        services.save_act(instance=act, by=None)
    assembly.number_format = "{annee}{mois}{jour}-{ordre}"
    assembly.save()
    act = Act.objects.get(pk=act.pk)
    act.number = "2026-007"
    services.save_act(instance=act, by=None)


# The opening


def test_a_sitting_opens_on_its_day_and_what_is_not_known_is_kept(authority: Any) -> None:
    early = Room(authority, "ppppp", items=1, held_on=timezone.localdate() + timedelta(days=30))
    refused(early, "ne s'ouvre pas avant ce jour", "opened")
    late = Room(authority, "ppppp", items=1, held_on=timezone.localdate() - timedelta(days=1))
    remark = late.enter("opened").entry.payload["remark"]
    assert "Aucune convocation n'est consignée pour cette séance (CGCT, article L2121-10)" in remark
    assert "saisie le" in remark
    told = Room(authority, "ppppp", items=1, held_on=timezone.localdate(), convened_on=timezone.localdate())
    assert "remark" not in told.enter("opened").entry.payload


def test_an_hour_long_ago_is_that_of_the_entry(authority: Any) -> None:
    room = Room(authority, "ppppp", items=1, held_on=DAY)
    ancient = datetime(1900, 1, 1, tzinfo=UTC)
    services.enter(sitting=room.sitting, key=uuid4(), kind="opened", payload={}, by=None, at=ancient)
    room.enter("presence", states=room.states)
    room.enter("item_opened", act=room.acts[0], typed_at=ancient)
    room.enter("ballot", mode="by_name", others="for")
    room.enter("result")
    room.enter("closed", typed_at=ancient)
    kept = again(room.sitting)
    assert kept.opened_at is not None
    assert kept.closed_at is not None
    assert ancient < kept.opened_at <= Ballot.objects.get().proclaimed_at <= kept.closed_at  # type: ignore[operator]
