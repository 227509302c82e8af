"""The journal of the entries; what other pages may write of a sitting while it is held, and after."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from deliberations import services
from deliberations.enums import EntryKind
from deliberations.models import AttendanceChange, Presence, Proxy, SittingEntry
from deliberations.queries.journal import Names, names_in, spoken
from deliberations.services.session import IN_SESSION
from plan_numerique.shared.errors import DomainError
from tests.deliberations.entered import Room

URL = "/saisies-en-seance/"


def test_the_journal_is_for_who_keeps_the_council(client_as: Any, authority: Any, other_authority: Any) -> None:
    room = Room(authority, "ppp").open()
    room.enter("note", text="Note reconnaissable")
    assert Client().get(URL).headers["Location"].startswith("/compte/login/")
    assert client_as("elected").get(URL).status_code == client_as("partner").get(URL).status_code == 403
    assert "Note reconnaissable" in client_as("assembly").get(URL).content.decode()
    assert "Note reconnaissable" not in client_as("assembly", other_authority).get(URL).content.decode()


def test_the_journal_is_filtered_and_exported(client_as: Any, authority: Any) -> None:
    room = Room(authority, "ppp").open()
    room.enter("note", text="Note reconnaissable")
    room.enter("departure", member=room.members[0])
    client = client_as("assembly")
    page = client.get(f"{URL}?kind=departure&sitting={room.sitting.pk}").content.decode()
    assert str(room.members[0]) in page
    assert "Note reconnaissable" not in page
    export = client.get(f"{URL}?kind=note&format=csv")
    assert "Note reconnaissable" in b"".join(export).decode("utf-8-sig")
    assert client.get(f"{URL}?sitting=x&kind=y&at_after=z").status_code in (200, 422)


def test_queries_of_the_journal_do_not_grow(client_as: Any, authority: Any, user_as: Any) -> None:
    client, room, counts = client_as("assembly"), Room(authority, "ppp").open(), []
    clerk = user_as("assembly")
    room.enter("note", text="Première", by=clerk)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL).status_code == 200
        counts.append(len(asked))
        for _ in range(3):
            room.enter("note", text="Autre", by=clerk)
    assert counts[0] == counts[1]


@pytest.fixture
def room(authority: Any) -> Room:
    room = Room(authority, "pppra").open()
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    room.vote(0)
    return room


def corrections(room: Room) -> list[Any]:
    """Each a write that another page could make."""
    act, sitting, members = room.acts[0], room.sitting, room.members
    change = AttendanceChange(sitting=sitting, act=act, mandate=members[0], event="departure")
    presence, proxy = Presence.objects.get(mandate=members[0]), Proxy.objects.get()
    presence.state = "absent"
    return [
        lambda: services.save_of_sitting(instance=change, by=None),
        lambda: services.save_of_attendance(instance=presence, by=None),
        lambda: services.delete_of_sitting(instance=proxy, by=None),
        lambda: services.save_attendance(
            sitting=sitting, states={members[1]: "absent"}, proxies={}, complete=True, by=None
        ),
    ]


def test_a_sitting_under_way_is_written_by_its_entries_only(room: Room) -> None:
    room.sitting.refresh_from_db()
    state = room.state
    act = room.acts[1]
    act.refresh_from_db()
    act.passage = 9
    writes = [
        *corrections(room),
        lambda: services.save_act(instance=act, by=None),
        lambda: services.delete_act(instance=act, by=None),
        lambda: services.record_vote(act=act, fields={"mode": "totals", "for_count": 3, "against_count": 0}, by=None),
    ]
    for write in writes:
        with pytest.raises(DomainError, match="La séance est en cours"):
            write()
    assert room.state == state
    assert "Conduite" in IN_SESSION


def test_once_it_is_closed_no_correction_contradicts_a_proclaimed_vote(room: Room) -> None:
    room.enter("closed")
    room.sitting.refresh_from_db()
    state = room.state
    for write in corrections(room):
        with pytest.raises(DomainError, match="ne serait plus possible"):
            write()
    assert room.state == state
    excused = Presence.objects.get(mandate=room.members[4])
    excused.state = "excused"
    services.save_of_attendance(instance=excused, by=None)
    assert [member["state"] for member in room.state["members"]][4] == "excused"


def test_an_edit_of_the_sitting_that_sets_its_number_back_breaks_nothing(room: Room) -> None:
    room.sitting.refresh_from_db()
    room.enter("note", text="Pendant")
    room.sitting.sequence = 1
    room.sitting.save()
    assert room.enter("note", text="Après").entry.sequence == room.state["sequence"] == 8


def test_the_journal_speaks_of_members_and_items_by_name(authority: Any) -> None:
    room = Room(authority, "pppra").open()
    first, second = room.acts[:2]
    room.enter("proxy", giver=room.members[3], holder=room.members[0])
    room.examine(0)
    room.enter("ballot", mode="by_name", method="public", requested_by=2, others="for")
    room.enter("vote", member=room.members[0], choice="against", proxy=True)
    room.enter("votes", members=[room.members[1], room.members[2]], choice="abstain")
    room.enter("votes", all=True, choice="for")
    room.enter("result", stated_result="unanimous")
    room.enter("arrival", member=room.members[4], at="20:15")
    room.enter("item_withdrawn", act=second, reason="Dossier incomplet")
    said = {}
    names = names_in(SittingEntry.objects.all())
    for entry in SittingEntry.objects.order_by("sequence"):
        said[entry.kind] = [*said.get(entry.kind, []), spoken(entry, names)]
    assert said["presence"] == ["présent : Mme M0, Mme M1, Mme M2 ; représenté : Mme M3 ; absent : Mme M4"]
    assert said["proxy"] == ["Mme M3 à Mme M0"]
    assert said["item_opened"] == [f"n° {first.number}"]
    assert said["ballot"] == [
        "n° 1 : Scrutin public, nominatif, demandé par 2 membres, tous pour, sauf mention contraire"
    ]
    assert said["vote"] == ["n° 1 : Mme M0 avec son pouvoir, contre"]
    assert said["votes"] == ["n° 1 : Mme M1, Mme M2, abstention", "n° 1 : tous, pour"]
    assert said["result"] == ["n° 1 : À l'unanimité"]
    assert said["arrival"] == ["n° 2 : Mme M4 à 20 h 15"]
    assert said["item_withdrawn"] == ["n° 2 : Dossier incomplet"]


@given(
    kind=st.sampled_from(EntryKind.values),
    payload=st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(st.none(), st.integers(0, 9), st.text(max_size=5), st.lists(st.integers(0, 9), max_size=3))
            for name in (
                "act", "member", "members", "giver", "holder", "choice", "group", "others", "mode", "method", "for",
                "requested_by", "event", "at", "reason", "text", "title", "stated_result", "chair_vote", "blank",
            )
        },
    ),
)  # fmt: skip
def test_whatever_was_kept_is_spoken(kind: str, payload: dict[str, Any]) -> None:
    entry = SittingEntry(kind=kind, payload=payload)
    assert isinstance(spoken(entry, Names({1: "Mme A"}, {1: "n° 1"})), str)
