"""The entries of a sitting and its state over HTTP: access, shapes, refusals, nothing but answers."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from deliberations.models import SittingEntry
from tests.deliberations.entered import Room
from tests.factories.accounts import MembershipFactory


@pytest.fixture
def room(authority: Any) -> Room:
    return Room(authority, "pppa").open()


def entry(kind: str = "note", **payload: Any) -> dict[str, Any]:
    return {"key": str(uuid4()), "kind": kind, "payload": payload or {"text": "Échanges"}}


def post(client: Client, room: Room, body: Any) -> Any:
    return client.post(f"/api/v1/seances/{room.sitting.pk}/saisies/", body, content_type="application/json")


@pytest.mark.parametrize("end", ["saisies", "etat"])
def test_access(client_as: Any, room: Room, other_authority: Any, end: str) -> None:
    url = f"/api/v1/seances/{room.sitting.pk}/{end}/"

    def status(client: Client) -> int:
        return int(client.get(url).status_code)

    assert (status(Client()), status(client_as("partner"))) == (403, 404)
    assert status(client_as("elected")) == status(client_as("finance")) == 403
    assert status(client_as("assembly")) == status(client_as("administrator")) == 200
    assert status(client_as("assembly", other_authority)) == 404
    assert client_as("assembly").get("/api/v1/seances/999999999999999999999/etat/").status_code == 404


def test_two_roles_in_two_towns_are_not_added_up(client_as: Any, room: Room, other_authority: Any) -> None:
    """Edits the council there, reads it here: sees the sitting and may not conduct it."""
    user = MembershipFactory(role="assembly", authority=other_authority).user
    MembershipFactory(role="elected", authority=room.assembly.authority, user=user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/api/v1/seances/{room.sitting.pk}/etat/").status_code == 403
    assert post(client, room, entry()).status_code == 403
    there = Room(other_authority, "ppp").open()
    assert post(client, there, entry()).status_code == 201
    told = post(client, there, entry("departure", member=room.members[0].pk))
    assert (told.status_code, told.json()["field"]) == (400, "member")


@pytest.mark.parametrize("role", ["elected", "finance", "education", "school", "academy", "partner"])
def test_who_does_not_keep_the_council_enters_nothing(client_as: Any, room: Room, role: str) -> None:
    before = SittingEntry.objects.count()
    assert post(client_as(role), room, entry()).status_code in (403, 404)
    assert SittingEntry.objects.count() == before


def test_an_entry_and_its_repetition(client_as: Any, room: Room) -> None:
    client, body = client_as("assembly"), entry("departure", member=room.members[0].pk, at="18:42")
    first, again = post(client, room, body), post(client, room, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert first.json()["sequence"] == again.json()["sequence"] == 3
    assert first.json()["state"] == again.json()["state"] == json.loads(json.dumps(room.state))
    assert SittingEntry.objects.get(sequence=3).by is not None


def test_an_entry_without_the_token_of_the_session_is_refused(room: Room) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        MembershipFactory(role="assembly", authority=room.assembly.authority).user,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert post(client, room, entry()).status_code == 403


def test_the_state_is_read_again_only_when_it_changed(client_as: Any, room: Room) -> None:
    client, url = client_as("assembly"), f"/api/v1/seances/{room.sitting.pk}/etat/"
    first = client.get(url)
    assert first.json()["sequence"] == 2
    same = client.get(url, headers={"if-none-match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    room.enter("note", text="Échanges")
    assert client.get(url, headers={"if-none-match": first.headers["ETag"]}).json()["sequence"] == 3


def test_entries_are_read_from_where_one_was(client_as: Any, room: Room) -> None:
    room.enter("note", text="Échanges")
    client, url = client_as("assembly"), f"/api/v1/seances/{room.sitting.pk}/saisies/"
    told = client.get(url).json()
    assert [row["kind"] for row in told["entries"]] == ["opened", "presence", "note"]
    assert (told["sequence"], told["more"]) == (3, False)
    told = client.get(f"{url}?apres=2").json()
    assert [(row["sequence"], row["label"], row["payload"]) for row in told["entries"]] == [
        (3, "Débats", {"text": "Échanges", "act": None})
    ]
    assert client.get(f"{url}?apres=3").json() == {"sequence": 3, "more": False, "entries": []}
    for bad in ("x", "-1", "9" * 30, "%00"):
        answer = client.get(f"{url}?apres={bad}")
        assert (answer.status_code, answer.json()["field"]) == (400, "apres")


def test_a_refusal_quotes_its_article(client_as: Any, room: Room) -> None:
    body = entry("proxy", giver=room.members[3].pk, holder=room.members[3].pk)
    answer = post(client_as("assembly"), room, body)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "message": "Mme M3 ne se donne pas pouvoir à lui-même (CGCT, article L2121-20).",
            "field": "holder",
            "article": "L2121-20",
        },
    )


BODIES: list[tuple[Any, str, str]] = [
    ("not json", "JSON invalide", ""),
    ("[1]", "objet JSON", ""),
    ("null", "objet JSON", ""),
    ('{"key": "x", "kind": "note"}', "UUID", "key"),
    ('{"kind": "note"}', "UUID", "key"),
    ('{"key": 3, "kind": "note"}', "UUID", "key"),
    ('{"key": "%(key)s"}', "nature", "kind"),
    ('{"key": "%(key)s", "kind": 3}', "nature", "kind"),
    ('{"key": "%(key)s", "kind": "dance"}', "inconnue", "kind"),
    ('{"key": "%(key)s", "kind": "note", "payload": []}', "objet JSON", "payload"),
    ('{"key": "%(key)s", "kind": "note", "x": 1}', "Clé inconnue « x »", ""),
    ('{"key": "%(key)s", "kind": "note", "at": "hier"}', "Heure de saisie", "at"),
    ('{"key": "%(key)s", "kind": "note", "at": "2026-11-22T18:42:00"}', "fuseau", "at"),
    ('{"key": "%(key)s", "kind": "note", "at": "0001-01-01T00:00:00+00:00"}', "Heure de saisie", "at"),
    ('{"key": "%(key)s", "kind": "note", "at": 1e400}', "JSON invalide", ""),
    ('{"key": "%(key)s", "kind": "note", "payload": {"text": "a\\u0000b"}}', "caractère nul", "payload"),
    ('{"key": "%(key)s", "kind": "note", "payload": {"text": "\\ud800"}}', "JSON invalide", ""),
    ('{"key": "%(key)s", "kind": "note", "payload": {"text": "' + "x" * 500_000 + '"}}', "trop longue", ""),
    ('{"key": "%(key)s", "kind": "arrival", "payload": {"member": ' + "9" * 60 + "}}", "numéro", "member"),
    ("[" * 100_000, "JSON invalide", ""),
]


@pytest.mark.parametrize(("body", "sentence", "field"), BODIES, ids=range(len(BODIES)))
def test_bad_bodies_are_told_in_one_shape(client_as: Any, room: Room, body: str, sentence: str, field: str) -> None:
    before = SittingEntry.objects.count()
    answer = post(client_as("assembly"), room, body.replace("%(key)s", str(uuid4())))
    told = answer.json()
    assert (answer.status_code, sorted(told)) == (400, ["article", "field", "message"])
    assert sentence in told["message"]
    assert told["field"] == field
    assert SittingEntry.objects.count() == before


def test_other_bodies_are_not_read(client_as: Any, room: Room) -> None:
    url = f"/api/v1/seances/{room.sitting.pk}/saisies/"
    assert client_as("assembly").post(url, {"kind": "note"}).status_code == 415
    assert client_as("assembly").put(url, "{}", content_type="application/json").status_code == 405


def test_reading_writes_nothing(client_as: Any, room: Room) -> None:
    client, before = client_as("assembly"), (room.state, SittingEntry.objects.count())
    for end in ("saisies", "etat"):
        client.get(f"/api/v1/seances/{room.sitting.pk}/{end}/")
    assert (room.state, SittingEntry.objects.count()) == before


def test_queries_do_not_grow_with_the_entries(client_as: Any, room: Room, django_assert_max_num_queries: Any) -> None:
    client, url = client_as("assembly"), f"/api/v1/seances/{room.sitting.pk}/saisies/"
    for _ in range(2):
        with django_assert_max_num_queries(6):
            assert client.get(url).status_code == 200
        for _ in range(5):
            room.enter("note", text="Échanges")


def test_technical_administration_shows_entries_and_writes_none(admin_client: Client, room: Room) -> None:
    row = SittingEntry.objects.earliest("pk")
    page = f"/technique/deliberations/sittingentry/{row.pk}/change/"
    listed = admin_client.get("/technique/deliberations/sittingentry/")
    assert listed.status_code == admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"kind": "note"}).status_code == 403
    assert admin_client.get("/technique/deliberations/sittingentry/add/").status_code == 403
