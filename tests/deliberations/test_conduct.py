"""The page of a sitting in the room, its two JSON addresses, the screen that the room reads."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deliberations import services
from deliberations.models import Act, AttendanceChange, Ballot, Presence, Proxy, Sitting, SittingEntry, Vote
from tests.factories import deliberations as make
from tests.factories.accounts import MembershipFactory

WRITTEN = (Act, AttendanceChange, Ballot, Presence, Proxy, Sitting, SittingEntry, Vote)
PAGE, ENTRY, STATE, SCREEN = (
    "/seances/{}/conduite/",
    "/seances/{}/conduite/saisie/",
    "/seances/{}/conduite/etat/",
    "/seances/{}/ecran/",
)


@pytest.fixture
def sitting(authority: Any) -> Sitting:
    """Five members, an item « Plan synthétique »."""
    row: Sitting = make.SittingFactory(assembly__authority=authority, state="convened")
    make.MandateFactory.create_batch(5, assembly=row.assembly, group="Groupe synthétique")
    make.ActFactory(sitting=row, title="Plan synthétique")
    return row


class Clerk:
    """Sends entries as the page does."""

    def __init__(self, client: Client, sitting: Sitting) -> None:
        self.client, self.sitting = client, sitting

    def send(self, kind: Any, /, *, key: Any = None, **payload: Any) -> Any:
        return self.post({"key": str(key or uuid4()), "kind": kind, "payload": payload})

    def post(self, body: Any, **options: Any) -> Any:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.client.post(ENTRY.format(self.sitting.pk), text, content_type="application/json", **options)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(STATE.format(self.sitting.pk)).json()
        return found


@pytest.fixture
def clerk(client_as: Any, sitting: Sitting) -> Clerk:
    return Clerk(client_as("assembly"), sitting)


def opened(clerk: Clerk, *, present: int = 5) -> list[int]:
    """Open, called, the item under examination."""
    clerk.send("opened")
    members = [member["id"] for member in clerk.state()["members"]]
    states = {str(member): "present" if rank < present else "absent" for rank, member in enumerate(members)}
    assert clerk.send("presence", states=states).status_code == 201
    assert clerk.send("item_opened", act=clerk.sitting.acts.get().pk).status_code == 201
    return members


@pytest.mark.parametrize("address", [PAGE, STATE, ENTRY, SCREEN])
def test_access(client_as: Any, sitting: Sitting, other_authority: Any, address: str) -> None:
    url = address.format(sitting.pk)

    def ask(client: Client) -> Any:
        return client.post(url, "{}", content_type="application/json") if address == ENTRY else client.get(url)

    assert ask(Client()).headers["Location"].startswith("/compte/login/")
    assert ask(client_as("partner")).status_code == 403
    assert ask(client_as("elected")).status_code == (200 if address == SCREEN else 403)
    assert ask(client_as("assembly")).status_code == (400 if address == ENTRY else 200)
    assert ask(client_as("assembly", other_authority)).status_code == 404


@pytest.mark.parametrize("address", [PAGE, STATE, ENTRY])
def test_clerk_of_one_town_who_is_elected_in_another(
    user_as: Any, sitting: Sitting, other_authority: Any, address: str
) -> None:
    user = user_as("elected")
    MembershipFactory(user=user, role="assembly", authority=other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = address.format(sitting.pk)
    asked = client.post(url, "{}", content_type="application/json") if address == ENTRY else client.get(url)
    assert asked.status_code == 403
    assert client.get(SCREEN.format(sitting.pk)).status_code == 200


def test_screen_names_a_draft_only_to_who_may_read_it(client_as: Any, clerk: Clerk) -> None:
    opened(clerk)
    url = SCREEN.format(clerk.sitting.pk)
    assert "Plan synthétique" in client_as("elected").get(url).content.decode()
    hidden = client_as("academy").get(url).content.decode()
    assert "Plan synthétique" not in hidden
    assert "Séance ouverte à" in hidden
    clerk.send("ballot", mode="by_name", others="for")
    clerk.send("result")
    assert "Plan synthétique" in client_as("academy").get(url).content.decode()


def test_screen_tells_no_count_before_the_result(clerk: Clerk) -> None:
    members = opened(clerk)
    clerk.send("ballot", mode="by_name", method="hands", others="for")
    clerk.send("vote", member=members[0], choice="against")
    url = SCREEN.format(clerk.sitting.pk)
    before = clerk.client.get(f"{url}?contenu=1")
    assert "Scrutin ordinaire en cours" in before.content.decode()
    assert "Contre" not in before.content.decode()
    assert clerk.client.get(f"{url}?contenu=1", headers={"if-none-match": before.headers["ETag"]}).status_code == 304
    clerk.send("result")
    after = clerk.client.get(f"{url}?contenu=1", headers={"if-none-match": before.headers["ETag"]}).content.decode()
    assert "Adoptée à la majorité" in after
    assert "<b>4</b><span>Pour</span>" in after
    assert "<b>1</b><span>Contre</span>" in after
    clerk.send("closed")
    assert "La séance est levée." in clerk.client.get(url).content.decode()


def test_screen_before_the_opening_and_of_a_motion_without_number(clerk: Clerk) -> None:
    url = SCREEN.format(clerk.sitting.pk)
    assert "La séance va s" in clerk.client.get(url).content.decode()
    opened(clerk)
    clerk.send("ballot", mode="noted")
    assert "assemblée prend acte" in clerk.client.get(url).content.decode()
    clerk.send("result")
    assert "Pris acte" in clerk.client.get(url).content.decode()


def test_page_starts_from_the_state_and_its_addresses(clerk: Clerk) -> None:
    answer = clerk.client.get(PAGE.format(clerk.sitting.pk))
    held = answer.context["conduct"]
    assert held["urls"]["entry"] == ENTRY.format(clerk.sitting.pk)
    assert held["urls"]["state"] == STATE.format(clerk.sitting.pk)
    assert held["state"]["strip"]["in_office"] == 5
    assert held["state"]["sequence"] == 0
    assert 'type="application/json"' in answer.content.decode()
    assert [tab.label for tab in answer.context["tabs"] if tab.active] == ["Conduite"]


def test_past_sitting_is_not_conducted(client_as: Any, authority: Any) -> None:
    past = make.SittingFactory(assembly__authority=authority, past=True, state="closed")
    client = client_as("assembly")
    page = client.get(PAGE.format(past.pk))
    assert "Cette séance est reprise" in page.content.decode()
    assert "sitting/conduct" not in page.content.decode()
    assert Clerk(client, past).send("opened").status_code == 400


def test_entry_answers_its_number_and_the_state(clerk: Clerk) -> None:
    key = uuid4()
    first = clerk.send("opened", key=key)
    assert first.status_code == 201
    assert {name: first.json()[name] for name in ("sequence", "repeated")} == {"sequence": 1, "repeated": False}
    assert first.json()["state"] == clerk.state()
    again = clerk.send("opened", key=key)
    assert again.status_code == 200
    assert again.json()["repeated"] is True
    assert SittingEntry.objects.filter(sitting=clerk.sitting).count() == 1
    assert SittingEntry.objects.get().by is not None


def test_state_has_a_tag_and_is_sent_once(clerk: Clerk) -> None:
    url = STATE.format(clerk.sitting.pk)
    answer = clerk.client.get(url)
    tag = answer.headers["ETag"]
    assert clerk.client.get(url, headers={"if-none-match": tag}).status_code == 304
    assert clerk.client.get(url, headers={"if-none-match": f"W/{tag}"}).status_code == 304
    clerk.send("opened")
    later = clerk.client.get(url, headers={"if-none-match": tag})
    assert (later.status_code, later.json()["sequence"]) == (200, 1)
    assert later.headers["ETag"] != tag


def test_an_act_renamed_beside_the_sitting_is_read_again(clerk: Clerk) -> None:
    opened(clerk)
    act = clerk.sitting.acts.first()
    for url in (STATE.format(clerk.sitting.pk), f"/seances/{clerk.sitting.pk}/ecran/?contenu=1"):
        tag = clerk.client.get(url).headers["ETag"]
        assert clerk.client.get(url, headers={"if-none-match": tag}).status_code == 304
        act.title = f"Intitulé corrigé pour {url}"
        services.save_act(instance=act, by=None)
        assert clerk.client.get(url, headers={"if-none-match": tag}).status_code == 200


def test_refusal_tells_the_sentence_the_field_and_the_article(clerk: Clerk) -> None:
    members = opened(clerk, present=4)
    gone = members[4]
    assert clerk.send("proxy", giver=gone, holder=members[0]).status_code == 201
    refused = clerk.send("proxy", giver=gone, holder=members[1])
    assert refused.status_code == 400
    assert refused.json()["article"] == "L2121-20"
    assert refused.json()["field"] == "holder"
    assert "article L2121-20" in refused.json()["message"]


def test_vote_without_quorum_is_refused_with_its_article(clerk: Clerk) -> None:
    opened(clerk, present=2)
    refused = clerk.send("ballot", mode="by_name", others="for")
    assert (refused.status_code, refused.json()["article"]) == (400, "L2121-17")


LONG = "x" * 10_000_000
MALFORMED = [
    b"",
    b"\xff\xfe",
    "null",
    "[]",
    "12",
    "{",
    '{"key": NaN}',
    "[" * 100_000,
    {},
    {"key": "x", "kind": "opened", "payload": {}},
    {"key": 1, "kind": "opened", "payload": {}},
    {"key": str(uuid4()), "kind": "nothing", "payload": {}},
    {"key": str(uuid4()), "kind": 3, "payload": {}},
    {"key": str(uuid4()), "kind": "opened", "payload": []},
    {"key": str(uuid4()), "kind": "opened", "payload": {"x": 1}},
    {"key": str(uuid4()), "kind": "opened", "payload": {}, "at": "hier"},
    {"key": str(uuid4()), "kind": "opened", "payload": {}, "at": 12},
    {"key": str(uuid4()), "kind": "opened", "payload": {}, "more": 1},
    {"key": str(uuid4()), "kind": "note", "payload": {"text": "a\x00b"}},
    {"key": str(uuid4()), "kind": "note", "payload": {"text": LONG}},
    {"key": str(uuid4()), "kind": "note", "payload": {"text": "\ud800"}},
    {"key": str(uuid4()), "kind": "vote", "payload": {"member": 10**40, "choice": "for"}},
    {"key": str(uuid4()), "kind": "vote", "payload": {"member": -1, "choice": "for"}},
    {"key": str(uuid4()), "kind": "vote", "payload": {"member": True, "choice": "for"}},
    {"key": str(uuid4()), "kind": "vote", "payload": {"member": "1\x00", "choice": "for"}},
    {"key": str(uuid4()), "kind": "tally", "payload": {"for": "1e400"}},
    {"key": str(uuid4()), "kind": "tally", "payload": {"for": 10**30}},
    {"key": str(uuid4()), "kind": "item_opened", "payload": {"act": {"a": 1}}},
    {"key": str(uuid4()), "kind": "presence", "payload": {"states": {"x": "present"}}},
]


@pytest.mark.parametrize("body", MALFORMED, ids=count())
def test_malformed_entry_is_refused_in_words_and_writes_nothing(clerk: Clerk, body: Any) -> None:
    if isinstance(body, dict) and body.get("kind") not in ("opened", "nothing", 3, None):
        opened(clerk)
    before = {model: list(model.objects.order_by("pk").values()) for model in WRITTEN}
    answer = clerk.post(body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "field", "article"}
    assert len(answer.json()["message"]) < 600
    assert {model: list(model.objects.order_by("pk").values()) for model in WRITTEN} == before


def test_entry_needs_the_token_of_the_session(user_as: Any, sitting: Sitting) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_as("assembly"), backend="django.contrib.auth.backends.ModelBackend")
    body = {"key": str(uuid4()), "kind": "opened", "payload": {}}
    assert Clerk(client, sitting).post(body).status_code == 403
    client.get(PAGE.format(sitting.pk))
    token = client.cookies["csrftoken"].value
    assert Clerk(client, sitting).post(body, headers={"x-csrftoken": token}).status_code == 201


@pytest.mark.parametrize("address", [PAGE, STATE, SCREEN, f"{SCREEN}?contenu=1"])
def test_reading_writes_nothing(clerk: Clerk, address: str) -> None:
    opened(clerk)
    clerk.send("ballot", mode="by_name", others="for")
    before = {model: list(model.objects.order_by("pk").values()) for model in WRITTEN}
    with CaptureQueriesContext(connection) as asked:
        assert clerk.client.get(address.format(clerk.sitting.pk)).status_code == 200
    assert [query["sql"] for query in asked if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")] == []
    assert {model: list(model.objects.order_by("pk").values()) for model in WRITTEN} == before
    assert clerk.client.get(ENTRY.format(clerk.sitting.pk)).status_code == 405


@pytest.mark.parametrize("address", [PAGE, STATE, SCREEN])
def test_queries_do_not_follow_members_nor_items(clerk: Clerk, address: str) -> None:
    url = address.format(clerk.sitting.pk)

    def asked(client: Client = clerk.client) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    members = opened(clerk)
    clerk.send("ballot", mode="by_name", others="for")
    clerk.send("vote", member=members[0], choice="against")
    clerk.client.get(url)  # what is read once for all
    few = asked()
    for member in members[1:4]:
        clerk.send("vote", member=member, choice="against")
    for title in ("Deuxième affaire", "Troisième affaire"):
        clerk.send("item_added", title=title, kind="motion")
    make.MandateFactory.create_batch(3, assembly=clerk.sitting.assembly)
    assert asked() == few


def test_two_clerks_write_in_one_order(client_as: Callable[..., Client], clerk: Clerk) -> None:
    other = Clerk(client_as("administrator"), clerk.sitting)
    members = opened(clerk)
    clerk.send("ballot", mode="by_name", others="")
    numbers = [
        (clerk if rank % 2 else other).send("vote", member=member, choice="for").json()["sequence"]
        for rank, member in enumerate(members)
    ]
    assert numbers == list(range(5, 10))
    assert clerk.state() == other.state()
    assert clerk.state()["ballot"]["counts"]["for"] == 5
    assert len(clerk.state()["clerks"]) == 2
